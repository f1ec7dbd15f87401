//! Signed heads of the audit: one C2SP checkpoint a line, as a JSON string, since the note itself
//! has several lines.

use crate::Error;
use journal::{CheckpointHead, Head};
use keys::KeyRing;
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

pub(super) fn open(line: &str, keys: &KeyRing) -> Result<CheckpointHead, Error> {
    let note: String = serde_json::from_str(line).map_err(Error::internal)?;
    let checkpoint = Checkpoint::open(&note, &note_key(keys)?).map_err(Error::internal)?;
    Ok(CheckpointHead { size: checkpoint.size, root: checkpoint.root.0 })
}
