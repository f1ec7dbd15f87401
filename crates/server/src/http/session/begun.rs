//! The answer with which a session begins, whichever way it was reached.

use crate::http::{caller::Caller, cookie, json::Json};
use app::accounts::{Answer, SignedIn};
use axum::{
    http::{StatusCode, header::SET_COOKIE},
    response::{AppendHeaders, IntoResponse, Response},
};
use domain::{
    Instant,
    access::{Factor, RefusalCode},
};
use serde::Serialize;
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct BeginOut {
    /// For `Authorization: Bearer`; the cookie carries the same.
    token: String,
    role: &'static str,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
    /// Present when this session can do nothing but put its account right: `password_change_needed` or
    /// `factor_needed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    confined: Option<&'static str>,
    /// To be shown at the next sign-in from this device, where it was to be remembered. A cookie carries the
    /// same.
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PendingOut {
    /// Comes back with the second factor, within five minutes.
    pending: String,
    /// Any one of them will do.
    factors: Vec<&'static str>,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Instant,
}

/// 200 with a session, or 202 with what is still needed.
pub fn answer(caller: &Caller, answer: Answer) -> Response {
    match answer {
        Answer::Begun(signed_in) => begun(caller, *signed_in),
        Answer::Needs(pending) => {
            let out = PendingOut {
                pending: pending.token,
                factors: pending.factors.iter().map(Factor::code).collect(),
                expires_at: pending.expires_at,
            };
            (StatusCode::ACCEPTED, Json(out)).into_response()
        }
    }
}

pub fn begun(caller: &Caller, signed_in: SignedIn) -> Response {
    let seconds = (signed_in.expires_at - caller.call.now).num_seconds();
    let session = cookie::set(&signed_in.token, seconds);
    let device = signed_in.device.as_deref().map(cookie::set_device);
    let cookies = [Some(session), device].into_iter().flatten().map(|cookie| (SET_COOKIE, cookie));
    let out = BeginOut {
        token: signed_in.token,
        role: signed_in.principal.role.code(),
        expires_at: signed_in.expires_at,
        confined: signed_in.principal.confined.map(|confined| RefusalCode::from(confined).code()),
        device: signed_in.device,
    };
    (AppendHeaders(cookies.collect::<Vec<_>>()), Json(out)).into_response()
}
