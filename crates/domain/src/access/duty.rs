/// In what capacity a role takes part in an action: the same line of the matrix lets one propose
/// and another approve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Duty {
    /// The action itself; written as no word at all.
    Use,
    Appeal,
    Apply,
    Approve,
    /// Counts of audit records only.
    AuditCounts,
    /// Cases opened about enterprises of one's region.
    Cases,
    Confirm,
    Decide,
    Execute,
    Export,
    File,
    Leave,
    Limit,
    /// Whatever concerns the members of one's organisation.
    Members,
    Object,
    Open,
    Propose,
    Publish,
    /// What has been published, and nothing else.
    Published,
    Read,
    Request,
    Restore,
    Review,
    Sanction,
    SecurityEvents,
    SecurityMetrics,
    /// Whatever concerns oneself.
    OneSelf,
    StatusPage,
    Suspend,
    /// Records that arrive from upstream.
    Sync,
    SystemMetrics,
    View,
}

impl Duty {
    pub const ALL: [Duty; 32] = [
        Duty::Use,
        Duty::Appeal,
        Duty::Apply,
        Duty::Approve,
        Duty::AuditCounts,
        Duty::Cases,
        Duty::Confirm,
        Duty::Decide,
        Duty::Execute,
        Duty::Export,
        Duty::File,
        Duty::Leave,
        Duty::Limit,
        Duty::Members,
        Duty::Object,
        Duty::Open,
        Duty::Propose,
        Duty::Publish,
        Duty::Published,
        Duty::Read,
        Duty::Request,
        Duty::Restore,
        Duty::Review,
        Duty::Sanction,
        Duty::SecurityEvents,
        Duty::SecurityMetrics,
        Duty::OneSelf,
        Duty::StatusPage,
        Duty::Suspend,
        Duty::Sync,
        Duty::SystemMetrics,
        Duty::View,
    ];

    /// The word in the matrix file.
    pub const fn code(self) -> &'static str {
        match self {
            Duty::Use => "use",
            Duty::Appeal => "appeal",
            Duty::Apply => "apply",
            Duty::Approve => "approve",
            Duty::AuditCounts => "audit_counts",
            Duty::Cases => "cases",
            Duty::Confirm => "confirm",
            Duty::Decide => "decide",
            Duty::Execute => "execute",
            Duty::Export => "export",
            Duty::File => "file",
            Duty::Leave => "leave",
            Duty::Limit => "limit",
            Duty::Members => "members",
            Duty::Object => "object",
            Duty::Open => "open",
            Duty::Propose => "propose",
            Duty::Publish => "publish",
            Duty::Published => "published",
            Duty::Read => "read",
            Duty::Request => "request",
            Duty::Restore => "restore",
            Duty::Review => "review",
            Duty::Sanction => "sanction",
            Duty::SecurityEvents => "security_events",
            Duty::SecurityMetrics => "security_metrics",
            Duty::OneSelf => "self",
            Duty::StatusPage => "status_page",
            Duty::Suspend => "suspend",
            Duty::Sync => "sync",
            Duty::SystemMetrics => "system_metrics",
            Duty::View => "view",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|duty| duty.code() == code)
    }
}
