//! What the fuzz targets share.

pub mod roster;
pub mod segment;

use std::{
    path::{Path, PathBuf},
    sync::LazyLock,
};

/// An empty folder in memory, where the machine has one, for the parsers that read files. It is
/// the same for every input of a run.
pub fn folder() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() { memory.to_owned() } else { std::env::temp_dir() };
        let prefix = format!("anzheng-fuzz-{}-", std::process::id());
        tempfile::Builder::new().prefix(&prefix).tempdir_in(parent).expect("a folder can be made").keep()
    });
    FOLDER.as_path()
}

/// Empties a folder, making it if need be.
pub fn emptied(dir: &Path) {
    match std::fs::remove_dir_all(dir) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => panic!("{error}"),
        _ => std::fs::create_dir_all(dir).expect("a folder can be made"),
    }
}

/// Splits an input at its zero bytes, so that one input can be several texts.
pub fn texts<const N: usize>(text: &str) -> [&str; N] {
    let mut parts = text.splitn(N, '\0');
    std::array::from_fn(|_| parts.next().unwrap_or(""))
}
