use super::*;
use crate::{
    Date, Instant,
    certificate::{
        Earlier, EducationHours, Holder, IdentityDocument, IdentityKind, Organisation, RosterRow, Source,
        Terms, Training,
    },
    ids::{CertificateId, EventId, HolderId, ImportId, OrganisationId, PhotoId},
    lifecycle::{Event, EventKind},
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use uuid::Uuid;

fn uuid() -> impl Strategy<Value = Uuid> {
    any::<u128>().prop_map(Uuid::from_u128)
}

fn day() -> impl Strategy<Value = Date> {
    (-100_000i64..100_000).prop_map(|days| Date::default() + chrono::Duration::days(days))
}

/// Microseconds are what is kept.
fn instant() -> impl Strategy<Value = Instant> {
    (-1_000_000_000_000_000i64..4_000_000_000_000_000)
        .prop_map(|micros| Instant::from_timestamp_micros(micros).unwrap())
}

fn terms() -> impl Strategy<Value = Terms> {
    (day(), day(), option::of(day()), option::of(day())).prop_map(
        |(issued_on, valid_from, valid_until, review_due_on)| Terms {
            issued_on,
            valid_from,
            valid_until,
            review_due_on,
        },
    )
}

fn event() -> impl Strategy<Value = Event> {
    let kind = prop_oneof![
        terms().prop_map(EventKind::Issued),
        terms().prop_map(EventKind::Renewed),
        option::of(day()).prop_map(|next_due_on| EventKind::Reviewed { next_due_on }),
        terms().prop_map(EventKind::Corrected),
        select(vec![
            EventKind::Suspended,
            EventKind::Resumed,
            EventKind::Revoked,
            EventKind::RevokedAsPenalty,
            EventKind::Cancelled,
            EventKind::TransferredOut,
            EventKind::TransferredIn,
            EventKind::Replaced,
        ]),
    ];
    (uuid(), kind, day(), instant(), option::of(".{0,8}")).prop_map(
        |(id, kind, effective_on, recorded_at, reason)| Event {
            id: EventId::from_uuid(id),
            kind,
            effective_on,
            recorded_at,
            reason,
        },
    )
}

fn holder() -> impl Strategy<Value = Holder> {
    let kind = select(vec![
        IdentityKind::CitizenId,
        IdentityKind::ResidencePermit,
        IdentityKind::ForeignPermanentResident,
        IdentityKind::Passport,
        IdentityKind::TravelPermit,
        IdentityKind::Other,
    ]);
    let identity = (kind, "[0-9X]{0,18}").prop_map(|(kind, number)| IdentityDocument { kind, number });
    (uuid(), ".{0,12}", option::of(identity), option::of("[0-9]{11}"))
        .prop_map(|(id, name, identity, phone)| Holder { id: HolderId::from_uuid(id), name, identity, phone })
}

fn organisation() -> impl Strategy<Value = Organisation> {
    (uuid(), ".{0,12}", option::of("[0-9A-Z]{18}")).prop_map(|(id, name, uscc)| Organisation {
        id: OrganisationId::from_uuid(id),
        name,
        uscc,
    })
}

fn training() -> impl Strategy<Value = Training> {
    (".{0,8}", ".{0,8}", any::<u32>(), day(), any::<bool>()).prop_map(
        |(course, provider, hours, completed_on, passed)| Training {
            course,
            provider,
            hours,
            completed_on,
            passed,
        },
    )
}

fn education() -> impl Strategy<Value = EducationHours> {
    any::<(i32, u32)>().prop_map(|(year, hours)| EducationHours { year, hours })
}

fn row() -> impl Strategy<Value = RosterRow> {
    (uuid(), any::<[u32; 4]>()).prop_map(|(import, [sheet, row, part, of])| RosterRow {
        import: ImportId::from_uuid(import),
        sheet,
        row,
        part,
        of,
    })
}

prop_compose! {
    fn earlier()(
        (holder, organisation) in (holder(), option::of(organisation())),
        (issuer, region, industry) in (".{0,12}", "[0-9]{6}", option::of("[0-9A-Z]{1,2}")),
        (until, replaced_by) in (instant(), option::of(row())),
    ) -> Earlier {
        Earlier { holder, organisation, issuer, region, industry, until, replaced_by }
    }
}

prop_compose! {
    fn certificate()(
        (id, version, type_code, number, item) in (uuid(), any::<u64>(), "[a-z_]{1,12}", ".{0,20}", option::of("[a-z:.0-9]{1,8}")),
        (holder, organisation) in (holder(), option::of(organisation())),
        (issuer, region, industry) in (".{0,12}", "[0-9]{6}", option::of("[0-9A-Z]{1,2}")),
        (terms, events) in (terms(), vec(event(), 0..6)),
        (code, synced_at, row) in ("[a-z:]{1,8}", instant(), option::of(row())),
        (identity_as_written, earlier) in (option::of("[0-9*X]{0,18}"), vec(earlier(), 0..3)),
        (training, education) in (vec(training(), 0..3), vec(education(), 0..3)),
        (photo, under_correction) in (option::of(uuid()), any::<bool>()),
    ) -> Certificate {
        Certificate {
            id: CertificateId::from_uuid(id), version, type_code, number, item, holder, identity_as_written,
            organisation, issuer, region, industry, terms, source: Source { code, synced_at, row }, events, earlier, training, education,
            photo: photo.map(PhotoId::from_uuid), under_correction,
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_certificate_comes_back_as_it_was(certificate in certificate()) {
        let bytes = encode(&certificate);
        prop_assert!(decode(&bytes) == Ok(certificate.clone()));
    }

    #[test]
    fn the_clues_are_those_of_the_whole_certificate(certificate in certificate()) {
        let bytes = encode(&certificate);
        let mut placed = false;
        let clues = decode_clues(&bytes, |place| {
            let own = certificate.placement();
            placed = (place.holder, place.organisation, place.region) == (own.holder, own.organisation, own.region);
            true
        });
        prop_assert!(placed);
        prop_assert_eq!(clues, Ok(Some(Clues::of(&certificate))));
        prop_assert_eq!(decode_clues(&bytes, |_| false), Ok(None));
    }

    #[test]
    fn a_record_cut_short_or_grown_is_damaged(certificate in certificate(), cut in 0.0f64..1.0) {
        let mut bytes = encode(&certificate);
        let shorter = 1 + ((bytes.len() - 2) as f64 * cut) as usize;
        prop_assert!(decode(&bytes[..shorter]) == Err(CodecError::Damaged));
        bytes.push(0);
        prop_assert!(decode(&bytes) == Err(CodecError::Damaged));
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200)) {
        if let Ok(certificate) = decode(&bytes) {
            prop_assert!(decode(&encode(&certificate)) == Ok(certificate));
        }
    }
}

#[test]
fn other_layouts_are_named() {
    assert!(decode(&[]) == Err(CodecError::Empty));
    assert!(decode(&[2, 0]) == Err(CodecError::Version(2)));
}
