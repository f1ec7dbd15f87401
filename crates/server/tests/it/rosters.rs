//! What a roster says of certificates that are on record already, or twice in itself.

use crate::{
    demo::{Demo, User},
    imports::{counts, import},
};
use serde_json::{Value, json};
use std::path::PathBuf;
use tempfile::TempDir;

const HEADER: &str =
    "姓名,身份证号码,证书类别,证书编号,工作单位,统一社会信用代码,发证机关,发证日期,有效期至,应复审日期";
const NUMBER: &str = "鄂建安C2(2023)0009301";

/// A registry and a folder with rosters for it.
struct Site {
    demo: Demo,
    dir: TempDir,
}

/// One line of a roster.
#[derive(Clone)]
struct Line {
    name: &'static str,
    id: String,
    kind: &'static str,
    number: String,
    organisation: &'static str,
    uscc: String,
    issuer: &'static str,
    review: &'static str,
}

impl Line {
    fn of(name: &'static str, serial: u32) -> Self {
        Self {
            name,
            id: id_number(serial),
            kind: "建安C证",
            number: NUMBER.to_owned(),
            organisation: "襄阳鼎盛建设有限公司",
            uscc: String::new(),
            issuer: "湖北省住房和城乡建设厅",
            review: "",
        }
    }

    fn text(&self) -> String {
        let Self { name, id, kind, number, organisation, uscc, issuer, review } = self;
        format!("{name},{id},{kind},{number},{organisation},{uscc},{issuer},2023-05-01,2026-04-30,{review}")
    }
}

fn id_number(serial: u32) -> String {
    let seventeen = format!("42060219850101{serial:03}");
    format!("{seventeen}{}", domain::number::citizen_id::check_character(&seventeen).unwrap())
}

impl Site {
    fn start() -> Self {
        Self { demo: Demo::start(), dir: tempfile::tempdir().unwrap() }
    }

    fn file(&self, name: &str, lines: &[Line]) -> PathBuf {
        let path = self.dir.path().join(name);
        let rows: Vec<String> = lines.iter().map(Line::text).collect();
        std::fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
        path
    }

    /// A roster says that the holder works elsewhere now, and that another office issued.
    fn move_to(&self, certificate: &Value, employer: &str) {
        let path = self.dir.path().join("moved.csv");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (name, number) = (text(&certificate["holder"]["name"]), text(&certificate["number"]));
        let (issued, until) = (text(&certificate["issued_on"]), text(&certificate["valid_until"]));
        let line = format!("{name},,建安C证,{number},{employer},,湖北省住房和城乡建设厅,{issued},{until},");
        std::fs::write(&path, format!("{HEADER}\n{line}\n")).unwrap();
        assert_eq!(counts(&import(&self.demo, &path, &[])), [1, 1, 0, 0]);
    }

    fn import(&self, name: &str, lines: &[Line]) -> [u64; 4] {
        counts(&import(&self.demo, &self.file(name, lines), &[]))
    }
}

/// The only row found, once the server has heard of it.
fn row(user: &User<'_>, query: &Value, wanted: impl Fn(&Value) -> bool) -> Value {
    loop {
        if let [row] = user.search(query).items()
            && wanted(row)
        {
            return row.clone();
        }
        std::thread::yield_now();
    }
}

#[test]
fn two_people_under_one_number_are_a_complaint_and_never_one_person() {
    let site = Site::start();
    let (first, second) = (Line::of("张三", 11), Line::of("李四", 12));
    assert_eq!(site.import("both.csv", &[first.clone(), second.clone()]), [2, 1, 0, 1]);
    let rejected = std::fs::read_to_string(site.dir.path().join("both.rejected.csv")).unwrap();
    assert!(rejected.contains("李四") && rejected.contains("另一人"), "{rejected}");
    let nation = site.demo.user("regulator_national");
    let found = row(&nation, &json!({ "number": NUMBER }), |_| true);
    assert_eq!(found["holder"]["name"], "张三");
    // Also later, and also where the ID number is not told.
    let nameless = Line { id: String::new(), ..second.clone() };
    assert_eq!(site.import("later.csv", &[second, nameless]), [2, 0, 0, 2]);
    assert_eq!(site.import("both.csv", &[first, Line::of("李四", 12)]), [2, 0, 1, 1]);
}

#[test]
fn a_certificate_that_comes_twice_is_taken_as_the_last_row_says_and_the_file_again_changes_nothing() {
    let site = Site::start();
    let one = Line::of("张三", 21);
    let other = Line { organisation: "襄阳鼎盛机电有限公司", ..one.clone() };
    assert_eq!(site.import("known.csv", std::slice::from_ref(&one)), [1, 1, 0, 0]);
    let new = Line { number: "鄂建安C2(2023)0009302".to_owned(), ..Line::of("李四", 22) };
    let file = [other.clone(), Line { review: "2024-05-01", ..other.clone() }, new];
    assert_eq!(site.import("twice.csv", &file), [3, 3, 0, 0], "the known, twice, and the new");
    let nation = site.demo.user("regulator_national");
    let now = row(&nation, &json!({ "number": NUMBER }), |row| row["review_due_on"] == "2024-05-01");
    assert_eq!(now["organisation"]["name"], other.organisation);
    let version =
        |id: &Value| nation.get(&format!("/certificates/{}", id.as_str().unwrap())).body["version"].clone();
    let before = version(&now["id"]);
    assert_eq!(site.import("twice.csv", &file), [3, 0, 3, 0]);
    let there_and_back = [Line { organisation: "襄阳鼎盛建设有限公司", ..one }, other];
    assert_eq!(site.import("back.csv", &there_and_back)[1], 0, "what cancels itself out is no change");
    assert_eq!(version(&now["id"]), before);
}

#[test]
fn what_a_roster_does_not_tell_stays_as_it_was() {
    let site = Site::start();
    let whole = Line::of("王五", 31);
    assert_eq!(site.import("whole.csv", std::slice::from_ref(&whole)), [1, 1, 0, 0]);
    let silent = Line { issuer: "", organisation: "武汉市江城建设有限公司", ..whole.clone() };
    assert_eq!(site.import("silent.csv", &[silent]), [1, 1, 0, 0]);
    let nation = site.demo.user("regulator_national");
    let moved = |row: &Value| row["organisation"]["name"] == "武汉市江城建设有限公司";
    let found = row(&nation, &json!({ "number": NUMBER }), moved);
    assert_eq!((found["issuer"].as_str(), found["region"].as_str()), (Some(whole.issuer), Some("420000")));
    // A character that was lost on the way does not replace the one on record.
    let lost = Line { name: "王□", organisation: "武汉市江城建设有限公司", ..whole };
    assert_eq!(site.import("lost.csv", &[lost]), [1, 0, 1, 0]);
}

#[test]
fn an_organisation_is_one_with_and_without_its_credit_code() {
    let site = Site::start();
    let check = domain::number::uscc::check_character("91420600000000193").unwrap();
    let code = format!("91420600000000193{check}");
    let line = |name, serial: u32, uscc: &str| Line {
        number: format!("鄂建安C2(2023)00094{serial}"),
        organisation: "襄阳丙丁化工有限公司",
        uscc: uscc.to_owned(),
        ..Line::of(name, serial)
    };
    let together = [line("甲一", 41, ""), line("乙二", 42, &code)];
    assert_eq!(site.import("together.csv", &together), [2, 2, 0, 0]);
    assert_eq!(site.import("without.csv", &[line("丙三", 43, "")]), [1, 1, 0, 0]);
    let nation = site.demo.user("regulator_national");
    let organisations = loop {
        let found = nation.search(&json!({ "organisation": "襄阳丙丁化工" }));
        if found.total() == 3 {
            break found.items().iter().map(|row| row["organisation"]["id"].to_string()).collect::<Vec<_>>();
        }
        std::thread::yield_now();
    };
    assert!(organisations.iter().all(|id| *id == organisations[0]), "{organisations:?}");
}

#[test]
fn what_should_be_looked_at_is_told_in_words() {
    let site = Site::start();
    let damaged = Line { name: "孙□", ..Line::of("孙□", 51) };
    let file = site.file("look.csv", &[damaged]);
    let output = site.demo.anzheng(&["import", file.to_str().unwrap(), "--language", "en"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("A character of the name was lost") && said.contains("A2"), "{said}");
}

/// A certificate of the demo whose number says nothing of its holder.
fn of_construction(nation: &User<'_>) -> Value {
    let query = json!({ "type": ["con_c2"], "status": ["valid"], "page_size": 10 });
    let found = nation.search(&query);
    let employed = found.items().iter().find(|row| row.get("organisation").is_some());
    nation.get(&format!("/certificates/{}", employed.unwrap()["id"].as_str().unwrap())).body
}

#[test]
fn what_was_known_of_employer_and_issuer_is_still_answered_after_a_roster_says_otherwise() {
    let site = Site::start();
    let nation = site.demo.user("regulator_national");
    let before = of_construction(&nation);
    let moved = "襄阳鼎盛建设有限公司";
    site.move_to(&before, moved);

    let (id, number) = (before["id"].as_str().unwrap(), &before["number"]);
    let now = row(&nation, &json!({ "number": number }), |row| row["organisation"]["name"] == moved);
    assert_eq!(now["issuer"], "湖北省住房和城乡建设厅");
    let then = nation.get(&format!("/certificates/{id}?known=2026-09-01")).body;
    for field in ["holder", "organisation", "issuer", "region", "valid_until"] {
        assert_eq!(then[field], before[field], "{field}");
    }
    let today = nation.get(&format!("/certificates/{id}")).body;
    assert_eq!((&today["organisation"]["name"], &today["source"]["row"]["row"]), (&json!(moved), &json!(2)));
}

#[test]
fn an_enterprise_is_not_told_where_its_people_worked_before() {
    let site = Site::start();
    let (nation, enterprise) = (site.demo.user("regulator_national"), site.demo.user("enterprise_admin"));
    let employer = enterprise.search(&json!({})).items()[0]["organisation"]["name"].clone();
    let before = of_construction(&nation);
    assert_ne!(before["organisation"]["name"], employer);
    site.move_to(&before, employer.as_str().unwrap());
    let path = format!("/certificates/{}?known=2026-09-01", before["id"].as_str().unwrap());
    row(&enterprise, &json!({ "number": before["number"] }), |_| true);
    let then = enterprise.get(&path).body;
    assert!(then["issuer"] == before["issuer"] && then.get("organisation").is_none(), "{then}");
    assert_eq!(nation.get(&path).body["organisation"], before["organisation"]);
}

#[test]
fn a_roster_that_contradicts_itself_far_apart_comes_to_its_last_word_once() {
    let site = Site::start();
    let first = Line::of("赵六", 61);
    let last = Line { organisation: "襄阳鼎盛机电有限公司", ..first.clone() };
    let unreadable = Line { number: String::new(), ..Line::of("钱七", 62) };
    let mut lines = vec![unreadable; 10_002];
    (lines[0], lines[10_001]) = (first, last);
    assert_eq!(site.import("far.csv", &lines), [10_002, 2, 0, 10_000]);
    let nation = site.demo.user("regulator_national");
    row(&nation, &json!({ "number": NUMBER }), |row| row["organisation"]["name"] == "襄阳鼎盛机电有限公司");
    assert_eq!(site.import("far.csv", &lines), [10_002, 0, 2, 10_000]);
}

#[test]
fn an_id_number_with_hidden_digits_is_kept_as_written_and_joined_only_by_name_and_number() {
    let site = Site::start();
    let whole = Line::of("孙八", 71);
    let hidden = |id: &str| format!("{}********{}", &id[..6], &id[14..]);
    let masked = Line { id: hidden(&whole.id), ..whole.clone() };
    assert_eq!(site.import("masked.csv", std::slice::from_ref(&masked)), [1, 1, 0, 0]);
    let nation = site.demo.user("regulator_national");
    let found = row(&nation, &json!({ "number": NUMBER }), |_| true);
    let path = format!("/certificates/{}", found["id"].as_str().unwrap());
    let shown = || {
        let request = json!({ "field": "id_number", "purpose": "enforcement", "case": "2026-71" });
        nation.post(&format!("{path}/unmask"), &request).body["value"].clone()
    };
    assert_eq!(shown(), masked.id.as_str());
    assert!(nation.get(&path).body["holder"].get("id_number").is_none(), "nothing to show but on demand");

    // The whole number fits and takes its place; another one, hidden or not, is somebody else's.
    assert_eq!(site.import("whole.csv", std::slice::from_ref(&whole)), [1, 1, 0, 0]);
    row(&nation, &json!({ "id_number": whole.id }), |_| true);
    assert_eq!(shown(), whole.id.as_str());
    let other = Line { id: hidden(&id_number(72)), ..whole.clone() };
    // As the number was written of old: without the century and the check character.
    let old = format!("{}{}***", &whole.id[..6], &whole.id[8..14]);
    let old = Line { id: old, ..whole.clone() };
    assert_eq!(site.import("again.csv", &[masked, other, old]), [3, 0, 2, 1]);
}

#[test]
fn certificates_of_one_cell_say_that_they_stood_together() {
    let site = Site::start();
    let path = site.dir.path().join("together.csv");
    let id = id_number(81);
    let line =
        format!("周九,{id},特种作业操作证,T{id},低压电工、高压电工,武汉市应急管理局,2023-05-01,2029-04-30");
    let header = "姓名,身份证号码,证书类别,证书编号,作业项目,发证机关,发证日期,有效期至";
    std::fs::write(&path, format!("{header}\n{line}\n")).unwrap();
    let report = import(&site.demo, &path, &[]);
    assert_eq!(counts(&report), [1, 1, 0, 0], "{report}");
    let nation = site.demo.user("regulator_national");
    let found = loop {
        let found = nation.search(&json!({ "id_number": id }));
        if found.total() == 2 {
            break found;
        }
        std::thread::yield_now();
    };
    let rows = found.items().iter().map(|row| {
        let detail = nation.get(&format!("/certificates/{}", row["id"].as_str().unwrap())).body;
        detail["source"]["row"].clone()
    });
    let mut rows: Vec<Value> = rows.collect();
    rows.sort_by_key(|row| row["part"].as_u64());
    assert_eq!(rows[0]["import"], rows[1]["import"]);
    let place = |row: &Value| [&row["row"], &row["part"], &row["of"]].map(|part| part.as_u64().unwrap());
    assert_eq!([place(&rows[0]), place(&rows[1])], [[2, 1, 2], [2, 2, 2]]);
}

#[test]
fn a_document_with_a_wholly_different_name_is_somebody_elses() {
    let site = Site::start();
    let known = Line::of("王小虎", 91);
    assert_eq!(site.import("known.csv", std::slice::from_ref(&known)), [1, 1, 0, 0]);
    let mistaken = Line { name: "陈一", ..known.clone() };
    assert_eq!(site.import("mistaken.csv", &[mistaken]), [1, 0, 0, 1]);
    // A character was mistaken, or the name was changed in part.
    let changed = Line { name: "王晓虎", ..known };
    assert_eq!(site.import("changed.csv", &[changed]), [1, 1, 0, 0]);
}
