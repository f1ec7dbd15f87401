use crate::suite::conflict;
use domain::{
    access::Role,
    audit::{Actor, AuditRecord, AuditRow, Outcome},
    ids::{AccountId, CertificateId, OrganisationId, RequestId, SessionId},
};
use std::sync::Arc;
use store::{AuditFilter, AuditScope, CopyFault, Store};
use testkit::{TestStore, at};
use uuid::Uuid;

fn row(seq: u64) -> AuditRow {
    let record = AuditRecord {
        at: at(2026, 1, 1 + (seq % 20) as u32),
        clock: seq.is_multiple_of(2).then(|| "ntp".into()),
        request: RequestId::from_uuid(Uuid::from_u128(1000 + u128::from(seq))),
        actor: Actor {
            role: if seq.is_multiple_of(2) { Role::AuditAdmin } else { Role::Individual },
            account: Some(AccountId::from_uuid(Uuid::from_u128(u128::from(seq % 3)))),
            organisation: seq.is_multiple_of(5).then(|| OrganisationId::from_uuid(Uuid::from_u128(5))),
            region: Some("110105".into()),
            session: Some(SessionId::from_uuid(Uuid::from_u128(1))),
            source: "192.0.2.7:4711".into(),
            device: None,
        },
        action: if seq.is_multiple_of(4) { "certificate.search" } else { "certificate.detail" }.into(),
        object: Some(format!("cert_{}", seq % 7)),
        object_region: [None, Some("110105"), Some("110200"), Some("310101")][(seq % 4) as usize]
            .map(Into::into),
        shown: if (seq + 1).is_multiple_of(4) {
            vec![certificate(seq % 8), certificate(100 + seq)]
        } else {
            Vec::new()
        },
        keywords: Some("c2VhbGVk".into()),
        purpose: None,
        outcome: if seq.is_multiple_of(6) { Outcome::Refused } else { Outcome::Allowed },
        reason: Some("not_permitted".into()),
        count: seq,
        staged: (seq + 7).is_multiple_of(8),
        version: "0.1.0".into(),
    };
    AuditRow { seq, record }
}

fn certificate(n: u64) -> CertificateId {
    CertificateId::from_uuid(Uuid::from_u128(u128::from(n)))
}

fn rows(seqs: std::ops::Range<u64>) -> Vec<AuditRow> {
    seqs.map(row).collect()
}

fn everything() -> AuditFilter {
    AuditFilter { scope: AuditScope::All, limit: 200, ..AuditFilter::default() }
}

pub async fn rows_are_added_once_and_listed_newest_first(db: Arc<TestStore>) {
    assert_eq!(db.audit_head().await.unwrap(), 0);
    db.insert_audit_rows(&rows(0..10)).await.unwrap();
    // The batch is repeated after a crash, with more at its end.
    db.insert_audit_rows(&rows(5..15)).await.unwrap();
    db.insert_audit_rows(&rows(0..15)).await.unwrap();
    db.insert_audit_rows(&[]).await.unwrap();
    assert_eq!(db.audit_head().await.unwrap(), 15);
    let mut expected = rows(0..15);
    expected.reverse();
    assert_eq!(db.list_audit(&everything()).await.unwrap(), expected);
    let page = AuditFilter { before_seq: Some(12), limit: 3, ..everything() };
    assert_eq!(db.list_audit(&page).await.unwrap(), [row(11), row(10), row(9)]);
}

pub async fn a_gap_is_refused(db: Arc<TestStore>) {
    db.insert_audit_rows(&rows(0..3)).await.unwrap();
    assert_eq!(conflict(db.insert_audit_rows(&rows(4..6)).await), "audit_gap");
    assert_eq!(conflict(db.insert_audit_rows(&[row(3), row(5)]).await), "audit_gap");
    assert_eq!(db.audit_head().await.unwrap(), 3);
}

/// What a listed record has to be like.
type Expectation = fn(&AuditRecord) -> bool;

pub async fn each_condition_narrows_the_list(db: Arc<TestStore>) {
    let all = rows(0..60);
    db.insert_audit_rows(&all).await.unwrap();
    let table: [(AuditFilter, Expectation); 7] = [
        (AuditFilter { from: Some(at(2026, 1, 10)), ..everything() }, |record| record.at >= at(2026, 1, 10)),
        (AuditFilter { to: Some(at(2026, 1, 10)), ..everything() }, |record| record.at < at(2026, 1, 10)),
        (AuditFilter { role: Some(Role::AuditAdmin), ..everything() }, |record| {
            record.actor.role == Role::AuditAdmin
        }),
        (AuditFilter { account: row(1).record.actor.account, ..everything() }, |record| {
            record.actor.account == row(1).record.actor.account
        }),
        (AuditFilter { action: Some("certificate.search".into()), ..everything() }, |record| {
            record.action == "certificate.search"
        }),
        (AuditFilter { object: Some("cert_3".into()), ..everything() }, |record| {
            record.object.as_deref() == Some("cert_3")
        }),
        (AuditFilter { outcome: Some(Outcome::Refused), ..everything() }, |record| {
            record.outcome == Outcome::Refused
        }),
    ];
    for (filter, expected) in table {
        let listed = db.list_audit(&filter).await.unwrap();
        let expected: Vec<_> = all.iter().rev().filter(|row| expected(&row.record)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        assert_eq!(listed, expected, "{filter:?}");
    }
}

pub async fn each_scope_opens_its_own_records(db: Arc<TestStore>) {
    let all = rows(0..60);
    db.insert_audit_rows(&all).await.unwrap();
    const ROLES: &[Role] = &[Role::Individual];
    let organisation = OrganisationId::from_uuid(Uuid::from_u128(5));
    let account = AccountId::from_uuid(Uuid::from_u128(1));
    let table: [(AuditScope, Expectation); 7] = [
        (AuditScope::Account(account), |record| record.actor.account == row(1).record.actor.account),
        (AuditScope::Organisation(organisation), |record| record.actor.organisation.is_some()),
        (AuditScope::Objects(vec!["cert_1".into(), "cert_3".into()]), |record| {
            ["cert_1", "cert_3"].contains(&record.object.as_deref().unwrap())
        }),
        (AuditScope::Objects(vec!["cert_2".into(), certificate(3).to_string()]), |record| {
            record.object.as_deref() == Some("cert_2") || record.shown.contains(&certificate(3))
        }),
        (AuditScope::Acts { roles: ROLES, region_prefix: None }, |record| {
            record.actor.role == Role::Individual
        }),
        (AuditScope::Acts { roles: ROLES, region_prefix: Some("11".into()) }, |record| {
            let region = record.object_region.as_deref();
            record.actor.role == Role::Individual && region.is_some_and(|region| region.starts_with("11"))
        }),
        (AuditScope::Events { actions: &["certificate.search"], reasons: &["locked"] }, |record| {
            record.action == "certificate.search"
        }),
    ];
    for (scope, expected) in table {
        let filter = AuditFilter { scope, ..everything() };
        let listed = db.list_audit(&filter).await.unwrap();
        let expected: Vec<_> = all.iter().rev().filter(|row| expected(&row.record)).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len(), "{filter:?}");
        assert_eq!(listed, expected, "{filter:?}");
    }
    for scope in [AuditScope::Nothing, AuditScope::Objects(Vec::new()), AuditScope::default()] {
        assert_eq!(db.list_audit(&AuditFilter { scope, ..everything() }).await.unwrap(), []);
    }
}

pub async fn no_statement_changes_a_record(db: Arc<TestStore>) {
    db.insert_audit_rows(&rows(0..3)).await.unwrap();
    db.insert_audit_rows(&rows(3..4)).await.unwrap();
    for statement in [
        "UPDATE audit_record SET reason = NULL",
        "DELETE FROM audit_record WHERE seq = 2",
        "UPDATE audit_shown SET seq = 2",
        "DELETE FROM audit_shown WHERE seq = 3",
    ] {
        let refusal = db.raw(statement).await.expect_err(statement);
        assert!(refusal.to_string().contains("is append-only"), "{refusal}");
    }
    if db.dialect() == store::Dialect::Postgres {
        assert!(db.raw("TRUNCATE audit_record").await.is_err());
    }
    let mut expected = rows(0..4);
    expected.reverse();
    assert_eq!(db.list_audit(&everything()).await.unwrap(), expected);
}

pub async fn a_staged_record_waits_for_its_row(db: Arc<TestStore>) {
    let tx = db.begin().await.unwrap();
    tx.stage_audit(row(0).record.request, "first", at(2026, 1, 1)).await.unwrap();
    tx.stage_audit(row(1).record.request, "second", at(2026, 1, 2)).await.unwrap();
    tx.stage_audit(row(9).record.request, "third", at(2026, 1, 3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.staged_audit(at(2026, 1, 3), 10).await.unwrap(), ["first", "second"]);
    db.insert_audit_rows(&rows(0..2)).await.unwrap();
    assert_eq!(db.staged_audit(at(2026, 1, 4), 10).await.unwrap(), ["third"]);
}

pub async fn a_change_that_the_database_has_lost_is_known_by_its_record(db: Arc<TestStore>) {
    // Those that say that they were staged, of which one is.
    let told: Vec<_> = rows(0..30).into_iter().filter(|row| row.record.staged).collect();
    let tx = db.begin().await.unwrap();
    tx.stage_audit(told[2].record.request, "there", at(2026, 1, 1)).await.unwrap();
    tx.commit().await.unwrap();
    let all = rows(0..30);
    let lost: Vec<_> = db.lost_changes(&all).await.unwrap().into_iter().map(|row| row.seq).collect();
    assert_eq!(lost, [told[0].seq, told[1].seq, told[3].seq]);
    // What is copied has been looked at.
    db.insert_audit_rows(&rows(0..20)).await.unwrap();
    let lost: Vec<_> = db.lost_changes(&all).await.unwrap().into_iter().map(|row| row.seq).collect();
    assert_eq!(lost, [told[3].seq]);
}

pub async fn a_copy_is_compared_by_one_who_only_looks(db: Arc<TestStore>) {
    db.insert_audit_rows(&rows(0..6)).await.unwrap();
    let looking = Store::connect_read_only(db.url(), testkit::keys()).await.unwrap();
    assert_eq!(looking.audit_head().await.unwrap(), 6);
    assert_eq!(looking.audit_copy_faults(&rows(0..6)).await.unwrap(), []);
    assert_eq!(looking.audit_copy_faults(&[]).await.unwrap(), []);
    let mut other = rows(2..8);
    other[1].record.actor.source = "192.0.2.8:1".into();
    let faults = [(3, CopyFault::Changed), (6, CopyFault::Missing), (7, CopyFault::Missing)];
    assert_eq!(looking.audit_copy_faults(&other).await.unwrap(), faults);
    let mut other = rows(0..6);
    other[3].record.shown.pop();
    assert_eq!(looking.audit_copy_faults(&other).await.unwrap(), [(3, CopyFault::Changed)]);
    assert!(looking.insert_audit_rows(&rows(6..7)).await.is_err(), "it cannot write");
    assert_eq!(db.audit_head().await.unwrap(), 6);
}
