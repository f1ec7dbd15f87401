//! What is on record: imports, audit, transparency log, and work still to do.

/// `checkpoint` is the row up to which everything is committed.
pub(crate) mod import_batch {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "import_batch")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub digest: Vec<u8>,
        pub state: String,
        pub rows: i64,
        pub accepted: i64,
        pub unchanged: i64,
        pub rejected: i64,
        pub checkpoint: i64,
        pub started_at: i64,
        pub finished_at: Option<i64>,
    }

    no_relations!();
}

/// The searchable copy of the audit journal. Append-only.
pub(crate) mod audit_record {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_record")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub at: i64,
        pub clock: Option<String>,
        pub request_id: Uuid,
        pub role: String,
        pub account_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        pub region: Option<String>,
        pub session_id: Option<Uuid>,
        pub source: String,
        pub device: Option<String>,
        pub action: String,
        pub object: Option<String>,
        pub object_region: Option<String>,
        pub keywords: Option<String>,
        pub purpose: Option<String>,
        pub outcome: String,
        pub reason: Option<String>,
        pub count: i64,
        pub staged: bool,
        pub version: String,
    }

    no_relations!();
}

/// The certificates that a record's answer showed, where it showed several. Append-only.
pub(crate) mod audit_shown {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_shown")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
    }

    no_relations!();
}

/// Audit records committed with their change and not yet seen in the journal.
pub(crate) mod staged_audit {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "staged_audit")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub request_id: Uuid,
        pub at: i64,
        pub payload: String,
    }

    no_relations!();
}

/// Hashes of the transparency log in storage order. Append-only.
pub(crate) mod log_hash {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "log_hash")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub position: i64,
        pub hash: Vec<u8>,
    }

    no_relations!();
}

/// Jobs committed with their change.
pub(crate) mod outbox {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        pub kind: String,
        pub payload: String,
        pub attempts: i32,
        pub due_at: i64,
        pub dead: bool,
    }

    no_relations!();
}
