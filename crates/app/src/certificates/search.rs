use crate::{
    App, Call, Error,
    audit::{Audited, Entry},
    certificates::status_when,
    jobs::follower,
};
use domain::{
    Date, Instant,
    access::{Action, Permit, Scope, Wish, decide},
    certificate::Certificate,
    mask::{self, Clues, MaskedCertificate},
    query::{Cursor, Facet, Page, SearchQuery, Text},
    verdict::Reason,
};
use readmodel::{Explanation, Highlight, SearchResult};
use std::sync::Arc;

/// One page of what the caller may see.
#[derive(Debug)]
pub struct SearchPage {
    pub items: Vec<MaskedCertificate>,
    /// Which fields of each row matched, in the order of `items`.
    pub highlights: Vec<Vec<Highlight>>,
    pub total: u64,
    /// Nothing matched as asked; these match with a mistake forgiven or a number completed.
    pub similar: bool,
    pub facets: Vec<(Facet, Vec<(String, u64)>)>,
    pub next: Option<Cursor>,
    /// Why nothing was found, and what is near.
    pub explanation: Option<Explanation>,
    /// Rows near an empty result, masked like any other.
    pub nearest: Vec<MaskedCertificate>,
    /// Up to when the answer knows the registry.
    pub as_of: Instant,
    /// Why it may be out of date.
    pub reasons: Vec<Reason>,
    /// The oldest time at which one of the rows was confirmed by its source.
    pub source_synced_at: Option<Instant>,
}

/// Searches within what the caller may see.
pub async fn search(app: &App, call: &Call, query: Arc<SearchQuery>) -> Audited<Box<SearchPage>> {
    let mut entry = Entry::new("certificate.search");
    entry.keywords(describe(&query));
    let answer = answer(app, call, query, &mut entry).await;
    app.audit.record(call, entry, answer).await
}

async fn answer(
    app: &App,
    call: &Call,
    mut query: Arc<SearchQuery>,
    entry: &mut Entry,
) -> Result<Box<SearchPage>, Error> {
    let permit = permit(app, call, &query)?;
    if !app.readmodel.is_ready() {
        return Err(Error::Rebuilding);
    }
    let on = query.on.unwrap_or_else(|| app.today());
    let (result, related) = match exact_number(app, &permit, &query) {
        Some(found) => found,
        None => {
            let likeness =
                decide(&app.matrix, &call.principal, Action::FuzzyNameSearch, Wish::Default, call.now);
            Arc::make_mut(&mut query).exact_names = likeness.is_err();
            let result = in_index(app, permit.scope.clone(), query).await?;
            let related = app.readmodel.beside(&permit.scope, &result.rows)?;
            (result, related)
        }
    };
    let mut page = present(app, &permit, result, related, on)?;
    page.reasons.extend(follower::lagging(page.as_of, call.now));
    if app.readmodel.withholds()? {
        page.reasons.push(Reason::ServiceDegraded);
    }
    let shown = page.items.iter().chain(&page.nearest);
    entry.count(page.items.len()).shows(shown.map(|row| (row.id, row.region.as_str())));
    Ok(page)
}

/// Each kind of condition has its own line in the matrix; the narrowest permit counts.
fn permit(app: &App, call: &Call, query: &SearchQuery) -> Result<Permit, Error> {
    let now = call.now;
    let holds_id = |text: &Option<Text>| {
        let text = text.as_ref().map_or("", Text::as_str);
        domain::text::is_id_number(text) || domain::number::embeds_id(text).is_some()
    };
    if query.id_number.is_some() || holds_id(&query.q) || holds_id(&query.number) {
        decide(&app.matrix, &call.principal, Action::SearchByIdNumber, Wish::Default, now)?;
    }
    Ok(decide(&app.matrix, &call.principal, Action::ResultList, Wish::Default, now)?)
}

/// The commonest question, answered from the record store alone. A number that finds nothing goes
/// on to the index, which knows prefixes and typing errors.
fn exact_number(app: &App, permit: &Permit, query: &SearchQuery) -> Option<(SearchResult, Vec<Clues>)> {
    let number = query.only_number()?;
    // In this order: what is found is at least as new as it says.
    let position = app.readmodel.position();
    let found = app.readmodel.find_by_number(&permit.scope, number.as_str()).ok()?;
    if found.bearing.is_empty() || found.bearing.len() > usize::from(query.page.size()) {
        return None;
    }
    Some((SearchResult::of_exact_number(found.bearing, query.sort, position), found.related))
}

async fn in_index(app: &App, scope: Scope, query: Arc<SearchQuery>) -> Result<SearchResult, Error> {
    let readmodel = app.readmodel.clone();
    let today = app.today();
    app.searches
        .run(move || readmodel.search(&query, &scope, today))
        .await
        .map_err(|overloaded| Error::Overloaded { retry_after_s: overloaded.retry_after_s() })?
        .map_err(Error::from)
}

fn present(
    app: &App,
    permit: &Permit,
    result: SearchResult,
    related: Vec<Clues>,
    on: Date,
) -> Result<Box<SearchPage>, Error> {
    let nearest = match &result.explanation {
        Some(explanation) => {
            let nearest = &explanation.nearest;
            masked(app, permit, nearest, app.readmodel.beside(&permit.scope, nearest)?, on)
        }
        None => Vec::new(),
    };
    Ok(Box::new(SearchPage {
        items: masked(app, permit, &result.rows, related, on),
        highlights: result.highlights,
        total: result.total,
        similar: result.approximate,
        facets: result.facets,
        next: result.next,
        nearest,
        explanation: result.explanation,
        as_of: result.position.as_of,
        reasons: Vec::new(),
        source_synced_at: result.rows.iter().map(|certificate| certificate.source.synced_at).min(),
    }))
}

/// Rows judged together with the related ones.
fn masked(
    app: &App,
    permit: &Permit,
    certificates: &[Certificate],
    related: Vec<Clues>,
    on: Date,
) -> Vec<MaskedCertificate> {
    let known = app.today();
    let with_status: Vec<_> = certificates
        .iter()
        .filter_map(|certificate| Some((certificate, status_when(app, certificate, on, known)?)))
        .collect();
    let lines: Vec<_> = with_status.iter().map(|(certificate, status)| (*certificate, status)).collect();
    mask::rows(&lines, related, &permit.fields)
}

/// The conditions as the audit keeps them (sealed).
fn describe(query: &SearchQuery) -> String {
    let mut words = Vec::new();
    let texts = [
        ("q", &query.q),
        ("number", &query.number),
        ("id_number", &query.id_number),
        ("name", &query.name),
        ("organisation", &query.organisation),
        ("issuer", &query.issuer),
    ];
    for (field, text) in texts {
        if let Some(text) = text {
            words.push(format!("{field}={}", text.as_str()));
        }
    }
    for (field, values) in [("type", &query.types), ("item", &query.items), ("category", &query.categories)] {
        if !values.is_empty() {
            words.push(format!("{field}={}", values.join(",")));
        }
    }
    for (field, value) in [("region", &query.region), ("industry", &query.industry)] {
        if let Some(value) = value {
            words.push(format!("{field}={value}"));
        }
    }
    for (field, range) in
        [("issued", query.issued), ("valid_until", query.valid_until), ("review_due", query.review_due)]
    {
        if !range.is_unbounded() {
            let end = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
            words.push(format!("{field}={}..{}", end(range.from), end(range.to)));
        }
    }
    if let Some(on) = query.on {
        words.push(format!("on={on}"));
    }
    match &query.page {
        Page::Numbered { number: 1, .. } => {}
        Page::Numbered { number, .. } => words.push(format!("page={number}")),
        Page::After { cursor, .. } => words.push(format!("after={}", cursor.to_text())),
    }
    if !query.statuses.is_empty() {
        let codes: Vec<_> = query.statuses.iter().map(|status| status.code()).collect();
        words.push(format!("status={}", codes.join(",")));
    }
    words.join(" ")
}
