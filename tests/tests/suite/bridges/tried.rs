//! `whatif` says of each line what a close would post more or less, and leaves every byte of the book as it was.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::Value;

use crate::agreement::calls;
use crate::history::{Step, case, lines, steps_of};
use crate::model::number::{Number, parse, zero};
use crate::support::TestBook;

/// Payee, currency and line.
type Amounts = BTreeMap<[String; 3], Number>;

#[test]
fn what_is_tried_out_is_what_a_close_then_posts() {
    let cases = std::env::var("TRUEUP_CASES").map_or(8, |text| text.parse().expect("TRUEUP_CASES is a number"));
    let mut runner = TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &[11; 32]));
    let mut tally = Tally::default();
    for _ in 0..cases {
        let case = case().new_tree(&mut runner).expect("a case").current();
        follow(&steps_of(&case), &mut tally);
    }
    eprintln!("{tally:?}");
    assert!(tally.facts > cases && tally.plans > 0 && tally.lines > cases && tally.earlier > cases, "{tally:?}");
}

#[derive(Debug, Default)]
struct Tally {
    facts: usize,
    plans: usize,
    lines: usize,
    refused: usize,
    earlier: usize,
}

fn copied(book: &TestBook) -> TestBook {
    let copy = TestBook::new();
    copy_folder(book.folder.path(), copy.folder.path());
    copy
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            std::fs::create_dir(&to).expect("a folder");
            copy_folder(&path, &to);
        } else {
            std::fs::copy(&path, &to).expect("a copy");
        }
    }
}

/// An earlier size of the book, and the book as it was then.
struct Earlier {
    size: String,
    book: TestBook,
}

/// Follows the steps up to one that is refused; tries each out before.
fn follow(steps: &[Step], tally: &mut Tally) {
    let book = TestBook::with_book();
    let mut earlier: Option<Earlier> = None;
    for (number, step) in steps.iter().enumerate() {
        let next = steps[number..].iter().find_map(|step| match step {
            Step::Close(period) => Some(period.as_str()),
            Step::Publish(_) | Step::Record(_) => None,
        });
        let Some(next) = next else { return };
        let is_done = match step {
            Step::Publish(text) => {
                let file = book.write("plan.toml", text);
                try_out(&book, (&["--plan", &file], &["plan", "publish", &file]), next, tally);
                tally.plans += 1;
                book.run(&["plan", "publish", &file]).status.success()
            }
            Step::Record(facts) => {
                calls(facts).into_iter().all(|facts| record(&book, facts, next, earlier.as_ref(), tally))
            }
            Step::Close(period) => book.run(&["close", period]).status.success(),
        };
        if !is_done {
            return;
        }
        let size = book.json(&["verify"])["size"].to_string();
        if number % 2 == 0 {
            earlier = Some(Earlier { size, book: copied(&book) });
        }
    }
}

/// Tries out facts, and records those that are taken.
fn record(book: &TestBook, facts: &[Value], next: &str, earlier: Option<&Earlier>, tally: &mut Tally) -> bool {
    let copy = copied(book);
    let rejects = copy.folder.path().join("rejects.jsonl").display().to_string();
    let all = copy.write("all.jsonl", &lines(facts));
    copy.run(&["record", &all, "--rejects", &rejects]);
    let rejected = std::fs::read_to_string(&rejects).unwrap_or_default();
    let rejected: Vec<Value> = rejected.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let rejected: BTreeSet<&str> = rejected.iter().filter_map(|line| line["text"].as_str()).map(str::trim).collect();
    if !rejected.is_empty() {
        let file = book.write("facts.jsonl", &lines(facts));
        refused_alike(book, &["whatif", "--facts", &file, "--to", next], &["record", &file]);
        tally.refused += 1;
    }
    let taken: Vec<Value> =
        facts.iter().filter(|fact| !rejected.contains(fact.to_string().as_str())).cloned().collect();
    if taken.is_empty() {
        return true;
    }
    let file = book.write("facts.jsonl", &lines(&taken));
    try_out(book, (&["--facts", &file], &["record", &file]), next, tally);
    tally.facts += 1;
    if let Some(earlier) = earlier {
        let words = ["whatif", "--facts", &file, "--to", next, "--format", "json"];
        let then = earlier.book.run(&words);
        let now = book.run(&[&words[..], &["--at", &earlier.size]].concat());
        assert_eq!((&then.stdout, then.status), (&now.stdout, now.status), "{words:?} --at {}", earlier.size);
        tally.earlier += 1;
    }
    book.run(&["record", &file]).status.success()
}

/// The same code is said, and nothing is changed.
fn refused_alike(book: &TestBook, tried: &[&str], done: &[&str]) {
    let code = |said: &str| said.lines().find(|line| line.starts_with("error[")).map(str::to_owned);
    let (tried, done) = (book.refused(tried), copied(book).refused(done));
    assert_eq!(code(&tried), code(&done), "{tried}\n{done}");
}

/// Tries something out, does it in a copy, and compares the lines of both.
fn try_out(book: &TestBook, (tried, done): (&[&str], &[&str]), next: &str, tally: &mut Tally) {
    let before = book.bytes();
    let words = [&["whatif"][..], tried, &["--to", next, "--format", "json"]].concat();
    let output = book.run(&words);
    assert!(book.bytes() == before, "{words:?} changed the book");
    let copy = copied(book);
    let is_done = copy.run(done).status.success();
    let Ok(found) = serde_json::from_slice::<Value>(&output.stdout) else {
        assert!(!is_done, "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
        tally.refused += 1;
        return;
    };
    assert!(is_done, "{words:?} was taken");
    // What a close would refuse is not compared.
    let (Some(without), Some(with)) = (previewed(book, next), previewed(&copy, next)) else { return };
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    let mut rows = Amounts::new();
    for row in found["rows"].as_array().expect("rows") {
        let of = |name: &str| row[name].as_str().expect("a text").to_owned();
        assert_eq!(parse(&of("unexplained")), zero(), "{row}");
        rows.insert([of("payee"), of("currency"), of("line")], parse(&of("difference")));
    }
    let names: BTreeSet<&[String; 3]> = without.keys().chain(with.keys()).chain(rows.keys()).collect();
    for name in names {
        let of = |amounts: &Amounts| amounts.get(name).cloned().unwrap_or_else(zero);
        assert_eq!(of(&rows), of(&with) - of(&without), "{name:?}: {words:?}, with it {:?}", with.get(name));
        tally.lines += usize::from(rows.contains_key(name));
    }
}

/// What a close would post of each line; nothing if it were refused.
fn previewed(book: &TestBook, period: &str) -> Option<Amounts> {
    let output = book.run(&["preview", period, "--format", "csv", "--raw"]);
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    if !output.status.success() {
        return None;
    }
    let mut rows = text.lines().map(|row| row.split(',').collect::<Vec<_>>());
    let header = rows.next().expect("a header");
    let place = |name: &str| header.iter().position(|cell| *cell == name).expect("a column");
    let places = ["payee", "currency", "line", "amount", "event"].map(place);
    let mut amounts = Amounts::new();
    for row in rows {
        let [payee, currency, line, amount, event] = places.map(|place| row[place].to_owned());
        if ["earning", "reversal", "adjustment"].contains(&&*event) {
            amounts.insert([payee, currency, line], parse(&amount));
        }
    }
    Some(amounts)
}
