use super::{Duty, Reach};

/// One clause of a cell: what is allowed, to whom, on what conditions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grant {
    pub duty: Duty,
    /// `None` where the action knows no degrees.
    pub level: Option<Level>,
    pub reach: Reach,
    /// `*`: identity proven anew, and a reason given.
    pub step_up: bool,
    /// `^`: a second person decides.
    pub two_person: bool,
    /// `q`: done by a job.
    pub queued: bool,
    /// `<=n`: no more rows than this at once.
    pub max_rows: Option<u32>,
    pub condition: Option<Condition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Level {
    /// `M`
    Masked,
    /// `F`
    Full,
}

/// `if:…`: off until somebody has switched it on for this principal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Condition {
    /// Switched on for the organisation by the security administrator.
    Approved,
    /// A grant for a case under investigation.
    CaseGrant,
    /// Named among the scopes of the API client.
    ClientScope,
}

impl Grant {
    /// No principal carries any of the conditions yet, so a conditional clause is closed to all.
    pub(super) fn is_switched_on(&self) -> bool {
        match self.condition {
            None => true,
            Some(Condition::Approved | Condition::CaseGrant | Condition::ClientScope) => false,
        }
    }
}

/// Why a cell cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotationError {
    #[error("the cell or one of its clauses is empty")]
    Empty,
    #[error("`{0}` has no meaning here")]
    Word(String),
    #[error("`{0}` comes twice or after what it has to precede")]
    Order(String),
}

/// Reads a cell: `-`, or clauses joined by `, `. The first clause is what one gets unless one asks
/// for more.
pub(super) fn parse_cell(text: &str) -> Result<Vec<Grant>, NotationError> {
    if text == "-" {
        return Ok(Vec::new());
    }
    text.split(", ").map(parse_grant).collect()
}

/// `[duty] [level] [reach][marks] [marks] [<=n] [if:condition]`, in this order.
fn parse_grant(text: &str) -> Result<Grant, NotationError> {
    let mut grant = Grant {
        duty: Duty::Use,
        level: None,
        reach: Reach::Nothing,
        step_up: false,
        two_person: false,
        queued: false,
        max_rows: None,
        condition: None,
    };
    if text.is_empty() {
        return Err(NotationError::Empty);
    }
    let mut stage = 0;
    for word in text.split(' ') {
        let next = read_word(word, &mut grant)?;
        if next <= stage {
            return Err(NotationError::Order(word.to_owned()));
        }
        stage = next;
    }
    Ok(grant)
}

/// Reads one word into the grant and tells its place in the order.
fn read_word(word: &str, grant: &mut Grant) -> Result<u8, NotationError> {
    let unknown = || NotationError::Word(word.to_owned());
    if let Some(rows) = word.strip_prefix("<=") {
        grant.max_rows = Some(rows.parse().map_err(|_| unknown())?);
        return Ok(5);
    }
    if let Some(condition) = word.strip_prefix("if:") {
        grant.condition = Some(match condition {
            "approved" => Condition::Approved,
            "case_grant" => Condition::CaseGrant,
            "client_scope" => Condition::ClientScope,
            _ => return Err(unknown()),
        });
        return Ok(6);
    }
    if let "M" | "F" = word {
        grant.level = Some(if word == "M" { Level::Masked } else { Level::Full });
        return Ok(2);
    }
    let stem = word.trim_end_matches(['*', '^']);
    read_marks(&word[stem.len()..], grant).ok_or_else(unknown)?;
    if let Some(reach) = Reach::from_code(stem) {
        grant.reach = reach;
        Ok(3)
    } else if let Some(duty) = Duty::from_code(stem) {
        grant.duty = duty;
        Ok(1)
    } else if matches!(stem, "q" | "") && !word.is_empty() {
        grant.queued = stem == "q";
        Ok(4)
    } else {
        Err(unknown())
    }
}

fn read_marks(marks: &str, grant: &mut Grant) -> Option<()> {
    for mark in marks.chars() {
        let flag = if mark == '*' { &mut grant.step_up } else { &mut grant.two_person };
        if std::mem::replace(flag, true) {
            return None;
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_mark_is_read() {
        let grants = parse_cell("M r, F r*").unwrap();
        assert_eq!(grants.len(), 2);
        assert_eq!(
            (grants[0].level, grants[0].reach, grants[0].step_up),
            (Some(Level::Masked), Reach::Region, false)
        );
        assert_eq!(
            (grants[1].level, grants[1].reach, grants[1].step_up),
            (Some(Level::Full), Reach::Region, true)
        );

        let [grant] = parse_cell("a q*^").unwrap()[..] else { panic!("one clause") };
        assert!(grant.reach == Reach::All && grant.queued && grant.step_up && grant.two_person);

        let [grant] = parse_cell("o q <=5000 if:approved").unwrap()[..] else { panic!("one clause") };
        assert_eq!((grant.max_rows, grant.condition), (Some(5_000), Some(Condition::Approved)));

        let [grant] = parse_cell("restore^").unwrap()[..] else { panic!("one clause") };
        assert_eq!((grant.duty, grant.reach, grant.two_person), (Duty::Restore, Reach::Nothing, true));

        assert_eq!(parse_cell("-"), Ok(Vec::new()));
    }

    #[test]
    fn what_is_not_notation_is_refused() {
        for text in
            ["", "M  r", "r M", "r r", "x", "r**", "M r,F r", "- r", "r q q", "<=5k", "if:asked", "r, ", " r"]
        {
            assert!(parse_cell(text).is_err(), "{text:?}");
        }
    }
}
