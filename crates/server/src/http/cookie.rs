//! The session's cookie: set at sign-in, cleared when the session is over.

/// `__Host-`: only over TLS (or loopback), only this host, only the root path.
pub const NAME: &str = "__Host-anzheng_session";

pub fn set(token: &str, seconds: i64) -> String {
    format!("{NAME}={token}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}

pub fn clear() -> String {
    set("", 0)
}
