//! What certificates there are, as data: types, items, regions, industries, names people use for
//! them. The code knows no trade and no country; a catalogue teaches it one.

mod aliases;
mod certificate_type;
mod files;
mod industry;
mod item;
mod regions;
mod status_codes;

pub use aliases::Candidate;
pub use certificate_type::{CertificateType, LongReview, NumberPattern};
pub use files::{CatalogueError, CatalogueFiles};
pub use industry::{Industry, IndustryLevel};
pub use item::Item;
pub use regions::{Region, RegionLevel, Regions, Years};
pub use status_codes::{CodedStatus, StatusCodes};

use crate::{
    certificate::IdentityDocument,
    lifecycle::StatusRules,
    number::{IdentityError, citizen_id, other_document},
};
use aliases::Aliases;
use serde::Deserialize;
use std::{
    collections::HashMap,
    sync::{Arc, LazyLock},
};

/// A name in the three languages of the product.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    pub zh: String,
    pub en: String,
    pub ja: String,
}

/// A family of certificate types, for menus and statistics.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Category {
    pub code: String,
    pub names: Names,
}

/// How identity documents of the domain are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityScheme {
    /// GB 11643 citizen numbers and the Chinese papers that stand beside them.
    Cn,
    /// Any text of letters and digits; nothing can be checked.
    Unchecked,
}

/// Everything a domain of certificates is made of. Built once, then only read.
#[derive(Debug)]
pub struct Catalogue {
    code: String,
    version: String,
    names: Names,
    zone: chrono_tz::Tz,
    identity: IdentityScheme,
    categories: Vec<Category>,
    types: Vec<CertificateType>,
    type_index: HashMap<String, usize>,
    items: Vec<Item>,
    item_index: HashMap<String, usize>,
    regions: Regions,
    industries: Vec<Industry>,
    status_codes: Vec<StatusCodes>,
    aliases: Aliases,
}

/// Windows of a type that the catalogue does not know, such as one withdrawn since.
const UNKNOWN_TYPE_DAYS: u16 = 60;

impl Catalogue {
    /// The built-in catalogue: work-safety certificates of China.
    pub fn work_safety() -> Arc<Catalogue> {
        static BUILT_IN: LazyLock<Arc<Catalogue>> = LazyLock::new(|| {
            let catalogue = Catalogue::parse(&CatalogueFiles::WORK_SAFETY);
            Arc::new(catalogue.expect("the built-in catalogue is parsed by a test"))
        });
        BUILT_IN.clone()
    }

    /// Stable code of the domain, such as `work_safety_cn`.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Version of the data, shown with verdicts and stored with imports.
    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn names(&self) -> &Names {
        &self.names
    }

    /// The time zone in which the days of a certificate begin.
    pub fn zone(&self) -> chrono_tz::Tz {
        self.zone
    }

    pub fn categories(&self) -> &[Category] {
        &self.categories
    }

    pub fn types(&self) -> &[CertificateType] {
        &self.types
    }

    pub fn type_by_code(&self, code: &str) -> Option<&CertificateType> {
        self.type_index.get(code).map(|&index| &self.types[index])
    }

    /// The items of a scheme in catalogue order.
    pub fn items<'a>(&'a self, scheme: &'a str) -> impl Iterator<Item = &'a Item> {
        self.items.iter().filter(move |item| item.scheme == scheme)
    }

    /// An item by its full code, such as `mem:1.2`.
    pub fn item_by_code(&self, code: &str) -> Option<&Item> {
        self.item_index.get(code).map(|&index| &self.items[index])
    }

    pub fn regions(&self) -> &Regions {
        &self.regions
    }

    pub fn industries(&self) -> &[Industry] {
        &self.industries
    }

    pub fn industry_by_code(&self, code: &str) -> Option<&Industry> {
        self.industries.iter().find(|industry| industry.code == code)
    }

    /// A table of official numeric status codes, such as `C0317`.
    pub fn status_codes(&self, table: &str) -> Option<&StatusCodes> {
        self.status_codes.iter().find(|codes| codes.name() == table)
    }

    /// What a word on a roster (`电工证`, `低压电工作业`, a type's full name) can mean, likeliest
    /// first; empty when nothing is known by that name.
    pub fn candidates(&self, name: &str) -> &[Candidate] {
        self.aliases.candidates(name)
    }

    /// What the type contributes to the status of its certificates.
    pub fn status_rules(&self, type_code: &str) -> StatusRules {
        let windows = self.type_by_code(type_code).map(|kind| (kind.expiring_days, kind.review_due_days));
        let (expiring_days, review_due_days) = windows.unwrap_or((UNKNOWN_TYPE_DAYS, UNKNOWN_TYPE_DAYS));
        StatusRules { expiring_days, review_due_days, zone: self.zone }
    }

    /// Reads an identity document as this domain writes them.
    pub fn parse_identity(&self, text: &str) -> Result<IdentityDocument, IdentityError> {
        match self.identity {
            IdentityScheme::Cn => citizen_id::parse(text, &self.regions),
            IdentityScheme::Unchecked => other_document(text),
        }
    }
}
