use super::{AUDIT, AuditHead, CHECKPOINTS, Facts, Failure, SETTINGS, facts};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use backup::{Backup, records};
use futures::TryStreamExt;
use journal::Rebuild;
use serde::Serialize;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    pin::pin,
};
use store::dump::Loader;

/// File in a data folder whose restore has not come to its end. Nothing may be served from there.
pub const UNFINISHED: &str = "restore.unfinished";

/// Where a backup goes.
#[derive(Debug, Clone)]
pub struct Target {
    /// The data folder; holds nothing, or the folder `keys` alone.
    pub data_dir: PathBuf,
    pub audit_dir: PathBuf,
    /// An empty database. Its kind need not be that of the one that was backed up.
    pub url: String,
}

/// Puts the keys into the data folder; called once everything has been checked.
pub type PlaceKeys<'a> = &'a (dyn Fn() -> io::Result<()> + Sync);

/// How far a restore has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Bytes checked, of all.
    Checking(u64, u64),
    /// Rows and records loaded, of all.
    Loading(u64, u64),
    /// Indexes and constraints are being made.
    Finishing,
}

#[derive(Debug, Clone, Serialize)]
pub struct Restored {
    pub backup: String,
    pub rows: u64,
    pub audit_records: u64,
}

/// Checks the whole backup, then restores it. Before the last chunk has been found good nothing is
/// written, and what was broken off later is never served.
pub async fn restore(
    backup: &Backup,
    target: &Target,
    place_keys: PlaceKeys<'_>,
    progress: &(dyn Fn(Stage) + Sync),
) -> Result<Restored, Failure> {
    let facts = facts(backup.manifest())?;
    let bytes = backup.manifest().bytes();
    if !is_empty(&target.data_dir).map_err(Failure::Folder)? {
        return Err(Failure::TargetNotEmpty);
    }
    backup.check(&|done| progress(Stage::Checking(done, bytes))).await?;
    let mark = Mark::begin(&target.data_dir).map_err(Failure::Folder)?;
    let Some(loader) = Loader::begin(&target.url, &facts.schema).await? else {
        mark.end().map_err(Failure::Folder)?;
        return Err(Failure::TargetNotEmpty);
    };
    place_keys().map_err(Failure::Folder)?;
    let mut loading = Loading { backup, progress, done: 0, all: all_records(backup) };
    let rows = loading.tables(&facts, &loader).await?;
    let audit = loading.audit(&target.audit_dir).await?;
    if audit != facts.audit {
        return Err(Failure::Disagrees(AUDIT.to_owned()));
    }
    loading.lines(CHECKPOINTS, &target.audit_dir.join(journal::CHECKPOINTS)).await?;
    loading.lines(SETTINGS, &target.data_dir.join("settings.restored.toml")).await?;
    progress(Stage::Finishing);
    loader.finish().await?;
    mark.end().map_err(Failure::Folder)?;
    Ok(Restored { backup: backup.manifest().id.clone(), rows, audit_records: audit.size })
}

/// Puts the restore on record, in the audit that was restored.
pub async fn record(app: &App, call: &Call, restored: &Restored) -> Audited<()> {
    let mut entry = Entry::new("backup.restore");
    entry.object(format!("backup {}", restored.backup));
    app.audit.record(call, entry, Ok(())).await
}

fn is_empty(dir: &Path) -> io::Result<bool> {
    match fs::read_dir(dir) {
        Ok(mut entries) => entries.try_fold(true, |empty, entry| Ok(empty && entry?.file_name() == "keys")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(error),
    }
}

/// Says that the folder is not whole yet.
struct Mark(PathBuf);

impl Mark {
    fn begin(dir: &Path) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        let file = dir.join(UNFINISHED);
        File::create_new(&file)?.sync_all()?;
        File::open(dir)?.sync_all()?;
        Ok(Self(file))
    }

    fn end(self) -> io::Result<()> {
        fs::remove_file(&self.0)?;
        self.0.parent().map_or(Ok(()), |dir| File::open(dir)?.sync_all())
    }
}

fn all_records(backup: &Backup) -> u64 {
    backup.manifest().parts.iter().map(|part| part.records).sum()
}

struct Loading<'a> {
    backup: &'a Backup,
    progress: &'a (dyn Fn(Stage) + Sync),
    done: u64,
    all: u64,
}

impl Loading<'_> {
    async fn tables(&mut self, facts: &Facts, loader: &Loader) -> Result<u64, Failure> {
        let mut rows = 0;
        for table in &facts.tables {
            let mut loaded = 0;
            let mut chunks = pin!(self.backup.chunks(&table.name));
            while let Some(chunk) = chunks.try_next().await? {
                let rows: Vec<_> = records(&chunk).flatten().collect();
                let count = loader.load(table, &rows).await?;
                loaded += count;
                self.done += count;
                (self.progress)(Stage::Loading(self.done, self.all));
            }
            if self.backup.manifest().part(&table.name).map(|part| part.records) != Some(loaded) {
                return Err(Failure::Disagrees(table.name.clone()));
            }
            rows += loaded;
        }
        Ok(rows)
    }

    /// Writes the audit's records into a new journal, which adds them up anew.
    async fn audit(&mut self, dir: &Path) -> Result<AuditHead, Failure> {
        let mut journal = Rebuild::begin(dir).map_err(|error| Failure::Audit(io::Error::other(error)))?;
        let mut chunks = pin!(self.backup.chunks(AUDIT));
        while let Some(chunk) = chunks.try_next().await? {
            let (back, count) = tokio::task::spawn_blocking(move || {
                let mut count = 0;
                for record in records(&chunk).flatten() {
                    journal.push(record.to_vec())?;
                    count += 1;
                }
                io::Result::Ok((journal, count))
            })
            .await
            .map_err(Error::internal)?
            .map_err(Failure::Audit)?;
            journal = back;
            self.done += count;
            (self.progress)(Stage::Loading(self.done, self.all));
        }
        Ok(AuditHead::of(journal.finish().map_err(Failure::Audit)?))
    }

    /// Writes a part as the lines of a file that only its owner may read.
    async fn lines(&mut self, part: &str, file: &Path) -> Result<(), Failure> {
        let mut options = OpenOptions::new();
        let mut file =
            options.write(true).create_new(true).mode(0o600).open(file).map_err(Failure::Folder)?;
        let mut chunks = pin!(self.backup.chunks(part));
        while let Some(chunk) = chunks.try_next().await? {
            for record in records(&chunk).flatten() {
                file.write_all(record).and_then(|()| file.write_all(b"\n")).map_err(Failure::Folder)?;
            }
        }
        file.sync_all().map_err(Failure::Folder)
    }
}
