use super::{
    Address, program, run,
    server::{Server, folder, is_root},
};
use anyhow::Result;
use std::{path::PathBuf, process::Command};
use tokio::sync::OnceCell;

/// The PostgreSQL server of this process.
pub(super) async fn server() -> Result<&'static Address> {
    static SERVER: OnceCell<Address> = OnceCell::const_new();
    SERVER.get_or_try_init(start).await
}

async fn start() -> Result<Address> {
    let owner = is_root()?.then_some("postgres");
    let (initdb, postgres) = (installed("initdb")?, installed("postgres")?);
    let folder = folder(owner)?;
    let data = folder.join("data").display().to_string();

    let mut init = as_owner(owner);
    init.extend([initdb.display().to_string(), "-D".into(), data.clone()]);
    init.extend(["-U", "anzheng", "--auth=trust", "-N", "-E", "UTF8", "--locale=C"].map(String::from));
    run(Command::new(&init[0]).args(&init[1..]).current_dir(&folder))?;

    let mut serve = as_owner(owner);
    serve.extend([postgres.display().to_string(), "-D".into(), data]);
    serve.extend(["-k".into(), folder.display().to_string()]);
    // Nothing here has to survive a power cut.
    for setting in ["listen_addresses=", "fsync=off", "full_page_writes=off", "synchronous_commit=off"] {
        serve.extend(["-c".into(), setting.into()]);
    }
    let url = format!("postgres://anzheng@localhost/{{}}?host={}", folder.display());
    let admin_url = url.replace("{}", "postgres");
    Server::start(&folder, &serve)?.ready(&admin_url).await?;
    Ok(Address { admin_url, url, create: "CREATE DATABASE {}" })
}

/// Debian keeps the server's programs out of the path, one folder for each version.
fn installed(name: &str) -> Result<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|versions| versions.flatten().map(|version| version.path().join("bin")).collect())
        .unwrap_or_default();
    folders.sort();
    folders.reverse();
    program(&[name], &folders, "postgresql")
}

fn as_owner(owner: Option<&str>) -> Vec<String> {
    let Some(owner) = owner else { return vec!["env".into()] };
    ["setpriv", "--reuid", owner, "--regid", owner, "--clear-groups", "--"].map(String::from).into()
}
