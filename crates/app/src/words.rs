//! Words for codes, in the reader's language. Machines see codes; the words are data in
//! `locales/`, one file a language with the same keys (checked by `cargo xtask check`).

use std::{collections::HashMap, sync::LazyLock};

/// A language the product is complete in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    Chinese,
    English,
    Japanese,
}

impl Language {
    pub const ALL: [Language; 3] = [Language::Chinese, Language::English, Language::Japanese];

    /// BCP 47 tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Chinese => "zh-CN",
            Language::English => "en",
            Language::Japanese => "ja",
        }
    }

    /// The first language of an `Accept-Language` header that we have (RFC 9110 12.5.4), by
    /// weight; Chinese unless told otherwise.
    pub fn from_accept(header: &str) -> Self {
        let mut best = (0.0, Language::default());
        for part in header.split(',') {
            let mut pieces = part.trim().split(';');
            let Some(language) = pieces.next().and_then(Self::from_tag) else { continue };
            let weight =
                pieces.find_map(|piece| piece.trim().strip_prefix("q=")?.parse::<f32>().ok()).unwrap_or(1.0);
            if weight > best.0 {
                best = (weight, language);
            }
        }
        best.1
    }

    pub fn from_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next()?.to_ascii_lowercase().as_str() {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            "ja" => Some(Language::Japanese),
            _ => None,
        }
    }
}

type Section = HashMap<String, String>;

/// All words of all languages.
pub struct Words {
    sections: HashMap<Language, HashMap<String, Section>>,
    rows: HashMap<Language, sheet::Words>,
}

static BUILTIN: LazyLock<Words> = LazyLock::new(|| {
    let texts = [
        (Language::Chinese, include_str!("../../../locales/zh-CN.toml")),
        (Language::English, include_str!("../../../locales/en.toml")),
        (Language::Japanese, include_str!("../../../locales/ja.toml")),
    ];
    let sections = |text| toml::from_str(text).expect("the locale files are parsed by a test");
    let rows = |text| sheet::Words::from_toml(text).expect("the locale files are parsed by a test");
    Words {
        sections: texts.into_iter().map(|(language, text)| (language, sections(text))).collect(),
        rows: texts.into_iter().map(|(language, text)| (language, rows(text))).collect(),
    }
});

impl Words {
    pub fn builtin() -> &'static Words {
        &BUILTIN
    }

    /// The word for a code, or the code itself, which is better than nothing.
    pub fn get<'a>(&'a self, language: Language, section: &str, code: &'a str) -> &'a str {
        self.sections[&language].get(section).and_then(|words| words.get(code)).map_or(code, String::as_str)
    }

    /// The words for what is wrong with a row of a roster.
    pub fn of_rows(&self, language: Language) -> &sheet::Words {
        &self.rows[&language]
    }

    pub fn error<'a>(&'a self, language: Language, code: &'a str) -> &'a str {
        self.get(language, "error", code)
    }

    pub fn status<'a>(&'a self, language: Language, code: &'a str) -> &'a str {
        self.get(language, "status", code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reader_gets_the_language_asked_for_most() {
        let table = [
            ("", Language::Chinese),
            ("en-GB,en;q=0.8", Language::English),
            ("fr, ja;q=0.5, en;q=0.4", Language::Japanese),
            ("en;q=0.2, zh-TW", Language::Chinese),
            ("*", Language::Chinese),
        ];
        for (header, language) in table {
            assert_eq!(Language::from_accept(header), language, "{header}");
        }
    }

    #[test]
    fn every_word_is_there_in_every_language() {
        let keys = |language| {
            let sections = &BUILTIN.sections[&language];
            let mut keys: Vec<_> = sections
                .iter()
                .flat_map(|(name, words)| words.keys().map(move |key| format!("{name}.{key}")))
                .collect();
            keys.sort();
            keys
        };
        for language in Language::ALL {
            assert_eq!(keys(language), keys(Language::Chinese), "{language:?}");
            assert!(
                BUILTIN.sections[&language]
                    .values()
                    .flat_map(HashMap::values)
                    .all(|word| !word.trim().is_empty())
            );
        }
    }
}
