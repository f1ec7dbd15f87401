use super::{
    Place,
    backup::{Answer, master_beside, repository, ring},
};
use crate::{
    config::Config,
    wiring::{self, Role},
};
use app::backup::{self as backups, Stage, Target};
use backup::Backup;
use clap::Args;
use domain::access::Principal;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::{
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Instant,
};

#[derive(Debug, Args)]
pub struct Restore {
    #[command(flatten)]
    place: Place,
    /// Folder or s3://bucket/prefix with the backups.
    #[arg(long, value_name = "PLACE")]
    from: String,
    /// Which backup; the newest unless given.
    #[arg(long, value_name = "ID")]
    backup: Option<String>,
    /// Folder with the key ring, which is copied; that of the data folder unless given.
    #[arg(long, value_name = "DIR")]
    keys: Option<PathBuf>,
    /// An empty database; that of the settings unless given.
    #[arg(long, value_name = "URL", env = "ANZHENG_RESTORE_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    #[command(flatten)]
    answer: Answer,
}

impl Restore {
    /// Exit code 2 when the backup is refused.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        self.answer.clone().tell(self.restore().await)
    }

    async fn restore(self) -> anyhow::Result<ExitCode> {
        let mut config = self.place.load(None)?;
        if let Some(url) = self.database_url {
            config.store.url = url;
        }
        let repository = repository(Some(&self.from), &config)?;
        let keys = ring(self.keys.as_deref(), &config)?;
        let backup = Backup::open(&repository, &keys, self.backup.as_deref()).await?;
        let begun = Instant::now();
        let place_keys = || self.keys.as_deref().map_or(Ok(()), |folder| copy_keys(folder, &config));
        let progress = progress(self.answer.json)?;
        let restored = backups::restore(&backup, &target(&config), &place_keys, &progress).await?;
        let app = wiring::open(&config, Role::Server).await?;
        let call = app.call(Principal::console(), "cli", None);
        backups::record(&app, &call, &restored).await.into_result()?;
        let seconds = begun.elapsed().as_secs_f64();
        if self.answer.json {
            let mut line = serde_json::to_value(&restored)?;
            line["seconds"] = json!(seconds);
            println!("{line}");
        } else {
            println!(
                "{} restored: {} rows, {} audit records; {seconds:.1} s",
                restored.backup, restored.rows, restored.audit_records
            );
        }
        Ok(ExitCode::SUCCESS)
    }
}

pub fn target(config: &Config) -> Target {
    Target {
        data_dir: config.data.dir.clone(),
        audit_dir: wiring::audit_dir(config),
        url: config.store_url(),
    }
}

/// Copies a ring, and the master key where it lies beside it, into the data folder.
pub fn copy_keys(from: &Path, config: &Config) -> io::Result<()> {
    let to = config.data.dir.join("keys");
    keys::write_secret(&to.join("keyring"), &fs::read(from.join("keyring"))?)?;
    if config.keys.master_file.as_os_str().is_empty() {
        keys::write_secret(&to.join("master"), &fs::read(master_beside(from, config))?)?;
    }
    Ok(())
}

/// Shows how far a restore has come; silent for machines.
pub fn progress(json: bool) -> anyhow::Result<impl Fn(Stage) + Sync> {
    let bar = if json { ProgressBar::hidden() } else { ProgressBar::new(0) };
    bar.set_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} ETA {eta}")?);
    Ok(move |stage| match stage {
        Stage::Checking(done, all) => show(&bar, "checking", done, all),
        Stage::Loading(done, all) => show(&bar, "loading", done, all),
        Stage::Finishing => {
            bar.finish_and_clear();
        }
    })
}

fn show(bar: &ProgressBar, what: &'static str, done: u64, all: u64) {
    bar.set_message(what);
    bar.set_length(all);
    bar.set_position(done);
}
