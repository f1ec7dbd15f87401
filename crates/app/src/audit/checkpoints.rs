//! Signed heads of the audit: one C2SP checkpoint a line, as a JSON string, since the note itself
//! has several lines.

use crate::Error;
use journal::{CheckpointHead, Head, Journal};
use keys::KeyRing;
use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::Path,
};
use tlog::{Checkpoint, Hash, NoteKey};

/// Name of the log and of its key.
pub const ORIGIN: &str = "anzheng/audit";

/// The public key under which outsiders check the heads.
pub fn note_key(keys: &KeyRing) -> Result<NoteKey, Error> {
    NoteKey::new(ORIGIN, keys.signer().public_key().0).map_err(Error::internal)
}

pub(crate) fn sign(head: Head, keys: &KeyRing) -> Result<String, Error> {
    let checkpoint = Checkpoint { origin: ORIGIN.to_owned(), size: head.size, root: Hash(head.root) };
    let signer = keys.signer();
    let note = checkpoint.sign(&note_key(keys)?, &|message| signer.sign(message)).map_err(Error::internal)?;
    serde_json::to_string(&note).map_err(Error::internal)
}

/// Signs that there are no records yet, so that checkpoints that are taken away are missed.
pub fn begin(journal: &Journal, keys: &KeyRing) -> Result<(), Error> {
    let head = journal.head();
    if head.size == 0 && !journal.has_checkpoint().map_err(Error::internal)? {
        journal.write_checkpoint(&sign(head, keys)?, &[]).map_err(Error::internal)?;
    }
    Ok(())
}

/// The whole lines of a file. One without its end was being written when the process died.
pub(crate) fn lines(file: &Path) -> io::Result<impl Iterator<Item = io::Result<Vec<u8>>>> {
    let mut file = BufReader::new(File::open(file)?);
    let mut next = move || -> io::Result<Option<Vec<u8>>> {
        let mut line = Vec::new();
        file.read_until(b'\n', &mut line)?;
        Ok((line.pop() == Some(b'\n')).then_some(line))
    };
    Ok(std::iter::from_fn(move || next().transpose()))
}

pub(super) fn open(line: &[u8], keys: &KeyRing) -> Result<CheckpointHead, Error> {
    let note: String = serde_json::from_slice(line).map_err(Error::internal)?;
    let checkpoint = Checkpoint::open(&note, &note_key(keys)?).map_err(Error::internal)?;
    Ok(CheckpointHead { size: checkpoint.size, root: checkpoint.root.0 })
}
