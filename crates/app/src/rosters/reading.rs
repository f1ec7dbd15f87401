//! The reading half of an import: a thread of its own goes through the file and hands over pieces,
//! so that a file of any size needs the memory of a few pieces.

use super::{ImportRequest, RosterSource};
use crate::{
    Error,
    attachments::Kept,
    certificates::draft::{Draft, DraftHolder, DraftOrganisation},
};
use domain::{Date, catalogue::Catalogue};
use sheet::{Cell, Entry, Field, Outcome, Pictures, Problem, ProblemCode, Roster, Row, SheetLayout};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};
use tokio::sync::mpsc;

/// Rows of one piece, and so of one transaction. Blind indexes are random, so that a transaction
/// writes about a page for each row and index: a larger one writes each page less often, needs more
/// memory, and keeps other writers waiting for longer.
const PIECE: usize = 10_000;
/// Bytes of pictures in one piece; the last picture can go beyond.
const PICTURES: usize = 32 << 20;

/// Some rows of the file, in order.
#[derive(Default)]
pub(super) struct Piece {
    /// Number of the last row, counted over the whole file from 1.
    pub last: u64,
    pub rows: Vec<ReadRow>,
    /// Bytes of their pictures.
    picture_bytes: usize,
}

/// A row that counts.
pub(super) struct ReadRow {
    /// Place of its sheet among the layouts.
    pub sheet: usize,
    /// As spreadsheets count, from 1.
    pub number: u32,
    pub cells: Vec<Cell>,
    /// That stand in it.
    pub pictures: Vec<Kept>,
    pub outcome: ReadOutcome,
}

pub(super) enum ReadOutcome {
    /// The certificates that the row speaks of, and what somebody should look at.
    Drafts(Vec<Draft>, Vec<Problem>),
    Rejected(Vec<Problem>),
    Repeated,
}

/// What is known before the first row.
pub(super) struct Opened {
    /// Of all sheets, by their place in the file.
    pub sheets: Vec<SheetLayout>,
    pub format: sheet::Format,
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
    let mut roster = roster.map_err(unreadable)?;
    let layouts = roster.sheets().to_vec();
    let opened = Opened {
        format: roster.format(),
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
        sheets: layouts.clone(),
    };
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        let pictures = roster.take_pictures();
        let mut reading = Reading { sender, piece: Piece::default(), pictures };
        let read = catch_unwind(AssertUnwindSafe(|| reading.sheets(roster, &layouts)));
        // A file that was not read to its end must not pass for one that was.
        let died = |_| Err(Some(Error::internal("a reader of files died")));
        if let Err(Some(error)) = read.unwrap_or_else(died) {
            // If nobody listens any more, nobody wants to know.
            let _gone = reading.sender.blocking_send(Err(error));
        }
    });
    Ok((opened, receiver))
}

fn unreadable(error: sheet::SheetError) -> Error {
    Error::File { code: error.code() }
}

struct Reading {
    sender: mpsc::Sender<Result<Piece, Error>>,
    piece: Piece,
    pictures: Pictures,
}

/// The importer has gone; there is nobody to read for.
struct Gone;

impl Reading {
    fn sheets(&mut self, mut roster: Roster, layouts: &[SheetLayout]) -> Result<(), Option<Error>> {
        for (sheet, layout) in layouts.iter().enumerate().filter(|(_, layout)| layout.is_read()) {
            let rows = roster.rows(layout.index).map_err(|error| Some(unreadable(error)))?;
            for row in rows {
                self.row(layout, sheet, row.map_err(|error| Some(unreadable(error)))?);
                if self.piece.rows.len() >= PIECE || self.piece.picture_bytes >= PICTURES {
                    self.hand_over().and_then(|()| self.wait()).map_err(|Gone| None)?;
                }
            }
        }
        self.hand_over().map_err(|Gone| None)
    }

    fn row(&mut self, layout: &SheetLayout, sheet: usize, row: Row) {
        let mut pictures = Vec::new();
        if let Outcome::Accepted(_) = row.outcome {
            pictures = self.pictures.of_row(layout.index, &row);
        }
        let shown = pictures.len();
        let pictures: Vec<Kept> = pictures.into_iter().flatten().filter_map(picture).collect();
        let outcome = match row.outcome {
            Outcome::Remark => return,
            Outcome::Repeated { .. } => ReadOutcome::Repeated,
            Outcome::Rejected(problems) => ReadOutcome::Rejected(problems),
            Outcome::Accepted(mut entries) => {
                let warnings = entries.iter_mut().flat_map(|entry| std::mem::take(&mut entry.warnings));
                let mut warnings: Vec<Problem> = warnings.collect();
                if pictures.len() < shown {
                    let code = ProblemCode::PictureUnreadable;
                    let warning = Problem::of_row(code, Field::Picture, layout, row.number, &row.cells);
                    warnings.push(warning);
                }
                ReadOutcome::Drafts(entries.into_iter().map(draft).collect(), warnings)
            }
        };
        self.piece.last += 1;
        self.piece.picture_bytes +=
            pictures.iter().map(|kept| kept.file.len() + kept.bytes.len()).sum::<usize>();
        self.piece.rows.push(ReadRow { sheet, number: row.number, cells: row.cells, pictures, outcome });
    }

    fn hand_over(&mut self) -> Result<(), Gone> {
        let next = Piece { last: self.piece.last, ..Piece::default() };
        let piece = std::mem::replace(&mut self.piece, next);
        self.sender.blocking_send(Ok(piece)).map_err(|_| Gone)
    }

    /// Until the importer has begun with this piece: two are in memory, and not a third one.
    fn wait(&mut self) -> Result<(), Gone> {
        futures::executor::block_on(self.sender.reserve()).map(drop).map_err(|_| Gone)
    }
}

fn picture(file: Vec<u8>) -> Option<Kept> {
    Kept::picture(file).map(|(kept, _)| kept)
}

fn draft(entry: Entry) -> Draft {
    let uscc = entry.credit_code;
    Draft {
        type_code: entry.type_code,
        number: entry.number,
        item: entry.item,
        holder: DraftHolder {
            name: entry.holder_name,
            identity: entry.identity,
            identity_as_written: entry.identity_as_written,
            phone: entry.phone,
        },
        organisation: entry.organisation_name.map(|name| DraftOrganisation { name, uscc }),
        issuer: entry.issuer.unwrap_or_default(),
        region: entry.region,
        industry: entry.industry,
        terms: entry.terms,
        training: entry.training.into_iter().collect(),
        education: Vec::new(),
        row: None,
    }
}
