//! Segment files of foreign bytes: nothing panics or spins, and no foreign record passes for one that
//! was signed for.
#![no_main]

use anzheng_fuzz::{
    emptied, folder,
    segment::{GENUINE, edited, options, with_checksums},
};
use journal::{Journal, Reader, verify};
use libfuzzer_sys::fuzz_target;
use std::path::Path;

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, content)) = bytes.split_first() else { return };
    let segment = match kind % 3 {
        0 => content.to_vec(),
        1 => edited(&GENUINE.segment, content),
        _ => with_checksums(edited(&GENUINE.segment, content)),
    };
    let dir = folder().join("journal");
    emptied(&dir);
    std::fs::write(dir.join(format!("{:020}.segment", 0)), segment).expect("it has room");
    verified(&dir);
    opened(&dir);
});

/// What the check of the signed head lets pass is what was written.
fn verified(dir: &Path) {
    let mut genuine = Vec::new();
    let report =
        verify(dir, &[GENUINE.checkpoint], |_, record| genuine.push(record)).expect("it is readable");
    if report.intact() {
        assert_eq!(genuine[..GENUINE.records.len()], GENUINE.records);
    }
    let _alone = verify(dir, &[], |_, _| {}).expect("it is readable");
}

/// A journal that can be gone on with holds as many whole records as it says.
fn opened(dir: &Path) {
    let Ok(journal) = Journal::open(dir, options()) else { return };
    let mut reader = Reader::open(dir, 0).expect("what was recovered can be read");
    while reader.read().expect("what was recovered can be read").is_some() {}
    assert_eq!(reader.head(), journal.head());
}
