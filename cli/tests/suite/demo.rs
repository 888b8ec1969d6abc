//! The first command a newcomer runs.

use crate::kit::{Desk, is_written};

#[test]
fn the_demo_tells_a_year() {
    let desk = Desk::new();
    let run = desk.ok(&["demo"]);
    assert_eq!(run.err, "");
    is_written("tests/suite/demo.txt", &run.out);
}

#[test]
fn what_the_demo_says_to_try_works() {
    let desk = Desk::new();
    let told = desk.ok(&["demo", "here"]).out;
    let (_, commands) = told.split_once("Try next").expect("what to try");
    let commands: Vec<&str> = commands.lines().filter_map(|line| line.trim().strip_prefix("trueup ")).collect();
    assert!(commands.len() > 5, "{told}");
    for command in commands {
        let (command, _) = command.split_once("  ").expect("a command and why");
        let arguments: Vec<&str> = command.split(' ').chain(["--book", "here"]).collect();
        assert!(!desk.ok(&arguments).out.is_empty(), "{command}");
    }
}

#[test]
fn the_demo_takes_no_place_that_is_taken() {
    let desk = Desk::with_facts();
    desk.refused(&["demo", "book"], 1, "book-exists");
    desk.refused(&["demo", "."], 1, "book-not-empty");
}

#[test]
fn the_demos_plans_and_balances_are_in_its_book() {
    let desk = Desk::new();
    let statements = desk.json(&["demo"]);
    assert_eq!(statements[0]["payee"], "ana");
    let plans = desk.json(&["plan", "list", "--book", "demo-book"]);
    assert_eq!(plans.as_array().map(Vec::len), Some(3));
    assert_eq!(desk.json(&["balances", "--book", "demo-book"]).as_array().map(Vec::len), Some(4));
}
