//! `bench appends [N]`: small durable appends, as the log makes them, without the sync of the head, and as plain files do.
//!
//! All ways take turns in rounds, so that a disk that gets slower or faster meanwhile does so for each of them.

use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use ledger::log::Log;
use ledger::store::{Files, Store, StoreError};

const ROUNDS: usize = 20;
const ENTRY_BYTES: usize = 256;

/// Files whose head is written once and never again: what an append costs that syncs the log alone.
struct Unheaded(Files);

impl Store for Unheaded {
    fn book(&self) -> String {
        self.0.book()
    }

    fn place(&self, segment: u64) -> String {
        self.0.place(segment)
    }

    fn segment_bytes(&self) -> u64 {
        self.0.segment_bytes()
    }

    fn lock(&mut self) -> Result<(), StoreError> {
        self.0.lock()
    }

    fn segments(&self) -> Result<Vec<u64>, StoreError> {
        self.0.segments()
    }

    fn length(&self, segment: u64) -> Result<u64, StoreError> {
        self.0.length(segment)
    }

    fn read(&self, segment: u64, at: u64, into: &mut [u8]) -> Result<usize, StoreError> {
        self.0.read(segment, at, into)
    }

    fn create(&mut self, segment: u64, header: &[u8]) -> Result<(), StoreError> {
        self.0.create(segment, header)
    }

    fn append(&mut self, segment: u64, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.0.append(segment, at, frame)
    }

    fn cut(&mut self, segment: u64, length: u64) -> Result<(), StoreError> {
        self.0.cut(segment, length)
    }

    fn sync(&mut self, segment: u64) -> Result<(), StoreError> {
        self.0.sync(segment)
    }

    fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.0.head()
    }

    fn head_place(&self) -> String {
        self.0.head_place()
    }

    fn create_head(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.0.create_head(bytes)
    }

    fn write_head(&mut self, _at: u64, _slot: &[u8]) -> Result<(), StoreError> {
        Ok(())
    }

    fn keep_torn(&mut self, segment: u64, from: u64, name: &str) -> Result<String, StoreError> {
        self.0.keep_torn(segment, from, name)
    }

    fn put_torn_back(&mut self, segment: u64, at: u64, name: &str) -> Result<(), StoreError> {
        self.0.put_torn_back(segment, at, name)
    }
}

pub fn run(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let place = |name: &str| folder.path().join(name);
    let mut headed = log_over(Box::new(Files::create(place("headed")).expect("a folder")));
    let mut unheaded = log_over(Box::new(Unheaded(Files::create(place("unheaded")).expect("a folder"))));
    let mut plain = plain_file(&place("plain"));
    let each = count.div_ceil(ROUNDS).max(1);
    println!("appends: {} entries of {ENTRY_BYTES} bytes, each durable by itself, in {ROUNDS} rounds", each * ROUNDS);
    let mut seconds = [const { Vec::new() }; 3];
    for _ in 0..ROUNDS {
        seconds[0].push(timed(each, || append(&mut headed)));
        seconds[1].push(timed(each, || append(&mut unheaded)));
        seconds[2].push(timed(each, || {
            plain.write_all(&[7; ENTRY_BYTES]).and_then(|()| plain.sync_data()).expect("written");
        }));
    }
    let ways = ["log and head", "log alone, as before the head", "a plain file and fdatasync"];
    for (way, seconds) in ways.iter().zip(&seconds) {
        println!("  {way:<58} {:>10.0} /s", each as f64 / median(seconds.clone()));
    }
    let ratios =
        |other: usize| median(seconds[0].iter().zip(&seconds[other]).map(|(one, other)| one / other).collect());
    println!("  {:.2} times the log alone, {:.2} times a plain file (medians of pairs)", ratios(1), ratios(2));
}

fn log_over(store: Box<dyn Store>) -> Log {
    Log::create(store).expect("a new log")
}

fn plain_file(path: &Path) -> File {
    OpenOptions::new().append(true).create(true).open(path).expect("a file")
}

fn append(log: &mut Log) {
    let mut append = log.begin(None).expect("an append");
    append.push(&[7; ENTRY_BYTES]).expect("an entry");
    append.commit().expect("on disk");
}

fn timed(count: usize, mut job: impl FnMut()) -> f64 {
    let start = Instant::now();
    (0..count).for_each(|_| job());
    start.elapsed().as_secs_f64()
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}
