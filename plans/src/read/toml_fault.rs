//! What can be wrong with a text in TOML whatever it is about: a plan, or a mapping at the edge.

use ledger::id::NameFault;

/// One mistake in a text. `written` is the text at the place of the mistake, shortened to one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TomlFault {
    /// The value is not of the kind that its key takes.
    Value { written: String, expected: ExpectedValue, hint: ValueHint },
    /// The value is none of the words that its key takes.
    Word { written: String, words: Vec<String>, nearest: Option<String> },
    /// The text cannot be a name.
    Name { written: String, fault: NameFault },
    /// An entry of a list is there twice.
    Duplicate { written: String },
    /// A list without entries.
    EmptyList { expected: ExpectedValue },
    /// A list with too many entries.
    TooManyEntries { count: usize, most: usize },
    /// A key that the table must have.
    MissingKey { key: &'static str, table: TableKind },
    /// A key that the table does not take.
    UnknownKey { key: String, table: TableKind, hint: KeyHint },
    /// There are more mistakes than are listed.
    TooMany(TooMany),
}

/// How many findings were left out of a list.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TooMany {
    /// As many are listed.
    pub listed: usize,
    /// At least as many were found beyond them.
    pub more: usize,
}

impl From<TooMany> for TomlFault {
    fn from(more: TooMany) -> TomlFault {
        TomlFault::TooMany(more)
    }
}

/// What a value may be changed to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueHint {
    /// What is expected.
    Expected,
    /// A decimal without quotes: in quotes it is exact.
    DecimalInQuotes,
    /// This text, which has the quotes that were left out.
    Quoted(String),
}

/// What an unknown key may have been meant as.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyHint {
    /// A key of a table above this one.
    BelongsTo(TableKind),
    /// A key that is spelled much like it.
    Nearest(&'static str),
    /// The keys that the table takes.
    OneOf(Vec<&'static str>),
}

/// What a key takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExpectedValue {
    Name,
    NameOrNames,
    Amount,
    AmountFromZero,
    AmountAboveZero,
    AmountOrAssigned,
    Factor,
    Percent,
    PercentFromZero,
    PercentAboveZero,
    PercentOrAssigned,
    /// Above 0 % and up to 100 %.
    Share,
    /// What a level is measured against, above zero.
    Goal,
    Span,
    /// A span that is not empty.
    Window,
    /// A span of at most so many months.
    Months(u16),
    /// A whole number between two bounds, both included.
    Whole(u32, u32),
    Flag,
    Day,
    Currency,
    /// One line of text.
    Line,
    /// Text without control characters.
    Prose,
    TakeBack,
    Table(TableKind),
    /// A list of tables.
    Tables(TableKind),
    Tiers,
    Points,
    Percents,
    Roles,
    Conditions,
    Installments,
    /// What another crate's key takes, in the words of that crate.
    Other(String),
}

impl From<&str> for ExpectedValue {
    fn from(words: &str) -> ExpectedValue {
        ExpectedValue::Other(words.to_owned())
    }
}

impl From<String> for ExpectedValue {
    fn from(words: String) -> ExpectedValue {
        ExpectedValue::Other(words)
    }
}

/// A table of a text.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum TableKind {
    Plan,
    Component,
    Installment,
    Clawback,
    Draw,
    Tier,
    Point,
    Condition,
    Measure,
    Baseline,
    Cap,
    Filter,
    TakeBack,
    /// Another crate's, in the words of that crate.
    Other(&'static str),
}

impl From<&'static str> for TableKind {
    fn from(words: &'static str) -> TableKind {
        TableKind::Other(words)
    }
}
