//! A picture or print of one certificate in the place of a roster: the code printed on it says which, and
//! the file is attached to it. What the code holds is never told, since it can be an ID number.

use super::{ImportReport, ImportRequest, RosterSource};
use crate::{
    App, Call, Error,
    attachments::{self, Kept, LARGEST_FILE, decoded},
    audit::Entry,
};
use domain::{certificate::Certificate, number::certificate_number};
use image::{DynamicImage, imageops::FilterType};
use percent_encoding::percent_decode_str;
use std::io::Read;
use store::Tx;

/// Codes are looked for in a smaller copy too, in which a camera's noise is gone; longest side, in pixels.
const SMALLER: u32 = 1_600;
/// Pages of a print that are looked at.
const MOST_PAGES: usize = 20;
/// Texts of a code that are looked up.
const MOST_NUMBERS: usize = 50;
/// Characters of a certificate number.
const NUMBER_LENGTH: std::ops::RangeInclusive<usize> = 6..=60;

/// Attaches the file to the certificate that its code names.
pub(super) async fn take(app: &App, call: &Call, request: &ImportRequest) -> Result<ImportReport, Error> {
    let source = request.source.clone();
    let (kept, texts) = app.cpu.run(move || read(&source)).await??;
    let tx = app.store.begin().await?;
    let certificates = named(&tx, &texts).await?;
    let new = attachments::attach(app, &tx, &certificates, &kept, call.now).await?;
    let report = ImportReport {
        rows: 1,
        accepted: u64::from(new),
        unchanged: u64::from(!new),
        ..ImportReport::default()
    };
    if request.dry_run {
        tx.rollback().await?;
        return Ok(report);
    }
    // A call of its own: a record is known by its request, and the import has one.
    let part = app.call(call.principal.clone(), call.source.clone(), call.device.clone());
    let mut entry = Entry::new("certificate.attach");
    let shown = certificates.iter().map(|certificate| (certificate.id, certificate.region.as_str()));
    entry.count(usize::from(new)).shows(shown);
    app.audit.stage(&tx, &part, &mut entry).await?;
    tx.commit().await?;
    app.audit.record(&part, entry, Ok(())).await.into_result()?;
    Ok(report)
}

/// The file as it is kept, and the texts of the codes on it.
fn read(source: &RosterSource) -> Result<(Kept, Vec<String>), Error> {
    let file = match source {
        RosterSource::Bytes(bytes) => bytes.to_vec(),
        RosterSource::File(path) => {
            let unreadable = |_| Error::File { code: "file_unreadable" };
            let mut bytes = Vec::new();
            let file = std::fs::File::open(path).map_err(unreadable)?;
            file.take(LARGEST_FILE as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
            bytes
        }
    };
    if file.len() > LARGEST_FILE {
        return Err(Error::File { code: "file_too_large" });
    }
    let (kept, texts) = if file.starts_with(b"%PDF") {
        let texts = pages(&file).filter_map(decoded).flat_map(|page| codes(&page)).collect();
        (Kept { bytes: file.clone(), file, media_type: "application/pdf" }, texts)
    } else {
        let (kept, picture) = Kept::picture(file).ok_or(Error::File { code: "file_no_table" })?;
        (kept, codes(&picture))
    };
    match texts.is_empty() {
        true => Err(Error::File { code: "scan_no_code" }),
        false => Ok((kept, texts)),
    }
}

/// The JPEG pictures of a print, which is what scanners and telephones make a page of (ISO 32000-2, 7.4.8).
fn pages(file: &[u8]) -> impl Iterator<Item = &[u8]> {
    const BEGIN: &[u8] = b"stream";
    const END: &[u8] = b"endstream";
    let streams = positions(file, BEGIN).filter_map(|at| {
        let stream = file[at + BEGIN.len()..].trim_ascii_start();
        stream.starts_with(b"\xFF\xD8\xFF").then_some(stream)
    });
    streams.take(MOST_PAGES).map(|stream| match positions(stream, END).next() {
        Some(end) => &stream[..end],
        None => stream,
    })
}

fn positions<'a>(text: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    (0..text.len()).filter(move |at| text[*at..].starts_with(word))
}

/// The texts of the codes on a picture.
fn codes(picture: &DynamicImage) -> Vec<String> {
    let found = codes_at(picture);
    if !found.is_empty() || picture.width().max(picture.height()) <= SMALLER {
        return found;
    }
    codes_at(&picture.resize(SMALLER, SMALLER, FilterType::Triangle))
}

fn codes_at(picture: &DynamicImage) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare(picture.to_luma8());
    let grids = prepared.detect_grids().into_iter();
    grids.filter_map(|grid| grid.decode().ok()).map(|(_, text)| text).collect()
}

/// The certificates of the one number on record that the texts name.
async fn named(tx: &Tx, texts: &[String]) -> Result<Vec<Certificate>, Error> {
    let mut named: Vec<Certificate> = Vec::new();
    for number in numbers(texts) {
        let found = tx.find_by_number(None, &number).await?;
        let Some(first) = found.first() else { continue };
        match named.first() {
            None => named = found,
            // The ID number beside the certificate's own can be the number of another certificate.
            Some(known) if known.holder.id == first.holder.id => {}
            Some(_) => return Err(Error::File { code: "scan_of_several" }),
        }
    }
    match named.is_empty() {
        true => Err(Error::File { code: "scan_unknown" }),
        false => Ok(named),
    }
}

/// What can be a certificate number in the texts: addresses, lists of fields, or the number alone.
fn numbers(texts: &[String]) -> Vec<String> {
    let between = |c: char| !(c.is_alphanumeric() || "()（）-".contains(c));
    let mut numbers = Vec::new();
    for text in texts {
        let text = percent_decode_str(text).decode_utf8_lossy();
        for piece in text.split(between) {
            let number = certificate_number::normalise(piece).number;
            let possible = NUMBER_LENGTH.contains(&number.chars().count())
                && number.bytes().any(|byte| byte.is_ascii_digit());
            if possible && numbers.len() < MOST_NUMBERS && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    numbers
}
