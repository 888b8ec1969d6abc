//! A refusal or a warning as data: what is wrong, at which field, and where in a text.
//!
//! Each crate has its own enum of refusals; this file has what they share. The words, the code and the help are made at
//! the edge, by one exhaustive match, so that a terminal and a server say the same.

use std::fmt;

/// The path of a field in an input: `credit[0].payee`. The empty path is the whole input.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct FieldPath(Vec<PathStep>);

/// One step of a [`FieldPath`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum PathStep {
    /// A field of an object or a table.
    Name(Box<str>),
    /// An element of a list, counted from 0.
    Index(usize),
}

impl FieldPath {
    /// The whole input.
    pub fn root() -> FieldPath {
        FieldPath::default()
    }

    /// A field of the input itself.
    pub fn of(name: &str) -> FieldPath {
        FieldPath::root().then(name)
    }

    /// The field `name` of what this path leads to.
    pub fn then(mut self, name: &str) -> FieldPath {
        self.0.push(PathStep::Name(name.into()));
        self
    }

    /// The element `index`, counted from 0, of the list that this path leads to.
    pub fn index(mut self, index: usize) -> FieldPath {
        self.0.push(PathStep::Index(index));
        self
    }

    /// Puts a step before all others: the path is now seen from one level further out.
    pub fn prepend(&mut self, step: PathStep) {
        self.0.insert(0, step);
    }

    /// The steps from the input to the field.
    pub fn steps(&self) -> &[PathStep] {
        &self.0
    }

    /// Whether it is the whole input.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// As a JSON pointer (RFC 6901): `/credit/0/payee`.
    pub fn pointer(&self) -> String {
        let step = |step: &PathStep| match step {
            PathStep::Name(name) => format!("/{}", name.replace('~', "~0").replace('/', "~1")),
            PathStep::Index(index) => format!("/{index}"),
        };
        self.0.iter().map(step).collect()
    }
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, step) in self.0.iter().enumerate() {
            match step {
                PathStep::Name(name) if number == 0 => f.write_str(name)?,
                PathStep::Name(name) => write!(f, ".{name}")?,
                PathStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// What is wrong with an input, or doubtful about it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Finding<R> {
    /// A variant of the crate's enum of refusals, or of warnings.
    pub what: R,
    /// The field that it is about.
    pub path: FieldPath,
    /// Where in a text, where there is one.
    pub location: Option<Box<TextLocation>>,
}

impl<R> Finding<R> {
    /// About the whole input.
    pub fn new(what: R) -> Finding<R> {
        Finding { what, path: FieldPath::root(), location: None }
    }

    /// About one field.
    pub fn at(path: FieldPath, what: R) -> Finding<R> {
        Finding { what, path, location: None }
    }

    /// The same finding as another crate's refusal.
    pub fn map<S>(self, turn: impl FnOnce(R) -> S) -> Finding<S> {
        Finding { what: turn(self.what), path: self.path, location: self.location }
    }
}

impl<R> From<R> for Finding<R> {
    fn from(what: R) -> Finding<R> {
        Finding::new(what)
    }
}

/// A place in a text file. Line and column count from 1; the column, the width and the excerpt are in characters.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TextLocation {
    /// The name of the file.
    pub file: String,
    /// The number of the line, from 1.
    pub line: usize,
    /// The character of the line at which the place begins, from 1.
    pub column: usize,
    /// The line, or the part of a very long one that is around the column.
    pub excerpt: String,
    /// How many characters of the line are before the excerpt.
    pub skipped: usize,
    /// How many characters of the excerpt are meant.
    pub width: usize,
}

/// The longest excerpt that is kept of a line, in characters.
const EXCERPT_CHARS_MAX: usize = 400;

impl TextLocation {
    /// Bytes `start..end` of `line`, which is line `number` of `file`.
    pub fn of(file: &str, number: usize, line: &str, start: usize, end: usize) -> TextLocation {
        let chars = |text: &str| text.chars().count();
        let before = chars(line.get(..start.min(line.len())).unwrap_or(""));
        let meant = chars(line.get(start.min(line.len())..end.min(line.len())).unwrap_or(""));
        let skipped = before.saturating_sub(EXCERPT_CHARS_MAX / 2);
        TextLocation {
            file: file.to_owned(),
            line: number,
            column: before + 1,
            excerpt: line.chars().skip(skipped).take(EXCERPT_CHARS_MAX).collect(),
            skipped,
            width: meant.max(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FieldPath;

    #[test]
    fn a_path_is_written_for_people_and_as_a_json_pointer() {
        let path = FieldPath::of("credit").index(0).then("payee");
        assert_eq!((path.to_string(), path.pointer()), ("credit[0].payee".to_owned(), "/credit/0/payee".to_owned()));
        assert_eq!(FieldPath::of("a/b").then("c~d").pointer(), "/a~1b/c~0d");
        assert!(FieldPath::root().is_root() && FieldPath::root().pointer().is_empty());
    }
}
