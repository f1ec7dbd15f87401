//! anzheng-sheet
