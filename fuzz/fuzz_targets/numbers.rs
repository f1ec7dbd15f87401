//! Numbers as people and rosters write them: cleaning has one result, and what is read reads back.
#![no_main]

use domain::{
    catalogue::Catalogue,
    number::{certificate_number, ecert, embeds_id, other_document, phone, uscc},
};
use libfuzzer_sys::fuzz_target;
use std::sync::{Arc, LazyLock};

static CATALOGUE: LazyLock<Arc<Catalogue>> = LazyLock::new(Catalogue::work_safety);

fuzz_target!(|text: &str| {
    certificate_numbers(text);
    identity(text);
    organisation(text);
    if let Some(number) = phone::normalise(text) {
        assert_eq!(phone::normalise(&number), Some(number.clone()));
    }
    if let Ok(id) = ecert::parse(text) {
        assert_eq!(ecert::parse(&id.to_string()), Ok(id.clone()));
        let _either = id.check_fits();
    }
});

fn certificate_numbers(text: &str) {
    let once = certificate_number::normalise(text).number;
    let again = certificate_number::normalise(&once);
    assert_eq!((again.number.as_str(), again.repaired.as_slice()), (once.as_str(), &[][..]));
    for kind in CATALOGUE.types() {
        let once = certificate_number::normalise_for(kind, text).number;
        let again = certificate_number::normalise_for(kind, &once);
        assert_eq!((again.number.as_str(), again.repaired.as_slice()), (once.as_str(), &[][..]));
        assert_eq!(certificate_number::normalise(&once).number, once);
    }
}

fn identity(text: &str) {
    if let Ok(document) = CATALOGUE.parse_identity(text) {
        assert_eq!(CATALOGUE.parse_identity(&document.number).as_ref(), Ok(&document));
        let _facts = (document.birth_date(), document.sex(), document.region());
    }
    if let Ok(document) = other_document(text) {
        assert_eq!(other_document(&document.number).as_ref(), Ok(&document));
    }
    if let Some(found) = embeds_id(text) {
        assert!(embeds_id(&text[found]).is_some(), "what was found alone is still found");
        // Cleaning must not hide a number from the rules that protect it.
        assert!(embeds_id(&certificate_number::normalise(text).number).is_some());
    }
}

fn organisation(text: &str) {
    match uscc::parse(text) {
        Ok(code) => assert_eq!(uscc::parse(&code), Ok(code.clone())),
        Err(uscc::UsccError::CheckCharacter { suggestion: Some(code) }) => {
            assert_eq!(uscc::parse(&code), Ok(code.clone()));
        }
        Err(_) => {}
    }
}
