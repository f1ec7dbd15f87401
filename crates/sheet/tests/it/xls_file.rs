//! The smallest XLS file that is one: BIFF8 records ([MS-XLS]) in a compound file.

use std::io::{Cursor, Write};

pub enum XlsCell {
    Text(&'static str),
    Number(f64),
    Empty,
}

pub struct XlsSheet {
    pub name: &'static str,
    pub hidden: bool,
    pub rows: Vec<Vec<XlsCell>>,
    /// First row, last row, first column, last column.
    pub merges: Vec<[u16; 4]>,
}

const BIFF8: u16 = 0x0600;

pub fn xls(sheets: &[XlsSheet]) -> Vec<u8> {
    let bodies: Vec<Vec<u8>> = sheets.iter().map(body).collect();
    // The globals tell where each sheet begins, so their own length has to be known first.
    let length = globals(sheets, &vec![0; sheets.len()]).len();
    let starts: Vec<u32> = bodies
        .iter()
        .scan(length as u32, |next, body| {
            let start = *next;
            *next += body.len() as u32;
            Some(start)
        })
        .collect();
    let mut stream = globals(sheets, &starts);
    stream.extend(bodies.concat());
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    file.create_stream("/Workbook").unwrap().write_all(&stream).unwrap();
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn globals(sheets: &[XlsSheet], starts: &[u32]) -> Vec<u8> {
    let mut stream = record(0x0809, &[&BIFF8.to_le_bytes()[..], &5_u16.to_le_bytes()].concat());
    stream.extend(record(0x0042, &1200_u16.to_le_bytes()));
    for (sheet, start) in sheets.iter().zip(starts) {
        let name: Vec<u8> = sheet.name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let head = [u8::from(sheet.hidden), 0, (name.len() / 2) as u8, 1];
        stream.extend(record(0x0085, &[&start.to_le_bytes()[..], &head, &name].concat()));
    }
    stream.extend(record(0x000A, &[]));
    stream
}

fn body(sheet: &XlsSheet) -> Vec<u8> {
    let mut stream = record(0x0809, &[&BIFF8.to_le_bytes()[..], &16_u16.to_le_bytes()].concat());
    for (row, cells) in (0_u16..).zip(&sheet.rows) {
        for (column, cell) in (0_u16..).zip(cells) {
            let place = [row, column, 0].map(u16::to_le_bytes).concat();
            match cell {
                XlsCell::Empty => {}
                XlsCell::Number(number) => {
                    stream.extend(record(0x0203, &[&place[..], &number.to_le_bytes()].concat()));
                }
                XlsCell::Text(text) => {
                    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
                    let length = ((units.len() / 2) as u16).to_le_bytes();
                    stream.extend(record(0x0204, &[&place[..], &length, &[1], &units].concat()));
                }
            }
        }
    }
    if !sheet.merges.is_empty() {
        let mut merges = (sheet.merges.len() as u16).to_le_bytes().to_vec();
        merges.extend(sheet.merges.iter().flatten().flat_map(|bound| bound.to_le_bytes()));
        stream.extend(record(0x00E5, &merges));
    }
    stream.extend(record(0x000A, &[]));
    stream
}

fn record(kind: u16, data: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat()
}
