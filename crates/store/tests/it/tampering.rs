//! What somebody with SQL access does behind the registry's back.

use crate::suite::{corrupt, register};
use domain::{
    access::{Factors, Role},
    ids::{AccountId, SessionId},
};
use std::sync::Arc;
use store::{Account, Dialect, Password, Session};
use testkit::{TestStore, at, certificate};
use uuid::Uuid;

/// An identifier as a literal of the dialect.
fn literal(db: &TestStore, id: Uuid) -> String {
    match db.dialect() {
        Dialect::Postgres => format!("'{id}'"),
        Dialect::Sqlite | Dialect::MySql => format!("X'{}'", id.simple()),
    }
}

/// Overwrites a column of one row with that of another.
pub async fn copy_column(db: &TestStore, table: &str, column: &str, from: Uuid, to: Uuid) {
    let (from, to) = (literal(db, from), literal(db, to));
    let sql = format!(
        "UPDATE {table} SET {column} = (SELECT taken FROM (SELECT {column} AS taken FROM {table} WHERE id = {from}) AS source) \
         WHERE id = {to}"
    );
    assert_eq!(db.raw(&sql).await.unwrap(), 1);
}

pub async fn clear_columns_are_covered(db: Arc<TestStore>) {
    let edits = [
        "valid_until = '2099-12-31'",
        "issued_on = '2021-01-01'",
        "valid_from = '2021-01-01'",
        "review_due_on = '2099-12-31'",
        "region = '110106'",
        "issuer = '别处'",
        "type_code = 'mem_principal'",
        "item = 'mem:1.1'",
        "organisation_id = NULL",
        "industry = NULL",
        "under_correction = NOT under_correction",
        "source = 'issuer'",
        "synced_at = synced_at + 1",
        "version = version + 1",
    ];
    let certificates: Vec<_> = (0..edits.len() as u32).map(certificate).collect();
    register(&db, &certificates).await;
    for (certificate, edit) in certificates.iter().zip(edits) {
        let id = literal(&db, certificate.id.uuid());
        assert_eq!(
            db.raw(&format!("UPDATE certificate SET {edit} WHERE id = {id}")).await.unwrap(),
            1,
            "{edit}"
        );
        assert_eq!(corrupt(db.certificate_unscoped(certificate.id).await), "certificate", "{edit}");
    }

    let fresh = certificate(100);
    register(&db, std::slice::from_ref(&fresh)).await;
    let id = literal(&db, fresh.id.uuid());
    for edit in ["training SET hours = 960", "education_hours SET hours = 99"] {
        db.raw(&format!("UPDATE {edit} WHERE certificate_id = {id}")).await.unwrap();
        assert_eq!(corrupt(db.certificate_unscoped(fresh.id).await), "certificate", "{edit}");
    }
}

pub async fn swapped_seals_are_detected(db: Arc<TestStore>) {
    let (one, other) = (certificate(1), certificate(2));
    register(&db, &[one.clone(), other.clone()]).await;
    copy_column(&db, "certificate", "sealed", other.id.uuid(), one.id.uuid()).await;
    assert_eq!(corrupt(db.certificate_unscoped(one.id).await), "certificate");
    assert_eq!(corrupt(db.certificates_unscoped(&[one.id, other.id]).await), "certificate");
    assert!(db.certificate_unscoped(other.id).await.unwrap().is_some());

    copy_column(&db, "holder", "sealed", other.holder.id.uuid(), one.holder.id.uuid()).await;
    assert_eq!(corrupt(db.holder(one.holder.id).await), "holder");

    db.raw("UPDATE organisation SET name = '冒名公司'").await.unwrap();
    assert_eq!(corrupt(db.organisation(other.organisation.as_ref().unwrap().id).await), "organisation");
    assert_eq!(corrupt(db.certificate_unscoped(other.id).await), "organisation");
}

pub async fn a_dropped_event_is_detected(db: Arc<TestStore>) {
    let one = certificate(1);
    register(&db, std::slice::from_ref(&one)).await;
    let id = literal(&db, one.id.uuid());
    let drop_event = format!("DELETE FROM certificate_event WHERE certificate_id = {id} AND ordinal = 1");
    assert!(db.raw(&drop_event).await.is_err(), "events are append-only");

    let adding = format!(
        "INSERT INTO certificate_event (id, certificate_id, ordinal, kind, effective_on, recorded_at) \
         VALUES ({}, {id}, 2, 'resumed', '2025-06-01', 0)",
        literal(&db, Uuid::from_u128(77))
    );
    assert_eq!(db.raw(&adding).await.unwrap(), 1);
    assert_eq!(corrupt(db.certificate_unscoped(one.id).await), "certificate");
}

pub async fn an_edited_role_gives_no_rights(db: Arc<TestStore>) {
    let account = Account {
        id: AccountId::from_uuid(Uuid::from_u128(1)),
        login: "clerk".into(),
        role: Role::Individual,
        password: Password::new("$argon2id$", at(2026, 1, 1)),
        region: None,
        organisation: None,
        holder: None,
        disabled: true,
        created_at: at(2026, 1, 1),
    };
    db.insert_account(&account).await.unwrap();
    for edit in ["role = 'regulator_national'", "role = 'individual', disabled = NOT disabled"] {
        db.raw(&format!("UPDATE account SET {edit}")).await.unwrap();
        assert_eq!(corrupt(db.account_by_login("clerk").await), "account");
    }
}

pub async fn a_session_moved_to_another_account_is_refused(db: Arc<TestStore>) {
    let account = |n, login: &str, role| Account {
        id: AccountId::from_uuid(Uuid::from_u128(n)),
        login: login.into(),
        role,
        password: Password::new("", at(2026, 1, 1)),
        region: None,
        organisation: None,
        holder: None,
        disabled: false,
        created_at: at(2026, 1, 1),
    };
    let (clerk, chief) = (account(1, "clerk", Role::Individual), account(2, "chief", Role::SystemAdmin));
    db.insert_account(&clerk).await.unwrap();
    db.insert_account(&chief).await.unwrap();
    let session = Session {
        id: SessionId::from_uuid(Uuid::from_u128(3)),
        account: clerk.id,
        created_at: at(2026, 1, 1),
        last_seen_at: at(2026, 1, 1),
        expires_at: at(2026, 1, 2),
        stepped_up_at: None,
        device: None,
        source: "cli".into(),
        proven: Factors::NONE,
    };
    db.insert_session(&[1; 32], &session).await.unwrap();
    for edit in
        [format!("account_id = {}", literal(&db, chief.id.uuid())), "expires_at = expires_at + 1".into()]
    {
        db.raw(&format!("UPDATE session SET {edit}")).await.unwrap();
        assert_eq!(corrupt(db.session(&[1; 32]).await), "session", "{edit}");
    }
}

pub async fn no_personal_data_lies_open(db: Arc<TestStore>) {
    let mut certificates: Vec<_> = (0..50).map(certificate).collect();
    for certificate in &mut certificates {
        certificate.organisation = None;
    }
    register(&db, &certificates).await;
    let Some(path) = db.url().strip_prefix("sqlite://") else {
        // What a server writes is what SQLite writes; only its files can be read from here.
        return;
    };
    let mut bytes = std::fs::read(path).unwrap();
    bytes.extend(std::fs::read(format!("{path}-wal")).unwrap());
    let lies_open = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(lies_open("示例省应急管理厅"), "the scan finds what is public");
    for certificate in &certificates {
        let holder = &certificate.holder;
        let number = &holder.identity.as_ref().unwrap().number;
        for personal in [holder.name.as_str(), number, holder.phone.as_deref().unwrap(), &certificate.number]
        {
            assert!(!lies_open(personal), "of {:?}", holder.id);
        }
    }
}
