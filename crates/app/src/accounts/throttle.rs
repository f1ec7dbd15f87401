//! Failed attempts (access.md ). One account locks for 15, 30, then 60 minutes after five
//! attempts within 15 that did not succeed. One source that fails twenty times at five accounts
//! within ten minutes has to solve challenges; at a hundred failures in an hour it waits an hour.
//! Counters live in the store, so that they hold across instances and restarts, and name nobody.

use crate::{App, Call, Error};
use chrono::TimeDelta;
use domain::{
    Instant,
    ids::{AccountId, CredentialId},
};
use store::Measure;

const ACCOUNT: Measure<'_> = Measure {
    attempts: 5,
    window: TimeDelta::minutes(15),
    locks: &[TimeDelta::minutes(15), TimeDelta::minutes(30), TimeDelta::minutes(60)],
};
const SOURCE_FAILURES: u32 = 100;
const SOURCE_WINDOW: TimeDelta = TimeDelta::hours(1);
const SPRAY_ACCOUNTS: u32 = 5;
const SPRAY_FAILURES: u32 = 20;
const SPRAY_WINDOW: TimeDelta = TimeDelta::minutes(10);

/// What one attempt uses up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tries<'a> {
    /// Passwords for this login, from wherever.
    Login(&'a str),
    /// Passwords from a device that the account knows: guesses made elsewhere do not use these up, so that
    /// nobody can lock somebody else out.
    Device(CredentialId),
    /// Second factors of this account.
    SecondFactor(AccountId),
}

impl Tries<'_> {
    fn key(self) -> String {
        match self {
            Tries::Login(login) => format!("sign_in:account:{login}"),
            Tries::Device(device) => format!("sign_in:device:{device}"),
            Tries::SecondFactor(account) => format!("sign_in:second_factor:{account}"),
        }
    }
}

fn source_key(source: &str) -> String {
    format!("sign_in:source:{}", source_host(source))
}

fn spray_key(source: &str) -> String {
    format!("sign_in:spray:{}", source_host(source))
}

/// The address without its port; IPv6 by its /64, since one host owns that many.
pub fn source_host(source: &str) -> String {
    let Ok(address) = source.parse::<std::net::SocketAddr>() else { return source.to_owned() };
    // A socket for both families shows an IPv4 caller as an IPv6 one.
    match address.ip().to_canonical() {
        std::net::IpAddr::V6(address) => {
            let segments = address.segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", segments[0], segments[1], segments[2], segments[3])
        }
        std::net::IpAddr::V4(address) => address.to_string(),
    }
}

/// Takes an attempt before anything is looked at; refuses while a lock holds.
pub(super) async fn attempt(app: &App, call: &Call, tries: Tries<'_>) -> Result<(), Error> {
    refuse_if_locked(app, &source_key(&call.source), call.now).await?;
    match app.store.throttle_attempt(&tries.key(), ACCOUNT, call.now).await? {
        Some(until) => Err(Error::Locked { until }),
        None => Ok(()),
    }
}

/// A source that has tried many accounts pays for each further attempt.
pub(super) async fn ask_for_work(app: &App, call: &Call, solution: Option<&str>) -> Result<(), Error> {
    let until = app.store.locked_until(&spray_key(&call.source)).await?;
    if until.is_none_or(|until| until <= call.now) {
        return Ok(());
    }
    match solution {
        None => Err(Error::ChallengeRequired),
        Some(solution) if app.challenges.redeem(solution, call.now) => Ok(()),
        Some(_) => Err(Error::Challenge),
    }
}

async fn refuse_if_locked(app: &App, key: &str, now: Instant) -> Result<(), Error> {
    match app.store.locked_until(key).await? {
        Some(until) if until > now => Err(Error::Locked { until }),
        _ => Ok(()),
    }
}

/// Counts a failure of the source; its account's was counted beforehand.
pub(super) async fn failed(app: &App, call: &Call, login: &str) -> Result<(), Error> {
    let source = source_key(&call.source);
    let state = app.store.throttle_failure(&source, SOURCE_WINDOW, call.now).await?;
    if state.count >= SOURCE_FAILURES {
        app.store.throttle_lock(&source, call.now + SOURCE_WINDOW).await?;
    }
    let spray = spray_key(&call.source);
    let failures = app.store.throttle_failure(&spray, SPRAY_WINDOW, call.now).await?;
    if accounts_tried(app, call, &spray, failures.since, login).await? >= SPRAY_ACCOUNTS
        && failures.count >= SPRAY_FAILURES
    {
        app.store.throttle_lock(&spray, call.now + SPRAY_WINDOW).await?;
    }
    Ok(())
}

/// Different logins that failed within the window that began at `since`, this one included: one is
/// counted when it is met for the first time.
async fn accounts_tried(
    app: &App,
    call: &Call,
    spray: &str,
    since: Instant,
    login: &str,
) -> Result<u32, Error> {
    let window = format!("{spray}:{}", since.timestamp_micros());
    let met = app.store.count_in_window(&format!("{window}:{login}"), SPRAY_WINDOW, call.now).await?;
    let counted = format!("{window}:accounts");
    if met > 1 {
        return Ok(app.store.throttle_count(&counted).await?);
    }
    Ok(app.store.count_in_window(&counted, SPRAY_WINDOW, call.now).await?)
}

/// A full success clears the counter; the source's stays.
pub(super) async fn succeeded(app: &App, tries: Tries<'_>) -> Result<(), Error> {
    Ok(app.store.throttle_clear(&tries.key()).await?)
}

#[cfg(test)]
mod tests {
    use super::source_host;

    #[test]
    fn a_source_is_a_host_and_not_a_port() {
        assert_eq!(source_host("192.0.2.7:4711"), source_host("192.0.2.7:4712"));
        assert_ne!(source_host("192.0.2.7:4711"), source_host("192.0.2.8:4711"));
        assert_eq!(source_host("[::ffff:192.0.2.7]:1"), source_host("192.0.2.7:4711"));
        assert_ne!(source_host("[::ffff:192.0.2.7]:1"), source_host("[::ffff:192.0.2.8]:1"));
        assert_eq!(source_host("[2001:db8:1:2::1]:1"), source_host("[2001:db8:1:2:ffff::9]:2"));
        assert_ne!(source_host("[2001:db8:1:2::1]:1"), source_host("[2001:db8:1:3::1]:1"));
    }
}
