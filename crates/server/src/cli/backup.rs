use super::{Place, restore};
use crate::{
    config::Config,
    wiring::{self, Role},
};
use anyhow::Context;
use app::{
    audit::Audited,
    backup::{self as backups, Failure, Source},
    words::{Language, Words},
};
use backup::{Backup, Repository};
use clap::{Args, Subcommand};
use domain::access::Principal;
use keys::KeyRing;
use serde_json::json;
use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

#[derive(Debug, Subcommand)]
pub enum Backups {
    /// Back up the whole registry, while it is served or not.
    Run(Run),
    /// List the backups of a place.
    List(List),
    /// Remove all backups but the newest.
    Prune(Prune),
    /// Restore a backup into a scratch folder, prove that it is whole and serves, and remove it.
    Drill(Drill),
}

#[derive(Debug, Args)]
pub struct Run {
    #[command(flatten)]
    place: Place,
    /// Folder or s3://bucket/prefix; that of the settings unless given.
    #[arg(long, value_name = "PLACE")]
    to: Option<String>,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    place: Place,
    /// Folder or s3://bucket/prefix; that of the settings unless given.
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// Folder with the key ring; that of the data folder unless given.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Debug, Args)]
pub struct Prune {
    #[command(flatten)]
    place: Place,
    /// Folder or s3://bucket/prefix; that of the settings unless given.
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// How many to keep, two at least.
    #[arg(long, value_name = "N")]
    keep: usize,
    #[command(flatten)]
    answer: Answer,
}

#[derive(Debug, Args)]
pub struct Drill {
    #[command(flatten)]
    place: Place,
    /// Folder or s3://bucket/prefix; that of the settings unless given.
    #[arg(long, value_name = "PLACE")]
    from: Option<String>,
    /// Which backup; the newest unless given.
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    /// Folder with the key ring; that of the data folder unless given.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// Where the scratch folder is made; it needs the space of the registry.
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
    #[command(flatten)]
    answer: Answer,
}

/// How the outcome is told.
#[derive(Debug, Clone, Args)]
pub struct Answer {
    /// Language of what is refused: zh-CN, en, ja.
    #[arg(long, default_value = "zh-CN")]
    language: String,
    /// Print one JSON line.
    #[arg(long)]
    pub json: bool,
}

impl Backups {
    /// Exit code 2 when a backup is refused or a drill fails.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Backups::Run(run) => run.answer.clone().tell(run.run().await),
            Backups::List(list) => list.answer.clone().tell(list.run().await),
            Backups::Prune(prune) => prune.answer.clone().tell(prune.run().await),
            Backups::Drill(drill) => drill.answer.clone().tell(drill.run().await),
        }
    }
}

impl Answer {
    /// A refusal is an answer: its code for machines, its words for people.
    pub fn tell(&self, outcome: anyhow::Result<ExitCode>) -> anyhow::Result<ExitCode> {
        let error = match outcome {
            Ok(code) => return Ok(code),
            Err(error) => error,
        };
        let Some(code) = code_of(&error) else { return Err(error) };
        let language = Language::from_tag(&self.language).context("the language must be zh-CN, en or ja")?;
        let words = Words::builtin().get(language, "backup", code);
        if self.json {
            println!("{}", json!({ "refused": code, "detail": error.to_string() }));
        } else {
            println!("{words} ({code})");
            println!("{error:#}");
        }
        Ok(ExitCode::from(2))
    }
}

/// The code of what is a refusal, and not a failure of something else.
fn code_of(error: &anyhow::Error) -> Option<&'static str> {
    if let Some(refused) = error.downcast_ref::<backup::Error>() {
        return Some(refused.code());
    }
    match (error.downcast_ref::<Failure>(), error.downcast_ref::<app::Error>()) {
        (Some(Failure::App(_)), _) => None,
        (Some(failure), _) => Some(failure.code()),
        (_, Some(app::Error::Backup { code, .. })) => Some(code),
        _ => None,
    }
}

/// Where the backups are: as given, or as the settings say.
pub fn repository(given: Option<&str>, config: &Config) -> anyhow::Result<Repository> {
    Ok(Repository::open(given.unwrap_or(&config.backup.to))?)
}

/// The key ring in this folder, or in the data folder. The master key lies beside the ring unless
/// the settings say otherwise.
pub fn ring(folder: Option<&Path>, config: &Config) -> anyhow::Result<KeyRing> {
    let Some(folder) = folder else { return wiring::existing_keys(config) };
    KeyRing::open_existing(folder, &master_beside(folder, config)).context("cannot open the keys")
}

/// The file with the master key of the ring in a folder.
pub fn master_beside(folder: &Path, config: &Config) -> PathBuf {
    let master = &config.keys.master_file;
    if master.as_os_str().is_empty() { folder.join("master") } else { master.clone() }
}

/// What a running registry's backup takes besides the database.
pub fn source(config: &Config) -> anyhow::Result<Source> {
    Ok(Source { audit_dir: wiring::audit_dir(config), settings: config.without_secrets()? })
}

impl Run {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(None)?;
        let app = wiring::open(&config, Role::Tool).await?;
        let repository = repository(self.to.as_deref(), &config)?;
        let call = app.call(Principal::console(), "cli", None);
        let begun = Instant::now();
        let report = result(backups::run(&app, &call, &repository, &source(&config)?).await)?;
        let seconds = begun.elapsed().as_secs_f64();
        if self.answer.json {
            let mut line = serde_json::to_value(&report)?;
            line["seconds"] = json!(seconds);
            println!("{line}");
        } else {
            println!(
                "{}: {} rows and {} audit records, {} MiB, of which {} MiB are new; {seconds:.1} s",
                report.backup,
                report.rows,
                report.audit_records,
                report.bytes >> 20,
                report.new_bytes >> 20,
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(None)?;
        let keys = ring(self.keys.as_deref(), &config)?;
        let repository = repository(self.from.as_deref(), &config)?;
        for id in repository.backups().await? {
            let (made_at, rows, bytes, refused) = match repository.manifest(&id, &keys).await {
                Ok(manifest) => {
                    let rows: u64 = manifest.parts.iter().map(|part| part.records).sum();
                    (Some(manifest.made_at), Some(rows), Some(manifest.bytes()), None)
                }
                Err(error) => (None, None, None, Some(error.code())),
            };
            if self.answer.json {
                let line = json!({
                    "backup": id, "made_at": made_at, "records": rows, "bytes": bytes, "refused": refused
                });
                println!("{line}");
            } else if let (Some(made_at), Some(rows), Some(bytes)) = (made_at, rows, bytes) {
                println!("{id}  {}  {rows} records  {} MiB", made_at.to_rfc3339(), bytes >> 20);
            } else {
                println!("{id}  {}", refused.unwrap_or_default());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Prune {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(None)?;
        let app = wiring::open(&config, Role::Tool).await?;
        let repository = repository(self.from.as_deref(), &config)?;
        let call = app.call(Principal::console(), "cli", None);
        let pruned = result(backups::prune(&app, &call, &repository, self.keep).await)?;
        if self.answer.json {
            println!("{}", json!({ "backups": pruned.backups, "chunks": pruned.chunks }));
        } else {
            println!("{} backups and {} chunks removed", pruned.backups.len(), pruned.chunks);
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl Drill {
    async fn run(self) -> anyhow::Result<ExitCode> {
        let mut config = self.place.load(None)?;
        let keys = match &self.keys {
            Some(folder) => folder.clone(),
            None => config.data.dir.join("keys"),
        };
        let master = master_beside(&keys, &config);
        let repository = repository(self.from.as_deref(), &config)?;
        let opened = KeyRing::open_existing(&keys, &master).context("cannot open the keys")?;
        let backup = Backup::open(&repository, &opened, self.backup.as_deref()).await?;
        let scratch = match &self.scratch {
            Some(folder) => tempfile::tempdir_in(folder),
            None => tempfile::tempdir(),
        }
        .context("cannot make a scratch folder")?;
        // Its own folder and SQLite in it; nothing of the registry in use is touched.
        config.data.dir = scratch.path().join("registry");
        config.store.url.clear();
        config.keys.master_file = master;
        let begun = Instant::now();
        let target = restore::target(&config);
        let place_keys = || restore::copy_keys(&keys, &config);
        let progress = restore::progress(self.answer.json)?;
        let restored = backups::restore(&backup, &target, &place_keys, &progress).await?;
        let restore_seconds = begun.elapsed().as_secs_f64();
        let app = wiring::open(&config, Role::Server).await?;
        let proof = backups::prove(&app, backup.manifest(), &target.audit_dir).await?;
        if self.answer.json {
            let line = json!({
                "restored": restored, "restore_seconds": restore_seconds,
                "passed": proof.passed, "checks": proof.checks
            });
            println!("{line}");
        } else {
            println!("{} restored in {restore_seconds:.1} s", restored.backup);
            for check in &proof.checks {
                let verdict = if check.passed { "ok    " } else { "FAILED" };
                println!("{verdict} {}: {}; {:.1} s", check.name, check.found, check.seconds);
            }
            println!("{}", if proof.passed { "the backup is good" } else { "THE BACKUP IS NOT GOOD" });
        }
        Ok(if proof.passed { ExitCode::SUCCESS } else { ExitCode::from(2) })
    }
}

fn result<T>(audited: Audited<T>) -> anyhow::Result<T> {
    Ok(audited.into_result()?)
}
