use super::{
    columns::{Columns, Statuses},
    counted::Counted,
    query::compile,
    schema::{self, Fields},
};
use crate::{
    condition::{Condition, DayColumn},
    error::Result,
    facts::Row,
    tokens::Token,
};
use domain::{ids::CertificateId, lifecycle::Status};
use std::sync::{Arc, OnceLock};
use tantivy::{
    DocId, DocSet, InvertedIndexReader, Searcher, SegmentReader, Term, columnar::ColumnValues,
    query::EnableScoring, schema::IndexRecordOption,
};
use uuid::Uuid;

/// The index at one moment, with all columns opened.
pub struct Snapshot {
    pub searcher: Searcher,
    pub segments: Vec<Segment>,
    pub fields: Fields,
}

impl Snapshot {
    /// Is there a document of the certificate?
    pub fn knows(&self, id: CertificateId) -> Result<bool> {
        for segment in &self.segments {
            let alive = segment.reader.alive_bitset();
            let documents = segment.documents(self.fields, [id].into_iter())?;
            if documents.into_iter().any(|doc| alive.is_none_or(|alive| alive.is_alive(doc))) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The certificates that have the token, with their versions.
    pub fn having(&self, token: Token) -> Result<Vec<(CertificateId, u64)>> {
        let query = compile(&Condition::Token(token), self.fields);
        let weight = query.weight(EnableScoring::disabled_from_searcher(&self.searcher))?;
        let mut found = Vec::new();
        for segment in &self.segments {
            weight.for_each_no_score(&segment.reader, &mut |documents| {
                let certificate = |doc| CertificateId::from_uuid(Uuid::from_u128(segment.id(doc)));
                found.extend(documents.iter().map(|&doc| (certificate(doc), segment.version(doc))));
            })?;
        }
        Ok(found)
    }

    /// What a segment has in common with `before` is taken over: only new segments are read. For
    /// those the statuses on `days` are worked out, so that no search has to.
    pub fn new(searcher: Searcher, fields: Fields, before: Option<&Self>, days: &[i32]) -> Result<Self> {
        let open = |reader: &SegmentReader| {
            let same = |known: &&Segment| known.reader.segment_id() == reader.segment_id();
            match before.and_then(|before| before.segments.iter().find(same)) {
                Some(known) => Ok(known.renewed(reader)),
                None => Segment::open(reader, fields, days),
            }
        };
        let segments = searcher.segment_readers().iter().map(open).collect::<Result<_>>()?;
        Ok(Self { segments, searcher, fields })
    }
}

/// One segment with its columns.
#[derive(Clone)]
pub struct Segment {
    /// Tells which documents are alive.
    pub reader: SegmentReader,
    pub columns: Arc<Columns>,
    pub counted: Arc<Counted>,
    /// Documents taken out, in order; filled when first asked for.
    taken_out: Arc<OnceLock<Vec<DocId>>>,
    ids: Arc<InvertedIndexReader>,
    id_high: Arc<dyn ColumnValues<u64>>,
    id_low: Arc<dyn ColumnValues<u64>>,
    version: Arc<dyn ColumnValues<u64>>,
}

impl Segment {
    fn open(reader: &SegmentReader, fields: Fields, days: &[i32]) -> Result<Self> {
        let number = |name| reader.fast_fields().u64(name).map(|column| column.first_or_default_col(0));
        let columns = Columns::read(reader)?;
        for day in days {
            columns.statuses(*day);
        }
        Ok(Self {
            reader: reader.clone(),
            columns: Arc::new(columns),
            counted: Arc::default(),
            taken_out: Arc::default(),
            ids: reader.inverted_index(fields.id)?,
            id_high: number(schema::ID_HIGH)?,
            id_low: number(schema::ID_LOW)?,
            version: number(schema::VERSION)?,
        })
    }

    /// The same segment at a later moment: more documents may have been taken out.
    fn renewed(&self, reader: &SegmentReader) -> Self {
        let same = reader.num_deleted_docs() == self.reader.num_deleted_docs();
        let taken_out = if same { self.taken_out.clone() } else { Arc::default() };
        Self { reader: reader.clone(), taken_out, ..self.clone() }
    }

    /// Documents that are there no more, in order.
    pub fn taken_out(&self) -> &[DocId] {
        self.taken_out.get_or_init(|| match self.reader.alive_bitset() {
            Some(alive) => (0..self.reader.max_doc()).filter(|doc| alive.is_deleted(*doc)).collect(),
            None => Vec::new(),
        })
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
    pub columns: &'a Columns,
    /// Of the day that is asked for, where they are worked out.
    pub statuses: Option<&'a Statuses>,
    pub doc: DocId,
}

impl Row for SegmentRow<'_> {
    fn day(&self, column: DayColumn) -> i32 {
        self.columns.day(self.doc, column)
    }

    fn status_on(&self, day: i32) -> Option<Status> {
        match self.statuses {
            Some(statuses) if statuses.on == day => statuses.of(self.doc),
            _ => self.columns.status_on(self.doc, day),
        }
    }
}
