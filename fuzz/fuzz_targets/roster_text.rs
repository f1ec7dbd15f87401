//! Delimited text in whatever encoding, with whatever header.
#![no_main]

use anzheng_fuzz::roster;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    roster::read(bytes.to_vec());
});
