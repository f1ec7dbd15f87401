//! The searchable copy of the audit journal. Rows can be added and read; nothing here, and no
//! statement the database accepts, changes or deletes one.

use crate::{
    bulk::insert_all,
    error::{Error, Result},
    instants::{instant, micros},
    rows::{audit_record, audit_shown, staged_audit},
    store::Store,
    tx::Tx,
};
use domain::{
    Instant,
    access::Role,
    audit::{Actor, AuditRecord, AuditRow, Outcome},
    ids::{AccountId, CertificateId, OrganisationId, RequestId, SessionId},
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, EntityTrait, IntoActiveModel, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait, prelude::Uuid, sea_query::IntoCondition,
};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// The records that are open to somebody.
#[derive(Debug, Clone, Default)]
pub enum AuditScope {
    #[default]
    Nothing,
    All,
    /// Acts of this account.
    Account(AccountId),
    /// Acts for this organisation.
    Organisation(OrganisationId),
    /// Acts on these objects, whoever did them.
    Objects(Vec<String>),
    /// Acts of these roles, and only those on objects of the region where one is given: the first
    /// digits of its code.
    Acts {
        roles: &'static [Role],
        region_prefix: Option<String>,
    },
    /// These actions, and whatever ended for one of these reasons.
    Events {
        actions: &'static [&'static str],
        reasons: &'static [&'static str],
    },
}

/// Which records; all conditions joined by AND.
#[derive(Debug, Clone, Default)]
pub struct AuditFilter {
    /// Nothing beyond this, whatever else is asked.
    pub scope: AuditScope,
    pub from: Option<Instant>,
    /// Excluded.
    pub to: Option<Instant>,
    pub role: Option<Role>,
    pub account: Option<AccountId>,
    pub action: Option<String>,
    pub object: Option<String>,
    pub outcome: Option<Outcome>,
    /// Only records before this position.
    pub before_seq: Option<u64>,
    pub limit: u16,
}

impl Store {
    /// Adds the records that are not there yet, and forgets their staged twins. The rows are
    /// consecutive, and none is missing between the last one stored and the first one given.
    ///
    /// # Errors
    /// `Conflict("audit_gap")` if one is missing.
    pub async fn insert_audit_rows(&self, rows: &[AuditRow]) -> Result<()> {
        let tx = self.begin().await?;
        let head = head(&tx.db).await?;
        let consecutive = rows.windows(2).all(|pair| pair[0].seq + 1 == pair[1].seq);
        if !consecutive || rows.first().is_some_and(|first| first.seq > head) {
            return Err(Error::Conflict("audit_gap"));
        }
        let new: Vec<_> = rows.iter().filter(|row| row.seq >= head).map(to_row).collect();
        let requests: Vec<_> = new.iter().map(|row| row.request_id).collect();
        let shown = rows.iter().filter(|row| row.seq >= head).flat_map(shown_rows).collect();
        insert_all::<audit_record::Entity, _>(&tx.db, new).await?;
        insert_all::<audit_shown::Entity, _>(&tx.db, shown).await?;
        for some in requests.chunks(crate::bulk::KEYS_PER_QUERY) {
            let twins = staged_audit::Column::RequestId.is_in(some.to_vec());
            staged_audit::Entity::delete_many().filter(twins).exec(&tx.db).await?;
        }
        tx.commit().await?;
        Ok(())
    }

    /// Those of the given records, none of them stored yet, that tell of a change which the database does
    /// not have: their staged twins, committed with the change, are not there. A database that loses what
    /// it has acknowledged, such as one whose log was damaged, is found out by it.
    pub async fn lost_changes<'a>(&self, rows: &'a [AuditRow]) -> Result<Vec<&'a AuditRow>> {
        let head = head(&self.reads).await?;
        let staged: Vec<&AuditRow> = rows.iter().filter(|row| row.seq >= head && row.record.staged).collect();
        let mut twins: HashSet<Uuid> = HashSet::new();
        for some in staged.chunks(crate::bulk::KEYS_PER_QUERY) {
            let requests = some.iter().map(|row| row.record.request.uuid());
            let found = staged_audit::Entity::find()
                .select_only()
                .column(staged_audit::Column::RequestId)
                .filter(staged_audit::Column::RequestId.is_in(requests));
            twins.extend(found.into_tuple::<Uuid>().all(&self.reads).await?);
        }
        Ok(staged.into_iter().filter(|row| !twins.contains(&row.record.request.uuid())).collect())
    }

    /// How many records are stored: the position of the next one.
    pub async fn audit_head(&self) -> Result<u64> {
        head(&self.reads).await
    }

    /// The newest records that match, newest first.
    pub async fn list_audit(&self, filter: &AuditFilter) -> Result<Vec<AuditRow>> {
        let rows = audit_record::Entity::find()
            .filter(condition(filter))
            .order_by_desc(audit_record::Column::Seq)
            .limit(u64::from(filter.limit))
            .all(&self.reads)
            .await?;
        let numbers = audit_shown::Column::Seq.is_in(rows.iter().map(|row| row.seq));
        let mut shown = shown(&self.reads, numbers).await?;
        rows.into_iter().map(|row| from_row(&mut shown, row)).collect()
    }

    /// Payloads staged before this instant and not yet seen in the journal, oldest first.
    pub async fn staged_audit(&self, before: Instant, limit: u64) -> Result<Vec<String>> {
        let rows = staged_audit::Entity::find()
            .filter(staged_audit::Column::At.lt(micros(before)))
            .order_by_asc(staged_audit::Column::At)
            .limit(limit)
            .all(&self.reads)
            .await?;
        Ok(rows.into_iter().map(|row| row.payload).collect())
    }
}

/// How the searchable copy of a record is other than the journal's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyFault {
    Missing,
    Changed,
    /// The journal has no such record.
    Inserted,
}

impl Store {
    /// Compares consecutive records of the journal with their copies. Nobody asks for those that
    /// are still to be copied; copies before the first record of all count as inserted.
    pub async fn audit_copy_faults(&self, rows: &[AuditRow]) -> Result<Vec<(i64, CopyFault)>> {
        use audit_record::Column;
        let [Some(first), Some(last)] = [rows.first(), rows.last()].map(|row| row.map(|row| row.seq as i64))
        else {
            return Ok(Vec::new());
        };
        let from = (first > 0).then(|| Column::Seq.gte(first));
        let copies = audit_record::Entity::find()
            .filter(Condition::all().add_option(from).add(Column::Seq.lte(last)))
            .all(&self.reads)
            .await?;
        let from = (first > 0).then(|| audit_shown::Column::Seq.gte(first));
        let range = Condition::all().add_option(from).add(audit_shown::Column::Seq.lte(last));
        let mut shown = shown(&self.reads, range).await?;
        let mut copies: BTreeMap<_, _> = copies.into_iter().map(|copy| (copy.seq, copy)).collect();
        let mut faults = Vec::new();
        for row in rows {
            let seq = row.seq as i64;
            let same_shown = shown.remove(&seq).unwrap_or_default() == row.record.shown;
            match copies.remove(&seq) {
                None => faults.push((seq, CopyFault::Missing)),
                Some(copy) if copy != to_row(row) || !same_shown => faults.push((seq, CopyFault::Changed)),
                Some(_) => {}
            }
        }
        let inserted: BTreeSet<i64> = copies.into_keys().chain(shown.into_keys()).collect();
        faults.extend(inserted.into_iter().map(|seq| (seq, CopyFault::Inserted)));
        Ok(faults)
    }
}

impl Tx {
    /// Commits an audit record together with the change it describes, until
    /// [`Store::insert_audit_rows`] finds it in the journal.
    pub async fn stage_audit(&self, request: RequestId, payload: &str, now: Instant) -> Result<()> {
        let row =
            staged_audit::Model { request_id: request.uuid(), at: micros(now), payload: payload.to_owned() };
        staged_audit::Entity::insert(row.into_active_model()).exec_without_returning(&self.db).await?;
        Ok(())
    }
}

async fn head(db: &impl ConnectionTrait) -> Result<u64> {
    let newest =
        audit_record::Entity::find().order_by_desc(audit_record::Column::Seq).limit(1).one(db).await?;
    Ok(newest.map_or(0, |row| row.seq as u64 + 1))
}

fn condition(filter: &AuditFilter) -> Condition {
    use audit_record::Column;
    Condition::all()
        .add(within(&filter.scope))
        .add_option(filter.from.map(|from| Column::At.gte(micros(from))))
        .add_option(filter.to.map(|to| Column::At.lt(micros(to))))
        .add_option(filter.role.map(|role| Column::Role.eq(role.code())))
        .add_option(filter.account.map(|account| Column::AccountId.eq(account.uuid())))
        .add_option(filter.action.as_deref().map(|action| Column::Action.eq(action)))
        .add_option(filter.object.as_ref().map(|object| touches(std::slice::from_ref(object))))
        .add_option(filter.outcome.map(|outcome| Column::Outcome.eq(outcome_code(outcome))))
        .add_option(filter.before_seq.map(|seq| Column::Seq.lt(seq as i64)))
}

fn within(scope: &AuditScope) -> Condition {
    use audit_record::Column;
    let all = Condition::all();
    match scope {
        // Positions count from 0.
        AuditScope::Nothing => all.add(Column::Seq.lt(0)),
        AuditScope::All => all,
        AuditScope::Account(account) => all.add(Column::AccountId.eq(account.uuid())),
        AuditScope::Organisation(organisation) => all.add(Column::OrganisationId.eq(organisation.uuid())),
        AuditScope::Objects(objects) => all.add(touches(objects)),
        AuditScope::Acts { roles, region_prefix } => all
            .add(Column::Role.is_in(roles.iter().map(|role| role.code())))
            .add_option(region_prefix.as_ref().map(|prefix| Column::ObjectRegion.starts_with(prefix))),
        AuditScope::Events { actions, reasons } => Condition::any()
            .add(Column::Action.is_in(actions.iter().copied()))
            .add(Column::Reason.is_in(reasons.iter().copied())),
    }
}

/// One of the objects is what was touched, or was among what was shown.
fn touches(objects: &[String]) -> Condition {
    let certificates = objects.iter().filter_map(|object| object.parse::<CertificateId>().ok());
    let shown = audit_shown::Entity::find()
        .select_only()
        .column(audit_shown::Column::Seq)
        .filter(audit_shown::Column::CertificateId.is_in(certificates.map(CertificateId::uuid)));
    Condition::any()
        .add(audit_record::Column::Object.is_in(objects))
        .add(audit_record::Column::Seq.in_subquery(shown.into_query()))
}

/// What was shown, by the positions of the records.
type Shown = BTreeMap<i64, Vec<CertificateId>>;

async fn shown(db: &impl ConnectionTrait, records: impl IntoCondition) -> Result<Shown> {
    let rows = audit_shown::Entity::find().filter(records).all(db).await?;
    let mut shown = Shown::new();
    for row in rows {
        shown.entry(row.seq).or_default().push(CertificateId::from_uuid(row.certificate_id));
    }
    for certificates in shown.values_mut() {
        // Databases differ in how they order identifiers.
        certificates.sort_unstable();
    }
    Ok(shown)
}

fn shown_rows(row: &AuditRow) -> impl Iterator<Item = audit_shown::Model> {
    let certificates = row.record.shown.iter().map(|id| id.uuid());
    certificates.map(|certificate_id| audit_shown::Model { seq: row.seq as i64, certificate_id })
}

fn to_row(row: &AuditRow) -> audit_record::Model {
    let AuditRow { seq, record } = row;
    audit_record::Model {
        seq: *seq as i64,
        at: micros(record.at),
        clock: record.clock.clone(),
        request_id: record.request.uuid(),
        role: record.actor.role.code().to_owned(),
        account_id: record.actor.account.map(AccountId::uuid),
        organisation_id: record.actor.organisation.map(OrganisationId::uuid),
        region: record.actor.region.clone(),
        session_id: record.actor.session.map(SessionId::uuid),
        source: record.actor.source.clone(),
        device: record.actor.device.clone(),
        action: record.action.clone(),
        object: record.object.clone(),
        object_region: record.object_region.clone(),
        keywords: record.keywords.clone(),
        purpose: record.purpose.clone(),
        outcome: outcome_code(record.outcome).to_owned(),
        reason: record.reason.clone(),
        count: record.count as i64,
        staged: record.staged,
        version: record.version.clone(),
    }
}

fn from_row(shown: &mut Shown, row: audit_record::Model) -> Result<AuditRow> {
    let corrupt = || Error::corrupt("audit_record", row.seq);
    let actor = Actor {
        role: Role::from_code(&row.role).ok_or_else(corrupt)?,
        account: row.account_id.map(AccountId::from_uuid),
        organisation: row.organisation_id.map(OrganisationId::from_uuid),
        region: row.region,
        session: row.session_id.map(SessionId::from_uuid),
        source: row.source,
        device: row.device,
    };
    let record = AuditRecord {
        at: instant(row.at),
        clock: row.clock,
        request: RequestId::from_uuid(row.request_id),
        actor,
        action: row.action,
        object: row.object,
        object_region: row.object_region,
        shown: shown.remove(&row.seq).unwrap_or_default(),
        keywords: row.keywords,
        purpose: row.purpose,
        outcome: outcome(&row.outcome).ok_or_else(|| Error::corrupt("audit_record", row.seq))?,
        reason: row.reason,
        count: row.count as u64,
        staged: row.staged,
        version: row.version,
    };
    Ok(AuditRow { seq: row.seq as u64, record })
}

fn outcome_code(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Allowed => "allowed",
        Outcome::Refused => "refused",
        Outcome::Failed => "failed",
    }
}

fn outcome(code: &str) -> Option<Outcome> {
    [Outcome::Allowed, Outcome::Refused, Outcome::Failed]
        .into_iter()
        .find(|outcome| outcome_code(*outcome) == code)
}
