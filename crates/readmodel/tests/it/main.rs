extern crate anzheng_readmodel as readmodel;

mod folder;
mod lookups;
mod nothing_found;
mod oracle;
mod overlay;
mod population;
mod random_queries;
mod scopes;
mod search_kinds;
mod second_catalogue;
mod support;
