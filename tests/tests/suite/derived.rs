//! Derived files can be deleted, cut, changed or swapped: they are made again, and no answer changes.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{TestBook, differs};

/// Commands whose answers are looked at, with something of every projection.
const ASKED: [&[&str]; 16] = [
    &["statement", "--all", "2027-11", "--format", "json"],
    &["statement", "--all", "2027-03", "--format", "json"],
    &["preview", "2028-01", "--format", "json"],
    &["preview", "2028-01"],
    &["log", "--format", "json"],
    &["log", "--item", "ana"],
    &["log", "--item", "ana", "--at", "60"],
    &["show", "7"],
    &["history", "ana", "--format", "json"],
    &["explain", "ana", "--format", "json"],
    &["balances"],
    &["balances", "--at", "200", "--format", "json"],
    &["pending", "--format", "json"],
    &["plan", "list"],
    &["plan", "show", "land"],
    &["verify", "--format", "json"],
];

/// Nothing new in it: recording it again writes nothing to the log.
const KNOWN: &str = include_str!("../../../cli/src/demo/company.jsonl");

/// A year with plans, closes, clawbacks, draws and corrections.
pub fn company() -> TestBook {
    let test_book = TestBook::new();
    let book = test_book.book();
    test_book.done(&["demo", book.to_str().expect("a path")]);
    test_book.write("known.jsonl", KNOWN);
    test_book
}

fn answers(test_book: &TestBook) -> Vec<(String, Vec<u8>)> {
    let answer = |words: &&[&str]| {
        let output = test_book.run(words);
        (format!("{words:?} {:?}", output.status.code()), answer_in(output.stdout))
    };
    ASKED.iter().map(answer).collect()
}

/// What a command printed, but for what `verify` says of the derived files themselves.
fn answer_in(printed: Vec<u8>) -> Vec<u8> {
    let Some(mut found) =
        serde_json::from_slice::<serde_json::Value>(&printed).ok().filter(|found| found.get("verdict").is_some())
    else {
        return printed;
    };
    found.as_object_mut().expect("an object").remove("derived").expect("verify tells of derived files");
    found.to_string().into_bytes()
}

fn derived(test_book: &TestBook) -> PathBuf {
    test_book.book().join("derived")
}

/// The snapshots of a book, by name.
fn files(test_book: &TestBook) -> Vec<(PathBuf, Vec<u8>)> {
    let Ok(entries) = std::fs::read_dir(derived(test_book)) else { return Vec::new() };
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == "snapshot"));
    let mut files: Vec<_> = paths.map(|path| (path.clone(), std::fs::read(path).expect("a file"))).collect();
    files.sort();
    files
}

fn only(test_book: &TestBook) -> (PathBuf, Vec<u8>) {
    let mut files = files(test_book);
    assert_eq!(files.len(), 1, "{:?}", files.iter().map(|(path, _)| path).collect::<Vec<_>>());
    files.remove(0)
}

/// xorshift64: the same dice on every run.
pub fn roll(dice: &mut u64, sides: usize) -> usize {
    *dice ^= *dice << 13;
    *dice ^= *dice >> 7;
    *dice ^= *dice << 17;
    (*dice >> 11) as usize % sides
}

/// Whether the file is then one that must not be used.
type Damage = fn(&Path, &[u8], &Others, &mut u64) -> bool;

/// Snapshots that belong elsewhere.
struct Others {
    /// Of the same book, when it was smaller.
    older: (PathBuf, Vec<u8>),
    /// Of a copy of the book that went on.
    newer: (PathBuf, Vec<u8>),
    /// Of another book.
    foreign: Vec<u8>,
}

fn put(path: &Path, bytes: &[u8]) -> bool {
    std::fs::write(path, bytes).expect("a file");
    true
}

const DAMAGES: [Damage; 10] = [
    |path, _, _, _| {
        std::fs::remove_file(path).expect("gone");
        false
    },
    |path, _, _, _| {
        std::fs::remove_dir_all(path.parent().expect("a folder")).expect("gone");
        false
    },
    |path, bytes, _, dice| put(path, &bytes[..roll(dice, bytes.len())]),
    |path, bytes, _, dice| {
        let mut bytes = bytes.to_vec();
        let at = roll(dice, bytes.len());
        bytes[at] ^= 1 << roll(dice, 8);
        put(path, &bytes)
    },
    |path, bytes, _, dice| put(path, &[bytes, &bytes[..1 + roll(dice, 100)]].concat()),
    |path, bytes, _, dice| {
        let (from, to) = (roll(dice, bytes.len() - 64), roll(dice, bytes.len() - 64));
        let mut swapped = bytes.to_vec();
        swapped.copy_within(from..from + 64, to);
        put(path, &swapped) && swapped != bytes
    },
    |path, _, others, _| put(path, &others.foreign),
    |path, _, others, _| put(path, &others.older.1),
    // In its own place it is only old, and good.
    |path, _, others, _| {
        std::fs::remove_file(path).expect("gone");
        !put(&path.with_file_name(others.older.0.file_name().expect("a name")), &others.older.1)
    },
    |path, _, others, _| put(&path.with_file_name(others.newer.0.file_name().expect("a name")), &others.newer.1),
];

fn others(test_book: &TestBook) -> Others {
    let older = {
        let small = TestBook::new();
        copy(&test_book.book(), &small.book());
        only(&small)
    };
    test_book.write(
        "more.jsonl",
        "{\"fact\": \"signal\", \"at\": \"2028-01-05\", \"signal\": \"more\", \"account\": \"x\"}\n",
    );
    let newer = {
        let large = TestBook::new();
        copy(&test_book.book(), &large.book());
        large
            .write("more.jsonl", &std::fs::read_to_string(test_book.folder.path().join("more.jsonl")).expect("a file"));
        large.done(&["record", "more.jsonl"]);
        large.done(&["snapshot"]);
        only(&large)
    };
    let foreign = TestBook::with_book();
    foreign.done(&["snapshot"]);
    Others { older, newer, foreign: only(&foreign).1 }
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).expect("copied");
        }
    }
    // As the program has made it: whoever else may use it is told at every start.
    let permissions = std::fs::metadata(from).expect("a folder").permissions();
    std::fs::set_permissions(to, permissions).expect("permissions");
    let keys = from.with_extension("keys");
    if keys.is_file() {
        std::fs::copy(keys, to.with_extension("keys")).expect("copied");
    }
}

#[test]
fn whatever_happens_to_a_snapshot_every_answer_stays_the_same() {
    let test_book = company();
    assert!(files(&test_book).is_empty(), "a small book has none");
    let expected = answers(&test_book);
    assert!(expected.iter().filter(|(asked, _)| asked.ends_with("Some(0)")).count() >= 14, "{expected:?}");
    test_book.done(&["snapshot"]);
    let others = others(&test_book);
    test_book.write("late.jsonl", "{\"fact\": \"account\", \"at\": \"2028-01-05\", \"account\": \"late\"}\n");
    test_book.done(&["record", "late.jsonl"]);
    let expected = {
        std::fs::remove_dir_all(derived(&test_book)).expect("gone");
        answers(&test_book)
    };
    test_book.done(&["snapshot"]);
    let (path, bytes) = only(&test_book);
    assert!(answers(&test_book) == expected, "with the snapshot as it is");
    let mut dice = 0x9E37_79B9_7F4A_7C15;
    for round in 0..30 {
        let damage = round % DAMAGES.len();
        let must_be_said = DAMAGES[damage](&path, &bytes, &others, &mut dice);
        let before = test_book.bytes();
        // All of them now and then, and one by one else: each is a run of the command.
        let asked = if round < DAMAGES.len() { 0..ASKED.len() } else { round % ASKED.len()..round % ASKED.len() + 1 };
        for index in asked {
            let output = test_book.run(ASKED[index]);
            assert!(answer_in(output.stdout) == expected[index].1, "{:?} differs after damage {damage}", ASKED[index]);
        }
        let said = String::from_utf8(test_book.run(&["balances"]).stderr).expect("UTF-8");
        assert_eq!(said.contains("was not used"), must_be_said, "damage {damage}: {said}");
        assert!(test_book.bytes() == before, "a reader wrote something after damage {damage}");
        test_book.done(&["record", "known.jsonl"]);
        assert!(!must_be_said || only(&test_book) == (path.clone(), bytes.clone()), "damage {damage} is not made good");
        test_book.done(&["snapshot"]);
        assert!(only(&test_book) == (path.clone(), bytes.clone()), "another snapshot of the same log after {damage}");
    }
}

/// A kill between writing and renaming leaves half a file under a name that nobody reads.
#[test]
fn an_unfinished_snapshot_is_nothing() {
    let test_book = company();
    let expected = answers(&test_book);
    test_book.done(&["snapshot"]);
    let (path, bytes) = only(&test_book);
    let unfinished = path.with_extension("unfinished");
    for length in [0, 1, bytes.len() / 2, bytes.len()] {
        put(&unfinished, &bytes[..length]);
        assert!(answers(&test_book) == expected, "{length} bytes");
        std::fs::remove_file(&path).expect("gone");
        assert!(answers(&test_book) == expected, "{length} bytes and no snapshot");
        test_book.done(&["snapshot"]);
        assert!(only(&test_book) == (path.clone(), bytes.clone()), "{length} bytes");
    }
}

/// A snapshot that cannot be written is no failure of what was asked.
#[test]
fn where_no_snapshot_can_be_written_the_answer_is_the_same() {
    let test_book = company();
    put(&derived(&test_book), b"a file, where the folder should be");
    let said = String::from_utf8(test_book.run(&["snapshot"]).stderr).expect("UTF-8");
    assert!(said.contains("derived-unwritten"), "{said}");
    assert_eq!(test_book.run(&["snapshot"]).status.code(), Some(74));
    test_book.done(&["record", "known.jsonl"]);
    test_book.done(&["close", "2028-01"]);
}

const CASES: &str = include_str!("../../cases/random.jsonl");

/// Random histories with a snapshot after any step come out as without one, and so does the snapshot of their end: it is
/// byte for byte the one of a book that was folded from its first entry.
#[test]
fn histories_from_a_snapshot_on_are_those_from_the_first_entry_on() {
    let mut dice = 0xD134_2543_DE82_EF95;
    for line in CASES.lines().step_by(4) {
        let case: Value = serde_json::from_str(line).expect("JSON");
        let test_book = TestBook::with_book();
        for (name, text) in case["files"].as_object().expect("files") {
            test_book.write(name, text.as_str().expect("text"));
        }
        let mut statements = Vec::new();
        for step in case["steps"].as_str().expect("steps").lines().filter(|step| !step.trim().is_empty()) {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            let words: &[&str] = match verb {
                "publish" => &["plan", "publish", what],
                "record" => &["record", "--history", what],
                _ => &[verb, what],
            };
            test_book.done(words);
            if verb == "close" {
                let closed = test_book.json(&["statement", "--all", what]);
                statements.extend(closed.as_array().expect("an array").iter().cloned());
            }
            if roll(&mut dice, 3) == 0 {
                test_book.done(&["snapshot"]);
            }
        }
        if let Some(difference) = differs(&case["expected"], &Value::Array(statements), "") {
            panic!("case {}: {difference}", case["name"]);
        }
        test_book.done(&["snapshot"]);
        let from_snapshots = only(&test_book);
        std::fs::remove_dir_all(derived(&test_book)).expect("gone");
        test_book.done(&["snapshot"]);
        assert!(only(&test_book) == from_snapshots, "case {}: another state", case["name"]);
    }
}
