//! Draws are recovered each from its own begin on (docs/calculation.md 10).

use serde_json::Value;

use super::{adjustment, booking, close, new_book, publish, record};

const EARN: &str = "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"10%\"\n";

fn advance(on: &str, months: u32, terms: &str) -> String {
    let motion = if on == "booking" { "motion = [\"new-logo\"]\n" } else { "" };
    format!(
        "{EARN}[[draw]]\nid = \"d\"\nkind = \"advance\"\namount = \"1000\"\nmonths = {months}\non = \"{on}\"\n{motion}recoverable = true\n{terms}"
    )
}

/// What a close says of each draw: trigger, month, given, recovered and balance.
fn draws(statement: &Value) -> Vec<[&str; 5]> {
    let keys = ["trigger", "month", "given", "recovered", "balance"];
    let draws = statement["draws"].as_array().expect("draws").iter();
    draws.map(|draw| keys.map(|key| draw[key].as_str().unwrap_or(""))).collect()
}

#[test]
fn each_booking_begins_for_itself() {
    let facts = [booking("B-1", "2027-01-10", r#""arr": "1""#), booking("B-2", "2027-03-10", r#""arr": "1""#)];
    let earned = [adjustment("2027-04-30", 500), adjustment("2027-05-31", 2000), adjustment("2027-06-30", 5000)];
    let facts: Vec<&str> = facts.iter().chain(&earned).map(String::as_str).collect();
    let book = new_book(&advance("booking", 2, "recover-after = \"3 months\""), &facts);
    let months = ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05", "2027-06"];
    let closed: Vec<Value> = months.iter().map(|month| close(&book, month)).collect();
    let recovered: Vec<&str> =
        closed.iter().map(|statement| statement["settlement"]["draw_recovered"].as_str().expect("text")).collect();
    assert_eq!(recovered, ["0.00", "0.00", "0.00", "500.00", "1500.00", "2000.00"]);
    let april = [["B-1", "2027-01", "0.00", "500.00", "500.00"], ["B-2", "2027-04", "1000.00", "0.00", "1000.00"]];
    assert_eq!(draws(&closed[3]), april);
}

#[test]
fn what_was_given_keeps_its_terms() {
    let facts = [booking("B-1", "2027-01-10", r#""arr": "1""#), adjustment("2027-02-28", 300)];
    let half = advance("booking", 2, "recover-after = \"1 month\"\nrecover-rate = \"50%\"");
    let book = new_book(&half, &[&facts[0], &facts[1]]);
    close(&book, "2027-01");
    publish(&book, 2, &advance("booking", 2, "recover-after = \"12 months\""));
    // The booking is retracted, too: what was given for it stays given and is recovered as it was agreed.
    let february = close(&book, "2027-02");
    let rows = [["B-1", "2027-01", "0.00", "150.00", "850.00"], ["B-1", "2027-02", "1000.00", "0.00", "1000.00"]];
    assert_eq!(draws(&february), rows);
    let later = [
        r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "typo"}"#.to_owned(),
        adjustment("2027-03-31", 4000),
    ];
    record(&book, &[&later[0], &later[1]]);
    let march = close(&book, "2027-03");
    assert_eq!(draws(&march), [["B-1", "2027-01", "0.00", "850.00", "0.00"]]);
    assert_eq!(march["closing"]["draw"], "1000.00");
}

#[test]
fn an_opening_draw_is_recovered_first_and_in_full() {
    let opening =
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "draw": "400"}"#;
    let earned = [adjustment("2027-01-31", 100), adjustment("2027-02-28", 500)];
    let plan = advance("assignment", 1, "recover-rate = \"50%\"");
    let book = new_book(&plan, &[opening, &earned[0], &earned[1]]);
    let january = close(&book, "2027-01");
    assert_eq!(january["settlement"]["draw_recovered"], "100.00");
    let february = close(&book, "2027-02");
    assert_eq!(february["settlement"]["draw_recovered"], "400.00");
    assert_eq!(february["closing"]["draw"], "900.00");
}
