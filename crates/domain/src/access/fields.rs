use super::{Action, Grant, Level, Matrix, Principal, Rows};
use crate::Instant;

/// How much of a field is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Show {
    Hidden,
    Masked,
    Full,
}

/// How much of each personal field a permit opens. Only a decision makes one that opens anything.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldPolicy {
    pub name: Show,
    pub id_number: Show,
    pub phone: Show,
    pub photo: Show,
    /// A certificate number that holds an ID number.
    pub embedded_number: Show,
    /// Training and continuing education.
    pub training: Show,
    pub past_employers: Show,
}

impl FieldPolicy {
    /// Shows nothing of a person.
    pub const fn nothing() -> Self {
        Self {
            name: Show::Hidden,
            id_number: Show::Hidden,
            phone: Show::Hidden,
            photo: Show::Hidden,
            embedded_number: Show::Hidden,
            training: Show::Hidden,
            past_employers: Show::Hidden,
        }
    }

    /// What the lines about fields open to the principal on these rows.
    pub(super) fn within(rows: &Rows, matrix: &Matrix, principal: &Principal, now: Instant) -> Self {
        let show = |action| show(matrix.cell(action, principal.role).grants(), rows, principal, now);
        if *rows == Rows::None {
            return Self::nothing();
        }
        Self {
            // Whoever may see a row at all may see the surname on it.
            name: show(Action::NameInFull).max(Show::Masked),
            id_number: show(Action::IdNumber),
            phone: show(Action::Phone),
            photo: show(Action::Photo),
            embedded_number: show(Action::NumberEmbeddingId),
            training: show(Action::Training),
            past_employers: show(Action::PastEmployers),
        }
    }
}

/// The first clause counts: what lies behind a further one is shown record by record, on demand.
/// It opens a field only where it reaches all the rows in question; a county regulator who verifies
/// a certificate of another province sees no more than anybody.
fn show(grants: &[Grant], rows: &Rows, principal: &Principal, now: Instant) -> Show {
    let Some(grant) = grants.first() else { return Show::Hidden };
    let reaches = grant.reach.rows(principal).is_some_and(|open| open.covers(rows));
    let proven = !grant.step_up || principal.is_stepped_up(now);
    match grant.level {
        _ if !(reaches && proven && grant.is_switched_on()) => Show::Hidden,
        Some(Level::Masked) => Show::Masked,
        Some(Level::Full) | None => Show::Full,
    }
}
