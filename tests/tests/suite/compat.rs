//! Books of the formats that were ever written: the present one is read as it was written, and an older one is refused.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{TestBook, is_written};
use crate::{disputes, four_eyes, payouts};

fn kept(format: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("compat").join(format)
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
    }
}

/// A book with a copy of the book that is kept.
fn desk_of(format: &str) -> TestBook {
    let book = TestBook::new();
    copy(&kept(format).join("log"), &book.book().join("log"));
    // Every book has one; it is never written to.
    std::fs::write(book.book().join("log/lock"), "").expect("a file");
    book
}

#[test]
fn a_book_of_the_first_format_is_refused_by_name() {
    let book = desk_of("format-1");
    for arguments in [
        &["log"][..],
        &["balances"],
        &["statement", "ana", "2027-01"],
        &["record", "x.jsonl"],
        &["close", "2027-03"],
        &["log", "--checked"],
        &["log", "--at", "1"],
        &["verify"],
    ] {
        let said = book.refused(arguments);
        assert!(said.contains("error[book-format]: "), "{arguments:?}: {said}");
        assert!(said.contains("is of format 1, and this version of trueup reads format 2"), "{arguments:?}: {said}");
        assert!(said.contains("make a new book"), "{arguments:?}: {said}");
    }
}

const PLAN: &str = r#"
plan = "land"
version = 1
edition = 1
effective = 2027-01-01
currency = "USD"

[[component]]
id = "new"
measure = { booking = "arr" }
rate = "10%"
cancellation = "keep"

[[component.installment]]
id = "signature"
share = "60%"

[[component.installment]]
id = "live"
share = "40%"
signal = "live"

[[component.clawback]]
id = "gone"
on = "cancellation"
reverse = "all"
take-back = "100%"

[[component]]
id = "used"
measure = { usage = "amount" }
rate = "1%"

[[component]]
id = "seen"
measure = { signal = "live", value = "count" }
amount = "50"

[[draw]]
id = "bridge"
kind = "advance"
on = "assignment"
amount = "500"
months = 2
recoverable = true
recover-after = "1 month"
recover-rate = "50%"
"#;

const FACTS: &str = r#"{"fact":"payee","at":"2027-01-01","payee":"ana","name":"Ana B","currency":"USD","role":"ae"}
{"fact":"account","at":"2027-01-01","account":"acme","name":"Acme","segment":"enterprise"}
{"fact":"exchange-rate","at":"2027-01-01","from":"EUR","to":"USD","rate":"1.1"}
{"fact":"opening-balance","at":"2027-01-01","payee":"ana","currency":"USD","owed":"10"}
{"fact":"assignment","at":"2027-01-01","payee":"ana","plan":"land","quota":{"new":"100000"}}
{"fact":"quota","at":"2027-02-01","payee":"ana","plan":"land","component":"new","amount":"120000"}
{"fact":"booking","at":"2027-01-10","booking":"B-1","account":"acme","arr":"24000","currency":"USD","credit":[{"payee":"ana","role":"primary","percent":"100%"}]}
{"fact":"booking","at":"2027-01-11","booking":"B-2","account":"acme","contract":"c-2","arr":"1000","currency":"EUR","credit":[{"payee":"ana","role":"primary","percent":"50%"}]}
{"fact":"credit-split","at":"2027-01-01","on":{"account":"acme"},"shares":[{"payee":"ana","role":"primary","percent":"100%"}]}
{"fact":"usage-snapshot","account":"acme","from":"2027-01-01","to":"2027-01-31","amount":"2000","currency":"USD"}
{"fact":"signal","at":"2027-01-20","signal":"live","account":"acme","booking":"B-1","payee":"ana","id":"7f9a3f0e-93c4-4c11-9d9b-0d8f1f6c0001"}
{"fact":"adjustment","at":"2027-01-25","payee":"ana","amount":"75","currency":"USD","reason":"spot bonus","id":"7f9a3f0e-93c4-4c11-9d9b-0d8f1f6c0002"}
"#;

const LATER: &str = r#"{"fact":"cancellation","at":"2027-02-10","booking":"B-2","reason":"gone"}
{"fact":"retraction","retracts":"7f9a3f0e-93c4-4c11-9d9b-0d8f1f6c0002","reason":"given twice"}
{"fact":"assignment-end","at":"2027-03-31","payee":"ana","plan":"land"}
{"fact":"usage-snapshot","account":"acme","from":"2027-01-01","to":"2027-01-31","amount":"2500","currency":"USD"}
"#;

const MAPPING: &str = r#"
[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#;

fn build(book: &TestBook) {
    book.done(&["init", "--name", "format-2"]);
    let file = |name: &str, text: &str| book.write(name, text);
    book.done(&["plan", "publish", &file("land.toml", PLAN)]);
    book.done(&["record", &file("facts.jsonl", FACTS)]);
    let mapping = file("accounts.toml", MAPPING);
    book.done(&["record", &file("accounts.csv", "id\nglobex\n"), "--map", &mapping]);
    book.done(&["close", "2027-01"]);
    book.done(&["freeze", "2027-01-31", "--reason", "audited"]);
    book.done(&["record", &file("later.jsonl", LATER)]);
    book.done(&["close", "2027-02"]);
    book.done(&["close", "2027-03"]);
}

/// What commands say of the book, as they said it when it was written.
fn said(book: &TestBook) -> String {
    let mut said = book.done(&["log", "--format", "json", "-q"]);
    for period in ["2027-01", "2027-02", "2027-03"] {
        said += &book.done(&["statement", "--all", period, "--format", "json", "-q"]);
    }
    said
}

/// Words of all kinds of entries but those that a book of one opening close has.
fn kinds(book: &TestBook) -> BTreeSet<String> {
    let log = book.json(&["log"]);
    let entries = log.as_array().expect("an array");
    entries.iter().filter_map(|entry| entry["kind"].as_str().map(str::to_owned)).collect()
}

/// A book with everything that is done about what closes made payable, under a policy.
fn build_paid(book: &TestBook) {
    book.done(&["init", "--name", "format-2-paid"]);
    book.done(&["plan", "publish", &book.write("plan.toml", payouts::PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", payouts::FACTS)]);
    book.done(&["close", "2027-04"]);
    four_eyes::add_people(book);
    ["cfo", "cro", "ops"].iter().for_each(|name| drop(four_eyes::key_file(book, name)));
    let done = |command: &[&str], people: &[&str]| drop(four_eyes::done(book, command, people));
    done(&["policy", "set", &four_eyes::policy(book, r#"[{"kind": "approve", "not": "maker"}]"#)], &["cfo", "cro"]);
    done(&["close", "2027-05"], &["cfo"]);
    done(&["reject", "2027-04", "--payee", "june", "--reason", "B-1 is contested"], &["cro"]);
    done(&["approve", "2027-05", "--payee", "ana", "--comment", "checked"], &["cro"]);
    done(&["hold", "ana", "--amount", "100", "--currency", "USD", "--reason", "bank details"], &["cro"]);
    done(&["payout", "2027-05"], &["ops"]);
    let bank = "payee,currency,amount,status,reference,date\nana,USD,350.00,partly,T-1,2027-06-02\n";
    done(&["payout", "2027-05", "--confirm", &book.write("bank.csv", bank)], &["ops"]);
    done(&["release", "ana", "--reason", "they came"], &["cro"]);
    let cancelled = r#"{"fact": "cancellation", "at": "2027-06-02", "booking": "B-1"}
{"fact": "cancellation", "at": "2027-06-02", "booking": "B-2"}"#;
    book.done(&["record", &book.write("cancelled.jsonl", cancelled)]);
    done(&["close", "2027-06"], &["cfo"]);
    done(&["repay", "june", "--amount", "100", "--currency", "USD", "--reference", "wire 7"], &["ops"]);
    let of_draw = ["write-off", "june", "--amount", "50", "--currency", "USD", "--of", "draw", "--reason", "agreed"];
    done(&of_draw, &["cfo"]);
}

#[test]
fn a_book_with_payouts_says_what_it_said() {
    if std::env::var_os("TRUEUP_WRITE").is_some() && !kept("format-2-paid").exists() {
        let book = TestBook::new();
        build_paid(&book);
        copy(&book.book().join("log"), &kept("format-2-paid").join("log"));
        std::fs::remove_file(kept("format-2-paid").join("log/lock")).expect("a file");
    }
    let book = desk_of("format-2-paid");
    let verified: Value = book.json(&["verify"]);
    assert_eq!((&verified["verdict"], &verified["signatures"]), (&Value::from("consistent"), &Value::from(12)));
    let mut said = book.done(&["log", "--format", "json", "-q"]);
    for period in ["2027-04", "2027-05", "2027-06"] {
        said += &book.done(&["statement", "--all", period, "--format", "json", "-q"]);
    }
    for command in [&["trial-balance"][..], &["balances", "--roll-forward", "2027-04..2027-06"], &["policy", "show"]] {
        said += &book.done(&[command, &["--format", "json", "-q"]].concat());
    }
    is_written("compat/format-2-paid/said.jsonl", &said);
    let found = kinds(&book);
    let paid: Vec<&str> = NOT_IN_FORMAT_2.into_iter().filter(|word| found.contains(*word)).collect();
    assert_eq!(paid, NOT_IN_FORMAT_2.into_iter().filter(|word| !NOT_KEPT.contains(word)).collect::<Vec<_>>());
}

/// Kinds that came later than both books, or that an opening makes.
const NOT_KEPT: [&str; 8] =
    ["credit-note", "usage-complete", "checkpoint", "log-key", "opening-line", DISPUTED[0], DISPUTED[1], DISPUTED[2]];

/// Kinds that only the book with disputes has.
const DISPUTED: [&str; 3] = ["dispute", "dispute-answer", "resolution"];

/// A book with a dispute that is open, one that was rejected, and one that was accepted and corrected.
fn build_disputed(book: &TestBook) {
    book.done(&["init", "--name", "format-2-disputes"]);
    book.done(&["plan", "publish", &book.write("plan.toml", disputes::PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", disputes::FACTS)]);
    book.done(&["close", "2027-01"]);
    let file = book.write("order.eml", "60,000 a year");
    let open = ["dispute", "open", "ana", "2027-01", "--line", disputes::LINE, "--reason", "it is 60,000"];
    book.done(&[&open[..], &["--evidence", "8", &file]].concat());
    book.done(&["dispute", "answer", "1", "the order form is right"]);
    let by = disputes::recorded(book, &disputes::corrected("60000"));
    book.done(&["dispute", "resolve", "1", "accepted", "--by", &by, "corrected"]);
    book.done(&["dispute", "open", "ben", "2027-01", "--reason", "B-1 is mine"]);
    book.done(&["dispute", "resolve", "2", "rejected", "it is not"]);
    book.done(&["close", "2027-02"]);
    book.done(&["dispute", "open", "ben", "2027-02", "--reason", "there is nothing"]);
}

#[test]
fn a_book_with_disputes_says_what_it_said() {
    if std::env::var_os("TRUEUP_WRITE").is_some() && !kept("format-2-disputes").exists() {
        let book = TestBook::new();
        build_disputed(&book);
        copy(&book.book().join("log"), &kept("format-2-disputes").join("log"));
        std::fs::remove_file(kept("format-2-disputes").join("log/lock")).expect("a file");
    }
    let book = desk_of("format-2-disputes");
    assert_eq!(book.json(&["verify"])["verdict"], "consistent");
    let mut said = String::new();
    for command in [
        &["log"][..],
        &["statement", "--all", "2027-01"],
        &["statement", "--all", "2027-02"],
        &["dispute", "list"],
        &["dispute", "show", "1"],
    ] {
        said += &book.done(&[command, &["--format", "json", "-q"]].concat());
    }
    is_written("compat/format-2-disputes/said.jsonl", &said);
    let found = kinds(&book);
    assert!(DISPUTED.iter().all(|word| found.contains(*word)), "{found:?}");
}

#[test]
fn a_book_of_the_second_format_says_what_it_said() {
    if std::env::var_os("TRUEUP_WRITE").is_some() && !kept("format-2").exists() {
        let book = TestBook::new();
        build(&book);
        copy(&book.book().join("log"), &kept("format-2").join("log"));
        std::fs::remove_file(kept("format-2").join("log/lock")).expect("a file");
    }
    let book = desk_of("format-2");
    let verified: Value = book.json(&["verify"]);
    assert_eq!(verified["verdict"], "consistent");
    is_written("compat/format-2/said.jsonl", &said(&book));
    let found = kinds(&book);
    let all = ledger::fact::Body::WORDS.iter().chain(ledger::fact::Record::WORDS);
    let not_there: Vec<&str> = all.copied().filter(|word| !found.contains(*word)).collect();
    assert_eq!(not_there, NOT_IN_FORMAT_2);
}

/// Kinds that the book does not have: an opening close makes lines that are settled before the first one, and kinds that
/// came later are not in a book that is kept.
const NOT_IN_FORMAT_2: [&str; 18] = [
    "credit-note",
    "usage-complete",
    "author",
    "policy",
    "checkpoint",
    "log-key",
    "opening-line",
    "approval",
    "rejection",
    "hold",
    "release",
    "payout",
    "payout-result",
    "repayment",
    "write-off",
    DISPUTED[0],
    DISPUTED[1],
    DISPUTED[2],
];
