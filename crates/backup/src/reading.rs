use crate::{
    chunk,
    cut::records,
    error::{Error, Result},
    manifest::{ChunkRef, Manifest},
    repository::Repository,
};
use futures::{Stream, StreamExt, TryStreamExt, stream};
use keys::KeyRing;

/// Chunks that are being fetched and opened; bounds the memory.
const AT_ONCE: usize = 4;

/// A backup whose manifest is genuine.
#[derive(Debug)]
pub struct Backup {
    repository: Repository,
    keys: KeyRing,
    manifest: Manifest,
}

impl Backup {
    /// The backup of this identifier, or the newest.
    pub async fn open(repository: &Repository, keys: &KeyRing, id: Option<&str>) -> Result<Self> {
        let id = match id {
            Some(id) => id.to_owned(),
            None => repository.backups().await?.pop().ok_or(Error::ManifestMissing)?,
        };
        let manifest = repository.manifest(&id, keys).await?;
        Ok(Self { repository: repository.clone(), keys: keys.clone(), manifest })
    }

    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// Fetches and opens every chunk; `progress` is called with the bytes read so far.
    ///
    /// # Errors
    /// The first chunk that is missing, damaged or sealed under a key that is not there.
    pub async fn check(&self, progress: &(dyn Fn(u64) + Sync)) -> Result<()> {
        // A missing chunk shows at once and not after an hour of reading.
        let stored = self.repository.chunks().await?;
        if let Some(missing) = self.manifest.chunks().find(|chunk| !stored.contains_key(&chunk.name)) {
            return Err(Error::ChunkMissing(missing.name.clone()));
        }
        let mut done = 0;
        let mut opened = stream::iter(self.manifest.chunks().cloned())
            .map(|chunk| async move {
                let bytes = chunk.bytes;
                plain(self.repository.clone(), self.keys.clone(), chunk).await.map(|_| bytes)
            })
            .buffer_unordered(AT_ONCE);
        while let Some(bytes) = opened.try_next().await? {
            done += bytes;
            progress(done);
        }
        Ok(())
    }

    /// The plain content of a part's chunks, in order; [`records`] takes one apart. The next ones are
    /// fetched and opened while the caller works on one.
    pub fn chunks(&self, part: &str) -> impl Stream<Item = Result<Vec<u8>>> + Send + use<> {
        let chunks = self.manifest.part(part).map(|part| part.chunks.clone()).unwrap_or_default();
        let (repository, keys) = (self.repository.clone(), self.keys.clone());
        stream::iter(chunks)
            .map(move |chunk| {
                let opened = tokio::spawn(plain(repository.clone(), keys.clone(), chunk));
                async { opened.await.map_err(Error::unavailable)? }
            })
            .buffered(AT_ONCE)
    }
}

async fn plain(repository: Repository, keys: KeyRing, chunk: ChunkRef) -> Result<Vec<u8>> {
    let sealed = repository.chunk(&chunk.name).await?;
    let open = move || {
        let plain = chunk::open(&keys, &chunk.name, &sealed)?;
        let whole = records(&plain).try_fold(0, |count, record| record.map(|_| count + 1));
        if whole == Some(chunk.records) { Ok(plain) } else { Err(Error::ChunkDamaged(chunk.name)) }
    };
    tokio::task::spawn_blocking(open).await.map_err(Error::unavailable)?
}
