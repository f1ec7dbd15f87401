//! One pass over what matches: exact total, facets and the rows of a page.

use super::{
    columns::{Columns, Statuses},
    counted::Question,
    query::compile,
    segment::{Segment, SegmentRow, Snapshot},
};
use crate::{
    condition::{Check, Condition, DayColumn},
    error::Result,
    facets::{Counts, SegmentCounts, Tally},
    facts::{Facts, Row},
    plan::{Order, admits, admits_row},
    top::Top,
};
use domain::ids::CertificateId;
use std::sync::Arc;
use tantivy::{
    DocId, TERMINATED,
    query::{EnableScoring, Scorer, Weight},
};

/// One document in so many is few.
const FEW: u64 = 64;
/// Where one document in so many matches, or more, counting takes longer than finding the first rows.
const BROAD: u64 = 1_024;

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
    let question = Arc::new(Question {
        condition: want.condition.clone(),
        checks: want.checks.to_vec(),
        facets: want.tally.facets().to_vec(),
        on: want.tally.status_day(),
    });
    let (top, counts) = (Top::new(want.rows), want.tally.start());
    let mut pass = Pass { want, question, total: 0, top, counts };
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

impl Want<'_> {
    /// Every document that the postings admit, in order.
    fn each(&self, segment: &Segment, mut scorer: Box<dyn Scorer>, mut visit: impl FnMut(DocId)) {
        if *self.condition == Condition::Always {
            return (0..segment.columns.documents()).for_each(visit);
        }
        let mut doc = scorer.doc();
        while doc != TERMINATED {
            visit(doc);
            doc = scorer.advance();
        }
    }
}

struct Pass<'a> {
    want: &'a Want<'a>,
    question: Arc<Question>,
    total: u64,
    top: Top<Hit>,
    counts: Counts,
}

impl Pass<'_> {
    fn segment(&mut self, segment: &Segment, weight: &dyn Weight, replaced: &[DocId]) -> Result<()> {
        if self.first_rows_are_enough() {
            let nothing_else = self.want.checks.is_empty() && self.want.tally.facets().is_empty();
            if nothing_else
                && replaced.is_empty()
                && let Some(total) = total_of(segment, self.want.condition, weight)?
            {
                self.total += u64::from(total);
                return self.first_rows(segment, weight, None, 0, &[]);
            }
        }
        let scorer = weight.scorer(&segment.reader, 1.0)?;
        let candidates = u64::from(scorer.size_hint());
        if self.first_rows_are_enough() && candidates * BROAD >= u64::from(segment.columns.documents()) {
            return self.broad(segment, weight, scorer, replaced);
        }
        let statuses = self.statuses(&segment.columns, candidates);
        let alive = segment.reader.alive_bitset();
        let want = self.want;
        let mut counts = want.tally.for_segment(&segment.columns);
        want.each(segment, scorer, |doc| {
            let row = SegmentRow { columns: &segment.columns, statuses: statuses.as_deref(), doc };
            if alive.is_none_or(|alive| alive.is_alive(doc))
                && replaced.binary_search(&doc).is_err()
                && admits_row(want.checks, &row)
            {
                self.list(&row, || segment.id(doc), || segment.version(doc));
                want.tally.count(doc, &row, &segment.columns, &mut counts);
            }
        });
        counts.finish();
        self.total += counts.total;
        counts.apply(&segment.columns, &mut self.counts, |sum, count| *sum += count);
        Ok(())
    }

    /// Counts once what is there to be counted, and reads no more rows than the page has.
    fn broad(
        &mut self,
        segment: &Segment,
        weight: &dyn Weight,
        scorer: Box<dyn Scorer>,
        replaced: &[DocId],
    ) -> Result<()> {
        let (columns, want) = (&*segment.columns, self.want);
        let statuses = self.statuses(columns, u64::from(scorer.size_hint()));
        let count = |doc, counts: &mut SegmentCounts| {
            let row = SegmentRow { columns, statuses: statuses.as_deref(), doc };
            if admits_row(want.checks, &row) {
                want.tally.count(doc, &row, columns, counts);
            }
        };
        let all = segment.counted.get(&self.question, || {
            let mut counts = want.tally.for_segment(columns);
            want.each(segment, scorer, |doc| count(doc, &mut counts));
            counts.finish();
            counts
        });
        let mut gone = [segment.taken_out(), replaced].concat();
        gone.sort_unstable();
        gone.dedup();
        let mut counts = want.tally.for_segment(columns);
        let mut scorer = weight.scorer(&segment.reader, 1.0)?;
        for &doc in &gone {
            if seek(scorer.as_mut(), doc) == doc {
                count(doc, &mut counts);
            }
        }
        counts.finish();
        self.total += all.total - counts.total;
        all.apply(columns, &mut self.counts, |sum, count| *sum += count);
        counts.apply(columns, &mut self.counts, |sum, count| *sum -= count);
        match all.first {
            Some(first) => self.first_rows(segment, weight, statuses, first, &gone),
            None => Ok(()),
        }
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
    fn first_rows_are_enough(&self) -> bool {
        let order = self.want.order;
        order.column == DayColumn::ValidUntil && !order.descending && self.want.after.is_none()
    }

    /// From the document `first` on, without those `gone`.
    fn first_rows(
        &mut self,
        segment: &Segment,
        weight: &dyn Weight,
        statuses: Option<Arc<Statuses>>,
        first: DocId,
        gone: &[DocId],
    ) -> Result<()> {
        let mut scorer = weight.scorer(&segment.reader, 1.0)?;
        let mut doc = seek(scorer.as_mut(), first);
        let mut listed = 0;
        let mut last_rank = i64::MAX;
        while doc != TERMINATED {
            let row = SegmentRow { columns: &segment.columns, statuses: statuses.as_deref(), doc };
            let rank = self.want.order.rank(row.day(self.want.order.column));
            if listed >= self.want.rows && rank > last_rank {
                break;
            }
            if gone.binary_search(&doc).is_err() && admits_row(self.want.checks, &row) {
                self.list(&row, || segment.id(doc), || segment.version(doc));
                listed += 1;
                last_rank = rank;
            }
            doc = scorer.advance();
        }
        Ok(())
    }
}

/// The first document from this one on; those before it are passed over for good.
fn seek(scorer: &mut dyn Scorer, doc: DocId) -> DocId {
    if scorer.doc() < doc { scorer.seek(doc) } else { scorer.doc() }
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
