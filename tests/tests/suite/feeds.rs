//! Usage recorded as one file, most of it the short way, gives the same result as line by line.

use std::io::{BufRead, BufReader};

use ledger::id::Name;
use ledger::seal::Seed;
use ledger::store::Memory;
use projections::encoding::Encoder;
use proptest::prelude::*;
use replay::book::Book;
use replay::record::{OnSuperseded, RecordOptions, Recorded, Rejects, Source, Versions};
use replay::stamp::Stamp;

fn stamp(number: u8) -> Stamp {
    let words = "feeds".to_owned();
    let now = 1_800_000_000_000_000;
    Stamp {
        now,
        author: words.clone(),
        user: words,
        seed: Seed([number; 32]),
        secret: Seed([!number; 32]),
        signing: Vec::new(),
    }
}

fn new_book(keys: &std::path::Path) -> Book {
    let name = Name::new("acme").expect("a name");
    Book::init_in(Box::<Memory>::default(), keys.to_owned(), name, &stamp(0)).expect("a book")
}

fn record(book: &mut Book, text: &str) -> Recorded {
    let open = Box::new(|| Ok(Box::new(BufReader::new(text.as_bytes())) as Box<dyn BufRead>));
    let source = Source { name: "feed.jsonl".to_owned(), open };
    // A file may tell what replaced a line behind it, which a line by itself does not: that is not asked here.
    let options = RecordOptions {
        superseded: OnSuperseded::Restate,
        rejects: Rejects::SetAside,
        versions: Versions::Successive,
        ..RecordOptions::default()
    };
    replay::record::record(book, &[source], options, &stamp(1)).expect("recorded")
}

/// Everything that is known, as bytes.
fn known(book: &Book) -> Vec<u8> {
    let mut bytes = Vec::new();
    book.state().knowledge().write(&mut |write| {
        let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
        let mut out = Encoder::new(&mut sink);
        write(&mut out);
        out.finish();
    });
    bytes
}

/// Mostly the next days of some contract; now and then what else a feed brings.
fn lines() -> impl Strategy<Value = Vec<String>> {
    let line = (0u8..40, 0usize..3, 0usize..3, 0usize..3, 1i32..4, 1u32..4, 0i32..12);
    proptest::collection::vec(line, 1..50).prop_map(|rows| {
        let mut next = [[0i32; 3]; 3];
        let day = |number: i32| format!("2027-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
        let rows = rows.into_iter().map(|(what, account, contract, meter, days, amount, back)| {
            let names = |contract: &str| match contract {
                "" => format!("\"account\": \"a{account}\""),
                id => format!("\"account\": \"a{account}\", \"contract\": \"{id}\""),
            };
            // The third contract is of whoever comes first.
            let named = names([String::new(), format!("a{account}-1"), "shared".to_owned()][contract].as_str());
            let meter = ["", ", \"meter\": \"m\"", ", \"meter\": \"n\""][meter];
            let from = &mut next[account][contract];
            let start = if what < 30 { *from } else { (*from - back).max(0) };
            *from = (*from).max(start + days);
            let (from, to) = (day(start), day(start + days - 1));
            let usage = |rest: &str, currency: &str| {
                format!("{{\"fact\": \"usage-snapshot\", {named}{meter}, \"from\": \"{from}\", \"to\": \"{to}\", \"amount\": \"{amount}.5\", \"currency\": \"{currency}\"{rest}}}")
            };
            match what {
                0..=31 => usage("", "USD"),
                32 => usage("", "EUR"),
                33 => usage(", \"replaces\": \"overlapping\"", "USD"),
                34 => usage(", \"corrects\": true", "USD"),
                35 => usage(", \"quantity\": \"7\"", "USD"),
                36 => usage(", \"source\": \"elsewhere\"", "USD"),
                37 => usage(", \"id\": \"00000000-0000-4000-8000-000000000001\"", "USD"),
                38 => format!("{{\"fact\": \"booking\", \"at\": \"{from}\", \"booking\": \"B-{account}{back}\", {named}, \"arr\": \"5\", \"currency\": \"USD\"}}"),
                _ => format!("{{\"fact\": \"account\", \"at\": \"{from}\", \"account\": \"a{account}\", \"segment\": \"s{back}\"}}"),
            }
        });
        rows.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn a_feed_comes_to_what_its_lines_come_to(lines in lines()) {
        let keys = tempfile::tempdir().expect("a temporary folder");
        let (mut whole, mut single) = (new_book(&keys.path().join("whole")), new_book(&keys.path().join("single")));
        let done = record(&mut whole, &lines.join("\n"));
        let mut codes = Vec::new();
        let mut counts = [0; 3];
        for line in &lines {
            let done = record(&mut single, line);
            counts = [counts[0] + done.new, counts[1] + done.restated, counts[2] + done.known];
            codes.extend(done.rejected.iter().map(|rejected| std::mem::discriminant(&rejected.refusals[0].what)));
        }
        prop_assert_eq!([done.new, done.restated, done.known], counts);
        prop_assert_eq!(done.rejected.iter().map(|rejected| std::mem::discriminant(&rejected.refusals[0].what)).collect::<Vec<_>>(), codes);
        prop_assert_eq!(known(&whole), known(&single));
    }
}
