use super::{AUDIT, AuditHead, CHECKPOINTS, Facts, Failure, LogHead, SETTINGS};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use backup::{Draft, Part, PartWriter, Repository};
use domain::access::{Action, Duty, Wish, decide};
use journal::Reader;
use serde::Serialize;
use std::{io, path::PathBuf};
use store::dump::{Dump, Rows, Table, schema};

/// Records of the audit handed from the reading thread at once.
const RECORDS: usize = 1_000;

/// What is backed up besides the database.
#[derive(Debug, Clone)]
pub struct Source {
    /// Folder of the audit's segments.
    pub audit_dir: PathBuf,
    /// The settings in force, without secrets (TOML).
    pub settings: String,
}

/// One finished backup.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    pub backup: String,
    pub rows: u64,
    pub audit_records: u64,
    /// Size of all it consists of, as stored.
    pub bytes: u64,
    /// What was not there already.
    pub new_chunks: u64,
    pub new_bytes: u64,
}

/// Backs everything up while the registry is in use.
pub async fn run(app: &App, call: &Call, place: &Repository, source: &Source) -> Audited<Report> {
    let mut entry = Entry::new("backup.run");
    let answer = back_up(app, call, place, source, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn back_up(
    app: &App,
    call: &Call,
    place: &Repository,
    source: &Source,
    entry: &mut Entry,
) -> Result<Report, Error> {
    decide(&app.matrix, &call.principal, Action::System, Wish::As(Duty::Use), call.now)?;
    let report = write(app, call, place, source).await?;
    entry.object(format!("backup {}", report.backup));
    Ok(report)
}

async fn write(app: &App, call: &Call, place: &Repository, source: &Source) -> Result<Report, Failure> {
    let mut draft = Draft::begin(place, &app.keys, call.now).await?;
    let dump = app.store.dump().await?;
    let tables = dump.tables()?;
    let (feed, log) = (dump.feed_head().await?, dump.log_head().await?);
    let mut rows = 0;
    for table in &tables {
        let part = copy_table(&draft, &dump, table).await?;
        rows += part.records;
        draft.add(part);
    }
    // What the tables know of the audit is in the journal by now, since it came from there.
    drop(dump);
    draft.add(copy_checkpoints(&draft, source).await?);
    let (audit, head) = copy_audit(&draft, source).await?;
    draft.add(audit);
    let mut settings = draft.part(SETTINGS);
    settings.push(b"", source.settings.as_bytes()).await?;
    draft.add(settings.finish().await?);
    let facts = Facts {
        database: app.store.dialect().name().to_owned(),
        schema: schema(),
        tables,
        feed,
        log: LogHead::of(log),
        audit: AuditHead::of(head),
    };
    let about = serde_json::to_value(facts).map_err(Error::internal)?;
    let written = draft.finish(env!("CARGO_PKG_VERSION"), about).await?;
    Ok(Report {
        backup: written.manifest.id.clone(),
        rows,
        audit_records: head.size,
        bytes: written.manifest.bytes(),
        new_chunks: written.new_chunks,
        new_bytes: written.new_bytes,
    })
}

async fn copy_table(draft: &Draft, dump: &Dump, table: &Table) -> Result<Part, Failure> {
    if let Some(first) = table.numbered_from
        && let Some(settled) = draft.settled(&table.name)
    {
        let from = first + settled.records_kept() as i64;
        let part = copy_rows(draft.part_behind(&table.name, &settled), dump.rows_from(table, from)).await?;
        if settled.agrees(&part) {
            return Ok(part);
        }
    }
    copy_rows(draft.part(&table.name), dump.rows(table)).await
}

async fn copy_rows(mut part: PartWriter, mut rows: Rows<'_>) -> Result<Part, Failure> {
    loop {
        let page = rows.next().await?;
        if page.is_empty() {
            return Ok(part.finish().await?);
        }
        for row in page {
            part.push(&row.key, &row.record).await?;
        }
    }
}

/// Read before the records, which are durable by the time that they are signed for.
async fn copy_checkpoints(draft: &Draft, source: &Source) -> Result<Part, Failure> {
    let file = source.audit_dir.join(journal::CHECKPOINTS);
    let mut part = draft.part(CHECKPOINTS);
    for (number, line) in (0u64..).zip(crate::audit::checkpoints::lines(&file).map_err(Failure::Audit)?) {
        part.push(&number.to_be_bytes(), &line.map_err(Failure::Audit)?).await?;
    }
    Ok(part.finish().await?)
}

async fn copy_audit(draft: &Draft, source: &Source) -> Result<(Part, journal::Head), Failure> {
    if let Some(settled) = draft.settled(AUDIT) {
        let from = settled.records_kept();
        let copied = copy_records(draft.part_behind(AUDIT, &settled), source, from).await;
        // A journal that is shorter than the one of the last backup is another one.
        match copied {
            Ok((part, head)) if settled.agrees(&part) => return Ok((part, head)),
            Ok(_) => {}
            Err(failure) => return Err(failure),
        }
    }
    copy_records(draft.part(AUDIT), source, 0).await
}

async fn copy_records(
    mut part: PartWriter,
    source: &Source,
    from: u64,
) -> Result<(Part, journal::Head), Failure> {
    let mut reader = Reader::open(&source.audit_dir, from).map_err(Failure::Audit)?;
    loop {
        let (records, ended, back) = tokio::task::spawn_blocking(move || {
            let mut records = Vec::with_capacity(RECORDS);
            while records.len() < RECORDS {
                let number = reader.position();
                match reader.read()? {
                    Some(_) if number < from => {}
                    Some(record) => records.push((number, record)),
                    None => return io::Result::Ok((records, true, reader)),
                }
            }
            Ok((records, false, reader))
        })
        .await
        .map_err(Error::internal)?
        .map_err(Failure::Audit)?;
        for (number, record) in records {
            part.push(&number.to_be_bytes(), &record).await?;
        }
        if ended {
            return Ok((part.finish().await?, back.head()));
        }
        reader = back;
    }
}
