use crate::{
    error::Result,
    facets::Tally,
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
    if asker.nearest.is_none() && plan.clauses.len() > 1 {
        // No two of them go together: what meets one of them is as near as it gets.
        for at in 0..plan.clauses.len() {
            asker.finds(plan.only(at))?;
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
    nearest: Option<(Plan, u64)>,
}

impl Asker<'_> {
    /// How many it finds.
    fn ask(&self, plan: &Plan) -> Result<u64> {
        let nothing = Tally::nothing(self.search.catalogue);
        Ok(self.search.collect(plan, plan.last_degree(), None, 0, &nothing)?.total)
    }

    fn finds(&mut self, plan: Plan) -> Result<bool> {
        let total = self.ask(&plan)?;
        if total == 0 {
            return Ok(false);
        }
        // With no condition left, anything is as near as anything else.
        let is_question = !plan.clauses.is_empty();
        if is_question && self.nearest.as_ref().is_none_or(|(_, fewest)| total < *fewest) {
            self.nearest = Some((plan, total));
        }
        Ok(true)
    }

    fn nearest(&self) -> Result<Vec<Certificate>> {
        let Some((plan, _)) = &self.nearest else { return Ok(Vec::new()) };
        // What is left of the question is read as strictly as finds anything, like any question.
        for degree in 0..=plan.last_degree() {
            let nothing = Tally::nothing(self.search.catalogue);
            let found = self.search.collect(plan, degree, None, NEAREST, &nothing)?;
            if found.total > 0 {
                let rows = self.search.load(plan, degree, &found.hits)?;
                return Ok(rows.into_iter().map(|row| row.certificate).collect());
            }
        }
        Ok(Vec::new())
    }
}

fn unmet(asker: &Asker<'_>, plan: &Plan) -> Result<Vec<&'static str>> {
    let mut unmet = Vec::new();
    for (at, clause) in plan.clauses.iter().enumerate() {
        if asker.ask(&plan.only(at))? == 0 {
            unmet.push(clause.field);
        }
    }
    Ok(unmet)
}

fn unmet_words(asker: &Asker<'_>, plan: &Plan) -> Result<Vec<String>> {
    let mut unmet = Vec::new();
    for (at, clause) in plan.clauses.iter().enumerate() {
        for (word, text) in clause.words().enumerate() {
            if asker.ask(&plan.only_word(at, word))? == 0 {
                unmet.push(text.to_owned());
            }
        }
    }
    Ok(unmet)
}
