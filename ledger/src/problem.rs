//! What is wrong with something a user gave: what, where, and what to do. Many at once, never just the first.

use std::fmt;

use crate::finding::TextLocation;

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

/// The candidate nearest to what was written, when one is near enough to be meant. What shares no letter with it is not.
pub fn nearest<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(written, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len() / 4 && *distance < written.chars().count())
        .min()
        .map(|(_, candidate)| candidate)
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

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_short_word_is_near_only_to_what_it_shares_a_letter_with() {
        for (written, near) in [("segmnt", Some("segment")), ("fro", Some("from")), ("x", None), ("at", None)] {
            assert_eq!(nearest(written, ["fact", "from", "segment", "to"]), near, "{written}");
        }
    }
}
