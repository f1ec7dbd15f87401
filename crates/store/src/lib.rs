//! anzheng-store
