//! One search, from the query to the rows of a page.

use crate::{
    Error, FeedPosition, SearchResult,
    engine::Engine,
    error::Result,
    explain::{Explanation, explain},
    facets::Tally,
    facts::{Facts, tokens_about},
    highlight::{Highlight, highlights},
    index::{Found, Hit, Snapshot, Want, collect},
    overlay::Newest,
    plan::{Plan, admits},
    reading::Reader,
    records::Moment,
    tokens::Tokens,
};
use domain::{
    Date,
    access::Scope,
    catalogue::Catalogue,
    certificate::Certificate,
    query::{Cursor, Page, SearchQuery},
};
use std::sync::Arc;

/// What a search looks at: everything is of one moment.
pub struct Search<'a> {
    pub engine: &'a Engine,
    pub snapshot: Arc<Snapshot>,
    pub newest: &'a Newest,
    pub tokens: &'a Tokens,
    pub catalogue: &'a Catalogue,
    pub scope: &'a Scope,
}

/// A row of the page with what matched in it.
pub struct FoundRow {
    pub certificate: Certificate,
    pub highlights: Vec<Highlight>,
}

impl Search<'_> {
    pub fn run(&self, query: &SearchQuery, today: Date, position: FeedPosition) -> Result<SearchResult> {
        let plan = self.plan(query, today);
        let tally = Tally::new(query, self.scope.rows(), plan.on, self.catalogue);
        let slice = Slice::of(&query.page, &plan);
        let (found, degree) = self.strictest(&plan, &slice, &tally)?;
        let page = slice.of_hits(&found.hits);
        let rows = self.load(&plan, degree, page.hits)?;
        let missing = (page.hits.len() - rows.len()) as u64;
        let explanation = if found.total == 0 { Some(self.explain(query, &plan)?) } else { None };
        let (rows, highlights) = rows.into_iter().map(|row| (row.certificate, row.highlights)).unzip();
        Ok(SearchResult {
            rows,
            highlights,
            total: found.total - missing,
            approximate: degree > 0 && found.total > 0,
            facets: tally.finish(found.counts),
            next: page
                .last
                .map(|last| Cursor { sort_value: plan.order.day(last.rank), id: last.certificate() }),
            explanation,
            position,
        })
    }

    fn plan(&self, query: &SearchQuery, today: Date) -> Plan {
        self.read(query, |reader| Plan::new(query, self.scope.rows(), today, reader))
    }

    fn explain(&self, query: &SearchQuery, plan: &Plan) -> Result<Explanation> {
        // No search runs while the dictionaries are held: names could not be added meanwhile.
        let loosened = self.read(query, |reader| plan.loosened(reader));
        explain(self, plan, &loosened)
    }

    fn read<T>(&self, query: &SearchQuery, read: impl FnOnce(&Reader<'_>) -> T) -> T {
        read(&Reader {
            exact_names: query.exact_names,
            tokens: self.tokens,
            catalogue: self.catalogue,
            organisations: &self.engine.organisations.read(),
            issuers: &self.engine.issuers.read(),
        })
    }

    /// Texts are read as strictly as finds anything.
    fn strictest(&self, plan: &Plan, slice: &Slice, tally: &Tally<'_>) -> Result<(Found, usize)> {
        let last = plan.last_degree();
        for degree in 0..last {
            let found = self.collect(plan, degree, slice.after, slice.rows(), tally)?;
            if found.total > 0 {
                return Ok((found, degree));
            }
        }
        Ok((self.collect(plan, last, slice.after, slice.rows(), tally)?, last))
    }

    pub fn collect(
        &self,
        plan: &Plan,
        degree: usize,
        after: Option<(i64, u128)>,
        rows: usize,
        tally: &Tally<'_>,
    ) -> Result<Found> {
        let (condition, checks) = (plan.condition(degree), plan.checks());
        let want = Want { condition: &condition, checks: &checks, order: plan.order, after, rows, tally };
        collect(&self.snapshot, self.newest.values().map(|newer| &newer.facts), &want)
    }

    /// The certificates of the hits. The scope is asked again for each. One that changed since the
    /// index saw it stays only if it still is what was asked for.
    pub fn load(&self, plan: &Plan, degree: usize, hits: &[Hit]) -> Result<Vec<FoundRow>> {
        let (condition, checks, fields) = (plan.condition(degree), plan.checks(), plan.fields());
        let mut rows = Vec::with_capacity(hits.len());
        let records = self.engine.records.now()?;
        for hit in hits {
            let Some(certificate) = self.current(&records, hit)? else { continue };
            if !self.scope.admits(certificate.placement()) {
                continue;
            }
            let tokens = if certificate.version == hit.version {
                tokens_about(&fields, &certificate, self.catalogue, self.tokens)
            } else {
                let facts = Facts::of(&certificate, self.catalogue, self.tokens);
                if !admits(&condition, &checks, &facts) {
                    continue;
                }
                facts.tokens
            };
            let highlights = highlights(plan, degree, &certificate, &tokens);
            rows.push(FoundRow { certificate, highlights });
        }
        Ok(rows)
    }

    fn current(&self, records: &Moment<'_>, hit: &Hit) -> Result<Option<Certificate>> {
        match self.newest.get(&hit.certificate()) {
            Some(newer) => Ok(Some(newer.certificate.clone())),
            None => match records.certificate(hit.certificate())? {
                // A row left out in silence would make the answer a wrong one.
                None if !records.is_withheld(hit.certificate())? => Err(Error::Damaged),
                found => Ok(found),
            },
        }
    }
}

/// The part of the result to list.
struct Slice {
    after: Option<(i64, u128)>,
    skip: usize,
    size: usize,
}

/// The hits of a page; `last` only if there are more after it.
struct PageHits<'a> {
    hits: &'a [Hit],
    last: Option<&'a Hit>,
}

impl Slice {
    fn of(page: &Page, plan: &Plan) -> Self {
        let size = usize::from(page.size());
        match page {
            Page::Numbered { number, .. } => {
                let skip = number.saturating_sub(1) as usize * size;
                Self { after: None, skip, size }
            }
            Page::After { cursor, .. } => {
                let after = (plan.order.rank(cursor.sort_value), cursor.id.uuid().as_u128());
                Self { after: Some(after), skip: 0, size }
            }
        }
    }

    /// One more than shown, to know whether there is a next page.
    fn rows(&self) -> usize {
        self.skip + self.size + 1
    }

    fn of_hits<'a>(&self, hits: &'a [Hit]) -> PageHits<'a> {
        let shown = hits.get(self.skip..).unwrap_or_default();
        let page = &shown[..shown.len().min(self.size)];
        PageHits { hits: page, last: page.last().filter(|_| shown.len() > self.size) }
    }
}
