//! anzheng-testkit
