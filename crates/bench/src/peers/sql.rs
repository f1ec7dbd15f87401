//! The questions in SQL. Where one wording serves both peers it is the same; where a peer would choose a worse
//! way by itself, it is told the better one.

use crate::questions::{Kind, PROVINCE};

/// A placeholder is written `$1` for PostgreSQL, which SQLite reads too.
pub const INDEXES: [(&str, &str); 9] = [
    ("by_number", "number"),
    ("by_name", "name, valid_until"),
    ("by_name_in_province", "name, province, valid_until"),
    ("by_initials", "initials, valid_until"),
    ("by_region", "region, valid_until"),
    ("by_province", "province, valid_until"),
    ("by_status", "status, valid_until"),
    ("by_end", "valid_until"),
    // Holds all that facets count, so that no row has to be read.
    ("by_class", "status, type, province"),
];

/// What a page shows.
const SHOWN: &str =
    "id, number, name, organisation, issuer, type, item, region, issued_on, valid_until, status";
/// Rows of a page.
pub const PAGE: usize = 10;
/// A name one character short has at most this many places for the missing one.
const PATTERNS: usize = 4;
/// The trigrams of a number with a typo that may differ; the distance decides among those found.
const SIMILARITY: &str = "0.6";
const MATCHING_TEXTS: &str = "texts MATCH 'organisation : \"' || $1 || '\"'";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    Postgres,
    Sqlite,
}

pub struct Statements {
    pub page: String,
    pub rest: Rest,
    /// The page where more than [`MANY`] match: found sooner by walking through all in their order than by
    /// sorting those. PostgreSQL decides that by itself.
    pub page_of_many: Option<String>,
}

/// What sorting costs grows with it, and walking gets shorter; with a million rows they meet near this.
pub const MANY: u64 = 5_000;

/// What is asked besides the page.
pub enum Rest {
    /// Asked only where the page is full: a shorter one tells the total.
    Total(String),
    /// Status, type, province and how many; adds up to the total and to each facet.
    Groups(String),
}

/// `None` where the peer cannot answer.
pub fn statements(engine: Engine, kind: Kind) -> Option<Statements> {
    if kind == Kind::Facets {
        return Some(facets());
    }
    let matching = matching(engine, kind)?;
    let by_trigrams = engine == Engine::Sqlite && kind == Kind::LongPart;
    let page_of_many = by_trigrams.then(|| page("organisation LIKE '%' || $1 || '%'"));
    let (page, total) = match (engine, scanned(kind)) {
        // The scan stays inside an index that holds the text and the order, and reads the rows of the page only.
        (Engine::Sqlite, Some(index)) => (
            format!(
                "SELECT {SHOWN} FROM certificates WHERE id IN (SELECT id FROM certificates INDEXED BY {index} \
                 WHERE {matching} ORDER BY valid_until LIMIT {PAGE}) ORDER BY valid_until"
            ),
            format!("SELECT count(*) FROM certificates INDEXED BY {index} WHERE {matching}"),
        ),
        _ if by_trigrams => (page(&matching), format!("SELECT count(*) FROM texts WHERE {MATCHING_TEXTS}")),
        _ => (page(&matching), format!("SELECT count(*) FROM certificates WHERE {matching}")),
    };
    Some(Statements { page, rest: Rest::Total(total), page_of_many })
}

fn page(matching: &str) -> String {
    format!("SELECT {SHOWN} FROM certificates WHERE {matching} ORDER BY valid_until LIMIT {PAGE}")
}

fn matching(engine: Engine, kind: Kind) -> Option<String> {
    let text = match (kind, engine) {
        (Kind::LookUp, _) => "number = $1",
        (Kind::Typo, Engine::Postgres) => "number % $1 AND levenshtein_less_equal(number, $1, 1) <= 1",
        (Kind::Typo, Engine::Sqlite) => return None,
        (Kind::Name, _) => "name = $1",
        (Kind::ShortenedName, _) => "(name LIKE $1 OR name LIKE $2 OR name LIKE $3 OR name LIKE $4)",
        (Kind::Initials, _) => "initials = $1",
        (Kind::NameInProvince, _) => "name = $1 AND province = $2",
        (Kind::LongPart, Engine::Sqlite) => {
            return Some(format!("id IN (SELECT rowid FROM texts WHERE {MATCHING_TEXTS})"));
        }
        (Kind::Part | Kind::LongPart | Kind::BroadPart, _) => "organisation LIKE $1",
        (Kind::County, _) => "region = $1",
        (Kind::Country | Kind::Facets, _) => "TRUE",
    };
    Some(text.to_owned())
}

/// The index of SQLite's that has to be read from end to end.
fn scanned(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::ShortenedName => Some("by_name"),
        Kind::Part | Kind::BroadPart => Some("by_organisation"),
        _ => None,
    }
}

fn facets() -> Statements {
    // Two short walks in the order of an index; one over both would sort them all.
    let of = |status: &str| format!("SELECT * FROM ({}) AS {status}", page(&format!("status = '{status}'")));
    let page = format!("{} UNION ALL {} ORDER BY valid_until LIMIT {PAGE}", of("valid"), of("expiring"));
    let groups = "SELECT status, type, province, count(*) FROM certificates \
                  WHERE status IN ('valid', 'expiring') GROUP BY status, type, province";
    Statements { page, rest: Rest::Groups(groups.to_owned()), page_of_many: None }
}

/// Settings of a PostgreSQL session for a kind of question.
pub fn settings(kind: Kind) -> String {
    let searches_text =
        matches!(kind, Kind::Typo | Kind::ShortenedName | Kind::Part | Kind::LongPart | Kind::BroadPart);
    // How a text is best searched for depends on the text; everything else is planned once.
    let planning = if searches_text { "force_custom_plan" } else { "auto" };
    format!("SET plan_cache_mode = {planning}; SET pg_trgm.similarity_threshold = {SIMILARITY}")
}

/// What stands for the placeholders.
pub fn parameters(engine: Engine, kind: Kind, value: &str) -> Vec<String> {
    match (kind, engine) {
        (Kind::Country | Kind::Facets, _) => Vec::new(),
        (Kind::NameInProvince, _) => vec![value.to_owned(), PROVINCE.to_owned()],
        (Kind::ShortenedName, _) => completed(value),
        (Kind::LongPart, Engine::Sqlite) => vec![value.to_owned()],
        (Kind::Part | Kind::LongPart | Kind::BroadPart, _) => vec![format!("%{value}%")],
        _ => vec![value.to_owned()],
    }
}

/// The name with any one character in each place; the last pattern fills up.
fn completed(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let place = |at: usize| {
        let (before, after) = characters.split_at(at.min(characters.len()));
        before.iter().chain(&['_']).chain(after).collect()
    };
    (0..PATTERNS).map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_character_may_stand_anywhere() {
        assert_eq!(completed("欧阳"), ["_欧阳", "欧_阳", "欧阳_", "欧阳_"]);
        assert_eq!(completed("欧阳明"), ["_欧阳明", "欧_阳明", "欧阳_明", "欧阳明_"]);
    }

    #[test]
    fn placeholders_and_parameters_agree() {
        for engine in [Engine::Postgres, Engine::Sqlite] {
            for kind in Kind::ALL {
                let Some(statements) = statements(engine, kind) else { continue };
                let parameters = parameters(engine, kind, "化工").len();
                let Rest::Total(total) = statements.rest else { continue };
                for text in [statements.page, total] {
                    let last = (1..=9).rev().find(|number| text.contains(&format!("${number}")));
                    assert_eq!(last.unwrap_or(0), parameters, "{engine:?} {}: {text}", kind.name());
                }
            }
        }
    }
}
