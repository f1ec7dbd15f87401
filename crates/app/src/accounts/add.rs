use super::{
    password_rules::{self, Owner},
    sign_in::normalise_login,
};
use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::{
    access::{Action, Role, Wish, decide},
    ids::{AccountId, HolderId, OrganisationId},
};
use store::{Account, Password};

/// An account as it is asked for.
#[derive(Clone)]
pub struct NewAccount {
    pub login: String,
    pub password: String,
    pub role: Role,
    pub region: Option<String>,
    pub organisation: Option<OrganisationId>,
    pub holder: Option<HolderId>,
}

/// Adds an account. A role without what its scope needs is refused here rather than at its first
/// question.
pub async fn add_account(app: &App, call: &Call, account: NewAccount) -> Audited<AccountId> {
    let mut entry = Entry::new("account.add");
    entry.purpose(format!("role {}", account.role.code()));
    let answer = add(app, call, account, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn add(app: &App, call: &Call, account: NewAccount, entry: &mut Entry) -> Result<AccountId, Error> {
    decide(&app.matrix, &call.principal, Action::Accounts, Wish::Default, call.now)?;
    let login = normalise_login(&account.login);
    if login.is_empty() || login.chars().count() > 64 {
        return Err(Error::field("login", "login_invalid"));
    }
    check_scope(app, &account)?;
    let owner = Owner { login: &login, role: account.role, holder: account.holder, has_second_factor: false };
    password_rules::check(app, &owner, &account.password).await?;
    let hash = app.passwords.hash(&app.entropy, account.password).await?;
    let id = AccountId::from_uuid(app.entropy.uuid(call.now));
    let account = Account {
        id,
        login,
        role: account.role,
        password: Password::new(hash, call.now),
        region: account.region,
        organisation: account.organisation,
        holder: account.holder,
        disabled: false,
        created_at: call.now,
    };
    entry.object(id);
    let tx = app.store.begin().await?;
    tx.insert_account(&account).await?;
    app.audit.stage(&tx, call, entry).await?;
    tx.commit().await?;
    Ok(id)
}

fn check_scope(app: &App, account: &NewAccount) -> Result<(), Error> {
    let missing = match account.role {
        Role::RegulatorCounty | Role::RegulatorCity | Role::RegulatorProvince => {
            let known =
                account.region.as_deref().is_some_and(|code| app.catalogue.regions().get(code).is_some());
            (!known).then_some("region")
        }
        Role::EnterpriseAdmin | Role::EnterpriseMember => {
            account.organisation.is_none().then_some("organisation")
        }
        Role::Individual => account.holder.is_none().then_some("holder"),
        _ => None,
    };
    match missing {
        Some(field) => Err(Error::field(field, "scope_needed")),
        None => Ok(()),
    }
}
