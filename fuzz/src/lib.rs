//! What all fuzz targets share: a small book in memory, made from fixtures of the tests, and what is done with it.

use replay::close::close;
use replay::close::preview;
use replay::statements::build::statements;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use ledger::date::Month;
use ledger::id::Name;
use ledger::log::Log;
use ledger::seal::Seed;
use ledger::store::{Memory, Store};
use replay::book::Book;
use replay::close::CloseError;
use replay::record::publish::publish;
use replay::record::{OnSuperseded, RecordError, RecordOptions, Recorded, Rejects, Source, record};
use replay::stamp::Stamp;

pub const LAND: &str = include_str!("../../tests/golden/land/land.toml");
pub const CONSUMPTION: &str = include_str!("../../tests/golden/consumption/consumption.toml");
pub const FACTS: [&str; 2] =
    [include_str!("../../tests/golden/land/facts.jsonl"), include_str!("../../tests/golden/consumption/facts.jsonl")];

pub fn stamp() -> Stamp {
    Stamp {
        now: 1_800_000_000_000_000,
        author: "fuzz".into(),
        user: "fuzz".into(),
        seed: Seed([1; 32]),
        secret: Seed([2; 32]),
        signing: Vec::new(),
    }
}

/// A file of keys of this process alone, gone when this is dropped.
pub struct KeyFile(PathBuf);

impl KeyFile {
    fn new(name: &str) -> KeyFile {
        let file = KeyFile(std::env::temp_dir().join(format!("trueup-fuzz-{}-{name}.keys", std::process::id())));
        file.remove();
        file
    }

    fn remove(&self) {
        drop(std::fs::remove_file(&self.0));
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        self.remove();
    }
}

/// A book of one run, in memory.
pub struct Desk {
    pub book: Book,
    pub store: Memory,
    _keys: KeyFile,
}

impl Desk {
    /// A new book with nothing in it.
    pub fn empty() -> Desk {
        // Several may be open at once.
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let (store, keys) = (Memory::default(), KeyFile::new(&format!("empty-{number}")));
        let name = Name::new("fuzz").expect("a name");
        let book = Book::init_in(Box::new(store.clone()), keys.0.clone(), name, &stamp()).expect("a book");
        Desk { book, store, _keys: keys }
    }

    /// A book with two plans, people, bookings and usage, and its first month closed.
    pub fn with_history() -> Desk {
        static BYTES: OnceLock<std::collections::BTreeMap<u64, Vec<u8>>> = OnceLock::new();
        let bytes = BYTES.get_or_init(|| {
            let mut desk = Desk::empty();
            for plan in [LAND, CONSUMPTION] {
                publish(&mut desk.book, "plan.toml", plan, &stamp()).expect("published");
            }
            for facts in FACTS {
                desk.record(&without_persons(facts), Rejects::Refuse).expect("recorded");
            }
            desk.close("2027-01").expect("closed");
            desk.store.bytes()
        });
        let (store, keys) = (Memory::of(bytes.clone()), KeyFile::new("history"));
        let (log, _) = Log::open(Box::new(store.clone())).expect("a log");
        let book = Book::of(log, keys.0.clone()).expect("a book");
        Desk { book, store, _keys: keys }
    }

    pub fn record(&mut self, text: &str, rejects: Rejects) -> Result<Recorded, RecordError> {
        self.record_bytes(text.as_bytes(), rejects, OnSuperseded::Refuse)
    }

    pub fn record_bytes(
        &mut self,
        bytes: &[u8],
        rejects: Rejects,
        superseded: OnSuperseded,
    ) -> Result<Recorded, RecordError> {
        let source = Source { name: "facts.jsonl".into(), open: Box::new(move || Ok(Box::new(bytes))) };
        record(&mut self.book, &[source], RecordOptions { superseded, rejects, ..RecordOptions::default() }, &stamp())
    }

    /// Closes a month, and tells its statements with every reason.
    pub fn close(&mut self, period: &str) -> Result<(), CloseError> {
        let period = Month::parse(period).expect("a month");
        close(&mut self.book, period, None, None, &stamp())?;
        let closed = self.book.state().closed(period).expect("it was just closed");
        let statements = statements(&self.book, closed, None)?;
        let mut out = ledger::json::JsonWriter::new();
        out.list(|out| statements.iter().for_each(|statement| statement.json(out)));
        ledger::json::read(&out.finish()).expect("statements are JSON");
        Ok(())
    }

    /// What was recorded is known when it comes again. A retraction by key names what is in force when it comes: where
    /// the key was used again since, nobody can know which of the two is meant, and the file may be refused.
    pub fn knows(&mut self, file: &[u8]) {
        let size = self.book.size();
        let again = self.record_bytes(file, Rejects::Refuse, OnSuperseded::Refuse);
        let text = String::from_utf8_lossy(file);
        match again {
            Ok(again) => assert_eq!((again.new, again.restated), (0, 0), "recording twice is harmless\n{text}"),
            Err(_) if by_key(&text) => {}
            Err(error) => panic!("recording twice is harmless: {error:?}\n{text}"),
        }
        assert_eq!(self.book.size(), size);
    }

    /// Payable, owed and draw are never below zero.
    pub fn balances_are_sound(&self) {
        for (holder, balances) in &self.book.state().accounts().balances {
            let all = [balances.payable, balances.owed, balances.draw];
            assert!(all.iter().all(|balance| balance.minor >= 0), "{holder:?}: {balances:?}");
        }
    }

    /// What is in the log is what the book knows: opened again it is the same.
    pub fn opens_again(&self) {
        let (log, opened) = Log::open(Box::new(Memory::of(self.store.bytes()))).expect("what was written is a log");
        assert!(opened.torn.is_none());
        assert_eq!(log.root(), self.book.root());
        let again = Book::of(log, self.book.keys().path().to_owned()).expect("what was written is a book");
        assert_eq!(again.size(), self.book.size());
        let month = Month::parse("2028-06").expect("a month");
        let digest = |book: &Book| preview(book.state(), month, None).ok().map(|preview| preview.digest);
        assert_eq!(digest(&again), digest(&self.book));
    }
}

fn by_key(text: &str) -> bool {
    let named = text.split("\"retracts\"").skip(1).filter_map(|rest| rest.split('"').nth(1));
    named.into_iter().any(|named| named.contains(':'))
}

/// Without personal fields, no key has to be on disk.
fn without_persons(facts: &str) -> String {
    let lines = facts.lines().map(|line| match (line.contains("\"payee\", "), line.split_once("\"name\": ")) {
        (true, Some((before, after))) => format!("{before}{}", after.split_once(", ").expect("more fields").1),
        _ => line.to_owned(),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Two texts in one input, with a line of `%%` between them.
pub fn halves(data: &[u8]) -> (&[u8], &[u8]) {
    const BETWEEN: &[u8] = b"\n%%\n";
    match data.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        Some(at) => (&data[..at], &data[at + BETWEEN.len()..]),
        None => (data, &[]),
    }
}

/// Segments are read through the trait.
pub fn store_of(bytes: Vec<u8>) -> Box<dyn Store> {
    Box::new(Memory::of([(0, bytes)].into_iter().collect()))
}
