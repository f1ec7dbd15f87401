use super::cleaning::clean;
use crate::{
    Date,
    certificate::{IdentityDocument, IdentityKind},
};

/// Why a text is no identity document. Never holds the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum IdentityError {
    #[error("there is no number")]
    Empty,
    #[error("the number has a length or characters that no known document has")]
    Shape,
    #[error("the number is masked and cannot be checked")]
    Masked,
    #[error("a spreadsheet has rounded the number; its last digits are lost")]
    LostPrecision,
    #[error("the check digit does not fit")]
    CheckDigit,
    #[error("the number holds no real date of birth")]
    BirthDate,
    #[error("the number begins with a region that never existed")]
    Region,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sex {
    Female,
    Male,
}

/// Reads a document of a country whose numbers have no rule known here: 4 to 40 letters, digits and
/// hyphens.
pub fn other_document(text: &str) -> Result<IdentityDocument, IdentityError> {
    let number = clean(text);
    match number.chars().count() {
        0 => Err(IdentityError::Empty),
        _ if number.contains('*') => Err(IdentityError::Masked),
        4..=40 if number.chars().all(|c| c.is_alphanumeric() || c == '-') => {
            Ok(IdentityDocument { kind: IdentityKind::Other, number })
        }
        _ => Err(IdentityError::Shape),
    }
}

impl IdentityDocument {
    /// Date of birth, where the number tells it.
    pub fn birth_date(&self) -> Option<Date> {
        let number = self.with_birth_date()?;
        Date::parse_from_str(number.get(6..14)?, "%Y%m%d").ok()
    }

    /// Does the number tell a birth after this day? Then it can be nobody's yet.
    pub fn is_born_after(&self, day: Date) -> bool {
        self.birth_date().is_some_and(|born| born > day)
    }

    /// Sex as registered: the seventeenth digit is odd for men.
    pub fn sex(&self) -> Option<Sex> {
        let digit = self.with_birth_date()?.as_bytes().get(16)?;
        Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
    }

    /// Region of the first issue, a six-digit code of today or of the past.
    pub fn region(&self) -> Option<&str> {
        match self.kind {
            IdentityKind::CitizenId | IdentityKind::ResidencePermit => self.number.get(..6),
            _ => None,
        }
    }

    fn with_birth_date(&self) -> Option<&str> {
        let tells = match self.kind {
            IdentityKind::CitizenId | IdentityKind::ResidencePermit => true,
            IdentityKind::ForeignPermanentResident => self.number.len() == 18,
            _ => false,
        };
        tells.then_some(self.number.as_str())
    }
}
