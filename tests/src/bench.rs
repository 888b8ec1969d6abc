//! Whole jobs timed, each beside something real in the same run: `cargo run --release -p tests --bin bench`.
//!
//! `bench record [N]` usage from JSON Lines to disk, `bench replay [N]` a book from its first entry to knowledge,
//! `bench memory [N]` daily snapshots of 20,000 contracts in memory; without a word, all three at their usual sizes.
//! `bench large …` is a whole company over years: see `large/mod.rs`.
//! `bench replay-of FOLDER` replays the book that is there, `bench open-of FOLDER` opens it,
//! `bench audit-of FOLDER` audits it, `bench preview-of FOLDER MONTH` asks what closing a month would post.
//! `bench open [N] [FOLDER]` opens a book of N entries without and with a snapshot, and looks things up without and with an
//! index; it stays in a folder that is named. `bench appends [N]` makes small appends, each durable by itself.
//! `bench readers [N]` records beside a reader that keeps an older state, and refuses a file.

// With the allocator of the command.
use cli as _;
use replay::derived::lookup::place_of_id;
use replay::derived::lookup::places;

mod appends;
mod large;
mod opened;
mod readers;
mod replayed;
mod timing;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use ledger::date::Day;
use ledger::entry::EntryPrefix;
use ledger::field::Amount;
use ledger::id::Name;
use ledger::money::Currency;
use ledger::seal::Seed;
use projections::knowledge::{Knowledge, UsageRef};
use replay::book::{Book, When};
use replay::derived::entry_names::NameQuery;
use replay::record::{OnSuperseded, RecordOptions, Rejects, Source, record};
use replay::stamp::Stamp;
use timing::{peak, rate, resident, timed};

const CONTRACTS: usize = 20_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let count = |usual: usize| arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(usual);
    match arguments.first().map(String::as_str) {
        Some("record") => record_and_replay(count(2_000_000), Jobs::Record),
        Some("replay") => record_and_replay(count(4_000_000), Jobs::Both),
        Some("replay-of") => replayed::run(Path::new(arguments.get(1).expect("a book's folder"))),
        Some("large") => large::run(&arguments[1..]),
        Some("open-of") => large::open_of(Path::new(arguments.get(1).expect("a book's folder"))),
        Some("audit-of") => large::audit_of(Path::new(arguments.get(1).expect("a book's folder"))),
        Some("preview-of") => {
            let month = arguments.get(2).and_then(|text| ledger::date::Month::parse(text));
            large::preview_of(Path::new(arguments.get(1).expect("a book's folder")), month.expect("a month"));
        }
        Some("memory") => memory(count(22_000_000)),
        Some("appends") => appends::run(count(4_000)),
        Some("readers") => readers::run(count(2_000_000)),
        Some("open") => open(count(10_000_000), arguments.get(2).map(Path::new)),
        _ => {
            record_and_replay(2_000_000, Jobs::Both);
            memory(22_000_000);
        }
    }
}

#[derive(PartialEq)]
enum Jobs {
    Record,
    Both,
}

/// A day's usage of a contract, the same in every run.
fn amount(index: usize) -> i64 {
    (index as i64).wrapping_mul(2_654_435_761).rem_euclid(1_000_000)
}

fn day(index: usize) -> Day {
    Day::new(2024, 1, 1).expect("a day").plus_days((index / CONTRACTS) as i32)
}

fn write_lines(path: &Path, count: usize) {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path).expect("a file"));
    for index in 0..count {
        let (day, contract, amount) = (day(index), index % CONTRACTS, amount(index));
        writeln!(
            file,
            "{{\"fact\": \"usage-snapshot\", \"account\": \"account-{contract:05}\", \"from\": \"{day}\", \"to\": \"{day}\", \"amount\": \"{}.{:02}\", \"currency\": \"USD\"}}",
            amount / 100,
            amount % 100
        )
        .expect("written");
    }
}

fn stamp(number: u8) -> Stamp {
    Stamp {
        now: 1_800_000_000_000_000,
        author: "bench".into(),
        user: "bench".into(),
        seed: Seed([number; 32]),
        secret: Seed([number + 128; 32]),
        signing: Vec::new(),
    }
}

/// The limit: reading the same bytes and hashing them.
fn read_and_hash(path: &Path) -> f64 {
    let (_, seconds) = timed(|| {
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(path).expect("a file")).expect("read");
        hasher.finalize()
    });
    seconds
}

/// What a script would do: parse every line into a map with the usual library.
fn parse_only(path: &Path) -> f64 {
    let lines = BufReader::new(File::open(path).expect("a file")).lines();
    let (_, seconds) = timed(|| {
        lines.map_while(Result::ok).filter(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()).count()
    });
    seconds
}

fn record_and_replay(count: usize, jobs: Jobs) {
    let folder = tempfile::tempdir().expect("a folder");
    let (facts, place) = (folder.path().join("usage.jsonl"), folder.path().join("book"));
    write_lines(&facts, count);
    println!("record: {count} usage snapshots of {CONTRACTS} contracts from JSON Lines to disk");
    let mut book = Book::init(&place, Name::new("bench").expect("a name"), &stamp(1)).expect("a book");
    let options =
        RecordOptions { superseded: OnSuperseded::Refuse, rejects: Rejects::Refuse, ..RecordOptions::default() };
    let source = || Source {
        name: "usage.jsonl".into(),
        open: Box::new(|| Ok(Box::new(BufReader::with_capacity(1 << 20, File::open(&facts)?)) as Box<dyn BufRead>)),
    };
    let (recorded, seconds) = timed(|| record(&mut book, &[source()], options, &stamp(2)).expect("recorded"));
    assert_eq!(recorded.new, count as u64);
    rate("recorded, durable", count, seconds);
    let (again, known) = timed(|| record(&mut book, &[source()], options, &stamp(3)).expect("recorded"));
    assert_eq!(again.known, count as u64);
    rate("the same file again, all of it known", count, known);
    println!(
        "  {:.1} times reading and hashing the same bytes, {:.2} times parsing them with serde_json",
        seconds / read_and_hash(&facts),
        seconds / parse_only(&facts)
    );
    drop(book);
    if jobs == Jobs::Both {
        replay(&place, count);
    }
}

fn replay(place: &Path, count: usize) {
    println!("replay: {count} usage entries from the first one to knowledge");
    let (log, open) =
        timed(|| ledger::log::Log::open_read(Box::new(ledger::store::Files::at(place.join("log")))).expect("a log"));
    rate("opening the log for reading", count, open);
    let (_, read) = timed(|| {
        let mut frames = log.frames(0);
        let mut bytes = 0;
        while let Some(frame) = frames.next().expect("a frame") {
            bytes += frame.bytes().len();
        }
        bytes
    });
    rate("frames read, checksums checked, nothing else", count, read);
    let (book, folded) = timed(|| Book::of(log, place.with_extension("keys")).expect("a book"));
    assert_eq!(book.size(), count as u64 + 1);
    rate("folded into knowledge", count, folded);
    println!("  {:.1} times reading and checking the same frames", folded / read);
    drop(book);
    let (verified, seconds) = timed(|| replay::verify::verify(place).expect("verified"));
    assert_eq!(verified.entries, count as u64 + 1);
    rate("verified: every byte, hash and root", count, seconds);
}

/// Opens a large book, made here unless the folder has it already.
fn open(count: usize, folder: Option<&Path>) {
    let own = tempfile::tempdir().expect("a folder");
    let place = folder.unwrap_or(own.path()).join("book");
    if !place.exists() {
        let (_, seconds) = timed(|| opened::build(&place, count, stamp));
        rate("built", count, seconds);
    }
    let (log, seconds) =
        timed(|| ledger::log::Log::open_read(Box::new(ledger::store::Files::at(place.join("log")))).expect("a log"));
    let count = log.size() as usize;
    rate("opening the log for reading", count, seconds);
    drop(log);
    let (_, seconds) =
        timed(|| ledger::log::Log::open(Box::new(ledger::store::Files::at(place.join("log")))).expect("a log"));
    rate("opening the log for writing", count, seconds);
    let known = std::fs::read_dir(place.join("derived")).is_ok();
    if !known {
        let ((mut book, _), seconds) = timed(|| Book::open(&place).expect("a book"));
        rate("opening the book for writing, without a snapshot", count, seconds);
        let (kept, seconds) = timed(|| book.keep().expect("kept"));
        assert_eq!(kept, Some(count as u64));
        rate("writing a snapshot", count, seconds);
        println!("  {:.2} GiB at most", peak() as f64 / (1u64 << 30) as f64);
        return println!("once more to open it with the snapshot");
    }
    for _ in 0..3 {
        let (book, seconds) = timed(|| Book::open_read(&place).expect("a book"));
        assert!(book.rejected_caches().is_empty(), "{:?}", book.rejected_caches());
        rate("opening the book for reading, with a snapshot", count, seconds);
        let (_, seconds) = timed(|| drop(book));
        rate("letting go of it", count, seconds);
    }
    look_up(&place, count);
    println!("  {:.2} GiB at most", peak() as f64 / (1u64 << 30) as f64);
}

/// An id and a name that stand nowhere but in records and facts, by the index and by the log.
fn look_up(place: &Path, count: usize) {
    let (book, _) = Book::open(place).expect("a book");
    let ((), seconds) = timed(|| drop(book.keep_index(When::Now).expect("kept")));
    drop(book);
    rate("comparing the index, and writing it if it is behind", count, seconds);
    // Another one may have been written since it was opened.
    let book = Book::open_read(place).expect("a book");
    let (size, name) = (book.size(), opened::payee_id(1));
    let last = book.entry(size - 1).expect("an entry").id;
    let (place, seconds) = timed(|| place_of_id(&book, last, tempfile::tempdir).expect("asked").0);
    assert_eq!(place, Some(size - 1));
    rate("the place of an id, by the index", 1, seconds);
    let (place, seconds) =
        timed(|| opened::scan(&book, |bytes| EntryPrefix::get(bytes).is_ok_and(|head| head.id == last)));
    assert_eq!(place, [size - 1]);
    rate("the place of an id, by the log", 1, seconds);
    let item = NameQuery::new(name.as_str());
    let (places, seconds) = timed(|| places(&book, std::slice::from_ref(&item), tempfile::tempdir).expect("asked"));
    assert_eq!(places.below, size);
    rate("places of a name, by the index", 1, seconds);
    let mut item = item;
    let (scanned, seconds) = timed(|| opened::scan(&book, |bytes| opened::is_about(&mut item, bytes)));
    assert_eq!(scanned, places.positions.into_iter().collect::<Vec<u64>>());
    rate("places of a name, by the log", 1, seconds);
}

fn memory(count: usize) {
    println!("memory: {count} daily snapshots of {CONTRACTS} contracts");
    let before = resident();
    let currency = Currency::parse("USD").expect("a currency");
    let names: Vec<String> = (0..CONTRACTS).map(|contract| format!("account-{contract:05}")).collect();
    let derived = uuid::Builder::from_custom_bytes([7; 16]).into_uuid();
    let (knowledge, seconds) = timed(|| {
        let mut knowledge = Knowledge::default();
        for index in 0..count {
            let name = &names[index % CONTRACTS];
            let amount =
                Amount::parse(&format!("{}.{:02}", amount(index) / 100, amount(index) % 100)).expect("an amount");
            let usage = UsageRef {
                account: name,
                contract: name,
                meter: None,
                from: day(index),
                to: day(index),
                amount,
                quantity: None,
                currency,
            };
            knowledge.apply_usage(usage, derived, &[]);
        }
        knowledge
    });
    rate("folded from memory", count, seconds);
    let held = resident().saturating_sub(before);
    println!("  {:.2} GiB held, {:.1} bytes a snapshot", held as f64 / (1u64 << 30) as f64, held as f64 / count as f64);
    assert_eq!(knowledge.size(), count as u64);
}
