//! Rosters as they come, from the file to the entries and back.

mod dirt_certificates;
mod dirt_holders;
mod dirt_pictures;
mod files;
mod headers;
mod limits;
mod properties;
mod rejects;
mod streaming;
mod support;
mod whole_workbook;
mod words;
mod xls_file;
