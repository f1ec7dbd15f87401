use crate::App;
use domain::{
    Date,
    certificate::Certificate,
    lifecycle::{self, StatusOn},
};

/// Status on a day as known at the end of another; `None` = not known to exist then.
pub fn status_when(app: &App, certificate: &Certificate, on: Date, known: Date) -> Option<StatusOn> {
    let rules = app.catalogue.status_rules(&certificate.type_code);
    lifecycle::status_on(&certificate.events, certificate.under_correction, &rules, on, known)
}

/// Status today as known now.
pub fn status_today(app: &App, certificate: &Certificate) -> Option<StatusOn> {
    let today = app.today();
    status_when(app, certificate, today, today)
}
