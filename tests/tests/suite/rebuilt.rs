//! `export --as jsonl`: what it writes, recorded into an empty book, gives the same entries and the same digests.

use std::io::{BufRead, BufReader};
use std::path::Path;

use ledger::entry::Entry;
use ledger::fact::{DisputeRecord, OwedOrDraw, Payload, Record};
use ledger::field::FreeText;
use ledger::id::Name;
use ledger::store::Memory;
use projections::lines::LineName;
use projections::lines::money;
use projections::posted_state::disputes::Dispute;
use replay::book::Book;
use replay::close::{CloseRequest, FirstMonth, close_of};
use replay::disputes::answer::answer;
use replay::disputes::open::{DisputeRequest, open};
use replay::disputes::refusal::DisputeError;
use replay::disputes::resolve::resolve;
use replay::pay::approval::{approve, reject};
use replay::pay::confirmation::{ConfirmationLine, confirm};
use replay::pay::hold::{hold, release};
use replay::pay::payout::payout;
use replay::pay::refusal::PayError;
use replay::pay::repayment::{repay, write_off};
use replay::rebuild::{RebuildClose, RebuildPay, RebuildStep, rebuild};
use replay::record::publish::publish;
use replay::record::{RecordOptions, Source, Versions, record};
use serde_json::Value;

use crate::incremental::{Step, Taken, stamp, take, whatever_is_done};
use crate::support::{TRUEUP, TestBook, shared};

// Whole books by the command ------------------------------------------------------------------------------------------

/// Exports a book, rebuilds it with the script, and gives the new one. The script compares every close.
pub fn rebuilt(book: &TestBook) -> TestBook {
    let new = TestBook::new();
    let folder = new.folder.path().join("out dir");
    book.done(&["export", "--as", "jsonl", "--out", &folder.display().to_string()]);
    let script = folder.join("rebuild.sh");
    let run = std::process::Command::new("sh")
        .args([&script, Path::new("book")])
        .current_dir(new.folder.path())
        .env("TRUEUP", TRUEUP)
        .env_remove("TRUEUP_KEYS")
        .env_remove("TRUEUP_FORMAT")
        .output()
        .expect("a shell");
    assert!(run.status.success(), "{}{}", text(&run.stdout), text(&run.stderr));
    new
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The digests of all closes, in their order.
fn digests(book: &TestBook) -> Vec<Value> {
    let log = book.json(&["log"]);
    let closes = log.as_array().expect("entries").iter().filter(|entry| entry["kind"] == "period-close");
    closes.map(|entry| entry["record"]["digest"].clone()).collect()
}

/// What each entry says, without what cannot be carried over: times, names of people, hashes, and the ids of books. Entries of
/// mappings are not carried over either, and positions behind them differ.
fn said(book: &TestBook) -> Vec<Value> {
    let log = book.json(&["log"]);
    let mut entries = log.as_array().expect("entries").clone();
    entries.retain(|entry| !["book", "mapping"].contains(&entry["kind"].as_str().expect("a kind")));
    for entry in &mut entries {
        let members = entry.as_object_mut().expect("an object");
        members.retain(|name, _| ["kind", "fact", "record", "id", "replaces", "position"].contains(&name.as_str()));
        if members["kind"] == "period-close" {
            let digest = members["record"]["digest"].clone();
            members.remove("id");
            members.insert("record".to_owned(), digest);
        }
    }
    entries
}

fn must_be_same(book: &TestBook) {
    let new = rebuilt(book);
    assert_eq!(digests(&new), digests(book));
    assert_eq!(said(&new), said(book));
}

#[test]
fn the_demo_comes_out_the_same() {
    let demo = TestBook::new();
    demo.done(&["demo", &demo.book().display().to_string()]);
    must_be_same(&demo);
}

#[test]
fn examples_come_out_the_same() {
    let Some(examples) = shared("examples") else { return };
    for name in [
        "11-late-and-corrected-facts",
        "12-plan-changed-retroactively",
        "15-guarantee-recovered",
        "20-a-typo-costs-nobody",
    ] {
        let book = TestBook::with_book();
        book.follow(&examples.join(name));
        must_be_same(&book);
    }
}

const PLAN: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "arr"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"
"#;

const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "name": "Ana", "currency": "USD", "note": "of Graz"}
{"fact": "payee", "at": "2027-01-01", "payee": "bea", "name": "Bea", "currency": "USD"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "land"}
{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "30"}
"#;

const MAP: &str = "[[fact]]\nfact = \"booking\"\nbooking = { column = \"id\" }\nat = { column = \"at\" }\naccount = \"acme\"\n\
                   arr = { column = \"arr\" }\ncurrency = \"USD\"\ncredit = [{ payee = \"ana\", percent = \"100%\" }]\nwhen-known = \"correct\"\n";

/// A book with whatever moves positions: mappings, corrections, retractions, an opening, a close of less than all, freezes.
fn moved_about() -> TestBook {
    let book = TestBook::new();
    book.done(&["init", "--name", "o'neil & \"sons\"", "--timezone", "Europe/Vienna"]);
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("people.jsonl", PEOPLE)]);
    // A second opening balance of the day counts beside the first, and so does what changes a field.
    let more = "{\"fact\": \"opening-balance\", \"at\": \"2027-01-01\", \"payee\": \"ana\", \"currency\": \"USD\", \"owed\": \"12\"}\n\
                {\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"bea\", \"name\": \"Beatrix\"}\n";
    book.done(&["record", &book.write("more.jsonl", more)]);
    let map = book.write("map.toml", MAP);
    let rows = |name: &str, rows: &str| book.write(name, &format!("id,at,arr\n{rows}"));
    book.done(&["record", "--map", &map, &rows("a.csv", "B-1,2027-01-05,1000\nB-2,2027-01-06,2000\n")]);
    book.done(&[
        "close",
        "2027-01",
        "--opening",
        &book.write("opening.csv", "payee,currency,line,amount\nana,USD,land/arr/whole/B-1,90\n"),
    ]);
    book.done(&["record", "--map", &map, &rows("b.csv", "B-1,2027-01-05,1500\nB-3,2027-02-06,3000\n")]);
    let usage = |amount: u32| {
        format!(
            "{{\"fact\": \"usage-snapshot\", \"account\": \"acme\", \"from\": \"2027-02-01\", \"to\": \"2027-02-28\", \"amount\": \"{amount}\", \"currency\": \"USD\"}}\n"
        )
    };
    book.done(&["record", &book.write("usage.jsonl", &(usage(5) + &usage(6))), "--history"]);
    book.done(&["record", &book.write("usage.jsonl", &usage(5)), "--restate"]);
    let before = book.json(&["verify"])["size"].to_string();
    let adjustment = "{\"fact\": \"adjustment\", \"at\": \"2027-02-01\", \"payee\": \"ana\", \"amount\": \"7\", \"currency\": \"USD\", \"reason\": \"a\"}\n";
    book.done(&["record", &book.write("adjusted.jsonl", adjustment)]);
    book.done(&["close", "2027-02", "--at", &before]);
    book.done(&["freeze", "2027-01-31", "--reason", "audited; see \"notes\" $HOME `x`"]);
    let gone = "{\"fact\": \"retraction\", \"retracts\": \"booking:B-2\", \"reason\": \"test\"}\n";
    book.done(&["record", &book.write("gone.jsonl", gone)]);
    book.done(&["close", "2027-03"]);
    book.done(&["freeze", "--lift", "--reason", "done"]);
    book.done(&["close", "2027-04"]);
    book.done(&[
        "record",
        &book.write("late.jsonl", "{\"fact\": \"account\", \"at\": \"2027-04-01\", \"account\": \"acme\"}\n"),
    ]);
    book
}

#[test]
fn whatever_moves_positions_comes_out_the_same() {
    let book = moved_about();
    let new = rebuilt(&book);
    assert_eq!(digests(&new), digests(&book));
    assert_eq!(new.json(&["balances"]), book.json(&["balances"]));
    let ids = |book: &TestBook| {
        said(book)
            .into_iter()
            .filter(|entry| entry.get("fact").is_some())
            .map(|entry| entry["id"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(ids(&new), ids(&book));
    assert!(new.done(&["log", "--item", "ana", "--format", "json"]).contains("\"note\""));
    assert!(new.done(&["statement", "ana", "2027-03"]).contains("Ana"));
    // Once more, and nothing is left to change.
    assert_eq!(said(&rebuilt(&new)), said(&new));
}

#[test]
fn it_says_what_it_leaves_out() {
    let book = moved_about();
    let out = |name: &str| book.folder.path().join(name).display().to_string();
    let told = book.json(&["export", "--as", "jsonl", "--out", &out("a")]);
    assert_eq!(told["left_out"], serde_json::json!({"sealed": 0, "records": {"mapping": 2}, "evidence": 0}));
    assert_eq!((&told["plans"], &told["closes"], &told["freezes"]), (&1.into(), &4.into(), &2.into()));
    let keys = book.folder.path().join("none.keys").display().to_string();
    let output = book.run(&["export", "--as", "jsonl", "--out", &out("b"), "--keys", &keys]);
    let said = text(&output.stderr);
    assert!(
        output.status.success() && said.starts_with("warning[export-sealed]: 4 personal fields of 2 payees"),
        "{said}"
    );
    let facts = std::fs::read_to_string(book.folder.path().join("b/0002-facts.jsonl")).expect("facts");
    assert!(facts.contains("\"name\":\"(sealed 2)\"") && !facts.contains("Ana"), "{facts}");
    // Figures do not depend on names: every close is the same, and is compared by the script.
    let output = book.shell(&format!("TRUEUP={TRUEUP} sh b/rebuild.sh rebuilt"));
    assert!(output.status.success(), "{}", text(&output.stderr));
    // Nothing is overwritten, and nothing else takes a folder.
    assert!(book.refused(&["export", "--as", "jsonl", "--out", &out("a")]).starts_with("error[out-taken]"));
    assert!(book.refused(&["export", "--as", "jsonl"]).starts_with("error[export-needs]"));
    assert!(book.refused(&["export", "--as", "lines", "--out", "x"]).starts_with("error[export-option]"));
    assert!(
        book.refused(&["export", "--as", "jsonl", "--out", "x", "--period", "2027-01"])
            .starts_with("error[export-option]")
    );
}

#[test]
fn a_close_that_differs_is_refused() {
    let book = moved_about();
    let folder = book.folder.path().join("out");
    book.done(&["export", "--as", "jsonl", "--out", &folder.display().to_string()]);
    let facts = folder.join("0005-facts.jsonl");
    let changed = std::fs::read_to_string(&facts).expect("facts").replace("\"arr\":\"3000\"", "\"arr\":\"3001\"");
    std::fs::write(&facts, changed).expect("a file");
    let output = book.shell(&format!("TRUEUP={TRUEUP} sh out/rebuild.sh rebuilt"));
    assert!(!output.status.success());
    assert!(text(&output.stderr).contains("error[close-digest"), "{}", text(&output.stderr));
}

// Random histories ----------------------------------------------------------------------------------------------------

#[test]
fn random_histories_come_out_the_same() {
    let (compared, cases) = whatever_is_done(comes_out_the_same);
    assert!(compared > cases, "only {compared} closes were compared");
}

fn new_book(keys: &Path) -> Book {
    let name = Name::new("acme").expect("a name");
    Book::init_in(Box::<Memory>::default(), keys.to_owned(), name, &stamp(0)).expect("a book")
}

fn comes_out_the_same(steps: &[Step<'_>]) -> Result<usize, String> {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let mut book = new_book(&keys.path().join("a"));
    for (number, step) in (1..).zip(steps) {
        let mode = replay::close::EvaluationMode::BySize;
        if let Taken::Refused = take(&mut book, *step, number, mode)? {
            break;
        }
    }
    let mut made = Vec::new();
    rebuild(&book, |step| {
        made.push(step);
        Ok::<(), replay::book::BookError>(())
    })
    .map_err(|error| error.to_string())?;
    let mut again = new_book(&keys.path().join("b"));
    let closes = follow(&mut again, made)?;
    must_agree(&book, &again)?;
    Ok(closes)
}

fn follow(book: &mut Book, steps: Vec<RebuildStep>) -> Result<usize, String> {
    let (mut facts, mut closes) = (String::new(), 0);
    let mut number = 0;
    for step in steps {
        number += 1;
        if let RebuildStep::Fact(line) = &step {
            facts += &format!("{line}\n");
            continue;
        }
        record_all(book, &std::mem::take(&mut facts), number)?;
        match step {
            RebuildStep::Begin { .. } | RebuildStep::NextCall | RebuildStep::Fact(_) => {}
            RebuildStep::Pay(pay) => pay_again(book, &pay, number).map_err(|error| format!("{pay:?}: {error:?}"))?,
            RebuildStep::Dispute(record) => {
                dispute_again(book, &record, number).map_err(|error| format!("{record:?}: {error:?}"))?
            }
            RebuildStep::Publish(text) => {
                publish(book, "plan.toml", &text, &stamp(number)).map_err(|error| format!("{error:?}"))?;
            }
            RebuildStep::Close(close) => {
                close_again(book, &close, number)?;
                closes += 1;
            }
            RebuildStep::Freeze { until, reason } => {
                let frozen = replay::close::freeze::freeze(book, until, &reason, &stamp(number));
                frozen.map_err(|error| format!("{error:?}"))?;
            }
        }
    }
    record_all(book, &facts, number)?;
    Ok(closes)
}

/// Does again what a record about pay says.
fn pay_again(book: &mut Book, pay: &RebuildPay, number: u8) -> Result<(), PayError> {
    let stamp = &stamp(number);
    let text = |text: &Option<FreeText>| text.as_ref().map(|text| text.0.clone());
    match &pay.record {
        Record::Approval(record) => {
            approve(book, record.period, record.payee.as_ref(), text(&record.comment), stamp).map(drop)
        }
        Record::Rejection(record) => {
            reject(book, record.period, record.payee.as_ref(), &record.reason.0, stamp).map(drop)
        }
        Record::Hold(record) => {
            let amount = record.amount.zip(record.currency).map(|(amount, currency)| money(amount, currency));
            hold(book, &record.payee, amount, &record.reason.0, stamp).map(drop)
        }
        Record::Release(record) => {
            release(book, &record.payee, pay.hold, text(&record.reason).as_deref(), stamp).map(drop)
        }
        Record::Payout(record) => payout(book, record.period, stamp).map(drop),
        Record::PayoutResult(record) => {
            let (payee, amount) = (record.payee.clone(), money(record.amount, record.currency));
            let (reference, date) = (text(&record.reference), record.date);
            let line = ConfirmationLine { line: 2, payee, amount, status: record.status, reference, date };
            confirm(book, pay.period.expect("the month of the payout"), &[line], stamp).map(drop)
        }
        Record::Repayment(record) => {
            let [owed, draw] = [record.owed, record.draw].map(|amount| money(amount, record.currency));
            let of = if draw.is_zero() { Some(OwedOrDraw::Owed) } else { owed.is_zero().then_some(OwedOrDraw::Draw) };
            let holder = (record.payee.clone(), record.currency);
            repay(book, &holder, owed + draw, of, text(&record.reference).as_deref(), stamp).map(drop)
        }
        Record::WriteOff(record) => {
            let (holder, amount) = ((record.payee.clone(), record.currency), money(record.amount, record.currency));
            write_off(book, &holder, amount, record.of, &record.reason.0, stamp).map(drop)
        }
        other => unreachable!("{other:?} is not about pay"),
    }
}

/// Does again what a record about a dispute says.
fn dispute_again(book: &mut Book, record: &Record, number: u8) -> Result<(), DisputeError> {
    let stamp = &stamp(number);
    match record {
        Record::Dispute(dispute) => {
            let DisputeRecord { payee, period, line, reason, entries, files, .. } = dispute.clone();
            let (reason, line) = (reason.0, line.as_ref().map(|line| LineName::from(line).to_string()));
            let entries = entries.iter().map(|entry| entry.position).collect();
            open(book, &DisputeRequest { payee, period, line, reason, entries, files }, stamp).map(drop)
        }
        Record::DisputeAnswer(said) => answer(book, said.dispute, &said.text.0, stamp).map(drop),
        Record::Resolution(end) => {
            let by = end.by.as_ref().map(|by| by.position);
            resolve(book, end.dispute, (end.outcome, by), &end.text.0, stamp).map(drop)
        }
        other => unreachable!("{other:?} is not about a dispute"),
    }
}

fn record_all(book: &mut Book, facts: &str, number: u8) -> Result<(), String> {
    if facts.is_empty() {
        return Ok(());
    }
    let open = Box::new(|| Ok(Box::new(BufReader::new(facts.as_bytes())) as Box<dyn BufRead>));
    let source = Source { name: "facts.jsonl".to_owned(), open };
    let options = RecordOptions { versions: Versions::Successive, ..RecordOptions::default() };
    let before = book.size();
    let recorded = record(book, &[source], options, &stamp(number)).map_err(|error| format!("{error:?}\n{facts}"))?;
    let lines = facts.lines().count() as u64;
    if recorded.new + recorded.restated != lines {
        let mut said = String::new();
        book.entries(before, book.size(), |entry, _| said += &format!("{:?}\n", entry.id)).expect("entries");
        return Err(format!(
            "{} of {lines} facts were recorded:\n{facts}\nwhich are\n{said}",
            recorded.new + recorded.restated
        ));
    }
    Ok(())
}

fn close_again(book: &mut Book, close: &RebuildClose, number: u8) -> Result<(), String> {
    let request = CloseRequest { first_month: FirstMonth::Any, ..CloseRequest::of(close.period, close.known) };
    let closed = close_of(book, &request, Some(close.digest), &stamp(number));
    closed.map(drop).map_err(|error| format!("close of {}: {error:?}", close.period))
}

/// Entries are the same but for what depends on the book: its first entry, roots and hashes. So are all accounts.
fn must_agree(one: &Book, other: &Book) -> Result<(), String> {
    let [accounts, again] = [one, other].map(|book| book.state().posted_state().accounts.trial_balance());
    if accounts != again {
        return Err(format!("accounts are {accounts:?}, and {again:?} when rebuilt"));
    }
    let [disputes, again] =
        [one, other].map(|book| book.state().disputes().all().iter().map(of_dispute).collect::<Vec<_>>());
    if disputes != again {
        return Err(format!("disputes are {disputes:?}, and {again:?} when rebuilt"));
    }
    if one.size() != other.size() {
        return Err(format!("{} entries, and {} when rebuilt", one.size(), other.size()));
    }
    for position in 1..one.size() {
        let [one, other] = [one, other].map(|book| book.entry(position).expect("an entry"));
        if compared(&one) != compared(&other) {
            return Err(format!("entry {position}: {one:?}\nrebuilt: {other:?}"));
        }
    }
    Ok(())
}

/// What a dispute says besides the hashes of entries.
fn of_dispute(dispute: &Dispute) -> impl PartialEq + std::fmt::Debug {
    let DisputeRecord { dispute: number, payee, period, close, line, reason, entries, files } = dispute.record.clone();
    let entries: Vec<u64> = entries.iter().map(|entry| entry.position).collect();
    let answers: Vec<(u32, FreeText)> = dispute.answers.iter().map(|(at, said)| (*at, said.text.clone())).collect();
    let end = dispute.resolution.as_ref().map(|(at, end)| (*at, end.outcome, end.text.clone(), dispute.corrected_by()));
    ((number, payee, period, close.position), (line, reason, entries, files), answers, end)
}

fn compared(entry: &Entry) -> (uuid::Uuid, &[u64], Option<Payload>) {
    // They have roots, or hashes of other entries, which are of one book.
    let is_of_book = match &entry.payload {
        Payload::Record(record) => matches!(
            record,
            Record::PeriodClose(_)
                | Record::Approval(_)
                | Record::Rejection(_)
                | Record::Release(_)
                | Record::Payout(_)
                | Record::PayoutResult(_)
                | Record::Dispute(_)
                | Record::DisputeAnswer(_)
                | Record::Resolution(_)
        ),
        Payload::Fact(_) => false,
    };
    let id = if is_of_book { uuid::Uuid::nil() } else { entry.id };
    // Sealed fields differ by their nonces.
    let is_sealed = matches!(&entry.payload, Payload::Fact(fact) if fact.personal().next().is_some());
    let payload = (!is_of_book && !is_sealed).then(|| entry.payload.clone());
    (id, &entry.replaces, payload)
}
