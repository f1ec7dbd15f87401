//! What the catalogues and the access and masking rules promise, checked from outside.

mod answers;
mod cells;
mod field_policy;
mod people;
mod second_catalogue;
mod solver;
mod work_safety;
