//! Where one is signed in, and an end to it.

use crate::{
    demo::{Answer, Demo, PASSWORD, User},
    identity::{add, delete, policy, registry, sign_in, user},
    second_factor::two_instances,
};
use serde_json::json;
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

fn sessions(user: &User<'_>) -> Vec<serde_json::Value> {
    user.get("/me/sessions").items().to_vec()
}

#[test]
fn one_sees_where_one_is_signed_in_and_ends_one_or_all() {
    let (demo, _files) = registry(&[], &["public"]);
    let [first, second, third] = [(); 3].map(|()| user(&demo, &sign_in(&demo, "public", PASSWORD)));
    let listed = sessions(&third);
    assert_eq!(listed.len(), 3);
    assert_eq!(listed[0]["current"], true, "newest first");
    assert!(listed[1..].iter().all(|session| session["current"] == false));
    assert!(listed.iter().all(|session| session["source"] == "127.0.0.1"));

    let id = |user: &User<'_>| {
        let current = sessions(user).into_iter().find(|session| session["current"] == true).unwrap();
        current["id"].as_str().unwrap().to_owned()
    };
    let path = format!("/me/sessions/{}", id(&first));
    assert_eq!(delete(&third, &path).status, 204);
    assert_eq!(first.get("/me").code(), "sign_in_required");
    assert_eq!(delete(&third, &path).code(), "not_found");
    assert_eq!(second.get("/me").status, 200);

    let ended = delete(&third, "/me/sessions");
    assert_eq!(ended.status, 204);
    assert!(ended.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    assert_eq!((second.get("/me").code(), third.get("/me").code()), ("sign_in_required", "sign_in_required"));
}

#[test]
fn nobody_ends_the_session_of_somebody_else() {
    let (demo, _files) = registry(&[], &["public", "system_admin"]);
    let mine = user(&demo, &sign_in(&demo, "public", PASSWORD));
    let path = format!("/me/sessions/{}", sessions(&mine)[0]["id"].as_str().unwrap());
    let other = user(&demo, &sign_in(&demo, "system_admin", PASSWORD));
    assert_eq!(delete(&other, &path).code(), "not_found");
    assert_eq!(delete(&demo.visitor(), &path).code(), "sign_in_required");
    assert_eq!(mine.get("/me").status, 200);
}

#[test]
fn limits_of_sessions_are_the_policy_s() {
    let begins = |changes: &[(&str, &str)]| {
        let (demo, files) = registry(changes, &["public"]);
        let token = sign_in(&demo, "public", PASSWORD).body["token"].as_str().unwrap().to_owned();
        let code = demo.with_token(&token).get("/me").code().to_owned();
        drop((demo, files));
        code
    };
    assert_eq!(begins(&[]), "");
    assert_eq!(begins(&[("idle_minutes = 30", "idle_minutes = 0")]), "sign_in_required");
    assert_eq!(begins(&[("absolute_hours = 12", "absolute_hours = 0")]), "sign_in_required");

    let (demo, _files) = registry(&[("sessions = 5", "sessions = 2")], &["public"]);
    let [first, second, third] = [(); 3].map(|()| user(&demo, &sign_in(&demo, "public", PASSWORD)));
    assert_eq!(first.get("/me").code(), "sign_in_required", "the oldest has made room");
    assert_eq!((second.get("/me").status.as_u16(), third.get("/me").status.as_u16()), (200, 200));
}

#[test]
fn signing_out_everywhere_is_seen_by_every_instance_within_five_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let database = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}?mode=rwc", database.path().join("shared.db").display());
    let policy = policy(database.path(), &[]);
    let settings =
        [("ANZHENG__STORE__URL", url.as_str()), ("ANZHENG__SIGN_IN__POLICY_FILE", policy.to_str().unwrap())];
    add(dir.path(), &settings[..1], "clerk", "public");
    let (one, other) = two_instances(dir, &settings);
    let begun = sign_in(&one, "clerk", PASSWORD);
    let there = user(&other, &begun);
    assert_eq!(there.get("/me").status, 200);
    assert_eq!(delete(&user(&one, &begun), "/me/sessions").status, 204);
    let ended = Instant::now();
    while there.get("/me").status == 200 {
        assert!(ended.elapsed() < Duration::from_secs(5), "it goes on");
    }
    assert_eq!(there.get("/me").code(), "sign_in_required");
}

fn from_device(demo: &Demo, password: &str, device: &str) -> Answer {
    let body = json!({ "login": "public", "password": password, "device": device });
    demo.visitor().post("/session", &body)
}

#[test]
fn guesses_made_elsewhere_do_not_lock_a_known_device_out() {
    let (demo, _files) = registry(&[], &["public", "system_admin"]);
    let remember = |login: &str| {
        let body = json!({ "login": login, "password": PASSWORD, "remember_device": true });
        let begun = demo.visitor().post("/session", &body);
        let cookies: Vec<_> =
            begun.headers.get_all("set-cookie").iter().map(|it| it.to_str().unwrap()).collect();
        assert!(cookies.iter().any(|cookie| cookie.starts_with("__Host-anzheng_device=")), "{cookies:?}");
        begun
    };
    let begun = remember("public");
    let device = begun.body["device"].as_str().unwrap();
    let of_another = remember("system_admin").body["device"].as_str().unwrap().to_owned();
    for _ in 0..5 {
        assert_eq!(sign_in(&demo, "public", "wrong-password-1").code(), "sign_in_failed");
    }
    assert_eq!(sign_in(&demo, "public", PASSWORD).code(), "locked");
    assert_eq!(from_device(&demo, PASSWORD, &of_another).code(), "locked", "another's device is none");
    assert_eq!(from_device(&demo, PASSWORD, "invented").code(), "locked");
    assert_eq!(from_device(&demo, PASSWORD, device).status, 200);

    let cookie = format!("__Host-anzheng_device={device}");
    let body = json!({ "login": "public", "password": PASSWORD });
    let by_cookie =
        demo.visitor().send(reqwest::Method::POST, "/session", &[("cookie", &cookie)], Some(&body));
    assert_eq!(by_cookie.status, 200, "{}", by_cookie.text);
    for _ in 0..5 {
        assert_eq!(from_device(&demo, "wrong-password-1", device).code(), "sign_in_failed");
    }
    assert_eq!(from_device(&demo, PASSWORD, device).code(), "locked", "it has a count of its own");
}

#[test]
fn a_forgotten_device_is_known_no_more() {
    let (demo, _files) = registry(&[], &["public"]);
    let body = json!({ "login": "public", "password": PASSWORD, "remember_device": true });
    let begun = demo.visitor().post("/session", &body);
    let open = user(&demo, &begun);
    let devices = open.get("/me/devices");
    assert_eq!(devices.items().len(), 1, "{}", devices.text);
    let forget = format!("/me/factors/{}", devices.items()[0]["id"].as_str().unwrap());
    assert_eq!(delete(&open, &forget).status, 204);
    assert_eq!(open.get("/me/devices").items().len(), 0);
    for _ in 0..5 {
        sign_in(&demo, "public", "wrong-password-1");
    }
    let locked = from_device(&demo, PASSWORD, begun.body["device"].as_str().unwrap());
    assert_eq!(locked.code(), "locked");
}

/// However many calls come at one moment, one of them asks the store whether the session still stands.
#[test]
fn a_session_that_many_use_at_once_is_confirmed_by_one_of_them() {
    let (demo, _files) = registry(&[], &["public"]);
    let signed_in = sign_in(&demo, "public", PASSWORD);
    let confirmations = || {
        let metrics = demo.visitor().get("/metrics").text;
        let told = metrics.lines().find_map(|line| line.strip_prefix("anzheng_session_confirmations_total "));
        told.map_or(0, |count| count.parse::<u64>().unwrap())
    };
    assert_eq!(user(&demo, &signed_in).get("/me").status, 200);
    let (begun, done) = (Instant::now(), AtomicBool::new(false));
    let counted = std::thread::scope(|scope| {
        let stopped = Stopped(&done);
        for _ in 0..32 {
            scope.spawn(|| {
                let user = user(&demo, &signed_in);
                while !done.load(Ordering::Relaxed) {
                    assert!([200, 429].contains(&user.get("/me").status.as_u16()));
                }
            });
        }
        let enough = confirmations() + 3;
        while confirmations() < enough {}
        drop(stopped);
        confirmations()
    });
    // One of the first call, then one in two seconds.
    let due = 2 + begun.elapsed().as_secs() / 2;
    assert!(counted <= due, "{counted} confirmations where {due} are due");
}

/// Threads that go on until told are told also where the test fails.
struct Stopped<'a>(&'a AtomicBool);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
