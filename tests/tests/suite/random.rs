//! Random histories, calculated by an independent implementation of docs/calculation.md that was written from its text alone
//! (`cases/random.jsonl`, one case a line: files, steps, expected result). They cover what examples miss: thirds, leap
//! days, negative usage, corrections of corrections, successions, several draws and clawbacks at once. Where a rule has changed
//! since then, the expected result is that on which the program and the model (`model`) agree.

use serde_json::Value;

use crate::explanations::check_statement;
use crate::ledger_programs;
use crate::support::{TestBook, differs};

const CASES: &str = include_str!("../../cases/random.jsonl");

#[test]
fn random_histories_come_out_as_an_independent_program_says() {
    let cases: Vec<Value> = CASES.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert!(cases.len() >= 80, "only {} cases are there", cases.len());
    // Two at a time: a case is some thirty runs of the command.
    let half = cases.len() / 2;
    std::thread::scope(|scope| {
        let (first, second) = cases.split_at(half);
        let other = scope.spawn(|| second.iter().enumerate().for_each(run));
        first.iter().enumerate().for_each(run);
        other.join().expect("the second half holds");
    });
}

/// One in so many histories is read by other programs, too, each of which takes its time to start.
const READ_BY_PROGRAMS: usize = 5;

fn run((number, case): (usize, &Value)) {
    let book = TestBook::with_book();
    let folder = book.folder.path().join("case");
    std::fs::create_dir(&folder).expect("a folder");
    for (name, text) in case["files"].as_object().expect("files") {
        std::fs::write(folder.join(name), text.as_str().expect("text")).expect("a file");
    }
    std::fs::write(folder.join("steps"), case["steps"].as_str().expect("steps")).expect("a file");
    // A file may have a fact and what restates it.
    let found = book.follow_with(&folder, &["record", "--history"]);
    found.iter().for_each(check_statement);
    if let Some(difference) = differs(&case["expected"], &Value::Array(found), "") {
        panic!("case {}: {difference}", case["name"]);
    }
    if number % READ_BY_PROGRAMS == 0 {
        ledger_programs::accept(&book);
    }
}
