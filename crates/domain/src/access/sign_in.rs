use super::{Factor, Factors, Role};
use chrono::TimeDelta;
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

static BUILTIN: LazyLock<Arc<SignInPolicy>> =
    LazyLock::new(|| built_in(include_str!("../../../../catalogue/access/sign_in.toml")));
static DEMO: LazyLock<Arc<SignInPolicy>> =
    LazyLock::new(|| built_in(include_str!("../../../../catalogue/access/sign_in_demo.toml")));

fn built_in(text: &str) -> Arc<SignInPolicy> {
    Arc::new(SignInPolicy::parse(text).expect("a test reads the policies that ship with the program"))
}

/// Which role has to prove what, and how long a session lasts.
#[derive(Debug, Clone)]
pub struct SignInPolicy {
    /// Words that a guesser of passwords would try here first.
    pub context_words: Vec<String>,
    roles: BTreeMap<Role, RolePolicy>,
}

#[derive(Debug, Clone)]
pub struct RolePolicy {
    pub password: PasswordPolicy,
    ways: Vec<Factors>,
    step_up: Factors,
    pub idle: TimeDelta,
    pub absolute: TimeDelta,
    /// At the most at once; `None` is no limit.
    pub sessions: Option<usize>,
}

/// What a new password has to be like.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PasswordPolicy {
    /// In characters.
    pub min_length: usize,
    /// For accounts that have a second factor.
    pub min_length_beside_second_factor: usize,
    /// Of lower case, upper case, digits and anything else.
    pub classes: usize,
    /// `None` is for ever.
    pub max_age_days: Option<i64>,
    /// How many former passwords are refused.
    pub history: usize,
    /// Powers of ten of guesses that it must withstand; 0 is any.
    pub min_strength: u8,
}

/// What follows from what has been proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A full session.
    Met,
    /// One of these has to be proven too.
    Needs(Factors),
    /// Nothing that the account has would do: something has to be set up first.
    Lacks,
}

#[derive(Debug, thiserror::Error)]
pub enum SignInPolicyError {
    #[error("not the form of a sign-in policy: {0}")]
    Form(#[from] toml::de::Error),
    #[error("{0} is missing")]
    RoleMissing(&'static str),
    #[error("there is no role {0}")]
    RoleUnknown(String),
    #[error("role {role}: there is no {what} {word}")]
    WordUnknown { role: &'static str, what: &'static str, word: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    context_words: Vec<String>,
    password: BTreeMap<String, PasswordPolicy>,
    role: BTreeMap<String, RoleSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoleSection {
    password: String,
    ways: Vec<String>,
    step_up: Vec<String>,
    idle_minutes: u32,
    absolute_hours: u32,
    sessions: Option<usize>,
}

impl SignInPolicy {
    /// The one that holds unless the operator names another.
    pub fn builtin() -> Arc<Self> {
        BUILTIN.clone()
    }

    /// A password is enough for everybody.
    pub fn demo() -> Arc<Self> {
        DEMO.clone()
    }

    pub fn parse(text: &str) -> Result<Self, SignInPolicyError> {
        let mut file: File = toml::from_str(text)?;
        let mut roles = BTreeMap::new();
        for role in Role::ALL {
            let section = file.role.remove(role.code()).ok_or(SignInPolicyError::RoleMissing(role.code()))?;
            roles.insert(role, RolePolicy::read(role, section, &file.password)?);
        }
        match file.role.into_keys().next() {
            Some(unknown) => Err(SignInPolicyError::RoleUnknown(unknown)),
            None => Ok(Self { context_words: file.context_words, roles }),
        }
    }

    pub fn of(&self, role: Role) -> &RolePolicy {
        &self.roles[&role]
    }
}

impl RolePolicy {
    fn read(
        role: Role,
        section: RoleSection,
        passwords: &BTreeMap<String, PasswordPolicy>,
    ) -> Result<Self, SignInPolicyError> {
        let unknown = |what, word: &str| {
            let word = word.to_owned();
            SignInPolicyError::WordUnknown { role: role.code(), what, word }
        };
        let password = passwords
            .get(&section.password)
            .ok_or_else(|| unknown("password policy", &section.password))?
            .clone();
        let factors = |text: &String| Factors::parse(text).ok_or_else(|| unknown("factor", text));
        let ways: Vec<_> = section.ways.iter().map(factors).collect::<Result<_, _>>()?;
        let step_up: Vec<_> = section.step_up.iter().map(factors).collect::<Result<_, _>>()?;
        if ways.is_empty() || step_up.is_empty() {
            return Err(unknown("way", "of any kind"));
        }
        Ok(Self {
            password,
            ways,
            step_up: step_up.into_iter().flat_map(Factors::iter).collect(),
            idle: TimeDelta::minutes(section.idle_minutes.into()),
            absolute: TimeDelta::hours(section.absolute_hours.into()),
            sessions: section.sessions,
        })
    }

    /// Does this open a full session of the role, whatever else its account has?
    pub fn opens(&self, proven: Factors) -> bool {
        self.ways.iter().any(|way| way.lies_within(proven))
    }

    /// Where somebody stands who has proven this and whose account has those factors.
    pub fn standing(&self, proven: Factors, held: Factors) -> Standing {
        let open: Vec<Factors> = self.ways.iter().copied().filter(|way| way.lies_within(held)).collect();
        // Within a longer one that is open too, a way would make a second factor pointless. A passkey is
        // two factors by itself.
        let longer = |way: &Factors| open.iter().any(|other| way != other && way.lies_within(*other));
        let counts = |way: &Factors| way.has(Factor::Passkey) || !longer(way);
        let counting: Vec<Factors> = open.iter().copied().filter(counts).collect();
        if counting.iter().any(|way| way.lies_within(proven)) {
            return Standing::Met;
        }
        let missing = counting.iter().filter(|way| proven.lies_within(**way));
        let next: Factors = missing.flat_map(|way| way.without(proven).iter()).collect();
        if next.is_empty() { Standing::Lacks } else { Standing::Needs(next) }
    }

    /// Is a fresh proof by this factor enough for sensitive acts?
    pub fn steps_up(&self, factor: Factor) -> bool {
        self.step_up.has(factor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn factors(text: &str) -> Factors {
        if text.is_empty() { Factors::NONE } else { Factors::parse(text).unwrap() }
    }

    #[test]
    fn staff_need_two_factors_one_of_them_cryptographic_in_every_combination() {
        let policy = SignInPolicy::builtin();
        let relaxed = [Role::Public, Role::Individual];
        for role in Role::ALL.into_iter().filter(|role| !relaxed.contains(role)) {
            for bits in 0..1 << Factor::ALL.len() {
                let proven = Factors::from_bits(bits);
                let passkey = proven.has(Factor::Passkey) && role != Role::ApiClient;
                let beside = [Factor::Totp, Factor::Passkey, Factor::RecoveryCode];
                let two = proven.has(Factor::Password)
                    && beside.into_iter().any(|factor| {
                        proven.has(factor) && (role, factor) != (Role::ApiClient, Factor::RecoveryCode)
                    });
                assert_eq!(policy.of(role).opens(proven), passkey || two, "{role:?} {proven:?}");
            }
            assert!(!policy.of(role).steps_up(Factor::Password), "{role:?}");
        }
    }

    #[test]
    fn a_second_factor_once_set_up_is_asked_for() {
        let policy = SignInPolicy::builtin();
        let table = [
            (Role::Individual, "password", "password", Standing::Met),
            (Role::Individual, "password", "password + totp", Standing::Needs(factors("totp"))),
            (Role::Individual, "password", "password + passkey", Standing::Needs(factors("passkey"))),
            (Role::Individual, "passkey", "password + passkey", Standing::Met),
            (Role::Individual, "", "password + passkey", Standing::Needs(factors("password + passkey"))),
            (Role::Individual, "password + totp", "password + totp", Standing::Met),
            (Role::RegulatorCity, "password", "password", Standing::Lacks),
            (Role::RegulatorCity, "password", "password + sms", Standing::Lacks),
            (
                Role::RegulatorCity,
                "password",
                "password + totp + recovery_code",
                Standing::Needs(factors("totp + recovery_code")),
            ),
            (Role::RegulatorCity, "password + sms", "password + sms", Standing::Lacks),
        ];
        for (role, proven, held, expected) in table {
            let standing = policy.of(role).standing(factors(proven), factors(held));
            assert_eq!(standing, expected, "{role:?} {proven} of {held}");
        }
    }

    #[test]
    fn the_demo_is_content_with_a_password() {
        let policy = SignInPolicy::demo();
        for role in Role::ALL {
            let password = factors("password");
            assert_eq!(policy.of(role).standing(password, password), Standing::Met, "{role:?}");
            assert!(policy.of(role).steps_up(Factor::Password), "{role:?}");
        }
    }

    #[test]
    fn a_damaged_policy_is_refused() {
        let shipped = include_str!("../../../../catalogue/access/sign_in.toml");
        for (from, to) in [
            ("[role.individual]", "[role.individuum]"),
            ("password = \"djb3\"", "password = \"djb4\""),
            ("ways = [\"passkey\"", "ways = [\"passkeys\""),
            ("step_up = [\"totp\", \"passkey\"]", "step_up = []"),
            ("sessions = 1", "session = 1"),
        ] {
            assert!(shipped.contains(from), "{from}");
            assert!(SignInPolicy::parse(&shipped.replacen(from, to, 1)).is_err(), "{from} → {to}");
        }
    }
}
