//! Problems, drawn as a compiler does, or as JSON for programs.

use console::Term;
use ledger::json::Writer;
use ledger::problem::{Place, Problem};

use crate::render::paint::Paint;

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

    fn painted(self, text: &str, paint: Paint) -> String {
        match self {
            Severity::Error => paint.red(text),
            Severity::Warning => paint.yellow(text),
        }
    }
}

/// How wide an excerpt may be where no terminal says it.
const WIDTH: usize = 100;
/// Left and right of what is meant, something of the line is seen.
const MARGIN: usize = 20;

/// A problem as a compiler draws it, without a line end.
pub fn draw(severity: Severity, problem: &Problem, paint: Paint) -> String {
    let head = severity.painted(&format!("{}[{}]", severity.word(), problem.code), paint);
    let mut text = format!("{head}{}", paint.bold(&format!(": {}", printable(&problem.message))));
    if let Some(place) = &problem.place {
        text.push_str(&draw_place(severity, place, paint, width()));
    }
    if !problem.help.is_empty() {
        text.push_str(&format!("\n  {} help: {}", paint.blue("="), printable(&problem.help)));
    }
    text
}

/// What a terminal would obey instead of show is written as its number.
fn printable(text: &str) -> String {
    text.chars().map(|c| if obeyed(c) && c != '\n' { c.escape_unicode().to_string() } else { c.to_string() }).collect()
}

fn obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

fn draw_place(severity: Severity, place: &Place, paint: Paint, width: usize) -> String {
    let number = place.line.to_string();
    let bar = paint.blue("|");
    let gutter = " ".repeat(number.len() + 1);
    let mut text =
        format!("\n{}{} {}:{}:{}", " ".repeat(number.len()), paint.blue("-->"), place.file, place.line, place.column);
    if place.excerpt.trim().is_empty() {
        return text;
    }
    let window = Window::of(place, width.saturating_sub(number.len() + 3));
    text.push_str(&format!("\n{gutter}{bar}\n{} {bar} {}", paint.blue(&number), window.text));
    if window.meant > 0 {
        let arrows = severity.painted(&"^".repeat(window.meant), paint);
        text.push_str(&format!("\n{gutter}{bar} {}{arrows}", " ".repeat(window.before)));
    }
    text
}

/// The part of a long line that is shown.
struct Window {
    text: String,
    /// Characters before what is meant.
    before: usize,
    /// How many characters are meant, as far as they are shown; 0 if they are not.
    meant: usize,
}

impl Window {
    fn of(place: &Place, width: usize) -> Window {
        // One column for each character, whatever the terminal makes of tabs.
        let line: Vec<char> = place.excerpt.chars().map(|c| if obeyed(c) { ' ' } else { c }).collect();
        let start = place.column - 1 - place.skipped;
        if line.len() <= width {
            let meant = place.width.min(line.len().saturating_sub(start));
            return Window { text: line.iter().collect(), before: start, meant };
        }
        let left = if start + place.width.min(width / 2) + MARGIN <= width { 0 } else { start.saturating_sub(MARGIN) };
        let left = left.min(line.len());
        let (head, room) = if left > 0 { ("…", width.saturating_sub(2)) } else { ("", width.saturating_sub(1)) };
        let right = (left + room).min(line.len());
        let tail = if right < line.len() { "…" } else { "" };
        let shown: String = line[left..right].iter().collect();
        Window {
            text: format!("{head}{shown}{tail}"),
            before: start.saturating_sub(left) + head.chars().count(),
            meant: place.width.min(right.saturating_sub(start)),
        }
    }
}

/// The terminal's width, if there is one.
fn width() -> usize {
    Term::stderr().size_checked().map_or(WIDTH, |(_, columns)| usize::from(columns).max(MARGIN * 2))
}

/// An array of problems, for programs.
pub fn problems_json(problems: &[(Severity, &Problem)]) -> String {
    let mut out = Writer::new();
    out.list(|out| problems.iter().for_each(|(severity, problem)| problem_json(*severity, problem, out)));
    out.finish()
}

pub fn problem_json(severity: Severity, problem: &Problem, out: &mut Writer) {
    let place = problem.place.as_deref();
    let number = |of: fn(&Place) -> usize| place.map(of).map_or("null".to_owned(), |number| number.to_string());
    out.object(|out| {
        out.name("code").text(problem.code);
        out.name("message").text(&problem.message);
        out.name("file").maybe(place.map(|place| &place.file));
        out.name("line").raw(&number(|place| place.line));
        out.name("column").raw(&number(|place| place.column));
        out.name("excerpt").maybe(place.map(|place| &place.excerpt));
        out.name("help").text(&problem.help);
        out.name("severity").text(severity.word());
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(line: &str, start: usize, end: usize, width: usize) -> String {
        let problem = Problem::new("x", "m", "h").at("f", 3, line, start, end);
        draw_place(Severity::Error, &problem.place.expect("placed"), Paint::Plain, width)
    }

    #[test]
    fn the_arrows_stand_below_what_is_meant() {
        assert_eq!(drawn("{\"a\": 1}", 1, 4, 80), "\n --> f:3:2\n  |\n3 | {\"a\": 1}\n  |  ^^^");
    }

    #[test]
    fn a_line_without_text_has_no_excerpt() {
        assert_eq!(drawn("", 0, 0, 80), "\n --> f:3:1");
    }

    #[test]
    fn arrows_stand_below_what_is_meant_in_lines_of_any_length() {
        for length in [1usize, 30, 90, 200, 390] {
            for start in 0..length {
                let line: String = (0..length).map(|at| if at == start { '#' } else { '.' }).collect();
                let text = drawn(&line, start, start + 1, 60);
                let rows: Vec<&str> = text.lines().collect();
                let column = |row: &str, c: char| row.chars().position(|found| found == c);
                assert_eq!(column(rows[3], '#'), column(rows[4], '^'), "{length} {start}\n{text}");
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
        assert!(column(rows[3], '#').is_some(), "{text}");
        assert_eq!(column(rows[3], '#'), column(rows[4], '^'), "{text}");
    }
}
