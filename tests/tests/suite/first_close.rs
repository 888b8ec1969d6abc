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
fn later_closes_are_not_asked() {
    let desk = desk();
    for month in 1..=12 {
        desk.done(&["close", &format!("2027-{month:02}")]);
    }
}

/// A month that is closed by a slip cannot be taken back: the book would be stuck behind it.
#[test]
fn a_book_without_facts_has_nothing_to_close() {
    let desk = TestBook::with_book();
    let plan = desk.write("land.toml", &desk.done(&["plan", "new", "--template", "land"]));
    for has_plan in [false, true] {
        if has_plan {
            desk.done(&["plan", "publish", &plan]);
        }
        for month in ["2072-01", "2027-01"] {
            let preview = desk.run(&["preview", month]);
            assert!(String::from_utf8_lossy(&preview.stdout).contains("warning[close-no-facts]"), "{preview:?}");
            let before = desk.bytes();
            let said = desk.refused(&["close", month]);
            assert!(
                said.contains(&format!("error[close-nothing]: the book has no facts, so {month} has nothing")),
                "{said}"
            );
            assert!(said.contains("record facts first") && said.contains("--force"), "{said}");
            assert!(desk.bytes() == before, "a close that was refused changed the book");
        }
    }
    // What a fact said and was taken back is no fact any more.
    let payee = r#"{"fact": "payee", "at": "2027-01-20", "payee": "p", "id": "01890000-0000-7000-8000-000000000001"}"#;
    desk.done(&["record", &desk.write("facts.jsonl", &(payee.to_owned() + "\n"))]);
    let retraction = r#"{"fact": "retraction", "retracts": "01890000-0000-7000-8000-000000000001", "reason": "slip"}"#;
    desk.done(&["record", &desk.write("back.jsonl", &(retraction.to_owned() + "\n"))]);
    assert!(desk.refused(&["close", "2027-01"]).contains("close-nothing"));
    desk.done(&["close", "2027-01", "--force"]);
    desk.done(&["close", "2027-02"]);
}
