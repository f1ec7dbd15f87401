use serde::{Deserialize, Serialize};

/// The twelve roles of the permission matrix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Anyone, not signed in.
    Public,
    Individual,
    EnterpriseAdmin,
    /// A member of an enterprise with a temporary grant for named people.
    EnterpriseMember,
    RegulatorCounty,
    RegulatorCity,
    RegulatorProvince,
    RegulatorNational,
    SystemAdmin,
    SecurityAdmin,
    AuditAdmin,
    ApiClient,
}

impl Role {
    pub const ALL: [Role; 12] = [
        Role::Public,
        Role::Individual,
        Role::EnterpriseAdmin,
        Role::EnterpriseMember,
        Role::RegulatorCounty,
        Role::RegulatorCity,
        Role::RegulatorProvince,
        Role::RegulatorNational,
        Role::SystemAdmin,
        Role::SecurityAdmin,
        Role::AuditAdmin,
        Role::ApiClient,
    ];

    /// The stable machine code, as in the API and the matrix file.
    pub const fn code(self) -> &'static str {
        match self {
            Role::Public => "public",
            Role::Individual => "individual",
            Role::EnterpriseAdmin => "enterprise_admin",
            Role::EnterpriseMember => "enterprise_member",
            Role::RegulatorCounty => "regulator_county",
            Role::RegulatorCity => "regulator_city",
            Role::RegulatorProvince => "regulator_province",
            Role::RegulatorNational => "regulator_national",
            Role::SystemAdmin => "system_admin",
            Role::SecurityAdmin => "security_admin",
            Role::AuditAdmin => "audit_admin",
            Role::ApiClient => "api_client",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }
}
