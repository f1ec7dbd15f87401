//! What must hold once a fault is over, whatever it was. Asked over HTTP, on the command line and in
//! SQL; compared with the client's journal.

use crate::{
    journal::{Outcome, Roster},
    watch::Invariant,
    world::{GOOD_FOR, NATION, World},
};
use anyhow::{Context, Result};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};

/// The follower reads the change feed to its end within this time.
const FOLLOWS_WITHIN: Duration = Duration::from_secs(60);
/// Staged audit records that nobody will write are relayed after ten seconds.
const RELAYED_WITHIN: Duration = Duration::from_secs(60);
const EACH: Duration = Duration::from_millis(50);

/// Audit records of acts that change certificates, and how many each changed, durable or staged.
const PIECES: &str = "action IN ('approval.approve', 'roster.import.piece') AND outcome = 'allowed'";

impl World {
    /// All invariants. `closing` waits until the audit has nothing on its way any more.
    pub fn check(&self, closing: bool) -> Result<()> {
        self.finish_rosters()?;
        let subjects = self.subjects.read().clone();
        for subject in &subjects {
            self.look_up(subject)?;
            self.verify(subject)?;
        }
        self.catch_up()?;
        if closing {
            self.audit_at_rest()?;
        }
        self.whole_writes()?;
        self.searches_agree()?;
        self.audit_verifies()
    }

    /// A roster that was cut short is handed in again: it goes on where it was. One that was
    /// acknowledged changes nothing.
    fn finish_rosters(&self) -> Result<()> {
        for roster in self.journal.ledger().rosters() {
            let last = self.journal.ledger().rosters().last().map(|last| last.act);
            if roster.outcome == Outcome::Done && last != Some(roster.act) {
                continue;
            }
            self.hand_in_again(roster)?;
        }
        Ok(())
    }

    fn hand_in_again(&self, roster: &Roster) -> Result<()> {
        let output = self.spawn_import(&roster.organisation)?.wait_with_output()?;
        let report: Value = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        let count = |field: &str| report[field].as_u64().unwrap_or(u64::MAX);
        let said = || format!("{report} {}", String::from_utf8_lossy(&output.stderr));
        if !output.status.success() {
            self.watch.violated(Invariant::I9, Some(roster.act), "a roster can be handed in again", said());
            return Ok(());
        }
        let again = count("unchanged") == roster.rows && count("accepted") == 0;
        if roster.outcome == Outcome::Done && !again {
            self.watch.violated(Invariant::I6, Some(roster.act), "the same roster changes nothing", said());
        }
        if count("accepted").saturating_add(count("unchanged")) != roster.rows {
            self.watch.violated(
                Invariant::I2,
                Some(roster.act),
                format!("{} rows are in", roster.rows),
                said(),
            );
        }
        if roster.outcome != Outcome::Done {
            self.journal.conclude(roster.act, Outcome::Done)?;
        }
        Ok(())
    }

    /// Waits until the read model has taken in the whole change feed.
    pub fn catch_up(&self) -> Result<()> {
        let head = self.sql.number("SELECT value FROM counter WHERE name = 'change'")?;
        let begun = Instant::now();
        loop {
            let metrics = self.must(NATION, Method::GET, "/metrics", None)?.body;
            let position = metrics.as_str().and_then(position).context("the metrics tell the position")?;
            if position >= head {
                return Ok(());
            }
            if begun.elapsed() > FOLLOWS_WITHIN {
                let seen = position.to_string();
                self.watch.violated(Invariant::I5, None, format!("the feed is read up to {head}"), seen);
                return Ok(());
            }
            thread::sleep(EACH);
        }
    }

    /// Nothing is staged any more, and what was staged is on record once.
    fn audit_at_rest(&self) -> Result<()> {
        let begun = Instant::now();
        while self.sql.number("SELECT count(*) FROM staged_audit")? > 0 {
            if begun.elapsed() > RELAYED_WITHIN {
                self.watch.violated(Invariant::I3, None, "staged audit records are relayed", "they are not");
                break;
            }
            thread::sleep(EACH);
        }
        let doubled = "SELECT count(*) FROM (SELECT request_id FROM audit_record \
                       WHERE action IN ('approval.approve', 'roster.import.piece') \
                       GROUP BY request_id HAVING count(*) > 1) AS doubled";
        let doubled = self.sql.number(doubled)?;
        if doubled > 0 {
            self.watch.violated(
                Invariant::I6,
                None,
                "one audit record a change",
                format!("{doubled} doubled"),
            );
        }
        let changes = self.sql.number("SELECT count(*) FROM certificate_event")? - self.baseline.events;
        let recorded = self.sql.number(&format!("SELECT sum(count) FROM audit_record WHERE {PIECES}"))?;
        if changes != recorded {
            let seen = format!("{recorded} on record as done");
            self.watch.violated(Invariant::I3, None, format!("{changes} changes"), seen);
        }
        Ok(())
    }

    /// What is written in one transaction is there together, or not at all.
    fn whole_writes(&self) -> Result<()> {
        let [behind, changes, feed, hashes, leaves, events, audited, staged] = self.sql.numbers(&[
            "SELECT count(*) FROM certificate AS c WHERE c.version <> \
             (SELECT max(f.version) FROM \"change\" AS f WHERE f.certificate_id = c.id)",
            "SELECT count(*) FROM \"change\"",
            "SELECT value FROM counter WHERE name = 'change'",
            "SELECT count(*) FROM log_hash",
            "SELECT value FROM counter WHERE name = 'log'",
            "SELECT count(*) FROM certificate_event",
            &format!("SELECT count(*) FROM audit_record WHERE {PIECES}"),
            "SELECT count(*) FROM staged_audit",
        ])?[..] else {
            anyhow::bail!("as many answers as questions");
        };
        let violated = |invariant, expected: String, seen: i64| {
            self.watch.violated(invariant, None, expected, seen.to_string());
        };
        if behind != 0 {
            violated(Invariant::I2, "the feed has the version of every certificate".into(), behind);
        }
        if changes != feed {
            violated(Invariant::I2, format!("{feed} changes in the feed, without a gap"), changes);
        }
        let whole_tree = 2 * leaves - i64::from(leaves.count_ones());
        if hashes != whole_tree {
            violated(Invariant::I2, format!("{whole_tree} hashes of {leaves} leaves"), hashes);
        }
        if events != leaves {
            violated(Invariant::I3, format!("a leaf for each of {events} events"), leaves);
        }
        if audited + staged == 0 && events > self.baseline.events {
            violated(Invariant::I3, "audit records of the changes".into(), 0);
        }
        Ok(())
    }

    /// Totals of searches against the database, rows against single answers.
    fn searches_agree(&self) -> Result<()> {
        let all = self.sql.number("SELECT count(*) FROM certificate")?;
        let own =
            self.sql.number(&format!("SELECT count(*) FROM certificate WHERE region = '{}'", self.region))?;
        let ledger = self.journal.ledger();
        let mut questions = vec![(json!({}), all), (json!({ "region": self.region }), own)];
        for roster in ledger.rosters() {
            questions.push((json!({ "organisation": roster.organisation }), roster.rows as i64));
        }
        for (question, expected) in questions {
            let answer = self.must(NATION, Method::POST, "/certificates/search", Some(&question))?;
            let total = answer.total().map(|total| total as i64);
            if total != Some(expected) {
                let again = self.must(NATION, Method::POST, "/certificates/search", Some(&question))?;
                let seen = format!("{}, and then {}", answer.body["total"], again.body["total"]);
                self.watch.violated(Invariant::I5, None, format!("{expected} for {question}"), seen);
            }
        }
        let issued = ledger.issues.values().filter(|(_, outcome)| *outcome == Outcome::Done).count() as i64;
        let imported: i64 = ledger.rosters().iter().map(|roster| roster.rows as i64).sum();
        let expected = self.baseline.certificates + issued + imported;
        if all != expected {
            self.watch.violated(Invariant::I6, None, format!("{expected} certificates"), all.to_string());
        }
        self.rows_agree()
    }

    /// A row of the office's list says the same of a certificate as the certificate itself.
    fn rows_agree(&self) -> Result<()> {
        let subjects = self.subjects.read().clone();
        for subject in subjects {
            let question = json!({ "number": subject.number });
            let rows = self.must(NATION, Method::POST, "/certificates/search", Some(&question))?;
            let detail = self.must(NATION, Method::GET, &format!("/certificates/{}", subject.id), None)?;
            let row = rows.items().first().cloned().unwrap_or_default();
            if row["status"] != detail.body["status"] || row["valid_until"] != detail.body["valid_until"] {
                let expected = detail.body["status"].to_string();
                self.watch.violated(Invariant::I5, None, expected, rows.body.to_string());
            }
        }
        Ok(())
    }

    fn audit_verifies(&self) -> Result<()> {
        let output = self.registry.run(&["audit", "verify", "--json"])?;
        if output.status.code() != Some(0) {
            let said = [output.stdout, output.stderr].concat();
            let seen = String::from_utf8_lossy(&said).into_owned();
            self.watch.violated(Invariant::I3, None, "the audit is intact", seen);
        }
        Ok(())
    }

    /// After the fault the registry does its work again: a change goes through at the first try.
    pub fn works(&self) -> Result<()> {
        let subjects = self.subjects.read().clone();
        let Some((subject, detail)) = subjects.iter().find_map(|subject| {
            let detail = self.look_up(subject).ok()??;
            (detail.body["status"]["code"] != "revoked").then_some((subject, detail))
        }) else {
            return Ok(());
        };
        let action = if detail.body["status"]["code"] == "suspended" { "resume" } else { "suspend" };
        let change = self.intend(subject, action)?;
        let approval = self.propose(subject, &change, detail.etag.as_deref().unwrap_or_default());
        let outcome = match approval {
            Some(approval) => self.decide(subject, &change, &approval)?,
            None => Outcome::NotDone,
        };
        if outcome != Outcome::Done {
            let expected = format!("after the fault a change goes through: {action}");
            self.watch.violated(Invariant::I9, Some(change.act), expected, format!("{outcome:?}"));
        }
        Ok(())
    }

    /// Revoked certificates stay so; the office needs others to go on.
    pub fn replenish(&self) -> Result<()> {
        let subjects = self.subjects.read().clone();
        let revoked = |id: &str| self.journal.marks(id).iter().any(|mark| mark.kind == "revoked");
        let spent = subjects.iter().filter(|subject| revoked(&subject.id)).count() as u64;
        for _ in subjects.len() as u64 - spent..self.setting.subjects {
            let serial = self.journal.ledger().issues.len() as u64;
            self.issue_subject(serial, self.today + chrono::Days::new(GOOD_FOR + serial % 400))?;
        }
        Ok(())
    }
}

fn position(metrics: &str) -> Option<i64> {
    let line = metrics.lines().find(|line| line.starts_with("anzheng_feed_position "))?;
    line.split(' ').nth(1)?.parse().ok()
}
