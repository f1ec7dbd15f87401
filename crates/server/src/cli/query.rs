use super::remote::{Remote, shown};
use app::words::{Language, Words};
use clap::Args;
use comfy_table::{Table, presets};
use serde_json::{Map, Value, json};
use std::process::ExitCode;

#[derive(Debug, Args)]
pub struct Query {
    #[command(flatten)]
    remote: Remote,
    /// Anything: number, name, pinyin, organisation.
    q: Option<String>,
    #[arg(long)]
    name: Option<String>,
    #[arg(long)]
    number: Option<String>,
    #[arg(long)]
    organisation: Option<String>,
    /// Six-digit code; stands for everything under it.
    #[arg(long)]
    region: Option<String>,
    #[arg(long = "type")]
    types: Vec<String>,
    #[arg(long)]
    status: Vec<String>,
    #[arg(long, default_value_t = 1)]
    page: u32,
    /// Print the answer as JSON.
    #[arg(long)]
    json: bool,
}

impl Query {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let session = self.remote.connect().await?;
        let answer = session.post("/certificates/search", &self.body()).await?;
        if self.json {
            println!("{answer}");
        } else {
            print_table(&answer, self.remote.language());
        }
        Ok(ExitCode::SUCCESS)
    }

    fn body(&self) -> Value {
        let mut body = Map::new();
        let texts = [
            ("q", &self.q),
            ("name", &self.name),
            ("number", &self.number),
            ("organisation", &self.organisation),
            ("region", &self.region),
        ];
        for (field, text) in texts {
            if let Some(text) = text {
                body.insert(field.into(), json!(text));
            }
        }
        body.insert("type".into(), json!(self.types));
        body.insert("status".into(), json!(self.status));
        body.insert("page".into(), json!(self.page));
        Value::Object(body)
    }
}

fn print_table(answer: &Value, language: Language) {
    let mut table = Table::new();
    table.load_preset(presets::UTF8_BORDERS_ONLY);
    table.set_header([
        "编号 number",
        "姓名 name",
        "类型 type",
        "单位 organisation",
        "有效期至 until",
        "状态 status",
    ]);
    for item in answer["items"].as_array().into_iter().flatten() {
        table.add_row([
            shown(&item["number"]),
            shown(&item["holder"]["name"]),
            shown(&item["type"]),
            shown(&item["organisation"]["name"]),
            shown(&item["valid_until"]),
            Words::builtin().status(language, item["status"]["code"].as_str().unwrap_or_default()).to_owned(),
        ]);
    }
    println!("{table}");
    for (label, field) in [
        ("去掉后有结果 found without", "without"),
        ("均无结果 nothing meets", "unmet"),
        ("妨碍的词 words in the way", "words"),
    ] {
        let fields: Vec<&str> = answer["nothing_found"][field]
            .as_array()
            .map_or(&[][..], Vec::as_slice)
            .iter()
            .filter_map(Value::as_str)
            .collect();
        if !fields.is_empty() {
            println!("{label}: {}", fields.join(", "));
        }
    }
    println!("{} · as of {}", answer["total"]["value"], shown(&answer["as_of"]));
}
