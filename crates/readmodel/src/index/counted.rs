//! What was counted of a segment, kept. A segment never changes but for the documents taken out of it, so a
//! question over much of the registry is counted once, and later without those.

use crate::{
    condition::{Check, Condition},
    facets::SegmentCounts,
};
use domain::query::Facet;
use parking_lot::RwLock;
use std::sync::Arc;

/// Questions whose counts are kept of each segment: the country and its provinces by one or two statuses.
const QUESTIONS_KEPT: usize = 64;

/// What is counted, and of which documents.
#[derive(Debug, PartialEq, Eq)]
pub struct Question {
    pub condition: Condition,
    pub checks: Vec<Check>,
    pub facets: Vec<Facet>,
    /// The day on which statuses are counted.
    pub on: Option<i32>,
}

/// Counts of all documents of a segment, those taken out included.
#[derive(Default)]
pub struct Counted {
    /// Asked first, first.
    kept: RwLock<Vec<(Arc<Question>, Arc<SegmentCounts>)>>,
}

impl Counted {
    pub fn get(&self, question: &Arc<Question>, count: impl FnOnce() -> SegmentCounts) -> Arc<SegmentCounts> {
        if let Some((_, counts)) = self.kept.read().iter().find(|(known, _)| known == question) {
            return counts.clone();
        }
        let counts = Arc::new(count());
        let mut kept = self.kept.write();
        if kept.len() >= QUESTIONS_KEPT {
            kept.remove(0);
        }
        kept.push((question.clone(), counts.clone()));
        counts
    }
}
