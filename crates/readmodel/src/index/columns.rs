//! The columns of one segment as plain arrays. A search over the whole country reads some of them for
//! every document, and taking a value out of a packed column takes ten times as long. Sixteen bytes a
//! document, and one more for each day whose statuses are worked out.

use super::schema;
use crate::{Error, condition::DayColumn, days, error::Result, facts::status_among};
use domain::lifecycle::Status;
use parking_lot::RwLock;
use std::sync::Arc;
use tantivy::{
    DocId, SegmentReader,
    columnar::{Column, StrColumn},
};

/// Days whose statuses are kept: today, tomorrow and those asked for last.
const DAYS_KEPT: usize = 4;

pub struct Columns {
    issued_on: Vec<i32>,
    valid_until: Vec<i32>,
    review_due_on: Vec<i32>,
    pub types: Words,
    pub regions: Words,
    timeline: Column<u64>,
    /// Asked for last, last.
    statuses: RwLock<Vec<Arc<Statuses>>>,
}

/// A column of words out of a small vocabulary.
#[derive(Default)]
pub struct Words {
    /// For each document the place of its word.
    pub places: Vec<u16>,
    pub vocabulary: Vec<String>,
}

/// The status of every document on one day.
pub struct Statuses {
    pub on: i32,
    /// Places in [`Status::ALL`], or one behind.
    of: Vec<u8>,
}

impl Statuses {
    pub fn of(&self, doc: DocId) -> Option<Status> {
        Status::ALL.get(usize::from(self.of[doc as usize])).copied()
    }
}

impl Columns {
    pub fn read(segment: &SegmentReader) -> Result<Self> {
        let columns = segment.fast_fields();
        let documents = segment.max_doc() as usize;
        let day = |name| -> Result<Vec<i32>> {
            let mut packed = vec![0i64; documents];
            columns.i64(name)?.first_or_default_col(0).get_range(0, &mut packed);
            Ok(packed.into_iter().map(|day| i32::try_from(day).unwrap_or(days::OPEN_ENDED)).collect())
        };
        Ok(Self {
            issued_on: day(schema::ISSUED_ON)?,
            valid_until: day(schema::VALID_UNTIL)?,
            review_due_on: day(schema::REVIEW_DUE_ON)?,
            types: Words::read(columns.str(schema::TYPE)?, documents)?,
            regions: Words::read(columns.str(schema::REGION)?, documents)?,
            timeline: columns.u64(schema::TIMELINE)?,
            statuses: RwLock::default(),
        })
    }

    pub fn documents(&self) -> DocId {
        self.valid_until.len() as DocId
    }

    pub fn day(&self, doc: DocId, column: DayColumn) -> i32 {
        let days = match column {
            DayColumn::IssuedOn => &self.issued_on,
            DayColumn::ValidUntil => &self.valid_until,
            DayColumn::ReviewDueOn => &self.review_due_on,
        };
        days[doc as usize]
    }

    /// The status of one document, worked out anew.
    pub fn status_on(&self, doc: DocId, day: i32) -> Option<Status> {
        status_among(self.timeline.values_for_doc(doc), day)
    }

    /// The statuses of all documents on the day, if they are worked out.
    pub fn known_statuses(&self, on: i32) -> Option<Arc<Statuses>> {
        self.statuses.read().iter().find(|statuses| statuses.on == on).cloned()
    }

    /// The statuses of all documents on the day.
    pub fn statuses(&self, on: i32) -> Arc<Statuses> {
        if let Some(known) = self.known_statuses(on) {
            return known;
        }
        let place = |doc| self.status_on(doc, on).map_or(Status::ALL.len() as u8, |status| status as u8);
        let found = Arc::new(Statuses { on, of: (0..self.documents()).map(place).collect() });
        let mut kept = self.statuses.write();
        if kept.len() >= DAYS_KEPT {
            kept.remove(0);
        }
        kept.push(found.clone());
        found
    }
}

impl Words {
    fn read(column: Option<StrColumn>, documents: usize) -> Result<Self> {
        let Some(column) = column else { return Ok(Self::default()) };
        let mut packed = vec![0u64; documents];
        column.ords().clone().first_or_default_col(0).get_range(0, &mut packed);
        let place = |ordinal| u16::try_from(ordinal).map_err(|_| Error::Damaged);
        let places = packed.into_iter().map(place).collect::<Result<_>>()?;
        let mut vocabulary = vec![String::new(); column.num_terms()];
        for (place, word) in vocabulary.iter_mut().enumerate() {
            column.ord_to_str(place as u64, word)?;
        }
        Ok(Self { places, vocabulary })
    }
}
