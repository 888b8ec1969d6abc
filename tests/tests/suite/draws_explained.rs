//! Draws add up and can be explained: what was given, what was recovered and by which terms, and their place among what is paid.

use serde_json::Value;

use crate::explanations::check_statement;
use crate::support::TestBook;

const PLAN: &str = r#"plan = "start"
version = 1
edition = 1
title = "Start"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
rate = "0%"

[[draw]]
id = "bridge"
kind = "advance"
amount = "1000"
months = 2
on = "booking"
recoverable = true
recover-after = "3 months"
recover-rate = "100%"
"#;

/// The example of calculation.md 10: B-1 of 10 January, B-2 of 10 March, and what was earned in April, May and June.
const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "pia", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "pia", "plan": "start"}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "arr": "1", "currency": "USD", "credit": [{"payee": "pia", "percent": "100%"}]}
{"fact": "booking", "at": "2027-03-10", "booking": "B-2", "account": "acme", "arr": "1", "currency": "USD", "credit": [{"payee": "pia", "percent": "100%"}]}
{"fact": "adjustment", "at": "2027-04-10", "payee": "pia", "amount": "500", "currency": "USD", "reason": "April"}
{"fact": "adjustment", "at": "2027-05-10", "payee": "pia", "amount": "2000", "currency": "USD", "reason": "May"}
{"fact": "adjustment", "at": "2027-06-10", "payee": "pia", "amount": "5000", "currency": "USD", "reason": "June"}
"#;

fn book(plan: &str) -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", plan)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book
}

fn close_through(book: &TestBook, last: u32) {
    (1..=last).for_each(|month| drop(book.done(&["close", &format!("2027-{month:02}"), "--full"])));
}

#[test]
fn a_recovery_is_explained_with_its_figures() {
    let book = book(PLAN);
    close_through(&book, 6);
    for month in ["2027-01", "2027-03", "2027-04", "2027-05", "2027-06"] {
        let statements = book.json(&["statement", "pia", month]);
        statements.as_array().expect("a list").iter().for_each(check_statement);
    }
    // In May 1,500.00 are left of B-1; 1,000.00 of what January gave had 500.00 recovered in April.
    let tree = book.done(&["explain", "pia", "start/bridge/draw/B-1@2027-02", "2027-05"]);
    for words in [
        "1,000.00 USD recovered",
        "gross = 2,000",
        "balance of bridge B-1, 2027-01 500",
        "balance of bridge B-1, 2027-02 1,000",
        "rate of bridge B-1, 2027-01 1 (100%)",
        "recovered in all 1,500",
        "recovered of bridge B-1, 2027-01 500",
    ] {
        assert!(tree.contains(words), "no {words:?} in {tree}");
    }
    // What June recovers is only B-2, which had not begun before.
    let june = book.done(&["explain", "pia", "start/bridge/draw/B-2@2027-03", "2027-06"]);
    assert!(june.contains("balance of bridge B-2, 2027-04 1,000") && !june.contains("B-1"), "{june}");
    assert!(
        book.refused(&["explain", "pia", "start/bridge/draw/B-1@2027-03"])
            .contains("did you mean `start/bridge/draw/B-1@2027-0")
    );
}

#[test]
fn the_rate_of_a_recovery_is_rounded_down() {
    let book = book(&PLAN.replace("\"100%\"\n", "\"33.3%\"\n"));
    let april = FACTS.replace("\"amount\": \"500\"", "\"amount\": \"500.01\"");
    let late: String = april.lines().filter(|line| line.contains("April")).map(|line| format!("{line}\n")).collect();
    book.done(&["record", &book.write("more.jsonl", &late.replace("April", "more of April"))]);
    close_through(&book, 4);
    let statements = book.json(&["statement", "pia", "2027-04"]);
    statements.as_array().expect("a list").iter().for_each(check_statement);
    // 1,000.01 x 33.3% = 333.00333.
    let tree = book.done(&["explain", "pia", "start/bridge/draw/B-1@2027-01", "2027-04"]);
    assert!(tree.contains("round(333.00333, 2) = 333") && tree.contains("0.333 (33.3%)"), "{tree}");
}

#[test]
fn a_draw_has_a_history() {
    let book = book(PLAN);
    close_through(&book, 5);
    let name = "start/bridge/draw/B-1@2027-01";
    let history = book.done(&["history", name]);
    for words in ["booking", "plan", "given 1000", "recovered 500", "Outstanding of pia: 0.00 USD"] {
        assert!(history.contains(words), "no {words:?} in {history}");
    }
    let log = book.json(&["log", "--item", name]);
    let kinds: Vec<&str> = log.as_array().expect("a list").iter().filter_map(|entry| entry["kind"].as_str()).collect();
    assert_eq!(kinds, ["draw", "draw", "draw"], "given in January, recovered in April and May");
    assert!(book.refused(&["history", "start/bridge/draw/B-9@2027-01"]).contains("did you mean"));
}

/// The cells of the first table of a text, by the names above them. Two blanks or more are between two cells.
fn table(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let cells =
        |line: &str| line.split("  ").map(str::trim).filter(|cell| !cell.is_empty()).map(str::to_owned).collect();
    let mut lines = text.lines().skip_while(|line| !line.starts_with("payee")).take_while(|line| !line.is_empty());
    let header = lines.next().map(cells).expect("a table");
    (header, lines.map(cells).collect())
}

fn cents(text: &str) -> i64 {
    text.replace([',', '.'], "").parse().unwrap_or_else(|_| panic!("{text} is no amount"))
}

#[test]
fn the_columns_of_a_preview_add_up_to_what_is_paid() {
    // A guarantee, an advance, a clawback balance and a recovery of both, in one book.
    let guarantee = "\n[[draw]]\nid = \"floor\"\nkind = \"guarantee\"\namount = \"3000\"\non = \"assignment\"\nmonths = 3\nrecoverable = false\n";
    let book = book(&format!("{PLAN}{guarantee}"));
    let owed = r#"{"fact": "adjustment", "at": "2027-03-10", "payee": "pia", "amount": "-700", "currency": "USD", "reason": "laptop"}"#;
    book.done(&["record", &book.write("owed.jsonl", owed)]);
    let mut seen = Vec::new();
    for month in 1..=6 {
        let period = format!("2027-{month:02}");
        let (header, rows) = table(&book.done(&["preview", &period]));
        let preview = book.json(&["preview", &period]);
        let settled = &preview["statements"][0]["settlement"];
        let place = |name: &str| header.iter().position(|column| column == name);
        let pay = place("to pay").expect("a column");
        for row in &rows {
            let parts: i64 = row[3..pay].iter().map(|cell| cents(cell)).sum();
            assert_eq!(parts, cents(&row[pay]), "{header:?} {row:?}");
        }
        if let (Some(row), Some(pay)) = (rows.first(), settled["pay"].as_str()) {
            assert_eq!(row[place("to pay").expect("a column")].replace(',', ""), pay);
        }
        seen.extend(header[3..pay].to_vec());
        csv_adds_up(&book.done(&["preview", &period, "--format", "csv"]), settled);
        changes_add_up(&preview["readiness"]["changes"]);
        let closed = book.json(&["close", &period]);
        let total = &closed["totals"][0];
        let of = |name: &str| total[name].as_str().map_or(0, cents);
        let parts = of("gross") - of("recovered") - of("draw_recovered") + of("top_up") + of("advance");
        assert_eq!(parts, of("pay"), "{closed}");
        let statement = book.json(&["statement", "pia", &period]);
        csv_adds_up(&book.done(&["statement", "pia", &period, "--format", "csv"]), &statement[0]["settlement"]);
    }
    for column in ["gross", "clawback recovered", "draw recovered", "guarantee top-up", "draw advance"] {
        assert!(seen.iter().any(|name| name == column), "no column {column:?}");
    }
}

#[test]
fn an_opening_takes_the_lines_alone() {
    let book = book(PLAN);
    let rows = book.done(&["preview", "2027-04", "--format", "csv"]);
    assert!(rows.contains(",draw,start,") && rows.contains(",adjustment,"), "{rows}");
    let file = book.write("opening.csv", &rows);
    let closed = book.json(&["close", "2027-04", "--opening", &file]);
    let settled = closed["settled"].as_array().expect("a list");
    assert_eq!((settled.len(), &settled[0]["amount"]), (1, &"500.00".into()), "{closed}");
}

/// The amounts of all rows are what is paid.
fn csv_adds_up(text: &str, settled: &Value) {
    let amounts = text.lines().skip(1).map(|row| cents(row.split(',').nth(11).expect("an amount")));
    assert_eq!(amounts.sum::<i64>(), settled["pay"].as_str().map_or(0, cents), "{text}");
}

/// What changed is all of the change.
fn changes_add_up(changes: &Value) {
    for change in changes.as_array().expect("a list") {
        let because = change["because"].as_array().expect("a list").iter();
        let sum: i64 = because.map(|part| cents(part["amount"].as_str().expect("an amount"))).sum();
        assert_eq!(sum, cents(change["change"].as_str().expect("an amount")), "{change}");
    }
}

#[test]
fn a_close_without_draws_has_no_columns_for_them() {
    let book = book(PLAN.split("[[draw]]").next().expect("a plan"));
    close_through(&book, 3);
    let (header, _) = table(&book.done(&["preview", "2027-04"]));
    assert_eq!(header, ["payee", "currency", "lines", "gross", "to pay", "reversed", "clawback balance"]);
    let closed = book.done(&["close", "2027-04"]);
    assert!(closed.contains("USD: gross 500.00, to pay 500.00."), "{closed}");
    let rows = book.done(&["close", "2027-05", "--format", "csv"]);
    assert!(rows.contains("2027-05,USD,2000.00,0.00,0.00,0.00,0.00,2000.00,0.00,"), "{rows}");
}
