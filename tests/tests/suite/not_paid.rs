//! What is not paid can be explained: forfeited and pending installments, draws, and payees to whom nothing is due.

use serde_json::Value;

use crate::support::{TestBook, shared};

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[component.installment]]
id = "signature"
share = "50%"

[[component.installment]]
id = "day-90"
share = "50%"
after = "90 days"
when = { burn = "90 days", at-least = "25%" }

[[draw]]
id = "bridge"
kind = "advance"
amount = "3000"
months = 2
on = "booking"
recoverable = true
"#;

/// B-1 uses a hair less than a quarter of what is promised: 24,657.53 / 98,630.14.
const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "june", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "ken", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "lou", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "june", "plan": "land", "quota": {"arr": "600000"}}
{"fact": "assignment", "at": "2027-01-01", "payee": "ken", "plan": "land", "quota": {"arr": "300000"}}
{"fact": "booking", "at": "2027-08-15", "booking": "B-1", "account": "acme", "arr": "400000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-08-15", "to": "2027-11-12", "amount": "24657.53", "currency": "USD"}
"#;

fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book
}

fn close_through(book: &TestBook, periods: &[&str]) {
    periods.iter().for_each(|period| drop(book.done(&["close", period, "--full"])));
}

const LINE: &str = "land/arr/day-90/B-1";

#[test]
fn a_forfeited_installment_says_by_how_much_its_condition_was_missed() {
    let book = new_book();
    close_through(&book, &["2027-08", "2027-09", "2027-10", "2027-11", "2027-12"]);
    let statement = &book.json(&["statement", "june", "2027-11"])[0];
    let forfeited = statement["forfeited"].as_array().expect("a list");
    assert_eq!(forfeited.len(), 1, "{statement}");
    let row = &forfeited[0];
    let text = |name: &str| row[name].as_str().expect("a text");
    assert_eq!(
        (text("part"), text("amount"), text("on"), text("cause")),
        ("day-90", "20000.00", "2027-11-13", "conditions")
    );
    let condition = &row["conditions"][0];
    assert_eq!((&condition["what"], &condition["threshold"]), (&"burn 90 days".into(), &"0.25".into()));
    assert_eq!((&condition["value"], &condition["promised"]), (&"0.249999956944".into(), &"98630.14".into()));
    assert_eq!(condition["result"], "not met");
    let page = book.done(&["statement", "june", "2027-11"]);
    assert!(page.contains("burn 90 days >= 25%: 24,657.53 used of 98,630.14 committed, 24.999996%, not met"), "{page}");
    // A month later it is counted, and not told again in full.
    let later = book.done(&["statement", "june", "2027-12"]);
    assert!(later.contains("1 installment of 20,000.00 forfeited earlier"), "{later}");

    for arguments in [&["explain", "june", LINE][..], &["explain", "june", LINE, "2027-11"]] {
        let tree = book.done(arguments);
        for words in ["forfeited on 2027-11-13: 20,000.00", "24.999996%, not met", "24,657.53", ">= 25%"] {
            assert!(tree.contains(words), "no {words:?} in {tree}");
        }
    }
    let explained = &book.json(&["explain", "june", LINE])[0];
    assert_eq!(explained["forfeited"][0]["part"], "day-90");
    assert_eq!(explained["lines"][0]["entitled"], "0.00");
    let history = book.done(&["history", LINE]);
    assert!(history.contains("booking") && history.contains("usage-snapshot"), "{history}");
    let why = "Forfeited: 20,000.00 on 2027-11-13\n  burn 90 days >= 25%: 24,657.53 used of 98,630.14 committed, 24.999996%, not met";
    assert!(history.contains(why), "{history}");
}

#[test]
fn a_pending_installment_can_be_explained_before_it_is_posted() {
    let book = new_book();
    close_through(&book, &["2027-08"]);
    let tree = book.done(&["explain", "june", LINE]);
    assert!(tree.contains("pending: 20,000.00, on 2027-11-13, waits for burn 90 days >= 25%"), "{tree}");
    assert!(book.refused(&["explain", "june", "land/arr/day-91/B-1"]).contains("day-90"));
    let history = book.done(&["history", LINE]);
    assert!(history.contains("Pending: 20,000.00 on 2027-11-13, waits for burn 90 days >= 25%"), "{history}");
}

#[test]
fn draws_have_rows_and_can_be_explained() {
    let book = new_book();
    close_through(&book, &["2027-08", "2027-09"]);
    let rows = book.done(&["statement", "june", "2027-08", "--format", "csv"]);
    let row = "2027-08,june,USD,land/bridge/draw/B-1@2027-08,draw,land,,bridge,B-1@2027-08,draw,2027-08-31,3000.00,,,,2027-08";
    assert!(rows.contains(row), "{rows}");
    let recovered = book.done(&["statement", "june", "2027-09", "--format", "csv"]);
    let tree = book.done(&["explain", "june", "land/bridge/draw/B-1@2027-08", "2027-08"]);
    assert!(tree.contains("3,000.00 USD given"), "{tree}");
    assert!(tree.lines().count() > 2, "no steps in {tree}\n{recovered}");
}

#[test]
fn who_is_assigned_and_has_nothing_due_has_a_statement() {
    let book = new_book();
    close_through(&book, &["2027-08"]);
    let statement = &book.json(&["statement", "ken", "2027-08"])[0];
    assert_eq!((&statement["lines"], &statement["settlement"]["pay"]), (&Value::Array(Vec::new()), &"0.00".into()));
    assert_eq!(statement["attainment"][0]["quota"], "300000.00");
    let page = book.done(&["statement", "ken", "2027-08"]);
    assert!(page.contains("Nothing was due") && page.contains("300,000"), "{page}");
    // Nobody who is not assigned, and the statements of all are those that were posted.
    assert!(book.refused(&["statement", "lou", "2027-08"]).contains("statement-none"));
    assert_eq!(book.json(&["statement", "--all", "2027-08"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn the_case_of_a_gate_that_is_missed_by_a_hair() {
    let Some(case) = shared("cases/plans/forfeited") else { return };
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &case.join("plan.toml").display().to_string()]);
    book.done(&["record", &case.join("f.jsonl").display().to_string()]);
    close_through(&book, &["2027-05", "2027-06", "2027-07", "2027-08", "2027-09", "2027-10", "2027-11"]);
    let tree = book.done(&["explain", "june", "land-ae/new-logo/day-90/B-2"]);
    for words in ["24,657.53", "24,657.53 used of 98,630.14 committed", "24.999996%", "25%", "not met"] {
        assert!(tree.contains(words), "no {words:?} in {tree}");
    }
}

const WAITING: &str = r#"plan = "wait"
version = 1
edition = 1
title = "Wait"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"

[[component.installment]]
id = "signed"
share = "50%"

[[component.installment]]
id = "used"
share = "50%"
after = "1 month"
when = { burn = "30 days", at-least = "25%" }
otherwise = "wait"

[[component]]
id = "use"
measure = { usage = "amount" }
rate = "1%"
"#;

/// B-2 is reduced to nothing, B-3 is cancelled, and what `bolt` used is restated to 0, all before the first close.
const WAITING_FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ann", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "account", "at": "2027-01-01", "account": "bolt"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ann", "plan": "wait"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "bolt"}, "shares": [{"payee": "ann", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "arr": "36500", "currency": "USD", "credit": [{"payee": "ann", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-12", "booking": "B-2", "account": "bolt", "arr": "36500", "currency": "USD", "credit": [{"payee": "ann", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-13", "booking": "B-3", "account": "bolt", "contract": "b3", "arr": "36500", "currency": "USD", "credit": [{"payee": "ann", "percent": "100%"}]}
{"fact": "credit-note", "at": "2027-01-15", "credit_note": "N-2", "booking": "B-2", "arr": "36500"}
{"fact": "cancellation", "at": "2027-01-15", "booking": "B-3"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-10", "to": "2027-03-31", "amount": "810", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-12", "to": "2027-01-31", "amount": "100", "currency": "USD"}
"#;

fn waiting_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", WAITING)]);
    book.done(&["record", &book.write("facts.jsonl", WAITING_FACTS)]);
    let restated = WAITING_FACTS.lines().last().expect("a line").replace("\"100\"", "\"0\"");
    book.done(&["record", &book.write("restated.jsonl", &restated)]);
    close_through(&book, &["2027-01", "2027-02", "2027-03"]);
    book
}

#[test]
fn an_installment_that_waits_says_what_its_condition_was_when_it_was_judged_last() {
    let book = waiting_book();
    let line = "wait/arr/used/B-1";
    let tree = book.done(&["explain", "ann", line]);
    // 10 a day of the 100 a day that are promised.
    for words in [
        "pending: 1,825.00, no date yet, waits for burn 30 days >= 25%",
        "on 2027-03-01: burn 30 days >= 25%: 300.00 used of 3,000.00 committed, 10.00%, not met",
        "condition: 300 / (36500 * 30 / 365) = 0.1 (10%); burn 30 days >= 25%: not met",
    ] {
        assert!(tree.contains(words), "no {words:?} in {tree}");
    }
    let row = &book.json(&["explain", "ann", line])[0]["pending"][0];
    assert_eq!((&row["judged_on"], &row["conditions"][0]["result"]), (&"2027-03-01".into(), &"not met".into()));
    assert_eq!((&row["conditions"][0]["value"], &row["conditions"][0]["threshold"]), (&"0.1".into(), &"0.25".into()));
    assert!(book.done(&["history", line]).contains("usage-snapshot"));
    // What has not been judged yet has no value.
    let early = book.json(&["explain", "ann", line, "2027-01"]);
    assert_eq!(
        (&early[0]["pending"][0]["on"], &early[0]["pending"][0]["conditions"]),
        (&"2027-02-10".into(), &Value::Null)
    );
}

#[test]
fn an_item_that_was_0_before_it_was_ever_posted_can_be_explained() {
    let book = waiting_book();
    for (line, words) in [
        ("wait/arr/signed/B-2", "credit note N-2 36,500"),
        ("wait/arr/used/B-2", "credit note N-2 36,500"),
        ("wait/arr/signed/B-3", "left after the cancellation 0"),
        ("wait/arr/used/B-3", "left after the cancellation 0"),
        ("wait/use/whole/bolt@2027-01", "usage-snapshot"),
    ] {
        let tree = book.done(&["explain", "ann", line]);
        assert!(tree.contains(words) && tree.contains("0.00"), "no {words:?} in {tree}");
        assert!(book.done(&["history", line]).lines().count() > 1, "no history of {line}");
    }
    // Nothing of 0 is pending or forfeited for anybody who does not ask.
    let statement = &book.json(&["statement", "ann", "2027-01"])[0];
    let amounts = ["pending", "forfeited"].map(|list| statement[list].as_array().expect("a list").clone()).concat();
    assert!(!amounts.is_empty() && amounts.iter().all(|row| row["amount"] != "0.00"), "{statement}");
}
