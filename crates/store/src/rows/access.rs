//! Who may come in, and what they are doing there.

/// Sealed as a whole, so that a role edited in SQL gives no rights.
pub(crate) mod account {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "account")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub login: String,
        pub role: String,
        pub password_hash: String,
        pub region: Option<String>,
        pub organisation_id: Option<Uuid>,
        pub holder_id: Option<Uuid>,
        pub disabled: bool,
        pub created_at: i64,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// What an account proves itself with, beside its password.
pub(crate) mod credential {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "credential")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub account_id: Uuid,
        pub kind: String,
        pub created_at: i64,
        pub expires_at: Option<i64>,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// Known by the hash of its token. Sealed but for `last_seen_at`, which changes all the time.
pub(crate) mod session {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "session")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_hash: Vec<u8>,
        pub id: Uuid,
        pub account_id: Uuid,
        pub created_at: i64,
        #[serde(skip)]
        pub last_seen_at: i64,
        pub expires_at: i64,
        pub stepped_up_at: Option<i64>,
        pub device: Option<String>,
        pub source: String,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// One row for each person a grant names.
pub(crate) mod temporary_grant {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "temporary_grant")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub holder_id: Uuid,
        pub account_id: Option<Uuid>,
        pub organisation_id: Option<Uuid>,
        pub from_at: i64,
        pub until_at: i64,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// A frozen request of one person for the decision of another.
pub(crate) mod approval {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub kind: String,
        pub state: String,
        pub maker: Uuid,
        pub checker: Option<Uuid>,
        pub created_at: i64,
        pub decided_at: Option<i64>,
        pub expires_at: i64,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// Counters that hold across restarts and instances.
pub(crate) mod throttle {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "throttle")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_index: Vec<u8>,
        pub count: i64,
        pub window_start: i64,
        pub locked_until: Option<i64>,
        pub strikes: i64,
    }

    no_relations!();
}

/// Gone once used. The index is keyed, so that nobody can plant a token in SQL.
pub(crate) mod one_use_token {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "one_use_token")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub token_index: Vec<u8>,
        pub expires_at: i64,
    }

    no_relations!();
}

/// `response` is sealed, and NULL while the first request is under way.
pub(crate) mod idempotency {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "idempotency")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key_hash: Vec<u8>,
        pub request_hash: Vec<u8>,
        pub created_at: i64,
        pub response: Option<Vec<u8>>,
    }

    no_relations!();
}

/// Settings of the installation.
pub(crate) mod setting {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "setting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub key: String,
        pub value: String,
    }

    no_relations!();
}
