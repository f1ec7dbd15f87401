//! What is asked of, and given to, the readers of a log: checkpoints, tiles and proofs.
#![no_main]

use base64::{Engine, prelude::BASE64_STANDARD};
use keys::KeyRing;
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;
use tlog::{Checkpoint, Hash, MemoryLog, NoteKey};

const ORIGIN: &str = "anzheng/audit";

static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::in_memory([7; 32]));
static KEY: LazyLock<NoteKey> =
    LazyLock::new(|| NoteKey::new(ORIGIN, RING.signer().public_key().0).expect("a key of Ed25519"));

fuzz_target!(|bytes: &[u8]| {
    proofs(bytes);
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Some(tile) = tlog::parse_tile_path(text) {
        assert_eq!(tlog::tile_path(&tile), text);
    }
    assert!(Checkpoint::open(text, &KEY).is_err(), "nobody signed this");
    // Signed as it stands, so that the fuzzer reaches what is behind the signature.
    let note = signed(text);
    if let Ok(checkpoint) = Checkpoint::open(&note, &KEY) {
        let again = checkpoint.sign(&KEY, &|message| RING.signer().sign(message));
        let opened = Checkpoint::open(&again.expect("a log's own checkpoint"), &KEY);
        assert_eq!(opened, Ok(checkpoint));
    }
});

/// The text as a signed note of the log.
fn signed(text: &str) -> String {
    let signature = RING.signer().sign(text.as_bytes());
    let encoded = KEY.encoded();
    let id = encoded.split('+').nth(1).and_then(|id| hex::decode(id).ok()).expect("name+id+key");
    let body = BASE64_STANDARD.encode([id.as_slice(), &signature].concat());
    format!("{text}\n\u{2014} {ORIGIN} {body}\n")
}

/// Of a tree of eight leaves, only the genuine proof convinces.
fn proofs(bytes: &[u8]) {
    static LOG: LazyLock<MemoryLog> = LazyLock::new(|| {
        let mut log = MemoryLog::default();
        (0..8_u8).for_each(|leaf| {
            log.push(&[leaf]);
        });
        log
    });
    let [size, index, hashes @ ..] = bytes else { return };
    let proof: Vec<Hash> = hashes.chunks_exact(32).map(|hash| Hash(hash.try_into().expect("32"))).collect();
    let (size, index) = (u64::from(*size), u64::from(*index));
    let foreign = tlog::leaf_hash(b"foreign");
    assert!(tlog::check_inclusion(&proof, size, LOG.root(), index, foreign).is_err());
    let _either = tlog::check_consistency(&proof, 8, LOG.root(), size, foreign);
}
