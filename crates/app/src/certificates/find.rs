use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::{as_it_was, status_when},
};
use domain::{
    Date,
    access::{Action, Scope, Wish, decide},
    certificate::Certificate,
    ids::{CertificateId, PhotoId},
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
        false => as_it_was(app, certificate, on, known).ok_or(Error::CertificateNotFound)?,
    };
    entry.count(1);
    Ok(mask::detail(&certificate, &permit.fields, &status, &related))
}

/// The record, if it lies inside the scope. Outside is the same as not there.
pub(super) fn visible(app: &App, scope: &Scope, id: CertificateId) -> Result<Certificate, Error> {
    app.readmodel.find(scope, id)?.ok_or(Error::CertificateNotFound)
}

/// The holder's photo, for those to whom the matrix shows it.
pub async fn photo(app: &App, call: &Call, id: CertificateId) -> Audited<Vec<u8>> {
    let mut entry = Entry::new("certificate.photo");
    entry.object(id);
    let answer = photo_bytes(app, call, id, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn photo_bytes(app: &App, call: &Call, id: CertificateId, entry: &mut Entry) -> Result<Vec<u8>, Error> {
    let permit = decide(&app.matrix, &call.principal, Action::Photo, Wish::Default, call.now)?;
    let certificate = visible(app, &permit.scope, id)?;
    entry.region(&certificate.region);
    let photo: PhotoId = certificate.photo.ok_or(Error::NotFound)?;
    let bytes = app.store.photo(photo).await?.ok_or(Error::NotFound)?;
    entry.count(1);
    Ok(bytes)
}
