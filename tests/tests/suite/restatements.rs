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
        r#"[{"change":"replaced","key":"usage-snapshot:acme/acme@2027-02-01..2027-02-01","kind":"usage-snapshot","new":{"amount":"40"},"old":{"amount":"160"},"position":3,"replaces":[1]}]"#
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

/// New facts replace nothing.
#[test]
fn what_replaces_nothing_is_no_restatement() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[usage("01", "3")])]);
    let account = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "segment": "smb"}"#.to_owned();
    let region = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "region": "west"}"#.to_owned();
    let quiet = desk.all(&[usage("02", "4"), account, region]);
    assert_eq!(desk.done(&["record", "--expect-restated", "0", &quiet]), "3 new, 0 restated, 0 known\n");
}

fn retraction(what: &str) -> String {
    format!(r#"{{"fact": "retraction", "retracts": "{what}", "reason": "sent twice"}}"#)
}

const USAGE_ID: &str = "01890000-0000-7000-8000-000000000001";
const CORRECTION_ID: &str = "01890000-0000-7000-8000-000000000002";
const RETRACTION_ID: &str = "01890000-0000-7000-8000-000000000003";

fn with_id(line: &str, id: &str) -> String {
    line.replacen('{', &format!(r#"{{"id": "{id}", "#), 1)
}

#[test]
fn a_retraction_shows_what_it_withdraws_and_what_holds_again() {
    let desk = TestBook::with_book();
    let booking = r#"{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "arr": "10", "currency": "USD"}"#;
    desk.done(&["record", &desk.all(&[booking.to_owned(), with_id(&usage("01", "160"), USAGE_ID)])]);
    let corrected = with_id(&usage("01", "40"), CORRECTION_ID);
    desk.done(&["record", &desk.all(&[corrected])]);
    let back = desk.all(&[with_id(&retraction(CORRECTION_ID), RETRACTION_ID)]);
    assert!(desk.refused(&["record", "--expect-restated", "0", &back]).contains("40 -> 160 USD, retracts entry 3"));
    assert_eq!(
        desk.done(&["record", &back]),
        "0 new, 1 restated, 0 known\n  usage acme 2027-02-01..01: 40 -> 160 USD, retracts entry 3\n  usage in all: 40 -> 160 USD\n"
    );
    let withdrawn = desk.all(&[retraction(USAGE_ID), retraction("booking:B-1")]);
    let json = desk.json(&["record", "--dry-run", &withdrawn]);
    let changes = json["restatements"].as_array().expect("restatements").iter().map(|one| one["change"].clone());
    assert_eq!(changes.collect::<Vec<_>>(), ["withdrawn", "withdrawn"]);
    assert_eq!(
        (&json["restatements"][0]["old"]["amount"], &json["restatements"][0]["new"]),
        (&"160".into(), &serde_json::json!({}))
    );
    assert_eq!(
        desk.done(&["record", &withdrawn]),
        "0 new, 2 restated, 0 known\n  usage acme 2027-02-01..01: 160 USD -> withdrawn, retracts entry 2\n  booking B-1: arr 10 USD -> withdrawn, retracts entry 1\n  booking in all: 10 -> 0 USD\n  usage in all: 160 -> 0 USD\n"
    );
    // What was retracted is told as retracted, and not as replaced.
    let said = desk.refused(&["record", &desk.all(&[booking.to_owned()])]);
    assert!(
        said.contains("error[fact-superseded]: this was recorded at position 1 and retracted at position 6 since"),
        "{said}"
    );
}

#[test]
fn a_retracted_retraction_restores() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[with_id(&usage("01", "160"), USAGE_ID)])]);
    desk.done(&["record", &desk.all(&[with_id(&retraction(USAGE_ID), RETRACTION_ID)])]);
    assert_eq!(
        desk.done(&["record", &desk.all(&[retraction(RETRACTION_ID)])]),
        "0 new, 1 restated, 0 known\n  usage acme 2027-02-01..01: withdrawn -> 160 USD, retracts entry 2\n  usage in all: 0 -> 160 USD\n"
    );
}

/// The list has each step, and the sums the first old and the last new value.
#[test]
fn the_sums_of_a_history_count_a_chain_once() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[usage("01", "160")])]);
    let chain = desk.all(&["40", "160", "40", "100"].map(|amount| usage("01", amount)));
    let lines = desk.done(&["record", "--history", "--restate", &chain]);
    assert!(lines.starts_with("0 new, 4 restated, 0 known\n"), "{lines}");
    assert!(lines.contains("160 -> 40 USD") && lines.ends_with("  usage in all: 160 -> 100 USD\n"), "{lines}");
    // A chain that begins in the file begins with its first value.
    let chain = desk.all(&["7", "9", "8"].map(|amount| usage("02", amount)));
    assert!(desk.done(&["record", "--history", &chain]).ends_with("  usage in all: 7 -> 8 USD\n"));
}

#[test]
fn a_dry_run_says_what_is_missing() {
    let desk = TestBook::with_book();
    desk.done(&["record", &desk.all(&[usage("01", "3")])]);
    let late = desk.all(&[usage("02", "4"), usage("03", "5").replace("acme", "bolt")]);
    let dry = desk.json(&["record", "--dry-run", &late]);
    let said = |arguments: &[&str]| String::from_utf8(desk.run(arguments).stderr).expect("UTF-8");
    let text = said(&["record", "--dry-run", &late]);
    let recorded = desk.json(&["record", &late]);
    assert!(recorded["missing"].as_array().is_some_and(|missing| !missing.is_empty()), "{recorded}");
    assert_eq!(dry["missing"], recorded["missing"]);
    assert!(text.contains("warning[missing-unattributed-usage]"), "{text}");
    // The same by way of a mapping.
    let map = "[[fact]]\nfact = \"usage-snapshot\"\naccount = { column = \"id\" }\nfrom = { column = \"day\" }\nto = { same = \"from\" }\namount = { column = \"amount\" }\ncurrency = \"USD\"\n";
    let (map, rows) = (desk.write("map.toml", map), desk.write("rows.csv", "id,day,amount\ncube,2027-02-04,5\n"));
    let dry = desk.json(&["record", "--dry-run", "--map", &map, &rows]);
    assert_eq!(dry["compared"]["missing"], desk.json(&["record", "--map", &map, &rows])["missing"]);
    assert_eq!(dry["compared"]["missing"][0]["class"], "unattributed-usage");
}
