//! Why a mapping makes no fact of rows, as data: the edge reads and maps the rows, and words these refusals.

use ledger::exact::Exact;
use ledger::json::SyntaxFault;

/// Why no fact is made of a row, or of a group of rows. The path of its finding is the field of the fact, the location
/// the cell.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowRefusal {
    // The row ------------------------------------------------------------------------------------------------------
    Csv(CsvFault),
    /// The row has another number of cells than the first one.
    CellCount {
        cells: usize,
        expected: usize,
    },
    NotJson(SyntaxFault),
    NotAnObject,

    // A value ------------------------------------------------------------------------------------------------------
    /// The column has an object or a list.
    Nested {
        column: String,
    },
    /// The lookup has no such key.
    NotInTable {
        key: String,
        table: String,
        nearest: Option<String>,
    },
    /// `example` is a date in that format.
    DateFormatDiffers {
        written: String,
        format: String,
        example: String,
    },
    NotADate {
        written: String,
    },
    NotANumber {
        written: String,
        expected: NumberForm,
    },
    /// One factor of a product has no value, and others have.
    FactorMissing,
    /// A number with more digits than an amount can have.
    TooManyDigits {
        number: Exact,
    },

    // The fact -----------------------------------------------------------------------------------------------------
    /// Fields that a fact of the kind needs and that the cell of `column`, if they are from one, leaves without a value.
    FieldsMissing {
        kind: &'static str,
        fields: Vec<String>,
        column: Option<String>,
    },
    /// The field has one value here and another in the group's first row, on `line`.
    GroupDiffers {
        field: String,
        here: Option<String>,
        first: Option<String>,
        line: u32,
    },
    /// The row on `line` could not be read, and may belong to the group.
    GroupIncomplete {
        line: u32,
    },
}

/// Why a row of CSV cannot be split into cells.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum CsvFault {
    CellTooLong { most: usize },
    TooManyCells { most: usize },
    QuoteNotClosed,
    TextAfterQuote,
}

/// How a number should have been written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum NumberForm {
    Number,
    Percent,
    /// A percent whose sign says that it is one.
    PercentWithSign,
}
