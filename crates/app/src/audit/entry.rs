use crate::{Call, Error, error::Kind};
use domain::{
    audit::{AuditRecord, Outcome},
    ids::CertificateId,
};

/// What will be on record of one call. The use case fills it in while it works.
#[derive(Debug)]
pub struct Entry {
    action: &'static str,
    object: Option<String>,
    object_region: Option<String>,
    shown: Vec<CertificateId>,
    keywords: Option<String>,
    purpose: Option<String>,
    count: u64,
    /// Committed together with the change it describes.
    pub(super) staged: bool,
}

impl Entry {
    /// `action` is a dotted verb, such as `certificate.search`.
    pub fn new(action: &'static str) -> Self {
        Self {
            action,
            object: None,
            object_region: None,
            shown: Vec::new(),
            keywords: None,
            purpose: None,
            count: 0,
            staged: false,
        }
    }

    /// The opaque identifier of what was touched.
    pub fn object(&mut self, id: impl std::fmt::Display) -> &mut Self {
        self.object = Some(id.to_string());
        self
    }

    /// Where the certificate that was touched belongs: whoever answers for the region may look
    /// into what enterprises did to it.
    pub fn region(&mut self, region: &str) -> &mut Self {
        self.object_region = Some(region.to_owned());
        self
    }

    /// The certificates that the answer shows, with their regions. The owner of each can ask who looked.
    pub fn shows<'a>(
        &mut self,
        certificates: impl IntoIterator<Item = (CertificateId, &'a str)>,
    ) -> &mut Self {
        let mut common: Option<&str> = None;
        for (id, region) in certificates {
            self.shown.push(id);
            common = Some(common.map_or(region, |common| common_start(common, region)));
        }
        self.object_region = common.filter(|digits| !digits.is_empty()).map(str::to_owned);
        if let [only] = self.shown[..] {
            self.object = Some(only.to_string());
            self.shown.clear();
        }
        self.shown.sort_unstable();
        self
    }

    /// What was asked for; it is sealed before it is written.
    pub fn keywords(&mut self, text: impl Into<String>) -> &mut Self {
        self.keywords = Some(text.into()).filter(|text| !text.is_empty());
        self
    }

    pub fn purpose(&mut self, purpose: impl Into<String>) -> &mut Self {
        self.purpose = Some(purpose.into());
        self
    }

    /// Rows that the answer holds.
    pub fn count(&mut self, rows: usize) -> &mut Self {
        self.count = rows as u64;
        self
    }

    pub(super) fn record(
        &self,
        call: &Call,
        clock: &str,
        error: Option<&Error>,
        seal: impl FnOnce(&str) -> String,
    ) -> AuditRecord {
        let outcome = match error.map(Error::kind) {
            None => Outcome::Allowed,
            Some(Kind::Unavailable | Kind::Internal) => Outcome::Failed,
            Some(_) => Outcome::Refused,
        };
        AuditRecord {
            at: call.now,
            clock: Some(clock.to_owned()),
            request: call.request,
            actor: call.actor(),
            action: self.action.to_owned(),
            object: self.object.clone(),
            object_region: self.object_region.clone(),
            shown: self.shown.clone(),
            keywords: self.keywords.as_deref().map(seal),
            purpose: self.purpose.clone(),
            outcome,
            reason: error.map(|error| error.code().to_owned()),
            count: self.count,
            staged: self.staged && outcome == Outcome::Allowed,
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}

fn common_start<'a>(one: &'a str, other: &str) -> &'a str {
    let alike = one.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    one.get(..alike).unwrap_or_default()
}
