//! The read model as the rest of the system sees it.

use crate::{
    Error, days,
    engine::Engine,
    error::Result,
    facts::Facts,
    lookup::{Lookup, Numbered},
    overlay::Overlay,
    result::SearchResult,
    search::Search,
    tokens::{Kind, Tokens},
};
use domain::{
    Date, Instant,
    access::Scope,
    catalogue::Catalogue,
    certificate::Certificate,
    ids::{CertificateId, HolderId},
    lifecycle::Status,
    mask::Clues,
    query::SearchQuery,
};
use keys::KeyRing;
use parking_lot::{MappedRwLockReadGuard, Mutex, RwLock, RwLockReadGuard};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Counts changes of what stands on disk. A folder of another layout is rebuilt.
const LAYOUT: u32 = 5;

/// While the feed is read for the first time nobody searches, and the index is committed only after so many
/// documents: it then has few, large segments, and each document is merged once instead of many times.
const COMMITTED_TOGETHER: usize = 250_000;

/// Bounds of a read model.
#[derive(Debug, Clone)]
pub struct Options {
    /// Memory of the index writer, in bytes; at least 15 MB. More makes fewer, larger segments.
    pub writer_heap_bytes: usize,
    /// Address space set aside for the records, in bytes; the largest size they can grow to.
    pub map_bytes: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self { writer_heap_bytes: 64 << 20, map_bytes: 64 << 30 }
    }
}

/// How far the change feed has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedPosition {
    /// The last change applied; 0 = none.
    pub seq: u64,
    /// The registry is known as it was at this instant.
    pub as_of: Instant,
}

impl FeedPosition {
    const START: FeedPosition = FeedPosition { seq: 0, as_of: Instant::UNIX_EPOCH };

    pub(crate) fn to_payload(self) -> String {
        serde_json::to_string(&self).expect("a number and an instant have a JSON form")
    }

    pub(crate) fn from_payload(payload: &str) -> Option<Self> {
        serde_json::from_str(payload).ok()
    }
}

/// What a query node answers from. Look-ups and searches run side by side with the one writer.
/// Every read takes a [`Scope`] and shows nothing outside it.
pub struct ReadModel {
    dir: PathBuf,
    keys: KeyRing,
    tokens: Tokens,
    catalogue: Arc<Catalogue>,
    options: Options,
    /// `None` only when a rebuild could not open the folder again.
    engine: RwLock<Option<Engine>>,
    overlay: Overlay,
    /// One writer at a time.
    writing: Mutex<()>,
    /// A read met a record that does not open. The next turn of the follower starts a rebuild.
    damaged: AtomicBool,
    progress: Mutex<Progress>,
}

#[derive(Debug, Clone, Copy)]
struct Progress {
    position: FeedPosition,
    /// The feed has been read to its end at least once since the files were empty.
    complete: bool,
}

impl ReadModel {
    /// Opens the folder or makes a new one. Files of another layout, catalogue or key ring, and
    /// damaged ones, are thrown away: then [`ReadModel::position`] is back at 0.
    ///
    /// # Errors
    /// [`Error::InUse`] while another process has the folder open; otherwise the folder or the
    /// engines fail.
    pub fn open(dir: &Path, keys: KeyRing, catalogue: Arc<Catalogue>, options: Options) -> Result<Self> {
        let engine = Engine::open(dir, &keys, &fingerprint(&keys, &catalogue), &options)?;
        let progress = Progress::of(&engine)?;
        Ok(Self {
            dir: dir.to_owned(),
            tokens: Tokens::new(keys.clone()),
            keys,
            catalogue,
            options,
            engine: RwLock::new(Some(engine)),
            overlay: Overlay::default(),
            writing: Mutex::new(()),
            damaged: AtomicBool::new(false),
            progress: Mutex::new(progress),
        })
    }

    /// How far the feed has been read; asked by the follower for what to read next.
    pub fn position(&self) -> FeedPosition {
        self.progress.lock().position
    }

    /// Has the feed been read to its end since the files were last empty? Until then "not found"
    /// means nothing.
    pub fn is_ready(&self) -> bool {
        self.progress.lock().complete
    }

    /// Takes over a piece of the feed: the certificates changed, as they are now, up to `position`.
    /// Those `withheld` cannot be read: what was known of them is an answer no more, and until they
    /// come again nothing they may belong to counts as not found. Applying a piece twice changes
    /// nothing.
    ///
    /// # Errors
    /// [`Error::Rebuilding`] when the files were lost: the feed has to be read again from
    /// [`ReadModel::position`]. After any other error the same piece can be tried again.
    pub fn apply(
        &self,
        batch: &[Certificate],
        withheld: &[CertificateId],
        position: FeedPosition,
    ) -> Result<()> {
        let _writing = self.writing.lock();
        if !self.is_intact() {
            self.rebuild()?;
            return Err(Error::Rebuilding);
        }
        let batch = newest_of_each(batch);
        let facts: Vec<Facts> = batch.iter().map(|certificate| self.facts(certificate)).collect();
        match self.write(&batch, &facts, withheld, position) {
            Ok(()) => self.progress.lock().position = position,
            Err(Error::Damaged) => {
                self.rebuild()?;
                return Err(Error::Rebuilding);
            }
            Err(error) => {
                // What was applied and not committed has to come again.
                *self.progress.lock() = Progress::of(&*self.engine()?)?;
                return Err(error);
            }
        }
        // Not before the index shows the change: a search must find it in one of the two.
        let gone = withheld.iter().map(|id| (*id, u64::MAX));
        self.overlay
            .settle(batch.iter().map(|certificate| (certificate.id, certificate.version)).chain(gone));
        Ok(())
    }

    fn write(
        &self,
        batch: &[&Certificate],
        facts: &[Facts],
        withheld: &[CertificateId],
        position: FeedPosition,
    ) -> Result<()> {
        let engine = self.engine()?;
        let uncommitted = engine.apply(batch, facts, withheld, position)?;
        match self.is_ready() || uncommitted >= COMMITTED_TOGETHER {
            true => engine.index.commit(position),
            false => Ok(()),
        }
    }

    /// Nothing came after [`ReadModel::position`] when the store was asked at `as_of`.
    pub fn confirm(&self, as_of: Instant) {
        let _writing = self.writing.lock();
        if !self.is_intact() {
            if let Err(error) = self.rebuild() {
                tracing::error!(%error, "the read model cannot be rebuilt");
            }
            return;
        }
        if !self.is_ready()
            && let Err(error) = self.complete()
        {
            tracing::error!(%error, "the read model cannot be completed");
            return;
        }
        let mut progress = self.progress.lock();
        progress.position.as_of = progress.position.as_of.max(as_of);
        progress.complete = true;
    }

    /// The feed has been read to its end for the first time.
    fn complete(&self) -> Result<()> {
        let engine = self.engine()?;
        engine.index.commit(self.position())?;
        engine.records.set_complete()
    }

    /// Works out the statuses on the days that are asked for most, so that nobody has to wait for it.
    /// Takes a moment for each million of certificates when the days are others than before.
    pub fn prepare(&self, days: &[Date]) {
        let _writing = self.writing.lock();
        if let Ok(engine) = self.engine() {
            engine.index.prepare(&day_numbers(days));
        }
    }

    /// Is there nothing for [`ReadModel::prepare`] to do?
    pub fn is_prepared(&self, days: &[Date]) -> bool {
        self.engine().is_ok_and(|engine| engine.index.is_prepared(&day_numbers(days)))
    }

    /// Makes a change just written to the store visible here at once.
    pub fn overlay(&self, certificate: Certificate) {
        if let Ok(engine) = self.engine() {
            engine.learn_names(&certificate);
        }
        let facts = self.facts(&certificate);
        self.overlay.insert(certificate, facts);
    }

    /// One certificate, if it lies inside the scope.
    ///
    /// # Errors
    /// [`Error::Rebuilding`] when it is not there yet, and may still come; [`Error::Withheld`] when it
    /// is there and cannot be read.
    pub fn find(&self, scope: &Scope, id: CertificateId) -> Result<Option<Certificate>> {
        let found = self.at_one_moment(|lookup| match lookup.certificate(id) {
            // Asked while the engine is held: it has not been emptied in between.
            Ok(None) if !self.is_ready() => Err(Error::Rebuilding),
            found => found,
        })?;
        Ok(found.filter(|certificate| scope.admits(certificate.placement())))
    }

    /// The certificates of a number inside the scope, and what the other certificates of their holders
    /// inside the scope tell. Touches no index.
    ///
    /// # Errors
    /// [`Error::Rebuilding`] while [`ReadModel::is_ready`] is false: some of them may be missing.
    /// [`Error::Withheld`] where nothing is found and rows that cannot be read may bear the number.
    pub fn find_by_number(&self, scope: &Scope, number: &str) -> Result<Numbered> {
        let token = |number: &str| self.tokens.of(Kind::Number, number);
        let found = self.look_up(|lookup| lookup.of_number(number, token, scope))?;
        if found.bearing.is_empty() && self.withholds()? { Err(Error::Withheld) } else { Ok(found) }
    }

    /// Are there rows in the registry that cannot be read? Then a list may lack some.
    pub fn withholds(&self) -> Result<bool> {
        Ok(self.engine()?.records.has_withheld())
    }

    /// The certificates of a person inside the scope, in the order of their identifiers.
    ///
    /// # Errors
    /// [`Error::Rebuilding`] while [`ReadModel::is_ready`] is false: some of them may be missing.
    pub fn of_holder(&self, scope: &Scope, holder: HolderId) -> Result<Vec<Certificate>> {
        let mut found = self.look_up(|lookup| lookup.of_holder(holder))?;
        found.retain(|certificate| scope.admits(certificate.placement()));
        Ok(found)
    }

    /// What these people's other certificates inside the scope tell of them.
    ///
    /// # Errors
    /// As [`ReadModel::of_holder`].
    pub fn beside(&self, scope: &Scope, certificates: &[Certificate]) -> Result<Vec<Clues>> {
        self.look_up(|lookup| lookup.beside(certificates, scope))
    }

    /// Searches inside the scope. Blocks for as long as the search takes: run it on a
    /// [`crate::SearchPool`].
    ///
    /// # Errors
    /// [`Error::Rebuilding`] while [`ReadModel::is_ready`] is false: an incomplete answer would be a
    /// wrong one.
    pub fn search(&self, query: &SearchQuery, scope: &Scope, today: Date) -> Result<SearchResult> {
        // In this order: what leaves the overlay in between is in the index by then.
        let position = self.position();
        let newest = self.overlay.newest();
        let engine = self.engine()?;
        // Asked while the engine is held: it cannot be emptied any more.
        if !self.is_ready() {
            return Err(Error::Rebuilding);
        }
        let search = Search {
            engine: &engine,
            snapshot: engine.index.snapshot(),
            newest: &newest,
            tokens: &self.tokens,
            catalogue: &self.catalogue,
            scope,
        };
        self.watched(search.run(query, today, position))
    }

    /// Asks what is complete only when the feed has been read to its end.
    fn look_up<T>(&self, ask: impl FnOnce(&Lookup<'_>) -> Result<T>) -> Result<T> {
        self.at_one_moment(|lookup| if self.is_ready() { ask(lookup) } else { Err(Error::Rebuilding) })
    }

    /// One engine for all of it: a rebuild in between would leave some out.
    fn at_one_moment<T>(&self, ask: impl FnOnce(&Lookup<'_>) -> Result<T>) -> Result<T> {
        // In this order: what leaves the overlay in between is in the records by then, and what the index
        // has is there too.
        let newest = self.overlay.newest();
        let engine = self.engine()?;
        let index = engine.index.snapshot();
        let records = engine.records.now()?;
        self.watched(ask(&Lookup { newest: &newest, index: &index, records: &records }))
    }

    /// Takes note of damage, to be repaired by the writer.
    fn watched<T>(&self, result: Result<T>) -> Result<T> {
        if matches!(result, Err(Error::Damaged)) {
            self.damaged.store(true, Ordering::Relaxed);
        }
        result
    }

    fn facts(&self, certificate: &Certificate) -> Facts {
        Facts::of(certificate, &self.catalogue, &self.tokens)
    }

    fn engine(&self) -> Result<MappedRwLockReadGuard<'_, Engine>> {
        RwLockReadGuard::try_map(self.engine.read(), Option::as_ref).map_err(|_| Error::Rebuilding)
    }

    fn is_intact(&self) -> bool {
        !self.damaged.load(Ordering::Relaxed) && self.engine().is_ok_and(|engine| engine.is_intact())
    }

    /// Starts again with empty files. Reads wait for a moment and then find nothing, not ready.
    fn rebuild(&self) -> Result<()> {
        tracing::warn!("the files of the read model are gone or damaged; it is rebuilt from the feed");
        let mut slot = self.engine.write();
        *self.progress.lock() = Progress { position: FeedPosition::START, complete: false };
        // Closed before it is opened again: LMDB allows one environment of a file in a process.
        drop(slot.take());
        Engine::wipe(&self.dir)?;
        let fingerprint = fingerprint(&self.keys, &self.catalogue);
        *slot = Some(Engine::open(&self.dir, &self.keys, &fingerprint, &self.options)?);
        self.damaged.store(false, Ordering::Relaxed);
        Ok(())
    }
}

impl Progress {
    fn of(engine: &Engine) -> Result<Self> {
        let position = engine.index.position()?.unwrap_or(FeedPosition::START);
        Ok(Self { position, complete: engine.records.is_complete()? })
    }
}

/// What a folder was made with: layout, catalogue and keys. Shows nothing of the keys.
fn fingerprint(keys: &KeyRing, catalogue: &Catalogue) -> [u8; 16] {
    let statuses = Status::ALL.map(Status::code).join(",");
    let made_with = format!("{LAYOUT} {} {} {statuses}", catalogue.code(), catalogue.version());
    keys.blind("readmodel_fingerprint", &made_with)
}

fn day_numbers(days: &[Date]) -> Vec<i32> {
    days.iter().copied().map(days::number).collect()
}

/// A piece of the feed can name a certificate twice; the later entry counts.
fn newest_of_each(batch: &[Certificate]) -> Vec<&Certificate> {
    let mut places: HashMap<CertificateId, usize> = HashMap::with_capacity(batch.len());
    let mut newest: Vec<&Certificate> = Vec::with_capacity(batch.len());
    for certificate in batch {
        match places.get(&certificate.id) {
            Some(&place) => newest[place] = certificate,
            None => {
                places.insert(certificate.id, newest.len());
                newest.push(certificate);
            }
        }
    }
    newest
}
