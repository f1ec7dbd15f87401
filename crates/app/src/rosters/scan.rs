//! A picture or print of one certificate in the place of a roster: the code printed on it says which, and
//! the file is attached to it. What the code holds is never told, since it can be an ID number.

use super::{ImportReport, ImportRequest, RosterSource};
use crate::{
    App, Call, Error,
    attachments::{self, Kept, LARGEST_FILE, decoded},
    audit::Entry,
};
use domain::{
    certificate::Certificate,
    number::{certificate_number, embeds_id},
};
use image::{DynamicImage, imageops::FilterType};
use percent_encoding::percent_decode_str;
use std::io::Read;
use store::Tx;

/// Longest sides of the copies in which codes are looked for, in pixels.
const SIDES: [u32; 3] = [1_600, 1_000, 700];
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
        return Err(Error::File { code: "scan_too_large" });
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

/// The texts of the codes on a picture, looked for in smaller and smaller copies of it: a camera's noise
/// vanishes in them, and what is left is soon looked through.
fn codes(picture: &DynamicImage) -> Vec<String> {
    let longest = picture.width().max(picture.height());
    let smaller = SIDES.into_iter().filter(|side| *side < longest);
    let whole = (longest <= SIDES[0]).then(|| codes_at(picture));
    let copies = smaller.map(|side| codes_at(&picture.resize(side, side, FilterType::Triangle)));
    whole.into_iter().chain(copies).find(|texts| !texts.is_empty()).unwrap_or_default()
}

fn codes_at(picture: &DynamicImage) -> Vec<String> {
    let mut prepared = rqrr::PreparedImage::prepare(picture.to_luma8());
    let grids = prepared.detect_grids().into_iter();
    grids.filter_map(|grid| text(&grid)).collect()
}

/// In UTF-8, or else as GB 18030 has it.
fn text<G: rqrr::BitGrid>(grid: &rqrr::Grid<G>) -> Option<String> {
    let mut bytes = Vec::new();
    grid.decode_to(&mut bytes).ok()?;
    String::from_utf8(bytes)
        .or_else(|error| {
            let (text, _, damaged) = encoding_rs::GB18030.decode(error.as_bytes());
            if damaged { Err(error) } else { Ok(text.into_owned()) }
        })
        .ok()
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

/// What can be a certificate number in the texts: addresses, lists of fields, or the number alone. ID
/// numbers come last, since they stand beside the numbers of certificates and are the numbers of some.
fn numbers(texts: &[String]) -> Vec<String> {
    let mut numbers: Vec<String> = Vec::new();
    for text in texts.iter().flat_map(|text| values(text)) {
        for piece in pieces(&text) {
            let number = certificate_number::normalise(piece).number;
            let possible = NUMBER_LENGTH.contains(&number.chars().count())
                && number.bytes().any(|byte| byte.is_ascii_digit());
            if possible && numbers.len() < MOST_NUMBERS && !numbers.contains(&number) {
                numbers.push(number);
            }
        }
    }
    let is_id = |number: &String| embeds_id(number) == Some(0..number.len());
    let special: Vec<String> = numbers.iter().filter(|number| is_id(number)).map(of_special_work).collect();
    numbers.sort_by_key(is_id);
    numbers.extend(special);
    numbers
}

/// The number of a special-operations certificate of that person (AQ 3002), where its letter is left out.
fn of_special_work(id: &String) -> String {
    format!("T{id}")
}

/// The text, or of JSON the texts in it.
fn values(text: &str) -> Vec<String> {
    fn collect(value: serde_json::Value, texts: &mut Vec<String>) {
        use serde_json::Value;
        match value {
            Value::String(text) => texts.push(text),
            Value::Number(number) => texts.push(number.to_string()),
            Value::Array(values) => values.into_iter().for_each(|value| collect(value, texts)),
            Value::Object(fields) => fields.into_iter().for_each(|(_, value)| collect(value, texts)),
            Value::Bool(_) | Value::Null => {}
        }
    }
    let mut texts = Vec::new();
    match serde_json::from_str(text) {
        Ok(value) => collect(value, &mut texts),
        Err(_) => texts.push(percent_decode_str(text).decode_utf8_lossy().into_owned()),
    }
    texts
}

/// Parts of a text that can be a number: with the spaces in it, and then without.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let inside = |c: char| c.is_alphanumeric() || "()（）〔〕【】[]-".contains(c);
    let with_spaces = text.split(move |c: char| !(inside(c) || c == ' '));
    with_spaces.chain(text.split(move |c: char| !inside(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_found_however_the_code_tells_it() {
        const NUMBER: &str = "京建安C1(2015)0000001";
        for text in [
            NUMBER,
            "https://example.cn/q?no=%E4%BA%AC%E5%BB%BA%E5%AE%89C1(2015)0000001&from=app",
            r#"{"certNum":"\u4eac\u5efa\u5b89C1(2015)0000001"}"#,
            "证书编号：京建安C1 (2015) 0000001，有效期至2027-01-01",
            "姓名:张三 编号:京建安C1〔2015〕0000001",
            r#"{"idCard":"11010519491231002X","certNum":"京建安C1(2015)0000001"}"#,
        ] {
            let found = numbers(&[text.to_owned()]);
            assert!(found.iter().any(|number| number == NUMBER), "{text}: {found:?}");
            let id = found.iter().position(|number| number == "11010519491231002X");
            assert!(id.is_none_or(|id| found[..id].iter().any(|number| number == NUMBER)), "{found:?}");
        }
        let found = numbers(&["证号：11010519491231002X".to_owned()]);
        assert_eq!(found, ["11010519491231002X", "T11010519491231002X"]);
        assert!(numbers(&["x".repeat(10_000)]).is_empty());
    }

    #[test]
    fn a_code_is_read_in_either_encoding() {
        let text = "证书编号：京建安C1(2015)0000001";
        let (chinese, ..) = encoding_rs::GB18030.encode(text);
        for bytes in [text.as_bytes().to_vec(), chinese.into_owned()] {
            let code = qrcode::QrCode::new(bytes).unwrap();
            let (width, dots) = (code.width() as u32, code.to_colors());
            let picture = image::GrayImage::from_fn((width + 8) * 8, (width + 8) * 8, |x, y| {
                let (x, y) = ((x / 8).wrapping_sub(4), (y / 8).wrapping_sub(4));
                let dark = x < width && y < width && dots[(y * width + x) as usize] == qrcode::Color::Dark;
                image::Luma([if dark { 0 } else { 255 }])
            });
            assert_eq!(codes(&picture.into()), [text]);
        }
    }
}
