//! A certificate issued through the registry, by an office for its own region.

use super::{
    change::{ChangeResult, Proposal, propose_or_apply},
    draft::{Draft, DraftHolder, DraftOrganisation},
    employers::known_organisations,
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    idempotency,
};
use domain::{
    Date,
    access::{Action, Duty, Wish, decide},
    certificate::{Certificate, Source, Terms},
    ids::OrganisationId,
    number::{certificate_number, phone, uscc},
    text,
};
use serde::{Deserialize, Serialize};
use store::{CertificateKey, RegisteredOrganisation, Tx};

/// Code of the source that certificates issued here come from.
const SOURCE: &str = "issuer";

/// What an office fills in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewCertificate {
    #[serde(rename = "type")]
    pub type_code: String,
    pub number: String,
    pub item: Option<String>,
    pub name: String,
    pub id_number: Option<String>,
    pub phone: Option<String>,
    pub organisation: Option<String>,
    pub uscc: Option<String>,
    pub issuer: String,
    pub region: String,
    pub industry: Option<String>,
    pub issued_on: Date,
    pub valid_from: Date,
    pub valid_until: Option<Date>,
    pub review_due_on: Option<Date>,
}

impl NewCertificate {
    fn draft(self, app: &App) -> Result<Draft, Error> {
        let kind = app.catalogue.type_by_code(&self.type_code).ok_or(Error::field("type", "code_unknown"))?;
        let number = certificate_number::normalise_for(kind, &self.number).number;
        let identity = given(self.id_number.as_deref(), |text| {
            app.catalogue.parse_identity(text).map_err(|_| Error::field("id_number", "id_number_invalid"))
        })?;
        let uscc = given(self.uscc.as_deref(), |text| {
            uscc::parse(text).map_err(|_| Error::field("uscc", "uscc_invalid"))
        })?;
        if uscc.is_some() && self.organisation.is_none() {
            return Err(Error::field("organisation", "organisation_needed"));
        }
        let phone = given(self.phone.as_deref(), |text| {
            phone::normalise(text).ok_or(Error::field("phone", "phone_invalid"))
        })?;
        let draft = Draft {
            number,
            holder: DraftHolder {
                name: text::normalise_name(&self.name).name,
                identity,
                identity_as_written: None,
                phone,
            },
            organisation: self.organisation.map(|name| DraftOrganisation { name: trimmed(name), uscc }),
            type_code: self.type_code,
            item: self.item,
            issuer: trimmed(self.issuer),
            region: self.region,
            industry: self.industry,
            terms: Terms {
                issued_on: self.issued_on,
                valid_from: self.valid_from,
                valid_until: self.valid_until,
                review_due_on: self.review_due_on,
            },
            training: Vec::new(),
            education: Vec::new(),
            row: None,
        };
        draft.check(app)?;
        Ok(draft)
    }
}

/// Reads a field that may be left out.
fn given<T>(text: Option<&str>, read: impl FnOnce(&str) -> Result<T, Error>) -> Result<Option<T>, Error> {
    text.map(read).transpose()
}

fn trimmed(text: String) -> String {
    text.trim().to_owned()
}

/// Asks for a new certificate in the caller's own region.
pub async fn issue(app: &App, call: &Call, new: NewCertificate) -> Audited<ChangeResult> {
    let mut entry = Entry::new("certificate.issue");
    let answer = request(app, call, new, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn request(
    app: &App,
    call: &Call,
    new: NewCertificate,
    entry: &mut Entry,
) -> Result<ChangeResult, Error> {
    let permit =
        decide(&app.matrix, &call.principal, Action::ChangeCertificate, Wish::As(Duty::Use), call.now)?;
    let planned = planned(app, new.clone())?;
    if !permit.scope.admits(planned.placement()) {
        return Err(Error::field("region", "outside_scope"));
    }
    entry.region(&planned.region);
    let key = CertificateKey {
        type_code: &planned.type_code,
        number: &planned.number,
        item: planned.item.as_deref(),
        issued_on: planned.terms.issued_on,
    };
    // Nobody has to decide on what cannot be done.
    if app.store.find_by_key(key).await?.is_some() {
        return Err(Error::DuplicateCertificate);
    }
    let proposal = Proposal::Issue(Box::new(new));
    idempotency::once(app, call, &proposal.clone(), entry, async |entry| {
        propose_or_apply(app, call, &permit, proposal, entry).await
    })
    .await
}

fn source(call: &Call) -> Source {
    Source { code: SOURCE.to_owned(), synced_at: call.now, row: None }
}

/// The certificate as it would be issued now, to a person who is new.
pub(crate) fn planned(app: &App, new: NewCertificate) -> Result<Certificate, Error> {
    let named = new.organisation.is_some();
    let draft = new.draft(app)?;
    let holder = draft.to_holder(app).id;
    let organisation = named.then(|| OrganisationId::from_uuid(app.entropy.uuid(app.clock.now())));
    let source = Source { code: SOURCE.to_owned(), synced_at: app.clock.now(), row: None };
    Ok(draft.into_certificate(app, holder, organisation, &source))
}

/// Writes the first version of the record. A certificate that is there already is not issued twice.
pub(super) async fn write(
    app: &App,
    call: &Call,
    tx: &Tx,
    new: NewCertificate,
) -> Result<Certificate, Error> {
    let draft = new.draft(app)?;
    let key = CertificateKey {
        type_code: &draft.type_code,
        number: &draft.number,
        item: draft.item.as_deref(),
        issued_on: draft.terms.issued_on,
    };
    if tx.find_by_key(key).await?.is_some() {
        return Err(Error::DuplicateCertificate);
    }
    let holder = tx.find_or_insert_holder(&draft.to_holder(app)).await?;
    let organisation = match &draft.organisation {
        None => None,
        Some(named) => Some(organisation(app, call, tx, named, &draft).await?),
    };
    let certificate = draft.into_certificate(app, holder, organisation, &source(call));
    tx.insert_certificate(&certificate).await?;
    Ok(certificate)
}

async fn organisation(
    app: &App,
    call: &Call,
    tx: &Tx,
    named: &DraftOrganisation,
    draft: &Draft,
) -> Result<OrganisationId, Error> {
    if let Some(known) = known_organisations(tx, &[named]).await?.remove(&named.key()) {
        return Ok(known.id);
    }
    let id = OrganisationId::from_uuid(app.entropy.uuid(call.now));
    let organisation =
        domain::certificate::Organisation { id, name: named.name.clone(), uscc: named.uscc.clone() };
    let registered = RegisteredOrganisation {
        organisation,
        region: Some(draft.region.clone()),
        industry: draft.industry.clone(),
    };
    tx.insert_organisations(&[registered]).await?;
    Ok(id)
}
