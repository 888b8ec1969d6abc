//! Colour, on a terminal only, and never the only carrier of meaning.

use std::io::IsTerminal;

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

    pub fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    pub fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    pub fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    pub fn blue(self, text: &str) -> String {
        self.with("1;34", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        match self {
            Paint::Plain => text.to_owned(),
            Paint::Colour => format!("\x1b[{code}m{text}\x1b[0m"),
        }
    }
}
