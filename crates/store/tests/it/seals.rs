//! The walk over all seals: damage is found, old seals are renewed, nobody is disturbed.

use crate::suite::register;
use domain::lifecycle::{Event, EventKind};
use std::sync::Arc;
use store::{OldSeals, Options, Store};
use testkit::{TestStore, at, certificate, day};
use uuid::Uuid;

pub async fn a_walk_names_every_damaged_row(db: Arc<TestStore>) {
    let certificates: Vec<_> = (0..1_200).map(certificate).collect();
    register(&db, &certificates).await;
    let sound = db.walk_seals(OldSeals::Keep).await.unwrap();
    assert_eq!((sound.damaged, sound.renewed), (0, 0));
    assert!(sound.checked >= 2_400, "certificates and holders: {}", sound.checked);

    let damaged =
        db.raw("UPDATE certificate SET region = '990000' WHERE issued_on = valid_from").await.unwrap();
    let renamed = db.raw("UPDATE organisation SET name = '冒名公司'").await.unwrap();
    let found = db.walk_seals(OldSeals::Keep).await.unwrap();
    assert_eq!(found.checked, sound.checked);
    assert_eq!(found.damaged, damaged + renamed);
    let of = |table| found.rows.iter().filter(|row| row.table == table).count() as u64;
    assert_eq!(of("organisation"), renamed);
    assert_eq!(of("certificate"), damaged.min(1_000 - renamed));
}

pub async fn a_rotated_key_takes_over_every_row(db: Arc<TestStore>) {
    let certificates: Vec<_> = (0..700).map(certificate).collect();
    register(&db, &certificates).await;
    let keys = testkit::keys();
    let options = Options { url: db.url().to_owned(), max_connections: 2 };
    let rotated = Store::connect(&options, keys.clone()).await.unwrap();
    keys.rotate().unwrap();
    let head = db.feed_head().await.unwrap();

    let walk = rotated.walk_seals(OldSeals::Renew).await.unwrap();
    assert_eq!((walk.renewed, walk.damaged), (walk.checked, 0));
    assert_eq!(rotated.walk_seals(OldSeals::Renew).await.unwrap().renewed, 0);
    let ids: Vec<_> = certificates.iter().map(|certificate| certificate.id).collect();
    let mut read = rotated.certificates_unscoped(&ids).await.unwrap();
    read.sort_by_key(|certificate| certificate.id);
    assert!(read == certificates, "nothing but the seal is another");
    assert_eq!(rotated.feed_head().await.unwrap(), head);
    assert!(db.certificate_unscoped(ids[0]).await.is_err(), "a ring without the new key opens nothing");
}

/// A record is spread over several tables. A reader between two statements of a writer must not
/// take the halves for tampering, nor the walk overwrite what was written meanwhile.
pub async fn readers_and_walks_beside_writers_see_whole_records(db: Arc<TestStore>) {
    let mut record = certificate(1);
    register(&db, std::slice::from_ref(&record)).await;
    let keys = testkit::keys();
    let options = Options { url: db.url().to_owned(), max_connections: 4 };
    let store = Store::connect(&options, keys.clone()).await.unwrap();
    let id = record.id;
    let writer = {
        let store = store.clone();
        tokio::spawn(async move {
            for turn in 0..60_u64 {
                keys.rotate().unwrap();
                record.version += 1;
                let event_id = Uuid::from_u128(0xE000 + u128::from(turn));
                record.events.push(Event {
                    id: domain::ids::EventId::from_uuid(event_id),
                    kind: if turn % 2 == 0 { EventKind::Suspended } else { EventKind::Resumed },
                    effective_on: day(2025, 6, 1),
                    recorded_at: at(2025, 6, 2),
                    reason: None,
                });
                let tx = store.begin().await.unwrap();
                tx.update_certificate(&record, record.version - 1).await.unwrap();
                tx.commit().await.unwrap();
            }
            record
        })
    };
    while !writer.is_finished() {
        store.certificate_unscoped(id).await.unwrap().expect("it is there");
        assert_eq!(store.walk_seals(OldSeals::Renew).await.unwrap().damaged, 0);
    }
    let written = writer.await.unwrap();
    assert_eq!(store.certificate_unscoped(id).await.unwrap(), Some(written));
}
