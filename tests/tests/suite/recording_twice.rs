//! Recording twice is harmless and never guesses (docs/facts.md).

use crate::support::TestBook;

const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D.", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme", "name": "Acme Inc."}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "cam", "percent": "100%"}]}
"#;

fn usage(amount: &str) -> String {
    format!(
        "{{\"fact\": \"usage-snapshot\", \"account\": \"acme\", \"from\": \"2027-01-01\", \"to\": \"2027-01-31\", \"amount\": \"{amount}\", \"currency\": \"USD\"}}\n"
    )
}

fn counts(book: &TestBook, arguments: &[&str]) -> (u64, u64, u64) {
    let recorded = book.json(arguments);
    let of = |name: &str| recorded[name].as_u64().expect("a count");
    (of("new"), of("restated"), of("known"))
}

fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.write("people.jsonl", PEOPLE);
    book.done(&["record", "people.jsonl"]);
    book
}

#[test]
fn usage_sixty_seventy_sixty() {
    let book = new_book();
    book.write("60.jsonl", &usage("60.00"));
    book.write("70.jsonl", &usage("70.00"));
    assert_eq!(counts(&book, &["record", "60.jsonl"]), (1, 0, 0));
    assert_eq!(counts(&book, &["record", "70.jsonl"]), (0, 1, 0));
    let said = book.refused(&["record", "60.jsonl"]);
    assert!(said.contains("fact-superseded") && said.contains("position 4") && said.contains("position 5"), "{said}");
    assert_eq!(counts(&book, &["record", "60.jsonl", "--skip-superseded"]), (0, 0, 0));
    assert_eq!(counts(&book, &["record", "60.jsonl", "--restate"]), (0, 1, 0));
    assert_eq!(counts(&book, &["record", "60.jsonl"]), (0, 0, 1));
}

#[test]
fn the_january_file_twice_around_a_restatement() {
    let book = new_book();
    book.write("january.jsonl", &format!("{PEOPLE}{}", usage("60.00")));
    book.write("restated.jsonl", &usage("70"));
    assert_eq!(counts(&book, &["record", "january.jsonl"]), (1, 0, 3));
    assert_eq!(counts(&book, &["record", "january.jsonl"]), (0, 0, 4));
    assert_eq!(counts(&book, &["record", "restated.jsonl"]), (0, 1, 0));
    book.refused(&["record", "january.jsonl"]);
}

#[test]
fn retract_and_send_again() {
    let book = new_book();
    let fact = r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme"}"#;
    book.write("signal.jsonl", fact);
    book.done(&["record", "signal.jsonl"]);
    let id = book
        .json(&["log", "--item", "acme"])
        .as_array()
        .and_then(|log| log.last().map(|entry| entry["id"].as_str().map(str::to_owned)));
    let id = id.flatten().expect("an id");
    book.write(
        "retract.jsonl",
        &format!("{{\"fact\": \"retraction\", \"retracts\": \"{id}\", \"reason\": \"wrong account\"}}"),
    );
    assert_eq!(counts(&book, &["record", "retract.jsonl"]), (0, 1, 0));
    assert_eq!(counts(&book, &["record", "retract.jsonl"]), (0, 0, 1));
    assert!(book.refused(&["record", "signal.jsonl"]).contains("fact-superseded"));
    assert_eq!(counts(&book, &["record", "signal.jsonl", "--restate"]), (1, 0, 0));
}

#[test]
fn two_equal_signals_in_one_file() {
    let book = new_book();
    let signal = r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme"}"#;
    book.write("equal.jsonl", &format!("{signal}\n{signal}\n"));
    let said = book.refused(&["record", "equal.jsonl"]);
    assert!(said.contains("fact-twice") && said.contains("equal.jsonl:2"), "{said}");
    let told_apart = format!("{signal}\n{}\n", signal.replace("\"acme\"", "\"acme\", \"source\": \"ticket 2\""));
    book.write("apart.jsonl", &told_apart);
    assert_eq!(counts(&book, &["record", "apart.jsonl"]), (2, 0, 0));
    assert_eq!(counts(&book, &["record", "apart.jsonl"]), (0, 0, 2));
}

#[test]
fn a_whole_history_fed_every_night_for_a_week() {
    let book = TestBook::with_book();
    let correction = r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "200", "currency": "USD", "corrects": true}"#;
    let booking = r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD"}"#;
    let signal = r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "booking": "B-1", "id": "00000000-0000-4000-8000-000000000001"}"#;
    let retraction = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000001", "reason": "typo"}"#;
    let history =
        [PEOPLE, &usage("60"), booking, "\n", &usage("70"), correction, "\n", signal, "\n", retraction, "\n"].concat();
    book.write("history.jsonl", &history);
    let first = counts(&book, &["record", "--history", "history.jsonl"]);
    assert_eq!(first, (6, 3, 0));
    let before = book.bytes();
    for _ in 0..7 {
        assert_eq!(counts(&book, &["record", "--history", "history.jsonl"]), (0, 0, 9));
    }
    assert!(book.bytes() == before);
}

#[test]
fn the_order_of_shares_says_nothing() {
    let book = new_book();
    let payee = r#"{"fact": "payee", "at": "2027-01-01", "payee": "bob", "currency": "USD"}"#;
    let split = |one: &str, other: &str| {
        format!(
            r#"{{"fact": "credit-split", "at": "2027-02-01", "on": {{"account": "acme"}}, "shares": [{one}, {other}]}}"#
        )
    };
    let (bob, cam) = (r#"{"payee": "bob", "percent": "40%"}"#, r#"{"payee": "cam", "percent": "60%"}"#);
    book.write("one.jsonl", &format!("{payee}\n{}\n{}\n", split(cam, bob), split(bob, cam)));
    assert_eq!(counts(&book, &["record", "one.jsonl"]), (2, 0, 1));
    book.write("other.jsonl", &split(bob, cam));
    assert_eq!(counts(&book, &["record", "other.jsonl", "--expect-restated", "0"]), (0, 0, 1));
}
