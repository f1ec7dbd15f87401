use super::{Principal, Role, Rows};

/// How far a cell of the matrix reaches; who asks turns it into rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reach {
    /// No certificate at all: the action is about something else.
    Nothing,
    /// `s`: oneself.
    Own,
    /// `o`: the people who work for one's organisation now.
    Organisation,
    /// `g`: the people a temporary grant in force names.
    Granted,
    /// `r`: one's region and everything under it.
    Region,
    /// `a`: everything.
    All,
    /// `c`: what the client was admitted for.
    Client,
    /// `issuer`: certificates of one's own office, not of the offices under it.
    Issuer,
}

impl Reach {
    pub(super) fn from_code(code: &str) -> Option<Self> {
        Some(match code {
            "s" => Reach::Own,
            "o" => Reach::Organisation,
            "g" => Reach::Granted,
            "r" => Reach::Region,
            "a" => Reach::All,
            "c" => Reach::Client,
            "issuer" => Reach::Issuer,
            _ => return None,
        })
    }

    /// The rows this opens to the principal; `None` = they lack what it is measured by.
    pub(super) fn rows(self, principal: &Principal) -> Option<Rows> {
        match self {
            Reach::Nothing => Some(Rows::None),
            Reach::Own => principal.holder.map(Rows::Holder),
            Reach::Organisation | Reach::Client => principal.organisation.map(Rows::Organisation),
            Reach::Granted => granted(principal),
            Reach::Region => region_prefix(principal).map(|prefix| Rows::Region { prefix }),
            Reach::All => Some(Rows::All),
            Reach::Issuer => office(principal).map(|prefix| Rows::Region { prefix }),
        }
    }
}

/// A grant is given to a member of an organisation and ends with the membership.
fn granted(principal: &Principal) -> Option<Rows> {
    let granted = principal.organisation.is_some() && !principal.granted.is_empty();
    granted.then(|| Rows::Holders(principal.granted.clone()))
}

/// The significant digits of a regulator's region, if the region is of the level of the role.
///
/// In GB/T 2260 the third and fourth digit 90 group counties that hang directly from their
/// province; no city office answers for them.
fn region_prefix(principal: &Principal) -> Option<String> {
    let code = principal.region.as_deref().filter(|code| is_region_code(code))?;
    let (province, city, county) = (&code[..2], &code[2..4], &code[4..]);
    let length = match principal.role {
        Role::RegulatorCounty if county != "00" => 6,
        Role::RegulatorCity if county == "00" && city != "00" && city != "90" => 4,
        Role::RegulatorProvince if county == "00" && city == "00" && province != "00" => 2,
        _ => return None,
    };
    Some(code[..length].to_owned())
}

/// All six digits of the region of the principal's own office. What the national office issues
/// itself carries the code 000000.
fn office(principal: &Principal) -> Option<String> {
    if principal.role == Role::RegulatorNational {
        return Some("000000".to_owned());
    }
    region_prefix(principal)?;
    principal.region.clone()
}

fn is_region_code(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit())
}
