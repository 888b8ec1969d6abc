//! `bench readers [N]`: what it costs that a state can be shared. A book of N usage snapshots and as many accounts as contracts
//! gets a day of usage, with and without a reader that keeps the state of before, by turns; then a day whose last line is
//! wrong, beside folding the book again.

use std::io::{BufRead, Cursor};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ledger::date::Day;
use ledger::id::Name;
use ledger::seal::Seed;
use replay::book::Book;
use replay::record::{OnSuperseded, RecordOptions, Rejects, Source, record};
use replay::stamp::Stamp;
use replay::state::State;

const CONTRACTS: usize = 20_000;
const ROUNDS: usize = 10;

fn stamp(number: usize) -> Stamp {
    let seed = |byte: u8| Seed([byte; 32]);
    let number = u8::try_from(number % 100).expect("below 100");
    Stamp {
        now: 1_800_000_000_000_000,
        author: "bench".into(),
        user: "bench".into(),
        seed: seed(number),
        secret: seed(number + 128),
        signing: Vec::new(),
    }
}

/// A day's usage of every contract, as JSON Lines.
fn usage(day: Day) -> String {
    let line = |contract: usize| {
        format!(
            "{{\"fact\": \"usage-snapshot\", \"account\": \"account-{contract:05}\", \"from\": \"{day}\", \"to\": \"{day}\", \"amount\": \"{contract}.25\", \"currency\": \"USD\"}}\n"
        )
    };
    (0..CONTRACTS).map(line).collect()
}

fn take(book: &mut Book, text: &str, number: usize) -> (bool, f64) {
    let open = || Ok(Box::new(Cursor::new(text.as_bytes())) as Box<dyn BufRead>);
    let source = Source { name: "usage.jsonl".into(), open: Box::new(open) };
    let options =
        RecordOptions { superseded: OnSuperseded::Refuse, rejects: Rejects::Refuse, ..RecordOptions::default() };
    let start = Instant::now();
    let outcome = record(book, &[source], options, &stamp(number));
    (outcome.is_ok(), start.elapsed().as_secs_f64())
}

fn middle(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2] * 1_000.0
}

/// Records days by turns, and says how long each way takes.
pub fn run(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut book = filled(folder.path(), count);
    let first = Day::new(2024, 1, 1).expect("a day").plus_days((count / CONTRACTS) as i32);
    let (mut alone, mut beside, mut copies, mut refused, mut folded) = (vec![], vec![], vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let day = |number: i32| first.plus_days(2 * round as i32 + number);
        let (done, seconds) = take(&mut book, &usage(day(0)), 2 * round);
        assert!(done, "a day is recorded");
        alone.push(seconds);
        let reader: Arc<State> = book.shared_state();
        let (done, seconds) = take(&mut book, &usage(day(1)), 2 * round + 1);
        assert!(done && reader.size() < book.size(), "a reader keeps its size");
        beside.push(seconds);
        drop(reader);
        let start = Instant::now();
        let copy = State::clone(book.state());
        copies.push(start.elapsed().as_secs_f64());
        drop(copy);
        let wrong = usage(day(2)) + "{\"fact\": \"quota\", \"payee\": \"nobody\"}\n";
        let (done, seconds) = take(&mut book, &wrong, 2 * round);
        assert!(!done, "a wrong line refuses the file");
        refused.push(seconds);
        let start = Instant::now();
        drop(book.state_at(book.size()).expect("a state"));
        folded.push(start.elapsed().as_secs_f64());
    }
    println!("readers: a book of {count} usage snapshots, {CONTRACTS} lines a file; the middle of {ROUNDS} turns");
    println!("  recorded alone                              {:>9.2} ms", middle(alone));
    println!("  recorded beside a reader of the size before {:>9.2} ms", middle(beside));
    println!("  a copy of the state                         {:>9.3} ms", middle(copies));
    println!("  refused for its last line                   {:>9.2} ms", middle(refused));
    println!("  folding the book from its first entry       {:>9.2} ms", middle(folded));
}

fn filled(folder: &Path, count: usize) -> Book {
    let name = Name::new("bench").expect("a name");
    let mut book = Book::init(&folder.join("book"), name, &stamp(99)).expect("a book");
    let first = Day::new(2024, 1, 1).expect("a day");
    let accounts: String = (0..CONTRACTS)
        .map(|account| {
            format!("{{\"fact\": \"account\", \"account\": \"account-{account:05}\", \"at\": \"2024-01-01\"}}\n")
        })
        .collect();
    assert!(take(&mut book, &accounts, 98).0, "accounts are recorded");
    for (number, days) in (0..count / CONTRACTS).collect::<Vec<_>>().chunks(50).enumerate() {
        let text: String = days.iter().map(|day| usage(first.plus_days(*day as i32))).collect();
        assert!(take(&mut book, &text, number).0, "usage is recorded");
    }
    book
}
