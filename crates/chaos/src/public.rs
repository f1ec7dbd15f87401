//! Everybody else: who searches within a scope, signs in and out, and hands rosters in.

use crate::{
    client::Standing,
    journal::{Intent, Outcome},
    office::outcome,
    people,
    registry::PASSWORD,
    watch::Invariant,
    world::{ENTERPRISE, MAKER, NATION, World},
};
use anyhow::{Context, Result};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    fs,
    process::{Child, Stdio},
};

/// Someone whose sign-ins may be cut short without the others losing their sessions.
const PASSER_BY: &str = "regulator_city";

impl World {
    pub fn read_something(&self, rng: &mut ChaCha8Rng) -> Result<()> {
        let subjects = self.subjects.read();
        let subject = subjects[rng.random_range(0..subjects.len())].clone();
        drop(subjects);
        match rng.random_range(0..10) {
            0..3 => self.verify(&subject),
            3..5 => self.search_for(&subject.number, &subject.id),
            5..7 => self.search_within(MAKER, "region", &json!(self.region)),
            7..9 => self.search_within(ENTERPRISE, "organisation", &self.enterprise),
            _ => self.sign_in_and_out(),
        }
    }

    /// A search for one certificate finds it and no other.
    fn search_for(&self, number: &str, id: &str) -> Result<()> {
        let act = self.journal.intend(&Intent::Search)?;
        let ask = (Method::POST, "/certificates/search", &[][..]);
        let (reply, standing) = self.ask(Some(act), NATION, ask, Some(&json!({ "number": number })));
        self.journal.conclude(act, outcome(&standing))?;
        let Some(answer) = reply.done() else { return Ok(()) };
        let found: Vec<_> = answer.items().iter().map(|row| row["id"].as_str().unwrap_or_default()).collect();
        if found != [id] && !answer.has_reservations() {
            self.watch.violated(
                Invariant::I9,
                Some(act),
                format!("{number} is {id}"),
                answer.body.to_string(),
            );
        }
        Ok(())
    }

    /// Whatever is asked for, no row from outside the scope comes back.
    fn search_within(&self, login: &str, field: &str, scope: &Value) -> Result<()> {
        let act = self.journal.intend(&Intent::Search)?;
        let ask = (Method::POST, "/certificates/search", &[][..]);
        let (reply, standing) = self.ask(Some(act), login, ask, Some(&json!({ "page_size": 100 })));
        self.journal.conclude(act, outcome(&standing))?;
        let Some(answer) = reply.done() else { return Ok(()) };
        let of = |row: &Value| if field == "region" { row[field].clone() } else { row[field]["id"].clone() };
        if let Some(row) = answer.items().iter().find(|row| of(row) != *scope) {
            self.watch.violated(
                Invariant::I7,
                Some(act),
                format!("{login}: {field} {scope}"),
                row.to_string(),
            );
        }
        if answer.items().is_empty() && !answer.has_reservations() {
            self.watch.violated(
                Invariant::I9,
                Some(act),
                format!("{login} sees some"),
                answer.body.to_string(),
            );
        }
        Ok(())
    }

    fn sign_in_and_out(&self) -> Result<()> {
        let act = self.journal.intend(&Intent::SignIn)?;
        let body = json!({ "login": PASSER_BY, "password": PASSWORD });
        let ask = (Method::POST, "/session", &[][..]);
        let (reply, standing) = self.ask_with(Some(act), None, ask, Some(&body));
        self.journal.conclude(act, outcome(&standing))?;
        if standing == Standing::Refused("sign_in_failed".into()) {
            self.watch.violated(Invariant::I9, Some(act), "the password is right", "sign_in_failed");
        }
        let Some(token) = reply.done().and_then(|answer| answer.body["token"].as_str()) else {
            return Ok(());
        };
        let act = self.journal.intend(&Intent::SignOut)?;
        let (_, standing) = self.ask_with(Some(act), Some(token), (Method::DELETE, "/session", &[]), None);
        self.journal.conclude(act, outcome(&standing))?;
        if standing == Standing::Done {
            let (_, after) = self.ask_with(Some(act), Some(token), (Method::GET, "/me", &[]), None);
            if after == Standing::Done {
                self.watch.violated(Invariant::I1, Some(act), "the session is over", "it still counts");
            }
        }
        Ok(())
    }

    /// Hands a new roster in on the command line. The caller waits for the end of it, or ends it.
    pub fn begin_import(&self) -> Result<Import<'_>> {
        let number = self.journal.ledger().rosters().len() as u64;
        let (organisation, rows) = (people::organisation(number), self.setting.rows);
        fs::write(self.roster_file(&organisation), people::roster(number, rows))?;
        let intent = Intent::Import { organisation: organisation.clone(), rows };
        let act = self.journal.intend(&intent)?;
        let process = self.spawn_import(&organisation)?;
        Ok(Import { world: self, act, process })
    }

    fn roster_file(&self, organisation: &str) -> std::path::PathBuf {
        self.outside().join(format!("{organisation}.csv"))
    }

    pub fn spawn_import(&self, organisation: &str) -> Result<Child> {
        let file = self.roster_file(organisation);
        let mut command = self.registry.command(&["import", file.to_str().context("a path")?, "--json"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().context("an import cannot be begun")
    }
}

/// An import on its way.
pub struct Import<'a> {
    world: &'a World,
    act: u64,
    pub process: Child,
}

impl Import<'_> {
    /// What it came to. Whatever it says short of success, some of it may have happened.
    pub fn end(self) -> Result<()> {
        let output = self.process.wait_with_output()?;
        let outcome = if output.status.success() { Outcome::Done } else { Outcome::Unknown };
        self.world.journal.conclude(self.act, outcome)
    }
}
