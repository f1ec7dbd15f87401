//! The kind of certificate, its item and its number.

use super::{Part, holder::Identity, reading::Row};
use crate::{layout::Field, problem::ProblemCode};
use domain::{
    catalogue::{Candidate, CertificateType},
    number::{certificate_number, citizen_id, embeds_id},
};

/// What stands between several certificates in one cell.
const BETWEEN: [char; 8] = ['、', '，', ',', '；', ';', '/', '\n', '+'];
/// The same for numbers, in which a line break is dirt.
const BETWEEN_NUMBERS: [char; 5] = ['、', '，', ',', '；', ';'];
/// A type whose pattern accepts this has no form of number that could tell it from others.
const NO_NUMBER: &str = "没有编号";

/// One certificate of a row.
pub(super) struct Kind<'a> {
    pub kind: &'a CertificateType,
    pub item: Option<String>,
}

/// The kinds of the certificates in a row; `None` when one cannot be told.
pub(super) fn kinds<'a>(row: &mut Row<'a>) -> Option<Vec<Kind<'a>>> {
    let meanings = meanings(row)?;
    let of = meanings.len();
    let mut kinds = Vec::with_capacity(of);
    for (index, candidates) in meanings.iter().enumerate() {
        kinds.push(decide(row, candidates, Part { index: index + 1, of }));
    }
    kinds.into_iter().collect()
}

/// What the columns of type and item can mean: the candidates of each certificate.
fn meanings(row: &mut Row) -> Option<Vec<Vec<Candidate>>> {
    let (type_text, item_text) = (row.text(Field::Type), row.text(Field::Item));
    let types = match &type_text {
        Some(text) => match read(row, text) {
            Some(types) => types,
            None => return unknown(row, ProblemCode::TypeUnknown, Field::Type),
        },
        None => default_type(row).map(|candidate| vec![vec![candidate]]).unwrap_or_default(),
    };
    let Some(item_text) = item_text else {
        if types.is_empty() {
            return unknown(row, ProblemCode::TypeMissing, Field::Type);
        }
        return Some(types);
    };
    let items = read(row, &item_text);
    match (types.len(), items) {
        (0, Some(items)) => Some(items),
        (0, None) => unknown(row, ProblemCode::TypeUnknown, Field::Item),
        (_, None) if types.iter().flatten().any(|candidate| has_items(row, candidate)) => {
            unknown(row, ProblemCode::ItemUnknown, Field::Item)
        }
        (_, None) => Some(types),
        (1, Some(items)) => items.iter().map(|item| within(row, &types[0], item)).collect(),
        (count, Some(items)) if count == items.len() => {
            types.iter().zip(&items).map(|(kind, item)| within(row, kind, item)).collect()
        }
        _ => unknown(row, ProblemCode::PartsMismatch, Field::Item),
    }
}

fn unknown<T>(row: &mut Row, code: ProblemCode, field: Field) -> Option<T> {
    row.report(code, field);
    None
}

fn default_type(row: &mut Row) -> Option<Candidate> {
    let decided = row.reader.mapping.defaults.type_code.as_deref();
    let type_code = decided.or(row.reader.layout.type_code.as_deref())?.to_owned();
    row.derive(Field::Type);
    Some(Candidate { type_code, item: None })
}

/// The meanings of a cell, one for each certificate in it. A name that holds the separator itself
/// (高处安装、维护、拆除作业) is tried whole first.
fn read(row: &Row, text: &str) -> Option<Vec<Vec<Candidate>>> {
    let look_up = |word: &str| {
        let word = word.trim_matches(crate::cell::is_invisible);
        let candidates = row.catalogue().candidates(row.reader.mapping.word(word));
        (!candidates.is_empty()).then(|| candidates.to_vec())
    };
    if let Some(whole) = look_up(text) {
        return Some(vec![whole]);
    }
    let ends: Vec<usize> = text.match_indices(BETWEEN).map(|(at, _)| at).chain([text.len()]).collect();
    let mut start = 0;
    let mut meanings = Vec::new();
    while start < text.len() {
        let longest = ends.iter().rev().filter(|&&end| end > start);
        let (end, meaning) = longest.copied().find_map(|end| Some((end, look_up(&text[start..end])?)))?;
        meanings.push(meaning);
        start = end + text[end..].chars().next().map_or(0, char::len_utf8);
    }
    Some(meanings)
}

fn has_items(row: &Row, candidate: &Candidate) -> bool {
    let kind = row.catalogue().type_by_code(&candidate.type_code);
    let scheme = kind.and_then(|kind| kind.item_scheme.as_deref());
    scheme.is_some_and(|scheme| row.catalogue().items(scheme).next().is_some())
}

/// The meanings of an item that fit one of the types. An item column filled in for a type without
/// items is left aside.
fn within(row: &mut Row, types: &[Candidate], items: &[Candidate]) -> Option<Vec<Candidate>> {
    let fits = |item: &&Candidate| types.iter().any(|kind| kind.type_code == item.type_code);
    let fitting: Vec<Candidate> = items.iter().filter(fits).cloned().collect();
    if !fitting.is_empty() {
        // A group, such as electrical work, says less than the type column may say already.
        let told =
            types.iter().any(|kind| kind.item.is_some()) && fitting.iter().all(|item| item.item.is_none());
        return Some(if told { types.to_vec() } else { fitting });
    }
    if types.iter().any(|kind| has_items(row, kind)) {
        return unknown(row, ProblemCode::ItemUnknown, Field::Item);
    }
    Some(types.to_vec())
}

/// The one meaning that is left when the number is looked at.
fn decide<'a>(row: &mut Row<'a>, candidates: &[Candidate], part: Part) -> Option<Kind<'a>> {
    let catalogue = row.reader.catalogue;
    let mut kinds: Vec<&CertificateType> = Vec::new();
    for kind in candidates.iter().filter_map(|candidate| catalogue.type_by_code(&candidate.type_code)) {
        if !kinds.iter().any(|known| known.code == kind.code) {
            kinds.push(kind);
        }
    }
    if kinds.len() > 1
        && let Some(number) = number_text(row, part)
    {
        let accepting = |kind: &&&CertificateType| {
            certificate_number::matches(kind, &certificate_number::normalise_for(kind, &number).number)
        };
        let telling =
            |kind: &&&CertificateType| accepting(kind) && !certificate_number::matches(kind, NO_NUMBER);
        let strictly: Vec<&CertificateType> = kinds.iter().filter(telling).copied().collect();
        let loosely: Vec<&CertificateType> = kinds.iter().filter(accepting).copied().collect();
        kinds = [strictly, loosely].into_iter().find(|left| !left.is_empty()).unwrap_or(kinds);
    }
    let field = if row.text(Field::Item).is_some() { Field::Item } else { Field::Type };
    let [kind] = kinds[..] else {
        let codes: Vec<&str> = kinds.iter().map(|kind| kind.code.as_str()).collect();
        let problem = row.problem(ProblemCode::TypeAmbiguous, field).with("candidates", codes.join(", "));
        row.report_as(problem);
        return None;
    };
    let of_kind = candidates.iter().filter(|candidate| candidate.type_code == kind.code);
    let items: Vec<&String> = of_kind.filter_map(|candidate| candidate.item.as_ref()).collect();
    match items[..] {
        [] => {
            if kind.item_scheme.is_some() {
                row.report(ProblemCode::ItemMissing, Field::Item);
            }
            Some(Kind { kind, item: None })
        }
        [item] => Some(Kind { kind, item: Some(item.clone()) }),
        _ => {
            let codes: Vec<&str> = items.iter().map(|item| item.as_str()).collect();
            let problem = row.problem(ProblemCode::TypeAmbiguous, field).with("candidates", codes.join(", "));
            row.report_as(problem);
            None
        }
    }
}

/// The number of one certificate of the row, before cleaning.
fn number_text(row: &Row, part: Part) -> Option<String> {
    let text = row.text(Field::Number)?;
    let pieces: Vec<&str> = text.split(BETWEEN_NUMBERS).filter(|piece| !piece.trim().is_empty()).collect();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    match part.of {
        1 => Some(text),
        of if pieces.len() == of => Some(pieces[part.index - 1].to_owned()),
        of if lines.len() == of => Some(lines[part.index - 1].to_owned()),
        _ => Some(text),
    }
}

/// The number of one certificate. A number that consists of fixed letters and the ID number follows
/// from the ID number, and the other way round.
pub(super) fn number(
    row: &mut Row,
    kind: &CertificateType,
    part: Part,
    identity: &mut Identity,
) -> Option<String> {
    let Some(text) = number_text(row, part) else {
        let prefix = kind.number_prefix.as_deref();
        let derived = prefix
            .zip(identity.document.as_ref())
            .map(|(prefix, document)| format!("{prefix}{}", document.number));
        let derived = derived.filter(|number| certificate_number::matches(kind, number));
        match derived {
            Some(_) => row.derive(Field::Number),
            None => row.report(ProblemCode::NumberMissing, Field::Number),
        }
        return derived;
    };
    let normalised = certificate_number::normalise_for(kind, &text);
    let number = normalised.number;
    if let Some(code) = number_error(row, kind, &number, part) {
        row.report(code, Field::Number);
        return None;
    }
    if !certificate_number::matches(kind, &number) {
        row.report(ProblemCode::NumberUnusual, Field::Number);
    }
    if !normalised.repaired.is_empty() {
        row.report(ProblemCode::NumberRepaired, Field::Number);
    }
    link_identity(row, kind, &number, identity);
    Some(number)
}

fn number_error(row: &Row, kind: &CertificateType, number: &str, part: Part) -> Option<ProblemCode> {
    let length = number.chars().count();
    let rounded = number.contains('.') && number.contains("E+");
    if row.cell(Field::Number).lost_precision() || rounded {
        return Some(ProblemCode::NumberLostPrecision);
    }
    if number.contains('*') {
        return Some(ProblemCode::NumberMasked);
    }
    // One number may serve several certificates; several numbers are as many as the certificates.
    if number.contains(BETWEEN_NUMBERS) {
        return Some(if part.of > 1 || length > 20 {
            ProblemCode::PartsMismatch
        } else {
            ProblemCode::NumberShape
        });
    }
    let Some(prefix) = kind.number_prefix.as_deref() else {
        let possible = (4..=40).contains(&length) && number.chars().any(|c| c.is_ascii_digit());
        return (!possible).then_some(ProblemCode::NumberShape);
    };
    if !certificate_number::matches(kind, number) {
        return Some(ProblemCode::NumberShape);
    }
    let id = number.strip_prefix(prefix).unwrap_or(number);
    match id.len() == 18 && !citizen_id::has_right_check(id) {
        true if id.ends_with("000") => Some(ProblemCode::NumberLostPrecision),
        true => Some(ProblemCode::NumberCheckDigit),
        false => None,
    }
}

fn link_identity(row: &mut Row, kind: &CertificateType, number: &str, identity: &mut Identity) {
    // Serial numbers can look like an ID number of fifteen digits.
    let Some(range) = embeds_id(number).filter(|range| range.len() == 18) else { return };
    match &identity.document {
        Some(document) if !number.contains(&document.number) => {
            row.report(ProblemCode::NumberDisagrees, Field::Number)
        }
        Some(_) => {}
        // A masked number stays as it is: what it hides cannot be compared.
        None if kind.number_prefix.is_some()
            && identity.as_written.is_none()
            && row.text(Field::Identity).is_none() =>
        {
            let Ok(document) = row.catalogue().parse_identity(&number[range]) else { return };
            if document.is_born_after(row.reader.today) {
                row.report(ProblemCode::IdentityBirthDate, Field::Number);
            } else {
                identity.document = Some(document);
                row.derive(Field::Identity);
            }
        }
        None => {}
    }
}
