//! Reasons why a mapping makes no fact of a row, as data. The command line reads and maps the rows, and turns these
//! refusals into sentences (docs/mapping.md).

use ledger::date::Day;
use ledger::date::fault::DateFault;
use ledger::exact::Exact;
use ledger::json::SyntaxFault;

/// Why a mapping makes no fact of a row, or of a group of rows. The path of its finding is the field of the fact, and
/// the location is that of the cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowRefusal {
    // The row ------------------------------------------------------------------------------------------------------
    /// The row is not CSV.
    Csv(CsvFault),
    /// The row has another number of cells than the first one.
    CellCount {
        /// The number of cells of the row.
        cells: usize,
        /// The number of cells of the first row.
        expected: usize,
    },
    /// The row is not JSON.
    NotJson(SyntaxFault),
    /// The row is JSON, and no object.
    NotAnObject,

    // A value ------------------------------------------------------------------------------------------------------
    /// The column has an object or a list.
    Nested {
        /// The column.
        column: String,
    },
    /// The lookup has no such key.
    NotInTable {
        /// The key, as the row has it.
        key: String,
        /// The lookup table.
        table: String,
        /// The key of the table that is spelled nearly so, if there is one.
        nearest: Option<String>,
    },
    /// The value is not a date in the format that the mapping names.
    DateFormatDiffers {
        /// The value, as the row has it.
        written: String,
        /// The format.
        format: String,
        /// A date in that format.
        example: String,
        /// What the value seems to be instead.
        fault: DateFault,
    },
    /// The value is not a date like `2027-01-31`.
    NotADate {
        /// The value, as the row has it.
        written: String,
        /// What it seems to be instead.
        fault: DateFault,
    },
    /// The value is an instant, with an offset, and nobody named the time zone in whose days instants are.
    ZoneMissing {
        /// The value, as the row has it.
        written: String,
    },
    /// The value is a date in two of the formats that the mapping names, and they mean two days.
    DateAmbiguous {
        /// The value, as the row has it.
        written: String,
        /// The days.
        days: [Day; 2],
    },
    /// The value is not a number of the expected form.
    NotANumber {
        /// The value, as the row has it.
        written: String,
        /// The expected form.
        expected: NumberForm,
        /// What is wrong with it.
        fault: NumberFault,
    },
    /// A number is to be divided by zero.
    DividedByZero,
    /// An amount has the sign of another currency than that of its fact.
    CurrencySign {
        /// The amount, as the row has it.
        written: String,
        /// The sign.
        sign: char,
        /// The currency of the fact.
        currency: String,
    },
    /// One factor of a product has no value, and another has one.
    FactorMissing,
    /// A number with more digits than an amount can have.
    TooManyDigits {
        /// The number.
        number: Exact,
    },

    // The fact -----------------------------------------------------------------------------------------------------
    /// Fields that the fact needs have no value.
    FieldsMissing {
        /// The kind of fact.
        kind: &'static str,
        /// The fields without a value.
        fields: Vec<String>,
        /// The column that they are taken from, if they are from one column.
        column: Option<String>,
    },
    /// The rows of a group have different values for a field that the fact has once.
    GroupDiffers {
        /// The field of the fact.
        field: String,
        /// The value of this row; `None` if it has none.
        here: Option<String>,
        /// The value of the first row of the group; `None` if it has none.
        first: Option<String>,
        /// The line number of that row.
        line: u32,
    },
    /// Rows count once by a key, and the row has none.
    KeyMissing {
        /// The columns of the key.
        columns: Vec<String>,
    },
    /// Another row has the same key, by which rows count once, and other content.
    OnceDiffers {
        /// The columns of the key.
        columns: Vec<String>,
        /// The key, as the row has it.
        key: Vec<String>,
        /// The line number of the other row.
        line: u32,
        /// The columns in which the two rows differ; empty where that is not known.
        differs: Vec<ColumnDifference>,
    },
    /// Another row could not be read. It may belong to the group, so the group's fact may lack something.
    GroupIncomplete {
        /// The line number of that row.
        line: u32,
    },
}

/// A column in which two rows differ.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnDifference {
    /// The column.
    pub column: String,
    /// The text of this row.
    pub here: String,
    /// The text of the other row; `None` until it is read once more.
    pub there: Option<String>,
}

/// Why a row of CSV cannot be split into cells.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CsvFault {
    /// A cell is too long.
    CellTooLong {
        /// The longest cell, in bytes.
        most: usize,
    },
    /// The row has too many cells.
    TooManyCells {
        /// The most cells of a row.
        most: usize,
    },
    /// A quoted cell has no closing quote.
    QuoteNotClosed,
    /// A quoted cell has text after its closing quote.
    TextAfterQuote,
}

/// What is wrong with a text that is no number.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NumberFault {
    /// It has another form than a number.
    Form,
    /// Its digits are not in groups of three.
    Grouping,
    /// It has more digits than can be read.
    TooManyDigits,
}

/// The form of number that a field takes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NumberForm {
    /// A plain number.
    Number,
    /// A percent, with or without its sign.
    Percent,
    /// A percent with its sign.
    PercentWithSign,
}
