use super::schema::Fields;
use crate::{condition::Condition, tokens::Token};
use tantivy::{
    Term,
    query::{AllQuery, BooleanQuery, EmptyQuery, Query, TermQuery, TermSetQuery},
    schema::IndexRecordOption,
};

/// From so many alternatives on, one walk over the dictionary of terms is cheaper than a look-up and
/// a cursor for each of them. Below, most are spellings that no certificate has: those cost a look-up.
const MANY_TERMS: usize = 4096;

/// The condition as tantivy evaluates it.
pub fn compile(condition: &Condition, fields: Fields) -> Box<dyn Query> {
    match condition {
        Condition::Always => Box::new(AllQuery),
        Condition::Token(token) => Box::new(TermQuery::new(term(fields, *token), IndexRecordOption::Basic)),
        Condition::Any(conditions) => any(conditions, fields),
        Condition::All(conditions) => {
            let all = conditions.iter().map(|condition| compile(condition, fields)).collect();
            Box::new(BooleanQuery::intersection(all))
        }
    }
}

fn any(conditions: &[Condition], fields: Fields) -> Box<dyn Query> {
    match conditions {
        [] => Box::new(EmptyQuery),
        [one] => compile(one, fields),
        _ => {
            let tokens = conditions.iter().filter_map(|condition| match condition {
                Condition::Token(token) => Some(term(fields, *token)),
                _ => None,
            });
            let terms: Vec<Term> = tokens.collect();
            if terms.len() == conditions.len() && terms.len() >= MANY_TERMS {
                return Box::new(TermSetQuery::new(terms));
            }
            let any = conditions.iter().map(|condition| compile(condition, fields)).collect();
            Box::new(BooleanQuery::union(any))
        }
    }
}

fn term(fields: Fields, token: Token) -> Term {
    Term::from_field_u64(fields.tokens, token)
}
