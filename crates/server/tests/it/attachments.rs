//! Pictures and prints: in the rows of a workbook, and by themselves with a code on them.

use crate::{
    demo::{Demo, User},
    imports::{counts, import},
};
use image::{GrayImage, ImageFormat, Luma, Rgb, RgbImage, imageops};
use qrcode::{Color, QrCode};
use serde_json::{Value, json};
use std::io::Cursor;
use tempfile::TempDir;

fn encoded(picture: image::DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    picture.write_to(&mut file, format).unwrap();
    file.into_inner()
}

fn plain(shade: u8) -> Vec<u8> {
    encoded(RgbImage::from_pixel(40, 50, Rgb([shade, 80, 90])).into(), ImageFormat::Png)
}

/// A card as a telephone takes it: turned, from one side, in uneven light, a little out of focus.
pub fn photographed(code: &str) -> Vec<u8> {
    const MODULE: f32 = 9.0;
    let code = QrCode::new(code).unwrap();
    let (width, dots) = (code.width() as f32, code.to_colors());
    let dark = |u: f32, v: f32| {
        let inside = u >= 0.0 && v >= 0.0 && u < width && v < width;
        inside && dots[v as usize * width as usize + u as usize] == Color::Dark
    };
    let (sin, cos) = 0.35f32.sin_cos();
    let card = GrayImage::from_fn(1200, 1000, |x, y| {
        let (dx, dy) = (x as f32 - 600.0, y as f32 - 500.0);
        let nearer = (1.0 + 0.1 * dy / 500.0) / MODULE;
        let (dx, dy) = (dx * nearer, dy * nearer);
        let (u, v) = (dx * cos + dy * sin + width / 2.0, dy * cos - dx * sin + width / 2.0);
        let light = 60.0 * x as f32 / 1200.0;
        Luma([(if dark(u, v) { 30.0 } else { 170.0 } + light) as u8])
    });
    encoded(image::DynamicImage::from(imageops::blur(&card, 1.2)).into_rgb8().into(), ImageFormat::Jpeg)
}

/// What a scanner makes of a page.
pub fn scanned(page: &[u8]) -> Vec<u8> {
    let picture = "<< /Type /XObject /Subtype /Image /Filter /DCTDecode /Width 1200 /Height 1000 /Length";
    let mut file = format!("%PDF-1.4\n4 0 obj\n{picture} {} >>\nstream\r\n", page.len()).into_bytes();
    file.extend_from_slice(page);
    file.extend_from_slice(b"\nendstream\nendobj\ntrailer\n<< >>\n%%EOF\n");
    file
}

struct Site {
    demo: Demo,
    dir: TempDir,
}

impl Site {
    fn start() -> Self {
        Self { demo: Demo::start(), dir: tempfile::tempdir().unwrap() }
    }

    fn import(&self, name: &str, file: &[u8]) -> [u64; 4] {
        let path = self.dir.path().join(name);
        std::fs::write(&path, file).unwrap();
        counts(&import(&self.demo, &path, &[]))
    }

    /// Why a file is not taken.
    fn refused(&self, file: &[u8]) -> String {
        let path = self.dir.path().join("refused");
        std::fs::write(&path, file).unwrap();
        let output = self.demo.anzheng(&["import", path.to_str().unwrap(), "--language", "en"]);
        assert!(!output.status.success());
        String::from_utf8(output.stderr).unwrap()
    }
}

fn of_construction(user: &User<'_>, at: usize) -> Value {
    user.search(&json!({ "type": ["con_c2"], "page_size": 100 })).items()[at].clone()
}

fn attached(user: &User<'_>, certificate: &Value) -> Vec<Value> {
    let path = format!("/certificates/{}/attachments", certificate["id"].as_str().unwrap());
    user.get(&path).items().to_vec()
}

#[test]
fn a_picture_or_print_with_a_code_is_attached_to_the_certificate_it_names() {
    let site = Site::start();
    let nation = site.demo.user("regulator_national");
    let (one, other) = (of_construction(&nation, 0), of_construction(&nation, 1));
    assert_ne!(one["holder"], other["holder"]);
    let number = |row: &Value| row["number"].as_str().unwrap().to_owned();
    let address = format!("https://example.cn/check?no={}&from=app", number(&one));
    let photo = photographed(&address);
    assert_eq!(site.import("card.jpg", &photo), [1, 1, 0, 0]);
    assert_eq!(site.import("again.jpg", &photo), [1, 0, 1, 0], "the same file under another name");
    let print = scanned(&photographed(&format!("{{\"number\":\"{}\"}}", number(&one))));
    assert_eq!(site.import("card.pdf", &print), [1, 1, 0, 0]);

    let known = attached(&nation, &one);
    let types: Vec<&str> = known.iter().map(|file| file["media_type"].as_str().unwrap()).collect();
    assert_eq!(types, ["image/jpeg", "application/pdf"]);
    assert_eq!(attached(&nation, &other), [] as [Value; 0]);
    let path = |file: &Value| {
        format!("/certificates/{}/attachments/{}", one["id"].as_str().unwrap(), file["id"].as_str().unwrap())
    };
    let answer = nation.request(reqwest::Method::GET, &path(&known[1])).send().unwrap();
    let header = |name| answer.headers()[name].to_str().unwrap().to_owned();
    assert!(header("content-disposition").starts_with("attachment; filename=\"file_"));
    assert_eq!(header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(
        (header("content-type").as_str(), header("x-content-type-options").as_str()),
        ("application/pdf", "nosniff")
    );
    assert!(answer.bytes().unwrap() == print);
    let photo_again = nation.request(reqwest::Method::GET, &path(&known[0])).send().unwrap().bytes().unwrap();
    assert_eq!(image::load_from_memory(&photo_again).unwrap().width(), 1200);

    for (file, why) in [
        (photographed("https://example.cn/check?no=none-there-1"), "names no certificate on record"),
        (photographed(&format!("{} {}", number(&one), number(&other))), "certificates of several people"),
        (plain(9), "No code that can be read"),
        (b"\x89PNG\r\n\x1a\nno picture".to_vec(), "not a table"),
    ] {
        let said = site.refused(&file);
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn only_who_may_see_the_id_number_in_full_opens_an_attachment() {
    let site = Site::start();
    let nation = site.demo.user("regulator_national");
    let enterprise = site.demo.user("enterprise_admin");
    let mine = enterprise.search(&json!({ "page_size": 100 }));
    let of_no_person = |row: &&Value| !row["number"].as_str().unwrap().contains('*');
    let certificate = mine.items().iter().find(of_no_person).unwrap().clone();
    let number = certificate["number"].as_str().unwrap();
    assert_eq!(site.import("card.jpg", &photographed(number)), [1, 1, 0, 0]);
    let file = attached(&nation, &certificate).remove(0);
    let path = format!(
        "/certificates/{}/attachments/{}",
        certificate["id"].as_str().unwrap(),
        file["id"].as_str().unwrap()
    );
    assert_eq!(site.demo.visitor().get(&path).code(), "sign_in_required");
    for (role, expected) in [
        ("regulator_national", 200),
        ("enterprise_admin", 200),
        ("api_client", 403),
        ("system_admin", 403),
        ("audit_admin", 403),
    ] {
        let answer = site.demo.user(role).request(reqwest::Method::GET, &path).send().unwrap();
        assert_eq!(answer.status(), expected, "{role}");
    }
    assert_eq!(site.demo.user("individual").get(&path).status, 404, "somebody else's");
    let auditor = site.demo.user("audit_admin");
    let looks = || auditor.get("/audit?action=certificate.attachment&outcome=allowed").items().to_vec();
    let look = crate::audit::wait_for(looks, |look| look["role"] == "enterprise_admin");
    assert_eq!((&look["object"], &look["purpose"]), (&certificate["id"], &file["id"]));
}

#[test]
fn pictures_in_the_rows_of_a_workbook_are_attached_and_bad_ones_remarked() {
    let site = Site::start();
    let header = ["姓名", "身份证号码", "证书类别", "证书编号", "发证机关", "发证日期", "有效期至", "照片"];
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, header).unwrap();
    let numbers = ["鄂建安C2(2023)0009501", "鄂建安C2(2023)0009502"];
    for (row, number) in (1..).zip(numbers) {
        let cells = ["吴一", "", "建安C2证", number, "湖北省住房和城乡建设厅", "2023-05-01", "2026-04-30"];
        sheet.write_row(row, 0, cells).unwrap();
    }
    let image = |bytes: &[u8]| rust_xlsxwriter::Image::new_from_buffer(bytes).unwrap();
    sheet.insert_image(1, 7, &image(&plain(1))).unwrap();
    sheet.insert_image(1, 8, &image(&plain(2))).unwrap();
    // Only the head of a picture: it says how large it is, and there is nothing behind.
    sheet.insert_image(2, 7, &image(&plain(3)[..60])).unwrap();
    let file = workbook.save_to_buffer().unwrap();
    let path = site.dir.path().join("roster.xlsx");
    std::fs::write(&path, &file).unwrap();
    let output = site.demo.anzheng(&["import", path.to_str().unwrap(), "--language", "en"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("H3") && said.contains("cannot be read, and was left out"), "{said}");
    assert_eq!(site.import("again.xlsx", &file), [2, 0, 2, 0]);

    let nation = site.demo.user("regulator_national");
    let found = |number: &str| loop {
        if let [row] = nation.search(&json!({ "number": number })).items() {
            return row.clone();
        }
        std::thread::yield_now();
    };
    assert_eq!(attached(&nation, &found(numbers[0])).len(), 2);
    assert_eq!(attached(&nation, &found(numbers[1])).len(), 0);
    // Rows that say nothing new can still bring a picture.
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_row(0, 0, header).unwrap();
    let cells = ["吴一", "", "建安C2证", numbers[1], "湖北省住房和城乡建设厅", "2023-05-01", "2026-04-30"];
    sheet.write_row(1, 0, cells).unwrap();
    sheet.insert_image(1, 7, &image(&plain(4))).unwrap();
    assert_eq!(site.import("later.xlsx", &workbook.save_to_buffer().unwrap()), [1, 1, 0, 0]);
    assert_eq!(attached(&nation, &found(numbers[1])).len(), 1);
}
