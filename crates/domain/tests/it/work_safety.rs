use domain::{
    catalogue::{Catalogue, CatalogueFiles, Names, RegionLevel},
    lifecycle::Status,
    number::{certificate_number, embeds_id},
};
use std::collections::HashSet;

fn complete(names: &Names) -> bool {
    [&names.zh, &names.en, &names.ja].into_iter().all(|name| !name.trim().is_empty())
}

#[test]
fn names_are_complete_in_three_languages() {
    let catalogue = Catalogue::work_safety();
    for kind in catalogue.types() {
        assert!(complete(&kind.names) && !kind.short_zh.is_empty(), "{}", kind.code);
    }
    for category in catalogue.categories() {
        assert!(complete(&category.names), "{}", category.code);
    }
    let schemes: HashSet<&str> = catalogue
        .types()
        .iter()
        .flat_map(|kind| kind.item_scheme.iter().chain(&kind.older_item_schemes))
        .map(String::as_str)
        .collect();
    assert_eq!(schemes.len(), 6);
    for item in schemes.iter().flat_map(|scheme| catalogue.items(scheme)) {
        assert!(complete(&item.names) && complete(&item.group_names), "{}", item.code);
    }
}

#[test]
fn every_type_has_an_example_in_its_one_spelling_and_sound_rules() {
    let catalogue = Catalogue::work_safety();
    assert_eq!(catalogue.types().len(), 21);
    for kind in catalogue.types() {
        assert!(!kind.number_examples.is_empty(), "{}", kind.code);
        for example in &kind.number_examples {
            assert_eq!(certificate_number::normalise_for(kind, example).number, *example);
        }
        if let (Some(validity), Some(review)) = (kind.validity_years, kind.review_every_years) {
            assert!(review < validity, "{}: a review as long as the validity is the renewal", kind.code);
        }
        assert!(
            kind.number_examples.iter().any(|number| number.contains("11010519491231002X"))
                == kind.number_examples.iter().any(|number| embeds_id(number).is_some())
        );
    }
}

#[test]
fn items_are_found_by_scheme_and_code() {
    let catalogue = Catalogue::work_safety();
    assert_eq!(catalogue.item_by_code("mem:1.2").unwrap().names.zh, "低压电工作业");
    // One short code, two lists, two meanings.
    assert_eq!(catalogue.item_by_code("equipment:Q1").unwrap().names.zh, "起重机指挥");
    assert_eq!(catalogue.item_by_code("equipment_2011:Q3").unwrap().names.zh, "起重机械指挥");
    assert_eq!(catalogue.items("mem").count(), 55);
    assert_eq!(catalogue.items("construction").count(), 12);
    assert!(catalogue.item_by_code("1.2").is_none());
}

#[test]
fn everyday_names_lead_to_types_and_items() {
    let catalogue = Catalogue::work_safety();
    let candidates = |name: &str| -> Vec<(String, Option<String>)> {
        let found = catalogue.candidates(name).iter();
        found.map(|candidate| (candidate.type_code.clone(), candidate.item.clone())).collect()
    };
    let one = |kind: &str, item: &str| vec![(kind.to_owned(), Some(item.to_owned()))];
    assert_eq!(candidates("低压电工作业"), one("mem_special_ops", "mem:1.2"));
    assert_eq!(candidates("低压 电工"), one("mem_special_ops", "mem:1.2"));
    assert_eq!(candidates("叉车证"), one("se_operator", "equipment:N1"));
    assert_eq!(candidates("特种作业操作证"), [("mem_special_ops".to_owned(), None)]);
    assert_eq!(candidates("电工作业"), [("mem_special_ops".to_owned(), None)]);
    for ambiguous in ["电工证", "焊工证", "登高证", "安全员证", "三类人员"] {
        assert!(candidates(ambiguous).len() > 1, "{ambiguous}");
    }
    assert!(candidates("厨师证").is_empty());
}

#[test]
fn the_two_status_tables_are_mapped_apart_in_both_directions() {
    let catalogue = Catalogue::work_safety();
    let managers = catalogue.status_codes("C0317").unwrap();
    let operators = catalogue.status_codes("C0304").unwrap();
    assert_eq!(managers.read("03").unwrap().reads_as, Some(Status::Revoked));
    assert_eq!(operators.read("03").unwrap().reads_as, Some(Status::RevokedPenalty));
    assert_eq!(managers.write(Status::Revoked).unwrap().code, "03");
    assert_eq!(operators.write(Status::Revoked).unwrap().code, "04");
    assert_eq!(operators.write(Status::TransferredOut).unwrap().code, "99");
    for table in [managers, operators] {
        for status in Status::ALL {
            let entries = table.codes().iter().filter(|entry| entry.written_for.contains(&status)).count();
            assert_eq!(entries, 1, "{} {status:?}", table.name());
        }
        for entry in table.codes() {
            if let Some(status) = entry.reads_as {
                assert_eq!(table.write(status).unwrap().code, entry.code);
            }
        }
    }
}

#[test]
fn regions_form_a_tree_and_remember_the_past() {
    let catalogue = Catalogue::work_safety();
    let regions = catalogue.regions();
    let provinces = regions.all().filter(|region| region.level == RegionLevel::Province).count();
    assert_eq!((regions.all().count(), provinces), (3427, 34));
    for region in regions.all() {
        if let Some(parent) = &region.parent {
            assert!(region.code.starts_with(regions.subtree_prefix(parent)), "{}", region.code);
            assert!(regions.children(parent).any(|child| child.code == region.code));
        }
    }
    assert_eq!(regions.full_name("110105"), Some("北京市朝阳区"));
    assert_eq!(regions.full_name("429004"), Some("湖北省仙桃市"));
    assert_eq!(regions.subtree_prefix("330000"), "33");
    assert_eq!(regions.subtree_prefix("330100"), "3301");
    assert_eq!(regions.subtree_prefix("330110"), "330110");
    let abolished = regions.get("110103").unwrap();
    assert_eq!((abolished.name.as_str(), abolished.full_name.as_str()), ("崇文区", "北京市崇文区"));
    assert_eq!(abolished.abolished.unwrap().to, Some(2009));
    assert!(regions.is_known_ever("452200") && !regions.is_known_ever("990101"));
}

#[test]
fn regions_are_found_by_name_where_it_is_clear() {
    let catalogue = Catalogue::work_safety();
    let regions = catalogue.regions();
    let codes =
        |name| regions.by_name(name).into_iter().map(|region| region.code.as_str()).collect::<Vec<_>>();
    assert_eq!(codes("北京市朝阳区"), ["110105"]);
    assert_eq!(codes("朝阳区"), ["110105", "220104"]);
    assert_eq!(codes("崇文区"), ["110103"]);
    assert!(codes("火星市").is_empty());
    let leading = |text| regions.leading(text).map(|region| region.code.as_str());
    assert_eq!(leading("浙江省应急管理厅"), Some("330000"));
    assert_eq!(leading("浙江省杭州市余杭区应急管理局"), Some("330110"));
    assert_eq!(leading("杭州市应急管理局"), Some("330100"));
    assert_eq!(leading("朝阳区应急管理局"), None);
    assert_eq!(leading("应急管理部"), None);
}

#[test]
fn a_place_is_known_by_its_name_short_or_with_the_names_above_it() {
    let catalogue = Catalogue::work_safety();
    let called =
        |text| -> Vec<&str> { catalogue.regions().called(text).map(|region| region.code.as_str()).collect() };
    for (text, code) in [
        ("济南", "370100"),
        ("济南市", "370100"),
        ("山东济南", "370100"),
        ("山东省济南", "370100"),
        ("济南市历下区", "370102"),
        ("济南历下", "370102"),
        ("山东历下区", "370102"),
        ("山东省济南市历下区", "370102"),
        ("青岛市市北区", "370203"),
        ("北京市东城区", "110101"),
        ("广西南宁", "450100"),
        ("内蒙古自治区呼和浩特市", "150100"),
        ("湖北仙桃", "429004"),
    ] {
        assert_eq!(called(text), [code], "{text}");
    }
    assert!(called("吉林").len() > 1, "a province and a city");
    for text in ["山东杭州", "历下区济南市", "济南市张伟", "南市历下区", "济", ""] {
        assert_eq!(called(text), Vec::<&str>::new(), "{text}");
    }
}

#[test]
fn industries_have_their_sections() {
    let catalogue = Catalogue::work_safety();
    assert_eq!(catalogue.industries().len(), 117);
    let division = catalogue.industry_by_code("26").unwrap();
    assert_eq!((division.name.as_str(), division.parent.as_deref()), ("化学原料和化学制品制造业", Some("C")));
}

#[test]
fn data_that_contradicts_itself_is_refused_with_the_place() {
    let mut files = super::second_catalogue::FILES;
    let parse = |files: &CatalogueFiles<'_>| Catalogue::parse(files).unwrap_err().to_string();
    let doubled = format!("{}\n{}", files.types, files.types);
    assert!(parse(&CatalogueFiles { types: &doubled, ..files }).contains("twice"));
    let strange = files.types.replace("'nursing'", "'astronomy'");
    assert_eq!(
        parse(&CatalogueFiles { types: &strange, ..files }),
        "types.toml: astronomy is referred to and does not exist"
    );
    let refused = files.types.replace("number_examples = ['第", "number_examples = ['號");
    assert!(parse(&CatalogueFiles { types: &refused, ..files }).contains("does not accept the example"));
    files.regions =
        "code,name,parent,level,grouping\n130000,東京都,,province,\n131130,渋谷区,990000,county,\n";
    assert_eq!(parse(&files), "regions.csv: 990000 is referred to and does not exist");
}
