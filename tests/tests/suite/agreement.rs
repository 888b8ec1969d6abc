//! The program and the model agree on random plans and histories, line by line.
//!
//! `TRUEUP_CASES` sets how many cases are run (the default keeps the test short), `TRUEUP_SEED` begins another sequence.

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};
use serde_json::Value;

use crate::history::{Case, Step, case, lines, told, written};
use crate::model::Book;
use crate::support::{Desk, differs};

const CASES: u32 = 96;

fn from_environment(name: &str) -> Option<u32> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("`{name}` is no number: `{text}`")))
}

/// What was run, to tell and to judge the generator by.
#[derive(Default)]
struct Tally {
    cases: usize,
    /// A plan, or a close, was refused: nothing can be compared.
    refused: BTreeMap<String, usize>,
    facts: usize,
    facts_refused: BTreeMap<String, usize>,
    lines: usize,
    features: BTreeMap<String, usize>,
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
        panic!("{reason}\n{}", written(&told(&case)));
    }
    tally.into_inner()
}

/// Tells the program the case, the model what the program took of it, and compares each close.
fn compare(case: &Case, tally: &RefCell<Tally>) -> Result<(), TestCaseError> {
    let mut tally = tally.borrow_mut();
    tally.cases += 1;
    let (desk, mut book) = (Desk::with_book(), Book::default());
    for step in told(case) {
        let outcome = match step {
            Step::Publish(text) => publish(&desk, &mut book, &text, &mut tally),
            Step::Record(facts) => record(&desk, &mut book, &facts, &mut tally),
            Step::Close(period) => close(&desk, &mut book, &period, &mut tally)?,
        };
        if let Err(why) = outcome {
            if why == "differs" {
                eprintln!("{}", written(&told(case)));
            }
            *tally.refused.entry(why).or_default() += 1;
            return Ok(());
        }
    }
    Ok(())
}

/// The code of an error, as it stands in brackets.
fn code(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said).into_owned();
    if std::env::var_os("TRUEUP_TELL").is_some() {
        eprintln!("{said}");
    }
    let code = said.split_once("error[").and_then(|(_, rest)| rest.split_once(']')).map(|(code, _)| code.to_owned());
    code.unwrap_or(said)
}

fn publish(desk: &Desk, book: &mut Book, text: &str, tally: &mut Tally) -> Result<(), String> {
    let output = desk.run(&["plan", "publish", &desk.write("plan.toml", text)]);
    if !output.status.success() {
        return Err(code(&output.stderr));
    }
    book.publish(text);
    tally.plan_features(text);
    Ok(())
}

/// What the program does not take is not told to the model: admission is not what is compared here.
fn record(desk: &Desk, book: &mut Book, facts: &[Value], tally: &mut Tally) -> Result<(), String> {
    let path = desk.write("facts.jsonl", &lines(facts));
    let rejects = desk.folder.path().join("rejects.jsonl");
    let output = desk.run(&["record", &path, "--rejects", &rejects.display().to_string()]);
    let rejected: Vec<Value> = match std::fs::read_to_string(&rejects) {
        Ok(text) => text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect(),
        Err(_) if output.status.success() => Vec::new(),
        Err(_) => return Err(String::from_utf8_lossy(&output.stderr).into_owned()),
    };
    let _ = std::fs::remove_file(&rejects);
    tally.facts += facts.len();
    for reject in &rejected {
        let code = reject["problems"][0]["code"].as_str().unwrap_or("?").to_owned();
        *tally.facts_refused.entry(code).or_default() += 1;
    }
    let texts: Vec<&str> = rejected.iter().filter_map(|reject| reject["text"].as_str()).map(str::trim).collect();
    for fact in facts.iter().filter(|fact| !texts.contains(&fact.to_string().as_str())) {
        tally.feature(format!("fact {}", fact["fact"].as_str().expect("a kind")));
        book.record(fact);
    }
    Ok(())
}

fn close(desk: &Desk, book: &mut Book, period: &str, tally: &mut Tally) -> Result<Result<(), String>, TestCaseError> {
    let output = desk.run(&["close", period]);
    if !output.status.success() {
        return Ok(Err(code(&output.stderr)));
    }
    let found = desk.json(&["statement", "--all", period]);
    let expected = Value::Array(book.close(period));
    tally.lines +=
        expected.as_array().into_iter().flatten().map(|one| one["lines"].as_array().map_or(0, Vec::len)).sum::<usize>();
    match differs(&expected, &found, period) {
        None => Ok(Ok(())),
        Some(difference) if std::env::var_os("TRUEUP_SURVEY").is_some() => {
            eprintln!("DIFF {difference}\nmodel: {expected}\nprogram: {}", figures(&found));
            Ok(Err("differs".into()))
        }
        Some(difference) => {
            Err(TestCaseError::fail(format!("{difference}\nmodel: {expected}\nprogram: {}", figures(&found))))
        }
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
    fn feature(&mut self, name: String) {
        *self.features.entry(name).or_default() += 1;
    }

    /// Keys, and keys with their word, of a plan's text.
    fn plan_features(&mut self, text: &str) {
        let words = text.lines().filter_map(|line| line.split_once(" = "));
        let keys = words.filter(|(key, _)| !matches!(*key, "id" | "title" | "plan" | "version" | "edition"));
        let mut names: Vec<String> = keys.map(|(key, value)| format!("plan {key}{}", worded(value))).collect();
        names.sort();
        names.dedup();
        names.into_iter().for_each(|name| self.feature(name));
    }

    fn and(mut self, other: Tally) -> Tally {
        self.cases += other.cases;
        self.facts += other.facts;
        self.lines += other.lines;
        let add = |to: &mut BTreeMap<String, usize>, from: BTreeMap<String, usize>| {
            from.into_iter().for_each(|(name, count)| *to.entry(name).or_default() += count);
        };
        add(&mut self.refused, other.refused);
        add(&mut self.facts_refused, other.facts_refused);
        add(&mut self.features, other.features);
        self
    }
}

/// The value where it is a word, and the names inside it where it is a table.
fn worded(value: &str) -> String {
    let bare = value.trim_matches('"');
    if value.starts_with('"') && bare.chars().all(|c| c.is_alphabetic() || c == '-') {
        return format!(" {bare}");
    }
    if !value.starts_with('{') {
        return String::new();
    }
    let words = value.split(|c: char| !(c.is_alphabetic() || c == '-')).filter(|word| word.len() > 3);
    words.map(|word| format!(" {word}")).collect()
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter) -> std::fmt::Result {
        writeln!(out, "{} cases, {} facts, {} lines compared", self.cases, self.facts, self.lines)?;
        writeln!(out, "cases refused: {:?}", self.refused)?;
        writeln!(out, "facts refused: {:?}", self.facts_refused)?;
        self.features.iter().try_for_each(|(name, count)| writeln!(out, "{count:>8} {name}"))
    }
}
