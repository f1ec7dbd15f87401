//! A roster as offices keep them goes in; exactly the right rows arrive, the others come back.

use crate::{
    audit::wait_for,
    demo::{Demo, PASSWORD, anzheng, client},
};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use std::{io::Write, net::TcpStream, path::Path, process::Stdio};
use tempfile::TempDir;

pub fn import(demo: &Demo, file: &Path, more: &[&str]) -> Value {
    let path = file.to_str().unwrap();
    let output = demo.anzheng(&[&["import", path, "--json"], more].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

pub fn counts(report: &Value) -> [u64; 4] {
    ["rows", "accepted", "unchanged", "rejected"].map(|name| report[name].as_u64().unwrap())
}

/// ID numbers nobody has: a made-up region's beginning, a date and a right check character.
fn id_number(serial: u32) -> String {
    let seventeen = format!("420602198{}0101{:03}", serial % 10, 980 + serial / 10 % 20);
    let check = domain::number::citizen_id::check_character(&seventeen).unwrap();
    format!("{seventeen}{check}")
}

const HEADER: [&str; 8] =
    ["姓名", "身份证号码", "证书类别", "准操项目", "工作单位", "发证机关", "发证日期", "有效期至"];

fn row(name: &str, id: &str, from: &str, until: &str) -> Vec<String> {
    [name, id, "特种作业操作证", "低压电工作业", "襄阳江化机械有限公司", "襄阳市应急管理局", from, until]
        .map(str::to_owned)
        .to_vec()
}

/// A workbook with a title, merged cells, full-width digits, an ID that a spreadsheet spoilt, an
/// impossible date and a row that comes twice.
fn dirty_workbook(dir: &TempDir) -> std::path::PathBuf {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let plain = rust_xlsxwriter::Format::new();
    sheet.merge_range(0, 0, 0, 7, "2026年特种作业人员持证台账", &plain).unwrap();
    for (column, label) in HEADER.iter().enumerate() {
        sheet.write(2, column as u16, *label).unwrap();
    }
    let full_width: String =
        id_number(1).chars().map(|c| char::from_u32(c as u32 - 0x21 + 0xFF01).unwrap()).collect();
    let rows = [
        row("张  三", &full_width, "2023.5.1", "2029-04-30"),
        row("买买提•艾力", &id_number(2), "2023年5月1日", "2029年4月30日"),
        row("王五", &id_number(3), "2023-02-30", "2029-04-30"),
        row("赵六", "110105194912310021", "2023-05-01", "2029-04-30"),
        row("张  三", &full_width, "2023.5.1", "2029-04-30"),
    ];
    for (line, cells) in rows.iter().enumerate() {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write(3 + line as u32, column as u16, cell).unwrap();
        }
    }
    let spoilt = row("孙七", "", "2023-05-01", "2029-04-30");
    for (column, cell) in spoilt.iter().enumerate() {
        sheet.write(8, column as u16, cell).unwrap();
    }
    sheet.write(8, 1, 4.206_021_985_010_19e17).unwrap();
    let path = dir.path().join("台账.xlsx");
    book.save(&path).unwrap();
    path
}

#[test]
fn a_dirty_workbook_goes_in_and_its_bad_rows_come_back() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dirty_workbook(&dir);
    let looked = import(&demo, &file, &["--dry-run"]);
    assert_eq!(looked["rejected"], 3, "{looked}");

    let report = import(&demo, &file, &[]);
    assert_eq!(counts(&report), [6, 2, 1, 3], "{report}");
    let rejects = std::path::PathBuf::from(report["errors_file"].as_str().unwrap());
    assert_eq!(rejects.extension().unwrap(), "xlsx");
    assert!(std::fs::metadata(&rejects).unwrap().len() > 0);
    assert_eq!(counts(&import(&demo, &file, &[])), [6, 0, 3, 3], "the same file twice changes nothing");

    let nation = demo.user("regulator_national");
    let found = loop {
        // The server hears of what another process wrote within a moment.
        let found = nation.search(&json!({ "name": "买买提艾力", "organisation": "江化机械" }));
        if found.total() > 0 {
            break found;
        }
        std::thread::yield_now();
    };
    assert_eq!(found.items()[0]["holder"]["name"], "买买提·艾力");
    assert_eq!(nation.search(&json!({ "name": "王五", "organisation": "江化机械" })).total(), 0);
}

#[test]
fn complaints_say_where_and_what_in_three_languages_and_never_show_the_number() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dirty_workbook(&dir);
    for (language, word) in [("zh-CN", "日期"), ("en", "date"), ("ja", "日付")] {
        let output = demo.anzheng(&["import", file.to_str().unwrap(), "--dry-run", "--language", language]);
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("Sheet1!G6") && text.contains(word), "{text}");
        assert!(!text.contains("110105194912310021") && domain::number::embeds_id(&text).is_none(), "{text}");
    }
}

/// Comma-separated, in the encoding that old Chinese programs write.
fn gbk_csv(dir: &TempDir, rows: u32) -> std::path::PathBuf {
    let mut text = format!("{}\r\n", HEADER.join(","));
    for serial in 0..rows {
        let name = format!(
            "李{}{}",
            char::from_u32(0x4E00 + serial % 500).unwrap(),
            char::from_u32(0x5000 + serial / 500).unwrap()
        );
        let id = unique_id(serial);
        text.push_str(&row(&name, &id, "2023-05-01", "2029-04-30").join(","));
        text.push_str("\r\n");
    }
    let (bytes, _, lost) = encoding_rs::GB18030.encode(&text);
    assert!(!lost);
    let path = dir.path().join("roster.csv");
    std::fs::write(&path, bytes).unwrap();
    path
}

pub fn unique_id(serial: u32) -> String {
    let day = domain::Date::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(u64::from(serial % 10_000));
    let seventeen = format!("420602{}{:03}", day.format("%Y%m%d"), 980 + serial / 10_000);
    format!("{seventeen}{}", domain::number::citizen_id::check_character(&seventeen).unwrap())
}

#[test]
fn an_import_that_was_killed_goes_on_without_losing_or_doubling_anything() {
    // More than one piece.
    const ROWS: u32 = 12_000;
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = gbk_csv(&dir, ROWS);
    let mut process = anzheng()
        .args(["import", file.to_str().unwrap(), "--json", "--data-dir"])
        .arg(demo.data_dir())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let nation = demo.user("regulator_national");
    let arrived = || {
        nation.search(&json!({ "organisation": "襄阳江化机械", "issued": { "from": "2023-05-01", "to": "2023-05-01" } })).total()
    };
    while arrived() == 0 && process.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    process.kill().unwrap();
    process.wait().unwrap();
    let report = import(&demo, &file, &[]);
    assert_eq!(counts(&report)[0], u64::from(ROWS), "{report}");
    assert_eq!(counts(&report)[1] + counts(&report)[2], u64::from(ROWS));
    while arrived() < u64::from(ROWS) {
        std::thread::yield_now();
    }
    assert_eq!(arrived(), u64::from(ROWS));
}

fn utf8_csv(dir: &TempDir, name: &str, rows: &[Vec<String>]) -> std::path::PathBuf {
    let lines = std::iter::once(HEADER.join(",")).chain(rows.iter().map(|cells| cells.join(",")));
    let path = dir.path().join(name);
    std::fs::write(&path, lines.collect::<Vec<_>>().join("\n")).unwrap();
    path
}

#[test]
fn what_gets_in_is_on_record_and_in_the_log_with_the_piece_that_brought_it() {
    let mut demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::read(dirty_workbook(&dir)).unwrap();
    let leaves = |demo: &Demo| {
        let (code, report) = crate::audit_tampering::verify(&demo.data_dir(), &[]);
        assert_eq!(code, Some(0), "{report}");
        report["log_leaves"].as_u64().unwrap()
    };
    let before = leaves(&demo);
    let (status, report) = upload(&demo, &[("name", "r.xlsx")], &file);
    assert_eq!((status, counts(&report)), (200, [6, 2, 1, 3]), "{report}");
    let auditor = demo.user("audit_admin");
    let read = |action: &str| auditor.get(&format!("/audit?action={action}")).items().to_vec();
    let piece = wait_for(|| read("roster.import.piece"), |record| record["count"] == 2);
    let whole = wait_for(|| read("roster.import"), |record| record["count"] == 2);
    assert_eq!((&piece["object"], &piece["outcome"]), (&whole["object"], &json!("allowed")));
    assert_ne!(piece["request"], whole["request"]);
    drop(auditor);

    demo.stop();
    assert_eq!(leaves(&demo), before + 2, "a leaf for each certificate");
}

#[test]
fn an_old_roster_says_nothing_new_after_a_renewal() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let of = |until: &str| row("钱八", &id_number(7), "2023-05-01", until);
    let old = utf8_csv(&dir, "old.csv", &[of("2026-04-30")]);
    let new = utf8_csv(&dir, "new.csv", &[of("2029-04-30")]);
    assert_eq!(counts(&import(&demo, &old, &[])), [1, 1, 0, 0]);
    assert_eq!(counts(&import(&demo, &new, &[])), [1, 1, 0, 0]);
    for _ in 0..2 {
        assert_eq!(counts(&import(&demo, &old, &[])), [1, 0, 1, 0]);
    }
    let nation = demo.user("regulator_national");
    let read = || nation.search(&json!({ "name": "钱八", "organisation": "江化机械" })).items().to_vec();
    wait_for(read, |found| found["valid_until"] == "2029-04-30");
}

#[test]
fn how_the_columns_are_read_is_shown_before_anything_is_complained_of() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dirty_workbook(&dir);
    let output = demo.anzheng(&["import", file.to_str().unwrap(), "--dry-run", "--language", "en"]);
    let text = String::from_utf8(output.stdout).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..3], ["Sheet1!3", "A  姓名 → name", "B  身份证号码 → identity"], "{text}");
    let output = demo.anzheng(&["import", file.to_str().unwrap(), "--dry-run", "--json"]);
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 1);
}

fn system_administrator(demo: &Demo) -> String {
    let sign_in = json!({ "login": "system_admin", "password": PASSWORD });
    demo.visitor().post("/session", &sign_in).body["token"].as_str().unwrap().to_owned()
}

/// Sends a roster over HTTP.
fn upload(demo: &Demo, query: &[(&str, &str)], file: &[u8]) -> (u16, Value) {
    let url = reqwest::Url::parse_with_params(&format!("{}/api/v1/imports", demo.url()), query).unwrap();
    let request = client().post(url).bearer_auth(system_administrator(demo)).body(file.to_vec());
    let answer = request.send().unwrap();
    (answer.status().as_u16(), serde_json::from_str(&answer.text().unwrap()).unwrap())
}

#[test]
fn over_http_one_looks_first_and_says_what_a_column_means() {
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let path = utf8_csv(&dir, "r.csv", &[row("钱九", &id_number(8), "2023-05-01", "2029-04-30")]);
    let file = std::fs::read_to_string(path).unwrap().replace("身份证号码", "工号").into_bytes();
    let (status, looked) = upload(&demo, &[("name", "r.csv"), ("dry_run", "true")], &file);
    assert_eq!((status, &looked["rejected"]), (200, &json!(1)), "{looked}");
    assert!(looked["layout"].as_array().unwrap().contains(&json!("B  工号 → -")), "{looked}");
    let mapping =
        looked["mapping"].as_str().unwrap().replace("\"工号\" = \"ignore\"", "\"工号\" = \"identity\"");
    let (status, report) = upload(&demo, &[("name", "r.csv"), ("mapping", &mapping)], &file);
    assert_eq!((status, &report["accepted"]), (200, &json!(1)), "{report}");
    let (status, refused) = upload(&demo, &[("name", "r.csv"), ("mapping", "=")], &file);
    assert_eq!((status, &refused["code"]), (400, &json!("mapping_invalid")));
}

#[test]
fn no_id_number_stands_in_the_address_of_an_import_or_a_search() {
    let demo = crate::demo::shared();
    for query in [
        [("name", "11010519491231002X.csv"), ("dry_run", "true")],
        [("name", "r.csv"), ("mapping", "[words]\n\"11010519491231002X\" = \"mem:1.2\"")],
    ] {
        let (status, refused) = upload(demo, &query, b"");
        assert_eq!((status, &refused["code"]), (400, &json!("use_post")), "{query:?}");
    }
    let nation = demo.user("regulator_national");
    for field in ["number", "organisation", "type", "item", "region", "status", "sort"] {
        let answer = nation.get(&format!("/certificates/search?{field}=11010519491231002X"));
        assert_eq!((answer.status.as_u16(), answer.code()), (400, "use_post"), "{field}");
    }
}

#[test]
fn an_upload_goes_on_to_its_end_when_the_caller_hangs_up() {
    // More than one piece.
    const ROWS: u32 = 12_000;
    let demo = Demo::start();
    let dir = tempfile::tempdir().unwrap();
    let file = std::fs::read(gbk_csv(&dir, ROWS)).unwrap();
    let head = format!(
        "POST /api/v1/imports?name=r.csv HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {}\r\n\
         content-length: {}\r\n\r\n",
        system_administrator(&demo),
        file.len()
    );
    let mut connection = TcpStream::connect(demo.url().strip_prefix("http://").unwrap()).unwrap();
    connection.write_all(head.as_bytes()).unwrap();
    connection.write_all(&file).unwrap();
    let auditor = demo.user("audit_admin");
    wait_for(|| auditor.get("/audit?action=roster.import.piece").items().to_vec(), |_| true);
    drop(connection);
    let read = || auditor.get("/audit?action=roster.import").items().to_vec();
    let record = wait_for(read, |record| record["outcome"] == "allowed");
    assert_eq!(record["count"], ROWS);
}

#[test]
fn nobody_but_the_system_administrator_imports() {
    let demo = crate::demo::shared();
    let row = row("吴仅看", &id_number(61), "2023-05-01", "2029-04-30").join(",");
    let roster = format!("{}\n{row}\n", HEADER.join(","));
    for role in demo.roles() {
        let user = if role == "public" { demo.visitor() } else { demo.user(role) };
        let request = user.request(reqwest::Method::POST, "/imports?name=r.csv&dry_run=true");
        let status = request.body(roster.clone()).send().unwrap().status().as_u16();
        let expected = match role {
            "system_admin" => 200,
            "public" => 401,
            _ => 403,
        };
        assert_eq!(status, expected, "{role}");
    }
}
