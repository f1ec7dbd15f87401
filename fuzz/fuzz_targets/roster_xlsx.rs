//! XLSX workbooks. The checksums of an archive would keep the fuzzer out, so an input that is no
//! archive is taken for the parts of one, with a zero byte between them.
#![no_main]

use anzheng_fuzz::roster;
use libfuzzer_sys::fuzz_target;
use std::io::{Cursor, Write};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

/// In the order of the input: what is changed most comes first.
const PARTS: [&str; 9] = [
    "xl/worksheets/sheet1.xml",
    "xl/sharedStrings.xml",
    "xl/styles.xml",
    "xl/workbook.xml",
    "xl/_rels/workbook.xml.rels",
    "xl/worksheets/_rels/sheet1.xml.rels",
    "xl/drawings/drawing1.xml",
    "xl/drawings/_rels/drawing1.xml.rels",
    "xl/cellimages.xml",
];

const WORKBOOK: &str = r#"<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="rId1"/></sheets></workbook>"#;
const WORKBOOK_RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#;
const RELATIONS: &str = r#"<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>"#;
const CONTENT_TYPES: &str = r#"<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>"#;

fuzz_target!(|bytes: &[u8]| {
    roster::read(if bytes.starts_with(b"PK") { bytes.to_vec() } else { archive(bytes) });
});

fn archive(input: &[u8]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let mut write = |name: &str, content: &[u8]| {
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        writer.start_file(name, stored).expect("memory takes any file");
        writer.write_all(content).expect("memory takes any bytes");
    };
    write("[Content_Types].xml", CONTENT_TYPES.as_bytes());
    write("_rels/.rels", RELATIONS.as_bytes());
    let mut parts = input.split(|byte| *byte == 0);
    for name in PARTS {
        match (name, parts.next().unwrap_or_default()) {
            ("xl/workbook.xml", []) => write(name, WORKBOOK.as_bytes()),
            ("xl/_rels/workbook.xml.rels", []) => write(name, WORKBOOK_RELATIONS.as_bytes()),
            (_, []) => {}
            (_, content) => write(name, content),
        }
    }
    writer.finish().expect("memory takes any bytes").into_inner()
}
