use crate::{open, record, segments, small, write};
use journal::{CHECKPOINTS, EMPTY_ROOT, Journal, Reader, Rebuild, verify};
use std::fs;

fn rest(reader: &mut Reader) -> Vec<Vec<u8>> {
    std::iter::from_fn(|| reader.read().unwrap()).collect()
}

#[tokio::test]
async fn records_are_read_beside_the_writer_and_make_the_same_journal_again() {
    let (from, to) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let journal = open(from.path());
    let large = vec![b'x'; 900_000];
    for _ in 0..20 {
        journal.append(large.clone()).await.unwrap();
    }
    write(&journal, 20, 300).await;
    assert!(segments(from.path()).len() >= 3);

    let mut reader = Reader::open(from.path(), 0).unwrap();
    let records = rest(&mut reader);
    assert_eq!((records.len(), reader.head()), (300, journal.head()));
    let mut rebuild = Rebuild::begin(to.path()).unwrap();
    for record in records {
        rebuild.push(record).unwrap();
    }
    assert_eq!(rebuild.finish().unwrap(), journal.head());
    assert!(Rebuild::begin(to.path()).is_err(), "there is one already");
    assert!(verify(to.path(), &[], |_, _| {}).unwrap().intact());

    // From the middle, and on with what came in meanwhile.
    write(&journal, 300, 310).await;
    let mut reader = Reader::open(from.path(), 250).unwrap();
    assert!((1..=250).contains(&reader.position()), "{}", reader.position());
    let records = rest(&mut reader);
    assert_eq!((records.last(), reader.head()), (Some(&record(309)), journal.head()));
    // The folder holds no checkpoints of its own making.
    assert!(!to.path().join(CHECKPOINTS).exists());
}

#[tokio::test]
async fn an_empty_journal_reads_as_one() {
    let dir = tempfile::tempdir().unwrap();
    let _journal = Journal::open(dir.path(), small()).unwrap();
    let mut reader = Reader::open(dir.path(), 0).unwrap();
    assert!(rest(&mut reader).is_empty());
    assert_eq!((reader.head().size, reader.head().root), (0, EMPTY_ROOT));
}

#[tokio::test]
async fn a_changed_record_is_not_copied() {
    let dir = tempfile::tempdir().unwrap();
    let journal = open(dir.path());
    write(&journal, 0, 50).await;
    let file = &segments(dir.path())[0];
    let mut bytes = fs::read(file).unwrap();
    let at = bytes.windows(16).position(|window| window == b"record number 20").unwrap();
    bytes[at] ^= 1;
    fs::write(file, bytes).unwrap();
    let mut reader = Reader::open(dir.path(), 0).unwrap();
    let copied = std::iter::from_fn(|| reader.read().transpose()).take_while(Result::is_ok).count();
    assert_eq!(copied, 20);
    assert!(reader.read().is_err());
}
