//! Two persons of an office change certificates, and check at once what they were told.

use crate::{
    client::{Answer, Reply, Standing},
    journal::{Act, Intent, Mark, Outcome, status_after},
    watch::Invariant,
    world::{CHECKER, GOOD_FOR, MAKER, NATION, Subject, World},
};
use anyhow::Result;
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::{Value, json};

/// A change that is to be made.
pub struct Change {
    pub act: Act,
    body: Value,
}

impl World {
    /// Looks the certificate up, thinks of a change it allows, proposes it and lets the second
    /// person decide.
    pub fn change_one(&self, subject: &Subject, rng: &mut ChaCha8Rng) -> Result<()> {
        let Some(detail) = self.look_up(subject)? else { return Ok(()) };
        let status = detail.body["status"]["code"].as_str().unwrap_or_default();
        let last = rng.random_ratio(1, 60);
        let action = match status {
            "valid" if last => "revoke",
            "valid" => ["suspend", "suspend", "renew"][rng.random_range(0..3)],
            "suspended" if last => "revoke",
            "suspended" => "resume",
            _ => return Ok(()),
        };
        let change = self.intend(subject, action)?;
        let Some(approval) = self.propose(subject, &change, detail.etag.as_deref().unwrap_or_default())
        else {
            // Without a decision nothing happens, whatever became of the proposal.
            return self.journal.conclude(change.act, Outcome::NotDone);
        };
        self.decide(subject, &change, &approval)?;
        Ok(())
    }

    /// Writes down what is going to be done.
    pub fn intend(&self, subject: &Subject, action: &str) -> Result<Change> {
        let kind = match action {
            "suspend" => "suspended",
            "resume" => "resumed",
            "renew" => "renewed",
            _ => "revoked",
        };
        let on = self.today - chrono::Days::new(3);
        let mut body = json!({ "action": action, "effective_on": on });
        let (act, _) = self.journal.intend_with(|act| {
            let mark = if kind == "renewed" {
                // No reason is given for a renewal: its two dates tell it from others.
                let from = self.today - chrono::Days::new(300 + act / 500 % 90);
                let until = self.today + chrono::Days::new(GOOD_FOR + act % 500);
                (body["valid_from"], body["valid_until"]) = (json!(from), json!(until));
                format!("{from}..{until}")
            } else {
                body["reason"] = json!(format!("演练 {act}"));
                format!("演练 {act}")
            };
            Intent::Change { certificate: subject.id.clone(), kind: kind.to_owned(), mark }
        })?;
        Ok(Change { act, body })
    }

    /// The request that the second person has to decide on.
    pub fn propose(&self, subject: &Subject, change: &Change, etag: &str) -> Option<String> {
        let path = format!("/certificates/{}/changes", subject.id);
        let key = format!("chaos-{}", change.act);
        let headers = [("if-match", etag), ("idempotency-key", key.as_str())];
        let ask = (Method::POST, path.as_str(), &headers[..]);
        let (reply, standing) = self.ask(Some(change.act), MAKER, ask, Some(&change.body));
        self.deny_missing(Some(change.act), subject, &standing);
        Some(reply.done()?.body["approval"].as_str()?.to_owned())
    }

    /// The second person agrees; what that came to is written down and looked at.
    pub fn decide(&self, subject: &Subject, change: &Change, approval: &str) -> Result<Outcome> {
        let path = format!("/approvals/{approval}/decision");
        let body = json!({ "approve": true });
        let ask = (Method::POST, path.as_str(), &[][..]);
        let (_, standing) = self.ask(Some(change.act), CHECKER, ask, Some(&body));
        let outcome = match &standing {
            Standing::Done => Outcome::Done,
            Standing::Refused(_) => Outcome::NotDone,
            _ => Outcome::Unknown,
        };
        self.journal.conclude(change.act, outcome)?;
        self.deny_missing(Some(change.act), subject, &standing);
        if standing == Standing::Refused("already_decided".into()) {
            let expected = "a proposal is decided once";
            self.watch.violated(Invariant::I6, Some(change.act), expected, "already_decided at first");
        }
        if outcome == Outcome::Done {
            // It counts from the acknowledgement on.
            self.look_up(subject)?;
            self.verify(subject)?;
        }
        Ok(outcome)
    }

    /// The certificate with its life; every acknowledged event has to be in it.
    pub fn look_up(&self, subject: &Subject) -> Result<Option<Answer>> {
        let act = self.journal.intend(&Intent::LookUp)?;
        let marks = self.journal.marks(&subject.id);
        let path = format!("/certificates/{}", subject.id);
        let (reply, standing) = self.ask(Some(act), MAKER, (Method::GET, &path, &[]), None);
        self.journal.conclude(act, outcome(&standing))?;
        self.deny_missing(Some(act), subject, &standing);
        let Reply::Answer(answer) = reply else { return Ok(None) };
        if standing != Standing::Done {
            return Ok(None);
        }
        self.compare(act, &answer, &marks);
        Ok(Some(answer))
    }

    /// A life against what was acknowledged before it was asked for.
    fn compare(&self, act: Act, answer: &Answer, marks: &[Mark]) {
        let events: Vec<(String, String)> =
            answer.body["events"].as_array().into_iter().flatten().map(event).collect();
        let violated = |invariant, expected: String| {
            self.watch.violated(invariant, Some(act), expected, answer.body.to_string());
        };
        for mark in marks {
            let there =
                events.iter().filter(|event| **event == (mark.kind.clone(), mark.mark.clone())).count();
            match (mark.outcome, there) {
                (Outcome::Done, 0) => {
                    violated(Invariant::I1, format!("act {}: {} {}", mark.act, mark.kind, mark.mark));
                }
                (Outcome::NotDone, 1..) => {
                    violated(Invariant::I9, format!("act {} was refused: no {}", mark.act, mark.mark));
                }
                (_, 2..) => violated(Invariant::I6, format!("act {} once: {}", mark.act, mark.mark)),
                _ => {}
            }
        }
        let made_version = answer.body["version"].as_u64();
        if made_version != Some(events.len() as u64) {
            violated(Invariant::I2, format!("as many versions as events, {}", events.len()));
        }
        let status = events.iter().fold("valid", |status, (kind, _)| status_after(status, kind));
        if answer.body["status"]["code"] != status {
            violated(Invariant::I2, format!("{status}, since that is what its events lead to"));
        }
    }

    /// What is taken away is never called good again, and what is there is never called unknown.
    pub fn verify(&self, subject: &Subject) -> Result<()> {
        let act = self.journal.intend(&Intent::Verify)?;
        let known = self.journal.status(&subject.id);
        let body = json!({ "number": subject.number, "name": subject.name });
        let (reply, standing) = self.ask(Some(act), NATION, (Method::POST, "/verify", &[]), Some(&body));
        self.journal.conclude(act, outcome(&standing))?;
        let Some(answer) = reply.done() else { return Ok(()) };
        let verdict = answer.body["verdict"].as_str().unwrap_or_default();
        if verdict == "not_found" {
            let expected = format!("{} is there", subject.number);
            self.watch.violated(Invariant::I9, Some(act), expected, answer.body.to_string());
        }
        // Nothing happened to it meanwhile that the client knows of.
        if known.is_some() && known == self.journal.status(&subject.id) {
            let status = known.map(|(status, _)| status).unwrap_or_default();
            let invariant = if status == "valid" { Invariant::I5 } else { Invariant::I4 };
            let right = verdict == "unknown" || (verdict == "valid") == (status == "valid");
            if !right {
                let expected = format!("{} is {status}", subject.number);
                self.watch.violated(invariant, Some(act), expected, answer.body.to_string());
            }
        }
        Ok(())
    }

    /// What exists is never "not there".
    fn deny_missing(&self, act: Option<Act>, subject: &Subject, standing: &Standing) {
        let lies = ["certificate_not_found", "not_found", "sign_in_required", "not_permitted"];
        if let Standing::Refused(code) = standing
            && lies.contains(&code.as_str())
        {
            let expected = format!("{} exists and belongs to the office", subject.id);
            self.watch.violated(Invariant::I9, act, expected, code);
        }
    }
}

pub fn outcome(standing: &Standing) -> Outcome {
    if *standing == Standing::Done { Outcome::Done } else { Outcome::NotDone }
}

/// Kind and mark of an event as it is shown.
fn event(event: &Value) -> (String, String) {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let terms = &event["terms"];
    let mark = match &event["reason"] {
        Value::String(reason) => reason.clone(),
        _ => format!("{}..{}", text(&terms["valid_from"]), text(&terms["valid_until"])),
    };
    (text(&event["kind"]), mark)
}
