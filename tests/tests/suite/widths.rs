//! At a width, no line is wider, and nothing is left out: the characters are those of the lines that are as wide as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::support::TestBook;

fn golden(design: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden").join(design)
}

/// What a command prints on both streams at a width.
fn printed(book: &TestBook, arguments: &[&str], columns: Option<usize>) -> [String; 2] {
    let mut command = book.command();
    if let Some(columns) = columns {
        command.env("COLUMNS", columns.to_string());
    }
    let output = command.args(arguments).output().expect("the command starts");
    [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).expect("UTF-8"))
}

/// How often a text has each character that is seen and no branch of a tree.
fn characters(text: &str) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    let seen = text.chars().filter(|c| !c.is_whitespace() && !"│├└─".contains(*c));
    seen.for_each(|c| *counts.entry(c).or_default() += 1);
    counts
}

fn fits(book: &TestBook, arguments: &[&str]) {
    let whole = printed(book, arguments, None);
    for columns in [40, 80, 120] {
        let broken = printed(book, arguments, Some(columns));
        for (whole, broken) in whole.iter().zip(&broken) {
            // The excerpt of a file is as wide as the screen, and shows what there is room for.
            if whole.contains(" --> ") {
                continue;
            }
            assert_eq!(characters(whole), characters(broken), "{arguments:?} at {columns}\n{whole}\n{broken}");
            // A command stays on one line, so that it can be copied.
            let lines = broken.lines().filter(|line| !line.trim().starts_with("`trueup "));
            let widest = lines.max_by_key(|line| line.chars().count()).unwrap_or_default();
            assert!(widest.chars().count() <= columns, "{arguments:?} at {columns}: {widest:?}");
        }
    }
}

/// Follows the steps of a design, and looks at every reading command after each close.
fn every_command_fits(design: &str) {
    let book = TestBook::with_book();
    let steps = std::fs::read_to_string(golden(design).join("steps")).expect("steps");
    let mut closed = Vec::new();
    for step in steps.lines() {
        let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
        let file = golden(design).join(what).display().to_string();
        match verb {
            "publish" => drop(book.done(&["plan", "publish", &file])),
            "record" => drop(book.done(&["record", &file])),
            "close" => {
                fits(&book, &["preview", what]);
                book.done(&["close", what]);
                closed.push(what.to_owned());
            }
            "show" | "explain" => {}
            other => panic!("`{other}` is no step that this test knows"),
        }
    }
    for period in &closed {
        fits(&book, &["statement", "--all", period]);
        fits(&book, &["diff", period]);
        fits(&book, &["diff", &closed[0], period]);
        let rows = book.done(&["statement", "--all", period, "--format", "csv"]);
        for row in rows.lines().skip(1) {
            let cells: Vec<&str> = row.split(',').collect();
            if !cells[3].is_empty() {
                fits(&book, &["explain", cells[1], cells[3], period]);
                fits(&book, &["history", cells[3]]);
            }
        }
    }
    for arguments in [
        &["pending"][..],
        &["balances"],
        &["balances", "--attainment"],
        &["trial-balance"],
        &["log"],
        &["plan", "list"],
    ] {
        fits(&book, arguments);
    }
}

#[test]
fn gates_and_clawbacks_fit() {
    every_command_fits("gates");
}

#[test]
fn draws_and_guarantees_fit() {
    every_command_fits("balances");
}

#[test]
fn what_waits_for_usage_fits() {
    every_command_fits("waiting");
}

#[test]
fn what_goes_to_programs_is_never_broken() {
    let book = TestBook::with_book();
    let file = |name: &str| golden("gates").join(name).display().to_string();
    book.done(&["plan", "publish", &file("gates.toml")]);
    book.done(&["record", &file("facts.jsonl")]);
    for arguments in [
        &["preview", "2027-01", "--format", "json"][..],
        &["preview", "2027-01", "--format", "csv"],
        &["log", "--format", "csv"],
        &["plan", "show", "gates"],
    ] {
        assert_eq!(printed(&book, arguments, None)[0], printed(&book, arguments, Some(40))[0], "{arguments:?}");
    }
}
