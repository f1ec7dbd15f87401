use super::{rate_limit::RateLimits, system::Counts};
use app::App;
use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

/// What an operator can set about the channel.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Requests a second that one account, or one anonymous address, may keep up.
    pub account_rate: u32,
    pub anonymous_rate: u32,
}

/// What every handler can reach.
#[derive(Clone)]
pub struct HttpState {
    pub app: Arc<App>,
    pub metrics: PrometheusHandle,
    pub limits: Arc<RateLimits>,
    pub counts: Arc<Counts>,
}

impl HttpState {
    pub fn new(app: Arc<App>, metrics: PrometheusHandle, options: &HttpOptions) -> Self {
        Self { app, metrics, limits: Arc::new(RateLimits::new(options)), counts: Arc::default() }
    }
}

impl FromRef<HttpState> for Arc<App> {
    fn from_ref(state: &HttpState) -> Self {
        state.app.clone()
    }
}
