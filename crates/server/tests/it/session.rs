use crate::demo::{Demo, PASSWORD, anzheng, client, shared};
use reqwest::Method;
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

#[test]
fn there_is_a_sign_in_for_every_role_and_it_says_what_one_may() {
    let roles = shared().roles();
    for role in domain::access::Role::ALL.iter().filter(|role| **role != domain::access::Role::Public) {
        assert!(roles.contains(&role.code()));
        let me = shared().user(role.code()).get("/me");
        assert_eq!(me.body["role"], role.code());
    }
}

#[test]
fn an_ended_session_is_refused_at_once() {
    let user = shared().user("regulator_national");
    assert_eq!(user.get("/me").status, 200);
    let ended = user.send(Method::DELETE, "/session", &[], None);
    assert_eq!(ended.status, 204);
    assert!(ended.headers["set-cookie"].to_str().unwrap().contains("Max-Age=0"));
    let after = user.get("/me");
    assert_eq!((after.status.as_u16(), after.code()), (401, "sign_in_required"));
}

#[test]
fn the_cookie_is_locked_down_and_needs_a_page_of_ours_for_changes() {
    let sign_in = json!({ "login": "audit_admin", "password": PASSWORD });
    let answer = shared().visitor().post("/session", &sign_in);
    let cookie = answer.headers["set-cookie"].to_str().unwrap().to_owned();
    for part in ["__Host-anzheng_session=", "Secure", "HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let sent = cookie.split(';').next().unwrap();
    let visitor = shared().visitor();
    assert_eq!(visitor.send(Method::GET, "/me", &[("cookie", sent)], None).status, 200);
    let body = json!({ "password": PASSWORD });
    let foreign = visitor.send(
        Method::POST,
        "/session/step-up",
        &[("cookie", sent), ("sec-fetch-site", "cross-site")],
        Some(&body),
    );
    assert_eq!(foreign.status, 403);
    let own = visitor.send(
        Method::POST,
        "/session/step-up",
        &[("cookie", sent), ("sec-fetch-site", "same-origin")],
        Some(&body),
    );
    assert_eq!(own.status, 200);
}

#[test]
fn five_wrong_passwords_lock_the_account_also_across_a_restart() {
    let mut demo = Demo::start();
    let attempt = |demo: &Demo, password: &str| {
        demo.visitor().post("/session", &json!({ "login": "security_admin", "password": password }))
    };
    for _ in 0..5 {
        assert_eq!(attempt(&demo, "wrong-password-1").code(), "sign_in_failed");
    }
    let locked = attempt(&demo, PASSWORD);
    assert_eq!((locked.status.as_u16(), locked.code()), (429, "locked"));
    assert!(locked.headers.contains_key("retry-after"));
    demo.kill_and_restart();
    assert_eq!(attempt(&demo, PASSWORD).code(), "locked");
    let unknown = demo.visitor().post("/session", &json!({ "login": "nobody", "password": PASSWORD }));
    assert_eq!((unknown.status.as_u16(), unknown.code()), (401, "sign_in_failed"));
}

#[test]
fn a_new_installation_is_claimed_once_with_the_printed_token() {
    let dir = tempfile::tempdir().unwrap();
    let mut process = anzheng()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let printed = lines.find(|line| line.contains("token")).unwrap();
    let token = printed.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let url = lines.find_map(|line| line.strip_prefix("Serving ").map(str::to_owned)).unwrap();
    let client = client();
    let claim = |token: &str, password: &str| {
        let body = json!({ "token": token, "login": "Root", "password": password });
        client.post(format!("{url}/api/v1/session/claim")).json(&body).send().unwrap()
    };
    assert_eq!(claim(&token, "short").status(), 400);
    assert_eq!(claim("invented", "Mule-harbour-19").status(), 400);
    assert_eq!(claim(&token, "Mule-harbour-19").status(), 201);
    assert_eq!(claim(&token, "Mule-harbour-19").status(), 400, "a second time");
    let sign_in = json!({ "login": "root", "password": "Mule-harbour-19" });
    assert_eq!(client.post(format!("{url}/api/v1/session")).json(&sign_in).send().unwrap().status(), 200);
    process.kill().unwrap();
    process.wait().unwrap();
}
