//! The one place where refusals become words: a code for programs, a sentence, and what to do.
//!
//! Libraries return refusals as data (`ledger::finding`), and know no command or flag. Each file here is for one of them, and
//! words its refusals by one match without `_`. The place in a file comes with the finding.

pub mod book;
pub mod close;
pub mod command;
pub mod compare;
pub mod fact;
pub mod mapping;
pub mod missing;
pub mod pay;
pub mod plans;
pub mod problem;
pub mod replay;
pub mod toml;

use ledger::finding::{FieldPath, Finding};
use problem::Problem;

/// What there is to say about one refusal or warning.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Wording {
    /// Stable, for programs: `fact-unknown-field`.
    pub code: &'static str,
    /// What happened, the thing in backticks; no full stop at its end.
    pub message: String,
    /// What to do about it; no full stop at its end.
    pub help: String,
}

impl Wording {
    pub fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
        Wording { code, message: message.into(), help: help.into() }
    }
}

impl From<Wording> for Problem {
    fn from(wording: Wording) -> Problem {
        Problem::new(wording.code, wording.message, wording.help)
    }
}

/// A finding in words, at its place in the text.
pub fn problem<R>(finding: &Finding<R>, wording: impl FnOnce(&R, &FieldPath) -> Wording) -> Problem {
    Problem { place: finding.location.clone(), ..Problem::from(wording(&finding.what, &finding.path)) }
}
