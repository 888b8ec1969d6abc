//! `prorate = "start"`: an end does not reduce the quota, another assignment does, whenever it becomes known (calculation.md 5).

use crate::hows::check_statement;
use crate::support::Desk;

const PLAN: &str = "plan = \"land\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\
    [[component]]\nid = \"arr\"\nmeasure = { booking = \"arr\" }\nperiod = \"year\"\nquota = \"assigned\"\n\
    prorate = \"start\"\nrate = \"10%\"\ntiers = [{ from = \"100%\", times = \"2\" }]\n";

/// Ana is assigned a quota of 120,000 from a day on, and books an amount in February.
fn desk(from: &str, amount: &str) -> Desk {
    let desk = Desk::with_book();
    desk.write("plan.toml", PLAN);
    desk.done(&["plan", "publish", "plan.toml"]);
    record(&desk, r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}"#);
    record(&desk, &assignment("1", from, ""));
    let booking = r#"{"fact": "booking", "at": "2027-02-03", "booking": "B-1", "account": "acme", "arr": "AMOUNT", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}"#;
    record(&desk, &booking.replace("AMOUNT", amount));
    desk
}

fn assignment(id: &str, from: &str, more: &str) -> String {
    let id = format!("00000000-0000-4000-8000-00000000000{id}");
    format!(
        r#"{{"fact": "assignment", "id": "{id}", "at": "{from}", "payee": "ana", "plan": "land", "quota": {{"arr": "120000"}}{more}}}"#
    )
}

fn record(desk: &Desk, fact: &str) {
    desk.write("fact.jsonl", &format!("{fact}\n"));
    desk.done(&["record", "fact.jsonl"]);
}

/// Closes a month both ways, and gives the amounts that are not 0.
fn close(desk: &Desk, month: &str) -> Vec<String> {
    desk.done(&["close", month, "--full"]);
    let statements = desk.json(&["statement", "--all", month]);
    let statements = statements.as_array().expect("an array");
    statements.iter().for_each(check_statement);
    let lines = statements.iter().flat_map(|statement| statement["lines"].as_array().expect("lines"));
    let amounts = lines.map(|line| line["amount"].as_str().expect("text").to_owned());
    amounts.filter(|amount| amount != "0.00").collect()
}

#[test]
fn a_leaver_keeps_the_full_quota() {
    let desk = desk("2027-01-01", "150000");
    // 120,000 x 10 % + 30,000 x 20 %.
    assert_eq!(close(&desk, "2027-02"), ["18000.00"]);
    record(&desk, r#"{"fact": "assignment-end", "at": "2027-02-15", "payee": "ana", "plan": "land"}"#);
    assert_eq!(close(&desk, "2027-03"), [] as [&str; 0]);
    record(&desk, r#"{"fact": "payee", "at": "2027-02-10", "payee": "ana", "status": "left"}"#);
    assert_eq!(close(&desk, "2027-04"), [] as [&str; 0]);
}

#[test]
fn a_late_start_cuts_the_first_month_by_its_days() {
    let desk = desk("2027-01-16", "130000");
    // 115,161.29… x 10 % + 14,838.70… x 20 %.
    assert_eq!(close(&desk, "2027-02"), ["14483.87"]);
}

#[test]
fn another_assignment_later_in_the_period_has_its_own_part() {
    let desk = desk("2027-01-01", "30000");
    assert_eq!(close(&desk, "2027-02"), ["3000.00"]);
    // It is dated after the evaluation date: 20,000 x 10 % + 10,000 x 20 % of the first one are due now.
    record(&desk, &assignment("2", "2027-06-01", ""));
    record(&desk, r#"{"fact": "assignment-end", "at": "2027-02-28", "payee": "ana", "plan": "land"}"#);
    assert_eq!(close(&desk, "2027-03"), ["1000.00"]);
    let next_year = assignment("3", "2028-01-01", r#", "corrects": "00000000-0000-4000-8000-000000000002""#);
    record(&desk, &next_year);
    assert_eq!(close(&desk, "2027-04"), ["-1000.00"]);
    record(&desk, &assignment("4", "2027-12-31", ""));
    assert_eq!(close(&desk, "2027-05"), ["1000.00"]);
    record(
        &desk,
        r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000004", "reason": "a mistake"}"#,
    );
    assert_eq!(close(&desk, "2027-06"), ["-1000.00"]);
}
