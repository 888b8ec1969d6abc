//! What is doubtful is told by the close that sees it first, and small words are right: what a full close compared, percents, and
//! commitments that credit notes have reduced.

use serde_json::Value;

use crate::support::TestBook;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "tcv", pays = "services" }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[component]]
id = "use"
measure = { usage = "amount" }
rate = "1%"
"#;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ann", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "account", "at": "2027-01-01", "account": "bolt"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ann", "plan": "land", "quota": {"arr": "100000"}}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "arr": "0", "tcv": "0", "amounts": {"services": "500"}, "currency": "USD", "credit": [{"payee": "ann", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-11", "booking": "B-2", "account": "bolt", "arr": "99999.99", "amounts": {"services": "10"}, "currency": "USD", "credit": [{"payee": "ann", "percent": "100%"}]}
"#;

fn book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book
}

fn said(book: &TestBook, arguments: &[&str]) -> String {
    let output = book.run(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8([output.stdout, output.stderr].concat()).expect("UTF-8")
}

const DOUBT: &str = "close-zero-value";

#[test]
fn a_doubt_is_told_once() {
    let book = book();
    assert!(said(&book, &["preview", "2027-01"]).contains(DOUBT));
    assert!(said(&book, &["close", "2027-01"]).contains(DOUBT));
    assert!(!said(&book, &["preview", "2027-02"]).contains(DOUBT));
    assert!(said(&book, &["preview", "2027-02", "--format", "json"]).contains(DOUBT), "programs get all");
    assert!(!said(&book, &["close", "2027-02"]).contains(DOUBT));
    // A credit note makes another booking one of value 0: that is new.
    let note =
        r#"{"fact": "credit-note", "at": "2027-03-01", "credit_note": "N-1", "booking": "B-2", "arr": "99999.99"}"#;
    book.done(&["record", &book.write("note.jsonl", note)]);
    let march = said(&book, &["close", "2027-03"]);
    assert!(march.contains("`B-2`") && march.contains(DOUBT) && !march.contains("`B-1` is 0"), "{march}");
    assert!(said(&book, &["close", "2027-04", "--format", "json"]).contains(DOUBT));
}

#[test]
fn a_full_close_of_a_small_book_says_why_it_compared_nothing() {
    let book = book();
    assert!(said(&book, &["close", "2027-01", "--full"]).contains("it is the first close of the book"));
    let second = said(&book, &["close", "2027-02", "--full"]);
    assert!(second.contains("nothing is kept of the last close, as in books of up to 100,000 entries"), "{second}");
}

#[test]
fn a_quota_that_is_missed_never_prints_as_reached() {
    let book = book();
    book.done(&["close", "2027-01"]);
    let rows = book.done(&["balances", "--attainment", "--format", "csv"]);
    assert!(rows.contains(",99999.99,100000.00,99.99999,"), "{rows}");
    let row = &book.json(&["balances", "--attainment"])[0];
    assert_eq!(row["percent"], "99.99999");
    assert_eq!(book.json(&["statement", "ann", "2027-01"])[0]["attainment"][0]["percent"], "99.99999");
}

#[test]
fn a_commitment_that_credit_notes_took_away_has_no_usage_to_miss() {
    let book = book();
    let classes = |period: &str| {
        let preview = book.json(&["preview", period]);
        let missing = preview["missing"].as_array().expect("a list").clone();
        missing.into_iter().filter(|class| class["class"] == "no-usage").collect::<Vec<Value>>()
    };
    assert_eq!(classes("2027-01")[0]["items"][0]["contract"], "bolt");
    let part = r#"{"fact": "credit-note", "at": "2027-01-20", "credit_note": "N-1", "booking": "B-2", "arr": "90000"}"#;
    book.done(&["record", &book.write("part.jsonl", part)]);
    assert_eq!(classes("2027-01")[0]["items"][0]["amount"], "9999.99", "what is left is a commitment");
    let rest =
        r#"{"fact": "credit-note", "at": "2027-01-21", "credit_note": "N-2", "booking": "B-2", "arr": "9999.99"}"#;
    book.done(&["record", &book.write("rest.jsonl", rest)]);
    assert!(classes("2027-01").is_empty());
}

#[test]
fn balances_have_one_name() {
    let book = book();
    book.done(&["close", "2027-01"]);
    let names = ["payable balance", "clawback balance", "draw balance"];
    for text in [book.done(&["balances"]), book.done(&["statement", "ann", "2027-01"])] {
        assert!(names.iter().all(|name| text.contains(name)) && !text.contains("owed"), "{text}");
    }
}
