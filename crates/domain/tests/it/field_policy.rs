//! Which columns a permit opens.

use crate::people::{caller, now};
use domain::access::{Action, FieldPolicy, Matrix, Principal, RefusalCode, Role, Show, Wish, decide};

fn fields(principal: &Principal, action: Action) -> FieldPolicy {
    decide(&Matrix::builtin(), principal, action, Wish::Default, now()).unwrap().fields
}

fn shows(fields: &FieldPolicy) -> [Show; 7] {
    [
        fields.name,
        fields.id_number,
        fields.phone,
        fields.photo,
        fields.embedded_number,
        fields.training,
        fields.past_employers,
    ]
}

#[test]
fn a_list_shows_each_role_its_columns() {
    use Show::{Full as F, Hidden as H, Masked as M};
    // Name, ID number, phone, photo, number that holds an ID number, training, past employers.
    let expected = [
        (Role::Individual, [F, M, F, M, F, F, F]),
        (Role::EnterpriseAdmin, [F, M, M, M, M, F, H]),
        (Role::EnterpriseMember, [F, H, H, H, M, H, H]),
        (Role::RegulatorCounty, [F, M, M, M, M, F, F]),
        (Role::RegulatorCity, [F, M, M, M, M, F, F]),
        (Role::RegulatorProvince, [F, M, M, M, M, F, F]),
        (Role::RegulatorNational, [F, M, M, M, M, F, F]),
        (Role::ApiClient, [M, H, H, H, M, H, H]),
    ];
    for (role, expected) in expected {
        assert_eq!(shows(&fields(&caller(role), Action::ResultList)), expected, "{role:?}");
    }
}

#[test]
fn without_a_fresh_proof_some_columns_close() {
    for role in Role::ALL.into_iter().filter(|role| role.code().starts_with("regulator")) {
        let principal = Principal { stepped_up_at: None, ..caller(role) };
        let fields = fields(&principal, Action::ResultList);
        assert_eq!(fields.past_employers, Show::Hidden, "{role:?}");
        assert_eq!(fields.photo == Show::Hidden, role == Role::RegulatorNational, "{role:?}");
    }
}

#[test]
fn beyond_their_own_rows_all_but_the_nation_see_as_little_as_the_public() {
    let public = shows(&fields(&Principal::public(), Action::VerifyOne));
    assert_eq!(
        public,
        [Show::Masked, Show::Hidden, Show::Hidden, Show::Hidden, Show::Hidden, Show::Hidden, Show::Hidden]
    );
    let verifiers = [
        Role::Individual,
        Role::EnterpriseAdmin,
        Role::EnterpriseMember,
        Role::RegulatorCounty,
        Role::RegulatorCity,
        Role::RegulatorProvince,
    ];
    for role in verifiers {
        assert_eq!(shows(&fields(&caller(role), Action::VerifyOne)), public, "{role:?}");
    }
}

#[test]
fn a_permit_without_rows_opens_no_column() {
    let permit =
        decide(&Matrix::builtin(), &caller(Role::SystemAdmin), Action::System, Wish::Default, now()).unwrap();
    assert_eq!(permit.fields, FieldPolicy::nothing());
}

#[test]
fn roles_and_refusals_are_known_by_their_codes() {
    for role in Role::ALL {
        assert_eq!(Role::from_code(role.code()), Some(role));
    }
    assert_eq!(Role::from_code("root"), None);
    let codes = [
        (RefusalCode::NotPermitted, "not_permitted"),
        (RefusalCode::SignInRequired, "sign_in_required"),
        (RefusalCode::StepUpRequired, "step_up_required"),
        (RefusalCode::NoScope, "no_scope"),
    ];
    assert!(codes.iter().all(|(refusal, code)| refusal.code() == *code));
}
