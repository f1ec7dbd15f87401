//! A thousand values go through every channel; afterwards none of them lies in the clear anywhere
//! (DB-31 of the security plan): database, its log, read model, journal, keys, backup, what the process
//! printed at the level `debug`, and its temporary files, before and after a power cut.
//!
//! What lies in the clear by design and is not looked for: names, codes and regions of organisations
//! and issuers, types, items, dates, reasons of changes and cases of unmaskings (which may hold no ID
//! number), logins, and what callers' programs call themselves. The file of rejected rows that the
//! command line writes beside a roster is the roster's own content, given back to whoever keeps it.

use crate::{
    attachments::{photographed, scanned},
    changes::change,
    demo::{Demo, User},
    imports::{counts, import},
    planted::{Person, Search},
};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    io::Write,
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};
use tempfile::TempDir;

const PEOPLE: u32 = 340;
const HEADER: &str = "姓名,身份证号码,手机号码,证书类别,准操项目,工作单位,发证机关,发证日期,有效期至";

/// A registry whose every file is known: what it prints, and what it keeps for a moment, too.
struct Site {
    demo: Demo,
    /// Rosters and pictures of people who keep them; not the registry's.
    desk: TempDir,
    /// Log, temporary files and backups.
    outside: TempDir,
    people: Vec<Person>,
    /// Session of whoever imports: so many logins fail that signing in gets harder.
    admin: String,
}

impl Site {
    fn start() -> Self {
        let (desk, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let temporary = outside.path().join("temporary");
        std::fs::create_dir(&temporary).unwrap();
        let settings = [("ANZHENG_LOG", "debug"), ("TMPDIR", temporary.to_str().unwrap())];
        let demo = Demo::logged(&outside.path().join("log"), &settings);
        let admin = demo.user("system_admin").token().to_owned();
        Self { demo, desk, outside, people: (0..PEOPLE).map(Person::nth).collect(), admin }
    }

    /// Those of one channel.
    fn some(&self, from: usize, count: usize) -> &[Person] {
        &self.people[from..from + count]
    }

    fn roster(&self, name: &str, people: &[Person]) -> PathBuf {
        let rows: Vec<String> = people.iter().map(row).collect();
        let path = self.desk.path().join(name);
        std::fs::write(&path, format!("{HEADER}\n{}\n", rows.join("\n"))).unwrap();
        path
    }

    fn is_clean(&self) {
        let mut search = Search::of(self.people.iter().flat_map(Person::values));
        let mut hits = search.through(&self.demo.data_dir());
        hits.extend(search.through(self.outside.path()));
        assert!(hits.is_empty(), "{} hits: {:#?}", hits.len(), hits.iter().take(20).collect::<Vec<_>>());
        assert!(search.files > 20 && search.bytes > 5_000_000, "{} {}", search.files, search.bytes);
        println!("{} files, {} bytes", search.files, search.bytes);
    }
}

fn row(person: &Person) -> String {
    let Person { name, id, phone } = person;
    format!(
        "{name},{id},{phone},特种作业操作证,低压电工作业,襄阳江化机械有限公司,襄阳市应急管理局,2023-05-01,2029-04-30"
    )
}

#[test]
fn of_a_thousand_values_none_lies_in_the_clear() {
    let mut site = Site::start();
    rosters(&site);
    issued(&site);
    asked(&site);
    refused(&site);
    attached(&site);
    site.is_clean();
    cut_off(&mut site);
    site.is_clean();
    backed_up(&site);
    site.demo.stop();
    site.is_clean();
    planted_in_the_clear(&site);
}

/// By the command line and as an upload, with rows that are refused, and twice.
fn rosters(site: &Site) {
    let good = site.some(0, 150);
    let path = site.roster("roster.csv", good);
    assert_eq!(counts(&import(&site.demo, &path, &[])), [150, 150, 0, 0]);
    assert_eq!(counts(&import(&site.demo, &path, &[]))[2], 150);

    let admin = site.demo.with_token(&site.admin);
    let upload = |text: String| {
        let request = admin.request(Method::POST, "/imports?name=roster.csv").body(text);
        request.header("content-type", "application/octet-stream").send().unwrap()
    };
    let rows = |people: &[Person]| people.iter().map(row).collect::<Vec<_>>().join("\n");
    let answer = upload(format!("{HEADER}\n{}\n", rows(site.some(150, 40))));
    assert_eq!(answer.json::<Value>().unwrap()["accepted"], 40);
    let impossible = rows(site.some(190, 20)).replace("2029-04-30", "2029-04-31");
    let answer = upload(format!("{HEADER}\n{impossible}\n"));
    assert_eq!(answer.json::<Value>().unwrap()["rejected"], 20);
    // Nothing is understood of this one.
    assert!(!upload(rows(site.some(210, 10))).status().is_success());
}

/// Through a form that two persons sign, changed and corrected afterwards.
fn issued(site: &Site) {
    let (maker, checker) = (site.demo.user("regulator_county"), site.demo.user("regulator_county_checker"));
    let region = maker.get("/me").body["region"].clone();
    for person in site.some(220, 8) {
        let proposed = maker.post("/certificates", &form(person, &region));
        let approval = proposed.body["approval"].as_str().unwrap_or_else(|| panic!("{}", proposed.text));
        let path = format!("/approvals/{approval}/decision");
        assert_eq!(checker.post(&path, &json!({ "approve": true })).body["state"], "approved");
    }
    // Nobody has decided on these, and one of them will be refused.
    for person in site.some(228, 4) {
        let proposed = maker.post("/certificates", &form(person, &region));
        assert_eq!(proposed.body["state"], "proposed", "{}", proposed.text);
    }
    let waiting = checker.get("/approvals");
    let path = format!("/approvals/{}/decision", waiting.items()[0]["id"].as_str().unwrap());
    assert_eq!(checker.post(&path, &json!({ "approve": false })).status, 200);

    let found = maker.search(&json!({ "id_number": site.people[220].id }));
    let id = found.items()[0]["id"].as_str().unwrap();
    let suspend =
        |reason: &str| json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": reason });
    let told = change(&maker, id, &suspend(&format!("冒用{}", site.people[232].id)));
    assert_eq!(told.status, 400, "a reason is no place for an ID number: {}", told.text);
    let proposed = change(&maker, id, &suspend("核查"));
    let path = format!("/approvals/{}/decision", proposed.body["approval"].as_str().unwrap());
    assert_eq!(checker.post(&path, &json!({ "approve": true })).status, 200);
    for field in ["id_number", "phone", "number"] {
        let unmask = json!({ "field": field, "purpose": "enforcement", "case": "2026-17" });
        let shown = maker.post(&format!("/certificates/{id}/unmask"), &unmask);
        assert_eq!(shown.status, 200, "{}", shown.text);
        let whole = shown.body["value"].as_str().unwrap();
        assert!(site.people[220].values().iter().any(|value| whole.contains(value)), "{field}");
    }
    let case = json!({ "field": "phone", "purpose": "complaint", "case": site.people[233].id });
    assert_eq!(maker.post(&format!("/certificates/{id}/unmask"), &case).status, 400);
}

fn form(person: &Person, region: &Value) -> Value {
    json!({
        "type": "mem_special_ops", "number": format!("T{}", person.id), "item": "mem:1.1", "name": person.name,
        "id_number": person.id, "phone": person.phone, "organisation": "武汉江城机电有限公司", "uscc": null,
        "issuer": "应急管理局", "region": region, "industry": null, "issued_on": "2025-03-01",
        "valid_from": "2025-03-01", "valid_until": "2031-02-28", "review_due_on": "2028-02-29",
    })
}

/// Searches and verifications, of people who are on record and of people who are not.
fn asked(site: &Site) {
    let nation = site.demo.user("regulator_national");
    for person in site.some(0, 5).iter().chain(site.some(240, 20)) {
        for query in [
            json!({ "q": person.name }),
            json!({ "q": person.id }),
            json!({ "q": person.phone }),
            json!({ "name": person.name, "facets": ["status", "region"] }),
            json!({ "id_number": person.id }),
            json!({ "number": format!("T{}", person.id) }),
            json!({ "organisation": person.name, "sort": "-issued_on" }),
        ] {
            let found = nation.search(&query);
            assert_eq!(found.status, 200, "{}", found.text);
        }
        let verify = json!({ "number": format!("T{}", person.id), "name": person.name });
        assert_eq!(nation.post("/verify", &verify).status, 200);
        assert_eq!(site.demo.visitor().post("/verify", &verify).code(), "challenge_failed");
    }
}

/// Everything that can be said wrongly.
fn refused(site: &Site) {
    let nation = site.demo.user("regulator_national");
    for person in site.some(260, 20) {
        let Person { name, id, phone } = person;
        for (kind, body) in [
            ("application/json", format!("{{\"name\":\"{name}\",\"id_number\":{id}}}")),
            ("application/json", format!("{{\"{id}\":\"{name}\"}}")),
            ("application/json", format!("{{\"name\":[\"{name}\",\"{phone}\"]}}")),
            ("application/json", format!("{{\"type\":[\"{id}\"],\"sort\":\"{phone}\",\"on\":\"{name}\"}}")),
            ("text/plain", format!("{name} {id} {phone}")),
            ("application/json", format!("{{\"q\":\"{}\"}}", format!("{id}{name}").repeat(4_000))),
        ] {
            let request = nation.request(Method::POST, "/certificates/search").header("content-type", kind);
            assert!(request.body(body).send().unwrap().status().is_client_error());
        }
        wrong_places(site, &nation, person);
    }
}

/// Addresses, headers and fields that are made for something else.
fn wrong_places(site: &Site, nation: &User<'_>, person: &Person) {
    let Person { name, id, phone } = person;
    for path in [
        format!("/certificates/{id}"),
        format!("/certificates/{name}"),
        format!("/certificates/search?number=T{id}"),
        format!("/certificates/search?name={name}"),
        format!("/certificates/search?organisation={phone}&sort={name}"),
        format!("/imports?name={id}"),
        format!("/no/such/{name}/{phone}"),
    ] {
        assert!(nation.request(Method::GET, &path).send().unwrap().status().is_client_error(), "{path}");
    }
    // A filter that fits no record.
    nation.request(Method::GET, &format!("/audit?action={id}&object={phone}")).send().unwrap();
    for (header, value) in [("idempotency-key", id), ("accept-language", id), ("if-match", phone)] {
        let body = json!({ "action": "suspend", "effective_on": "2026-01-05", "reason": "核查" });
        let path = "/certificates/cert_00000000000070008000000000000000/changes";
        assert!(nation.send(Method::POST, path, &[(header, value)], Some(&body)).status.is_client_error());
    }
    for token in [id, phone] {
        assert_eq!(site.demo.with_token(token).get("/me").status, 401);
    }
    let visitor = site.demo.visitor();
    for login in [name, id, phone] {
        let session = json!({ "login": login, "password": "nobody's password" });
        assert!(visitor.post("/session", &session).status.is_client_error());
    }
    let claim = json!({ "token": id, "login": name, "password": format!("{phone}-{id}") });
    assert!(visitor.post("/session/claim", &claim).status.is_client_error());
}

/// A photographed card whose code holds the number, and a print that says everything in words.
fn attached(site: &Site) {
    let person = &site.people[3];
    let card = photographed(&format!("{{\"number\":\"T{}\",\"name\":\"{}\"}}", person.id, person.name));
    let mut print = scanned(&card);
    print.extend(format!("% {} {} {}\n", person.name, person.id, person.phone).into_bytes());
    for (name, file) in [("card.jpg", card), ("print.pdf", print)] {
        let path = site.desk.path().join(name);
        std::fs::write(&path, file).unwrap();
        assert_eq!(counts(&import(&site.demo, &path, &[]))[..2], [1, 1], "{name}");
    }
}

/// The power goes while a roster is being taken in, on the command line and over the wire.
fn cut_off(site: &mut Site) {
    let path = site.roster("large.csv", site.some(280, 60));
    let mut importing = Command::new(env!("CARGO_BIN_EXE_anzheng"))
        .arg("import")
        .arg(&path)
        .arg("--data-dir")
        .arg(site.demo.data_dir())
        .env("TMPDIR", site.outside.path().join("temporary"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let half = std::fs::read(&path).unwrap();
    let address = site.demo.url().trim_start_matches("http://").to_owned();
    let mut sending = TcpStream::connect(&address).unwrap();
    let head = format!(
        "POST /api/v1/imports?name=a.csv HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {}\r\ncontent-type: application/octet-stream\r\ncontent-length: {}\r\n\r\n",
        site.admin,
        half.len() * 2
    );
    sending.write_all(&[head.as_bytes(), &half].concat()).unwrap();
    thread::sleep(Duration::from_millis(150));
    // Wherever it has come to, also if that is the end.
    let _killed = importing.kill();
    importing.wait().unwrap();
    site.demo.kill();
    site.is_clean();
    site.demo.start_again();
    assert_eq!(counts(&import(&site.demo, &path, &[]))[0], 60);
}

fn backed_up(site: &Site) {
    let place = site.outside.path().join("backups");
    crate::backup::back_up(&site.demo, &place);
    crate::backup::back_up(&site.demo, &place);
    assert_eq!(site.demo.anzheng(&["audit", "verify", "--json"]).status.code(), Some(0));
    assert_eq!(site.demo.anzheng(&["keys", "check", "--json"]).status.code(), Some(0));
}

/// The search would have found it.
fn planted_in_the_clear(site: &Site) {
    let mut search = Search::of(site.people.iter().flat_map(Person::values));
    let beside = |folder: &Path| folder.join("readmodel/forgotten");
    let person = &site.people[7];
    let (text, _, _) = encoding_rs::GB18030.encode(&person.name);
    std::fs::write(beside(&site.demo.data_dir()), [b"\0\xFFx", &*text, b"\0"].concat()).unwrap();
    let hits: Vec<_> = search.through(&site.demo.data_dir()).into_iter().collect();
    assert_eq!(hits.len(), 1, "{hits:?}");
    assert_eq!((hits[0].value.as_str(), hits[0].form), (person.name.as_str(), "GB18030"));
}
