//! The whole path through the real binary: a demo registry is made, served on a private port and
//! asked over HTTP by every kind of user.

mod access;
mod attachments;
mod audit;
mod audit_reading;
mod audit_tampering;
mod backup;
mod backup_refused;
mod backup_s3;
mod changes;
mod databases;
mod demo;
mod demo_folder;
mod described;
mod domain;
mod faults;
mod identity;
mod imports;
mod issuing;
mod keys;
mod leaks;
mod log_tampering;
mod own_sessions;
mod passwords;
mod photos;
mod planted;
mod rosters;
mod rules;
mod search;
mod second_factor;
mod session;
mod shutdown;
mod tls;
mod verify;
mod wire;
