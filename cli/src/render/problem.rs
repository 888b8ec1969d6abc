//! Problems, drawn as a compiler does, or as JSON for programs.

use console::Style;
use ledger::finding::TextLocation;
use serde::Serialize;

use crate::render::json::json;
use crate::render::layout::paint::{BOLD, ERROR, FRAME, HELP, PLAIN, PaintedLine, WARNING};
use crate::terminal::inert::{shown, width as screen_width};
use crate::terminal::screen::columns;
use crate::wording::problem::Problem;

#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Severity {
    Error,
    Warning,
}

impl Severity {
    fn word(self) -> &'static str {
        match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        }
    }

    fn style(self) -> Style {
        match self {
            Severity::Error => ERROR,
            Severity::Warning => WARNING,
        }
    }
}

/// How wide an excerpt may be where no terminal says it.
const WIDTH: usize = 100;
/// Left and right of what is meant, something of the line is seen.
const MARGIN: usize = 20;

/// A problem as a compiler draws it.
pub fn draw(severity: Severity, problem: &Problem) -> Vec<PaintedLine> {
    let head = PaintedLine::default()
        .with(severity.style(), format!("{}[{}]", severity.word(), problem.code))
        .with(BOLD, format!(": {}", problem.message));
    let mut lines = vec![head];
    if let Some(place) = &problem.place {
        lines.extend(draw_place(severity, place, width()));
    }
    if !problem.help.is_empty() {
        let (indent, rest) = HELP.split_once('=').expect("a help has a sign");
        lines.push(PaintedLine::from(indent).with(FRAME, "=").with(PLAIN, format!("{rest}{}", problem.help)));
    }
    lines
}

fn draw_place(severity: Severity, place: &TextLocation, width: usize) -> Vec<PaintedLine> {
    let number = place.line.to_string();
    let gutter = || PaintedLine::from(" ".repeat(number.len() + 1)).with(FRAME, "|");
    let at = format!(" {}:{}:{}", place.file, place.line, place.column);
    let mut lines = vec![PaintedLine::from(" ".repeat(number.len())).with(FRAME, "-->").with(PLAIN, at)];
    if place.excerpt.trim().is_empty() {
        return lines;
    }
    let window = Window::of(place, width.saturating_sub(number.len() + 3));
    lines.push(gutter());
    let excerpt = PaintedLine::default().with(FRAME, &number).with(PLAIN, " ").with(FRAME, "|");
    lines.push(excerpt.with(PLAIN, format!(" {}", window.text)));
    if window.meant > 0 {
        let arrows = gutter().with(PLAIN, " ".repeat(window.before + 1));
        lines.push(arrows.with(severity.style(), "^".repeat(window.meant)));
    }
    lines
}

/// The part of a long line that is shown.
struct Window {
    text: String,
    /// Columns before what is meant.
    before: usize,
    /// How many columns are meant, as far as they are shown; 0 if they are not.
    meant: usize,
}

impl Window {
    fn of(place: &TextLocation, width: usize) -> Window {
        let cells: Vec<String> = place.excerpt.chars().map(cell).collect();
        // The column at which each character begins, and that behind the last one.
        let mut columns = vec![0];
        cells.iter().for_each(|cell| columns.push(columns[columns.len() - 1] + screen_width(cell)));
        let first = (place.column - 1 - place.skipped).min(cells.len());
        let last = (first + place.width).min(cells.len());
        let (start, end, all) = (columns[first], columns[last], columns[cells.len()]);
        if all <= width {
            return Window { text: cells.concat(), before: start, meant: end - start };
        }
        let left =
            if start + (end - start).min(width / 2) + MARGIN <= width { 0 } else { start.saturating_sub(MARGIN) };
        let left = columns[..=first].partition_point(|column| *column < left);
        let (head, room) = if left > 0 { ("…", width.saturating_sub(2)) } else { ("", width.saturating_sub(1)) };
        let right = columns.partition_point(|column| *column <= columns[left] + room) - 1;
        let tail = if right < cells.len() { "…" } else { "" };
        Window {
            text: format!("{head}{}{tail}", cells[left..right].concat()),
            before: start - columns[left] + head.chars().count(),
            meant: end.min(columns[right]).saturating_sub(start),
        }
    }
}

/// A character of an excerpt. A tab is one blank, so that rows of a table stay readable.
fn cell(c: char) -> String {
    if c == '\t' { " ".to_owned() } else { shown(c.encode_utf8(&mut [0; 4])).into_owned() }
}

/// The terminal's width, if there is one.
fn width() -> usize {
    columns().map_or(WIDTH, |columns| columns.max(MARGIN * 2))
}

/// An array of problems, for programs.
pub fn problems_json(problems: &[(Severity, &Problem)]) -> String {
    let problems: Vec<_> = problems.iter().map(|(severity, problem)| ProblemJson::of(*severity, problem)).collect();
    json(&problems)
}

/// A problem as it is published.
#[derive(Serialize)]
pub struct ProblemJson<'p> {
    code: &'static str,
    message: &'p str,
    file: Option<&'p str>,
    line: Option<usize>,
    column: Option<usize>,
    excerpt: Option<&'p str>,
    help: &'p str,
    severity: &'static str,
}

impl ProblemJson<'_> {
    pub fn of(severity: Severity, problem: &Problem) -> ProblemJson<'_> {
        let place = problem.place.as_deref();
        ProblemJson {
            code: problem.code,
            message: &problem.message,
            file: place.map(|place| place.file.as_str()),
            line: place.map(|place| place.line),
            column: place.map(|place| place.column),
            excerpt: place.map(|place| place.excerpt.as_str()),
            help: &problem.help,
            severity: severity.word(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::layout::paint::Paint;

    fn drawn(line: &str, start: usize, end: usize, width: usize) -> String {
        let problem = Problem::new("x", "m", "h").at("f", 3, line, start, end);
        let lines = draw_place(Severity::Error, &problem.place.expect("placed"), width);
        lines.iter().map(|line| line.painted(Paint::Plain)).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_arrows_stand_below_what_is_meant() {
        assert_eq!(drawn("{\"a\": 1}", 1, 4, 80), " --> f:3:2\n  |\n3 | {\"a\": 1}\n  |  ^^^");
    }

    #[test]
    fn a_line_without_text_has_no_excerpt() {
        assert_eq!(drawn("", 0, 0, 80), " --> f:3:1");
    }

    #[test]
    fn arrows_stand_below_what_is_meant_in_lines_of_any_length() {
        for length in [1usize, 30, 90, 200, 390] {
            for start in 0..length {
                let line: String = (0..length).map(|at| if at == start { '#' } else { '.' }).collect();
                let text = drawn(&line, start, start + 1, 60);
                let rows: Vec<&str> = text.lines().collect();
                let column = |row: &str, c: char| row.chars().position(|found| found == c);
                assert_eq!(column(rows[2], '#'), column(rows[3], '^'), "{length} {start}\n{text}");
                assert!(rows.iter().all(|row| row.chars().count() <= 60), "{text}");
            }
        }
    }

    #[test]
    fn of_a_line_longer_than_is_kept_the_part_around_the_place_is_shown() {
        let line = format!("{}#{}", "x".repeat(800), "x".repeat(99));
        let text = drawn(&line, 800, 801, 80);
        let rows: Vec<&str> = text.lines().collect();
        let column = |row: &str, c: char| row.chars().position(|found| found == c);
        assert!(column(rows[2], '#').is_some(), "{text}");
        assert_eq!(column(rows[2], '#'), column(rows[3], '^'), "{text}");
    }
}
