//! Every refusal of a fact has an example that produces it; the book stays as it was.

use crate::support::Desk;

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01
[[component]]
id = "new-logo"
measure = { booking = "arr" }
quota = "assigned"
rate = "assigned"
tiers = [{ from = "100%", times = "1.5" }]
period = "year"
"#;

const KNOWN: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "bea", "manager": "ana"}
{"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": "ana", "plan": "land", "rates": {"new-logo": "10%"}, "id": "00000000-0000-4000-8000-000000000001"}
{"fact": "quota", "at": "2027-04-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "1000"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "cancellation", "at": "2027-06-01", "booking": "B-1"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "5", "currency": "USD"}
{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "id": "00000000-0000-4000-8000-000000000002"}
"#;

/// A line, the code of its refusal, and words that the message has.
const REFUSED: &[(&str, &str, &str)] = &[
    ("nonsense", "fact-json", "not JSON"),
    (r#"{"at": "2027-01-01"}"#, "fact-field-missing", "`fact`"),
    (r#"{"fact": "bookin"}"#, "fact-kind", "did you mean `booking`?"),
    (r#"{"fact": "account", "at": "2027-02-30", "account": "x"}"#, "fact-field-value", "2027-02-30"),
    (r#"{"fact": "account", "at": "2027-02-03", "account": " x"}"#, "fact-field-value", "leading or trailing blanks"),
    (r#"{"fact": "account", "account": "x"}"#, "fact-field-missing", "`at`"),
    (
        r#"{"fact": "account", "at": "2027-01-01", "account": "x", "segmnt": "y"}"#,
        "fact-field-unknown",
        "did you mean `segment`?",
    ),
    (r#"{"fact": "account", "at": "2027-01-01", "account": "x", "account": "y"}"#, "fact-json", "twice"),
    (r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "recovery_cap": "150%"}"#, "fact-recovery-cap", "150%"),
    (r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "recovery_cap": "0.5"}"#, "fact-field-value", "percent"),
    (r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "manager": "bea"}"#, "fact-manager-loop", "own manager"),
    (r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "currency": "XXX"}"#, "fact-field-value", "ISO 4217"),
    (
        r#"{"fact": "assignment", "at": "2027-01-01", "payee": "nobody", "plan": "land", "rates": {"new-logo": "1%"}}"#,
        "fact-payee-unknown",
        "nobody",
    ),
    (
        r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "lnd"}"#,
        "fact-plan-unknown",
        "did you mean `land`?",
    ),
    (r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land"}"#, "fact-rate-missing", "new-logo"),
    (
        r#"{"fact": "assignment", "at": "2027-01-01", "until": "2026-12-31", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}}"#,
        "fact-interval",
        "ends before",
    ),
    (
        r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"new-loga": "5"}}"#,
        "fact-component-unknown",
        "did you mean `new-logo`?",
    ),
    (
        r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"new-logo": "-5"}}"#,
        "fact-negative",
        "negative",
    ),
    (
        r#"{"fact": "assignment-end", "at": "2028-01-01", "payee": "ana", "plan": "land"}"#,
        "fact-not-assigned",
        "2028-01-01",
    ),
    (
        r#"{"fact": "quota", "at": "2028-01-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "1"}"#,
        "fact-not-assigned",
        "ana",
    ),
    (
        r#"{"fact": "quota", "at": "2027-02-01", "payee": "ana", "plan": "land", "component": "other", "amount": "1"}"#,
        "fact-component-unknown",
        "other",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD"}"#,
        "fact-booking-exists",
        "corrects",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "arr": "100", "currency": "EUR"}"#,
        "fact-contract-currency",
        "EUR",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "other", "contract": "acme", "arr": "100", "currency": "USD"}"#,
        "fact-contract-account",
        "acme",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "months": 121, "arr": "100", "currency": "USD"}"#,
        "fact-months",
        "121",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "months": 0, "arr": "100", "currency": "USD"}"#,
        "fact-months",
        "0",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1,000", "currency": "USD"}"#,
        "fact-field-value",
        "1,000",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1234567890123456", "currency": "USD"}"#,
        "fact-field-value",
        "15 digits",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1", "currency": "USD", "credit": [{"payee": "ana", "percent": "60%"}, {"payee": "bea", "percent": "60%"}]}"#,
        "fact-shares",
        "120%",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1", "currency": "USD", "credit": [{"payee": "zoe", "percent": "60%"}]}"#,
        "fact-payee-unknown",
        "zoe",
    ),
    (r#"{"fact": "cancellation", "at": "2027-01-06", "booking": "B-9"}"#, "fact-booking-unknown", "B-9"),
    (r#"{"fact": "cancellation", "at": "2027-01-04", "booking": "B-1"}"#, "fact-cancelled-before", "2027-01-05"),
    (
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-02", "to": "2027-02-01", "amount": "5", "currency": "USD"}"#,
        "fact-interval",
        "before it begins",
    ),
    (
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-02", "to": "2027-01-03", "amount": "5", "currency": "USD"}"#,
        "fact-usage-overlap",
        "2027-01-01..2027-01-31",
    ),
    (
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-02", "to": "2027-01-03", "amount": "5", "currency": "USD", "replaces": "overlapping"}"#,
        "fact-usage-overlap",
        "wholly inside",
    ),
    (
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-01", "amount": "5", "currency": "EUR"}"#,
        "fact-usage-currency",
        "EUR",
    ),
    (
        r#"{"fact": "usage-snapshot", "account": "other", "contract": "acme", "from": "2027-02-01", "to": "2027-02-01", "amount": "5", "currency": "USD"}"#,
        "fact-contract-account",
        "other",
    ),
    (
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "0%"}]}"#,
        "fact-share",
        "0%",
    ),
    (
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme", "booking": "B-1"}, "shares": []}"#,
        "fact-field-value",
        "one of",
    ),
    (
        r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "role": "overlay", "percent": "101%"}]}"#,
        "fact-share",
        "101%",
    ),
    (r#"{"fact": "signal", "at": "2027-01-01", "signal": "live"}"#, "fact-signal-of-nothing", "live"),
    (
        r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "USD", "rate": "0"}"#,
        "fact-rate",
        "not above 0",
    ),
    (
        r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "EUR", "rate": "1"}"#,
        "fact-rate-same",
        "EUR",
    ),
    (
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD"}"#,
        "fact-field-missing",
        "owed",
    ),
    (
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "0.001"}"#,
        "fact-too-fine",
        "0.001",
    ),
    (
        r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "ana", "amount": "0.5", "currency": "JPY", "reason": "x"}"#,
        "fact-too-fine",
        "JPY",
    ),
    (
        r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "ana", "amount": "5", "currency": "JPY", "reason": " "}"#,
        "fact-reason",
        "empty",
    ),
    (
        r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-0000000000ff", "reason": "x"}"#,
        "fact-reference-unknown",
        "0000000000ff",
    ),
    (
        r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": ""}"#,
        "fact-reason",
        "empty",
    ),
    (r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "x"}"#, "fact-hangs", "cancellation:B-1"),
    (
        r#"{"fact": "retraction", "retracts": "payee:ana@2027-01-01", "reason": "x"}"#,
        "fact-hangs",
        "assignment:ana/land@2027-01-01",
    ),
    (
        r#"{"fact": "retraction", "retracts": "assignment:ana/land@2027-01-01", "reason": "x"}"#,
        "fact-hangs",
        "quota:ana/land/new-logo@2027-04-01",
    ),
    (
        r#"{"fact": "booking", "at": "2027-07-05", "booking": "B-1", "account": "acme", "arr": "1", "currency": "USD", "corrects": true}"#,
        "fact-hangs",
        "cancellation:B-1",
    ),
    (
        r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-5", "account": "acme", "arr": "1", "currency": "USD", "corrects": true}"#,
        "fact-corrects-nothing",
        "booking:B-5",
    ),
    (
        r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "corrects": true}"#,
        "fact-corrects-nothing",
        "no natural key",
    ),
    (
        r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "corrects": "booking:B-1"}"#,
        "fact-corrects-kind",
        "cannot correct a booking",
    ),
    (
        r#"{"fact": "signal", "at": "2027-01-20", "signal": "other", "account": "acme", "id": "00000000-0000-4000-8000-000000000002"}"#,
        "fact-id-taken",
        "other content",
    ),
];

fn desk() -> Desk {
    let desk = Desk::with_book();
    desk.write("land.toml", PLAN);
    desk.write("known.jsonl", KNOWN);
    desk.done(&["plan", "publish", "land.toml"]);
    desk.done(&["record", "known.jsonl"]);
    desk
}

#[test]
fn every_refusal_has_its_example() {
    let desk = desk();
    for (line, code, words) in REFUSED {
        desk.write("wrong.jsonl", &format!("{line}\n"));
        let said = desk.refused(&["record", "wrong.jsonl"]);
        assert!(
            said.contains(code) && said.contains(words) && said.contains("wrong.jsonl:1:"),
            "{line}\nis refused with\n{said}"
        );
    }
}

#[test]
fn all_problems_of_a_file_are_told_at_once() {
    let desk = desk();
    let lines: String = REFUSED.iter().map(|(line, _, _)| format!("{line}\n")).collect();
    desk.write("wrong.jsonl", &lines);
    let said = desk.refused(&["record", "wrong.jsonl"]);
    for (index, (line, _, _)) in REFUSED.iter().enumerate() {
        assert!(said.contains(&format!("wrong.jsonl:{}:", index + 1)), "line {} is not told: {line}", index + 1);
    }
}

#[test]
fn good_lines_go_in_beside_rejects() {
    let desk = desk();
    let good = r#"{"fact": "account", "at": "2027-01-01", "account": "globex"}"#;
    desk.write("mixed.jsonl", &format!("{good}\n{}\n", REFUSED[2].0));
    let recorded = desk.json(&["record", "mixed.jsonl", "--rejects", "rejects.jsonl"]);
    assert_eq!((recorded["new"].as_u64(), recorded["known"].as_u64()), (Some(1), Some(0)));
    let rejects = std::fs::read_to_string(desk.folder.path().join("rejects.jsonl")).expect("the rejects");
    assert!(rejects.contains("bookin") && rejects.contains("fact-kind"), "{rejects}");
}

#[test]
fn opening_balances_come_before_the_first_close() {
    let desk = desk();
    desk.write("opening.jsonl", r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "bea", "currency": "USD", "owed": "10", "draw": "5"}"#);
    desk.done(&["record", "opening.jsonl"]);
    desk.done(&["close", "2027-01"]);
    let balances = desk.json(&["balances"]);
    let bea = balances
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["payee"] == "bea").cloned())
        .expect("bea's balances");
    assert_eq!((bea["owed"].as_str(), bea["draw"].as_str()), (Some("10.00"), Some("5.00")));
    desk.write(
        "late.jsonl",
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "10"}"#,
    );
    assert!(desk.refused(&["record", "late.jsonl"]).contains("fact-opening-late"));
}
