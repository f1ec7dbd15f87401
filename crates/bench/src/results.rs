//! Figures in a file, so that those of several runs can be put side by side.

use crate::{load::Measured, questions::Values};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{fs, path::Path};

/// What `run` measured.
#[derive(Serialize, Deserialize)]
pub struct Report {
    /// What was asked for, so that a peer can be asked the same.
    pub values: Values,
    pub tables: Vec<Table>,
}

#[derive(Serialize, Deserialize)]
pub struct Table {
    pub connections: usize,
    pub rows: Vec<Figures>,
}

impl Table {
    pub fn new(connections: usize, rows: &[(String, Measured)]) -> Self {
        let rows = rows.iter().map(|(name, measured)| Figures::of(name, measured)).collect();
        Self { connections, rows }
    }

    pub fn row(&self, question: &str) -> Option<&Figures> {
        self.rows.iter().find(|row| row.question == question)
    }
}

#[derive(Serialize, Deserialize)]
pub struct Figures {
    pub question: String,
    pub per_second: f64,
    /// Absent where nothing was answered.
    pub p50_ms: Option<f64>,
    pub p99_ms: Option<f64>,
    pub refused: usize,
}

impl Figures {
    pub fn of(question: &str, measured: &Measured) -> Self {
        let percentile = |share| Some(measured.percentile_ms(share)).filter(|value| value.is_finite());
        Self {
            question: question.to_owned(),
            per_second: measured.rate,
            p50_ms: percentile(0.5),
            p99_ms: percentile(0.99),
            refused: measured.refused,
        }
    }
}

pub fn read<T: DeserializeOwned>(file: &Path) -> Result<T> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("{} is not a report", file.display()))
}

pub fn write(file: &Path, report: &impl Serialize) -> Result<()> {
    fs::write(file, serde_json::to_vec_pretty(report)?)
        .with_context(|| format!("{} cannot be written", file.display()))
}
