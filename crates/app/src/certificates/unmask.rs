use super::find::visible;
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Wish, decide},
    ids::CertificateId,
    mask::{self, Field},
};

/// One field of one record in full, for a stated purpose (access.md M-08).
#[derive(Debug, Clone)]
pub struct UnmaskRequest {
    pub field: Field,
    pub purpose: Purpose,
    /// Case or file number that the purpose refers to: letters, digits and the signs usual in one.
    pub case: String,
}

/// What a field may be shown in full for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    Enforcement,
    AccidentInvestigation,
    Complaint,
    Correction,
    CertificateReview,
    Employment,
    PrivacyRequest,
    OwnRecord,
}

impl Purpose {
    const ALL: [Purpose; 8] = [
        Purpose::Enforcement,
        Purpose::AccidentInvestigation,
        Purpose::Complaint,
        Purpose::Correction,
        Purpose::CertificateReview,
        Purpose::Employment,
        Purpose::PrivacyRequest,
        Purpose::OwnRecord,
    ];

    /// The stable machine code, as in the API and the audit.
    pub const fn code(self) -> &'static str {
        match self {
            Purpose::Enforcement => "enforcement",
            Purpose::AccidentInvestigation => "accident_investigation",
            Purpose::Complaint => "complaint",
            Purpose::Correction => "correction",
            Purpose::CertificateReview => "certificate_review",
            Purpose::Employment => "employment",
            Purpose::PrivacyRequest => "privacy_request",
            Purpose::OwnRecord => "own_record",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.code() == code)
    }
}

#[derive(Debug)]
pub struct Unmasked {
    pub field: Field,
    pub value: String,
    /// An ID number as a roster wrote it, where that is another form.
    pub as_written: Option<String>,
    /// A channel shows the value no longer than this.
    pub show_until: Instant,
}

const SHOWN_FOR: TimeDelta = TimeDelta::seconds(30);
const MAX_AN_HOUR: u32 = 20;
const LONGEST_CASE: usize = 60;
/// No more digits than leave an ID number no room, however it is written.
const MOST_CASE_DIGITS: usize = 14;

/// Shows a masked field in full. Needs a fresh proof of identity, and is counted.
pub async fn unmask(app: &App, call: &Call, id: CertificateId, request: UnmaskRequest) -> Audited<Unmasked> {
    let mut entry = Entry::new("certificate.unmask");
    entry.object(id);
    let answer = reveal(app, call, id, request, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn reveal(
    app: &App,
    call: &Call,
    id: CertificateId,
    request: UnmaskRequest,
    entry: &mut Entry,
) -> Result<Unmasked, Error> {
    check_case(&request.case)?;
    // Kept in clear, so not before it is known to hold nothing personal.
    entry.purpose(format!("{} {} {}", request.field.code(), request.purpose.code(), request.case));
    let permit = decide(&app.matrix, &call.principal, request.field.action(), Wish::Full, call.now)?;
    let certificate = visible(app, &permit.scope, id)?;
    entry.region(&certificate.region);
    count_unmasking(app, call).await?;
    let value = mask::unmasked(&certificate, &permit, request.field).ok_or(Error::NotFound)?;
    entry.count(1);
    let as_written = certificate.identity_as_written.filter(|_| request.field == Field::IdNumber);
    let as_written = as_written.filter(|written| *written != value);
    Ok(Unmasked { field: request.field, value, as_written, show_until: call.now + SHOWN_FOR })
}

/// The case reference is kept in clear, so it must not carry what it is meant to protect.
fn check_case(case: &str) -> Result<(), Error> {
    if domain::number::embeds_id(case).is_some() {
        return Err(Error::field("case", "holds_id_number"));
    }
    let usual = |c: char| c.is_alphanumeric() || "-_/.:()[]（）〔〕［］【】－—·".contains(c);
    let length = case.chars().count();
    let digits = case.chars().filter(|c| c.is_numeric()).count();
    if length == 0 || length > LONGEST_CASE || digits > MOST_CASE_DIGITS || !case.chars().all(usual) {
        return Err(Error::field("case", "case_invalid"));
    }
    Ok(())
}

/// Refuses beyond so many an hour.
pub(crate) async fn count_unmasking(app: &App, call: &Call) -> Result<(), Error> {
    let Some(account) = call.principal.account else { return Ok(()) };
    let window = TimeDelta::hours(1);
    let used = app.store.count_in_window(&format!("unmask:{account}"), window, call.now).await?;
    if used > MAX_AN_HOUR {
        return Err(Error::TooManyRequests { retry_after_s: 3600 });
    }
    Ok(())
}
