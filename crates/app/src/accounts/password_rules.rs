//! What a new password has to be like (GB/T 22239-2019 8.1.4.1 a). What is guessed first is judged by
//! zxcvbn: the most used passwords, names and words, also turned round, with digits for letters, on
//! neighbouring keys, as dates and repetitions.

use crate::{App, Error};
use domain::{
    access::{PasswordPolicy, Role},
    certificate::Holder,
    ids::HolderId,
    text::pinyin_full,
};

const LONGEST: usize = 128;
/// Shorter parts of a person's data are in many a password by chance.
const SHORTEST_PART: usize = 4;

/// Whose password it will be.
pub(super) struct Owner<'a> {
    pub login: &'a str,
    pub role: Role,
    pub holder: Option<HolderId>,
    pub has_second_factor: bool,
}

/// Refuses a password that the policy of its owner's role does not take.
pub(super) async fn check(app: &App, owner: &Owner<'_>, password: &str) -> Result<(), Error> {
    let policy = app.sign_in.of(owner.role).password.clone();
    let holder = match owner.holder {
        Some(id) => app.store.holder(id).await?,
        None => None,
    };
    let judged = Judged {
        login: owner.login.to_owned(),
        personal: holder.as_ref().map(personal_parts).unwrap_or_default(),
        context: app.sign_in.context_words.clone(),
        has_second_factor: owner.has_second_factor,
    };
    let password = password.to_owned();
    // Judging takes milliseconds.
    match app.cpu.run(move || violation(&policy, &judged, &password)).await? {
        Some(code) => Err(Error::field("password", code)),
        None => Ok(()),
    }
}

/// What must not be in a person's password, folded.
fn personal_parts(holder: &Holder) -> Vec<String> {
    let mut parts = vec![holder.name.to_lowercase()];
    parts.extend(pinyin_full(&holder.name));
    if let Some(identity) = &holder.identity {
        let number = identity.number.to_lowercase();
        // The day of birth, and what people take for a PIN: the last six characters.
        parts.extend(number.get(6..14).map(str::to_owned));
        parts.extend(number.len().checked_sub(6).and_then(|from| number.get(from..)).map(str::to_owned));
    }
    if let Some(phone) = &holder.phone {
        parts.extend(phone.len().checked_sub(8).and_then(|from| phone.get(from..)).map(str::to_owned));
    }
    parts.retain(|part| part.len() >= SHORTEST_PART);
    parts
}

struct Judged {
    login: String,
    personal: Vec<String>,
    context: Vec<String>,
    has_second_factor: bool,
}

/// Why the password is not accepted; a stable code.
fn violation(policy: &PasswordPolicy, judged: &Judged, password: &str) -> Option<&'static str> {
    let length = password.chars().count();
    let shortest =
        if judged.has_second_factor { policy.min_length_beside_second_factor } else { policy.min_length };
    if length < shortest {
        return Some("password_too_short");
    }
    if length > LONGEST {
        return Some("password_too_long");
    }
    if classes(password) < policy.classes {
        return Some("password_too_simple");
    }
    let folded = password.to_lowercase();
    if !judged.login.is_empty() && folded.contains(&judged.login.to_lowercase()) {
        return Some("password_holds_login");
    }
    if judged.personal.iter().any(|part| folded.contains(part)) {
        return Some("password_holds_personal");
    }
    let words: Vec<&str> = judged.context.iter().map(String::as_str).collect();
    let guessed = zxcvbn::zxcvbn(password, &words).guesses_log10();
    (guessed < f64::from(policy.min_strength)).then_some("password_guessable")
}

fn classes(password: &str) -> usize {
    let classes = [
        password.chars().any(|c| c.is_ascii_lowercase()),
        password.chars().any(|c| c.is_ascii_uppercase()),
        password.chars().any(|c| c.is_ascii_digit()),
        password.chars().any(|c| !c.is_ascii_alphanumeric()),
    ];
    classes.into_iter().filter(|present| *present).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{
        access::SignInPolicy,
        certificate::{IdentityDocument, IdentityKind},
    };

    fn judged(login: &str, has_second_factor: bool) -> Judged {
        let context = SignInPolicy::builtin().context_words.clone();
        Judged { login: login.into(), personal: Vec::new(), context, has_second_factor }
    }

    fn of(role: Role) -> PasswordPolicy {
        SignInPolicy::builtin().of(role).password.clone()
    }

    #[test]
    fn the_policy_of_staff_asks_for_classes_and_names_what_is_wrong() {
        let table = [
            ("Short1!", Some("password_too_short")),
            ("alllowercaseletters", Some("password_too_simple")),
            ("Inspector-2026-x", Some("password_holds_login")),
            ("Password-2026!", Some("password_guessable")),
            ("P4ssw0rd-P4ssw0rd", Some("password_guessable")),
            ("Qwertyuiop-123456", Some("password_guessable")),
            ("Certificate-2026", Some("password_guessable")),
            ("Aa1!Aa1!Aa1!", Some("password_guessable")),
            ("Mule-harbour-19", None),
            ("长城-Great-Wall-1", None),
        ];
        for (password, expected) in table {
            let found = violation(&of(Role::RegulatorCity), &judged("inspector", true), password);
            assert_eq!(found, expected, "{password}");
        }
    }

    #[test]
    fn the_modern_policy_asks_for_length_and_nothing_that_is_guessed_first() {
        let table = [
            ("mule harbour nineteen", false, None),
            ("mule-harbour19", false, Some("password_too_short")),
            ("mule-harbour19", true, None),
            ("mule-ha", true, Some("password_too_short")),
            ("iloveyouiloveyou", false, Some("password_guessable")),
            ("zhengshuanquan2026", false, Some("password_guessable")),
            ("123456789012345", false, Some("password_guessable")),
        ];
        for (password, has_second_factor, expected) in table {
            let found = violation(&of(Role::Individual), &judged("li", has_second_factor), password);
            assert_eq!(found, expected, "{password}");
        }
    }

    #[test]
    fn a_long_password_is_taken_whole_up_to_128_characters() {
        let long = "码头 Mule harbour 19, ".repeat(10);
        let of_length = |length| long.chars().take(length).collect::<String>();
        for (length, expected) in [(64, None), (128, None), (129, Some("password_too_long"))] {
            let found = violation(&of(Role::RegulatorCity), &judged("x", false), &of_length(length));
            assert_eq!(found, expected, "{length}");
        }
    }

    #[test]
    fn what_is_known_of_a_person_is_no_part_of_their_password() {
        let holder = Holder {
            id: HolderId::from_uuid(uuid::Uuid::nil()),
            name: "张建国".into(),
            identity: Some(IdentityDocument {
                kind: IdentityKind::CitizenId,
                number: "11010519491231002X".into(),
            }),
            phone: Some("+8613800138000".into()),
        };
        let judged = Judged { personal: personal_parts(&holder), ..judged("clerk", true) };
        for password in [
            "harbour-张建国-mule",
            "harbour-Zhangjianguo",
            "mule-19491231-xq",
            "mule 31002x harbour",
            "mule00138000harbour",
        ] {
            let found = violation(&of(Role::Individual), &judged, password);
            assert_eq!(found, Some("password_holds_personal"), "{password}");
        }
    }
}
