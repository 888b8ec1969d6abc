//! Books that take over from another system, and books whose past was audited (calculation.md 9).

use serde_json::Value;

use crate::support::TestBook;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "logo"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"

[[draw]]
id = "bridge"
kind = "guarantee"
amount = "3000"
on = "assignment"
recoverable = true
"#;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "land"}
{"fact": "opening-balance", "at": "2027-03-31", "payee": "ana", "currency": "USD", "owed": "250.00"}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "arr": "1000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-03-10", "booking": "B-2", "account": "acme", "arr": "2000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-04-10", "booking": "B-3", "account": "acme", "arr": "80000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;

fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("land.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book
}

/// Item, amount, entitled, before and reason of each line of ana's statement.
fn lines(book: &TestBook, period: &str) -> Vec<[String; 5]> {
    let statements = book.json(&["statement", "--all", period]);
    let lines = statements[0]["lines"].as_array().cloned().unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or("").to_owned();
    let cells = |line: &Value| ["item", "amount", "entitled", "before", "reason"].map(|name| text(&line[name]));
    lines.iter().map(cells).collect()
}

fn row(cells: [&str; 5]) -> [String; 5] {
    cells.map(str::to_owned)
}

#[test]
fn an_opening_in_full_pays_nothing_and_later_closes_go_on_from_it() {
    let book = new_book();
    let preview = book.json(&["preview", "2027-03", "--opening"]);
    let digest = preview["digest"].as_str().expect("a digest").to_owned();
    assert_eq!(preview["settled"].as_array().map(Vec::len), Some(2));
    let size = preview["size"].as_u64().expect("a size").to_string();
    let closed = book.json(&["close", "2027-03", "--opening", "--expect", &digest, "--at", &size]);
    assert_eq!(closed["lines"], 0);
    let opening = book.json(&["statement", "--all", "2027-03"]);
    assert_eq!(opening[0]["settlement"]["pay"], "0.00", "the guarantee of the month was given elsewhere, too");
    assert_eq!(opening[0]["closing"]["owed"], "250.00");
    book.write("late.jsonl", r#"{"fact": "booking", "corrects": true, "at": "2027-03-10", "booking": "B-2", "account": "acme", "arr": "2500", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}"#);
    book.done(&["record", "late.jsonl"]);
    book.done(&["close", "2027-04"]);
    let expected =
        [row(["B-2", "50.00", "250.00", "200.00", "correction"]), row(["B-3", "8000.00", "8000.00", "0.00", ""])];
    assert_eq!(lines(&book, "2027-04"), expected);
    book.done(&["verify"]);
}

#[test]
fn an_opening_by_a_file_posts_what_was_not_settled() {
    let book = new_book();
    let table = book.done(&["preview", "2027-03", "--opening", "--format", "csv"]);
    assert_eq!(table.lines().count(), 1, "in full, nothing is left: {table}");
    let table = book.done(&["preview", "2027-03", "--format", "csv"]);
    // As an analyst would: the other system paid 90 of B-1, and B-2 in full.
    let edited = table.replacen("100.00,100.00", "90.00,100.00", 1);
    assert_ne!(edited, table);
    book.write("opening.csv", &edited);
    book.done(&["close", "2027-03", "--opening", "opening.csv"]);
    assert_eq!(lines(&book, "2027-03"), [row(["B-1", "10.00", "100.00", "90.00", ""])]);
    let text = book.done(&["statement", "ana", "2027-03"]);
    assert!(text.contains("90.00 was settled before the book began, of 100.00"), "{text}");
    // A cancelled booking takes back what the other system paid, and names where that was posted.
    book.write("late.jsonl", r#"{"fact": "cancellation", "at": "2027-04-02", "booking": "B-2"}"#);
    book.done(&["record", "late.jsonl"]);
    book.done(&["close", "2027-04"]);
    assert_eq!(lines(&book, "2027-04")[0], row(["B-2", "-200.00", "0.00", "200.00", "cancellation"]));
    let log = book.json(&["log"]);
    let log = log.as_array().expect("entries");
    let reversal = log.iter().find(|entry| entry["kind"] == "reversal").expect("a reversal");
    let from = reversal["record"]["takes_from"][0].as_u64().expect("a position");
    assert_eq!(log[from as usize]["kind"], "opening-line");
    book.done(&["verify"]);
}

#[test]
fn more_settled_than_due_is_taken_back() {
    let book = new_book();
    book.write(
        "opening.csv",
        "payee,currency,line,amount\nana,USD,land/logo/whole/B-1,130.00\nana,USD,land/logo/whole/B-2,200.00\n",
    );
    book.done(&["close", "2027-03", "--opening", "opening.csv"]);
    assert_eq!(lines(&book, "2027-03"), [row(["B-1", "-30.00", "100.00", "130.00", ""])]);
    assert_eq!(book.json(&["balances"])[0]["owed"], "280.00");
}

#[test]
fn what_is_frozen_keeps_what_was_posted_and_is_listed() {
    let book = new_book();
    book.done(&["close", "2027-03"]);
    book.done(&["freeze", "2027-03-31", "--reason", "audited"]);
    book.write("late.jsonl", r#"{"fact": "cancellation", "at": "2027-04-02", "booking": "B-2"}
{"fact": "booking", "at": "2027-02-10", "booking": "B-0", "account": "acme", "arr": "500", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}"#);
    book.done(&["record", "late.jsonl"]);
    let preview = book.json(&["preview", "2027-04"]);
    let closed = book.json(&["close", "2027-04"]);
    assert_eq!(preview["withheld"], closed["withheld"]);
    let withheld: Vec<_> =
        closed["withheld"].as_array().expect("a list").iter().map(|line| line["difference"].clone()).collect();
    assert_eq!(withheld, ["50.00", "-200.00"]);
    assert_eq!(lines(&book, "2027-04"), [row(["B-3", "8000.00", "8000.00", "0.00", ""])]);
    // Lifted, the next close posts it, for the reason that it had.
    book.done(&["freeze", "--lift", "--reason", "the audit is over"]);
    book.done(&["close", "2027-05"]);
    let expected =
        [row(["B-0", "50.00", "50.00", "0.00", ""]), row(["B-2", "-200.00", "0.00", "200.00", "cancellation"])];
    assert_eq!(lines(&book, "2027-05"), expected);
    let statement = book.json(&["statement", "--all", "2027-05"]);
    let cause = &statement[0]["lines"][1]["causes"][0];
    assert_eq!((cause["kind"].as_str(), cause["amount"].as_str()), (Some("freeze"), Some("-200.00")));
    book.done(&["verify"]);
}

/// What was posted and taken back falls due again on its own date, not on that of the posting.
#[test]
fn a_freeze_lets_through_what_falls_due_later() {
    let book = TestBook::with_book();
    let plan = PLAN.split("[[draw]]").next().expect("a component").replace(
        "cancellation = \"restate\"",
        "cancellation = \"restate\"\n\n[[component.installment]]\nid = \"paid\"\nshare = \"100%\"\nsignal = \"paid\"",
    );
    book.done(&["plan", "publish", &book.write("land.toml", &plan)]);
    let facts: Vec<&str> = FACTS.lines().filter(|line| !line.contains("opening-balance")).collect();
    book.done(&["record", &book.write("facts.jsonl", &facts.join("\n"))]);
    book.write("opening.csv", "payee,currency,line,amount\nana,USD,land/logo/paid/B-1,100.00\n");
    book.done(&["close", "2027-01", "--opening", "opening.csv"]);
    assert_eq!(lines(&book, "2027-01"), [row(["B-1", "-100.00", "0.00", "100.00", ""])]);
    book.done(&["freeze", "2027-01-31", "--reason", "audited"]);
    book.write("paid.jsonl", r#"{"fact": "signal", "at": "2027-02-10", "signal": "paid", "booking": "B-1"}"#);
    book.done(&["record", "paid.jsonl"]);
    book.done(&["close", "2027-02"]);
    assert_eq!(lines(&book, "2027-02")[0][..3], row(["B-1", "100.00", "100.00", "", ""])[..3]);
}

/// What was known at a size does not depend on what came later.
#[test]
fn a_close_at_a_size_sees_nothing_behind_it() {
    let book = TestBook::with_book();
    let plan = PLAN.split("[[draw]]").next().expect("a component");
    let plan = plan.replace("measure = { booking = \"arr\" }", "measure = { signal = \"con\", value = \"value\" }");
    let plan = plan.replace("cancellation = \"restate\"\n", "");
    book.done(&["plan", "publish", &book.write("land.toml", &plan)]);
    let people: Vec<&str> =
        FACTS.lines().filter(|line| !line.contains("opening") && !line.contains("booking")).collect();
    let signal = r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "signal", "at": "2027-01-11", "signal": "con", "contract": "C-9", "value": "70"}"#;
    book.done(&["record", &book.write("facts.jsonl", &format!("{}\n{signal}", people.join("\n")))]);
    let before = book.json(&["preview", "2027-01"]);
    let size = before["size"].as_u64().expect("a size").to_string();
    book.write("later.jsonl", r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-9", "account": "acme", "contract": "C-9", "arr": "1", "currency": "USD"}"#);
    book.done(&["record", "later.jsonl"]);
    assert_eq!(book.json(&["preview", "2027-01", "--at", &size])["digest"], before["digest"]);
    assert_ne!(book.json(&["preview", "2027-01"])["digest"], before["digest"]);
}
