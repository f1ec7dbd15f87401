use crate::App;
use domain::{
    Date,
    certificate::{Certificate, Earlier},
    lifecycle::{self, StatusOn},
};

/// Status on a day as known at the end of another; `None` = not known to exist then.
pub fn status_when(app: &App, certificate: &Certificate, on: Date, known: Date) -> Option<StatusOn> {
    let rules = app.catalogue.status_rules(&certificate.type_code);
    let pending = is_pending(app, certificate, known);
    lifecycle::status_on(&certificate.events, pending, &rules, on, known_by(app, known))
}

/// The record as it would have been shown then: the terms that held on the day, and of the events, the
/// holder, the employer and the issuer what was known by the end of the other.
pub fn as_it_was(app: &App, certificate: Certificate, on: Date, known: Date) -> Option<Certificate> {
    let rules = app.catalogue.status_rules(&certificate.type_code);
    let under_correction = is_pending(app, &certificate, known);
    let known = known_by(app, known);
    let terms = lifecycle::terms_on(&certificate.events, &rules, on, known)?;
    let mut events = certificate.events;
    events.retain(|event| lifecycle::is_known(event, &rules, known));
    let mut earlier = certificate.earlier;
    let left_behind = |earlier: &Earlier| lifecycle::day_of(earlier.until, &rules) > known;
    let Some(at) = earlier.iter().position(left_behind) else {
        return Some(Certificate { terms, events, earlier, under_correction, ..certificate });
    };
    let Earlier { holder, organisation, issuer, region, industry, .. } = earlier.swap_remove(at);
    earlier.truncate(at);
    Some(Certificate {
        terms,
        events,
        earlier,
        under_correction,
        holder,
        organisation,
        issuer,
        region,
        industry,
        ..certificate
    })
}

/// What is on record is known today, also where the clock has been turned back since: a suspension
/// counts from its acknowledgement on.
fn known_by(app: &App, known: Date) -> Date {
    if known >= app.today() { Date::MAX } else { known }
}

/// A correction that is asked for now puts what is known now in doubt, not what was known before.
fn is_pending(app: &App, certificate: &Certificate, known: Date) -> bool {
    certificate.under_correction && known >= app.today()
}

/// Status today as known now.
pub fn status_today(app: &App, certificate: &Certificate) -> Option<StatusOn> {
    let today = app.today();
    status_when(app, certificate, today, today)
}
