//! anzheng-readmodel
