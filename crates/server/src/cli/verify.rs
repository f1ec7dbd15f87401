use super::remote::Remote;
use anyhow::Context;
use app::verification::challenge::solve;
use clap::Args;
use serde_json::{Value, json};
use std::{io::Read, process::ExitCode};

#[derive(Debug, Args)]
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
    /// Exit code 0 for `valid`, 2 for any other verdict.
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
            print_verdict(&answer);
        }
        Ok(if answer["verdict"] == "valid" { ExitCode::SUCCESS } else { ExitCode::from(2) })
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

fn print_verdict(answer: &Value) {
    println!("{}", answer["verdict"].as_str().unwrap_or("unknown"));
    for reason in answer["reasons"].as_array().into_iter().flatten() {
        println!("  {}", reason.as_str().unwrap_or_default());
    }
    println!("as of {}", answer["as_of"].as_str().unwrap_or("—"));
}
