use crate::{
    error::{Error, Result},
    manifest::Manifest,
};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt, TryStreamExt, stream};
use keys::KeyRing;
use object_store::{
    ObjectStore, ObjectStoreExt, aws::AmazonS3Builder, local::LocalFileSystem, path::Path,
    prefix::PrefixStore,
};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use url::Url;

const MANIFESTS: &str = "manifests";
const CHUNKS: &str = "chunks";
/// A chunk that no manifest names may belong to a backup that is being made.
const UNNAMED_FOR: TimeDelta = TimeDelta::days(1);
/// With fewer, a backup under way could lose chunks that it shares with the newest one.
const LEAST_KEPT: usize = 2;
const AT_ONCE: usize = 8;

/// A place where backups are kept. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Repository(Arc<dyn ObjectStore>);

/// What [`Repository::prune`] removed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Pruned {
    pub backups: Vec<String>,
    pub chunks: u64,
}

impl Repository {
    /// A folder, `file:///folder`, or `s3://bucket/prefix`, whose credentials, region and endpoint
    /// come from the environment (`AWS_…`).
    pub fn open(place: &str) -> Result<Self> {
        let store: Arc<dyn ObjectStore> = match Url::parse(place) {
            Ok(url) if url.scheme() == "s3" => s3(&url)?,
            Ok(url) if url.scheme() == "file" => {
                folder(&url.to_file_path().map_err(|()| Error::PlaceUnknown)?)?
            }
            Ok(_) => return Err(Error::PlaceUnknown),
            Err(_) if place.is_empty() => return Err(Error::PlaceUnknown),
            Err(_) => folder(std::path::Path::new(place))?,
        };
        Ok(Self(store))
    }

    /// Identifiers of all backups, oldest first. One without a manifest is none.
    pub async fn backups(&self) -> Result<Vec<String>> {
        let prefix = Path::from(MANIFESTS);
        let found: Vec<_> = self.0.list(Some(&prefix)).try_collect().await.map_err(Error::unavailable)?;
        let mut ids: Vec<String> = found
            .iter()
            .filter_map(|object| object.location.filename()?.strip_suffix(".manifest").map(str::to_owned))
            .collect();
        ids.sort_unstable();
        Ok(ids)
    }

    pub async fn manifest(&self, id: &str, keys: &KeyRing) -> Result<Manifest> {
        let file = self.get(&manifest_path(id)).await?.ok_or(Error::ManifestMissing)?;
        Manifest::open(id, &file, keys)
    }

    /// Written last: what has no manifest is no backup.
    pub(crate) async fn put_manifest(&self, id: &str, file: Vec<u8>) -> Result<()> {
        self.0.put(&manifest_path(id), file.into()).await.map_err(Error::unavailable)?;
        Ok(())
    }

    pub(crate) async fn chunk(&self, name: &str) -> Result<Bytes> {
        self.get(&chunk_path(name)).await?.ok_or_else(|| Error::ChunkMissing(name.to_owned()))
    }

    pub(crate) async fn put_chunk(&self, name: &str, sealed: Vec<u8>) -> Result<()> {
        self.0.put(&chunk_path(name), sealed.into()).await.map_err(Error::unavailable)?;
        Ok(())
    }

    /// Names and sizes of the chunks that are there.
    pub(crate) async fn chunks(&self) -> Result<HashMap<String, u64>> {
        let found = self.stored_chunks().await?;
        Ok(found.into_iter().map(|chunk| (chunk.name, chunk.bytes)).collect())
    }

    /// Keeps the newest `keep` backups, two at least, and removes the others with every chunk that
    /// is no longer named, unless it was written within a day. Manifests go first: whatever ends
    /// this in the middle, no backup is left without its chunks.
    ///
    /// # Errors
    /// [`Error::SignatureInvalid`] if another registry keeps backups here: its chunks would count as
    /// not named.
    pub async fn prune(&self, keys: &KeyRing, keep: usize, now: DateTime<Utc>) -> Result<Pruned> {
        let ids = self.backups().await?;
        let old = ids.len().saturating_sub(keep.max(LEAST_KEPT));
        let mut named = HashSet::new();
        for (index, id) in ids.iter().enumerate() {
            let manifest = self.manifest(id, keys).await?;
            if index >= old {
                named.extend(manifest.chunks().map(|chunk| chunk.name.clone()));
            }
        }
        for id in &ids[..old] {
            self.0.delete(&manifest_path(id)).await.map_err(Error::unavailable)?;
        }
        let unnamed: Vec<_> = self
            .stored_chunks()
            .await?
            .into_iter()
            .filter(|chunk| !named.contains(&chunk.name) && now - chunk.written_at > UNNAMED_FOR)
            .collect();
        let removals = unnamed.iter().map(|chunk| {
            let path = chunk_path(&chunk.name);
            async move { self.0.delete(&path).await.map_err(Error::unavailable) }
        });
        stream::iter(removals).buffer_unordered(AT_ONCE).try_collect::<()>().await?;
        Ok(Pruned { backups: ids[..old].to_vec(), chunks: unnamed.len() as u64 })
    }

    async fn get(&self, path: &Path) -> Result<Option<Bytes>> {
        match self.0.get(path).await {
            Ok(found) => found.bytes().await.map(Some).map_err(Error::unavailable),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::unavailable(error)),
        }
    }

    async fn stored_chunks(&self) -> Result<Vec<StoredChunk>> {
        let prefix = Path::from(CHUNKS);
        let found = self.0.list(Some(&prefix)).map_ok(|object| {
            let name = object.location.filename()?.to_owned();
            Some(StoredChunk { name, bytes: object.size, written_at: object.last_modified })
        });
        let chunks: Vec<_> = found.try_collect().await.map_err(Error::unavailable)?;
        Ok(chunks.into_iter().flatten().collect())
    }
}

struct StoredChunk {
    name: String,
    bytes: u64,
    written_at: DateTime<Utc>,
}

fn folder(dir: &std::path::Path) -> Result<Arc<dyn ObjectStore>> {
    std::fs::create_dir_all(dir).map_err(Error::unavailable)?;
    // A manifest must not last longer than the chunks that it names.
    let files = LocalFileSystem::new_with_prefix(dir).map_err(Error::unavailable)?.with_fsync(true);
    Ok(Arc::new(files))
}

fn s3(url: &Url) -> Result<Arc<dyn ObjectStore>> {
    let bucket = url.host_str().ok_or(Error::PlaceUnknown)?;
    let store = AmazonS3Builder::from_env().with_bucket_name(bucket).build().map_err(Error::unavailable)?;
    let prefix = Path::from_url_path(url.path()).map_err(|_| Error::PlaceUnknown)?;
    Ok(Arc::new(PrefixStore::new(store, prefix)))
}

fn manifest_path(id: &str) -> Path {
    Path::from_iter([MANIFESTS, &format!("{id}.manifest")])
}

/// Spread over folders, since some file systems are slow with a hundred thousand files in one.
fn chunk_path(name: &str) -> Path {
    Path::from_iter([CHUNKS, name.get(..2).unwrap_or("--"), name])
}
