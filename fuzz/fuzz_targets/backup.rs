//! Manifests and chunks that the registry's own key signed and sealed, whatever is in them; and some
//! that it did not.
#![no_main]

use anzheng_fuzz::{emptied, folder};
use backup::{Backup, Repository, records};
use base64::{Engine, prelude::BASE64_STANDARD};
use futures::StreamExt;
use keys::{Aad, KeyRing};
use libfuzzer_sys::fuzz_target;
use std::sync::LazyLock;

const ID: &str = "20261123T000000Z";
const CHUNK: &str = "00112233445566778899aabbccddeeff";

static RING: LazyLock<KeyRing> = LazyLock::new(|| KeyRing::in_memory([7; 32]));
static RUNTIME: LazyLock<tokio::runtime::Runtime> = LazyLock::new(|| {
    tokio::runtime::Builder::new_current_thread().max_blocking_threads(1).build().expect("a runtime starts")
});

fuzz_target!(|bytes: &[u8]| {
    let Some((kind, content)) = bytes.split_first() else { return };
    whole_records(content);
    let dir = folder().join("backup");
    emptied(&dir);
    std::fs::create_dir_all(dir.join("manifests")).expect("a folder can be made");
    std::fs::create_dir_all(dir.join("chunks").join(&CHUNK[..2])).expect("a folder can be made");
    let (manifest, chunk) = match kind % 3 {
        0 => (content.to_vec(), Vec::new()),
        1 => (signed(content), Vec::new()),
        _ => (signed(&manifest_of_one_chunk()), sealed(content)),
    };
    std::fs::write(dir.join("manifests").join(format!("{ID}.manifest")), manifest).expect("it has room");
    std::fs::write(dir.join("chunks").join(&CHUNK[..2]).join(CHUNK), chunk).expect("it has room");
    RUNTIME.block_on(read(dir.to_str().expect("a plain path")));
});

/// Records and their lengths fill a piece exactly, unless it is torn.
fn whole_records(piece: &[u8]) {
    if let Some(whole) = records(piece).collect::<Option<Vec<&[u8]>>>() {
        assert_eq!(whole.iter().map(|record| record.len() + 4).sum::<usize>(), piece.len());
    }
}

async fn read(place: &str) {
    let repository = Repository::open(place).expect("a folder");
    let Ok(backup) = Backup::open(&repository, &RING, None).await else { return };
    assert_eq!(backup.manifest().id, ID);
    let _either = backup.check(&|_| {}).await;
    let parts: Vec<String> = backup.manifest().parts.iter().map(|part| part.name.clone()).collect();
    for part in parts.iter().take(4) {
        let chunks = backup.chunks(part);
        let _read = chunks.take(4).collect::<Vec<_>>().await;
    }
}

fn signed(body: &[u8]) -> Vec<u8> {
    let signature = RING.signer().sign(&[b"anzheng backup 1\n", body].concat());
    [format!("anzheng backup 1 {}\n", BASE64_STANDARD.encode(signature)).as_bytes(), body].concat()
}

fn sealed(content: &[u8]) -> Vec<u8> {
    let id = hex::decode(CHUNK).expect("hexadecimal").try_into().expect("sixteen bytes");
    RING.seal(Aad { table: "backup_chunk", id, version: 1 }, content)
}

fn manifest_of_one_chunk() -> Vec<u8> {
    format!(
        r#"{{"id":"{ID}","made_at":"2026-11-23T00:00:00Z","program":"0","newest_key":1,"parts":[{{"name":"a","records":1,"chunks":[{{"name":"{CHUNK}","records":1,"bytes":1}}]}}],"about":null}}"#
    )
    .into_bytes()
}
