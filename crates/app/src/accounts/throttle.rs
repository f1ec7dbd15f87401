//! Failed attempts (access.md ): one account locks for 15, 30, then 60 minutes after
//! five failures within 15; one source that fails a hundred times in an hour waits an hour.
//! Counters live in the store, so that they hold across instances and restarts.

use crate::{App, Error};
use chrono::TimeDelta;
use domain::Instant;

const ACCOUNT_FAILURES: u32 = 5;
const ACCOUNT_WINDOW: TimeDelta = TimeDelta::minutes(15);
const SOURCE_FAILURES: u32 = 100;
const SOURCE_WINDOW: TimeDelta = TimeDelta::hours(1);

fn account_key(login: &str) -> String {
    format!("sign_in:account:{login}")
}

/// The address without its port; IPv6 by its /64, since one host owns that many.
fn source_key(source: &str) -> String {
    let host = match source.parse::<std::net::SocketAddr>() {
        Ok(std::net::SocketAddr::V6(address)) => {
            let segments = address.ip().segments();
            format!("{:x}:{:x}:{:x}:{:x}::/64", segments[0], segments[1], segments[2], segments[3])
        }
        Ok(std::net::SocketAddr::V4(address)) => address.ip().to_string(),
        Err(_) => source.to_owned(),
    };
    format!("sign_in:source:{host}")
}

/// Refuses while a lock holds, before any password is looked at.
pub(super) async fn check(app: &App, login: &str, source: &str, now: Instant) -> Result<(), Error> {
    for key in [account_key(login), source_key(source)] {
        if let Some(until) = app.store.locked_until(&key).await?
            && until > now
        {
            return Err(Error::Locked { until });
        }
    }
    Ok(())
}

/// Counts a failure; the one that fills the measure locks.
pub(super) async fn failed(app: &App, login: &str, source: &str, now: Instant) -> Result<(), Error> {
    let account = account_key(login);
    let state = app.store.throttle_failure(&account, ACCOUNT_WINDOW, now).await?;
    if state.count >= ACCOUNT_FAILURES {
        let minutes = match state.strikes {
            0 => 15,
            1 => 30,
            _ => 60,
        };
        app.store.throttle_lock(&account, now + TimeDelta::minutes(minutes)).await?;
    }
    let source = source_key(source);
    let state = app.store.throttle_failure(&source, SOURCE_WINDOW, now).await?;
    if state.count >= SOURCE_FAILURES {
        app.store.throttle_lock(&source, now + SOURCE_WINDOW).await?;
    }
    Ok(())
}

/// A full success clears the account's counter; the source's stays.
pub(super) async fn succeeded(app: &App, login: &str) -> Result<(), Error> {
    Ok(app.store.throttle_clear(&account_key(login)).await?)
}

#[cfg(test)]
mod tests {
    use super::source_key;

    #[test]
    fn a_source_is_a_host_and_not_a_port() {
        assert_eq!(source_key("192.0.2.7:4711"), source_key("192.0.2.7:4712"));
        assert_ne!(source_key("192.0.2.7:4711"), source_key("192.0.2.8:4711"));
        assert_eq!(source_key("[2001:db8:1:2::1]:1"), source_key("[2001:db8:1:2:ffff::9]:2"));
        assert_ne!(source_key("[2001:db8:1:2::1]:1"), source_key("[2001:db8:1:3::1]:1"));
    }
}
