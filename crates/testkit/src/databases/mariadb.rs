use super::{
    Address, program, run,
    server::{Server, folder, is_root},
};
use anyhow::{Context, Result};
use std::{
    path::{Path, PathBuf},
    process::Command,
};
use tokio::sync::OnceCell;

/// The MariaDB server of this process.
pub(super) async fn server() -> Result<&'static Address> {
    static SERVER: OnceCell<Address> = OnceCell::const_new();
    SERVER.get_or_try_init(start).await
}

async fn start() -> Result<Address> {
    let owner = is_root()?.then_some("mysql");
    let server = program(&["mariadbd"], &["/usr/sbin".into()], "mariadb-server")?;
    let template = template(owner)?;
    let folder = folder(owner)?;
    let data = folder.join("data");
    run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(&template).arg(&data))?;

    let socket = folder.join("server.sock").display().to_string();
    let mut serve = vec![server.display().to_string(), "--no-defaults".into()];
    serve.extend(owner.map(|owner| format!("--user={owner}")));
    serve.push(format!("--datadir={}", data.display()));
    serve.push(format!("--socket={socket}"));
    serve.push(format!("--pid-file={}", folder.join("server.pid").display()));
    // Nothing here has to survive a power cut.
    let settings = ["--skip-networking", "--skip-log-bin", "--innodb-flush-log-at-trx-commit=0", LOG_SIZE];
    serve.extend(settings.map(String::from));
    let url = format!("mysql://root@localhost/{{}}?socket={socket}");
    let admin_url = url.replace("{}", "mysql");
    Server::start(&folder, &serve)?.ready(&admin_url).await?;
    Ok(Address { admin_url, url, create: "CREATE DATABASE {} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin" })
}

/// The default of 96 MB would be copied for every test process.
const LOG_SIZE: &str = "--innodb-log-file-size=8M";

/// An initialised data folder to copy: making one takes five seconds. Kept between runs.
fn template(owner: Option<&str>) -> Result<PathBuf> {
    let install = program(&["mariadb-install-db"], &["/usr/bin".into()], "mariadb-server")?;
    let account = owner.map_or_else(|| std::env::var("USER").unwrap_or_default(), str::to_owned);
    let template = std::env::temp_dir().join(format!("anzheng-mariadb-{}-{account}", version(&install)?));
    if template.is_dir() {
        return Ok(template);
    }
    // Made elsewhere and moved here whole, since another test process may be doing the same.
    let fresh = folder(owner)?;
    let mut make = Command::new(install);
    make.args(["--no-defaults", "--auth-root-authentication-method=normal", "--skip-test-db", LOG_SIZE]);
    make.args(owner.map(|owner| format!("--user={owner}"))).arg(format!("--datadir={}", fresh.display()));
    run(&mut make)?;
    if std::fs::rename(&fresh, &template).is_err() {
        std::fs::remove_dir_all(&fresh).context("a second template cannot be removed")?;
    }
    Ok(template)
}

/// Tells templates of different installations apart.
fn version(install: &Path) -> Result<String> {
    let changed = std::fs::metadata(install)?.modified()?;
    Ok(changed.duration_since(std::time::UNIX_EPOCH)?.as_secs().to_string())
}
