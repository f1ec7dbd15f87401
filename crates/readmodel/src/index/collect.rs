//! One pass over what matches: exact total, facets and the rows of a page.

use super::{
    columns::{Columns, Statuses},
    query::compile,
    segment::{Segment, SegmentRow, Snapshot},
};
use crate::{
    condition::{Check, Condition, DayColumn},
    error::Result,
    facets::{Counts, Tally},
    facts::{Facts, Row},
    plan::{Order, admits, admits_row},
    top::Top,
};
use domain::ids::CertificateId;
use std::sync::Arc;
use tantivy::{
    DocId, TERMINATED,
    query::{EnableScoring, Weight},
};

/// One document in so many is few.
const FEW: u64 = 64;

/// A row found; rows sort as the order demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    pub rank: i64,
    pub id: u128,
    /// Version of the certificate that matched.
    pub version: u64,
}

/// What is wanted of the rows that match.
pub struct Want<'a> {
    pub condition: &'a Condition,
    pub checks: &'a [Check],
    pub order: Order,
    /// Only rows after this rank and identifier are listed; all are counted.
    pub after: Option<(i64, u128)>,
    /// How many rows to list.
    pub rows: usize,
    pub tally: &'a Tally<'a>,
}

pub struct Found {
    pub total: u64,
    pub hits: Vec<Hit>,
    pub counts: Counts,
}

/// Evaluates the index and, on top of it, certificates that are newer than it. What those replace is
/// passed over in the index.
pub fn collect<'f>(
    snapshot: &Snapshot,
    newer: impl Iterator<Item = &'f Facts> + Clone,
    want: &Want<'_>,
) -> Result<Found> {
    let mut pass = Pass { want, total: 0, top: Top::new(want.rows), counts: want.tally.start() };
    let query = compile(want.condition, snapshot.fields);
    let weight = query.weight(EnableScoring::disabled_from_searcher(&snapshot.searcher))?;
    for segment in &snapshot.segments {
        let replaced = segment.documents(snapshot.fields, newer.clone().map(|facts| facts.id))?;
        pass.segment(segment, weight.as_ref(), &replaced)?;
    }
    for facts in newer.filter(|facts| admits(want.condition, want.checks, facts)) {
        pass.take(facts, facts.id.uuid().as_u128(), || facts.version);
        want.tally.count_facts(facts, &mut pass.counts);
    }
    Ok(Found { total: pass.total, hits: pass.top.into_sorted(), counts: pass.counts })
}

struct Pass<'a> {
    want: &'a Want<'a>,
    total: u64,
    top: Top<Hit>,
    counts: Counts,
}

impl Pass<'_> {
    fn segment(&mut self, segment: &Segment, weight: &dyn Weight, replaced: &[DocId]) -> Result<()> {
        if self.first_rows_are_enough(replaced)
            && let Some(total) = total_of(segment, self.want.condition, weight)?
        {
            self.total += u64::from(total);
            return self.first_rows(segment, weight);
        }
        let everything = *self.want.condition == Condition::Always;
        let mut scorer = weight.scorer(&segment.reader, 1.0)?;
        let statuses = self.statuses(&segment.columns, u64::from(scorer.size_hint()));
        let mut counter = self.want.tally.for_segment(&segment.columns);
        let alive = segment.reader.alive_bitset();
        let mut visit = |doc: DocId| {
            let row = SegmentRow { columns: &segment.columns, statuses: statuses.as_deref(), doc };
            if alive.is_none_or(|alive| alive.is_alive(doc))
                && replaced.binary_search(&doc).is_err()
                && admits_row(self.want.checks, &row)
            {
                self.total += 1;
                self.list(&row, || segment.id(doc), || segment.version(doc));
                counter.count(doc, &row);
            }
        };
        if everything {
            (0..segment.columns.documents()).for_each(visit);
        } else {
            let mut doc = scorer.doc();
            while doc != TERMINATED {
                visit(doc);
                doc = scorer.advance();
            }
        }
        counter.finish(&mut self.counts);
        Ok(())
    }

    /// The statuses on the day asked for, if any are asked for. Where they are not known and only few
    /// documents come into question, each is worked out by itself.
    fn statuses(&self, columns: &Columns, candidates: u64) -> Option<Arc<Statuses>> {
        let of_checks = self.want.checks.iter().find_map(Check::status_day);
        let on = of_checks.or_else(|| self.want.tally.status_day())?;
        let many = candidates * FEW >= u64::from(columns.documents());
        if many { Some(columns.statuses(on)) } else { columns.known_statuses(on) }
    }

    fn take(&mut self, row: &impl Row, id: u128, version: impl FnOnce() -> u64) {
        self.total += 1;
        self.list(row, || id, version);
    }

    /// Columns are read only for rows that can still come onto the page.
    fn list(&mut self, row: &impl Row, id: impl FnOnce() -> u128, version: impl FnOnce() -> u64) {
        let rank = self.want.order.rank(row.day(self.want.order.column));
        if !self.top.wants(&Hit { rank, id: 0, version: 0 }) {
            return;
        }
        let id = id();
        if self.want.after.is_none_or(|after| after < (rank, id)) {
            self.top.push(Hit { rank, id, version: version() });
        }
    }

    /// Documents stand in the order of the default sort: once the page is full, only documents of
    /// the same day as its last row can still matter.
    fn first_rows_are_enough(&self, replaced: &[DocId]) -> bool {
        let order = self.want.order;
        order.column == DayColumn::ValidUntil
            && !order.descending
            && self.want.checks.is_empty()
            && self.want.tally.is_empty()
            && self.want.after.is_none()
            && replaced.is_empty()
    }

    fn first_rows(&mut self, segment: &Segment, weight: &dyn Weight) -> Result<()> {
        let mut scorer = weight.scorer(&segment.reader, 1.0)?;
        let mut doc = scorer.doc();
        let mut listed = 0;
        let mut last_rank = i64::MAX;
        while doc != TERMINATED {
            let row = SegmentRow { columns: &segment.columns, statuses: None, doc };
            let rank = self.want.order.rank(row.day(self.want.order.column));
            if listed >= self.want.rows && rank > last_rank {
                break;
            }
            self.list(&row, || segment.id(doc), || segment.version(doc));
            listed += 1;
            last_rank = rank;
            doc = scorer.advance();
        }
        Ok(())
    }
}

/// How many documents match, where that is known without looking at them.
fn total_of(segment: &Segment, condition: &Condition, weight: &dyn Weight) -> Result<Option<u32>> {
    if segment.reader.has_deletes() {
        return Ok(None);
    }
    match condition {
        Condition::Always => Ok(Some(segment.reader.max_doc())),
        Condition::Token(_) => Ok(Some(weight.count(&segment.reader)?)),
        _ => Ok(None),
    }
}

impl Hit {
    pub fn certificate(&self) -> CertificateId {
        CertificateId::from_uuid(uuid::Uuid::from_u128(self.id))
    }
}
