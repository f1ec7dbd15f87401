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
    /// Purpose code, such as `enforcement`.
    pub purpose: String,
    /// Case or file number that the purpose refers to.
    pub case: String,
}

#[derive(Debug)]
pub struct Unmasked {
    pub field: Field,
    pub value: String,
    /// A channel shows the value no longer than this.
    pub show_until: Instant,
}

const SHOWN_FOR: TimeDelta = TimeDelta::seconds(30);
const MAX_AN_HOUR: u32 = 20;

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
    for (field, text) in [("purpose", &request.purpose), ("case", &request.case)] {
        if text.trim().is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
            return Err(Error::field(field, "text_invalid"));
        }
        // The case reference is kept in clear, so it must not carry what it is meant to protect.
        if domain::number::embeds_id(text).is_some() {
            return Err(Error::field(field, "holds_id_number"));
        }
    }
    // Kept in clear, so not before it is known to hold nothing personal.
    entry.purpose(format!("{} {} {}", request.field.code(), request.purpose, request.case));
    let permit = decide(&app.matrix, &call.principal, request.field.action(), Wish::Full, call.now)?;
    let certificate = visible(app, &permit.scope, id)?;
    spend(app, call).await?;
    let value = mask::unmasked(&certificate, &permit, request.field).ok_or(Error::NotFound)?;
    entry.count(1);
    Ok(Unmasked { field: request.field, value, show_until: call.now + SHOWN_FOR })
}

async fn spend(app: &App, call: &Call) -> Result<(), Error> {
    let Some(account) = call.principal.account else { return Ok(()) };
    let window = TimeDelta::hours(1);
    let used = app.store.count_in_window(&format!("unmask:{account}"), window, call.now).await?;
    if used > MAX_AN_HOUR {
        return Err(Error::TooManyRequests { retry_after_s: 3600 });
    }
    Ok(())
}
