//! A served registry without certificates, for what concerns accounts alone.

use crate::demo::{Answer, Demo, PASSWORD, User, now, user_add};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use totp_rs::{Builder, Secret};

const BUILT_IN: &str = include_str!("../../../../catalogue/access/sign_in.toml");

/// A registry whose sign-in policy is the built-in one with these changes, and accounts of these roles, each
/// under the code of its role.
pub fn registry(changes: &[(&str, &str)], roles: &[&str]) -> (Demo, TempDir) {
    let dir = tempfile::tempdir().unwrap();
    for role in roles {
        add(dir.path(), &[], role, role);
    }
    let files = tempfile::tempdir().unwrap();
    let policy = policy(files.path(), changes);
    let demo = Demo::serve(dir, &[("ANZHENG__SIGN_IN__POLICY_FILE", policy.to_str().unwrap())]);
    (demo, files)
}

/// The built-in policy with these changes, in a file.
pub fn policy(dir: &Path, changes: &[(&str, &str)]) -> PathBuf {
    let mut text = BUILT_IN.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let file = dir.join("sign_in.toml");
    std::fs::write(&file, text).unwrap();
    file
}

pub fn add(dir: &Path, settings: &[(&str, &str)], login: &str, role: &str) {
    let mut arguments = vec!["--role", role];
    if role == "regulator_county" {
        arguments.extend(["--region", "420106"]);
    }
    user_add(dir, settings, login, &arguments);
}

/// What comes back for a login and a password.
pub fn sign_in(demo: &Demo, login: &str, password: &str) -> Answer {
    demo.visitor().post("/session", &json!({ "login": login, "password": password }))
}

/// What comes back for a second factor after the right password.
pub fn second_factor(demo: &Demo, login: &str, proof: &Value) -> Answer {
    let first = sign_in(demo, login, PASSWORD);
    assert_eq!(first.status, 202, "{}", first.text);
    go_on(demo, &first, proof)
}

pub fn go_on(demo: &Demo, first: &Answer, proof: &Value) -> Answer {
    let body = json!({ "pending": first.body["pending"], "proof": proof });
    demo.visitor().post("/session/second-factor", &body)
}

/// Whoever holds the session that this answer began.
pub fn user<'a>(demo: &'a Demo, begun: &Answer) -> User<'a> {
    assert_eq!(begun.status, 200, "{}", begun.text);
    demo.with_token(begun.body["token"].as_str().unwrap())
}

pub fn delete(user: &User<'_>, path: &str) -> Answer {
    user.send(Method::DELETE, path, &[], None)
}

/// An authenticator application.
pub struct Authenticator {
    secret: String,
    pub id: String,
    /// What came with it, if it was the account's first factor.
    pub recovery_codes: Vec<String>,
}

impl Authenticator {
    /// Sets one up in a session that may. Its code of this moment is used up by that.
    pub fn set_up(user: &User<'_>) -> Self {
        let begun = user.post("/me/factors/totp", &json!({ "label": "手机" }));
        assert_eq!(begun.status, 201, "{}", begun.text);
        let text = |field: &str| begun.body[field].as_str().unwrap().to_owned();
        let mut authenticator = Self { secret: text("secret"), id: text("id"), recovery_codes: Vec::new() };
        assert!(text("uri").contains(&authenticator.secret), "{}", text("uri"));
        let confirmed = authenticator.confirm(user, &authenticator.code());
        assert_eq!(confirmed.status, 200, "{}", confirmed.text);
        let codes = confirmed.body["recovery_codes"].as_array().unwrap();
        authenticator.recovery_codes = codes.iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        authenticator
    }

    pub fn confirm(&self, user: &User<'_>, code: &str) -> Answer {
        user.post(&format!("/me/factors/{}/confirmation", self.id), &json!({ "code": code }))
    }

    /// Of this moment.
    pub fn code(&self) -> String {
        self.code_of(0)
    }

    /// Of the next step, which is taken too.
    pub fn next_code(&self) -> String {
        self.code_of(30)
    }

    fn code_of(&self, seconds: i64) -> String {
        let secret = Secret::try_from_base32(&self.secret).unwrap();
        let totp = Builder::new().with_secret(secret).build().unwrap();
        totp.generate(u64::try_from(now().timestamp() + seconds).unwrap()).to_string()
    }
}
