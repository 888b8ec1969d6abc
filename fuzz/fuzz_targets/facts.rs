//! Lines of facts into a book with a history: refused with words, or recorded; and recorded twice they change nothing.
#![no_main]

use ledger::fact::Incoming;
use ledger::json::JsonWriter;
use ledger::line::FactLine;
use libfuzzer_sys::fuzz_target;
use replay::record::OnSuperseded;
use replay::record::{RecordError, Rejects};
use trueup_fuzz::Desk;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        text.lines().for_each(a_fact_shows_what_it_is);
    }
    let mut desk = Desk::with_history();
    let size = desk.book.size();
    match desk.record_bytes(data, Rejects::Refuse, OnSuperseded::Refuse) {
        Ok(recorded) => {
            assert_eq!(recorded.size, size + recorded.new + recorded.restated);
            cli::fuzz::draw(&cli::fuzz::warnings(&recorded.warnings));
            desk.knows(data);
        }
        Err(RecordError::Refused(problems)) => {
            assert_eq!(desk.book.size(), size);
            cli::fuzz::draw(&cli::fuzz::refusals(&problems));
            // The good lines of it go in by themselves.
            drop(desk.record_bytes(data, Rejects::SetAside, OnSuperseded::Skip));
        }
        Err(RecordError::Book(_)) => {}
    }
    desk.opens_again();
    for month in ["2027-02", "2027-03"] {
        if desk.close(month).is_err() {
            return;
        }
    }
});

/// What a line was read as reads as the same again.
fn a_fact_shows_what_it_is(text: &str) {
    let read = |text: &str| Incoming::read(FactLine { file: "facts", number: 1, text });
    let Ok(incoming) = read(text) else { return };
    let mut out = JsonWriter::new();
    out.object(|out| incoming.fact.show(out));
    let shown = out.finish();
    let again = read(&shown).unwrap_or_else(|found| panic!("shown and not read again: {shown}: {found:?}"));
    assert_eq!(again.fact, incoming.fact, "{shown}");
}
