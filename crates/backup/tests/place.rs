//! What a place of backups promises.

use backup::{Backup, Draft, Error, Manifest, Part, Repository, Written, records};
use chrono::{DateTime, TimeDelta, Utc};
use futures::TryStreamExt;
use keys::KeyRing;
use std::{fs, ops::Range, path::PathBuf};
use tempfile::TempDir;

struct Place {
    dir: TempDir,
    repository: Repository,
    keys: KeyRing,
}

fn place() -> Place {
    let dir = tempfile::tempdir().unwrap();
    let repository = Repository::open(dir.path().to_str().unwrap()).unwrap();
    Place { dir, repository, keys: KeyRing::in_memory([1; 32]) }
}

fn day(day: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap() + TimeDelta::days(day)
}

fn record(number: u32) -> Vec<u8> {
    format!("record {number} {}", "x".repeat(1_500)).into_bytes()
}

impl Place {
    async fn back_up(&self, on: i64, numbers: Range<u32>) -> Written {
        let mut draft = Draft::begin(&self.repository, &self.keys, day(on)).await.unwrap();
        let part = self.part(&draft, numbers).await;
        draft.add(part);
        draft.finish("test", serde_json::Value::Null).await.unwrap()
    }

    async fn part(&self, draft: &Draft, numbers: Range<u32>) -> Part {
        let mut part = draft.part("numbers");
        for number in numbers {
            part.push(&number.to_be_bytes(), &record(number)).await.unwrap();
        }
        part.finish().await.unwrap()
    }

    async fn read(&self, id: Option<&str>) -> Vec<Vec<u8>> {
        let backup = Backup::open(&self.repository, &self.keys, id).await.unwrap();
        let chunks: Vec<_> = backup.chunks("numbers").try_collect().await.unwrap();
        chunks.iter().flat_map(|chunk| records(chunk)).map(|record| record.unwrap().to_vec()).collect()
    }

    /// By the clock of the file system.
    fn written_at(&self, manifest: &Manifest) -> DateTime<Utc> {
        fs::metadata(self.chunk(manifest, 0)).unwrap().modified().unwrap().into()
    }

    fn chunk(&self, manifest: &Manifest, index: usize) -> PathBuf {
        let name = &manifest.parts[0].chunks[index].name;
        self.dir.path().join("chunks").join(&name[..2]).join(name)
    }
}

#[tokio::test]
async fn a_backup_gives_back_what_was_put_in_and_the_next_writes_what_is_new() {
    let place = place();
    let first = place.back_up(0, 0..6_000).await;
    let second = place.back_up(1, 0..6_400).await;
    assert!(first.new_chunks >= 5, "{}", first.new_chunks);
    assert!((1..=2).contains(&second.new_chunks), "{}", second.new_chunks);
    let numbers = |range: Range<u32>| range.map(record).collect::<Vec<_>>();
    assert!(place.read(None).await == numbers(0..6_400));
    assert!(place.read(Some(&first.manifest.id)).await == numbers(0..6_000));
    // A new key seals what is new; what is there stays.
    place.keys.rotate().unwrap();
    assert_eq!(place.back_up(2, 0..6_400).await.new_chunks, 0);
    assert!(place.read(None).await == numbers(0..6_400));
}

#[tokio::test]
async fn a_part_that_only_grows_goes_on_where_it_ended_unless_it_has_another_past() {
    let place = place();
    place.back_up(0, 0..6_000).await;
    let draft = Draft::begin(&place.repository, &place.keys, day(1)).await.unwrap();
    let settled = draft.settled("numbers").unwrap();
    let from = u32::try_from(settled.records_kept()).unwrap();
    assert!(from > 1_000, "{from}");
    for (offset, agrees) in [(0, true), (1, false)] {
        let mut part = draft.part_behind("numbers", &settled);
        for number in from..6_500 {
            part.push(&number.to_be_bytes(), &record(number + offset)).await.unwrap();
        }
        let part = part.finish().await.unwrap();
        assert_eq!((settled.agrees(&part), part.records), (agrees, 6_500));
        assert_eq!(place.part(&draft, 0..6_500).await == part, agrees);
    }
}

#[tokio::test]
async fn what_is_not_genuine_is_named() {
    let place = place();
    assert!(matches!(Backup::open(&place.repository, &place.keys, None).await, Err(Error::ManifestMissing)));
    let manifest = place.back_up(0, 0..6_000).await.manifest;
    let stranger = KeyRing::in_memory([2; 32]);
    let opened = Backup::open(&place.repository, &stranger, None).await;
    assert!(matches!(opened, Err(Error::SignatureInvalid)));
    // Nor does a stranger add to them, or clear away chunks that their own manifests do not name.
    assert!(Draft::begin(&place.repository, &stranger, day(1)).await.is_err());
    assert!(place.repository.prune(&stranger, 2, day(9)).await.is_err());

    let backup = Backup::open(&place.repository, &place.keys, None).await.unwrap();
    backup.check(&|_| {}).await.unwrap();
    let (one, other) = (place.chunk(&manifest, 0), place.chunk(&manifest, 1));
    let whole = fs::read(&one).unwrap();
    fs::copy(&other, &one).unwrap();
    assert!(matches!(backup.check(&|_| {}).await, Err(Error::ChunkDamaged(name)) if one.ends_with(&name)));
    fs::remove_file(&one).unwrap();
    assert!(matches!(backup.check(&|_| {}).await, Err(Error::ChunkMissing(name)) if one.ends_with(&name)));
    fs::write(&one, whole).unwrap();
    backup.check(&|_| {}).await.unwrap();
}

#[tokio::test]
async fn pruning_keeps_the_newest_whole_and_two_at_least() {
    let place = place();
    let mut made = Vec::new();
    for on in 0..4 {
        made.push(place.back_up(on, 0..3_000 + 1_000 * on as u32).await.manifest);
    }
    // Chunks of a backup that is being made have no manifest yet.
    let now = place.written_at(&made[3]);
    let young = place.repository.prune(&place.keys, 1, now).await.unwrap();
    assert_eq!(young.backups, [made[0].id.clone(), made[1].id.clone()]);
    assert_eq!(young.chunks, 0);
    let old = place.repository.prune(&place.keys, 1, now + TimeDelta::days(2)).await.unwrap();
    assert!(old.backups.is_empty() && old.chunks > 0, "{old:?}");
    for manifest in &made[2..] {
        let backup = Backup::open(&place.repository, &place.keys, Some(&manifest.id)).await.unwrap();
        backup.check(&|_| {}).await.unwrap();
    }
}

#[test]
fn only_folders_and_s3_are_places() {
    for address in ["", "https://example.org/backups", "ftp://host/x"] {
        assert!(matches!(Repository::open(address), Err(Error::PlaceUnknown)), "{address}");
    }
}
