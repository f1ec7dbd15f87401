use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{as_it_was, status_when},
};
use domain::{
    Date,
    access::{Action, FieldPolicy, Scope, Show, Wish, decide},
    certificate::Certificate,
    ids::CertificateId,
    mask::{self, MaskedDetail},
};

/// The day asked about, and the day up to whose end knowledge counts; `None` = today.
#[derive(Debug, Clone, Copy, Default)]
pub struct PointInTime {
    pub on: Option<Date>,
    pub known: Option<Date>,
}

/// One certificate with its life, as far as the caller may see it.
pub async fn find(app: &App, call: &Call, id: CertificateId, at: PointInTime) -> Audited<MaskedDetail> {
    let mut entry = Entry::new("certificate.view");
    entry.object(id);
    let answer = detail(app, call, id, at, &mut entry);
    app.audit.record(call, entry, answer).await
}

fn detail(
    app: &App,
    call: &Call,
    id: CertificateId,
    at: PointInTime,
    entry: &mut Entry,
) -> Result<MaskedDetail, Error> {
    let permit = decide(&app.matrix, &call.principal, Action::ResultList, Wish::Default, call.now)?;
    let certificate = visible(app, &permit.scope, id)?;
    entry.region(&certificate.region);
    let today = app.today();
    let (on, known) = (at.on.unwrap_or(today), at.known.unwrap_or(today));
    let status = status_when(app, &certificate, on, known).ok_or(Error::CertificateNotFound)?;
    let related = app.readmodel.of_holder(&permit.scope, certificate.holder.id)?;
    let certificate = match (on, known) == (today, today) {
        true => certificate,
        false => {
            let then = as_it_was(app, certificate.clone(), on, known).ok_or(Error::CertificateNotFound)?;
            without_past_employer(&permit.fields, &certificate, then)
        }
    };
    entry.count(1);
    Ok(mask::detail(&certificate, &permit.fields, &status, &related))
}

/// Where a person worked before is a line of the matrix of its own.
fn without_past_employer(fields: &FieldPolicy, today: &Certificate, then: Certificate) -> Certificate {
    let employer = |certificate: &Certificate| certificate.organisation.as_ref().map(|employer| employer.id);
    match fields.past_employers == Show::Full || employer(&then) == employer(today) {
        true => then,
        false => Certificate { organisation: None, ..then },
    }
}

/// The record, if it lies inside the scope. Outside is the same as not there.
pub(crate) fn visible(app: &App, scope: &Scope, id: CertificateId) -> Result<Certificate, Error> {
    app.readmodel.find(scope, id)?.ok_or(Error::CertificateNotFound)
}
