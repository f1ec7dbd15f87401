//! Second factors: who needs one, how it is set up, and that what is good once is good once.

use crate::{
    demo::{Demo, PASSWORD},
    identity::{Authenticator, add, delete, go_on, policy, registry, second_factor, sign_in, user},
};
use serde_json::json;
use std::thread;

#[test]
fn an_office_without_a_second_factor_can_set_one_up_and_nothing_else() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let begun = sign_in(&demo, "regulator_county", PASSWORD);
    assert_eq!(begun.body["confined"], "factor_needed", "{}", begun.text);
    let confined = user(&demo, &begun);
    let search = confined.search(&json!({ "name": "张伟" }));
    assert_eq!((search.status.as_u16(), search.code()), (403, "factor_needed"));
    assert_eq!(confined.get("/me").body["permissions"], json!([]));

    let authenticator = Authenticator::set_up(&confined);
    assert_eq!(authenticator.recovery_codes.len(), 10);
    assert_eq!(confined.search(&json!({ "name": "张伟" })).status, 200, "the session is a full one now");

    let first = sign_in(&demo, "regulator_county", PASSWORD);
    assert_eq!((first.status.as_u16(), &first.body["token"]), (202, &json!(null)), "{}", first.text);
    assert_eq!(first.body["factors"], json!(["totp", "recovery_code"]));
    let second = go_on(&demo, &first, &json!({ "totp": authenticator.next_code() }));
    assert_eq!(second.body["confined"], json!(null), "{}", second.text);
    assert_eq!(user(&demo, &second).search(&json!({ "name": "张伟" })).status, 200);
}

#[test]
fn what_is_no_proof_of_this_account_opens_nothing() {
    let (demo, _files) = registry(&[], &["regulator_county", "system_admin"]);
    let one = Authenticator::set_up(&user(&demo, &sign_in(&demo, "regulator_county", PASSWORD)));
    let other = Authenticator::set_up(&user(&demo, &sign_in(&demo, "system_admin", PASSWORD)));
    let first = sign_in(&demo, "regulator_county", PASSWORD);
    for proof in [
        json!({ "totp": one.code() }),
        json!({ "totp": other.next_code() }),
        json!({ "recovery_code": other.recovery_codes[0] }),
        json!({ "password": PASSWORD }),
    ] {
        let refused = go_on(&demo, &first, &proof);
        assert_eq!((refused.status.as_u16(), refused.code()), (401, "factor_failed"), "{proof}");
    }
    let begun = go_on(&demo, &first, &json!({ "totp": one.next_code() }));
    assert_eq!(begun.status, 200, "{}", begun.text);
    let again = go_on(&demo, &first, &json!({ "recovery_code": one.recovery_codes[0] }));
    assert_eq!(again.code(), "sign_in_lapsed", "one password opens one session");
    let invented = json!({ "pending": "invented", "proof": { "totp": one.next_code() } });
    assert_eq!(demo.visitor().post("/session/second-factor", &invented).code(), "sign_in_lapsed");
}

#[test]
fn five_wrong_second_factors_lock_them_and_not_the_session_that_is_open() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let authenticator = Authenticator::set_up(&open);
    let first = sign_in(&demo, "regulator_county", PASSWORD);
    for _ in 0..5 {
        assert_eq!(go_on(&demo, &first, &json!({ "totp": "000000" })).code(), "factor_failed");
    }
    let locked = go_on(&demo, &first, &json!({ "totp": authenticator.next_code() }));
    assert_eq!((locked.status.as_u16(), locked.code()), (429, "locked"));
    assert_eq!(open.get("/me").status, 200);
}

#[test]
fn a_recovery_code_is_good_once_and_new_ones_replace_the_old() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let authenticator = Authenticator::set_up(&open);
    let code = |code: &str| json!({ "recovery_code": code });
    let [first, second, ..] = authenticator.recovery_codes.as_slice() else { panic!("there are ten") };
    assert_eq!(second_factor(&demo, "regulator_county", &code(&first.to_lowercase())).status, 200);
    assert_eq!(second_factor(&demo, "regulator_county", &code(first)).code(), "factor_failed");
    assert_eq!(open.get("/me/factors").body["recovery_codes_left"], 9);

    let renewed = open.post("/me/recovery-codes", &json!({}));
    let renewed = renewed.body["recovery_codes"].as_array().unwrap().clone();
    assert_eq!(second_factor(&demo, "regulator_county", &code(second)).code(), "factor_failed");
    let begun = second_factor(&demo, "regulator_county", &code(renewed[0].as_str().unwrap()));
    assert_eq!(begun.status, 200, "{}", begun.text);
}

#[test]
fn of_two_instances_shown_the_same_code_at_once_one_takes_it() {
    let dir = tempfile::tempdir().unwrap();
    let database = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", database.path().join("shared.db").display());
    let policy = policy(database.path(), &[("sessions = 5", "sessions = 50")]);
    let settings =
        [("ANZHENG__STORE__URL", url.as_str()), ("ANZHENG__SIGN_IN__POLICY_FILE", policy.to_str().unwrap())];
    add(dir.path(), &settings[..1], "clerk", "regulator_county");
    let (one, other) = two_instances(dir, &settings);
    let authenticator = Authenticator::set_up(&user(&one, &sign_in(&one, "clerk", PASSWORD)));

    // Two sign-ins on either side have come as far as the second factor; the fifth would lock the login.
    let pending: Vec<_> =
        (0..2).flat_map(|_| [&one, &other]).map(|demo| (demo, sign_in(demo, "clerk", PASSWORD))).collect();
    let proof = json!({ "totp": authenticator.next_code() });
    let answers: Vec<_> = thread::scope(|scope| {
        let asked = pending.iter().map(|(demo, first)| scope.spawn(|| go_on(demo, first, &proof)));
        let asked: Vec<_> = asked.collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    });
    let begun = answers.iter().filter(|answer| answer.status == 200).count();
    let codes: Vec<_> = answers.iter().map(super::demo::Answer::code).collect();
    assert_eq!(begun, 1, "{codes:?}");
    assert!(codes.iter().all(|code| ["", "factor_failed", "locked"].contains(code)), "{codes:?}");
}

/// Two processes on one database, with the same keys.
pub fn two_instances(dir: tempfile::TempDir, settings: &[(&str, &str)]) -> (Demo, Demo) {
    let beside = tempfile::tempdir().unwrap();
    let keys = beside.path().join("keys");
    std::fs::create_dir(&keys).unwrap();
    for file in std::fs::read_dir(dir.path().join("keys")).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), keys.join(file.file_name())).unwrap();
    }
    (Demo::serve(dir, settings), Demo::serve(beside, settings))
}

#[test]
fn what_the_role_cannot_do_without_stays_and_other_sessions_end_with_a_factor() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let first = Authenticator::set_up(&open);
    let elsewhere =
        user(&demo, &second_factor(&demo, "regulator_county", &json!({ "totp": first.next_code() })));
    let kept = delete(&open, &format!("/me/factors/{}", first.id));
    assert_eq!((kept.status.as_u16(), kept.code()), (409, "last_factor"));

    let second = Authenticator::set_up(&open);
    assert!(second.recovery_codes.is_empty(), "there are some");
    assert_eq!(elsewhere.get("/me").code(), "sign_in_required");
    assert_eq!(delete(&open, &format!("/me/factors/{}", first.id)).status, 204);
    let factors = open.get("/me/factors").body;
    assert_eq!(factors["items"].as_array().unwrap().len(), 1);
    assert_eq!(factors["items"][0]["id"], second.id.as_str());
    assert_eq!(delete(&open, &format!("/me/factors/{}", first.id)).code(), "not_found");
}

#[test]
fn a_person_is_asked_for_the_second_factor_they_set_up_although_the_role_needs_none() {
    let (demo, _files) = registry(&[], &["public"]);
    assert_eq!(sign_in(&demo, "public", PASSWORD).status, 200);
    let (demo, _files) = registry(
        &[(
            "[role.public]\npassword = \"modern\"\nways = [",
            "[role.public]\npassword = \"modern\"\nways = [\"password + totp\", ",
        )],
        &["public"],
    );
    let open = user(&demo, &sign_in(&demo, "public", PASSWORD));
    let authenticator = Authenticator::set_up(&open);
    assert_eq!(sign_in(&demo, "public", PASSWORD).body["factors"], json!(["totp"]));
    assert_eq!(delete(&open, &format!("/me/factors/{}", authenticator.id)).status, 204);
    assert_eq!(sign_in(&demo, "public", PASSWORD).status, 200, "without it the password is enough again");
    assert_eq!(open.get("/me/factors").body["recovery_codes_left"], 0);
}

#[test]
fn a_step_up_takes_the_factor_of_the_role() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let authenticator = Authenticator::set_up(&open);
    let by_password = open.post("/session/step-up", &json!({ "password": PASSWORD }));
    assert_eq!((by_password.status.as_u16(), by_password.code()), (400, "factor_not_enough"));
    let used = open.post("/session/step-up", &json!({ "totp": authenticator.code() }));
    assert_eq!(used.code(), "factor_failed", "it was used to set the authenticator up");
    let fresh = open.post("/session/step-up", &json!({ "totp": authenticator.next_code() }));
    assert_eq!(fresh.status, 200, "{}", fresh.text);
    let nonsense = open.post("/session/step-up", &json!({ "totp": "1", "password": "2" }));
    assert_eq!(nonsense.status, 400);
}

#[test]
fn an_authenticator_counts_once_its_code_was_seen() {
    let (demo, _files) = registry(&[], &["regulator_county", "system_admin"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let begun = open.post("/me/factors/totp", &json!({}));
    let path = format!("/me/factors/{}/confirmation", begun.body["id"].as_str().unwrap());
    assert_eq!(open.post(&path, &json!({ "code": "000000" })).code(), "code_wrong");
    let stranger = user(&demo, &sign_in(&demo, "system_admin", PASSWORD));
    assert_eq!(stranger.post(&path, &json!({ "code": "000000" })).code(), "not_found");
    assert_eq!(open.get("/me/factors").body["items"], json!([]));
    assert_eq!(sign_in(&demo, "regulator_county", PASSWORD).body["confined"], "factor_needed");
}
