//! A certificate as somebody asks for it to be on record: from an issuer's form or a roster's row.

use super::change::check_terms;
use crate::{App, Error};
use domain::{
    Instant,
    certificate::{
        Certificate, EducationHours, Holder, IdentityDocument, Organisation, Source, Terms, Training,
    },
    ids::{CertificateId, EventId, HolderId, OrganisationId},
    lifecycle::{Event, EventKind},
    number::{certificate_number, embeds_id},
    text,
};

/// Everything a new record needs but its identifiers.
#[derive(Debug, Clone)]
pub struct Draft {
    pub type_code: String,
    /// Normalised.
    pub number: String,
    pub item: Option<String>,
    pub holder: DraftHolder,
    pub organisation: Option<DraftOrganisation>,
    pub issuer: String,
    pub region: String,
    pub industry: Option<String>,
    pub terms: Terms,
    pub training: Vec<Training>,
    pub education: Vec<EducationHours>,
}

#[derive(Clone)]
pub struct DraftHolder {
    pub name: String,
    pub identity: Option<IdentityDocument>,
    pub phone: Option<String>,
}

// Names must not reach a log.
impl std::fmt::Debug for DraftHolder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftHolder").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct DraftOrganisation {
    pub name: String,
    pub uscc: Option<String>,
}

impl DraftOrganisation {
    /// Two spellings of one organisation have the same key: the credit code, or else the name.
    pub fn key(&self) -> String {
        match &self.uscc {
            Some(uscc) => format!("uscc:{uscc}"),
            None => format!("name:{}", text::normalise_organisation(&self.name)),
        }
    }
}

impl Draft {
    /// Holds it together by the rules of its type? For forms, whose text nobody has looked at yet.
    pub fn check(&self, app: &App) -> Result<(), Error> {
        let catalogue = &app.catalogue;
        let kind = catalogue.type_by_code(&self.type_code).ok_or(Error::field("type", "code_unknown"))?;
        if !certificate_number::matches(kind, &self.number) {
            return Err(Error::field("number", "number_malformed"));
        }
        match &self.item {
            Some(item) if catalogue.item_by_code(item).is_none() => {
                return Err(Error::field("item", "code_unknown"));
            }
            None if kind.item_scheme.is_some() => return Err(Error::field("item", "item_needed")),
            _ => {}
        }
        if catalogue.regions().get(&self.region).is_none() {
            return Err(Error::field("region", "code_unknown"));
        }
        if self.industry.as_deref().is_some_and(|code| catalogue.industry_by_code(code).is_none()) {
            return Err(Error::field("industry", "code_unknown"));
        }
        self.check_texts()?;
        self.check_embedded_identity()?;
        self.check_dates(app)
    }

    fn check_texts(&self) -> Result<(), Error> {
        let organisation = self.organisation.as_ref().map(|organisation| &organisation.name);
        let texts = [
            ("name", Some(&self.holder.name)),
            ("issuer", Some(&self.issuer)),
            ("organisation", organisation),
        ];
        for (field, text) in texts {
            let Some(text) = text else { continue };
            if text.trim().is_empty() || text.chars().count() > 100 || text.chars().any(char::is_control) {
                return Err(Error::field(field, "text_invalid"));
            }
        }
        // What is no field for ID numbers is neither sealed nor masked as one.
        let phone = ("phone", self.holder.phone.as_ref());
        for (field, text) in texts.into_iter().chain([phone]) {
            if text.is_some_and(|text| embeds_id(text).is_some()) {
                return Err(Error::field(field, "holds_id_number"));
            }
        }
        Ok(())
    }

    /// A number that holds an ID number holds that of its holder.
    fn check_embedded_identity(&self) -> Result<(), Error> {
        let Some(identity) = &self.holder.identity else { return Ok(()) };
        // Serial numbers can look like an ID number of fifteen digits.
        let embedded = embeds_id(&self.number).filter(|range| range.len() == 18);
        if embedded.is_some_and(|range| self.number[range] != identity.number) {
            return Err(Error::field("number", "number_of_another"));
        }
        Ok(())
    }

    fn check_dates(&self, app: &App) -> Result<(), Error> {
        let Terms { issued_on, valid_from, review_due_on, .. } = self.terms;
        if issued_on > app.today() {
            return Err(Error::field("issued_on", "in_future"));
        }
        if valid_from < issued_on {
            return Err(Error::field("valid_from", "before_issue"));
        }
        if review_due_on.is_some_and(|due| due < valid_from) {
            return Err(Error::field("review_due_on", "before_issue"));
        }
        check_terms(&self.terms)
    }

    /// The person as the store asks for them; the identifier counts only if the person is new.
    pub fn to_holder(&self, app: &App, now: Instant) -> Holder {
        Holder {
            id: HolderId::from_uuid(app.entropy.uuid(now)),
            name: self.holder.name.clone(),
            identity: self.holder.identity.clone(),
            phone: self.holder.phone.clone(),
        }
    }

    /// The first version of the record.
    pub fn into_certificate(
        self,
        app: &App,
        holder: HolderId,
        organisation: Option<OrganisationId>,
        source: &Source,
    ) -> Certificate {
        let now = source.synced_at;
        let issued = Event {
            id: EventId::from_uuid(app.entropy.uuid(now)),
            kind: EventKind::Issued(self.terms),
            effective_on: self.terms.issued_on,
            recorded_at: now,
            reason: None,
        };
        Certificate {
            id: CertificateId::from_uuid(app.entropy.uuid(now)),
            version: 1,
            type_code: self.type_code,
            number: self.number,
            item: self.item,
            holder: Holder {
                id: holder,
                name: self.holder.name,
                identity: self.holder.identity,
                phone: self.holder.phone,
            },
            organisation: self.organisation.zip(organisation).map(|(draft, id)| Organisation {
                id,
                name: draft.name,
                uscc: draft.uscc,
            }),
            issuer: self.issuer,
            region: self.region,
            industry: self.industry,
            terms: self.terms,
            source: source.clone(),
            events: vec![issued],
            training: self.training,
            education: self.education,
            photo: None,
            under_correction: false,
        }
    }
}
