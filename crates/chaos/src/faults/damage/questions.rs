//! What was answered before anything was damaged, asked again.

use crate::{
    client::{Answer, Standing},
    world::{MAKER, NATION, World},
};
use anyhow::Result;
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    thread,
    time::{Duration, Instant},
};

const WHOLE_WITHIN: Duration = Duration::from_secs(60);

/// A question with its right answer.
#[derive(Clone)]
struct Question {
    login: &'static str,
    method: Method,
    path: String,
    body: Option<Value>,
    right: Value,
    /// The answer depends on what happened to a certificate last.
    of_a_life: bool,
}

#[derive(Clone)]
pub struct Truth(Vec<Question>);

impl Truth {
    pub fn of(world: &World) -> Result<Self> {
        world.catch_up()?;
        // The day may end between the question and its repetition.
        let on = world.today.to_string();
        let mut asked = Vec::new();
        for subject in world.subjects.read().iter().take(6) {
            let verify = json!({ "number": subject.number, "name": subject.name });
            let life = format!("/certificates/{}?on={on}", subject.id);
            asked.push((MAKER, Method::GET, life, None, true));
            asked.push((NATION, Method::POST, "/verify".to_owned(), Some(verify), true));
        }
        let search = |mut question: Value, of_a_life| {
            question["on"] = json!(on);
            (NATION, Method::POST, "/certificates/search".to_owned(), Some(question), of_a_life)
        };
        let some = world.must(NATION, Method::POST, "/certificates/search", Some(&json!({})))?;
        for row in some.items() {
            let by_name = json!({ "name": row["holder"]["name"], "page_size": 100 });
            asked.push(search(by_name, false));
            let one = format!("/certificates/{}?on={on}", row["id"].as_str().unwrap_or_default());
            asked.push((NATION, Method::GET, one, None, false));
        }
        for question in [json!({}), json!({ "region": world.region }), json!({ "organisation": "安源" })] {
            asked.push(search(question, false));
        }
        asked.push(search(json!({ "type": ["con_a"], "facets": ["status"] }), true));
        let mut questions = Vec::new();
        for (login, method, path, body, of_a_life) in asked {
            let right = gist(&world.must(login, method.clone(), &path, body.as_ref())?);
            questions.push(Question { login, method, path, body, right, of_a_life });
        }
        Ok(Self(questions))
    }

    /// Those whose answer is the same whatever was done to the office's certificates.
    pub fn without_lives(&self) -> Self {
        Self(self.0.iter().filter(|question| !question.of_a_life).cloned().collect())
    }

    /// Expected and seen, where an answer was given that is not right. `whole` asks until there are
    /// answers to all.
    pub fn wrong_answers(&self, world: &World, whole: bool) -> Result<Vec<(String, String)>> {
        let begun = Instant::now();
        loop {
            let (wrong, open) = self.ask(world)?;
            if !wrong.is_empty() || !whole || open == 0 {
                return Ok(wrong);
            }
            if begun.elapsed() > WHOLE_WITHIN {
                return Ok(vec![("all questions are answered in the end".into(), format!("{open} are not"))]);
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn ask(&self, world: &World) -> Result<(Vec<(String, String)>, usize)> {
        let (mut wrong, mut open) = (Vec::new(), 0);
        for question in &self.0 {
            let Question { login, method, path, body, right, .. } = question;
            let (reply, standing) = world.ask(None, login, (method.clone(), path, &[]), body.as_ref());
            let asked = || format!("{path} {}: {right}", body.clone().unwrap_or_default());
            match (reply.answer(), &standing) {
                (Some(answer), Standing::Done) if gist(answer) == *right => {}
                (Some(answer), Standing::Done) if is_reserved(answer) => open += 1,
                (_, Standing::NotNow(_)) => open += 1,
                (_, Standing::Refused(code)) if code == "record_corrupt" => open += 1,
                // The session was begun in the part of the log that is lost with the damage.
                (_, Standing::Refused(code)) if code == "sign_in_required" => open += 1,
                // Said already by whoever judges replies.
                (_, Standing::Dishonest(_)) => open += 1,
                (Some(answer), _) => wrong.push((asked(), format!("{} {}", answer.status, answer.body))),
                (None, standing) => wrong.push((asked(), format!("{standing:?}"))),
            }
        }
        Ok((wrong, open))
    }
}

/// Says of itself that it is not all.
fn is_reserved(answer: &Answer) -> bool {
    answer.has_reservations() || answer.body["verdict"] == "unknown"
}

/// What an answer says of the registry, without when and how it was found.
fn gist(answer: &Answer) -> Value {
    let body = &answer.body;
    if body["items"].is_array() {
        let rows: Vec<_> = answer.items().iter().map(|row| (&row["id"], &row["status"])).collect();
        return json!({ "rows": rows, "total": body["total"], "facets": body["facets"] });
    }
    if body["verdict"].is_string() {
        return json!({ "verdict": body["verdict"], "reasons": body["reasons"] });
    }
    let kinds: Vec<_> = body["events"].as_array().into_iter().flatten().map(|event| &event["kind"]).collect();
    json!({ "number": body["number"], "status": body["status"], "version": body["version"], "events": kinds })
}
