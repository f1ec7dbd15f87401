use super::{Place, serve::serve};
use crate::{
    config::Config,
    wiring::{self, Role},
};
use anyhow::{Context, bail, ensure};
use app::{
    App,
    demo::{self, Recipe},
};
use clap::Args;
use domain::access::SignInPolicy;
use indicatif::{ProgressBar, ProgressStyle};
use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    place: Place,
    /// How many certificates; a folder made before keeps its own.
    #[arg(long, default_value_t = 100_000)]
    certificates: u64,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
    /// Print one JSON line when ready.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Ready<'a> {
    url: &'a str,
    accounts: &'a [demo::DemoAccount],
}

impl Demo {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mut place = self.place.clone();
        place.data_dir.get_or_insert_with(|| "data/demo".into());
        let config = place.load(self.listen)?;
        ensure!(config.catalogue.dir.as_os_str().is_empty(), "the demo is of the built-in catalogue only");
        let marker = Marker::find(&config)?;
        let mut app = wiring::open(&config, Role::Server).await?;
        if config.sign_in.policy_file.as_os_str().is_empty() {
            app.sign_in = SignInPolicy::demo();
        }
        let app = Arc::new(app);
        let recipe = marker.recipe(&app, self.certificates).await?;
        let bar = ProgressBar::new(recipe.certificates);
        bar.set_style(ProgressStyle::with_template("{msg} {bar:40} {pos}/{len} {per_sec} ETA {eta}")?);
        bar.set_message("making a synthetic registry");
        let accounts = demo::populate(&app, &recipe, &|done| bar.set_position(done)).await?;
        bar.finish_and_clear();
        let json = self.json;
        serve(&config, app, |url| {
            let ready = Ready { url, accounts: &accounts };
            if json {
                println!("{}", serde_json::to_string(&ready).unwrap_or_default());
            } else {
                announce(&ready);
            }
        })
        .await
    }
}

/// The file that tells a demo's folder from a real one's, so that a demo that was interrupted while it
/// was made goes on, and nothing invented is ever written beside what is real.
struct Marker {
    file: PathBuf,
    content: Content,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    /// The demo owns the folder; nothing is written to the store yet, which may be elsewhere.
    Empty,
    /// The store is being filled, or is, by this recipe.
    Filled(Recipe),
}

impl Marker {
    fn find(config: &Config) -> anyhow::Result<Self> {
        let file = config.data.dir.join("demo.json");
        match fs::read(&file) {
            Ok(bytes) => {
                let content = serde_json::from_slice(&bytes)
                    .with_context(|| format!("{} is not readable", file.display()))?;
                Ok(Self { file, content })
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if config.holds_data() {
                    bail!(
                        "{} holds a registry that is not a demo's; choose another with --data-dir",
                        config.data.dir.display()
                    );
                }
                fs::create_dir_all(&config.data.dir)?;
                let marker = Self { file, content: Content::Empty };
                marker.write()?;
                Ok(marker)
            }
            Err(error) => Err(error).with_context(|| format!("cannot read {}", file.display())),
        }
    }

    /// What this demo is made of, decided when it is begun.
    async fn recipe(mut self, app: &App, certificates: u64) -> anyhow::Result<Recipe> {
        if let Content::Filled(recipe) = self.content {
            return Ok(recipe);
        }
        if !demo::is_empty(app).await? {
            bail!("the database holds a registry that is not a demo's");
        }
        let recipe = Recipe { seed: synth::DEMO_SEED, certificates, day: app.today() };
        self.content = Content::Filled(recipe.clone());
        self.write()?;
        Ok(recipe)
    }

    /// All or nothing, whenever the process ends.
    fn write(&self) -> anyhow::Result<()> {
        let dir = self.file.parent().unwrap_or(Path::new("."));
        let mut file = tempfile::NamedTempFile::new_in(dir)?;
        serde_json::to_writer(&mut file, &self.content)?;
        file.as_file().sync_all()?;
        file.persist(&self.file).with_context(|| format!("cannot write {}", self.file.display()))?;
        Ok(())
    }
}

fn announce(ready: &Ready<'_>) {
    println!("安证 Anzheng is serving a synthetic registry at {}", ready.url);
    println!("Every person in it is invented. Sign-ins, one per role:");
    let mut table = comfy_table::Table::new();
    table
        .load_preset(comfy_table::presets::UTF8_BORDERS_ONLY)
        .set_header(["role", "login", "password", "sees"]);
    for account in ready.accounts {
        table.add_row([
            account.role,
            account.login.as_str(),
            account.password.as_str(),
            account.sees.as_str(),
        ]);
    }
    println!("{table}");
    println!("Stop with Ctrl-C.");
}
