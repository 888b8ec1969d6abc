//! Credit notes: a partial refund takes back what was earned at the sale's own rates (calculation.md 2, 4, 9).

use serde_json::Value;

use crate::support::TestBook;

const HEAD: &str = "plan = \"land\"\nversion = 1\nedition = 1\ncurrency = \"USD\"\neffective = 2027-01-01\n\n[[component]]\nid = \"arr\"\nmeasure = { booking = \"arr\" }\nperiod = \"year\"\nrate = \"10%\"\n";
const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "land"}
"#;

/// A book of ana's, whose plan has these further lines, with these facts.
fn new_book(plan: &str, facts: &str) -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", &format!("{HEAD}{plan}"))]);
    record(&book, &format!("{PEOPLE}{facts}"));
    book
}

fn record(book: &TestBook, facts: &str) {
    book.done(&["record", &book.write("facts.jsonl", facts)]);
}

fn booking(id: &str, at: &str, rest: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "{at}", "booking": "{id}", "account": "acme", "currency": "USD", "credit": [{{"payee": "ana", "percent": "100%"}}], {rest}}}"#
    ) + "\n"
}

fn note(id: &str, at: &str, rest: &str) -> String {
    format!(r#"{{"fact": "credit-note", "at": "{at}", "credit_note": "{id}", {rest}}}"#) + "\n"
}

/// Closes months up to one, the first of them `2027-01`, and gives what the last posted: item/part, amount, reason.
fn closed(book: &TestBook, months: &[&str]) -> Vec<String> {
    months.iter().for_each(|month| drop(book.done(&["close", month])));
    let statements = book.json(&["statement", "--all", months.last().expect("a month")]);
    let lines = statements.as_array().into_iter().flatten().flat_map(|one| one["lines"].as_array().cloned());
    let text = |line: &Value, name: &str| line[name].as_str().unwrap_or("none").to_owned();
    let line = |line: Value| {
        let of = ["item", "part", "amount", "reason"].map(|name| text(&line, name));
        format!("{}/{} {} {}", of[0], of[1], of[2], of[3])
    };
    lines.flatten().map(line).collect()
}

const TIERS: &str = "tiers = [{ from = \"100000\", rate = \"12%\" }]\n";

#[test]
fn a_refund_is_posted_at_the_rates_of_the_sale() {
    let book = new_book(
        TIERS,
        &(booking("B-1", "2027-01-05", r#""arr": "90000""#) + &booking("B-2", "2027-02-05", r#""arr": "50000""#)),
    );
    assert_eq!(closed(&book, &["2027-01"]), ["B-1/whole 9000.00 none"]);
    assert_eq!(closed(&book, &["2027-02"]), ["B-2/whole 5800.00 none"]);
    record(&book, &note("CN-1", "2027-03-10", r#""booking": "B-2", "arr": "20000", "reason": "seats returned""#));
    assert_eq!(closed(&book, &["2027-03"]), ["B-2/whole -2400.00 credit-note"]);
    let explained = book.done(&["explain", "ana", "land/arr/whole/B-2", "2027-03"]);
    assert!(explained.contains("credit note CN-1"), "{explained}");
    assert!(book.done(&["statement", "ana", "2027-03"]).contains("credit note"));
    assert!(book.done(&["history", "CN-1"]).contains("20000"));
    assert!(book.done(&["history", "B-2"]).contains("CN-1"));
    // The note is retracted: what it took is earned again, for the same reason.
    record(&book, r#"{"fact": "retraction", "retracts": "credit-note:CN-1", "reason": "a mistake"}"#);
    assert_eq!(closed(&book, &["2027-04"]), ["B-2/whole 2400.00 credit-note"]);
}

#[test]
fn later_lines_of_the_period_move_down_the_tiers() {
    let book = new_book(
        TIERS,
        &(booking("B-1", "2027-01-05", r#""arr": "90000""#) + &booking("B-2", "2027-02-05", r#""arr": "50000""#)),
    );
    closed(&book, &["2027-01", "2027-02"]);
    // 90,000 becomes 60,000; B-2 runs from 60,000 to 110,000: 40,000 x 10 % + 10,000 x 12 % = 5,200.
    record(&book, &note("CN-1", "2027-03-10", r#""booking": "B-1", "arr": "30000""#));
    assert_eq!(closed(&book, &["2027-03"]), ["B-1/whole -3000.00 credit-note", "B-2/whole -600.00 credit-note"]);
}

#[test]
fn a_note_that_is_recorded_before_its_day_counts_from_that_day() {
    let facts = booking("B-1", "2027-01-05", r#""arr": "90000""#)
        + &note("CN-1", "2027-03-01", r#""booking": "B-1", "arr": "10000""#);
    let book = new_book("", &facts);
    assert_eq!(closed(&book, &["2027-01"]), ["B-1/whole 9000.00 none"]);
    assert!(closed(&book, &["2027-02"]).is_empty());
    assert_eq!(closed(&book, &["2027-03"]), ["B-1/whole -1000.00 credit-note"]);
}

#[test]
fn arr_takes_of_the_tcv_only_where_that_comes_from_it() {
    let tcv = "\n[[component]]\nid = \"tcv\"\nmeasure = { booking = \"tcv\" }\nrate = \"1%\"\n";
    let facts = booking("B-1", "2027-01-05", r#""arr": "12000", "months": 24"#)
        + &booking("B-2", "2027-01-06", r#""arr": "12000", "tcv": "30000""#);
    let book = new_book(tcv, &facts);
    let first = ["B-1/whole 1200.00 none", "B-2/whole 1200.00 none", "B-1/whole 240.00 none", "B-2/whole 300.00 none"];
    assert_eq!(closed(&book, &["2027-01"]), first);
    let both = note("CN-1", "2027-02-01", r#""booking": "B-1", "arr": "6000""#)
        + &note("CN-2", "2027-02-01", r#""booking": "B-2", "arr": "6000""#);
    record(&book, &both);
    let next = ["B-1/whole -600.00 credit-note", "B-2/whole -600.00 credit-note", "B-1/whole -120.00 credit-note"];
    assert_eq!(closed(&book, &["2027-02"]), next);
    // 12,000 of TCV are left of B-1, and the next note names its part.
    record(&book, &note("CN-3", "2027-03-01", r#""booking": "B-1", "arr": "1000", "tcv": "12000""#));
    assert_eq!(closed(&book, &["2027-03"]), ["B-1/whole -100.00 credit-note", "B-1/whole -120.00 credit-note"]);
    let too_much = note("CN-4", "2027-03-02", r#""booking": "B-1", "arr": "1000""#);
    assert!(book.refused(&["record", &book.write("facts.jsonl", &too_much)]).contains("take 26000 of `tcv`"));
}

const BURN: &str = r#"
[[component.installment]]
id = "signed"
share = "50%"

[[component.installment]]
id = "used"
share = "50%"
after = "2 months"
when = { burn = "1 month", at-least = "50%" }
"#;

/// ARR of 36,500 promises 100 a day. The window of the condition on March 1 is February: 28 days.
#[test]
fn burn_looks_day_by_day() {
    let of = |used: &str, notes: &str| {
        let usage = format!(
            r#"{{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "{used}", "currency": "USD"}}"#
        );
        let book = new_book(BURN, &(booking("B-1", "2027-01-01", r#""arr": "36500""#) + notes + &usage));
        closed(&book, &["2027-01", "2027-02", "2027-03"])
    };
    assert_eq!(of("1400", ""), ["B-1/used 1825.00 none"]);
    assert!(of("1399", "").is_empty());
    // From February 15 on 50 a day are promised: 14 x 100 + 14 x 50 = 2,100.
    let note_of_february = note("CN-1", "2027-02-15", r#""booking": "B-1", "arr": "18250""#);
    assert_eq!(of("1050", &note_of_february), ["B-1/used 912.50 none"]);
    assert!(of("1049.99", &note_of_february).is_empty());
    // All of it is gone before the window begins: nothing is promised any more, and burn is 0 %.
    let all = note("CN-1", "2027-01-31", r#""booking": "B-1", "amounts": {"services": "1"}, "arr": "36500""#);
    let book =
        new_book(BURN, &(booking("B-1", "2027-01-01", r#""arr": "36500", "amounts": {"services": "5"}"#) + &all));
    closed(&book, &["2027-01", "2027-02"]);
    assert!(closed(&book, &["2027-03"]).is_empty());
}

#[test]
fn usage_goes_to_the_other_bookings_from_the_day_of_the_note() {
    // Both bookings promise 100 a day. From February 15 on B-1 has none of it, and B-2 all of the usage.
    let facts = booking("B-1", "2027-01-01", r#""arr": "36500""#)
        + &booking("B-2", "2027-01-01", r#""arr": "36500""#)
        + &note("CN-1", "2027-02-15", r#""booking": "B-1", "arr": "36500""#)
        + r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "1866.67", "currency": "USD"}"#;
    // B-1: half of 14 days of 66.67 of 14 x 100 is 33 %. B-2: half of them and all of the others, of 28 x 100, is 50 %.
    let book = new_book(BURN, &facts);
    closed(&book, &["2027-01", "2027-02"]);
    assert_eq!(closed(&book, &["2027-03"]), ["B-2/used 1825.00 none"]);
}

const CONSUMED: &str = r#"
[[component.installment]]
id = "signed"
share = "50%"

[[component.installment]]
id = "used"
share = "50%"
consumed = "50%"
"#;

#[test]
fn a_note_alone_can_make_what_is_consumed_reached_on_its_day() {
    let usage = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "800", "currency": "USD"}"#;
    let sold = booking("B-1", "2027-01-01", r#""arr": "12000", "months": 2"#);
    let book = new_book(CONSUMED, &(sold + usage));
    closed(&book, &["2027-01"]);
    assert!(closed(&book, &["2027-02"]).is_empty());
    // 800 of 1,600 is half, although the term has ended when the note comes.
    record(&book, &note("CN-1", "2027-03-10", r#""booking": "B-1", "tcv": "400""#));
    assert_eq!(closed(&book, &["2027-03"]), ["B-1/used 600.00 none"]);
    let statements = book.json(&["statement", "--all", "2027-03"]);
    assert_eq!(statements[0]["lines"][0]["due"], "2027-03-10");
}

#[test]
fn nothing_is_consumed_of_what_only_credit_notes_left_nothing_of() {
    let usage = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "40000", "currency": "USD"}"#;
    let all = note("CN-1", "2027-01-20", r#""booking": "B-1", "tcv": "12000""#);
    let book = new_book(CONSUMED, &(booking("B-1", "2027-01-01", r#""arr": "12000""#) + &all + usage));
    closed(&book, &["2027-01"]);
    assert!(closed(&book, &["2027-02"]).is_empty());
    assert!(closed(&book, &["2027-03"]).is_empty());
}

const CLAWBACK: &str = r#"
[[component.clawback]]
id = "churn"
on = "cancellation"
take-back = "50%"
"#;

/// The cancellation takes half of what is left, whatever order the facts came in.
#[test]
fn a_clawback_takes_from_what_the_notes_left() {
    let sold = booking("B-1", "2027-01-05", r#""arr": "100000""#);
    let refund = note("CN-1", "2027-02-10", r#""booking": "B-1", "arr": "40000""#);
    let ends = r#"{"fact": "cancellation", "at": "2027-03-10", "booking": "B-1"}"#.to_owned() + "\n";
    let part = "\n[[component.installment]]\nid = \"all\"\nshare = \"100%\"\n";
    let plan = format!("after-cancellation = \"pay\"\n{part}{CLAWBACK}");
    let in_order = new_book(&plan, &sold);
    assert_eq!(closed(&in_order, &["2027-01"]), ["B-1/all 10000.00 none"]);
    record(&in_order, &refund);
    assert_eq!(closed(&in_order, &["2027-02"]), ["B-1/all -4000.00 credit-note"]);
    record(&in_order, &ends);
    assert_eq!(closed(&in_order, &["2027-03"]), ["B-1/churn -3000.00 none"]);
    // The refund comes last, dated before the cancellation or after it.
    for late in [refund.clone(), refund.replace("2027-02-10", "2027-04-10")] {
        let book = new_book(&plan, &(sold.clone() + &ends));
        closed(&book, &["2027-01", "2027-02"]);
        assert_eq!(closed(&book, &["2027-03"]), ["B-1/churn -5000.00 none"]);
        record(&book, &late);
        assert_eq!(closed(&book, &["2027-04"]), ["B-1/all -4000.00 credit-note", "B-1/churn 2000.00 clawback"]);
    }
}

#[test]
fn what_a_booking_has_notes_of_stays_as_large_as_they_are() {
    let book = new_book(
        "",
        &(booking("B-1", "2027-01-05", r#""arr": "100", "amounts": {"services": "50"}"#)
            + &note("CN-1", "2027-01-20", r#""booking": "B-1", "arr": "60", "amounts": {"services": "50"}"#)),
    );
    let again = |rest: &str| booking("B-1", "2027-01-05", &format!("{rest}, \"corrects\": true"));
    let refused = |facts: &str| book.refused(&["record", &book.write("facts.jsonl", facts)]);
    assert!(refused(&again(r#""arr": "59", "amounts": {"services": "50"}"#)).contains("take 60 of `arr`"));
    assert!(refused(&again(r#""arr": "100""#)).contains("take 50 of `services`"));
    assert!(refused(&again(r#""arr": "100", "amounts": {"services": "-1"}"#)).contains("fact-credit-note-negative"));
    assert!(
        refused(r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "x"}"#).contains("credit-note:CN-1")
    );
    assert!(
        refused(&booking("B-1", "2027-01-21", r#""arr": "100", "amounts": {"services": "50"}, "corrects": true"#))
            .contains("credit-note:CN-1")
    );
    record(&book, &again(r#""arr": "60", "amounts": {"services": "50"}"#));
    // A note that is corrected gives its place to the correction.
    record(&book, &note("CN-1", "2027-01-20", r#""booking": "B-1", "arr": "59", "corrects": true"#));
    assert!(refused(&note("CN-2", "2027-01-20", r#""booking": "B-1", "arr": "2""#)).contains("take 61 of `arr`"));
    assert!(
        refused(&note("CN-1", "2027-01-20", r#""booking": "B-1", "arr": "2""#)).contains("fact-credit-note-exists")
    );
    record(&book, &note("CN-1", "2027-01-20", r#""booking": "B-1", "arr": "59""#));
}
