//! A read model filled with a population, and scopes as the permission matrix gives them.

use crate::population;
use chrono::TimeZone;
use domain::{
    Date, Instant,
    access::{Action, Matrix, Principal, Role, Scope, Wish, decide},
    catalogue::Catalogue,
    certificate::Certificate,
    ids::{AccountId, HolderId, OrganisationId},
    query::{SearchQuery, Text},
};
use keys::KeyRing;
use readmodel::{FeedPosition, Options, ReadModel, SearchResult};
use std::{path::Path, sync::Arc};
use tempfile::TempDir;
use uuid::Uuid;

pub const KEY_SEED: [u8; 32] = [7; 32];

pub fn today() -> Date {
    date("2026-06-15")
}

pub fn date(text: &str) -> Date {
    text.parse().unwrap()
}

pub fn instant(day: &str) -> Instant {
    chrono::Utc.from_utc_datetime(&date(day).and_hms_opt(4, 0, 0).unwrap())
}

pub fn text(text: &str) -> Option<Text> {
    Some(Text::new(text).unwrap())
}

pub fn at(seq: u64) -> FeedPosition {
    FeedPosition { seq, as_of: instant("2026-06-15") }
}

pub fn open(dir: &Path) -> ReadModel {
    let options = Options { writer_heap_bytes: 15 << 20, map_bytes: 1 << 30 };
    ReadModel::open(dir, KeyRing::in_memory(KEY_SEED), Catalogue::work_safety(), options).unwrap()
}

/// A read model in a folder of its own that holds these certificates.
pub struct Filled {
    pub model: ReadModel,
    pub dir: TempDir,
}

impl Filled {
    /// Applied in several pieces, so that the index has several segments and documents replaced.
    pub fn with(certificates: &[Certificate]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let model = open(dir.path());
        let outdated: Vec<Certificate> =
            certificates.iter().step_by(5).map(population::earlier_version).collect();
        model.apply(&outdated, &[], at(1)).unwrap();
        // From here on each piece is a segment.
        model.confirm(instant("2026-06-14"));
        let pieces = certificates.chunks(certificates.len().div_ceil(3).max(1));
        for (number, piece) in pieces.enumerate() {
            model.apply(piece, &[], at(2 + number as u64)).unwrap();
        }
        model.confirm(instant("2026-06-15"));
        Self { model, dir }
    }

    pub fn search(&self, query: &SearchQuery, scope: &Scope) -> SearchResult {
        self.model.search(query, scope, today()).unwrap()
    }
}

/// Who may be asked for a scope.
#[derive(Debug, Clone, Copy)]
pub enum Asker<'a> {
    Nation,
    Region(Role, &'a str),
    Organisation(OrganisationId),
    Holder(HolderId),
    Granted(&'a [HolderId]),
}

pub fn scope(asker: Asker<'_>) -> Scope {
    let account = AccountId::from_uuid(Uuid::from_u128(1));
    let mut principal = Principal { account: Some(account), ..Principal::public() };
    match asker {
        Asker::Nation => principal.role = Role::RegulatorNational,
        Asker::Region(role, region) => {
            principal.role = role;
            principal.region = Some(region.to_owned());
        }
        Asker::Organisation(id) => {
            principal.role = Role::EnterpriseAdmin;
            principal.organisation = Some(id);
        }
        Asker::Holder(id) => {
            principal.role = Role::Individual;
            principal.holder = Some(id);
        }
        Asker::Granted(ids) => {
            principal.role = Role::EnterpriseMember;
            principal.organisation = Some(OrganisationId::from_uuid(Uuid::from_u128(2)));
            principal.granted = ids.to_vec();
        }
    }
    let matrix: Arc<Matrix> = Matrix::builtin();
    decide(&matrix, &principal, Action::ResultList, Wish::Default, instant("2026-06-15")).unwrap().scope
}

pub fn nation() -> Scope {
    scope(Asker::Nation)
}
