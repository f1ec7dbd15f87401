use crate::{
    audit::wait_for,
    demo::{client, shared},
};
use reqwest::Method;
use serde_json::{Value, json};

#[test]
fn errors_are_problems_in_the_readers_language() {
    let visitor = shared().visitor();
    let titles: Vec<String> = ["zh-CN", "en", "ja"]
        .iter()
        .map(|language| {
            let answer = visitor.send(Method::GET, "/me", &[("accept-language", language)], None);
            assert_eq!((answer.status.as_u16(), answer.code()), (401, "sign_in_required"));
            assert_eq!(answer.headers["content-type"], "application/problem+json; charset=utf-8");
            assert!(answer.body["request_id"].as_str().unwrap().starts_with("req_"));
            answer.body["title"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(titles, ["请先登录。", "Sign in first.", "先にログインしてください。"]);
}

#[test]
fn every_answer_carries_the_security_headers() {
    let visitor = shared().visitor();
    for path in ["/", "/health/ready", "/metrics", "/me", "/nowhere", "/catalogue/types"] {
        let answer = visitor.get(path);
        for name in [
            "content-security-policy",
            "strict-transport-security",
            "x-content-type-options",
            "referrer-policy",
            "cross-origin-opener-policy",
            "permissions-policy",
        ] {
            assert!(answer.headers.contains_key(name), "{name} on {path}");
        }
        assert_eq!(answer.headers["cache-control"], "no-store", "{path}");
    }
}

#[test]
fn a_caller_is_told_what_is_left_of_the_rate() {
    let nation = shared().user("regulator_national");
    let headers = nation.get("/me").headers;
    let number = |name: &str| headers[name].to_str().unwrap().parse::<u64>().unwrap();
    assert!(number("ratelimit-remaining") < number("ratelimit-limit"));
    let stranger = shared().with_token("no-such-token").get("/me");
    assert_eq!(stranger.status, 401);
    assert!(
        stranger.headers.contains_key("ratelimit-remaining") && stranger.headers.contains_key("x-request-id")
    );
}

#[test]
fn a_connection_that_says_nothing_is_closed() {
    use std::io::Read;
    let address = shared().url().strip_prefix("http://").unwrap();
    for said in ["", "PRI * HT"] {
        let mut connection = std::net::TcpStream::connect(address).unwrap();
        std::io::Write::write_all(&mut connection, said.as_bytes()).unwrap();
        // Ends when the server closes it, and fails if it never does.
        connection.set_read_timeout(Some(std::time::Duration::from_secs(60))).unwrap();
        assert_eq!(connection.read(&mut [0; 16]).unwrap(), 0, "{said:?}");
    }
}

#[test]
fn a_mistyped_command_line_is_no_verdict() {
    for arguments in [&["verify", "--jason", "T1", "张三"][..], &["audit", "verify", "--jsn"]] {
        let status = crate::demo::anzheng().args(arguments).output().unwrap().status;
        assert_eq!(status.code(), Some(1), "{arguments:?}");
    }
    assert_eq!(crate::demo::anzheng().arg("--version").output().unwrap().status.code(), Some(0));
}

#[test]
fn what_monitors_ask_is_answered_without_personal_data() {
    let visitor = shared().visitor();
    assert_eq!(visitor.get("/health/live").text, "ok");
    let ready = visitor.get("/health/ready");
    assert_eq!(ready.body["ready"], true, "{}", ready.text);
    shared().user("regulator_county").get("/certificates/cert_00000000000000000000000000000000");
    let metrics = visitor.get("/metrics").text;
    assert!(metrics.contains("anzheng_requests_total") && metrics.contains("/api/v1/certificates/{id}"));
    assert!(!metrics.contains("cert_0000"));
}

#[test]
fn what_no_operation_answers_is_a_problem_all_the_same() {
    let nation = shared().user("regulator_national");
    let large = json!({ "name": "王".repeat(64 << 10) });
    let answers = [
        (nation.get("/certificates/%ff"), 400, "request_invalid"),
        (nation.search(&large), 413, "body_too_large"),
        (nation.get("/nowhere"), 404, "not_found"),
        (nation.send(Method::PUT, "/session", &[], None), 405, "method_not_allowed"),
    ];
    for (answer, status, code) in answers {
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json; charset=utf-8", "{code}");
        assert!(!answer.body["title"].as_str().unwrap().is_empty(), "{code}");
        assert!(answer.headers.contains_key("content-security-policy"), "{code}");
        if status == 405 {
            let allowed = answer.headers["allow"].to_str().unwrap();
            assert!(allowed.contains("POST") && allowed.contains("DELETE"), "{allowed}");
        }
    }
    let auditor = shared().user("audit_admin");
    wait_for(
        || auditor.get("/audit?action=request.rejected&limit=200").items().to_vec(),
        |record| record["reason"] == "request_invalid",
    );
}

#[test]
fn a_roster_that_is_too_large_is_refused_as_such() {
    let request = client()
        .post(format!("{}/api/v1/imports?name=large.csv", shared().url()))
        .body(vec![b'x'; (10 << 20) + 1]);
    let answer = request.send().unwrap();
    assert_eq!(answer.status(), 413);
    assert_eq!(answer.headers()["content-type"], "application/problem+json; charset=utf-8");
    assert_eq!(answer.json::<Value>().unwrap()["code"], "body_too_large");
}

#[test]
fn metrics_name_neither_invented_methods_nor_unknown_addresses() {
    let visitor = shared().visitor();
    visitor.send(Method::from_bytes(b"INVENTED").unwrap(), "/session", &[], None);
    visitor.get("/invented-address");
    let metrics = visitor.get("/metrics").text;
    assert!(metrics.contains("method=\"other\"") && metrics.contains("route=\"unmatched\""), "{metrics}");
    assert!(!metrics.contains("INVENTED") && !metrics.contains("invented-address"));
}

#[test]
fn the_description_names_every_route_and_is_public() {
    let description = shared().visitor().get("/openapi.json").body;
    assert!(description["openapi"].as_str().unwrap().starts_with("3.1"));
    let paths: Vec<&String> = description["paths"].as_object().unwrap().keys().collect();
    for path in [
        "/api/v1/session",
        "/api/v1/certificates/search",
        "/api/v1/certificates/{id}",
        "/api/v1/verify",
        "/api/v1/audit",
    ] {
        assert!(paths.iter().any(|known| *known == path), "{path}");
    }
}

#[test]
fn the_catalogue_is_open_to_everybody() {
    let visitor = shared().visitor();
    let types = visitor.get("/catalogue/types").body;
    let codes: Vec<&str> =
        types.as_array().unwrap().iter().map(|kind| kind["code"].as_str().unwrap()).collect();
    assert!(codes.contains(&"mem_special_ops") && codes.contains(&"con_a"));
    let provinces = visitor.get("/catalogue/regions").body;
    assert_eq!(provinces.as_array().unwrap().len(), 34);
    let cities = visitor.get("/catalogue/regions?parent=420000").body;
    assert!(cities.as_array().unwrap().iter().any(|city| city["name"] == "襄阳市"));
    let items = visitor.get("/catalogue/items?scheme=mem").body;
    assert!(items.as_array().unwrap().iter().any(|item| item["code"] == "mem:1.2"));
}

#[test]
fn an_unchanged_record_is_not_sent_again() {
    let nation = shared().user("regulator_national");
    let id =
        nation.search(&Value::Object(serde_json::Map::new())).items()[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/certificates/{id}");
    let tag = nation.get(&path).headers["etag"].to_str().unwrap().to_owned();
    let again = nation.send(Method::GET, &path, &[("if-none-match", &tag)], None);
    assert_eq!((again.status.as_u16(), again.text.as_str()), (304, ""));
}
