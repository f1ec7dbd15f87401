//! anzheng-app
