//! The reading half of an import: a thread of its own goes through the file and hands over pieces,
//! so that a file of any size needs the memory of a few pieces.

use super::ImportRequest;
use crate::{
    Error,
    certificates::draft::{Draft, DraftHolder, DraftOrganisation},
    words::Words,
};
use domain::catalogue::Catalogue;
use sheet::{Entry, Outcome, Problem, RejectsWriter, Roster, Row, SheetLayout};
use std::{
    fs::{File, OpenOptions},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    sync::Arc,
};
use tokio::sync::mpsc;

/// Rows of one piece, and so of one transaction.
const PIECE: usize = 1_000;
/// Complaints kept for the report; all of them are in the file.
const COMPLAINTS: usize = 100;

/// One thing that is wrong, in words.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// Address such as `Sheet1!C7`.
    pub cell: String,
    /// Stable code.
    pub code: &'static str,
    pub text: String,
}

/// Some rows of the file, in order.
#[derive(Default)]
pub(super) struct Piece {
    /// Number of the last row, counted over the whole file from 1.
    pub last: u64,
    /// One entry for each row that can be registered: the certificates it speaks of.
    pub drafts: Vec<Vec<Draft>>,
    pub repeated: u64,
    pub rejected: u64,
    pub warnings: u64,
    pub complaints: Vec<Complaint>,
}

/// What is known before the first row.
pub(super) struct Opened {
    pub layout: Vec<String>,
    /// Rows of all sheets, as far as the file tells; for progress only.
    pub estimate: u64,
}

/// Opens the file and reads it on another thread. The receiver gets the pieces; the error that
/// ended the reading, if one did, comes last.
pub(super) fn read(
    request: &ImportRequest,
    catalogue: Arc<Catalogue>,
) -> Result<(Opened, mpsc::Receiver<Result<Piece, Error>>), Error> {
    let request = request.clone();
    let (name, mapping) = (request.name.as_str(), request.mapping.clone());
    let roster = Roster::open(&request.file, name, &request.limits, catalogue, mapping).map_err(unreadable)?;
    let layouts = roster.sheets().to_vec();
    let opened = Opened {
        layout: layouts.iter().filter(|layout| layout.is_read()).map(ToString::to_string).collect(),
        estimate: layouts.iter().filter(|layout| layout.is_read()).map(|layout| layout.rows).sum(),
    };
    let (sender, receiver) = mpsc::channel(2);
    std::thread::spawn(move || {
        let reading = Reading { rejects: None, request, sender, piece: Piece::default(), complaints: 0 };
        reading.run(roster, &layouts);
    });
    Ok((opened, receiver))
}

fn unreadable(error: sheet::SheetError) -> Error {
    Error::File { code: error.code() }
}

struct Reading {
    request: ImportRequest,
    sender: mpsc::Sender<Result<Piece, Error>>,
    piece: Piece,
    complaints: usize,
    rejects: Option<RejectsWriter<File>>,
}

/// The importer has gone; there is nobody to read for.
struct Gone;

impl Reading {
    fn run(mut self, mut roster: Roster, layouts: &[SheetLayout]) {
        let outcome = self.sheets(&mut roster, layouts).and_then(|()| self.finish());
        if let Err(Some(error)) = outcome {
            // If nobody listens any more, nobody wants to know.
            let _gone = self.sender.blocking_send(Err(error));
        }
    }

    fn sheets(&mut self, roster: &mut Roster, layouts: &[SheetLayout]) -> Result<(), Option<Error>> {
        let format = roster.format();
        for layout in layouts.iter().filter(|layout| layout.is_read()) {
            let rows = roster.rows(layout.index).map_err(|error| Some(unreadable(error)))?;
            for row in rows {
                let row = row.map_err(|error| Some(unreadable(error)))?;
                self.row(row, layout, format).map_err(Some)?;
                if self.piece.drafts.len() + (self.piece.repeated + self.piece.rejected) as usize >= PIECE {
                    self.hand_over().map_err(|Gone| None)?;
                }
            }
        }
        self.hand_over().map_err(|Gone| None)
    }

    fn row(&mut self, row: Row, layout: &SheetLayout, format: sheet::Format) -> Result<(), Error> {
        match row.outcome {
            Outcome::Remark => return Ok(()),
            Outcome::Repeated { .. } => self.piece.repeated += 1,
            Outcome::Rejected(problems) => {
                self.piece.rejected += 1;
                self.complain(&problems);
                self.rejects(format)?.write(layout, &row.cells, &problems).map_err(Error::internal)?;
            }
            Outcome::Accepted(entries) => {
                self.piece.warnings += entries.iter().map(|entry| entry.warnings.len() as u64).sum::<u64>();
                self.piece.drafts.push(entries.into_iter().map(draft).collect());
            }
        }
        self.piece.last += 1;
        Ok(())
    }

    fn complain(&mut self, problems: &[Problem]) {
        let words = Words::builtin().of_rows(self.request.language);
        for problem in problems.iter().filter(|problem| problem.is_error()) {
            if self.complaints == COMPLAINTS {
                return;
            }
            self.complaints += 1;
            self.piece.complaints.push(Complaint {
                cell: problem.cell.clone(),
                code: problem.code.code(),
                text: words.sentence(problem),
            });
        }
    }

    fn rejects(&mut self, format: sheet::Format) -> Result<&mut RejectsWriter<File>, Error> {
        if self.rejects.is_none() {
            // The rows hold personal data: nobody but the owner may read them.
            let file = OpenOptions::new()
                .read(true)
                .write(true)
                .create(true)
                .truncate(true)
                .mode(0o600)
                .open(unfinished(&self.request.errors_file))
                .map_err(Error::internal)?;
            let words = Words::builtin().of_rows(self.request.language).clone();
            self.rejects = Some(RejectsWriter::new(file, format, words));
        }
        self.rejects.as_mut().ok_or(Error::AuditUnavailable)
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        let next = Piece { last: self.piece.last, ..Piece::default() };
        let piece = std::mem::replace(&mut self.piece, next);
        self.sender.blocking_send(Ok(piece)).map_err(|_| Gone)
    }

    /// The rejected rows appear under their name only when they are all there.
    fn finish(&mut self) -> Result<(), Option<Error>> {
        let Some(rejects) = self.rejects.take() else { return Ok(()) };
        let internal = |error: Box<dyn std::error::Error + Send + Sync>| Some(Error::Internal(error));
        let file = rejects.finish().map_err(|error| internal(error.into()))?;
        file.sync_all().map_err(|error| internal(error.into()))?;
        let target = &self.request.errors_file;
        std::fs::rename(unfinished(target), target).map_err(|error| internal(error.into()))
    }
}

fn unfinished(target: &std::path::Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

fn draft(entry: Entry) -> Draft {
    let uscc = entry.credit_code;
    Draft {
        type_code: entry.type_code,
        number: entry.number,
        item: entry.item,
        holder: DraftHolder { name: entry.holder_name, identity: entry.identity, phone: entry.phone },
        organisation: entry.organisation_name.map(|name| DraftOrganisation { name, uscc }),
        issuer: entry.issuer.unwrap_or_default(),
        region: entry.region,
        industry: entry.industry,
        terms: entry.terms,
        training: entry.training.into_iter().collect(),
        education: Vec::new(),
    }
}
