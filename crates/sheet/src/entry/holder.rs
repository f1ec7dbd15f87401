//! The person and the employer.

use super::{dates::Dates, day::Edge, reading::Row};
use crate::{cell::is_invisible, layout::Field, problem::ProblemCode};
use chrono::Datelike;
use domain::{
    Date,
    catalogue::CertificateType,
    certificate::IdentityDocument,
    number::{IdentityError, Sex, embeds_id, other_document, phone, uscc},
    text::normalise_name,
};
use unicode_normalization::UnicodeNormalization;

const LONGEST_NAME: usize = 50;

/// What a row tells of the ID number.
#[derive(Default)]
pub(super) struct Identity {
    pub document: Option<IdentityDocument>,
    pub as_written: Option<String>,
}

pub(super) fn name(row: &mut Row) -> Option<String> {
    let Some(text) = row.text(Field::Name) else {
        row.report(ProblemCode::NameMissing, Field::Name);
        return None;
    };
    let normalised = normalise_name(&text);
    let digits = normalised.name.chars().filter(char::is_ascii_digit).count();
    let long = normalised.name.chars().count() > LONGEST_NAME;
    if digits > 3 || long || embeds_id(&normalised.name).is_some() || normalised.name.is_empty() {
        row.report(ProblemCode::NameUnlikely, Field::Name);
        return None;
    }
    if normalised.damaged {
        row.report(ProblemCode::NameDamaged, Field::Name);
    }
    Some(normalised.name)
}

pub(super) fn identity(row: &mut Row) -> Identity {
    let nothing = Identity::default();
    if row.cell(Field::Identity).lost_precision() {
        row.report(ProblemCode::IdentityLostPrecision, Field::Identity);
        return nothing;
    }
    let Some(text) = row.text(Field::Identity) else { return nothing };
    let document = row.catalogue().parse_identity(&text).or_else(|error| match error {
        IdentityError::Shape if is_other_paper(row) => other_document(&text),
        _ => Err(error),
    });
    let document = document.and_then(|document| match document.is_born_after(row.reader.today) {
        true => Err(IdentityError::BirthDate),
        false => Ok(document),
    });
    let written: String = text.nfkc().filter(|&c| !is_invisible(c)).flat_map(char::to_uppercase).collect();
    match document {
        Ok(document) => {
            let converted = written.chars().count() == 15 && document.number.len() == 18;
            if converted {
                row.report(ProblemCode::IdentityConverted, Field::Identity);
            }
            Identity { document: Some(document), as_written: converted.then_some(written) }
        }
        Err(IdentityError::Masked) => {
            row.report(ProblemCode::IdentityMasked, Field::Identity);
            Identity { document: None, as_written: Some(written) }
        }
        Err(error) => {
            let code = match error {
                IdentityError::Empty | IdentityError::Shape | IdentityError::Masked => {
                    ProblemCode::IdentityShape
                }
                IdentityError::LostPrecision => ProblemCode::IdentityLostPrecision,
                IdentityError::CheckDigit => ProblemCode::IdentityCheckDigit,
                IdentityError::BirthDate => ProblemCode::IdentityBirthDate,
                IdentityError::Region => ProblemCode::IdentityRegion,
            };
            row.report(code, Field::Identity);
            nothing
        }
    }
}

/// Does the column of document kinds name something else than the ID card?
fn is_other_paper(row: &Row) -> bool {
    row.text(Field::IdentityKind)
        .is_some_and(|kind| !kind.contains("身份证") && !kind.to_lowercase().contains("id card"))
}

/// Sex and birth date that disagree with the ID number are told; the number wins.
pub(super) fn check_identity(row: &mut Row, identity: &Identity) {
    let Some(document) = &identity.document else {
        if identity.as_written.is_none() && !row.has_error() {
            row.report(ProblemCode::IdentityMissing, Field::Identity);
        }
        return;
    };
    let written = row.text(Field::Sex).and_then(|text| match text.to_lowercase().as_str() {
        "男" | "男性" | "m" | "male" => Some(Sex::Male),
        "女" | "女性" | "f" | "female" => Some(Sex::Female),
        _ => None,
    });
    if let (Some(written), Some(sex)) = (written, document.sex())
        && written != sex
    {
        row.report(ProblemCode::SexDisagrees, Field::Sex);
    }
    let written = row.dates(row.cell(Field::BirthDate), Edge::First);
    if let (Ok(Dates::Day(written)), Some(born)) = (written, document.birth_date()) {
        let month_only = written.doubt == Some(ProblemCode::DateDayMissing);
        let same_month = (written.date.year(), written.date.month()) == (born.year(), born.month());
        if !(written.date == born || month_only && same_month) {
            row.report(ProblemCode::BirthDateDisagrees, Field::BirthDate);
        }
    }
}

/// Nobody is granted anything before birth. An age that the type does not allow is told only: whoever
/// granted the certificate has judged it.
pub(super) fn check_age(row: &mut Row, kind: &CertificateType, identity: &Identity, issued_on: Date) {
    let Some(born) = identity.document.as_ref().and_then(IdentityDocument::birth_date) else { return };
    if born > issued_on {
        row.report(ProblemCode::BornAfterIssue, Field::IssuedOn);
    } else if !kind.admits_age(born, issued_on) {
        row.report(ProblemCode::AgeUnusual, Field::IssuedOn);
    }
}

pub(super) fn phone(row: &mut Row) -> Option<String> {
    let phone = phone::normalise(&row.text(Field::Phone)?);
    if phone.is_none() {
        row.report(ProblemCode::PhoneUnreadable, Field::Phone);
    }
    phone
}

pub(super) fn organisation(row: &Row) -> Option<String> {
    row.phrase(Field::Organisation).or_else(|| row.reader.mapping.defaults.organisation.clone())
}

/// A wrong code is left out: the name may still find the organisation, a guess might find another.
pub(super) fn credit_code(row: &mut Row) -> Option<String> {
    let text = row.text(Field::CreditCode)?;
    let problem = match uscc::parse(&text) {
        Ok(code) => return Some(code),
        Err(uscc::UsccError::RegistrationNumber) => {
            row.problem(ProblemCode::RegistrationNumber, Field::CreditCode)
        }
        Err(uscc::UsccError::CheckCharacter { suggestion }) => {
            let problem = row.problem(ProblemCode::CreditCodeCheck, Field::CreditCode);
            match suggestion {
                Some(suggestion) => problem.with("suggestion", suggestion),
                None => problem,
            }
        }
        Err(_) => row.problem(ProblemCode::CreditCodeShape, Field::CreditCode),
    };
    row.report_as(problem);
    None
}
