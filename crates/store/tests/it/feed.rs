use crate::suite::register;
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use testkit::{TestStore, certificate};

pub async fn numbers_are_dense_under_concurrent_writers(db: Arc<TestStore>) {
    const WRITERS: u32 = 8;
    const EACH: u32 = 5;
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let db = db.clone();
            tokio::spawn(async move {
                for n in 0..EACH {
                    let mut one = certificate(writer * 100 + n);
                    one.organisation = None;
                    register(&db, &[one]).await;
                }
            })
        })
        .collect();
    // A follower that reads while they write must see each number exactly once, in order.
    let mut seen = Vec::new();
    loop {
        let finished = writers.iter().all(|writer| writer.is_finished());
        let from = seen.last().copied().unwrap_or(0);
        let page = db.changes_after(from, 3).await.unwrap();
        if finished && page.is_empty() {
            break;
        }
        seen.extend(page.into_iter().map(|change| change.seq));
        tokio::task::yield_now().await;
    }
    for writer in writers {
        writer.await.unwrap();
    }
    let expected: Vec<u64> = (1..=u64::from(WRITERS * EACH)).collect();
    assert_eq!(seen, expected);
    let changes = db.changes_after(0, 1_000).await.unwrap();
    let distinct: BTreeSet<_> = changes.iter().map(|change| change.certificate).collect();
    assert_eq!(distinct.len(), changes.len());
}

/// A transaction that began and wrote first, and commits last, has the higher number: whoever
/// has read up to the head misses nothing.
pub async fn a_reader_never_misses_a_late_commit(db: Arc<TestStore>) {
    if db.dialect() == store::Dialect::Sqlite {
        // There the second writer cannot even begin before the first has ended.
        let first = db.begin().await.unwrap();
        let second = tokio::time::timeout(Duration::from_millis(50), db.begin()).await;
        assert!(second.is_err());
        first.rollback().await.unwrap();
        return;
    }
    let (mut slow, mut quick) = (certificate(1), certificate(2));
    (slow.organisation, quick.organisation) = (None, None);
    let early = db.begin().await.unwrap();
    early.find_or_insert_holder(&slow.holder).await.unwrap();
    early.insert_certificate(&slow).await.unwrap();

    register(&db, std::slice::from_ref(&quick)).await;
    let head = db.feed_head().await.unwrap();
    assert_eq!(head, 1);

    early.commit().await.unwrap();
    let late = db.changes_after(head, 10).await.unwrap();
    assert_eq!(
        late.iter().map(|change| (change.seq, change.certificate)).collect::<Vec<_>>(),
        [(2, slow.id)]
    );
}
