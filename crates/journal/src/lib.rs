//! anzheng-journal
