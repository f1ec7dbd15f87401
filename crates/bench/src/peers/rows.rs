//! The rows of the demo's registry as a file that both peers load: PostgreSQL's text format of COPY, a line a
//! row, tabs between the columns.

use crate::questions::Sampled;
use anyhow::{Context, Result, ensure};
use domain::{
    Date,
    catalogue::Catalogue,
    certificate::Certificate,
    lifecycle,
    number::embeds_id,
    text::{pinyin_full, pinyin_initials},
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    sync::Arc,
    thread,
};
use synth::Registry;

/// Their names in both peers, in the order of the file.
pub const COLUMNS: [&str; 14] = [
    "id",
    "number",
    "name",
    "pinyin",
    "initials",
    "organisation",
    "issuer",
    "type",
    "region",
    "province",
    "issued_on",
    "valid_until",
    "status",
    "item",
];

/// Sorts open-ended certificates last in both peers, as ours does.
const NEVER: &str = "9999-12-31";
/// Rows that one thread makes before they are written.
const BATCH: u64 = 5_000;
/// Rows that the values are taken from.
const SAMPLE: u64 = 1_000;

pub struct Rows {
    registry: Registry,
    catalogue: Arc<Catalogue>,
}

impl Rows {
    pub fn new(certificates: u64, day: Date) -> Self {
        let catalogue = Catalogue::work_safety();
        let registry = Registry::new(synth::DEMO_SEED, certificates, day, catalogue.clone());
        Self { registry, catalogue }
    }

    /// Written as they are made, whatever their number.
    pub fn write(&self, file: &Path) -> Result<()> {
        let threads = thread::available_parallelism()?.get() as u64;
        let mut to = BufWriter::new(File::create(file).context("the rows cannot be written")?);
        let count = self.registry.certificate_count();
        for first in (0..count).step_by((BATCH * threads) as usize) {
            let lines: Vec<_> = thread::scope(|scope| {
                let batch = |nth: u64| {
                    let begin = (first + nth * BATCH).min(count);
                    scope.spawn(move || self.lines(begin, (begin + BATCH).min(count)))
                };
                let making: Vec<_> = (0..threads).map(batch).collect();
                making.into_iter().map(|thread| thread.join().ok().context("a row cannot be made")).collect()
            });
            for lines in lines {
                to.write_all(lines??.as_bytes())?;
            }
        }
        Ok(to.flush()?)
    }

    fn lines(&self, from: u64, to: u64) -> Result<String> {
        let mut lines = String::new();
        for index in from..to {
            for (nth, value) in self.columns(index, self.registry.certificate(index)).iter().enumerate() {
                ensure!(!value.contains(['\t', '\n', '\\']), "a value would have to be escaped");
                lines.push_str(if nth == 0 { "" } else { "\t" });
                lines.push_str(value);
            }
            lines.push('\n');
        }
        Ok(lines)
    }

    fn columns(&self, index: u64, certificate: Certificate) -> [String; COLUMNS.len()] {
        let status = self.status(&certificate);
        let terms = certificate.terms;
        // One column holds one reading; ours knows all of them.
        let first = |readings: Vec<String>| readings.into_iter().next().unwrap_or_default();
        let pinyin = first(pinyin_full(&certificate.holder.name));
        let initials = first(pinyin_initials(&certificate.holder.name));
        [
            index.to_string(),
            certificate.number,
            certificate.holder.name,
            pinyin,
            initials,
            certificate.organisation.map(|organisation| organisation.name).unwrap_or_default(),
            certificate.issuer,
            certificate.type_code,
            certificate.region.clone(),
            province_of(&certificate.region),
            terms.issued_on.to_string(),
            terms.valid_until.map_or_else(|| NEVER.to_owned(), |day| day.to_string()),
            status.to_owned(),
            certificate.item.unwrap_or_default(),
        ]
    }

    fn status(&self, certificate: &Certificate) -> &'static str {
        let rules = self.catalogue.status_rules(&certificate.type_code);
        let today = self.registry.today();
        let on =
            lifecycle::status_on(&certificate.events, certificate.under_correction, &rules, today, today);
        on.map_or("", |on| on.status.code())
    }

    /// Taken evenly from all rows that count as valid, with nothing that ours would show masked.
    pub fn sample(&self) -> Vec<Sampled> {
        let step = (self.registry.certificate_count() / SAMPLE).max(1) as usize;
        let rows = (0..self.registry.certificate_count()).step_by(step);
        rows.map(|index| self.registry.certificate(index))
            .filter(|certificate| self.status(certificate) == "valid")
            .map(|certificate| Sampled {
                number: Some(certificate.number).filter(|number| embeds_id(number).is_none()),
                name: Some(certificate.holder.name),
                organisation: certificate.organisation.map(|organisation| organisation.name),
                region: Some(certificate.region),
            })
            .collect()
    }
}

fn province_of(region: &str) -> String {
    region.get(..2).map_or_else(String::new, |province| format!("{province}0000"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::questions::BROAD;

    #[test]
    fn the_file_has_every_row_once_and_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rows");
        let rows = Rows::new(12_345, Date::from_ymd_opt(2026, 11, 24).unwrap());
        rows.write(&file).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        assert_eq!(text.lines().count(), 12_345);
        let mut broad = 0;
        for (index, line) in text.lines().enumerate() {
            let values: Vec<&str> = line.split('\t').collect();
            assert_eq!(values.len(), COLUMNS.len());
            assert_eq!(values[0], index.to_string());
            broad += usize::from(values[5].contains(BROAD));
        }
        assert!(broad > 1_234, "{BROAD} is in {broad} rows only");
        assert!(!rows.sample().is_empty());
    }
}
