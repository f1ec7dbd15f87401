use crate::{
    chunk,
    cut::{Cutter, Piece},
    error::{Error, Result},
    manifest::{ChunkRef, Manifest, Part},
    repository::Repository,
};
use chrono::{DateTime, Utc};
use keys::KeyRing;
use std::{
    collections::{HashMap, VecDeque},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};
use tokio::task::JoinHandle;

/// Pieces that are being packed, sealed and written; bounds the memory.
const AT_ONCE: usize = 4;

/// A backup being made. Nothing counts before [`Draft::finish`].
pub struct Draft {
    shared: Arc<Shared>,
    id: String,
    made_at: DateTime<Utc>,
    previous: Option<Manifest>,
    parts: Vec<Part>,
}

struct Shared {
    repository: Repository,
    keys: KeyRing,
    /// Sizes of the chunks that need not be written again.
    present: HashMap<String, u64>,
    new_chunks: AtomicU64,
    new_bytes: AtomicU64,
}

/// A finished backup and what it added to the place.
#[derive(Debug)]
pub struct Written {
    pub manifest: Manifest,
    pub new_chunks: u64,
    pub new_bytes: u64,
}

impl Draft {
    /// Begins a backup. Chunks are shared with the newest one only: older ones may be pruned while
    /// this one is made.
    pub async fn begin(repository: &Repository, keys: &KeyRing, now: DateTime<Utc>) -> Result<Self> {
        let previous = match repository.backups().await?.last() {
            Some(newest) => Some(repository.manifest(newest, keys).await?),
            None => None,
        };
        let mut present = HashMap::new();
        if let Some(previous) = &previous {
            let stored = repository.chunks().await?;
            // One of another size was torn or damaged, and is written again.
            let whole = previous.chunks().filter(|chunk| stored.get(&chunk.name) == Some(&chunk.bytes));
            present.extend(whole.map(|chunk| (chunk.name.clone(), chunk.bytes)));
        }
        let random: [u8; 4] = keys::random().map_err(Error::unavailable)?;
        let id = format!("{}-{}", now.format("%Y%m%dT%H%M%S%3fZ"), hex::encode(random));
        let shared = Shared {
            repository: repository.clone(),
            keys: keys.clone(),
            present,
            new_chunks: AtomicU64::new(0),
            new_bytes: AtomicU64::new(0),
        };
        Ok(Self { shared: Arc::new(shared), id, made_at: now, previous, parts: Vec::new() })
    }

    pub fn part(&self, name: &str) -> PartWriter {
        self.writer(name, Vec::new())
    }

    /// What the newest backup has of a part to which records are only ever added; `None` where
    /// there is too little to go on from.
    pub fn settled(&self, name: &str) -> Option<Settled> {
        let present = |chunk: &&ChunkRef| self.shared.present.contains_key(&chunk.name);
        let chunks = &self.previous.as_ref()?.part(name)?.chunks;
        // The last one had not come to a boundary.
        let mut kept: Vec<_> =
            chunks[..chunks.len().checked_sub(1)?].iter().take_while(present).cloned().collect();
        let proof = kept.pop()?;
        Some(Settled { kept, proof })
    }

    /// Takes the records behind those that are kept.
    pub fn part_behind(&self, name: &str, settled: &Settled) -> PartWriter {
        self.writer(name, settled.kept.clone())
    }

    fn writer(&self, name: &str, chunks: Vec<ChunkRef>) -> PartWriter {
        let records = chunks.iter().map(|chunk| chunk.records).sum();
        PartWriter {
            shared: self.shared.clone(),
            cutter: Cutter::default(),
            running: VecDeque::new(),
            part: Part { name: name.to_owned(), records, chunks },
        }
    }

    pub fn add(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Signs the manifest and puts it where it makes all this a backup.
    pub async fn finish(self, program: &str, about: serde_json::Value) -> Result<Written> {
        let Shared { repository, keys, .. } = &*self.shared;
        let manifest = Manifest {
            id: self.id,
            made_at: self.made_at,
            program: program.to_owned(),
            newest_key: keys.current_key_id(),
            parts: self.parts,
            about,
        };
        repository.put_manifest(&manifest.id, manifest.sign(keys)?).await?;
        Ok(Written {
            manifest,
            new_chunks: self.shared.new_chunks.load(Ordering::Relaxed),
            new_bytes: self.shared.new_bytes.load(Ordering::Relaxed),
        })
    }
}

/// The beginning of a part as the newest backup has it, which need not be read again.
#[derive(Debug, Clone)]
pub struct Settled {
    kept: Vec<ChunkRef>,
    /// The chunk behind those that are kept. It is made again: if it comes out the same, so would
    /// those before it.
    proof: ChunkRef,
}

impl Settled {
    /// How many records need not be read.
    pub fn records_kept(&self) -> u64 {
        self.kept.iter().map(|chunk| chunk.records).sum()
    }

    /// Did the part go on from here as it had before?
    pub fn agrees(&self, part: &Part) -> bool {
        part.chunks.get(self.kept.len()).is_some_and(|chunk| chunk.name == self.proof.name)
    }
}

/// Takes the records of one part, in order.
pub struct PartWriter {
    shared: Arc<Shared>,
    cutter: Cutter,
    running: VecDeque<JoinHandle<Result<ChunkRef>>>,
    part: Part,
}

impl PartWriter {
    /// `key` tells the record apart from others of the part and decides where chunks end.
    pub async fn push(&mut self, key: &[u8], record: &[u8]) -> Result<()> {
        match self.cutter.push(key, record) {
            Some(piece) => self.store(piece).await,
            None => Ok(()),
        }
    }

    pub async fn finish(mut self) -> Result<Part> {
        if let Some(rest) = std::mem::take(&mut self.cutter).finish() {
            self.store(rest).await?;
        }
        while !self.running.is_empty() {
            self.wait().await?;
        }
        Ok(self.part)
    }

    async fn store(&mut self, piece: Piece) -> Result<()> {
        if self.running.len() >= AT_ONCE {
            self.wait().await?;
        }
        self.running.push_back(tokio::spawn(self.shared.clone().store(piece)));
        Ok(())
    }

    async fn wait(&mut self) -> Result<()> {
        if let Some(oldest) = self.running.pop_front() {
            let chunk = oldest.await.map_err(Error::unavailable)??;
            self.part.records += chunk.records;
            self.part.chunks.push(chunk);
        }
        Ok(())
    }
}

impl Shared {
    async fn store(self: Arc<Self>, piece: Piece) -> Result<ChunkRef> {
        let Piece { bytes: plain, records } = piece;
        let this = self.clone();
        let seal = move || {
            let name = chunk::name(&this.keys, &plain);
            let sealed = match this.present.get(&name) {
                Some(_) => None,
                None => Some(chunk::seal(&this.keys, &name, &plain)?),
            };
            Ok((name, sealed))
        };
        let (name, sealed) = tokio::task::spawn_blocking(seal).await.map_err(Error::unavailable)??;
        let bytes = match sealed {
            None => self.present.get(&name).copied().unwrap_or_default(),
            Some(sealed) => {
                let bytes = sealed.len() as u64;
                self.repository.put_chunk(&name, sealed).await?;
                self.new_chunks.fetch_add(1, Ordering::Relaxed);
                self.new_bytes.fetch_add(bytes, Ordering::Relaxed);
                bytes
            }
        };
        Ok(ChunkRef { name, records, bytes })
    }
}
