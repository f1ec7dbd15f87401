use super::{Action, Confinement, Duty, FieldPolicy, Level, Matrix, Principal, Role, Scope};
use crate::Instant;
use chrono::TimeDelta;

/// How long a proof of identity counts as fresh, in minutes (GB/T 22239-2019 8.1.4.1).
pub const STEP_UP_MINUTES: i64 = 5;

/// How much of an action is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wish {
    /// What the role gets without asking for more.
    Default,
    /// In full, where the default is masked.
    Full,
    /// The part of the action that this duty is.
    As(Duty),
}

/// Leave to act. Only [`decide`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Permit {
    pub action: Action,
    pub duty: Duty,
    /// Rows.
    pub scope: Scope,
    /// Columns.
    pub fields: FieldPolicy,
    pub level: Level,
    /// Somebody else has to approve.
    pub two_person: bool,
    /// To be done by a job.
    pub queued: bool,
    /// No more rows than this at once.
    pub max_rows: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("refused: {}", code.code())]
pub struct Refusal {
    pub code: RefusalCode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalCode {
    /// The role may not.
    NotPermitted,
    /// A visitor may not; somebody signed in might.
    SignInRequired,
    /// Identity has to be proven anew.
    StepUpRequired,
    /// The role may, but the account lacks what its reach is measured by: the region, organisation
    /// or person it belongs to, or a grant in force.
    NoScope,
    /// A new password has to be chosen before anything else.
    PasswordChangeNeeded,
    /// A further factor has to be set up before anything else.
    FactorNeeded,
}

impl From<Confinement> for RefusalCode {
    fn from(confinement: Confinement) -> Self {
        match confinement {
            Confinement::PasswordChange => RefusalCode::PasswordChangeNeeded,
            Confinement::FactorNeeded => RefusalCode::FactorNeeded,
        }
    }
}

impl RefusalCode {
    /// The stable machine code, as in the API.
    pub const fn code(self) -> &'static str {
        match self {
            RefusalCode::NotPermitted => "not_permitted",
            RefusalCode::SignInRequired => "sign_in_required",
            RefusalCode::StepUpRequired => "step_up_required",
            RefusalCode::NoScope => "no_scope",
            RefusalCode::PasswordChangeNeeded => "password_change_needed",
            RefusalCode::FactorNeeded => "factor_needed",
        }
    }
}

/// The only gate: asks the matrix whether the principal may, and for which rows and columns.
pub fn decide(
    matrix: &Matrix,
    principal: &Principal,
    action: Action,
    wish: Wish,
    now: Instant,
) -> Result<Permit, Refusal> {
    if let Some(confinement) = principal.confined {
        return Err(Refusal { code: confinement.into() });
    }
    let Some(grant) = matrix.cell(action, principal.role).answering(wish) else {
        let visitor = principal.role == Role::Public;
        let code = if visitor { RefusalCode::SignInRequired } else { RefusalCode::NotPermitted };
        return Err(Refusal { code });
    };
    // Asked before the step-up: nobody should prove their identity only to be refused after all.
    let rows = grant.reach.rows(principal).ok_or(Refusal { code: RefusalCode::NoScope })?;
    if grant.step_up && !principal.is_stepped_up(now) {
        return Err(Refusal { code: RefusalCode::StepUpRequired });
    }
    Ok(Permit {
        action,
        duty: grant.duty,
        fields: FieldPolicy::within(&rows, matrix, principal, now),
        scope: Scope(rows),
        level: grant.level.unwrap_or(Level::Full),
        two_person: grant.two_person,
        queued: grant.queued,
        max_rows: grant.max_rows,
    })
}

impl Principal {
    /// Has identity been proven within the last [`STEP_UP_MINUTES`]? A proof from the future is none.
    pub fn is_stepped_up(&self, now: Instant) -> bool {
        self.stepped_up_at.is_some_and(|at| at <= now && now - at <= TimeDelta::minutes(STEP_UP_MINUTES))
    }
}
