//! History: every entry that ever touched something, and what became of it.

use serde_json::Value;

use crate::kit::{Desk, LATE};

fn positions(history: &Value) -> Vec<u64> {
    history.as_array().expect("a list").iter().map(|entry| entry["position"].as_u64().expect("a number")).collect()
}

/// Booking B-1 closed in January, corrected and closed again in February; the correction is retracted in March.
fn corrected_and_retracted() -> Desk {
    let desk = Desk::with_close();
    let booking = LATE.replace("\"B-2\"", "\"B-1\"").replace("{\"fact\"", "{\"corrects\": true, \"fact\"");
    desk.write("fix.jsonl", booking);
    desk.ok(&["record", "fix.jsonl"]);
    desk.ok(&["close", "2027-02"]);
    desk.write("gone.jsonl", r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "the first was right"}"#);
    desk.ok(&["record", "gone.jsonl"]);
    desk.ok(&["close", "2027-03"]);
    desk
}

#[test]
fn a_booking_is_told_with_both_dates_and_what_became_of_it() {
    let desk = corrected_and_retracted();
    let history = desk.json(&["history", "B-1"]);
    assert_eq!(positions(&history), [5, 6, 9, 10, 13, 14]);
    let (first, second, retraction) = (&history[0], &history[2], &history[4]);
    assert_eq!((&first["at"], &first["replaced_by"]), (&"2027-01-10".into(), &serde_json::json!([9])));
    assert_eq!((&second["replaces"], &second["retracted_by"]), (&serde_json::json!([5]), &serde_json::json!([13])));
    assert_eq!((&retraction["at"], &retraction["replaces"]), (&Value::Null, &serde_json::json!([9])));
    for entry in history.as_array().expect("a list") {
        assert!(entry["recorded"].as_str().is_some_and(|text| text.ends_with('Z')), "{entry}");
    }
    let text = desk.ok(&["history", "B-1"]).out;
    for words in ["(replaced by 9)", "(in place of 5; retracted by 13)", "(retracts 9)"] {
        assert!(text.contains(words), "{text}");
    }
}

#[test]
fn a_line_is_told_with_its_postings_and_everything_behind_them() {
    let desk = corrected_and_retracted();
    let line = "land/new-logo/whole/B-1";
    let history = desk.json(&["history", line]);
    // Plan, assignment with its quota, the booking in each of its forms, what retracted one, and three postings.
    for position in [1, 4, 5, 6, 9, 10, 13, 14] {
        assert!(positions(&history).contains(&position), "{position} in {history}");
    }
    let posted: Vec<&Value> =
        history.as_array().expect("a list").iter().map(|entry| &entry["posted"]).filter(|one| !one.is_null()).collect();
    let amounts: Vec<&str> = posted.iter().map(|one| one["amount"].as_str().expect("text")).collect();
    assert_eq!(amounts, ["24000.00", "-23900.00", "23900.00"]);
    assert_eq!((&posted[1]["reason"], &posted[1]["line"]), (&"correction".into(), &line.into()));
    let text = desk.ok(&["history", line]).out;
    assert!(text.contains("-23,900.00 USD, from 24,000.00 to 100.00 (correction)\n"), "{text}");
    assert!(text.ends_with("\nPosted in all to ana: 24,000.00 USD\n"), "{text}");
}

#[test]
fn history_at_a_size_knows_nothing_later() {
    let desk = corrected_and_retracted();
    let history = desk.json(&["history", "B-1", "--at", "9"]);
    assert_eq!(positions(&history), [5, 6]);
    assert_eq!(history[0]["replaced_by"], serde_json::json!([]));
}

#[test]
fn everything_that_has_a_name_has_a_history() {
    let desk = Desk::with_close();
    for item in ["B-1", "booking:B-1", "ana", "acme", "land", "land/new-logo/whole/B-1"] {
        assert!(!positions(&desk.json(&["history", item])).is_empty(), "{item}");
    }
    let run = desk.refused(&["history", "land/new-logo/whole/B-2"], 1, "item-unknown");
    assert!(run.err.contains("did you mean `land/new-logo/whole/B-1`?"), "{}", run.err);
    let csv = desk.ok(&["history", "land/new-logo/whole/B-1", "--format", "csv"]).out;
    assert!(csv.starts_with("position,recorded,at,to,author,user,kind,id,about,replaces,replaced_by,"), "{csv}");
    assert!(csv.contains(",ana,land/new-logo/whole/B-1,24000.00,24000.00,USD,"), "{csv}");
}

#[test]
fn a_line_is_found_as_people_type_it() {
    let desk = Desk::with_facts();
    let plan = "plan = \"use\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\
                [[component]]\nid = \"used\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n";
    desk.write("use.toml", plan);
    desk.ok(&["plan", "publish", "use.toml"]);
    let facts = r#"{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "use"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "500", "currency": "USD"}
"#;
    desk.write("use.jsonl", facts);
    desk.ok(&["record", "use.jsonl"]);
    desk.ok(&["close", "2027-01"]);
    for line in ["use/used/whole/acme%402027-01", "use/used/whole/acme@2027-01"] {
        assert!(desk.ok(&["explain", "ana", line]).out.contains("usage of acme in January 2027, credited 500.00\n"));
        assert!(desk.ok(&["history", line]).out.contains("acme/acme@2027-01-01..2027-01-31 500 USD"));
    }
    let of_account = desk.ok(&["history", "acme"]).out;
    assert!(of_account.contains("use/used/whole/acme%402027-01 10.00 USD"), "what it earned touches it: {of_account}");
}

#[test]
fn entries_of_the_log_are_chosen_by_kind_author_day_and_effect_on_closed_months() {
    let desk = Desk::with_close();
    let log = |arguments: &[&str]| {
        let all: Vec<&str> = ["log", "--format", "json"].iter().chain(arguments).copied().collect();
        let entries: serde_json::Value = serde_json::from_str(&desk.ok(&all).out).expect("JSON");
        entries
            .as_array()
            .expect("a list")
            .iter()
            .map(|entry| entry["kind"].as_str().expect("a kind").to_owned())
            .collect::<Vec<_>>()
    };
    let closes = desk.ok(&["log", "--kind", "period-close"]).out;
    assert!(closes.lines().count() == 1 && closes.contains("digest "), "{closes}");
    assert!(log(&["--author", "nobody"]).is_empty());
    assert!(log(&["--until", "2000-01-01"]).is_empty());
    assert_eq!(log(&["--since", "2000-01-01"]).len(), log(&[]).len());
    assert!(log(&["--into-closed"]).is_empty());
    desk.write("late.jsonl", "{\"fact\": \"account\", \"at\": \"2027-01-10\", \"account\": \"late\"}\n");
    desk.ok(&["record", "late.jsonl"]);
    assert_eq!(log(&["--into-closed"]), ["account"]);
    assert_eq!(desk.run(&["log", "--kind", "bookings"]).status, 2);
}
