//! The organisations: named after a place, a brand and a trade, as enterprises are.

use crate::{
    draw::{Draw, Purpose, Spread, scattered},
    identity,
    lists::Lists,
    places::{Places, Province, Seat},
    trades::{Trade, Trades},
};

#[derive(Debug)]
pub(crate) struct Organisations {
    seed: u64,
    words: Lists,
}

/// An organisation before it is given an identifier.
pub(crate) struct Enterprise<'a> {
    pub(crate) name: String,
    pub(crate) credit_code: String,
    pub(crate) province: &'a Province,
    pub(crate) seat: &'a Seat,
    pub(crate) trade: &'a Trade,
    /// Division of GB/T 4754.
    pub(crate) industry: &'a str,
}

impl Organisations {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed, words: Lists::organisations() }
    }

    pub(crate) fn province<'a>(&self, index: u64, places: &'a Places) -> &'a Province {
        places.province_at(Spread::Province.point(self.seed, index))
    }

    pub(crate) fn trade<'a>(&self, index: u64, trades: &'a Trades) -> &'a Trade {
        trades.at(Spread::Trade.point(self.seed, index))
    }

    pub(crate) fn enterprise<'a>(
        &self,
        index: u64,
        places: &'a Places,
        trades: &'a Trades,
    ) -> Enterprise<'a> {
        let mut draw = Draw::new(self.seed, Purpose::Organisation, index);
        let province = self.province(index, places);
        let seat = province.seat(&mut draw);
        let trade = self.trade(index, trades);
        let code = scattered(self.seed, index, identity::ORGANISATION_CODES);
        Enterprise {
            name: self.name(province, seat, trade, &mut draw),
            credit_code: identity::credit_code(&seat.county.code, code),
            province,
            seat,
            trade,
            industry: draw.one_of(&trade.industries).as_str(),
        }
    }

    fn name(&self, province: &Province, seat: &Seat, trade: &Trade, draw: &mut Draw) -> String {
        let place = short_place(province, seat);
        let brand = format!(
            "{}{}",
            self.words.get("brand_first").pick(draw),
            self.words.get("brand_second").pick(draw)
        );
        let words = draw.one_of(&trade.words);
        let suffix = self.words.get("suffix").pick(draw);
        match draw.below(100) {
            0..5 => format!("{}{brand}{words}{suffix}", province.place.name),
            5..12 => format!("{brand}（{place}）{words}{suffix}"),
            12..15 => format!("{brand}{words}{suffix}{place}分公司"),
            _ => format!("{place}{brand}{words}{suffix}"),
        }
    }
}

/// The name enterprises use: 襄阳 for 襄阳市, the county where the city is a prefecture with a long
/// name.
fn short_place<'a>(province: &Province, seat: &'a Seat) -> &'a str {
    let by_city = province.municipality || seat.city.own_name.ends_with('市');
    let name = if by_city { &seat.city.own_name } else { &seat.county.own_name };
    let stem = name.strip_suffix(['市', '县', '区', '旗']).unwrap_or(name);
    if stem.chars().count() >= 2 { stem } else { name }
}
