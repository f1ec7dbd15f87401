//! What a query node answers from: sealed records in LMDB and a tantivy index, both a pure function
//! of the store's change feed, to be thrown away and rebuilt at will.
//!
//! * A certificate is indexed as a set of keyed tokens and a few columns of dates ([`facts`]); no
//!   name and no number can be read in any file of the folder. Names of organisations and issuers
//!   are public and stand in a plain dictionary ([`dictionary`]).
//! * A query becomes conditions over those tokens and checks on those columns ([`plan`]), with the
//!   caller's scope among them: totals, facets and pages count nothing outside it.
//! * A change made on this node is seen at once through the [`overlay`], before the index knows it.

mod condition;
mod days;
mod dictionary;
mod engine;
mod error;
mod explain;
mod facets;
mod facts;
mod highlight;
mod index;
mod lookup;
mod looser;
mod model;
mod overlay;
mod plan;
mod pool;
mod reading;
mod records;
mod result;
mod sealed;
mod search;
mod spelling;
mod tokens;
mod top;

pub use error::Error;
pub use explain::Explanation;
pub use highlight::Highlight;
pub use lookup::Numbered;
pub use model::{FeedPosition, Options, ReadModel};
pub use pool::{Overloaded, SearchPool};
pub use result::SearchResult;
