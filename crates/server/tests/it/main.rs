//! The whole path through the real binary: a demo registry is made, served on a private port and
//! asked over HTTP by every kind of user.

mod access;
mod audit;
mod changes;
mod demo;
mod imports;
mod keys;
mod search;
mod session;
mod verify;
mod wire;
