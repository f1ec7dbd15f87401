//! Passwords: chosen anew, reset, outlived.

use crate::{
    demo::{PASSWORD, anzheng},
    identity::{Authenticator, go_on, registry, sign_in, user},
};
use serde_json::json;

const NEW: &str = "Mule-harbour-19";

#[test]
fn a_new_password_ends_every_session_and_takes_none_used_before() {
    let (demo, _files) = registry(&[], &["public"]);
    let elsewhere = user(&demo, &sign_in(&demo, "public", PASSWORD));
    let open = user(&demo, &sign_in(&demo, "public", PASSWORD));
    let change = |old: &str, new: &str| open.post("/me/password", &json!({ "old": old, "new": new }));
    assert_eq!(change("wrong-password-1", NEW).code(), "sign_in_failed");
    for (new, code) in [
        ("too short", "password_too_short"),
        ("iloveyouiloveyou", "password_guessable"),
        ("the public harbour", "password_holds_login"),
        (PASSWORD, "password_used_before"),
    ] {
        let refused = change(PASSWORD, new);
        assert_eq!((refused.status.as_u16(), refused.code()), (400, code), "{new}");
    }
    let changed = change(PASSWORD, NEW);
    let again = user(&demo, &changed);
    assert_eq!(
        (open.get("/me").code(), elsewhere.get("/me").code()),
        ("sign_in_required", "sign_in_required")
    );
    let same = again.post("/me/password", &json!({ "old": NEW, "new": NEW }));
    assert_eq!(same.code(), "password_used_before");
    assert_eq!(sign_in(&demo, "public", PASSWORD).code(), "sign_in_failed");
    assert_eq!(sign_in(&demo, "public", NEW).status, 200);
}

#[test]
fn staff_take_none_of_their_last_passwords_and_keep_what_they_have_proven() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let begun = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    Authenticator::set_up(&begun);
    let mut open = begun;
    let mut old = PASSWORD.to_owned();
    let names = ["Mule", "Lantern", "Walnut"];
    for name in names {
        let new = format!("{name}-harbour-19");
        let changed = open.post("/me/password", &json!({ "old": old, "new": new }));
        open = user(&demo, &changed);
        assert_eq!(open.search(&json!({ "name": "张伟" })).status, 200, "two factors are proven");
        old = new;
    }
    let back = open.post("/me/password", &json!({ "old": old, "new": "Mule-harbour-19" }));
    assert_eq!(back.code(), "password_used_before");
}

#[test]
fn an_outlived_password_leads_to_its_change_only() {
    let (demo, _files) = registry(
        &[
            ("max_age_days = 90", "max_age_days = 0"),
            (
                "\"password + totp\", \"password + passkey\", \"password + recovery_code\"]\nstep_up = [\"totp\"",
                "\"password\"]\nstep_up = [\"password\"",
            ),
        ],
        &["regulator_county"],
    );
    let begun = sign_in(&demo, "regulator_county", PASSWORD);
    assert_eq!(begun.body["confined"], "password_change_needed", "{}", begun.text);
    let confined = user(&demo, &begun);
    for (code, answer) in [
        ("password_change_needed", confined.search(&json!({ "name": "张伟" }))),
        ("password_change_needed", confined.post("/me/factors/totp", &json!({}))),
    ] {
        assert_eq!((answer.status.as_u16(), answer.code()), (403, code));
    }
    let changed = confined.post("/me/password", &json!({ "old": PASSWORD, "new": NEW }));
    assert_eq!(changed.body["confined"], json!(null), "{}", changed.text);
    assert_eq!(user(&demo, &changed).search(&json!({ "name": "张伟" })).status, 200);
}

#[test]
fn an_administrator_has_a_token_made_that_is_good_once_and_is_no_second_factor() {
    let (demo, _files) = registry(&[], &["system_admin", "regulator_county"]);
    let admin = user(&demo, &sign_in(&demo, "system_admin", PASSWORD));
    Authenticator::set_up(&admin);
    let clerk = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let authenticator = Authenticator::set_up(&clerk);
    let reset = |user: &crate::demo::User<'_>, login: &str| {
        user.post("/accounts/password-reset", &json!({ "login": login }))
    };
    assert_eq!(reset(&clerk, "system_admin").status, 403);
    assert_eq!(reset(&admin, "nobody").code(), "not_found");
    let made = reset(&admin, "Regulator_County");
    assert_eq!(made.status, 200, "{}", made.text);
    assert_eq!(clerk.get("/me").code(), "sign_in_required");

    let choose = |token: &str, password: &str| {
        demo.visitor().post("/session/password", &json!({ "token": token, "password": password }))
    };
    let token = made.body["token"].as_str().unwrap();
    assert_eq!(choose("invented", NEW).code(), "reset_invalid");
    assert_eq!(choose(token, "short").code(), "password_too_short", "it is not used up by a mistake");
    assert_eq!(choose(token, NEW).status, 204);
    assert_eq!(choose(token, "Lantern-harbour-19").code(), "reset_invalid");
    let first = sign_in(&demo, "regulator_county", NEW);
    assert_eq!(first.status, 202, "{}", first.text);
    assert_eq!(go_on(&demo, &first, &json!({ "totp": authenticator.next_code() })).status, 200);
}

#[test]
fn the_console_makes_a_token_beside_the_server() {
    let (demo, _files) = registry(&[], &["public"]);
    let output = anzheng()
        .args(["user", "reset-password", "--login", "public", "--data-dir"])
        .arg(demo.data_dir())
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let token = printed.lines().next().unwrap();
    let chosen = demo.visitor().post("/session/password", &json!({ "token": token, "password": NEW }));
    assert_eq!(chosen.status, 204, "{}", chosen.text);
    assert_eq!(sign_in(&demo, "public", NEW).status, 200);
}

#[test]
fn a_password_changed_meanwhile_ends_a_sign_in_that_waits_for_its_second_factor() {
    let (demo, _files) = registry(&[], &["regulator_county"]);
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    let authenticator = Authenticator::set_up(&open);
    let waiting = sign_in(&demo, "regulator_county", PASSWORD);
    assert_eq!(open.post("/me/password", &json!({ "old": PASSWORD, "new": NEW })).status, 200);
    let late = go_on(&demo, &waiting, &json!({ "recovery_code": authenticator.recovery_codes[0] }));
    assert_eq!(late.code(), "sign_in_lapsed");
    assert_eq!(sign_in(&demo, "regulator_county", PASSWORD).code(), "sign_in_failed");
}

#[test]
fn a_login_that_exists_is_answered_like_one_that_does_not() {
    let (demo, _files) = registry(&[], &["regulator_county", "system_admin"]);
    // One with a second factor, one without, one that is not there: status, body and headers of each attempt.
    let open = user(&demo, &sign_in(&demo, "regulator_county", PASSWORD));
    Authenticator::set_up(&open);
    let logins = ["regulator_county", "system_admin", "nobody"];
    let attempts = |login: &str| -> Vec<_> {
        let told = (0..7).map(|_| {
            let answer = sign_in(&demo, login, "wrong-password-1");
            let mut body = answer.body.clone();
            for of_the_moment in ["request_id", "params"] {
                body[of_the_moment].take();
            }
            let headers: Vec<_> = answer.headers.keys().map(|name| name.as_str().to_owned()).collect();
            (answer.status, body, headers)
        });
        told.collect()
    };
    let [known, other, unknown] = logins.map(attempts);
    assert_eq!(known, unknown);
    assert_eq!(other, unknown);
    assert_eq!(unknown[6].0, 429, "locked, all of them");
}
