use super::{certificate_number, id_number, name, stars, text};
use crate::certificate::{IdentityDocument, IdentityKind};

/// The conditions of a search as the audit keeps them, `field=value` joined by blanks, fit to be
/// read by somebody who may not know whom the search was about.
pub fn keywords(conditions: &str) -> String {
    let words = split(conditions).into_iter().map(|(field, value)| match field {
        Some(field) => format!("{field}={}", masked(field, value)),
        None => masked_box(value),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Values may hold blanks: a word with a known field name and `=` begins the next condition.
fn split(conditions: &str) -> Vec<(Option<&str>, &str)> {
    const FIELDS: [&str; 13] = [
        "q",
        "number",
        "id_number",
        "name",
        "organisation",
        "issuer",
        "type",
        "item",
        "category",
        "region",
        "industry",
        "status",
        "on",
    ];
    let is_start = |at: usize| {
        let starts_word = at == 0 || conditions[..at].ends_with(' ');
        let field = conditions[at..].split_once('=').map(|(field, _)| field);
        starts_word && field.is_some_and(|field| FIELDS.contains(&field))
    };
    let starts: Vec<usize> = conditions.char_indices().map(|(at, _)| at).filter(|&at| is_start(at)).collect();
    let first = starts.first().copied().unwrap_or(conditions.len());
    let ends = starts.iter().skip(1).copied().chain([conditions.len()]);
    let unnamed = Some((None, conditions[..first].trim_end())).filter(|(_, value)| !value.is_empty());
    let named = starts.iter().zip(ends).filter_map(|(&start, end)| {
        let (field, value) = conditions[start..end].split_once('=')?;
        Some((Some(field), value.trim_end()))
    });
    unnamed.into_iter().chain(named).collect()
}

fn masked(field: &str, value: &str) -> String {
    match field {
        "name" => name(value),
        "id_number" => id_number(&IdentityDocument { kind: IdentityKind::Other, number: value.to_owned() }),
        "number" => without_long_numbers(&certificate_number(value)),
        "q" => masked_box(value),
        _ => without_long_numbers(&text(value)),
    }
}

/// What is typed into the one box can be a name: only what holds a digit is taken for a number.
fn masked_box(value: &str) -> String {
    if value.chars().any(char::is_numeric) { without_long_numbers(&text(value)) } else { name(value) }
}

/// An ID number with a typing error passes no check and is still somebody's.
fn without_long_numbers(text: &str) -> String {
    const LONGEST_SERIAL: usize = 14;
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_numeric) {
        let end = rest[start..].find(|c: char| !c.is_numeric()).map_or(rest.len(), |length| start + length);
        let length = rest[start..end].chars().count();
        shown.push_str(&rest[..start]);
        if length > LONGEST_SERIAL {
            shown.push_str(&stars(length))
        } else {
            shown.push_str(&rest[start..end])
        }
        rest = &rest[end..];
    }
    shown + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_are_masked_each_in_its_way() {
        let cases = [
            (
                "name=张三丰 organisation=某某建设 有限公司 status=valid",
                "name=张** organisation=某某建设 有限公司 status=valid",
            ),
            ("number=T11010519491231002X name=张三", "number=T110***********002X name=张*"),
            ("number=T11010519491231003X", "number=T*****************X"),
            ("id_number=11010519491231002X", "id_number=1*************002X"),
            ("q=张三", "q=张*"),
            ("q=13800138000", "q=***********"),
            ("q=京建安C1(2015)0000001", "q=京建安C1(2015)0000001"),
            ("张三", "张*"),
            ("", ""),
        ];
        for (conditions, expected) in cases {
            assert_eq!(keywords(conditions), expected);
        }
    }
}
