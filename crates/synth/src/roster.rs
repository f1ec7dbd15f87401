//! A roster as enterprises send them, with a known dirt in every second row and the known truth of
//! what an import has to make of it.

use crate::{Registry, identity};
use chrono::{Datelike, Days};
use domain::{
    Date,
    certificate::{Certificate, IdentityDocument, IdentityKind},
    number::{Sex, citizen_id},
};

/// What is unusual about a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dirt {
    Clean,
    FullWidth,
    LowerCaseCheck,
    MultiplicationSignCheck,
    InvisibleCharacters,
    FifteenDigitId,
    AbolishedRegion,
    SpacedName,
    MiddleDotVariant,
    RareCharacter,
    DottedDates,
    SlashDates,
    ChineseDates,
    CompactDates,
    DatesWithTime,
    ValidityAsRange,
    OpenEnded,
    MissingT,
    DoubledT,
    LowerCaseSpacedT,
    SpacedConstructionNumber,
    TwoItemsInOneCell,
    OrganisationBrackets,
    SexDisagreesWithId,
    RepeatsRowAbove,
    RoundedId,
    WrongCheckDigit,
    DayThatDoesNotExist,
    EndsBeforeIssue,
    ReviewAfterEnd,
    NoName,
    UnknownType,
}

/// What an import has to make of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Taken over, as so many certificates.
    Accepted { certificates: usize },
    /// Says nothing new.
    Repeated,
    /// Given back with a reason.
    Rejected,
}

impl Dirt {
    pub const ALL: [Dirt; 32] = [
        Dirt::Clean,
        Dirt::FullWidth,
        Dirt::LowerCaseCheck,
        Dirt::MultiplicationSignCheck,
        Dirt::InvisibleCharacters,
        Dirt::FifteenDigitId,
        Dirt::AbolishedRegion,
        Dirt::SpacedName,
        Dirt::MiddleDotVariant,
        Dirt::RareCharacter,
        Dirt::DottedDates,
        Dirt::SlashDates,
        Dirt::ChineseDates,
        Dirt::CompactDates,
        Dirt::DatesWithTime,
        Dirt::ValidityAsRange,
        Dirt::OpenEnded,
        Dirt::MissingT,
        Dirt::DoubledT,
        Dirt::LowerCaseSpacedT,
        Dirt::SpacedConstructionNumber,
        Dirt::TwoItemsInOneCell,
        Dirt::OrganisationBrackets,
        Dirt::SexDisagreesWithId,
        Dirt::RepeatsRowAbove,
        Dirt::RoundedId,
        Dirt::WrongCheckDigit,
        Dirt::DayThatDoesNotExist,
        Dirt::EndsBeforeIssue,
        Dirt::ReviewAfterEnd,
        Dirt::NoName,
        Dirt::UnknownType,
    ];

    pub const fn truth(self) -> Truth {
        match self {
            Dirt::RepeatsRowAbove => Truth::Repeated,
            Dirt::RoundedId
            | Dirt::WrongCheckDigit
            | Dirt::DayThatDoesNotExist
            | Dirt::EndsBeforeIssue
            | Dirt::ReviewAfterEnd
            | Dirt::NoName
            | Dirt::UnknownType => Truth::Rejected,
            Dirt::TwoItemsInOneCell => Truth::Accepted { certificates: 2 },
            _ => Truth::Accepted { certificates: 1 },
        }
    }
}

/// One row and its secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    pub cells: Vec<String>,
    pub dirt: Dirt,
    /// The certificate the row was made from.
    pub certificate: Certificate,
}

/// A sheet: a title above the header, a note below the rows.
#[derive(Clone, PartialEq, Eq)]
pub struct Roster {
    pub title: String,
    pub rows: Vec<Row>,
    pub note: String,
}

impl Roster {
    pub const HEADER: [&'static str; 14] = [
        "序号",
        "姓名",
        "性别",
        "身份证号码",
        "证书类别",
        "操作项目",
        "证书编号",
        "单位名称",
        "统一社会信用代码",
        "发证机关",
        "发证日期",
        "有效期至",
        "应复审日期",
        "联系电话",
    ];

    /// Title, header, rows and note as one table.
    pub fn table(&self) -> Vec<Vec<String>> {
        let header = Self::HEADER.map(str::to_owned).to_vec();
        let rows = self.rows.iter().map(|row| row.cells.clone());
        [vec![self.title.clone()], header].into_iter().chain(rows).chain([vec![self.note.clone()]]).collect()
    }
}

const NAME: usize = 1;
const SEX: usize = 2;
const IDENTITY: usize = 3;
const TYPE: usize = 4;
const ITEM: usize = 5;
const NUMBER: usize = 6;
const ORGANISATION: usize = 7;
const ISSUED: usize = 10;
const UNTIL: usize = 11;
const REVIEW: usize = 12;

impl Registry {
    /// A roster of certificates of the indices from `first` on; from [`Registry::certificate_count`]
    /// on they are of people whom the registry does not know yet. Every second row is dirty; the kinds
    /// of dirt take turns.
    pub fn roster(&self, first: u64, rows: usize) -> Roster {
        let mut roster = Roster {
            title: "安全生产持证人员台账".to_owned(),
            rows: Vec::with_capacity(rows),
            note: "注：本表由各部门填报，如有变动请及时更新。".to_owned(),
        };
        let mut index = first;
        for position in 0..rows {
            let dirt = if position % 2 == 0 {
                Dirt::Clean
            } else {
                Dirt::ALL[1 + position / 2 % (Dirt::ALL.len() - 1)]
            };
            let above = roster.rows.last().filter(|_| dirt == Dirt::RepeatsRowAbove).cloned();
            let row = above.map(|above| Row { dirt, ..above }).unwrap_or_else(|| {
                let certificate = self.next_fitting(dirt, &mut index);
                self.row(position + 1, dirt, certificate)
            });
            roster.rows.push(row);
        }
        roster
    }

    fn next_fitting(&self, dirt: Dirt, index: &mut u64) -> Certificate {
        loop {
            let certificate = self.certificate(*index);
            *index += 1;
            if fits(dirt, &certificate) {
                return certificate;
            }
        }
    }

    fn row(&self, position: usize, dirt: Dirt, mut certificate: Certificate) -> Row {
        if dirt == Dirt::AbolishedRegion {
            move_birthplace(&mut certificate, "452200");
        }
        let mut cells = self.cells(position, &certificate);
        self.soil(dirt, &certificate, &mut cells);
        Row { cells, dirt, certificate }
    }

    fn cells(&self, position: usize, certificate: &Certificate) -> Vec<String> {
        let kind = self.catalogue.type_by_code(&certificate.type_code);
        let item = certificate.item.as_deref().and_then(|code| self.catalogue.item_by_code(code));
        let organisation = certificate.organisation.as_ref();
        let date = |day: Option<Date>| day.map(|day| day.to_string()).unwrap_or_default();
        vec![
            position.to_string(),
            certificate.holder.name.clone(),
            sex_of(certificate).to_owned(),
            document(certificate).to_owned(),
            kind.map(|kind| kind.names.zh.clone()).unwrap_or_default(),
            item.map(|item| item.names.zh.clone()).unwrap_or_default(),
            certificate.number.clone(),
            organisation.map(|organisation| organisation.name.clone()).unwrap_or_default(),
            organisation.and_then(|organisation| organisation.uscc.clone()).unwrap_or_default(),
            certificate.issuer.clone(),
            date(Some(certificate.terms.issued_on)),
            date(certificate.terms.valid_until),
            date(certificate.terms.review_due_on),
            certificate.holder.phone.clone().unwrap_or_default(),
        ]
    }

    fn soil(&self, dirt: Dirt, certificate: &Certificate, cells: &mut [String]) {
        let id = document(certificate);
        match dirt {
            Dirt::FullWidth => {
                cells[IDENTITY] = full_width(&cells[IDENTITY]);
                cells[NUMBER] = full_width(&cells[NUMBER]);
            }
            Dirt::LowerCaseCheck => {
                cells[IDENTITY] = cells[IDENTITY].replace('X', "x");
                cells[NUMBER] = cells[NUMBER].replace('X', "x");
            }
            Dirt::MultiplicationSignCheck => cells[IDENTITY] = id.replace('X', "×"),
            Dirt::InvisibleCharacters => {
                cells[NAME] = format!("\u{3000}{}\u{A0}", cells[NAME]);
                cells[IDENTITY] = format!("'{}\u{200B}\t", cells[IDENTITY]);
            }
            Dirt::FifteenDigitId => cells[IDENTITY] = format!("{}{}", &id[..6], &id[8..17]),
            Dirt::SpacedName => cells[NAME] = spaced(&cells[NAME]),
            Dirt::MiddleDotVariant => cells[NAME] = cells[NAME].replace('·', "•"),
            Dirt::OpenEnded => cells[UNTIL] = "长期".to_owned(),
            Dirt::MissingT => cells[NUMBER] = id.to_owned(),
            Dirt::DoubledT => cells[NUMBER] = format!("T{}", cells[NUMBER]),
            Dirt::LowerCaseSpacedT => cells[NUMBER] = format!("t {} {}", &id[..6], &id[6..]),
            Dirt::SpacedConstructionNumber => {
                cells[NUMBER] = cells[NUMBER].replace('(', " （").replace(')', "） ");
            }
            Dirt::TwoItemsInOneCell => cells[ITEM] = "低压电工作业、熔化焊接与热切割作业".to_owned(),
            Dirt::OrganisationBrackets => {
                cells[ORGANISATION] = cells[ORGANISATION].replace('（', "(").replace('）', ")");
            }
            Dirt::SexDisagreesWithId => cells[SEX] = if cells[SEX] == "男" { "女" } else { "男" }.to_owned(),
            Dirt::RoundedId => cells[IDENTITY] = rounded(id),
            Dirt::WrongCheckDigit => cells[IDENTITY] = with_wrong_check(id),
            Dirt::NoName => cells[NAME].clear(),
            Dirt::UnknownType => {
                cells[TYPE] = "荣誉证书".to_owned();
                cells[ITEM].clear();
                cells[NUMBER] = "荣字第0001号".to_owned();
            }
            _ => soil_dates(dirt, certificate, cells),
        }
    }
}

fn soil_dates(dirt: Dirt, certificate: &Certificate, cells: &mut [String]) {
    let terms = certificate.terms;
    let mut write = |format: &str| {
        let days =
            [(ISSUED, Some(terms.issued_on)), (UNTIL, terms.valid_until), (REVIEW, terms.review_due_on)];
        for (cell, day) in days {
            cells[cell] = day.map(|day| day.format(format).to_string()).unwrap_or_default();
        }
    };
    match dirt {
        Dirt::DottedDates => write("%Y.%-m.%-d"),
        Dirt::SlashDates => write("%Y/%-m/%-d"),
        Dirt::ChineseDates => write("%Y年%-m月%-d日"),
        Dirt::CompactDates => write("%Y%m%d"),
        Dirt::DatesWithTime => write("%Y-%m-%d 00:00:00"),
        Dirt::ValidityAsRange => {
            let until = terms.valid_until.unwrap_or(terms.valid_from);
            cells[UNTIL] = format!("{}-{}", terms.valid_from.format("%Y.%m.%d"), until.format("%Y.%m.%d"));
        }
        Dirt::DayThatDoesNotExist => cells[UNTIL] = format!("{}-02-30", terms.issued_on.year() + 6),
        Dirt::EndsBeforeIssue => cells[UNTIL] = (terms.issued_on - Days::new(400)).to_string(),
        Dirt::ReviewAfterEnd => {
            cells[REVIEW] =
                terms.valid_until.map(|end| (end + Days::new(400)).to_string()).unwrap_or_default();
        }
        _ => {}
    }
}

/// Can this dirt fall on this certificate, and would the row be right without it?
fn fits(dirt: Dirt, certificate: &Certificate) -> bool {
    let special_operation = certificate.type_code == "mem_special_ops";
    let construction = certificate.number.contains("建安");
    let plain = certificate.events.len() == 1
        && certificate.terms.valid_from == certificate.terms.issued_on
        && certificate.organisation.is_some()
        && citizen(certificate).is_some();
    let name = &certificate.holder.name;
    let id = document(certificate);
    plain
        && match dirt {
            Dirt::OpenEnded => {
                certificate.terms.valid_until.is_none() && certificate.type_code == "fire_operator"
            }
            Dirt::SpacedConstructionNumber => construction,
            Dirt::LowerCaseCheck | Dirt::MultiplicationSignCheck => special_operation && id.ends_with('X'),
            // One rounded number in eleven passes its check by chance.
            Dirt::RoundedId => special_operation && !citizen_id::has_right_check(&rounded(id)),
            Dirt::FifteenDigitId => special_operation && id[6..8] == *"19",
            Dirt::MiddleDotVariant => special_operation && name.contains('·'),
            Dirt::RareCharacter => special_operation && name.chars().any(|c| c > '\u{FFFF}'),
            Dirt::SpacedName => special_operation && !name.contains('·'),
            Dirt::OrganisationBrackets => {
                let organisation = certificate.organisation.as_ref();
                special_operation && organisation.is_some_and(|organisation| organisation.name.contains('（'))
            }
            Dirt::Clean => special_operation || construction,
            _ => special_operation,
        }
}

fn citizen(certificate: &Certificate) -> Option<&IdentityDocument> {
    certificate.holder.identity.as_ref().filter(|document| document.kind == IdentityKind::CitizenId)
}

fn document(certificate: &Certificate) -> &str {
    certificate.holder.identity.as_ref().map_or("", |document| &document.number)
}

fn sex_of(certificate: &Certificate) -> &'static str {
    match citizen(certificate).and_then(IdentityDocument::sex) {
        Some(Sex::Male) => "男",
        Some(Sex::Female) => "女",
        None => "",
    }
}

/// Gives the holder an ID number that begins with a region of the past.
fn move_birthplace(certificate: &mut Certificate, region: &str) {
    let Some(document) = certificate.holder.identity.as_mut() else { return };
    let (Some(born_on), Ok(sequence)) = (document.birth_date(), document.number[14..17].parse()) else {
        return;
    };
    let moved = identity::citizen(region, born_on, sequence);
    certificate.number = certificate.number.replace(&document.number, &moved);
    document.number = moved;
}

fn full_width(text: &str) -> String {
    text.chars()
        .map(|c| char::from_u32(c as u32 + 0xFEE0).filter(|_| c.is_ascii_graphic()).unwrap_or(c))
        .collect()
}

fn spaced(name: &str) -> String {
    name.chars().map(String::from).collect::<Vec<_>>().join("  ")
}

/// Spreadsheets keep fifteen digits.
fn rounded(id: &str) -> String {
    format!("{}000", &id[..15])
}

fn with_wrong_check(id: &str) -> String {
    let wrong = if id.ends_with('1') { '2' } else { '1' };
    format!("{}{wrong}", &id[..17])
}
