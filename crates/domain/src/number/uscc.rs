//! Unified social credit codes of organisations (GB 32100): eighteen characters, public.

use super::cleaning::{all_digits, clean};

/// Digits and letters without the look-alikes I, O, S, V, Z.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Why a text is no credit code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UsccError {
    #[error("there is no code")]
    Empty,
    #[error("a credit code has eighteen characters")]
    Shape,
    #[error("this is a business registration number of fifteen digits, no credit code")]
    RegistrationNumber,
    /// Wrong letters or a wrong check character. The suggestion reads look-alike letters as the
    /// digits they resemble; it is for a person to accept, never taken over silently.
    #[error("the check character does not fit")]
    CheckCharacter { suggestion: Option<String> },
}

/// Reads a code; width, case and spaces are cleaned.
pub fn parse(text: &str) -> Result<String, UsccError> {
    let code = clean(text).replace('-', "");
    match code.len() {
        0 => Err(UsccError::Empty),
        15 if all_digits(&code) => Err(UsccError::RegistrationNumber),
        18 if code.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            if has_right_check(&code) {
                Ok(code)
            } else {
                Err(UsccError::CheckCharacter { suggestion: suggestion(&code) })
            }
        }
        _ => Err(UsccError::Shape),
    }
}

/// The check character for the first seventeen characters; `None` unless all of them are allowed.
pub fn check_character(first_seventeen: &str) -> Option<char> {
    if first_seventeen.len() != 17 {
        return None;
    }
    let mut weight = 1;
    let mut sum = 0;
    for c in first_seventeen.chars() {
        sum += ALPHABET.find(c)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.chars().nth((31 - sum % 31) % 31)
}

fn has_right_check(code: &str) -> bool {
    check_character(&code[..17]).is_some_and(|check| code.ends_with(check))
}

fn suggestion(code: &str) -> Option<String> {
    let read_as_digits: String = code
        .chars()
        .map(|c| match c {
            'O' => '0',
            'I' => '1',
            'Z' => '2',
            'S' => '5',
            'V' => 'U',
            _ => c,
        })
        .collect();
    (read_as_digits != code && has_right_check(&read_as_digits)).then_some(read_as_digits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn public_codes_are_read() {
        for code in ["91110000600037341L", "11100000000013338W"] {
            assert_eq!(parse(code).as_deref(), Ok(code));
        }
        assert_eq!(parse(" ９１１１００００600037341l ").as_deref(), Ok("91110000600037341L"));
    }

    #[test]
    fn look_alikes_are_suggested_and_never_fixed() {
        let suggestion = Some("91110000600037341L".to_owned());
        assert_eq!(
            parse("9111OOOO600037341L"),
            Err(UsccError::CheckCharacter { suggestion: suggestion.clone() })
        );
        assert_eq!(parse("9III0000600037341L"), Err(UsccError::CheckCharacter { suggestion }));
        assert_eq!(parse("91110000600037342L"), Err(UsccError::CheckCharacter { suggestion: None }));
    }

    #[test]
    fn other_lengths_are_told_apart() {
        assert_eq!(parse("110105000012345"), Err(UsccError::RegistrationNumber));
        assert_eq!(parse("9111000060003734"), Err(UsccError::Shape));
        assert_eq!(parse("北京某某有限公司"), Err(UsccError::Shape));
        assert_eq!(parse(""), Err(UsccError::Empty));
    }

    proptest! {
        #[test]
        fn one_wrong_character_is_noticed(body in "[0-9A-HJ-NPQRTUWXY]{17}", at in 0usize..17, other in "[0-9A-HJ-NPQRTUWXY]") {
            let right = format!("{body}{}", check_character(&body).unwrap());
            let mut wrong = right.clone();
            wrong.replace_range(at..=at, &other);
            prop_assert_eq!(parse(&wrong).is_ok(), wrong == right);
        }
    }
}
