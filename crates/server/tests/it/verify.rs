use crate::demo::{Answer, shared};
use app::verification::challenge::solve;
use serde_json::{Value, json};

fn solved() -> String {
    let challenge = shared().visitor().get("/verify/challenge").body;
    solve(
        challenge["challenge"].as_str().unwrap(),
        u32::try_from(challenge["bits"].as_u64().unwrap()).unwrap(),
    )
}

fn verify(number: &str, name: &str) -> Answer {
    shared().visitor().post("/verify", &json!({ "number": number, "name": name, "challenge": solved() }))
}

fn a_construction_certificate(status: &str) -> Value {
    let nation = shared().user("regulator_national");
    let found =
        nation.search(&json!({ "category": ["construction_safety"], "status": [status], "page_size": 50 }));
    found.items()[0].clone()
}

#[test]
fn whoever_holds_a_certificate_learns_whether_it_is_good() {
    let table = [
        ("valid", "valid", None),
        ("expired", "not_valid", Some("expired")),
        ("revoked", "not_valid", Some("revoked")),
    ];
    for (status, verdict, reason) in table {
        let certificate = a_construction_certificate(status);
        let answer =
            verify(certificate["number"].as_str().unwrap(), certificate["holder"]["name"].as_str().unwrap());
        assert_eq!(answer.body["verdict"], verdict, "{}", answer.text);
        assert_eq!(answer.body["reasons"], json!(reason.into_iter().collect::<Vec<_>>()));
        let shown = &answer.body["certificates"][0];
        assert!(shown["holder"]["name"].as_str().unwrap().contains('*'), "the name stays masked");
        assert!(shown.get("number").is_none());
    }
}

#[test]
fn a_wrong_name_and_an_unknown_number_give_the_same_answer() {
    let certificate = a_construction_certificate("valid");
    let wrong_name = verify(certificate["number"].as_str().unwrap(), "王不是");
    let unknown = verify("京建安C1(1999)9999999", certificate["holder"]["name"].as_str().unwrap());
    let without_time = |mut answer: Answer| {
        for of_the_call in ["as_of", "trace_id"] {
            answer.body.as_object_mut().unwrap().remove(of_the_call).unwrap();
        }
        (answer.status, answer.body)
    };
    let wrong_name = without_time(wrong_name);
    assert_eq!(wrong_name.1["verdict"], "not_found");
    assert_eq!(wrong_name, without_time(unknown));
}

#[test]
fn a_challenge_has_to_be_solved_and_counts_once() {
    let certificate = a_construction_certificate("valid");
    let ask = |challenge: &str| {
        let body = json!({ "number": certificate["number"], "name": certificate["holder"]["name"], "challenge": challenge });
        shared().visitor().post("/verify", &body)
    };
    let solution = solved();
    assert_eq!(ask(&solution).status, 200);
    for refused in [solution.as_str(), "", "1:1"] {
        assert_eq!((ask(refused).status.as_u16(), ask(refused).code()), (400, "challenge_failed"));
    }
}
