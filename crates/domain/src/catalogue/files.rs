use super::{
    Catalogue, Category, IdentityScheme, Industry, Item, Names, Regions,
    aliases::{AliasEntry, Aliases},
    certificate_type::CertificateType,
    item::ItemRow,
    status_codes::StatusCodes,
};
use serde::{Deserialize, de::DeserializeOwned};
use std::collections::{HashMap, HashSet};

/// The texts a catalogue is read from. CSV texts may be empty where a domain has no such thing.
#[derive(Debug, Clone, Copy)]
pub struct CatalogueFiles<'a> {
    /// `catalogue.toml`: code, version, names, time zone, identity scheme, categories.
    pub catalogue: &'a str,
    /// `types.toml`: `[[type]]`, see [`CertificateType`].
    pub types: &'a str,
    /// `items.csv`: scheme, code, group with names, names.
    pub items: &'a str,
    /// `regions.csv`: code, name, parent, level, grouping; parents before children.
    pub regions: &'a str,
    /// `former_regions.csv`: code, name, from_year, to_year; in the order of time.
    pub former_regions: &'a str,
    /// `industries.csv`: code, name, parent, level.
    pub industries: &'a str,
    /// `status_codes.toml`: `[[table]]`.
    pub status_codes: &'a str,
    /// `aliases.toml`: `[[alias]]`.
    pub aliases: &'a str,
}

macro_rules! built_in {
    ($file:literal) => {
        include_str!(concat!("../../../../catalogue/work_safety/", $file))
    };
}

impl CatalogueFiles<'static> {
    pub(super) const WORK_SAFETY: Self = Self {
        catalogue: built_in!("catalogue.toml"),
        types: built_in!("types.toml"),
        items: built_in!("items.csv"),
        regions: built_in!("regions.csv"),
        former_regions: built_in!("former_regions.csv"),
        industries: built_in!("industries.csv"),
        status_codes: built_in!("status_codes.toml"),
        aliases: built_in!("aliases.toml"),
    };
}

/// The data cannot be a catalogue.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CatalogueError {
    #[error("{file}: {problem}")]
    Malformed { file: &'static str, problem: String },
    #[error("{file}: {code} is there twice")]
    Duplicate { file: &'static str, code: String },
    #[error("{file}: {code} is referred to and does not exist")]
    Unknown { file: &'static str, code: String },
    #[error("catalogue.toml: {zone} is no time zone")]
    Zone { zone: String },
    #[error("regions.csv: {code} is no code of six digits")]
    RegionCode { code: String },
    #[error("number pattern {pattern}: {problem}")]
    Pattern { pattern: String, problem: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueToml {
    code: String,
    version: String,
    names: Names,
    zone: String,
    identity: IdentityScheme,
    #[serde(rename = "category")]
    categories: Vec<Category>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TypesToml {
    #[serde(rename = "type")]
    types: Vec<CertificateType>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct StatusCodesToml {
    #[serde(rename = "table", default)]
    tables: Vec<StatusCodes>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AliasesToml {
    #[serde(rename = "alias", default)]
    aliases: Vec<AliasEntry>,
}

impl Catalogue {
    /// Reads a catalogue and checks that everything it refers to exists.
    pub fn parse(files: &CatalogueFiles<'_>) -> Result<Catalogue, CatalogueError> {
        let head: CatalogueToml = from_toml("catalogue.toml", files.catalogue)?;
        let zone = head.zone.parse().map_err(|_| CatalogueError::Zone { zone: head.zone.clone() })?;
        let types = from_toml::<TypesToml>("types.toml", files.types)?.types;
        let items: Vec<Item> =
            from_csv::<ItemRow>("items.csv", files.items)?.into_iter().map(Item::from).collect();
        let industries: Vec<Industry> = from_csv("industries.csv", files.industries)?;
        let status_codes = from_toml::<StatusCodesToml>("status_codes.toml", files.status_codes)?.tables;
        let entries = from_toml::<AliasesToml>("aliases.toml", files.aliases)?.aliases;
        let type_index = index("types.toml", types.iter().map(|kind| &kind.code))?;
        let item_index = index("items.csv", items.iter().map(|item| &item.code))?;
        check_types(&types, &head.categories, &items, &status_codes)?;
        check_industries(&industries)?;
        check_aliases(&entries, &type_index, &item_index)?;
        Ok(Catalogue {
            code: head.code,
            version: head.version,
            names: head.names,
            zone,
            identity: head.identity,
            categories: head.categories,
            aliases: Aliases::new(entries, &types, &items),
            types,
            type_index,
            items,
            item_index,
            regions: Regions::new(
                from_csv("regions.csv", files.regions)?,
                from_csv("former_regions.csv", files.former_regions)?,
            )?,
            industries,
            status_codes,
        })
    }
}

fn from_toml<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<T, CatalogueError> {
    toml::from_str(text).map_err(|error| CatalogueError::Malformed { file, problem: error.to_string() })
}

fn from_csv<T: DeserializeOwned>(file: &'static str, text: &str) -> Result<Vec<T>, CatalogueError> {
    let rows: Result<Vec<T>, csv::Error> =
        csv::Reader::from_reader(text.as_bytes()).into_deserialize().collect();
    rows.map_err(|error| CatalogueError::Malformed { file, problem: error.to_string() })
}

fn index<'a>(
    file: &'static str,
    codes: impl Iterator<Item = &'a String>,
) -> Result<HashMap<String, usize>, CatalogueError> {
    let mut index = HashMap::new();
    for (position, code) in codes.enumerate() {
        if index.insert(code.clone(), position).is_some() {
            return Err(CatalogueError::Duplicate { file, code: code.clone() });
        }
    }
    Ok(index)
}

fn check_types(
    types: &[CertificateType],
    categories: &[Category],
    items: &[Item],
    tables: &[StatusCodes],
) -> Result<(), CatalogueError> {
    let schemes: HashSet<&str> = items.iter().map(|item| item.scheme.as_str()).collect();
    let unknown = |code: &String| CatalogueError::Unknown { file: "types.toml", code: code.clone() };
    for kind in types {
        if !categories.iter().any(|category| category.code == kind.category) {
            return Err(unknown(&kind.category));
        }
        let named = kind.item_scheme.iter().chain(&kind.older_item_schemes);
        if let Some(scheme) = named.into_iter().find(|scheme| !schemes.contains(scheme.as_str())) {
            return Err(unknown(scheme));
        }
        if let Some(table) = &kind.status_codes
            && !tables.iter().any(|known| known.name() == table)
        {
            return Err(unknown(table));
        }
        if let Some(example) = kind.number_examples.iter().find(|example| !kind.number.matches(example)) {
            let problem = format!("does not accept the example {example}");
            return Err(CatalogueError::Pattern { pattern: kind.number.as_str().to_owned(), problem });
        }
    }
    Ok(())
}

fn check_industries(industries: &[Industry]) -> Result<(), CatalogueError> {
    let codes = index("industries.csv", industries.iter().map(|industry| &industry.code))?;
    match industries
        .iter()
        .filter_map(|industry| industry.parent.as_ref())
        .find(|code| !codes.contains_key(*code))
    {
        Some(code) => Err(CatalogueError::Unknown { file: "industries.csv", code: code.clone() }),
        None => Ok(()),
    }
}

fn check_aliases(
    entries: &[AliasEntry],
    types: &HashMap<String, usize>,
    items: &HashMap<String, usize>,
) -> Result<(), CatalogueError> {
    for candidate in entries.iter().flat_map(|entry| &entry.candidates) {
        let item = candidate.item.as_ref();
        let missing = if types.contains_key(&candidate.type_code) {
            item.filter(|code| !items.contains_key(*code))
        } else {
            Some(&candidate.type_code)
        };
        if let Some(code) = missing {
            return Err(CatalogueError::Unknown { file: "aliases.toml", code: code.clone() });
        }
    }
    Ok(())
}
