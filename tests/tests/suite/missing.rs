//! What nobody is paid for, and what is lacking: told once, when a month is previewed and closed.

use std::path::Path;

use serde_json::Value;

use crate::support::{TestBook, is_written, shared};

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
title = "land"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
where = { motion = ["new-business"] }
rate = "10%"
cancellation = "restate"

[[component]]
id = "used"
measure = { usage = "amount" }
rate = "1%"

[[component]]
id = "renewal"
measure = { signal = "renewed", value = "value" }
rate = "5%"
"#;

/// A month in which nothing is missing.
const WHOLE: &str = r#"
{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "bea", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "land"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "motion": "new-business", "arr": "12000", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-05", "to": "2027-01-31", "amount": "500.00", "currency": "USD"}
{"fact": "signal", "at": "2027-01-20", "signal": "renewed", "account": "acme", "value": "100", "currency": "USD"}
"#;

/// February's usage, so that no commitment is without.
const FEBRUARY: &str = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "500.00", "currency": "USD"}"#;

fn book_with(plan: &str, facts: &str) -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", plan)]);
    book.take(facts);
    book
}

/// The whole month, and more facts.
fn with(facts: &str) -> TestBook {
    book_with(PLAN, &format!("{}\n{facts}\n", WHOLE.trim()))
}

impl TestBook {
    /// Records lines, and gives what was said about them.
    fn take(&self, lines: &str) -> String {
        let output = self.run(&["record", &self.write("lines.jsonl", &format!("{}\n", lines.trim()))]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    /// The classes of what a preview or a close says is missing, each as `class count: items`.
    fn lacks(&self, arguments: &[&str]) -> Vec<String> {
        let told = self.json(arguments);
        let classes = told["missing"].as_array().expect("a list").iter().filter(|one| one["class"].is_string());
        classes.map(class).collect()
    }

    /// What a preview says; a close says the same.
    fn missing(&self, period: &str) -> Vec<String> {
        let previewed = self.lacks(&["preview", period]);
        assert_eq!(self.lacks(&["close", period]), previewed, "the close says what the preview said");
        previewed
    }
}

fn class(told: &Value) -> String {
    let items = told["items"].as_array().expect("items");
    assert_eq!(told["count"], items.len(), "{told}");
    assert!(told["what"].is_string() && told["severity"] == "warning" && told["code"].is_string(), "{told}");
    let items: Vec<String> = items.iter().map(item).collect();
    format!("{}: {}", told["class"].as_str().expect("a name"), items.join("; "))
}

/// The values of an item, in the order of their names.
fn item(item: &Value) -> String {
    let values = item.as_object().expect("members").values();
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let values: Vec<String> = values.map(text).collect();
    values.join(" ")
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_whole_month_lacks_nothing() {
    let book = with(FEBRUARY);
    assert_eq!(book.missing("2027-01"), NOTHING);
    assert_eq!(book.missing("2027-02"), NOTHING);
}

#[test]
fn what_nobody_is_paid_for_is_listed_once_with_what_it_is_worth() {
    let book = with(
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "motion": "renewal", "arr": "1000", "months": 24, "currency": "USD"}
{"fact": "signal", "at": "2027-01-21", "signal": "seen", "account": "acme"}
{"fact": "usage-snapshot", "account": "bolt", "meter": "gpu", "from": "2027-01-10", "to": "2027-01-12", "amount": "30.00", "currency": "USD"}"#,
    );
    let missing = book.missing("2027-01");
    let unpaid = "unpaid: acme 2000.00 2027-01-06 B-2 USD booking; bolt 30.00 bolt USD 2027-01-10 usage gpu 2027-01-12; 2027-01-21 ENTRY signal seen";
    let entry = |text: &String| text.replace(" 10 ", " ENTRY ").replace(" 11 ", " ENTRY ");
    assert_eq!(missing.first().map(entry).as_deref(), Some(unpaid), "{missing:#?}");
    book.take(FEBRUARY);
    assert_eq!(book.missing("2027-02"), NOTHING, "January is not told again");
}

#[test]
fn a_manager_or_a_team_that_is_paid_is_somebody() {
    let plan = |credit: &str| {
        format!(
            "plan = \"m\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\n[[component]]\nid = \"c\"\nmeasure = {{ booking = \"arr\" }}\nrate = \"1%\"\ncancellation = \"restate\"\ncredit = \"{credit}\"\n"
        )
    };
    let facts = r#"
{"fact": "payee", "at": "2027-01-01", "payee": "mia", "currency": "USD", "team": "west"}
{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD", "manager": "mia", "team": "west"}
{"fact": "assignment", "at": "2027-01-01", "payee": "mia", "plan": "m"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "12000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;
    for credit in ["reports", "team"] {
        let missing = book_with(&plan(credit), facts).missing("2027-01");
        assert_eq!(missing, ["unassigned-credit: 2027-01-05 B-1 booking ana 100% primary"], "{credit}");
    }
    let missing = book_with(&plan("primary"), facts).missing("2027-01");
    assert!(missing[0].starts_with("unpaid: acme 12000.00 2027-01-05 B-1"), "{missing:#?}");
}

#[test]
fn credit_without_an_assignment_that_pays_for_it_is_told() {
    let book = with(
        r#"{"fact": "booking", "at": "2027-01-07", "booking": "B-3", "account": "acme", "motion": "new-business", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "60%"}, {"payee": "bea", "percent": "40%"}, {"payee": "ana", "role": "overlay", "percent": "50%"}]}"#,
    );
    let told = "unassigned-credit: 2027-01-07 B-3 booking bea 40% primary; 2027-01-07 B-3 booking ana 50% land overlay";
    assert_eq!(book.missing("2027-01"), [told]);
}

#[test]
fn usage_after_an_assignment_ended_is_credit_of_nobody() {
    let book = with(r#"{"fact": "assignment-end", "at": "2027-01-25", "payee": "ana", "plan": "land"}"#);
    assert_eq!(book.missing("2027-01"), ["unassigned-credit: acme 2027-01-26 acme usage ana 100% primary"]);
}

#[test]
fn less_than_all_primary_credit_is_told() {
    let book = with(
        r#"{"fact": "booking", "at": "2027-01-07", "booking": "B-3", "account": "acme", "motion": "new-business", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "60%"}]}
{"fact": "booking", "at": "2027-01-08", "booking": "B-4", "account": "bolt", "motion": "new-business", "arr": "100", "currency": "USD"}
{"fact": "booking", "at": "2027-01-08", "booking": "B-5", "account": "bolt", "motion": "new-business", "arr": "100", "currency": "USD"}
{"fact": "cancellation", "at": "2027-01-31", "booking": "B-5"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-08", "to": "2027-01-12", "amount": "30.00", "currency": "USD"}"#,
    );
    let missing = book.missing("2027-01");
    let told = "uncredited: 2027-01-07 B-3 booking 60%; 2027-01-08 B-4 booking 0%; bolt 2027-01-08 bolt usage 0%";
    assert_eq!(missing[1], told, "{missing:#?}");
}

#[test]
fn usage_without_a_booking_in_force_is_told() {
    let book = with(
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-04", "amount": "40.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "contract": "acme-2", "from": "2027-01-30", "to": "2027-02-02", "amount": "40.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "amce", "from": "2027-01-30", "to": "2027-01-30", "amount": "7.00", "currency": "USD"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "amce"}, "shares": [{"payee": "ana", "percent": "100%"}]}"#,
    );
    let told = "unattributed-usage: acme 40.00 acme USD 2027-01-01 usage 2027-01-04; acme 20.00 acme-2 USD 2027-01-30 usage 2027-01-31; amce 7.00 amce USD 2027-01-30 usage of an unknown account 2027-01-30";
    assert_eq!(book.missing("2027-01"), [told]);
}

#[test]
fn a_commitment_without_usage_is_told_where_a_plan_reads_usage() {
    let book = with("");
    book.missing("2027-01");
    assert_eq!(book.missing("2027-02"), ["no-usage: acme 12000.00 acme USD 2027-02-01 contract 2027-02-28"]);
    book.take(r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-03-01", "to": "2027-03-31", "amount": "0", "currency": "USD"}
{"fact": "cancellation", "at": "2027-04-01", "booking": "B-1"}"#);
    assert_eq!(book.missing("2027-03"), NOTHING, "usage of 0 is usage");
    assert_eq!(book.missing("2027-04"), NOTHING, "nothing is committed any more");
}

#[test]
fn values_that_no_plan_names_are_told_with_the_nearest() {
    let book = with(
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "motion": "new-busines", "product": "gpu", "arr": "1000", "currency": "USD"}
{"fact": "account", "at": "2027-01-06", "account": "acme", "segment": "enterprise", "region": "emea"}"#,
    );
    let missing = book.missing("2027-01");
    assert_eq!(missing[1..], ["unmatched-value: 1 motion new-business new-busines"], "{missing:#?}");
}

#[test]
fn what_comes_late_is_told_by_the_next_close() {
    let book = with(FEBRUARY);
    assert_eq!(book.missing("2027-01"), NOTHING);
    book.take(r#"{"fact": "booking", "at": "2027-01-09", "booking": "LATE", "account": "bolt", "motion": "new-business", "arr": "10", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "contract": "late", "from": "2027-01-09", "to": "2027-01-09", "amount": "7.00", "currency": "USD"}"#);
    let told = [
        "unpaid: bolt 10.00 2027-01-09 LATE USD booking",
        "uncredited: 2027-01-09 LATE booking 0%",
        "unattributed-usage: acme 7.00 late USD 2027-01-09 usage 2027-01-09",
        "no-usage: bolt 10.00 bolt USD 2027-02-01 contract 2027-02-28",
    ];
    assert_eq!(book.missing("2027-02"), told);
    book.take(&FEBRUARY.replace("2027-02-01", "2027-03-01").replace("2027-02-28", "2027-03-31"));
    assert_eq!(
        book.missing("2027-03"),
        [told[3].replace("2027-02-01", "2027-03-01").replace("2027-02-28", "2027-03-31")]
    );
}

#[test]
fn a_payee_without_the_quota_that_tiers_need_is_told_once() {
    let plan = PLAN.replace(
        "rate = \"10%\"",
        "rate = \"10%\"\nquota = \"assigned\"\ntiers = [{ from = \"100%\", times = \"2\" }]",
    );
    let facts = format!(
        "{}\n{}\n{FEBRUARY}\n",
        WHOLE.trim(),
        r#"{"fact": "booking", "at": "2027-01-08", "booking": "B-2", "account": "acme", "motion": "new-business", "arr": "100", "currency": "USD"}"#
    );
    let book = book_with(&plan, &facts);
    assert_eq!(book.missing("2027-01"), ["no-quota: arr 2027-01-05 payee base rate ana land"]);
    assert_eq!(book.missing("2027-02"), NOTHING, "and not again without new credit");
    let quota = r#"{"fact": "quota", "at": "2027-01-01", "payee": "ana", "plan": "land", "component": "arr", "amount": "1000"}"#;
    assert_eq!(book_with(&plan, &format!("{facts}{quota}\n")).missing("2027-01"), NOTHING);
}

// Usage that ends early -----------------------------------------------------------------------------------------------

const GATES: &str = r#"plan = "gated"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"

[[component.installment]]
id = "first"
share = "50%"

[[component.installment]]
id = "rest"
share = "50%"
after = "30 days"
when = { burn = "30 days", at-least = "50%" }

[[component.clawback]]
id = "floor"
after = "2 months"
when = { burn = "2 months", below = "60%" }
"#;

fn gated(usage: &str) -> TestBook {
    let facts = r#"
{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "gated"}
{"fact": "booking", "at": "2027-01-01", "booking": "B-1", "account": "acme", "arr": "36500", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;
    book_with(GATES, &format!("{}\n{usage}\n", facts.trim()))
}

fn used(from: &str, to: &str, amount: &str) -> String {
    format!(
        "{{\"fact\": \"usage-snapshot\", \"account\": \"acme\", \"from\": \"{from}\", \"to\": \"{to}\", \"amount\": \"{amount}\", \"currency\": \"USD\"}}\n"
    )
}

#[test]
fn a_condition_decided_on_usage_that_ends_early_is_told() {
    let book = gated(&used("2027-01-01", "2027-01-20", "1000.00"));
    let told = "usage-ends-early: 1825.00 2027-01-31 arr USD B-1 condition 2027-01-20 rest ana gated 2027-01-30";
    assert_eq!(book.missing("2027-01"), [told]);
    book.take(&used("2027-02-01", "2027-02-20", "100.00"));
    book.missing("2027-02");
    let told = "usage-ends-early: 1825.00 2027-03-01 arr USD B-1 condition 2027-02-20 floor ana gated 2027-02-28";
    assert_eq!(book.missing("2027-03")[0], told);
    assert!(!book.missing("2027-04").iter().any(|class| class.starts_with("usage-ends-early")), "once");
}

#[test]
fn a_condition_decided_on_all_usage_is_not() {
    for quiet in [
        used("2027-01-01", "2027-01-30", "1000.00"),
        // Usage after the window shows that the data reach beyond it.
        used("2027-01-01", "2027-01-20", "1000.00") + &used("2027-01-31", "2027-01-31", "10.00"),
        // It is met all the same.
        used("2027-01-01", "2027-01-20", "2000.00"),
        // The account is tracked: the condition waits.
        used("2027-01-01", "2027-01-20", "1000.00") + r#"{"fact": "usage-complete", "at": "2027-01-20"}"#,
    ] {
        assert_eq!(gated(&quiet).missing("2027-01"), NOTHING, "{quiet}");
    }
}

// The cases of the contract -------------------------------------------------------------------------------------------

fn case(folder: &Path, facts: &str) -> TestBook {
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the case");
    book_with(&text("plan.toml"), &text(facts))
}

#[test]
fn credit_that_no_plan_pays_is_told() {
    let Some(folder) = shared("cases/plans/credit-without-assignment") else { return };
    let told = [
        "unpaid: acme 7000.00 2027-01-20 B1 USD booking",
        "unassigned-credit: 2027-01-20 B1 booking ana 50% primary; 2027-01-20 B1 booking bea 50% primary",
    ];
    assert_eq!(case(&folder, "facts.jsonl").missing("2027-01"), told);
}

#[test]
fn what_is_forfeited_on_usage_that_ends_early_is_told_and_waits_where_usage_is_tracked() {
    let Some(folder) = shared("cases/plans/forfeited") else { return };
    let early = |book: &TestBook| {
        let missing = book.missing("2028-01");
        missing.into_iter().find(|class| class.starts_with("usage-ends-early"))
    };
    let book = case(&folder, "f.jsonl");
    for month in 5..=12 {
        book.missing(&format!("2027-{month:02}"));
    }
    let told = early(&book).expect("it is told");
    assert!(told.contains("2028-01-13 new-logo USD B-3 condition day-90 june land-ae 2028-01-12"), "{told}");
    let tracked = case(&folder, "f.jsonl");
    tracked.take(r#"{"fact": "usage-complete", "at": "2027-12-31"}"#);
    for month in 5..=12 {
        tracked.missing(&format!("2027-{month:02}"));
    }
    assert_eq!(early(&tracked), None);
    let pending = tracked.json(&["pending"]).to_string();
    assert!(pending.contains("usage through 2028-01-12"), "{pending}");
}

// When facts are recorded ---------------------------------------------------------------------------------------------

impl TestBook {
    /// The classes of what a recording says is missing.
    fn recorded(&self, lines: &str) -> Vec<String> {
        self.lacks(&["record", &self.write("lines.jsonl", &format!("{}\n", lines.trim()))])
    }
}

#[test]
fn a_recording_tells_what_its_own_facts_lack() {
    let book = book_with(PLAN, WHOLE);
    assert_eq!(book.recorded(FEBRUARY), NOTHING);
    let told = book.recorded(
        r#"{"fact": "booking", "at": "2027-01-07", "booking": "B-2", "account": "bolt", "motion": "new-busines", "arr": "100", "currency": "USD"}
{"fact": "booking", "at": "2027-01-07", "booking": "B-3", "account": "bolt", "motion": "new-business", "arr": "100", "currency": "USD"}
{"fact": "booking", "at": "2027-01-08", "booking": "B-4", "account": "bolt", "motion": "new-business", "arr": "100", "currency": "USD", "credit": [{"payee": "bea", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "amce", "from": "2027-03-01", "to": "2027-03-31", "amount": "7.00", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "cid", "manager": "zed"}
{"fact": "signal", "at": "2027-01-20", "signal": "renewd", "account": "acme"}"#,
    );
    let expected = [
        "unassigned-credit: 2027-01-08 B-4 booking bea 100% primary",
        "uncredited: 2027-01-07 B-3 booking 0%; amce 2027-03-01 amce usage 0%",
        "unattributed-usage: amce 7.00 amce USD 2027-03-01 usage of an unknown account 2027-03-31",
        "unmatched-value: 1 motion new-business new-busines; 1 signal renewed renewd",
        "unknown-manager: 2027-01-01 manager zed cid",
    ];
    assert_eq!(told, expected);
    assert_eq!(book.recorded(r#"{"fact": "payee", "at": "2027-01-01", "payee": "zed", "manager": "ana"}"#), NOTHING);
}

#[test]
fn recording_credit_that_no_plan_pays_says_so() {
    let Some(folder) = shared("cases/plans/credit-without-assignment") else { return };
    let text = |name: &str| std::fs::read_to_string(folder.join(name)).expect("a file of the case");
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", &text("plan.toml"))]);
    let told = "unassigned-credit: 2027-01-20 B1 booking ana 50% primary; 2027-01-20 B1 booking bea 50% primary";
    assert_eq!(book.recorded(&text("facts.jsonl")), [told]);
}

// When a plan is checked ----------------------------------------------------------------------------------------------

#[test]
fn a_plan_that_selects_what_no_fact_has_is_warned_of_once_there_are_facts() {
    let Some(file) = shared("cases/plans/unquoted-tiers.toml") else { return };
    let plan = std::fs::read_to_string(file).expect("a plan");
    let plan = ["100", "125", "150"]
        .iter()
        .fold(plan, |plan, from| plan.replace(&format!("from = {from},"), &format!("from = \"{from}%\",")));
    let said = |book: &TestBook| {
        let output = book.run(&["plan", "check", &book.write("tiers.toml", &plan)]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said.lines().filter(|line| line.starts_with("warning[plan-warn-unseen]")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(said(&TestBook::with_book()), NOTHING, "a book without facts");
    let told = [
        "warning[plan-warn-unseen]: no fact of the book has the motion `new-logo`",
        "warning[plan-warn-unseen]: no fact of the book has the amount `acv`",
        "warning[plan-warn-unseen]: no fact of the book has the attribute type `New Business`",
    ];
    assert_eq!(said(&book_with(PLAN, WHOLE)), told);
    let facts = r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-9", "account": "acme", "motion": "new-logo", "arr": "1", "amounts": {"acv": "1"}, "currency": "USD", "attributes": {"type": "New Business"}}"#;
    assert_eq!(said(&book_with(PLAN, &format!("{}\n{facts}", WHOLE.trim()))), NOTHING);
}

// In words ------------------------------------------------------------------------------------------------------------

#[test]
fn each_class_is_told_in_one_sentence() {
    let book = with(
        r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "motion": "new-busines", "arr": "1000", "currency": "USD"}
{"fact": "booking", "at": "2027-01-07", "booking": "B-3", "account": "acme", "motion": "new-business", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "60%"}, {"payee": "ana", "role": "overlay", "percent": "50%"}]}
{"fact": "booking", "at": "2027-01-08", "booking": "B-4", "account": "bolt", "motion": "new-business", "arr": "100", "currency": "EUR"}
{"fact": "booking", "at": "2027-01-08", "booking": "B-5", "account": "bolt", "contract": "bolt-2", "motion": "new-business", "arr": "100", "currency": "EUR", "credit": [{"payee": "bea", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-08", "booking": "B-6", "account": "bolt", "contract": "bolt-2", "motion": "new-business", "arr": "100", "currency": "EUR"}
{"fact": "signal", "at": "2027-01-21", "signal": "seen", "account": "acme"}
{"fact": "usage-snapshot", "account": "amce", "meter": "gpu", "from": "2027-01-10", "to": "2027-01-12", "amount": "1030.00", "currency": "USD"}"#,
    );
    let preview = book.done(&["preview", "2027-01"]);
    let told = preview.split("payee  currency").next().expect("what comes before the table");
    let close = book.run(&["close", "2027-01"]);
    let close = String::from_utf8(close.stderr).expect("UTF-8");
    let early = gated(&used("2027-01-01", "2027-01-20", "1000.00"));
    let early = early.done(&["preview", "2027-01"]);
    let early = early.split("payee  currency").next().expect("what comes before the table");
    is_written("missing/preview.txt", &format!("{told}{early}"));
    for line in told.lines().filter(|line| line.starts_with("warning")) {
        assert!(close.contains(line), "the close says: {line}\n{close}");
    }
}

// Readiness -----------------------------------------------------------------------------------------------------------

#[test]
fn a_preview_says_how_far_usage_reaches_and_whose_pay_changes_most() {
    let book = with(FEBRUARY);
    book.done(&["close", "2027-01"]);
    let february = book.json(&["preview", "2027-02"]);
    let readiness = &february["readiness"];
    assert_eq!(readiness["usage_complete"], Value::Null);
    assert_eq!(readiness["usage_known"], "2027-02-28");
    assert_eq!(readiness["against"], "2027-01");
    let change = &readiness["changes"][0];
    let of = |name: &str| change[name].as_str().expect("a text").to_owned();
    assert_eq!([of("payee"), of("pay"), of("before"), of("change")], ["ana", "5.00", "1210.00", "-1205.00"]);
    assert_eq!(
        change["because"][0].to_string(),
        r#"{"amount":"-1200.00","component":"arr","plan":"land","what":"component"}"#
    );
    book.take(
        r#"{"fact": "booking", "at": "2027-02-06", "booking": "B-7", "account": "acme", "motion": "new-business", "arr": "50000", "currency": "USD"}
{"fact": "usage-complete", "at": "2027-02-28"}
{"fact": "usage-complete", "at": "2027-01-31", "account": "acme"}"#,
    );
    let told = book.done(&["preview", "2027-02"]);
    let digest = told.lines().last().expect("a digest").to_owned();
    is_written("missing/readiness.txt", &told.replace(&digest, "digest  …"));
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
}

#[test]
fn an_assignment_that_is_ended_backwards_leaves_its_bookings_without_anybody() {
    let book = with("");
    assert_eq!(book.missing("2027-01"), [""; 0]);
    let said = book.take(&format!(
        "{FEBRUARY}\n{}",
        r#"{"fact": "assignment-end", "at": "2027-01-03", "payee": "ana", "plan": "land"}"#
    ));
    assert!(said.contains("missing-unassigned-credit"), "{said}");
    let missing = book.missing("2027-02");
    assert!(missing.iter().any(|one| one.starts_with("unassigned-credit") && one.contains("B-1")), "{missing:?}");
}
