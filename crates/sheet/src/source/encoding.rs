//! The character encoding and the delimiter of a text file, and reading it as UTF-8.

use super::input::Source;
use crate::SheetError;
use encoding_rs::{Decoder, Encoding, GB18030, UTF_8, UTF_16BE, UTF_16LE};
use serde::Serialize;
use std::io::{self, Read};

/// How much of a file is looked at for the delimiter and for UTF-16 without a mark.
const SAMPLE_BYTES: u64 = 64 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TextEncoding {
    #[serde(rename = "utf-8")]
    Utf8,
    Utf16Le,
    Utf16Be,
    /// GB 18030, of which GBK is a part.
    Gb18030,
}

impl TextEncoding {
    fn decoder(self) -> Decoder {
        self.encoding().new_decoder_with_bom_removal()
    }

    fn encoding(self) -> &'static Encoding {
        match self {
            TextEncoding::Utf8 => UTF_8,
            TextEncoding::Utf16Le => UTF_16LE,
            TextEncoding::Utf16Be => UTF_16BE,
            TextEncoding::Gb18030 => GB18030,
        }
    }

    pub(crate) fn encode(self, text: &str) -> Vec<u8> {
        match self {
            TextEncoding::Utf8 => text.as_bytes().to_vec(),
            TextEncoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            TextEncoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            // GB 18030 has a code for every character, so nothing is replaced.
            TextEncoding::Gb18030 => GB18030.encode(text).0.into_owned(),
        }
    }
}

/// How a delimited text file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TextForm {
    pub encoding: TextEncoding,
    /// Does it begin with a byte order mark?
    pub marked: bool,
    pub delimiter: char,
}

/// What one look at the whole file tells.
pub(super) struct Look {
    pub form: TextForm,
    pub lines: u64,
}

/// Tells the encoding by the mark, by the zero bytes of UTF-16, else by whether the whole file is
/// UTF-8; what remains is read as GB 18030.
pub(super) fn look_at(source: &Source) -> Result<Look, SheetError> {
    let head = source.head(SAMPLE_BYTES)?;
    let told = Encoding::for_bom(&head).map(|(encoding, _)| encoding);
    let (encoding, lines) = match told {
        Some(encoding) => {
            let encoding = if encoding == UTF_16LE {
                TextEncoding::Utf16Le
            } else if encoding == UTF_16BE {
                TextEncoding::Utf16Be
            } else {
                TextEncoding::Utf8
            };
            (encoding, read_through(source, encoding)?.lines)
        }
        None if head.contains(&0) => {
            let encoding = utf16_without_mark(&head).ok_or(SheetError::UnknownFormat)?;
            (encoding, read_through(source, encoding)?.lines)
        }
        None => utf8_or_gb18030(source)?,
    };
    let sample = decode_sample(&head, encoding);
    if sample.chars().any(|c| c.is_control() && !matches!(c, '\t' | '\r' | '\n' | '\u{1A}')) {
        return Err(SheetError::UnknownFormat);
    }
    Ok(Look { form: TextForm { encoding, marked: told.is_some(), delimiter: delimiter(&sample) }, lines })
}

fn utf8_or_gb18030(source: &Source) -> Result<(TextEncoding, u64), SheetError> {
    let utf8 = read_through(source, TextEncoding::Utf8)?;
    if !utf8.malformed {
        return Ok((TextEncoding::Utf8, utf8.lines));
    }
    let gb18030 = read_through(source, TextEncoding::Gb18030)?;
    if gb18030.malformed {
        Err(SheetError::UnknownFormat)
    } else {
        Ok((TextEncoding::Gb18030, gb18030.lines))
    }
}

/// In UTF-16, delimiters and digits have a zero byte, always on the same side.
fn utf16_without_mark(head: &[u8]) -> Option<TextEncoding> {
    let zeros = |odd: usize| head.iter().skip(odd).step_by(2).filter(|&&byte| byte == 0).count();
    match (zeros(0), zeros(1)) {
        (even, odd) if odd > even * 8 => Some(TextEncoding::Utf16Le),
        (even, odd) if even > odd * 8 => Some(TextEncoding::Utf16Be),
        _ => None,
    }
}

fn decode_sample(head: &[u8], encoding: TextEncoding) -> String {
    let mut text = String::with_capacity(head.len() * 2);
    // The sample may end inside a character, which is then left out.
    let _ = encoding.decoder().decode_to_string(head, &mut text, false);
    text
}

/// The candidate that divides most lines into the same number of fields, quoted ones left aside.
fn delimiter(sample: &str) -> char {
    let mut best = (',', 0);
    for candidate in [',', '\t', ';', '|'] {
        let counts: Vec<usize> = sample
            .lines()
            .map(|line| {
                let mut quoted = false;
                let outside = line.chars().filter(|&c| {
                    quoted ^= c == '"';
                    c == candidate && !quoted
                });
                outside.count()
            })
            .filter(|&count| count > 0)
            .collect();
        let agreeing = |count: usize| counts.iter().filter(|&&other| other == count).count() * count;
        let score = counts.iter().map(|&count| agreeing(count)).max().unwrap_or(0);
        if score > best.1 {
            best = (candidate, score);
        }
    }
    best.0
}

struct ReadThrough {
    malformed: bool,
    lines: u64,
}

fn read_through(source: &Source, encoding: TextEncoding) -> io::Result<ReadThrough> {
    let mut reader = Decoding::new(source.input()?, encoding);
    let mut buffer = vec![0; 64 * 1024];
    let mut lines = 0;
    loop {
        let read = reader.read(&mut buffer)?;
        if read == 0 {
            return Ok(ReadThrough { malformed: reader.malformed, lines: lines + 1 });
        }
        lines += buffer[..read].iter().filter(|&&byte| byte == b'\n').count() as u64;
    }
}

/// Reads text of any encoding as UTF-8; what is malformed becomes U+FFFD. Every line end becomes
/// one `\n`, the last line included, so that lines can be counted.
pub(super) struct Decoding<R> {
    inner: R,
    decoder: Decoder,
    encoded: Vec<u8>,
    /// The part of `encoded` that is not decoded yet.
    pending: std::ops::Range<usize>,
    decoded: Vec<u8>,
    given: usize,
    after_return: bool,
    ended: bool,
    malformed: bool,
}

impl<R: Read> Decoding<R> {
    pub fn new(inner: R, encoding: TextEncoding) -> Self {
        Self {
            inner,
            decoder: encoding.decoder(),
            encoded: vec![0; 16 * 1024],
            pending: 0..0,
            decoded: Vec::new(),
            given: 0,
            after_return: false,
            ended: false,
            malformed: false,
        }
    }

    /// Decodes the next piece; leaves `decoded` empty only at the end.
    fn advance(&mut self) -> io::Result<()> {
        self.given = 0;
        self.decoded.clear();
        while self.decoded.is_empty() && !(self.ended && self.pending.is_empty()) {
            if self.pending.is_empty() {
                let read = self.inner.read(&mut self.encoded)?;
                self.pending = 0..read;
                self.ended = read == 0;
            }
            let mut decoded = vec![0; 32 * 1024];
            let encoded = &self.encoded[self.pending.clone()];
            let (_, read, written, malformed) =
                self.decoder.decode_to_utf8(encoded, &mut decoded, self.ended);
            self.pending.start += read;
            self.malformed |= malformed;
            decoded.truncate(written);
            self.decoded = decoded;
            self.unify_line_ends();
            if self.ended {
                self.pending = 0..0;
                self.decoded.push(b'\n');
            }
        }
        Ok(())
    }

    fn unify_line_ends(&mut self) {
        let after_return = &mut self.after_return;
        self.decoded.retain_mut(|byte| {
            let second = std::mem::replace(after_return, *byte == b'\r') && *byte == b'\n';
            if *byte == b'\r' {
                *byte = b'\n';
            }
            !second
        });
    }
}

impl<R: Read> Read for Decoding<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.decoded.len() && !(self.ended && self.pending.is_empty()) {
            self.advance()?;
        }
        let length = buffer.len().min(self.decoded.len() - self.given);
        buffer[..length].copy_from_slice(&self.decoded[self.given..self.given + length]);
        self.given += length;
        Ok(length)
    }
}
