use crate::suite::{conflict, register, registered};
use domain::{
    access::{Action, Matrix, Principal, Role, Wish, decide},
    certificate::Certificate,
    ids::EventId,
    lifecycle::{Event, EventKind},
};
use std::sync::Arc;
use store::CertificateKey;
use testkit::{TestStore, at, certificate, day};

pub async fn a_certificate_reads_back_as_written(db: Arc<TestStore>) {
    let mut plain = certificate(2);
    plain.item = None;
    plain.organisation = None;
    plain.industry = None;
    plain.holder.phone = None;
    plain.terms.valid_until = None;
    plain.training.clear();
    plain.education.clear();
    plain.under_correction = true;
    let full = with_every_event(certificate(1));
    register(&db, &[full.clone(), plain.clone()]).await;

    assert_eq!(db.certificate_unscoped(full.id).await.unwrap(), Some(full.clone()));
    assert_eq!(db.certificate_unscoped(plain.id).await.unwrap(), Some(plain.clone()));
    assert_eq!(db.certificate_unscoped(certificate(3).id).await.unwrap(), None);
    assert_eq!(db.certificates_of_holder_unscoped(full.holder.id).await.unwrap(), [full]);
    assert_eq!(db.count_certificates().await.unwrap(), 2);
}

fn with_every_event(mut certificate: Certificate) -> Certificate {
    let terms = certificate.terms;
    let kinds = [
        EventKind::Renewed(terms),
        EventKind::Corrected(terms),
        EventKind::Suspended,
        EventKind::Resumed,
        EventKind::TransferredOut,
        EventKind::TransferredIn,
        EventKind::Replaced,
        EventKind::Cancelled,
        EventKind::Revoked,
        EventKind::RevokedAsPenalty,
    ];
    for kind in kinds {
        certificate.events.push(next_event(&certificate, kind));
    }
    certificate
}

/// An event recorded after all others.
fn next_event(certificate: &Certificate, kind: EventKind) -> Event {
    let order = certificate.events.len() as u128;
    let id = EventId::from_uuid(uuid::Uuid::from_u128(certificate.id.uuid().as_u128() + (9 << 64) + order));
    let reason = Some("现场检查".to_owned());
    Event { id, kind, effective_on: day(2025, 6, 1), recorded_at: at(2025, 6, 2), reason }
}

fn with_event(certificate: &Certificate, kind: EventKind) -> Certificate {
    let mut next = certificate.clone();
    next.version += 1;
    next.events.push(next_event(certificate, kind));
    next
}

pub async fn bulk_and_single_inserts_are_the_same(db: Arc<TestStore>) {
    let (one, many) = (certificate(1), [certificate(2), certificate(3)]);
    register(&db, std::slice::from_ref(&one)).await;
    register(&db, &many).await;
    let ids: Vec<_> = std::iter::once(&one).chain(&many).map(|certificate| certificate.id).collect();
    let mut read = db.certificates_unscoped(&ids).await.unwrap();
    read.sort_by_key(|certificate| certificate.id);
    assert_eq!(read, [one, many[0].clone(), many[1].clone()]);
    assert_eq!(db.feed_head().await.unwrap(), 3);
}

pub async fn more_rows_than_a_statement_can_carry(db: Arc<TestStore>) {
    let many: Vec<_> = (0..2_345).map(certificate).collect();
    register(&db, &many).await;
    let ids: Vec<_> = many.iter().map(|certificate| certificate.id).collect();
    let mut read = db.certificates_unscoped(&ids).await.unwrap();
    read.sort_by_key(|certificate| certificate.id);
    assert!(read == many);
    assert_eq!(db.changes_after(0, 10_000).await.unwrap().len(), many.len());
}

pub async fn what_fails_late_fails_whole(db: Arc<TestStore>) {
    register(&db, &[certificate(1)]).await;
    let mut many: Vec<_> = (2..2_345).map(certificate).collect();
    let last = many.last_mut().unwrap();
    last.number.clone_from(&certificate(1).number);
    let tx = db.begin().await.unwrap();
    let organisations: Vec<_> = (1..=234).map(registered).collect();
    tx.insert_organisations(&organisations).await.unwrap();
    tx.find_or_insert_holders(many.iter().map(|certificate| certificate.holder.clone()).collect())
        .await
        .unwrap();
    assert_eq!(conflict(tx.insert_certificates(many).await), "uq_certificate_key");
    drop(tx);
    assert_eq!(db.count_certificates().await.unwrap(), 1);
    assert_eq!(db.feed_head().await.unwrap(), 1);
}

pub async fn the_key_is_unique_even_without_an_item(db: Arc<TestStore>) {
    let mut first = certificate(1);
    first.item = None;
    register(&db, std::slice::from_ref(&first)).await;
    let mut twin = certificate(2);
    (twin.number, twin.item) = (first.number.clone(), None);

    let tx = db.begin().await.unwrap();
    tx.find_or_insert_holder(&twin.holder).await.unwrap();
    assert_eq!(conflict(tx.insert_certificate(&twin).await), "uq_certificate_key");
    drop(tx);

    twin.item = Some("mem:1.1".into());
    register(&db, &[twin]).await;
    assert_eq!(db.find_by_number(None, &first.number).await.unwrap().len(), 2);
}

pub async fn an_update_adds_history_and_needs_the_right_version(db: Arc<TestStore>) {
    let first = certificate(1);
    register(&db, std::slice::from_ref(&first)).await;
    let mut second = with_event(&first, EventKind::Suspended);
    second.education.push(domain::certificate::EducationHours { year: 2026, hours: 4 });
    second.training.clear();
    second.holder.phone = Some("10000000000".into());

    let tx = db.begin().await.unwrap();
    tx.update_certificate(&second, 1).await.unwrap();
    assert_eq!(tx.certificate_unscoped(first.id).await.unwrap(), Some(second.clone()));
    let change = tx.commit().await.unwrap().expect("a certificate was written");
    assert_eq!((change.seq, change.certificate, change.version), (2, first.id, 2));
    assert_eq!(db.certificate_unscoped(first.id).await.unwrap(), Some(second.clone()));

    let tx = db.begin().await.unwrap();
    assert_eq!(conflict(tx.update_certificate(&second, 1).await), "certificate_version");
    assert_eq!(conflict(tx.update_certificate(&second, 2).await), "certificate_version");
    assert_eq!(conflict(tx.update_certificate(&certificate(9), 0).await), "certificate_version");
}

pub async fn history_cannot_be_rewritten(db: Arc<TestStore>) {
    let first = certificate(1);
    register(&db, std::slice::from_ref(&first)).await;
    let tx = db.begin().await.unwrap();

    let mut shortened = first.clone();
    shortened.version = 2;
    shortened.events.pop();
    assert_eq!(conflict(tx.update_certificate(&shortened, 1).await), "certificate_history");

    let mut edited = with_event(&first, EventKind::Suspended);
    edited.events[1].effective_on = day(2025, 2, 2);
    assert_eq!(conflict(tx.update_certificate(&edited, 1).await), "certificate_history");
}

pub async fn of_concurrent_updates_one_wins(db: Arc<TestStore>) {
    let first = certificate(1);
    register(&db, std::slice::from_ref(&first)).await;
    let update = |kind| {
        let (db, next) = (db.clone(), with_event(&first, kind));
        tokio::spawn(async move {
            let tx = db.begin().await?;
            tx.update_certificate(&next, 1).await?;
            tx.commit().await
        })
    };
    let (one, other) = (update(EventKind::Suspended), update(EventKind::Revoked));
    let answers = [one.await.unwrap(), other.await.unwrap()];
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1, "{answers:?}");
    let stored = db.certificate_unscoped(first.id).await.unwrap().unwrap();
    assert_eq!((stored.version, stored.events.len()), (2, 3));
}

pub async fn found_by_key_and_number(db: Arc<TestStore>) {
    let (first, mut second) = (certificate(1), certificate(2));
    second.number.clone_from(&first.number);
    second.type_code = "mem_principal".into();
    register(&db, &[first.clone(), second.clone()]).await;
    let key = |certificate: &'static str, item, issued_on| CertificateKey {
        type_code: certificate,
        number: &first.number,
        item,
        issued_on,
    };
    let right = key("mem_special_ops", Some("mem:1.2"), first.terms.issued_on);
    let wrong = [
        key("mem_manager", Some("mem:1.2"), first.terms.issued_on),
        key("mem_special_ops", None, first.terms.issued_on),
        key("mem_special_ops", Some("mem:1.2"), day(2022, 3, 2)),
    ];
    assert_eq!(db.find_by_key(right).await.unwrap(), Some(first.clone()));
    for wrong in wrong {
        assert_eq!(db.find_by_key(wrong).await.unwrap(), None);
    }
    let tx = db.begin().await.unwrap();
    let found = tx.find_by_keys(&[wrong[0], right]).await.unwrap();
    assert_eq!(found, [None, Some(first.clone())]);
    assert_eq!(tx.find_by_key(right).await.unwrap(), Some(first.clone()));
    assert_eq!(tx.find_by_number(None, &first.number).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(db.find_by_number(Some("mem_principal"), &first.number).await.unwrap(), [second]);
    assert_eq!(db.find_by_number(None, "T0").await.unwrap(), []);
}

pub async fn an_abandoned_transaction_leaves_no_trace(db: Arc<TestStore>) {
    register(&db, &[certificate(1)]).await;
    for explicitly in [true, false] {
        let tx = db.begin().await.unwrap();
        tx.find_or_insert_holder(&certificate(2).holder).await.unwrap();
        let mut second = certificate(2);
        second.organisation = None;
        tx.insert_certificate(&second).await.unwrap();
        if explicitly { tx.rollback().await.unwrap() } else { drop(tx) }
    }
    assert_eq!(db.count_certificates().await.unwrap(), 1);
    assert_eq!(db.feed_head().await.unwrap(), 1);
    register(&db, &[certificate(3)]).await;
    assert_eq!(db.feed_head().await.unwrap(), 2);
}

pub async fn a_scope_shows_its_rows_only(db: Arc<TestStore>) {
    let certificates: Vec<_> = (0..24).map(certificate).collect();
    register(&db, &certificates).await;
    let first = &certificates[0];
    let of = |role| Principal { role, ..Principal::public() };
    let in_region = |role, region: &str| Principal { region: Some(region.into()), ..of(role) };
    let principals = [
        Principal { holder: Some(first.holder.id), ..of(Role::Individual) },
        Principal {
            organisation: first.organisation.as_ref().map(|known| known.id),
            ..of(Role::EnterpriseAdmin)
        },
        in_region(Role::RegulatorCounty, "110105"),
        in_region(Role::RegulatorCity, "440300"),
        in_region(Role::RegulatorProvince, "420000"),
        in_region(Role::RegulatorNational, "000000"),
    ];
    let mut shown = Vec::new();
    for principal in principals {
        let permit =
            decide(&Matrix::builtin(), &principal, Action::ResultList, Wish::Default, at(2026, 1, 1));
        let scope = permit.expect("the matrix lets each of them list").scope;
        let mut inside = 0;
        for certificate in &certificates {
            let placement = domain::access::Placement {
                holder: certificate.holder.id,
                organisation: certificate.organisation.as_ref().map(|organisation| organisation.id),
                region: &certificate.region,
            };
            let expected = scope.admits(placement).then(|| certificate.clone());
            inside += u32::from(expected.is_some());
            assert_eq!(
                db.certificate(&scope, certificate.id).await.unwrap(),
                expected,
                "{:?}",
                principal.role
            );
        }
        shown.push(inside);
    }
    assert_eq!(shown, [1, 10, 8, 8, 8, 24]);
}
