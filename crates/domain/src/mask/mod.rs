//! What of a person leaves the system, and in which form. Everything a channel sends goes through
//! here: the stored types cannot be serialised, the masked ones can.
//!
//! ```
//! use domain::mask;
//! assert_eq!(mask::name("欧阳修"), "欧阳*");
//! assert_eq!(mask::certificate_number("T11010519491231002X"), "T110***********002X");
//! ```

mod clues;
mod contact;
mod detail;
mod guard;
mod identity;
mod keywords;
mod name;
mod number;
mod row;
mod unmask;

pub use clues::Clues;
pub(crate) use clues::years;
pub use contact::{address, email, ip, licence_plate, phone, source};
pub use detail::{
    MaskedDetail, MaskedEvent, MaskedPerson, MaskedRelated, MaskedSource, MaskedTerms, MaskedTraining,
    MaskedYear, detail,
};
pub use guard::{MIN_CANDIDATES, is_harmless};
pub use identity::id_number;
pub use keywords::keywords;
pub use name::name;
pub use number::{certificate_number, text};
pub use row::{
    MaskedCertificate, MaskedHolder, MaskedOrganisation, MaskedStatus, MaskedVerification, rows, verification,
};
pub use unmask::{Field, unmasked};

/// So many asterisks.
fn stars(count: usize) -> String {
    "*".repeat(count)
}
