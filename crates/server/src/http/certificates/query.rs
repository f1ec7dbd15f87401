//! The search conditions as they come over the wire, and the query they make.

use app::{App, Error};
use domain::{
    Date,
    lifecycle::Status,
    query::{Cursor, DateRange, Facet, Page, SearchQuery, Sort, SortKey, Text},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Conditions of a search, all joined by AND; the values of one list by OR.
#[derive(Deserialize, Default, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct SearchIn {
    /// Number, name, pinyin or organisation: the box that takes anything. Of several words each says
    /// something, and may also name a place, a type or an item: `张伟 济南`.
    pub q: Option<String>,
    /// Certificate number: exact; its beginning; or with one typing error where it holds no ID number.
    pub number: Option<String>,
    /// ID number, exact.
    pub id_number: Option<String>,
    /// Holder's name, one character of which may be wrong or missing; full pinyin; initials.
    pub name: Option<String>,
    /// Part of the organisation's name, or its unified social credit code.
    pub organisation: Option<String>,
    #[serde(rename = "type")]
    pub types: Vec<String>,
    #[serde(rename = "item")]
    pub items: Vec<String>,
    #[serde(rename = "category")]
    pub categories: Vec<String>,
    pub issuer: Option<String>,
    /// Six-digit region code; stands for everything under it.
    pub region: Option<String>,
    pub industry: Option<String>,
    #[serde(rename = "status")]
    pub statuses: Vec<String>,
    /// The day on which the status is asked for; today unless given.
    #[schema(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
    pub issued: RangeIn,
    pub valid_until: RangeIn,
    pub review_due: RangeIn,
    /// `valid_until`, `issued_on` or `review_due_on`, with `-` in front for the latest first.
    pub sort: Option<String>,
    pub page: Option<u32>,
    /// 10, 20, 50 or 100.
    pub page_size: Option<u16>,
    /// `next_cursor` of an earlier answer, for reading on without end.
    pub cursor: Option<String>,
    /// `status`, `type`, `region`, `expiry_month`.
    pub facets: Vec<String>,
}

/// Both days included.
#[derive(Deserialize, Serialize, Default, Clone, Copy, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct RangeIn {
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<Date>,
    #[schema(value_type = Option<String>, format = Date)]
    pub to: Option<Date>,
}

/// The conditions that may stand in an address: nothing personal. Several values of one are separated
/// by commas.
#[derive(Deserialize, Default, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct SearchParams {
    /// Certificate number that holds no ID number.
    pub number: Option<String>,
    pub organisation: Option<String>,
    pub r#type: Option<String>,
    pub item: Option<String>,
    pub category: Option<String>,
    pub issuer: Option<String>,
    pub region: Option<String>,
    pub industry: Option<String>,
    pub status: Option<String>,
    /// The day on which the status is asked for; today unless given.
    #[param(value_type = Option<String>, format = Date)]
    pub on: Option<Date>,
    /// Issued on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    pub issued_from: Option<Date>,
    /// Issued on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    pub issued_to: Option<Date>,
    /// Valid until this day or longer.
    #[param(value_type = Option<String>, format = Date)]
    pub valid_until_from: Option<Date>,
    /// Valid until this day at the latest.
    #[param(value_type = Option<String>, format = Date)]
    pub valid_until_to: Option<Date>,
    /// The next review is due on this day or later.
    #[param(value_type = Option<String>, format = Date)]
    pub review_due_from: Option<Date>,
    /// The next review is due on this day or earlier.
    #[param(value_type = Option<String>, format = Date)]
    pub review_due_to: Option<Date>,
    pub sort: Option<String>,
    pub page: Option<u32>,
    pub page_size: Option<u16>,
    pub cursor: Option<String>,
    pub facets: Option<String>,
}

impl SearchParams {
    pub fn into_body(self) -> Result<SearchIn, Error> {
        let texts = [
            &self.number,
            &self.organisation,
            &self.r#type,
            &self.item,
            &self.category,
            &self.issuer,
            &self.region,
            &self.industry,
            &self.status,
            &self.sort,
            &self.cursor,
            &self.facets,
        ];
        if texts.into_iter().flatten().any(|text| domain::number::embeds_id(text).is_some()) {
            return Err(Error::UsePost);
        }
        let list = |values: Option<String>| -> Vec<String> {
            values.iter().flat_map(|values| values.split(',')).map(str::to_owned).collect()
        };
        Ok(SearchIn {
            number: self.number,
            organisation: self.organisation,
            types: list(self.r#type),
            items: list(self.item),
            categories: list(self.category),
            issuer: self.issuer,
            region: self.region,
            industry: self.industry,
            statuses: list(self.status),
            on: self.on,
            issued: RangeIn { from: self.issued_from, to: self.issued_to },
            valid_until: RangeIn { from: self.valid_until_from, to: self.valid_until_to },
            review_due: RangeIn { from: self.review_due_from, to: self.review_due_to },
            sort: self.sort,
            page: self.page,
            page_size: self.page_size,
            cursor: self.cursor,
            facets: list(self.facets),
            ..SearchIn::default()
        })
    }
}

impl SearchIn {
    pub fn into_query(self, app: &App) -> Result<SearchQuery, Error> {
        check_codes(app, &self)?;
        Ok(SearchQuery {
            q: text("q", self.q)?,
            number: text("number", self.number)?,
            id_number: text("id_number", self.id_number)?,
            name: text("name", self.name)?,
            organisation: text("organisation", self.organisation)?,
            types: self.types,
            items: self.items,
            categories: self.categories,
            issuer: text("issuer", self.issuer)?,
            region: self.region,
            industry: self.industry,
            statuses: statuses(&self.statuses)?,
            on: self.on,
            issued: range(self.issued)?,
            valid_until: range(self.valid_until)?,
            review_due: range(self.review_due)?,
            sort: sort(self.sort.as_deref())?,
            page: page(self.page, self.page_size, self.cursor.as_deref())?,
            facets: facets(&self.facets)?,
            ..SearchQuery::default()
        })
    }
}

fn check_codes(app: &App, search: &SearchIn) -> Result<(), Error> {
    let catalogue = &app.catalogue;
    for (field, values, known) in [
        (
            "type",
            &search.types,
            &(|code: &str| catalogue.type_by_code(code).is_some()) as &dyn Fn(&str) -> bool,
        ),
        ("item", &search.items, &|code: &str| catalogue.item_by_code(code).is_some()),
        ("category", &search.categories, &|code: &str| catalogue.categories().iter().any(|c| c.code == code)),
    ] {
        if values.len() > 50 {
            return Err(Error::field(field, "too_many_values"));
        }
        if values.iter().any(|value| !known(value)) {
            return Err(Error::field(field, "code_unknown"));
        }
    }
    if search.region.as_deref().is_some_and(|code| !catalogue.regions().is_known_ever(code)) {
        return Err(Error::field("region", "code_unknown"));
    }
    if search.industry.as_deref().is_some_and(|code| catalogue.industry_by_code(code).is_none()) {
        return Err(Error::field("industry", "code_unknown"));
    }
    Ok(())
}

fn text(field: &'static str, value: Option<String>) -> Result<Option<Text>, Error> {
    match value.as_deref().map(str::trim) {
        None | Some("") => Ok(None),
        Some(value) => Text::new(value).map(Some).map_err(|_| Error::field(field, "text_invalid")),
    }
}

fn statuses(codes: &[String]) -> Result<Vec<Status>, Error> {
    codes
        .iter()
        .map(|code| {
            let status = Status::ALL.into_iter().find(|status| status.code() == code);
            status.ok_or(Error::field("status", "code_unknown"))
        })
        .collect()
}

fn range(range: RangeIn) -> Result<DateRange, Error> {
    Ok(DateRange::new(range.from, range.to)?)
}

fn sort(text: Option<&str>) -> Result<Sort, Error> {
    let Some(text) = text else { return Ok(Sort::default()) };
    let (descending, key) = text.strip_prefix('-').map_or((false, text), |key| (true, key));
    let key = match key {
        "valid_until" => SortKey::ValidUntil,
        "issued_on" => SortKey::IssuedOn,
        "review_due_on" => SortKey::ReviewDueOn,
        _ => return Err(Error::field("sort", "code_unknown")),
    };
    Ok(Sort { key, descending })
}

fn page(number: Option<u32>, size: Option<u16>, cursor: Option<&str>) -> Result<Page, Error> {
    let size = size.unwrap_or(10);
    match cursor {
        None => Ok(Page::numbered(number.unwrap_or(1), size)?),
        Some(cursor) => {
            let cursor = Cursor::from_text(cursor).ok_or(Error::field("cursor", "cursor_invalid"))?;
            Ok(Page::after(cursor, size)?)
        }
    }
}

fn facets(codes: &[String]) -> Result<Vec<Facet>, Error> {
    codes
        .iter()
        .map(|code| match code.as_str() {
            "status" => Ok(Facet::Status),
            "type" => Ok(Facet::Type),
            "region" => Ok(Facet::Region),
            "expiry_month" => Ok(Facet::ExpiryMonth),
            _ => Err(Error::field("facets", "code_unknown")),
        })
        .collect()
}

/// The code of a facet, as in the answer.
pub fn facet_code(facet: Facet) -> &'static str {
    match facet {
        Facet::Status => "status",
        Facet::Type => "type",
        Facet::Region => "region",
        Facet::ExpiryMonth => "expiry_month",
    }
}
