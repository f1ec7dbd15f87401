//! Invented people and their papers. Nobody has these numbers.

use chrono::NaiveDate;
use serde_json::{Value, json};
use std::fmt::Write;

/// A number that passes its check (GB 11643, ISO 7064 MOD 11-2), told from others by its serial.
fn id_number(serial: u64) -> String {
    const WEIGHTS: [u64; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let day = NaiveDate::from_ymd_opt(1970, 1, 1).unwrap_or_default() + chrono::Days::new(serial % 10_000);
    let digits = format!("420602{}{:03}", day.format("%Y%m%d"), 980 + serial / 10_000 % 20);
    let sum: u64 = digits.bytes().zip(WEIGHTS).map(|(digit, weight)| u64::from(digit - b'0') * weight).sum();
    format!("{digits}{}", char::from(b"10X98765432"[(sum % 11) as usize]))
}

/// There are so many people; who is asked for beyond that holds one more certificate.
const PEOPLE: u64 = 200_000;

pub fn name(serial: u64) -> String {
    let serial = serial % PEOPLE;
    let character = |n: u64| char::from_u32(0x4E00 + u32::try_from(n % 3000).unwrap_or(0)).unwrap_or('甲');
    format!("李{}{}", character(serial), character(serial / 3000 + 7))
}

/// Told from the numbers that rosters bring.
pub fn issued_number(serial: u64) -> String {
    format!("甘建安A(2025){serial:07}")
}

/// What an office fills in to issue a certificate that is good for a year and more.
pub fn form(serial: u64, region: &str, today: NaiveDate, until: NaiveDate) -> Value {
    let issued = today - chrono::Days::new(400);
    json!({
        "type": "con_a", "number": issued_number(serial), "item": null, "name": name(serial),
        "id_number": id_number(serial), "phone": null, "organisation": "安源混沌机电有限公司", "uscc": null,
        "issuer": "应急管理局", "region": region, "industry": null, "issued_on": issued,
        "valid_from": issued, "valid_until": until, "review_due_on": null,
    })
}

pub fn organisation(roster: u64) -> String {
    format!("混沌第{roster}建筑安装有限公司")
}

/// A roster of so many people of one organisation, as CSV.
pub fn roster(number: u64, rows: u64) -> String {
    let mut text = "姓名,身份证号码,证书类别,证书编号,工作单位,发证机关,发证日期,有效期至\n".to_owned();
    for row in 0..rows {
        let serial = 20_000 + number * 10_000 + row;
        // Writing to a string cannot fail.
        let _written = writeln!(
            text,
            "{},{},建安A证,鄂建安A(2025){serial:08},{},湖北省住房和城乡建设厅,2025-05-01,2028-04-30",
            name(serial),
            id_number(serial),
            organisation(number)
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_number_of_the_standard_has_its_check_character() {
        // GB 11643's own way of checking: the weighted sum of all eighteen leaves 1.
        for serial in [0, 1, 9_999, 123_456] {
            let number = id_number(serial);
            let value = |c: char| if c == 'X' { 10 } else { c.to_digit(10).unwrap() };
            let weighted: u32 =
                number.chars().rev().zip(0..).map(|(c, place)| value(c) * (2u32.pow(place) % 11)).sum();
            assert_eq!((number.len(), weighted % 11), (18, 1), "{number}");
        }
    }

    #[test]
    fn nobody_comes_twice_in_a_roster() {
        let text = roster(3, 6_000);
        let numbers: std::collections::BTreeSet<_> =
            text.lines().filter_map(|line| line.split(',').nth(3)).collect();
        assert_eq!(numbers.len(), 6_001);
    }
}
