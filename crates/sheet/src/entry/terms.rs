//! Dates, issuer, region, and what else the row tells of the certificate.

use super::{
    Part,
    dates::Dates,
    day::{Day, Edge},
    reading::Row,
};
use crate::{cell::Cell, layout::Field, problem::ProblemCode};
use domain::{
    Date,
    catalogue::{CertificateType, Region},
    certificate::{Terms, Training},
    lifecycle::end_of_validity,
    text::comparison_key,
};

/// When a certificate ends, as far as the row says.
#[derive(Clone, Copy)]
enum End {
    Unsaid,
    Never,
    On(Date),
    After { years: u16 },
}

/// What the date columns of one certificate say together.
struct Said {
    issued: Option<Date>,
    from: Option<Date>,
    end: End,
    /// The column that tells the end.
    end_field: Field,
    review: Option<Date>,
}

/// The dates of one certificate; `None` when one is missing, unreadable or contradicts another.
pub(super) fn terms(row: &mut Row, kind: &CertificateType, part: Part) -> Option<Terms> {
    let said = said(row, part)?;
    let (issued_on, valid_from) = match (said.issued, said.from) {
        (Some(issued), Some(from)) => (issued, from),
        (Some(issued), None) => {
            row.derive(Field::ValidFrom);
            (issued, issued)
        }
        (None, Some(from)) => {
            row.derive(Field::IssuedOn);
            (from, from)
        }
        (None, None) => {
            row.report(ProblemCode::IssuedOnMissing, Field::IssuedOn);
            return None;
        }
    };
    let valid_until = match said.end {
        End::On(day) => Some(day),
        End::After { years } => {
            row.derive(Field::ValidUntil);
            end_of_validity(valid_from, years)
        }
        End::Never => {
            if kind.validity_years.is_some() {
                row.report(ProblemCode::OpenEnded, said.end_field);
            }
            None
        }
        End::Unsaid if kind.validity_years.is_some() => {
            row.report(ProblemCode::ValidUntilMissing, said.end_field);
            return None;
        }
        End::Unsaid => {
            row.derive(Field::ValidUntil);
            None
        }
    };
    let terms = Terms { issued_on, valid_from, valid_until, review_due_on: said.review };
    let contradiction = contradiction(&terms, said.end_field);
    match contradiction {
        Some((code, field)) => row.report(code, field),
        None => compare_with_rules(row, kind, &terms, said.end_field),
    }
    contradiction.is_none().then_some(terms)
}

/// What is possible, but not as the rules of the type have it.
fn compare_with_rules(row: &mut Row, kind: &CertificateType, terms: &Terms, end_field: Field) {
    if kind.is_too_long(terms) {
        row.report(ProblemCode::ValidityTooLong, end_field);
    }
    if let (None, Some(first)) = (terms.review_due_on, kind.first_review(terms)) {
        let problem = row.problem(ProblemCode::ReviewComputed, Field::ReviewDueOn);
        row.report_as(problem.with("day", first.to_string()));
    }
}

fn contradiction(terms: &Terms, end_field: Field) -> Option<(ProblemCode, Field)> {
    let end = terms.valid_until;
    if end.is_some_and(|end| end < terms.issued_on || end < terms.valid_from) {
        return Some((ProblemCode::EndsBeforeIssue, end_field));
    }
    let review = terms.review_due_on?;
    if end.is_some_and(|end| review > end) {
        return Some((ProblemCode::ReviewAfterEnd, Field::ReviewDueOn));
    }
    (review < terms.issued_on).then_some((ProblemCode::ReviewBeforeIssue, Field::ReviewDueOn))
}

fn said(row: &mut Row, part: Part) -> Option<Said> {
    // All four are read before giving up, so that all that is wrong is said at once.
    let issued = read(row, Field::IssuedOn, Edge::First, part);
    let from = read(row, Field::ValidFrom, Edge::First, part);
    let until = read(row, Field::ValidUntil, Edge::Last, part);
    let validity = read(row, Field::Validity, Edge::Last, part);
    let review = read(row, Field::ReviewDueOn, Edge::Last, part);
    let (issued, from, until, validity, review) = (issued?, from?, until?, validity?, review?);
    let mut said =
        Said { issued: None, from: None, end: End::Unsaid, end_field: Field::ValidUntil, review: None };
    said.issued = first_day(issued);
    said.from = first_day(from);
    // A range can stand in any of the columns.
    for (dates, field) in [
        (until, Field::ValidUntil),
        (validity, Field::Validity),
        (from, Field::ValidFrom),
        (issued, Field::IssuedOn),
    ] {
        let range = matches!(dates, Dates::Range(..));
        if matches!(said.end, End::Unsaid) && (range || matches!(field, Field::ValidUntil | Field::Validity))
        {
            said.end = end(dates);
            if !matches!(said.end, End::Unsaid) {
                said.end_field = field;
            }
        }
        if let Dates::Range(first, _) = dates {
            said.from = said.from.or(Some(first.date));
        }
    }
    said.review = match review {
        Dates::Day(day) => Some(day.date),
        Dates::Blank | Dates::OpenEnded => None,
        Dates::Range(..) | Dates::Years(_) => {
            row.report(ProblemCode::DateUnreadable, Field::ReviewDueOn);
            return None;
        }
    };
    Some(said)
}

fn first_day(dates: Dates) -> Option<Date> {
    match dates {
        Dates::Day(day) | Dates::Range(day, _) => Some(day.date),
        Dates::Blank | Dates::OpenEnded | Dates::Years(_) => None,
    }
}

fn end(dates: Dates) -> End {
    match dates {
        Dates::Blank => End::Unsaid,
        Dates::OpenEnded | Dates::Range(_, None) => End::Never,
        Dates::Day(day) | Dates::Range(_, Some(day)) => End::On(day.date),
        Dates::Years(years) => End::After { years },
    }
}

/// Reads a date column and reports what is wrong with it or had to be assumed.
fn read(row: &mut Row, field: Field, edge: Edge, part: Part) -> Option<Dates> {
    let cell = piece(row.cell(field), part);
    let dates = match row.dates(&cell, edge) {
        Ok(dates) => dates,
        Err(code) => {
            row.report(code, field);
            return None;
        }
    };
    let days: [Option<Day>; 2] = match dates {
        Dates::Day(day) => [Some(day), None],
        Dates::Range(first, last) => [Some(first), last],
        Dates::Blank | Dates::OpenEnded | Dates::Years(_) => [None, None],
    };
    for doubt in days.into_iter().flatten().filter_map(|day| day.doubt) {
        row.report(doubt, field);
    }
    Some(dates)
}

/// The date of one certificate where a cell holds one for each.
fn piece(cell: &Cell, part: Part) -> Cell {
    if let Cell::Text(text) = cell
        && part.of > 1
    {
        let pieces: Vec<&str> =
            text.split(['、', '；', ';', '\n']).filter(|piece| !piece.trim().is_empty()).collect();
        if pieces.len() == part.of {
            return Cell::Text(pieces[part.index - 1].to_owned());
        }
    }
    cell.clone()
}

pub(super) fn issuer(row: &mut Row) -> Option<String> {
    let issuer = row.phrase(Field::Issuer).or_else(|| row.reader.mapping.defaults.issuer.clone());
    if issuer.is_none() {
        row.report(ProblemCode::IssuerMissing, Field::Issuer);
    }
    issuer
}

/// The region written in the row, else the one the issuer's name begins with, else the default of
/// the file, else the one the organisation's name begins with.
pub(super) fn region(row: &mut Row, issuer: Option<&str>, organisation: Option<&str>) -> Option<String> {
    let reader = row.reader;
    let regions = reader.catalogue.regions();
    if let Some(text) = row.phrase(Field::Region) {
        let code = text.trim();
        let known: Vec<&Region> = match regions.get(code) {
            Some(region) => vec![region],
            None => regions.by_name(code),
        };
        let codes: Vec<&str> = known.iter().map(|region| region.code.as_str()).collect();
        match (&codes[..], regions.leading(code)) {
            ([only], _) => return Some((*only).to_owned()),
            ([], Some(region)) => return Some(region.code.clone()),
            ([], None) => row.report(ProblemCode::RegionUnknown, Field::Region),
            (several, _) => {
                let problem = row.problem(ProblemCode::RegionAmbiguous, Field::Region);
                row.report_as(problem.with("candidates", several.join(", ")));
            }
        }
        return None;
    }
    let leading = |name: Option<&str>| Some(regions.leading(name?)?.code.clone());
    let derived =
        leading(issuer).or_else(|| reader.mapping.defaults.region.clone()).or_else(|| leading(organisation));
    match derived {
        Some(_) => row.derive(Field::Region),
        None => row.report(ProblemCode::RegionMissing, Field::Region),
    }
    derived
}

pub(super) fn industry(row: &mut Row) -> Option<String> {
    let text = row.phrase(Field::Industry)?;
    let key = comparison_key(&text);
    let mut industries = row.reader.catalogue.industries().iter();
    let found = industries
        .find(|industry| comparison_key(&industry.code) == key || comparison_key(&industry.name) == key);
    if found.is_none() {
        row.report(ProblemCode::IndustryUnknown, Field::Industry);
    }
    found.map(|industry| industry.code.clone())
}

/// A course with its hours and day; an incomplete one is left out.
pub(super) fn training(row: &mut Row) -> Option<Training> {
    let (course, provider) = (row.phrase(Field::TrainingCourse), row.phrase(Field::TrainingProvider));
    let hours = row.text(Field::TrainingHours);
    let day = row.dates(row.cell(Field::TrainedOn), Edge::First);
    let untold = course.is_none() && provider.is_none() && hours.is_none() && day == Ok(Dates::Blank);
    if untold {
        return None;
    }
    let hours =
        hours.and_then(|hours| hours.trim_end_matches(['h', '学', '课', '时', '小']).trim().parse().ok());
    match (hours, day) {
        (Some(hours), Ok(Dates::Day(day))) if course.is_some() || provider.is_some() => Some(Training {
            course: course.unwrap_or_default(),
            provider: provider.unwrap_or_default(),
            hours,
            completed_on: day.date,
            // The certificate was granted on it.
            passed: true,
        }),
        _ => {
            row.report(ProblemCode::TrainingIncomplete, Field::TrainingHours);
            None
        }
    }
}

/// A certificate that the roster calls withdrawn must not come in as one in force. `过期` and the
/// like follow from the dates.
pub(super) fn check_status(row: &mut Row) {
    let withdrawn = [
        "注销",
        "撤销",
        "吊销",
        "暂扣",
        "转出",
        "作废",
        "停用",
        "revoked",
        "suspended",
        "cancelled",
        "canceled",
        "取消",
        "停止",
    ];
    let status = row.text(Field::Status).map(|status| status.to_lowercase());
    if status.is_some_and(|status| withdrawn.iter().any(|word| status.contains(word))) {
        row.report(ProblemCode::StatusNotInForce, Field::Status);
    }
}
