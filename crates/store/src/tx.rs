use crate::{
    error::Result,
    feed::{self, Change},
};
use domain::ids::CertificateId;
use keys::KeyRing;
use sea_orm::DatabaseTransaction;
use std::sync::Mutex;

/// A transaction: all of it happens, or nothing. Dropping it undoes it.
#[derive(Debug)]
pub struct Tx {
    pub(crate) db: DatabaseTransaction,
    pub(crate) keys: KeyRing,
    /// Certificates written so far. They enter the feed as the last act before the commit, so
    /// that writers queue for the feed as briefly as possible.
    touched: Mutex<Vec<(CertificateId, u64)>>,
}

impl Tx {
    pub(crate) fn new(db: DatabaseTransaction, keys: KeyRing) -> Self {
        Self { db, keys, touched: Mutex::default() }
    }

    pub(crate) fn touch(&self, certificate: CertificateId, version: u64) {
        self.touched.lock().expect("nothing panics while holding it").push((certificate, version));
    }

    /// Makes it all durable and visible. Returns the newest change of this transaction, if it
    /// wrote certificates.
    pub async fn commit(self) -> Result<Option<Change>> {
        let touched = self.touched.into_inner().expect("nothing panics while holding it");
        let last = feed::append(&self.db, &touched).await?;
        self.db.commit().await?;
        Ok(last)
    }

    /// Undoes it all now, rather than when the connection is next used.
    pub async fn rollback(self) -> Result<()> {
        Ok(self.db.rollback().await?)
    }
}
