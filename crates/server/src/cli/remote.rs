//! A client of a running server, for `query` and `verify`.

use anyhow::{Context, bail};
use app::words::Language;
use clap::Args;
use reqwest::{Certificate, Client, RequestBuilder};
use serde_json::{Value, json};
use std::path::PathBuf;

/// Which server, and as whom.
#[derive(Debug, Clone, Args)]
pub struct Remote {
    /// Address of the server.
    #[arg(long, default_value = "http://127.0.0.1:8080", env = "ANZHENG_URL")]
    url: String,
    /// PEM file of a certificate to trust besides the public ones.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Account to sign in with; the password is read from ANZHENG_PASSWORD, and where it is asked for the code
    /// of an authenticator application from ANZHENG_CODE.
    #[arg(long)]
    login: Option<String>,
    /// Language of messages: zh-CN, en, ja.
    #[arg(long, default_value = "zh-CN")]
    language: String,
}

/// A connection that speaks for somebody, or for nobody.
pub struct Session {
    client: Client,
    base: String,
    language: String,
    token: Option<String>,
}

/// A value of an answer in a table.
pub fn shown(value: &Value) -> String {
    value.as_str().unwrap_or("—").to_owned()
}

impl Remote {
    /// Chinese where the language is not one of ours.
    pub fn language(&self) -> Language {
        Language::from_tag(&self.language).unwrap_or_default()
    }

    pub async fn connect(&self) -> anyhow::Result<Session> {
        // Fails where it has been done before, which is as well.
        let _done = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut client = Client::builder();
        if let Some(file) = &self.ca {
            let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
            client = client.add_root_certificate(Certificate::from_pem(&pem)?);
        }
        let base = format!("{}/api/v1", self.url.trim_end_matches('/'));
        let mut session =
            Session { client: client.build()?, base, language: self.language.clone(), token: None };
        if let Some(login) = &self.login {
            let password =
                std::env::var("ANZHENG_PASSWORD").context("put the password into ANZHENG_PASSWORD")?;
            let sign_in = json!({ "login": login, "password": password });
            let mut answer = session.post("/session", &sign_in).await?;
            if let Some(pending) = answer["pending"].as_str() {
                let code = std::env::var("ANZHENG_CODE")
                    .context("put the code of the authenticator application into ANZHENG_CODE")?;
                let body = json!({ "pending": pending, "proof": { "totp": code } });
                answer = session.post("/session/second-factor", &body).await?;
            }
            session.token = answer["token"].as_str().map(str::to_owned);
        }
        Ok(session)
    }
}

impl Session {
    pub async fn post(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.send(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(self.client.get(format!("{}{path}", self.base))).await
    }

    async fn send(&self, mut request: RequestBuilder) -> anyhow::Result<Value> {
        request = request.header("Accept-Language", &self.language);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        let response = request.send().await.context("the server does not answer")?;
        let good = response.status().is_success();
        let body: Value = response.json().await.context("the server's answer is not JSON")?;
        if !good {
            bail!(
                "{} ({})",
                body["title"].as_str().unwrap_or("error"),
                body["code"].as_str().unwrap_or("unknown")
            );
        }
        Ok(body)
    }
}
