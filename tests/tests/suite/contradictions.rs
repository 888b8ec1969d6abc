//! Two lines of one call that say different things of one fact: refused with both places, unless the files are a history.

use crate::support::{TestBook, shared};

const PAYEE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "currency": "USD"}"#;

fn usage(day: &str, amount: &str) -> String {
    format!(
        r#"{{"fact": "usage-snapshot", "account": "acme", "from": "{day}", "to": "{day}", "amount": "{amount}", "currency": "USD"}}"#
    )
}

fn booking(arr: &str, more: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "arr": "{arr}", "currency": "USD"{more}}}"#
    )
}

/// A book with a payee, and a plan to be assigned to.
fn desk() -> TestBook {
    let desk = TestBook::with_book();
    let plan = "plan = \"land\"\nversion = 1\nedition = 1\ntitle = \"land\"\ncurrency = \"USD\"\neffective = 2027-01-01\n\n[[component]]\nid = \"arr\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\nquota = \"assigned\"\ntiers = [{ from = \"100%\", times = \"1.5\" }]\nperiod = \"year\"\n";
    desk.done(&["plan", "publish", &desk.write("plan.toml", plan)]);
    desk.done(&["record", &desk.write("payee.jsonl", PAYEE)]);
    desk
}

impl TestBook {
    fn lines(&self, file: &str, lines: &[String]) -> String {
        self.write(file, &(lines.join("\n") + "\n"))
    }

    /// What is in force of the usage of an account, as `2027-01-05 20`, from the log.
    fn usage_in_force(&self) -> Vec<String> {
        let history = self.json(&["log"]);
        let log = history.as_array().expect("an array");
        let replaced: Vec<u64> = log
            .iter()
            .filter_map(|entry| entry["replaces"].as_array())
            .flatten()
            .map(|position| position.as_u64().expect("a position"))
            .collect();
        let usage = log.iter().filter(|entry| {
            entry["kind"] == "usage-snapshot" && !replaced.contains(&entry["position"].as_u64().expect("a position"))
        });
        let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
        usage.map(|entry| format!("{} {}", text(&entry["fact"]["from"]), text(&entry["fact"]["amount"]))).collect()
    }
}

/// Every kind with a natural key: two lines, and what the refusal says of the first one.
fn pairs() -> Vec<(&'static str, [String; 2], &'static str)> {
    let two = |line: &str, first: &str, second: &str| [line.replace("XX", first), line.replace("XX", second)];
    let assignment =
        r#"{"fact": "assignment", "at": "2027-01-01", "payee": "p", "plan": "land", "quota": {"arr": "XX"}}"#;
    let quota =
        r#"{"fact": "quota", "at": "2027-02-01", "payee": "p", "plan": "land", "component": "arr", "amount": "XX"}"#;
    let split = r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "p", "percent": "XX%"}]}"#;
    let rate = r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "USD", "rate": "XX"}"#;
    let cancelled = r#"{"fact": "cancellation", "at": "2027-01-XX", "booking": "B-0"}"#;
    let note = r#"{"fact": "credit-note", "at": "2027-01-20", "credit_note": "N-1", "booking": "B-0", "arr": "XX"}"#;
    let payee = r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "role": "XX"}"#;
    let account = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "attributes": {"tier": "XX"}}"#;
    let opening = r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "p", "currency": "USD", "owed": "XX"}"#;
    vec![
        ("usage-snapshot", [usage("2027-01-05", "10"), usage("2027-01-05", "20")], "`amount` is 10 there and 20 here"),
        ("booking", [booking("10", ""), booking("20", "")], "`arr` is 10 there and 20 here"),
        ("assignment", two(assignment, "10", "20"), "`quota` is arr 10 there and arr 20 here"),
        ("quota", two(quota, "10", "20"), "`amount` is 10 there and 20 here"),
        ("credit-split", two(split, "10", "20"), "`shares` is p 10% there and p 20% here"),
        ("exchange-rate", two(rate, "1.1", "1.2"), "`rate` is 1.1 there and 1.2 here"),
        ("cancellation", two(cancelled, "20", "21"), "`at` is 2027-01-20 there and 2027-01-21 here"),
        ("credit-note", two(note, "10", "20"), "`arr` is 10 there and 20 here"),
        ("payee", two(payee, "ae", "se"), "`role` is ae there and se here"),
        ("account", two(account, "gold", "iron"), "`attributes` is tier gold there and tier iron here"),
        ("opening-balance", two(opening, "10", "20"), "`owed` is 10 there and 20 here"),
    ]
}

fn with_booking() -> TestBook {
    let desk = desk();
    let line = r#"{"fact": "booking", "at": "2027-01-12", "booking": "B-0", "account": "acme", "arr": "100", "currency": "USD"}"#;
    let assignment =
        r#"{"fact": "assignment", "at": "2026-12-01", "payee": "p", "plan": "land", "quota": {"arr": "1"}}"#;
    desk.done(&["record", &desk.lines("b0.jsonl", &[line.to_owned(), assignment.to_owned()])]);
    desk
}

#[test]
fn each_kind_with_a_key_is_refused_with_both_places_and_later_lines_hold_in_a_history() {
    let desk = with_booking();
    for (kind, lines, says) in pairs() {
        let file = desk.lines("two.jsonl", &lines);
        let said = desk.refused(&["record", &file]);
        assert!(said.contains("error[record-conflict]: `") && said.contains("two.jsonl:2:"), "{kind}: {said}");
        assert!(said.contains("is on line 1 of `") && said.contains(says), "{kind}: {said}");
        // Which line is to be set aside is not guessed.
        let rejects = desk.folder.path().join("rejects.jsonl").display().to_string();
        assert!(desk.refused(&["record", &file, "--rejects", &rejects]).contains("record-conflict"), "{kind}");
        let recorded = desk.done(&["record", "--history", &file]);
        assert!(recorded.starts_with("1 new, 1 restated, 0 known\n  "), "{kind}: {recorded}");
        assert!(recorded.contains(" -> "), "{kind}: {recorded}");
    }
}

#[test]
fn a_line_that_is_known_contradicts_a_later_one_too() {
    let desk = with_booking();
    for (kind, [first, second], says) in pairs() {
        desk.done(&["record", &desk.lines("first.jsonl", std::slice::from_ref(&first))]);
        for lines in [[first.clone(), second.clone()], [second, first]] {
            let said = desk.refused(&["record", &desk.lines("two.jsonl", &lines)]);
            let is_told = said.contains("record-conflict") || said.contains("fact-booking-exists");
            assert!(is_told || said.contains("fact-credit-note-exists"), "{kind} {says}: {said}");
        }
    }
}

#[test]
fn lines_that_do_not_contradict_each_other_are_recorded() {
    let desk = with_booking();
    let quiet = [
        // The same line twice is known, and a correction says what it is.
        vec![usage("2027-01-05", "10"), usage("2027-01-05", "10")],
        vec![booking("10", ""), booking("20", r#", "corrects": true"#)],
        // Fields that only one of them gives, and another date.
        vec![
            r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "role": "ae"}"#.to_owned(),
            r#"{"fact": "payee", "at": "2027-01-01", "payee": "p", "team": "t", "role": "ae"}"#.to_owned(),
            r#"{"fact": "payee", "at": "2027-02-01", "payee": "p", "role": "se"}"#.to_owned(),
        ],
        vec![
            r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "p", "currency": "USD", "owed": "1"}"#
                .to_owned(),
            r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "p", "currency": "USD", "draw": "2"}"#
                .to_owned(),
        ],
        // A wider interval says that it replaces.
        vec![
            usage("2027-03-05", "10"),
            usage("2027-03-05", "40")
                .replace("\"to\": \"2027-03-05\"", "\"to\": \"2027-03-31\", \"replaces\": \"overlapping\""),
        ],
    ];
    for lines in quiet {
        desk.done(&["record", &desk.lines("quiet.jsonl", &lines)]);
    }
}

/// What was retracted, or gave way to a wider interval, is no other version of the same fact.
#[test]
fn a_line_that_another_one_retracted_is_superseded_and_no_conflict() {
    let desk = desk();
    let wide = usage("2027-03-05", "40")
        .replace("\"to\": \"2027-03-05\"", "\"to\": \"2027-03-31\", \"replaces\": \"overlapping\"");
    let retracted = r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "fell through"}"#.to_owned();
    for lines in [
        [usage("2027-03-05", "10"), wide, usage("2027-03-05", "10")],
        [booking("10", ""), retracted, booking("10", "")],
    ] {
        let said = desk.refused(&["record", &desk.lines("three.jsonl", &lines)]);
        assert!(said.contains("three.jsonl:3:") && said.contains("error[fact-superseded]"), "{said}");
    }
}

/// One call with two files gives what two calls give, or is refused.
#[test]
fn two_files_are_one_after_the_other_or_a_conflict() {
    let files = |desk: &TestBook| {
        let a = desk.lines("a.jsonl", &[usage("2027-01-05", "10")]);
        let b = desk.lines("b.jsonl", &[usage("2027-01-05", "20"), usage("2027-01-06", "5")]);
        (a, b)
    };
    let (one, two) = (desk(), desk());
    let (a, b) = files(&one);
    let said = one.refused(&["record", &a, &b]);
    assert!(said.contains("b.jsonl:1:") && said.contains("is on line 1 of `") && said.contains("a.jsonl`"), "{said}");
    one.done(&["record", "--history", &a, &b]);
    let (a, b) = files(&two);
    two.done(&["record", &a]);
    two.done(&["record", &b]);
    assert_eq!(one.usage_in_force(), ["2027-01-05 20", "2027-01-06 5"]);
    assert_eq!(one.usage_in_force(), two.usage_in_force());
}

#[test]
fn a_history_is_recorded_in_one_call_or_in_several_and_again() {
    let versions: Vec<String> = ["1", "2", "1", "3"].map(|arr| booking(arr, "")).into();
    let (one, many) = (desk(), desk());
    let file = one.lines("all.jsonl", &versions);
    assert!(one.done(&["record", "--history", &file]).starts_with("1 new, 3 restated, 0 known\n"));
    assert!(one.done(&["record", "--history", &file]).starts_with("0 new, 0 restated, 4 known\n"));
    // A version more: the file has grown.
    let longer: Vec<String> = versions.iter().cloned().chain([booking("4", "")]).collect();
    assert!(
        one.done(&["record", "--history", &one.lines("all.jsonl", &longer)])
            .starts_with("0 new, 1 restated, 4 known\n")
    );
    for (place, version) in [&versions[0], &versions[1], &versions[3]].into_iter().enumerate() {
        let file = many.lines(&format!("{place}.jsonl"), std::slice::from_ref(version));
        many.done(&["record", "--history", &file]);
    }
    let arr = |desk: &TestBook| {
        desk.json(&["log"]).as_array().and_then(|log| log.last()).expect("entries")["fact"]["arr"].clone()
    };
    assert_eq!((arr(&one), arr(&many)), ("4".into(), "3".into()));
}

#[test]
fn rows_that_contradict_each_other_are_named_as_rows() {
    let desk = desk();
    let map = "[[fact]]\nfact = \"booking\"\nbooking = { column = \"id\" }\nat = { column = \"day\" }\naccount = \"acme\"\narr = { column = \"arr\" }\ncurrency = \"USD\"\nwhen-known = \"correct\"\n";
    let map = desk.write("map.toml", map);
    let rows = desk.write("deals.csv", "id,day,arr\nB-1,2027-01-12,10\nB-2,2027-01-12,5\nB-1,2027-01-12,20\n");
    let said = desk.refused(&["record", "--map", &map, &rows]);
    assert!(said.contains("deals.csv:4:") && said.contains("is on line 2 of `"), "{said}");
    assert!(said.contains("`arr` is 10 there and 20 here, in column `arr`"), "{said}");
    assert!(desk.done(&["record", "--history", "--map", &map, &rows]).starts_with("2 new, 1 restated, 0 known\n"));
    // A mapping that does not say what to do with a known booking refuses it, but not where the rows are a history.
    let text = std::fs::read_to_string(&map).expect("the mapping");
    let map = desk.write(
        "plain.toml",
        text.lines().filter(|line| !line.starts_with("when-known")).collect::<Vec<_>>().join("\n").as_str(),
    );
    let rows = desk.write("more.csv", "id,day,arr\nB-2,2027-01-12,7\nB-3,2027-01-12,1\nB-3,2027-01-12,2\n");
    assert!(desk.refused(&["record", "--map", &map, &rows]).contains("record-conflict"));
    assert!(desk.done(&["record", "--history", "--map", &map, &rows]).starts_with("1 new, 2 restated, 0 known\n"));
}

#[test]
fn the_case_of_contradictory_lines() {
    let Some(case) = shared("cases/input/contradictory-lines/facts.jsonl") else { return };
    let desk = TestBook::with_book();
    let file = case.display().to_string();
    let said = desk.refused(&["record", &file]);
    for place in ["facts.jsonl:3:", "is on line 2 of", "facts.jsonl:5:", "is on line 4 of"] {
        assert!(said.contains(place), "{place}: {said}");
    }
    let recorded = desk.done(&["record", "--history", &file]);
    assert_eq!(
        recorded,
        "3 new, 2 restated, 0 known\n  usage a 2027-01-01..31: 100 -> 250 USD, replaces entry 2\n  credit-split account/a@2027-01-01: shares p 100% -> p 50%, replaces entry 4\n  usage in all: 100 -> 250 USD\n"
    );
}
