//! Quarter to date and year to date on a statement: the sums of the closes from the beginning of the fiscal quarter and year.

use serde_json::Value;

use crate::support::TestBook;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land"
currency = "USD"
effective = 2027-01-01
year-start = 2

[[component]]
id = "arr"
title = "New business"
measure = { booking = "arr" }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[component]]
id = "spiff"
measure = { booking = "count" }
where = { motion = "land" }
amount = "100"

[[draw]]
id = "bridge"
kind = "advance"
amount = "500"
months = 1
on = "assignment"
recoverable = true
recover-after = "1 month"
"#;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "june", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "ken", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-04-01", "payee": "june", "plan": "land", "quota": {"arr": "600000"}}
{"fact": "assignment", "at": "2027-04-01", "payee": "ken", "plan": "land", "quota": {"arr": "300000"}}
{"fact": "booking", "at": "2027-04-15", "booking": "B-1", "account": "acme", "arr": "40000", "currency": "USD", "motion": "land", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "booking", "at": "2027-05-10", "booking": "B-2", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}
{"fact": "adjustment", "at": "2027-05-11", "payee": "june", "amount": "25.50", "currency": "USD", "reason": "contest"}
{"fact": "cancellation", "at": "2027-07-20", "booking": "B-2"}
"#;

fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    for period in ["2027-04", "2027-05", "2027-06", "2027-07", "2027-08"] {
        book.done(&["close", period, "--full"]);
    }
    book
}

fn statement(book: &TestBook, payee: &str, period: &str) -> Value {
    book.json(&["statement", payee, period])[0].clone()
}

fn cents(value: &Value) -> i64 {
    value.as_str().expect("an amount").replace('.', "").parse().expect("cents")
}

const SUMS: [&str; 8] = ["gross", "reversed", "set_off", "recovered", "top_up", "advance", "draw_recovered", "pay"];

#[test]
fn the_sums_are_those_of_the_months_of_the_fiscal_quarter_and_year() {
    let book = new_book();
    let months = ["2027-04", "2027-05", "2027-06", "2027-07", "2027-08"];
    // The fiscal year begins in February, so that its second quarter begins in May.
    let quarters: [&[&str]; 5] = [&months[..1], &months[1..2], &months[1..3], &months[1..4], &months[4..]];
    for (index, period) in months.iter().enumerate() {
        let to_date = &statement(&book, "june", period)["to_date"];
        for (name, counted) in [("quarter", quarters[index]), ("year", &months[..=index])] {
            let settled: Vec<Value> =
                counted.iter().map(|month| statement(&book, "june", month)["settlement"].clone()).collect();
            for sum in SUMS {
                let expected: i64 = settled.iter().map(|one| cents(&one[sum])).sum();
                assert_eq!(cents(&to_date[name]["settlement"][sum]), expected, "{period} {name} {sum}");
            }
            assert_eq!(to_date[name]["first_closed"], counted[0], "{period} {name}");
        }
        assert_eq!(to_date["year"]["from"], "2027-02", "{period}");
    }
}

#[test]
fn what_a_component_posted_is_added_up_with_adjustments_apart() {
    let book = new_book();
    let july = statement(&book, "june", "2027-07");
    let year = serde_json::json!([
        {"plan": "", "component": "adjustment", "amount": "25.50"},
        {"plan": "land", "component": "arr", "amount": "4000.00"},
        {"plan": "land", "component": "spiff", "amount": "100.00"},
    ]);
    assert_eq!(july["to_date"]["year"]["components"], year);
    let quarter = serde_json::json!([
        {"plan": "", "component": "adjustment", "amount": "25.50"},
        {"plan": "land", "component": "arr", "amount": "0.00"},
    ]);
    assert_eq!(july["to_date"]["quarter"]["components"], quarter, "1,000.00 of May, reversed in July");
}

#[test]
fn the_statement_of_everybody_has_the_same_sums() {
    let book = new_book();
    for statement_of_all in book.json(&["statement", "--all", "2027-07"]).as_array().expect("a list") {
        let payee = statement_of_all["payee"].as_str().expect("a name");
        assert_eq!(*statement_of_all, statement(&book, payee, "2027-07"));
    }
}

#[test]
fn a_statement_of_a_month_in_which_nothing_was_due_has_them_too() {
    let book = new_book();
    let august = statement(&book, "june", "2027-08");
    assert_eq!(august["settlement"]["gross"], "0.00");
    assert_eq!(
        august["to_date"]["year"]["settlement"]["gross"],
        statement(&book, "june", "2027-07")["to_date"]["year"]["settlement"]["gross"]
    );
    assert_eq!(august["to_date"]["quarter"]["from"], "2027-08");
}

#[test]
fn the_text_shows_them_beside_the_month_and_says_where_they_begin() {
    let book = new_book();
    let text = book.done(&["statement", "june", "2027-05"]);
    for line in [
        "  New business (arr): 1,000.00; quarter to date 1,000.00, year to date 5,000.00",
        "  May 2027  Quarter to date  Year to date",
        "  The quarter began in May 2027, the fiscal year in February 2027. The book's first close is of April 2027.",
    ] {
        assert!(text.lines().any(|one| one == line), "{line}\nis not in\n{text}");
    }
}

/// Who is on two plans with different fiscal years has the calendar's.
#[test]
fn plans_with_different_fiscal_years_have_the_calendar_year() {
    let book = new_book();
    let other = PLAN.replace("plan = \"land\"", "plan = \"grow\"").replace("year-start = 2", "year-start = 7");
    book.done(&["plan", "publish", &book.write("other.toml", &other)]);
    let assigned =
        r#"{"fact": "assignment", "at": "2027-09-01", "payee": "june", "plan": "grow", "quota": {"arr": "1"}}"#;
    book.done(&["record", &book.write("more.jsonl", assigned)]);
    book.done(&["close", "2027-09", "--full"]);
    let to_date = &statement(&book, "june", "2027-09")["to_date"];
    assert_eq!((&to_date["quarter"]["from"], &to_date["year"]["from"]), (&"2027-07".into(), &"2027-01".into()));
}
