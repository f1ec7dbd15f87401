use crate::suite::{conflict, register};
use domain::ids::ImportId;
use std::sync::Arc;
use store::{ImportBatch, ImportState};
use testkit::{TestStore, at, certificate};
use uuid::Uuid;

fn batch() -> ImportBatch {
    ImportBatch {
        id: ImportId::from_uuid(Uuid::from_u128(1)),
        digest: [9; 32],
        state: ImportState::Running,
        rows: 0,
        accepted: 0,
        unchanged: 0,
        rejected: 0,
        checkpoint: 0,
        started_at: at(2026, 1, 1),
        finished_at: None,
    }
}

pub async fn an_import_resumes_from_its_checkpoint(db: Arc<TestStore>) {
    let mut batch = batch();
    let tx = db.begin().await.unwrap();
    tx.insert_import(&batch).await.unwrap();
    tx.commit().await.unwrap();
    let tx = db.begin().await.unwrap();
    let again = ImportBatch { id: ImportId::from_uuid(Uuid::from_u128(2)), ..batch.clone() };
    assert_eq!(conflict(tx.insert_import(&again).await), "uq_import_batch_digest");
    drop(tx);

    register(&db, &[certificate(1)]).await;
    (batch.rows, batch.accepted, batch.checkpoint) = (1, 1, 1);
    let tx = db.begin().await.unwrap();
    tx.update_import(&batch).await.unwrap();
    tx.commit().await.unwrap();
    // The process dies in the middle of the next chunk: neither rows nor checkpoint are there.
    let tx = db.begin().await.unwrap();
    tx.find_or_insert_holder(&certificate(2).holder).await.unwrap();
    tx.update_import(&ImportBatch { checkpoint: 2, ..batch.clone() }).await.unwrap();
    drop(tx);

    let found = db.again().await.find_import_by_digest(&[9; 32]).await.unwrap();
    assert_eq!(found, Some(batch.clone()));
    (batch.state, batch.finished_at) = (ImportState::Finished, Some(at(2026, 1, 2)));
    let tx = db.begin().await.unwrap();
    tx.update_import(&batch).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(db.import(batch.id).await.unwrap(), Some(batch));
    assert_eq!(db.find_import_by_digest(&[8; 32]).await.unwrap(), None);
}
