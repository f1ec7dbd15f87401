use crate::{faults::TestDisk, open, record, reopen, segments, small, write};
use journal::{EMPTY_ROOT, Journal, OpenError, Options, Unavailable};
use std::sync::Arc;

#[tokio::test]
async fn what_was_acknowledged_is_read_back_in_order_also_after_opening_again() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert_eq!((journal.head().size, journal.head().root), (0, EMPTY_ROOT));
    let mut tail = journal.tail(0);
    assert!(tail.read(10).unwrap().is_empty());
    write(&journal, 0, 100).await;
    let read: Vec<_> =
        std::iter::from_fn(|| Some(tail.read(30).unwrap()).filter(|records| !records.is_empty()))
            .flatten()
            .collect();
    assert_eq!(read, (0..100).map(|n| (n, record(n))).collect::<Vec<_>>());
    let head = journal.head();
    drop((journal, tail));

    let journal = reopen(dir.path());
    assert_eq!(journal.head(), head);
    write(&journal, 100, 120).await;
    assert_eq!(journal.tail(95).read(100).unwrap().first().unwrap().0, 95);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_appenders_get_numbers_of_their_own() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let tasks: Vec<_> = (0..1000)
        .map(|n| {
            let journal = journal.clone();
            tokio::spawn(async move { (journal.append(record(n)).await.unwrap(), record(n)) })
        })
        .collect();
    let mut acknowledged = Vec::new();
    for task in tasks {
        acknowledged.push(task.await.unwrap());
    }
    acknowledged.sort_unstable();
    assert_eq!(journal.tail(0).read(2000).unwrap(), acknowledged);
    assert!(acknowledged.iter().map(|(seq, _)| *seq).eq(0..1000));
}

#[tokio::test]
async fn what_queues_up_during_a_flush_shares_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let disk = Arc::new(TestDisk::default());
    let journal = Journal::open(dir.path(), Options { disk: disk.clone(), ..small() }).unwrap();
    let before = disk.flushes();
    disk.hold_flushes(true);
    let append = |n| {
        let journal = journal.clone();
        tokio::spawn(async move { journal.append(record(n)).await.unwrap() })
    };
    let tasks: Vec<_> = (0..1000).map(append).collect();
    // The tasks of this one thread run in turn, so all of them have queued when this one has run.
    let held = disk.clone();
    tokio::spawn(async move { held.hold_flushes(false) }).await.unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(disk.flushes() - before <= 3, "{} flushes", disk.flushes() - before);
}

#[tokio::test]
async fn records_go_on_in_the_next_segment() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    let large = vec![b'y'; 1 << 20];
    for number in 0..20 {
        assert_eq!(journal.append(large.clone()).await, Ok(number));
    }
    assert!(segments(dir.path()).len() >= 3);
    assert_eq!(journal.tail(0).read(100).unwrap().len(), 20);
    let head = journal.head();
    drop(journal);
    assert_eq!(reopen(dir.path()).head(), head);
    assert!(crate::verified(dir.path(), &[]).intact());
}

#[tokio::test]
async fn a_folder_has_one_writer() {
    let dir = tempfile::tempdir().unwrap();
    let _first = open(dir.path());
    assert!(matches!(Journal::open(dir.path(), small()), Err(OpenError::Locked)));
}

#[tokio::test]
async fn a_record_must_not_be_empty_or_too_long() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    assert_eq!(journal.append(Vec::new()).await, Err(Unavailable));
    assert_eq!(journal.append(vec![1; journal::MAX_RECORD_BYTES + 1]).await, Err(Unavailable));
    assert_eq!(journal.append(vec![1; journal::MAX_RECORD_BYTES]).await, Ok(0));
}

#[tokio::test]
async fn checkpoints_go_to_every_place_and_a_torn_one_spoils_no_other() {
    let (dir, elsewhere) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(dir.path());
    let second = elsewhere.path().join("heads");
    let own = dir.path().join(journal::CHECKPOINTS);
    assert!(!journal.has_checkpoint().unwrap());
    std::fs::write(&own, "torn").unwrap();
    assert!(!journal.has_checkpoint().unwrap());
    journal.write_checkpoint("first", std::slice::from_ref(&second)).unwrap();
    std::fs::write(&second, "first\nto").unwrap();
    journal.write_checkpoint("second", std::slice::from_ref(&second)).unwrap();
    for file in [&own, &second] {
        assert_eq!(std::fs::read_to_string(file).unwrap(), "first\nsecond\n");
    }
    let unreachable = elsewhere.path().join("no such folder/heads");
    assert!(journal.write_checkpoint("third", &[unreachable, second.clone()]).is_err());
    for file in [&own, &second] {
        assert_eq!(std::fs::read_to_string(file).unwrap(), "first\nsecond\nthird\n");
    }
    assert!(journal.has_checkpoint().unwrap());
    std::fs::remove_file(&own).unwrap();
    std::fs::create_dir(&own).unwrap();
    assert!(journal.write_checkpoint("fourth", std::slice::from_ref(&second)).is_err());
    assert_eq!(std::fs::read_to_string(&second).unwrap(), "first\nsecond\nthird\n", "not there either");
}
