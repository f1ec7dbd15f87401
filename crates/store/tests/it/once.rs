use crate::suite::conflict;
use chrono::TimeDelta;
use domain::{
    access::{Factors, Role},
    ids::{AccountId, SessionId},
};
use std::sync::Arc;
use store::{Account, Idempotency, Password, Session};
use testkit::{TestStore, at};
use uuid::Uuid;

pub async fn a_token_is_good_once(db: Arc<TestStore>) {
    let now = at(2026, 1, 1);
    db.insert_one_use_token(&[1; 32], "claim", now + TimeDelta::minutes(30)).await.unwrap();
    assert!(!db.consume_one_use_token(&[1; 32], "reset", now).await.unwrap());
    assert!(!db.consume_one_use_token(&[1; 32], "claim", now + TimeDelta::minutes(30)).await.unwrap());
    assert!(!db.consume_one_use_token(&[2; 32], "claim", now).await.unwrap());
    assert!(db.has_one_use_token(&[1; 32], "claim", now).await.unwrap());
    assert!(!db.has_one_use_token(&[1; 32], "reset", now).await.unwrap());
    assert!(!db.has_one_use_token(&[1; 32], "claim", now + TimeDelta::minutes(30)).await.unwrap());

    let tx = db.begin().await.unwrap();
    assert!(tx.consume_one_use_token(&[1; 32], "claim", now).await.unwrap());
    tx.rollback().await.unwrap();

    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.consume_one_use_token(&[1; 32], "claim", now).await.unwrap() })
        })
        .collect();
    let mut used = 0;
    for attempt in attempts {
        used += u32::from(attempt.await.unwrap());
    }
    assert_eq!(used, 1);
}

pub async fn what_is_genuine_by_itself_is_used_once(db: Arc<TestStore>) {
    let later = at(2026, 1, 2);
    let attempts: Vec<_> = (0..8)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.use_once(&[1; 32], "pending", later).await.unwrap() })
        })
        .collect();
    let mut used = 0;
    for attempt in attempts {
        used += u32::from(attempt.await.unwrap());
    }
    assert_eq!(used, 1);
    assert!(db.use_once(&[1; 32], "ceremony", later).await.unwrap(), "another purpose");
}

pub async fn a_repeated_request_gets_the_first_answer(db: Arc<TestStore>) {
    let now = at(2026, 1, 1);
    let (key, request) = ([1; 32], [2; 32]);
    assert_eq!(db.idempotency_begin(&key, &request, now).await.unwrap(), Idempotency::New);
    assert_eq!(db.idempotency_begin(&key, &request, now).await.unwrap(), Idempotency::InProgress);
    assert_eq!(db.idempotency_begin(&key, &[3; 32], now).await.unwrap(), Idempotency::Mismatch);
    let tx = db.begin().await.unwrap();
    tx.idempotency_finish(&key, now, "{\"version\":2}").await.unwrap();
    tx.commit().await.unwrap();
    let replay = Idempotency::Replay("{\"version\":2}".into());
    assert_eq!(db.idempotency_begin(&key, &request, now + TimeDelta::hours(24)).await.unwrap(), replay);
    assert_eq!(db.idempotency_begin(&key, &[3; 32], now).await.unwrap(), Idempotency::Mismatch);
    let a_day_later = now + TimeDelta::hours(24) + TimeDelta::seconds(1);
    assert_eq!(db.idempotency_begin(&key, &request, a_day_later).await.unwrap(), Idempotency::New);
}

pub async fn a_failed_request_can_be_tried_again(db: Arc<TestStore>) {
    let now = at(2026, 1, 1);
    let (key, request) = ([1; 32], [2; 32]);
    db.idempotency_begin(&key, &request, now).await.unwrap();
    db.idempotency_abandon(&key, now).await.unwrap();
    assert_eq!(db.idempotency_begin(&key, &request, now).await.unwrap(), Idempotency::New);
    let tx = db.begin().await.unwrap();
    tx.idempotency_finish(&key, now, "done").await.unwrap();
    tx.commit().await.unwrap();
    db.idempotency_abandon(&key, now).await.unwrap();
    let again = db.idempotency_begin(&key, &request, now).await.unwrap();
    assert_eq!(again, Idempotency::Replay("done".into()), "an answer once given is not taken back");
}

pub async fn the_key_of_a_process_that_died_lapses(db: Arc<TestStore>) {
    let (died, later) = (at(2026, 1, 1), at(2026, 1, 1) + TimeDelta::minutes(1));
    let (key, request) = ([1; 32], [2; 32]);
    db.idempotency_begin(&key, &request, died).await.unwrap();
    let a_moment_before = later - TimeDelta::milliseconds(1);
    let waiting = db.idempotency_begin(&key, &request, a_moment_before).await.unwrap();
    assert_eq!(waiting, Idempotency::InProgress);
    assert_eq!(db.idempotency_begin(&key, &request, later).await.unwrap(), Idempotency::New);

    // It was only slow: what it did must not count beside what is being done again.
    db.idempotency_abandon(&key, died).await.unwrap();
    assert_eq!(db.idempotency_begin(&key, &request, later).await.unwrap(), Idempotency::InProgress);
    let tx = db.begin().await.unwrap();
    assert_eq!(conflict(tx.idempotency_finish(&key, died, "twice").await), "idempotency_key");
    tx.idempotency_finish(&key, later, "once").await.unwrap();
    tx.commit().await.unwrap();
}

pub async fn tokens_handed_out_before_can_be_withdrawn(db: Arc<TestStore>) {
    let now = at(2026, 1, 10);
    let later = now + TimeDelta::minutes(30);
    db.insert_one_use_token(&[1; 32], "claim", later).await.unwrap();
    let tx = db.begin().await.unwrap();
    tx.delete_one_use_tokens().await.unwrap();
    tx.insert_one_use_token(&[2; 32], "claim", later).await.unwrap();
    tx.commit().await.unwrap();
    assert!(!db.consume_one_use_token(&[1; 32], "claim", now).await.unwrap());
    assert!(db.consume_one_use_token(&[2; 32], "claim", now).await.unwrap());
}

pub async fn settings_are_kept(db: Arc<TestStore>) {
    assert_eq!(db.setting("site_name").await.unwrap(), None);
    for value in ["安证", "安证 · 示例省"] {
        db.set_setting("site_name", value).await.unwrap();
        assert_eq!(db.setting("site_name").await.unwrap().as_deref(), Some(value));
    }
    assert_eq!(db.setting("Site_Name").await.unwrap(), None);
}

pub async fn what_has_ended_is_swept_away(db: Arc<TestStore>) {
    let now = at(2026, 1, 10);
    let account = Account {
        id: AccountId::from_uuid(Uuid::from_u128(1)),
        login: "clerk".into(),
        role: Role::Individual,
        password: Password::new("", at(2026, 1, 1)),
        region: None,
        organisation: None,
        holder: None,
        disabled: false,
        created_at: now,
    };
    db.insert_account(&account).await.unwrap();
    for (n, expires_at) in [(1, now), (2, now + TimeDelta::seconds(1))] {
        let session = Session {
            id: SessionId::from_uuid(Uuid::from_u128(n.into())),
            account: account.id,
            created_at: at(2026, 1, 9),
            last_seen_at: at(2026, 1, 9),
            expires_at,
            stepped_up_at: None,
            device: None,
            source: "cli".into(),
            proven: Factors::NONE,
        };
        db.insert_session(&[n; 32], &session).await.unwrap();
        db.insert_one_use_token(&[n; 32], "claim", expires_at).await.unwrap();
    }
    db.throttle_failure("old", TimeDelta::minutes(15), at(2026, 1, 2)).await.unwrap();
    db.throttle_failure("locked", TimeDelta::minutes(15), at(2026, 1, 2)).await.unwrap();
    db.throttle_lock("locked", at(2026, 1, 11)).await.unwrap();

    db.sweep(now).await.unwrap();
    assert!(db.session(&[1; 32]).await.unwrap().is_none());
    assert!(db.session(&[2; 32]).await.unwrap().is_some());
    assert!(db.consume_one_use_token(&[2; 32], "claim", now).await.unwrap());
    assert_eq!(db.locked_until("locked").await.unwrap(), Some(at(2026, 1, 11)));
    assert_eq!(db.raw("DELETE FROM throttle").await.unwrap(), 1, "the old counter is gone");
    assert_eq!(db.raw("DELETE FROM one_use_token").await.unwrap(), 0, "both tokens are gone");
}
