use ed25519_dalek::VerifyingKey;
use signed_note::{Note, Signer, StandardVerifier, VerifierList, key_id, new_ed25519_verifier_key};
use tlog_tiles::Hash;

/// Algorithm byte of Ed25519 in signed notes.
const ED25519: u8 = 1;

/// Size and root of a log at one moment, under the log's name.
#[derive(Debug, Clone, PartialEq)]
pub struct Checkpoint {
    /// Name of the log; also the name of its key.
    pub origin: String,
    /// Number of leaves.
    pub size: u64,
    pub root: Hash,
}

/// Why a text is not a checkpoint that one can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    #[error("not a checkpoint")]
    Malformed,
    #[error("a checkpoint of another log")]
    OtherLog,
    #[error("not signed by the log's key")]
    Unsigned,
}

/// The public half of the key that signs a log's checkpoints.
#[derive(Debug, Clone)]
pub struct NoteKey {
    name: String,
    public: VerifyingKey,
}

impl NoteKey {
    /// `name` must hold no space and no plus sign.
    pub fn new(name: &str, public: [u8; 32]) -> Result<Self, CheckpointError> {
        let public = VerifyingKey::from_bytes(&public).map_err(|_| CheckpointError::Malformed)?;
        if name.is_empty() || name.contains(|c: char| c.is_whitespace() || c == '+') {
            return Err(CheckpointError::Malformed);
        }
        Ok(Self { name: name.to_owned(), public })
    }

    /// `name+id+key`, the form in which other tools take it.
    pub fn encoded(&self) -> String {
        new_ed25519_verifier_key(&self.name, &self.public)
    }

    fn id(&self) -> u32 {
        key_id(&self.name, &[&[ED25519], self.public.as_bytes().as_slice()].concat())
    }
}

/// Hands the note's text to whoever holds the private key.
struct Delegate<'a> {
    key: &'a NoteKey,
    sign: &'a dyn Fn(&[u8]) -> [u8; 64],
}

impl Signer for Delegate<'_> {
    fn name(&self) -> &str {
        &self.key.name
    }

    fn key_id(&self) -> u32 {
        self.key.id()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, ed25519_dalek::SignatureError> {
        Ok((self.sign)(message).to_vec())
    }
}

impl Checkpoint {
    /// The checkpoint as a signed note. `sign` makes an Ed25519 signature with the private half of
    /// `key`.
    pub fn sign(&self, key: &NoteKey, sign: &dyn Fn(&[u8]) -> [u8; 64]) -> Result<String, CheckpointError> {
        let text = tlog_tiles::Checkpoint::new(&self.origin, self.size, self.root, "")
            .map_err(|_| CheckpointError::Malformed)?
            .to_bytes();
        let mut note = Note::new(&text, &[]).map_err(|_| CheckpointError::Malformed)?;
        note.add_sigs(&[&Delegate { key, sign }]).map_err(|_| CheckpointError::Malformed)?;
        String::from_utf8(note.to_bytes()).map_err(|_| CheckpointError::Malformed)
    }

    /// Reads a signed note strictly and checks its signature.
    pub fn open(note: &str, key: &NoteKey) -> Result<Self, CheckpointError> {
        let parsed = Note::from_bytes(note.as_bytes()).map_err(|_| CheckpointError::Malformed)?;
        if parsed.to_bytes() != note.as_bytes() {
            return Err(CheckpointError::Malformed);
        }
        let verifier = StandardVerifier::new(&key.encoded()).map_err(|_| CheckpointError::Malformed)?;
        parsed.verify(&VerifierList::new(vec![Box::new(verifier)])).map_err(|_| CheckpointError::Unsigned)?;
        let checkpoint =
            tlog_tiles::Checkpoint::from_bytes(parsed.text()).map_err(|_| CheckpointError::Malformed)?;
        if checkpoint.origin() != key.name {
            return Err(CheckpointError::OtherLog);
        }
        Ok(Self { origin: checkpoint.origin().to_owned(), size: checkpoint.size(), root: *checkpoint.hash() })
    }
}
