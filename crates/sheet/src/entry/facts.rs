use crate::problem::Problem;
use domain::certificate::{IdentityDocument, Terms, Training};
use std::fmt;

/// Where an entry comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// Name of the file, as told by the caller.
    pub file: String,
    /// Name of the sheet; empty for delimited text.
    pub sheet: String,
    /// As spreadsheets count, from 1.
    pub row: u32,
}

/// An entry is one of several that share a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part {
    /// From 1.
    pub index: usize,
    pub of: usize,
}

/// One certificate as a roster tells it, cleaned and checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Entry {
    pub origin: Origin,
    pub part: Part,
    pub type_code: String,
    /// In its one spelling. May hold an ID number.
    pub number: String,
    /// Full code such as `mem:1.2`.
    pub item: Option<String>,
    /// As [`domain::text::normalise_name`] spells it.
    pub holder_name: String,
    /// `None` where the row has none or only a masked one.
    pub identity: Option<IdentityDocument>,
    /// The number as the roster has it, where that is not what `identity` holds: masked, or with
    /// fifteen digits. A masked one can link the entry to a person only with number and name.
    pub identity_as_written: Option<String>,
    pub phone: Option<String>,
    pub organisation_name: Option<String>,
    /// Unified social credit code with the right check character.
    pub credit_code: Option<String>,
    pub issuer: Option<String>,
    /// Region of the issuing body.
    pub region: String,
    /// Industry code of the catalogue.
    pub industry: Option<String>,
    /// Without a review where the row tells none; a warning says when the first one is due then.
    pub terms: Terms,
    pub training: Option<Training>,
    /// What someone should look at, none of it an error.
    pub warnings: Vec<Problem>,
}

impl Entry {
    /// Is the ID number masked, so that it can be neither checked nor looked up?
    pub fn has_masked_identity(&self) -> bool {
        self.identity.is_none() && self.identity_as_written.is_some()
    }
}

// Names and ID numbers must not reach a log through `{:?}`.
impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("origin", &self.origin)
            .field("type_code", &self.type_code)
            .field("item", &self.item)
            .field("terms", &self.terms)
            .finish_non_exhaustive()
    }
}
