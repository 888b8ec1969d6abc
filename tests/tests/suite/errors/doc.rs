//! Writes `docs/errors.md` from the catalogue and from the messages of the program.

use super::pay::{PEOPLE, POLICY};
use super::run::{COMPONENT, HEAD, KNOWN, LAND, examples, line_of, said};
use super::{Code, FAMILIES, Input, Kind, Shown};
use crate::support::is_written;

const INTRODUCTION: &str = "\
# Every error and warning

<!-- Written from tests/tests/suite/errors by `TRUEUP_WRITE=1 cargo test -p tests --test suite errors`. Do not edit. -->

A message says what happened, where, and what to do. Its code stays the same for ever; with `--format json` messages are an
array of `{code, message, file, line, column, excerpt, help, severity}` on standard error. A command that is refused has
changed nothing. Each example below is run by a test.
";

fn page() -> String {
    let mut page = INTRODUCTION.to_owned();
    for family in &FAMILIES {
        page.push_str(&format!("\n## {}\n", family.title));
        page.push_str(&preface(family.title));
        for code in family.codes {
            page.push_str(&section(code));
        }
    }
    page
}

/// What the examples of a family are about.
fn preface(title: &str) -> String {
    match title {
        "Facts" => format!(
            "\nThe lines below are recorded into a book with this plan and these facts:\n\n```toml\n{LAND}```\n\n```jsonl\n{KNOWN}```\n"
        ),
        "Plans" => format!(
            "\nOf most plans only the part is shown that matters. It comes after this text, or a table takes the place of its component:\n\n```toml\n{HEAD}{COMPONENT}```\n"
        ),
        "Signatures and pay" => format!(
            "\nCommands are run in the same folder, with a policy, a script that sets it, and the keys of its people:\n\n```json\n{POLICY}```\n\n```sh\n{PEOPLE}```\n"
        ),
        "Closes" | "Books, files and arguments" => {
            "\nCommands are run in a folder with the book of the chapter on facts, in `./book`.\n".to_owned()
        }
        _ => String::new(),
    }
}

fn section(code: &Code) -> String {
    let kind = match code.kind {
        Kind::Warned => "A warning.",
        Kind::Refused => "Refused, status 1.",
        Kind::Usage => "Usage, status 2.",
        Kind::Ours => "A mistake of trueup itself, status 70.",
        Kind::World => "Input or output, status 74.",
    };
    let head = format!("\n### `{}`\n\n{kind} {}\n**What to do:** {}\n", code.code, code.means, code.help);
    let example = match (&code.shown, examples(code).first()) {
        (Shown::Examples(_), Some(example)) => {
            let line = line_of(code, &said(&example.input).0).unwrap_or_default();
            format!("\n{}```text\n{line}\n```\n", input(&example.input))
        }
        (Shown::Never(because), _) => format!("\nThere is no example: {because}\n"),
        (Shown::Examples(_), None) => panic!("`{}` has no example", code.code),
    };
    head + &example
}

fn input(input: &Input) -> String {
    match input {
        Input::Facts(lines) => format!("```jsonl\n{lines}\n```\n"),
        Input::Plan(part) => format!("```toml\n{}\n```\n", part.trim_end()),
        Input::Map(mapping, csv) => format!("```toml\n{}\n```\n```csv\n{}\n```\n", mapping.trim_end(), csv.trim_end()),
        Input::Shell(script) => format!("```sh\n{}\n```\n", script.trim_end()),
    }
}

#[test]
fn the_page_of_errors_is_up_to_date() {
    is_written("../docs/errors.md", &page());
}
