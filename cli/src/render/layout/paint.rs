//! Colour, on a terminal only, and never the only carrier of meaning.

use std::io::IsTerminal;

use crate::terminal::inert::shown;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Paint {
    Plain,
    Colour,
}

impl Paint {
    /// For a stream: colour on a terminal, unless NO_COLOR or a dumb terminal says otherwise (no-color.org).
    pub fn of(stream: &impl IsTerminal) -> Paint {
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        if stream.is_terminal() && !is_unwanted && !is_dumb { Paint::Colour } else { Paint::Plain }
    }
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Style {
    Plain,
    Bold,
    Red,
    Yellow,
    Blue,
}

/// One line for a terminal, in pieces of different colours. Colours are apart from the text, so that no text can bring its own.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PaintedLine(Vec<(Style, String)>);

impl PaintedLine {
    /// The line with a piece more.
    pub fn with(mut self, ink: Style, text: impl Into<String>) -> PaintedLine {
        self.0.push((ink, text.into()));
        self
    }

    /// As it is sent: what nobody sees is shown, and only our own colours are obeyed.
    pub fn painted(&self, paint: Paint) -> String {
        self.0.iter().map(|(ink, text)| painted(*ink, &shown(text), paint)).collect()
    }
}

impl<T: Into<String>> From<T> for PaintedLine {
    fn from(text: T) -> PaintedLine {
        PaintedLine::default().with(Style::Plain, text)
    }
}

fn painted(ink: Style, shown: &str, paint: Paint) -> String {
    let code = match (paint, ink) {
        (Paint::Plain, _) | (Paint::Colour, Style::Plain) => return shown.to_owned(),
        (Paint::Colour, Style::Bold) => "1",
        (Paint::Colour, Style::Red) => "1;31",
        (Paint::Colour, Style::Yellow) => "1;33",
        (Paint::Colour, Style::Blue) => "1;34",
    };
    format!("\x1b[{code}m{shown}\x1b[0m")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_brings_no_colour_of_its_own() {
        let line = PaintedLine::default().with(Style::Red, "error").with(Style::Plain, ": \u{1b}[31mred");
        assert_eq!(line.painted(Paint::Colour), "\u{1b}[1;31merror\u{1b}[0m: \\u{1b}[31mred");
        assert_eq!(line.painted(Paint::Plain), "error: \\u{1b}[31mred");
    }
}
