//! The reading half of an import: a thread of its own goes through the file and hands over pieces,
//! so that a file of any size needs the memory of a few pieces.

use super::{ImportRequest, RosterSource, rejects::Output};
use crate::{
    Error,
    certificates::draft::{Draft, DraftHolder, DraftOrganisation},
    words::Words,
};
use domain::{Date, catalogue::Catalogue};
use sheet::{Entry, Outcome, Problem, RejectsWriter, Roster, Row, SheetLayout};
use std::sync::Arc;
use tokio::sync::mpsc;

/// Rows of one piece, and so of one transaction. Blind indexes are random, so that a transaction
/// writes about a page for each row and index: a larger one writes each page less often.
const PIECE: usize = 5_000;
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
    /// The rejected rows as a file, with the last piece of an upload.
    pub errors: Option<Vec<u8>>,
}

/// What is known before the first row.
pub(super) struct Opened {
    pub layout: Vec<String>,
    pub mapping: String,
    /// Rows of all sheets, as far as the file tells; for progress only.
    pub estimate: u64,
}

/// Opens the file and reads it on another thread. The receiver gets the pieces; the error that
/// ended the reading, if one did, comes last.
pub(super) fn read(
    request: &ImportRequest,
    catalogue: Arc<Catalogue>,
    today: Date,
) -> Result<(Opened, mpsc::Receiver<Result<Piece, Error>>), Error> {
    let request = request.clone();
    let (name, mapping) = (request.name.as_str(), request.mapping.clone());
    let roster = match &request.source {
        RosterSource::File(file) => Roster::open(file, name, &request.limits, catalogue, mapping, today),
        RosterSource::Bytes(bytes) => {
            Roster::from_bytes(name, bytes.to_vec(), &request.limits, catalogue, mapping, today)
        }
    };
    let roster = roster.map_err(unreadable)?;
    let layouts = roster.sheets().to_vec();
    let opened = Opened {
        layout: layouts
            .iter()
            .filter(|layout| layout.is_read())
            .flat_map(|layout| layout.to_string().lines().map(str::to_owned).collect::<Vec<_>>())
            .collect(),
        mapping: layouts
            .iter()
            .find(|layout| layout.is_read())
            .map_or_else(String::new, |layout| layout.to_mapping().to_toml()),
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
    rejects: Option<RejectsWriter<Output>>,
}

/// The importer has gone; there is nobody to read for.
struct Gone;

impl Reading {
    fn run(mut self, mut roster: Roster, layouts: &[SheetLayout]) {
        let outcome = self.sheets(&mut roster, layouts);
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
        self.finish().map_err(Some)?;
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

    fn rejects(&mut self, format: sheet::Format) -> Result<&mut RejectsWriter<Output>, Error> {
        let rejects = match self.rejects.take() {
            Some(rejects) => rejects,
            None => {
                let output = Output::open(self.request.errors_file.as_deref()).map_err(Error::internal)?;
                RejectsWriter::new(output, format, Words::builtin().of_rows(self.request.language).clone())
            }
        };
        Ok(self.rejects.insert(rejects))
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        let next = Piece { last: self.piece.last, ..Piece::default() };
        let piece = std::mem::replace(&mut self.piece, next);
        self.sender.blocking_send(Ok(piece)).map_err(|_| Gone)
    }

    fn finish(&mut self) -> Result<(), Error> {
        let Some(rejects) = self.rejects.take() else { return Ok(()) };
        let output = rejects.finish().map_err(Error::internal)?;
        self.piece.errors = output.finish().map_err(Error::internal)?;
        Ok(())
    }
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
