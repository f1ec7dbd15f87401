use super::remote::{Remote, shown};
use anyhow::Context;
use app::{
    verification::challenge::solve,
    words::{Language, Words},
};
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Value, json};
use std::{io::Read, process::ExitCode};

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 valid, 1 the question could not be put, 2 not valid, 3 cannot be checked now, 4 not found."
)]
pub struct Verify {
    #[command(flatten)]
    remote: Remote,
    /// The number as printed, or `-` to read number and name from standard input, one a line:
    /// what is typed on a command line can be seen by others on the machine.
    number: String,
    /// The holder's full name.
    name: Option<String>,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (number, name) = self.question()?;
        let session = self.remote.connect().await?;
        let challenge = session.get("/verify/challenge").await?;
        let text = challenge["challenge"].as_str().context("the server gave no challenge")?;
        let bits = u32::try_from(challenge["bits"].as_u64().unwrap_or(0))?;
        let solution = solve(text, bits);
        let body = json!({ "number": number, "name": name, "challenge": solution });
        let answer = session.post("/verify", &body).await?;
        if self.json {
            println!("{answer}");
        } else {
            print_verdict(&answer, self.remote.language());
        }
        Ok(match answer["verdict"].as_str() {
            Some("valid") => ExitCode::SUCCESS,
            Some("not_valid") => ExitCode::from(2),
            Some("not_found") => ExitCode::from(4),
            _ => ExitCode::from(3),
        })
    }

    fn question(&self) -> anyhow::Result<(String, String)> {
        if self.number != "-" {
            let name = self.name.clone().context("the holder's name is needed beside the number")?;
            return Ok((self.number.clone(), name));
        }
        let mut text = String::new();
        std::io::stdin().read_to_string(&mut text)?;
        let mut lines = text.lines();
        let number = lines.next().context("the first line must hold the number")?;
        let name = lines.next().context("the second line must hold the name")?;
        Ok((number.to_owned(), name.to_owned()))
    }
}

fn print_verdict(answer: &Value, language: Language) {
    let word = |section: &str, code: &Value| {
        let code = code.as_str().unwrap_or_default();
        Words::builtin().get(language, section, code).to_owned()
    };
    println!("{}", word("verdict", &answer["verdict"]));
    for reason in answer["reasons"].as_array().into_iter().flatten() {
        println!("  {}", word("reason", reason));
    }
    let certificates = answer["certificates"].as_array().map_or(&[][..], Vec::as_slice);
    if !certificates.is_empty() {
        let mut table = Table::new();
        table.load_preset(presets::UTF8_BORDERS_ONLY);
        table.set_header([
            "类型 type",
            "项目 item",
            "姓名 name",
            "发证机关 issuer",
            "发证日期 issued",
            "有效期至 until",
            "复审日期 review",
            "状态 status",
        ]);
        for one in certificates {
            table.add_row([
                shown(&one["type"]),
                shown(&one["item"]),
                shown(&one["holder"]["name"]),
                shown(&one["issuer"]),
                shown(&one["issued_on"]),
                shown(&one["valid_until"]),
                shown(&one["review_due_on"]),
                word("status", &one["status"]["code"]),
            ]);
        }
        println!("{table}");
    }
    println!("as of {}", shown(&answer["as_of"]));
}
