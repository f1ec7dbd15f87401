use crate::demo::{Answer, Demo, PASSWORD, anzheng, client, shared};
use app::verification::challenge::solve;
use reqwest::Method;
use serde_json::json;
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Stdio},
    thread,
};

#[test]
fn there_is_a_sign_in_for_every_role_and_it_says_what_one_may() {
    let roles = shared().roles();
    for role in domain::access::Role::ALL {
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

/// The codes of answers to the same request made by many at once.
fn at_once(times: usize, ask: impl Fn() -> Answer + Sync) -> Vec<String> {
    thread::scope(|scope| {
        let asked: Vec<_> = (0..times).map(|_| scope.spawn(|| ask().code().to_owned())).collect();
        asked.into_iter().map(|answer| answer.join().unwrap()).collect()
    })
}

fn sign_in(demo: &Demo, login: &str, password: &str) -> Answer {
    demo.visitor().post("/session", &json!({ "login": login, "password": password }))
}

fn count(codes: &[String], code: &str) -> usize {
    codes.iter().filter(|found| *found == code).count()
}

#[test]
fn guesses_made_at_once_are_no_more_than_guesses_made_in_turn() {
    let demo = Demo::start();
    let guesses = at_once(30, || sign_in(&demo, "security_admin", "wrong-password-1"));
    assert_eq!((count(&guesses, "sign_in_failed"), count(&guesses, "locked")), (5, 25), "{guesses:?}");
    let user = demo.user("audit_admin");
    let guesses = at_once(30, || user.post("/session/step-up", &json!({ "password": "wrong-password-1" })));
    assert_eq!((count(&guesses, "sign_in_failed"), count(&guesses, "locked")), (5, 25), "{guesses:?}");
    assert_eq!(sign_in(&demo, "audit_admin", PASSWORD).code(), "locked");
}

#[test]
fn the_right_password_is_never_one_too_many() {
    let demo = Demo::start();
    for _ in 0..4 {
        assert_eq!(sign_in(&demo, "security_admin", "wrong-password-1").code(), "sign_in_failed");
    }
    assert_eq!(sign_in(&demo, "security_admin", PASSWORD).status, 200);
    let answers = at_once(20, || sign_in(&demo, "security_admin", PASSWORD));
    assert_eq!(count(&answers, ""), 20, "{answers:?}");
}

#[test]
fn a_source_that_tries_many_accounts_has_to_work_for_each_further_attempt() {
    let mut demo = Demo::start();
    for attempt in 0..20 {
        let login = format!("guess{}", attempt % 5);
        assert_eq!(sign_in(&demo, &login, "wrong-password-1").code(), "sign_in_failed", "{attempt}");
    }
    demo.kill_and_restart();
    let asked = sign_in(&demo, "security_admin", PASSWORD);
    assert_eq!((asked.status.as_u16(), asked.code()), (403, "challenge_required"));
    let with = |challenge: &str| {
        let body = json!({ "login": "security_admin", "password": PASSWORD, "challenge": challenge });
        demo.visitor().post("/session", &body)
    };
    assert_eq!(with("invented").code(), "challenge_failed");
    let challenge = demo.visitor().get("/verify/challenge").body;
    let bits = u32::try_from(challenge["bits"].as_u64().unwrap()).unwrap();
    let solution = solve(challenge["challenge"].as_str().unwrap(), bits);
    assert_eq!(with(&solution).status, 200);
    assert_eq!(with(&solution).code(), "challenge_failed", "a second time");
}

#[test]
fn many_failures_at_few_accounts_do_not_ask_the_whole_address_for_work() {
    let demo = Demo::start();
    for attempt in 0..20 {
        sign_in(&demo, &format!("guess{}", attempt % 4), "wrong-password-1");
    }
    assert_eq!(sign_in(&demo, "security_admin", PASSWORD).status, 200);
}

#[test]
fn a_cookie_of_a_session_that_is_over_is_taken_back_and_otherwise_ignored() {
    let stale = [("cookie", "__Host-anzheng_session=invented")];
    let visitor = shared().visitor();
    let catalogue = visitor.send(Method::GET, "/catalogue/types", &stale, None);
    assert_eq!(catalogue.status, 200, "{}", catalogue.text);
    let taken_back = catalogue.headers["set-cookie"].to_str().unwrap();
    assert!(taken_back.starts_with("__Host-anzheng_session=;") && taken_back.contains("Max-Age=0"));
    let me = visitor.send(Method::GET, "/me", &stale, None);
    assert_eq!((me.status.as_u16(), me.code()), (401, "sign_in_required"));

    let body = json!({ "login": "audit_admin", "password": PASSWORD });
    let signed_in = visitor.send(Method::POST, "/session", &stale, Some(&body));
    assert_eq!(signed_in.status, 200, "{}", signed_in.text);
    let cookies: Vec<_> = signed_in.headers.get_all("set-cookie").iter().collect();
    assert_eq!(cookies.len(), 1, "the new one only");
    assert!(!cookies[0].to_str().unwrap().contains("Max-Age=0"));

    let bearer = [("authorization", "Bearer invented")];
    assert_eq!(visitor.send(Method::GET, "/catalogue/types", &bearer, None).code(), "sign_in_required");
}

#[test]
fn trying_bearer_tokens_uses_up_the_rate_of_the_address_and_not_of_the_signed_in() {
    let demo = Demo::with(&[("ANZHENG__LIMITS__ANONYMOUS_RATE", "1")]);
    let user = demo.user("audit_admin");
    assert_eq!(user.get("/me").status, 200);
    let invented = || demo.visitor().send(Method::GET, "/me", &[("authorization", "Bearer invented")], None);
    let codes = at_once(30, invented);
    assert!(count(&codes, "too_many_requests") > 0, "{codes:?}");
    let refused = std::iter::repeat_with(invented).find(|answer| answer.status == 429).unwrap();
    assert_eq!(refused.headers["ratelimit-remaining"], "0");
    assert!(refused.headers.contains_key("retry-after") && refused.headers.contains_key("x-request-id"));
    assert_eq!(user.get("/me").status, 200);
}

#[test]
fn only_the_token_printed_last_claims_a_new_installation() {
    let dir = tempfile::tempdir().unwrap();
    let (mut first, old, _) = serve_unclaimed(dir.path());
    first.kill().unwrap();
    first.wait().unwrap();
    let (mut second, new, url) = serve_unclaimed(dir.path());
    let claim = |token: &str, login: &str| {
        let body = json!({ "token": token, "login": login, "password": "Mule-harbour-19" });
        client().post(format!("{url}/api/v1/session/claim")).json(&body).send().unwrap().status()
    };
    assert_eq!(claim(&old, "other"), 400);
    assert_eq!(claim(&new, "root"), 201);
    second.kill().unwrap();
    second.wait().unwrap();
}

/// A server on a folder without accounts, the token it prints, and its address.
fn serve_unclaimed(dir: &Path) -> (Child, String, String) {
    let mut process = anzheng()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
    let printed = lines.find(|line| line.contains("token")).unwrap();
    let token = printed.split("\"token\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let url = lines.find_map(|line| line.strip_prefix("Serving ").map(str::to_owned)).unwrap();
    (process, token, url)
}

#[test]
fn a_new_installation_is_claimed_once_with_the_printed_token() {
    let dir = tempfile::tempdir().unwrap();
    let (mut process, token, url) = serve_unclaimed(dir.path());
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
