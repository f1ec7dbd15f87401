//! What outsiders rely on in a log.

use ed25519_dalek::{Signer, SigningKey};
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use tlog::{Checkpoint, CheckpointError, Hash, MemoryLog, NoteKey};

fn log_of(leaves: &[impl AsRef<[u8]>]) -> MemoryLog {
    let mut log = MemoryLog::default();
    for (index, leaf) in leaves.iter().enumerate() {
        assert_eq!(log.push(leaf.as_ref()), index as u64);
    }
    log
}

/// The tree that Certificate Transparency's own implementations are tested with.
#[test]
fn roots_are_those_of_certificate_transparency() {
    let leaves =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    let leaves: Vec<Vec<u8>> = leaves.iter().map(|leaf| hex::decode(leaf).unwrap()).collect();
    let log = log_of(&leaves);
    for (size, root) in [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ] {
        assert_eq!(log.root_at(size).map(|root| hex::encode(root.0)).as_deref(), Some(root), "size {size}");
    }
    assert_eq!(log.root_at(9), None);
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
        let log = log_of(&leaves);
        let root = log.root();
        prop_assert_eq!(root, definition(&leaves));

        let leaf = leaf.index(leaves.len());
        let hash = tlog::leaf_hash(&leaves[leaf]);
        let proof = tlog::prove_inclusion(log.size(), leaf as u64, &log).unwrap();
        prop_assert!(tlog::check_inclusion(&proof, log.size(), root, leaf as u64, hash).is_ok());
        let other = tlog::leaf_hash(b"not in the log at that place");
        prop_assert!(tlog::check_inclusion(&proof, log.size(), root, leaf as u64, other).is_err());

        let older = older.index(leaves.len()) as u64 + 1;
        let proof = tlog::prove_consistency(log.size(), older, &log).unwrap();
        prop_assert!(tlog::check_consistency(&proof, log.size(), root, older, log.root_at(older).unwrap()).is_ok());
        prop_assert!(tlog::check_consistency(&proof, log.size(), root, older, other).is_err());
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
