use axum::http::{Method, StatusCode};
use metrics::Counter;
use parking_lot::RwLock;
use std::collections::HashMap;

/// Counters of requests by route (never by address, which could hold anything), method and status.
/// Each is looked up in the registry of metrics once: that takes longer than counting.
#[derive(Default)]
pub struct Counts(RwLock<HashMap<String, OfRoute>>);

type OfRoute = HashMap<(&'static str, u16), Counter>;

impl Counts {
    pub fn count(&self, route: &str, method: &Method, status: StatusCode) {
        let key = (label(method), status.as_u16());
        if let Some(counter) = self.0.read().get(route).and_then(|counters| counters.get(&key)) {
            return counter.increment(1);
        }
        let labels =
            [("route", route.to_owned()), ("method", key.0.to_owned()), ("status", key.1.to_string())];
        let counter = metrics::counter!("anzheng_requests_total", &labels);
        counter.increment(1);
        self.0.write().entry(route.to_owned()).or_default().insert(key, counter);
    }
}

/// A caller can invent a method, and with it a label.
fn label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}
