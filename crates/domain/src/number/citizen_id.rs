//! Identity documents of China: citizen numbers by GB 11643 (18 digits, and the 15 digits given out
//! until 1999), residence permits, permanent residence cards, passports and travel permits.
//!
//! ```
//! use domain::{catalogue::Catalogue, number::citizen_id};
//! let catalogue = Catalogue::work_safety();
//! let document = citizen_id::parse("110105491231002", catalogue.regions()).unwrap();
//! assert_eq!(document.number, "11010519491231002X");
//! ```

use super::{
    IdentityError,
    cleaning::{all_digits, clean, is_check_letter_lookalike},
};
use crate::{
    Date,
    catalogue::Regions,
    certificate::{IdentityDocument, IdentityKind},
};
use chrono::Datelike;

/// Weights of the first seventeen digits (ISO 7064 MOD 11-2).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK_CHARACTERS: &[u8; 11] = b"10X98765432";

/// The region parts of permits for residents from Hong Kong, Macau and Taiwan. The last one is no
/// region of GB/T 2260.
const PERMIT_REGIONS: [&str; 3] = ["810000", "820000", "830000"];

/// Reads a document: dirt that has one meaning is cleaned (width, spaces, `x` and `×` for X), 15
/// digits become 18, everything that can be checked is.
pub fn parse(text: &str, regions: &Regions) -> Result<IdentityDocument, IdentityError> {
    let number = normalise(text);
    if number.is_empty() {
        return Err(IdentityError::Empty);
    }
    if number.contains('*') {
        return Err(IdentityError::Masked);
    }
    if is_scientific(&number) {
        return Err(IdentityError::LostPrecision);
    }
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    match number.len() {
        18 if digits >= 17 => parse_eighteen(number, regions),
        15 if digits == 15 => parse_eighteen(upgrade(&number).ok_or(IdentityError::Shape)?, regions),
        _ => parse_other_paper(number),
    }
}

/// The check character for the first seventeen digits; `None` unless there are seventeen digits.
pub fn check_character(first_seventeen: &str) -> Option<char> {
    if first_seventeen.len() != 17 || !all_digits(first_seventeen) {
        return None;
    }
    let digits = first_seventeen.bytes().map(|byte| u32::from(byte - b'0'));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    Some(char::from(CHECK_CHARACTERS[(sum % 11) as usize]))
}

/// Do these eighteen characters end in the right check character?
pub fn has_right_check(number: &str) -> bool {
    number.len() == 18
        && number.is_ascii()
        && check_character(&number[..17]).is_some_and(|check| number.ends_with(check))
}

fn normalise(text: &str) -> String {
    let mut number = clean(text);
    if let Some(last) = number.chars().next_back().filter(|&last| is_check_letter_lookalike(last)) {
        number.truncate(number.len() - last.len_utf8());
        number.push('X');
    }
    number
}

/// `1.10105E+17`: what a spreadsheet shows of a number it took for a quantity.
fn is_scientific(number: &str) -> bool {
    number.split_once('E').is_some_and(|(mantissa, exponent)| {
        mantissa.contains('.')
            && all_digits(&mantissa.replace('.', ""))
            && all_digits(exponent.trim_start_matches('+'))
    })
}

/// Fifteen digits as eighteen: the century belongs after the region, and the check character follows.
/// `None` for anything else than fifteen digits.
pub(super) fn upgrade(fifteen: &str) -> Option<String> {
    let (region, rest) = fifteen.split_at_checked(6)?;
    let seventeen = format!("{region}19{rest}");
    check_character(&seventeen).map(|check| format!("{seventeen}{check}"))
}

fn parse_eighteen(number: String, regions: &Regions) -> Result<IdentityDocument, IdentityError> {
    if !has_right_check(&number) {
        let rounded = number.ends_with("000");
        return Err(if rounded { IdentityError::LostPrecision } else { IdentityError::CheckDigit });
    }
    if birth_date(&number.as_bytes()[6..14]).is_none() {
        return Err(IdentityError::BirthDate);
    }
    let region = &number[..6];
    let kind = if number.starts_with('9') {
        IdentityKind::ForeignPermanentResident
    } else if PERMIT_REGIONS.contains(&region) {
        IdentityKind::ResidencePermit
    } else if regions.is_known_ever(region) {
        IdentityKind::CitizenId
    } else {
        return Err(IdentityError::Region);
    };
    Ok(IdentityDocument { kind, number })
}

/// A real calendar day on which someone alive can have been born.
pub(super) fn birth_date(yyyymmdd: &[u8]) -> Option<Date> {
    let yyyymmdd: &[u8; 8] = yyyymmdd.try_into().ok()?;
    // By hand, since every number that leaves is asked, several times.
    let value = |digits: &[u8]| {
        let digit = |byte: u8| byte.is_ascii_digit().then(|| u32::from(byte - b'0'));
        digits.iter().try_fold(0, |value, &byte| Some(value * 10 + digit(byte)?))
    };
    let (year, month, day) = (value(&yyyymmdd[..4])?, value(&yyyymmdd[4..6])?, value(&yyyymmdd[6..])?);
    let date = Date::from_ymd_opt(year.cast_signed(), month, day)?;
    (1900..=2099).contains(&date.year()).then_some(date)
}

fn parse_other_paper(number: String) -> Result<IdentityDocument, IdentityError> {
    if !number.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Err(IdentityError::Shape);
    }
    let letters = number.bytes().take_while(u8::is_ascii_uppercase).count();
    let rest = &number[letters..];
    let kind = match (letters, number.len()) {
        // Old permanent residence card: country, then twelve digits.
        (3, 15) if all_digits(rest) => IdentityKind::ForeignPermanentResident,
        // 港澳居民来往内地通行证: with or without the two digits that count the issues.
        (1, 9 | 11) if number.starts_with(['H', 'M']) && all_digits(rest) => IdentityKind::TravelPermit,
        // 台湾居民来往大陆通行证.
        (0, 8) if all_digits(rest) => IdentityKind::TravelPermit,
        (0, 9) if all_digits(rest) => IdentityKind::Passport,
        (1 | 2, 7..=9) if number.bytes().any(|byte| byte.is_ascii_digit()) => IdentityKind::Passport,
        _ => return Err(IdentityError::Shape),
    };
    Ok(IdentityDocument { kind, number })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalogue::Catalogue, number::Sex};
    use proptest::prelude::*;

    fn read(text: &str) -> Result<IdentityDocument, IdentityError> {
        parse(text, Catalogue::work_safety().regions())
    }

    fn with_check(seventeen: &str) -> String {
        format!("{seventeen}{}", check_character(seventeen).unwrap())
    }

    #[test]
    fn dirt_with_one_meaning_is_cleaned() {
        let dirty = [
            "11010519491231002X",
            "11010519491231002x",
            "11010519491231002×",
            "11010519491231002Ⅹ",
            "１１０１０５１９４９１２３１００２Ｘ",
            "'11010519491231002X",
            "\u{FEFF}110105 19491231 002X\u{3000}",
            "\t110105\u{200B}19491231\u{A0}002X\r\n",
            "110105491231002",
        ];
        for text in dirty {
            let document = read(text).unwrap();
            assert_eq!(
                (document.kind, document.number.as_str()),
                (IdentityKind::CitizenId, "11010519491231002X")
            );
        }
    }

    #[test]
    fn a_number_tells_birth_date_sex_and_region() {
        let document = read("11010519491231002X").unwrap();
        assert_eq!(document.birth_date(), Date::from_ymd_opt(1949, 12, 31));
        assert_eq!(document.sex(), Some(Sex::Female));
        assert_eq!(document.region(), Some("110105"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let cases = [
            ("", IdentityError::Empty),
            ("　", IdentityError::Empty),
            ("110105194912310021", IdentityError::CheckDigit),
            ("1.10105E+17", IdentityError::LostPrecision),
            ("110105194912310000", IdentityError::LostPrecision),
            ("110105********002X", IdentityError::Masked),
            ("1101051949123100", IdentityError::Shape),
            ("110105194912310021X", IdentityError::Shape),
            ("张三", IdentityError::Shape),
        ];
        for (text, error) in cases {
            assert_eq!(read(text).unwrap_err(), error, "{text}");
        }
        assert_eq!(read(&with_check("11010519490231002")).unwrap_err(), IdentityError::BirthDate);
        assert_eq!(
            read(&with_check("99010119491231002")).map(|d| d.kind),
            Ok(IdentityKind::ForeignPermanentResident)
        );
        assert_eq!(read(&with_check("10010119491231002")).unwrap_err(), IdentityError::Region);
    }

    #[test]
    fn abolished_regions_and_permits_are_accepted() {
        // 452200 柳州地区 ended in 2002, 110103 崇文区 in 2010.
        for seventeen in ["45220019700101001", "11010319700101001"] {
            assert_eq!(read(&with_check(seventeen)).unwrap().kind, IdentityKind::CitizenId);
        }
        for seventeen in ["81000019700101001", "82000019700101001", "83000019700101001"] {
            assert_eq!(read(&with_check(seventeen)).unwrap().kind, IdentityKind::ResidencePermit);
        }
    }

    #[test]
    fn other_papers_are_told_apart_by_their_form() {
        let cases = [
            ("USA310012345678", IdentityKind::ForeignPermanentResident),
            ("E12345678", IdentityKind::Passport),
            ("ea1234567", IdentityKind::Passport),
            ("H12345678", IdentityKind::TravelPermit),
            ("M1234567801", IdentityKind::TravelPermit),
            ("01234567", IdentityKind::TravelPermit),
        ];
        for (text, kind) in cases {
            assert_eq!(read(text).unwrap().kind, kind, "{text}");
        }
    }

    proptest! {
        #[test]
        fn one_wrong_digit_and_two_swapped_digits_are_noticed(
            seventeen in "[1-6][0-9]{16}", at in 0usize..17, other in 0u8..10,
        ) {
            let right = with_check(&seventeen);
            let mut wrong = right.clone().into_bytes();
            wrong[at] = b'0' + other;
            let wrong = String::from_utf8(wrong).unwrap();
            prop_assert_eq!(has_right_check(&wrong), wrong == right);
            let mut swapped = right.clone().into_bytes();
            if at < 16 {
                swapped.swap(at, at + 1);
            }
            let swapped = String::from_utf8(swapped).unwrap();
            prop_assert_eq!(has_right_check(&swapped), swapped == right);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "\\PC{0,30}") {
            if let Ok(document) = read(&text) {
                prop_assert_eq!(read(&document.number), Ok(document));
            }
        }
    }
}
