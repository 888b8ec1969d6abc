//! A mapping and the rows of an export, with a line of `%%` between them, into a book.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trueup_fuzz::{Desk, halves, stamp};

fuzz_target!(|data: &[u8]| {
    let (mapping, rows) = halves(data);
    let Ok(mapping) = std::str::from_utf8(mapping) else { return };
    let mut desk = Desk::with_history();
    cli::fuzz::record_map(mapping, rows, &mut desk.book, &stamp());
    desk.opens_again();
});
