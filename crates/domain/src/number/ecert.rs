//! Identifiers of electronic certificates (GB/T 36904):
//! `1.2.156.3005.2.<type>.<issuer>.<serial>.<version>.<check>`.
//!
//! The type is the credit code of the body that owns it and three digits, the issuer a credit code.
//! The check character is ISO 7064 MOD 37,36 over type, issuer, serial and version without dots.

use super::cleaning::{all_digits, clean};
use std::fmt;

const ROOT: &str = "1.2.156.3005.2.";
const ALPHABET: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A dotted identifier taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ECertificateId {
    pub type_code: String,
    /// Credit code of the issuer.
    pub issuer: String,
    pub serial: String,
    /// Three digits.
    pub version: String,
    pub check: char,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an electronic certificate identifier of five parts under 1.2.156.3005.2")]
pub struct ECertificateIdError;

/// Takes an identifier apart. A wrong check character is no error, since such identifiers are in
/// circulation: ask [`ECertificateId::check_fits`] and warn.
pub fn parse(text: &str) -> Result<ECertificateId, ECertificateIdError> {
    let text = clean(text);
    let parts: Vec<&str> = text.strip_prefix(ROOT).ok_or(ECertificateIdError)?.split('.').collect();
    let &[type_code, issuer, serial, version, check] = parts.as_slice() else {
        return Err(ECertificateIdError);
    };
    let alphanumeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let well_formed = type_code.len() == 21
        && issuer.len() == 18
        && version.len() == 3
        && all_digits(version)
        && check.len() == 1
        && [type_code, issuer, serial, check].into_iter().all(alphanumeric);
    if !well_formed {
        return Err(ECertificateIdError);
    }
    Ok(ECertificateId {
        type_code: type_code.to_owned(),
        issuer: issuer.to_owned(),
        serial: serial.to_owned(),
        version: version.to_owned(),
        check: char::from(check.as_bytes()[0]),
    })
}

impl ECertificateId {
    /// The check character these parts should have.
    pub fn expected_check(&self) -> char {
        let parts = [&self.type_code, &self.issuer, &self.serial, &self.version];
        let product = parts.into_iter().flat_map(|part| part.chars()).fold(36, |product, c| {
            let value = ALPHABET.find(c).expect("parts are upper-case letters and digits");
            let sum = match (product + value) % 36 {
                0 => 36,
                sum => sum,
            };
            sum * 2 % 37
        });
        char::from(ALPHABET.as_bytes()[(37 - product) % 36])
    }

    pub fn check_fits(&self) -> bool {
        self.check == self.expected_check()
    }
}

impl fmt::Display for ECertificateId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { type_code, issuer, serial, version, check } = self;
        write!(f, "{ROOT}{type_code}.{issuer}.{serial}.{version}.{check}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLIC: [&str; 2] = [
        "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
        "1.2.156.3005.2.11100000000013338W009.11330105002500287C.2025052201.002.0",
    ];

    #[test]
    fn public_identifiers_are_read_and_their_check_fits() {
        for text in PUBLIC {
            let id = parse(text).unwrap();
            assert!(id.check_fits());
            assert_eq!(id.to_string(), text);
        }
    }

    #[test]
    fn a_wrong_check_is_a_warning_and_not_an_error() {
        let id = parse(&PUBLIC[0].replace(".U", ".V")).unwrap();
        assert!(!id.check_fits());
        assert_eq!(id.expected_check(), 'U');
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "1.2.156.3005.2",
            "1.2.156.3005.3.11100000000013338W011.11430000006122244L.1.001.U",
            "京建安C1",
        ] {
            assert_eq!(parse(text), Err(ECertificateIdError), "{text}");
        }
    }
}
