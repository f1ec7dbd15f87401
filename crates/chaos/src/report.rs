//! The closing report.

use crate::{
    journal::Ledger,
    registry::Footprint,
    watch::{Invariant, Traffic, Violation},
    world::Database,
};
use comfy_table::{Table, presets};
use serde::Serialize;
use std::{collections::BTreeMap, fmt, time::Duration};

#[derive(Debug, Serialize)]
pub struct Report {
    pub seed: u64,
    pub database: Database,
    pub lines: Vec<Line>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub soak: Option<Soak>,
}

/// One fault.
#[derive(Debug, Serialize)]
pub struct Line {
    pub row: String,
    pub fault: String,
    pub rounds: u64,
    /// What the client meant to do, and how much of it was acknowledged.
    pub acts: u64,
    pub acknowledged: u64,
    pub traffic: Traffic,
    /// Longest time from the end of the fault until everything was there again.
    pub ready_ms: u64,
    pub violations: Vec<Violation>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// What the process took at the first and at the last look.
#[derive(Debug, Serialize)]
pub struct Soak {
    pub seconds: u64,
    pub first: Option<Footprint>,
    pub last: Option<Footprint>,
}

impl Report {
    pub fn new(seed: u64, database: Database) -> Self {
        Self { seed, database, lines: Vec::new(), soak: None }
    }

    pub fn violations(&self) -> impl Iterator<Item = (&Line, &Violation)> {
        self.lines.iter().flat_map(|line| line.violations.iter().map(move |violation| (line, violation)))
    }
}

impl Line {
    pub fn new(row: &str, fault: &str) -> Self {
        Self {
            row: row.to_owned(),
            fault: fault.to_owned(),
            rounds: 0,
            acts: 0,
            acknowledged: 0,
            traffic: Traffic::default(),
            ready_ms: 0,
            violations: Vec::new(),
            remark: None,
        }
    }

    pub fn add(&mut self, violations: Vec<Violation>, traffic: Traffic, ready: Duration) {
        self.rounds += 1;
        self.violations.extend(violations);
        self.traffic.add(traffic);
        self.ready_ms = self.ready_ms.max(u64::try_from(ready.as_millis()).unwrap_or(u64::MAX));
    }

    pub fn count(&mut self, ledger: &Ledger) {
        self.acts += ledger.acts;
        self.acknowledged += ledger.acknowledged;
    }

    /// Such as `I1 2, I9 1`.
    fn tally(&self) -> String {
        let mut tally: BTreeMap<Invariant, u32> = BTreeMap::new();
        self.violations.iter().for_each(|violation| *tally.entry(violation.invariant).or_default() += 1);
        if tally.is_empty() {
            return "none".to_owned();
        }
        tally.iter().map(|(which, times)| format!("{which:?} {times}")).collect::<Vec<_>>().join(", ")
    }
}

const HEADER: [&str; 10] = [
    "row",
    "fault",
    "rounds",
    "acts",
    "acknowledged",
    "not now",
    "no answer",
    "slowest ms",
    "ready ms",
    "violations",
];

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut table = Table::new();
        table.load_preset(presets::ASCII_MARKDOWN).set_header(HEADER);
        for line in &self.lines {
            let numbers =
                [line.rounds, line.acts, line.acknowledged, line.traffic.not_now, line.traffic.silent];
            let times = [line.traffic.slowest_ms, line.ready_ms];
            let texts = [line.row.clone(), line.fault.clone()].into_iter();
            let numbers = numbers.into_iter().chain(times).map(|number| number.to_string());
            table.add_row(texts.chain(numbers).chain([line.tally()]));
        }
        writeln!(f, "seed {}, {:?}\n{table}", self.seed, self.database)?;
        for line in &self.lines {
            if let Some(remark) = &line.remark {
                writeln!(f, "{} {}: {remark}", line.row, line.fault)?;
            }
        }
        if let Some(Soak { seconds, first: Some(first), last: Some(last) }) = &self.soak {
            writeln!(
                f,
                "soak of {seconds} s: {} → {} MiB resident, {} → {} descriptors",
                first.resident_kib >> 10,
                last.resident_kib >> 10,
                first.descriptors,
                last.descriptors
            )?;
        }
        for (line, violation) in self.violations() {
            writeln!(f, "VIOLATION {} {}: {violation}", line.row, line.fault)?;
        }
        Ok(())
    }
}
