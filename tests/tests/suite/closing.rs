//! Closes: in order, atomic, byte for byte reproducible, and limited to what was previewed.

use serde_json::Value;

use crate::support::{TestBook, shared};

fn new_book() -> Option<TestBook> {
    let folder = shared("examples/01-land-split-pay")?;
    let book = TestBook::with_book();
    let path = |name: &str| folder.join(name).display().to_string();
    book.done(&["plan", "publish", &path("land.toml")]);
    book.done(&["record", &path("facts.jsonl")]);
    Some(book)
}

#[test]
fn months_are_closed_one_after_the_other() {
    let Some(book) = new_book() else { return };
    book.done(&["close", "2027-01"]);
    assert!(book.refused(&["close", "2027-01"]).contains("close-closed"));
    assert!(book.refused(&["close", "2027-03"]).contains("close-order"));
    assert!(book.refused(&["preview", "2027-01"]).contains("close-closed"));
    book.done(&["preview", "2027-03"]);
    book.done(&["close", "2027-02"]);
}

#[test]
fn a_close_posts_what_was_reviewed_and_nothing_else() {
    let Some(book) = new_book() else { return };
    let preview = book.json(&["preview", "2027-01"]);
    let digest = preview["digest"].as_str().expect("a digest").to_owned();
    book.write("late.jsonl", r#"{"fact": "adjustment", "at": "2027-01-02", "payee": "ana", "amount": "5.00", "currency": "USD", "reason": "late"}"#);
    let size = preview["size"].as_u64().expect("a size").to_string();
    book.done(&["record", "late.jsonl"]);
    assert!(book.refused(&["close", "2027-01", "--expect", &digest]).contains("close-digest"));
    let closed = book.json(&["close", "2027-01", "--expect", &digest, "--at", &size]);
    assert_eq!(closed["digest"].as_str(), Some(digest.as_str()));
    // What came after K is posted by the next close.
    let next = book.json(&["preview", "2027-02"]);
    assert_eq!(next["statements"][0]["lines"][0]["event"], "adjustment");
    assert!(book.refused(&["close", "2027-02", "--at", "3"]).contains("close-at"));
    assert!(book.refused(&["close", "2027-02", "--at", "300"]).contains("close-at"));
}

/// The digest is BLAKE3 of the canonical figures: all members but `log`, `why`, `causes`, `attainment`, `pending`, `forfeited`,
/// `to_date` and `status`.
#[test]
fn the_digest_is_that_of_the_statements_figures() {
    let Some(book) = new_book() else { return };
    let closed = book.json(&["close", "2027-01"]);
    let text = book.done(&["statement", "--all", "2027-01", "--format", "json"]);
    let figures = without_prose(text.trim_end());
    assert_eq!(closed["digest"].as_str().expect("a digest"), blake3::hash(figures.as_bytes()).to_hex().as_str());
    assert_eq!(text, book.done(&["statement", "--all", "2027-01", "--format", "json"]));
}

/// Cuts members out of canonical JSON by name, by stepping over their values.
fn without_prose(json: &str) -> String {
    let mut out = String::new();
    let mut rest = json;
    'next: while !rest.is_empty() {
        for name in ["log", "why", "causes", "attainment", "pending", "forfeited", "to_date", "status"] {
            for mark in [format!(",\"{name}\":"), format!("\"{name}\":")] {
                if let Some(value) = rest.strip_prefix(&mark) {
                    let length = value_length(value);
                    rest = &value[length..];
                    continue 'next;
                }
            }
        }
        let first = rest.chars().next().expect("not empty");
        let length = if first == '"' { value_length(rest) } else { first.len_utf8() };
        out.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    out
}

fn value_length(text: &str) -> usize {
    let mut stream = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    stream.next().expect("a value").expect("JSON");
    stream.byte_offset()
}

/// The same facts and rules recorded in other batches, and by somebody else, give the same statements.
#[test]
fn the_batches_in_which_facts_came_do_not_matter() {
    let Some(folder) = shared("examples/02-land-gate-and-accelerator") else { return };
    let facts = std::fs::read_to_string(folder.join("facts.jsonl")).expect("facts");
    let plan = folder.join("land.toml").display().to_string();
    let statements = |batches: &[String]| {
        let book = TestBook::with_book();
        book.done(&["plan", "publish", &plan]);
        for (index, batch) in batches.iter().enumerate() {
            let name = book.write(&format!("{index}.jsonl"), batch);
            book.done(&["record", &name, "--as", &format!("author {index}")]);
        }
        for period in ["2027-01", "2027-02", "2027-03", "2027-04", "2027-05"] {
            book.done(&["close", period]);
        }
        let last = book.done(&["statement", "--all", "2027-05", "--format", "json"]);
        without_prose(last.trim_end())
    };
    let lines: Vec<String> = facts.lines().map(|line| format!("{line}\n")).collect();
    assert_eq!(statements(&[facts]), statements(&lines));
}

#[test]
fn a_missing_exchange_rate_keeps_a_month_open() {
    let Some(book) = new_book() else { return };
    book.write("euro.jsonl", r#"{"fact": "booking", "at": "2027-01-09", "booking": "B-2", "account": "euro", "motion": "new-logo", "arr": "100", "currency": "EUR", "credit": [{"payee": "ana", "percent": "100%"}]}"#);
    book.done(&["record", "euro.jsonl"]);
    let said = book.refused(&["close", "2027-01"]);
    assert!(
        said.contains("close-no-exchange-rate")
            && said.contains("`EUR`")
            && said.contains("2027-01-09")
            && said.contains("`B-2`"),
        "{said}"
    );
}
