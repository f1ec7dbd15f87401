use crate::{
    support::*,
    xls_file::{XlsCell, XlsSheet, xls},
};
use domain::number::embeds_id;
use proptest::prelude::*;
use sheet::{Outcome, Words};

/// Reads whatever can be read of a file.
fn read_all(bytes: Vec<u8>) -> usize {
    let Ok(mut roster) = open(bytes) else { return 0 };
    let sheets = roster.sheets().len();
    let mut rows = 0;
    for sheet in 0..sheets {
        rows += roster.rows(sheet).map_or(0, |rows| rows.count());
    }
    rows
}

fn damaged(mut file: Vec<u8>, damage: &[(prop::sample::Index, u8)]) -> Vec<u8> {
    for (index, byte) in damage {
        let at = index.index(file.len());
        file[at] = *byte;
    }
    file
}

fn damage() -> impl Strategy<Value = Vec<(prop::sample::Index, u8)>> {
    prop::collection::vec(any::<(prop::sample::Index, u8)>(), 0..20)
}

fn whole_or_cut() -> impl Strategy<Value = Option<prop::sample::Index>> {
    prop::option::weighted(0.3, any::<prop::sample::Index>())
}

fn small_xlsx() -> Vec<u8> {
    xlsx(|workbook| {
        let sheet = workbook.add_worksheet();
        sheet.write_row(0, 0, HEADER).unwrap();
        sheet.write_row(1, 0, line(&[])).unwrap();
        sheet.merge_range(2, 0, 3, 0, "1", &rust_xlsxwriter::Format::new()).unwrap();
    })
}

fn small_xls() -> Vec<u8> {
    xls(&[XlsSheet {
        name: "a",
        hidden: false,
        rows: vec![
            ["姓名", "证书编号", "发证日期"].map(XlsCell::Text).into(),
            vec![XlsCell::Text("李梅"), XlsCell::Text("1"), XlsCell::Number(45047.0)],
        ],
        merges: vec![[1, 2, 0, 0]],
    }])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), magic in prop::sample::select(vec![&b""[..], b"PK\x03\x04", b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", b"\xFF\xFE", "姓名,证号\n".as_bytes()])) {
        read_all([magic, &bytes].concat());
    }

    #[test]
    fn no_damage_to_a_workbook_makes_it_panic(damage in damage(), cut in whole_or_cut()) {
        for file in [small_xlsx(), small_xls()] {
            let length = cut.map_or(file.len(), |cut| cut.index(file.len()) + 1);
            let mut file = damaged(file, &damage);
            file.truncate(length);
            read_all(file);
        }
    }

    #[test]
    fn no_cells_make_it_panic_or_tell_an_id_number(
        cells in prop::collection::vec("\\PC{0,12}|[0-9Xx*T年月日./、-]{0,24}|T?11010519491231002X|110105491231002|北京市|特种作业操作证|低压电工、焊工", 14)
    ) {
        let words = Words::from_toml(include_str!("../../../../locales/en.toml")).unwrap();
        for outcome in outcomes(csv(&[cells])) {
            let problems = match outcome {
                Outcome::Rejected(problems) => problems,
                Outcome::Accepted(entries) => entries.into_iter().flat_map(|entry| entry.warnings).collect(),
                Outcome::Repeated { .. } | Outcome::Remark => Vec::new(),
            };
            for problem in &problems {
                prop_assert_eq!(embeds_id(&words.sentence(problem)), None);
                prop_assert_eq!(embeds_id(&serde_json::to_string(problem).unwrap()), None);
            }
        }
    }

    #[test]
    fn what_is_written_reads_back(cells in prop::collection::vec("[^\u{0}-\u{1F}\u{7F}-\u{9F}\u{FFFE}\u{FFFF}]{1,12}", 1..6)) {
        let visible: Vec<String> = cells.iter().map(|cell| cell.trim().to_owned()).collect();
        let file = xlsx(|workbook| {
            let sheet = workbook.add_worksheet();
            sheet.write_row(0, 0, HEADER).unwrap();
            sheet.write_row(1, 1, &visible).unwrap();
        });
        let rows = read(&mut open(file).unwrap());
        for row in rows {
            let texts = row.cells.iter().skip(1).map(|cell| cell.text());
            for (text, written) in texts.zip(&visible) {
                prop_assert!(written.contains(&text));
            }
        }
    }
}
