//! The process's clock jumps. Nothing but the process sees it.

use super::Fault;
use crate::{
    client::Standing,
    tools,
    watch::Invariant,
    world::{MAKER, NATION, Needs, Subject, World},
};
use anyhow::{Context, Result};
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use reqwest::Method;
use serde_json::json;
use std::fs;

const FILE: &str = "clock";
/// The registry of this fault begins on a day from which a leap day and a year's end are near.
const BEGIN: &str = "2027-11-22T04:00:00Z";
const LEAP_DAY: (i32, u32, u32) = (2028, 2, 29);
const YEAR_END: (i32, u32, u32) = (2027, 12, 31);
const LOCKED: &str = "security_admin";

#[expect(clippy::disallowed_methods, reason = "the machine's clock is what the process's is set against")]
fn machine_now() -> DateTime<Utc> {
    Utc::now()
}

fn begin() -> Result<DateTime<Utc>> {
    Ok(BEGIN.parse()?)
}

/// Lets the process, and the commands beside it, see a clock that [`set`] moves.
pub fn give(world: &World) -> Result<()> {
    set(world, begin()?)?;
    let library = tools::faketime()?.display().to_string();
    let file = world.outside().join(FILE).display().to_string();
    let settings = [
        ("LD_PRELOAD", library.as_str()),
        ("FAKETIME_TIMESTAMP_FILE", &file),
        ("FAKETIME_NO_CACHE", "1"),
        // Only the time of day jumps. Nobody turns back what measures how long something takes.
        ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
    ];
    settings.iter().for_each(|(key, value)| world.registry.set(key, value));
    Ok(())
}

fn set(world: &World, to: DateTime<Utc>) -> Result<()> {
    let seconds = (to - machine_now()).num_seconds();
    let (new, file) = (world.outside().join("clock.new"), world.outside().join(FILE));
    fs::write(&new, format!("{seconds:+}\n"))?;
    Ok(fs::rename(new, file)?)
}

/// Jumps there and back, an hour, a day, two seconds, over a leap day and the end of a year.
#[derive(Default)]
pub struct Jumps {
    /// Certificates issued to end on a day that is looked at.
    ending: Vec<(NaiveDate, Subject)>,
}

impl Fault for Jumps {
    fn row(&self) -> &'static str {
        "R-07"
    }

    fn name(&self) -> &'static str {
        "clock jumps"
    }

    fn needs(&self) -> Needs {
        Needs { clock: true, ..Needs::default() }
    }

    fn under_load(&self) -> bool {
        false
    }

    fn inject(&mut self, world: &World, rng: &mut ChaCha8Rng) -> Result<()> {
        if self.ending.is_empty() {
            for (serial, (year, month, day)) in (900..).zip([YEAR_END, LEAP_DAY]) {
                let day = NaiveDate::from_ymd_opt(year, month, day).context("a day there is")?;
                self.ending.push((day, world.issue(serial, day)?));
            }
        }
        let now = begin()?;
        locks_hold(world, now)?;
        sessions_stay_over(world, now)?;
        let mut jumps = [-2, 3600, -3600, 86_400, -86_400];
        jumps.shuffle(rng);
        for seconds in jumps {
            // Both ways, so that the second is recorded with an earlier time than the first.
            for time in [now + TimeDelta::seconds(seconds), now] {
                set(world, time)?;
                world.sign_in_everybody()?;
                world.works()?;
            }
        }
        for (day, subject) in &self.ending {
            ends_at_midnight(world, *day, subject)?;
        }
        Ok(())
    }

    fn lift(&mut self, world: &World, _: &mut ChaCha8Rng) -> Result<()> {
        set(world, begin()?)?;
        world.sign_in_everybody()
    }
}

/// Five wrong passwords lock an account for a quarter of an hour; a clock turned back, or forward by
/// less, opens it no earlier.
fn locks_hold(world: &World, now: DateTime<Utc>) -> Result<()> {
    let attempt = |password: &str| {
        let body = json!({ "login": LOCKED, "password": password });
        world.ask_with(None, None, (Method::POST, "/session", &[]), Some(&body)).0
    };
    for _ in 0..5 {
        attempt("wrong-password-1");
    }
    for seconds in [0, -2, -3600, -86_400, 600, 0] {
        set(world, now + TimeDelta::seconds(seconds))?;
        let reply = attempt(crate::registry::PASSWORD);
        if reply.standing() != Standing::NotNow("locked".into()) {
            let expected = format!("locked, {seconds} s from the fifth failure");
            world.watch.violated(Invariant::I1, None, expected, format!("{reply:?}"));
        }
    }
    set(world, now)
}

/// A session that has lapsed stays so when the clock is turned back, and so does one that was ended.
fn sessions_stay_over(world: &World, now: DateTime<Utc>) -> Result<()> {
    let (lapsing, ended) = (world.sign_in("regulator_city")?, world.sign_in("regulator_city")?);
    let me = |token: &str| world.ask_with(None, Some(token), (Method::GET, "/me", &[]), None).1;
    world.ask_with(None, Some(&ended), (Method::DELETE, "/session", &[]), None);
    for seconds in [86_400, 0, -3600, -86_400] {
        set(world, now + TimeDelta::seconds(seconds))?;
        for (token, what) in [(&lapsing, "a lapsed session"), (&ended, "an ended session")] {
            let standing = me(token);
            if standing != Standing::Refused("sign_in_required".into()) {
                let expected = format!("{what} is refused, the clock at {seconds:+} s");
                world.watch.violated(Invariant::I1, None, expected, format!("{standing:?}"));
            }
        }
    }
    set(world, now)?;
    world.sign_in_everybody()
}

/// Good on its last day, expired on the next; days begin in Shanghai, eight hours before UTC.
fn ends_at_midnight(world: &World, day: NaiveDate, subject: &Subject) -> Result<()> {
    let midnight = (day + Days::new(1)).and_hms_opt(0, 0, 0).context("a time of day")?.and_utc();
    let midnight = midnight - TimeDelta::hours(8);
    for (seconds, good) in [(-20, true), (5, false)] {
        set(world, midnight + TimeDelta::seconds(seconds))?;
        world.sign_in_everybody()?;
        let body = json!({ "number": subject.number, "name": subject.name });
        let verdict = world.must(NATION, Method::POST, "/verify", Some(&body))?.body["verdict"].clone();
        let detail = world.must(MAKER, Method::GET, &format!("/certificates/{}", subject.id), None)?;
        let expired = detail.body["status"]["code"] == "expired";
        if (verdict == "valid") != good || expired == good {
            let expected = format!("{day} is its last day, {seconds:+} s from midnight");
            let seen = format!("{verdict} {}", detail.body["status"]);
            world.watch.violated(Invariant::I5, None, expected, seen);
        }
    }
    Ok(())
}
