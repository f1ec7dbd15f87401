//! anzheng-tlog
