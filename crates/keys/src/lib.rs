//! anzheng-keys
