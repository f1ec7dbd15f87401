use crate::{
    audit::wait_for,
    demo::{Demo, User},
};
use reqwest::Method;
use serde_json::{Value, json};

/// A certificate of the county's own office that is in force.
pub fn own_certificate(county: &User<'_>) -> String {
    let region = county.get("/me").body["region"].clone();
    let found = county.search(&json!({ "status": ["valid"], "region": region }));
    found.items()[0]["id"].as_str().unwrap().to_owned()
}

pub fn change(user: &User<'_>, id: &str, body: &Value) -> crate::demo::Answer {
    let record = user.get(&format!("/certificates/{id}"));
    let tag = record.headers["etag"].to_str().unwrap().to_owned();
    user.send(Method::POST, &format!("/certificates/{id}/changes"), &[("if-match", &tag)], Some(body))
}

pub fn status(user: &User<'_>, id: &str) -> String {
    user.get(&format!("/certificates/{id}")).body["status"]["code"].as_str().unwrap().to_owned()
}

#[test]
fn a_suspension_takes_two_persons_is_visible_at_once_and_survives_a_power_cut() {
    let mut demo = Demo::start();
    let id = {
        let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
        let id = own_certificate(&maker);
        let suspend = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "事故调查" });
        let proposed = change(&maker, &id, &suspend);
        assert_eq!((proposed.status.as_u16(), &proposed.body["state"]), (202, &json!("proposed")));
        assert_eq!(status(&maker, &id), "valid", "nothing happens before it is approved");

        let approval = proposed.body["approval"].as_str().unwrap();
        let decision = format!("/approvals/{approval}/decision");
        assert_eq!(maker.post(&decision, &json!({ "approve": true })).code(), "own_request");
        let city = demo.user("regulator_city");
        assert_eq!(city.post(&decision, &json!({ "approve": true })).status, 404, "another office");
        let waiting = checker.get("/approvals");
        assert_eq!(waiting.items()[0]["action"], "certificate.suspend");
        let approved = checker.post(&decision, &json!({ "approve": true }));
        assert_eq!(approved.body["state"], "approved", "{}", approved.text);
        assert_eq!(checker.post(&decision, &json!({ "approve": true })).code(), "already_decided");

        assert_eq!(status(&maker, &id), "suspended");
        let suspended = maker.search(&json!({ "status": ["suspended"], "page_size": 100 }));
        assert!(suspended.items().iter().any(|row| row["id"] == id.as_str()), "searches know it too");
        let again = change(&maker, &id, &suspend);
        assert_eq!((again.status.as_u16(), again.code()), (409, "transition_not_allowed"));
        id
    };
    demo.kill_and_restart();
    let county = demo.user("regulator_county");
    assert_eq!(status(&county, &id), "suspended");
    let before = county.get(&format!("/certificates/{id}?on=2026-01-04"));
    assert_eq!(before.body["status"]["code"], "valid");
    let as_known_then = county.get(&format!("/certificates/{id}?on=2026-06-01&known=2026-06-01"));
    assert_eq!(as_known_then.body["status"]["code"], "valid", "nobody knew of it in June");
    assert_eq!(county.get(&format!("/certificates/{id}?on=2026-06-01")).body["status"]["code"], "suspended");
}

/// The demo's certificates that were renewed, and what is known of them.
fn renewed(user: &User<'_>) -> Value {
    let found = user.search(&json!({ "status": ["valid"], "type": ["mem_special_ops"], "page_size": 100 }));
    let details =
        found.items().iter().map(|row| user.get(&format!("/certificates/{}", text(row, "id"))).body);
    let is_renewed = |detail: &Value| events(detail).iter().any(|event| event["kind"] == "renewed");
    details.into_iter().find(is_renewed).expect("some of a hundred certificates were renewed")
}

fn events(detail: &Value) -> &[Value] {
    detail["events"].as_array().unwrap()
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().unwrap()
}

#[test]
fn the_past_is_shown_with_the_dates_and_events_known_then() {
    let nation = crate::demo::shared().user("regulator_national");
    let today = renewed(&nation);
    let first = &events(&today)[0];
    let recorded: chrono::DateTime<chrono::Utc> = text(first, "recorded_at").parse().unwrap();
    let known = recorded.with_timezone(&chrono_tz::Asia::Shanghai).date_naive();
    let on = text(&first["terms"], "valid_from");
    let then = nation.get(&format!("/certificates/{}?on={on}&known={known}", text(&today, "id"))).body;
    assert_eq!(then["status"]["code"], "valid", "{then}");
    for date in ["issued_on", "valid_from", "valid_until", "review_due_on"] {
        assert_eq!(then[date], first["terms"][date], "{date}");
    }
    assert_ne!(then["valid_until"], today["valid_until"]);
    assert_eq!(events(&then), std::slice::from_ref(first), "what came later was not known");
}

#[test]
fn a_change_names_the_version_it_was_made_for() {
    let demo = crate::demo::shared();
    let county = demo.user("regulator_county");
    let id = own_certificate(&county);
    let body = json!({ "action": "review", "effective_on": "2026-11-01", "next_due_on": null });
    let path = format!("/certificates/{id}/changes");
    assert_eq!(county.post(&path, &body).code(), "version_needed");
    let stale = county.send(Method::POST, &path, &[("if-match", "\"99-x\"")], Some(&body));
    assert_eq!((stale.status.as_u16(), stale.code()), (409, "version_conflict"));
}

#[test]
fn what_one_may_see_but_did_not_issue_one_may_not_change() {
    let demo = crate::demo::shared();
    let city = demo.user("regulator_city");
    let county = demo.user("regulator_county");
    let id = own_certificate(&county);
    let body = json!({ "action": "revoke", "effective_on": "2026-11-01", "reason": "x" });
    let refused = change(&city, &id, &body);
    assert_eq!((refused.status.as_u16(), refused.code()), (403, "not_permitted"));
}

#[test]
fn the_same_key_does_a_thing_once() {
    let demo = crate::demo::shared();
    let county = demo.user("regulator_county");
    let id = own_certificate(&county);
    let tag = county.get(&format!("/certificates/{id}")).headers["etag"].to_str().unwrap().to_owned();
    let send = |reason: &str| {
        let body = json!({ "action": "suspend", "effective_on": "2026-11-01", "reason": reason });
        let headers = [("if-match", tag.as_str()), ("idempotency-key", "one-key")];
        county.send(Method::POST, &format!("/certificates/{id}/changes"), &headers, Some(&body))
    };
    let (first, second) = (send("a"), send("a"));
    assert_eq!(first.body["approval"], second.body["approval"]);
    assert!(first.body["approval"].is_string());
    assert_eq!(send("b").code(), "idempotency_mismatch");

    let auditor = demo.user("audit_admin");
    let suspensions =
        || auditor.get(&format!("/audit?action=certificate.suspend&object={id}")).items().to_vec();
    wait_for(suspensions, |record| record["outcome"] == "allowed" && record["purpose"] == "repeated");
}

#[test]
fn a_correction_tells_days_that_can_have_been() {
    let demo = Demo::start();
    let (maker, checker) = (demo.user("regulator_county"), demo.user("regulator_county_checker"));
    let id = own_certificate(&maker);
    let record = maker.get(&format!("/certificates/{id}")).body;
    let issued: chrono::NaiveDate = text(&record, "issued_on").parse().unwrap();
    let correct = |issued_on: chrono::NaiveDate, valid_from: chrono::NaiveDate| {
        let body = json!({
            "action": "correct", "effective_on": issued_on.min(issued), "issued_on": issued_on,
            "valid_from": valid_from, "valid_until": record["valid_until"],
            "review_due_on": record["review_due_on"], "reason": "录入有误",
        });
        change(&maker, &id, &body)
    };
    let future = "2035-01-01".parse().unwrap();
    assert_eq!(correct(future, future).code(), "in_future");
    assert_eq!(correct(issued, issued - chrono::Days::new(1)).code(), "before_issue");
    // A year too late on record: it held from its true day on.
    let truly = issued - chrono::Months::new(12);
    let proposed = correct(truly, truly);
    assert_eq!(proposed.status, 202, "{}", proposed.text);
    let decision = format!("/approvals/{}/decision", text(&proposed.body, "approval"));
    assert_eq!(checker.post(&decision, &json!({ "approve": true })).body["state"], "approved");
    let corrected = maker.get(&format!("/certificates/{id}")).body;
    assert_eq!(corrected["issued_on"], truly.to_string());
    let then = maker.get(&format!("/certificates/{id}?on={}", issued - chrono::Days::new(30)));
    assert_eq!(then.body["status"]["code"], "valid", "{}", then.text);
}
