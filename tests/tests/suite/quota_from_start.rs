//! `prorate = "start"`: an end does not reduce the quota, another assignment does, whenever it becomes known (calculation.md 5).

use crate::explanations::check_statement;
use crate::support::TestBook;

const PLAN: &str = "plan = \"land\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\
    [[component]]\nid = \"arr\"\nmeasure = { booking = \"arr\" }\nperiod = \"year\"\nquota = \"assigned\"\n\
    prorate = \"start\"\nrate = \"10%\"\ntiers = [{ from = \"100%\", times = \"2\" }]\n";

/// Ana is assigned a quota of 120,000 from a day on, and books an amount in February.
fn new_book(from: &str, amount: &str) -> TestBook {
    let book = TestBook::with_book();
    book.write("plan.toml", PLAN);
    book.done(&["plan", "publish", "plan.toml"]);
    record(&book, r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}"#);
    record(&book, &assignment("1", from, ""));
    let booking = r#"{"fact": "booking", "at": "2027-02-03", "booking": "B-1", "account": "acme", "arr": "AMOUNT", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}"#;
    record(&book, &booking.replace("AMOUNT", amount));
    book
}

fn assignment(id: &str, from: &str, more: &str) -> String {
    let id = format!("00000000-0000-4000-8000-00000000000{id}");
    format!(
        r#"{{"fact": "assignment", "id": "{id}", "at": "{from}", "payee": "ana", "plan": "land", "quota": {{"arr": "120000"}}{more}}}"#
    )
}

fn record(book: &TestBook, fact: &str) {
    book.write("fact.jsonl", &format!("{fact}\n"));
    book.done(&["record", "fact.jsonl"]);
}

/// Closes a month both ways, and gives the amounts that are not 0.
fn close(book: &TestBook, month: &str) -> Vec<String> {
    book.done(&["close", month, "--full"]);
    let statements = book.json(&["statement", "--all", month]);
    let statements = statements.as_array().expect("an array");
    statements.iter().for_each(check_statement);
    let lines = statements.iter().flat_map(|statement| statement["lines"].as_array().expect("lines"));
    let amounts = lines.map(|line| line["amount"].as_str().expect("text").to_owned());
    amounts.filter(|amount| amount != "0.00").collect()
}

#[test]
fn a_leaver_keeps_the_full_quota() {
    let book = new_book("2027-01-01", "150000");
    // 120,000 x 10 % + 30,000 x 20 %.
    assert_eq!(close(&book, "2027-02"), ["18000.00"]);
    record(&book, r#"{"fact": "assignment-end", "at": "2027-02-15", "payee": "ana", "plan": "land"}"#);
    assert_eq!(close(&book, "2027-03"), [] as [&str; 0]);
    record(&book, r#"{"fact": "payee", "at": "2027-02-10", "payee": "ana", "status": "left"}"#);
    assert_eq!(close(&book, "2027-04"), [] as [&str; 0]);
}

#[test]
fn a_late_start_cuts_the_first_month_by_its_days() {
    let book = new_book("2027-01-16", "130000");
    // 115,161.29… x 10 % + 14,838.70… x 20 %.
    assert_eq!(close(&book, "2027-02"), ["14483.87"]);
}

#[test]
fn another_assignment_later_in_the_period_has_its_own_part() {
    let book = new_book("2027-01-01", "30000");
    assert_eq!(close(&book, "2027-02"), ["3000.00"]);
    // It is dated after the evaluation date: 20,000 x 10 % + 10,000 x 20 % of the first one are due now.
    record(&book, &assignment("2", "2027-06-01", ""));
    record(&book, r#"{"fact": "assignment-end", "at": "2027-02-28", "payee": "ana", "plan": "land"}"#);
    assert_eq!(close(&book, "2027-03"), ["1000.00"]);
    let next_year = assignment("3", "2028-01-01", r#", "corrects": "00000000-0000-4000-8000-000000000002""#);
    record(&book, &next_year);
    assert_eq!(close(&book, "2027-04"), ["-1000.00"]);
    record(&book, &assignment("4", "2027-12-31", ""));
    assert_eq!(close(&book, "2027-05"), ["1000.00"]);
    record(
        &book,
        r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000004", "reason": "a mistake"}"#,
    );
    assert_eq!(close(&book, "2027-06"), ["-1000.00"]);
}
