//! What accounts prove themselves with.

use crate::suite::{conflict, corrupt};
use chrono::TimeDelta;
use domain::{
    access::{Factor, Role},
    ids::{AccountId, CredentialId},
};
use std::sync::Arc;
use store::{Account, Credential, Password, Secret};
use testkit::{TestStore, at};
use uuid::Uuid;

async fn clerk(db: &TestStore) -> AccountId {
    let account = Account {
        id: AccountId::from_uuid(Uuid::from_u128(1)),
        login: "clerk".into(),
        role: Role::RegulatorCounty,
        password: Password::new("$argon2id$", at(2026, 1, 1)),
        region: Some("110105".into()),
        organisation: None,
        holder: None,
        disabled: false,
        created_at: at(2026, 1, 1),
    };
    db.insert_account(&account).await.unwrap();
    account.id
}

async fn given(db: &TestStore, account: AccountId, n: u128, secret: Secret) -> Credential {
    let credential = Credential {
        id: CredentialId::from_uuid(Uuid::from_u128(n)),
        version: 1,
        account,
        created_at: at(2026, 1, 1),
        expires_at: None,
        label: "手机".into(),
        last_used_at: None,
        secret,
    };
    let tx = db.begin().await.unwrap();
    tx.insert_credential(&credential).await.unwrap();
    tx.commit().await.unwrap();
    credential
}

fn totp(last_step: u64) -> Secret {
    Secret::Totp { seed: vec![7; 20], confirmed: true, last_step }
}

/// Writes the credential in a transaction of its own.
async fn change(db: &TestStore, credential: &Credential) -> store::Result<()> {
    let tx = db.begin().await?;
    tx.change_credential(credential).await?;
    tx.commit().await?;
    Ok(())
}

pub async fn what_an_account_has_is_kept_and_taken_away(db: Arc<TestStore>) {
    let clerk = clerk(&db).await;
    let first = given(&db, clerk, 1, totp(0)).await;
    let phone = Secret::Phone { number: "13800138000".into(), confirmed: false };
    let unconfirmed = given(&db, clerk, 2, phone).await;
    assert_eq!(db.credentials_of(clerk).await.unwrap(), [first.clone(), unconfirmed.clone()]);
    assert_eq!(db.credential(first.id).await.unwrap(), Some(first.clone()));
    assert_eq!((first.secret.factor(), unconfirmed.secret.factor()), (Some(Factor::Totp), None));

    let used = Credential { last_used_at: Some(at(2026, 1, 2)), secret: totp(58), ..first.clone() };
    change(&db, &used).await.unwrap();
    assert_eq!(db.credential(first.id).await.unwrap(), Some(Credential { version: 2, ..used }));

    let lapsing = Credential { expires_at: Some(at(2026, 1, 3)), ..unconfirmed };
    change(&db, &lapsing).await.unwrap();
    db.sweep(at(2026, 1, 3) - TimeDelta::seconds(1)).await.unwrap();
    assert_eq!(db.credentials_of(clerk).await.unwrap().len(), 2);
    db.sweep(at(2026, 1, 3)).await.unwrap();
    assert_eq!(db.credentials_of(clerk).await.unwrap().len(), 1);

    let tx = db.begin().await.unwrap();
    let stranger = AccountId::from_uuid(Uuid::from_u128(9));
    assert!(!tx.delete_credential(stranger, first.id).await.unwrap());
    assert!(tx.delete_credential(clerk, first.id).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.credentials_of(clerk).await.unwrap(), []);
    assert_eq!(conflict(change(&db, &first).await), "credential_version");
}

pub async fn of_two_that_use_up_the_same_code_one_is_refused(db: Arc<TestStore>) {
    let clerk = clerk(&db).await;
    let read = given(&db, clerk, 1, totp(57)).await;
    let used = Credential { secret: totp(58), ..read };
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let (db, used) = (db.clone(), used.clone());
            tokio::spawn(async move { change(&db, &used).await.is_ok() })
        })
        .collect();
    let mut accepted = 0;
    for attempt in attempts {
        accepted += u32::from(attempt.await.unwrap());
    }
    assert_eq!(accepted, 1);
}

pub async fn an_edited_credential_proves_nothing(db: Arc<TestStore>) {
    let clerk = clerk(&db).await;
    given(&db, clerk, 1, totp(0)).await;
    for edit in ["kind = 'passkey'", "version = version + 1", "expires_at = 1"] {
        db.raw(&format!("UPDATE credential SET {edit}")).await.unwrap();
        assert_eq!(corrupt(db.credentials_of(clerk).await), "credential", "{edit}");
        db.raw("UPDATE credential SET kind = 'totp', version = 1, expires_at = NULL").await.unwrap();
    }
    assert_eq!(db.credentials_of(clerk).await.unwrap().len(), 1);
    db.raw("UPDATE credential SET sealed = (SELECT sealed FROM account)").await.unwrap();
    assert_eq!(corrupt(db.credentials_of(clerk).await), "credential");
}
