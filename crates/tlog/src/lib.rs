//! A Merkle log as in RFC 6962: hashes, proofs and signed checkpoints. It knows nothing of what
//! the leaves mean.
//!
//! Hashes and proofs come from [`tlog_tiles`]; this crate adds the checkpoint of
//! [C2SP tlog-checkpoint](https://c2sp.org/tlog-checkpoint) as a
//! [signed note](https://c2sp.org/signed-note):
//!
//! ```text
//! anzheng/audit
//! 3
//! x2Gbv7UG0TKJjcNHdoJJhCwDSIvBsg0lzVPCJMEQiLk=
//!
//! — anzheng/audit p4rK2…
//! ```

mod checkpoint;

pub use checkpoint::{Checkpoint, CheckpointError, NoteKey};
pub use tlog_tiles::{
    Error, Hash, HashReader, RecordProof, TreeProof, check_record as check_inclusion,
    check_tree as check_consistency, prove_record as prove_inclusion, prove_tree as prove_consistency,
    record_hash as leaf_hash, stored_hash_count, stored_hash_index, stored_hashes, sub_tree_index, tree_hash,
};
