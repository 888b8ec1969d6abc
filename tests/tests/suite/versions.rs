//! The days on which a component exists: versions that add, drop and replace components, published before and after months
//! are closed (calculation.md 3).

use crate::explanations::check_statement;
use crate::support::TestBook;

const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-03-01", "to": "2027-03-15", "amount": "1500.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-03-16", "to": "2027-03-31", "amount": "1600.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-04-01", "to": "2027-04-30", "amount": "1000.00", "currency": "USD"}
"#;

/// A component of usage with an id and a rate.
fn usage(id: &str, rate: &str) -> String {
    format!("[[component]]\nid = \"{id}\"\nmeasure = {{ usage = \"amount\" }}\nrate = \"{rate}\"\n")
}

/// Ana is assigned the plan from a day in March on.
fn new_book(from: &str) -> TestBook {
    let book = TestBook::with_book();
    book.write("facts.jsonl", PEOPLE);
    book.done(&["record", "facts.jsonl"]);
    publish(&book, 1, "2027-01-01", &usage("old", "0%"));
    let assignment = r#"{"fact": "assignment", "at": "FROM", "until": "2027-12-31", "payee": "ana", "plan": "p", "target": "12000"}"#;
    book.write("assignment.jsonl", &format!("{}\n", assignment.replace("FROM", from)));
    book.done(&["record", "assignment.jsonl"]);
    book
}

fn publish(book: &TestBook, version: u32, effective: &str, components: &str) {
    let head = format!("plan = \"p\"\nversion = {version}\nedition = 1\ncurrency = \"USD\"\neffective = {effective}\n");
    book.write("p.toml", &format!("{head}{components}"));
    book.done(&["plan", "publish", "p.toml"]);
}

/// Closes a month both ways, and gives its lines that are not 0.
fn close(book: &TestBook, month: &str) -> Vec<(String, String, String)> {
    book.done(&["close", month, "--full"]);
    let statements = book.json(&["statement", "--all", month]);
    let statements = statements.as_array().expect("an array");
    statements.iter().for_each(check_statement);
    let lines = statements.iter().flat_map(|statement| statement["lines"].as_array().expect("lines"));
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().expect("text").to_owned();
    let shown = lines.map(|line| (text(line, "component"), text(line, "item"), text(line, "amount")));
    shown.filter(|(_, _, amount)| amount != "0.00").collect()
}

fn line(component: &str, item: &str, amount: &str) -> (String, String, String) {
    (component.to_owned(), item.to_owned(), amount.to_owned())
}

#[test]
fn one_component_takes_over_from_another() {
    let book = new_book("2027-03-01");
    publish(&book, 2, "2027-02-01", &usage("u", "10%"));
    publish(&book, 3, "2027-03-16", &usage("u2", "2%"));
    assert_eq!(close(&book, "2027-03"), [line("u", "acme@2027-03", "150.00"), line("u2", "acme@2027-03", "32.00")]);
    assert_eq!(close(&book, "2027-04"), [line("u2", "acme@2027-04", "20.00")]);
}

#[test]
fn a_version_that_comes_late_restates_the_month() {
    let book = new_book("2027-03-01");
    publish(&book, 2, "2027-02-01", &usage("u", "10%"));
    assert_eq!(close(&book, "2027-03"), [line("u", "acme@2027-03", "310.00")]);
    publish(&book, 3, "2027-03-16", &(usage("u", "10%") + &usage("spiff", "1%")));
    let april = [
        line("spiff", "acme@2027-03", "16.00"),
        line("spiff", "acme@2027-04", "10.00"),
        line("u", "acme@2027-04", "100.00"),
    ];
    assert_eq!(close(&book, "2027-04"), april);
    publish(&book, 4, "2027-03-16", &usage("u2", "2%"));
    let may = [
        line("spiff", "acme@2027-03", "-16.00"),
        line("spiff", "acme@2027-04", "-10.00"),
        line("u", "acme@2027-03", "-160.00"),
        line("u", "acme@2027-04", "-100.00"),
        line("u2", "acme@2027-03", "32.00"),
        line("u2", "acme@2027-04", "20.00"),
    ];
    assert_eq!(close(&book, "2027-05"), may);
}

#[test]
fn a_first_version_pays_nothing_before_it() {
    let book = TestBook::with_book();
    book.write("facts.jsonl", PEOPLE);
    book.done(&["record", "facts.jsonl"]);
    publish(&book, 1, "2027-03-16", &usage("u", "10%"));
    book.write(
        "assignment.jsonl",
        "{\"fact\": \"assignment\", \"at\": \"2027-03-01\", \"payee\": \"ana\", \"plan\": \"p\"}\n",
    );
    book.done(&["record", "assignment.jsonl"]);
    assert_eq!(close(&book, "2027-03"), [line("u", "acme@2027-03", "160.00")]);
    // A version that reaches back further adds what lies before.
    publish(&book, 2, "2027-03-01", &usage("u", "10%"));
    assert_eq!(close(&book, "2027-04"), [line("u", "acme@2027-03", "150.00"), line("u", "acme@2027-04", "100.00")]);
}

#[test]
fn days_between_two_versions_with_the_component_do_not_count() {
    let book = new_book("2027-03-01");
    publish(&book, 2, "2027-02-01", &usage("u", "10%"));
    publish(&book, 3, "2027-03-11", &usage("other", "1%"));
    publish(&book, 4, "2027-03-21", &usage("u", "10%"));
    // 100 a day on 1-10 and 21-31 March.
    assert_eq!(close(&book, "2027-03"), [line("other", "acme@2027-03", "10.00"), line("u", "acme@2027-03", "210.00")]);
}

#[test]
fn quota_and_target_pay_stay_those_of_the_period() {
    let book = new_book("2027-03-01");
    let target = "[[component]]\nid = \"t\"\nmeasure = { usage = \"amount\" }\nquota = \"3100\"\ntarget = \"100%\"\n\
        curve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]\n";
    publish(&book, 2, "2027-03-16", target);
    // 12,000 / 12 x 1,600 / 3,100.
    assert_eq!(close(&book, "2027-03"), [line("t", "2027-03", "516.13")]);
}
