use super::{Action, Grant, Level, NotationError, Role, Wish, notation::parse_cell};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    sync::{Arc, LazyLock},
};

static BUILTIN: LazyLock<Arc<Matrix>> = LazyLock::new(|| {
    let text = include_str!("../../../../catalogue/access/matrix.toml");
    Arc::new(Matrix::parse(text).expect("a test reads the matrix that ships with the program"))
});

/// The permission matrix: for every action and every role, what is allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Matrix {
    /// Every pair of action and role is a key.
    cells: BTreeMap<(Action, Role), Cell>,
}

/// What one role may do of one action. Empty = nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cell {
    grants: Vec<Grant>,
}

/// Why a matrix cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum MatrixError {
    #[error("the matrix is not well-formed: {0}")]
    Syntax(#[from] toml::de::Error),
    #[error("line {line} is not for the action of this place, {expected}")]
    Line { line: usize, expected: &'static str },
    #[error("{action} has no cell for {role}")]
    Missing { action: &'static str, role: &'static str },
    #[error("{action} names a role that does not exist: {role}")]
    Role { action: &'static str, role: String },
    #[error("{action} for {role}: {error}")]
    Cell { action: &'static str, role: &'static str, error: NotationError },
    #[error("there are {0} lines instead of {expected}", expected = Action::ALL.len())]
    Lines(usize),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    line: Vec<Line>,
}

#[derive(Deserialize)]
struct Line {
    action: String,
    #[serde(flatten)]
    cells: BTreeMap<String, String>,
}

impl Matrix {
    /// The matrix that ships with the program.
    pub fn builtin() -> Arc<Self> {
        Arc::clone(&BUILTIN)
    }

    /// Reads a matrix: TOML with one `[[line]]` for each action, in the order of [`Action::ALL`],
    /// and in it one cell for each role. Nothing may be missing or left over.
    pub fn parse(text: &str) -> Result<Self, MatrixError> {
        let file: File = toml::from_str(text)?;
        if file.line.len() != Action::ALL.len() {
            return Err(MatrixError::Lines(file.line.len()));
        }
        let mut cells = BTreeMap::new();
        for (index, (line, action)) in file.line.into_iter().zip(Action::ALL).enumerate() {
            if line.action != action.code() {
                return Err(MatrixError::Line { line: index + 1, expected: action.code() });
            }
            read_line(action, line.cells, &mut cells)?;
        }
        Ok(Self { cells })
    }

    pub fn cell(&self, action: Action, role: Role) -> &Cell {
        self.cells.get(&(action, role)).expect("parse admits no matrix with a missing cell")
    }
}

fn read_line(
    action: Action,
    mut texts: BTreeMap<String, String>,
    cells: &mut BTreeMap<(Action, Role), Cell>,
) -> Result<(), MatrixError> {
    for role in Role::ALL {
        let (action_code, role_code) = (action.code(), role.code());
        let text =
            texts.remove(role_code).ok_or(MatrixError::Missing { action: action_code, role: role_code })?;
        let grants = parse_cell(&text).map_err(|error| MatrixError::Cell {
            action: action_code,
            role: role_code,
            error,
        })?;
        cells.insert((action, role), Cell { grants });
    }
    match texts.into_keys().next() {
        Some(role) => Err(MatrixError::Role { action: action.code(), role }),
        None => Ok(()),
    }
}

impl Cell {
    /// The clauses; the first is what one gets unless one asks for more.
    pub fn grants(&self) -> &[Grant] {
        &self.grants
    }

    /// The clause that answers a wish, if it is in force.
    pub(super) fn answering(&self, wish: Wish) -> Option<&Grant> {
        let fits = |grant: &&Grant| match wish {
            Wish::Default => true,
            Wish::Full => grant.level != Some(Level::Masked),
            Wish::As(duty) => grant.duty == duty,
        };
        self.grants.iter().find(fits).filter(|grant| grant.is_switched_on())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHIPPED: &str = include_str!("../../../../catalogue/access/matrix.toml");

    #[test]
    fn the_shipped_matrix_is_complete() {
        let matrix = Matrix::parse(SHIPPED).unwrap();
        assert_eq!(matrix.cells.len(), Action::ALL.len() * Role::ALL.len());
    }

    #[test]
    fn a_damaged_matrix_is_refused() {
        let damage = [
            ("api_client = \"M c\"\n", ""),
            ("individual = \"F s\"", "individual = \"F z\""),
            ("individual = \"F s\"", "individuum = \"F s\""),
            ("individual = \"F s\"", "individual = \"F s\"\nvisitor = \"-\""),
            ("action = \"phone\"", "action = \"telephone\""),
            ("[[line]]\naction = \"feedback\"", "[[lines]]\naction = \"feedback\""),
        ];
        for (from, to) in damage {
            assert!(SHIPPED.contains(from), "{from}");
            assert!(Matrix::parse(&SHIPPED.replacen(from, to, 1)).is_err(), "{from} → {to}");
        }
    }
}
