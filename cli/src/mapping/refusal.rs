//! Why a mapping, or a file of rows, is refused, as data. The words are in `wording/mapping.rs`; why no fact can be made
//! of single rows is [`replay::refusal::rows::RowRefusal`].

use plans::read::report::{TextRefusal, TextReport};
use plans::read::toml_fault::{ExpectedValue, KeyExpectation, TomlFault, TooMany, ValueHint};
use replay::refusal::rows::CsvFault;

use crate::output_map::refusal::OutputMapRefusal;

/// Collects the findings about a mapping's text. A finding's path is that of the TOML field at fault.
pub type MappingReport<'t> = TextReport<'t, MappingRefusal>;

/// Why a mapping is refused. A `kind` is that of a fact, like `booking`; a `source` is the name of a file of rows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MappingRefusal {
    /// A mistake that a plan can have too.
    Toml(TomlFault),
    /// The value is not of the kind that its key takes.
    Value {
        written: String,
        expected: MappingValue,
        hint: ValueHint,
    },
    /// A list without entries.
    EmptyList {
        expected: MappingValue,
    },
    /// A key is in one table twice. `written` is that key.
    KeyTwice {
        written: String,
    },
    /// The text is not TOML. `why` is what the parser of TOML says.
    NotToml {
        written: String,
        why: String,
    },
    MappingTooLong {
        bytes: usize,
        most: u64,
    },

    // How rows are written ----------------------------------------------------------------------------------------
    /// One sign would separate thousands and decimals.
    NumberSignTwice {
        sign: char,
    },
    QuoteIsDelimiter,
    /// Two keys say which row is the header.
    HeaderTwice,
    /// No row has a cell that the header's has.
    HeaderMissing {
        source: String,
    },
    /// There is no such time zone.
    ZoneUnknown {
        written: String,
        nearest: Option<&'static str>,
    },
    /// A key about CSV, where the format is JSON Lines.
    CsvKeyUnused {
        key: String,
    },

    // Tables ------------------------------------------------------------------------------------------------------
    TableTwice {
        table: String,
    },
    TableWithFileAndRows,
    TableWithoutRows,
    TableRowsEmpty,
    TableFile {
        file: String,
        fault: TableFileFault,
    },
    TableUnknown {
        table: String,
        nearest: Option<String>,
        known: Vec<String>,
    },

    // Which rows make a fact --------------------------------------------------------------------------------------
    ConditionEmpty,
    /// `why` is what the parser of regular expressions says.
    PatternWrong {
        pattern: String,
        why: String,
    },
    GroupBesideDistinct,
    /// A group or `distinct` goes by a field that is a sum over the group.
    GroupBySum {
        field: String,
    },
    GroupFieldUnknown {
        field: String,
        kind: &'static str,
        nearest: Option<String>,
        known: Vec<String>,
    },
    SumWithoutGroup {
        field: String,
    },
    /// A share for each row of a group, and there is no group.
    EachWithoutGroup {
        field: String,
    },
    /// A sum over a group is divided by what each row has.
    SumDividedByColumn,
    /// Facts of the kind have no natural key.
    WhenKnownUnused {
        kind: &'static str,
    },

    // Values ------------------------------------------------------------------------------------------------------
    /// None of the fields that the table takes is there.
    ObjectEmpty {
        object: &'static str,
        fields: Vec<&'static str>,
    },
    /// Nothing says where the value comes from; `allowed` are the keys that can.
    ValueWithoutOrigin {
        allowed: &'static [&'static str],
    },
    /// The key says where a value comes from, and cannot be used here.
    OriginNotAllowed {
        key: &'static str,
        allowed: &'static [&'static str],
    },
    OriginTwice {
        first: &'static str,
        second: &'static str,
        allowed: &'static [&'static str],
    },
    /// The key has no effect without what it goes with.
    KeyUnused {
        key: &'static str,
        needs: KeyNeeds,
    },
    /// A percent that is calculated has no percent sign.
    PercentMeaningMissing {
        key: &'static str,
    },
    DateFormatWrong {
        format: String,
    },
    /// A format of months; `day` would make dates of them.
    DateFormatWithoutDay {
        format: String,
    },
    SameFieldUnknown {
        field: String,
        kind: &'static str,
        nearest: Option<String>,
        known: Vec<String>,
    },
    SameOfCopy {
        field: String,
    },
    SameOfOtherKind {
        field: String,
    },

    // Outputs -----------------------------------------------------------------------------------------------------
    /// What only mappings of outputs have.
    Output(OutputMapRefusal),

    // Columns -----------------------------------------------------------------------------------------------------
    ColumnUnknown {
        column: String,
        source: String,
        columns: ColumnNames,
    },
    /// The first row is a single cell, and `delimiter` seems to separate its cells.
    ColumnInSingleCell {
        column: String,
        source: String,
        delimiter: char,
    },
    /// The header lacks the column, and a row further down has all columns.
    HeaderElsewhere {
        column: String,
        source: String,
        line: usize,
    },
    ColumnTwice {
        column: String,
        source: String,
    },
}

impl MappingRefusal {
    /// What the parser of TOML says about `written`.
    pub fn of_toml(why: &str, written: String) -> MappingRefusal {
        match why {
            "duplicate key" => MappingRefusal::KeyTwice { written },
            why => MappingRefusal::NotToml { written, why: why.to_owned() },
        }
    }
}

/// What a key of a mapping takes, where plans have no such value.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum MappingValue {
    Text,
    /// A text of at most so many bytes.
    TextUpTo(usize),
    /// A text, or a list of them.
    Texts,
    /// A list of texts that mean no value.
    NoValueTexts,
    Uuid,
    /// What a correction corrects: `true`, an id or a natural key.
    Corrected,
    Delimiter,
    QuoteSign,
    /// `trim` can only be said as it is.
    TrimAlways,
    /// Whether there is a header, or on which line.
    Header,
    /// How dates are written: a form, or a list of them.
    DateForms,
    /// A time like `1 day`.
    Duration,
    /// What a number is divided by: another number than zero, a column or a value.
    Divisor,
    /// `true`, for without an effect the key is left out.
    OnlyTrue,
    ColumnName,
    ColumnNames,
    /// What is multiplied.
    Factors,
    /// The fields of the fact that tell groups apart.
    FieldNames,
    Shares,
    /// Names and their values, at most so many.
    NamedValues(usize),
    Conditions,
    LookupTables,
    Rules,
    /// The accounts of the general ledger.
    AccountRules,
    AccountCodes,
    /// The columns of an output.
    OutputColumns,
}

impl KeyExpectation<MappingRefusal> for MappingValue {
    fn value_refused(self, written: String, hint: ValueHint) -> MappingRefusal {
        MappingRefusal::Value { written, expected: self, hint }
    }

    fn empty_list(self) -> MappingRefusal {
        MappingRefusal::EmptyList { expected: self }
    }

    fn of_plans(&self) -> Option<&ExpectedValue> {
        None
    }
}

/// What is doubtful about a mapping.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MappingWarning {
    TooMany(TooMany),
    /// Facts of the kind have no natural key, and the mapping gives them neither source nor id.
    SourceMissing {
        kind: &'static str,
    },
    /// Groups have rows in several files of one call, with other sums.
    FilesOverlap {
        kind: &'static str,
        groups: u64,
        effect: OverlapEffect,
        /// The first of them.
        first: Vec<GroupOverlap>,
    },
    /// Dates count from a moment in UTC, and neither the mapping nor the book names a time zone.
    ZoneAssumed,
    /// No row has the column.
    ColumnUnseen {
        column: String,
        source: String,
        columns: ColumnNames,
    },
}

/// What comes of two sums of one group, in two files.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OverlapEffect {
    /// The later one takes the place of the earlier one, which is a restatement.
    Restated,
    /// Both count.
    BothCount,
}

/// A group that has rows in two files of one call.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GroupOverlap {
    /// The fields that tell groups apart, and their values.
    pub key: Vec<(String, String)>,
    /// The first field whose sums differ; `None` where the sums of the earlier file are not known.
    pub field: Option<String>,
    /// The sum of the earlier file, and its first row with the group.
    pub earlier: (Option<String>, String),
    /// The same of the later file.
    pub later: (Option<String>, String),
}

/// The columns that a source has instead of the one that the mapping names.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnNames {
    pub nearest: Option<String>,
    /// The first of them.
    pub listed: Vec<String>,
    /// Whether there are others.
    pub has_more: bool,
}

/// What is doubtful about rows; how many of them are, is counted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RowWarning {
    /// Rows have fewer cells than the header, and facts are made of them.
    ShortRow { cells: usize, expected: usize },
    /// A fact is made of a row that seems to be one of totals.
    TotalsRow { written: String, kind: &'static str },
    /// A number that is used as a text has lost digits before the export.
    DigitsLost { written: String, column: String },
    /// A row that the mapping passes over at the end has all that a fact needs.
    LastRowIsData { skip_last: usize, kind: &'static str },
    /// Another fact would be made of a row than of the first one with its key, which holds.
    DistinctDiffers { kind: &'static str, line: u32 },
}

/// What must be there or hold for a key to have an effect.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum KeyNeeds {
    Columns,
    ColumnOrColumns,
    DateField,
    DateFormat,
    PercentField,
    Number,
    Text,
    /// The key makes a number, and the field takes none.
    NumberField,
}

/// What is wrong with a spreadsheet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SheetFault {
    TooLarge {
        most: u64,
        unpacked: u64,
    },
    /// `why` is what the reader of spreadsheets says.
    Unreadable {
        why: String,
    },
    Missing {
        sheet: String,
        nearest: Option<String>,
        sheets: Vec<String>,
    },
}

/// What is wrong with the file of a lookup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableFileFault {
    TooLong {
        most: u64,
    },
    /// `why` is what the operating system says.
    Unreadable {
        why: String,
    },
    NotUtf8,
    Line {
        line: usize,
        fault: TableLineFault,
    },
}

/// What is wrong with a line in the file of a lookup.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TableLineFault {
    Csv(CsvFault),
    KeyTwice { key: String },
    OneColumn,
    TooManyRows { most: usize },
}

/// Why a whole file of rows is refused while it is read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SourceRefusal {
    UnpackMemory {
        source: String,
        most: u64,
    },
    /// A packed file ends too early, or is not as it was packed. It can be unpacked up to `line`.
    PackedBroken {
        source: String,
        with: &'static str,
        is_cut_off: bool,
        line: usize,
    },
    /// A spreadsheet, or a sheet of it, cannot be read.
    Sheet {
        source: String,
        fault: SheetFault,
    },
    /// A byte is none of a text in this encoding.
    NotEncoded {
        encoding: &'static str,
    },
    RowTooLong {
        most: usize,
    },
    TooManyRows {
        source: String,
        most: u64,
    },
    /// `skip-last` leaves no row of a file that has some.
    AllRowsSkipped {
        source: String,
        skip_last: usize,
        rows: usize,
    },
    TooManyGroups {
        most: usize,
    },
    /// More keys of `distinct`, and bookings, than can be kept.
    TooManyKeys {
        most: usize,
    },
}

impl TextRefusal for MappingRefusal {
    type Warning = MappingWarning;
}

impl From<OutputMapRefusal> for MappingRefusal {
    fn from(refusal: OutputMapRefusal) -> MappingRefusal {
        MappingRefusal::Output(refusal)
    }
}

impl From<TomlFault> for MappingRefusal {
    fn from(fault: TomlFault) -> MappingRefusal {
        MappingRefusal::Toml(fault)
    }
}

impl From<TooMany> for MappingWarning {
    fn from(left_out: TooMany) -> MappingWarning {
        MappingWarning::TooMany(left_out)
    }
}
