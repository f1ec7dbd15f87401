//! Records and index in one folder, opened, checked and locked together.

use crate::{
    Error,
    dictionary::{Dictionary, Kept},
    error::Result,
    facts::Facts,
    index::Index,
    model::{FeedPosition, Options},
    records::{Records, dictionary_name},
};
use domain::{certificate::Certificate, ids::CertificateId};
use keys::KeyRing;
use parking_lot::RwLock;
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

const RECORDS: &str = "records";
const INDEX: &str = "index";
const LOCK: &str = "lock";

pub struct Engine {
    dir: PathBuf,
    pub index: Index,
    pub records: Records,
    pub organisations: RwLock<Dictionary>,
    pub issuers: RwLock<Dictionary>,
    /// Released last, when nothing is mapped any more.
    _lock: File,
}

impl Engine {
    /// Opens the folder. What was written under other keys or rules, or is damaged, is thrown away.
    pub fn open(dir: &Path, keys: &KeyRing, fingerprint: &[u8], options: &Options) -> Result<Self> {
        fs::create_dir_all(dir)?;
        let lock = lock(dir)?;
        let opened = Parts::open(dir, keys, fingerprint, options);
        let parts = opened.or_else(|error| {
            tracing::warn!(%error, "the read model is thrown away and will be rebuilt");
            wipe(dir)?;
            Parts::open(dir, keys, fingerprint, options)
        })?;
        Ok(Self {
            dir: dir.to_owned(),
            index: parts.index,
            records: parts.records,
            organisations: RwLock::new(parts.organisations),
            issuers: RwLock::new(parts.issuers),
            _lock: lock,
        })
    }

    /// Throws away what is in the folder. No engine may be open on it.
    pub fn wipe(dir: &Path) -> Result<()> {
        fs::create_dir_all(dir)?;
        let _lock = lock(dir)?;
        wipe(dir)
    }

    /// Are the files still there?
    pub fn is_intact(&self) -> bool {
        self.dir.join(RECORDS).join("data.mdb").exists() && self.dir.join(INDEX).join("meta.json").exists()
    }

    /// Makes the names of a certificate findable that is not applied yet. They are kept on disk when
    /// it is.
    pub fn learn_names(&self, certificate: &Certificate) {
        learn(&self.issuers, &[dictionary_name(&certificate.issuer)], Kept::InMemory);
        if let Some(organisation) = &certificate.organisation {
            learn(&self.organisations, &[dictionary_name(&organisation.name)], Kept::InMemory);
        }
    }

    /// Records first: the index may lag behind them, and a search tells by the version. Returns how many
    /// documents the index has not committed.
    pub fn apply(
        &self,
        batch: &[&Certificate],
        facts: &[Facts],
        withheld: &[CertificateId],
        position: FeedPosition,
    ) -> Result<usize> {
        let organisations = batch.iter().filter_map(|certificate| certificate.organisation.as_ref());
        let organisations =
            not_kept(&self.organisations, organisations.map(|organisation| &organisation.name));
        let issuers = not_kept(&self.issuers, batch.iter().map(|certificate| &certificate.issuer));
        let stored = self.records.apply(batch, withheld, &organisations, &issuers, position.seq)?;
        learn(&self.organisations, &organisations, Kept::OnDisk);
        learn(&self.issuers, &issuers, Kept::OnDisk);
        self.index.add(facts, &stored.replaced)
    }
}

fn not_kept<'a>(dictionary: &RwLock<Dictionary>, names: impl Iterator<Item = &'a String>) -> Vec<String> {
    let dictionary = dictionary.read();
    let mut names: Vec<String> = names.map(|name| dictionary_name(name)).collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !name.is_empty() && !dictionary.keeps(name));
    names
}

fn learn(dictionary: &RwLock<Dictionary>, names: &[String], kept: Kept) {
    let mut dictionary = dictionary.write();
    names.iter().for_each(|name| dictionary.insert(name, kept));
}

struct Parts {
    records: Records,
    index: Index,
    organisations: Dictionary,
    issuers: Dictionary,
}

impl Parts {
    fn open(dir: &Path, keys: &KeyRing, fingerprint: &[u8], options: &Options) -> Result<Self> {
        for part in [RECORDS, INDEX] {
            fs::create_dir_all(dir.join(part))?;
        }
        let records = Records::open(&dir.join(RECORDS), keys.clone(), options.map_bytes)?;
        match records.fingerprint()? {
            Some(known) if known == fingerprint => {}
            Some(_) => return Err(Error::Damaged),
            None => records.set_fingerprint(fingerprint)?,
        }
        let index = Index::open(&dir.join(INDEX), options.writer_heap_bytes)?;
        // Records are written first. An index ahead of them, or gone, is a sign of lost files.
        let indexed = index.position()?.map(|position| position.seq);
        let recorded = records.seq()?;
        if indexed > recorded || (indexed.is_none() && recorded.is_some()) {
            return Err(Error::Damaged);
        }
        let (organisations, issuers) = records.dictionaries()?;
        Ok(Self { records, index, organisations, issuers })
    }
}

fn lock(dir: &Path) -> Result<File> {
    let file = File::create(dir.join(LOCK))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(Error::InUse),
        Err(TryLockError::Error(error)) => Err(error.into()),
    }
}

fn wipe(dir: &Path) -> Result<()> {
    for part in [RECORDS, INDEX] {
        match fs::remove_dir_all(dir.join(part)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(())
}
