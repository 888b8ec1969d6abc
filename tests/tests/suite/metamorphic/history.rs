//! A history as data, so that it can be written in another way: plans, facts and closes in order, and the result.

use replay::close::close;
use replay::statements::build::posted;
use std::path::Path;
use std::sync::OnceLock;

use ledger::date::Month;
use ledger::id::Name;
use ledger::json::JsonWriter;
use ledger::seal::Seed;
use ledger::store::Memory;
use replay::book::Book;
use replay::record::publish::publish;
use replay::record::{RecordOptions, Recorded, Source, Versions, record};
use replay::stamp::Stamp;
use serde_json::Value;
use tempfile::TempDir;

use crate::support::{differs, shared};

const CASES: &str = include_str!("../../../cases/random.jsonl");

#[derive(Clone)]
pub struct History {
    pub name: String,
    pub steps: Vec<Step>,
}

#[derive(Clone)]
pub enum Step {
    /// A plan's text.
    Publish(String),
    /// The facts of one file.
    Record(Vec<Value>),
    Close(Month),
}

/// A history, and the figures of all its statements.
pub struct ClosedHistory {
    pub history: History,
    pub figures: Vec<Value>,
}

/// The random histories, and the worked examples where they are; each closed once as it is.
pub fn originals() -> &'static [ClosedHistory] {
    static TOLD: OnceLock<Vec<ClosedHistory>> = OnceLock::new();
    TOLD.get_or_init(|| {
        let histories = random().into_iter().chain(examples());
        histories.map(|history| ClosedHistory { figures: history.figures(), history }).collect()
    })
}

/// In how many ways each history is original.
pub fn ways() -> u64 {
    std::env::var("TRUEUP_CASES").ok().map_or(1, |text| text.parse().expect("TRUEUP_CASES is a number"))
}

/// A number that follows from these words alone.
pub fn drawn(words: &[&str]) -> u64 {
    let hash = blake3::hash(words.join("\n").as_bytes());
    u64::from_be_bytes(*hash.as_bytes().first_chunk().expect("32 bytes"))
}

/// Asserts that both give the same; otherwise shows the first difference.
pub fn same(history: &History, expected: &[Value], found: &[Value]) {
    let (expected, found) = (Value::Array(expected.to_vec()), Value::Array(found.to_vec()));
    let difference = differs(&expected, &found, "").or_else(|| differs(&found, &expected, ""));
    if let Some(difference) = difference {
        panic!("history {}: {difference}", history.name);
    }
}

// Reading them --------------------------------------------------------------------------------------------------------

fn random() -> Vec<History> {
    let cases = CASES.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON"));
    let history = |case: Value| {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        History::read(&text(&case["name"]), &text(&case["steps"]), |file| text(&case["files"][file]))
    };
    cases.map(history).collect()
}

fn examples() -> Vec<History> {
    let Some(folder) = shared("examples") else { return Vec::new() };
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    let read =
        |path: &Path| std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let history = |folder: &Path| {
        let name = folder.file_name().expect("a name").to_string_lossy().into_owned();
        History::read(&name, &read(&folder.join("steps")), |file| read(&folder.join(file)))
    };
    folders.iter().map(|folder| history(folder)).collect()
}

impl History {
    /// Reads `steps` as `TestBook::follow` does.
    fn read(name: &str, steps: &str, file: impl Fn(&str) -> String) -> History {
        let fact = |line: &str| serde_json::from_str(line).expect("JSON");
        let step = |line: &str| {
            let (verb, what) = line.split_once(' ').expect("a verb and what to do it to");
            match verb {
                "publish" => Step::Publish(file(what)),
                "record" => Step::Record(file(what).lines().filter(|line| !line.trim().is_empty()).map(fact).collect()),
                "close" => Step::Close(Month::parse(what).expect("a month")),
                other => panic!("`{other}` is no step that this test knows"),
            }
        };
        let steps = steps.lines().filter(|line| !line.trim().is_empty()).map(step).collect();
        History { name: name.to_owned(), steps }
    }

    /// The same with each fact made into others.
    pub fn with_facts(&self, mut make: impl FnMut(&Value) -> Vec<Value>) -> History {
        let steps = self.steps.iter().map(|step| match step {
            Step::Record(facts) => Step::Record(facts.iter().flat_map(&mut make).collect()),
            Step::Publish(_) | Step::Close(_) => step.clone(),
        });
        History { name: self.name.clone(), steps: steps.collect() }
    }

    pub fn facts(&self) -> impl Iterator<Item = &Value> {
        let files = self.steps.iter().filter_map(|step| match step {
            Step::Record(facts) => Some(facts),
            Step::Publish(_) | Step::Close(_) => None,
        });
        files.flatten()
    }

    pub fn plans(&self) -> impl Iterator<Item = toml::Table> {
        let texts = self.steps.iter().filter_map(|step| match step {
            Step::Publish(text) => Some(text),
            Step::Record(_) | Step::Close(_) => None,
        });
        texts.map(|text| text.parse().expect("TOML"))
    }

    /// The figures of all statements of all its closes.
    pub fn figures(&self) -> Vec<Value> {
        let mut generator = FactGenerator::new(&self.name);
        self.steps.iter().flat_map(|step| generator.take(step)).collect()
    }
}

// Telling them --------------------------------------------------------------------------------------------------------

/// A book in memory to which a history happens.
pub struct FactGenerator {
    name: String,
    pub book: Book,
    _keys: TempDir,
}

impl FactGenerator {
    pub fn new(name: &str) -> FactGenerator {
        let keys = tempfile::tempdir().expect("a folder");
        let path = keys.path().join("book.keys");
        let book = Name::new("acme").expect("a name");
        let book = Book::init_in(Box::new(Memory::default()), path, book, &stamp()).expect("a book");
        FactGenerator { name: name.to_owned(), book, _keys: keys }
    }

    /// Does a step; gives the figures of what was closed.
    pub fn take(&mut self, step: &Step) -> Vec<Value> {
        match step {
            Step::Publish(text) => {
                let done = publish(&mut self.book, "plan.toml", text, &stamp());
                done.unwrap_or_else(|error| panic!("history {}: {error:?}\n{text}", self.name));
                Vec::new()
            }
            Step::Record(facts) => {
                self.record(facts);
                Vec::new()
            }
            Step::Close(period) => self.close(*period),
        }
    }

    pub fn record(&mut self, facts: &[Value]) -> Recorded {
        let text: String = facts.iter().map(|fact| format!("{fact}\n")).collect();
        let open = || Ok(Box::new(text.as_bytes()) as Box<dyn std::io::BufRead>);
        let source = Source { name: "facts.jsonl".to_owned(), open: Box::new(open) };
        let options = RecordOptions { versions: Versions::Successive, ..RecordOptions::default() };
        let recorded = record(&mut self.book, &[source], options, &stamp());
        recorded.unwrap_or_else(|error| panic!("history {}: {error:?}\n{text}", self.name))
    }

    fn close(&mut self, period: Month) -> Vec<Value> {
        let done = close(&mut self.book, period, None, None, &stamp());
        done.unwrap_or_else(|error| panic!("history {}: {error:?}", self.name));
        let closed = self.book.state().closed(period).expect("it was just closed");
        let figures = posted(&self.book, closed).expect("its entries can be read");
        let mut out = JsonWriter::new();
        out.list(|out| figures.iter().for_each(|figures| figures.json("acme", out)));
        serde_json::from_str(&out.finish()).expect("JSON")
    }
}

fn stamp() -> Stamp {
    let (seed, secret) = (Seed([1; 32]), Seed([2; 32]));
    Stamp {
        now: 1_800_000_000_000_000,
        author: "tester".into(),
        user: "tester".into(),
        seed,
        secret,
        signing: Vec::new(),
    }
}
