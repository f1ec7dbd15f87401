use crate::{
    error::Result,
    facets::Tally,
    index::Found,
    plan::{Loosened, Plan},
    search::Search,
};
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
    /// Words of a text of several without which something would have been found. Where the loss of one
    /// would not have helped, those that nothing inside the scope meets, each by itself.
    pub words: Vec<String>,
    /// Certificates inside the scope that meet all but one condition or one word, or meet one of them
    /// only loosely: of all such relaxations, that which adds fewest.
    pub nearest: Vec<Certificate>,
}

/// Asks again without each of the conditions, without each of the words, and with each text read
/// more loosely. All readings are forgiven to the utmost.
pub fn explain(search: &Search<'_>, plan: &Plan, loosened: &[Loosened]) -> Result<Explanation> {
    let mut asker = Asker { search, nearest: None };
    let (mut without, mut words, mut in_the_way) = (Vec::new(), Vec::new(), Vec::new());
    for (at, clause) in plan.clauses.iter().enumerate() {
        if asker.finds(plan.without(at))? {
            without.push(clause.field);
            in_the_way.push((at, None));
        }
        for (word, text) in clause.words().enumerate() {
            if asker.finds(plan.without_word(at, word))? {
                words.push(text.to_owned());
                in_the_way.push((at, Some(word)));
            }
        }
    }
    // What does not help by its loss does not help by being read more loosely.
    for loosened in loosened.iter().filter(|one| in_the_way.contains(&(one.clause, one.word))) {
        for reading in &loosened.readings {
            if asker.finds(plan.with_reading(loosened, reading))? {
                break;
            }
        }
    }
    let unmet = if without.is_empty() { unmet(&asker, plan)? } else { Vec::new() };
    if words.is_empty() {
        words = unmet_words(&asker, plan)?;
    }
    Ok(Explanation { without, unmet, words, nearest: asker.nearest()? })
}

/// Asks other questions than the one that found nothing, and remembers the one that found fewest.
struct Asker<'a> {
    search: &'a Search<'a>,
    nearest: Option<(Plan, Found)>,
}

impl Asker<'_> {
    fn ask(&self, plan: &Plan, rows: usize) -> Result<Found> {
        self.search.collect(plan, plan.last_degree(), None, rows, &Tally::nothing(self.search.catalogue))
    }

    fn finds(&mut self, plan: Plan) -> Result<bool> {
        let found = self.ask(&plan, NEAREST)?;
        if found.total == 0 {
            return Ok(false);
        }
        // With no condition left, anything is as near as anything else.
        let is_question = !plan.clauses.is_empty();
        if is_question && self.nearest.as_ref().is_none_or(|(_, fewest)| found.total < fewest.total) {
            self.nearest = Some((plan, found));
        }
        Ok(true)
    }

    fn nearest(&self) -> Result<Vec<Certificate>> {
        let Some((plan, found)) = &self.nearest else { return Ok(Vec::new()) };
        let rows = self.search.load(plan, plan.last_degree(), &found.hits)?;
        Ok(rows.into_iter().map(|row| row.certificate).collect())
    }
}

fn unmet(asker: &Asker<'_>, plan: &Plan) -> Result<Vec<&'static str>> {
    let mut unmet = Vec::new();
    for (at, clause) in plan.clauses.iter().enumerate() {
        if asker.ask(&plan.only(at), 0)?.total == 0 {
            unmet.push(clause.field);
        }
    }
    Ok(unmet)
}

fn unmet_words(asker: &Asker<'_>, plan: &Plan) -> Result<Vec<String>> {
    let mut unmet = Vec::new();
    for (at, clause) in plan.clauses.iter().enumerate() {
        for (word, text) in clause.words().enumerate() {
            if asker.ask(&plan.only_word(at, word), 0)?.total == 0 {
                unmet.push(text.to_owned());
            }
        }
    }
    Ok(unmet)
}
