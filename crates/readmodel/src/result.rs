use crate::{Explanation, FeedPosition, Highlight, plan::Order};
use domain::{
    certificate::Certificate,
    query::{Cursor, Facet, Sort},
};

/// One page of a search, unmasked: every row lies inside the scope that was searched.
#[derive(Debug)]
pub struct SearchResult {
    pub rows: Vec<Certificate>,
    /// For each row, in order: which fields matched the texts asked for.
    pub highlights: Vec<Vec<Highlight>>,
    /// Exact.
    pub total: u64,
    /// Nothing matched as asked; these match with a mistake forgiven or a number completed.
    pub approximate: bool,
    /// In the order asked for.
    pub facets: Vec<(Facet, Vec<(String, u64)>)>,
    /// Where the next page begins, if there is one.
    pub next: Option<Cursor>,
    /// Present when nothing was found.
    pub explanation: Option<Explanation>,
    pub position: FeedPosition,
}

impl SearchResult {
    /// The answer to a whole number, found by [`crate::ReadModel::find_by_number`] without a search.
    pub fn of_exact_number(mut rows: Vec<Certificate>, sort: Sort, position: FeedPosition) -> Self {
        let order = Order::from(sort);
        rows.sort_by_key(|row| (order.rank(order.column.of(&row.terms)), row.id));
        Self {
            highlights: rows.iter().map(|_| vec![Highlight { field: "number", range: None }]).collect(),
            total: rows.len() as u64,
            rows,
            approximate: false,
            facets: Vec::new(),
            next: None,
            explanation: None,
            position,
        }
    }
}
