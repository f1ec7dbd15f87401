//! What of the audit each role may read: asked of the server role by role, and compared with what the
//! audit administrator sees of the same records.

use crate::{
    access::everything,
    audit::wait_for,
    demo::{Demo, User},
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

const ENTERPRISE: [&str; 3] = ["enterprise_admin", "enterprise_member", "api_client"];
const SECURITY_REASONS: [&str; 4] =
    ["not_permitted", "sign_in_required", "step_up_required", "sign_in_failed"];

/// A reader, with what the records are that they may see.
struct Reader<'a> {
    role: &'a str,
    me: Value,
    own_certificates: BTreeSet<String>,
}

impl Reader<'_> {
    fn owns(&self, certificate: &Value) -> bool {
        certificate.as_str().is_some_and(|id| self.own_certificates.contains(id))
    }

    fn may_see(&self, record: &Value) -> bool {
        let enterprise = ENTERPRISE.contains(&record["role"].as_str().unwrap());
        let region = record["object_region"].as_str();
        let mine = self.me["region"].as_str().unwrap_or_default();
        let within = |digits: usize| {
            enterprise && region.is_some_and(|region| region.get(..digits) == mine.get(..digits))
        };
        match self.role {
            "audit_admin" => true,
            "individual" => shown(record).chain([&record["object"]]).any(|id| self.owns(id)),
            "enterprise_admin" => record["organisation"] == self.me["organisation"],
            "regulator_county" => within(6),
            "regulator_city" => within(4),
            "regulator_province" => within(2),
            "regulator_national" => enterprise,
            "security_admin" => is_security_event(record),
            "enterprise_member" | "api_client" | "system_admin" => record["account"] == self.me["account"],
            _ => false,
        }
    }
}

/// The certificates of a list that was shown.
fn shown(record: &Value) -> impl Iterator<Item = &Value> {
    record["shown"].as_array().into_iter().flatten()
}

fn is_security_event(record: &Value) -> bool {
    let action = record["action"].as_str().unwrap();
    let signing = ["session.begin", "session.end", "session.step_up"].contains(&action);
    let of_the_system = ["account.", "keys.", "seals.", "store."].iter().any(|kind| action.starts_with(kind));
    let reason = record["reason"].as_str();
    signing || of_the_system || reason.is_some_and(|reason| SECURITY_REASONS.contains(&reason))
}

/// Every role does what it may and some of what it may not. The certificates of the organisation
/// are looked at by the organisation, all of the individual's by the nation.
fn let_all_act(demo: &Demo) {
    for role in demo.roles() {
        let user = demo.user(role);
        let list = user.search(&json!({ "page_size": 10 }));
        for row in list.items() {
            let id = row["id"].as_str().unwrap();
            user.get(&format!("/certificates/{id}"));
            let case = json!({ "field": "phone", "purpose": "complaint", "case": "2026-17" });
            user.post(&format!("/certificates/{id}/unmask"), &case);
        }
        user.search(&json!({ "q": "11010519491231002X" }));
    }
    let nation = demo.user("regulator_national");
    for row in demo.user("individual").search(&json!({})).items() {
        nation.get(&format!("/certificates/{}", row["id"].as_str().unwrap()));
    }
    demo.visitor().search(&json!({}));
    let wrong = json!({ "login": "nobody", "password": "wrong-password-1" });
    assert_eq!(demo.visitor().post("/session", &wrong).status, 401);
}

/// All that the filter opens before this position, page by page.
fn read(user: &User<'_>, filter: &str, end: u64, page: usize) -> Vec<Value> {
    let mut records: Vec<Value> = Vec::new();
    let mut before = end;
    loop {
        let answer = user.get(&format!("/audit?limit={page}&before={before}{filter}"));
        assert_eq!(answer.status, 200, "{}", answer.text);
        records.extend(answer.items().to_vec());
        match answer.body["next_before"].as_u64() {
            Some(next) => before = next,
            None => return records,
        }
    }
}

fn positions<'a>(records: impl IntoIterator<Item = &'a Value>) -> Vec<u64> {
    records.into_iter().map(|record| record["seq"].as_u64().unwrap()).collect()
}

/// A position up to which all records of what has been done so far can be read.
fn settled(auditor: &User<'_>) -> u64 {
    let marker = auditor.get("/audit?limit=1&action=account.claim");
    let request = marker.headers["x-request-id"].to_str().unwrap().to_owned();
    let newest = || auditor.get("/audit?limit=200&role=audit_admin&action=audit.list").items().to_vec();
    wait_for(newest, |record| record["request"] == request.as_str())["seq"].as_u64().unwrap()
}

/// Only one's own records show address and port; others the network, and to a person nothing.
fn shows_no_address_of_others(reader: &Reader<'_>, record: &Value) {
    let source = record["source"].as_str().unwrap();
    let shown = if record["account"] == reader.me["account"] {
        source.starts_with("127.0.0.1:")
    } else if reader.role == "individual" {
        source.is_empty()
    } else {
        ["127.0.0.*", "cli", "job"].contains(&source)
    };
    assert!(shown, "{} reads {record}", reader.role);
}

#[test]
fn each_role_reads_its_own_part_of_the_audit_and_nothing_else() {
    let demo = Demo::start();
    let_all_act(&demo);
    let auditor = demo.user("audit_admin");
    let end = settled(&auditor);
    let all = read(&auditor, "", end, 200);
    assert_eq!(positions(&all), (0..end).rev().collect::<Vec<_>>(), "the audit administrator sees all");

    for role in demo.roles() {
        let user = demo.user(role);
        if role == "public" {
            assert_eq!(user.get("/audit").code(), "sign_in_required");
            continue;
        }
        let own = user.search(&json!({ "page_size": 100 }));
        let ids = own.items().iter().map(|row| row["id"].as_str().unwrap().to_owned());
        let me = user.get("/me").body;
        let reader = Reader { role, me, own_certificates: ids.collect() };
        let open: Vec<_> = all.iter().filter(|record| reader.may_see(record)).collect();
        assert!(!open.is_empty(), "{role} has nothing to read");
        let seen = read(&user, "", end, 7);
        assert_eq!(positions(&seen), positions(open.iter().copied()), "{role}");
        for record in &seen {
            shows_no_address_of_others(&reader, record);
            let knows = role != "individual" || shown(record).all(|id| reader.owns(id));
            assert!(knows, "{role} reads who else was in a list: {record}");
        }

        for filter in [
            "&outcome=refused",
            "&outcome=allowed&action=certificate.view",
            "&role=enterprise_admin",
            "&from=2100-01-01T00:00:00Z",
            "&to=2100-01-01T00:00:00Z",
        ] {
            let asked = positions(&read(&auditor, filter, end, 200));
            let expected: Vec<u64> =
                positions(open.iter().copied()).into_iter().filter(|seq| asked.contains(seq)).collect();
            assert_eq!(positions(&read(&user, filter, end, 7)), expected, "{role} {filter}");
        }
        let count = user.get("/audit?limit=1").body["indexed"].is_u64();
        assert_eq!(count, role == "audit_admin", "{role}: how many records others have made");
    }
}

#[test]
fn objects_are_on_record_with_their_region() {
    let demo = crate::demo::shared();
    let regions: BTreeMap<_, _> = everything("regulator_national")
        .into_iter()
        .map(|row| (row["id"].as_str().unwrap().to_owned(), row["region"].clone()))
        .collect();
    let enterprise = demo.user("enterprise_admin");
    let id = enterprise.search(&json!({})).items()[0]["id"].as_str().unwrap().to_owned();
    enterprise.get(&format!("/certificates/{id}"));
    let auditor = demo.user("audit_admin");
    let filter = format!("/audit?limit=200&action=certificate.view&role=enterprise_admin&object={id}");
    let record = wait_for(|| auditor.get(&filter).items().to_vec(), |record| record["object"] == id.as_str());
    assert_eq!(record["object_region"], regions[&id]);
}

#[test]
fn a_person_sees_that_an_office_looked_and_not_which_colleague() {
    let demo = crate::demo::shared();
    let nation = demo.user("regulator_national");
    let individual = demo.user("individual");
    let id = individual.search(&json!({})).items()[0]["id"].as_str().unwrap().to_owned();
    nation.get(&format!("/certificates/{id}"));
    let looks = || individual.get("/audit?limit=200&role=regulator_national").items().to_vec();
    let look = wait_for(looks, |record| record["object"] == id.as_str());
    assert_eq!((&look["role"], &look["action"]), (&json!("regulator_national"), &json!("certificate.view")));
    assert_eq!(look["source"], "");
    for field in ["account", "session", "device"] {
        assert!(look[field].is_null(), "{field} in {look}");
    }
    let auditor = demo.user("audit_admin");
    let filter = format!("/audit?limit=1&role=regulator_national&object={id}");
    let account = auditor.get(&filter).items()[0]["account"].as_str().unwrap().to_owned();
    let guessed = individual.get(&format!("/audit?account={account}"));
    assert_eq!((guessed.status.as_u16(), guessed.items().len()), (200, 0));
}

#[test]
fn a_person_sees_who_had_them_in_a_list_and_nobody_else_of_it() {
    let demo = crate::demo::shared();
    let (nation, individual) = (demo.user("regulator_national"), demo.user("individual"));
    let mine = individual.search(&json!({})).items()[0].clone();
    let id = mine["id"].as_str().unwrap();
    // A list of those that end on the same day, and as many later ones as fill a page.
    let end = json!({ "from": mine["valid_until"] });
    let query = json!({ "valid_until": end, "sort": "valid_until", "page_size": 100 });
    let list = nation.search(&query);
    assert!(list.items().len() > 1 && list.items().iter().any(|row| row["id"] == id));
    let request = list.headers["x-request-id"].to_str().unwrap();
    let looks = || individual.get("/audit?limit=200&action=certificate.search").items().to_vec();
    let look = wait_for(looks, |record| record["request"] == request);
    let own: Vec<Value> = individual.search(&json!({})).items().iter().map(|row| row["id"].clone()).collect();
    assert!(shown(&look).any(|shown| shown == id) && shown(&look).all(|shown| own.contains(shown)), "{look}");
    let other = list.items().iter().find(|row| !own.contains(&row["id"])).unwrap();
    let beside = individual.get(&format!("/audit?object={}", other["id"].as_str().unwrap()));
    assert_eq!((beside.status.as_u16(), beside.items().len()), (200, 0), "who stood beside one");
    // Who sees all of it sees all of the list.
    let auditor = demo.user("audit_admin").get(&format!("/audit?limit=200&object={id}"));
    let whole = auditor.items().iter().find(|record| record["request"] == request).unwrap();
    assert_eq!(shown(whole).count(), list.items().len());
}

#[test]
fn only_the_audit_administrator_and_who_asked_read_what_was_asked() {
    let demo = crate::demo::shared();
    let enterprise = demo.user("enterprise_member");
    enterprise.search(&json!({ "name": "张伟" }));
    let searches = "/audit?limit=200&action=certificate.search&role=enterprise_member";
    let own = wait_for(|| enterprise.get(searches).items().to_vec(), |record| record["keywords"].is_string());
    assert!(!own["keywords"].as_str().unwrap().contains("张伟"), "{own}");
    for role in ["enterprise_admin", "regulator_national"] {
        let seen = demo.user(role).get(searches);
        assert!(!seen.items().is_empty(), "{role}");
        assert!(seen.items().iter().all(|record| record.get("keywords").is_none()), "{role}");
    }
}
