use super::query::{SearchIn, SearchParams, facet_code};
use crate::http::{
    body::{Body, Params},
    caller::Caller,
    json::Json,
    problem::{Problem, ProblemBody},
    schema::CertificateRow,
};
use app::certificates::{self, SearchPage};
use domain::{Instant, mask::MaskedCertificate, verdict::Reason};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use utoipa::ToSchema;

#[derive(Serialize, ToSchema)]
pub struct SearchOut {
    #[schema(value_type = Vec<CertificateRow>)]
    items: Vec<MaskedCertificate>,
    /// For each row, the fields that matched.
    highlights: Vec<Vec<HighlightOut>>,
    total: TotalOut,
    /// Nothing is written as asked: these rows match with a mistake forgiven or a number completed.
    similar: bool,
    facets: BTreeMap<&'static str, Vec<FacetOut>>,
    page: PageOut,
    /// Present when nothing was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    nothing_found: Option<NothingFoundOut>,
    /// Up to when the answer knows the registry.
    #[schema(value_type = String, format = DateTime)]
    as_of: Instant,
    /// `source_lagging` when the registry has not been heard of for more than five seconds,
    /// `service_degraded` when rows of it cannot be read and may be missing here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>)]
    reasons: Vec<Reason>,
    /// The oldest time at which one of the rows was confirmed by its source.
    #[schema(value_type = Option<String>, format = DateTime)]
    source_synced_at: Option<Instant>,
}

#[derive(Serialize, ToSchema)]
struct HighlightOut {
    field: &'static str,
    /// Character positions in the shown text; absent where the text is masked.
    #[serde(skip_serializing_if = "Option::is_none")]
    range: Option<[usize; 2]>,
}

#[derive(Serialize, ToSchema)]
struct TotalOut {
    value: u64,
    /// Whether the rows were counted or estimated. They are always counted.
    exact: bool,
}

#[derive(Serialize, ToSchema)]
struct FacetOut {
    value: String,
    count: u64,
}

#[derive(Serialize, ToSchema)]
struct PageOut {
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    size: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

#[derive(Serialize, ToSchema)]
struct NothingFoundOut {
    /// Conditions without which something would be found.
    without: Vec<&'static str>,
    /// Where no single one helps: conditions that nothing you may see meets, each by itself.
    unmet: Vec<&'static str>,
    /// Words of `q`, where it has several, without which something would be found; where no single one
    /// helps, those that nothing you may see meets, each by itself.
    words: Vec<String>,
    /// The nearest certificates inside what you may see: all but one of the conditions or words are
    /// met, or one of them only loosely (the same sound, two wrong characters, part of a name).
    #[schema(value_type = Vec<CertificateRow>)]
    nearest: Vec<MaskedCertificate>,
}

/// Search certificates.
///
/// What you may see is applied inside the search: totals, facets and pages count nothing else.
#[utoipa::path(post, path = "/api/v1/certificates/search", tag = "certificates", request_body = SearchIn,
    responses((status = 200, body = SearchOut), (status = 400, body = ProblemBody), (status = 403, body = ProblemBody),
        (status = 503, body = ProblemBody)))]
pub async fn search(Body(caller, body): Body<SearchIn>) -> Result<Json<SearchOut>, Problem> {
    answer(caller, body).await
}

/// Search by conditions that may stand in an address.
///
/// ID numbers, names and numbers that hold an ID number are refused here: use POST.
#[utoipa::path(get, path = "/api/v1/certificates/search", tag = "certificates", params(SearchParams),
    responses((status = 200, body = SearchOut), (status = 400, body = ProblemBody)))]
pub async fn search_by_address(
    Params(caller, params): Params<SearchParams>,
) -> Result<Json<SearchOut>, Problem> {
    match params.into_body() {
        Ok(body) => answer(caller, Box::new(body)).await,
        Err(error) => Err(caller.refuse("certificate.search", error).await),
    }
}

async fn answer(caller: Caller, body: Box<SearchIn>) -> Result<Json<SearchOut>, Problem> {
    let (number, size) = (body.page, body.page_size.unwrap_or(10));
    let number = if body.cursor.is_some() { None } else { Some(number.unwrap_or(1).max(1)) };
    let query = match body.into_query(&caller.app) {
        Ok(query) => Arc::new(query),
        Err(error) => return Err(caller.refuse("certificate.search", error).await),
    };
    let page = caller.release(certificates::search(&caller.app, &caller.call, query).await)?;
    Ok(Json(out(*page, number, size)))
}

fn out(page: SearchPage, number: Option<u32>, size: u16) -> SearchOut {
    let highlights = page
        .highlights
        .iter()
        .map(|row| row.iter().map(|hit| HighlightOut { field: hit.field, range: hit.range }).collect())
        .collect();
    let nothing_found = page.explanation.map(|explanation| NothingFoundOut {
        without: explanation.without,
        unmet: explanation.unmet,
        words: explanation.words,
        nearest: page.nearest,
    });
    SearchOut {
        items: page.items,
        highlights,
        total: TotalOut { value: page.total, exact: true },
        similar: page.similar,
        facets: page
            .facets
            .into_iter()
            .map(|(facet, counts)| {
                let counts = counts.into_iter().map(|(value, count)| FacetOut { value, count }).collect();
                (facet_code(facet), counts)
            })
            .collect(),
        page: PageOut { number, size, next_cursor: page.next.map(|cursor| cursor.to_text()) },
        nothing_found,
        as_of: page.as_of,
        reasons: page.reasons,
        source_synced_at: page.source_synced_at,
    }
}
