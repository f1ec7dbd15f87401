//! Certificates changed on this node that the index does not know yet. A suspension must count from
//! the moment its author is told that it was carried out.

use crate::facts::Facts;
use domain::{certificate::Certificate, ids::CertificateId};
use parking_lot::RwLock;
use std::{collections::HashMap, sync::Arc};

/// A certificate newer than its record.
pub struct Newer {
    pub certificate: Certificate,
    pub facts: Facts,
}

pub type Newest = HashMap<CertificateId, Arc<Newer>>;

#[derive(Default)]
pub struct Overlay(RwLock<Arc<Newest>>);

impl Overlay {
    pub fn insert(&self, certificate: Certificate, facts: Facts) {
        let mut newest = self.0.write();
        let known = newest.get(&certificate.id).map_or(0, |newer| newer.certificate.version);
        if certificate.version >= known {
            Arc::make_mut(&mut newest).insert(certificate.id, Arc::new(Newer { certificate, facts }));
        }
    }

    pub fn newest(&self) -> Arc<Newest> {
        self.0.read().clone()
    }

    /// Forgets what records and index have caught up with.
    pub fn settle(&self, applied: impl Iterator<Item = (CertificateId, u64)>) {
        let mut newest = self.0.write();
        for (id, version) in applied {
            if newest.get(&id).is_some_and(|newer| newer.certificate.version <= version) {
                Arc::make_mut(&mut newest).remove(&id);
            }
        }
    }
}
