//! The words of the index: 64-bit keyed hashes of a kind and a text. Sixty-four bits make a false
//! match among a hundred million distinct words a matter of one in 10^11 queries.

use domain::ids::{HolderId, OrganisationId};
use keys::KeyRing;

pub type Token = u64;

/// Makes tokens under the key ring's index key.
#[derive(Clone)]
pub struct Tokens(KeyRing);

impl Tokens {
    pub fn new(keys: KeyRing) -> Self {
        Self(keys)
    }

    pub fn of(&self, kind: Kind, text: &str) -> Token {
        self.0.token(kind.field(), text)
    }

    pub fn holder(&self, id: HolderId) -> Token {
        self.of(Kind::Holder, &id.to_string())
    }

    pub fn organisation(&self, id: OrganisationId) -> Token {
        self.of(Kind::Organisation, &id.to_string())
    }
}

/// What a token says of its certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The whole number, normalised.
    Number,
    /// A beginning of the number; only where it holds no ID number.
    NumberPrefix,
    /// The number with one character blotted; only where it holds no ID number.
    NumberBlotted,
    /// The number of the holder's identity document.
    Identity,
    /// The holder's name in its search form.
    Name,
    NameBlotted,
    /// A reading of the whole name.
    Pinyin,
    /// The initials of a reading.
    Initials,
    Holder,
    Organisation,
    /// The organisation's name in its search form.
    OrganisationName,
    /// Two neighbouring characters of that form: most substring queries are two characters long.
    OrganisationPair,
    /// Unified social credit code.
    CreditCode,
    /// The issuer's name in its search form.
    Issuer,
    Type,
    Item,
    /// The region code cut to a province, a city or a county.
    Region,
    Industry,
    /// A status the certificate has on some day, past or to come.
    EverStatus,
}

impl Kind {
    const fn field(self) -> &'static str {
        match self {
            Kind::Number => "number",
            Kind::NumberPrefix => "number_prefix",
            Kind::NumberBlotted => "number_blotted",
            Kind::Identity => "identity",
            Kind::Name => "name",
            Kind::NameBlotted => "name_blotted",
            Kind::Pinyin => "pinyin",
            Kind::Initials => "initials",
            Kind::Holder => "holder",
            Kind::Organisation => "organisation",
            Kind::OrganisationName => "organisation_name",
            Kind::OrganisationPair => "organisation_pair",
            Kind::CreditCode => "credit_code",
            Kind::Issuer => "issuer",
            Kind::Type => "type",
            Kind::Item => "item",
            Kind::Region => "region",
            Kind::Industry => "industry",
            Kind::EverStatus => "ever_status",
        }
    }
}
