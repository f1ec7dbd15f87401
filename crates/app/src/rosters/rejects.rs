//! What is said of a roster's rows: the rejected ones come back as a file, beside the roster or, for
//! an upload, in memory; the first complaints and remarks are also told in words.

use super::{ImportRequest, reading::Opened};
use crate::{Error, words::Words};
use sheet::{Cell, Problem, RejectsWriter, SheetLayout};
use std::{
    fs::{File, OpenOptions},
    io::{self, Cursor, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Complaints, and remarks, kept for the report; all complaints are in the file.
const SAID: usize = 100;

/// One thing that is wrong, or should be looked at, in words.
#[derive(Debug, Clone)]
pub struct Complaint {
    /// Address such as `Sheet1!C7`.
    pub cell: String,
    /// Stable code.
    pub code: &'static str,
    pub text: String,
}

/// Gathers what is said of the rows.
pub(super) struct Rejects {
    words: sheet::Words,
    format: sheet::Format,
    target: Option<PathBuf>,
    writer: Option<RejectsWriter<Output>>,
    pub complaints: Vec<Complaint>,
    /// Of rows that are taken over.
    pub remarks: Vec<Complaint>,
}

impl Rejects {
    pub fn new(request: &ImportRequest, opened: &Opened) -> Self {
        Self {
            words: Words::builtin().of_rows(request.language).clone(),
            format: opened.format,
            target: request.errors_file.clone(),
            writer: None,
            complaints: Vec::new(),
            remarks: Vec::new(),
        }
    }

    pub fn reject(
        &mut self,
        layout: &SheetLayout,
        cells: &[Cell],
        problems: &[Problem],
    ) -> Result<(), Error> {
        let errors = problems.iter().filter(|problem| problem.is_error());
        let room = SAID.saturating_sub(self.complaints.len());
        self.complaints.extend(errors.take(room).map(|problem| said(&self.words, problem)));
        let writer = match self.writer.take() {
            Some(writer) => writer,
            None => {
                let output = Output::open(self.target.as_deref()).map_err(Error::internal)?;
                RejectsWriter::new(output, self.format, self.words.clone())
            }
        };
        self.writer.insert(writer).write(layout, cells, problems).map_err(Error::internal)
    }

    pub fn remark(&mut self, problems: &[Problem]) {
        let room = SAID.saturating_sub(self.remarks.len());
        self.remarks.extend(problems.iter().take(room).map(|problem| said(&self.words, problem)));
    }

    /// Completes the file; returns what is in memory.
    pub fn finish(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(writer) = self.writer.take() else { return Ok(None) };
        let output = writer.finish().map_err(Error::internal)?;
        output.finish().map_err(Error::internal)
    }
}

fn said(words: &sheet::Words, problem: &Problem) -> Complaint {
    Complaint { cell: problem.cell.clone(), code: problem.code.code(), text: words.sentence(problem) }
}

enum Output {
    File { file: File, target: PathBuf },
    Memory(Cursor<Vec<u8>>),
}

impl Output {
    /// The rows hold personal data: nobody but the owner may read the file.
    fn open(target: Option<&Path>) -> io::Result<Self> {
        let Some(target) = target else { return Ok(Output::Memory(Cursor::default())) };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(true).mode(0o600);
        Ok(Output::File { file: options.open(unfinished(target))?, target: target.to_owned() })
    }

    /// A file appears under its name only when it is all there. Returns what is in memory.
    fn finish(self) -> io::Result<Option<Vec<u8>>> {
        match self {
            Output::File { file, target } => {
                file.sync_all()?;
                std::fs::rename(unfinished(&target), &target)?;
                Ok(None)
            }
            Output::Memory(bytes) => Ok(Some(bytes.into_inner())),
        }
    }
}

fn unfinished(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    name.into()
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Output::File { file, .. } => file.write(bytes),
            Output::Memory(memory) => memory.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Output::File { file, .. } => file.flush(),
            Output::Memory(memory) => memory.flush(),
        }
    }
}

impl Read for Output {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Output::File { file, .. } => file.read(buffer),
            Output::Memory(memory) => memory.read(buffer),
        }
    }
}

impl Seek for Output {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        match self {
            Output::File { file, .. } => file.seek(position),
            Output::Memory(memory) => memory.seek(position),
        }
    }
}
