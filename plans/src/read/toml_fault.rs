//! What can be wrong with a text in TOML whatever it is about: a plan, or a mapping at the edge.

use ledger::id::NameFault;

/// A mistake in a TOML text, whatever the text is about. `written` is the text at the mistake, shortened to one line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TomlFault {
    /// The value is not of the kind that its key takes.
    Value {
        /// The value.
        written: String,
        /// The kind that the key takes.
        expected: ExpectedValue,
        /// The value that was probably meant.
        hint: ValueHint,
    },
    /// The value is none of the words that its key takes.
    Word {
        /// The value.
        written: String,
        /// The words that the key takes.
        words: Vec<String>,
        /// The one of them that is spelled much like the value.
        nearest: Option<String>,
    },
    /// The text cannot be a name.
    Name {
        /// The text.
        written: String,
        /// The rule of names that it breaks.
        fault: NameFault,
    },
    /// An entry of a list is there twice.
    Duplicate {
        /// The second of them.
        written: String,
    },
    /// A list without entries.
    EmptyList {
        /// The kind of list that the key takes.
        expected: ExpectedValue,
    },
    /// A list with too many entries.
    TooManyEntries {
        /// The number of entries.
        count: usize,
        /// The greatest number of entries.
        most: usize,
    },
    /// A key that the table must have.
    MissingKey {
        /// The key.
        key: &'static str,
        /// The kind of table.
        table: TableKind,
    },
    /// A key that the table does not take.
    UnknownKey {
        /// The key, shortened.
        key: String,
        /// The kind of table.
        table: TableKind,
        /// The key that was probably meant.
        hint: KeyHint,
    },
    /// There are more mistakes than are listed.
    TooMany(TooMany),
}

/// A list of findings was cut off: only the first ones are listed.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TooMany {
    /// How many are listed.
    pub listed: usize,
    /// How many more were found, at least: the search stops at a limit, too.
    pub more: usize,
}

impl From<TooMany> for TomlFault {
    fn from(more: TooMany) -> TomlFault {
        TomlFault::TooMany(more)
    }
}

/// The value that was probably meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ValueHint {
    /// Nothing better than the kind that is expected.
    Expected,
    /// The same decimal in quotes, where it is exact.
    DecimalInQuotes,
    /// This text with its quotes, which were left out.
    Quoted(String),
}

/// The key that was probably meant by an unknown one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyHint {
    /// It is a key of this table, which is written above the table at fault.
    BelongsTo(TableKind),
    /// A key that is spelled much like it.
    Nearest(&'static str),
    /// The keys that the table takes.
    OneOf(Vec<&'static str>),
}

/// The kind of value that a key takes.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExpectedValue {
    /// A name.
    Name,
    /// A name, or a list of names.
    NameOrNames,
    /// An amount.
    Amount,
    /// An amount of 0 or more.
    AmountFromZero,
    /// An amount above 0.
    AmountAboveZero,
    /// An amount of 0 or more, or `assigned`.
    AmountOrAssigned,
    /// A number of 0 or more by which a rate is multiplied.
    Factor,
    /// A percent.
    Percent,
    /// A percent of 0 % or more.
    PercentFromZero,
    /// A percent above 0 %.
    PercentAboveZero,
    /// A percent, or `assigned`.
    PercentOrAssigned,
    /// A percent above 0 % and up to 100 %.
    Share,
    /// The goal of a level: an amount or a percent above zero.
    Goal,
    /// A number of days or months.
    Span,
    /// A number of days or months above 0.
    Window,
    /// A number of months, at most this many.
    Months(u16),
    /// A whole number between two bounds, both included.
    Whole(u32, u32),
    /// `true` or `false`.
    Flag,
    /// A date.
    Day,
    /// The ISO 4217 code of a currency.
    Currency,
    /// One line of text.
    Line,
    /// Text without control characters.
    Prose,
    /// How much a clawback takes: a percent, `remaining-months`, or a table with `unconsumed`.
    TakeBack,
    /// A table of this kind.
    Table(TableKind),
    /// A list of tables of this kind.
    Tables(TableKind),
    /// A list of tiers.
    Tiers,
    /// A list of a curve's points.
    Points,
    /// A list of percents.
    Percents,
    /// A number of months above zero.
    RampEvery,
    /// A role, a list of roles, `reports` or `team`.
    Roles,
    /// A condition, or a list of conditions.
    Conditions,
    /// A list of installments' ids, or `all`.
    Installments,
}

/// What a key takes, and the refusals of anything else: a kind of text may have values that plans do not have.
pub trait KeyExpectation<R> {
    /// The refusal of a value of another kind.
    fn value_refused(self, written: String, hint: ValueHint) -> R;

    /// The refusal of a list without entries.
    fn empty_list(self) -> R;

    /// The value, if plans have it too.
    fn of_plans(&self) -> Option<&ExpectedValue>;
}

impl<R: From<TomlFault>> KeyExpectation<R> for ExpectedValue {
    fn value_refused(self, written: String, hint: ValueHint) -> R {
        TomlFault::Value { written, expected: self, hint }.into()
    }

    fn empty_list(self) -> R {
        TomlFault::EmptyList { expected: self }.into()
    }

    fn of_plans(&self) -> Option<&ExpectedValue> {
        Some(self)
    }
}

/// A kind of table in a text.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum TableKind {
    /// The whole text of a plan.
    Plan,
    /// `[[component]]`
    Component,
    /// The table of `ramp`.
    Ramp,
    /// `[[component.installment]]`
    Installment,
    /// `[[component.clawback]]`
    Clawback,
    /// `[[draw]]`
    Draw,
    /// An entry of `tiers`.
    Tier,
    /// An entry of `curve`.
    Point,
    /// An entry of `when`.
    Condition,
    /// The table of `measure`.
    Measure,
    /// The table of `baseline`.
    Baseline,
    /// The table of `cap`.
    Cap,
    /// The table of `where`.
    Filter,
    /// The table of `take-back`.
    TakeBack,
    /// A table of another crate's text, in the words of that crate.
    Other(&'static str),
}

impl From<&'static str> for TableKind {
    fn from(words: &'static str) -> TableKind {
        TableKind::Other(words)
    }
}
