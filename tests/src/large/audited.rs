//! The audit of the whole book: every close evaluated again in full, from the log alone.

use std::path::Path;

use replay::audit::audit_alone;
use replay::book::Book;

use super::memory::most;
use super::own_process::numbers_of;
use super::report::{Report, bounds};
use super::took::{Took, timed};

/// In a process of its own, so that the memory is that of the audit.
pub fn audited(place: &Path, report: &mut Report) {
    let [lines, clock, processor, memory] = numbers_of(&["audit-of", &place.to_string_lossy()]);
    report.seconds("audit of every close, and verify beside it", bounds(60.0, 20.0), Took { clock, processor });
    report.told("lines that it derived again", lines, "lines");
    report.gib("memory at most, audit", bounds(3.0, 2.0), memory as u64);
}

/// Audits a book and prints the number of lines, the seconds that it took, those of the processor, and the most memory in bytes.
pub fn audit_of(place: &Path) {
    let book = Book::open_read(place).expect("a book");
    let (audited, took) = timed(|| audit_alone(book, None, Some(place), &mut |_, _| {}).expect("an audit"));
    let (_book, found) = audited;
    assert!(found.differences.is_empty(), "the first of {}: {:?}", found.differences.len(), found.differences.first());
    println!("{} {} {} {}", found.lines, took.clock, took.processor, most());
}
