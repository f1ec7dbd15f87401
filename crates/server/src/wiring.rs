//! Puts the parts together. The only place that reads the clock of the machine and asks the
//! operating system for randomness.

use crate::{config::Config, runtime};
use anyhow::{Context, bail};
use app::{
    App, Clock,
    accounts::{passwords::Passwords, sessions::Sessions},
    audit::AuditLog,
    clock::Entropy,
    cpu::CpuPool,
    verification::challenge::Challenges,
};
use domain::{
    Instant,
    access::{Matrix, SignInPolicy},
    catalogue::{Catalogue, CatalogueFiles},
};
use journal::Journal;
use keys::KeyRing;
use readmodel::{ReadModel, SearchPool};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use store::Store;

/// The machine's clock.
struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the clock")]
    fn now(&self) -> Instant {
        chrono::Utc::now()
    }
}

/// Which processes may hold the writing ends of a data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// The one that serves: writes the journal and the read model.
    Server,
    /// A tool beside a server that may be running: takes the journal only if nobody has it.
    Tool,
}

/// How long a server waits at its start for a tool that holds the journal.
const TOOLS_TAKE: Duration = Duration::from_secs(5);

/// Opens everything in the data folder, making what is not there yet.
pub async fn open(config: &Config, role: Role) -> anyhow::Result<App> {
    let dir = &config.data.dir;
    if dir.join(app::backup::UNFINISHED).exists() {
        bail!("a restore into {} was broken off; empty it and restore again", dir.display());
    }
    std::fs::create_dir_all(dir).with_context(|| format!("cannot make the data folder {}", dir.display()))?;
    // Two that make the same keys, tables or journal at once would be in each other's way.
    let opening =
        std::fs::File::create(dir.join("opening.lock")).context("cannot write to the data folder")?;
    opening.lock().context("cannot lock the data folder")?;
    let keys = open_keys(config)?;
    let options = store::Options { url: config.store_url(), max_connections: config.store.max_connections };
    let store = Store::connect(&options, keys.clone()).await.context("cannot open the database")?;
    store.migrate().await.context("cannot bring the database's schema up to date")?;
    let audit = open_audit(config, role, &keys, &store).await?;
    drop(opening);
    let catalogue = open_catalogue(&config.catalogue.dir)?;
    let options = readmodel::Options {
        writer_heap_bytes: config.search.writer_heap_mib << 20,
        ..readmodel::Options::default()
    };
    let readmodel = match role {
        Role::Server => ReadModel::open(&dir.join("readmodel"), keys.clone(), catalogue.clone(), options),
        // A tool asks the store; the folder belongs to the process that serves. Its own is empty, and
        // gone from the disk as soon as it is open.
        Role::Tool => {
            let nowhere = tempfile::tempdir().context("cannot make a temporary folder")?;
            ReadModel::open(nowhere.path(), keys.clone(), catalogue.clone(), options)
        }
    };
    let readmodel = readmodel.context("cannot open the read model")?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let entropy = Arc::new(Entropy::from_seed(seed()?));
    let cpu = CpuPool::new(2);
    Ok(App {
        audit,
        sessions: Sessions::default(),
        passwords: Passwords::new(cpu.clone(), &entropy)?,
        challenges: Challenges::new(keys.clone(), config.limits.challenge_bits),
        searches: SearchPool::new(config.search.threads).context("no threads for searches")?,
        matrix: Matrix::builtin(),
        sign_in: open_sign_in_policy(&config.sign_in.policy_file)?,
        readmodel: Arc::new(readmodel),
        changed: tokio::sync::Notify::new(),
        store,
        keys,
        catalogue,
        cpu,
        clock,
        entropy,
    })
}

fn seed() -> anyhow::Result<[u8; 32]> {
    keys::random().context("the operating system gives no randomness")
}

/// The domain that is served: a folder of data, or the built-in one where none is named.
fn open_catalogue(dir: &Path) -> anyhow::Result<Arc<Catalogue>> {
    if dir.as_os_str().is_empty() {
        return Ok(Catalogue::work_safety());
    }
    let read = |name| {
        let file = dir.join(name);
        std::fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))
    };
    let catalogue = Catalogue::parse(&CatalogueFiles {
        catalogue: &read("catalogue.toml")?,
        types: &read("types.toml")?,
        items: &read("items.csv")?,
        regions: &read("regions.csv")?,
        former_regions: &read("former_regions.csv")?,
        industries: &read("industries.csv")?,
        status_codes: &read("status_codes.toml")?,
        aliases: &read("aliases.toml")?,
    });
    Ok(Arc::new(catalogue.with_context(|| format!("the catalogue in {} is not valid", dir.display()))?))
}

/// Which role has to prove what: a file, or the built-in policy where none is named.
fn open_sign_in_policy(file: &Path) -> anyhow::Result<Arc<SignInPolicy>> {
    if file.as_os_str().is_empty() {
        return Ok(SignInPolicy::builtin());
    }
    let text = std::fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let policy = SignInPolicy::parse(&text);
    Ok(Arc::new(policy.with_context(|| format!("the policy in {} is not valid", file.display()))?))
}

fn open_keys(config: &Config) -> anyhow::Result<KeyRing> {
    let (dir, master) = key_files(config);
    let opened = if config.holds_data() {
        // A new ring would open nothing of what is sealed there.
        KeyRing::open_existing(&dir, &master)
    } else {
        KeyRing::open_or_create(&dir, &master)
    };
    opened.context("cannot open the keys")
}

/// The keys of a data folder that is there already.
pub fn existing_keys(config: &Config) -> anyhow::Result<KeyRing> {
    let (dir, master) = key_files(config);
    KeyRing::open_existing(&dir, &master).context("cannot open the keys")
}

fn key_files(config: &Config) -> (PathBuf, PathBuf) {
    let dir = config.data.dir.join("keys");
    let master = &config.keys.master_file;
    let master = if master.as_os_str().is_empty() { dir.join("master") } else { master.clone() };
    (dir, master)
}

/// Folder of the audit's segments.
pub fn audit_dir(config: &Config) -> PathBuf {
    config.data.dir.join("audit")
}

async fn open_audit(config: &Config, role: Role, keys: &KeyRing, store: &Store) -> anyhow::Result<AuditLog> {
    match open_journal(&audit_dir(config), role).await {
        Ok(journal) => {
            app::audit::checkpoints::begin(&journal, keys)
                .context("cannot sign the beginning of the audit")?;
            Ok(AuditLog::new(journal, keys.clone(), &config.audit.clock))
        }
        Err(journal::OpenError::Locked) if role == Role::Tool => {
            Ok(AuditLog::relayed(store.clone(), keys.clone(), &config.audit.clock))
        }
        Err(journal::OpenError::Locked) => bail!("another process serves this data folder, or works in it"),
        Err(error) => Err(error).context("cannot open the audit"),
    }
}

/// A server lets a tool finish that has only just begun, such as one that adds an account.
async fn open_journal(dir: &Path, role: Role) -> Result<Journal, journal::OpenError> {
    let begun = std::time::Instant::now();
    loop {
        let options = journal::Options { appenders: runtime::appenders(), ..Default::default() };
        match Journal::open(dir, options) {
            Err(journal::OpenError::Locked) if role == Role::Server && begun.elapsed() < TOOLS_TAKE => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            opened => return opened,
        }
    }
}
