//! The index is optional and not trusted: whatever happens to its files, every lookup gives the answer of the log.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::derived::{company, copy, roll};
use crate::support::TestBook;

/// What is asked in the year of the demo, beside an id of each kind.
const ASKED: [&[&str]; 19] = [
    &["log", "--item", "ana"],
    &["log", "--item", "ana", "--at", "60", "--format", "json"],
    &["log", "--item", "ana", "--from", "50"],
    &["log", "--item", "land"],
    &["log", "--item", "kestrel", "--format", "csv"],
    &["log", "--item", "booking:B-3"],
    &["log", "--item", "B-3"],
    &["log", "--item", "usage-snapshot:kestrel/kestrel@2027-04-01..2027-04-30"],
    &["log", "--item", "nobody"],
    &["history", "ana", "--format", "json"],
    &["history", "kestrel"],
    &["history", "kestrel@2027-05"],
    &["history", "B-3", "--at", "120"],
    &["log", "--item", "land/new-logo/signature/B-3"],
    &["history", "land/new-logo/signature/B-3"],
    &["log", "--item", "starter/commission/whole/juniper%402027-02"],
    &["history", "starter/commission/whole/juniper@2027-02"],
    &["history", "nobody"],
    &["show", "00000000-0000-4000-8000-00000000aaaa"],
];

/// These, and an id of each kind in the log.
fn asked(book: &TestBook) -> Vec<Vec<String>> {
    let mut asked: Vec<Vec<String>> = ASKED.iter().map(|words| owned(words)).collect();
    let mut kinds = BTreeSet::new();
    for entry in book.json(&["log"]).as_array().expect("an array") {
        if kinds.insert(entry["kind"].as_str().expect("a kind").to_owned()) {
            let id = entry["id"].as_str().expect("an id");
            asked.extend([["show", id].as_slice(), &["log", "--item", id], &["history", id]].map(owned));
        }
    }
    assert!(kinds.len() >= 14, "{kinds:?}");
    asked
}

fn owned(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

fn run(book: &TestBook, words: &[String]) -> Output {
    book.run(&words.iter().map(String::as_str).collect::<Vec<_>>())
}

/// What a command answers; what it says of refusals is an answer too, and what it notes is not.
fn answer(book: &TestBook, words: &[String]) -> (Option<i32>, Vec<u8>, String) {
    let output = run(book, words);
    let said = stderr(&output);
    let errors: Vec<&str> =
        said.lines().filter(|line| !line.contains("It was not used") && !is_of_seal(line)).collect();
    (output.status.code(), output.stdout, errors.join("\n"))
}

/// What is said before it about a file without the book's seal.
fn is_of_seal(line: &str) -> bool {
    line.starts_with("warning[derived-forged]")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8")
}

/// Answers of a copy that has nothing but its log.
fn without(book: &TestBook, asked: &[Vec<String>]) -> Vec<(Option<i32>, Vec<u8>, String)> {
    let bare = TestBook::new();
    copy(&book.book(), &bare.book());
    drop(std::fs::remove_dir_all(bare.book().join("derived")));
    asked.iter().map(|words| answer(&bare, words)).collect()
}

/// The only index of a book.
fn only(book: &TestBook) -> PathBuf {
    let entries = std::fs::read_dir(book.book().join("derived")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let mut all: Vec<PathBuf> = paths.filter(|path| path.extension().is_some_and(|end| end == "index")).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn files(index: &Path) -> Vec<PathBuf> {
    let entries =
        std::fs::read_dir(index).expect("a folder").chain(std::fs::read_dir(index.join("sled")).expect("sled"));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.expect("an entry").path()).collect();
    files.retain(|path| path.is_file());
    files.sort();
    assert!(files.len() >= 4, "{files:?}");
    files
}

/// Indexes that belong elsewhere.
struct Others {
    /// Of the same book, when it was smaller.
    older: TestBook,
    /// Of a copy of the book that went on.
    newer: TestBook,
    foreign: TestBook,
}

/// Does something to one file of an index, or to all of it, and says whether it must not be used then.
type Damage = fn(&Path, &Path, &Others, &mut u64) -> bool;

fn put(path: &Path, bytes: &[u8]) -> bool {
    let before = std::fs::read(path).expect("a file");
    std::fs::write(path, bytes).expect("a file");
    before != bytes
}

fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a file")
}

/// Where a file of one index is in another.
fn same_in(index: &Path, file: &Path, other: &TestBook) -> PathBuf {
    let name = file.strip_prefix(index).expect("a file of it");
    let found = only(other).join(name);
    // What sled calls its own files depends on what is in them.
    if found.exists() { found } else { only(other).join("seal") }
}

fn replace(index: &Path, by: &Path) {
    std::fs::remove_dir_all(index).expect("gone");
    copy(by, index);
}

const DAMAGES: [Damage; 14] = [
    |_, file, _, _| std::fs::remove_file(file).is_ok(),
    |_, file, _, dice| put(file, &bytes(file)[..roll(dice, bytes(file).len())]),
    |_, file, _, dice| {
        let mut changed = bytes(file);
        let at = roll(dice, changed.len());
        changed[at] ^= 1 << roll(dice, 8);
        put(file, &changed)
    },
    |_, file, _, dice| put(file, &[bytes(file), vec![0; 1 + roll(dice, 100)]].concat()),
    |_, file, _, dice| {
        let mut swapped = bytes(file);
        let half = swapped.len() / 2;
        let (from, to) = (roll(dice, half), roll(dice, half));
        swapped.copy_within(from..from + half, to);
        put(file, &swapped)
    },
    |index, file, others, _| put(file, &bytes(&same_in(index, file, &others.older))),
    |index, file, others, _| put(file, &bytes(&same_in(index, file, &others.foreign))),
    |index, _, others, _| {
        replace(index, &only(&others.older));
        true
    },
    |index, _, others, _| {
        replace(index, &only(&others.foreign));
        true
    },
    // In its own place it is only old, and good.
    |index, _, others, _| {
        let older = only(&others.older);
        std::fs::remove_dir_all(index).expect("gone");
        copy(&older, &index.with_file_name(older.file_name().expect("a name")));
        false
    },
    |index, _, others, _| {
        let newer = only(&others.newer);
        copy(&newer, &index.with_file_name(newer.file_name().expect("a name")));
        true
    },
    |index, _, _, _| std::fs::remove_dir_all(index).is_err(),
    |index, _, _, _| {
        std::fs::remove_dir_all(index).expect("gone");
        std::fs::write(index, b"a file, where the folder should be").is_ok()
    },
    |index, _, _, _| std::fs::write(index.join("sled/blobs/17"), b"one more").is_ok(),
];

fn others(book: &TestBook) -> Others {
    let copied = || {
        let other = TestBook::new();
        copy(&book.book(), &other.book());
        other
    };
    let (older, newer, foreign) = (copied(), copied(), TestBook::with_book());
    let account = |number| format!("{{\"fact\": \"account\", \"at\": \"2028-01-05\", \"account\": \"x-{number}\"}}\n");
    newer.write("more.jsonl", &(0..5).map(account).collect::<String>());
    newer.done(&["record", "more.jsonl"]);
    newer.done(&["snapshot"]);
    foreign.done(&["snapshot"]);
    Others { older, newer, foreign }
}

/// Something that is found under names that were there before.
const LATE: &str = "{\"fact\": \"signal\", \"at\": \"2028-01-05\", \"signal\": \"late\", \"account\": \"kestrel\"}\n{\"fact\": \"payee\", \"at\": \"2028-01-05\", \"payee\": \"ana\", \"role\": \"late\"}\n";

#[test]
fn whatever_happens_to_an_index_every_answer_stays_the_same() {
    let book = company();
    book.done(&["snapshot"]);
    let others = others(&book);
    book.write("late.jsonl", LATE);
    book.done(&["record", "late.jsonl"]);
    let asked = asked(&book);
    let expected = without(&book, &asked);
    assert!(expected.iter().filter(|(status, _, _)| *status == Some(0)).count() >= 55, "{expected:?}");
    book.done(&["snapshot"]);
    let good = tempfile::tempdir().expect("a temporary folder");
    let index = only(&book);
    copy(&index, good.path());
    let mut dice = 0x9E37_79B9_7F4A_7C15;
    for round in 0..3 * DAMAGES.len() {
        let damage = round % DAMAGES.len();
        let all = files(&index);
        let file = all[if round < DAMAGES.len() { round % all.len() } else { roll(&mut dice, all.len()) }].clone();
        let must_be_said = DAMAGES[damage](&index, &file, &others, &mut dice);
        let before = book.bytes();
        // A few of them each time: each is a run of the command.
        for _ in 0..6 {
            let chosen = roll(&mut dice, asked.len());
            let found = answer(&book, &asked[chosen]);
            assert!(found == expected[chosen], "{:?} differs after damage {damage} of {file:?}", asked[chosen]);
        }
        let said = stderr(&book.run(&["log", "--item", "nobody"]));
        assert_eq!(said.contains("It was not used"), must_be_said, "damage {damage} of {file:?}: {said}");
        assert!(book.bytes() == before, "a reader wrote something after damage {damage}");
        let said = stderr(&book.run(&["record", "known.jsonl"]));
        assert_eq!(said.contains("It was made again"), must_be_said, "damage {damage} of {file:?}: {said}");
        book.done(&["snapshot"]);
        let said = stderr(&book.run(&["log", "--item", "nobody"]));
        assert!(!said.contains("It was not used"), "damage {damage} of {file:?} is not made good: {said}");
        replace(&only(&book), good.path());
    }
    for (words, expected) in asked.iter().zip(&expected) {
        assert!(answer(&book, words) == *expected, "{words:?}");
    }
}

/// What was recorded behind it is looked for in the log, whatever it has to do with what is in it.
#[test]
fn what_was_recorded_behind_an_index_is_found() {
    let book = company();
    book.done(&["snapshot"]);
    let index = only(&book);
    book.write("late.jsonl", LATE);
    book.done(&["record", "late.jsonl"]);
    book.done(&["close", "2028-01"]);
    assert_eq!(only(&book), index, "a small book's index is not written again for a few entries");
    let asked = asked(&book);
    for (words, expected) in asked.iter().zip(without(&book, &asked)) {
        assert!(answer(&book, words) == expected, "{words:?}");
    }
    assert!(book.done(&["log", "--item", "kestrel"]).contains("late"));
    let said = stderr(&book.run(&["log", "--item", "ana"]));
    assert!(said.is_empty(), "{said}");
}

/// Readers copy it, so that none is in another's way, nor in a writer's.
#[test]
fn readers_side_by_side_and_beside_a_writer_get_the_same() {
    let book = company();
    book.done(&["snapshot"]);
    let words = owned(&["log", "--item", "B-3"]);
    let expected = answer(&book, &words);
    let fact =
        |number: usize| format!("{{\"fact\": \"account\", \"at\": \"2028-01-05\", \"account\": \"more-{number}\"}}\n");
    let read = || {
        let output = run(&book, &words);
        assert!(output.stdout == expected.1);
        assert!(output.stderr.is_empty(), "{}", stderr(&output));
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..6 {
                book.write("more.jsonl", &fact(number));
                book.done(&["record", "more.jsonl"]);
                book.done(&["snapshot"]);
            }
        });
        for _ in 0..3 {
            scope.spawn(|| (0..10).for_each(|_| read()));
        }
    });
    let said = stderr(&run(&book, &words));
    assert!(said.is_empty(), "{said}");
}

/// A kill while it is made leaves a folder under a name that nobody reads.
#[test]
fn an_unfinished_index_is_nothing() {
    let book = company();
    book.done(&["snapshot"]);
    let index = only(&book);
    let begun = index.with_file_name("index.begun");
    std::fs::rename(&index, &begun).expect("renamed");
    std::fs::remove_file(begun.join("seal")).expect("gone");
    copy(&begun, &index.with_file_name("index.gone"));
    let said = stderr(&book.run(&["log", "--item", "ana"]));
    assert!(said.is_empty(), "{said}");
    book.done(&["snapshot"]);
    assert_eq!(only(&book), index);
    assert!(!begun.exists());
}

/// Where nothing can be written, neither in the book nor beside it, the log is read.
#[test]
fn without_a_place_to_write_to_the_answer_is_the_same() {
    let book = company();
    book.done(&["snapshot"]);
    let expected = answer(&book, &owned(&["log", "--item", "ana"]));
    let output = book.command().args(["log", "--item", "ana"]).env("TMPDIR", "/nowhere").output().expect("it starts");
    assert!(output.stdout == expected.1);
    assert!(stderr(&output).contains("It was not used"), "{}", stderr(&output));
    let mut permissions = std::fs::metadata(only(&book)).expect("a folder").permissions();
    permissions.set_readonly(true);
    for path in [only(&book).join("sled/db"), only(&book).join("sled"), only(&book), book.book().join("derived")] {
        std::fs::set_permissions(path, permissions.clone()).expect("changed");
    }
    if std::fs::write(book.book().join("derived/probe"), b"").is_ok() {
        eprintln!("NOT TESTED: this user may write everywhere, so no folder is read-only");
        return;
    }
    assert!(answer(&book, &owned(&["log", "--item", "ana"])) == expected);
}

const CASES: &str = include_str!("../../cases/random.jsonl");

/// Everything that random histories name is found alike with and without an index, wherever in the history it was made.
#[test]
fn whatever_a_history_names_is_found_with_and_without_an_index() {
    let mut dice = 0xD134_2543_DE82_EF95;
    for line in CASES.lines().skip(1).step_by(12) {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let book = TestBook::with_book();
        for (name, text) in case["files"].as_object().expect("files") {
            book.write(name, text.as_str().expect("text"));
        }
        let steps: Vec<&str> = case["steps"].as_str().expect("steps").lines().filter(|step| !step.is_empty()).collect();
        let indexed = roll(&mut dice, steps.len());
        for (number, step) in steps.iter().enumerate() {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            let words: &[&str] = match verb {
                "publish" => &["plan", "publish", what],
                "record" => &["record", "--history", what],
                _ => &[verb, what],
            };
            book.done(words);
            if number == indexed || number + 1 == steps.len() && roll(&mut dice, 2) == 0 {
                book.done(&["snapshot"]);
            }
        }
        let log = book.json(&["log"]);
        let mut names = BTreeSet::new();
        log.as_array().expect("an array").iter().for_each(|entry| texts(entry, &mut names));
        let names: Vec<String> = names.into_iter().collect();
        let verbs: [&[&str]; 3] = [&["log", "--item"], &["history"], &["show"]];
        let asked: Vec<Vec<String>> = (0..40)
            .map(|number| owned(&[verbs[number % 3], &[names[roll(&mut dice, names.len())].as_str()]].concat()))
            .collect();
        for (words, expected) in asked.iter().zip(without(&book, &asked)) {
            assert!(answer(&book, words) == expected, "case {}: {words:?}", case["name"]);
        }
    }
}

/// Every text anywhere in it.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(members) => members.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
