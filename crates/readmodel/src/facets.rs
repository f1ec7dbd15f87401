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

    pub fn facets(&self) -> &[Facet] {
        self.facets
    }

    pub fn start(&self) -> Counts {
        Counts::default()
    }

    fn wants(&self, facet: Facet) -> bool {
        self.facets.contains(&facet)
    }

    pub fn count_facts(&self, facts: &Facts, counts: &mut Counts) {
        self.count_status(facts, &mut counts.statuses);
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

    pub fn for_segment(&self, columns: &Columns) -> SegmentCounts {
        let places = |facet, words: &Words| match self.wants(facet) {
            true => vec![0; words.vocabulary.len()],
            false => Vec::new(),
        };
        SegmentCounts {
            total: 0,
            first: None,
            statuses: Default::default(),
            types: places(Facet::Type, &columns.types),
            regions: places(Facet::Region, &columns.regions),
            expiry_days: HashMap::new(),
            expiring: (0, 0),
        }
    }

    /// Counts one document; in order is fastest.
    pub fn count(&self, doc: DocId, row: &impl Row, columns: &Columns, counts: &mut SegmentCounts) {
        counts.total += 1;
        counts.first.get_or_insert(doc);
        self.count_status(row, &mut counts.statuses);
        if self.wants(Facet::ExpiryMonth) {
            counts.count_expiring(row.day(DayColumn::ValidUntil));
        }
        for (words, sums) in [(&columns.types, &mut counts.types), (&columns.regions, &mut counts.regions)] {
            if !sums.is_empty() {
                sums[usize::from(words.places[doc as usize])] += 1;
            }
        }
    }

    /// The day on which statuses are counted, if they are.
    pub fn status_day(&self) -> Option<i32> {
        self.wants(Facet::Status).then_some(self.on)
    }

    fn count_status(&self, row: &impl Row, sums: &mut [u64; Status::ALL.len()]) {
        if self.wants(Facet::Status)
            && let Some(status) = row.status_on(self.on)
        {
            sums[status as usize] += 1;
        }
    }

    /// The counts in the order they are shown.
    pub fn finish(&self, counts: Counts) -> Vec<(Facet, Vec<(String, u64)>)> {
        let Counts { statuses, mut types, mut regions, mut expiry_days } = counts;
        types.retain(|_, count| *count > 0);
        regions.retain(|_, count| *count > 0);
        expiry_days.retain(|_, count| *count > 0);
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

/// What was counted in one segment; words by their place in its vocabulary.
pub struct SegmentCounts {
    pub total: u64,
    /// The document counted first.
    pub first: Option<DocId>,
    statuses: [u64; Status::ALL.len()],
    /// Empty where they are not asked for, as regions.
    types: Vec<u64>,
    regions: Vec<u64>,
    expiry_days: HashMap<i32, u64>,
    /// The day of expiry counted last, and how many of it follow one another: documents stand in the
    /// order of these days.
    expiring: (i32, u64),
}

impl SegmentCounts {
    fn count_expiring(&mut self, day: i32) {
        if day != self.expiring.0 {
            self.finish();
            self.expiring.0 = day;
        }
        self.expiring.1 += 1;
    }

    /// Nothing more is counted.
    pub fn finish(&mut self) {
        let (day, count) = std::mem::take(&mut self.expiring);
        if count > 0 {
            *self.expiry_days.entry(day).or_default() += count;
        }
    }

    /// Changes each of the sums by what was counted here.
    pub fn apply(&self, columns: &Columns, sums: &mut Counts, change: fn(&mut u64, u64)) {
        for (sum, count) in sums.statuses.iter_mut().zip(self.statuses) {
            change(sum, count);
        }
        for (day, count) in &self.expiry_days {
            change(sums.expiry_days.entry(*day).or_default(), *count);
        }
        for (words, counts, sums) in [
            (&columns.types, &self.types, &mut sums.types),
            (&columns.regions, &self.regions, &mut sums.regions),
        ] {
            for (word, count) in words.vocabulary.iter().zip(counts).filter(|(_, count)| **count > 0) {
                match sums.get_mut(word) {
                    Some(sum) => change(sum, *count),
                    None => change(sums.entry(word.clone()).or_default(), *count),
                }
            }
        }
    }
}
