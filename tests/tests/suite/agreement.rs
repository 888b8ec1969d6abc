//! The program and the model agree on random plans and histories, line by line.
//!
//! `TRUEUP_CASES` sets how many cases are run (the default keeps the test short), `TRUEUP_SEED` begins another sequence.
//! The first difference is shrunk; with `TRUEUP_SURVEY` all are printed as they are. The tally tells what was covered.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use ledger::fact::Incoming;
use ledger::key::natural_key;
use ledger::line::FactLine;
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

use crate::history::{Arrived, Case, Payment, Step, case, lines, payments, steps_of, written};
use crate::model::pay::PaidOut;
use crate::model::{Book, number};
use crate::support::{TestBook, differs};

const CASES: u32 = 64;

fn from_environment(name: &str) -> Option<u32> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is no number: `{text}`")))
}

/// What was run, to tell and to judge the generator by.
#[derive(Default)]
struct Tally {
    cases: usize,
    /// A plan, or a close, was refused: nothing more can be compared.
    refused: BTreeMap<String, usize>,
    differ: usize,
    facts: usize,
    facts_refused: BTreeMap<String, usize>,
    closes: usize,
    lines: usize,
    /// In how many cases a fact was taken, and in how many a component with a key or word in its text posted a line.
    covered: BTreeMap<String, usize>,
    /// Of the case at hand.
    seen: BTreeSet<String>,
    words: BTreeMap<(String, String), BTreeSet<String>>,
}

#[test]
fn the_program_and_the_model_agree() {
    let cases = from_environment("TRUEUP_CASES").unwrap_or(CASES);
    let seed = from_environment("TRUEUP_SEED").unwrap_or(0);
    let halves: Vec<Tally> = std::thread::scope(|scope| {
        let half = |half: u32| scope.spawn(move || agree(cases.div_ceil(2), seed * 2 + half));
        let halves = [half(0), half(1)];
        halves.map(|half| half.join().expect("both agree")).into_iter().collect()
    });
    let tally = halves.into_iter().reduce(Tally::and).expect("two halves");
    eprintln!("{tally}");
    assert_eq!(tally.differ, 0, "cases in which the program and the model differ");
    let refused: usize = tally.refused.values().sum();
    assert!(refused * 10 <= tally.cases, "{refused} of {} cases were refused", tally.cases);
    assert!(tally.lines > tally.cases, "only {} lines in {} cases", tally.lines, tally.cases);
}

fn agree(cases: u32, seed: u32) -> Tally {
    let config = Config { cases, max_shrink_iters: 4000, failure_persistence: None, ..Config::default() };
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&seed.to_le_bytes());
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let tally = RefCell::new(Tally::default());
    let outcome = runner.run(&case(), |case| compare(&case, &tally));
    if let Err(TestError::Fail(reason, case)) = outcome {
        panic!("{reason}\n{}", written(&steps_of(&case)));
    }
    tally.into_inner()
}

/// Tells the program the case, the model what the program took of it, and compares each close.
fn compare(case: &Case, tally: &RefCell<Tally>) -> Result<(), TestCaseError> {
    let mut tally = tally.borrow_mut();
    tally.cases += 1;
    let steps = steps_of(case);
    match run(&steps, case, &mut tally) {
        Ok(()) => {}
        Err(Stop::Refused(code)) => *tally.refused.entry(code).or_default() += 1,
        Err(Stop::Differs(how)) if std::env::var_os("TRUEUP_SURVEY").is_some() => {
            eprintln!("DIFFERS {how}\n{}", written(&steps));
            tally.differ += 1;
        }
        Err(Stop::Differs(how)) => return Err(TestCaseError::fail(how)),
    }
    tally.case_ends();
    Ok(())
}

/// Why a case goes no further.
enum Stop {
    Refused(String),
    Differs(String),
}

fn run(steps: &[Step], case: &Case, tally: &mut Tally) -> Result<(), Stop> {
    let (test_book, mut book) = (TestBook::with_book(), Book::default());
    let mut known = Known::default();
    steps.iter().try_for_each(|step| match step {
        Step::Publish(text) => publish(&test_book, &mut book, text, tally),
        Step::Record(facts) => {
            known.learn(facts);
            record(&test_book, &mut book, facts, tally)
        }
        Step::Close(period) => {
            close(&test_book, &mut book, period, tally)?;
            known.closed.push(period.clone());
            let seed = case.payment_seed(known.closed.len());
            let payments = payments(&seed, &known.closed, &known.payees, &known.currencies);
            payments.iter().try_for_each(|payment| pay(&test_book, &mut book, payment, tally))
        }
    })
}

/// Whom and what payments can be about.
#[derive(Default)]
struct Known {
    closed: Vec<String>,
    payees: Vec<String>,
    currencies: Vec<String>,
}

impl Known {
    fn learn(&mut self, facts: &[Value]) {
        for fact in facts {
            for (name, into) in [("payee", &mut self.payees), ("currency", &mut self.currencies)] {
                if let Some(text) = fact[name].as_str().filter(|text| !into.iter().any(|known| known == text)) {
                    into.push(text.to_owned());
                }
            }
        }
        for (into, none) in [(&mut self.payees, "nobody"), (&mut self.currencies, "USD")] {
            if into.is_empty() {
                into.push(none.to_owned());
            }
        }
    }
}

/// Does it in the program, and in the model if the program took it: what is refused is not compared here.
fn pay(test_book: &TestBook, book: &mut Book, payment: &Payment, tally: &mut Tally) -> Result<(), Stop> {
    let run = |words: &[&str]| {
        let output = test_book.run(&[words, &["--format", "json"]].concat());
        let found = serde_json::from_slice::<Value>(&output.stdout).ok();
        found.filter(|_| output.status.success())
    };
    let of_payee =
        |payee: &Option<String>| payee.iter().flat_map(|payee| ["--payee".to_owned(), payee.clone()]).collect();
    let done = match payment {
        Payment::Approve { period, payee } => {
            let payee_words: Vec<String> = of_payee(payee);
            let words: Vec<&str> =
                ["approve", period].into_iter().chain(payee_words.iter().map(String::as_str)).collect();
            run(&words).map(|_| book.payables.approve(period, payee.as_deref()))
        }
        Payment::Reject { period, payee } => {
            let payee_words: Vec<String> = of_payee(payee);
            let words = ["reject", period, "--reason", "a test"];
            let words: Vec<&str> = words.into_iter().chain(payee_words.iter().map(String::as_str)).collect();
            run(&words).map(|_| book.payables.reject(period, payee.as_deref()))
        }
        Payment::Hold { payee, amount: None } => {
            run(&["hold", payee, "--reason", "a test"]).map(|_| book.payables.hold(payee, None))
        }
        Payment::Hold { payee, amount: Some((amount, currency)) } => {
            let words = ["hold", payee, "--amount", amount, "--currency", currency, "--reason", "a test"];
            let hold = || (currency.clone(), number::parse(amount));
            run(&words).map(|_| book.payables.hold(payee, Some(hold())))
        }
        Payment::Release { payee } => run(&["release", payee]).map(|_| book.payables.release(payee)),
        Payment::Payout { period } => return paid_out(book, period, run(&["payout", period]), tally),
        Payment::Confirm { index, arrived } => return confirm(test_book, book, (*index, *arrived), tally),
        Payment::Repay { payee, amount, currency } => {
            let found = run(&["repay", payee, "--amount", amount, "--currency", currency]);
            found.map(|_| {
                let (party, amount) = ((payee.clone(), currency.clone()), number::parse(amount));
                let owed = number::least(amount.clone(), book.owed(&party));
                book.repay(&party, &owed, &(amount - &owed));
            })
        }
        Payment::WriteOff { payee, amount, currency, of } => {
            let words =
                ["write-off", payee, "--amount", amount, "--currency", currency, "--of", of, "--reason", "a test"];
            run(&words).map(|_| {
                let (party, amount) = ((payee.clone(), currency.clone()), number::parse(amount));
                let parts = if *of == "owed" { (amount, number::zero()) } else { (number::zero(), amount) };
                book.repay(&party, &parts.0, &parts.1);
            })
        }
        // The model knows nothing of disputes: no figure depends on them.
        Payment::Dispute { payee, period } => run(&["dispute", "open", payee, period, "--reason", "a test"]).map(drop),
        Payment::Resolve { dispute, outcome, fact } => {
            let (dispute, by) = (dispute.to_string(), (fact * 2).to_string());
            let by = if *outcome == "accepted" { &["--by", &by][..] } else { &[] };
            run(&[&["dispute", "resolve", &dispute, outcome, "a test"], by].concat()).map(drop)
        }
    };
    let word = format!("{payment:?}");
    tally.seen.extend(done.map(|()| format!("payment {}", word.split(' ').next().unwrap_or_default())));
    Ok(())
}

/// The program and the model pay the same to the same people.
fn paid_out(book: &mut Book, period: &str, found: Option<Value>, tally: &mut Tally) -> Result<(), Stop> {
    let Some(found) = found else { return Err(Stop::Differs(format!("payout {period} was refused"))) };
    let of = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
    let rows = found.as_array().into_iter().flatten();
    let mut found: Vec<String> =
        rows.map(|one| format!("{} {} {}", of(one, "payee"), of(one, "currency"), of(one, "amount"))).collect();
    let paid = book.payables.payout(period).into_iter();
    let mut expected: Vec<String> = paid
        .map(|((payee, currency), amount)| format!("{payee} {currency} {}", number::written(&amount, &currency)))
        .collect();
    found.sort();
    expected.sort();
    tally.seen.extend((!found.is_empty()).then(|| "payment Payout".to_owned()));
    if found == expected {
        return Ok(());
    }
    Err(Stop::Differs(format!("payout {period}: the model pays {expected:?}, the program {found:?}")))
}

fn confirm(
    test_book: &TestBook,
    book: &mut Book,
    (index, arrived): (usize, Arrived),
    tally: &mut Tally,
) -> Result<(), Stop> {
    let payouts = &book.payables.payouts;
    let Some(payout) = payouts.get(index % payouts.len().max(1)) else { return Ok(()) };
    let (party, period) = (payout.party.clone(), payout.period.clone());
    let (status, amount) = match arrived {
        Arrived::All => ("paid", payout.amount.clone()),
        Arrived::Half => ("partly", number::round_down(&(&payout.amount * number::ratio(1, 2)), &party.1)),
        Arrived::CameBack => ("returned", &payout.amount - &payout.returned),
    };
    let text = number::written(&amount, &party.1);
    let line = format!("payee,currency,amount,status\n{},{},{text},{status}\n", party.0, party.1);
    let file = test_book.write("bank.csv", &line);
    let output = test_book.run(&["payout", &period, "--confirm", &file, "--format", "json"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    if !output.status.success() || found["confirmed"].as_array().is_none_or(Vec::is_empty) {
        return Ok(());
    }
    // The first payout that it can be about.
    let fits = |one: &PaidOut| {
        let is_it = one.party == party && one.period == period;
        is_it
            && match arrived {
                Arrived::All => one.is_open && one.amount == amount,
                Arrived::Half => one.is_open && one.amount > amount,
                Arrived::CameBack => &one.amount - &one.returned == amount,
            }
    };
    let Some(index) = payouts.iter().position(fits) else {
        return Err(Stop::Differs(format!("{line} was taken, and is about no payout")));
    };
    let back = match arrived {
        Arrived::All => number::zero(),
        Arrived::Half => &payouts[index].amount - &amount,
        Arrived::CameBack => amount,
    };
    book.payables.returned(index, &back);
    tally.seen.insert(format!("payment Confirm {status}"));
    Ok(())
}

/// The code of an error, from the brackets of its message.
fn refused(said: &[u8]) -> Stop {
    let said = String::from_utf8_lossy(said).into_owned();
    let code = said.split_once("error[").and_then(|(_, rest)| rest.split_once(']')).map(|(code, _)| code.to_owned());
    Stop::Refused(code.unwrap_or(said))
}

fn publish(test_book: &TestBook, book: &mut Book, text: &str, tally: &mut Tally) -> Result<(), Stop> {
    let output = test_book.run(&["plan", "publish", &test_book.write("plan.toml", text)]);
    if !output.status.success() {
        return Err(refused(&output.stderr));
    }
    book.publish(text);
    tally.read_words(text);
    Ok(())
}

fn record(test_book: &TestBook, book: &mut Book, facts: &[Value], tally: &mut Tally) -> Result<(), Stop> {
    calls(facts).into_iter().try_for_each(|facts| record_call(test_book, book, facts, tally))
}

/// Several calls, none of which has two facts of one key: they may contradict each other.
pub fn calls(facts: &[Value]) -> Vec<&[Value]> {
    let mut keys = BTreeSet::new();
    let (mut calls, mut first) = (Vec::new(), 0);
    for (place, fact) in facts.iter().enumerate() {
        let read = Incoming::read(FactLine { file: "", number: 1, text: &fact.to_string() });
        let Some(key) = read.ok().and_then(|incoming| natural_key(&incoming.fact.body)) else { continue };
        if keys.contains(&key) {
            calls.push(&facts[first..place]);
            keys.clear();
            first = place;
        }
        keys.insert(key);
    }
    calls.push(&facts[first..]);
    calls
}

/// What the program does not take is not given to the model: admission is not what is compared here.
fn record_call(test_book: &TestBook, book: &mut Book, facts: &[Value], tally: &mut Tally) -> Result<(), Stop> {
    let path = test_book.write("facts.jsonl", &lines(facts));
    let rejects = test_book.folder.path().join("rejects.jsonl");
    let output = test_book.run(&["record", &path, "--rejects", &rejects.display().to_string()]);
    let rejected: Vec<Value> = match std::fs::read_to_string(&rejects) {
        Ok(text) => text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
        Err(_) if output.status.success() => Vec::new(),
        Err(_) => return Err(refused(&output.stderr)),
    };
    let _ = std::fs::remove_file(&rejects);
    tally.facts += facts.len();
    for reject in &rejected {
        let code = reject["problems"][0]["code"].as_str().unwrap_or("?").to_owned();
        *tally.facts_refused.entry(code).or_default() += 1;
    }
    let texts: Vec<&str> = rejected.iter().filter_map(|reject| reject["text"].as_str()).map(str::trim).collect();
    for fact in facts.iter().filter(|fact| !texts.contains(&fact.to_string().as_str())) {
        tally.seen.insert(format!("fact {}", fact["fact"].as_str().expect("a kind")));
        book.record(fact);
    }
    Ok(())
}

fn close(test_book: &TestBook, book: &mut Book, period: &str, tally: &mut Tally) -> Result<(), Stop> {
    let output = test_book.run(&["close", period]);
    if !output.status.success() {
        return Err(refused(&output.stderr));
    }
    let found = test_book.json(&["statement", "--all", period]);
    let expected = Value::Array(book.close(period));
    tally.closes += 1;
    expected.as_array().into_iter().flatten().for_each(|statement| tally.count(statement));
    match differs(&expected, &found, period) {
        None => Ok(()),
        Some(how) => Err(Stop::Differs(format!("{how}\nmodel: {expected}\nprogram: {}", figures(&found)))),
    }
}

/// Without what the model does not tell.
fn figures(statements: &Value) -> Value {
    let mut statements = statements.clone();
    for statement in statements.as_array_mut().into_iter().flatten() {
        let members = statement.as_object_mut().expect("an object");
        members.retain(|name, _| {
            matches!(name.as_str(), "period" | "payee" | "currency" | "lines" | "settlement" | "closing")
        });
        for line in members["lines"].as_array_mut().into_iter().flatten() {
            line.as_object_mut().expect("an object").retain(|name, _| !matches!(name.as_str(), "why" | "causes"));
        }
    }
    statements
}

impl Tally {
    /// The keys and words of each component of a plan's text.
    fn read_words(&mut self, text: &str) {
        let mut chunks = text.split("\n[[draw]]").next().unwrap_or_default().split("\n[[component]]\n");
        let head = chunks.next().unwrap_or_default();
        let plan = value_of(head, "plan");
        for chunk in chunks {
            let keys = chunk.lines().chain(head.lines()).filter_map(|line| line.split_once(" = "));
            let described = keys.filter(|(key, _)| !matches!(*key, "id" | "title" | "plan" | "version" | "edition"));
            let words = described.flat_map(|(key, value)| words(key, value)).collect();
            self.words.insert((plan.clone(), value_of(chunk, "id")), words);
        }
    }

    fn count(&mut self, statement: &Value) {
        for line in statement["lines"].as_array().into_iter().flatten() {
            self.lines += 1;
            let of = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
            self.seen.extend(self.words.get(&(of("plan"), of("component"))).into_iter().flatten().cloned());
            self.seen.extend((line["before"] != "0.00").then(|| "line posted before".to_owned()));
            self.seen.extend(of("part").starts_with("claw").then(|| "line of a clawback".to_owned()));
        }
        let moved = statement["settlement"].as_object().into_iter().flatten().filter(|(_, amount)| !is_nothing(amount));
        self.seen.extend(moved.map(|(name, _)| format!("settlement {name}")));
    }

    fn case_ends(&mut self) {
        for name in std::mem::take(&mut self.seen) {
            *self.covered.entry(name).or_default() += 1;
        }
        self.words.clear();
    }

    fn and(mut self, other: Tally) -> Tally {
        self.cases += other.cases;
        self.differ += other.differ;
        self.facts += other.facts;
        self.closes += other.closes;
        self.lines += other.lines;
        let add = |to: &mut BTreeMap<String, usize>, from: BTreeMap<String, usize>| {
            from.into_iter().for_each(|(name, count)| *to.entry(name).or_default() += count);
        };
        add(&mut self.refused, other.refused);
        add(&mut self.facts_refused, other.facts_refused);
        add(&mut self.covered, other.covered);
        self
    }
}

fn is_nothing(amount: &Value) -> bool {
    amount.as_str().is_some_and(|amount| amount.chars().all(|c| matches!(c, '0' | '.')))
}

fn value_of(text: &str, key: &str) -> String {
    let found = text.lines().filter_map(|line| line.split_once(" = ")).find(|(name, _)| *name == key);
    found.map(|(_, value)| value.trim_matches('"').to_owned()).unwrap_or_default()
}

/// A key, and each word of its value.
fn words(key: &str, value: &str) -> Vec<String> {
    let split = value.split(|c: char| !(c.is_alphabetic() || c == '-'));
    let words = split.filter(|word| word.len() > 2).map(|word| format!("{key} {word}"));
    std::iter::once(key.to_owned()).chain(words).collect()
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        writeln!(out, "{} cases, {} facts, {} closes, {} lines", self.cases, self.facts, self.closes, self.lines)?;
        writeln!(out, "cases refused: {:?}", self.refused)?;
        writeln!(out, "facts refused: {:?}", self.facts_refused)?;
        self.covered.iter().try_for_each(|(name, count)| writeln!(out, "{count:>8} {name}"))
    }
}
