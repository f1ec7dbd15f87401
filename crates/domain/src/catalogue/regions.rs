use super::CatalogueError;
use serde::Deserialize;
use std::collections::{BTreeMap, HashMap};

/// Depth of a region. A code has six digits, two for each level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegionLevel {
    Province,
    City,
    County,
}

impl RegionLevel {
    /// How many leading digits of a code tell the region at this level.
    pub const fn digits(self) -> usize {
        match self {
            RegionLevel::Province => 2,
            RegionLevel::City => 4,
            RegionLevel::County => 6,
        }
    }

    fn of_code(code: &str) -> Self {
        if code.ends_with("0000") {
            RegionLevel::Province
        } else if code.ends_with("00") {
            RegionLevel::City
        } else {
            RegionLevel::County
        }
    }
}

/// First and last calendar year of a region under its code, as far as known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Years {
    pub from: Option<u16>,
    pub to: Option<u16>,
}

/// A region of today or, where `abolished` is set, of the past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    pub code: String,
    pub name: String,
    pub level: RegionLevel,
    pub parent: Option<String>,
    /// The name with the names of the regions above.
    pub full_name: String,
    pub abolished: Option<Years>,
}

/// The tree of regions (GB/T 2260 for China) with the codes given out in the past.
#[derive(Debug)]
pub struct Regions {
    by_code: BTreeMap<String, Region>,
    children: HashMap<String, Vec<String>>,
    /// Codes of today's regions by name and by full name.
    names: HashMap<String, Vec<String>>,
    /// Codes by names that are no longer in use.
    former_names: HashMap<String, Vec<String>>,
}

/// A row of `regions.csv`. `grouping` marks rows such as 市辖区 that only group counties and are
/// left out of full names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RegionRow {
    code: String,
    name: String,
    parent: Option<String>,
    level: RegionLevel,
    grouping: String,
}

/// A row of `former_regions.csv`: a code, or a name of a code, that is no longer in use.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormerRegionRow {
    code: String,
    name: String,
    from_year: Option<u16>,
    to_year: Option<u16>,
}

impl Regions {
    pub(super) fn new(rows: Vec<RegionRow>, former: Vec<FormerRegionRow>) -> Result<Self, CatalogueError> {
        let mut regions = Self {
            by_code: BTreeMap::new(),
            children: HashMap::new(),
            names: HashMap::new(),
            former_names: HashMap::new(),
        };
        for row in rows {
            regions.add(row)?;
        }
        for row in former {
            regions.add_former(row);
        }
        Ok(regions)
    }

    fn add(&mut self, row: RegionRow) -> Result<(), CatalogueError> {
        if !(row.code.len() == 6 && row.code.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(CatalogueError::RegionCode { code: row.code });
        }
        let above = match &row.parent {
            None => "",
            Some(parent) => match self.by_code.get(parent) {
                Some(parent) => parent.full_name.as_str(),
                None => return Err(CatalogueError::Unknown { file: "regions.csv", code: parent.clone() }),
            },
        };
        let grouping = row.grouping == "yes";
        let full_name = if grouping { above.to_owned() } else { format!("{above}{}", row.name) };
        if let Some(parent) = &row.parent {
            self.children.entry(parent.clone()).or_default().push(row.code.clone());
        }
        if !grouping {
            self.names.entry(row.name.clone()).or_default().push(row.code.clone());
            if full_name != row.name {
                self.names.entry(full_name.clone()).or_default().push(row.code.clone());
            }
        }
        let region = Region {
            code: row.code.clone(),
            name: row.name,
            level: row.level,
            parent: row.parent,
            full_name,
            abolished: None,
        };
        if self.by_code.insert(row.code.clone(), region).is_some() {
            return Err(CatalogueError::Duplicate { file: "regions.csv", code: row.code });
        }
        Ok(())
    }

    /// Rows come in the order of time: of several names of an abolished code the last one stays.
    fn add_former(&mut self, row: FormerRegionRow) {
        let codes = self.former_names.entry(row.name.clone()).or_default();
        if !codes.contains(&row.code) {
            codes.push(row.code.clone());
        }
        if self.by_code.get(&row.code).is_some_and(|region| region.abolished.is_none()) {
            return;
        }
        let level = RegionLevel::of_code(&row.code);
        let parent = self.parent_by_digits(&row.code, level);
        let above = parent.and_then(|code| self.get(code)).map_or("", |region| region.full_name.as_str());
        let region = Region {
            full_name: format!("{above}{}", row.name),
            parent: parent.map(str::to_owned),
            level,
            abolished: Some(Years { from: row.from_year, to: row.to_year }),
            code: row.code.clone(),
            name: row.name,
        };
        self.by_code.insert(row.code, region);
    }

    fn parent_by_digits(&self, code: &str, level: RegionLevel) -> Option<&str> {
        let city = format!("{}00", code.get(..4)?);
        let province = format!("{}0000", code.get(..2)?);
        let city = self.by_code.get(&city).filter(|_| level == RegionLevel::County);
        let province = self.by_code.get(&province).filter(|_| level != RegionLevel::Province);
        city.or(province).map(|region| region.code.as_str())
    }

    /// A region of today or of the past.
    pub fn get(&self, code: &str) -> Option<&Region> {
        self.by_code.get(code)
    }

    /// Was this code ever given out? ID numbers keep the region of their first issue for life.
    pub fn is_known_ever(&self, code: &str) -> bool {
        self.by_code.contains_key(code)
    }

    /// Today's regions in the order of their codes.
    pub fn all(&self) -> impl Iterator<Item = &Region> {
        self.by_code.values().filter(|region| region.abolished.is_none())
    }

    /// Today's regions directly under this one.
    pub fn children(&self, code: &str) -> impl Iterator<Item = &Region> {
        self.children.get(code).into_iter().flatten().filter_map(|child| self.get(child))
    }

    /// The leading digits that all codes under this region share: two, four or six.
    pub fn subtree_prefix<'a>(&self, code: &'a str) -> &'a str {
        let level = self.get(code).map_or_else(|| RegionLevel::of_code(code), |region| region.level);
        code.get(..level.digits()).unwrap_or(code)
    }

    pub fn full_name(&self, code: &str) -> Option<&str> {
        self.get(code).map(|region| region.full_name.as_str())
    }

    /// Regions of exactly this name or full name; those of the past only where none of today bears
    /// it. Several for names such as 朝阳区.
    pub fn by_name(&self, name: &str) -> Vec<&Region> {
        let name = name.trim();
        let codes = self.names.get(name).or_else(|| self.former_names.get(name));
        codes.into_iter().flatten().filter_map(|code| self.get(code)).collect()
    }

    /// The region an authority's or enterprise's name begins with: the longest beginning that
    /// names exactly one region of today (`浙江省杭州市余杭区应急管理局` → 余杭区).
    pub fn leading(&self, text: &str) -> Option<&Region> {
        let text = text.trim();
        let ends = text.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut named = ends.filter_map(|end| match self.names.get(&text[..end]).map(Vec::as_slice) {
            Some([only]) => Some(only),
            _ => None,
        });
        named.next_back().and_then(|code| self.get(code))
    }

    /// Today's regions that somebody may mean by this text: each name, or at least two characters of
    /// its beginning, by itself or behind names of regions above it (`济南`, `山东济南`,
    /// `济南市历下区`).
    pub fn called<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a Region> {
        self.all().filter(move |region| self.is_called(region, text))
    }

    fn is_called(&self, region: &Region, text: &str) -> bool {
        text.char_indices().any(|(at, _)| {
            let (above, name) = text.split_at(at);
            name.chars().nth(1).is_some()
                && region.name.starts_with(name)
                && (above.is_empty() || self.above(region).any(|region| self.is_called(region, above)))
        })
    }

    /// The regions that hold this one, the smallest first.
    fn above<'a>(&'a self, region: &'a Region) -> impl Iterator<Item = &'a Region> {
        let parent = |region: &&'a Region| region.parent.as_deref().and_then(|code| self.get(code));
        std::iter::successors(Some(region), parent).skip(1)
    }
}
