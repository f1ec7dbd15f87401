//! What is wrong with a row, in codes that every language has words for. A problem never holds the
//! value itself: it says where it stands and of what kind it is.

use crate::{
    cell::Cell,
    layout::{Field, SheetLayout},
};
use domain::number::embeds_id;
use serde::Serialize;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The row is not taken over.
    Error,
    /// The row is taken over; someone should look at it.
    Warning,
}

macro_rules! problem_codes {
    ($($(#[$doc:meta])* $severity:ident $variant:ident = $code:literal,)*) => {
        /// What can be wrong with a row. The codes are stable.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ProblemCode {
            $($(#[$doc])* $variant,)*
        }

        impl ProblemCode {
            pub const ALL: &[ProblemCode] = &[$(ProblemCode::$variant,)*];

            /// The stable machine code.
            pub const fn code(self) -> &'static str {
                match self { $(ProblemCode::$variant => $code,)* }
            }

            pub const fn severity(self) -> Severity {
                match self { $(ProblemCode::$variant => Severity::$severity,)* }
            }
        }
    };
}

problem_codes! {
    Error NameMissing = "name_missing",
    /// Digits, a formula or a whole sentence where a name belongs.
    Error NameUnlikely = "name_unlikely",
    /// Stands in the place of characters that were lost.
    Warning NameDamaged = "name_damaged",
    Warning IdentityMissing = "identity_missing",
    Error IdentityShape = "identity_shape",
    Error IdentityCheckDigit = "identity_check_digit",
    Error IdentityBirthDate = "identity_birth_date",
    Error IdentityRegion = "identity_region",
    Error IdentityLostPrecision = "identity_lost_precision",
    Warning IdentityMasked = "identity_masked",
    /// Fifteen digits became eighteen.
    Warning IdentityConverted = "identity_converted",
    Warning SexDisagrees = "sex_disagrees",
    Warning BirthDateDisagrees = "birth_date_disagrees",
    Error BornAfterIssue = "born_after_issue",
    /// Younger or older than the type is issued to.
    Warning AgeUnusual = "age_unusual",
    Warning PhoneUnreadable = "phone_unreadable",
    Error TypeMissing = "type_missing",
    Error TypeUnknown = "type_unknown",
    Error TypeAmbiguous = "type_ambiguous",
    Error ItemUnknown = "item_unknown",
    Warning ItemMissing = "item_missing",
    /// Several certificates in one row, but not as many values in another cell.
    Error PartsMismatch = "parts_mismatch",
    Warning RowSplit = "row_split",
    Error NumberMissing = "number_missing",
    Error NumberShape = "number_shape",
    Error NumberCheckDigit = "number_check_digit",
    Error NumberLostPrecision = "number_lost_precision",
    Error NumberMasked = "number_masked",
    Warning NumberUnusual = "number_unusual",
    Warning NumberRepaired = "number_repaired",
    /// The ID number inside the certificate number is not the holder's.
    Error NumberDisagrees = "number_disagrees",
    Warning IssuerMissing = "issuer_missing",
    Error RegionMissing = "region_missing",
    Error RegionUnknown = "region_unknown",
    Error RegionAmbiguous = "region_ambiguous",
    Warning IndustryUnknown = "industry_unknown",
    Warning CreditCodeCheck = "credit_code_check",
    Warning CreditCodeShape = "credit_code_shape",
    Warning RegistrationNumber = "registration_number",
    Error IssuedOnMissing = "issued_on_missing",
    Error ValidUntilMissing = "valid_until_missing",
    Error DateImpossible = "date_impossible",
    Error DateUnreadable = "date_unreadable",
    Error DateAmbiguous = "date_ambiguous",
    Warning DateTwoDigitYear = "date_two_digit_year",
    Warning DateOrderAssumed = "date_order_assumed",
    Warning DateDayMissing = "date_day_missing",
    Warning DateFromSerial = "date_from_serial",
    Error EndsBeforeIssue = "ends_before_issue",
    Error ReviewAfterEnd = "review_after_end",
    Error ReviewBeforeIssue = "review_before_issue",
    /// Open-ended, although certificates of the type end.
    Warning OpenEnded = "open_ended",
    /// Ends later than certificates of the type can.
    Warning ValidityTooLong = "validity_too_long",
    /// No review is told, although certificates of the type are reviewed.
    Warning ReviewComputed = "review_computed",
    /// The roster says that the certificate is no longer in force. Such a change is an event with
    /// a reason and is entered by the issuer, not read from a roster.
    Error StatusNotInForce = "status_not_in_force",
    Warning TrainingIncomplete = "training_incomplete",
    /// Not written in the row, but follows from what is.
    Warning Derived = "derived",
    /// On record under this number, item and day is somebody else.
    Error HolderDiffers = "holder_differs",
    /// Larger than a picture may be, or none that can be read.
    Warning PictureUnreadable = "picture_unreadable",
    Error FormulaFailed = "formula_failed",
    Error FormulaText = "formula_text",
    Error CellTooLong = "cell_too_long",
}

impl Serialize for ProblemCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.code())
    }
}

/// Of what kind a value is, so that a report can name it without showing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case", tag = "class", content = "length")]
pub enum ValueClass {
    Blank,
    /// So many digits.
    Digits(usize),
    /// So many letters and digits.
    Alphanumeric(usize),
    /// So many characters with `*` among them.
    Masked(usize),
    /// So many characters of text.
    Text(usize),
    /// A number that the spreadsheet calculates with.
    Number,
    Date,
    Truth,
    FormulaError,
}

impl ValueClass {
    pub fn of(cell: &Cell) -> Self {
        match cell {
            Cell::Empty => ValueClass::Blank,
            Cell::Text(text) => ValueClass::of_text(text),
            Cell::Number(_) => ValueClass::Number,
            Cell::Day(_) => ValueClass::Date,
            Cell::Truth(_) => ValueClass::Truth,
            Cell::Failed(_) => ValueClass::FormulaError,
        }
    }

    fn of_text(text: &str) -> Self {
        let length = text.chars().count();
        if text.chars().all(|c| c.is_ascii_digit()) {
            ValueClass::Digits(length)
        } else if text.chars().all(|c| c.is_ascii_alphanumeric()) {
            ValueClass::Alphanumeric(length)
        } else if text.contains(['*', '＊']) {
            ValueClass::Masked(length)
        } else {
            ValueClass::Text(length)
        }
    }

    /// Stable code and, where there is one, the length.
    pub const fn parts(self) -> (&'static str, Option<usize>) {
        match self {
            ValueClass::Blank => ("blank", None),
            ValueClass::Digits(length) => ("digits", Some(length)),
            ValueClass::Alphanumeric(length) => ("alphanumeric", Some(length)),
            ValueClass::Masked(length) => ("masked", Some(length)),
            ValueClass::Text(length) => ("text", Some(length)),
            ValueClass::Number => ("number", None),
            ValueClass::Date => ("date", None),
            ValueClass::Truth => ("truth", None),
            ValueClass::FormulaError => ("formula_error", None),
        }
    }
}

/// One thing that is wrong with a row.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize)]
pub struct Problem {
    pub severity: Severity,
    pub code: ProblemCode,
    /// Address such as `Sheet1!C7`; of the row where the file has no such column (`Sheet1!7`).
    pub cell: String,
    pub field: Option<Field>,
    pub value: ValueClass,
    /// What the words of the code speak of: names of fields, codes of the catalogue.
    pub params: Vec<(&'static str, String)>,
}

impl Problem {
    pub(crate) fn new(code: ProblemCode, cell: String, field: Field, value: ValueClass) -> Self {
        Self { severity: code.severity(), code, cell, field: Some(field), value, params: Vec::new() }
    }

    /// For what is found only when the row is compared with others: about a field of row `number`.
    pub fn of_row(
        code: ProblemCode,
        field: Field,
        layout: &SheetLayout,
        number: u32,
        cells: &[Cell],
    ) -> Self {
        let column = layout.column(field);
        let cell = column.and_then(|column| cells.get(column)).unwrap_or(&Cell::Empty);
        Self::new(code, layout.address(column, number), field, ValueClass::of(cell))
    }

    /// Adds what the words speak of, unless it could be taken for an ID number.
    pub(crate) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        let value = value.into();
        if embeds_id(&value).is_none() {
            self.params.push((name, value));
        }
        self
    }

    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
