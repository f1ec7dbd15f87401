//! The holder's photo (rule M-05): small and marked for whoever has the certificate in their scope, as it is
//! kept after a fresh proof of identity.

use crate::{
    access::let_proofs_grow_old,
    audit::wait_for,
    demo::{Demo, PASSWORD, User, shared},
};
use image::{ImageFormat, RgbImage, load_from_memory_with_format};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// A certificate of the county whose holder has a photo.
fn with_photo(county: &User<'_>) -> String {
    let rows = county.search(&json!({ "page_size": 20 }));
    let ids = rows.items().iter().map(|row| row["id"].as_str().unwrap().to_owned());
    ids.into_iter().find(|id| county.get(&format!("/certificates/{id}")).body["photo"] == true).unwrap()
}

fn path(id: &str, whole: bool) -> String {
    format!("/certificates/{id}/photo{}", if whole { "?whole=true" } else { "" })
}

fn fetch(user: &User<'_>, id: &str, whole: bool) -> RgbImage {
    let answer = user.request(Method::GET, &path(id, whole)).send().unwrap();
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"image/png".parse().unwrap())
    );
    load_from_memory_with_format(&answer.bytes().unwrap(), ImageFormat::Png).unwrap().into_rgb8()
}

#[test]
fn a_photo_in_scope_is_small_and_bears_whoever_looked() {
    let demo = shared();
    let (county, province) = (demo.user("regulator_county"), demo.user("regulator_province"));
    let colleague = demo.user("regulator_county_checker");
    let id = with_photo(&county);
    let copies = [&county, &province, &colleague].map(|user| fetch(user, &id, false));
    for copy in &copies {
        assert!(copy.width() <= 200 && copy.height() <= 200, "{:?}", copy.dimensions());
    }
    assert_ne!(copies[0], copies[1], "another office");
    assert_ne!(copies[0], copies[2], "another person of the office");
    let [whole, again] = [&county, &province].map(|user| fetch(user, &id, true));
    assert!(whole.height() > 200, "{:?}", whole.dimensions());
    assert_eq!(whole, again, "as it is kept");
}

#[test]
fn a_whole_photo_needs_a_fresh_proof_of_identity_and_is_on_record_as_such() {
    let demo = Demo::start();
    let account = demo.user("regulator_county").get("/me").body["account"].as_str().unwrap().to_owned();
    let county = demo.user("regulator_county");
    let_proofs_grow_old(&demo, &account);
    let id = with_photo(&county);
    fetch(&county, &id, false);
    let refused = county.get(&path(&id, true));
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "step_up_required"));
    assert_eq!(county.post("/session/step-up", &json!({ "password": PASSWORD })).status, 200);
    fetch(&county, &id, true);

    let auditor = demo.user("audit_admin");
    for (action, outcome) in [
        ("certificate.photo", "allowed"),
        ("certificate.photo_whole", "refused"),
        ("certificate.photo_whole", "allowed"),
    ] {
        let filter = format!("/audit?action={action}&outcome={outcome}");
        let record =
            wait_for(|| auditor.get(&filter).items().to_vec(), |record| record["object"] == id.as_str());
        assert_eq!(record["account"], account.as_str(), "{action}");
    }
}

#[test]
fn whole_photos_count_to_the_unmaskings_of_the_hour() {
    let demo = Demo::start();
    let county = demo.user("regulator_county");
    let id = with_photo(&county);
    for _ in 0..20 {
        fetch(&county, &id, true);
    }
    let case = json!({ "field": "phone", "purpose": "complaint", "case": "2026-17" });
    assert_eq!(county.get(&path(&id, true)).code(), "too_many_requests");
    assert_eq!(county.post(&format!("/certificates/{id}/unmask"), &case).code(), "too_many_requests");
    fetch(&county, &id, false);
}

#[test]
fn no_photo_is_shown_out_of_scope_or_to_roles_that_see_none() {
    let demo = shared();
    let county = demo.user("regulator_county");
    let own = county.get("/me").body["region"].clone();
    let nation = demo.user("regulator_national").search(&json!({ "page_size": 100 }));
    let outside = nation.items().iter().find(|row| row["region"] != own).unwrap()["id"].as_str().unwrap();
    let inside = with_photo(&county);
    for whole in [false, true] {
        let answer = county.get(&path(outside, whole));
        assert_eq!((answer.status.as_u16(), answer.code()), (404, "certificate_not_found"));
        for role in ["enterprise_member", "api_client", "system_admin", "security_admin", "audit_admin"] {
            let answer = demo.user(role).get(&path(&inside, whole));
            assert_eq!((answer.status.as_u16(), answer.code()), (403, "not_permitted"), "{role}");
        }
        assert_eq!(demo.visitor().get(&path(&inside, whole)).code(), "sign_in_required");
    }
    assert_eq!(county.get(&format!("/certificates/{inside}/photo?size=9")).status, 400);
}
