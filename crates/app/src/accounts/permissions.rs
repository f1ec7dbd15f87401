use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
};
use domain::access::{Action, RefusalCode, Wish, decide};

/// Codes of the matrix rows that the caller may use now or after proving identity again.
pub async fn permissions(app: &App, call: &Call) -> Audited<Vec<&'static str>> {
    let entry = Entry::new("session.me");
    let answer = if call.principal.account.is_none() {
        Err(Error::Refused(RefusalCode::SignInRequired))
    } else {
        Ok(allowed(app, call))
    };
    app.audit.record(call, entry, answer).await
}

fn allowed(app: &App, call: &Call) -> Vec<&'static str> {
    let may = |action: &Action| match decide(&app.matrix, &call.principal, *action, Wish::Default, call.now) {
        Ok(_) => true,
        Err(refusal) => refusal.code == RefusalCode::StepUpRequired,
    };
    Action::ALL.iter().filter(|action| may(action)).map(|action| action.code()).collect()
}
