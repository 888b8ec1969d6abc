//! What was found in a plan's text, each with the bytes that it is about; at the end each with its line.

use std::ops::Range;

use ledger::problem::Problem;

/// Bytes `start..end` of the plan's text.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Spot {
    pub start: usize,
    pub end: usize,
}

/// As many refusals, and as many warnings, are told of one text.
pub const PROBLEMS_MAX: usize = 100;

/// As many are looked for: more than are told, since they are not found in the order of the text.
const FOUND_MAX: usize = 10 * PROBLEMS_MAX;

/// How much of a value is repeated in a message.
const SHOWN_CHARS_MAX: usize = 60;

/// Where a plan's text is from. Names in a log follow the rule by which it was written; what comes in follows today's.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    Incoming,
    Published,
}

pub struct Report<'t> {
    pub text: &'t str,
    pub origin: Origin,
    refused: Vec<(Spot, Problem)>,
    warned: Vec<(Spot, Problem)>,
}

impl<'t> Report<'t> {
    pub fn of(text: &'t str) -> Report<'t> {
        Report { text, origin: Origin::Incoming, refused: Vec::new(), warned: Vec::new() }
    }

    /// Of a text that is in a log.
    pub fn of_published(text: &'t str) -> Report<'t> {
        Report { origin: Origin::Published, ..Report::of(text) }
    }

    pub fn refuse(&mut self, spot: Spot, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        if !self.is_full() {
            self.refused.push((spot, Problem::new(code, message, help)));
        }
    }

    pub fn warn(&mut self, spot: Spot, code: &'static str, message: impl Into<String>, help: impl Into<String>) {
        if self.warned.len() < FOUND_MAX {
            self.warned.push((spot, Problem::new(code, message, help)));
        }
    }

    /// Refuses what should have become a value.
    pub fn wrong<T>(
        &mut self,
        spot: Spot,
        code: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Option<T> {
        self.refuse(spot, code, message, help);
        None
    }

    pub fn is_full(&self) -> bool {
        self.refused.len() >= FOUND_MAX
    }

    pub fn has_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// The text at `spot`, as a message repeats it: its first line, shortened.
    pub fn shown(&self, spot: Spot) -> String {
        let written = self.text.get(spot.start..spot.end).unwrap_or("");
        shortened(written.lines().next().unwrap_or(""))
    }

    /// The refusals and the warnings, each in the order of the text and with its line.
    pub fn problems(self, file: &str) -> (Vec<Problem>, Vec<Problem>) {
        let lines = Lines::of(self.text);
        (placed(self.refused, &lines, file), placed(self.warned, &lines, file))
    }
}

/// A name or value of any length, as a message can bear it.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn placed(mut found: Vec<(Spot, Problem)>, lines: &Lines<'_>, file: &str) -> Vec<Problem> {
    found.sort_by_key(|(spot, _)| *spot);
    let more = found.len().saturating_sub(PROBLEMS_MAX);
    let mut problems: Vec<Problem> =
        found.into_iter().take(PROBLEMS_MAX).map(|(spot, problem)| lines.place(spot, problem, file)).collect();
    if more > 0 {
        let message = format!("only the first `{PROBLEMS_MAX}` are shown, at least {more} more were found");
        problems.push(Problem::new("plan-many", message, "mend these and check again"));
    }
    problems
}

struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    fn place(&self, spot: Spot, problem: Problem, file: &str) -> Problem {
        let number = self.starts.partition_point(|start| *start <= spot.start);
        let start = self.starts[number - 1];
        let line = self.text[start..].lines().next().unwrap_or("");
        problem.at(file, number, line, spot.start - start, spot.end.max(spot.start) - start)
    }
}

impl From<Range<usize>> for Spot {
    fn from(range: Range<usize>) -> Spot {
        Spot { start: range.start, end: range.end }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str, count: usize) -> Vec<Problem> {
        let mut report = Report::of(text);
        for start in (0..count).rev() {
            report.refuse(Spot { start: start % text.len(), end: text.len() }, "plan-value", "x", "y");
        }
        report.problems("p.toml").0
    }

    #[test]
    fn a_spot_over_several_lines_is_underlined_to_the_end_of_the_first() {
        let mut report = Report::of("é = 1\r\nb = [\n  2,\n]\n");
        report.refuse(Spot { start: 12, end: 20 }, "plan-value", "x", "y");
        let place = report.problems("p.toml").0.remove(0).place.expect("a place");
        assert_eq!((place.line, place.column, place.width, place.excerpt.as_str()), (2, 5, 1, "b = ["));
    }

    #[test]
    fn the_end_of_the_text_is_a_place_too() {
        for text in ["", "a", "a\n"] {
            let mut report = Report::of(text);
            report.refuse(Spot { start: text.len(), end: text.len() }, "plan-value", "x", "y");
            let place = report.problems("p.toml").0.remove(0).place.expect("a place");
            assert_eq!((place.line, place.width), (1 + text.matches('\n').count(), 1), "{text:?}");
        }
    }

    #[test]
    fn as_many_problems_as_the_limit_are_told_in_order_and_one_more_is_counted() {
        let text = "abcdefghij".repeat(20);
        assert_eq!(told(&text, PROBLEMS_MAX).len(), PROBLEMS_MAX);
        let more = told(&text, PROBLEMS_MAX + 1);
        assert_eq!((more.len(), more[PROBLEMS_MAX].code), (PROBLEMS_MAX + 1, "plan-many"));
        assert!(more[..PROBLEMS_MAX].is_sorted_by_key(|problem| problem.place.as_ref().map(|place| place.column)));
        assert_eq!(told(&text, FOUND_MAX + 5).len(), PROBLEMS_MAX + 1);
    }
}
