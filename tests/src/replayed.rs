//! `bench replay-of FOLDER`: a book that is there, from its first entry to what is known, beside the limit.

use std::path::Path;

use ledger::log::Log;
use ledger::store::Files;
use replay::book::Book;

use crate::large::limit;
use crate::timing::{peak, rate, timed};

pub fn run(place: &Path) {
    let log = || Log::open_read(Box::new(Files::at(place.join("log")))).expect("a log");
    let count = log().size() as usize;
    println!("replay: {count} entries of `{}` from the first one to what is known", place.display());
    let (bytes, seconds) = timed(|| limit(place));
    rate("the limit: the log's bytes read and hashed (BLAKE3)", count, seconds);
    println!("  {:.2} GB/s", bytes as f64 / seconds / 1e9);
    let (_, seconds) = timed(|| read(&log()));
    rate("frames read, checksums checked, nothing else", count, seconds);
    let (book, seconds) = timed(|| Book::of(log(), place.with_extension("keys")).expect("a book"));
    rate("replayed, hashes not checked", count, seconds);
    println!("  {:.2} GiB at most", peak() as f64 / (1u64 << 30) as f64);
    let (_, seconds) = timed(|| drop(book));
    rate("letting go of it", count, seconds);
    let (_, seconds) = timed(|| Book::of_checked(log(), place.with_extension("keys")).expect("a book"));
    rate("replayed, hashes checked", count, seconds);
    println!("  {:.2} GiB at most", peak() as f64 / (1u64 << 30) as f64);
}

fn read(log: &Log) -> usize {
    let mut frames = log.frames(0);
    let mut bytes = 0;
    while let Some(frame) = frames.next().expect("a frame") {
        bytes += frame.bytes().len();
    }
    bytes
}
