use crate::{error::Result, facets::Tally, plan::Plan, search::Search};
use domain::certificate::Certificate;

/// How many near certificates are shown.
const NEAREST: usize = 5;

/// Why a search found nothing.
#[derive(Debug, Default)]
pub struct Explanation {
    /// Conditions (by the names of their parameters) without which something inside the scope would
    /// have been found.
    pub without: Vec<&'static str>,
    /// Conditions that nothing inside the scope meets, each by itself. Asked only where the loss of one
    /// condition would not have helped.
    pub unmet: Vec<&'static str>,
    /// Certificates inside the scope that miss one condition only: that whose loss adds fewest.
    pub nearest: Vec<Certificate>,
}

/// Asks again without each of the conditions. All readings are forgiven to the utmost.
pub fn explain(search: &Search<'_>, plan: &Plan) -> Result<Explanation> {
    let mut without = Vec::new();
    let mut nearest: Option<(u64, Vec<Certificate>)> = None;
    for (at, clause) in plan.clauses.iter().enumerate() {
        let relaxed = plan.without(at);
        let degree = relaxed.last_degree();
        let found = search.collect(&relaxed, degree, None, NEAREST, &Tally::nothing(search.catalogue))?;
        if found.total == 0 {
            continue;
        }
        without.push(clause.field);
        // With no condition left, anything is as near as anything else.
        let is_question = !relaxed.clauses.is_empty();
        if is_question && nearest.as_ref().is_none_or(|(total, _)| found.total < *total) {
            let rows = search.load(&relaxed, degree, &found.hits)?;
            nearest = Some((found.total, rows.into_iter().map(|row| row.certificate).collect()));
        }
    }
    let unmet = if without.is_empty() { unmet(search, plan)? } else { Vec::new() };
    Ok(Explanation { without, unmet, nearest: nearest.map(|(_, rows)| rows).unwrap_or_default() })
}

fn unmet(search: &Search<'_>, plan: &Plan) -> Result<Vec<&'static str>> {
    let mut unmet = Vec::new();
    for (at, clause) in plan.clauses.iter().enumerate() {
        let alone = plan.only(at);
        let found =
            search.collect(&alone, alone.last_degree(), None, 0, &Tally::nothing(search.catalogue))?;
        if found.total == 0 {
            unmet.push(clause.field);
        }
    }
    Ok(unmet)
}
