use serde::Deserialize;

/// A section or division of economic activity (GB/T 4754 for China).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Industry {
    pub code: String,
    pub name: String,
    /// The section of a division; `None` for a section.
    pub parent: Option<String>,
    pub level: IndustryLevel,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IndustryLevel {
    Section,
    Division,
}
