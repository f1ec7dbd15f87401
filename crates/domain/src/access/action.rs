/// What can be asked for: the lines of the permission matrix, in its order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Is this certificate good? Number and name together.
    VerifyOne,
    /// Lists of certificates, and the records they lead to.
    ResultList,
    FuzzyNameSearch,
    SearchByIdNumber,
    NameInFull,
    IdNumber,
    Phone,
    Photo,
    /// A certificate number that holds an ID number.
    NumberEmbeddingId,
    /// Training and continuing education.
    Training,
    PastEmployers,
    /// Reading beyond one's own region for a case.
    CrossRegionRead,
    ExportMasked,
    ExportUnmasked,
    BatchQuery,
    VerificationReport,
    /// A link that a holder makes for an employer.
    ShareLink,
    Statistics,
    PriorityJob,
    /// Issue, renew, review, suspend, resume, revoke, cancel.
    ChangeCertificate,
    /// Correction of a record, or objection to it.
    Correction,
    Membership,
    /// Admission of an enterprise.
    Onboarding,
    TemporaryGrant,
    /// Creating and disabling accounts.
    Accounts,
    /// Roles and permissions of accounts.
    Roles,
    SecurityPolicy,
    /// Configuration, backup, connectors, rosters from upstream.
    System,
    Keys,
    UnlockAccount,
    AuditRead,
    AuditExport,
    AbuseCase,
    /// A person's request about their own data.
    PrivacyRequest,
    Feedback,
}

impl Action {
    pub const ALL: [Action; 35] = [
        Action::VerifyOne,
        Action::ResultList,
        Action::FuzzyNameSearch,
        Action::SearchByIdNumber,
        Action::NameInFull,
        Action::IdNumber,
        Action::Phone,
        Action::Photo,
        Action::NumberEmbeddingId,
        Action::Training,
        Action::PastEmployers,
        Action::CrossRegionRead,
        Action::ExportMasked,
        Action::ExportUnmasked,
        Action::BatchQuery,
        Action::VerificationReport,
        Action::ShareLink,
        Action::Statistics,
        Action::PriorityJob,
        Action::ChangeCertificate,
        Action::Correction,
        Action::Membership,
        Action::Onboarding,
        Action::TemporaryGrant,
        Action::Accounts,
        Action::Roles,
        Action::SecurityPolicy,
        Action::System,
        Action::Keys,
        Action::UnlockAccount,
        Action::AuditRead,
        Action::AuditExport,
        Action::AbuseCase,
        Action::PrivacyRequest,
        Action::Feedback,
    ];

    /// The stable machine code, as in the matrix file and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Action::VerifyOne => "verify_one",
            Action::ResultList => "result_list",
            Action::FuzzyNameSearch => "fuzzy_name_search",
            Action::SearchByIdNumber => "search_by_id_number",
            Action::NameInFull => "name_in_full",
            Action::IdNumber => "id_number",
            Action::Phone => "phone",
            Action::Photo => "photo",
            Action::NumberEmbeddingId => "number_embedding_id",
            Action::Training => "training",
            Action::PastEmployers => "past_employers",
            Action::CrossRegionRead => "cross_region_read",
            Action::ExportMasked => "export_masked",
            Action::ExportUnmasked => "export_unmasked",
            Action::BatchQuery => "batch_query",
            Action::VerificationReport => "verification_report",
            Action::ShareLink => "share_link",
            Action::Statistics => "statistics",
            Action::PriorityJob => "priority_job",
            Action::ChangeCertificate => "change_certificate",
            Action::Correction => "correction",
            Action::Membership => "membership",
            Action::Onboarding => "onboarding",
            Action::TemporaryGrant => "temporary_grant",
            Action::Accounts => "accounts",
            Action::Roles => "roles",
            Action::SecurityPolicy => "security_policy",
            Action::System => "system",
            Action::Keys => "keys",
            Action::UnlockAccount => "unlock_account",
            Action::AuditRead => "audit_read",
            Action::AuditExport => "audit_export",
            Action::AbuseCase => "abuse_case",
            Action::PrivacyRequest => "privacy_request",
            Action::Feedback => "feedback",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.code() == code)
    }
}
