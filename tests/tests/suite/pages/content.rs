//! What a page says: all that the statement has in JSON, in the words that were reviewed.

use std::collections::BTreeSet;

use serde_json::Value;

use super::markup::{check, text_of};
use super::{fixture, rich_book};
use crate::golden::without_days;
use crate::support::{TestBook, is_written};

/// The root of the log differs from run to run: entries are salted.
fn without_root(html: &str, statement: &Value) -> String {
    let root = statement["log"]["root"].as_str().expect("a root");
    assert!(text_of(html).contains(root), "the root is not in the page");
    html.replace(root, "ROOT")
}

#[test]
fn the_page_reads_as_it_was_reviewed() {
    let book = rich_book();
    let html = book.done(&["statement", "pia", "2027-04", "--format", "html"]);
    let again = book.done(&["statement", "pia", "2027-04", "--format", "html"]);
    assert_eq!(html, again, "the same statement of the same log is not the same bytes");
    let statement = &book.json(&["statement", "pia", "2027-04"])[0];
    is_written("pages/statement.html", &without_days(&without_root(&html, statement)));
}

/// Members of a statement that are amounts of its currency.
const AMOUNTS: [&str; 17] = [
    "payable",
    "owed",
    "draw",
    "amount",
    "entitled",
    "before",
    "given",
    "recovered",
    "balance",
    "gross",
    "reversed",
    "set_off",
    "top_up",
    "advance",
    "draw_recovered",
    "pay",
    "earned_to_date",
];

fn amounts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match member {
                    // A draw has a name, too, as its member `draw`.
                    Value::String(text)
                        if AMOUNTS.contains(&name.as_str()) && text.ends_with(|c: char| c.is_ascii_digit()) =>
                    {
                        found.insert(text.clone());
                    }
                    Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
                    // The numbers of steps are shown as far as there is room.
                    Value::Array(_) | Value::Object(_) if name == "why" => {}
                    Value::Array(_) | Value::Object(_) => amounts(member, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|one| amounts(one, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// `1234567.80` as `1,234,567.80`, and without a sign: a deduction is negative on the page, or "less".
fn grouped(amount: &str) -> String {
    let (whole, fraction) = amount.trim_start_matches('-').split_once('.').expect("a decimal");
    let digits = whole.len();
    let separated = |(at, c): (usize, char)| {
        let comma = (at > 0 && (digits - at) % 3 == 0).then_some(',');
        comma.into_iter().chain([c])
    };
    format!("{}.{fraction}", whole.chars().enumerate().flat_map(separated).collect::<String>())
}

/// Holds a statement's page against its JSON, and gives how many amounts it has.
pub fn check_page(book: &TestBook, payee: &str, period: &str) -> usize {
    let html = book.done(&["statement", payee, period, "--format", "html"]);
    check(&html);
    let text = text_of(&html);
    let mut found = BTreeSet::new();
    amounts(&book.json(&["statement", payee, period]), &mut found);
    for amount in &found {
        assert!(text.contains(&grouped(amount)), "{amount} of {payee} in {period} is not in:\n{text}");
    }
    found.len()
}

#[test]
fn every_amount_of_the_statement_is_on_its_page() {
    let book = rich_book();
    let periods = ["2027-01", "2027-02", "2027-03", "2027-04"];
    let counts = periods.iter().flat_map(|period| ["pia", "quiet"].map(|payee| check_page(&book, payee, period)));
    let seen: usize = counts.sum();
    assert!(seen > 100, "{seen} amounts");
}

/// The text statement and `explain` say the same: each of their lines is on the page.
#[test]
fn the_words_are_those_of_the_text() {
    let book = rich_book();
    let page = text_of(&book.done(&["statement", "pia", "2027-04", "--format", "html"]));
    let text = book.done(&["statement", "pia", "2027-04"]);
    // Cells of a line are apart from each other in both.
    let cells = text.lines().flat_map(|line| line.split("  ")).map(|cell| cell.trim()).filter(|cell| !cell.is_empty());
    let laid_out_otherwise = |cell: &str| {
        let starts = [
            "Book acme",
            "Opening",
            "Closing",
            "payable",
            "clawback",
            "draw",
            "New business",
            "Renewals",
            "Usage",
            "Adjustments:",
            "advanced:",
            "topped up:",
            "1 installment",
        ];
        starts.iter().any(|start| cell.starts_with(start))
    };
    for cell in cells.filter(|cell| !laid_out_otherwise(cell)) {
        let cell = cell.strip_prefix("due ").unwrap_or(cell);
        assert!(page.contains(cell), "{cell:?} is not in:\n{page}");
    }
    for line in ["desk/new/used/N-1", "desk/new/signed/N-2", "desk/bridge/draw/N-5@2027-04"] {
        let tree = book.done(&["explain", "pia", line, "2027-04"]);
        for step in tree.lines().skip(1).map(|step| step.trim_start_matches(['│', '├', '└', '─', ' '])) {
            let is_other = ["retroactive", "300.00 because", "600.00 outstanding", "and 18 more", ""].iter();
            if is_other.clone().any(|start| if start.is_empty() { step.is_empty() } else { step.starts_with(start) }) {
                continue;
            }
            assert!(page.contains(step), "{step:?} of {line} is not in:\n{page}");
        }
    }
}

#[test]
fn nothing_due_is_said() {
    let book = rich_book();
    let facts = r#"{"fact": "payee", "at": "2027-05-01", "payee": "new", "name": "Nina New", "currency": "USD"}
{"fact": "assignment", "at": "2027-05-31", "until": "2027-06-30", "payee": "new", "plan": "desk"}"#;
    book.done(&["record", &book.write("new.jsonl", facts)]);
    let plan = std::fs::read_to_string(fixture().join("desk.toml")).expect("a plan");
    let (without_draws, _) = plan.split_once("[[draw]]").expect("draws");
    let plan =
        without_draws.replace("version = 1", "version = 2").replace("effective = 2027-01-01", "effective = 2027-05-01");
    book.done(&["plan", "publish", &book.write("two.toml", &plan)]);
    book.done(&["close", "2027-05"]);
    let html = book.done(&["statement", "new", "2027-05", "--format", "html"]);
    check(&html);
    let text = text_of(&html);
    assert!(text.contains("Nothing was due, and the close changed no balance."), "{text}");
    assert!(text.contains("No line that was posted before has changed.") && text.contains("To pay 0.00 USD"), "{text}");
}
