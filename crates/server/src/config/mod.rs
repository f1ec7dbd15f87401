//! Settings: defaults < file < environment < flags. Only this module knows where they come from.

use anyhow::{Context, ensure};
use figment::{
    Figment,
    providers::{Env, Format, Toml},
};
use serde::{Deserialize, Serialize};
use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

const DEFAULTS: &str = include_str!("default.toml");

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data: Data,
    pub catalogue: Catalogue,
    pub server: Server,
    pub store: Store,
    pub keys: Keys,
    pub audit: Audit,
    pub backup: Backup,
    pub sign_in: SignIn,
    pub search: Search,
    pub limits: Limits,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Data {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    pub dir: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Server {
    pub listen: SocketAddr,
    pub tls: Tls,
    pub certificate_file: PathBuf,
    pub key_file: PathBuf,
    pub names: Vec<String>,
    pub drain_s: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    Auto,
    On,
    Off,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Store {
    #[serde(skip_serializing)]
    pub url: String,
    pub max_connections: u32,
}

// The address may hold a password.
impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").field("url", &"***").field("max_connections", &self.max_connections).finish()
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub master_file: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    pub clock: String,
    pub witnesses: Vec<PathBuf>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Backup {
    pub to: String,
    pub every_minutes: u32,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    pub policy_file: PathBuf,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Search {
    pub threads: usize,
    pub writer_heap_mib: usize,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    pub account_rate: u32,
    pub anonymous_rate: u32,
    pub challenge_bits: u32,
}

impl Config {
    /// Reads the settings; `file` = `None` means none.
    ///
    /// # Errors
    /// Names the key that is unknown or has the wrong type.
    pub fn load(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Toml::string(DEFAULTS));
        if let Some(file) = file {
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment
            .merge(Env::prefixed("ANZHENG__").split("__"))
            .extract()
            .context("the configuration is not valid")?;
        ensure!((1..=15).contains(&config.backup.every_minutes), "backup.every_minutes must be 1 to 15");
        Ok(config)
    }

    /// The settings in force, to be kept with a backup. The database's address may hold a password.
    pub fn without_secrets(&self) -> anyhow::Result<String> {
        toml::to_string(self).context("the settings cannot be written")
    }

    /// Address of the database; SQLite in the data folder unless set.
    pub fn store_url(&self) -> String {
        if self.store.url.is_empty() {
            format!("sqlite://{}?mode=rwc", self.data.dir.join("registry.db").display())
        } else {
            self.store.url.clone()
        }
    }

    /// Has this folder been used before?
    pub fn holds_data(&self) -> bool {
        ["registry.db", "audit", "readmodel"].iter().any(|name| self.data.dir.join(name).exists())
    }

    /// What callers on this machine can write for the address listened on: one that stands for all of the
    /// machine's cannot be called.
    pub fn host(&self) -> String {
        let ip = self.server.listen.ip();
        match self.server.names.first() {
            Some(name) => name.clone(),
            None if ip.is_unspecified() => "localhost".to_owned(),
            None if ip.is_ipv6() => format!("[{ip}]"),
            None => ip.to_string(),
        }
    }

    pub fn serves_tls(&self) -> bool {
        match self.server.tls {
            Tls::On => true,
            Tls::Off => false,
            Tls::Auto => !self.server.listen.ip().is_loopback(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_complete_and_an_unknown_key_is_an_error() {
        let config = Config::load(None).unwrap();
        assert!(!config.serves_tls());
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "[server]\nlisten = \"0.0.0.0:8443\"\n").unwrap();
        assert!(Config::load(Some(file.path())).unwrap().serves_tls());
        std::fs::write(file.path(), "[server]\nlistten = \"0.0.0.0:8443\"\n").unwrap();
        let error = format!("{:#}", Config::load(Some(file.path())).unwrap_err());
        assert!(error.contains("listten"), "{error}");
    }
}
