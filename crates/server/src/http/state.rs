use super::{rate_limit::RateLimits, system::Counts};
use app::App;
use axum::extract::FromRef;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{ops::Deref, sync::Arc};

/// What an operator can set about the channel.
#[derive(Debug, Clone)]
pub struct HttpOptions {
    /// Requests a second that one account, or one anonymous address, may keep up.
    pub account_rate: u32,
    pub anonymous_rate: u32,
}

/// What every handler can reach. Every request has one, so that it is one pointer.
#[derive(Clone)]
pub struct HttpState(Arc<Shared>);

pub struct Shared {
    pub app: Arc<App>,
    pub metrics: PrometheusHandle,
    pub limits: RateLimits,
    pub counts: Counts,
}

impl HttpState {
    pub fn new(app: Arc<App>, metrics: PrometheusHandle, options: &HttpOptions) -> Self {
        let (limits, counts) = (RateLimits::new(options), Counts::default());
        Self(Arc::new(Shared { app, metrics, limits, counts }))
    }
}

impl Deref for HttpState {
    type Target = Shared;

    fn deref(&self) -> &Shared {
        &self.0
    }
}

impl FromRef<HttpState> for Arc<App> {
    fn from_ref(state: &HttpState) -> Self {
        state.app.clone()
    }
}
