use super::{
    ImportReport, ImportRequest, Mapping, RosterSource,
    reading::{self, Piece, ReadOutcome, ReadRow},
    rejects::Rejects,
    scan,
};
use crate::{
    App, Call, Error,
    attachments::{self, Kept},
    audit::{Audited, Entry},
    certificates::{
        draft::Draft,
        register::{Registered, register},
    },
};
use domain::{
    Date,
    access::{Action, Duty, Wish, decide},
    certificate::{RosterRow, Source},
    ids::ImportId,
};
use sha2::{Digest, Sha256};
use sheet::{Field, Problem, ProblemCode, SheetLayout};
use std::io::Read;
use store::{CertificateKey, ImportBatch, ImportState, Tx};

/// Told while an import goes on.
#[derive(Debug, Clone, Copy)]
pub enum Progress<'a> {
    /// How each sheet will be read, a line for each column; before anything is written.
    Understood { layout: &'a [String] },
    /// So many rows are done, of so many that the file seems to have.
    Rows { done: u64, estimate: u64 },
}

/// Takes a roster into the registry: the good rows go in, the bad ones come back as a file.
///
/// Each piece of the file is one transaction together with its audit record, its leaves of the
/// transparency log and the note of how far the import has come: nothing gets in without a record,
/// and an import that was interrupted goes on where it was when it is started again.
pub async fn import(
    app: &App,
    call: &Call,
    request: &ImportRequest,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Audited<ImportReport> {
    let mut entry = Entry::new("roster.import");
    let answer = run(app, call, request, progress, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn run(
    app: &App,
    call: &Call,
    request: &ImportRequest,
    progress: &(dyn Fn(Progress<'_>) + Sync),
    entry: &mut Entry,
) -> Result<ImportReport, Error> {
    decide(&app.matrix, &call.principal, Action::System, Wish::As(Duty::Use), call.now)?;
    let (opened, mut pieces) = match reading::read(request, app.catalogue.clone(), app.today()) {
        Err(Error::File { code: "file_no_table" }) => return scan::take(app, call, request).await,
        opened => opened?,
    };
    progress(Progress::Understood { layout: &opened.layout });
    let mut rejects = Rejects::new(request, &opened);
    let mut report = ImportReport::default();
    let mut batch = begin(app, call, request).await?;
    entry.object(batch.id);
    let source = Source { code: "import".to_owned(), synced_at: call.now, row: None };
    while let Some(piece) = pieces.recv().await {
        let mut piece = piece?;
        progress(Progress::Rows { done: piece.last, estimate: opened.estimate });
        // Committed before the interruption; what was refused then is found out again.
        let committed = piece.last <= batch.checkpoint;
        let refused = if committed || request.dry_run {
            look(app, batch.id, &mut piece, &source).await?
        } else {
            take(app, call, &mut batch, &mut piece, &source).await?
        };
        if request.dry_run {
            count(&mut batch, &piece, &refused);
        }
        report.warnings += say(&mut rejects, &opened.sheets, &piece, &refused)?;
    }
    if !request.dry_run {
        finish(app, call, &mut batch, entry).await?;
    }
    report.errors = rejects.finish()?;
    (report.layout, report.mapping) = (opened.layout, opened.mapping);
    (report.complaints, report.remarks) = (rejects.complaints, rejects.remarks);
    (report.rows, report.accepted) = (batch.rows, batch.accepted);
    (report.unchanged, report.rejected) = (batch.unchanged, batch.rejected);
    report.errors_file = request.errors_file.clone().filter(|_| report.rejected > 0);
    entry.count(usize::try_from(report.accepted).unwrap_or(usize::MAX));
    Ok(report)
}

/// The note of this import: a new one, or that of an interrupted one of the same file.
async fn begin(app: &App, call: &Call, request: &ImportRequest) -> Result<ImportBatch, Error> {
    let (source, mapping) = (request.source.clone(), request.mapping.clone());
    let digest = app.cpu.run(move || digest(&source, &mapping)).await??;
    let fresh = ImportBatch {
        id: ImportId::from_uuid(app.entropy.uuid(call.now)),
        digest,
        state: ImportState::Running,
        rows: 0,
        accepted: 0,
        unchanged: 0,
        rejected: 0,
        checkpoint: 0,
        started_at: call.now,
        finished_at: None,
    };
    if request.dry_run {
        return Ok(fresh);
    }
    let tx = app.store.begin().await?;
    let batch = match app.store.find_import_by_digest(&digest).await? {
        Some(known) if known.state == ImportState::Running => known,
        Some(known) => {
            let again = ImportBatch { id: known.id, ..fresh };
            tx.update_import(&again).await?;
            again
        }
        None => {
            tx.insert_import(&fresh).await?;
            fresh
        }
    };
    tx.commit().await?;
    Ok(batch)
}

/// Of the file and of what decides how it is read.
fn digest(source: &RosterSource, mapping: &Mapping) -> Result<[u8; 32], Error> {
    let mut digest = Sha256::new();
    digest.update(serde_json::to_vec(mapping).map_err(Error::internal)?);
    let mut file: Box<dyn Read + '_> = match source {
        RosterSource::File(file) => {
            Box::new(std::fs::File::open(file).map_err(|_| Error::File { code: "file_unreadable" })?)
        }
        RosterSource::Bytes(bytes) => Box::new(&bytes[..]),
    };
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer).map_err(|_| Error::File { code: "file_unreadable" })? {
            0 => return Ok(digest.finalize().into()),
            read => digest.update(&buffer[..read]),
        }
    }
}

/// Takes the rows over, with their audit record, and counts them.
async fn take(
    app: &App,
    call: &Call,
    batch: &mut ImportBatch,
    piece: &mut Piece,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let tx = app.store.begin().await?;
    let outcomes = write(app, &tx, batch.id, piece, source).await?;
    let before = batch.accepted;
    count(batch, piece, &outcomes);
    batch.checkpoint = piece.last;
    tx.update_import(batch).await?;
    // A call of its own: a record is known by its request, and each piece has one.
    let part = app.call(call.principal.clone(), call.source.clone(), call.device.clone());
    let mut entry = Entry::new("roster.import.piece");
    entry.object(batch.id).count(usize::try_from(batch.accepted - before).unwrap_or(usize::MAX));
    app.audit.stage(&tx, &part, &mut entry).await?;
    tx.commit().await?;
    app.changed.notify_one();
    app.audit.record(&part, entry, Ok(())).await.into_result()?;
    Ok(outcomes)
}

/// Finds out what would become of the rows, and leaves no trace of it.
async fn look(
    app: &App,
    import: ImportId,
    piece: &mut Piece,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let tx = app.store.begin().await?;
    let outcomes = write(app, &tx, import, piece, source).await?;
    tx.rollback().await?;
    Ok(outcomes)
}

fn count(batch: &mut ImportBatch, piece: &Piece, outcomes: &[Registered]) {
    let of = |wanted| outcomes.iter().filter(|outcome| **outcome == wanted).count() as u64;
    let read = |wanted: fn(&ReadOutcome) -> bool| {
        piece.rows.iter().filter(|row| wanted(&row.outcome)).count() as u64
    };
    batch.rows += piece.rows.len() as u64;
    batch.accepted += of(Registered::Changed);
    batch.unchanged += of(Registered::Unchanged) + read(|row| matches!(row, ReadOutcome::Repeated));
    batch.rejected += of(Registered::OfAnother) + read(|row| matches!(row, ReadOutcome::Rejected(_)));
}

/// Registers the certificates of the rows that could be read.
async fn write(
    app: &App,
    tx: &Tx,
    import: ImportId,
    piece: &mut Piece,
    source: &Source,
) -> Result<Vec<Registered>, Error> {
    let drafts = |row: &mut ReadRow| match &mut row.outcome {
        ReadOutcome::Drafts(drafts, _) => {
            let (sheet, number) = (row.sheet, row.number);
            Some(placed(std::mem::take(drafts), import, sheet, number))
        }
        _ => None,
    };
    let rows: Vec<Vec<Draft>> = piece.rows.iter_mut().filter_map(drafts).collect();
    let illustrated = illustrated(piece, &rows);
    let mut outcomes = register(app, tx, rows, source).await?;
    for (at, keys, pictures) in illustrated {
        if outcomes[at] == Registered::OfAnother {
            continue;
        }
        let keys: Vec<CertificateKey<'_>> = keys.iter().map(Key::borrowed).collect();
        let certificates: Vec<_> = tx.find_by_keys(&keys).await?.into_iter().flatten().collect();
        for picture in pictures {
            if attachments::attach(app, tx, &certificates, &picture, source.synced_at).await? {
                outcomes[at] = Registered::Changed;
            }
        }
    }
    Ok(outcomes)
}

/// What names a certificate in the real world.
struct Key {
    type_code: String,
    number: String,
    item: Option<String>,
    issued_on: Date,
}

impl Key {
    fn of(draft: &Draft) -> Self {
        Self {
            type_code: draft.type_code.clone(),
            number: draft.number.clone(),
            item: draft.item.clone(),
            issued_on: draft.terms.issued_on,
        }
    }

    fn borrowed(&self) -> CertificateKey<'_> {
        CertificateKey {
            type_code: &self.type_code,
            number: &self.number,
            item: self.item.as_deref(),
            issued_on: self.issued_on,
        }
    }
}

/// The rows with pictures: the place among those that could be read, their certificates, the pictures.
fn illustrated(piece: &mut Piece, rows: &[Vec<Draft>]) -> Vec<(usize, Vec<Key>, Vec<Kept>)> {
    let readable = piece.rows.iter_mut().filter(|row| matches!(row.outcome, ReadOutcome::Drafts(..)));
    let readable = readable.zip(rows).enumerate().filter(|(_, (row, _))| !row.pictures.is_empty());
    readable
        .map(|(at, (row, drafts))| {
            (at, drafts.iter().map(Key::of).collect(), std::mem::take(&mut row.pictures))
        })
        .collect()
}

/// Says of the drafts of one row where they stand.
fn placed(drafts: Vec<Draft>, import: ImportId, sheet: usize, row: u32) -> Vec<Draft> {
    let of = drafts.len() as u32;
    let place = |part| RosterRow { import, sheet: sheet as u32 + 1, row, part, of };
    (1..).zip(drafts).map(|(part, draft)| Draft { row: Some(place(part)), ..draft }).collect()
}

/// Says what was found in the rows, in their order; returns how much there is to look at.
fn say(
    rejects: &mut Rejects,
    sheets: &[SheetLayout],
    piece: &Piece,
    outcomes: &[Registered],
) -> Result<u64, Error> {
    let (mut outcomes, mut warnings) = (outcomes.iter(), 0);
    for row in &piece.rows {
        let layout = &sheets[row.sheet];
        match &row.outcome {
            ReadOutcome::Repeated => {}
            ReadOutcome::Rejected(problems) => rejects.reject(layout, &row.cells, problems)?,
            ReadOutcome::Drafts(_, found) => match outcomes.next() {
                Some(Registered::OfAnother) => {
                    let code = ProblemCode::HolderDiffers;
                    let problem = Problem::of_row(code, Field::Number, layout, row.number, &row.cells);
                    rejects.reject(layout, &row.cells, &[problem])?;
                }
                _ => {
                    warnings += found.len() as u64;
                    rejects.remark(found);
                }
            },
        }
    }
    Ok(warnings)
}

async fn finish(app: &App, call: &Call, batch: &mut ImportBatch, entry: &mut Entry) -> Result<(), Error> {
    batch.state = ImportState::Finished;
    batch.finished_at = Some(app.clock.now());
    let tx = app.store.begin().await?;
    tx.update_import(batch).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    Ok(())
}
