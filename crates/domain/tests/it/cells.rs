//! Every cell of the permission matrix, and every neighbour of the rows it opens. The table below
//! is a second transcription of the rules, in another notation than the file's, so that a slip in
//! one of them shows.

use crate::people::{COLLEAGUE, GRANTED, ME, MINE, STRANGER, THEIRS, caller, now};
use chrono::TimeDelta;
use domain::access::{
    Action, Confinement, Duty, Level, Matrix, Permit, Placement, Principal, RefusalCode, Role, Wish, decide,
};

/// Columns: public, individual, enterprise admin, enterprise member, regulator of county, city,
/// province, nation, system, security, audit admin, API client.
///
/// A cell says what the wish for the default gets and, behind a slash, what the wish for the full
/// value gets (the same, unless it is said or the default is masked). `-` refusal; else the level
/// (`M` masked, `F` full, `.` no degrees), the reach (`s` self, `o` organisation, `g` granted, `r`
/// region, `a` all, `i` issuing office, `n` no certificate) and the marks `*` step-up, `^` second
/// person, `q` queued.
const RULES: &str = "
verify_one           Ma  Ma       Ma       Ma  Ma       Ma       Ma       Ma       -    -    -    Mo
result_list          -   Fs       Mo       Mg  Mr       Mr       Mr       Ma       -    -    -    Mo
fuzzy_name_search    -   -        .o       -   .r       .r       .r       .a       -    -    -    -
search_by_id_number  -   .s       .o*      .g* .r*      .r*      .r*      .a*      -    -    -    .o*
name_in_full         -   .s       .o       .g  .r       .r       .r       .a       -    -    -    -
id_number            -   Ms/Fs*   Mo/Fo*   -   Mr/Fr*   Mr/Fr*   Mr/Fr*   Ma/Fa*   -    -    -    -
phone                -   Fs       Mo       -   Mr/Fr*   Mr/Fr*   Mr/Fr*   Ma/Fa*   -    -    -    -
photo                -   Ms/Fs*   Mo/Fo*   -   Mr/Fr*   Mr/Fr*   Mr/Fr*   Ma*/Fa*  -    -    -    -
number_embedding_id  -   Fs       Mo       Mg  Mr/Fr*   Mr/Fr*   Mr/Fr*   Ma/Fa*   -    -    -    Mo
training             -   .s       .o       -   .r       .r       .r       .a       -    -    -    -
past_employers       -   .s       -        -   .r*      .r*      .r*      .a*      -    -    -    -
cross_region_read    -   -        -        -   -        -        -        .a       -    -    -    -
export_masked        -   Ms       -        -   Mrq      Mrq      Mrq      Maq^     -    -    -    -
export_unmasked      -   Fs*      -        -   -        Frq*^    Frq*^    Faq*^    -    -    -    -
batch_query          -   -        .oq      .gq .rq      .rq      .rq      .aq      -    -    -    .oq
verification_report  .n  .s       .o       .g  .r       .r       .r       .a       -    -    -    .o
share_link           Mn  .s       -        -   -        -        -        -        -    -    -    -
statistics           .n  -        .o       -   .r       .r       .r       .a       .n   .n   .n   .n
priority_job         -   -        -        -   .r*      .r*      .r*      .a*      -    -    -    -
change_certificate   -   -        -        -   .i^      .i^      .i^      .i^      -    -    -    .n
correction           -   .s       .o       -   .i       .i       .i       .i       -    -    -    -
membership           -   .s       .o       -   .r       .r       .r       .a       -    -    -    .o
onboarding           .n  .n       -        -   .r       .r       .r       -        -    -    -    -
temporary_grant      -   .s       .n       -   .r       .r       .r       .a       -    .n   -    -
accounts             .n  .n       .o       -   .r       .r       .r       .a       .n   .n   -    -
roles                -   -        .o       -   .n       .n       .n       .n       -    .n^  -    -
security_policy      -   -        -        -   -        -        -        -        -    .n^  -    -
system               -   -        -        -   -        -        -        -        .n   .n   -    -
keys                 -   -        .n       -   -        -        -        -        -    .n^  -    .n
unlock_account       -   .n       -        -   -        -        -        -        -    .n   -    -
audit_read           -   .s       .o       .n  .r       .r       .r       .a       .n   .n   Mn   .n
audit_export         -   -        -        -   -        -        -        -        -    -    .n^  -
abuse_case           -   .n       .n       .n  .r       .r       .r       .a       -    .n   .n   .n
privacy_request      .n  .s       -        -   .i       .i       .i       .i       -    -    .n   -
feedback             .n  .n       .n       .n  .n       .n       .n       .n       .n   .n   .n   .n
";

struct Rule {
    action: Action,
    role: Role,
    default: Option<Expected>,
    full: Option<Expected>,
}

#[derive(Clone, Copy)]
struct Expected {
    level: char,
    reach: char,
    step_up: bool,
    two_person: bool,
    queued: bool,
}

fn rules() -> Vec<Rule> {
    let lines = RULES.lines().filter(|line| !line.is_empty());
    lines
        .flat_map(|line| {
            let mut words = line.split_whitespace();
            let action = words.next().and_then(Action::from_code).unwrap();
            let cells: Vec<&str> = words.collect();
            assert_eq!(cells.len(), Role::ALL.len(), "{line}");
            cells
                .into_iter()
                .zip(Role::ALL)
                .map(move |(cell, role)| rule(action, role, cell))
                .collect::<Vec<_>>()
        })
        .collect()
}

fn rule(action: Action, role: Role, cell: &str) -> Rule {
    let (default, full) = match cell.split_once('/') {
        Some((default, full)) => (expected(default), expected(full)),
        None => (expected(cell), expected(cell).filter(|expected| expected.level != 'M')),
    };
    Rule { action, role, default, full }
}

fn expected(cell: &str) -> Option<Expected> {
    let mut letters = cell.chars();
    let (level, reach) = (letters.next()?, letters.next()?);
    let marks = letters.as_str();
    let has = |mark| marks.contains(mark);
    Some(Expected { level, reach, step_up: has('*'), two_person: has('^'), queued: has('q') })
}

/// Certificates around the caller: what it is, whose, of which organisation, of which region, and
/// the reaches that open it (`C`, `M`, `P` = region of a regulator of county, city, province; the
/// same in small letters = issuing office).
const NEIGHBOURS: [(&str, Placement<'static>, &str); 12] = [
    ("one's own", place(Some(ME), Some(MINE), "420106"), "soaCMPc"),
    ("a colleague's", place(Some(COLLEAGUE), Some(MINE), "420106"), "oaCMPc"),
    ("of another organisation", place(Some(STRANGER), Some(THEIRS), "420106"), "aCMPc"),
    ("of one who has left", place(Some(ME), None, "420106"), "saCMPc"),
    ("of the sibling county", place(Some(STRANGER), Some(THEIRS), "420107"), "aMP"),
    ("of the parent city", place(Some(STRANGER), Some(THEIRS), "420100"), "aMPm"),
    ("of the province", place(Some(STRANGER), Some(THEIRS), "420000"), "aPp"),
    ("of a county in the sibling city", place(Some(STRANGER), Some(THEIRS), "420502"), "aP"),
    ("of a county directly under the province", place(Some(STRANGER), Some(THEIRS), "429004"), "aP"),
    ("of another province", place(Some(STRANGER), Some(THEIRS), "430102"), "a"),
    ("of somebody granted, elsewhere", place(Some(GRANTED), Some(THEIRS), "430102"), "ag"),
    ("of the national office", place(Some(STRANGER), Some(THEIRS), "000000"), "an"),
];

const fn place(
    holder: Option<domain::ids::HolderId>,
    organisation: Option<domain::ids::OrganisationId>,
    region: &str,
) -> Placement<'_> {
    Placement { holder: holder.unwrap(), organisation, region }
}

/// The letter of [`NEIGHBOURS`] for a reach and a role.
fn letter(reach: char, role: Role) -> char {
    let level = match role {
        Role::RegulatorCounty => 'C',
        Role::RegulatorCity => 'M',
        Role::RegulatorProvince => 'P',
        Role::RegulatorNational => 'N',
        _ => ' ',
    };
    match reach {
        'r' => level,
        'i' => level.to_ascii_lowercase(),
        'n' => '-',
        other => other,
    }
}

fn ask(principal: &Principal, rule: &Rule, wish: Wish) -> Result<Permit, RefusalCode> {
    decide(&Matrix::builtin(), principal, rule.action, wish, now()).map_err(|refusal| refusal.code)
}

fn name(rule: &Rule, wish: Wish) -> String {
    format!("{} by {}, {wish:?}", rule.action.code(), rule.role.code())
}

fn wishes(rule: &Rule) -> [(Wish, Option<Expected>); 2] {
    [(Wish::Default, rule.default), (Wish::Full, rule.full)]
}

#[test]
fn every_cell_allows_what_the_rules_say_and_nothing_else() {
    let mut cells = 0;
    for rule in rules() {
        let principal = caller(rule.role);
        for (wish, expected) in wishes(&rule) {
            let name = name(&rule, wish);
            match (ask(&principal, &rule, wish), expected) {
                (Ok(permit), Some(expected)) => {
                    let level = if expected.level == 'M' { Level::Masked } else { Level::Full };
                    assert_eq!(permit.level, level, "{name}");
                    assert_eq!(permit.two_person, expected.two_person, "{name}");
                    assert_eq!(permit.queued, expected.queued, "{name}");
                    assert_eq!(permit.action, rule.action, "{name}");
                }
                (Err(code), None) => {
                    let visitor = rule.role == Role::Public;
                    let refusal =
                        if visitor { RefusalCode::SignInRequired } else { RefusalCode::NotPermitted };
                    assert_eq!(code, refusal, "{name}");
                }
                (answer, _) => panic!("{name}: {answer:?}"),
            }
        }
        cells += 1;
    }
    assert_eq!(cells, 12 * 35);
}

#[test]
fn every_cell_opens_its_rows_and_none_of_the_neighbours() {
    let mut judged = 0;
    for rule in rules() {
        for (wish, expected) in wishes(&rule) {
            let (Some(expected), Ok(permit)) = (expected, ask(&caller(rule.role), &rule, wish)) else {
                continue;
            };
            for (what, placement, reaches) in NEIGHBOURS {
                let inside = reaches.contains(letter(expected.reach, rule.role));
                assert_eq!(
                    permit.scope.admits(placement),
                    inside,
                    "{}: certificate {what}",
                    name(&rule, wish)
                );
                judged += 1;
            }
        }
    }
    let permits: usize = rules().iter().flat_map(wishes).filter(|(_, expected)| expected.is_some()).count();
    assert_eq!(judged, permits * NEIGHBOURS.len());
    assert!(judged > 4_000, "{judged}");
}

#[test]
fn a_proof_of_identity_is_fresh_for_five_minutes() {
    for rule in rules() {
        for (wish, expected) in wishes(&rule) {
            let Some(expected) = expected else { continue };
            let age = |age: Option<TimeDelta>| {
                let stepped_up_at = age.map(|age| now() - age);
                ask(&Principal { stepped_up_at, ..caller(rule.role) }, &rule, wish)
                    .map(|permit| permit.action)
            };
            let stale = if expected.step_up { Err(RefusalCode::StepUpRequired) } else { Ok(rule.action) };
            let name = name(&rule, wish);
            assert_eq!(age(Some(TimeDelta::minutes(5))), Ok(rule.action), "{name}");
            assert_eq!(age(Some(TimeDelta::milliseconds(300_001))), stale, "{name}");
            assert_eq!(age(Some(TimeDelta::seconds(-1))), stale, "{name}: proven in the future");
            assert_eq!(age(None), stale, "{name}: never proven");
        }
    }
}

#[test]
fn a_confined_session_opens_no_cell() {
    let table = [
        (Confinement::PasswordChange, RefusalCode::PasswordChangeNeeded),
        (Confinement::FactorNeeded, RefusalCode::FactorNeeded),
    ];
    for (confinement, code) in table {
        for rule in rules() {
            let confined = Principal { confined: Some(confinement), ..caller(rule.role) };
            for (wish, _) in wishes(&rule) {
                assert_eq!(ask(&confined, &rule, wish), Err(code), "{}", name(&rule, wish));
            }
        }
    }
}

/// Callers who have lost what their role is measured by.
fn displaced(role: Role) -> Vec<(&'static str, Principal)> {
    let home = caller(role);
    let at = |region: &str| Principal { region: Some(region.to_owned()), ..home.clone() };
    let mut displaced = vec![(
        "nothing at all",
        Principal { region: None, organisation: None, holder: None, granted: Vec::new(), ..home.clone() },
    )];
    match role {
        Role::EnterpriseMember => {
            displaced.push(("an ended grant", Principal { granted: Vec::new(), ..home.clone() }));
            displaced.push((
                "a grant, but left the organisation",
                Principal { organisation: None, ..home.clone() },
            ));
        }
        Role::RegulatorCounty => {
            let regions = ["420100", "420000", "000000", "4201", "42010", "42010六", "", "42010A"];
            displaced.extend(regions.map(|region| ("a region of another level", at(region))));
        }
        Role::RegulatorCity => {
            let regions = ["420106", "420000", "429000", "429004", "4201", "0000000"];
            displaced.extend(regions.map(|region| ("a region of another level", at(region))));
        }
        Role::RegulatorProvince => {
            let regions = ["420100", "420106", "000000", "42"];
            displaced.extend(regions.map(|region| ("a region of another level", at(region))));
        }
        _ => {}
    }
    displaced
}

#[test]
fn who_lacks_what_the_reach_is_measured_by_is_refused() {
    let mut refused = 0;
    for rule in rules() {
        for (wish, expected) in wishes(&rule) {
            let Some(expected) = expected else { continue };
            let measured = matches!(expected.reach, 's' | 'o' | 'g' | 'r')
                || expected.reach == 'i' && rule.role != Role::RegulatorNational;
            for (what, principal) in displaced(rule.role) {
                let answer = ask(&principal, &rule, wish);
                let name = format!("{} with {what} {:?}", name(&rule, wish), principal.region);
                if measured {
                    assert_eq!(answer.err(), Some(RefusalCode::NoScope), "{name}");
                    refused += 1;
                } else {
                    assert!(answer.is_ok(), "{name}");
                }
            }
        }
    }
    assert!(refused > 600, "{refused}");
}

#[test]
fn a_duty_is_asked_for_by_name() {
    let matrix = Matrix::builtin();
    let ask = |role, action, duty| decide(&matrix, &caller(role), action, Wish::As(duty), now());
    let restore = ask(Role::SystemAdmin, Action::System, Duty::Restore).unwrap();
    assert!(restore.two_person);
    assert!(!ask(Role::SystemAdmin, Action::System, Duty::Use).unwrap().two_person);
    assert!(ask(Role::SecurityAdmin, Action::System, Duty::Restore).is_err());
    assert!(ask(Role::Individual, Action::Correction, Duty::File).is_ok());
    assert!(ask(Role::Individual, Action::Correction, Duty::Decide).is_err());
    assert!(ask(Role::RegulatorCity, Action::Correction, Duty::Decide).is_ok());
    assert!(ask(Role::ApiClient, Action::ChangeCertificate, Duty::Use).is_err());
    assert_eq!(ask(Role::SecurityAdmin, Action::AbuseCase, Duty::Suspend).unwrap().duty, Duty::Suspend);
}

#[test]
fn a_batch_has_an_upper_bound() {
    let matrix = Matrix::builtin();
    let rows =
        |role| decide(&matrix, &caller(role), Action::BatchQuery, Wish::Default, now()).unwrap().max_rows;
    assert_eq!(rows(Role::EnterpriseAdmin), Some(5_000));
    assert_eq!(rows(Role::EnterpriseMember), Some(200));
    assert_eq!(rows(Role::RegulatorCounty), None);
}

#[test]
fn the_operator_at_the_console_acts_without_an_account() {
    let matrix = Matrix::builtin();
    let permit = decide(&matrix, &Principal::console(), Action::System, Wish::Default, now()).unwrap();
    assert!(NEIGHBOURS.iter().all(|(_, placement, _)| !permit.scope.admits(*placement)));
}
