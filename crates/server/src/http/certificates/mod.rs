mod attachment;
mod change;
mod find;
mod issue;
mod photo;
mod query;
mod search;
mod unmask;

pub use attachment::{__path_attachment, __path_attachments, attachment, attachments};
pub use change::{__path_change, change};
pub use find::{__path_find, find};
pub use issue::{__path_issue, issue};
pub use photo::{__path_photo, photo};
pub use search::{__path_search, __path_search_by_address, search, search_by_address};
pub use unmask::{__path_unmask, unmask};
