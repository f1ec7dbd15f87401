//! Numbers of people and organisations that pass every check and belong to nobody.

use domain::{
    Date,
    number::{Sex, citizen_id, uscc},
};

/// Sequences from 980 on are kept for the synthetic registry: within a county and a day of birth they
/// are given out last, which no place is large enough to need.
const FIRST_SEQUENCE: u64 = 980;
pub(crate) const SEQUENCES_PER_SEX: u64 = 10;

/// The `nth` sequence of a sex (GB 11643: odd for men), `nth` below [`SEQUENCES_PER_SEX`].
pub(crate) fn sequence(nth: u64, sex: Sex) -> u64 {
    FIRST_SEQUENCE + 2 * (nth % SEQUENCES_PER_SEX) + u64::from(sex == Sex::Male)
}

/// An 18-character number as GB 11643 builds it. `region` has six digits, `sequence` three.
pub(crate) fn citizen(region: &str, born_on: Date, sequence: u64) -> String {
    let mut number = format!("{region}{}{sequence:03}", born_on.format("%Y%m%d"));
    number.push(citizen_id::check_character(&number).expect("six, eight and three digits"));
    number
}

/// Number of a permanent residence card in the form given out until 2023: country, then twelve
/// digits that end in date of birth, sequence and check.
pub(crate) fn permanent_resident(country: &str, province: &str, born_on: Date, nth: u64) -> String {
    format!("{country}{}00{}{:02}", &province[..2], born_on.format("%y%m%d"), nth % 100)
}

/// Credit codes of the synthetic registry have organisation codes (GB 11714) that begin like this.
const ORGANISATION_CODE_START: &str = "X9";
const ORGANISATION_CODE_DIGITS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// How many different credit codes there are in a county.
pub(crate) const ORGANISATION_CODES: u64 = 31_u64.pow(6);

/// A credit code as GB 32100 builds it for an enterprise. `region` has six digits, `nth` is below
/// [`ORGANISATION_CODES`].
pub(crate) fn credit_code(region: &str, nth: u64) -> String {
    let mut organisation = ORGANISATION_CODE_START.to_owned();
    let mut left = nth;
    for _ in 0..6 {
        organisation.push(char::from(ORGANISATION_CODE_DIGITS[(left % 31) as usize]));
        left /= 31;
    }
    organisation.push(organisation_check(&organisation));
    let mut code = format!("91{region}{organisation}");
    code.push(uscc::check_character(&code).expect("seventeen characters of the alphabet"));
    code
}

/// Check character of GB 11714 for the first eight.
fn organisation_check(eight: &str) -> char {
    let values = eight.chars().filter_map(|c| c.to_digit(36));
    let sum: u32 = values.zip([3, 7, 9, 10, 5, 8, 4, 2]).map(|(value, weight)| value * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        check => char::from_digit(check, 10).unwrap_or('0'),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checks_are_those_of_public_numbers() {
        let day = Date::from_ymd_opt(1949, 12, 31).expect("a day");
        assert_eq!(citizen("110105", day, 2), "11010519491231002X");
        // The organisation part of the public code 91110000600037341L.
        assert_eq!(organisation_check("60003734"), '1');
        assert!(uscc::parse(&credit_code("420602", 31_u64.pow(6) - 1)).is_ok());
        assert_ne!(credit_code("420602", 30), credit_code("420602", 31));
    }

    #[test]
    fn the_sequence_tells_the_sex() {
        assert!(
            (0..20).all(|nth| !sequence(nth, Sex::Male).is_multiple_of(2)
                && sequence(nth, Sex::Female).is_multiple_of(2))
        );
        assert!((0..20).all(|nth| (980..1000).contains(&sequence(nth, Sex::Male))));
    }
}
