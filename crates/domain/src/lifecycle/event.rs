use crate::{Date, Instant, certificate::Terms, ids::EventId};

/// What happened to a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EventKind {
    /// First issue; always the first event.
    Issued(Terms),
    /// Extended or re-issued under the same record with new terms.
    Renewed(Terms),
    /// Passed the periodic review; the next one is due on this day, if any.
    Reviewed {
        next_due_on: Option<Date>,
    },
    Suspended,
    Resumed,
    /// 撤销: wrongly granted or no longer deserved.
    Revoked,
    /// 吊销: taken away as a penalty.
    RevokedAsPenalty,
    /// 注销.
    Cancelled,
    /// 办理转出 to another province (construction certificates).
    TransferredOut,
    /// Undoes `TransferredOut`, or arrival from another province.
    TransferredIn,
    /// Another certificate took its place.
    Replaced,
    /// The record was wrong: these are the terms that held from `effective_on` all along.
    Corrected(Terms),
}

impl EventKind {
    /// The stable machine code, as in the API.
    pub const fn code(&self) -> &'static str {
        match self {
            EventKind::Issued(_) => "issued",
            EventKind::Renewed(_) => "renewed",
            EventKind::Reviewed { .. } => "reviewed",
            EventKind::Suspended => "suspended",
            EventKind::Resumed => "resumed",
            EventKind::Revoked => "revoked",
            EventKind::RevokedAsPenalty => "revoked_as_penalty",
            EventKind::Cancelled => "cancelled",
            EventKind::TransferredOut => "transferred_out",
            EventKind::TransferredIn => "transferred_in",
            EventKind::Replaced => "replaced",
            EventKind::Corrected(_) => "corrected",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub id: EventId,
    pub kind: EventKind,
    pub effective_on: Date,
    pub recorded_at: Instant,
    /// Reason as a catalogue or free text; never personal data.
    pub reason: Option<String>,
}
