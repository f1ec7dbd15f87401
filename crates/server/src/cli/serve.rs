use super::{Place, backup};
use crate::{
    config::Config,
    http::{HttpOptions, HttpState, site},
    listener::{self, Entrance},
    tls,
    wiring::{self, Role},
};
use app::{App, accounts::claim, backup::schedule, jobs};
use clap::Args;
use metrics_exporter_prometheus::PrometheusBuilder;
use std::{net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};
use tokio::signal::unix::{SignalKind, signal};

#[derive(Debug, Args)]
pub struct Serve {
    #[command(flatten)]
    place: Place,
    /// Address and port to listen on.
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Serve {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.load(self.listen)?;
        let app = Arc::new(wiring::open(&config, Role::Server).await?);
        if let Some(token) = claim::offer(&app).await? {
            println!("No account exists yet. Within 30 minutes, claim this installation once:");
            println!("  POST /api/v1/session/claim {{\"token\":\"{token}\",\"login\":…,\"password\":…}}");
        }
        serve(&config, app, |url| println!("Serving {url}")).await
    }
}

/// Serves until told to stop; `ready` is called with the address once callers can come.
pub async fn serve(config: &Config, app: Arc<App>, ready: impl FnOnce(&str)) -> anyhow::Result<ExitCode> {
    // Ten thousand keep-alive connections need as many descriptors.
    let descriptors = rlimit::increase_nofile_limit(65_536)?;
    tracing::info!(descriptors, "descriptor limit");
    outlive_file_size_limit()?;
    let metrics = PrometheusBuilder::new().install_recorder()?;
    let options = HttpOptions {
        account_rate: config.limits.account_rate,
        anonymous_rate: config.limits.anonymous_rate,
    };
    let site = site(HttpState::new(app.clone(), metrics, &options));
    let tls = if config.serves_tls() { Some(tls::server_config(config)?) } else { None };
    let entrance = Entrance::open(config.server.listen)?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let url = format!("{scheme}://{}:{}", config.host(), entrance.address()?.port());
    let background = Background::start(&app, config)?;
    // Heard of from the moment on that anybody can know of this process.
    let stop = stop_signal()?;
    ready(&url);
    let drain = Duration::from_secs(config.server.drain_s);
    listener::serve(entrance, site, tls, stop, drain).await;
    background.stop(&app, config).await?;
    // A process that ends while SQLite puts its log away leaves a log that nobody can look into.
    app.store.close().await?;
    Ok(ExitCode::SUCCESS)
}

/// Where files may not grow any further, writing fails as on a full disk, and the process goes on.
fn outlive_file_size_limit() -> anyhow::Result<()> {
    // SIGXFSZ, which would end the process. To have listened once is enough.
    let _unheeded = signal(SignalKind::from_raw(25))?;
    Ok(())
}

fn stop_signal() -> anyhow::Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// The work beside the calls.
struct Background(Vec<tokio::task::JoinHandle<()>>);

impl Background {
    fn start(app: &Arc<App>, config: &Config) -> anyhow::Result<Self> {
        let follower = {
            let app = app.clone();
            tokio::spawn(async move { jobs::follower::follow(&app).await })
        };
        let audit = {
            let (app, witnesses) = (app.clone(), config.audit.witnesses.clone());
            tokio::spawn(async move { jobs::audit::follow(&app, &witnesses).await })
        };
        let sweeper = {
            let app = app.clone();
            tokio::spawn(async move { jobs::sweep(&app).await })
        };
        let seals = {
            let app = app.clone();
            tokio::spawn(async move { jobs::seals::follow(&app).await })
        };
        let mut tasks = vec![follower, audit, sweeper, seals];
        if !config.backup.to.is_empty() {
            let (app, source, settings) = (app.clone(), backup::source(config)?, config.backup.clone());
            let every = chrono::TimeDelta::minutes(settings.every_minutes.into());
            let backups = async move { schedule::follow(&app, &settings.to, &source, every).await };
            tasks.push(tokio::spawn(backups));
        }
        Ok(Self(tasks))
    }

    /// Ends the work and signs a last checkpoint, so that nothing written is left uncovered.
    async fn stop(self, app: &App, config: &Config) -> anyhow::Result<()> {
        for task in self.0 {
            task.abort();
            // Cancelled is what was asked for.
            let _ended = task.await;
        }
        Ok(jobs::audit::finish(app, &config.audit.witnesses).await?)
    }
}
