//! The certificate and the people and bodies around it.
//!
//! None of these types is `Serialize`: a certificate leaves the system only as what
//! [`crate::mask`] makes of it, and is stored only through [`crate::codec`].

use crate::{
    Date, Instant,
    access::Placement,
    ids::{CertificateId, HolderId, ImportId, OrganisationId, PhotoId},
    lifecycle::Event,
};

/// Everything the registry knows about one certificate. The key in the real world is
/// type + number + item + date of issue, since special-operation numbers repeat for every item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    pub id: CertificateId,
    /// Counts changes of this record, from 1.
    pub version: u64,
    /// Catalogue code of the type, such as `mem_special_ops`.
    pub type_code: String,
    /// Normalised number. May hold an ID number: ask [`crate::number::embeds_id`].
    pub number: String,
    /// Catalogue code of the item, such as `mem:1.2`, where the type has items.
    pub item: Option<String>,
    pub holder: Holder,
    /// The holder's ID number as a roster wrote it, where that says less than a number or says it in
    /// another form: fifteen digits, or some digits hidden.
    pub identity_as_written: Option<String>,
    pub organisation: Option<Organisation>,
    /// Name of the issuing body.
    pub issuer: String,
    /// Region of the issuing body, a six-digit code (GB/T 2260 for Chinese certificates).
    pub region: String,
    /// Industry code of the catalogue.
    pub industry: Option<String>,
    /// What holds today by all events known; the past is answered from `events`.
    pub terms: Terms,
    pub source: Source,
    /// Append-only, in the order recorded.
    pub events: Vec<Event>,
    /// What the record said before, oldest first.
    pub earlier: Vec<Earlier>,
    pub training: Vec<Training>,
    pub education: Vec<EducationHours>,
    pub photo: Option<PhotoId>,
    /// A correction has been asked for and is not decided.
    pub under_correction: bool,
}

impl Certificate {
    /// Where it belongs, for a scope to admit it or not.
    pub fn placement(&self) -> Placement<'_> {
        Placement {
            holder: self.holder.id,
            organisation: self.organisation.as_ref().map(|organisation| organisation.id),
            region: &self.region,
        }
    }
}

/// The dates printed on a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    pub issued_on: Date,
    pub valid_from: Date,
    /// Last day of validity; `None` = open-ended.
    pub valid_until: Option<Date>,
    /// Last day on which the periodic review can still be passed in time.
    pub review_due_on: Option<Date>,
}

/// The person. Every field but `id` is personal data and is stored sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Holder {
    pub id: HolderId,
    /// As written on the certificate, Unicode NFC; the middle dot is U+00B7.
    pub name: String,
    pub identity: Option<IdentityDocument>,
    /// Digits with an optional leading `+` and country code.
    pub phone: Option<String>,
}

// Names and ID numbers must not reach a log through `{:?}`.
impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holder").field("id", &self.id).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IdentityKind {
    /// 居民身份证, 18 characters (15-digit numbers are stored converted).
    CitizenId,
    /// 港澳台居民居住证, same shape and checksum as the citizen ID, region 81/82/83.
    ResidencePermit,
    /// 外国人永久居留身份证, old or new form.
    ForeignPermanentResident,
    Passport,
    /// 港澳居民来往内地通行证, 台湾居民来往大陆通行证.
    TravelPermit,
    /// Anything else a catalogue of another country uses.
    Other,
}

#[derive(Clone, PartialEq, Eq)]
pub struct IdentityDocument {
    pub kind: IdentityKind,
    /// Normalised: upper case, no spaces.
    pub number: String,
}

impl std::fmt::Debug for IdentityDocument {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityDocument").field("kind", &self.kind).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: OrganisationId,
    pub name: String,
    /// Unified social credit code (GB 32100), public.
    pub uscc: Option<String>,
}

/// Where the record came from and how fresh it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// `import`, `issuer`, `sync:<name>`, `demo`.
    pub code: String,
    pub synced_at: Instant,
    /// Where it came from a roster.
    pub row: Option<RosterRow>,
}

/// A row of a roster. Several certificates can stand in one row: those with the same row are linked.
/// Ordered as in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RosterRow {
    pub import: ImportId,
    /// Place of the sheet in the file, from 1.
    pub sheet: u32,
    /// As spreadsheets count, from 1.
    pub row: u32,
    /// Which of the certificates of the row, from 1.
    pub part: u32,
    /// How many certificates the row names.
    pub of: u32,
}

/// What a record said of people and bodies until it was brought up to date, so that it can be
/// answered what was known then. Dates and status have their events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Earlier {
    pub holder: Holder,
    pub organisation: Option<Organisation>,
    pub issuer: String,
    pub region: String,
    pub industry: Option<String>,
    pub until: Instant,
    /// The row of a roster that said otherwise.
    pub replaced_by: Option<RosterRow>,
}

/// A course taken before examination or review.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Training {
    pub course: String,
    pub provider: String,
    pub hours: u32,
    pub completed_on: Date,
    pub passed: bool,
}

/// Continuing education counted for one calendar year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EducationHours {
    pub year: i32,
    pub hours: u32,
}
