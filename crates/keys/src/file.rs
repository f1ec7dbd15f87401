//! The key ring on disk: a JSON file sealed under the master key, replaced atomically.

use crate::{
    NoRandomness,
    ring::{seal_with, unseal_with},
    secrets::{Secret, Secrets},
};
use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};
use std::{
    fs::{File, OpenOptions, Permissions},
    io::{self, Write},
    os::unix::fs::{OpenOptionsExt, PermissionsExt},
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

const AAD: &[u8] = b"anzheng key ring 1";

/// Why the keys cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    #[error("cannot read or write {}", .path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("{} is readable by others than its owner", .0.display())]
    Exposed(PathBuf),
    #[error("{} does not hold a master key", .0.display())]
    MasterMalformed(PathBuf),
    #[error("the key ring is damaged or belongs to another master key")]
    Damaged,
    #[error(transparent)]
    NoRandomness(#[from] NoRandomness),
}

/// Where ring and master key are kept; they may be on different devices.
#[derive(Debug, Clone)]
pub(crate) struct Location {
    pub(crate) ring: PathBuf,
    pub(crate) master: PathBuf,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Envelope {
    version: u8,
    sealed: String,
}

impl Location {
    pub(crate) fn exists(&self) -> bool {
        self.ring.exists()
    }

    /// Keeps other processes from changing the ring until the lock is dropped.
    pub(crate) fn lock(&self) -> Result<File, KeyFileError> {
        let dir = folder(&self.ring);
        let locked = || {
            std::fs::create_dir_all(dir)?;
            let file = File::open(dir)?;
            file.lock()?;
            Ok(file)
        };
        locked().map_err(|source| io_error(dir, source))
    }

    pub(crate) fn load(&self) -> Result<Secrets, KeyFileError> {
        let master = self.master_key()?;
        let text = std::fs::read(&self.ring).map_err(|source| io_error(&self.ring, source))?;
        let envelope: Envelope = serde_json::from_slice(&text).map_err(|_| KeyFileError::Damaged)?;
        let sealed = BASE64_STANDARD.decode(envelope.sealed).map_err(|_| KeyFileError::Damaged)?;
        let plain = unseal_with(&aead(&master), AAD, &sealed).ok_or(KeyFileError::Damaged)?;
        let plain = Zeroizing::new(plain);
        let secrets: Secrets = serde_json::from_slice(&plain).map_err(|_| KeyFileError::Damaged)?;
        if secrets.data_keys.is_empty() { Err(KeyFileError::Damaged) } else { Ok(secrets) }
    }

    pub(crate) fn save(&self, secrets: &Secrets) -> Result<(), KeyFileError> {
        let master = self.master_key()?;
        let plain = Zeroizing::new(serde_json::to_vec(secrets).map_err(|_| KeyFileError::Damaged)?);
        let sealed = BASE64_STANDARD.encode(seal_with(&aead(&master), AAD, &plain));
        let text = serde_json::to_vec(&Envelope { version: 1, sealed }).map_err(|_| KeyFileError::Damaged)?;
        write_secret(&self.ring, &text).map_err(|source| io_error(&self.ring, source))
    }

    pub(crate) fn create_master(&self) -> Result<(), KeyFileError> {
        if self.master.exists() {
            return Ok(());
        }
        let text = Zeroizing::new(BASE64_STANDARD.encode(Secret::generate()?.0));
        write_secret(&self.master, text.as_bytes()).map_err(|source| io_error(&self.master, source))
    }

    fn master_key(&self) -> Result<Secret, KeyFileError> {
        let io = |source| io_error(&self.master, source);
        let mode = std::fs::metadata(&self.master).map_err(io)?.permissions().mode();
        if mode & 0o077 != 0 {
            return Err(KeyFileError::Exposed(self.master.clone()));
        }
        let text = Zeroizing::new(std::fs::read_to_string(&self.master).map_err(io)?);
        let bytes = BASE64_STANDARD.decode(text.trim()).ok().and_then(|bytes| bytes.try_into().ok());
        bytes.map(Secret).ok_or_else(|| KeyFileError::MasterMalformed(self.master.clone()))
    }
}

fn io_error(path: &Path, source: io::Error) -> KeyFileError {
    KeyFileError::Io { path: path.to_owned(), source }
}

fn aead(master: &Secret) -> LessSafeKey {
    LessSafeKey::new(
        UnboundKey::new(&AES_256_GCM, &master.0).expect("the key has the length of the algorithm"),
    )
}

/// The folder of a file; that of a bare file name is the present one.
fn folder(file: &Path) -> &Path {
    file.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Replaces a file that only its owner may read: written beside it, flushed, then renamed over it,
/// so that a crash leaves the old or the new one whole.
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let dir = folder(path);
    std::fs::create_dir_all(dir)?;
    let beside = path.with_extension("new");
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&beside)?;
    // The mode above counts for a new file only, not for one that a crash left behind.
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    std::fs::rename(&beside, path)?;
    File::open(dir)?.sync_all()
}
