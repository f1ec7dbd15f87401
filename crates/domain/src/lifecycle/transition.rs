use super::{
    Event, EventKind, Status, StatusRules,
    history::{effect, timeline},
};
use crate::Date;

/// Can this event be added to what is known? The status on its day has to allow it, and where the
/// certificate has ended since, so does the end: nobody suspends in hindsight what is revoked.
pub fn may_apply(events: &[Event], under_correction: bool, rules: &StatusRules, event: &Event) -> bool {
    let timeline = timeline(events, under_correction, rules);
    let status_on =
        |day: Date| timeline.iter().rev().find(|(from, _)| *from <= day).map(|(_, status)| *status);
    let latest = events.iter().map(effect).max().unwrap_or(event.effective_on);
    match (status_on(event.effective_on), status_on(latest)) {
        (Some(then), Some(last)) => {
            is_possible(then, &event.kind) && (!has_ended(last) || is_possible(last, &event.kind))
        }
        _ => matches!(event.kind, EventKind::Issued(_)),
    }
}

/// Can this happen to a certificate of that status?
///
/// What was taken away or closed for good stays so: only its record can be corrected, and a revoked
/// certificate can still be cancelled, which is the formal end of it (行政许可法 第70条). Nothing is
/// extended while suspended. What is overdue or expired can be renewed, since offices re-issue under
/// the same record.
pub const fn is_possible(status: Status, kind: &EventKind) -> bool {
    let good_or_overdue =
        status.in_force() || matches!(status, Status::ReviewOverdue | Status::UnderCorrection);
    match kind {
        EventKind::Issued(_) => false,
        EventKind::Corrected(_) => true,
        EventKind::Revoked | EventKind::RevokedAsPenalty => !has_ended(status),
        EventKind::Cancelled => !matches!(status, Status::Cancelled | Status::Replaced),
        EventKind::Reviewed { .. } | EventKind::Suspended | EventKind::TransferredOut => good_or_overdue,
        EventKind::Renewed(_) | EventKind::Replaced => good_or_overdue || matches!(status, Status::Expired),
        EventKind::Resumed => matches!(status, Status::Suspended),
        EventKind::TransferredIn => matches!(status, Status::TransferredOut),
    }
}

const fn has_ended(status: Status) -> bool {
    matches!(status, Status::Revoked | Status::RevokedPenalty | Status::Cancelled | Status::Replaced)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{certificate::Terms, ids::EventId};
    use uuid::Uuid;

    const RULES: StatusRules =
        StatusRules { expiring_days: 60, review_due_days: 60, zone: chrono_tz::Asia::Shanghai };

    fn terms() -> Terms {
        let day = |text: &str| text.parse::<Date>().unwrap();
        Terms {
            issued_on: day("2020-01-01"),
            valid_from: day("2020-01-01"),
            valid_until: Some(day("2025-12-31")),
            review_due_on: None,
        }
    }

    fn all_kinds() -> [EventKind; 12] {
        [
            EventKind::Issued(terms()),
            EventKind::Renewed(terms()),
            EventKind::Reviewed { next_due_on: None },
            EventKind::Suspended,
            EventKind::Resumed,
            EventKind::Revoked,
            EventKind::RevokedAsPenalty,
            EventKind::Cancelled,
            EventKind::TransferredOut,
            EventKind::TransferredIn,
            EventKind::Replaced,
            EventKind::Corrected(terms()),
        ]
    }

    fn event(kind: EventKind, on: &str) -> Event {
        Event {
            id: EventId::from_uuid(Uuid::nil()),
            kind,
            effective_on: on.parse().unwrap(),
            recorded_at: format!("{on}T01:00:00Z").parse().unwrap(),
            reason: None,
        }
    }

    #[test]
    fn what_has_ended_stays_ended() {
        let possible = |status| {
            let kinds = all_kinds().into_iter().filter(|kind| is_possible(status, kind));
            kinds.map(|kind| kind.code()).collect::<Vec<_>>()
        };
        assert_eq!(possible(Status::Revoked), ["cancelled", "corrected"]);
        assert_eq!(possible(Status::RevokedPenalty), ["cancelled", "corrected"]);
        assert_eq!(possible(Status::Cancelled), ["corrected"]);
        assert_eq!(possible(Status::Replaced), ["corrected"]);
    }

    #[test]
    fn only_the_suspended_are_resumed_and_only_the_transferred_come_back() {
        for status in Status::ALL {
            assert_eq!(is_possible(status, &EventKind::Resumed), status == Status::Suspended);
            assert_eq!(is_possible(status, &EventKind::TransferredIn), status == Status::TransferredOut);
        }
        assert!(!is_possible(Status::Suspended, &EventKind::Renewed(terms())));
        assert!(is_possible(Status::ReviewOverdue, &EventKind::Reviewed { next_due_on: None }));
        assert!(
            is_possible(Status::Expired, &EventKind::Revoked),
            "article 30 (1) of order no. 30 asks for it"
        );
    }

    #[test]
    fn hindsight_does_not_reach_past_the_end() {
        let issued = event(EventKind::Issued(terms()), "2020-01-01");
        let may = |events: &[Event], kind, on| may_apply(events, false, &RULES, &event(kind, on));
        assert!(may(&[], EventKind::Issued(terms()), "2020-01-01"));
        assert!(!may(&[], EventKind::Suspended, "2020-01-01"));
        let events = [issued.clone()];
        assert!(!may(&events, EventKind::Issued(terms()), "2020-01-01"));
        assert!(may(&events, EventKind::Suspended, "2021-01-01"));
        assert!(!may(&events, EventKind::Resumed, "2021-01-01"));
        let events = [issued.clone(), event(EventKind::Suspended, "2021-01-01")];
        assert!(!may(&events, EventKind::Suspended, "2021-02-01"));
        assert!(may(&events, EventKind::Resumed, "2021-02-01"));
        let events = [issued, event(EventKind::Revoked, "2022-01-01")];
        assert!(!may(&events, EventKind::Suspended, "2021-01-01"));
        assert!(may(&events, EventKind::Corrected(terms()), "2021-01-01"));
        assert!(may(&events, EventKind::Cancelled, "2022-02-01"));
    }
}
