//! Plans checked, published, listed and shown.

use crate::kit::{Desk, LAND};

#[test]
fn a_plan_is_checked_without_a_book() {
    let desk = Desk::new();
    desk.write("land.toml", LAND);
    let out = desk.ok(&["plan", "check", "land.toml"]).out;
    assert!(out.starts_with("Version 1 of plan `land` has no errors.\n"), "{out}");
    assert!(out.contains("150% of quota  150,000  15,000.00    10.00%"), "{out}");
    assert_eq!(desk.json(&["plan", "check", "land.toml"])["version"], 1);
    assert_eq!(desk.bytes().len(), 1, "a check makes no book");
}

#[test]
fn a_warning_is_shown_and_is_no_refusal() {
    let desk = Desk::new();
    desk.write("land.toml", LAND.replace("cancellation = \"restate\"\n", ""));
    let run = desk.ok(&["plan", "check", "land.toml"]);
    assert!(run.err.starts_with("warning[plan-warn-cancellation]: "), "{}", run.err);
    assert!(run.out.contains("has no errors, and 1 warning.\n"), "{}", run.out);
    let run = desk.ok(&["plan", "check", "land.toml", "--format", "json"]);
    let warnings: serde_json::Value = serde_json::from_str(&run.err).expect("JSON");
    assert_eq!((&warnings[0]["code"], &warnings[0]["severity"]), (&"plan-warn-cancellation".into(), &"warning".into()));
}

#[test]
fn mistakes_are_refused_by_check_and_by_publish() {
    let desk = Desk::with_facts();
    desk.write("bad.toml", LAND.replace("rate = \"10%\"", "rat = \"10%\""));
    let run = desk.refused(&["plan", "check", "bad.toml"], 1, "plan-unknown-key");
    assert!(run.err.contains(" --> bad.toml:14:1"), "{}", run.err);
    desk.refused(&["plan", "publish", "bad.toml"], 1, "plan-unknown-key");
}

#[test]
fn with_a_book_a_plan_is_checked_against_its_versions() {
    let desk = Desk::with_facts();
    let before = desk.bytes();
    let run = desk.run(&["plan", "check", "land.toml"]);
    assert_eq!(run.status, 1, "version 1 is published already: {run:?}");
    assert_eq!(desk.bytes(), before);
}

#[test]
fn a_plan_that_is_no_text_is_refused() {
    let desk = Desk::new();
    desk.write("latin.toml", b"plan = \"caf\xe9\"");
    desk.refused(&["plan", "check", "latin.toml"], 1, "plan-encoding");
    let just_fits = format!("{LAND}#{}", "x".repeat((1 << 20) - LAND.len() - 1));
    desk.write("long.toml", &just_fits);
    desk.ok(&["plan", "check", "long.toml"]);
    desk.write("longer.toml", just_fits + "x");
    desk.refused(&["plan", "check", "longer.toml"], 1, "plan-long");
    desk.refused(&["plan", "check", "nowhere.toml"], 74, "io");
}

#[test]
fn versions_are_listed_and_shown_verbatim() {
    let desk = Desk::with_facts();
    let second = LAND.replace("version = 1", "version = 2").replace("rate = \"10%\"", "rate = \"12%\"");
    desk.write("land2.toml", &second);
    let published = desk.json(&["plan", "publish", "land2.toml"]);
    assert_eq!(published.to_string(), r#"{"plan":"land","position":6,"size":7,"version":2}"#);
    let list = desk.json(&["plan", "list"]);
    assert_eq!((list[0]["version"].as_u64(), list[1]["position"].as_u64()), (Some(1), Some(6)));
    assert_eq!(desk.json(&["plan", "list", "--at", "6"]).as_array().map(Vec::len), Some(1));
    assert_eq!(desk.ok(&["plan", "show", "land"]).out, second);
    assert_eq!(desk.ok(&["plan", "show", "land", "--version", "1"]).out, LAND);
    assert_eq!(desk.ok(&["plan", "show", "land", "--at", "6"]).out, LAND);
    let csv = desk.ok(&["plan", "list", "--format", "csv"]).out;
    assert_eq!(csv.lines().nth(1), Some("land,1,2027-01-01,USD,1,Land"));
    desk.refused(&["plan", "show", "land", "--version", "3"], 1, "plan-unknown");
    assert!(desk.refused(&["plan", "show", "lnd"], 1, "plan-unknown").err.contains("did you mean `land`?"));
}

#[test]
fn a_version_says_what_it_does_to_posted_lines() {
    let desk = Desk::with_close();
    let second = LAND.replace("version = 1", "version = 2");
    desk.write("renamed.toml", second.replace("new-logo\"\nmeasure", "new-business\"\nmeasure"));
    let warned = desk.ok(&["plan", "check", "renamed.toml"]).err;
    let dropped = "drops the component `new-logo`: what was posted for items from 2027-01-01 on is reversed (1 line, 24000.00 USD in all)";
    assert!(warned.contains(dropped), "{warned}");
    // Earned anew under its new name, without the quota that the assignment gives to the old one.
    assert!(warned.contains("2027-01 is closed; it changes 2 lines, 0.00 USD in all"), "{warned}");
    desk.write("parts.toml", format!("{second}[[component.installment]]\nid = \"all\"\nshare = \"100%\"\n"));
    let warned = desk.ok(&["plan", "check", "parts.toml"]).err;
    assert!(
        warned.contains("drops the part `whole` of `new-logo`") && warned.contains("(1 line, 24000.00 USD"),
        "{warned}"
    );
    desk.write("raised.toml", second.replace("10%", "12%"));
    let warned = desk.ok(&["plan", "publish", "raised.toml"]).err;
    assert!(warned.contains("it changes 1 line, 4800.00 USD in all"), "{warned}");
    // What was said is what the next close posts.
    desk.ok(&["close", "2027-02"]);
    assert_eq!(desk.json(&["statement", "ana", "2027-02"])[0]["lines"][0]["amount"], "4800.00");
}

#[test]
fn a_version_from_a_later_month_on_changes_no_posted_line() {
    let desk = Desk::with_close();
    let second = LAND.replace("version = 1", "version = 2").replace("2027-01-01", "2027-02-01");
    desk.write("later.toml", second.replace("new-logo\"\nmeasure", "new-business\"\nmeasure"));
    let warned = desk.ok(&["plan", "check", "later.toml"]).err;
    assert!(warned.contains("(0 lines, 0.00 USD in all)") && !warned.contains("plan-warn-closed"), "{warned}");
}
