use super::schema::{self, Fields};
use crate::{
    condition::DayColumn,
    days,
    error::Result,
    facts::{Row, status_among},
};
use domain::{ids::CertificateId, lifecycle::Status};
use std::sync::Arc;
use tantivy::{
    DocId, DocSet, InvertedIndexReader, Searcher, SegmentReader, Term,
    columnar::{Column, ColumnValues, StrColumn},
    schema::IndexRecordOption,
};

/// The index at one moment, with all columns opened: opening one takes half a millisecond among
/// ten million documents, too long for every search.
pub struct Snapshot {
    pub searcher: Searcher,
    pub segments: Vec<Segment>,
    pub fields: Fields,
}

impl Snapshot {
    pub fn new(searcher: Searcher, fields: Fields) -> Result<Self> {
        let segments = searcher.segment_readers().iter().map(|reader| Segment::open(reader, fields));
        let segments = segments.collect::<Result<_>>()?;
        Ok(Self { segments, searcher, fields })
    }
}

/// One segment with its columns.
pub struct Segment {
    pub reader: SegmentReader,
    ids: Arc<InvertedIndexReader>,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    version: Arc<dyn ColumnValues<u64>>,
    valid_until: Arc<dyn ColumnValues<i64>>,
    issued_on: Arc<dyn ColumnValues<i64>>,
    review_due_on: Arc<dyn ColumnValues<i64>>,
    timeline: Column<u64>,
    pub types: Option<StrColumn>,
    pub regions: Option<StrColumn>,
}

impl Segment {
    fn open(reader: &SegmentReader, fields: Fields) -> Result<Self> {
        let columns = reader.fast_fields();
        let number = |name| columns.u64(name).map(|column| column.first_or_default_col(0));
        let day = |name| columns.i64(name).map(|column| column.first_or_default_col(0));
        Ok(Self {
            reader: reader.clone(),
            ids: reader.inverted_index(fields.id)?,
            id_high: number(schema::ID_HIGH)?,
            id_low: number(schema::ID_LOW)?,
            version: number(schema::VERSION)?,
            valid_until: day(schema::VALID_UNTIL)?,
            issued_on: day(schema::ISSUED_ON)?,
            review_due_on: day(schema::REVIEW_DUE_ON)?,
            timeline: columns.u64(schema::TIMELINE)?,
            types: columns.str(schema::TYPE)?,
            regions: columns.str(schema::REGION)?,
        })
    }

    pub fn row(&self, doc: DocId) -> SegmentRow<'_> {
        SegmentRow { segment: self, doc }
    }

    pub fn id(&self, doc: DocId) -> u128 {
        u128::from(self.id_high.get_val(doc)) << 64 | u128::from(self.id_low.get_val(doc))
    }

    pub fn version(&self, doc: DocId) -> u64 {
        self.version.get_val(doc)
    }

    /// The documents of these certificates, in order.
    pub fn documents(&self, fields: Fields, ids: impl Iterator<Item = CertificateId>) -> Result<Vec<DocId>> {
        let mut documents = Vec::new();
        for id in ids {
            let term = Term::from_field_bytes(fields.id, id.uuid().as_bytes());
            let Some(info) = self.ids.get_term_info(&term)? else { continue };
            let mut postings = self.ids.read_postings_from_terminfo(&info, IndexRecordOption::Basic)?;
            while postings.doc() != tantivy::TERMINATED {
                documents.push(postings.doc());
                postings.advance();
            }
        }
        documents.sort_unstable();
        Ok(documents)
    }
}

/// One document of a segment.
#[derive(Clone, Copy)]
pub struct SegmentRow<'a> {
    segment: &'a Segment,
    doc: DocId,
}

impl Row for SegmentRow<'_> {
    fn day(&self, column: DayColumn) -> i32 {
        let values = match column {
            DayColumn::IssuedOn => &self.segment.issued_on,
            DayColumn::ValidUntil => &self.segment.valid_until,
            DayColumn::ReviewDueOn => &self.segment.review_due_on,
        };
        i32::try_from(values.get_val(self.doc)).unwrap_or(days::OPEN_ENDED)
    }

    fn status_on(&self, day: i32) -> Option<Status> {
        status_among(self.segment.timeline.values_for_doc(self.doc), day)
    }
}
