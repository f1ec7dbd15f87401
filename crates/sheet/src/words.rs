use crate::{SheetError, problem::Problem};
use serde::Deserialize;
use std::collections::HashMap;

/// The words of one language for what is wrong with a row.
///
/// Read from the sections `row_problem` (what is wrong, by code), `row_remedy` (what to do),
/// `row_value` (kinds of values), `row_field` (names of fields) and `row_report` (the sentence
/// around them) of a locale file.
#[derive(Debug, Clone, Deserialize)]
pub struct Words {
    row_problem: HashMap<String, String>,
    row_remedy: HashMap<String, String>,
    row_value: HashMap<String, String>,
    row_field: HashMap<String, String>,
    row_report: Report,
}

#[derive(Debug, Clone, Deserialize)]
struct Report {
    /// Header of the added column.
    reason: String,
    /// A problem: `{cell}`, `{field}`, `{problem}`, `{value}`, `{remedy}`.
    sentence: String,
    /// What stands between names of fields.
    separator: String,
}

impl Words {
    /// Reads a locale file; sections of others are left aside.
    pub fn from_toml(text: &str) -> Result<Self, SheetError> {
        toml::from_str(text).map_err(|error| SheetError::Words(error.message().to_owned()))
    }

    /// Header of the column that holds the reasons.
    pub fn reason_header(&self) -> &str {
        &self.row_report.reason
    }

    /// Where, what is wrong, of what kind the value is and what to do. A code without words stands
    /// for itself.
    pub fn sentence(&self, problem: &Problem) -> String {
        let code = problem.code.code();
        let word = |words: &HashMap<String, String>| words.get(code).map_or(code, String::as_str).to_owned();
        let (class, length) = problem.value.parts();
        let value = self.row_value.get(class).map_or(class, String::as_str);
        let value = value.replace("{length}", &length.unwrap_or_default().to_string());
        let sentence = self.row_report.sentence.replace("{problem}", &word(&self.row_problem));
        let sentence = sentence.replace("{remedy}", &word(&self.row_remedy));
        let sentence = problem.params.iter().fold(sentence, |sentence, (name, value)| {
            sentence.replace(&format!("{{{name}}}"), &self.param(name, value))
        });
        let field = problem.field.map_or("", |field| self.field(field.code()));
        sentence.replace("{cell}", &problem.cell).replace("{field}", field).replace("{value}", &value)
    }

    /// All that is wrong with a row, for one cell.
    pub fn reasons(&self, problems: &[Problem]) -> String {
        let sentences: Vec<String> = problems.iter().map(|problem| self.sentence(problem)).collect();
        sentences.join("\n")
    }

    fn field<'a>(&'a self, code: &'a str) -> &'a str {
        self.row_field.get(code).map_or(code, String::as_str)
    }

    fn param(&self, name: &str, value: &str) -> String {
        if name != "fields" {
            return value.to_owned();
        }
        let names: Vec<&str> = value.split(", ").map(|code| self.field(code)).collect();
        names.join(&self.row_report.separator)
    }
}
