use super::{
    ImportReport, ImportRequest, Mapping, RosterSource,
    reading::{self, Piece},
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{
        draft::Draft,
        register::{Registered, register},
    },
};
use domain::{
    access::{Action, Wish, decide},
    certificate::Source,
    ids::ImportId,
};
use sha2::{Digest, Sha256};
use std::io::Read;
use store::{ImportBatch, ImportState, Tx};

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
    decide(&app.matrix, &call.principal, Action::System, Wish::Default, call.now)?;
    let (opened, mut pieces) = reading::read(request, app.catalogue.clone(), app.today())?;
    progress(Progress::Understood { layout: &opened.layout });
    let mut report =
        ImportReport { layout: opened.layout, mapping: opened.mapping, ..ImportReport::default() };
    let mut batch = begin(app, call, request).await?;
    entry.object(batch.id);
    let source = Source { code: "import".to_owned(), synced_at: call.now };
    while let Some(piece) = pieces.recv().await {
        let piece = piece?;
        report.warnings += piece.warnings;
        report.complaints.extend_from_slice(&piece.complaints);
        report.errors = piece.errors.clone();
        progress(Progress::Rows { done: piece.last, estimate: opened.estimate });
        // Committed before the interruption.
        if piece.last > batch.checkpoint {
            take(app, call, request, &mut batch, piece, &source).await?;
        }
    }
    if !request.dry_run {
        finish(app, call, &mut batch, entry).await?;
    }
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

async fn take(
    app: &App,
    call: &Call,
    request: &ImportRequest,
    batch: &mut ImportBatch,
    piece: Piece,
    source: &Source,
) -> Result<(), Error> {
    batch.rows += piece.drafts.len() as u64 + piece.repeated + piece.rejected;
    batch.unchanged += piece.repeated;
    batch.rejected += piece.rejected;
    batch.checkpoint = piece.last;
    if request.dry_run {
        batch.accepted += piece.drafts.len() as u64;
        return Ok(());
    }
    let tx = app.store.begin().await?;
    let (accepted, unchanged) = write(app, &tx, piece.drafts, source).await?;
    batch.accepted += accepted;
    batch.unchanged += unchanged;
    tx.update_import(batch).await?;
    // A call of its own: a record is known by its request, and each piece has one.
    let part = app.call(call.principal.clone(), call.source.clone(), call.device.clone());
    let mut entry = Entry::new("roster.import.piece");
    entry.object(batch.id).count(usize::try_from(accepted).unwrap_or(usize::MAX));
    app.audit.stage(&tx, &part, &mut entry).await?;
    tx.commit().await?;
    app.changed.notify_one();
    app.audit.record(&part, entry, Ok(())).await.into_result()
}

/// Registers the rows; returns how many changed something and how many did not.
async fn write(app: &App, tx: &Tx, rows: Vec<Vec<Draft>>, source: &Source) -> Result<(u64, u64), Error> {
    let sizes: Vec<usize> = rows.iter().map(Vec::len).collect();
    let mut outcomes = register(app, tx, rows.into_iter().flatten().collect(), source).await?.into_iter();
    let (mut accepted, mut unchanged) = (0, 0);
    for size in sizes {
        // All of them are taken, also after the first that counts.
        let changed =
            outcomes.by_ref().take(size).filter(|outcome| *outcome != Registered::Unchanged).count();
        if changed > 0 { accepted += 1 } else { unchanged += 1 }
    }
    Ok((accepted, unchanged))
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
