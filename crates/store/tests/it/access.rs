use crate::suite::conflict;
use chrono::TimeDelta;
use domain::{
    Instant,
    access::{Factor, Factors, Role},
    ids::{AccountId, ApprovalId, OrganisationId, SessionId},
};
use std::sync::Arc;
use store::{
    Account, Approval, ApprovalState, Grantee, Measure, Password, Session, TemporaryGrant, ThrottleState,
};
use testkit::{TestStore, at, holder, organisation};
use uuid::Uuid;

fn account(n: u128, login: &str) -> Account {
    Account {
        id: AccountId::from_uuid(Uuid::from_u128(n)),
        login: login.into(),
        role: Role::RegulatorCounty,
        password: Password::new("$argon2id$old", at(2026, 1, 1)),
        region: Some("110105".into()),
        organisation: None,
        holder: None,
        disabled: false,
        created_at: at(2026, 1, 1),
    }
}

fn session(n: u128, account: &Account) -> Session {
    Session {
        id: SessionId::from_uuid(Uuid::from_u128(n)),
        account: account.id,
        created_at: at(2026, 1, 1),
        last_seen_at: at(2026, 1, 1),
        expires_at: at(2026, 1, 2),
        stepped_up_at: None,
        device: Some("Firefox".into()),
        source: "192.0.2.7:4711".into(),
        proven: Factors::NONE,
    }
}

pub async fn logins_are_unique_and_exact(db: Arc<TestStore>) {
    let clerk = account(1, "clerk");
    db.insert_account(&clerk).await.unwrap();
    assert_eq!(conflict(db.insert_account(&account(2, "clerk")).await), "uq_account_login");
    // What MySQL would take for the same by its usual rules is not.
    for login in ["Clerk", "clérk"] {
        assert_eq!(db.account_by_login(login).await.unwrap(), None);
    }
    assert_eq!(db.account_by_login("clerk").await.unwrap(), Some(clerk.clone()));
    assert_eq!(db.account(clerk.id).await.unwrap(), Some(clerk.clone()));
    db.insert_account(&account(3, "Clerk")).await.unwrap();
    assert_eq!(db.count_accounts().await.unwrap(), 2);
    assert_eq!(db.accounts(Some(clerk.id), 10).await.unwrap(), [account(3, "Clerk")]);
}

pub async fn a_new_password_ends_the_sessions(db: Arc<TestStore>) {
    let clerk = account(1, "clerk");
    db.insert_account(&clerk).await.unwrap();
    db.insert_session(&[1; 32], &session(1, &clerk)).await.unwrap();
    let tx = db.begin().await.unwrap();
    let password =
        Password { former: vec!["$argon2id$old".into()], ..Password::new("$argon2id$new", at(2026, 1, 3)) };
    assert!(tx.set_password(clerk.id, &password).await.unwrap());
    assert!(!tx.set_password(AccountId::from_uuid(Uuid::from_u128(9)), &password).await.unwrap());
    tx.commit().await.unwrap();
    assert_eq!(db.account(clerk.id).await.unwrap().unwrap().password, password);
    assert_eq!(db.session(&[1; 32]).await.unwrap(), None);

    db.insert_session(&[2; 32], &session(2, &clerk)).await.unwrap();
    let tx = db.begin().await.unwrap();
    assert!(!tx.rehash_password(clerk.id, "$argon2id$old", "x").await.unwrap(), "it was changed meanwhile");
    assert!(tx.rehash_password(clerk.id, "$argon2id$new", "$argon2id$dearer").await.unwrap());
    tx.commit().await.unwrap();
    let rehashed = db.account(clerk.id).await.unwrap().unwrap().password;
    assert_eq!(rehashed, Password { hash: "$argon2id$dearer".into(), ..password });
    assert!(db.session(&[2; 32]).await.unwrap().is_some(), "the same password is no reason to end it");

    let tx = db.begin().await.unwrap();
    assert!(tx.set_account_disabled(clerk.id, true).await.unwrap());
    tx.commit().await.unwrap();
    assert!(db.account(clerk.id).await.unwrap().unwrap().disabled);
}

pub async fn a_session_lives_and_ends(db: Arc<TestStore>) {
    let clerk = account(1, "clerk");
    db.insert_account(&clerk).await.unwrap();
    let (one, other) = (session(1, &clerk), session(2, &clerk));
    db.insert_session(&[1; 32], &one).await.unwrap();
    db.insert_session(&[2; 32], &other).await.unwrap();
    assert_eq!(db.session(&[1; 32]).await.unwrap(), Some((one.clone(), clerk.clone())));
    assert_eq!(db.session(&[3; 32]).await.unwrap(), None);

    let later = at(2026, 1, 1) + TimeDelta::microseconds(61_000_001);
    db.touch_session(one.id, later).await.unwrap();
    db.prove_in_session(one.id, Factor::Password, later).await.unwrap();
    db.prove_in_session(one.id, Factor::Totp, later).await.unwrap();
    let (read, _) = db.session(&[1; 32]).await.unwrap().unwrap();
    assert_eq!((read.last_seen_at, read.stepped_up_at), (later, Some(later)));
    assert_eq!(read.proven, Factors::NONE.with(Factor::Password).with(Factor::Totp));
    assert!(!db.delete_session_of(AccountId::from_uuid(Uuid::from_u128(9)), one.id).await.unwrap());

    assert!(db.delete_session_of(clerk.id, one.id).await.unwrap());
    db.delete_session(one.id).await.unwrap();
    assert_eq!(db.session(&[1; 32]).await.unwrap(), None);
    assert_eq!(db.sessions_of(clerk.id).await.unwrap(), [other]);
    assert_eq!(db.delete_sessions_of(clerk.id).await.unwrap(), 1);
}

const WINDOW: TimeDelta = TimeDelta::minutes(15);

fn minute(n: i64) -> Instant {
    at(2026, 1, 1) + TimeDelta::minutes(n)
}

pub async fn failures_are_counted_within_their_window(db: Arc<TestStore>) {
    // Minute of the failure, and the count after it.
    for (now, count, since) in [(0, 1, 0), (5, 2, 0), (14, 3, 0), (15, 1, 15), (16, 2, 15), (40, 1, 40)] {
        let state = db.throttle_failure("clerk", WINDOW, minute(now)).await.unwrap();
        assert_eq!(state, ThrottleState { count, strikes: 0, since: minute(since) }, "minute {now}");
    }
    assert_eq!(db.throttle_count("clerk").await.unwrap(), 1);
    assert_eq!(db.throttle_count("nobody").await.unwrap(), 0);
    assert_eq!(db.count_in_window("other", WINDOW, minute(40)).await.unwrap(), 1);
    db.throttle_clear("clerk").await.unwrap();
    assert_eq!(db.count_in_window("clerk", WINDOW, minute(41)).await.unwrap(), 1);
}

pub async fn a_lock_survives_a_restart(db: Arc<TestStore>) {
    assert_eq!(db.locked_until("clerk").await.unwrap(), None);
    db.throttle_failure("clerk", WINDOW, minute(0)).await.unwrap();
    db.throttle_lock("clerk", minute(15)).await.unwrap();
    let restarted = db.again().await;
    assert_eq!(restarted.locked_until("clerk").await.unwrap(), Some(minute(15)));
    let state = restarted.throttle_failure("clerk", WINDOW, minute(1)).await.unwrap();
    assert_eq!(state, ThrottleState { count: 1, strikes: 1, since: minute(0) });
    restarted.throttle_clear("clerk").await.unwrap();
    assert_eq!(db.locked_until("clerk").await.unwrap(), None);
}

pub async fn concurrent_failures_are_all_counted(db: Arc<TestStore>) {
    let other_instance = Arc::new(db.again().await);
    let attempts: Vec<_> = (0..20)
        .map(|n| {
            let (here, there) = (db.clone(), other_instance.clone());
            tokio::spawn(async move {
                let store = if n % 2 == 0 { &**here } else { &*there };
                store.throttle_failure("clerk", WINDOW, minute(0)).await.unwrap().count
            })
        })
        .collect();
    let mut counts = Vec::new();
    for attempt in attempts {
        counts.push(attempt.await.unwrap());
    }
    counts.sort_unstable();
    assert_eq!(counts, (1..=20).collect::<Vec<u32>>());
}

pub async fn attempts_made_at_once_do_not_exceed_the_measure(db: Arc<TestStore>) {
    const LOCKS: &[TimeDelta] = &[TimeDelta::minutes(15), TimeDelta::minutes(30)];
    const MEASURE: Measure<'_> = Measure { attempts: 5, window: WINDOW, locks: LOCKS };
    let other_instance = Arc::new(db.again().await);
    // Minute of the attempts, and until when the key is locked after five of them.
    for (now, until) in [(0, 15), (15, 45), (45, 75)] {
        let attempts: Vec<_> = (0..20)
            .map(|n| {
                let (here, there) = (db.clone(), other_instance.clone());
                tokio::spawn(async move {
                    let store = if n % 2 == 0 { &**here } else { &*there };
                    store.throttle_attempt("clerk", MEASURE, minute(now)).await.unwrap()
                })
            })
            .collect();
        let mut allowed = 0;
        for attempt in attempts {
            match attempt.await.unwrap() {
                None => allowed += 1,
                Some(locked) => assert_eq!(locked, minute(until)),
            }
        }
        assert_eq!(allowed, 5, "minute {now}");
    }
    db.throttle_clear("clerk").await.unwrap();
    assert_eq!(db.throttle_attempt("clerk", MEASURE, minute(46)).await.unwrap(), None);
}

pub async fn of_first_accounts_made_at_once_there_is_one(db: Arc<TestStore>) {
    let other_instance = Arc::new(db.again().await);
    let claims: Vec<_> = (1..=8)
        .map(|n| {
            let (here, there) = (db.clone(), other_instance.clone());
            tokio::spawn(async move {
                let store = if n % 2 == 0 { &**here } else { &*there };
                let tx = store.begin().await.unwrap();
                let first = tx.insert_first_account(&account(n, &format!("root{n}"))).await.unwrap();
                if first {
                    tx.commit().await.unwrap();
                }
                first
            })
        })
        .collect();
    let mut made = 0;
    for claim in claims {
        made += u64::from(claim.await.unwrap());
    }
    assert_eq!((made, db.count_accounts().await.unwrap()), (1, 1));
}

pub async fn grants_hold_for_their_time(db: Arc<TestStore>) {
    let (mut member, employer) = (account(1, "member"), organisation(1));
    member.organisation = Some(employer.id);
    db.insert_account(&member).await.unwrap();
    let grant = |n: u128, grantee, holders: &[u32], from, until| TemporaryGrant {
        id: Uuid::from_u128(n),
        grantee,
        holders: holders.iter().map(|n| holder(*n).id).collect(),
        from: minute(from),
        until: minute(until),
    };
    let stranger = OrganisationId::from_uuid(Uuid::from_u128(99));
    let tx = db.begin().await.unwrap();
    tx.find_or_insert_holders((1..=4).map(holder).collect()).await.unwrap();
    for grant in [
        grant(1, Grantee::Account(member.id), &[1, 2], 10, 20),
        grant(2, Grantee::Organisation(employer.id), &[2, 3], 15, 30),
        grant(3, Grantee::Organisation(stranger), &[4], 0, 60),
    ] {
        tx.insert_temporary_grant(&grant).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (now, expected) in
        [(9, vec![]), (10, vec![1, 2]), (15, vec![1, 2, 3]), (20, vec![2, 3]), (30, vec![])]
    {
        let expected: Vec<_> = expected.into_iter().map(|n| holder(n).id).collect();
        assert_eq!(db.granted_holders(member.id, minute(now)).await.unwrap(), expected, "minute {now}");
    }

    db.raw(&format!("UPDATE temporary_grant SET until_at = {}", minute(90).timestamp_micros()))
        .await
        .unwrap();
    assert_eq!(crate::suite::corrupt(db.granted_holders(member.id, minute(25)).await), "temporary_grant");
}

pub async fn a_request_is_decided_once_and_by_another(db: Arc<TestStore>) {
    let (maker, checker) = (account(1, "maker"), account(2, "checker"));
    let request = |n: u128| Approval {
        id: ApprovalId::from_uuid(Uuid::from_u128(n)),
        kind: "certificate.revoke".into(),
        payload: b"{\"certificate\":\"cert_x\"}".to_vec(),
        state: ApprovalState::Pending,
        maker: maker.id,
        checker: None,
        created_at: minute(n as i64),
        decided_at: None,
        expires_at: minute(60),
    };
    let tx = db.begin().await.unwrap();
    for n in [2, 1] {
        tx.insert_approval(&request(n)).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(db.pending_approvals(minute(5)).await.unwrap(), [request(1), request(2)]);
    assert_eq!(db.pending_approvals(minute(60)).await.unwrap(), []);

    let tx = db.begin().await.unwrap();
    let own = tx.decide_approval(request(1).id, ApprovalState::Approved, maker.id, minute(6)).await;
    assert_eq!(conflict(own), "ck_approval_two_persons");
    drop(tx);

    let tx = db.begin().await.unwrap();
    assert!(
        !tx.decide_approval(request(1).id, ApprovalState::Approved, checker.id, minute(60)).await.unwrap()
    );
    assert!(tx.decide_approval(request(1).id, ApprovalState::Approved, checker.id, minute(6)).await.unwrap());
    assert!(
        !tx.decide_approval(request(1).id, ApprovalState::Rejected, checker.id, minute(7)).await.unwrap()
    );
    tx.commit().await.unwrap();
    let decided = db.approval(request(1).id).await.unwrap().unwrap();
    assert_eq!((decided.state, decided.checker), (ApprovalState::Approved, Some(checker.id)));
    assert_eq!(decided.decided_at, Some(minute(6)));
    assert_eq!(decided.payload, request(1).payload);

    db.raw("UPDATE approval SET state = 'approved'").await.unwrap();
    assert_eq!(crate::suite::corrupt(db.approval(request(2).id).await), "approval");
}
