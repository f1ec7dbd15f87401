use chrono::TimeDelta;
use std::{collections::BTreeSet, sync::Arc};
use testkit::{TestStore, at};

const LEASE: TimeDelta = TimeDelta::minutes(1);

async fn enqueue(db: &TestStore, jobs: u32) {
    let tx = db.begin().await.unwrap();
    for n in 0..jobs {
        tx.enqueue("notice", &format!("{{\"n\":{n}}}"), at(2026, 1, 1)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

pub async fn a_job_is_handed_out_once(db: Arc<TestStore>) {
    enqueue(&db, 20).await;
    assert!(db.claim_outbox(10, LEASE, at(2025, 12, 31)).await.unwrap().is_empty(), "none is due yet");
    let workers: Vec<_> = (0..4)
        .map(|_| {
            let db = db.clone();
            tokio::spawn(async move { db.claim_outbox(5, LEASE, at(2026, 1, 2)).await.unwrap() })
        })
        .collect();
    let mut claimed = Vec::new();
    for worker in workers {
        claimed.extend(worker.await.unwrap());
    }
    // A worker that met others' rows may have got fewer; nothing is lost.
    claimed.extend(db.claim_outbox(20, LEASE, at(2026, 1, 2)).await.unwrap());
    let distinct: BTreeSet<_> = claimed.iter().map(|job| job.id).collect();
    assert_eq!((claimed.len(), distinct.len()), (20, 20));
    assert!(claimed.iter().all(|job| job.attempts == 1 && job.kind == "notice"));

    // A worker died: after its lease the jobs are handed out again, but for those completed.
    db.complete_outbox(claimed[0].id).await.unwrap();
    let again = db.claim_outbox(20, LEASE, at(2026, 1, 2) + LEASE).await.unwrap();
    assert_eq!(again.len(), 19);
    assert!(again.iter().all(|job| job.attempts == 2 && job.id != claimed[0].id));
}

pub async fn a_failed_job_comes_back_or_is_given_up(db: Arc<TestStore>) {
    enqueue(&db, 2).await;
    let now = at(2026, 1, 2);
    let jobs = db.claim_outbox(10, LEASE, now).await.unwrap();
    assert_eq!(jobs[0].payload, "{\"n\":0}");
    db.fail_outbox(jobs[0].id, Some(at(2026, 1, 3))).await.unwrap();
    db.fail_outbox(jobs[1].id, None).await.unwrap();
    assert!(db.claim_outbox(10, LEASE, now + LEASE).await.unwrap().is_empty());
    let back = db.claim_outbox(10, LEASE, at(2026, 1, 3)).await.unwrap();
    assert_eq!(back.iter().map(|job| job.id).collect::<Vec<_>>(), [jobs[0].id]);
    assert_eq!(db.dead_outbox(10).await.unwrap(), [(jobs[1].id, "notice".to_owned())]);
}

pub async fn a_job_of_an_undone_change_does_not_exist(db: Arc<TestStore>) {
    let tx = db.begin().await.unwrap();
    tx.enqueue("notice", "{}", at(2026, 1, 1)).await.unwrap();
    tx.rollback().await.unwrap();
    assert!(db.claim_outbox(10, LEASE, at(2026, 1, 2)).await.unwrap().is_empty());
}
