//! Shapes of bodies that other crates serialise or parse, for the description of the API.

use utoipa::ToSchema;

/// One line of a list. Masked values are strings with `*`; withheld fields are absent.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedCertificate")]
pub struct CertificateRow {
    id: String,
    number: Option<String>,
    r#type: String,
    item: Option<String>,
    holder: HolderRow,
    organisation: Option<OrganisationRow>,
    issuer: String,
    region: String,
    #[schema(format = Date)]
    issued_on: String,
    /// Null: open-ended.
    #[schema(format = Date)]
    valid_until: Option<String>,
    #[schema(format = Date)]
    review_due_on: Option<String>,
    status: StatusRow,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedHolder")]
pub struct HolderRow {
    name: Option<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedOrganisation")]
pub struct OrganisationRow {
    id: String,
    name: String,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedStatus")]
pub struct StatusRow {
    code: String,
    #[schema(format = Date)]
    since: Option<String>,
    reason: Option<String>,
}

/// One certificate with its life.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedDetail")]
pub struct CertificateDetail {
    id: String,
    version: u64,
    number: Option<String>,
    r#type: String,
    item: Option<String>,
    holder: PersonDetail,
    organisation: Option<OrganisationRow>,
    issuer: String,
    region: String,
    industry: Option<String>,
    #[schema(format = Date)]
    issued_on: String,
    #[schema(format = Date)]
    valid_from: String,
    #[schema(format = Date)]
    valid_until: Option<String>,
    #[schema(format = Date)]
    review_due_on: Option<String>,
    status: StatusRow,
    under_correction: bool,
    /// In the order recorded.
    #[schema(value_type = Vec<Object>)]
    events: Vec<String>,
    #[schema(value_type = Option<Vec<Object>>)]
    training: Option<Vec<String>>,
    #[schema(value_type = Option<Vec<Object>>)]
    education: Option<Vec<String>>,
    /// There is a photo, and you may fetch it.
    photo: bool,
    /// `code`, `synced_at`, and `row` where it came from a roster (`import`, `sheet`, `row`, `part` of `of`).
    #[schema(value_type = Object)]
    source: String,
    /// Other certificates of the same person inside your scope.
    #[schema(value_type = Vec<Object>)]
    related: Vec<String>,
}

#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedPerson")]
pub struct PersonDetail {
    id: String,
    name: Option<String>,
    id_number: Option<String>,
    phone: Option<String>,
}

/// What a certificate says of itself to somebody who knows its number and the holder's name.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes domain::mask::MaskedVerification")]
pub struct VerifiedCertificate {
    r#type: String,
    item: Option<String>,
    holder: HolderRow,
    issuer: String,
    #[schema(format = Date)]
    issued_on: String,
    #[schema(format = Date)]
    valid_until: Option<String>,
    #[schema(format = Date)]
    review_due_on: Option<String>,
    status: StatusRow,
}

/// A certificate to be issued.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes app::certificates::NewCertificate")]
pub struct NewCertificateIn {
    r#type: String,
    number: String,
    /// Where the type has items.
    item: Option<String>,
    name: String,
    id_number: Option<String>,
    phone: Option<String>,
    organisation: Option<String>,
    uscc: Option<String>,
    issuer: String,
    /// Six-digit code inside your scope.
    region: String,
    industry: Option<String>,
    #[schema(format = Date)]
    issued_on: String,
    #[schema(format = Date)]
    valid_from: String,
    #[schema(format = Date)]
    valid_until: Option<String>,
    #[schema(format = Date)]
    review_due_on: Option<String>,
}

/// A file as it is.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes a body of any bytes")]
pub struct File(Vec<u8>);
