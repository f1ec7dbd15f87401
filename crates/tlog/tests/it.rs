//! What outsiders rely on in a log.

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tlog::{Checkpoint, CheckpointError, Error, Hash, HashReader, NoteKey};

/// A log in memory.
#[derive(Default)]
struct Log {
    size: u64,
    hashes: Vec<Hash>,
}

impl HashReader for Log {
    fn read_hashes(&self, positions: &[u64]) -> Result<Vec<Hash>, Error> {
        Ok(positions.iter().map(|position| self.hashes[*position as usize]).collect())
    }
}

impl Log {
    fn of(leaves: &[Vec<u8>]) -> Self {
        let mut log = Self::default();
        for leaf in leaves {
            let hashes = tlog::stored_hashes(log.size, leaf, &log).unwrap();
            log.hashes.extend(hashes);
            log.size += 1;
        }
        log
    }

    fn root(&self, size: u64) -> Hash {
        tlog::tree_hash(size, self).unwrap()
    }
}

/// RFC 6962 2.1, word for word.
fn definition(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [leaf] => Hash(Sha256::new().chain_update([0]).chain_update(leaf).finalize().into()),
        _ => {
            let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
            let (left, right) = (definition(left), definition(right));
            Hash(Sha256::new().chain_update([1]).chain_update(left.0).chain_update(right.0).finalize().into())
        }
    }
}

proptest! {
    #[test]
    fn roots_and_proofs_agree_with_the_definition(
        leaves in proptest::collection::vec(any::<Vec<u8>>(), 1..40),
        leaf in any::<prop::sample::Index>(),
        older in any::<prop::sample::Index>(),
    ) {
        let log = Log::of(&leaves);
        let root = log.root(log.size);
        prop_assert_eq!(root, definition(&leaves));

        let leaf = leaf.index(leaves.len());
        let hash = tlog::leaf_hash(&leaves[leaf]);
        let proof = tlog::prove_inclusion(log.size, leaf as u64, &log).unwrap();
        prop_assert!(tlog::check_inclusion(&proof, log.size, root, leaf as u64, hash).is_ok());
        let other = tlog::leaf_hash(b"not in the log at that place");
        prop_assert!(tlog::check_inclusion(&proof, log.size, root, leaf as u64, other).is_err());

        let older = older.index(leaves.len()) as u64 + 1;
        let proof = tlog::prove_consistency(log.size, older, &log).unwrap();
        prop_assert!(tlog::check_consistency(&proof, log.size, root, older, log.root(older)).is_ok());
        prop_assert!(tlog::check_consistency(&proof, log.size, root, older, other).is_err());
    }
}

fn key(name: &str) -> (NoteKey, impl Fn(&[u8]) -> [u8; 64]) {
    let private = SigningKey::from_bytes(&[4; 32]);
    let public = NoteKey::new(name, private.verifying_key().to_bytes()).unwrap();
    (public, move |message: &[u8]| private.sign(message).to_bytes())
}

#[test]
fn a_signed_checkpoint_reads_back_and_a_changed_one_does_not() {
    let (key, sign) = key("anzheng/test");
    let checkpoint = Checkpoint { origin: "anzheng/test".into(), size: 3, root: Hash([7; 32]) };
    let note = checkpoint.sign(&key, &sign).unwrap();
    assert!(note.starts_with("anzheng/test\n3\n"), "{note}");
    assert_eq!(Checkpoint::open(&note, &key), Ok(checkpoint));
    assert_eq!(Checkpoint::open(&note.replacen("\n3\n", "\n4\n", 1), &key), Err(CheckpointError::Unsigned));
    assert_eq!(Checkpoint::open(&format!("{note}\n"), &key), Err(CheckpointError::Malformed));
    assert_eq!(Checkpoint::open("", &key), Err(CheckpointError::Malformed));
}

#[test]
fn a_checkpoint_of_another_log_or_key_does_not_count() {
    let (own, sign) = key("anzheng/test");
    let foreign = Checkpoint { origin: "anzheng/other".into(), size: 3, root: Hash([7; 32]) };
    let note = foreign.sign(&own, &sign).unwrap();
    assert_eq!(Checkpoint::open(&note, &own), Err(CheckpointError::OtherLog));
    let (other_name, _) = key("anzheng/other");
    assert_eq!(Checkpoint::open(&note, &other_name), Err(CheckpointError::Unsigned));
    assert!(NoteKey::new("two words", [0; 32]).is_err());
}
