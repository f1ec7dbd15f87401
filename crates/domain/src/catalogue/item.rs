use super::Names;
use serde::Deserialize;

/// What a certificate entitles to: an operation, a trade, a speciality, a kind of enterprise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub scheme: String,
    /// `<scheme>:<code in the scheme>`, such as `mem:1.2`. Short codes were reused between lists, so
    /// the scheme belongs to the code.
    pub code: String,
    pub names: Names,
    /// Code of the group inside the scheme, such as `1` for electrical work.
    pub group: String,
    pub group_names: Names,
}

/// A row of `items.csv`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ItemRow {
    scheme: String,
    code: String,
    group: String,
    group_zh: String,
    group_en: String,
    group_ja: String,
    zh: String,
    en: String,
    ja: String,
}

impl From<ItemRow> for Item {
    fn from(row: ItemRow) -> Self {
        Item {
            code: format!("{}:{}", row.scheme, row.code),
            scheme: row.scheme,
            names: Names { zh: row.zh, en: row.en, ja: row.ja },
            group: row.group,
            group_names: Names { zh: row.group_zh, en: row.group_en, ja: row.group_ja },
        }
    }
}
