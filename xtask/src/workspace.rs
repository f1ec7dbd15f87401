//! Where things lie in the checkout, and what cargo knows about it.

use crate::process;
use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders, from the root, that hold what was built, fetched or served, not the project's own text.
const NOT_OURS: [&str; 5] = [".git", "target", "data", "web/node_modules", "web/dist"];

pub struct Workspace {
    pub root: PathBuf,
}

impl Workspace {
    /// The checkout this task runner was built from.
    pub fn find() -> Result<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask lies in the workspace")?;
        Ok(Self { root: root.to_owned() })
    }

    /// `cargo metadata` of the members alone.
    pub fn metadata(&self) -> Result<Value> {
        let mut command = process::cargo();
        command.args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(&self.root);
        serde_json::from_slice(&process::output(&mut command)?).context("cargo metadata is not JSON")
    }

    /// All files below `folder` that are the project's own, in a stable order, relative to the root.
    pub fn files(&self, folder: &str) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        self.collect(&self.root.join(folder), &mut found)?;
        found.sort();
        Ok(found)
    }

    /// As [`Self::files`], Rust source only.
    pub fn rust_files(&self, folder: &str) -> Result<Vec<PathBuf>> {
        let mut files = self.files(folder)?;
        files.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
        Ok(files)
    }

    pub fn read(&self, file: &Path) -> Result<String> {
        fs::read_to_string(self.root.join(file)).with_context(|| format!("cannot read {}", file.display()))
    }

    fn collect(&self, folder: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
        let entries = fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            let relative = path.strip_prefix(&self.root)?;
            let kind = entry.file_type()?;
            if kind.is_dir() && !NOT_OURS.iter().any(|skipped| relative == Path::new(skipped)) {
                self.collect(&path, found)?;
            } else if kind.is_file() {
                found.push(relative.to_owned());
            }
        }
        Ok(())
    }
}
