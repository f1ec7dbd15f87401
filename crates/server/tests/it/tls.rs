use crate::demo::{Demo, anzheng, trusting};
use rcgen::CertifiedKey;
use reqwest::{
    Version,
    blocking::{Client, ClientBuilder, Response},
    tls,
};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
};

const EVERYWHERE: &[&str] = &["serve", "--listen", "0.0.0.0:0"];

fn address(registry: &Demo) -> SocketAddr {
    let port = registry.url().rsplit(':').next().unwrap().parse().unwrap();
    (Ipv4Addr::LOCALHOST, port).into()
}

fn ask(client: ClientBuilder, name: &str, registry: &Demo) -> reqwest::Result<Response> {
    let address = address(registry);
    let client = client.resolve(name, address).build()?;
    client.get(format!("https://{name}:{}/health/live", address.port())).send()
}

#[test]
fn away_from_loopback_only_tls_1_3_is_spoken_with_a_certificate_of_its_own() {
    let mut registry = Demo::run(EVERYWHERE, tempfile::tempdir().unwrap(), &[]);
    assert!(registry.url().starts_with("https://localhost:"), "{}", registry.url());
    let tls_dir = registry.data_dir().join("tls");
    let certificate = tls_dir.join("certificate.pem");
    let key = fs::metadata(tls_dir.join("key.pem")).unwrap();
    assert_eq!(key.permissions().mode() & 0o777, 0o600, "nobody else reads the key");

    let answer = ask(trusting(&certificate), "localhost", &registry).unwrap();
    assert_eq!((answer.status().as_u16(), answer.version()), (200, Version::HTTP_2));
    let old_http = ask(trusting(&certificate).http1_only(), "localhost", &registry).unwrap();
    assert_eq!((old_http.version(), old_http.text().unwrap().as_str()), (Version::HTTP_11, "ok"));
    let newest = trusting(&certificate).min_tls_version(tls::Version::TLS_1_3);
    assert_eq!(ask(newest, "localhost", &registry).unwrap().status(), 200);

    let old_tls = trusting(&certificate).max_tls_version(tls::Version::TLS_1_2);
    let refused = format!("{:?}", ask(old_tls, "localhost", &registry).unwrap_err());
    assert!(refused.contains("ProtocolVersion"), "{refused}");
    let stranger = format!("{:?}", ask(Client::builder(), "localhost", &registry).unwrap_err());
    assert!(stranger.contains("UnknownIssuer"), "nobody trusts it unasked: {stranger}");

    let before = fs::read(&certificate).unwrap();
    registry.kill_and_restart();
    assert_eq!(fs::read(&certificate).unwrap(), before, "it is made once");
    assert_eq!(ask(trusting(&certificate), "localhost", &registry).unwrap().status(), 200);
}

#[test]
fn a_server_on_all_addresses_is_trusted_under_each_name_of_the_machine() {
    let names = [("ANZHENG__SERVER__NAMES", r#"["registry.example", "192.0.2.7"]"#)];
    let registry = Demo::run(EVERYWHERE, tempfile::tempdir().unwrap(), &names);
    let port = address(&registry).port();
    assert_eq!(registry.url(), format!("https://registry.example:{port}"), "an address that can be called");
    let certificate = registry.data_dir().join("tls/certificate.pem");
    for name in ["localhost", "registry.example"] {
        assert_eq!(ask(trusting(&certificate), name, &registry).unwrap().status(), 200, "{name}");
    }
    assert!(ask(trusting(&certificate), "other.example", &registry).is_err());
    // By the command line, as a user would.
    for host in ["127.0.0.1", "localhost"] {
        let output = anzheng()
            .args(["verify", "京建安C1(2015)0000001", "张三", "--json", "--url"])
            .arg(format!("https://{host}:{port}"))
            .arg("--ca")
            .arg(&certificate)
            .output()
            .unwrap();
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
        assert!(answer["verdict"].is_string(), "{host}: {}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn who_speaks_plain_http_to_a_tls_port_learns_nothing() {
    let registry = Demo::run(EVERYWHERE, tempfile::tempdir().unwrap(), &[]);
    let mut stream = TcpStream::connect(address(&registry)).unwrap();
    stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    let mut told = Vec::new();
    // How the connection ends does not matter, only what came before.
    let _ended = stream.read_to_end(&mut told);
    // An alert of TLS has the type 21, and seven bytes.
    assert!(told.is_empty() || (told[0] == 21 && told.len() == 7), "{told:?}");
}

#[test]
fn a_certificate_of_the_operators_choice_is_shown() {
    let files = tempfile::tempdir().unwrap();
    let (certificate, key) = (files.path().join("certificate.pem"), files.path().join("key.pem"));
    let CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(vec!["registry.example".to_owned()]).unwrap();
    fs::write(&certificate, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    let settings = [
        ("ANZHENG__SERVER__TLS", "on"),
        ("ANZHENG__SERVER__CERTIFICATE_FILE", certificate.to_str().unwrap()),
        ("ANZHENG__SERVER__KEY_FILE", key.to_str().unwrap()),
    ];
    let registry = Demo::serve(tempfile::tempdir().unwrap(), &settings);
    assert_eq!(ask(trusting(&certificate), "registry.example", &registry).unwrap().status(), 200);
    assert!(ask(trusting(&certificate), "localhost", &registry).is_err(), "another name");
    assert!(!registry.data_dir().join("tls").exists());
}

#[test]
fn without_the_certificate_named_nothing_is_served() {
    let dir = tempfile::tempdir().unwrap();
    let output = anzheng()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir.path())
        .envs([("ANZHENG__SERVER__TLS", "on"), ("ANZHENG__SERVER__CERTIFICATE_FILE", "/nowhere/mine.pem")])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("/nowhere/mine.pem"));
}
