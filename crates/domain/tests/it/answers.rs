//! What every role is shown, list and detail, before the eyes of the solver.

use crate::{
    people::{MINE, caller, certificate, day, now, uuid, valid, with_check},
    solver::{Evidence, Solver},
};
use domain::{
    access::{Action, Matrix, Permit, Role, Show, Wish, decide},
    certificate::{Certificate, IdentityDocument, IdentityKind, Terms},
    ids::CertificateId,
    lifecycle::{Event, EventKind, StatusOn},
    mask::{self, Clues, Field, MIN_CANDIDATES},
};
use proptest::prelude::*;

const ENOUGH: usize = MIN_CANDIDATES as usize;

fn readers() -> Vec<(Role, Permit)> {
    let matrix = Matrix::builtin();
    let permit = |role| decide(&matrix, &caller(role), Action::ResultList, Wish::Default, now()).ok();
    let readers: Vec<_> = Role::ALL.into_iter().filter_map(|role| Some((role, permit(role)?))).collect();
    assert_eq!(readers.len(), 8);
    readers
}

fn clues(certificates: &[Certificate]) -> Vec<Clues> {
    certificates.iter().map(Clues::of).collect()
}

fn list(certificates: &[Certificate], permit: &Permit) -> String {
    let status = valid();
    let lines: Vec<_> = certificates.iter().map(|certificate| (certificate, &status)).collect();
    serde_json::to_string(&mask::rows(&lines, clues(certificates), &permit.fields)).unwrap()
}

/// The same certificates, asked for one by one.
fn lists_of_one(certificates: &[Certificate], permit: &Permit) -> String {
    let status = valid();
    let one = |certificate| mask::rows(&[(certificate, &status)], clues(certificates), &permit.fields);
    serde_json::to_string(&certificates.iter().map(one).collect::<Vec<_>>()).unwrap()
}

fn detail(certificates: &[Certificate], permit: &Permit) -> String {
    serde_json::to_string(&mask::detail(&certificates[0], &permit.fields, &valid(), certificates)).unwrap()
}

/// One person's certificates, of the kinds that give the most away.
fn worlds() -> Vec<Vec<Certificate>> {
    let mut worlds = Vec::new();
    for (region, kind) in [
        ("110105", IdentityKind::CitizenId),
        ("110103", IdentityKind::CitizenId),
        ("452200", IdentityKind::CitizenId),
        ("469001", IdentityKind::CitizenId),
        ("659001", IdentityKind::CitizenId),
        ("810000", IdentityKind::ResidencePermit),
        ("830000", IdentityKind::ResidencePermit),
    ] {
        for (birth, order) in [("19700101", "001"), ("19840229", "986"), ("19991231", "123")] {
            let id = with_check(&format!("{region}{birth}{order}"));
            let fifteen = format!("{region}{}{order}", &birth[2..]);
            let special = format!("T{id}");
            let numbers: [&[(&str, &str)]; 6] = [
                &[(&special, "2019-05-01")],
                &[("京建安C1(2015)0000001", "2015-05-01")],
                &[(&id, "2022-05-01"), (&special, "2016-05-01")],
                &[(&fifteen, "1998-05-01"), (&special, "2024-05-01"), ("0012345", "2020-01-01")],
                &[(&special, "1990-05-01"), (&special, "2026-05-01")],
                &[(&special, "1985-05-01"), (&id, "2026-05-01"), (&fifteen, "1999-05-01")],
            ];
            for numbers in numbers {
                let serials = 1..;
                let world = numbers.iter().zip(serials).map(|((number, issued_on), serial)| {
                    let mut certificate = certificate(serial, &id, number, issued_on);
                    certificate.holder.identity = Some(IdentityDocument { kind, number: id.clone() });
                    certificate
                });
                worlds.push(world.collect());
            }
        }
    }
    worlds
}

#[test]
fn no_answer_narrows_a_hidden_id_number_below_a_thousand() {
    let mut solver = Solver::new();
    let (mut judged, mut masked, mut withheld) = (0, 0, 0);
    for world in worlds() {
        let id = &world[0].holder.identity.as_ref().unwrap().number;
        for (role, permit) in readers() {
            for answer in [list(&world, &permit), lists_of_one(&world, &permit), detail(&world, &permit)] {
                let evidence = Evidence::read(&answer);
                let in_full = evidence.patterns.iter().any(|pattern| !pattern[..17].contains('*'));
                if in_full {
                    assert_eq!(permit.fields.embedded_number, Show::Full, "{role:?}: {answer}");
                    continue;
                }
                if evidence.patterns.is_empty() {
                    withheld += 1;
                } else {
                    masked += 1;
                }
                let count = solver.count(&evidence, ENOUGH);
                assert!(count >= ENOUGH, "{role:?} is left {count} numbers for {id}: {answer}");
                judged += 1;
            }
        }
    }
    // Nothing of this holds by showing nothing.
    assert!(judged > 1_000 && masked > 500 && withheld > 50, "{judged} {masked} {withheld}");
}

#[test]
fn certificates_issued_far_apart_close_what_one_alone_may_show() {
    let id = with_check("81000019700101001");
    let number = format!("T{id}");
    let far = [certificate(1, &id, &number, "1990-05-01"), certificate(2, &id, &number, "2026-05-01")];
    let (_, county) = readers().into_iter().find(|(role, _)| *role == Role::RegulatorCounty).unwrap();
    assert!(detail(&far[..1], &county).contains("810***********"));
    for answer in [detail(&far, &county), list(&far, &county)] {
        assert!(!answer.contains("810***"), "{answer}");
        assert!(answer.contains("T******************"), "{answer}");
        assert!(!answer.contains("id_number"), "{answer}");
    }
}

/// What an index may rely on, which keeps this one bit of each person.
#[test]
fn of_a_harmless_person_each_certificate_is_shown_alike_with_and_without_the_others() {
    let (mut harmless, mut guarded) = (0, 0);
    for world in worlds().into_iter().chain([vec![renewed_late()]]) {
        let all = clues(&world);
        if !mask::is_harmless(&all) {
            guarded += 1;
            continue;
        }
        harmless += 1;
        for (one, (role, permit)) in
            world.iter().flat_map(|one| readers().into_iter().map(move |reader| (one, reader)))
        {
            let status = valid();
            let line = [(one, &status)];
            let alone = mask::rows(&line, Vec::new(), &permit.fields);
            assert_eq!(alone, mask::rows(&line, all.clone(), &permit.fields), "{role:?}");
        }
    }
    assert!(harmless > 0 && guarded > 0, "{harmless} harmless, {guarded} guarded");
}

/// First issued in 1990 and renewed in 2026.
fn renewed_late() -> Certificate {
    let id = with_check("81000019700101001");
    let first = certificate(1, &id, &format!("T{id}"), "1990-05-01");
    let terms = Terms { issued_on: day("2026-05-01"), valid_from: day("2026-05-01"), ..first.terms };
    let renewed = Event { kind: EventKind::Renewed(terms), ..first.events[0].clone() };
    Certificate { terms, events: vec![first.events[0].clone(), renewed], ..first }
}

#[test]
fn a_renewal_closes_what_the_first_issue_alone_may_show_also_in_the_past() {
    let today = renewed_late();
    let (_, county) = readers().into_iter().find(|(role, _)| *role == Role::RegulatorCounty).unwrap();
    assert!(!detail(std::slice::from_ref(&today), &county).contains("810***"));
    // As it was before the renewal: what is asked for later, or in other words, tells of it.
    let EventKind::Issued(terms) = today.events[0].kind else { panic!("issued first") };
    let then = Certificate { terms, events: today.events[..1].to_vec(), ..today.clone() };
    let asked = mask::detail(&then, &county.fields, &valid(), &[today]);
    assert!(!serde_json::to_string(&asked).unwrap().contains("810***"));
}

#[test]
fn a_detail_shows_training_photo_and_life_to_whom_their_lines_say() {
    let id = with_check("42010619850307101");
    let mut world = certificate(1, &id, "京建安C1(2015)0000001", "2019-05-01");
    let reviewed = EventKind::Reviewed { next_due_on: Some(day("2025-05-01")) };
    world.events.push(Event { kind: reviewed, ..world.events[0].clone() });
    for (role, permit) in readers() {
        let shown = mask::detail(&world, &permit.fields, &valid(), &[]);
        let trained = permit.fields.training == Show::Full;
        assert_eq!((shown.training.is_some(), shown.education.is_some()), (trained, trained), "{role:?}");
        assert_eq!(shown.photo, permit.fields.photo != Show::Hidden, "{role:?}");
        let without = Certificate { photo: None, ..world.clone() };
        assert!(!mask::detail(&without, &permit.fields, &valid(), &[]).photo, "{role:?}");
        let [issued, reviewed] = &shown.events[..] else { panic!("two events") };
        assert_eq!(issued.terms.as_ref().map(|terms| terms.issued_on), Some(day("2019-05-01")));
        assert_eq!((&reviewed.terms, reviewed.next_due_on), (&None, Some(day("2025-05-01"))));
    }
}

#[test]
fn a_number_that_repeats_the_birth_date_loses_it() {
    let id = with_check("42010619850307101");
    for number in ["鄂A19850307-01", "鄂A850307-01", "4201061985-7"] {
        let world = [certificate(1, &id, number, "2019-05-01")];
        for (role, permit) in readers().into_iter().filter(|(role, _)| *role != Role::Individual) {
            let answer = detail(&world, &permit);
            let shows_ends = answer.contains("420***********");
            let shows_date = answer.contains("850307") || answer.contains("4201061985");
            assert!(!(shows_ends && shows_date), "{role:?}: {answer}");
        }
    }
}

#[test]
fn a_list_shows_no_id_number_and_a_detail_shows_it_masked() {
    let id = with_check("42010619850307101");
    let world = [certificate(1, &id, "京建安C1(2015)0000001", "2019-05-01")];
    let masked = format!("420***********{}", &id[14..]);
    for (role, permit) in readers() {
        assert!(!list(&world, &permit).contains("id_number"), "{role:?}");
        let shown = detail(&world, &permit).contains(&masked);
        assert_eq!(shown, permit.fields.id_number == Show::Masked, "{role:?}");
    }
}

#[test]
fn a_row_has_the_fields_of_the_interface() {
    let id = with_check("42010619850307101");
    let mut holder = certificate(1, &id, &format!("T{id}"), "2019-05-01");
    holder.terms.valid_until = Some(day("2025-04-30"));
    let (_, county) = readers().into_iter().find(|(role, _)| *role == Role::RegulatorCounty).unwrap();
    let row =
        serde_json::to_value(&mask::rows(&[(&holder, &valid())], Vec::new(), &county.fields)[0]).unwrap();
    let expected = serde_json::json!({
        "id": holder.id.to_string(),
        "number": format!("T420***********{}", &id[14..]),
        "type": "mem_special_ops",
        "item": "mem:1.2",
        "holder": { "name": "欧阳试样" },
        "organisation": { "id": MINE.to_string(), "name": "样例建设有限公司" },
        "issuer": "武昌区应急管理局",
        "region": "420106",
        "issued_on": "2019-05-01",
        "valid_until": "2025-04-30",
        "review_due_on": null,
        "status": { "code": "valid", "since": null, "reason": null },
    });
    assert_eq!(row, expected);
}

#[test]
fn a_stranger_verifies_without_learning_more_than_a_surname() {
    let id = with_check("42010619850307101");
    let world = certificate(1, &id, &format!("T{id}"), "2019-05-01");
    let public =
        decide(&Matrix::builtin(), &caller(Role::Public), Action::VerifyOne, Wish::Default, now()).unwrap();
    let answer = serde_json::to_value(mask::verification(&world, &public.fields, &valid())).unwrap();
    assert_eq!(answer["holder"]["name"], "欧阳**");
    let text = answer.to_string();
    assert!(Evidence::read(&text).patterns.is_empty());
    assert!(!text.contains("样例") && !text.contains("1234"), "{text}");
}

#[test]
fn a_field_in_full_takes_the_permit_for_it() {
    let id = with_check("42010619850307101");
    let inside = certificate(1, &id, &format!("T{id}"), "2019-05-01");
    let mut outside = inside.clone();
    outside.region = "420107".to_owned();
    let matrix = Matrix::builtin();
    let county = caller(Role::RegulatorCounty);
    for field in Field::ALL {
        let full = decide(&matrix, &county, field.action(), Wish::Full, now()).unwrap();
        let default = decide(&matrix, &county, field.action(), Wish::Default, now()).unwrap();
        assert!(mask::unmasked(&inside, &full, field).is_some_and(|value| !value.contains('*')));
        assert_eq!(mask::unmasked(&outside, &full, field), None);
        assert_eq!(mask::unmasked(&inside, &default, field), None);
        for other in Field::ALL.into_iter().filter(|other| *other != field) {
            assert_eq!(mask::unmasked(&inside, &full, other), None);
        }
        assert_eq!(Field::from_code(field.code()), Some(field));
    }
}

#[test]
fn an_id_number_in_free_text_is_hidden_from_everyone() {
    let id = with_check("42010619850307101");
    let mut world = certificate(1, &id, "京建安C1(2015)0000001", "2019-05-01");
    world.events[0].reason = Some(format!("更正{id}"));
    world.training[0].course = format!("低压电工{id}");
    let status = StatusOn { reason: Some(format!("持证人{id}")), ..valid() };
    for (role, permit) in readers() {
        let answer = serde_json::to_string(&mask::detail(&world, &permit.fields, &status, &[])).unwrap();
        assert!(!answer.contains(&id), "{role:?}");
    }
}

proptest! {
    #[test]
    fn nothing_hidden_appears_in_any_answer(
        region in "(11|31|42|44|65)(01|02|90)[0-9]{2}",
        year in 1955u32..2005, month in 1u32..=12, day in 1u32..=28,
        order in "[0-9]{3}", phone in "1[3-9][0-9]{9}", prefix in "(T|TS|)", fifteen in any::<bool>(),
    ) {
        let id = with_check(&format!("{region}{year}{month:02}{day:02}{order}"));
        let embedded = if fifteen && year < 2000 { format!("{}{}", &id[..6], &id[8..17]) } else { id.clone() };
        let mut first = certificate(1, &id, &format!("{prefix}{embedded}"), "2021-05-01");
        first.holder.phone = Some(phone.clone());
        let mut second = first.clone();
        second.id = CertificateId::from_uuid(uuid(2));
        second.number = "京建安C1(2015)".to_owned();
        let world = [first, second];
        for (role, permit) in readers().into_iter().filter(|(role, _)| *role != Role::Individual) {
            for answer in [list(&world, &permit), detail(&world, &permit)] {
                for start in 3..=8 {
                    prop_assert!(!answer.contains(&id[start..start + 6]), "{:?}: {}", role, answer);
                }
                prop_assert!(!answer.contains(&phone[3..]), "{:?}: {}", role, answer);
            }
        }
    }
}
