use std::fmt;

/// What somebody proves their identity with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Factor {
    Password,
    /// A code of an authenticator application (RFC 6238).
    Totp,
    /// A WebAuthn credential; its device has verified its user.
    Passkey,
    /// A code sent to a telephone that the account is known to have.
    Sms,
    /// One of the codes that are printed for the day on which a device is lost.
    RecoveryCode,
}

impl Factor {
    pub const ALL: [Factor; 5] =
        [Factor::Password, Factor::Totp, Factor::Passkey, Factor::Sms, Factor::RecoveryCode];

    /// The stable machine code, as in the policy file and the API.
    pub const fn code(self) -> &'static str {
        match self {
            Factor::Password => "password",
            Factor::Totp => "totp",
            Factor::Passkey => "passkey",
            Factor::Sms => "sms",
            Factor::RecoveryCode => "recovery_code",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|factor| factor.code() == code)
    }

    const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Several factors, each at most once.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Factors(u8);

impl Factors {
    pub const NONE: Self = Self(0);

    /// As [`Factors::bits`] gave it; what is no factor any more is left out.
    pub fn from_bits(bits: u8) -> Self {
        Factor::ALL.into_iter().filter(|factor| bits & factor.bit() != 0).collect()
    }

    /// For storage: the bits never change their meaning.
    pub const fn bits(self) -> u8 {
        self.0
    }

    #[must_use]
    pub const fn with(self, factor: Factor) -> Self {
        Self(self.0 | factor.bit())
    }

    pub const fn has(self, factor: Factor) -> bool {
        self.0 & factor.bit() != 0
    }

    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub const fn lies_within(self, other: Self) -> bool {
        self.0 & !other.0 == 0
    }

    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub fn iter(self) -> impl Iterator<Item = Factor> {
        Factor::ALL.into_iter().filter(move |factor| self.has(*factor))
    }

    /// `password + totp`; `None` if a word is no factor.
    pub(super) fn parse(text: &str) -> Option<Self> {
        text.split('+').map(|word| Factor::from_code(word.trim())).collect()
    }
}

impl FromIterator<Factor> for Factors {
    fn from_iter<I: IntoIterator<Item = Factor>>(factors: I) -> Self {
        factors.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Factors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter().map(Factor::code)).finish()
    }
}
