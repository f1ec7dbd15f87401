use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::status_today,
    jobs::follower,
};
use domain::{
    Date, Instant,
    access::{Action, Role, Show, Wish, decide},
    certificate::Certificate,
    lifecycle::{Status, StatusOn},
    mask::{self, MaskedVerification},
    number::{certificate_number, citizen_id},
    query::Text,
    text,
    verdict::{Reason, Verdict},
};
use std::collections::HashMap;

/// Number and full name, as printed on the certificate, and a solved challenge.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
    pub number: Text,
    pub name: Text,
    pub challenge: String,
}

/// The verdict with its reasons.
#[derive(Debug)]
pub struct VerifyAnswer {
    pub verdict: Verdict,
    pub reasons: Vec<Reason>,
    /// What the certificate says of itself, masked; one for each item under the number.
    pub certificates: Vec<MaskedVerification>,
    pub as_of: Instant,
    /// Code of the source that was longest not heard of.
    pub source: Option<String>,
    pub source_synced_at: Option<Instant>,
}

/// Answers anyone. A wrong name and an unknown number give the same answer after the same work,
/// so that neither names nor numbers can be found out here.
pub async fn verify(app: &App, call: &Call, request: VerifyRequest) -> Audited<VerifyAnswer> {
    let mut entry = Entry::new("certificate.verify");
    entry.keywords(format!("number={} name={}", request.number.as_str(), request.name.as_str()));
    let answer = judge(app, call, &request, &mut entry);
    app.audit.record(call, entry, answer).await
}

fn judge(app: &App, call: &Call, request: &VerifyRequest, entry: &mut Entry) -> Result<VerifyAnswer, Error> {
    let mut permit = decide(&app.matrix, &call.principal, Action::VerifyOne, Wish::Default, call.now)?;
    // The asker has typed the name: a verification masks it for everyone, whatever lists show them.
    permit.fields.name = permit.fields.name.min(Show::Masked);
    if call.principal.role == Role::Public && !app.challenges.redeem(&request.challenge, call.now) {
        return Err(Error::Challenge);
    }
    // In this order: what is found is at least as new as it says.
    let as_of = app.readmodel.position().as_of;
    let found = match app.readmodel.find_by_number(&permit.scope, request.number.as_str()) {
        Ok(found) => found,
        Err(readmodel::Error::Rebuilding | readmodel::Error::Damaged | readmodel::Error::Withheld) => {
            return Ok(cannot_check(as_of));
        }
        Err(error) => return Err(error.into()),
    };
    let matching: Vec<Certificate> = found
        .bearing
        .into_iter()
        .filter(|certificate| same_name(&certificate.holder.name, request.name.as_str()))
        .collect();
    let source = matching.iter().map(|certificate| &certificate.source).min_by_key(|source| source.synced_at);
    let mut answer = VerifyAnswer {
        verdict: Verdict::NotFound,
        reasons: follower::lagging(as_of, call.now).into_iter().collect(),
        certificates: Vec::new(),
        as_of,
        source: source.map(|source| source.code.clone()),
        source_synced_at: source.map(|source| source.synced_at),
    };
    if matching.is_empty() {
        // Of the typed number alone: what is not on record must look like what is.
        answer.reasons.extend(mistyped(request.number.as_str()));
        return Ok(answer);
    }
    let judged: Vec<(Certificate, StatusOn)> = matching
        .into_iter()
        .filter_map(|certificate| status_today(app, &certificate).map(|status| (certificate, status)))
        .collect();
    answer.verdict = verdict(&judged);
    answer.reasons.splice(0..0, reasons(&judged));
    answer.certificates = judged
        .iter()
        .map(|(certificate, status)| mask::verification(certificate, &permit.fields, status))
        .collect();
    let shown = judged.iter().map(|(certificate, _)| (certificate.id, certificate.region.as_str()));
    entry.count(judged.len()).shows(shown);
    Ok(answer)
}

/// Some of the number's records may not be there yet.
fn cannot_check(as_of: Instant) -> VerifyAnswer {
    VerifyAnswer {
        verdict: Verdict::Unknown,
        reasons: vec![Reason::ServiceDegraded],
        certificates: Vec::new(),
        as_of,
        source: None,
        source_synced_at: None,
    }
}

/// A number made like one that holds an ID number, whose check character is wrong.
fn mistyped(number: &str) -> Option<Reason> {
    let number = certificate_number::normalise(number).number;
    let id = number.strip_prefix('T').unwrap_or(&number);
    let digits = id.bytes().take_while(u8::is_ascii_digit).count();
    let made_like_an_id = id.len() == 18 && (digits == 18 || (digits == 17 && id.ends_with('X')));
    (made_like_an_id && !citizen_id::has_right_check(id)).then_some(Reason::IdChecksum)
}

/// Spaces, the middle dot, width and traditional forms do not make another person.
fn same_name(stored: &str, given: &str) -> bool {
    text::search_name(stored) == text::search_name(given)
}

/// A number can stand for several items, each with its own record. The number as a whole is good
/// only if the newest record of every item is; what differs is told certificate by certificate.
fn verdict(judged: &[(Certificate, StatusOn)]) -> Verdict {
    let mut newest: HashMap<(&str, Option<&str>), (Date, Status)> = HashMap::new();
    for (certificate, status) in judged {
        let key = (certificate.type_code.as_str(), certificate.item.as_deref());
        let entry = (certificate.terms.issued_on, status.status);
        let kept = newest.entry(key).or_insert(entry);
        if entry.0 > kept.0 {
            *kept = entry;
        }
    }
    let statuses = || newest.values().map(|(_, status)| *status);
    // What is certainly not good is not made uncertain by another item's correction.
    if statuses().any(|status| !status.in_force() && status != Status::UnderCorrection) {
        Verdict::NotValid
    } else if statuses().all(Status::in_force) {
        Verdict::Valid
    } else {
        Verdict::Unknown
    }
}

fn reasons(judged: &[(Certificate, StatusOn)]) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = Vec::new();
    for (_, status) in judged {
        if let Some(reason) = reason(status.status)
            && !reasons.contains(&reason)
        {
            reasons.push(reason);
        }
    }
    reasons
}

fn reason(status: Status) -> Option<Reason> {
    match status {
        Status::Valid => None,
        Status::Expiring => Some(Reason::Expiring),
        Status::ReviewDue => Some(Reason::ReviewDue),
        Status::NotYetValid => Some(Reason::NotYetValid),
        Status::ReviewOverdue => Some(Reason::ReviewOverdue),
        Status::Expired => Some(Reason::Expired),
        Status::Suspended => Some(Reason::Suspended),
        Status::Revoked | Status::RevokedPenalty => Some(Reason::Revoked),
        Status::Cancelled => Some(Reason::Cancelled),
        Status::TransferredOut => Some(Reason::TransferredOut),
        Status::Replaced => Some(Reason::Replaced),
        Status::UnderCorrection => Some(Reason::UnderCorrection),
    }
}
