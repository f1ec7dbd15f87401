//! An attacker with patience: reads the text of an answer and counts the ID numbers that fit it.
//! Shares no code with the guard.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};

/// Everything an answer tells about one person's ID number.
#[derive(Debug, Default, Clone, PartialEq, Eq, Hash)]
pub struct Evidence {
    /// Eighteen places each, `*` where hidden.
    pub patterns: BTreeSet<String>,
    /// Years of issue.
    issues: BTreeSet<i32>,
}

pub struct Solver {
    regions: Vec<String>,
    days: HashMap<i32, Vec<String>>,
    /// Several roles are shown the same.
    counted: HashMap<Evidence, usize>,
}

impl Evidence {
    /// Reads every text in a JSON answer, whatever field it stands in.
    pub fn read(answer: &str) -> Self {
        let mut evidence = Self::default();
        let value: Value = serde_json::from_str(answer).expect("an answer is JSON");
        evidence.collect("", &value);
        evidence
    }

    fn collect(&mut self, key: &str, value: &Value) {
        match value {
            Value::String(text) => {
                if key == "issued_on" {
                    self.issues.insert(text[..4].parse().unwrap());
                }
                self.patterns.extend(patterns(text));
            }
            Value::Array(items) => items.iter().for_each(|item| self.collect(key, item)),
            Value::Object(fields) => fields.iter().for_each(|(key, value)| self.collect(key, value)),
            _ => {}
        }
    }
}

/// Runs of digits, check letters and asterisks that can be an ID number of 18 or of 15 characters
/// and show at least one of them.
fn patterns(text: &str) -> Vec<String> {
    let runs = text.split(|c: char| !(c.is_ascii_digit() || c == 'X' || c == '*'));
    let telling = runs.filter(|run| run.bytes().any(|byte| byte != b'*'));
    telling
        .filter_map(|run| match run.len() {
            18 => Some(run.to_owned()),
            // Numbers of old lack the century and the check character.
            15 => Some(format!("{}19{}*", &run[..6], &run[6..])),
            _ => None,
        })
        .collect()
}

impl Solver {
    /// Knows every region there ever was, and those of residence permits.
    pub fn new() -> Self {
        let today = include_str!("../../../../catalogue/work_safety/regions.csv");
        let former = include_str!("../../../../catalogue/work_safety/former_regions.csv");
        let codes = today.lines().chain(former.lines()).filter_map(|line| line.get(..6));
        let known = codes.filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()));
        let regions: BTreeSet<String> =
            known.chain(["810000", "820000", "830000"]).map(str::to_owned).collect();
        Self { regions: regions.into_iter().collect(), days: HashMap::new(), counted: HashMap::new() }
    }

    /// How many numbers fit, of holders of 18 to 60 years at each issue. Stops counting at `enough`.
    pub fn count(&mut self, evidence: &Evidence, enough: usize) -> usize {
        if let Some(count) = self.counted.get(evidence) {
            return *count;
        }
        let count = self.try_all(evidence, enough);
        self.counted.insert(evidence.clone(), count);
        count
    }

    fn try_all(&mut self, evidence: &Evidence, enough: usize) -> usize {
        let (Some(first), Some(last)) = (evidence.issues.first(), evidence.issues.last()) else { return 0 };
        let pattern = merged(&evidence.patterns);
        let mut found = 0;
        for region in self.regions.iter().filter(|region| fits(&pattern[..6], region)) {
            for year in last - 60..=first - 18 {
                let days = self.days.entry(year).or_insert_with(|| days_of(year));
                for day in days.iter().filter(|day| fits(&pattern[6..14], day)) {
                    found += orders(&pattern, region, day);
                    if found >= enough {
                        return found;
                    }
                }
            }
        }
        found
    }
}

/// What all patterns say together. They are of one person, so they agree.
fn merged(patterns: &BTreeSet<String>) -> String {
    let mut merged = vec![b'*'; 18];
    for pattern in patterns {
        for (place, byte) in merged.iter_mut().zip(pattern.bytes()).filter(|(_, byte)| *byte != b'*') {
            assert!(*place == b'*' || *place == byte, "patterns of two people: {patterns:?}");
            *place = byte;
        }
    }
    String::from_utf8(merged).unwrap()
}

fn fits(pattern: &str, text: &str) -> bool {
    pattern.bytes().zip(text.bytes()).all(|(wanted, found)| wanted == b'*' || wanted == found)
}

fn days_of(year: i32) -> Vec<String> {
    let first = NaiveDate::from_ymd_opt(year, 1, 1).unwrap();
    first
        .iter_days()
        .take_while(|day| day.year() == year)
        .map(|day| day.format("%Y%m%d").to_string())
        .collect()
}

/// Order numbers 000 to 999 with a check character that fits.
fn orders(pattern: &str, region: &str, day: &str) -> usize {
    let wanted = &pattern[14..17];
    let range = match wanted.parse::<u32>() {
        Ok(order) => order..order + 1,
        Err(_) => 0..1_000,
    };
    range
        .map(|order| format!("{region}{day}{order:03}"))
        .filter(|number| fits(wanted, &number[14..]) && fits(&pattern[17..], check(number)))
        .count()
}

/// Check character of GB 11643: the remainder of powers of two, not a table of weights.
fn check(seventeen: &str) -> &'static str {
    let remainder = seventeen.bytes().fold(0, |sum, byte| (sum + u32::from(byte - b'0')) * 2 % 11);
    ["1", "0", "X", "9", "8", "7", "6", "5", "4", "3", "2"][remainder as usize]
}

#[test]
fn the_solver_finds_a_number_that_is_shown() {
    let mut solver = Solver::new();
    let count = |solver: &mut Solver, number: &str| {
        let answer = format!(r#"{{"number":"{number}","issued_on":"2000-01-01"}}"#);
        solver.count(&Evidence::read(&answer), 100_000)
    };
    assert_eq!(count(&mut solver, "T11010519491231002X"), 1);
    assert_eq!(count(&mut solver, "T110105194912310021"), 0);
    // Everything but the order: one in eleven of a thousand has this check character.
    assert!((90..=91).contains(&count(&mut solver, "T11010519491231***X")));
    assert!((900..=1_100).contains(&count(&mut solver, "11010519491231****")));
    // Region and ends, birth date hidden: what 43 years leave after the check.
    assert!((1_350..=1_500).contains(&count(&mut solver, "110105********002X")));
    assert!(count(&mut solver, "110***********002X") > 10_000);
}
