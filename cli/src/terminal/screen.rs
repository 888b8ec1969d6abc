//! The only way to the terminal. Names, notes, reasons, sources and file names come from outside, and a terminal obeys what it
//! is sent: text goes out a line at a time, and whatever in it nobody sees, or a terminal obeys, is written as `\u{202e}` or
//! `\n`. So no text can begin a line of its own, move the cursor, or turn what follows around. No other file of the command
//! may write to standard output or standard error (tests/tests/suite/tidy.rs).

use std::fmt;
use std::io::{self, BufWriter, IsTerminal, Stdout, Write, stderr, stdout};

use console::Term;
use indicatif::ProgressDrawTarget;

use crate::render::layout::csv::{self, Cells};
use crate::render::layout::paint::{Paint, PaintedLine};
use crate::terminal::inert::{json_shown, shown};
use crate::terminal::wrap;

/// Standard output, for data. Generic so that a test can look at what was written.
pub struct Screen<W: Write = BufWriter<Stdout>> {
    out: W,
    paint: Paint,
    cells: Cells,
    /// How wide a line may be; `None`: as wide as it is.
    columns: Option<usize>,
}

impl Screen {
    pub fn stdout(cells: Cells) -> Screen {
        let term = Term::stdout();
        Screen { out: BufWriter::new(stdout()), paint: Paint::of(&term), cells, columns: columns_of(&term) }
    }
}

impl<W: Write> Screen<W> {
    /// Lines as wide as they are and without colours, into memory or a file.
    pub fn over(out: W) -> Screen<W> {
        Screen { out, paint: Paint::Plain, cells: Cells::Safe, columns: None }
    }

    #[cfg(test)]
    pub fn over_columns(out: W, columns: usize) -> Screen<W> {
        Screen { columns: Some(columns), ..Screen::over(out) }
    }

    /// What was written.
    pub fn into_inner(self) -> W {
        self.out
    }

    /// How wide a line may be; `None` if nobody says.
    pub fn columns(&self) -> Option<usize> {
        self.columns
    }

    /// What `writeln!` calls: one line, whatever is in it. One that is too wide goes on below, indented.
    pub fn write_fmt(&mut self, line: fmt::Arguments<'_>) -> io::Result<()> {
        let text = line.to_string();
        let line = text.strip_suffix('\n').expect("BUG: a line is written with `writeln!`");
        let line = shown(line);
        match self.columns {
            Some(columns) => wrap::lines(&line, columns).iter().try_for_each(|line| writeln!(self.out, "{line}")),
            None => writeln!(self.out, "{line}"),
        }
    }

    /// One line in colours.
    pub fn line(&mut self, line: &PaintedLine) -> io::Result<()> {
        for line in line.wrapped(self.columns) {
            writeln!(self.out, "{}", line.painted(self.paint))?;
        }
        Ok(())
    }

    pub fn blank(&mut self) -> io::Result<()> {
        writeln!(self.out)
    }

    /// One row of CSV.
    pub fn row<C: AsRef<str>>(&mut self, cells: &[C]) -> io::Result<()> {
        csv::row(&mut self.out, cells, self.cells)
    }

    /// One row of CSV whose cells are separated by another character.
    pub fn separated<C: AsRef<str>>(&mut self, cells: &[C], delimiter: char) -> io::Result<()> {
        csv::separated(&mut self.out, cells, (delimiter, self.cells))
    }

    /// A JSON text, or the last part of one, and the end of the line.
    pub fn json(&mut self, json: &str) -> io::Result<()> {
        self.json_part(json)?;
        self.blank()
    }

    /// A part of a JSON text. Invisible characters are in its strings alone, and is escaped there: the values are the same.
    pub fn json_part(&mut self, json: &str) -> io::Result<()> {
        self.out.write_all(json_shown(json).as_bytes())
    }

    /// Text of several lines that somebody else wrote, as one line after the other. Tabs are blanks, for they indent.
    pub fn lines(&mut self, text: &str) -> io::Result<()> {
        for line in text.lines() {
            writeln!(self.out, "{}", shown(&line.replace('\t', "    ")))?;
        }
        Ok(())
    }

    /// A line for another program, which no width breaks.
    pub fn plain(&mut self, line: &str) -> io::Result<()> {
        self.out.write_all(line.as_bytes())?;
        self.out.write_all(b"\n")
    }

    /// Bytes that are data already and not for people: a plan's text in a file, completions, a manual page.
    pub fn verbatim(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.out.write_all(bytes)
    }

    pub fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Whether somebody looks at standard output as it comes.
pub fn is_looked_at() -> bool {
    stdout().is_terminal()
}

/// Whether somebody looks at standard error as it comes.
pub fn is_watched() -> bool {
    stderr().is_terminal()
}

/// Where progress is drawn.
pub fn progress() -> ProgressDrawTarget {
    ProgressDrawTarget::stderr()
}

/// How wide a line on standard error may be; `None` if nobody says.
pub fn columns() -> Option<usize> {
    columns_of(&Term::stderr())
}

/// The fewest columns that lines are broken to: with fewer, there is more indentation than text.
const COLUMNS_MIN: usize = 40;

/// How wide a line may be: what `COLUMNS` says, or else the terminal; as wide as it is where it goes to a file or a pipe.
fn columns_of(term: &Term) -> Option<usize> {
    let named = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).filter(|columns| *columns > 0);
    let seen = || term.size_checked().map(|(_, columns)| usize::from(columns));
    named.or_else(seen).map(|columns| columns.max(COLUMNS_MIN))
}

/// A line on standard error. If nobody listens, there is nobody to tell.
pub fn say(line: &PaintedLine) {
    for line in line.wrapped(columns()) {
        drop(writeln!(stderr().lock(), "{}", line.painted(Paint::of(&Term::stderr()))));
    }
}

/// A line of JSON on standard error.
pub fn say_json(json: &str) {
    drop(writeln!(stderr().lock(), "{}", json_shown(json)));
}

/// Help and the version, which have no text of a user, with the colours of clap.
pub fn help(help: &clap::Error) {
    drop(help.print());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Screen<Vec<u8>>) -> io::Result<()>) -> String {
        let mut screen = Screen::over(Vec::new());
        write(&mut screen).expect("into memory");
        String::from_utf8(screen.into_inner()).expect("text")
    }

    #[test]
    fn a_line_is_one_line_whatever_is_in_it() {
        let name = "Ana\n\nSettlement\n  pay 1,000.00\r\u{1b}[2J\u{9b}1m\u{202e}x\u{2028}y\u{7f}\u{e0041}";
        let text = written(|out| writeln!(out, "Statement of {name}"));
        assert_eq!(
            text,
            "Statement of Ana\\n\\nSettlement\\n  pay 1,000.00\\r\\u{1b}[2J\\u{9b}1m\\u{202e}x\\u{2028}y\\u{7f}\\u{e0041}\n"
        );
        let ends = "ends\n";
        assert_eq!(written(|out| writeln!(out, "{ends}")), "ends\\n\n");
    }

    #[test]
    fn json_keeps_its_values() {
        let name = "a\u{202e}b\u{7f}\u{85}\u{e0041}\u{feff}é";
        let mut out = ledger::json::JsonWriter::new();
        out.text(name);
        let json = out.finish();
        let text = written(|out| out.json(&json));
        assert_eq!(text, "\"a\\u202eb\\u007f\\u0085\\udb40\\udc41\\ufeffé\"\n");
        assert_eq!(serde_json::from_str::<String>(&text).expect("JSON"), name);
    }
}
