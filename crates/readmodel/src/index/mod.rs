//! The tantivy index: postings of keyed tokens, columns of dates, nothing that can be read as a
//! name or a number.

mod collect;
mod columns;
mod counted;
mod query;
mod schema;
mod segment;

pub use collect::{Found, Hit, Want, collect};
pub use columns::{Columns, Words};
pub use segment::Snapshot;

use crate::{Error, error::Result, facts::Facts, model::FeedPosition};
use arc_swap::ArcSwap;
use domain::ids::CertificateId;
use parking_lot::Mutex;
use schema::Fields;
use std::{path::Path, sync::Arc};
use tantivy::{
    Index as Tantivy, IndexReader, IndexSettings, IndexSortByField, IndexWriter, Order, ReloadPolicy, Term,
    directory::MmapDirectory,
};

/// What is on its way into the index.
#[derive(Default)]
struct Writing {
    /// `None` after a failure, of which a writer dies.
    writer: Option<IndexWriter>,
    /// Documents that no search sees yet.
    uncommitted: usize,
}

/// One writer thread: a second would make more and smaller segments out of each batch.
const WRITER_THREADS: usize = 1;

pub struct Index {
    fields: Fields,
    tantivy: Tantivy,
    reader: IndexReader,
    writing: Mutex<Writing>,
    writer_heap_bytes: usize,
    snapshot: ArcSwap<Snapshot>,
    /// Days on which statuses are asked for most.
    days: Mutex<Vec<i32>>,
}

impl Index {
    /// Opens the index in the folder, which must exist, or makes an empty one.
    pub fn open(dir: &Path, writer_heap_bytes: usize) -> Result<Self> {
        let (schema, fields) = schema::build();
        // Lists are read by the day on which validity ends, most urgent first. In this order a
        // listing can stop as soon as its page is full.
        let sort = IndexSortByField { field: schema::VALID_UNTIL.to_owned(), order: Order::Asc };
        let settings = IndexSettings { sort_by_field: Some(sort), ..IndexSettings::default() };
        let directory = MmapDirectory::open(dir).map_err(tantivy::TantivyError::from)?;
        let tantivy = Tantivy::builder().schema(schema).settings(settings).open_or_create(directory)?;
        let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let snapshot = ArcSwap::from_pointee(Snapshot::new(reader.searcher(), fields, None, &[])?);
        let (writing, days) = (Mutex::default(), Mutex::default());
        let index = Self { fields, tantivy, reader, writing, writer_heap_bytes, snapshot, days };
        index.writing.lock().writer = Some(index.new_writer()?);
        Ok(index)
    }

    /// Up to which change the index was committed; `None` while nothing was.
    pub fn position(&self) -> Result<Option<FeedPosition>> {
        let payload = self.tantivy.load_metas()?.payload;
        payload.map(|payload| FeedPosition::from_payload(&payload).ok_or(Error::Damaged)).transpose()
    }

    /// What a search looks at. Stays the same while the index moves on.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.load_full()
    }

    /// Takes `outdated` out and `facts` in with the next commit; returns how many documents wait for it.
    /// After an error none do.
    pub fn add(&self, facts: &[Facts], outdated: &[CertificateId]) -> Result<usize> {
        let mut writing = self.writing.lock();
        // What waited with a writer that failed is lost with it.
        let Writing { writer, uncommitted } = std::mem::take(&mut *writing);
        let writer = match writer {
            Some(writer) => writer,
            None => self.new_writer()?,
        };
        for id in outdated {
            writer.delete_term(Term::from_field_bytes(self.fields.id, id.uuid().as_bytes()));
        }
        for facts in facts {
            writer.add_document(self.fields.document(facts))?;
        }
        let uncommitted = uncommitted + facts.len() + outdated.len();
        *writing = Writing { writer: Some(writer), uncommitted };
        Ok(uncommitted)
    }

    /// Makes all that was added durable, or nothing of it, and shows it to searches.
    pub fn commit(&self, position: FeedPosition) -> Result<()> {
        let mut writing = self.writing.lock();
        let mut writer = match std::mem::take(&mut *writing).writer {
            Some(writer) => writer,
            None => self.new_writer()?,
        };
        let mut commit = writer.prepare_commit()?;
        commit.set_payload(&position.to_payload());
        commit.commit()?;
        writing.writer = Some(writer);
        self.reader.reload()?;
        let (before, days) = (self.snapshot(), self.days.lock().clone());
        let now = Snapshot::new(self.reader.searcher(), self.fields, Some(&before), &days)?;
        self.snapshot.store(Arc::new(now));
        Ok(())
    }

    pub fn is_prepared(&self, days: &[i32]) -> bool {
        *self.days.lock() == days
    }

    /// Works out the statuses on these days, now and for whatever is still to come.
    pub fn prepare(&self, days: &[i32]) {
        // Held meanwhile: a segment that comes in between has them too.
        let mut prepared = self.days.lock();
        if *prepared == days {
            return;
        }
        for segment in &self.snapshot().segments {
            for day in days {
                segment.columns.statuses(*day);
            }
        }
        *prepared = days.to_vec();
    }

    /// A commit that was killed leaves files whose names the next one would use.
    fn new_writer(&self) -> Result<IndexWriter> {
        let writer: IndexWriter =
            self.tantivy.writer_with_num_threads(WRITER_THREADS, self.writer_heap_bytes)?;
        writer.garbage_collect_files().wait()?;
        Ok(writer)
    }
}
