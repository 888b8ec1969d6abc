//! The catalogue of every code that the program can say: what it means, what to do, and examples that produce it.
//!
//! A new code is one line in the file of its family. `docs/errors.md` is written from here (TRUEUP_WRITE=1), the examples
//! are run, and the sources are searched for codes that are missing here or not used any more.

mod books;
mod closes;
mod compare;
mod disputes;
mod doc;
mod facts;
mod maps;
mod openings;
mod pay;
mod plans;
mod run;
mod sources;

pub use run::{facts_desk, refused_facts};

/// One code.
pub struct Code {
    pub code: &'static str,
    pub kind: Kind,
    /// What it means.
    pub means: &'static str,
    /// What to do.
    pub help: &'static str,
    pub shown: Shown,
}

/// How a command ends that says it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Status 0: done, with a doubt.
    Warned,
    /// Status 1: the user's, and nothing was changed.
    Refused,
    /// Status 2: the arguments.
    Usage,
    /// Status 70: ours.
    Ours,
    /// Status 74: the world's.
    World,
}

pub enum Shown {
    Examples(&'static [Example]),
    /// No command can be made to say it; how it comes about.
    Never(&'static str),
}

/// What produces a code, and words that the message has.
pub struct Example {
    pub input: Input,
    pub says: &'static str,
}

pub enum Input {
    /// Lines that are recorded into the book of `run.rs`.
    Facts(&'static str),
    /// A plan that is checked: keys of the component of `run.rs`, or tables, or a whole text.
    Plan(&'static str),
    /// A mapping, and the CSV that it is to read.
    Map(&'static str, &'static str),
    /// Commands for a shell, in a folder with the book of `run.rs`; the last one says the code.
    Shell(&'static str),
}

const fn code(
    code: &'static str,
    kind: Kind,
    means: &'static str,
    help: &'static str,
    examples: &'static [Example],
) -> Code {
    Code { code, kind, means, help, shown: Shown::Examples(examples) }
}

const fn refused(name: &'static str, means: &'static str, help: &'static str, examples: &'static [Example]) -> Code {
    code(name, Kind::Refused, means, help, examples)
}

const fn warned(name: &'static str, means: &'static str, help: &'static str, examples: &'static [Example]) -> Code {
    code(name, Kind::Warned, means, help, examples)
}

const fn world(name: &'static str, means: &'static str, help: &'static str, examples: &'static [Example]) -> Code {
    code(name, Kind::World, means, help, examples)
}

const fn never(name: &'static str, kind: Kind, means: &'static str, help: &'static str, because: &'static str) -> Code {
    Code { code: name, kind, means, help, shown: Shown::Never(because) }
}

const fn fact(lines: &'static str, says: &'static str) -> Example {
    Example { input: Input::Facts(lines), says }
}

const fn plan(keys: &'static str, says: &'static str) -> Example {
    Example { input: Input::Plan(keys), says }
}

const fn map(mapping: &'static str, csv: &'static str, says: &'static str) -> Example {
    Example { input: Input::Map(mapping, csv), says }
}

const fn shell(script: &'static str, says: &'static str) -> Example {
    Example { input: Input::Shell(script), says }
}

/// A part of the catalogue, as the page has it.
pub struct Family {
    pub title: &'static str,
    pub codes: &'static [Code],
}

pub const FAMILIES: [Family; 9] = [
    Family { title: "Facts", codes: facts::CODES },
    Family { title: "Plans", codes: plans::CODES },
    Family { title: "Closes", codes: closes::CODES },
    Family { title: "Openings and freezes", codes: openings::CODES },
    Family { title: "Signatures and pay", codes: pay::CODES },
    Family { title: "Disputes", codes: disputes::CODES },
    Family { title: "Comparing", codes: compare::CODES },
    Family { title: "Mappings", codes: maps::CODES },
    Family { title: "Books, files and arguments", codes: books::CODES },
];

pub fn codes() -> impl Iterator<Item = &'static Code> {
    FAMILIES.iter().flat_map(|family| family.codes)
}

#[test]
fn each_code_is_there_once() {
    let mut names: Vec<&str> = codes().map(|code| code.code).collect();
    names.sort();
    for pair in names.windows(2) {
        assert_ne!(pair[0], pair[1], "a code is there twice");
    }
}
