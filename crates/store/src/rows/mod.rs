//! The tables as SeaORM sees them. What is `Serialize` here is digested into the seal of its row
//! ([`crate::seal`]), which is why the seal itself is skipped.

mod access;
mod record;
mod registry;

pub(crate) use access::{
    account, approval, credential, idempotency, one_use_token, session, setting, temporary_grant, throttle,
};
pub(crate) use record::{audit_record, audit_shown, import_batch, log_hash, outbox, staged_audit};
pub(crate) use registry::{
    attachment, attachment_part, certificate, certificate_event, change, counter, education_hours, holder,
    organisation, photo, training,
};

/// What SeaORM asks of an entity whose joins are written out where they are needed.
macro_rules! no_relations {
    () => {
        #[derive(Debug, Clone, Copy, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}
    };
}
use no_relations;
