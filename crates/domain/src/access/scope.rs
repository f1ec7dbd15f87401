use crate::ids::{HolderId, OrganisationId};

/// The rows a decision opened. There is no public constructor: holding a `Scope` proves that the
/// permission matrix was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope(pub(super) Rows);

/// The rows, for a store or an index to translate into its own condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rows {
    /// Nothing at all.
    None,
    /// Certificates of this person.
    Holder(HolderId),
    /// Certificates of these people.
    Holders(Vec<HolderId>),
    /// Certificates whose holder works for this organisation now.
    Organisation(OrganisationId),
    /// Certificates of this region and everything under it. The prefix is the significant part
    /// of the region code: two digits for a province, four for a city, six for a county.
    Region { prefix: String },
    /// Every certificate.
    All,
}

impl Rows {
    /// Does every certificate of `other` lie within these rows?
    pub(super) fn covers(&self, other: &Rows) -> bool {
        match (self, other) {
            (Rows::All, _) | (_, Rows::None) => true,
            (Rows::Holders(ids), Rows::Holder(id)) => ids.contains(id),
            (Rows::Holders(ids), Rows::Holders(others)) => others.iter().all(|id| ids.contains(id)),
            (Rows::Region { prefix }, Rows::Region { prefix: other }) => other.starts_with(prefix.as_str()),
            _ => self == other,
        }
    }
}

/// What a certificate shows a scope of itself.
#[derive(Debug, Clone, Copy)]
pub struct Placement<'a> {
    pub holder: HolderId,
    pub organisation: Option<OrganisationId>,
    pub region: &'a str,
}

impl Scope {
    pub fn rows(&self) -> &Rows {
        &self.0
    }

    /// Is this certificate inside? Asked again for every record loaded.
    pub fn admits(&self, placement: Placement<'_>) -> bool {
        match &self.0 {
            Rows::None => false,
            Rows::Holder(id) => *id == placement.holder,
            Rows::Holders(ids) => ids.contains(&placement.holder),
            Rows::Organisation(id) => placement.organisation == Some(*id),
            Rows::Region { prefix } => placement.region.starts_with(prefix.as_str()),
            Rows::All => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_cover_what_lies_within_them_and_nothing_else() {
        let [one, other, third] = [1, 2, 3].map(|n| HolderId::from_uuid(uuid::Uuid::from_u128(n)));
        let organisation = OrganisationId::from_uuid(uuid::Uuid::from_u128(9));
        let region = |prefix: &str| Rows::Region { prefix: prefix.to_owned() };
        let all = [
            Rows::None,
            Rows::Holder(one),
            Rows::Holder(third),
            Rows::Holders(vec![one, other]),
            Rows::Holders(vec![other]),
            Rows::Organisation(organisation),
            region("42"),
            region("4201"),
            region("31"),
            Rows::All,
        ];
        let covered = |wide: &Rows| all.iter().map(|rows| u8::from(wide.covers(rows))).collect::<Vec<_>>();
        for (wide, expected) in all.iter().zip([
            [1, 0, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 1, 0, 0, 0, 0, 0, 0, 0, 0],
            [1, 0, 1, 0, 0, 0, 0, 0, 0, 0],
            [1, 1, 0, 1, 1, 0, 0, 0, 0, 0],
            [1, 0, 0, 0, 1, 0, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 1, 0, 0, 0, 0],
            [1, 0, 0, 0, 0, 0, 1, 1, 0, 0],
            [1, 0, 0, 0, 0, 0, 0, 1, 0, 0],
            [1, 0, 0, 0, 0, 0, 0, 0, 1, 0],
            [1, 1, 1, 1, 1, 1, 1, 1, 1, 1],
        ]) {
            assert_eq!(covered(wide), expected, "{wide:?}");
        }
    }
}
