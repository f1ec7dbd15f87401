use super::stars;
use std::net::{IpAddr, SocketAddr};

/// A mobile number as `138****5678`, a landline as `010-****1234`, any other by its last four
/// digits. A country code of China (+86) is dropped.
pub fn phone(number: &str) -> String {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let foreign = number.trim_start().starts_with('+') && !digits.starts_with("86");
    if foreign {
        return tail_only(&digits);
    }
    let national = ["0086", "86"].iter().find_map(|code| digits.strip_prefix(code)).unwrap_or(&digits);
    if is_mobile(national) {
        return format!("{}****{}", &national[..3], &national[7..]);
    }
    match area_code_length(national) {
        Some(area) => format!("{}-****{}", &national[..area], &national[national.len() - 4..]),
        None => tail_only(&digits),
    }
}

fn tail_only(digits: &str) -> String {
    match digits.len() {
        9.. => format!("{}{}", stars(digits.len() - 4), &digits[digits.len() - 4..]),
        length => stars(length),
    }
}

fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && !digits[1..].starts_with(['0', '1', '2'])
}

/// `010` and `02x` have three digits, all other area codes four; seven or eight digits follow.
fn area_code_length(digits: &str) -> Option<usize> {
    let area = if digits.starts_with("01") || digits.starts_with("02") { 3 } else { 4 };
    let number = digits.len().checked_sub(area)?;
    (digits.starts_with('0') && (7..=8).contains(&number)).then_some(area)
}

/// A text with every run of digits that is a mobile number hidden.
pub(super) fn hide_mobile_numbers(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let end =
            rest[start..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |length| start + length);
        let run = &rest[start..end];
        shown.push_str(&rest[..start]);
        let national = run.strip_prefix("86").unwrap_or(run);
        if is_mobile(national) {
            shown.push_str(&stars(run.len()))
        } else {
            shown.push_str(run)
        }
        rest = &rest[end..];
    }
    shown + rest
}

/// `z***@example.org`
pub fn email(address: &str) -> String {
    match address.rsplit_once('@') {
        Some((local, domain)) if local.chars().count() > 1 => {
            let first: String = local.chars().take(1).collect();
            format!("{first}***@{domain}")
        }
        Some((_, domain)) => format!("***@{domain}"),
        None => "***".to_owned(),
    }
}

/// The network that an address belongs to: /24 of IPv4, /48 of IPv6.
pub fn ip(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            format!("{a}.{b}.{c}.*")
        }
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}:*")
        }
    }
}

/// Where a call came from, as the audit keeps it: of the address of a peer its network without the port.
/// A word in its place, such as `cli`, says nothing of anybody and stays.
pub fn source(text: &str) -> String {
    let peer = text.parse::<SocketAddr>().map(|peer| peer.ip());
    match peer.or_else(|_| text.parse::<IpAddr>()) {
        Ok(address) => ip(address),
        Err(_) if text.bytes().all(|byte| byte.is_ascii_lowercase()) => text.to_owned(),
        Err(_) => "***".to_owned(),
    }
}

/// A number plate: `京A***12`.
pub fn licence_plate(plate: &str) -> String {
    let characters: Vec<char> = plate.chars().filter(|c| !c.is_whitespace() && *c != '·').collect();
    let hidden = characters.len().saturating_sub(4);
    if hidden < 3 {
        return stars(characters.len());
    }
    let head: String = characters[..2].iter().collect();
    let end: String = characters[2 + hidden..].iter().collect();
    format!("{head}{}{end}", stars(hidden))
}

/// A postal address down to its county, district or banner; what follows is hidden.
pub fn address(full: &str) -> String {
    const PROVINCE: &[&str] = &["特别行政区", "自治区", "省", "市"];
    const CITY: &[&str] = &["自治州", "地区", "盟", "市"];
    const COUNTY: &[&str] = &["自治县", "自治旗", "林区", "特区", "县", "区", "旗", "市"];
    let mut end = 0;
    for suffixes in [PROVINCE, CITY, COUNTY] {
        end += division_length(&full[end..], suffixes).unwrap_or(0);
    }
    if end == 0 { "***".to_owned() } else { format!("{}***", &full[..end]) }
}

/// Length in bytes of a name of an administrative division at the beginning of a text: two to
/// eleven characters ending in one of the suffixes.
fn division_length(text: &str, suffixes: &[&str]) -> Option<usize> {
    let ends = text.char_indices().map(|(at, c)| at + c.len_utf8()).take(11).skip(1);
    ends.filter(|end| suffixes.iter().any(|suffix| text[..*end].ends_with(suffix)))
        .find(|end| !text[*end..].starts_with("治"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn phones_keep_area_and_last_four_digits() {
        let cases = [
            ("13800138000", "138****8000"),
            ("+86 138 0013 8000", "138****8000"),
            ("0086-13800138000", "138****8000"),
            ("010-12345678", "010-****5678"),
            ("0755 1234567", "0755-****4567"),
            ("+81 90 1234 5678", "********5678"),
            ("12345", "*****"),
            ("", ""),
        ];
        for (number, expected) in cases {
            assert_eq!(phone(number), expected, "{number}");
        }
    }

    #[test]
    fn other_contacts_keep_what_is_not_personal() {
        assert_eq!(email("zhang@example.org"), "z***@example.org");
        assert_eq!(email("z@example.org"), "***@example.org");
        assert_eq!(email("zhang"), "***");
        assert_eq!(ip("203.0.113.77".parse().unwrap()), "203.0.113.*");
        assert_eq!(ip("::ffff:203.0.113.77".parse().unwrap()), "203.0.113.*");
        assert_eq!(ip("2001:db8:7:8::9".parse().unwrap()), "2001:db8:7:*");
        assert_eq!(source("203.0.113.77:51234"), "203.0.113.*");
        assert_eq!(source("[2001:db8:7:8::9]:443"), "2001:db8:7:*");
        assert_eq!(source("[::ffff:203.0.113.77]:443"), "203.0.113.*");
        assert_eq!(source("[fe80::1%2]:443"), "fe80:0:0:*");
        assert_eq!(source("203.0.113.77"), "203.0.113.*");
        assert_eq!(source("host.example.org:443"), "***");
        for word in ["cli", "job", "unknown", ""] {
            assert_eq!(source(word), word);
        }
        assert_eq!(licence_plate("京A·00012"), "京A***12");
        assert_eq!(licence_plate("京AD00012"), "京A****12");
        assert_eq!(licence_plate("京A1"), "***");
        assert_eq!(address("北京市朝阳区建国路1号"), "北京市朝阳区***");
        assert_eq!(address("湖北省武汉市武昌区中山路2号"), "湖北省武汉市武昌区***");
        assert_eq!(
            address("新疆维吾尔自治区伊犁哈萨克自治州霍城县1号"),
            "新疆维吾尔自治区伊犁哈萨克自治州霍城县***"
        );
        assert_eq!(address("建国路1号"), "***");
    }

    proptest! {
        #[test]
        fn the_middle_of_a_mobile_number_is_never_shown(number in "1[3-9][0-9]{9}") {
            let hidden = &number[3..7];
            let shown = phone(&number);
            prop_assert_eq!(shown, format!("{}****{}", &number[..3], &number[7..]));
            let in_text = hide_mobile_numbers(&format!("电话{number}。"));
            prop_assert!(!in_text.contains(hidden) && !in_text.contains(&number[7..]));
        }
    }
}
