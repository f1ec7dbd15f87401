use crate::{
    access::{Action, Level, Permit},
    certificate::Certificate,
};

/// A field that can be shown in full on demand, one record at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Field {
    IdNumber,
    Phone,
    /// The certificate number, where it holds an ID number.
    Number,
}

impl Field {
    pub const ALL: [Field; 3] = [Field::IdNumber, Field::Phone, Field::Number];

    /// The stable machine code, as in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Field::IdNumber => "id_number",
            Field::Phone => "phone",
            Field::Number => "number",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.code() == code)
    }

    /// The line of the matrix to ask, with [`crate::access::Wish::Full`].
    pub const fn action(self) -> Action {
        match self {
            Field::IdNumber => Action::IdNumber,
            Field::Phone => Action::Phone,
            Field::Number => Action::NumberEmbeddingId,
        }
    }
}

/// The field in full. `None` where the record has no such value, and where the permit is for
/// another action, for less than the full value, or for other rows.
pub fn unmasked(certificate: &Certificate, permit: &Permit, field: Field) -> Option<String> {
    let permitted = permit.action == field.action()
        && permit.level == Level::Full
        && permit.scope.admits(certificate.placement());
    if !permitted {
        return None;
    }
    match field {
        Field::IdNumber => {
            let document = certificate.holder.identity.as_ref().map(|document| document.number.clone());
            document.or_else(|| certificate.identity_as_written.clone())
        }
        Field::Phone => certificate.holder.phone.clone(),
        Field::Number => Some(certificate.number.clone()),
    }
}
