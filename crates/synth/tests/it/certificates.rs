use crate::{SEED, registry, sample, today};
use anzheng_synth::Registry;
use domain::{
    catalogue::Catalogue,
    certificate::{Certificate, IdentityKind},
    number::{citizen_id, embeds_id, uscc},
};
use sha2::{Digest, Sha256};
use std::collections::{HashMap, HashSet};

/// Everything about a certificate, names and numbers included, which `Debug` leaves out.
fn fingerprint(certificates: impl Iterator<Item = Certificate>) -> String {
    let mut digest = Sha256::new();
    for certificate in certificates {
        let holder = &certificate.holder;
        let document = holder.identity.as_ref().map(|document| &document.number);
        digest.update(format!("{certificate:?}{}{document:?}{:?}", holder.name, holder.phone));
    }
    hex::encode(digest.finalize())
}

#[test]
fn the_same_seed_gives_the_same_registry_at_any_size() {
    let first = |registry: Registry| fingerprint(registry.certificates().take(1000));
    assert_eq!(first(registry(1000)), first(registry(50_000)));
    let other_seed = Registry::new(SEED + 1, 1000, today(), Catalogue::work_safety());
    assert_ne!(first(registry(1000)), first(other_seed));
    assert_eq!(registry(1000).photo(17), registry(50_000).photo(17));
}

#[test]
fn a_certificate_is_made_without_those_before_it() {
    let registry = registry(500);
    let streamed: Vec<Certificate> = registry.certificates().collect();
    assert_eq!(registry.certificate(400), streamed[400]);
    assert_eq!(registry.certificate(9_999_999), registry.certificate(9_999_999));
    assert_eq!(registry.holder(registry.holder_index(400)), streamed[400].holder);
}

#[test]
fn every_number_passes_the_checks_of_its_type() {
    let catalogue = Catalogue::work_safety();
    for certificate in sample() {
        let kind = catalogue.type_by_code(&certificate.type_code).expect("a known type");
        assert!(kind.number.matches(&certificate.number), "{} of {}", certificate.number, kind.code);
        let document = certificate.holder.identity.as_ref().expect("everybody has a document");
        let read = citizen_id::parse(&document.number, catalogue.regions()).expect("a valid document");
        assert_eq!(read, *document);
        if matches!(document.kind, IdentityKind::CitizenId | IdentityKind::ResidencePermit) {
            assert!(document.number[14..17].parse::<u16>().is_ok_and(|sequence| sequence >= 980));
        }
        // A serial number must not be taken for an ID number, and the other way round.
        let holds_id = certificate.number.contains(&document.number) && document.number.len() == 18;
        assert_eq!(embeds_id(&certificate.number).is_some(), holds_id, "{}", kind.code);
        if let Some(code) =
            certificate.organisation.as_ref().and_then(|organisation| organisation.uscc.as_deref())
        {
            assert_eq!(uscc::parse(code).as_deref(), Ok(code));
        }
        if let Some(item) = &certificate.item {
            let item = catalogue.item_by_code(item).expect("a known item");
            assert!(kind.accepts_scheme(&item.scheme));
        }
        assert_eq!(certificate.item.is_some(), kind.item_scheme.is_some(), "{}", kind.code);
        assert!(
            catalogue.regions().get(&certificate.region).is_some_and(|region| region.abolished.is_none())
        );
    }
}

#[test]
fn every_type_of_the_catalogue_occurs() {
    let found: HashSet<&str> = sample().iter().map(|certificate| certificate.type_code.as_str()).collect();
    for kind in Catalogue::work_safety().types() {
        assert!(found.contains(kind.code.as_str()), "{}", kind.code);
    }
}

#[test]
fn keys_and_identifiers_are_unique_and_people_are_told_apart() {
    let mut keys = HashSet::new();
    let mut ids = HashSet::new();
    let mut documents = HashMap::new();
    for certificate in sample() {
        let Certificate { type_code, number, item, terms, .. } = certificate;
        let key = (type_code, number, item, terms.issued_on);
        assert!(keys.insert(key), "certificate {}", certificate.id);
        assert!(ids.insert(certificate.id.uuid()));
        assert!(certificate.events.iter().all(|event| ids.insert(event.id.uuid())));
        let document = certificate.holder.identity.as_ref().map(|document| &document.number);
        let holder = documents.entry(document).or_insert(certificate.holder.id);
        assert_eq!(*holder, certificate.holder.id);
    }
}

#[test]
fn people_have_the_names_that_registries_stumble_over() {
    let names: Vec<&str> = sample().iter().map(|certificate| certificate.holder.name.as_str()).collect();
    let some = |test: &dyn Fn(&str) -> bool| names.iter().any(|name| test(name));
    assert!(some(&|name| name.starts_with("欧阳")), "compound surname");
    assert!(some(&|name| name.contains('·')), "name of two parts");
    assert!(some(&|name| name.contains('\u{2CB4E}')), "𬭎, outside the basic plane");
    assert!(some(&|name| name.contains('䶮')) && some(&|name| name.contains('㛃')), "rare characters");
    assert!(some(&|name| name.is_ascii() && name.contains(' ')), "Latin name");
    let most = names.iter().filter(|name| (2..=3).contains(&name.chars().count())).count();
    assert!(most * 100 > names.len() * 90, "{most} ordinary names");
}

#[test]
fn organisations_are_those_of_the_certificates() {
    let registry = registry(3000);
    let all: HashMap<_, _> = registry.organisations().map(|known| (known.organisation.id, known)).collect();
    assert_eq!(all.len() as u64, registry.organisation_count());
    for certificate in registry.certificates() {
        let Some(organisation) = &certificate.organisation else { continue };
        let known = &all[&organisation.id];
        assert_eq!(&known.organisation, organisation);
        assert_eq!(certificate.industry.as_ref(), Some(&known.industry));
        assert_eq!(known.region[..2], certificate.region[..2], "issued in the province of the employer");
    }
}

#[test]
fn photos_belong_to_holders() {
    let registry = registry(2000);
    let mut without = 0;
    for index in 0..2000 {
        let holder = registry.holder_index(index);
        assert_eq!(registry.certificate(index).photo, registry.photo_id(holder));
        without += u32::from(registry.photo_id(holder).is_none());
    }
    assert!((1..200).contains(&without), "{without} certificates without photo");
    assert!(registry.photo(0).is_some_and(|photo| photo.starts_with(b"\x89PNG") && photo.len() <= 2048));
}

#[test]
fn the_showcase_has_something_to_show_for_every_role() {
    for certificates in [1000, 100_000] {
        let registry = registry(certificates);
        let showcase = registry.showcase().expect("a showcase");
        let own: Vec<Certificate> = registry
            .certificates()
            .take(4000)
            .filter(|certificate| {
                certificate
                    .organisation
                    .as_ref()
                    .is_some_and(|own| own.id == showcase.organisation.organisation.id)
            })
            .collect();
        assert!(own.len() >= 30, "{} certificates", own.len());
        for region in [&showcase.county, &showcase.city, &showcase.province] {
            assert!(own.iter().any(|certificate| certificate.region == *region), "{region}");
        }
        let held = registry.certificates_of(showcase.individual_index);
        assert!(held.count() >= 2);
        assert_eq!(registry.holder(showcase.individual_index), showcase.individual);
    }
}

#[test]
fn a_small_registry_has_a_showcase_too() {
    assert!(registry(100).showcase().is_some());
    assert!(registry(0).showcase().is_none());
}

#[test]
fn issuers_are_recognised_by_what_their_name_begins_with() {
    let catalogue = Catalogue::work_safety();
    for certificate in sample().iter().filter(|certificate| certificate.issuer != "应急管理部") {
        let region = catalogue.regions().leading(&certificate.issuer).map(|region| region.code.as_str());
        assert_eq!(region, Some(certificate.region.as_str()), "{}", certificate.issuer);
    }
}
