//! Collects the findings about a text, each with its bytes in the text; in the end each gets the path of its field
//! and its line.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use ledger::finding::{FieldPath, Finding, TextLocation};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::read::toml_fault::{TomlFault, TooMany};

/// Bytes `start..end` of the text.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Spot {
    /// The first byte.
    pub start: usize,
    /// The byte after the last.
    pub end: usize,
}

/// The most refusals, and the most warnings, that are listed for one text.
pub const FINDINGS_MAX: usize = 100;

/// The most that are collected: more than are listed, because they are not found in the order of the text.
const FOUND_MAX: usize = 10 * FINDINGS_MAX;

/// The most characters of a value that a message repeats.
const SHOWN_CHARS_MAX: usize = 60;

/// Where a text is from. Today's rule of names applies only to texts that come in; a log keeps names by older rules.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Origin {
    /// It comes in now.
    Incoming,
    /// It was published, and is read from a log.
    Published,
}

/// The refusals of one kind of text, such as a plan.
pub trait TextRefusal: From<TomlFault> {
    /// The warnings about this kind of text.
    type Warning: From<TooMany>;
}

/// Collects the findings about a text, each with the bytes that it is about.
pub struct TextReport<'t, R: TextRefusal> {
    /// The text.
    pub text: &'t str,
    /// Where the text is from.
    pub origin: Origin,
    refused: Vec<(Spot, R)>,
    warned: Vec<(Spot, R::Warning)>,
}

impl<'t, R: TextRefusal> TextReport<'t, R> {
    /// Starts a report on a text that comes in.
    pub fn of(text: &'t str) -> TextReport<'t, R> {
        TextReport { text, origin: Origin::Incoming, refused: Vec::new(), warned: Vec::new() }
    }

    /// Starts a report on a text from a log.
    pub fn of_published(text: &'t str) -> TextReport<'t, R> {
        TextReport { origin: Origin::Published, ..TextReport::of(text) }
    }

    /// Notes a refusal at `spot`. Once the limit is reached, further ones are dropped.
    pub fn refuse(&mut self, spot: Spot, refusal: impl Into<R>) {
        if !self.is_full() {
            self.refused.push((spot, refusal.into()));
        }
    }

    /// Notes a warning at `spot`. Once the limit is reached, further ones are dropped.
    pub fn warn(&mut self, spot: Spot, warning: impl Into<R::Warning>) {
        if self.warned.len() < FOUND_MAX {
            self.warned.push((spot, warning.into()));
        }
    }

    /// Notes a refusal and returns `None`, for a value that cannot be read.
    pub fn wrong<T>(&mut self, spot: Spot, refusal: impl Into<R>) -> Option<T> {
        self.refuse(spot, refusal);
        None
    }

    /// Whether the limit of refusals is reached.
    pub fn is_full(&self) -> bool {
        self.refused.len() >= FOUND_MAX
    }

    /// Whether anything was refused.
    pub fn has_refused(&self) -> bool {
        !self.refused.is_empty()
    }

    /// The first line of the text at `spot`, shortened.
    pub fn shown(&self, spot: Spot) -> String {
        let written = self.text.get(spot.start..spot.end).unwrap_or("");
        shortened(written.lines().next().unwrap_or(""))
    }

    /// Ends the report: refusals and warnings in the order of the text, each with the path of its field and its place
    /// in `file`.
    pub fn findings(self, file: &str) -> (Vec<Finding<R>>, Vec<Finding<R::Warning>>) {
        let spots: BTreeSet<Spot> =
            self.refused.iter().map(|(spot, _)| *spot).chain(self.warned.iter().map(|(spot, _)| *spot)).collect();
        let places = FindingPlaces { lines: Lines::of(self.text), paths: paths_of(self.text, &spots), file };
        let refused = placed(self.refused, &places, |more| TomlFault::from(more).into());
        (refused, placed(self.warned, &places, R::Warning::from))
    }
}

/// A text as a message can repeat it: its first 60 characters, with `…` if there are more.
pub fn shortened(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn placed<R>(
    mut found: Vec<(Spot, R)>,
    places: &FindingPlaces<'_>,
    too_many: impl FnOnce(TooMany) -> R,
) -> Vec<Finding<R>> {
    found.sort_by_key(|(spot, _)| *spot);
    let more = found.len().saturating_sub(FINDINGS_MAX);
    let listed = found.into_iter().take(FINDINGS_MAX);
    let mut findings: Vec<Finding<R>> = listed.map(|(spot, what)| places.place(spot, what)).collect();
    if more > 0 {
        findings.push(Finding::new(too_many(TooMany { listed: FINDINGS_MAX, more })));
    }
    findings
}

/// Where the findings about a text are.
struct FindingPlaces<'t> {
    lines: Lines<'t>,
    paths: BTreeMap<Spot, FieldPath>,
    file: &'t str,
}

impl FindingPlaces<'_> {
    fn place<R>(&self, spot: Spot, what: R) -> Finding<R> {
        let path = self.paths.get(&spot).cloned().unwrap_or_default();
        Finding { what, path, location: Some(Box::new(self.lines.location(spot, self.file))) }
    }
}

/// Where each line of a text begins.
struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Lines { text, starts }
    }

    fn location(&self, spot: Spot, file: &str) -> TextLocation {
        let number = self.starts.partition_point(|start| *start <= spot.start);
        let start = self.starts[number - 1];
        let line = self.text[start..].lines().next().unwrap_or("");
        TextLocation::of(file, number, line, spot.start - start, spot.end.max(spot.start) - start)
    }
}

/// The paths of the keys and values at these spots. A spot that is none of them is about the whole text.
fn paths_of(text: &str, spots: &BTreeSet<Spot>) -> BTreeMap<Spot, FieldPath> {
    let mut paths = BTreeMap::new();
    if spots.iter().all(|spot| *spot == Spot::default()) {
        return paths;
    }
    let (document, _) = DeTable::parse_recoverable(text);
    paths_in(document.get_ref(), &FieldPath::root(), spots, &mut paths);
    paths
}

fn paths_in(table: &DeTable<'_>, path: &FieldPath, spots: &BTreeSet<Spot>, paths: &mut BTreeMap<Spot, FieldPath>) {
    for (key, value) in table {
        let path = path.clone().then(key.get_ref());
        note_path(Spot::from(key.span()), &path, spots, paths);
        paths_of_value(value, path, spots, paths);
    }
}

fn paths_of_value(
    value: &Spanned<DeValue<'_>>,
    path: FieldPath,
    spots: &BTreeSet<Spot>,
    paths: &mut BTreeMap<Spot, FieldPath>,
) {
    note_path(Spot::from(value.span()), &path, spots, paths);
    match value.get_ref() {
        DeValue::Table(table) => paths_in(table, &path, spots, paths),
        DeValue::Array(entries) => {
            for (index, entry) in entries.iter().enumerate() {
                paths_of_value(entry, path.clone().index(index), spots, paths);
            }
        }
        DeValue::String(_) | DeValue::Integer(_) | DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Datetime(_) => {}
    }
}

/// A list of tables begins where its first table does: the longer path is the closer one.
fn note_path(spot: Spot, path: &FieldPath, spots: &BTreeSet<Spot>, paths: &mut BTreeMap<Spot, FieldPath>) {
    if spots.contains(&spot) {
        paths.insert(spot, path.clone());
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
    use crate::refusal::{PlanRefusal, PlanReport};

    fn told(text: &str, count: usize) -> Vec<Finding<PlanRefusal>> {
        let mut report = PlanReport::of(text);
        for start in (0..count).rev() {
            report.refuse(Spot { start: start % text.len(), end: text.len() }, PlanRefusal::EmptyCap);
        }
        report.findings("p.toml").0
    }

    #[test]
    fn a_spot_over_several_lines_is_underlined_to_the_end_of_the_first() {
        let mut report = PlanReport::of("é = 1\r\nb = [\n  2,\n]\n");
        report.refuse(Spot { start: 12, end: 20 }, PlanRefusal::EmptyCap);
        let place = report.findings("p.toml").0.remove(0).location.expect("a place");
        assert_eq!((place.line, place.column, place.width, place.excerpt.as_str()), (2, 5, 1, "b = ["));
    }

    #[test]
    fn a_finding_has_the_path_of_its_field() {
        let text =
            "plan = \"p\"\n[[component]]\nid = \"c\"\ntiers = [{ from = 5 }]\n[[component.installment]]\nid = 7\n";
        let spot = |part: &str| {
            let start = text.rfind(part).expect("a part");
            Spot { start, end: start + part.len() }
        };
        for (part, path) in [
            ("\"p\"", "plan"),
            ("[[component]]", "component[0]"),
            ("\"c\"", "component[0].id"),
            ("5", "component[0].tiers[0].from"),
            ("{ from = 5 }", "component[0].tiers[0]"),
            ("7", "component[0].installment[0].id"),
            ("[[component.installment]]", "component[0].installment[0]"),
            ("no", ""),
        ] {
            let mut report = PlanReport::of(text);
            let at = if part == "no" { Spot::default() } else { spot(part) };
            report.refuse(at, PlanRefusal::EmptyCap);
            assert_eq!(report.findings("p.toml").0[0].path.to_string(), path, "{part}");
        }
    }

    #[test]
    fn the_end_of_the_text_is_a_place_too() {
        for text in ["", "a", "a\n"] {
            let mut report = PlanReport::of(text);
            report.refuse(Spot { start: text.len(), end: text.len() }, PlanRefusal::EmptyCap);
            let place = report.findings("p.toml").0.remove(0).location.expect("a place");
            assert_eq!((place.line, place.width), (1 + text.matches('\n').count(), 1), "{text:?}");
        }
    }

    #[test]
    fn as_many_problems_as_the_limit_are_told_in_order_and_one_more_is_counted() {
        let text = "abcdefghij".repeat(20);
        assert_eq!(told(&text, FINDINGS_MAX).len(), FINDINGS_MAX);
        let more = told(&text, FINDINGS_MAX + 1);
        assert_eq!(
            (more.len(), more[FINDINGS_MAX].what.clone()),
            (FINDINGS_MAX + 1, PlanRefusal::Toml(TooMany { listed: FINDINGS_MAX, more: 1 }.into()))
        );
        assert!(more[..FINDINGS_MAX].is_sorted_by_key(|problem| problem.location.as_ref().map(|place| place.column)));
        assert_eq!(told(&text, FOUND_MAX + 5).len(), FINDINGS_MAX + 1);
    }
}
