//! Writes the inputs that each target begins with into `fuzz/corpus`: `cargo run --example seeds`. Nobody
//! in them exists.

use anzheng_fuzz::segment::GENUINE;
use domain::{Date, catalogue::Catalogue, codec};
use std::{fs, io, path::Path};
use synth::Registry;

const HEADER: &str = "序号,姓名,身份证号码,证书类别,操作项目,证书编号,单位名称,统一社会信用代码,联系电话,发证机关,发证日期,有效期至,应复审日期";
const LINE: &str = "1,李梅,11010519491231002X,特种作业操作证,低压电工作业,T11010519491231002X,北京例安机电有限公司,91110000600037341L,13800001234,北京市应急管理局,2023-05-01,2029-04-30,2026-04-30";

fn main() -> io::Result<()> {
    texts()?;
    rosters()?;
    records()?;
    signed_things()
}

fn write(target: &str, name: &str, bytes: impl AsRef<[u8]>) -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(target);
    fs::create_dir_all(&folder)?;
    fs::write(folder.join(name), bytes)
}

fn write_all(target: &str, inputs: &[&str]) -> io::Result<()> {
    inputs.iter().zip(1..).try_for_each(|(input, n)| write(target, &format!("seed-{n:02}"), input))
}

fn texts() -> io::Result<()> {
    write_all(
        "numbers",
        &[
            "京建安Ｃ１〔2015〕0000001",
            "京建安C类(2012)0000001",
            "'T 1101051949\n1231002×",
            "TT110105491231002",
            "11010519491231002x",
            "1.10105E+17",
            "H12345678901",
            "９１１１００００600037341l",
            "9111OOOO600037341L",
            "+86 (10) 8888.1234",
            "1.2.156.3005.2.11100000000013338W011.11430000006122244L.20230000403.001.U",
            "持证人1101-0519-4912-3100-2X的证书",
        ],
    )?;
    write_all(
        "names",
        &[
            "买买提•艾力",
            "欧阳 小明（曾用名）",
            "北京例安机电有限公司（本部）",
            "ZHANG wei",
            "长孙重",
            "T11010519491231002X",
        ],
    )?;
    write_all(
        "dates",
        &[
            "2023-05-01\02029-04-30\02026-04-30",
            "2023年5月1日\0长期\0",
            "二〇二三年五月十二日\0二〇二九年四月三十日\0/",
            "5/13/2023\0六年\0",
            "1-may-2023\02023.05.01至2029.04.30\0",
            "45047\047238\0",
            "20230501\0自2023-05-01到2029-04-30止\02026-04",
            "2023-05-01t00:00:00z\0permanent\0n/a",
        ],
    )?;
    write_all(
        "mapping",
        &[
            "[columns]\n\"上岗证\" = \"number\"\n\"内部编号\" = \"ignore\"\n\n[words]\n\"电工证\" = \"mem:1.2\"\n\n[defaults]\ntype = \"mem_special_ops\"\nregion = \"330100\"\n",
        ],
    )?;
    write_all(
        "query",
        &[
            " 张伟\u{3000}\0",
            "80000000019200000000700080000000000000ff",
            "cert_01920000000070008000000000000001",
            "2023-05-01\02029-04-30",
        ],
    )
}

fn rosters() -> io::Result<()> {
    let csv = format!("{HEADER}\r\n{LINE}\r\n{}\r\n", LINE.replace("2029-04-30", "长期"));
    write("roster_text", "utf8", &csv)?;
    write("roster_text", "utf8-bom-tabs", format!("\u{FEFF}{}", csv.replace(',', "\t")))?;
    let utf16: Vec<u8> =
        "\u{FEFF}".encode_utf16().chain(csv.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    write("roster_text", "utf16", utf16)?;
    write(
        "roster_text",
        "title-and-merges",
        format!("2026年持证台账,,\r\n\r\n{csv}合计,2\r\n备注：\"以上\",,\r\n"),
    )?;
    write("roster_text", "gb18030", b"\xD0\xD5\xC3\xFB,\xD6\xA4\xBA\xC5\r\n\xC0\xEE\xC3\xB7,1\r\n")?;
    let cells = |line: &str| {
        let cell = |text: &str| format!("<c t=\"inlineStr\"><is><t>{text}</t></is></c>");
        format!("<row>{}</row>", line.split(',').map(cell).collect::<String>())
    };
    let sheet = format!(
        "<worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>{}{}</sheetData><mergeCells count=\"1\"><mergeCell ref=\"A2:A3\"/></mergeCells><drawing r:id=\"rId1\"/></worksheet>",
        cells(HEADER),
        cells(LINE)
    );
    write("roster_xlsx", "inline", &sheet)?;
    write("roster_xlsx", "shared", shared_texts())?;
    write("roster_xls", "labels", records_of_a_workbook())
}

/// A sheet whose cells are numbers and references to shared texts, with a style for days.
fn shared_texts() -> String {
    let texts: String = HEADER.split(',').map(|text| format!("<si><t>{text}</t></si>")).collect();
    let header: String = (0..13).map(|n| format!("<c t=\"s\"><v>{n}</v></c>")).collect();
    let days =
        "<c r=\"K2\" s=\"1\"><v>45047</v></c><c r=\"L2\" s=\"1\" t=\"d\"><v>2029-04-30T00:00:00</v></c>";
    let sheet = format!(
        "<worksheet><sheetData><row r=\"1\">{header}</row><row r=\"2\"><c r=\"C2\"><v>1.1010519491231E+17</v></c>{days}</row></sheetData></worksheet>"
    );
    let styles = "<styleSheet><numFmts count=\"1\"><numFmt numFmtId=\"164\" formatCode=\"yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;\"/></numFmts><cellXfs count=\"2\"><xf numFmtId=\"0\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>";
    format!("{sheet}\0<sst count=\"13\" uniqueCount=\"13\">{texts}</sst>\0{styles}")
}

/// The smallest stream of BIFF8 records ([MS-XLS]) that is a workbook with a header and a line.
fn records_of_a_workbook() -> Vec<u8> {
    let record =
        |kind: u16, data: &[u8]| [&kind.to_le_bytes()[..], &(data.len() as u16).to_le_bytes(), data].concat();
    let globals = |start: u32| {
        let sheet = [&start.to_le_bytes()[..], &[0, 0, 1, 1], &[b'a', 0]].concat();
        let parts = [
            record(0x0809, &[0, 6, 5, 0]),
            record(0x0042, &1200_u16.to_le_bytes()),
            record(0x0085, &sheet),
            record(0x000A, &[]),
        ];
        parts.concat()
    };
    let mut stream = globals(globals(0).len() as u32);
    stream.extend(record(0x0809, &[0, 6, 16, 0]));
    for (row, line) in (0_u16..).zip([HEADER, LINE]) {
        for (column, text) in (0_u16..).zip(line.split(',')) {
            let place = [row, column, 0].map(u16::to_le_bytes).concat();
            let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = ((units.len() / 2) as u16).to_le_bytes();
            stream.extend(record(0x0204, &[&place[..], &length, &[1], &units].concat()));
        }
    }
    stream.extend(record(0x00E5, &[1, 0, 1, 0, 2, 0, 0, 0, 0, 0]));
    stream.extend(record(0x000A, &[]));
    stream
}

fn records() -> io::Result<()> {
    let today = Date::from_ymd_opt(2026, 11, 23).expect("a day");
    let registry = Registry::new(1, 1_000, today, Catalogue::work_safety());
    (0..6).try_for_each(|n| {
        write("record", &format!("seed-{n:02}"), codec::encode(&registry.certificate(n * 150)))
    })
}

fn signed_things() -> io::Result<()> {
    let root = "x2Gbv7UG0TKJjcNHdoJJhCwDSIvBsg0lzVPCJMEQiLk=";
    write("log", "checkpoint", format!("anzheng/audit\n3\n{root}\n"))?;
    write("log", "tile", "tile/0/x001/x234/067.p/70")?;
    write("log", "entries", "tile/entries/000.p/1")?;
    write("log", "proof", [&[8, 3][..], &[7; 96]].concat())?;
    let manifest = "{\"id\":\"20261123T000000Z\",\"made_at\":\"2026-11-23T00:00:00Z\",\"program\":\"0\",\"newest_key\":1,\"parts\":[{\"name\":\"a\",\"records\":1,\"chunks\":[{\"name\":\"00112233445566778899aabbccddeeff\",\"records\":1,\"bytes\":9}]}],\"about\":{}}";
    write("backup", "manifest", format!("\u{1}{manifest}"))?;
    write("backup", "foreign", format!("\0anzheng backup 1 AAAA\n{manifest}"))?;
    write(
        "backup",
        "chunk",
        [&[2, 9, 0, 0, 0][..], b"\x28\xB5\x2F\xFD\x20\x09\x49\x00\x00\x05\0\0\0abcde"].concat(),
    )?;
    write("journal", "whole", [1])?;
    write("journal", "edits", [1, 20, 0, 0, 9, 90, 0, 3, 40, 9, 1, 4, 80])?;
    write("journal", "edits-with-checksums", [2, 4, 0, 0, 99, 100, 1, 2, 0])?;
    write("journal", "raw", [&[0][..], &GENUINE.segment[..4200]].concat())
}
