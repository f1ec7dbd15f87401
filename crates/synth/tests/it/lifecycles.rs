use crate::{sample, today};
use domain::{
    catalogue::Catalogue,
    certificate::Certificate,
    lifecycle::{EventKind, Status, status_on, terms_on},
};
use std::collections::HashMap;

fn status(certificate: &Certificate, on: domain::Date, known: domain::Date) -> Option<Status> {
    let rules = Catalogue::work_safety().status_rules(&certificate.type_code);
    status_on(&certificate.events, certificate.under_correction, &rules, on, known).map(|found| found.status)
}

#[test]
fn every_status_occurs_today_and_most_certificates_are_in_force() {
    let mut counts: HashMap<Status, u32> = HashMap::new();
    for certificate in sample() {
        let status = status(certificate, today(), today()).expect("recorded before today");
        *counts.entry(status).or_default() += 1;
    }
    for status in Status::ALL {
        assert!(counts.contains_key(&status), "{}", status.code());
    }
    let in_force: u32 = counts.iter().filter(|(status, _)| status.in_force()).map(|(_, count)| count).sum();
    assert!((14_000..18_000).contains(&in_force), "{in_force} of 20,000 in force");
}

#[test]
fn every_kind_of_event_occurs() {
    let mut seen = [false; 12];
    for event in sample().iter().flat_map(|certificate| &certificate.events) {
        let kind = match event.kind {
            EventKind::Issued(_) => 0,
            EventKind::Renewed(_) => 1,
            EventKind::Reviewed { .. } => 2,
            EventKind::Suspended => 3,
            EventKind::Resumed => 4,
            EventKind::Revoked => 5,
            EventKind::RevokedAsPenalty => 6,
            EventKind::Cancelled => 7,
            EventKind::TransferredOut => 8,
            EventKind::TransferredIn => 9,
            EventKind::Replaced => 10,
            EventKind::Corrected(_) => 11,
        };
        seen[kind] = true;
    }
    assert_eq!(seen, [true; 12]);
}

#[test]
fn events_are_in_the_order_recorded_and_nothing_is_known_before_it_is_recorded() {
    let midnight = sample()[0].source.synced_at;
    for certificate in sample() {
        assert!(matches!(certificate.events[0].kind, EventKind::Issued(_)));
        assert!(certificate.events.is_sorted_by_key(|event| event.recorded_at));
        assert!(certificate.events.iter().all(|event| event.recorded_at < midnight));
        assert_eq!(certificate.version, certificate.events.len() as u64);
        assert!(certificate.terms.valid_until.is_none_or(|end| end > certificate.terms.valid_from));
        let born_on = certificate.holder.identity.as_ref().and_then(|document| document.birth_date());
        assert!(born_on.is_none_or(|day| certificate.terms.issued_on >= day + chrono::Months::new(18 * 12)));
    }
}

#[test]
fn late_reviews_are_overdue_until_passed() {
    let late = |certificate: &&Certificate| {
        certificate.events.iter().any(|event| event.reason.as_deref() == Some("逾期后补办复审"))
    };
    let certificate = sample().iter().find(late).expect("a certificate reviewed late");
    let EventKind::Issued(terms) = certificate.events[0].kind else { panic!("the first event is the issue") };
    let due = terms.review_due_on.expect("a review was due");
    let next_day = due.succ_opt().expect("a day");
    assert!(status(certificate, due, today()).is_some_and(Status::in_force));
    assert_eq!(status(certificate, next_day, today()), Some(Status::ReviewOverdue));
    let passed_on = certificate.events[1].effective_on;
    assert!(status(certificate, passed_on, today()).is_some_and(Status::in_force));
}

#[test]
fn corrections_change_what_is_known_from_the_day_they_are_recorded() {
    let rules = |certificate: &Certificate| Catalogue::work_safety().status_rules(&certificate.type_code);
    let mut corrected = 0;
    for certificate in sample() {
        let Some(event) =
            certificate.events.iter().find(|event| matches!(event.kind, EventKind::Corrected(_)))
        else {
            continue;
        };
        let (rules, start) = (rules(certificate), event.effective_on);
        let noticed_on = event.recorded_at.with_timezone(&rules.zone).date_naive();
        let known = |day| terms_on(&certificate.events, &rules, start, day);
        assert_ne!(known(noticed_on.pred_opt().expect("a day")), known(noticed_on));
        corrected += 1;
    }
    assert!(corrected > 100, "{corrected} corrected afterwards");
}

#[test]
fn courses_and_education_come_before_the_day() {
    let (mut courses, mut years, mut failed) = (0, 0, 0);
    for certificate in sample() {
        let issued = certificate.events[0].effective_on;
        let first = certificate.training.first().expect("a course before the examination");
        assert!(first.completed_on < issued);
        courses += certificate.training.len();
        failed += certificate.training.iter().filter(|course| !course.passed).count();
        years += certificate.education.len();
        assert!(certificate.education.iter().all(|year| year.year < 2026));
    }
    assert!(courses > sample().len() && failed > 0 && years > 0);
}
