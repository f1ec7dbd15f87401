use super::{Field, field::label_key};
use crate::SheetError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What a person decided about an enterprise's rosters, kept as TOML for the next one.
///
/// ```toml
/// [columns]
/// "上岗证" = "number"
/// "内部编号" = "ignore"
///
/// [words]
/// "电工证" = "mem:1.2"
///
/// [defaults]
/// type = "mem_special_ops"
/// region = "330100"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Field code by header, or `ignore`. Headers not named here are understood by the built-in
    /// words.
    #[serde(with = "column_codes")]
    pub columns: BTreeMap<String, Option<Field>>,
    /// What a word in the columns of type and item means: the code of a type or item, or another
    /// name that the catalogue knows.
    pub words: BTreeMap<String, String>,
    pub defaults: Defaults,
}

/// What holds for all rows that say nothing themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Defaults {
    /// Code of the certificate type.
    #[serde(rename = "type")]
    pub type_code: Option<String>,
    /// Region of the issuing body, a code of the catalogue.
    pub region: Option<String>,
    pub issuer: Option<String>,
    pub organisation: Option<String>,
}

impl Mapping {
    pub fn from_toml(text: &str) -> Result<Self, SheetError> {
        toml::from_str(text).map_err(|error| SheetError::Mapping(error.message().to_owned()))
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("maps of strings are TOML")
    }

    /// What was decided about a header; the inner `None` is "ignore it".
    pub(crate) fn column(&self, label: &str) -> Option<Option<Field>> {
        let key = label_key(label);
        self.columns.iter().find(|(decided, _)| label_key(decided) == key).map(|(_, field)| *field)
    }

    /// The word that stands for this one.
    pub(crate) fn word<'a>(&'a self, word: &'a str) -> &'a str {
        self.words.get(word).map_or(word, String::as_str)
    }
}

/// TOML has no null, so a column to be left aside is written as a word.
mod column_codes {
    use super::{BTreeMap, Field};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Word {
        Ignore,
        #[serde(untagged)]
        Field(Field),
    }

    pub fn serialize<S: Serializer>(
        columns: &BTreeMap<String, Option<Field>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            columns.iter().map(|(label, field)| (label, field.map_or(Word::Ignore, Word::Field))),
        )
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<String, Option<Field>>, D::Error> {
        let words = BTreeMap::<String, Word>::deserialize(deserializer)?;
        let field = |word| match word {
            Word::Ignore => None,
            Word::Field(field) => Some(field),
        };
        Ok(words.into_iter().map(|(label, word)| (label, field(word))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_kept_and_read_again() {
        let text = "[columns]\n\"上岗证\" = \"number\"\n\"内部编号\" = \"ignore\"\n\n[words]\n\"电工证\" = \"mem:1.2\"\n\n[defaults]\ntype = \"mem_special_ops\"\n";
        let mapping = Mapping::from_toml(text).unwrap();
        assert_eq!(mapping.column(" 上岗证 "), Some(Some(Field::Number)));
        assert_eq!(mapping.column("内部编号"), Some(None));
        assert_eq!(mapping.column("姓名"), None);
        assert_eq!(Mapping::from_toml(&mapping.to_toml()).unwrap(), mapping);
    }

    #[test]
    fn a_wrong_mapping_is_refused() {
        for text in ["[columns]\na = \"nothing\"", "[column]\na = \"name\"", "="] {
            assert!(matches!(Mapping::from_toml(text), Err(SheetError::Mapping(_))), "{text}");
        }
    }
}
