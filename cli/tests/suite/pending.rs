//! Pending: what is earned and not due yet.

use crate::kit::{Desk, FACTS, LAND};

const HALVES: &str = r#"
[[component.installment]]
id = "signature"
share = "50%"
[[component.installment]]
id = "checkpoint"
share = "50%"
after = "90 days"
when = { burn = "90 days", at-least = "25%" }
[[component.clawback]]
id = "lost"
on = "cancellation"
"#;

fn desk() -> Desk {
    let desk = Desk::new();
    desk.write("land.toml", format!("{LAND}{HALVES}").replace("cancellation = \"restate\"\n", ""));
    desk.write("facts.jsonl", FACTS);
    desk.ok(&["init", "--name", "acme"]);
    desk.ok(&["plan", "publish", "land.toml"]);
    desk.ok(&["record", "facts.jsonl"]);
    desk
}

#[test]
fn what_waits_is_told_with_its_day_and_its_condition() {
    let desk = desk();
    desk.ok(&["close", "2027-01"]);
    let expected = r#"[{"payee":"ana","currency":"USD","line":"land/new-logo/checkpoint/B-1","plan":"land","component":"new-logo","item":"B-1","part":"checkpoint","amount":"12000.00","on":"2027-04-10","waiting_for":["burn 90 days >= 25%"]}]"#;
    assert_eq!(desk.ok(&["pending", "--format", "json"]).out.trim(), expected);
    assert_eq!(desk.ok(&["pending", "ana", "--format", "json"]).out.trim(), expected);
    let csv = desk.ok(&["pending", "--format", "csv"]).out;
    assert_eq!(csv.lines().count(), 2);
    assert!(csv.ends_with(",12000.00,2027-04-10,burn 90 days >= 25%,2027-01\n"), "{csv}");
    let text = desk.ok(&["pending"]).out;
    assert!(
        text.contains(
            "ana    12,000.00  USD  2027-04-10  land/new-logo: checkpoint of B-1 of acme  waits for burn 90 days"
        ),
        "{text}"
    );
    assert!(text.ends_with("all    12,000.00  USD\n"), "{text}");
}

#[test]
fn pending_looks_from_the_end_of_a_month() {
    let desk = desk();
    let run = desk.refused(&["pending"], 1, "period-missing");
    assert!(run.err.contains("--period"), "{}", run.err);
    assert_eq!(desk.json(&["pending", "--period", "2027-03"]).as_array().map(Vec::len), Some(1));
    // By then the checkpoint has come, and was not met.
    assert_eq!(desk.json(&["pending", "--period", "2027-04"]).as_array().map(Vec::len), Some(0));
    assert_eq!(desk.json(&["pending", "--period", "2027-03", "--at", "5"]).as_array().map(Vec::len), Some(0));
    desk.refused(&["pending", "anna", "--period", "2027-03"], 1, "payee-unknown");
    assert_eq!(desk.ok(&["pending", "--period", "2027-04"]).out, "");
}
