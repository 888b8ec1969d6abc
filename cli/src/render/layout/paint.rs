//! Colour, on a terminal only, and never the only carrier of meaning.

use console::{Style, Term};

use crate::terminal::inert::shown;
use crate::terminal::wrap;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Paint {
    Plain,
    Colour,
}

impl Paint {
    /// Colour on a terminal, unless NO_COLOR or a dumb terminal says otherwise (no-color.org).
    pub fn of(stream: &Term) -> Paint {
        if stream.features().colors_supported() { Paint::Colour } else { Paint::Plain }
    }
}

pub const PLAIN: Style = Style::new();
pub const BOLD: Style = Style::new().bold();
pub const ERROR: Style = Style::new().red().bold();
pub const WARNING: Style = Style::new().yellow().bold();
/// What frames an excerpt of a file.
pub const FRAME: Style = Style::new().blue().bold();

/// What the line of a help begins with.
pub const HELP: &str = "  = help: ";

/// One line for a terminal, in pieces of different colours. Colours are apart from the text, so that no text can bring its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PaintedLine(Vec<(Style, String)>);

impl PaintedLine {
    /// The line with a piece more.
    pub fn with(mut self, style: Style, text: impl Into<String>) -> PaintedLine {
        self.0.push((style, text.into()));
        self
    }

    /// The line as lines of at most `columns`, of which those that go on are indented.
    pub fn wrapped(&self, columns: Option<usize>) -> Vec<PaintedLine> {
        let Some(columns) = columns else { return vec![self.clone()] };
        let shown: Vec<(Style, String)> =
            self.0.iter().map(|(style, text)| (style.clone(), shown(text).into_owned())).collect();
        let text: String = shown.iter().map(|(_, text)| text.as_str()).collect();
        let hanging = if text.starts_with(HELP) { HELP.len() } else { 2 };
        wrap::painted(&shown, columns, hanging).into_iter().map(PaintedLine).collect()
    }

    /// As it is sent: invisible characters of the text are escaped, so that only our own colours are obeyed.
    pub fn painted(&self, paint: Paint) -> String {
        let styled = |(style, text): &(Style, String)| {
            style.clone().force_styling(paint == Paint::Colour).apply_to(shown(text)).to_string()
        };
        self.0.iter().map(styled).collect()
    }
}

impl<T: Into<String>> From<T> for PaintedLine {
    fn from(text: T) -> PaintedLine {
        PaintedLine::default().with(PLAIN, text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_brings_no_colour_of_its_own() {
        let line = PaintedLine::default().with(ERROR, "error").with(PLAIN, ": \u{1b}[31mred");
        assert_eq!(line.painted(Paint::Colour), "\u{1b}[31m\u{1b}[1merror\u{1b}[0m: \\u{1b}[31mred");
        assert_eq!(line.painted(Paint::Plain), "error: \\u{1b}[31mred");
    }
}
