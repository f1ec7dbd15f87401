//! What the client meant to do and what it was told, written down outside the fault domain: an
//! intention before it is sent, its outcome before anything else is asked. The oracle believes
//! nothing but this.

use anyhow::{Context, Result};
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs::{File, OpenOptions},
    io::{BufRead, BufReader, Write},
    path::Path,
};

pub type Act = u64;

/// What the client is about to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Intent {
    Issue {
        number: String,
    },
    /// The event that the certificate is to have: its kind, and the mark by which it is told from
    /// every other of that kind.
    Change {
        certificate: String,
        kind: String,
        mark: String,
    },
    Import {
        organisation: String,
        rows: u64,
    },
    SignIn,
    SignOut,
    LookUp,
    Search,
    Verify,
}

/// What the client was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Acknowledged: it has to be there from now on.
    Done,
    /// It must never be there.
    NotDone,
    /// It may be there, once.
    Unknown,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Intent(Act, Intent),
    Outcome(Act, Outcome),
}

/// An event that a certificate should have, may have or must not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub act: Act,
    pub kind: String,
    pub mark: String,
    pub outcome: Outcome,
}

/// A roster that was handed in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roster {
    pub act: Act,
    pub organisation: String,
    pub rows: u64,
    pub outcome: Outcome,
}

/// Everything the journal says, added up.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Ledger {
    next: Act,
    /// Of changes nothing has been heard of: the certificate.
    open: BTreeMap<Act, String>,
    changes: BTreeMap<String, Vec<Mark>>,
    rosters: Vec<Roster>,
    pub issues: BTreeMap<Act, (String, Outcome)>,
    /// Acts of every kind, and those acknowledged.
    pub acts: u64,
    pub acknowledged: u64,
}

impl Ledger {
    fn add(&mut self, line: &Line) {
        match line {
            Line::Intent(act, intent) => {
                (self.next, self.acts) = (act + 1, self.acts + 1);
                self.intend(*act, intent.clone());
            }
            Line::Outcome(act, outcome) => {
                self.acknowledged += u64::from(*outcome == Outcome::Done);
                self.conclude(*act, *outcome);
            }
        }
    }

    fn intend(&mut self, act: Act, intent: Intent) {
        // Until something is heard of it, it may have been done.
        let outcome = Outcome::Unknown;
        match intent {
            Intent::Change { certificate, kind, mark } => {
                self.open.insert(act, certificate.clone());
                let marks = self.changes.entry(certificate).or_default();
                marks.push(Mark { act, kind, mark, outcome });
            }
            Intent::Import { organisation, rows } => {
                self.rosters.push(Roster { act, organisation, rows, outcome });
            }
            Intent::Issue { number } => _ = self.issues.insert(act, (number, outcome)),
            _ => {}
        }
    }

    fn conclude(&mut self, act: Act, outcome: Outcome) {
        let marks = self.open.remove(&act).and_then(|certificate| self.changes.get_mut(&certificate));
        if let Some(mark) = marks.into_iter().flatten().rev().find(|mark| mark.act == act) {
            mark.outcome = outcome;
        } else if let Some(roster) = self.rosters.iter_mut().find(|roster| roster.act == act) {
            roster.outcome = outcome;
        } else if let Some((_, of_issue)) = self.issues.get_mut(&act) {
            *of_issue = outcome;
        }
    }

    pub fn marks(&self, certificate: &str) -> &[Mark] {
        self.changes.get(certificate).map_or(&[], Vec::as_slice)
    }

    pub fn rosters(&self) -> &[Roster] {
        &self.rosters
    }

    /// The status that a certificate must have, and how many events had to be known to say so;
    /// none while something that is not known may have happened to it.
    pub fn status(&self, certificate: &str) -> Option<(&'static str, usize)> {
        let marks = self.marks(certificate);
        if marks.iter().any(|mark| mark.outcome == Outcome::Unknown) {
            return None;
        }
        let done = marks.iter().filter(|mark| mark.outcome == Outcome::Done);
        let status = done.clone().fold("valid", |status, mark| status_after(status, &mark.kind));
        Some((status, marks.len()))
    }
}

/// The status that an event leads to.
pub fn status_after(status: &'static str, kind: &str) -> &'static str {
    match kind {
        "suspended" => "suspended",
        "resumed" => "valid",
        "revoked" => "revoked",
        _ => status,
    }
}

pub struct Journal(Mutex<(File, Ledger)>);

impl Journal {
    pub fn create(path: &Path) -> Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).open(path);
        let file = file.with_context(|| format!("cannot make {}", path.display()))?;
        Ok(Self(Mutex::new((file, Ledger::default()))))
    }

    /// Durable before anything is sent.
    pub fn intend(&self, intent: &Intent) -> Result<Act> {
        self.intend_with(|_| intent.clone()).map(|(act, _)| act)
    }

    /// As [`Self::intend`]; the number of the act goes into what is intended.
    pub fn intend_with(&self, intent: impl FnOnce(Act) -> Intent) -> Result<(Act, Intent)> {
        let mut journal = self.0.lock();
        let act = journal.1.next;
        let intent = intent(act);
        write(&mut journal, &Line::Intent(act, intent.clone()))?;
        Ok((act, intent))
    }

    /// Durable before anything else is asked.
    pub fn conclude(&self, act: Act, outcome: Outcome) -> Result<()> {
        write(&mut self.0.lock(), &Line::Outcome(act, outcome))
    }

    pub fn ledger(&self) -> Ledger {
        self.0.lock().1.clone()
    }

    pub fn status(&self, certificate: &str) -> Option<(&'static str, usize)> {
        self.0.lock().1.status(certificate)
    }

    pub fn marks(&self, certificate: &str) -> Vec<Mark> {
        self.0.lock().1.marks(certificate).to_vec()
    }
}

fn write((file, ledger): &mut (File, Ledger), line: &Line) -> Result<()> {
    let mut text = serde_json::to_vec(line)?;
    text.push(b'\n');
    file.write_all(&text)?;
    file.sync_data()?;
    ledger.add(line);
    Ok(())
}

/// What a journal left behind says.
pub fn read(path: &Path) -> Result<Ledger> {
    let mut ledger = Ledger::default();
    for line in BufReader::new(File::open(path)?).lines() {
        ledger.add(&serde_json::from_str(&line?)?);
    }
    Ok(ledger)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_says_what_the_writer_knows() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal");
        let journal = Journal::create(&path).unwrap();
        let change = |act: Act| Intent::Change {
            certificate: "c".into(),
            kind: "suspended".into(),
            mark: format!("#{act}"),
        };
        let (first, _) = journal.intend_with(change).unwrap();
        assert_eq!(journal.status("c"), None, "it may have happened");
        journal.conclude(first, Outcome::Done).unwrap();
        assert_eq!(journal.status("c"), Some(("suspended", 1)));
        let (second, _) = journal.intend_with(change).unwrap();
        journal.conclude(second, Outcome::NotDone).unwrap();
        journal.intend(&Intent::Import { organisation: "o".into(), rows: 3 }).unwrap();
        let ledger = journal.ledger();
        assert_eq!((ledger.acts, ledger.acknowledged), (3, 1));
        assert_eq!(ledger.rosters()[0].outcome, Outcome::Unknown);
        assert_eq!(read(&path).unwrap(), ledger);
    }
}
