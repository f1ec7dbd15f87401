//! A Merkle log as in RFC 6962: hashes, proofs and signed checkpoints. It knows nothing of what
//! the leaves mean.
//!
//! Hashes and proofs ([RFC 6962](https://www.rfc-editor.org/rfc/rfc6962#section-2.1), the same in
//! [RFC 9162](https://www.rfc-editor.org/rfc/rfc9162#section-2.1)) come from [`tlog_tiles`]; this
//! crate adds a log in memory, the paths of tiles, and the checkpoint of
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
mod memory;
mod tile;

pub use checkpoint::{Checkpoint, CheckpointError, NoteKey};
pub use memory::MemoryLog;
pub use tile::{TILE_HEIGHT, parse_tile_path, tile_path};
pub use tlog_tiles::{
    EMPTY_HASH, Error, Hash, HashReader, RecordProof, Tile, TreeProof, check_record as check_inclusion,
    check_tree as check_consistency, node_hash, prove_record as prove_inclusion,
    prove_tree as prove_consistency, record_hash as leaf_hash, stored_hash_count, stored_hash_index,
    stored_hashes, sub_tree_index, tree_hash,
};
