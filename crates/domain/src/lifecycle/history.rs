use super::{Event, EventKind, Status, StatusOn, StatusRules};
use crate::{Date, Instant, certificate::Terms};
use chrono::Days;

/// The status on the day `on`, by what was known at the end of the day `known`.
///
/// `None`: nobody knew of the certificate then. Days before the first issue are `not_yet_valid`.
/// `under_correction` is the record's present state; pass `false` to ask what the events alone say.
pub fn status_on(
    events: &[Event],
    under_correction: bool,
    rules: &StatusRules,
    on: Date,
    known: Date,
) -> Option<StatusOn> {
    let events = known_events(events, rules, known);
    let stretches = stretches(&events, under_correction, rules);
    let stretch = stretches.iter().rev().find(|stretch| stretch.from <= on)?;
    Some(StatusOn {
        status: stretch.status,
        since: (stretch.from > Date::MIN && stretch.status != Status::UnderCorrection)
            .then_some(stretch.from),
        reason: stretch.cause.and_then(|event| event.reason.clone()),
    })
}

/// The terms on the day `on`, by what was known at the end of the day `known`; before the first
/// issue, those of the first issue. `None`: nobody knew of the certificate then.
pub fn terms_on(events: &[Event], rules: &StatusRules, on: Date, known: Date) -> Option<Terms> {
    let events = known_events(events, rules, known);
    let mut state: Option<State<'_>> = None;
    for event in events.into_iter().filter(|event| effect(event) <= on) {
        State::apply(&mut state, event);
    }
    state.map(|state| state.terms)
}

/// The terms after all events, those announced for later days too; `None` without a first issue.
pub fn current_terms(events: &[Event]) -> Option<Terms> {
    let mut state: Option<State<'_>> = None;
    for event in in_order_of_effect(events.iter()) {
        State::apply(&mut state, event);
    }
    state.map(|state| state.terms)
}

/// The status over all time by all events: from which day on which status, each different from the
/// one before. The first stretch begins at [`Date::MIN`]. Empty without a first issue.
pub fn timeline(events: &[Event], under_correction: bool, rules: &StatusRules) -> Vec<(Date, Status)> {
    let events = in_order_of_effect(events.iter());
    let stretches = stretches(&events, under_correction, rules);
    stretches.into_iter().map(|stretch| (stretch.from, stretch.status)).collect()
}

/// An unbroken run of days with one status.
struct Stretch<'a> {
    from: Date,
    status: Status,
    cause: Option<&'a Event>,
}

/// What the events up to a day add up to.
struct State<'a> {
    terms: Terms,
    /// What held before the terms began, where they were renewed early.
    before: Option<Before>,
    revoked: Option<&'a Event>,
    revoked_as_penalty: Option<&'a Event>,
    cancelled: Option<&'a Event>,
    replaced: Option<&'a Event>,
    transferred: Option<&'a Event>,
    suspended: Option<&'a Event>,
}

/// What an early renewal found.
#[derive(Clone, Copy)]
enum Before {
    /// The old terms last until the new ones begin: good without a break since this day.
    Joined { since: Date },
    /// The old terms end earlier: they hold till then, and nothing does in between.
    Apart(Terms),
}

/// The day from which an event counts. The first issue always counts: the days before it are "not
/// yet valid", and a correction of its date can reach back before it.
pub(super) fn effect(event: &Event) -> Date {
    if matches!(event.kind, EventKind::Issued(_)) { Date::MIN } else { event.effective_on }
}

/// By the day of effect; events of one day in the order recorded.
fn in_order_of_effect<'a>(events: impl Iterator<Item = &'a Event>) -> Vec<&'a Event> {
    let mut events: Vec<&Event> = events.collect();
    events.sort_by_key(|event| effect(event));
    events
}

/// Had the registry learnt of the event by the end of that day, where the certificate lives?
pub fn is_known(event: &Event, rules: &StatusRules, known: Date) -> bool {
    // Most ask for all that is known now, and a calendar takes its time.
    known == Date::MAX || day_of(event.recorded_at, rules) <= known
}

/// The day on the certificates' own calendar.
pub fn day_of(moment: Instant, rules: &StatusRules) -> Date {
    moment.with_timezone(&rules.zone).date_naive()
}

fn known_events<'a>(events: &'a [Event], rules: &StatusRules, known: Date) -> Vec<&'a Event> {
    in_order_of_effect(events.iter().filter(|event| is_known(event, rules, known)))
}

/// Between two events nothing changes but the calendar, and that only at the edges of the terms: it
/// is enough to judge each of those days.
fn stretches<'a>(events: &[&'a Event], under_correction: bool, rules: &StatusRules) -> Vec<Stretch<'a>> {
    let mut stretches: Vec<Stretch<'a>> = Vec::new();
    let mut state: Option<State<'a>> = None;
    let mut applied = 0;
    while applied < events.len() {
        let from = effect(events[applied]);
        while applied < events.len() && effect(events[applied]) == from {
            State::apply(&mut state, events[applied]);
            applied += 1;
        }
        let end = events.get(applied).map(|next| effect(next));
        let Some(state) = &state else { continue };
        let mut days = state.edges(rules);
        days.retain(|day| *day > from && end.is_none_or(|end| *day < end));
        days.push(from);
        days.sort_unstable();
        for day in days {
            let (status, cause) = state.judge(day, under_correction, rules);
            if stretches.last().is_none_or(|last| last.status != status) {
                stretches.push(Stretch { from: day, status, cause });
            }
        }
    }
    stretches
}

impl<'a> State<'a> {
    fn apply(state: &mut Option<Self>, event: &'a Event) {
        let Some(state) = state else {
            // Whatever else is first has nothing to work on.
            if let EventKind::Issued(terms) = event.kind {
                *state = Some(Self::issued(terms));
            }
            return;
        };
        match event.kind {
            EventKind::Issued(terms) | EventKind::Corrected(terms) => state.terms = terms,
            EventKind::Renewed(terms) => state.renew(terms, event.effective_on),
            EventKind::Reviewed { next_due_on } => state.terms.review_due_on = next_due_on,
            EventKind::Suspended => state.suspended = state.suspended.or(Some(event)),
            EventKind::Resumed => state.suspended = None,
            EventKind::Revoked => state.revoked = state.revoked.or(Some(event)),
            EventKind::RevokedAsPenalty => {
                state.revoked_as_penalty = state.revoked_as_penalty.or(Some(event))
            }
            EventKind::Cancelled => state.cancelled = state.cancelled.or(Some(event)),
            EventKind::TransferredOut => state.transferred = state.transferred.or(Some(event)),
            EventKind::TransferredIn => state.transferred = None,
            EventKind::Replaced => state.replaced = state.replaced.or(Some(event)),
        }
    }

    fn issued(terms: Terms) -> Self {
        Self {
            terms,
            before: None,
            revoked: None,
            revoked_as_penalty: None,
            cancelled: None,
            replaced: None,
            transferred: None,
            suspended: None,
        }
    }

    /// Renewed before the old terms end, the certificate stays good without a break and is no longer
    /// about to expire.
    fn renew(&mut self, terms: Terms, on: Date) {
        let old = self.held_on(on);
        let joined = old.valid_until.is_none_or(|end| end + Days::new(1) >= terms.valid_from);
        let before = if joined { Before::Joined { since: old.valid_from } } else { Before::Apart(old) };
        self.before = (terms.valid_from > on).then_some(before);
        self.terms = terms;
    }

    /// The terms that count on a day: those of before an early renewal while they last.
    fn held_on(&self, day: Date) -> Terms {
        match self.before {
            Some(Before::Joined { since }) if day < self.terms.valid_from => {
                Terms { valid_from: since, ..self.terms }
            }
            Some(Before::Apart(old)) if old.valid_until.is_some_and(|end| day <= end) => old,
            _ => self.terms,
        }
    }

    /// All days on which the status can change with no event.
    fn edges(&self, rules: &StatusRules) -> Vec<Date> {
        let after = |day: Option<Date>| day.and_then(|day| day.checked_add_days(Days::new(1)));
        let mut edges = Vec::with_capacity(10);
        let old = match self.before {
            Some(Before::Apart(old)) => Some(old),
            Some(Before::Joined { since }) => Some(Terms { valid_from: since, ..self.terms }),
            None => None,
        };
        for terms in std::iter::once(self.terms).chain(old) {
            edges.push(terms.valid_from);
            edges.extend(after(terms.valid_until));
            edges.extend(terms.valid_until.map(|end| window(end, rules.expiring_days)));
            edges.extend(after(terms.review_due_on));
            edges.extend(terms.review_due_on.map(|due| window(due, rules.review_due_days)));
        }
        edges
    }

    /// What an authority took away outranks what the calendar says, the graver the higher: 撤销
    /// (should never have been granted), 吊销 (taken as a penalty), 注销 (closed, often as the
    /// formal end of the two before), replaced, gone to another province, 暂扣. A pending
    /// correction puts in doubt only what would otherwise count as good.
    fn judge(&self, day: Date, under_correction: bool, rules: &StatusRules) -> (Status, Option<&'a Event>) {
        let decided = [
            (self.revoked, Status::Revoked),
            (self.revoked_as_penalty, Status::RevokedPenalty),
            (self.cancelled, Status::Cancelled),
            (self.replaced, Status::Replaced),
            (self.transferred, Status::TransferredOut),
            (self.suspended, Status::Suspended),
        ];
        if let Some((event, status)) = decided.into_iter().find(|(event, _)| event.is_some()) {
            return (status, event);
        }
        let status = by_calendar(&self.held_on(day), day, rules);
        if under_correction && status.in_force() { (Status::UnderCorrection, None) } else { (status, None) }
    }
}

fn by_calendar(terms: &Terms, day: Date, rules: &StatusRules) -> Status {
    if terms.valid_until.is_some_and(|end| end < day) {
        Status::Expired
    } else if terms.review_due_on.is_some_and(|due| due < day) {
        Status::ReviewOverdue
    } else if day < terms.valid_from {
        Status::NotYetValid
    } else if terms.valid_until.is_some_and(|end| window(end, rules.expiring_days) <= day) {
        Status::Expiring
    } else if terms.review_due_on.is_some_and(|due| window(due, rules.review_due_days) <= day) {
        Status::ReviewDue
    } else {
        Status::Valid
    }
}

/// First day of the window of so many days before a last day.
fn window(last: Date, days: u16) -> Date {
    last.checked_sub_days(Days::new(u64::from(days))).unwrap_or(Date::MIN)
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
