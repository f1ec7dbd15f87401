//! What can be asked over the wire: conditions, pages, cursors and identifiers have one spelling.
#![no_main]

use anzheng_fuzz::texts;
use domain::{
    Date,
    ids::{AttachmentId, CertificateId, ImportId, OrganisationId},
    query::{Cursor, DateRange, Page, Text},
};
use libfuzzer_sys::fuzz_target;
use std::{fmt::Display, str::FromStr};

fuzz_target!(|input: &str| {
    let [text, other] = texts::<2>(input);
    if let Ok(condition) = Text::new(text) {
        assert!((1..=Text::MAX_CHARS).contains(&condition.as_str().chars().count()));
        assert_eq!(Text::new(condition.as_str()).as_ref(), Ok(&condition));
    }
    if let Some(cursor) = Cursor::from_text(text) {
        assert_eq!(cursor.to_text(), text);
        assert!(Page::after(cursor, 10).is_ok());
    }
    one_spelling::<CertificateId>(text);
    one_spelling::<OrganisationId>(text);
    one_spelling::<ImportId>(text);
    one_spelling::<AttachmentId>(text);
    let days = (text.parse::<Date>().ok(), other.parse::<Date>().ok());
    if let Ok(range) = DateRange::new(days.0, days.1) {
        assert!(days.0.is_none() || range.contains(days.0));
        assert!(days.1.is_none() || range.contains(days.1));
    }
});

fn one_spelling<T: FromStr + Display>(text: &str) {
    if let Ok(id) = text.parse::<T>() {
        assert_eq!(id.to_string(), text);
    }
}
