//! XLS workbooks: an input that is no compound file is taken for the stream of records in one.
#![no_main]

use anzheng_fuzz::roster;
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Write};

const COMPOUND_FILE: &[u8] = b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1";

fuzz_target!(|bytes: &[u8]| {
    roster::read(if bytes.starts_with(COMPOUND_FILE) { bytes.to_vec() } else { compound(bytes) });
});

fn compound(records: &[u8]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).expect("memory takes any file");
    let mut stream = file.create_stream("/Workbook").expect("memory takes any file");
    stream.write_all(records).expect("memory takes any bytes");
    drop(stream);
    file.flush().expect("memory takes any bytes");
    file.into_inner().into_inner()
}
