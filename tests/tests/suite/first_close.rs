//! A first close that is far from all facts is refused, unless it is meant.

use crate::support::TestBook;

/// Facts from January to June 2027, the last one usage.
fn desk() -> TestBook {
    let desk = TestBook::with_book();
    let facts = r#"{"fact": "payee", "at": "2027-01-20", "payee": "p", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-06-01", "to": "2027-06-30", "amount": "5", "currency": "USD"}
"#;
    desk.done(&["record", &desk.write("facts.jsonl", facts)]);
    desk
}

#[test]
fn three_months_away_is_closed_and_four_are_refused() {
    for (month, is_far) in
        [("2026-09", true), ("2026-10", false), ("2027-09", false), ("2027-10", true), ("2072-01", true)]
    {
        let desk = desk();
        let preview = desk.run(&["preview", month]);
        let said = String::from_utf8_lossy(&preview.stdout).into_owned();
        assert_eq!(said.contains("warning[close-far]"), is_far || month < "2027-01", "{month}: {said}");
        if is_far {
            let said = desk.refused(&["close", month]);
            assert!(said.contains("error[close-first-far]") && said.contains("(2027-01-20 to 2027-06-30)"), "{said}");
            assert!(said.contains("--force"), "{said}");
            desk.done(&["close", month, "--force"]);
        } else {
            desk.done(&["close", month]);
        }
    }
}

#[test]
fn later_closes_and_a_book_without_facts_are_not_asked() {
    let desk = desk();
    for month in 1..=12 {
        desk.done(&["close", &format!("2027-{month:02}")]);
    }
    TestBook::with_book().done(&["close", "2072-01"]);
}
