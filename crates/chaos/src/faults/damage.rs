//! Files of the data folder are damaged while nobody has them open. What was damaged is found and
//! said, or made anew; an answer is right or there is none.

mod questions;

use super::Fault;
use crate::{tools, watch::Invariant, world::World};
use anyhow::{Context, Result};
use questions::Truth;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use std::{
    fs,
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
    process::Command,
};

/// What is done to a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Harm {
    /// Some bytes of what was written are others.
    Bytes,
    /// The end is missing.
    Cut,
    Gone,
}

/// What must become of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Made anew from the database: everything is answered rightly in the end.
    Rebuilt,
    /// `anzheng audit verify` names it.
    Named,
    /// A process that starts answers rightly or says that it cannot; one that does not says why.
    Honest,
}

struct Target {
    /// Folder and beginning or end of the name.
    folder: &'static str,
    file: &'static str,
    harm: Harm,
    expected: Expected,
    /// Without the copy that is made from it, so that it has to be read.
    read_anew: bool,
}

const fn target(folder: &'static str, file: &'static str, harm: Harm, expected: Expected) -> Target {
    Target { folder, file, harm, expected, read_anew: false }
}

const fn truth(file: &'static str, harm: Harm) -> Target {
    Target { folder: "", file, harm, expected: Expected::Honest, read_anew: true }
}

/// What is said of a question that nobody answered.
const SILENCE: &str = "Silent";

impl Target {
    /// LMDB keeps no sums over its pages and follows what stands in them: a changed byte can end the process.
    /// Its operator deletes the folder then. Whatever was answered before has to be right all the same.
    fn can_kill(&self) -> bool {
        self.file == "data.mdb" && self.harm == Harm::Bytes
    }
}

fn delete_readmodel(world: &World) -> Result<()> {
    Ok(fs::remove_dir_all(world.registry.folder().join("readmodel"))?)
}

const TARGETS: [Target; 20] = [
    target("readmodel/records", "data.mdb", Harm::Bytes, Expected::Rebuilt),
    target("readmodel/records", "data.mdb", Harm::Cut, Expected::Rebuilt),
    target("readmodel/records", "data.mdb", Harm::Gone, Expected::Rebuilt),
    target("readmodel/index", ".term", Harm::Bytes, Expected::Rebuilt),
    target("readmodel/index", ".idx", Harm::Bytes, Expected::Rebuilt),
    target("readmodel/index", ".fast", Harm::Bytes, Expected::Rebuilt),
    target("readmodel/index", ".store", Harm::Bytes, Expected::Rebuilt),
    target("readmodel/index", ".idx", Harm::Cut, Expected::Rebuilt),
    target("readmodel/index", ".fast", Harm::Gone, Expected::Rebuilt),
    target("readmodel/index", "meta.json", Harm::Bytes, Expected::Rebuilt),
    target("audit", ".segment", Harm::Bytes, Expected::Named),
    target("audit", ".segment", Harm::Cut, Expected::Named),
    target("audit", "checkpoints", Harm::Bytes, Expected::Named),
    target("audit", "checkpoints", Harm::Gone, Expected::Named),
    truth("registry.db", Harm::Bytes),
    truth("registry.db", Harm::Cut),
    truth("registry.db-wal", Harm::Bytes),
    target("keys", "keyring", Harm::Bytes, Expected::Honest),
    target("keys", "master", Harm::Bytes, Expected::Honest),
    target("keys", "keyring", Harm::Gone, Expected::Honest),
];

#[derive(Default)]
pub struct Damage {
    /// What became of each, in words.
    seen: Vec<String>,
}

impl Fault for Damage {
    fn row(&self) -> &'static str {
        "R-11–13"
    }

    fn name(&self) -> &'static str {
        "damaged files"
    }

    fn under_load(&self) -> bool {
        false
    }

    /// Each kind once a round, at other places.
    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        let truth = Truth::of(world)?;
        world.registry.stop()?;
        let kept = world.outside().join("kept");
        for target in &TARGETS {
            if target.file == "registry.db-wal" {
                // A log is left behind by a process that was killed.
                world.registry.start()?;
                world.works()?;
                world.registry.kill()?;
            }
            let truth = if target.file == "registry.db-wal" { truth.without_lives() } else { truth.clone() };
            copy(world.registry.folder(), &kept)?;
            let seen = self.one(world, target, &truth, rng);
            world.registry.kill()?;
            fs::remove_dir_all(world.registry.folder())?;
            copy(&kept, world.registry.folder())?;
            fs::remove_dir_all(&kept)?;
            let name = format!("{}/{} {:?}", target.folder, target.file, target.harm);
            self.seen.push(format!("{name}: {}", seen.with_context(|| name.clone())?));
        }
        Ok(())
    }

    fn lift(&mut self, _: &World, _: &mut ChaCha8Rng) -> Result<()> {
        Ok(())
    }

    fn remark(&self) -> Option<String> {
        Some(self.seen.join("; "))
    }
}

impl Damage {
    fn one(&self, world: &World, target: &Target, truth: &Truth, rng: &mut ChaCha8Rng) -> Result<String> {
        let file = harm(world.registry.folder(), target, rng)?;
        if target.read_anew {
            delete_readmodel(world)?;
        }
        let what = file.strip_prefix(world.registry.folder())?.display().to_string();
        let violated = |invariant, expected: String, seen: String| {
            world.watch.violated(invariant, None, format!("{what} {:?}: {expected}", target.harm), seen);
        };
        let verified = world.registry.run(&["audit", "verify", "--json"])?;
        let named = verified.status.code() == Some(2);
        if target.expected == Expected::Named && !named {
            let said = String::from_utf8_lossy(&verified.stdout).into_owned();
            violated(Invariant::I3, "the audit is not intact, and that is said".into(), said);
        }
        let mut died = false;
        if let Err(error) = world.registry.start() {
            died = target.can_kill() && error.to_string().contains("ended, signal");
            if !died {
                return Ok(refused(target, &error.to_string(), violated));
            }
        }
        let mut wrong = match died {
            true => Vec::new(),
            false => truth.wrong_answers(world, target.expected == Expected::Rebuilt)?,
        };
        if died || target.can_kill() && world.registry.has_ended()? {
            died = true;
            wrong.retain(|(_, seen)| !seen.starts_with(SILENCE));
            delete_readmodel(world)?;
            world.registry.start()?;
            wrong.extend(truth.wrong_answers(world, true)?);
        }
        for (expected, seen) in &wrong {
            violated(Invariant::I5, expected.clone(), seen.clone());
        }
        Ok(match (target.expected, named, wrong.is_empty()) {
            (_, _, false) => "answered wrongly",
            _ if died => "ended the process; all answers right once the folder was deleted",
            (Expected::Rebuilt, ..) => "rebuilt, all answers right",
            (_, true, _) => "named by audit verify, answers right",
            _ => "answers right or honestly none",
        }
        .to_owned())
    }
}

/// Of a process that did not start.
fn refused(target: &Target, said: &str, violated: impl Fn(Invariant, String, String)) -> String {
    let named = said.contains("ended, exit status") && !said.contains("panicked");
    if target.expected == Expected::Rebuilt || !named {
        violated(Invariant::I9, "it is made anew, or what is damaged is named".into(), said.to_owned());
    }
    format!("refused, {said}")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    tools::run(Command::new("cp").args(["-a", "--sparse=always"]).arg(from).arg(to))
}

/// Does it to the largest file of that kind, and says which it was.
fn harm(folder: &Path, target: &Target, rng: &mut ChaCha8Rng) -> Result<PathBuf> {
    let of_kind = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if target.file.starts_with('.') { name.ends_with(target.file) } else { name == target.file }
    };
    let entries = fs::read_dir(folder.join(target.folder))?;
    let paths = entries.collect::<Result<Vec<_>, _>>()?.into_iter().map(|entry| entry.path());
    let file = paths.filter(of_kind).max_by_key(|path| fs::metadata(path).map_or(0, |data| data.len()));
    let file = file.with_context(|| format!("{}/{} is there", target.folder, target.file))?;
    let bytes = fs::read(&file)?;
    // What was allocated and never written is no content.
    let end = bytes.iter().rposition(|byte| *byte != 0).unwrap_or(0) as u64;
    match target.harm {
        Harm::Gone => fs::remove_file(&file)?,
        Harm::Cut => fs::File::options().write(true).open(&file)?.set_len(rng.random_range(end / 2..end))?,
        Harm::Bytes => {
            let open = fs::File::options().write(true).open(&file)?;
            for _ in 0..(end / 20_000).clamp(3, 60) {
                let at = rng.random_range(0..=end);
                open.write_all_at(&[!bytes[at as usize]], at)?;
            }
        }
    }
    Ok(file)
}
