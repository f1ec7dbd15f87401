use super::{
    number::{SHOWN_TAIL, pattern},
    stars,
};
use crate::certificate::{IdentityDocument, IdentityKind};

/// Fewer hidden characters than this could be guessed one by one.
const MIN_HIDDEN: usize = 4;

/// A document's number with its middle hidden: `110***********002X`, `E****5678`.
pub fn id_number(document: &IdentityDocument) -> String {
    let length = document.number.chars().count();
    match (document.kind, length) {
        (
            IdentityKind::CitizenId | IdentityKind::ResidencePermit | IdentityKind::ForeignPermanentResident,
            18,
        ) => pattern(&document.number, SHOWN_TAIL),
        (IdentityKind::CitizenId, 15) => pattern(&document.number, SHOWN_TAIL - 1),
        // Country, region, date of birth, order and check: the last three would tell the day.
        (IdentityKind::ForeignPermanentResident, 15) => pattern(&document.number, 2),
        _ => ends(&document.number, length),
    }
}

/// The first character and up to four at the end, with at least [`MIN_HIDDEN`] hidden in between.
fn ends(number: &str, length: usize) -> String {
    let tail = length.saturating_sub(1 + MIN_HIDDEN).min(SHOWN_TAIL);
    if tail == 0 {
        return stars(length);
    }
    let head: String = number.chars().take(1).collect();
    let end: String = number.chars().skip(length - tail).collect();
    format!("{head}{}{end}", stars(length - 1 - tail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn masked(kind: IdentityKind, number: &str) -> String {
        id_number(&IdentityDocument { kind, number: number.to_owned() })
    }

    #[test]
    fn each_kind_of_document_has_its_own_ends() {
        let cases = [
            (IdentityKind::CitizenId, "11010519491231002X", "110***********002X"),
            (IdentityKind::CitizenId, "110105491231002", "110*********002"),
            (IdentityKind::ResidencePermit, "810000199001011234", "810***********1234"),
            (IdentityKind::ForeignPermanentResident, "911123199001011234", "911***********1234"),
            (IdentityKind::ForeignPermanentResident, "USA310090010112", "USA**********12"),
            (IdentityKind::Passport, "E12345678", "E****5678"),
            (IdentityKind::Passport, "G1234567", "G****567"),
            (IdentityKind::TravelPermit, "H12345678", "H****5678"),
            (IdentityKind::TravelPermit, "M1234567801", "M******7801"),
            (IdentityKind::TravelPermit, "01234567", "0****567"),
            (IdentityKind::Other, "12345", "*****"),
        ];
        for (kind, number, expected) in cases {
            assert_eq!(masked(kind, number), expected);
        }
    }

    proptest! {
        #[test]
        fn at_least_four_characters_are_hidden(number in "[A-Z0-9]{4,40}") {
            let shown = masked(IdentityKind::Other, &number);
            prop_assert_eq!(shown.len(), number.len());
            prop_assert!(shown.bytes().filter(|byte| *byte == b'*').count() >= MIN_HIDDEN);
        }
    }
}
