//! What a recording restates is shown, with its sums, and can be expected.

use crate::support::TestBook;

fn usage(day: &str, amount: &str) -> String {
    format!(
        r#"{{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-{day}", "to": "2027-02-{day}", "amount": "{amount}", "currency": "USD"}}"#
    )
}

impl TestBook {
    fn all(&self, lines: &[String]) -> String {
        self.write("all.jsonl", &(lines.join("\n") + "\n"))
    }
}

#[test]
fn usage_of_a_known_day_is_shown_with_its_sums_and_refused_where_it_was_not_expected() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[usage("01", "160"), usage("02", "5")])]);
    let late = desk.all(&[usage("01", "40"), usage("02", "5"), usage("03", "7")]);
    let shown = "1 new, 1 restated, 1 known\n  usage acme 2027-02-01..01: 160 -> 40 USD, replaces entry 1\n  usage in all: 160 -> 40 USD\n";
    for expected in ["0", "2"] {
        let said = desk.refused(&["record", "--expect-restated", expected, &late]);
        assert!(
            said.contains(&format!("error[record-restated]: 1 fact would be restated, not {expected}: ")),
            "{said}"
        );
        assert!(said.contains("usage acme 2027-02-01..01: 160 -> 40 USD, replaces entry 1"), "{said}");
    }
    let before = desk.bytes();
    assert_eq!(desk.done(&["record", "--dry-run", &late]), shown);
    let json = desk.json(&["record", "--dry-run", &late]);
    assert_eq!((&json["dry_run"], &json["size"]), (&true.into(), &3.into()));
    assert_eq!(
        json["restatements"].to_string(),
        r#"[{"key":"usage-snapshot:acme/acme@2027-02-01..2027-02-01","kind":"usage-snapshot","new":{"amount":"40"},"old":{"amount":"160"},"position":3,"replaces":[1]}]"#
    );
    assert_eq!(
        json["restated_sums"].to_string(),
        r#"[{"currency":"USD","kind":"usage-snapshot","new":"40","old":"160"}]"#
    );
    assert!(desk.bytes() == before, "a dry run changed the book");
    assert_eq!(desk.done(&["record", "--expect-restated", "1", &late]), shown);
    // Sent again, all of it is known.
    assert_eq!(desk.done(&["record", "--expect-restated", "0", &late]), "0 new, 0 restated, 3 known\n");
}

#[test]
fn the_first_twenty_are_shown_and_programs_have_all() {
    let desk = TestBook::with_book();
    let all = |amount: &str| -> Vec<String> { (1..=28).map(|day| usage(&format!("{day:02}"), amount)).collect() };
    assert_eq!(desk.done(&["record", &desk.all(&all("1"))]), "28 new, 0 restated, 0 known\n");
    let later = desk.all(&all("2"));
    let json = desk.json(&["record", "--dry-run", &later]);
    assert_eq!((json["restatements"].as_array().map(Vec::len), &json["restatements_more"]), (Some(28), &0.into()));
    let shown = desk.done(&["record", &later]);
    let lines: Vec<&str> = shown.lines().collect();
    assert_eq!((lines.len(), lines[20]), (23, "  usage acme 2027-02-20..20: 1 -> 2 USD, replaces entry 20"));
    assert_eq!(lines[21..], ["  and 8 more", "  usage in all: 28 -> 56 USD"]);
}

#[test]
fn other_kinds_show_the_fields_that_differ() {
    let desk = TestBook::with_book();
    let payee = |rest: &str| format!(r#"{{"fact": "payee", "at": "2027-01-01", "payee": "p"{rest}}}"#);
    let booking = |rest: &str| {
        format!(
            r#"{{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "currency": "USD"{rest}}}"#
        )
    };
    desk.done(&[
        "record",
        &desk.all(&[
            payee(r#", "role": "ae", "team": "t", "name": "Pat"}"#.trim_end_matches('}')),
            booking(r#", "arr": "10", "product": "a""#),
            usage("01", "3"),
            usage("02", "4"),
        ]),
    ]);
    let wide =
        usage("01", "9").replace("\"to\": \"2027-02-01\"", "\"to\": \"2027-02-28\", \"replaces\": \"overlapping\"");
    let later = [
        payee(r#", "role": "se", "region": "west", "name": "Pat B""#),
        booking(r#", "arr": "12", "product": "b", "corrects": true"#),
        wide,
    ];
    assert_eq!(
        desk.done(&["record", &desk.all(&later)]),
        "0 new, 3 restated, 0 known\n  payee p@2027-01-01: name Pat -> Pat B, role ae -> se, replaces entry 1\n  booking B-1: product a -> b, arr 10 -> 12 USD, replaces entry 2\n  usage acme 2027-02-01..28: 7 -> 9 USD, replaces entries 3, 4\n  booking in all: 10 -> 12 USD\n  usage in all: 7 -> 9 USD\n"
    );
}

/// Retractions are told by themselves, new facts replace nothing.
#[test]
fn what_replaces_nothing_is_no_restatement() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[usage("01", "3")])]);
    let account = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "segment": "smb"}"#.to_owned();
    let region = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "region": "west"}"#.to_owned();
    let quiet = desk.all(&[usage("02", "4"), account, region]);
    assert_eq!(desk.done(&["record", "--expect-restated", "0", &quiet]), "3 new, 0 restated, 0 known\n");
}
