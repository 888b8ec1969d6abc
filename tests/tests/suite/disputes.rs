//! Disputes: a payee disagrees with a statement, somebody answers, and somebody resolves it (docs/disputes.md). They change no figure.

use serde_json::{Value, json};

use crate::four_eyes;
use crate::payouts::{copy_of, segment};
use crate::rebuilt::rebuilt;
use crate::support::TestBook;

pub const PLAN: &str = r#"plan = "growth"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "new-logo"
measure = { booking = "arr" }
period = "quarter"
quota = "assigned"
rate = "10%"
cancellation = "restate"

[[component]]
id = "large"
measure = { booking = "arr" }
where = { motion = ["large"] }
rate = "1%"
[[component.installment]]
id = "live"
share = "100%"
signal = "live"
"#;

pub const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "ben", "currency": "USD"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "growth", "quota": {"new-logo": "100000"}}
{"fact": "assignment", "at": "2027-01-01", "payee": "ben", "plan": "growth", "quota": {"new-logo": "100000"}}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "account", "at": "2027-01-01", "account": "globex"}
{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "arr": "50000", "currency": "USD", "motion": "large", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-20", "booking": "B-2", "account": "globex", "arr": "40000", "currency": "USD", "credit": [{"payee": "ben", "percent": "100%"}]}
"#;

pub const LINE: &str = "growth/new-logo/whole/B-1";

/// January is closed: ana is paid for B-1 at position 8, ben for B-2 at position 9.
pub fn closed_book() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book.done(&["close", "2027-01", "--full"]);
    book
}

/// Records a line, and gives the position of its entry.
pub fn recorded(book: &TestBook, line: &str) -> String {
    book.done(&["record", &book.write("one.jsonl", &format!("{line}\n"))]);
    let log = book.json(&["log"]);
    log.as_array().and_then(|entries| entries.last()).expect("an entry")["position"].to_string()
}

pub fn corrected(arr: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "arr": "{arr}", "currency": "USD", "motion": "large", "credit": [{{"payee": "ana", "percent": "100%"}}], "corrects": true}}"#
    )
}

/// The figures and the digest of a statement, without what is beside them.
fn figures(book: &TestBook, payee: &str, period: &str) -> Value {
    let mut statement = book.json(&["statement", payee, period])[0].clone();
    statement.as_object_mut().expect("a statement").remove("status");
    statement
}

fn beside(book: &TestBook, payee: &str, period: &str) -> Value {
    book.json(&["statement", payee, period])[0]["status"]["disputes"].clone()
}

#[test]
fn a_line_is_disputed_answered_corrected_and_paid_with_the_next_close() {
    let book = closed_book();
    let before = figures(&book, "ana", "2027-01");
    let file = book.write("order.eml", "60,000 a year");
    let words =
        ["dispute", "open", "ana", "2027-01", "--line", LINE, "--reason", "it is 60,000", "--evidence", "8", &file];
    let opened = book.json(&[&words[..], &["--as", "ana"]].concat());
    assert_eq!((&opened["dispute"], &opened["state"], &opened["line"]), (&json!(1), &json!("open"), &json!(LINE)));
    book.done(&["dispute", "answer", "1", "the order form is right", "--as", "ops"]);
    assert_eq!(figures(&book, "ana", "2027-01"), before, "a dispute changes no figure");
    let shown = book.done(&["statement", "ana", "2027-01"]);
    assert!(shown.contains("to be approved, 1 dispute open"), "{shown}");
    assert!(shown.contains("disputed: line growth/new-logo/whole/B-1, dispute 1, open since"), "{shown}");
    assert_eq!(beside(&book, "ben", "2027-01"), json!([]));

    let by = recorded(&book, &corrected("60000"));
    let resolved = book.json(&["dispute", "resolve", "1", "accepted", "--by", &by, "corrected", "--as", "cfo"]);
    assert_eq!((&resolved["state"], &resolved["posted"]), (&json!("accepted"), &Value::Null));
    assert!(book.done(&["dispute", "show", "1"]).contains("not posted yet"));
    book.done(&["close", "2027-02", "--full"]);

    let whole = book.json(&["dispute", "show", "1"]);
    let events: Vec<&Value> = whole["events"].as_array().expect("events").iter().map(|event| &event["event"]).collect();
    assert_eq!(events, ["opened", "answered", "resolved"]);
    assert_eq!(whole["events"][0]["by"], json!(["ana"]));
    assert_eq!(whole["events"][0]["entries"], json!([8]));
    let hash = blake3::hash(b"60,000 a year").to_hex().to_string();
    assert_eq!(whole["events"][0]["files"], json!([{"name": "order.eml", "bytes": 13, "blake3": hash}]));
    assert_eq!(whole["events"][2]["correction"]["posted"], "2027-02");
    let lines = &whole["events"][2]["correction"]["lines"];
    assert!(lines.as_array().expect("lines").contains(&json!({"line": LINE, "currency": "USD", "amount": "1000.00"})));
    // Linked from the entry that corrects it, and shown beside both statements.
    assert_eq!(book.json(&["show", &by])["corrects_disputes"], json!([1]));
    assert!(book.done(&["log", "--item", "B-1"]).contains("(corrects dispute 1)"));
    let history = book.done(&["history", LINE]);
    assert!(history.contains("dispute-answer") && history.contains("resolution"), "{history}");
    for period in ["2027-01", "2027-02"] {
        assert_eq!(beside(&book, "ana", period)[0]["posted"], "2027-02", "{period}");
    }
    assert_eq!(figures(&book, "ana", "2027-01"), before, "a closed month never changes");
    book.done(&["verify"]);
    assert_eq!(book.json(&["dispute", "list", "--open"]), json!([]));
}

#[test]
fn a_dispute_is_about_what_was_not_paid_too() {
    let book = closed_book();
    let pending = "growth/large/live/B-1";
    let opened =
        book.json(&["dispute", "open", "ana", "2027-01", "--line", pending, "--reason", "why is it not paid?"]);
    assert_eq!(opened["line"], pending);
    // The line of somebody else is not ana's.
    let refused =
        book.refused(&["dispute", "open", "ana", "2027-01", "--line", "growth/new-logo/whole/B-2", "--reason", "mine"]);
    assert!(refused.starts_with("error[dispute-line]"), "{refused}");
    // A payee without a statement may ask why there is none.
    book.done(&["close", "2027-02"]);
    book.done(&["dispute", "open", "ben", "2027-02", "--reason", "why is there nothing?"]);
    assert_eq!(beside(&book, "ben", "2027-02")[0]["dispute"], 2);
}

#[test]
fn an_adjustment_resolves_a_dispute() {
    let book = closed_book();
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "the bonus is missing"]);
    let by = recorded(
        &book,
        r#"{"fact": "adjustment", "at": "2027-02-03", "payee": "ben", "amount": "250", "currency": "USD", "reason": "bonus"}"#,
    );
    book.done(&["dispute", "resolve", "1", "accepted", "--by", &by, "paid as an adjustment"]);
    book.done(&["close", "2027-02"]);
    let correction = book.json(&["dispute", "show", "1"])["events"][1]["correction"].clone();
    assert_eq!(correction["lines"][0]["amount"], "250.00", "{correction}");
}

#[test]
fn everything_that_is_wrong_is_said_at_once_and_nothing_is_recorded() {
    let book = closed_book();
    let said = book.refused(&["dispute", "open", "anna", "2027-03", "--reason", " ", "--evidence", "99", "no.eml"]);
    for code in ["payee-unknown", "period-open", "dispute-text", "position-unknown", "dispute-evidence"] {
        assert!(said.contains(&format!("error[{code}]")), "{code}: {said}");
    }
    let said = book.refused(&["dispute", "resolve", "1", "rejected", "--by", "3", ""]);
    for code in ["dispute-unknown", "dispute-text", "dispute-correction"] {
        assert!(said.contains(&format!("error[{code}]")), "{code}: {said}");
    }
}

#[test]
fn a_dispute_is_as_of_a_size() {
    let book = closed_book();
    let size = book.json(&["dispute", "open", "ana", "2027-01", "--reason", "too little"])["size"].to_string();
    book.done(&["dispute", "resolve", "1", "withdrawn", "a mistake"]);
    assert_eq!(book.json(&["dispute", "list"])[0]["state"], "withdrawn");
    assert_eq!(book.json(&["dispute", "list", "--at", &size])[0]["state"], "open");
}

#[test]
fn a_rebuilt_book_has_the_disputes() {
    let book = closed_book();
    let file = book.write("it's \"the\" order.eml", "60,000 a year");
    book.done(&[
        "dispute",
        "open",
        "ana",
        "2027-01",
        "--line",
        LINE,
        "--reason",
        "it's 60,000",
        "--evidence",
        &file,
        "8",
    ]);
    book.done(&["dispute", "answer", "1", "--", "-- it is; $HOME 'quoted'"]);
    let by = recorded(&book, &corrected("60000"));
    book.done(&["dispute", "resolve", "1", "accepted", "--by", &by, "corrected"]);
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "too little"]);
    book.done(&["close", "2027-02"]);
    let again = rebuilt(&book);
    let [one, other] = [&book, &again].map(|book| {
        let mut shown = book.json(&["dispute", "show", "1"]);
        shown.as_object_mut().expect("a dispute").retain(|name, _| !["opened", "resolved"].contains(&name.as_str()));
        for event in shown["events"].as_array_mut().expect("events") {
            event.as_object_mut().expect("an event").retain(|name, _| !["recorded", "by"].contains(&name.as_str()));
        }
        shown
    });
    assert_eq!(one, other);
    assert_eq!(again.json(&["dispute", "list"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn disputes_are_in_snapshots() {
    let book = closed_book();
    book.done(&["dispute", "open", "ana", "2027-01", "--line", LINE, "--reason", "it is 60,000", "--evidence", "8"]);
    book.done(&["dispute", "answer", "1", "it is"]);
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "too little"]);
    let by = recorded(&book, &corrected("60000"));
    book.done(&["dispute", "resolve", "1", "accepted", "--by", &by, "corrected"]);
    let asked: [&[&str]; 4] =
        [&["dispute", "list"], &["dispute", "show", "1"], &["statement", "--all", "2027-01"], &["show", &by]];
    let from_log = asked.map(|command| book.json(command));
    book.done(&["snapshot"]);
    assert_eq!(asked.map(|command| book.json(command)), from_log);
    assert!(book.refused(&["dispute", "resolve", "1", "withdrawn", "no"]).contains("dispute 1 was accepted"));
    book.done(&["dispute", "resolve", "2", "withdrawn", "a mistake"]);
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "no mistake"]);
    assert_eq!(book.json(&["dispute", "list"]).as_array().map(Vec::len), Some(3));
}

/// Anybody opens and answers; where a rule is about those who record, one of them signs the end.
#[test]
fn a_rule_about_recording_is_asked_when_a_dispute_is_resolved() {
    let book = closed_book();
    four_eyes::add_people(&book);
    ["cfo", "cro", "ops"].iter().for_each(|name| drop(four_eyes::key_file(&book, name)));
    let policy = four_eyes::policy(&book, r#"[{"kind": "record"}]"#);
    let text = std::fs::read_to_string(&policy)
        .expect("a policy")
        .replace(r#""ops": ["close""#, r#""ops": ["record", "close""#);
    book.write("policy.json", &text);
    four_eyes::done(&book, &["policy", "set", "policy.json"], &["cfo", "cro"]);
    book.done(&["dispute", "open", "ana", "2027-01", "--reason", "too little"]);
    book.done(&["dispute", "answer", "1", "we look"]);
    let resolve = ["dispute", "resolve", "1", "rejected", "it is right"];
    assert!(book.refused(&resolve).contains("error[policy-role]"));
    four_eyes::done(&book, &resolve, &["ops"]);
    let end = &book.json(&["dispute", "show", "1"])["events"][2];
    assert_eq!((&end["by"], &end["signed"]), (&json!(["ops"]), &json!(true)));
    book.done(&["verify"]);
}

/// The power fails while a dispute is opened or resolved: whatever is on disk of it, asking again does it once.
#[test]
fn a_crash_at_any_byte_records_a_dispute_once() {
    let book = closed_book();
    let open = ["dispute", "open", "ana", "2027-01", "--reason", "too little"];
    for (command, known) in
        [(&open[..], "dispute-open-already"), (&["dispute", "resolve", "1", "rejected", "no"], "dispute-resolved")]
    {
        let done = copy_of(&book);
        done.done(command);
        let [before, after] = [&book, &done].map(|book| std::fs::read(segment(book)).expect("bytes"));
        for part in 0..=8 {
            let crashed = copy_of(&book);
            let end = before.len() + (after.len() - before.len()) * part / 8;
            std::fs::write(segment(&crashed), [&before[..], &after[before.len()..end]].concat()).expect("written");
            let again = crashed.run(command);
            let said = String::from_utf8_lossy(&again.stderr).into_owned();
            assert!(again.status.success() || said.contains(known), "{part}: {said}");
            assert!(crashed.refused(command).contains(known));
            let [one, other] = [&crashed, &done].map(|book| book.json(&["dispute", "list"]));
            assert_eq!((&one[0]["state"], one.as_array().map(Vec::len)), (&other[0]["state"], Some(1)), "{part}");
            assert_eq!(crashed.json(&["verify"])["verdict"], "consistent");
        }
        book.done(command);
    }
}

// Two claims on one deal ------------------------------------------------------------------------------------------------

fn contested(book: &TestBook, more: &[&str]) -> Value {
    book.json(&[&["report", "contested-credit"], more].concat())
}

#[test]
fn two_claims_on_one_deal_are_shown_until_they_are_settled() {
    let book = closed_book();
    assert_eq!(contested(&book, &[])["rows"], json!([]), "one claim each");
    let split = recorded(
        &book,
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ben", "percent": "100%"}]}"#,
    );
    let ana = json!([{"payee": "ana", "role": "primary", "percent": "100%"}]);
    let row = contested(&book, &[])["rows"][0].clone();
    assert_eq!((&row["thing"], &row["id"], &row["changed"]), (&json!("booking"), &json!("B-1"), &Value::Null));
    assert_eq!(row["sources"][0], json!({"source": "booking", "position": 8, "shares": ana}));
    assert_eq!(row["sources"][1]["source"], "split on account");
    // Ben has no line of B-1: he names the entries. A dispute about the line is there, too.
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "acme is mine", "--evidence", &split, "8"]);
    book.done(&["dispute", "open", "ana", "2027-01", "--line", LINE, "--reason", "B-1 is mine"]);
    assert_eq!(contested(&book, &[])["rows"][0]["disputes"], json!([1, 2]));

    let by = recorded(
        &book,
        r#"{"fact": "credit-split", "at": "2027-01-12", "on": {"booking": "B-1"}, "shares": [{"payee": "ana", "percent": "60%"}, {"payee": "ben", "percent": "40%"}]}"#,
    );
    book.done(&["dispute", "resolve", "1", "accepted", "--by", &by, "shared"]);
    book.done(&["dispute", "resolve", "2", "rejected", "shared"]);
    book.done(&["close", "2027-02", "--full"]);
    let shown = book.json(&["dispute", "show", "1"]);
    let end = &shown["events"][1]["correction"];
    assert_eq!(end["lines"], json!([{"line": LINE, "currency": "USD", "amount": "2000.00"}]), "40 % of 5,000.00");
    let row = contested(&book, &[])["rows"][0].clone();
    assert_eq!(row["sources"][0]["source"], "split on booking");
    assert_eq!(row["changed"], json!({"period": "2027-01", "was": ana}));
    assert_eq!(row["disputes"], json!([]));
    // As of January's close, nothing was contested yet.
    assert_eq!(contested(&book, &["--at", "2027-01"])["rows"], json!([]));
    let text = book.done(&["report", "contested-credit"]);
    assert!(text.contains("credit: ana 60%, ben 40% (split on booking, entry"), "{text}");
    assert!(text.contains("changed since the close of 2027-01, which had: ana 100%"), "{text}");
}

#[test]
fn partners_and_usage_are_in_the_report() {
    let book = closed_book();
    let lines = [
        r#"{"fact": "booking", "at": "2027-01-25", "booking": "B-3", "account": "globex", "arr": "10000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}, {"payee": "ben", "role": "partner", "percent": "25%"}]}"#,
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-15", "to": "2027-01-31", "amount": "70", "currency": "USD"}"#,
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}"#,
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"contract": "acme"}, "shares": [{"payee": "ben", "percent": "100%"}]}"#,
    ];
    book.done(&["record", &book.write("more.jsonl", &(lines.join("\n") + "\n"))]);
    let report = contested(&book, &[]);
    let rows: Vec<String> =
        report["rows"].as_array().expect("rows").iter().map(|row| format!("{} {}", row["thing"], row["id"])).collect();
    assert_eq!(rows, [r#""booking" "B-1""#, r#""booking" "B-3""#, r#""contract" "acme""#]);
    let partner = &report["rows"][1];
    assert_eq!((&partner["partner"], &partner["overlay"]), (&json!("25%"), &json!("0%")));
    let usage = &report["rows"][2];
    assert_eq!(usage["sources"][0]["source"], "split on contract");
    assert_eq!(usage["changed"], json!({"period": "2027-01", "was": []}), "nobody had credit of the usage");
    // 100,000 in all, of which a partner took part in 10,000 and has a quarter of that.
    let totals = json!([{
        "currency": "USD", "arr": "100000.00", "partner_sourced": "2500.00", "sourced_percent": "2.50%",
        "partner_influenced": "10000.00", "influenced_percent": "10.00%",
    }]);
    assert_eq!(report["totals"], totals);
    let csv = book.done(&["report", "contested-credit", "--format", "csv"]);
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(book.refused(&["report", "contested-credit", "--period", "2027-09"]).starts_with("error[period-open]"));
}
