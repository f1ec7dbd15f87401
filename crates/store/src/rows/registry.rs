//! The registry itself: people, organisations, certificates and what happened to them.

/// `item` is empty where the type has none, since a NULL would escape the unique key.
pub(crate) mod certificate {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub type_code: String,
        pub number_index: Vec<u8>,
        pub item: String,
        pub holder_id: Uuid,
        pub organisation_id: Option<Uuid>,
        pub issuer: String,
        pub region: String,
        pub industry: Option<String>,
        pub issued_on: Date,
        pub valid_from: Date,
        pub valid_until: Option<Date>,
        pub review_due_on: Option<Date>,
        pub under_correction: bool,
        pub source: String,
        pub synced_at: i64,
        pub photo_id: Option<Uuid>,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// Append-only. `ordinal` keeps the order of recording; the dates are those of the event's kind.
pub(crate) mod certificate_event {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "certificate_event")]
    pub struct Model {
        pub id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        pub kind: String,
        pub effective_on: Date,
        pub recorded_at: i64,
        pub reason: Option<String>,
        pub issued_on: Option<Date>,
        pub valid_from: Option<Date>,
        pub valid_until: Option<Date>,
        pub review_due_on: Option<Date>,
    }

    no_relations!();
}

/// Courses, in the order given.
pub(crate) mod training {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "training")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        pub course: String,
        pub provider: String,
        pub hours: i64,
        pub completed_on: Date,
        pub passed: bool,
    }

    no_relations!();
}

/// Continuing education, in the order given.
pub(crate) mod education_hours {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "education_hours")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub certificate_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        pub year: i32,
        pub hours: i64,
    }

    no_relations!();
}

/// A person; everything readable is inside `sealed`.
pub(crate) mod holder {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "holder")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub identity_index: Option<Vec<u8>>,
        pub person_index: Option<Vec<u8>>,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// `name_key` is the normalised name that rosters are matched by.
pub(crate) mod organisation {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "organisation")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub version: i64,
        pub name: String,
        pub name_key: String,
        pub uscc: Option<String>,
        pub region: Option<String>,
        pub industry: Option<String>,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// A photo, inside `sealed`.
pub(crate) mod photo {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "photo")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub holder_id: Uuid,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// The feed that read models follow.
pub(crate) mod change {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "change")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub certificate_id: Uuid,
        pub version: i64,
    }

    no_relations!();
}

/// Numbers given out without gaps, in the order of commits.
pub(crate) mod counter {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;

    #[derive(Debug, Clone, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "counter")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub name: String,
        pub value: i64,
    }

    no_relations!();
}

/// A picture or print of a certificate; its bytes are in the parts, nothing is inside `sealed`.
pub(crate) mod attachment {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub certificate_id: Uuid,
        pub digest: Vec<u8>,
        pub media_type: String,
        pub size: i64,
        pub recorded_at: i64,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}

/// Some of the bytes of an attachment, inside `sealed`.
pub(crate) mod attachment_part {
    use crate::rows::no_relations;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Debug, Clone, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "attachment_part")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub attachment_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub ordinal: i32,
        #[serde(skip)]
        pub sealed: Vec<u8>,
    }

    no_relations!();
}
