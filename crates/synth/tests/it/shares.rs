use crate::sample;
use domain::catalogue::Catalogue;
use std::collections::HashMap;

/// Shares in per cent.
fn shares<K: std::hash::Hash + Eq>(values: impl Iterator<Item = K>) -> HashMap<K, f64> {
    let mut counts: HashMap<K, f64> = HashMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1.0;
    }
    let total: f64 = counts.values().sum();
    counts.into_iter().map(|(value, count)| (value, 100.0 * count / total)).collect()
}

#[test]
fn special_operations_have_the_shares_of_the_published_examinations() {
    let catalogue = Catalogue::work_safety();
    let special_operations = sample().iter().filter(|certificate| certificate.type_code == "mem_special_ops");
    let items = special_operations.filter_map(|certificate| certificate.item.as_deref());
    let category = |item| catalogue.item_by_code(item).expect("a known item").group.as_str();
    let found = shares(items.map(category));
    let published = [
        ("1", 39.13),
        ("2", 38.34),
        ("3", 17.88),
        ("9", 2.76),
        ("6", 0.98),
        ("4", 0.81),
        ("10", 0.07),
        ("8", 0.03),
    ];
    for (category, share) in published {
        let found = found.get(category).copied().unwrap_or_default();
        assert!((found - share).abs() <= 2.0, "category {category}: {found:.2} % instead of {share} %");
    }
}

#[test]
fn types_are_as_frequent_as_in_the_country() {
    let found = shares(sample().iter().map(|certificate| certificate.type_code.as_str()));
    let of = |codes: &[&str]| codes.iter().filter_map(|code| found.get(*code)).sum::<f64>();
    let expected: [(&[&str], f64); 5] = [
        (&["mem_special_ops"], 45.0),
        (&["se_operator"], 27.5),
        (&["con_a", "con_b", "con_c", "con_c1", "con_c2", "con_c3"], 9.5),
        (&["mem_principal", "mem_manager", "mem_principal_gen", "mem_manager_gen"], 9.5),
        (&["con_special_ops"], 4.0),
    ];
    for (codes, share) in expected {
        let found = of(codes);
        assert!((found - share).abs() <= 2.0, "{codes:?}: {found:.2} % instead of {share} %");
    }
}

#[test]
fn every_mainland_province_issues_certificates_and_the_large_ones_most() {
    let found = shares(sample().iter().map(|certificate| &certificate.region[..2]));
    assert_eq!(found.len(), 31);
    // 广东 has nine per cent of the people, 西藏 a quarter of one.
    assert!((found["44"] - 8.9).abs() <= 3.0, "{:.2} %", found["44"]);
    assert!(found["54"] < 1.5, "{:.2} %", found["54"]);
}
