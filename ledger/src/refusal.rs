//! Why a fact that somebody sent is refused by itself, before anything else is known.
//!
//! A refusal is data: what was written, what was expected, which limit was exceeded. The field at fault is the path of the
//! [`Finding`], and the place in the line its location. Code, sentence and help are made where they are shown.

use crate::date::fault::DateFault;
use crate::finding::Finding;
use crate::id::NameFault;
use crate::json::SyntaxFault;

/// What is wrong with a fact, at which field of it, and where in its line.
pub type FactFinding = Finding<FactRefusal>;

/// Characters that are kept of a value that is refused.
pub const WRITTEN_CHARS_MAX: usize = 400;

/// What is wrong with a fact, or with one of its fields.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FactRefusal {
    /// The line is not JSON.
    NotJson(SyntaxFault),
    /// The line does not say which kind of fact it is.
    KindMissing,
    /// There is no such kind of fact.
    KindUnknown {
        /// The kind as it was written.
        written: String,
        /// The kind that is spelled nearly so.
        nearest: Option<&'static str>,
    },
    /// A field that is needed is not there.
    FieldMissing {
        /// Its name, the last step of the path.
        name: &'static str,
    },
    /// A field that the object does not have.
    FieldUnknown {
        /// The object that was read.
        object: ObjectKind,
        /// The name as it was written, the last step of the path.
        written: String,
        /// The field that is spelled nearly so.
        nearest: Option<&'static str>,
        /// All fields that the object has.
        known: Vec<&'static str>,
    },
    /// An object has more fields than one can have.
    TooManyFields {
        /// The most that are looked at.
        limit: usize,
    },
    /// The value is not one that the field takes.
    ValueUnexpected {
        /// The JSON as it was written, at most [`WRITTEN_CHARS_MAX`] characters of it.
        written: String,
        /// What the field takes.
        expected: Expected,
    },
    /// The value is no date, and seems to be something that is nearly one.
    DayUnfit {
        /// The JSON as it was written, at most [`WRITTEN_CHARS_MAX`] characters of it.
        written: String,
        /// What it seems to be.
        fault: DateFault,
    },
    /// A text that is compared has characters that nobody sees, or is not composed; or it is no name at all.
    NameUnfit {
        /// The text, at most [`WRITTEN_CHARS_MAX`] characters of it.
        written: String,
        /// What is wrong with it.
        fault: NameFault,
    },
}

/// An object in the JSON of a fact.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum ObjectKind {
    /// A whole fact of this kind.
    Fact(&'static str),
    /// A share of credit.
    Share,
    /// What a credit split is on.
    SplitTarget,
}

/// What a field takes.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Expected {
    /// An object that is a fact.
    Fact,
    /// The name of a kind of fact.
    FactKind,
    /// A name of 1 to `bytes_max` bytes.
    Name {
        /// The longest name.
        bytes_max: usize,
    },
    /// A date.
    Day,
    /// A month.
    Month,
    /// The code of a currency.
    Currency,
    /// A UUID of 36 characters.
    Uuid,
    /// A decimal number.
    Amount {
        /// Digits before the point.
        whole_digits_max: u32,
        /// Digits after the point.
        decimals_max: u32,
    },
    /// A percent.
    Percent {
        /// Digits after the point.
        decimals_max: u32,
    },
    /// A whole number.
    WholeNumber,
    /// A text of at most `bytes_max` bytes.
    Text {
        /// The longest text.
        bytes_max: usize,
    },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// A list.
    List,
    /// An object whose names are free.
    Map,
    /// A share of credit.
    Share,
    /// What a credit split is on: a booking, a contract or an account.
    SplitTarget,
    /// An id or a natural key of another fact.
    Reference,
}
