//! Rules of pay with small figures, from the command line: facts in, statements out, with corrections on the way.

mod draws;
mod due;
mod pays;

use serde_json::Value;

use crate::explanations::check_statement;
use crate::support::TestBook;

/// A payee `ana` who is assigned to the plan `p` from 2027 on, and her account.
const ANA: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "p"}"#;

/// A book with a version of the plan `p`, ana's assignment, and facts.
fn new_book(plan: &str, facts: &[&str]) -> TestBook {
    let book = TestBook::with_book();
    publish(&book, 1, plan);
    record(&book, &[ANA]);
    record(&book, facts);
    book
}

/// Publishes a version of the plan `p`.
fn publish(book: &TestBook, version: u32, plan: &str) {
    let head = "edition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n";
    book.write("p.toml", &format!("plan = \"p\"\nversion = {version}\n{head}{plan}"));
    book.done(&["plan", "publish", "p.toml"]);
}

fn record(book: &TestBook, facts: &[&str]) {
    book.write("facts.jsonl", &(facts.join("\n") + "\n"));
    book.done(&["record", "facts.jsonl"]);
}

/// Closes a month, both ways, and gives ana's statement.
fn close(book: &TestBook, period: &str) -> Value {
    book.done(&["close", period, "--full"]);
    let statement = book.json(&["statement", "--all", period])[0].clone();
    if !statement.is_null() {
        check_statement(&statement);
    }
    statement
}

fn close_each(book: &TestBook, periods: &[&str]) {
    for period in periods {
        close(book, period);
    }
}

/// The lines of a statement: item, part, due date, amount and reason.
fn lines(statement: &Value) -> Vec<[&str; 5]> {
    let keys = ["item", "part", "due", "amount", "reason"];
    let lines = statement["lines"].as_array().map_or(&[][..], Vec::as_slice).iter();
    lines.map(|line| keys.map(|key| line[key].as_str().unwrap_or(""))).collect()
}

/// A manual amount of ana's.
fn adjustment(at: &str, amount: u32) -> String {
    format!(
        r#"{{"fact": "adjustment", "at": "{at}", "payee": "ana", "amount": "{amount}", "currency": "USD", "reason": "{at}"}}"#
    )
}

/// A booking of ana's.
fn booking(id: &str, at: &str, more: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "{at}", "booking": "{id}", "account": "acme", "contract": "{id}", "motion": "new-logo", "currency": "USD", "credit": [{{"payee": "ana", "percent": "100%"}}], {more}}}"#
    )
}
