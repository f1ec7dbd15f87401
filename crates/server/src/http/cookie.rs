//! Cookies: the session's, set at sign-in and cleared when the session is over, and a remembered device's.

/// `__Host-`: only over TLS (or loopback), only this host, only the root path.
pub const NAME: &str = "__Host-anzheng_session";
/// What a device shows that is to be remembered.
pub const DEVICE: &str = "__Host-anzheng_device";

const DEVICE_SECONDS: i64 = 90 * 24 * 60 * 60;

pub fn set(token: &str, seconds: i64) -> String {
    named(NAME, token, seconds)
}

pub fn clear() -> String {
    set("", 0)
}

pub fn set_device(token: &str) -> String {
    named(DEVICE, token, DEVICE_SECONDS)
}

fn named(name: &str, value: &str, seconds: i64) -> String {
    format!("{name}={value}; Path=/; Max-Age={seconds}; Secure; HttpOnly; SameSite=Strict")
}
