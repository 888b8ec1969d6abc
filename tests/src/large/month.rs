//! A month: its facts and usage recorded as the command records them, then closed; timed and sized.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use ledger::date::{Day, Month};
use ledger::id::Name;
use ledger::seal::Seed;
use replay::book::Book;
use replay::close::{CloseDone, CloseError};
use replay::record::publish::publish;
use replay::record::{RecordError, RecordOptions, Recorded, Source, Versions};
use replay::stamp::Stamp;
use serde::{Deserialize, Serialize};

use super::company::facts::Facts;
use super::company::plans::PLANS;
use super::company::seat::POD;
use super::company::world::World;
use super::folder::{Folder, files};
use super::memory::{gib, held, most};
use super::report::{Report, bounds};
use super::took::{Took, timed};

/// What a month took.
#[derive(Clone, Serialize, Deserialize)]
pub struct Measured {
    pub facts: u64,
    pub facts_took: Took,
    pub usage: u64,
    pub usage_took: Took,
    pub close_took: Took,
    pub lines: u64,
    pub held: u64,
    pub most: u64,
    pub log_bytes: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub struct Months(pub Vec<Measured>);

/// The company lives through its months. What a kept folder has closed already is not done again.
pub fn live(world: &mut World, folder: &Folder, kept_usage: usize, first_close: usize) -> Months {
    let mut months = Months::load(&folder.months());
    let mut book =
        if months.0.is_empty() { found(&folder.book()) } else { Book::open(&folder.book()).expect("a book").0 };
    let closed = months.0.len();
    let count = world.size.months;
    println!("{} payees, {} contracts, {count} months", world.pods() * POD, world.size.contracts);
    println!(
        "   month     facts  seconds      /s     usage  seconds        /s   close s  processor     lines  memory GiB  most  log GiB"
    );
    for index in 0..count {
        let (month, facts) = (World::month(index), world.live(index));
        let usage = folder.usage(month);
        let compared = index + kept_usage >= count;
        if index >= closed || compared && !usage.exists() {
            world.usage(month, &usage);
        }
        if index >= closed {
            let closes = index + 1 >= first_close;
            let keeps = closes && base_of(count + 1) == Some(index + 1);
            let measured = one_month(&mut book, month, &facts, folder, (closes, keeps));
            months.0.push(measured);
            months.save(&folder.months());
        }
        if !compared && usage.exists() {
            std::fs::remove_file(&usage).expect("removed");
        }
        months.0[index].print(month);
    }
    let (_, took) = timed(|| book.keep_now().unwrap_or_else(|doubt| panic!("{doubt}")));
    println!("  a snapshot of it was written in {:.2} s", took.clock);
    months
}

/// A new book with all plans.
fn found(place: &Path) -> Book {
    let mut book =
        Book::init(place, Name::new("large").expect("a name"), &stamp(0, World::month(0).first())).expect("a book");
    for (index, (file, text)) in PLANS.iter().enumerate() {
        if let Err(error) = publish(&mut book, file, text, &stamp(index as u64 + 1, World::month(0).first())) {
            panic!("{file}: {error:?}");
        }
    }
    book
}

/// The month that a last one is held against: of the same quarter, so that the same falls due.
pub fn base_of(last: usize) -> Option<usize> {
    last.checked_sub(30).filter(|base| *base > 0)
}

fn one_month(book: &mut Book, month: Month, facts: &Facts, folder: &Folder, (closes, keeps): (bool, bool)) -> Measured {
    let (recorded, facts_took) = record_facts(book, month, facts, folder);
    // Now and then an account comes into the hands that it is in.
    assert_eq!(recorded.new + recorded.restated + recorded.known, facts.count, "nothing of a month is left out");
    let (recorded_usage, usage_took) = timed(|| record(book, &folder.usage(month), month));
    if keeps {
        book.keep_now().unwrap_or_else(|doubt| panic!("{doubt}"));
        folder.keep_before_close(month);
    }
    let (lines, close_took) = timed(|| if closes { close(book, month).lines } else { 0 });
    Measured {
        facts: recorded.new + recorded.restated,
        facts_took,
        usage: recorded_usage.new,
        usage_took,
        close_took,
        lines,
        held: held(),
        most: most(),
        log_bytes: log_bytes(&folder.book()),
    }
}

pub fn record_facts(book: &mut Book, month: Month, facts: &Facts, folder: &Folder) -> (Recorded, Took) {
    let file = folder.facts(month);
    std::fs::write(&file, &facts.text).expect("written");
    let result = timed(|| record(book, &file, month));
    std::fs::remove_file(&file).expect("removed");
    result
}

pub fn record(book: &mut Book, file: &Path, month: Month) -> Recorded {
    let path: PathBuf = file.to_owned();
    let open = move || Ok(Box::new(BufReader::with_capacity(1 << 20, File::open(&path)?)) as Box<dyn BufRead>);
    let source = Source { name: file.display().to_string(), open: Box::new(open) };
    let options = RecordOptions { versions: Versions::Successive, ..RecordOptions::default() };
    let stamp = stamp(book.size(), month.last());
    match replay::record::record(book, &[source], options, &stamp) {
        Ok(recorded) => recorded,
        Err(RecordError::Refused(problems)) => {
            panic!("{} is refused: {:#?}", file.display(), &problems[..problems.len().min(3)])
        }
        Err(error) => panic!("{} is not recorded: {error}", file.display()),
    }
}

pub fn close(book: &mut Book, month: Month) -> CloseDone {
    let stamp = stamp(book.size(), month.last());
    match replay::close::close(book, month, None, None, &stamp) {
        Ok(done) => done,
        Err(CloseError::Faults(problems)) => {
            panic!("{month} is not closed: {:#?}", &problems[..problems.len().min(3)])
        }
        Err(error) => panic!("{month} is not closed: {error}"),
    }
}

/// The same in every run: time is the day's, chance the number's.
pub fn stamp(number: u64, day: Day) -> Stamp {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let mut secret = seed;
    secret[31] = 1;
    Stamp {
        now: day.number() as u64 * 86_400_000_000,
        author: "bench".into(),
        user: "bench".into(),
        seed: Seed(seed),
        secret: Seed(secret),
        signing: Vec::new(),
    }
}

pub fn log_bytes(book: &Path) -> u64 {
    files(&book.join("log")).iter().map(|file| file.metadata().map_or(0, |data| data.len())).sum()
}

impl Measured {
    fn print(&self, month: Month) {
        let per_second = |count: u64, took: Took| count as f64 / took.clock;
        println!(
            "  {month}  {:>8}  {:>7.2}  {:>6.0}  {:>8}  {:>7.2}  {:>8.0}  {:>8.2}  {:>9.2}  {:>8}  {:>10}  {:>4}  {:>7}",
            self.facts,
            self.facts_took.clock,
            per_second(self.facts, self.facts_took),
            self.usage,
            self.usage_took.clock,
            per_second(self.usage, self.usage_took),
            self.close_took.clock,
            self.close_took.processor,
            self.lines,
            gib(self.held),
            gib(self.most),
            gib(self.log_bytes),
        );
    }
}

impl Months {
    fn load(file: &Path) -> Months {
        let text = std::fs::read_to_string(file).unwrap_or_else(|_| "[]".to_owned());
        serde_json::from_str(&text).expect("what was saved")
    }

    fn save(&self, file: &Path) {
        std::fs::write(file, serde_json::to_string(self).expect("JSON")).expect("written");
    }

    /// What follows from the months alone.
    pub fn report(&self, report: &mut Report) {
        let usage = self.0.iter().map(|month| month.usage as f64).sum();
        let took = self.0.iter().map(|month| month.usage_took).sum();
        report.rate("record usage from JSON Lines, durable", bounds(300e3, 800e3), usage, took);
        let facts = self.0.iter().map(|month| month.facts as f64).sum();
        let took = self.0.iter().map(|month| month.facts_took).sum();
        report.rate("record other facts from JSON Lines, durable", None, facts, took);
        let count = self.0.len();
        let close = |month: usize| self.0[month - 1].close_took;
        for last in [count, count - 1] {
            if let Some(base) = base_of(last).filter(|base| self.0[*base - 1].lines > 0) {
                let job = format!("close of month {last} against month {base}");
                report.factor(&job, bounds(2.0, 1.2), close(last), close(base));
            }
        }
        report.seconds(&format!("close of month {count}"), bounds(5.0, 1.0), close(count));
        let most = self.0.last().map_or(0, |month| month.most);
        report.gib("memory at most, after the last month", bounds(3.0, 2.0), most);
    }
}
