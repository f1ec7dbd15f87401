//! A data folder with a synthetic registry and one sign-in per role. Every person is invented.

use crate::{App, Error, accounts::sign_in::normalise_login, jobs};
use chrono::TimeDelta;
use domain::{
    Date,
    access::Role,
    certificate::Holder,
    ids::{AccountId, HolderId, PhotoId},
    lifecycle::log_leaf,
};
use serde::{Deserialize, Serialize};
use std::{collections::HashMap, sync::Arc};
use store::{Account, Grantee, Password, RegisteredOrganisation, TemporaryGrant};
use synth::{Registry, Showcase};

/// Certificates written in one transaction.
const BATCH: u64 = 2_000;
/// The only password printed in a manual: good in the demo alone.
const PASSWORD: &str = "Anzheng-demo-2026";

/// What a demo is made of. The same recipe makes the same registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recipe {
    pub seed: u64,
    pub certificates: u64,
    /// The day on which it is made: certificates end before and after it.
    pub day: Date,
}

/// One sign-in of the demo.
#[derive(Debug, Clone, Serialize)]
pub struct DemoAccount {
    pub role: &'static str,
    pub login: String,
    pub password: String,
    /// In words: what the account sees.
    pub sees: String,
}

/// Has nobody written anything to the store yet?
pub async fn is_empty(app: &App) -> Result<bool, Error> {
    Ok(app.store.count_accounts().await? == 0
        && app.store.feed_head().await? == 0
        && app.store.organisations(None, 1).await?.is_empty())
}

/// Fills a registry, or goes on where an earlier call with this recipe was interrupted; one that is
/// filled is left as it is. Returns the sign-ins. `progress` is called with the number of
/// certificates written.
pub async fn populate(
    app: &Arc<App>,
    recipe: &Recipe,
    progress: &dyn Fn(u64),
) -> Result<Vec<DemoAccount>, Error> {
    let Recipe { seed, certificates, day } = *recipe;
    let registry = Arc::new(Registry::new(seed, certificates, day, app.catalogue.clone()));
    let showcase =
        registry.showcase().ok_or_else(|| Error::internal("the demo needs at least 1,000 certificates"))?;
    let accounts = accounts(app, &showcase);
    // The accounts are written last, and each step in transactions of its own.
    if app.store.count_accounts().await? == 0 {
        if app.store.organisations(None, 1).await?.is_empty() {
            organisations(app, &registry).await?;
        }
        write_certificates(app, &registry, progress).await?;
        write_accounts(app, &accounts, &registry, &showcase).await?;
    }
    jobs::follower::catch_up(app).await?;
    Ok(accounts.into_iter().map(|(account, _)| account).collect())
}

async fn organisations(app: &App, registry: &Registry) -> Result<(), Error> {
    let all: Vec<_> = registry
        .organisations()
        .map(|synthetic| RegisteredOrganisation {
            organisation: synthetic.organisation,
            region: Some(synthetic.region),
            industry: Some(synthetic.industry),
        })
        .collect();
    let tx = app.store.begin().await?;
    tx.insert_organisations(&all).await?;
    tx.commit().await?;
    Ok(())
}

/// What one transaction writes.
struct Batch {
    certificates: Vec<domain::certificate::Certificate>,
    holders: Vec<Holder>,
    photos: Vec<(PhotoId, HolderId, Vec<u8>)>,
    /// Of the transparency log.
    leaves: Vec<Vec<u8>>,
}

async fn write_certificates(
    app: &Arc<App>,
    registry: &Arc<Registry>,
    progress: &dyn Fn(u64),
) -> Result<(), Error> {
    let count = registry.certificate_count();
    let mut from = 0;
    while from < count {
        let to = (from + BATCH).min(count);
        if app.store.certificate_unscoped(registry.certificate(from).id).await?.is_some() {
            progress(to);
            from = to;
            continue;
        }
        let source = registry.clone();
        let batch = app.cpu.run(move || make(&source, from, to)).await?;
        let tx = app.store.begin().await?;
        tx.find_or_insert_holders(batch.holders).await?;
        for (id, holder, picture) in &batch.photos {
            tx.put_photo(*id, *holder, picture).await?;
        }
        tx.insert_certificates(batch.certificates).await?;
        tx.append_log_leaves(batch.leaves).await?;
        tx.commit().await?;
        progress(to);
        from = to;
    }
    Ok(())
}

fn make(registry: &Registry, from: u64, to: u64) -> Batch {
    let certificates: Vec<_> = (from..to).map(|index| registry.certificate(index)).collect();
    // A holder is written with the first of their certificates, in this batch or an earlier one.
    let first_seen: HashMap<u64, u64> =
        (from..to).rev().map(|index| (registry.holder_index(index), index)).collect();
    let mut new: Vec<u64> = first_seen
        .into_iter()
        .filter(|(holder, index)| registry.certificates_of(*holder).start == *index)
        .map(|(holder, _)| holder)
        .collect();
    new.sort_unstable();
    let holders: Vec<Holder> = new.iter().map(|index| registry.holder(*index)).collect();
    let photos = new
        .iter()
        .zip(&holders)
        .filter_map(|(index, holder)| {
            Some((registry.photo_id(*index)?, holder.id, registry.photo(*index)?.to_owned()))
        })
        .collect();
    let leaves = certificates
        .iter()
        .flat_map(|held| held.events.iter().map(|event| log_leaf(held.id, held.version, event)))
        .collect();
    Batch { certificates, holders, photos, leaves }
}

/// One account for each role, and a colleague in each office.
fn accounts(app: &App, showcase: &Showcase) -> Vec<(DemoAccount, Role)> {
    let name = |code: &str| app.catalogue.regions().full_name(code).unwrap_or(code).to_owned();
    let company = &showcase.organisation.organisation.name;
    let sees = |role: Role| match role {
        Role::Individual => "自己的证书 / own certificates".to_owned(),
        Role::EnterpriseAdmin => format!("{company} 的在职人员 / its people"),
        Role::EnterpriseMember => "临时授权名单 / people of a temporary grant".to_owned(),
        Role::RegulatorCounty => name(&showcase.county),
        Role::RegulatorCity => name(&showcase.city),
        Role::RegulatorProvince => name(&showcase.province),
        Role::RegulatorNational => "全国 / the whole country".to_owned(),
        Role::SystemAdmin => "系统配置，不见证书 / configuration, no certificates".to_owned(),
        Role::SecurityAdmin => "权限与策略，不见证书 / permissions, no certificates".to_owned(),
        Role::AuditAdmin => "审计 / the audit".to_owned(),
        Role::ApiClient => format!("{company}（接口 / API）"),
        Role::Public => "核验一本证书 / verifies one certificate at a time".to_owned(),
    };
    let account = |role: Role, login: String| {
        let account =
            DemoAccount { role: role.code(), login, password: PASSWORD.to_owned(), sees: sees(role) };
        (account, role)
    };
    let first = Role::ALL.into_iter().map(|role| account(role, role.code().to_owned()));
    // A second person of each office, without whom nothing can be approved.
    let offices = [Role::RegulatorCounty, Role::RegulatorCity, Role::RegulatorProvince];
    let second = offices.into_iter().map(|role| account(role, format!("{}_checker", role.code())));
    first.chain(second).collect()
}

async fn write_accounts(
    app: &App,
    accounts: &[(DemoAccount, Role)],
    registry: &Registry,
    showcase: &Showcase,
) -> Result<(), Error> {
    let now = app.clock.now();
    let password = app.passwords.hash(&app.entropy, PASSWORD.to_owned()).await?;
    let tx = app.store.begin().await?;
    for (account, role) in accounts {
        let region = match role {
            Role::RegulatorCounty => Some(showcase.county.clone()),
            Role::RegulatorCity => Some(showcase.city.clone()),
            Role::RegulatorProvince => Some(showcase.province.clone()),
            _ => None,
        };
        let employed = matches!(role, Role::EnterpriseAdmin | Role::EnterpriseMember | Role::ApiClient);
        let id = AccountId::from_uuid(app.entropy.uuid(now));
        tx.insert_account(&Account {
            id,
            login: normalise_login(&account.login),
            role: *role,
            password: Password::new(password.clone(), now),
            region,
            organisation: employed.then_some(showcase.organisation.organisation.id),
            holder: (*role == Role::Individual).then_some(showcase.individual.id),
            disabled: false,
            created_at: now,
        })
        .await?;
        if *role == Role::EnterpriseMember {
            grant(app, &tx, id, registry).await?;
        }
    }
    tx.commit().await?;
    Ok(())
}

/// Three outsiders that the enterprise member may look up for thirty days.
async fn grant(app: &App, tx: &store::Tx, account: AccountId, registry: &Registry) -> Result<(), Error> {
    let now = app.clock.now();
    let grant = TemporaryGrant {
        id: app.entropy.uuid(now),
        grantee: Grantee::Account(account),
        holders: (0..3).map(|index| registry.holder(index).id).collect(),
        from: now,
        until: now + TimeDelta::days(30),
    };
    Ok(tx.insert_temporary_grant(&grant).await?)
}
