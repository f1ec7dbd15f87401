use super::*;
use crate::{Instant, ids::EventId};
use chrono::TimeZone;
use proptest::{collection::vec, option, prelude::*};
use uuid::Uuid;

const RULES: StatusRules =
    StatusRules { expiring_days: 60, review_due_days: 60, zone: chrono_tz::Asia::Shanghai };

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn terms(issued_on: &str, valid_until: &str, review_due_on: &str) -> Terms {
    Terms {
        issued_on: day(issued_on),
        valid_from: day(issued_on),
        valid_until: Some(day(valid_until)),
        review_due_on: (!review_due_on.is_empty()).then(|| day(review_due_on)),
    }
}

/// Noon in Shanghai.
fn recorded(on: Date) -> Instant {
    RULES.zone.from_local_datetime(&on.and_hms_opt(12, 0, 0).unwrap()).unwrap().to_utc()
}

fn event(kind: EventKind, effective_on: &str, recorded_on: &str) -> Event {
    Event {
        id: EventId::from_uuid(Uuid::nil()),
        kind,
        effective_on: day(effective_on),
        recorded_at: recorded(day(recorded_on)),
        reason: None,
    }
}

/// Issued 2018-05-01 for six years, review by 2021-04-30.
fn issued() -> Event {
    event(EventKind::Issued(terms("2018-05-01", "2024-04-30", "2021-04-30")), "2018-05-01", "2018-05-03")
}

#[track_caller]
fn assert_status(events: &[Event], on: &str, known: &str, expected: Option<(Status, Option<&str>)>) {
    let found = status_on(events, false, &RULES, day(on), day(known));
    let found = found.map(|found| (found.status, found.since));
    assert_eq!(
        found,
        expected.map(|(status, since)| (status, since.map(day))),
        "on {on} as known on {known}"
    );
}

#[test]
fn dates_alone_tell_the_status() {
    let events = [issued()];
    let known = "2030-01-01";
    for (on, status, since) in [
        ("2018-04-30", Status::NotYetValid, None),
        ("2018-05-01", Status::Valid, Some("2018-05-01")),
        ("2021-02-28", Status::Valid, Some("2018-05-01")),
        ("2021-03-01", Status::ReviewDue, Some("2021-03-01")),
        ("2021-04-30", Status::ReviewDue, Some("2021-03-01")),
        ("2021-05-01", Status::ReviewOverdue, Some("2021-05-01")),
        ("2024-04-30", Status::ReviewOverdue, Some("2021-05-01")),
        ("2024-05-01", Status::Expired, Some("2024-05-01")),
    ] {
        assert_status(&events, on, known, Some((status, since)));
    }
}

#[test]
fn nobody_knew_before_it_was_recorded() {
    let events = [issued()];
    assert_status(&events, "2018-05-02", "2018-05-02", None);
    assert_status(&events, "2018-05-02", "2018-05-03", Some((Status::Valid, Some("2018-05-01"))));
}

#[test]
fn a_late_review_counts_from_its_day_and_from_when_it_was_known() {
    let reviewed = EventKind::Reviewed { next_due_on: None };
    let events = [issued(), event(reviewed, "2021-07-01", "2024-04-15")];
    let overdue = Some((Status::ReviewOverdue, Some("2021-05-01")));
    assert_status(&events, "2024-01-15", "2024-04-01", overdue);
    assert_status(&events, "2024-01-15", "2024-04-15", Some((Status::Valid, Some("2021-07-01"))));
    assert_status(&events, "2021-06-30", "2024-04-15", overdue);
    // The day asked about in the accident report, as known a month before.
    assert_status(&events, "2024-05-01", "2024-04-01", Some((Status::Expired, Some("2024-05-01"))));
}

#[test]
fn a_suspension_holds_between_its_days_and_hides_what_dates_say() {
    let renewed = EventKind::Renewed(terms("2024-03-01", "2030-02-28", "2027-02-28"));
    let mut events = vec![
        issued(),
        event(EventKind::Reviewed { next_due_on: None }, "2021-04-01", "2021-04-01"),
        event(renewed, "2024-03-01", "2024-03-01"),
        event(EventKind::Suspended, "2024-03-10", "2024-03-12"),
        event(EventKind::Resumed, "2024-04-20", "2024-04-20"),
    ];
    events[3].reason = Some("accident under investigation".to_owned());
    let known_before = status_on(&events, false, &RULES, day("2024-05-01"), day("2024-04-01")).unwrap();
    assert_eq!(known_before.status, Status::Suspended);
    assert_eq!(known_before.since, Some(day("2024-03-10")));
    assert_eq!(known_before.reason.as_deref(), Some("accident under investigation"));
    assert_status(&events, "2024-05-01", "2024-04-20", Some((Status::Valid, Some("2024-04-20"))));
    assert_status(&events, "2024-04-19", "2024-05-01", Some((Status::Suspended, Some("2024-03-10"))));
    assert_status(&events, "2024-03-10", "2024-03-11", Some((Status::Valid, Some("2021-04-01"))));
}

#[test]
fn a_correction_holds_all_along_but_only_since_it_was_known() {
    let right = terms("2018-05-01", "2024-10-31", "");
    let events = [issued(), event(EventKind::Corrected(right), "2018-05-01", "2024-06-15")];
    assert_status(&events, "2024-05-01", "2024-04-01", Some((Status::Expired, Some("2024-05-01"))));
    assert_status(&events, "2024-05-01", "2024-06-15", Some((Status::Valid, Some("2018-05-01"))));
    assert_eq!(
        terms_on(&events, &RULES, day("2020-01-01"), day("2024-06-14")),
        Some(terms("2018-05-01", "2024-04-30", "2021-04-30"))
    );
    assert_eq!(terms_on(&events, &RULES, day("2020-01-01"), day("2024-06-15")), Some(right));
    assert_eq!(current_terms(&events), Some(right));
}

#[test]
fn a_correction_can_move_the_issue_back() {
    let right = terms("2018-03-01", "2024-02-29", "");
    let events = [issued(), event(EventKind::Corrected(right), "2018-03-01", "2019-01-01")];
    assert_status(&events, "2018-04-01", "2019-01-01", Some((Status::Valid, Some("2018-03-01"))));
    assert_status(&events, "2018-04-01", "2018-12-31", Some((Status::NotYetValid, None)));
    assert_eq!(terms_on(&events, &RULES, day("2018-06-01"), day("2019-01-01")), Some(right));
}

#[test]
fn a_correction_does_not_undo_what_came_after() {
    let renewed = terms("2021-01-01", "2027-12-31", "");
    let corrected = terms("2018-05-01", "2024-05-31", "");
    let events = [
        issued(),
        event(EventKind::Renewed(renewed), "2021-01-01", "2021-01-01"),
        event(EventKind::Corrected(corrected), "2018-05-01", "2022-01-01"),
    ];
    assert_eq!(terms_on(&events, &RULES, day("2020-12-31"), day("2023-01-01")), Some(corrected));
    assert_eq!(terms_on(&events, &RULES, day("2021-01-01"), day("2023-01-01")), Some(renewed));
}

#[test]
fn an_early_renewal_leaves_no_gap() {
    let next = Terms { issued_on: day("2024-03-10"), ..terms("2024-05-01", "2030-04-30", "2027-04-30") };
    let reviewed = EventKind::Reviewed { next_due_on: None };
    let events = [
        issued(),
        event(reviewed, "2021-04-01", "2021-04-01"),
        event(EventKind::Renewed(next), "2024-03-10", "2024-03-10"),
    ];
    let known = "2024-06-01";
    assert_status(&events, "2024-03-09", known, Some((Status::Expiring, Some("2024-03-01"))));
    assert_status(&events, "2024-03-10", known, Some((Status::Valid, Some("2024-03-10"))));
    assert_status(&events, "2024-05-01", known, Some((Status::Valid, Some("2024-03-10"))));
}

#[test]
fn a_renewal_after_a_gap_does_not_shorten_the_old_validity() {
    let next = Terms { issued_on: day("2024-04-10"), ..terms("2024-06-01", "2030-05-31", "") };
    let reviewed = EventKind::Reviewed { next_due_on: None };
    let events = [
        issued(),
        event(reviewed, "2021-04-01", "2021-04-01"),
        event(EventKind::Renewed(next), "2024-04-10", "2024-04-10"),
    ];
    let known = "2024-06-01";
    assert_status(&events, "2024-04-30", known, Some((Status::Expiring, Some("2024-03-01"))));
    assert_status(&events, "2024-05-01", known, Some((Status::NotYetValid, Some("2024-05-01"))));
    assert_status(&events, "2024-06-01", known, Some((Status::Valid, Some("2024-06-01"))));
}

#[test]
fn decisions_outrank_dates_and_the_gravest_is_told() {
    let decided = |kinds: &[EventKind]| {
        let mut events = vec![issued()];
        events.extend(kinds.iter().map(|kind| event(*kind, "2019-01-01", "2019-01-01")));
        status_on(&events, false, &RULES, day("2025-01-01"), day("2025-01-01")).unwrap().status
    };
    assert_eq!(decided(&[EventKind::Cancelled, EventKind::Revoked]), Status::Revoked);
    assert_eq!(decided(&[EventKind::RevokedAsPenalty, EventKind::Cancelled]), Status::RevokedPenalty);
    assert_eq!(decided(&[EventKind::Suspended, EventKind::Cancelled]), Status::Cancelled);
    assert_eq!(decided(&[EventKind::Suspended, EventKind::TransferredOut]), Status::TransferredOut);
    assert_eq!(decided(&[EventKind::TransferredOut, EventKind::TransferredIn]), Status::Expired);
    assert_eq!(decided(&[EventKind::Revoked, EventKind::Resumed]), Status::Revoked);
    assert_eq!(decided(&[EventKind::Replaced]), Status::Replaced);
    assert_eq!(decided(&[EventKind::Suspended]), Status::Suspended);
}

#[test]
fn a_pending_correction_puts_in_doubt_only_what_would_be_good() {
    let status = |on| status_on(&[issued()], true, &RULES, day(on), day("2025-01-01")).unwrap();
    assert_eq!(status("2019-01-01").status, Status::UnderCorrection);
    assert_eq!(status("2019-01-01").since, None);
    assert_eq!(status("2021-06-01").status, Status::ReviewOverdue);
    assert_eq!(status("2024-06-01").status, Status::Expired);
}

#[test]
fn the_day_of_knowledge_ends_at_midnight_of_the_zone() {
    let at = |text: &str| Event { recorded_at: text.parse().unwrap(), ..issued() };
    assert_status(
        &[at("2018-05-03T15:59:59Z")],
        "2018-05-03",
        "2018-05-03",
        Some((Status::Valid, Some("2018-05-01"))),
    );
    assert_status(&[at("2018-05-03T16:00:00Z")], "2018-05-03", "2018-05-03", None);
}

#[test]
fn open_ended_certificates_never_expire() {
    let open = Terms { valid_until: None, review_due_on: None, ..terms("2018-05-01", "2018-05-01", "") };
    let events = [event(EventKind::Issued(open), "2018-05-01", "2018-05-01")];
    assert_eq!(
        timeline(&events, false, &RULES),
        [(Date::MIN, Status::NotYetValid), (day("2018-05-01"), Status::Valid)]
    );
}

/// Days of a short calendar, so that random events meet each other.
fn calendar_day() -> impl Strategy<Value = Date> {
    (0u64..120).prop_map(|days| day("2024-01-01") + Days::new(days))
}

fn any_terms(valid_from: Date) -> impl Strategy<Value = Terms> {
    (option::of(0u64..90), option::of(0u64..90)).prop_map(move |(end, review)| Terms {
        issued_on: valid_from,
        valid_from,
        valid_until: end.map(|days| valid_from + Days::new(days)),
        review_due_on: review.map(|days| valid_from + Days::new(days)),
    })
}

/// `early`: how many days a renewal may come before its terms begin.
fn any_event(early: u64) -> impl Strategy<Value = Event> {
    (calendar_day(), 0u64..10, 0..12usize, 0..=early, option::of(calendar_day())).prop_flat_map(
        |(effective_on, late, kind, early, next_due_on)| {
            any_terms(effective_on + Days::new(early)).prop_map(move |terms| Event {
                id: EventId::from_uuid(Uuid::nil()),
                kind: match kind {
                    0..=2 => EventKind::Renewed(terms),
                    3 | 4 => EventKind::Reviewed { next_due_on },
                    5 => EventKind::Suspended,
                    6 => EventKind::Resumed,
                    7 => EventKind::Revoked,
                    8 => EventKind::TransferredOut,
                    9 => EventKind::TransferredIn,
                    _ => EventKind::Corrected(terms),
                },
                effective_on,
                recorded_at: recorded(effective_on + Days::new(late)),
                reason: None,
            })
        },
    )
}

fn any_history(early: u64) -> impl Strategy<Value = Vec<Event>> {
    let first = calendar_day().prop_flat_map(|on| {
        any_terms(on).prop_map(move |terms| Event {
            kind: EventKind::Issued(terms),
            effective_on: on,
            recorded_at: recorded(on),
            ..issued()
        })
    });
    (first, vec(any_event(early), 0..7)).prop_map(|(first, mut later)| {
        let floor = first.recorded_at;
        for event in &mut later {
            event.recorded_at = event.recorded_at.max(floor);
        }
        later.sort_by_key(|event| event.recorded_at);
        std::iter::once(first).chain(later).collect()
    })
}

/// The last of some events of a day or before, later effect first, then later record.
fn last<'a>(
    events: &[&'a Event],
    on: Date,
    pick: impl Fn(&EventKind) -> bool,
) -> Option<(Date, usize, &'a Event)> {
    let in_effect = events.iter().enumerate().map(|(at, event)| (effect(event), at, *event));
    in_effect
        .filter(|(from, _, event)| *from <= on && pick(&event.kind))
        .max_by_key(|(from, at, _)| (*from, *at))
}

/// The rule in words, one day at a time: each fact is what the last event about it says.
fn oracle(events: &[Event], on: Date, known: Date) -> Option<Status> {
    let events: Vec<&Event> = events
        .iter()
        .filter(|event| event.recorded_at.with_timezone(&RULES.zone).date_naive() <= known)
        .collect();
    let set = last(&events, on, |kind| {
        matches!(kind, EventKind::Issued(_) | EventKind::Renewed(_) | EventKind::Corrected(_))
    })?;
    let (EventKind::Issued(mut terms) | EventKind::Renewed(mut terms) | EventKind::Corrected(mut terms)) =
        set.2.kind
    else {
        unreachable!("picked above");
    };
    let reviewed = last(&events, on, |kind| matches!(kind, EventKind::Reviewed { .. }));
    if let Some((from, at, event)) = reviewed
        && (from, at) > (set.0, set.1)
        && let EventKind::Reviewed { next_due_on } = event.kind
    {
        terms.review_due_on = next_due_on;
    }
    let holds = |set: EventKind, unset: EventKind| {
        let one_of = |kind: &EventKind| *kind == set || *kind == unset;
        last(&events, on, one_of).is_some_and(|(_, _, event)| event.kind == set)
    };
    let left = |last_day: Option<Date>| last_day.map(|last_day| (last_day - on).num_days());
    Some(if last(&events, on, |kind| *kind == EventKind::Revoked).is_some() {
        Status::Revoked
    } else if holds(EventKind::TransferredOut, EventKind::TransferredIn) {
        Status::TransferredOut
    } else if holds(EventKind::Suspended, EventKind::Resumed) {
        Status::Suspended
    } else if left(terms.valid_until).is_some_and(|left| left < 0) {
        Status::Expired
    } else if left(terms.review_due_on).is_some_and(|left| left < 0) {
        Status::ReviewOverdue
    } else if on < terms.valid_from {
        Status::NotYetValid
    } else if left(terms.valid_until).is_some_and(|left| left <= 60) {
        Status::Expiring
    } else if left(terms.review_due_on).is_some_and(|left| left <= 60) {
        Status::ReviewDue
    } else {
        Status::Valid
    })
}

proptest! {
    #[test]
    fn every_day_has_the_status_of_the_rule(events in any_history(0), on in calendar_day(), known in calendar_day()) {
        let found = status_on(&events, false, &RULES, on, known);
        prop_assert_eq!(found.map(|found| found.status), oracle(&events, on, known));
    }

    #[test]
    fn since_is_the_first_day_of_the_unbroken_stretch(events in any_history(40), on in calendar_day()) {
        let known = day("2030-01-01");
        let status = |on| status_on(&events, false, &RULES, on, known).map(|found| found.status);
        let found = status_on(&events, false, &RULES, on, known).expect("the first issue is known");
        match found.since {
            Some(since) => {
                prop_assert!(since <= on);
                prop_assert!(since.iter_days().take_while(|day| *day <= on).all(|day| status(day) == Some(found.status)));
                prop_assert_ne!(status(since - Days::new(1)), Some(found.status));
            }
            None => prop_assert_eq!(status(day("1950-01-01")), Some(found.status)),
        }
    }

    #[test]
    fn the_timeline_tells_every_day(events in any_history(40), on in calendar_day()) {
        let timeline = timeline(&events, false, &RULES);
        let told = timeline.iter().rev().find(|(from, _)| *from <= on).map(|(_, status)| *status);
        prop_assert_eq!(told, status_on(&events, false, &RULES, on, day("2030-01-01")).map(|found| found.status));
        prop_assert!(timeline.windows(2).all(|pair| pair[0].0 < pair[1].0 && pair[0].1 != pair[1].1));
    }
}
