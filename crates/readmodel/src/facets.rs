//! Counts of what was found, by status, type, region and month of expiry.

use crate::{
    condition::DayColumn,
    days,
    facts::{Facts, Row},
    index::{Columns, Words},
};
use domain::{
    access::Rows,
    catalogue::{Catalogue, Regions},
    lifecycle::Status,
    query::{Facet, SearchQuery},
};
use std::collections::HashMap;
use tantivy::DocId;

/// Value of the facet of months for certificates without a last day.
const OPEN_ENDED: &str = "open_ended";

/// What is to be counted.
pub struct Tally<'a> {
    facets: &'a [Facet],
    on: i32,
    regions: &'a Regions,
    /// Code of the region under which regions are told apart; `None` = the whole country.
    under: Option<String>,
}

/// What was counted, before it is put into words and order.
#[derive(Default)]
pub struct Counts {
    statuses: [u64; Status::ALL.len()],
    types: HashMap<String, u64>,
    regions: HashMap<String, u64>,
    expiry_days: HashMap<i32, u64>,
}

impl<'a> Tally<'a> {
    pub fn new(query: &'a SearchQuery, rows: &Rows, on: i32, catalogue: &'a Catalogue) -> Self {
        let regions = catalogue.regions();
        let scope = match rows {
            Rows::Region { prefix } => Some(format!("{prefix:0<6}")),
            _ => None,
        };
        // The narrower of the two; where they do not overlap there is nothing to count.
        let depth = |code: &String| regions.subtree_prefix(code).len();
        let under = query.region.clone().into_iter().chain(scope).max_by_key(depth);
        Self { facets: &query.facets, on, regions, under }
    }

    /// Counts nothing.
    pub fn nothing(catalogue: &'a Catalogue) -> Self {
        Self { facets: &[], on: 0, regions: catalogue.regions(), under: None }
    }

    pub fn is_empty(&self) -> bool {
        self.facets.is_empty()
    }

    pub fn start(&self) -> Counts {
        Counts::default()
    }

    fn wants(&self, facet: Facet) -> bool {
        self.facets.contains(&facet)
    }

    pub fn count_facts(&self, facts: &Facts, counts: &mut Counts) {
        self.count_status(facts, counts);
        if self.wants(Facet::ExpiryMonth) {
            *counts.expiry_days.entry(facts.valid_until).or_default() += 1;
        }
        if self.wants(Facet::Type) {
            *counts.types.entry(facts.type_code.clone()).or_default() += 1;
        }
        if self.wants(Facet::Region) {
            *counts.regions.entry(facts.region.clone()).or_default() += 1;
        }
    }

    pub fn for_segment(&'a self, columns: &'a Columns) -> SegmentCounter<'a> {
        let words = |facet, column: &'a Words| self.wants(facet).then(|| WordCounter::new(column));
        SegmentCounter {
            tally: self,
            types: words(Facet::Type, &columns.types),
            regions: words(Facet::Region, &columns.regions),
            counts: Counts::default(),
            expiring: (0, 0),
        }
    }

    /// The day on which statuses are counted, if they are.
    pub fn status_day(&self) -> Option<i32> {
        self.wants(Facet::Status).then_some(self.on)
    }

    fn count_status(&self, row: &impl Row, counts: &mut Counts) {
        if self.wants(Facet::Status)
            && let Some(status) = row.status_on(self.on)
        {
            counts.statuses[status as usize] += 1;
        }
    }

    /// The counts in the order they are shown.
    pub fn finish(&self, counts: Counts) -> Vec<(Facet, Vec<(String, u64)>)> {
        let Counts { statuses, types, regions, expiry_days } = counts;
        let mut types: Vec<(String, u64)> = types.into_iter().collect();
        types.sort_unstable_by(|(a, a_count), (b, b_count)| b_count.cmp(a_count).then(a.cmp(b)));
        let regions = sum_by(regions, |code| self.region_under(&code));
        let months = sum_by(expiry_days, |day| days::month(day).unwrap_or_else(|| OPEN_ENDED.to_owned()));
        let statuses = Status::ALL.iter().map(|status| status.code().to_owned()).zip(statuses);
        let statuses = statuses.filter(|(_, count)| *count > 0).collect();
        let mut values = HashMap::from([
            (Facet::Status, statuses),
            (Facet::Type, types),
            (Facet::Region, regions),
            (Facet::ExpiryMonth, months),
        ]);
        self.facets.iter().filter_map(|facet| Some((*facet, values.remove(facet)?))).collect()
    }

    /// The region directly under the one asked for that holds this one; itself where there is none.
    fn region_under(&self, code: &str) -> String {
        let mut code = code;
        while let Some(parent) = self.regions.get(code).and_then(|region| region.parent.as_deref()) {
            if [code, parent].into_iter().any(|code| self.under.as_deref() == Some(code)) {
                break;
            }
            code = parent;
        }
        code.to_owned()
    }
}

fn sum_by<K>(counts: HashMap<K, u64>, label: impl Fn(K) -> String) -> Vec<(String, u64)> {
    let mut sums: std::collections::BTreeMap<String, u64> = std::collections::BTreeMap::new();
    for (key, count) in counts {
        *sums.entry(label(key)).or_default() += count;
    }
    sums.into_iter().collect()
}

/// Counts one segment; words are counted by their place in the segment's vocabulary.
pub struct SegmentCounter<'a> {
    tally: &'a Tally<'a>,
    types: Option<WordCounter<'a>>,
    regions: Option<WordCounter<'a>>,
    counts: Counts,
    /// The day of expiry counted last, and how many of it follow one another: documents stand in the
    /// order of these days.
    expiring: (i32, u64),
}

impl SegmentCounter<'_> {
    pub fn count(&mut self, doc: DocId, row: &impl Row) {
        self.tally.count_status(row, &mut self.counts);
        if self.tally.wants(Facet::ExpiryMonth) {
            let day = row.day(DayColumn::ValidUntil);
            if day != self.expiring.0 {
                self.count_expiring(day);
            }
            self.expiring.1 += 1;
        }
        for words in [&mut self.types, &mut self.regions].into_iter().flatten() {
            words.count(doc);
        }
    }

    fn count_expiring(&mut self, next: i32) {
        let (day, count) = std::mem::replace(&mut self.expiring, (next, 0));
        if count > 0 {
            *self.counts.expiry_days.entry(day).or_default() += count;
        }
    }

    pub fn finish(mut self, counts: &mut Counts) {
        self.count_expiring(0);
        for (sum, count) in counts.statuses.iter_mut().zip(self.counts.statuses) {
            *sum += count;
        }
        for (day, count) in self.counts.expiry_days {
            *counts.expiry_days.entry(day).or_default() += count;
        }
        for (words, sums) in [(self.types, &mut counts.types), (self.regions, &mut counts.regions)] {
            if let Some(words) = words {
                words.finish(sums);
            }
        }
    }
}

struct WordCounter<'a> {
    column: &'a Words,
    by_place: Vec<u64>,
}

impl<'a> WordCounter<'a> {
    fn new(column: &'a Words) -> Self {
        Self { column, by_place: vec![0; column.vocabulary.len()] }
    }

    fn count(&mut self, doc: DocId) {
        self.by_place[usize::from(self.column.places[doc as usize])] += 1;
    }

    fn finish(self, sums: &mut HashMap<String, u64>) {
        for (word, count) in self.column.vocabulary.iter().zip(self.by_place).filter(|(_, count)| *count > 0)
        {
            *sums.entry(word.clone()).or_default() += count;
        }
    }
}
