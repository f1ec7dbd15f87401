//! Every language says everything, with the same placeholders.

use super::report;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// The first one decides what there is to be said.
const LANGUAGES: [&str; 3] = ["en", "zh-CN", "ja"];

type Words = BTreeMap<String, String>;

pub fn run(workspace: &Workspace) -> Result<()> {
    let mut all = Vec::new();
    let mut findings = Vec::new();
    for language in LANGUAGES {
        let source = workspace.read(Path::new(&format!("locales/{language}.toml")))?;
        let table: toml::Table = source.parse().with_context(|| format!("locales/{language}.toml"))?;
        let mut words = Words::new();
        flatten("", &toml::Value::Table(table), &mut words, &mut findings);
        all.push((language, words));
    }
    let (source_language, source) = &all[0];
    for (language, words) in &all[1..] {
        findings.extend(differences(source_language, source, language, words));
    }
    findings.extend(all.iter().flat_map(|(language, words)| empty(language, words)));
    report(findings)
}

fn flatten(prefix: &str, value: &toml::Value, words: &mut Words, findings: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(&path, value, words, findings);
            }
        }
        toml::Value::String(text) => {
            words.insert(prefix.to_owned(), text.clone());
        }
        _ => findings.push(format!("{prefix} is neither text nor a table of texts")),
    }
}

fn differences(source_language: &str, source: &Words, language: &str, words: &Words) -> Vec<String> {
    let mut findings = Vec::new();
    for (key, text) in source {
        match words.get(key) {
            None => findings.push(format!("{key} is missing in {language}")),
            Some(translated) if placeholders(text) != placeholders(translated) => {
                findings
                    .push(format!("{key} has other placeholders in {language} than in {source_language}"));
            }
            Some(_) => {}
        }
    }
    let surplus = words.keys().filter(|key| !source.contains_key(*key));
    findings.extend(surplus.map(|key| format!("{key} is in {language} but not in {source_language}")));
    findings
}

fn empty<'a>(language: &'a str, words: &'a Words) -> impl Iterator<Item = String> + 'a {
    let without_text = words.iter().filter(|(_, text)| text.trim().is_empty());
    without_text.map(move |(key, _)| format!("{key} is empty in {language}"))
}

/// The names between braces.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(pairs: &[(&str, &str)]) -> Words {
        pairs.iter().map(|(key, text)| ((*key).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn missing_surplus_and_differing_texts_are_found() {
        let english = words(&[("a", "{n} rows"), ("b", "B")]);
        assert_eq!(
            differences("en", &english, "ja", &words(&[("a", "{n} 行"), ("b", "乙")])),
            Vec::<String>::new()
        );
        let found = differences("en", &english, "ja", &words(&[("a", "行"), ("c", "丙")]));
        assert_eq!(
            found,
            ["a has other placeholders in ja than in en", "b is missing in ja", "c is in ja but not in en"]
        );
    }

    #[test]
    fn blank_text_counts_as_empty() {
        assert_eq!(empty("ja", &words(&[("a", " ")])).collect::<Vec<_>>(), ["a is empty in ja"]);
    }
}
