use super::{
    certificate_number,
    clues::Clues,
    guard::{Disclosure, judge, without_id},
    name, text,
};
use crate::{
    Date,
    access::{FieldPolicy, Show},
    certificate::Certificate,
    ids::{CertificateId, OrganisationId},
    lifecycle::StatusOn,
};
use serde::Serialize;

/// One line of a list. It shows no ID number, not even masked (a certificate number that holds one
/// is shown by its ends).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedCertificate {
    pub id: CertificateId,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    #[serde(rename = "type")]
    pub type_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    pub holder: MaskedHolder,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<MaskedOrganisation>,
    pub issuer: String,
    pub region: String,
    pub issued_on: Date,
    /// Last day of validity; `null` = open-ended.
    pub valid_until: Option<Date>,
    pub review_due_on: Option<Date>,
    pub status: MaskedStatus,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedHolder {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedOrganisation {
    pub id: OrganisationId,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedStatus {
    pub code: &'static str,
    pub since: Option<Date>,
    pub reason: Option<String>,
}

/// What a certificate says of itself to somebody who already knows its number and the holder's
/// name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct MaskedVerification {
    #[serde(rename = "type")]
    pub type_code: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub item: Option<String>,
    pub holder: MaskedHolder,
    pub issuer: String,
    pub issued_on: Date,
    /// Last day of validity; `null` = open-ended.
    pub valid_until: Option<Date>,
    pub review_due_on: Option<Date>,
    pub status: MaskedStatus,
}

/// The lines of one response. What several certificates of one person tell of the ID number counts as
/// one, and the asker can ask for the others separately: `related` are all certificates of these
/// people inside the scope; those listed may be among them.
pub fn rows(
    certificates: &[(&Certificate, &StatusOn)],
    related: Vec<Clues>,
    fields: &FieldPolicy,
) -> Vec<MaskedCertificate> {
    let mut together: Vec<Clues> =
        certificates.iter().map(|(certificate, _)| Clues::of(certificate)).collect();
    together.extend(related);
    // Keeps the listed one where it is among the related too.
    together.sort_by_key(|clues| (clues.holder, clues.certificate));
    together.dedup_by_key(|clues| clues.certificate);
    let people = together.chunk_by(|one, other| one.holder == other.holder);
    let people: Vec<_> = people.map(|of_person| (disclosure(of_person, fields), of_person)).collect();
    let line = |(certificate, status): &(&Certificate, &StatusOn)| {
        let person = people.partition_point(|(_, of_person)| of_person[0].holder < certificate.holder.id);
        let (disclosure, of_person) = people[person];
        let own = of_person.partition_point(|clues| clues.certificate < certificate.id);
        line_of(certificate, shown_number(&of_person[own], of_person, fields, disclosure), fields, status)
    };
    certificates.iter().map(line).collect()
}

/// What the numbers of one person may show.
fn disclosure(together: &[Clues], fields: &FieldPolicy) -> Disclosure {
    match fields.embedded_number {
        // Nothing is withheld that there would be to judge.
        Show::Full => Disclosure::Ends,
        _ => judge(together, shows_pattern(together, fields)),
    }
}

fn line_of(
    certificate: &Certificate,
    number: Option<String>,
    fields: &FieldPolicy,
    status: &StatusOn,
) -> MaskedCertificate {
    MaskedCertificate {
        id: certificate.id,
        number,
        type_code: certificate.type_code.clone(),
        item: certificate.item.clone(),
        holder: MaskedHolder { name: shown_name(certificate, fields) },
        organisation: shown_organisation(certificate),
        issuer: text(&certificate.issuer),
        region: certificate.region.clone(),
        issued_on: certificate.terms.issued_on,
        valid_until: certificate.terms.valid_until,
        review_due_on: certificate.terms.review_due_on,
        status: shown_status(status),
    }
}

/// What a verification tells: never a number, since the asker has typed it.
pub fn verification(
    certificate: &Certificate,
    fields: &FieldPolicy,
    status: &StatusOn,
) -> MaskedVerification {
    MaskedVerification {
        type_code: certificate.type_code.clone(),
        item: certificate.item.clone(),
        holder: MaskedHolder { name: shown_name(certificate, fields) },
        issuer: text(&certificate.issuer),
        issued_on: certificate.terms.issued_on,
        valid_until: certificate.terms.valid_until,
        review_due_on: certificate.terms.review_due_on,
        status: shown_status(status),
    }
}

/// Does one of the certificate numbers show the ends of an ID number?
pub(super) fn shows_pattern(together: &[Clues], fields: &FieldPolicy) -> bool {
    fields.embedded_number == Show::Masked && together.iter().any(|clues| clues.embeds)
}

/// The number of the certificate that tells `own`, which is one of those judged together.
pub(super) fn shown_number(
    own: &Clues,
    together: &[Clues],
    fields: &FieldPolicy,
    disclosure: Disclosure,
) -> Option<String> {
    match (fields.embedded_number, disclosure) {
        (Show::Full, _) => Some(own.number.clone()),
        (Show::Hidden, _) if own.embeds => None,
        (_, Disclosure::Ends) if own.embeds => Some(certificate_number(&own.number)),
        (_, Disclosure::Ends) => Some(own.number.clone()),
        (_, Disclosure::Nothing) => Some(without_id(own, together)),
    }
}

pub(super) fn shown_name(certificate: &Certificate, fields: &FieldPolicy) -> Option<String> {
    match fields.name {
        Show::Hidden => None,
        Show::Masked => Some(name(&certificate.holder.name)),
        Show::Full => Some(certificate.holder.name.clone()),
    }
}

pub(super) fn shown_organisation(certificate: &Certificate) -> Option<MaskedOrganisation> {
    let organisation = certificate.organisation.as_ref()?;
    Some(MaskedOrganisation { id: organisation.id, name: text(&organisation.name) })
}

pub(super) fn shown_status(status: &StatusOn) -> MaskedStatus {
    MaskedStatus {
        code: status.status.code(),
        since: status.since,
        reason: status.reason.as_deref().map(text),
    }
}
