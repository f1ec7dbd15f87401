//! A roster as offices keep them goes in; exactly the right rows arrive, the others come back.

use crate::demo::{Demo, anzheng};
use rust_xlsxwriter::Workbook;
use serde_json::{Value, json};
use std::{path::Path, process::Stdio};
use tempfile::TempDir;

fn import(demo: &Demo, file: &Path, more: &[&str]) -> Value {
    let path = file.to_str().unwrap();
    let output = demo.anzheng(&[&["import", path, "--json"], more].concat());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_str(text.lines().last().unwrap()).unwrap()
}

fn counts(report: &Value) -> [u64; 4] {
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

fn unique_id(serial: u32) -> String {
    let day = domain::Date::from_ymd_opt(1970, 1, 1).unwrap() + chrono::Days::new(u64::from(serial % 10_000));
    let seventeen = format!("420602{}{:03}", day.format("%Y%m%d"), 980 + serial / 10_000);
    format!("{seventeen}{}", domain::number::citizen_id::check_character(&seventeen).unwrap())
}

#[test]
fn an_import_that_was_killed_goes_on_without_losing_or_doubling_anything() {
    const ROWS: u32 = 6_000;
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
