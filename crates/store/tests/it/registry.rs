use crate::suite::{conflict, corrupt, register, registered};
use domain::{
    certificate::Certificate,
    ids::{AttachmentId, HolderId, PhotoId},
};
use std::sync::Arc;
use store::Attachment;
use testkit::{TestStore, at, certificate, holder, organisation};
use uuid::Uuid;

pub async fn a_person_is_registered_once(db: Arc<TestStore>) {
    let known = holder(1);
    let tx = db.begin().await.unwrap();
    assert_eq!(tx.find_or_insert_holder(&known).await.unwrap(), known.id);
    tx.commit().await.unwrap();

    // The same name and document under another identifier, twice in one batch, and a new person.
    let mut again = known.clone();
    again.id = HolderId::from_uuid(Uuid::from_u128(5));
    let tx = db.begin().await.unwrap();
    let ids = tx.find_or_insert_holders(vec![again.clone(), holder(2), again, holder(2)]).await.unwrap();
    assert_eq!(ids, [known.id, holder(2).id, known.id, holder(2).id]);
    tx.commit().await.unwrap();

    // Another name with the same document is another person, until somebody decides otherwise.
    let mut renamed = known.clone();
    renamed.id = HolderId::from_uuid(Uuid::from_u128(6));
    renamed.name = "改名".into();
    let tx = db.begin().await.unwrap();
    assert_eq!(tx.find_or_insert_holder(&renamed).await.unwrap(), renamed.id);
    tx.commit().await.unwrap();

    let number = &known.identity.as_ref().unwrap().number;
    let mut found = db.holders_by_identity(number).await.unwrap();
    found.sort_by_key(|holder| holder.id);
    assert!(found == [renamed, known.clone()]);
    assert!(db.holder(known.id).await.unwrap() == Some(known));
    assert!(db.holder(HolderId::from_uuid(Uuid::from_u128(5))).await.unwrap().is_none());
}

pub async fn people_without_a_document_are_never_merged(db: Arc<TestStore>) {
    let (mut one, mut other) = (holder(1), holder(2));
    (one.identity, other.identity) = (None, None);
    other.name.clone_from(&one.name);
    let tx = db.begin().await.unwrap();
    let ids = tx.find_or_insert_holders(vec![one.clone(), other.clone()]).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(ids, [one.id, other.id]);
}

pub async fn organisations_are_found_by_code_and_name(db: Arc<TestStore>) {
    let (one, mut other) = (organisation(1), organisation(2));
    other.name.clone_from(&one.name);
    other.uscc = None;
    let tx = db.begin().await.unwrap();
    tx.upsert_organisation(&one, Some("110105"), Some("construction")).await.unwrap();
    tx.upsert_organisation(&other, None, None).await.unwrap();
    let found = tx.find_organisation_by_uscc(one.uscc.as_deref().unwrap()).await.unwrap();
    assert_eq!(found, Some(one.clone()));
    assert_eq!(tx.find_organisations_by_name(&one.name).await.unwrap(), [one.clone(), other.clone()]);
    tx.commit().await.unwrap();

    assert_eq!(db.find_organisations_by_name(&one.name).await.unwrap(), [one.clone(), other]);
    assert_eq!(db.find_organisation_by_uscc("91110105MA99999999").await.unwrap(), None);
    let known = db.organisation(one.id).await.unwrap().unwrap();
    assert_eq!((known.region.as_deref(), known.industry.as_deref()), (Some("110105"), Some("construction")));

    let mut impostor = organisation(3);
    impostor.uscc = one.uscc;
    let tx = db.begin().await.unwrap();
    assert_eq!(conflict(tx.upsert_organisation(&impostor, None, None).await), "uq_organisation_uscc");
}

pub async fn a_renamed_organisation_touches_its_certificates(db: Arc<TestStore>) {
    let certificates = [certificate(1), certificate(2), certificate(11)];
    register(&db, &certificates).await;
    let head = db.feed_head().await.unwrap();

    let mut renamed = organisation(0);
    let tx = db.begin().await.unwrap();
    tx.upsert_organisation(&renamed, Some("110105"), None).await.unwrap();
    assert_eq!(tx.commit().await.unwrap(), None, "nothing changed");

    renamed.name = "示例市改名建筑安装有限公司".into();
    let tx = db.begin().await.unwrap();
    tx.upsert_organisation(&renamed, Some("110105"), None).await.unwrap();
    tx.commit().await.unwrap();
    let mut touched: Vec<_> =
        db.changes_after(head, 10).await.unwrap().into_iter().map(|change| change.certificate).collect();
    touched.sort_unstable();
    assert_eq!(touched, [certificates[0].id, certificates[1].id]);
    let read = db.certificate_unscoped(certificates[0].id).await.unwrap().unwrap();
    assert_eq!(read.organisation, Some(renamed));
}

pub async fn organisations_are_read_in_pages(db: Arc<TestStore>) {
    let all: Vec<_> = (0..25).map(registered).collect();
    let tx = db.begin().await.unwrap();
    tx.insert_organisations(&all).await.unwrap();
    tx.commit().await.unwrap();
    let mut read = Vec::new();
    loop {
        let after = read.last().map(|last: &store::RegisteredOrganisation| last.organisation.id);
        let page = db.organisations(after, 10).await.unwrap();
        if page.is_empty() {
            break;
        }
        read.extend(page);
    }
    assert_eq!(read, all);
}

pub async fn photos_are_sealed(db: Arc<TestStore>) {
    // Beyond the 64 KiB of MySQL's plain BLOB.
    let picture: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let (one, other) = (PhotoId::from_uuid(Uuid::from_u128(1)), PhotoId::from_uuid(Uuid::from_u128(2)));
    let tx = db.begin().await.unwrap();
    tx.find_or_insert_holder(&holder(1)).await.unwrap();
    tx.put_photo(one, holder(1).id, &picture).await.unwrap();
    tx.put_photo(other, holder(1).id, b"another").await.unwrap();
    tx.commit().await.unwrap();
    assert!(db.photo(one).await.unwrap().as_deref() == Some(picture.as_slice()));
    assert_eq!(db.photo(PhotoId::from_uuid(Uuid::from_u128(3))).await.unwrap(), None);

    crate::tampering::copy_column(&db, "photo", "sealed", other.uuid(), one.uuid()).await;
    assert_eq!(corrupt(db.photo(one).await), "photo");
}

pub async fn attachments_are_sealed_part_by_part(db: Arc<TestStore>) {
    let (first, second) = (certificate(1), certificate(2));
    register(&db, &[first.clone(), second.clone()]).await;
    let tx = db.begin().await.unwrap();
    let attachment = |n: u128, certificate: &Certificate, size| Attachment {
        id: AttachmentId::from_uuid(Uuid::from_u128(n)),
        certificate: certificate.id,
        media_type: "image/jpeg".into(),
        size,
        recorded_at: at(2026, 1, n as u32),
    };
    let file: Vec<u8> = (0..200_000u32).map(|n| (n % 251) as u8).collect();
    let (one, other) = (attachment(1, &first, 200_000), attachment(2, &first, 3));
    assert!(!tx.has_attachment(first.id, &file).await.unwrap());
    tx.attach(&one, &file, &file).await.unwrap();
    tx.attach(&other, b"another file", b"abc").await.unwrap();
    assert!(tx.has_attachment(first.id, &file).await.unwrap());
    assert!(!tx.has_attachment(second.id, &file).await.unwrap());
    tx.commit().await.unwrap();

    assert_eq!(db.attachments(first.id).await.unwrap(), [one.clone(), other.clone()]);
    assert_eq!(db.attachments(second.id).await.unwrap(), []);
    assert!(db.attachment(first.id, one.id).await.unwrap() == Some((one.clone(), file)));
    assert_eq!(db.attachment(second.id, one.id).await.unwrap(), None, "of another certificate");

    db.raw("DELETE FROM attachment_part WHERE ordinal = 3").await.unwrap();
    assert_eq!(corrupt(db.attachment(first.id, one.id).await), "attachment");
    db.raw("UPDATE attachment_part SET ordinal = 9 WHERE ordinal = 2").await.unwrap();
    assert_eq!(corrupt(db.attachment(first.id, one.id).await), "attachment_part");
    db.raw("UPDATE attachment SET media_type = 'text/html'").await.unwrap();
    assert_eq!(corrupt(db.attachments(first.id).await), "attachment");
}
