use super::Event;
use crate::ids::CertificateId;
use chrono::SecondsFormat;

/// What the public log keeps of an event, as it stands with a version of the record: identifiers
/// and dates, no personal data.
///
/// `evt_… cert_… suspended v2 2026-01-05 2026-01-05T08:00:00.000000Z`
pub fn log_leaf(certificate: CertificateId, version: u64, event: &Event) -> Vec<u8> {
    let recorded_at = event.recorded_at.to_rfc3339_opts(SecondsFormat::Micros, true);
    let (id, kind, day) = (event.id, event.kind.code(), event.effective_on);
    format!("{id} {certificate} {kind} v{version} {day} {recorded_at}").into_bytes()
}
