//! A second domain is served from its folder of data alone.

use crate::demo::{Demo, now, user_add};
use chrono::{Days, NaiveDate};
use chrono_tz::Asia::Tokyo;
use serde_json::{Value, json};
use std::path::Path;

fn row(name: &str, number: &str, until: NaiveDate) -> String {
    format!("{name},P-{number}-X,認定看護師,感染管理,第{number}号,日本看護協会,渋谷区,2022-01-15,{until}\n")
}

/// One certificate that ends today, by the clocks of Tokyo, and one that ended yesterday.
fn roster(dir: &Path) -> std::path::PathBuf {
    let today = now().with_timezone(&Tokyo).date_naive();
    let header = "氏名,身分証番号,資格名,項目,証書番号,発行機関,地域,発行日,有効期限\n";
    let text =
        [header, &row("沢田桜", "12345", today), &row("山本陽子", "12346", today - Days::new(1))].concat();
    let file = dir.join("看護師名簿.csv");
    std::fs::write(&file, text).unwrap();
    file
}

#[test]
fn nurses_of_japan_are_imported_searched_and_verified_by_their_own_rules_and_clocks() {
    let catalogue = concat!(env!("CARGO_MANIFEST_DIR"), "/../../catalogue/nurses_jp");
    let settings = [("ANZHENG__CATALOGUE__DIR", catalogue)];
    let dir = tempfile::tempdir().unwrap();
    user_add(dir.path(), &settings, "nation", &["--role", "regulator_national"]);
    user_add(dir.path(), &settings, "shibuya", &["--role", "regulator_county", "--region", "131130"]);
    user_add(dir.path(), &settings, "osaka", &["--role", "regulator_city", "--region", "271000"]);
    let registry = Demo::serve(dir, &settings);
    let files = tempfile::tempdir().unwrap();
    let output =
        registry.anzheng(&["import", roster(files.path()).to_str().unwrap(), "--json", "--language", "ja"]);
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let report: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&report["accepted"], &report["rejected"]), (&json!(2), &json!(0)), "{said}");

    let types = registry.visitor().get("/catalogue/types").body;
    let codes: Vec<_> = types.as_array().unwrap().iter().map(|kind| kind["code"].clone()).collect();
    assert_eq!(codes, ["nurse", "certified_nurse"]);

    let nation = registry.user("nation");
    let arrived = |query: Value| loop {
        // The server hears of what another process wrote within a moment.
        let found = nation.search(&query);
        if found.total() > 0 {
            break found;
        }
        std::thread::yield_now();
    };
    let found = arrived(json!({ "name": "澤田櫻" }));
    assert_eq!(found.items()[0]["type"], "certified_nurse");
    assert_eq!(found.items()[0]["region"], "131130");
    for (query, total) in [
        (json!({ "number": "第12345号" }), 1),
        (json!({ "issuer": "看護" }), 2),
        (json!({ "category": ["nursing"], "region": "130000" }), 2),
        (json!({ "item": ["field:infection"], "status": ["expiring"] }), 1),
        (json!({ "status": ["expired"], "name": "山本陽子" }), 1),
        (json!({ "id_number": "P-12345-X" }), 1),
    ] {
        assert_eq!(nation.search(&query).total(), total, "{query}");
    }
    assert_eq!(registry.user("shibuya").search(&json!({ "category": ["nursing"] })).total(), 2);
    assert_eq!(registry.user("osaka").search(&json!({ "category": ["nursing"] })).total(), 0);

    let verify = |number: &str, name: &str| {
        let answer = nation.post("/verify", &json!({ "number": number, "name": name }));
        (answer.body["verdict"].clone(), answer.body["reasons"].clone())
    };
    assert_eq!(verify("第12345号", "沢田桜"), (json!("valid"), json!(["expiring"])), "to the end of its day");
    assert_eq!(verify("第12346号", "山本陽子"), (json!("not_valid"), json!(["expired"])));
    assert_eq!(verify("第12345号", "山本陽子").0, "not_found");
}
