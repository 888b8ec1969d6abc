//! A refusal or warning in words: what is wrong, where, and what to do.

use std::fmt;

use ledger::finding::TextLocation;

/// One refusal or warning about input.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Problem {
    /// Stable, for programs: `fact-unknown-field`.
    pub code: &'static str,
    /// What happened, the thing in backticks.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// Where in a text, where there is one.
    pub place: Option<Box<TextLocation>>,
}

impl Problem {
    /// A refusal or warning without a place.
    pub fn new(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Problem {
        Problem { code, message: message.into(), help: help.into(), place: None }
    }

    /// The same, at bytes `start..end` of `line`, which is line `number` of `file`.
    pub fn at(mut self, file: &str, number: usize, line: &str, start: usize, end: usize) -> Problem {
        self.place = Some(Box::new(TextLocation::of(file, number, line, start, end)));
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{}:{}:{}: ", place.file, place.line, place.column)?;
        }
        write!(f, "{} [{}]; {}", self.message, self.code, self.help)
    }
}

/// A list for a sentence: `a, b or c`.
pub fn one_of<'a>(list: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = list.into_iter().map(|item| format!("`{item}`")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
        None => String::new(),
    }
}
