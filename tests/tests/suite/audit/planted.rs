//! What somebody with write access to the files, the keys of the book and a snapshot can plant, and how an audit names it.

use ledger::entry::Entry;
use ledger::fact::{Payload, Record, Settlement};
use ledger::field::Amount;
use serde_json::Value;

use super::forged::{append, appended_by, changed, entries, has_snapshot, put_snapshot_of, signed, size};
use crate::four_eyes;
use crate::payouts::{closed_book, copy_of};
use crate::support::TestBook;

const LINE: &str = "land/arr/whole/B-3";

/// June has a booking of this amount, and is open.
fn before_june(book: TestBook, arr: &str) -> TestBook {
    let fact = format!(
        r#"{{"fact": "booking", "at": "2027-06-10", "booking": "B-3", "account": "acme", "arr": "{arr}", "currency": "USD", "credit": [{{"payee": "june", "percent": "100%"}}]}}"#
    );
    book.done(&["record", &book.write("june.jsonl", &fact)]);
    book
}

fn close_june(book: &TestBook) {
    book.done(&["close", "2027-06"]);
}

/// The differences of an audit that finds some: `period payee what.field line: posted, derived (class, entry position)`.
pub fn named(book: &TestBook, status: i32) -> Vec<String> {
    let found = book.json_ended(&["audit"], status);
    let differences = found["differences"].as_array().expect("differences");
    differences.iter().map(words).collect()
}

fn words(found: &Value) -> String {
    let text = |name: &str| found[name].as_str().unwrap_or("-").to_owned();
    let (posted, derived) = (text("posted"), text("derived"));
    // Hashes are not written down in tests.
    let short = |text: String| if text.len() == 64 { "a digest".to_owned() } else { text };
    format!(
        "{} {} {}.{} {}: {:?}, {:?} ({}, {})",
        text("period"),
        text("payee"),
        text("what"),
        text("field"),
        text("line"),
        short(posted),
        short(derived),
        text("class"),
        found["position"]
    )
}

fn is_line(record: &Record, name: &str) -> bool {
    match record {
        Record::Earning(earning) => projections::lines::name_of(&earning.line).to_string() == name,
        _other => false,
    }
}

fn position_of(entries: &[Entry], name: &str) -> u64 {
    let is = |entry: &&Entry| matches!(&entry.payload, Payload::Record(record) if is_line(record, name));
    entries.iter().find(is).expect("a line").position
}

/// A close as it would be with 10 USD more of ARR: its hashes, settlement, sums and digest are consistent.
#[test]
fn a_forged_earning_is_named_once_and_not_again() {
    let open = closed_book();
    let other = before_june(copy_of(&open), "10010");
    let book = before_june(open, "10000");
    close_june(&other);
    let forged = entries(&other, size(&book));
    let at = position_of(&forged, LINE);
    append(&book, forged);
    assert_eq!(book.json(&["verify"])["verdict"], "consistent");
    let expected = format!("2027-06 june line.amount {LINE}: \"1001.00\", \"1000.00\" (altered, {at})");
    assert_eq!(named(&book, 1), std::slice::from_ref(&expected));
    let found = &book.json_ended(&["audit", "2027-06"], 1)["differences"][0];
    assert_eq!((&found["difference"], &found["currency"]), (&"1.00".into(), &"USD".into()));
    let trace = &found["trace"];
    assert_eq!((&trace["posted"]["position"], &trace["posted"]["entitled"]), (&at.into(), &"1001.00".into()));
    assert_eq!(trace["derived"]["entitled"], "1000.00");
    let booking = book.json(&["log", "--kind", "booking"]).as_array().expect("bookings")[2]["position"].clone();
    let steps = trace["derived"]["why"].to_string();
    assert!(steps.contains(&format!("\"{booking}\"")), "the steps name the booking at {booking}: {steps}");
    // The next close posts the opposite, and is as it is derived. The difference is still of June.
    book.done(&["close", "2027-07"]);
    book.done(&["close", "2027-08"]);
    assert_eq!(named(&book, 1), [expected]);
    let found = book.json_ended(&["audit"], 1);
    assert_eq!(found["differences"][0]["taken_back"]["period"], "2027-07");
    for quiet in ["2027-04", "2027-07", "2027-08"] {
        assert_eq!(book.json(&["audit", quiet])["differences"], serde_json::json!([]), "{quiet}");
    }
    let text = book.run(&["audit"]);
    let text = String::from_utf8_lossy(&text.stdout);
    assert!(text.contains("posted 1,001.00, derived 1,000.00: 1.00 USD too much"), "{text}");
}

#[test]
fn a_line_that_was_left_out_is_named() {
    let book = before_june(closed_book(), "10000");
    let mut forged = appended_by(&book, close_june);
    forged.retain(|entry| !matches!(&entry.payload, Payload::Record(record) if is_line(record, LINE)));
    let (settlement, end) = (size(&book) + forged.len() as u64 - 2, size(&book) + forged.len() as u64 - 1);
    append(&book, forged);
    let settled = |field: &str, posted: &str, derived: &str| {
        format!("2027-06 june settlement.{field} -: {posted:?}, {derived:?} (altered, {settlement})")
    };
    let digest = |field: &str| format!("2027-06 - close.{field} -: \"a digest\", \"a digest\" (altered, {end})");
    assert_eq!(
        named(&book, 1),
        [
            format!("2027-06 june line.amount {LINE}: \"\", \"1000.00\" (altered, null)"),
            settled("gross", "1000.00", "0.00"),
            settled("pay", "1000.00", "0.00"),
            settled("closing.payable", "6500.00", "5500.00"),
            format!("2027-06 - close.lines -: \"1\", \"0\" (altered, {end})"),
            digest("digest"),
            digest("trial_balance"),
        ]
    );
}

/// The other way round: the settlement and the digest are those of a close without the line.
#[test]
fn a_line_that_was_left_out_consistently_is_named_and_comes_later() {
    let open = closed_book();
    let note = r#"{"fact": "booking", "at": "2027-09-10", "booking": "B-3", "account": "acme", "arr": "10000", "currency": "USD", "credit": [{"payee": "june", "percent": "100%"}]}"#;
    let other = copy_of(&open);
    other.done(&["record", &other.write("june.jsonl", note)]);
    let book = before_june(open, "10000");
    close_june(&other);
    let forged = entries(&other, size(&book));
    append(&book, forged);
    assert_eq!(named(&book, 1), [format!("2027-06 june line.amount {LINE}: \"\", \"1000.00\" (altered, null)")]);
    book.done(&["close", "2027-07"]);
    let found = book.json_ended(&["audit"], 1);
    let differences = found["differences"].as_array().expect("differences");
    assert_eq!((differences.len(), &differences[0]["class"]), (1, &"altered".into()));
    assert_eq!(differences[0]["taken_back"]["period"], "2027-07");
}

/// The snapshot has the facts of another history, the root of this one and the seal of the book. The close believes it; the audit
/// does not read it.
#[test]
fn a_close_from_a_forged_snapshot_is_named() {
    let open = closed_book();
    let other = before_june(copy_of(&open), "10010");
    let book = before_june(open, "10000");
    other.done(&["snapshot"]);
    put_snapshot_of(&other, &book);
    close_june(&book);
    assert!(has_snapshot(&book));
    let at = position_of(&entries(&book, 0), LINE);
    let expected = [format!("2027-06 june line.amount {LINE}: \"1001.00\", \"1000.00\" (altered, {at})")];
    assert_eq!(named(&book, 1), expected, "with the snapshot there");
    std::fs::remove_dir_all(book.book().join("derived")).expect("removed");
    assert_eq!(named(&book, 1), expected, "without it");
}

#[test]
fn what_a_close_says_wrongly_is_named() {
    let book = before_june(closed_book(), "10000");
    let honest = appended_by(&book, close_june);
    let end = size(&book) + honest.len() as u64 - 1;
    let with = |change: &mut dyn FnMut(&mut Record)| {
        let forged = copy_of(&book);
        append(&forged, changed(honest.clone(), change));
        named(&forged, 1)
    };
    let settlement = |settled: &mut Settlement| {
        settled.closing.payable = Amount::parse("7000.00").expect("an amount");
    };
    let found = with(&mut |record| match record {
        Record::Settlement(settled) if settled.payee.as_str() == "june" => settlement(settled),
        _other => {}
    });
    assert_eq!(
        found,
        [
            format!("2027-06 june settlement.closing.payable -: \"7000.00\", \"6500.00\" (altered, {})", end - 1),
            format!("2027-06 - close.digest -: \"a digest\", \"a digest\" (altered, {end})"),
        ]
    );
    let found = with(&mut |record| {
        if let Record::PeriodClose(close) = record {
            close.digest[3] ^= 1;
            close.lines += 1;
        }
    });
    assert_eq!(
        found,
        [
            format!("2027-06 - close.lines -: \"2\", \"1\" (altered, {end})"),
            format!("2027-06 - close.digest -: \"a digest\", \"a digest\" (altered, {end})"),
        ]
    );
    // The digest does not cover the account of a line, nor who a posting is of.
    let at = position_of(&with_positions(&book, &honest), LINE);
    let found = with(&mut |record| {
        if let Record::Earning(earning) = record {
            earning.line.account = None;
        }
    });
    assert_eq!(found, [format!("2027-06 june line.account {LINE}: \"\", \"acme\" (altered, {at})")]);
    let found = with(&mut |record| {
        if let Record::Earning(earning) = record {
            earning.line.payee = ledger::id::PayeeId::new("ana").expect("a payee");
        }
    });
    assert!(
        found.contains(&format!("2027-06 ana line.payee {LINE}: \"ana USD\", \"june USD\" (altered, {at})")),
        "{found:?}"
    );
}

/// Entries that no program could have made stop neither the audit nor the next close from being audited.
#[test]
fn postings_of_no_close_and_of_nobody_are_named() {
    let book = before_june(closed_book(), "10000");
    let honest = appended_by(&book, close_june);
    let is_line = |entry: &&Entry| matches!(&entry.payload, Payload::Record(Record::Earning(_)));
    let line = honest.iter().find(is_line).expect("a line").clone();
    let stray = copy_of(&book);
    let at = size(&stray);
    append(&stray, vec![line]);
    let expected = format!("2027-06 june close.end -: \"{LINE} 1000\", \"\" (altered, {at})");
    assert_eq!(named(&stray, 1), std::slice::from_ref(&expected));
    stray.done(&["close", "2027-06"]);
    assert!(named(&stray, 1).contains(&expected));
    // Of a payee that the book does not know, in all of its entries.
    let ghost = ledger::id::PayeeId::new("ghost").expect("a payee");
    append(
        &book,
        changed(honest, |record| match record {
            Record::Earning(earning) => earning.line.payee = ghost.clone(),
            Record::Settlement(settled) if settled.payee.as_str() == "june" => settled.payee = ghost.clone(),
            _other => {}
        }),
    );
    let found = named(&book, 1);
    assert!(
        found
            .iter()
            .any(|found| found.starts_with(&format!("2027-06 ghost line.amount {LINE}: \"1000.00\", \"0.00\""))),
        "{found:?}"
    );
    assert!(
        found.iter().any(|found| found.starts_with(&format!("2027-06 june line.amount {LINE}: \"\", \"1000.00\""))),
        "{found:?}"
    );
    book.run(&["audit", "--sample", "9", "--seed", "1", "--evidence", "evidence"]);
    assert!(book.folder.path().join("evidence/sample.json").exists(), "the evidence for what is wrong is written, too");
}

/// The entries as they lie in the book after they are appended.
fn with_positions(book: &TestBook, entries: &[Entry]) -> Vec<Entry> {
    let placed = (size(book)..).zip(entries).map(|(position, entry)| Entry { position, ..entry.clone() });
    placed.collect()
}

#[test]
fn a_reversal_that_takes_from_other_postings_is_named() {
    let book = closed_book();
    let fact = r#"{"fact": "booking", "at": "2027-05-10", "booking": "B-2", "account": "acme", "arr": "9000", "currency": "USD", "corrects": true, "credit": [{"payee": "june", "percent": "100%"}]}"#;
    book.done(&["record", &book.write("less.jsonl", fact)]);
    let honest = appended_by(&book, close_june);
    let mut taken = String::new();
    let forged = changed(honest, |record| {
        if let Record::Reversal(reversal) = record {
            taken = reversal.takes_from[0].to_string();
            reversal.takes_from = vec![3, 4];
        }
    });
    let at = size(&book);
    append(&book, forged);
    let found = named(&book, 1);
    let expected = format!("2027-06 june line.takes_from land/arr/whole/B-2: \"3, 4\", {taken:?} (altered, ");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&expected), "{found:?}, from entry {at} on");
}

// Under a policy ----------------------------------------------------------------------------------------------------------

fn under_policy() -> TestBook {
    four_eyes::under_policy("[]")
}

/// What the policy does not allow: the kind, the entry and the sentence.
fn not_allowed(book: &TestBook) -> Vec<String> {
    let found = book.json_ended(&["audit"], 1);
    let differences = found["differences"].as_array().expect("differences").iter();
    let policy = differences.filter(|found| found["what"] == "policy");
    policy.map(|found| format!("{} {}", found["position"], found["finding"].as_str().expect("a text"))).collect()
}

#[test]
fn a_payout_without_approval_is_named() {
    let book = under_policy();
    let approve = |book: &TestBook| drop(four_eyes::done(book, &["approve", "2027-05"], &["cro"]));
    let pay = |book: &TestBook| drop(four_eyes::done(book, &["payout", "2027-05"], &["ops"]));
    let both = appended_by(&book, |book| {
        approve(book);
        pay(book);
    });
    // The payouts alone.
    let at = size(&book);
    append(&book, signed(&book, both[1..].to_vec(), &["ops"]));
    assert_eq!(
        named(&book, 1),
        [
            format!("2027-05 ana payout.amount -: \"500.00\", \"0.00\" (altered, {at})"),
            format!("2027-05 june payout.amount -: \"5500.00\", \"0.00\" (altered, {})", at + 1),
        ]
    );
}

#[test]
fn a_payout_of_more_than_approved_is_named() {
    let book = under_policy();
    four_eyes::done(&book, &["approve", "2027-05"], &["cro"]);
    let honest = appended_by(&book, |book| drop(four_eyes::done(book, &["payout", "2027-05"], &["ops"])));
    let more = Amount::parse("5500.01").expect("an amount");
    let forged = changed(honest, |record| {
        if let Record::Payout(payout) = record
            && payout.payee.as_str() == "june"
        {
            payout.amount = more;
        }
    });
    let at = size(&book) + 1;
    append(&book, signed(&book, forged, &["ops"]));
    assert_eq!(named(&book, 1), [format!("2027-05 june payout.amount -: \"5500.01\", \"5500.00\" (altered, {at})")]);
}

#[test]
fn an_approval_by_somebody_without_the_role_or_by_the_closer_is_named() {
    for (signers, says) in [(&[][..], "role"), (&["ops"][..], "role"), (&["cfo"][..], "closed")] {
        let book = under_policy();
        let book = before_june(book, "10000");
        four_eyes::done(&book, &["close", "2027-06"], &["cfo"]);
        let honest = appended_by(&book, |book| drop(four_eyes::done(book, &["approve", "2027-06"], &["cro"])));
        let at = size(&book);
        append(&book, signed(&book, honest, signers));
        let found = not_allowed(&book);
        assert_eq!(found.len(), 1, "{signers:?}: {found:?}");
        assert!(found[0].starts_with(&format!("{at} ")) && found[0].contains(says), "{signers:?}: {found:?}");
    }
}

#[test]
fn an_adjustment_that_nobody_signed_is_named() {
    let book = under_policy();
    let fact = r#"{"fact": "adjustment", "at": "2027-06-05", "payee": "june", "amount": "75", "currency": "USD", "reason": "goodwill"}"#;
    let honest = appended_by(&book, |book| {
        let file = book.write("adjusted.jsonl", fact);
        four_eyes::done(book, &["record", &file], &["cfo"]);
    });
    let at = size(&book);
    append(&book, signed(&book, honest, &[]));
    four_eyes::done(&book, &["close", "2027-06"], &["cfo"]);
    let found = not_allowed(&book);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with(&format!("{at} ")) && found[0].contains("adjust"), "{found:?}");
}
