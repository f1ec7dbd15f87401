//! What organisations do and which certificates their people hold.

use crate::draw::{Draw, Weighted};
use domain::catalogue::Catalogue;
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TradeFile {
    trade: Vec<TradeRow>,
    items: BTreeMap<String, u64>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct TradeRow {
    share: u64,
    industries: Vec<String>,
    words: Vec<String>,
    types: BTreeMap<String, u64>,
    #[serde(default)]
    units: BTreeMap<String, u64>,
    special_ops: BTreeMap<String, u64>,
}

/// Scheme whose items are chosen in two steps, category first, so that the categories keep their
/// published shares whatever their items weigh.
const SPECIAL_OPERATIONS: &str = "mem";
/// Scheme whose items follow from what the organisation does.
const UNITS: &str = "mem_unit";

#[derive(Debug)]
pub(crate) struct Trade {
    pub(crate) industries: Vec<String>,
    /// What an organisation's name says it does.
    pub(crate) words: Vec<String>,
    types: Weighted<String>,
    units: Option<Weighted<String>>,
    special_operations: Weighted<String>,
}

/// A certificate's type and item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entitlement {
    pub(crate) type_code: String,
    pub(crate) item: Option<String>,
}

#[derive(Debug)]
pub(crate) struct Trades {
    trades: Weighted<Trade>,
    /// Items by scheme and, for special operations, by `scheme:category`.
    items: BTreeMap<String, Weighted<String>>,
}

impl Trades {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let file: TradeFile = toml::from_str(include_str!("../data/trades.toml"))
            .expect("the shipped list of trades is read by a test");
        Self {
            items: items(catalogue, &file.items),
            trades: Weighted::new(file.trade.into_iter().map(trade)),
        }
    }

    /// The trade at a point of the unit interval, in parts of 2^64.
    pub(crate) fn at(&self, point: u64) -> &Trade {
        self.trades.at_fraction(point)
    }

    /// What someone of the trade holds besides `held`, with whose type and item it never agrees.
    pub(crate) fn entitlement(
        &self,
        trade: &Trade,
        held: &[Entitlement],
        catalogue: &Catalogue,
        draw: &mut Draw,
    ) -> Entitlement {
        const ATTEMPTS: usize = 64;
        let mut found = self.any_entitlement(trade, catalogue, draw);
        for _ in 0..ATTEMPTS {
            if !held.contains(&found) {
                break;
            }
            found = self.any_entitlement(trade, catalogue, draw);
        }
        found
    }

    fn any_entitlement(&self, trade: &Trade, catalogue: &Catalogue, draw: &mut Draw) -> Entitlement {
        let type_code = trade.types.pick(draw).clone();
        let scheme = catalogue.type_by_code(&type_code).and_then(|kind| kind.item_scheme.as_deref());
        let item = match (scheme, &trade.units) {
            (Some(UNITS), Some(units)) => Some(format!("{UNITS}:{}", units.pick(draw))),
            (Some(SPECIAL_OPERATIONS), _) => {
                let category = trade.special_operations.pick(draw);
                self.item_of(&format!("{SPECIAL_OPERATIONS}:{category}"), draw)
            }
            (Some(scheme), _) => self.item_of(scheme, draw),
            (None, _) => None,
        };
        Entitlement { type_code, item }
    }

    fn item_of(&self, group: &str, draw: &mut Draw) -> Option<String> {
        self.items.get(group).map(|items| items.pick(draw).clone())
    }
}

fn trade(row: TradeRow) -> (Trade, u64) {
    let trade = Trade {
        industries: row.industries,
        words: row.words,
        types: Weighted::new(row.types),
        units: (!row.units.is_empty()).then(|| Weighted::new(row.units)),
        special_operations: Weighted::new(row.special_ops),
    };
    (trade, row.share)
}

fn items(catalogue: &Catalogue, weights: &BTreeMap<String, u64>) -> BTreeMap<String, Weighted<String>> {
    let mut groups: BTreeMap<String, Vec<(String, u64)>> = BTreeMap::new();
    for scheme in catalogue.types().iter().filter_map(|kind| kind.item_scheme.as_deref()) {
        for item in catalogue.items(scheme) {
            let group = match scheme {
                SPECIAL_OPERATIONS => format!("{scheme}:{}", item.group),
                _ => scheme.to_owned(),
            };
            let weight = weights.get(&item.code).copied().unwrap_or(1);
            let group = groups.entry(group).or_default();
            // Several types share a scheme.
            if !group.iter().any(|(code, _)| *code == item.code) {
                group.push((item.code.clone(), weight));
            }
        }
    }
    groups.into_iter().map(|(group, items)| (group, Weighted::new(items))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_trades_name_only_what_the_catalogue_knows() {
        let catalogue = Catalogue::work_safety();
        let file: TradeFile = toml::from_str(include_str!("../data/trades.toml")).expect("trades.toml");
        assert_eq!(file.trade.iter().map(|trade| trade.share).sum::<u64>(), 1000);
        for code in file.items.keys() {
            assert!(catalogue.item_by_code(code).is_some(), "{code}");
        }
        let groups: Vec<&str> = catalogue.items(SPECIAL_OPERATIONS).map(|item| item.group.as_str()).collect();
        for trade in file.trade {
            for industry in &trade.industries {
                assert!(catalogue.industry_by_code(industry).is_some(), "{industry}");
            }
            for unit in trade.units.keys() {
                assert!(catalogue.item_by_code(&format!("{UNITS}:{unit}")).is_some(), "{unit}");
            }
            for category in trade.special_ops.keys() {
                assert!(groups.contains(&category.as_str()), "{category}");
            }
            for code in trade.types.keys() {
                let scheme =
                    catalogue.type_by_code(code).unwrap_or_else(|| panic!("{code}")).item_scheme.as_deref();
                assert!(scheme != Some(UNITS) || !trade.units.is_empty(), "{code}");
            }
        }
    }
}
