//! Facts that are probably recorded twice are warned of, and adjustments can have a natural key.

use crate::support::TestBook;

fn adjustment(amount: &str, more: &str) -> String {
    format!(
        r#"{{"fact": "adjustment", "at": "2027-01-20", "payee": "p", "amount": "{amount}", "currency": "USD"{more}}}"#
    )
}

fn signal(account: &str, more: &str) -> String {
    format!(r#"{{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "{account}"{more}}}"#)
}

fn desk() -> TestBook {
    let desk = TestBook::with_book();
    desk.tell(&[r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "currency": "USD"}"#.to_owned()]);
    desk
}

impl TestBook {
    /// Records lines: what was said on stdout, and then on stderr.
    fn tell(&self, lines: &[String]) -> String {
        let output = self.run(&["record", &self.write("told.jsonl", &(lines.join("\n") + "\n"))]);
        let said = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text).into_owned()).concat();
        assert!(output.status.success(), "{said}");
        said
    }
}

#[test]
fn an_adjustment_of_the_same_amount_and_day_is_warned_of() {
    let desk = desk();
    desk.tell(&[adjustment("100", r#", "reason": "goodwill""#)]);
    let said = desk.tell(&[adjustment("100.00", r#", "reason": "Goodwill""#)]);
    assert!(
        said.contains("warning[probable-duplicate]: entry 2 is an adjustment of `p` with the same amount"),
        "{said}"
    );
    // Another amount or day, another payee's, and one whose double was retracted.
    let quiet = desk.tell(&[
        adjustment("101", r#", "reason": "goodwill""#),
        adjustment("100", r#", "reason": "goodwill""#).replace("01-20", "01-21"),
    ]);
    assert!(!quiet.contains("probable-duplicate"), "{quiet}");
    let corrected = desk.json(&["log", "--from", "3"])[0]["id"].as_str().expect("an id").to_owned();
    let retraction = |id: &str| format!(r#"{{"fact": "retraction", "retracts": "{id}", "reason": "twice"}}"#);
    let first = desk.json(&["log", "--from", "2"])[0]["id"].as_str().expect("an id").to_owned();
    let correction = adjustment("100", &format!(r#", "reason": "corrected", "corrects": "{corrected}""#));
    let quiet = desk.tell(&[retraction(&first), correction]);
    assert!(!quiet.contains("probable-duplicate"), "{quiet}");
}

#[test]
fn a_signal_with_the_source_of_another_is_warned_of_and_the_first_few_are_named() {
    let desk = desk();
    let of = |account: &str, source: &str| signal(account, &format!(r#", "source": "crm:{source}""#));
    let first: Vec<String> = (1..=5).map(|number| of("acme", &number.to_string())).collect();
    assert!(!desk.tell(&first).contains("probable-duplicate"));
    // The same line again is known, and says nothing.
    assert!(!desk.tell(&first).contains("probable-duplicate"));
    let again: Vec<String> = (1..=5).map(|number| of("bolt", &number.to_string())).collect();
    let said = desk.tell(&again);
    for entry in 2..=4 {
        assert!(
            said.contains(&format!("entry {entry} is a signal with the same source `crm:{}`", entry - 1)),
            "{said}"
        );
    }
    assert!(
        !said.contains("entry 5 is a signal") && said.contains("2 more facts are probably recorded twice"),
        "{said}"
    );
    let quiet = desk.tell(&[of("acme", "6"), signal("carp", "")]);
    assert!(!quiet.contains("probable-duplicate"), "{quiet}");
}

#[test]
fn an_adjustment_with_a_key_is_known_again_and_differs_only_as_a_correction() {
    let desk = desk();
    let keyed =
        |amount: &str, more: &str| adjustment(amount, &format!(r#", "reason": "goodwill", "adjustment": "A-1"{more}"#));
    assert!(desk.tell(&[keyed("100", "")]).starts_with("1 new"));
    assert!(desk.tell(&[keyed("100", r#", "source": "another export""#)]).starts_with("0 new, 0 restated, 1 known"));
    let other = desk.write("other.jsonl", &keyed("120", ""));
    let said = desk.refused(&["record", &other]);
    assert!(said.contains("error[fact-adjustment-exists]: adjustment `A-1` is recorded at position 2"), "{said}");
    let two = desk.write("two.jsonl", &[keyed("130", r#", "corrects": true"#), keyed("140", "")].join("\n"));
    assert!(desk.refused(&["record", &two]).contains("error[record-conflict]: `adjustment:A-1` is on line 1"));
    let said = desk.tell(&[keyed("120", r#", "corrects": true"#)]);
    assert!(
        said.contains("  adjustment A-1: 100 -> 120 USD, replaces entry 2\n  adjustment in all: 100 -> 120 USD\n"),
        "{said}"
    );
    assert!(desk.done(&["history", "A-1"]).contains("A-1"));
    assert!(desk.done(&["log", "--item", "adjustment:A-1"]).contains("A-1"));
}
