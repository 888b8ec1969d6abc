//! Looking at entries: log, show, explain.

use crate::kit::{Desk, LATE};

fn positions(log: &serde_json::Value) -> Vec<u64> {
    log.as_array().expect("a list").iter().map(|entry| entry["position"].as_u64().expect("a number")).collect()
}

#[test]
fn the_log_shows_entries_in_order() {
    let desk = Desk::with_close();
    assert_eq!(positions(&desk.json(&["log"])), (0..9).collect::<Vec<_>>());
    assert_eq!(positions(&desk.json(&["log", "--from", "7"])), [7, 8]);
    assert_eq!(positions(&desk.json(&["log", "--from", "4", "--at", "6"])), [4, 5]);
    let text = desk.ok(&["log", "--from", "5", "--at", "6"]).out;
    assert!(text.ends_with("booking          B-1 acme on 2027-01-10, arr 240000 USD\n"), "{text}");
    let csv = desk.ok(&["log", "--format", "csv", "--from", "5", "--at", "6"]).out;
    assert!(csv.starts_with("position,recorded,author,user,kind,id,about\n5,20"), "{csv}");
    assert!(csv.ends_with(",\"B-1 acme on 2027-01-10, arr 240000 USD\"\n"), "{csv}");
    desk.refused(&["log", "--at", "99"], 1, "at-beyond");
    let nothing = desk.ok(&["log", "--from", "99"]);
    assert_eq!(
        (nothing.out.as_str(), nothing.err.as_str()),
        ("", "There is no entry at position 99 or after it; the log has 9 entries.\n")
    );
}

#[test]
fn a_time_is_looked_up_to_a_size() {
    let desk = Desk::with_close();
    let log = desk.json(&["log"]);
    let recorded = |position: usize| log[position]["recorded"].as_str().expect("a time").to_owned();
    assert_eq!(positions(&desk.json(&["log", "--at", &recorded(1)])).last(), Some(&1));
    assert_eq!(positions(&desk.json(&["log", "--at", "9999-12-31"])).len(), 9);
    assert_eq!(positions(&desk.json(&["log", "--at", &recorded(8)[..10]])).len(), 9, "a date is all of its day");
    // Each reading command takes it.
    let early = recorded(5);
    for arguments in [&["plan", "list"][..], &["plan", "show", "land"], &["balances"], &["history", "B-1"]] {
        desk.ok(&[arguments, &["--at", &early]].concat());
    }
    assert_eq!(desk.json(&["balances", "--at", &early]).to_string(), "[]");
    desk.refused(&["statement", "ana", "2027-01", "--at", &early], 1, "period-open");
    desk.refused(&["log", "--at", "2020-01-01"], 1, "at-before");
    assert_eq!(desk.run(&["log", "--at", "yesterday"]).status, 2);
}

#[test]
fn an_item_is_found_by_each_of_its_names() {
    let desk = Desk::with_close();
    let all = desk.json(&["log"]);
    let id = all[5]["id"].as_str().expect("an id").to_owned();
    for (item, expected) in [
        ("B-1", vec![5, 6]),
        ("booking:B-1", vec![5]),
        (id.as_str(), vec![5]),
        ("ana", vec![2, 4, 5, 6, 7]),
        ("acme", vec![3, 5, 6]),
        ("land", vec![1, 4, 6, 8]),
        ("land/new-logo/whole/B-1", vec![6]),
        ("assignment:ana/land@2027-01-01", vec![4]),
    ] {
        assert_eq!(positions(&desk.json(&["log", "--item", item])), expected, "{item}");
    }
    let nothing = desk.ok(&["log", "--item", "B-9"]);
    assert_eq!(nothing.out, "");
    assert!(nothing.err.contains("No entry is about `B-9`"), "{}", nothing.err);
    assert_eq!(desk.ok(&["log", "--item", "B-9", "--format", "json"]).out, "[]\n");
}

#[test]
fn what_takes_the_place_of_an_item_is_about_it() {
    let desk = Desk::with_facts();
    let retraction = r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "entered twice"}"#;
    assert_eq!(desk.run_with(&["record", "-"], retraction.as_bytes()).status, 0);
    assert_eq!(positions(&desk.json(&["log", "--item", "booking:B-1"])), [5, 6]);
    assert!(desk.ok(&["log", "--item", "B-1"]).out.ends_with("(in place of 5)\n"));
}

#[test]
fn personal_fields_are_shown_while_the_key_is_there() {
    let desk = Desk::with_facts();
    assert_eq!(desk.json(&["show", "2"])["fact"]["name"], "Ana Brandt");
    assert!(desk.ok(&["show", "2"]).out.contains("  name      Ana Brandt\n"));
    std::fs::remove_file(desk.path("book.keys")).expect("the keys");
    assert_eq!(desk.json(&["show", "2"])["fact"]["name"], "(sealed)");
    desk.ok(&["close", "2027-01"]);
    assert!(desk.ok(&["statement", "ana", "2027-01"]).out.starts_with("Statement of (sealed) (ana) for"));
}

#[test]
fn an_entry_is_shown_by_position_or_id() {
    let desk = Desk::with_facts();
    let entry = desk.json(&["show", "5"]);
    assert_eq!((&entry["kind"], &entry["fact"]["booking"]), (&"booking".into(), &"B-1".into()));
    let id = entry["id"].as_str().expect("an id");
    assert_eq!(desk.json(&["show", id]), entry);
    let plan = desk.ok(&["show", "1"]).out;
    assert!(plan.contains("    | plan = \"land\"\n"), "{plan}");
    desk.refused(&["show", "6"], 1, "position-unknown");
    desk.refused(&["show", "00000000-0000-4000-8000-000000000000"], 1, "id-unknown");
    assert_eq!(desk.run(&["show", "x"]).status, 2);
}

#[test]
fn a_line_is_explained_as_a_tree() {
    let desk = Desk::with_close();
    let text = desk.ok(&["explain", "ana", "land/new-logo/whole/B-1"]).out;
    assert!(
        text.starts_with("land/new-logo/whole/B-1 of ana in 2027-01: 24,000.00 USD\n│  B-1 of acme, arr 240,000 USD"),
        "{text}"
    );
    assert!(text.contains("│    from entry 5: booking B-1 acme on 2027-01-10, arr 240000 USD\n"), "{text}");
    assert!(text.contains("240000 * 0.1 = 24,000"), "{text}");
    let json = desk.json(&["explain", "ana", "land/new-logo/whole/B-1", "2027-01"]);
    assert_eq!(json[0]["lines"].as_array().map(Vec::len), Some(1));
    let run = desk.refused(&["explain", "ana", "land/new-logo/whole/B-2"], 1, "line-unknown");
    assert!(run.err.contains("did you mean `land/new-logo/whole/B-1`?"), "{}", run.err);
    desk.refused(&["explain", "ana", "land/new-logo/whole/B-1", "2027-02"], 1, "period-open");
}

#[test]
fn a_difference_is_explained_by_its_causes() {
    let desk = Desk::with_close();
    let booking = LATE.replace("\"B-2\"", "\"B-1\"").replace("{\"fact\"", "{\"corrects\": true, \"fact\"");
    desk.write("fix.jsonl", booking);
    desk.ok(&["record", "fix.jsonl"]);
    desk.ok(&["close", "2027-02"]);
    let text = desk.ok(&["explain", "ana", "land/new-logo/whole/B-1"]).out;
    assert!(text.contains("├─ retroactive adjustment (correction): was 24,000.00, now 100.00\n"), "{text}");
    assert!(text.contains("-23,900.00 because of booking B-1 (entry 9)\n"), "{text}");
}
