//! A certificate as somebody asks for it to be on record: from an issuer's form or a roster's row.

use super::change::check_terms;
use crate::{App, Error};
use domain::{
    catalogue::CertificateType,
    certificate::{
        Certificate, EducationHours, Holder, IdentityDocument, Organisation, RosterRow, Source, Terms,
        Training,
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
    /// Where it stands in a roster.
    pub row: Option<RosterRow>,
}

#[derive(Clone)]
pub struct DraftHolder {
    pub name: String,
    pub identity: Option<IdentityDocument>,
    /// Where a roster wrote another form than is kept, or hid digits.
    pub identity_as_written: Option<String>,
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
        self.check_item(app, kind)?;
        if catalogue.regions().get(&self.region).is_none() {
            return Err(Error::field("region", "code_unknown"));
        }
        if self.industry.as_deref().is_some_and(|code| catalogue.industry_by_code(code).is_none()) {
            return Err(Error::field("industry", "code_unknown"));
        }
        self.check_texts()?;
        self.check_embedded_identity()?;
        self.check_dates(app)?;
        check_rules(kind, &self.terms)?;
        self.check_birth(app, kind)
    }

    fn check_item(&self, app: &App, kind: &CertificateType) -> Result<(), Error> {
        let Some(code) = &self.item else {
            return match &kind.item_scheme {
                Some(_) => Err(Error::field("item", "item_needed")),
                None => Ok(()),
            };
        };
        let item = app.catalogue.item_by_code(code).ok_or(Error::field("item", "code_unknown"))?;
        match kind.accepts_scheme(&item.scheme) {
            true => Ok(()),
            false => Err(Error::field("item", "item_not_of_type")),
        }
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
        if review_due_on.is_some_and(|due| due < valid_from) {
            return Err(Error::field("review_due_on", "before_issue"));
        }
        check_terms(&self.terms)
    }

    /// By the date of birth that the ID number tells: the holder's, or the one inside the number.
    fn check_birth(&self, app: &App, kind: &CertificateType) -> Result<(), Error> {
        let inside = || {
            let range = embeds_id(&self.number).filter(|range| range.len() == 18)?;
            app.catalogue.parse_identity(&self.number[range]).ok()
        };
        let (field, invalid, identity) = match &self.holder.identity {
            Some(identity) => ("id_number", "id_number_invalid", Some(identity.clone())),
            None => ("number", "number_malformed", inside()),
        };
        let Some(born) = identity.and_then(|identity| identity.birth_date()) else { return Ok(()) };
        let issued_on = self.terms.issued_on;
        if born > app.today() {
            return Err(Error::field(field, invalid));
        }
        if born > issued_on {
            return Err(Error::field("issued_on", "born_after_issue"));
        }
        if !kind.admits_age(born, issued_on) {
            return Err(Error::field("issued_on", "age_not_allowed"));
        }
        Ok(())
    }

    /// The person as the store asks for them; the identifier counts only if the person is new.
    pub fn to_holder(&self, app: &App) -> Holder {
        Holder {
            id: HolderId::from_uuid(app.entropy.uuid(app.clock.now())),
            name: self.holder.name.clone(),
            identity: self.holder.identity.clone(),
            phone: self.holder.phone.clone(),
        }
    }

    /// The dates as they count: with the review that follows where none is told.
    pub fn terms_by_rule(&self, app: &App) -> Terms {
        let kind = app.catalogue.type_by_code(&self.type_code);
        kind.map_or(self.terms, |kind| kind.with_review(self.terms))
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
        let terms = self.terms_by_rule(app);
        let issued = Event {
            id: EventId::from_uuid(app.entropy.uuid(now)),
            kind: EventKind::Issued(terms),
            effective_on: terms.issued_on,
            recorded_at: now,
            reason: None,
        };
        Certificate {
            id: CertificateId::from_uuid(app.entropy.uuid(app.clock.now())),
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
            identity_as_written: self.holder.identity_as_written,
            organisation: self.organisation.zip(organisation).map(|(draft, id)| Organisation {
                id,
                name: draft.name,
                uscc: draft.uscc,
            }),
            issuer: self.issuer,
            region: self.region,
            industry: self.industry,
            terms,
            source: Source { row: self.row, ..source.clone() },
            events: vec![issued],
            earlier: Vec::new(),
            training: self.training,
            education: self.education,
            photo: None,
            under_correction: false,
        }
    }
}

/// What an office decides anew is as the rules of the type have it.
fn check_rules(kind: &CertificateType, terms: &Terms) -> Result<(), Error> {
    if kind.validity_years.is_some() && terms.valid_until.is_none() {
        return Err(Error::field("valid_until", "valid_until_needed"));
    }
    if kind.is_too_long(terms) {
        return Err(Error::field("valid_until", "validity_too_long"));
    }
    match terms.review_due_on {
        Some(due) if !kind.allows_first_review_on(due, terms) => {
            Err(Error::field("review_due_on", "review_too_late"))
        }
        _ => Ok(()),
    }
}

/// A renewal as the rules of the type have it, with the review that it leaves out; any other event as
/// it is. Corrections tell how things were, which may have been against the rules.
pub(super) fn renewed_by_rule(app: &App, type_code: &str, event: Event) -> Result<Event, Error> {
    match (event.kind, app.catalogue.type_by_code(type_code)) {
        (EventKind::Renewed(terms), Some(kind)) => {
            check_rules(kind, &terms)?;
            Ok(Event { kind: EventKind::Renewed(kind.with_review(terms)), ..event })
        }
        _ => Ok(event),
    }
}
