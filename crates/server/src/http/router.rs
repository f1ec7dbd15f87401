//! Every route on one screen.

use super::{
    HttpState, accounts, approvals, audit, catalogue, certificates,
    description::completed,
    envelope::Site,
    imports, me, session,
    system::{self, Security},
    verification,
};
use axum::extract::DefaultBodyLimit;
use std::time::Duration;
use tower_http::timeout::RequestBodyTimeoutLayer;
use utoipa::OpenApi;
use utoipa_axum::{router::OpenApiRouter, routes};

/// Largest roster over HTTP, in bytes; larger ones are imported on the machine.
const UPLOAD_BYTES: usize = 10 << 20;
/// A request that takes longer has lost its caller, as has a body of which so long nothing comes.
const TIMEOUT: Duration = Duration::from_secs(30);
/// Files are larger than any other body, and take longer: only the sending of them is limited in time.
const UPLOADS: &str = "/api/v1/imports";

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Anzheng",
        description = "Query and verify occupational certificates. Errors are RFC 9457 problem details; \
                       their codes are stable, their titles follow Accept-Language (zh-CN, en, ja).",
    ),
    modifiers(&Security),
)]
struct Description;

fn api() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(session::begin, session::end))
        .routes(routes!(session::second_factor))
        .routes(routes!(session::step_up))
        .routes(routes!(session::choose_password))
        .routes(routes!(session::claim))
        .routes(routes!(me::whoami))
        .routes(routes!(me::password))
        .routes(routes!(me::factors))
        .routes(routes!(me::enrol_totp))
        .routes(routes!(me::confirm_factor))
        .routes(routes!(me::remove_factor))
        .routes(routes!(me::recovery_codes))
        .routes(routes!(me::sessions, me::end_all_sessions))
        .routes(routes!(me::end_session))
        .routes(routes!(me::devices))
        .routes(routes!(accounts::reset_password))
        .routes(routes!(certificates::search, certificates::search_by_address))
        .routes(routes!(certificates::issue))
        .routes(routes!(certificates::find))
        .routes(routes!(certificates::photo))
        .routes(routes!(certificates::attachments))
        .routes(routes!(certificates::attachment))
        .routes(routes!(certificates::unmask))
        .routes(routes!(certificates::change))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::decide))
        .routes(routes!(verification::challenge))
        .routes(routes!(verification::verify))
        .routes(routes!(audit::list))
        .routes(routes!(catalogue::types))
        .routes(routes!(catalogue::items))
        .routes(routes!(catalogue::regions))
        .routes(routes!(catalogue::industries))
}

fn uploads() -> OpenApiRouter<HttpState> {
    OpenApiRouter::new()
        .routes(routes!(imports::create))
        .layer(DefaultBodyLimit::max(UPLOAD_BYTES))
        .layer(RequestBodyTimeoutLayer::new(TIMEOUT))
}

fn patience(path: &str) -> Option<Duration> {
    (path != UPLOADS).then_some(TIMEOUT)
}

/// The description of the API, made from the code that serves it.
pub fn openapi() -> serde_json::Value {
    completed(described().split_for_parts().1)
}

fn described() -> OpenApiRouter<HttpState> {
    OpenApiRouter::with_openapi(Description::openapi()).merge(api()).merge(uploads())
}

pub fn site(state: HttpState) -> Site {
    let (api, _) = described().split_for_parts();
    let router = api
        .merge(system::routes())
        .fallback(system::not_found)
        .method_not_allowed_fallback(system::method_not_allowed)
        .with_state(state.clone());
    Site::new(router, state, patience)
}
