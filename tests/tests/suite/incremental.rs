//! The incremental close gives the same as the full evaluation, on every history and after every close, with late facts of
//! every kind (docs/testing.md).

mod paying;
#[cfg(debug_assertions)]
mod reads;

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;

use ledger::date::{Day, Month};
use ledger::fact::{Booking, Signal, VariantOf};
use ledger::id::{Name, PayeeId};
use ledger::log::LogError;
use ledger::seal::Seed;
use ledger::store::{Memory, StoreError};
use plans::credit::index::subject_of_signal;
use plans::item::Subject;
use projections::credit_graph::CreditGraph;
use projections::knowledge::Knowledge;
use projections::view::{FactRef, View};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use replay::book::{Book, BookError};
use replay::close::{CloseError, CloseRequest, EvaluationMode};
use replay::record::publish::publish;
use replay::record::{RecordOptions, Rejects, Source, Versions, record};
use replay::stamp::Stamp;
use replay::statements::causes::CauseFilter;
use serde_json::Value;

use crate::audit;
use crate::double_entry;
use crate::history::{self, DisturbedStep, case, disturbed, lines, steps_of};
use crate::item_history;
use crate::support::shared;

/// What is done to a book, one after the other.
#[derive(Copy, Clone)]
pub enum Step<'t> {
    Publish(&'t str),
    Record(&'t str),
    /// Of which no line is left out.
    RecordAll(&'t str),
    Close(&'t str),
    /// With so many of the last entries left out.
    CloseBelow(&'t str, u64),
    /// Of any month to come.
    Preview(&'t str),
    /// Up to a day; lifted, where it is none.
    Freeze(&'t str),
    /// Approvals, holds, payouts and the like, as a seed says.
    Pay(&'t history::Choices),
}

pub fn stamp(number: u8) -> Stamp {
    let words = "partial".to_owned();
    let now = 1_800_000_000_000_000;
    Stamp {
        now,
        author: words.clone(),
        user: words,
        seed: Seed([number; 32]),
        secret: Seed([!number; 32]),
        signing: Vec::new(),
    }
}

/// Follows the steps in two books: in one each close is made both ways, in the other never but by what is new, so that one
/// goes on from what the last one left. Both must have the same log. Gives how many closes were compared. Lines that do not
/// fit are left out, and what is refused as a whole ends it.
pub fn follow<'t>(steps: impl Iterator<Item = Step<'t>>) -> Result<usize, String> {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let book = |keys| {
        let named = Name::new("acme").expect("a name");
        Book::init_in(Box::<Memory>::default(), keys, named, &stamp(0)).expect("a book")
    };
    let (mut judged, mut alone) = (book(keys.path().join("judged")), book(keys.path().join("alone")));
    let mut compared = 0;
    for (number, step) in (1..).zip(steps) {
        let taken = take(&mut judged, step, number, EvaluationMode::Both)?;
        take(&mut alone, step, number, EvaluationMode::Incremental)?;
        if judged.root() != alone.root() {
            return Err(format!("step {number} leaves another log where only what is new was ever worked out"));
        }
        match taken {
            Taken::Done => {}
            Taken::Compared => compared += 1,
            Taken::Refused => break,
        }
    }
    audit::judge(&judged)?;
    item_history::judge(&judged).map_err(|wrong| format!("what entries changed: {wrong}"))?;
    Ok(compared)
}

/// A book with what steps publish and record, without any close, and the days on which months were to be closed.
pub fn recorded_without_closes(steps: &[Step<'_>], keys: &Path) -> Result<(Book, Vec<Day>), String> {
    let named = Name::new("acme").expect("a name");
    let mut book = Book::init_in(Box::<Memory>::default(), keys.to_owned(), named, &stamp(0)).expect("a book");
    let mut days = Vec::new();
    for (number, step) in (1..).zip(steps) {
        match step {
            Step::Publish(_) | Step::Record(_) | Step::RecordAll(_) => {
                take(&mut book, *step, number, EvaluationMode::Both)?;
            }
            Step::Close(period) | Step::CloseBelow(period, _) => {
                days.push(Month::parse(period).expect("a month").last());
            }
            Step::Preview(_) | Step::Freeze(_) | Step::Pay(_) => {}
        }
    }
    Ok((book, days))
}

/// What came of a step.
pub enum Taken {
    Done,
    Compared,
    Refused,
}

/// Does a step to a book.
pub fn take(book: &mut Book, step: Step<'_>, number: u8, mode: EvaluationMode) -> Result<Taken, String> {
    match step {
        Step::Publish(text) => match publish(book, "plan.toml", text, &stamp(number)) {
            Ok(_) => Ok(Taken::Done),
            Err(_) => Ok(Taken::Refused),
        },
        Step::Record(text) | Step::RecordAll(text) => {
            let open = Box::new(|| Ok(Box::new(BufReader::new(text.as_bytes())) as Box<dyn BufRead>));
            let source = Source { name: "facts.jsonl".to_owned(), open };
            let rejects = if let Step::RecordAll(_) = step { Rejects::Refuse } else { Rejects::SetAside };
            let options = RecordOptions { rejects, versions: Versions::Successive, ..RecordOptions::default() };
            record(book, &[source], options, &stamp(number)).map_err(|error| format!("{error:?}"))?;
            Ok(Taken::Done)
        }
        Step::Freeze(day) => match replay::close::freeze::freeze(book, Day::parse(day), "a test", &stamp(number)) {
            Ok(_) => Ok(Taken::Done),
            Err(_) => Ok(Taken::Done),
        },
        Step::Pay(seed) => paying::pay(book, seed, &stamp(number)).map(|()| Taken::Done),
        Step::Close(period) => close(book, period, None, number, mode),
        Step::CloseBelow(period, back) => {
            let least = book.size().saturating_sub(back);
            match close(book, period, Some(least), number, mode)? {
                // Not below what the last close knew.
                Taken::Refused => close(book, period, None, number, mode),
                taken => Ok(taken),
            }
        }
        Step::Preview(period) => {
            let asked = CloseRequest { mode, ..CloseRequest::of(Month::parse(period).expect("a month"), None) };
            match replay::close::preview_of(book.state(), &asked) {
                Ok(preview) if preview.compared => Ok(Taken::Compared),
                Ok(_) | Err(CloseError::Refused(_) | CloseError::Faults(_)) => Ok(Taken::Done),
                Err(error) => Err(format!("preview of {period}: {error}")),
            }
        }
    }
}

fn close(book: &mut Book, period: &str, known: Option<u64>, number: u8, mode: EvaluationMode) -> Result<Taken, String> {
    let period = Month::parse(period).expect("a month");
    let asked = CloseRequest { mode, ..CloseRequest::of(period, known) };
    match replay::close::close_of(book, &asked, None, &stamp(number)) {
        Ok(done) => {
            if mode == EvaluationMode::Both {
                judge_causes(book, period)?;
                judge_nearness(book.state().knowledge())?;
                double_entry::judge(book).map_err(|wrong| format!("accounts after {period}: {wrong}"))?;
            }
            Ok(if done.compared { Taken::Compared } else { Taken::Done })
        }
        Err(CloseError::Refused(_) | CloseError::Faults(_)) => Ok(Taken::Refused),
        Err(error) => Err(format!("close of {period}: {error}")),
    }
}

/// The causes of a difference are the same, whether only the news that can have moved a line is held against it, or all.
fn judge_causes(book: &Book, period: Month) -> Result<(), String> {
    let closed = book.state().closed(period).expect("it was just closed");
    let causes = |filter: CauseFilter| {
        let statements = replay::statements::build::statements_with(book, closed, None, filter).expect("statements");
        statements.iter().map(|statement| format!("{:?} {:?}", statement.figures.holder, statement.causes)).collect()
    };
    // The program was the same all the time.
    let unexplained = |lines: &[String]| lines.iter().find(|line| line.contains("kind: \"engine\"")).cloned();
    let (of_relevant, of_all): (Vec<String>, Vec<String>) = (causes(CauseFilter::Relevant), causes(CauseFilter::All));
    if let Some(line) = unexplained(&of_relevant) {
        return Err(format!("causes in {period}: nothing explains {line}"));
    }
    match of_relevant.iter().zip(&of_all).find(|(of_relevant, of_all)| of_relevant != of_all) {
        Some((of_relevant, of_all)) => Err(format!("causes in {period}: {of_relevant} against {of_all}")),
        None => Ok(()),
    }
}

/// Whatever counts for a payee is kept near to it: whoever has a share, asked of the facts one by one.
fn judge_nearness(knowledge: &Knowledge) -> Result<(), String> {
    // At a size at which some of what is named is not there yet, too.
    let sizes = [knowledge.size(), knowledge.size() / 2, knowledge.size() * 4 / 5];
    sizes.into_iter().try_for_each(|size| judge_nearness_at(View::new(knowledge, size)))
}

fn judge_nearness_at(view: View<'_>) -> Result<(), String> {
    let (knowledge, graph) = (view.knowledge, CreditGraph::of(view));
    for (index, known) in (0..).zip(knowledge.facts()) {
        let position = known.position;
        let booking =
            Booking::of(&known.fact.body).map(|fact| Subject::of_booking(FactRef { position, fact, stored: known }));
        let signal = Signal::of(&known.fact.body).map(|fact| FactRef { position, fact, stored: known });
        let is_signal = signal.is_some();
        let Some(at) = known.fact.body.at().filter(|_| view.visibility.includes(position)) else { continue };
        let day = if index % 2 == 0 { Day::LAST } else { at };
        let Some(subject) = booking.or(signal.map(|signal| subject_of_signal(view, day, signal))) else {
            continue;
        };
        let things: Vec<&PayeeId> = match subject.booking {
            Some(booking) => graph.payees_of_version(booking.fact).collect(),
            None => subject.things.iter().flat_map(|thing| graph.payees_of_splits(thing)).collect(),
        };
        for id in things {
            let payee = &knowledge.payees[id];
            let candidates = if is_signal { &payee.candidate_signals } else { &payee.candidate_bookings };
            if !candidates.dated(at, at).any(|candidate| candidate == index) {
                return Err(format!("`{}` has a share of {:?}, which is no candidate", id, known.fact.body));
            }
        }
    }
    Ok(())
}

/// The steps of a file, with what the files named in it say.
fn written<'t>(steps: &'t str, files: &'t BTreeMap<String, String>) -> impl Iterator<Item = Step<'t>> {
    let steps = steps.lines().filter_map(|line| line.trim().split_once(' '));
    steps.map(|(verb, what)| match verb {
        "publish" => Step::Publish(&files[what]),
        "record" => Step::Record(&files[what]),
        "close" => Step::Close(what),
        other => panic!("`{other}` is no step that this test knows"),
    })
}

#[test]
fn what_is_new_comes_to_the_same_as_everything() {
    let cases = include_str!("../../cases/random.jsonl").lines();
    let mut compared = 0;
    for case in cases.map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let files = case["files"].as_object().expect("files").iter();
        let files = files.map(|(name, text)| (name.clone(), text.as_str().expect("text").to_owned())).collect();
        let steps = case["steps"].as_str().expect("steps");
        compared += follow(written(steps, &files)).unwrap_or_else(|differs| panic!("{}: {differs}", case["name"]));
    }
    assert!(compared > 400, "only {compared} closes were compared");
}

#[test]
fn what_is_new_comes_to_the_same_in_the_examples() {
    let Some(examples) = shared("examples") else { return };
    for folder in std::fs::read_dir(examples).expect("a folder") {
        let folder = folder.expect("an entry").path();
        let Ok(steps) = std::fs::read_to_string(folder.join("steps")) else { continue };
        let entries = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let named = entries.filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            Some((name, std::fs::read_to_string(&path).ok()?))
        });
        follow(written(&steps, &named.collect())).unwrap_or_else(|differs| panic!("{}: {differs}", folder.display()));
    }
}

/// On random plans and histories; `TRUEUP_CASES` says how many.
#[test]
fn what_is_new_comes_to_the_same_at_random() {
    let cases = std::env::var("TRUEUP_CASES").map_or(64, |text| text.parse().expect("TRUEUP_CASES is a number"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = std::env::var("TRUEUP_SEED").map_or(7, |text| text.parse().expect("TRUEUP_SEED is a number"));
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let compared = Cell::new(0);
    let outcome = runner.run(&case(), |case| {
        let steps = steps_of(&case);
        let texts: Vec<String> = steps
            .iter()
            .map(|step| match step {
                history::Step::Publish(text) | history::Step::Close(text) => text.clone(),
                history::Step::Record(facts) => lines(facts),
            })
            .collect();
        let seeds: Vec<history::Choices> = (0..steps.len()).map(|close| case.payment_seed(close)).collect();
        let mut seeds = seeds.iter();
        let steps = steps.iter().zip(&texts).flat_map(|(step, text)| match step {
            history::Step::Publish(_) => vec![Step::Publish(text)],
            history::Step::Record(_) => vec![Step::Record(text)],
            history::Step::Close(_) => vec![Step::Close(text), Step::Pay(seeds.next().expect("a seed"))],
        });
        let found = follow(steps).map_err(TestCaseError::fail)?;
        compared.set(compared.get() + found);
        Ok(())
    });
    if let Err(TestError::Fail(reason, case)) = outcome {
        panic!("{reason}\n{}", history::written(&steps_of(&case)));
    }
    eprintln!("{} closes were compared", compared.get());
    assert!(compared.get() > cases as usize, "only {} closes were compared", compared.get());
}

/// The same, with whatever else people do.
#[test]
fn what_is_new_comes_to_the_same_whatever_is_done() {
    let (compared, cases) = whatever_is_done(|steps| follow(steps.iter().copied()));
    eprintln!("{compared} closes were compared, whatever was done");
    assert!(compared > cases, "only {compared} closes were compared");
}

/// Runs a check on random histories with whatever people do to a book; gives how much it checked, and how many histories there
/// were. `TRUEUP_CASES` says how many, `TRUEUP_SEED` which.
pub fn whatever_is_done(check: impl Fn(&[Step<'_>]) -> Result<usize, String>) -> (usize, usize) {
    let cases = std::env::var("TRUEUP_CASES").map_or(64, |text| text.parse().expect("TRUEUP_CASES is a number"));
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let seed = std::env::var("TRUEUP_SEED").map_or(7, |text| text.parse().expect("TRUEUP_SEED is a number"));
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let checked = Cell::new(0);
    let more = proptest::collection::vec(history::choices(), 1..60);
    let outcome = runner.run(&(case(), more), |(case, more)| {
        let steps = disturbed(steps_of(&case), &more);
        let texts: Vec<String> = steps.iter().map(text_of).collect();
        let seeds: Vec<history::Choices> = (0..steps.len()).map(|close| case.payment_seed(close)).collect();
        let mut seeds = seeds.iter();
        let mut paid = |close| vec![close, Step::Pay(seeds.next().expect("a seed"))];
        let steps = steps.iter().zip(&texts).flat_map(|(step, text)| match step {
            DisturbedStep::Publish(_) => vec![Step::Publish(text)],
            DisturbedStep::Record(_) => vec![Step::Record(text)],
            DisturbedStep::Close(_, 0) => paid(Step::Close(text)),
            DisturbedStep::Close(_, back) => paid(Step::CloseBelow(text, *back)),
            DisturbedStep::Freeze(_) => vec![Step::Freeze(text)],
            DisturbedStep::Preview(_) => vec![Step::Preview(text)],
        });
        let found = check(&steps.collect::<Vec<_>>()).map_err(TestCaseError::fail)?;
        checked.set(checked.get() + found);
        Ok(())
    });
    if let Err(TestError::Fail(reason, (case, more))) = outcome {
        let steps = disturbed(steps_of(&case), &more);
        let shown = steps.iter().map(|step| match step {
            DisturbedStep::Publish(text) => format!("=== publish\n{text}"),
            DisturbedStep::Record(facts) => format!("=== record\n{}", lines(facts)),
            DisturbedStep::Close(period, back) => format!("=== close {period}, without {back}\n"),
            DisturbedStep::Freeze(day) => format!("=== freeze {day}\n"),
            DisturbedStep::Preview(period) => format!("=== preview {period}\n"),
        });
        panic!("{reason}\n{}", shown.collect::<String>());
    }
    (checked.get(), cases as usize)
}

fn text_of(step: &DisturbedStep) -> String {
    match step {
        DisturbedStep::Record(facts) => lines(facts),
        DisturbedStep::Publish(text)
        | DisturbedStep::Close(text, _)
        | DisturbedStep::Freeze(text)
        | DisturbedStep::Preview(text) => text.clone(),
    }
}

/// Other tests start commands meanwhile: until such a one has begun to run, it holds this process's locks, too.
fn open(place: &Path) -> Book {
    for _ in 0..1_000 {
        match Book::open(place) {
            Ok((book, _)) => return book,
            Err(BookError::Log(LogError::Store(StoreError::Locked { .. }))) => {
                std::thread::sleep(std::time::Duration::from_millis(10))
            }
            Err(error) => panic!("{error}"),
        }
    }
    panic!("the book stays locked")
}

/// What the last close left for the next one is kept beside the log; whatever happens to it, no close amounts to anything else.
#[test]
fn what_comes_up_is_known_to_the_next_start() {
    let cases: Vec<Value> = include_str!("../../cases/random.jsonl")
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let (mut compared, mut damaged) = (0, 0);
    for case in cases.iter().step_by(8) {
        let files = case["files"].as_object().expect("files").iter();
        let files: BTreeMap<String, String> =
            files.map(|(name, text)| (name.clone(), text.as_str().expect("text").to_owned())).collect();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let place = folder.path().join("book");
        drop(Book::init(&place, Name::new("acme").expect("a name"), &stamp(0)).expect("a book"));
        for (number, step) in (1..).zip(written(case["steps"].as_str().expect("steps"), &files)) {
            let kept = place.join("derived/coming.schedule");
            let is_close = matches!(step, Step::Close(_));
            let is_damaged = is_close && number % 3 == 0 && kept.exists();
            if is_damaged {
                let mut bytes = std::fs::read(&kept).expect("bytes");
                let at = usize::from(number) * 7 % bytes.len();
                bytes[at] ^= 64;
                std::fs::write(&kept, bytes).expect("written");
                damaged += 1;
            }
            let mut book = open(&place);
            assert_eq!(book.rejected_caches().len(), usize::from(is_damaged), "{:?}", book.rejected_caches());
            match take(&mut book, step, number, EvaluationMode::Both)
                .unwrap_or_else(|differs| panic!("{}: {differs}", case["name"]))
            {
                Taken::Compared => {
                    assert!(!is_damaged, "a damaged file was used");
                    compared += 1;
                }
                Taken::Done => {}
                Taken::Refused => break,
            }
            book.keep_now().expect("kept");
            drop(book);
            assert!(open(&place).rejected_caches().is_empty(), "what was damaged is doubted once");
        }
    }
    assert!(compared > 20 && damaged > 5, "{compared} closes were compared, {damaged} files damaged");
}

const PLAN: &str = r#"plan = "p"
version = 1
edition = 1
title = "p"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "lead"
measure = { signal = "lead", value = "value" }
rate = "10%"

[[component.installment]]
id = "paid"
share = "100%"
signal = "paid"

[[component]]
id = "use"
measure = { usage = "amount" }
rate = "10%"

[[component.installment]]
id = "half"
share = "50%"

[[component.installment]]
id = "later"
share = "50%"
after = "1 month"
"#;

const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana"}
{"fact": "payee", "at": "2027-01-01", "payee": "bob"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "p"}
{"fact": "assignment", "at": "2027-01-01", "payee": "bob", "plan": "p"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "1000", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "310", "currency": "USD", "id": "00000000-0000-4000-8000-000000000001"}
"#;

/// What a review of the table found that the random histories had not.
#[test]
fn what_reaches_far_is_reached() {
    use Step::{Close, Freeze, Publish, Record};

    let lead =
        r#"{"fact": "signal", "at": "2027-01-06", "signal": "lead", "booking": "B-1", "payee": "bob", "value": "100"}"#;
    let paid = r#"{"fact": "signal", "at": "2027-02-06", "signal": "paid", "booking": "B-1"}"#;
    let on_account = r#"{"fact": "signal", "at": "2027-02-06", "signal": "paid", "account": "acme"}"#;
    let late = r#"{"fact": "adjustment", "at": "2027-01-15", "payee": "bob", "amount": "7.00", "currency": "USD", "reason": "late"}"#;
    let gone = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000001", "reason": "wrong"}"#;
    let moved = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "280", "currency": "USD", "id": "00000000-0000-4000-8000-000000000002", "corrects": "00000000-0000-4000-8000-000000000001"}"#;
    let back = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": "was right"}"#;
    let named = r#"{"fact": "signal", "at": "2027-01-11", "signal": "lead", "contract": "C-9", "value": "50"}
{"fact": "signal", "at": "2027-01-12", "signal": "paid", "contract": "C-9"}"#;
    let contract = r#"{"fact": "booking", "at": "2027-02-05", "booking": "B-2", "account": "acme", "contract": "C-9", "arr": "5", "currency": "USD"}"#;
    let elsewhere = r#"{"fact": "account", "at": "2027-01-01", "account": "zeta"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "zeta"}, "shares": [{"payee": "bob", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "zeta", "contract": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "620", "currency": "USD"}"#;
    let other_account = r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "zeta", "arr": "1000", "currency": "USD", "corrects": true}"#;
    let restated = r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "300", "currency": "USD"}"#;
    let histories: [Vec<Step<'_>>; 10] = [
        vec![Record(lead), Close("2027-01"), Record(paid), Close("2027-02"), Close("2027-03")],
        vec![Record(lead), Close("2027-01"), Record(on_account), Close("2027-02")],
        vec![
            Close("2027-01"),
            Freeze("2027-01-31"),
            Record(late),
            Record(gone),
            Close("2027-02"),
            Close("2027-03"),
            Freeze("lifted"),
            Close("2027-04"),
        ],
        vec![Record(moved), Close("2027-01"), Close("2027-02"), Close("2027-03"), Record(back), Close("2027-04")],
        vec![Record(named), Close("2027-01"), Record(contract), Close("2027-02")],
        vec![Close("2027-01"), Record(lead), Close("2027-02"), Record(paid), Close("2027-03")],
        // A contract that two accounts have had: what is used of the other makes another one count.
        vec![Close("2027-01"), Record(elsewhere), Close("2027-02"), Record(gone), Close("2027-03")],
        vec![Record(elsewhere), Close("2027-01"), Record(gone), Close("2027-02")],
        // Signals go with their booking from one account to another.
        vec![
            Record(lead),
            Record(elsewhere),
            Close("2027-01"),
            Record(other_account),
            Close("2027-02"),
            Record(paid),
            Close("2027-03"),
        ],
        vec![Close("2027-01"), Record(restated), Close("2027-02"), Close("2027-03")],
    ];
    for (number, history) in histories.into_iter().enumerate() {
        let closes = history.iter().filter(|step| matches!(step, Close(_))).count();
        let steps = [Publish(PLAN), Record(PEOPLE)].into_iter().chain(history);
        let compared = follow(steps).unwrap_or_else(|differs| panic!("history {number}: {differs}"));
        assert_eq!(compared, closes - 1, "history {number}");
    }
}

const SHARED: &str = r#"{"fact": "account", "at": "2027-01-01", "account": "zeta"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "zeta"}, "shares": [{"payee": "bob", "percent": "100%"}]}
"#;

/// Signals are paid, and usage of large accounts.
const LEAD_AND_USE: &str = r#"plan = "p"
version = 1
edition = 1
title = "p"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "lead"
measure = { signal = "lead", value = "value" }
rate = "10%"

[[component]]
id = "use"
measure = { usage = "amount" }
rate = "10%"
where = { segment = ["big"] }
"#;

/// What a second review found.
#[test]
fn what_goes_from_one_account_to_another_is_reached() {
    use Step::{Close, Publish, Record};

    let signal = r#"{"fact": "signal", "at": "2027-01-06", "signal": "lead", "contract": "C-9", "account": "acme", "value": "100"}"#;
    let contract_only =
        r#"{"fact": "signal", "at": "2027-01-06", "signal": "lead", "contract": "C-9", "value": "100"}"#;
    let other = r#"{"fact": "booking", "at": "2027-02-05", "booking": "B-9", "account": "zeta", "contract": "C-9", "arr": "1000", "currency": "USD"}"#;
    let split = r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"contract": "C-9"}, "shares": [{"payee": "bob", "percent": "100%"}]}"#;
    let paid = r#"{"fact": "signal", "at": "2027-02-06", "signal": "paid", "account": "acme"}"#;
    let paid1 = r#"{"fact": "signal", "at": "2027-01-16", "signal": "paid", "account": "acme"}"#;
    let used = r#"{"fact": "usage-snapshot", "account": "acme", "contract": "C-9", "from": "2027-01-01", "to": "2027-01-31", "amount": "310", "currency": "USD", "id": "00000000-0000-4000-8000-000000000009"}"#;
    let gone = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000009", "reason": "wrong"}"#;
    let later = r#"{"fact": "usage-snapshot", "account": "zeta", "contract": "C-9", "from": "2027-03-01", "to": "2027-03-31", "amount": "620", "currency": "USD", "id": "00000000-0000-4000-8000-000000000010"}"#;
    let later_gone = r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000010", "reason": "wrong"}"#;
    let used_again = r#"{"fact": "usage-snapshot", "account": "zeta", "contract": "C-9", "from": "2027-01-01", "to": "2027-01-31", "amount": "620", "currency": "USD", "id": "00000000-0000-4000-8000-000000000011"}"#;
    let big = r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "segment": "big"}
{"fact": "account", "at": "2027-01-01", "account": "zeta", "segment": "big"}"#;
    let known = r#"{"fact": "signal", "at": "2027-01-06", "signal": "lead", "account": "acme", "value": "100", "id": "00000000-0000-4000-8000-000000000012"}"#;
    let beside = r#"{"fact": "signal", "at": "2027-02-16", "signal": "lead", "booking": "B-99", "contract": "acme", "value": "100", "corrects": "00000000-0000-4000-8000-000000000012"}"#;
    let small = r#"{"fact": "account", "at": "2027-01-01", "account": "zeta", "segment": "small"}"#;
    let histories: Vec<(&str, Vec<Step<'_>>)> = vec![
        (PLAN, vec![Record(paid1), Record(signal), Close("2027-01"), Record(other), Close("2027-02")]),
        (LEAD_AND_USE, vec![Record(signal), Close("2027-01"), Record(other), Close("2027-02")]),
        (LEAD_AND_USE, vec![Record(signal), Close("2027-01"), Record(split), Close("2027-02")]),
        (PLAN, vec![Record(split), Record(signal), Close("2027-01"), Record(paid), Close("2027-02")]),
        (
            LEAD_AND_USE,
            vec![Record(used), Record(contract_only), Record(gone), Close("2027-01"), Record(later), Close("2027-02")],
        ),
        (
            LEAD_AND_USE,
            vec![
                Record(used),
                Record(contract_only),
                Record(gone),
                Record(later),
                Close("2027-01"),
                Record(later_gone),
                Close("2027-02"),
            ],
        ),
        (
            LEAD_AND_USE,
            vec![
                Record(big),
                Record(used),
                Record(gone),
                Record(used_again),
                Close("2027-01"),
                Record(small),
                Close("2027-02"),
            ],
        ),
        // Of what is not there any more on its new date, an item is left, which is worth nothing.
        (LEAD_AND_USE, vec![Record(known), Close("2027-01"), Close("2027-02"), Record(beside), Close("2027-03")]),
    ];
    let mut differ = Vec::new();
    for (number, (plan, history)) in histories.into_iter().enumerate() {
        let closes = history.iter().filter(|step| matches!(step, Close(_))).count();
        let steps = [Publish(plan), Record(PEOPLE), Record(SHARED)].into_iter().chain(history);
        match follow(steps) {
            Ok(compared) => assert_eq!(compared, closes - 1, "history {number}"),
            Err(error) => differ.push(format!("history {number}: {error}")),
        }
    }
    assert!(differ.is_empty(), "{}", differ.join("\n\n"));
}

const HEAD: &str =
    "plan = \"p\"\nversion = 1\nedition = 1\ntitle = \"p\"\ncurrency = \"USD\"\neffective = 2027-01-01\n";

fn with_head(component: &str) -> String {
    format!("{HEAD}\n{component}")
}

const CAM_REPORTS_TO_ANA: &str = r#"{"fact":"payee","at":"2027-01-01","payee":"ana"}
{"fact":"payee","at":"2027-01-01","payee":"bob"}
{"fact":"payee","at":"2027-01-01","payee":"cam","manager":"ana"}
{"fact":"account","at":"2027-01-01","account":"acme"}
{"fact":"assignment","at":"2027-01-01","payee":"ana","plan":"p"}
{"fact":"booking","at":"2027-01-20","booking":"B-1","account":"acme","arr":"1000","currency":"USD","credit":[{"payee":"cam","percent":"100%"}]}"#;

const BOB_REPORTED_FOR_A_WHILE: &str = r#"{"fact":"payee","at":"2027-01-02","payee":"bob","manager":"ana","id":"00000000-0000-4000-8000-000000000001"}
{"fact":"booking","at":"2027-01-10","booking":"B-2","account":"acme","arr":"500","currency":"USD","credit":[{"payee":"bob","percent":"100%"}]}
{"fact":"retraction","retracts":"00000000-0000-4000-8000-000000000001","reason":"slip"}
{"fact":"booking","at":"2027-01-12","booking":"B-3","account":"acme","arr":"200","currency":"USD","credit":[{"payee":"cam","percent":"100%"}]}"#;

const SOLD_BEFORE: &str = r#"{"fact":"payee","at":"2026-12-01","payee":"ana"}
{"fact":"account","at":"2026-12-01","account":"acme"}
{"fact":"assignment","at":"2027-01-01","payee":"ana","plan":"p"}
{"fact":"credit-split","at":"2026-12-01","on":{"account":"acme"},"shares":[{"payee":"ana","percent":"50%"}]}
{"fact":"booking","at":"2026-12-05","booking":"B-2","account":"acme","arr":"1000","currency":"USD"}
{"fact":"booking","at":"2027-01-05","booking":"B-1","account":"acme","arr":"1000","currency":"USD"}
{"fact":"usage-snapshot","account":"acme","from":"2027-01-01","to":"2027-01-31","amount":"310","currency":"USD"}"#;

const CANCELLED_LATER: &str = r#"{"fact":"usage-snapshot","account":"acme","from":"2027-01-01","to":"2027-01-31","amount":"31","currency":"USD"}
{"fact":"usage-snapshot","account":"acme","from":"2027-02-01","to":"2027-02-28","amount":"140","currency":"USD"}
{"fact":"credit-split","at":"2027-01-05","on":{"booking":"B-1"},"shares":[{"payee":"ana","percent":"100%"}]}
{"fact":"cancellation","at":"2027-02-15","booking":"B-2"}"#;

/// What a second review found: news that hides what made other news count.
#[test]
fn what_holds_only_between_two_closes_is_reached() {
    use Step::{Close, Publish, Record};

    let reports = with_head(
        r#"[[component]]
id = "mgr"
measure = { booking = "arr" }
credit = "reports"
period = "quarter"
rate = "1%"
tiers = [{ from = "1000", rate = "10%" }]
"#,
    );
    let consumed = with_head(
        r#"[[component]]
id = "c"
measure = { booking = "arr" }
rate = "10%"

[[component.installment]]
id = "a"
share = "100%"
consumed = "10%"
"#,
    );
    let moved = with_head(
        r#"[[component]]
id = "c"
measure = { booking = "arr" }
rate = "10%"

[[component]]
id = "u"
measure = { usage = "amount" }
rate = "10%"
"#,
    );
    let two = r#"{"fact":"payee","at":"2027-01-01","payee":"ana"}
{"fact":"payee","at":"2027-01-01","payee":"bob"}
{"fact":"account","at":"2027-01-01","account":"acme"}
{"fact":"account","at":"2027-01-01","account":"zeta"}
{"fact":"assignment","at":"2027-01-01","payee":"ana","plan":"p"}
{"fact":"credit-split","at":"2027-01-01","on":{"account":"acme"},"shares":[{"payee":"ana","percent":"100%"}]}
{"fact":"credit-split","at":"2027-01-01","on":{"account":"zeta"},"shares":[{"payee":"bob","percent":"100%"}]}
{"fact":"booking","at":"2027-01-05","booking":"B-1","account":"acme","arr":"1000","currency":"USD"}
{"fact":"usage-snapshot","account":"acme","contract":"C-1","from":"2027-01-01","to":"2027-01-31","amount":"310","currency":"USD","id":"00000000-0000-4000-8000-000000000001"}"#;
    let away = r#"{"fact":"booking","at":"2027-01-05","booking":"B-1","account":"zeta","arr":"1000","currency":"USD","corrects":true}
{"fact":"usage-snapshot","account":"zeta","contract":"C-2","from":"2027-01-01","to":"2027-01-31","amount":"310","currency":"USD","corrects":"00000000-0000-4000-8000-000000000001"}"#;
    for (plan, first, then) in [
        (reports, CAM_REPORTS_TO_ANA, BOB_REPORTED_FOR_A_WHILE),
        (consumed, SOLD_BEFORE, CANCELLED_LATER),
        (moved, two, away),
    ] {
        // The plan names nobody, and facts name it: payees come first, their assignments behind it.
        let steps = [Publish(&plan), Record(first), Close("2027-01"), Record(then), Close("2027-02"), Close("2027-03")];
        let compared = follow(steps.into_iter()).unwrap_or_else(|differs| panic!("{differs}\n{then}"));
        assert_eq!(compared, 2, "two closes were made both ways");
    }
}
