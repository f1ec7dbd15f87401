use crate::support::today;
use sheet::{Format, Limits, Mapping, Outcome, Roster};
use std::io::{BufWriter, Write};

const ROWS: u32 = 60_000;

#[test]
fn a_large_file_is_read_row_by_row() {
    let mut file = BufWriter::new(tempfile::NamedTempFile::new().unwrap());
    let header = "姓名,证书类别,证书编号,发证机关,发证日期,有效期至\n";
    file.write_all(header.as_bytes()).unwrap();
    for row in 0..ROWS {
        writeln!(file, "李梅,建安A,京建安A(2015){row:07},北京市住房和城乡建设委员会,2023-05-01,2026-04-30")
            .unwrap();
    }
    let file = file.into_inner().unwrap();
    let catalogue = domain::catalogue::Catalogue::work_safety();
    let mut roster =
        Roster::open(file.path(), "large.csv", &Limits::OPERATOR, catalogue, Mapping::default(), today())
            .unwrap();
    assert!(matches!(roster.format(), Format::Text(_)));
    assert!(roster.sheets()[0].rows >= u64::from(ROWS));
    let accepted =
        roster.rows(0).unwrap().filter(|row| matches!(row.as_ref().unwrap().outcome, Outcome::Accepted(_)));
    assert_eq!(accepted.count(), ROWS as usize);
}
