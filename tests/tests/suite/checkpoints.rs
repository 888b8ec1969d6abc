//! Signed checkpoints: made by each close, checked by `verify`, and compared with what somebody remembered (docs/checkpoints.md).

use std::io::Write;
use std::path::Path;
use std::process::Command;
use std::sync::Once;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{Payload, Record};
use ledger::id::Name;
use ledger::seal::Seed;
use ledger::signing::note::signed_checkpoint;
use ledger::signing::{PrivateKey, key_name};
use replay::book::{Book, BookIdentity};
use replay::close::{CloseRequest, EvaluationMode, FirstMonth, close_of};
use replay::stamp::Stamp;
use serde_json::Value;

use crate::support::TestBook;

const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "adjustment", "at": "2027-01-20", "payee": "ana", "amount": "250.00", "currency": "USD", "reason": "bonus"}
"#;

fn key(name: &str, number: u8) -> PrivateKey {
    PrivateKey::new(key_name(name).expect("a name"), [number; 32])
}

pub fn key_file(book: &TestBook, name: &str, number: u8) -> String {
    book.write(&format!("{name}.key"), &format!("{}\n", key(name, number).secret_text()))
}

/// A book whose log has a key, with facts and no close.
fn with_key() -> TestBook {
    let book = TestBook::with_book();
    book.done(&["checkpoint", "--key", &key_file(&book, "log", 1)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    book
}

/// The same with January closed; the checkpoint of that is in `kept.note`.
fn closed() -> TestBook {
    let book = with_key();
    book.done(&["close", "2027-01"]);
    keep(&book, "kept.note");
    book
}

fn keep(book: &TestBook, file: &str) -> String {
    let note = book.done(&["checkpoint"]);
    book.write(file, &note);
    note
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// How the book agrees with a file of one checkpoint: the verdict and the outcome.
fn against(book: &TestBook, file: &str, more: &[&str]) -> (String, String) {
    let arguments = [&["verify", "--against", file, "--format", "json"], more].concat();
    let output = book.run(&arguments);
    let found: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let (verdict, outcome) = (text(&found["verdict"]), text(&found["against"][0]["outcome"]));
    assert_eq!(output.status.success(), outcome == "extends", "{found}");
    assert_eq!(found["problems"].as_array().map(Vec::is_empty), Some(outcome == "extends"), "{found}");
    (verdict, outcome)
}

fn outcome(book: &TestBook, file: &str, more: &[&str]) -> String {
    against(book, file, more).1
}

// Made ---------------------------------------------------------------------------------------------------------------

#[test]
fn each_close_signs_one_if_the_log_has_a_key() {
    let plain = TestBook::with_book();
    plain.done(&["record", &plain.write("facts.jsonl", FACTS)]);
    assert_eq!(plain.json(&["close", "2027-01"])["checkpoint"], Value::Null);
    assert_eq!(plain.json(&["checkpoint"]), Value::Null);
    let book = with_key();
    let closed = book.json(&["close", "2027-01"]);
    let checkpoint = &closed["checkpoint"];
    assert_eq!(checkpoint["size"], closed["size"]);
    assert_eq!(checkpoint["position"], closed["size"]);
    assert_eq!(book.json(&["checkpoint"]), *checkpoint);
    let printed = book.done(&["close", "2027-02"]);
    let note = book.done(&["checkpoint"]);
    assert!(printed.ends_with(&format!("\n\n{note}")), "{printed}");
    let found = book.json(&["verify"]);
    assert_eq!((&found["checkpoints"], &found["verdict"]), (&3.into(), &"consistent".into()));
}

#[test]
fn one_is_signed_on_request_and_again_only_when_something_is_new() {
    let book = with_key();
    let one = book.json(&["checkpoint", "--now"]);
    assert_eq!(one["size"], 5);
    assert_eq!(book.json(&["checkpoint", "--now"]), one);
    book.done(&["close", "2027-01"]);
    let before = book.bytes();
    assert_ne!(book.json(&["checkpoint", "--now"]), one);
    assert!(book.bytes() == before);
}

/// The crash is between the append of the close and that of its checkpoint.
#[test]
fn a_checkpoint_that_a_crash_prevented_is_signed_by_the_next_command_that_records() {
    for last in [&["record", "more.jsonl"][..], &["checkpoint", "--now"]] {
        let book = with_key();
        // Without its key, the program writes what a crash would leave.
        std::fs::rename(book.folder.path().join("log.key"), book.folder.path().join("away.key")).expect("moved");
        let output = book.run(&["close", "2027-01"]);
        assert!(output.status.success());
        assert!(String::from_utf8_lossy(&output.stderr).contains("warning[checkpoint-unsigned]"));
        std::fs::rename(book.folder.path().join("away.key"), book.folder.path().join("log.key")).expect("moved");
        let output = book.run(&["checkpoint"]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("has no checkpoint yet"));
        book.write("more.jsonl", &FACTS.replace("ana", "ben"));
        book.done(last);
        let closed = book.json(&["log", "--kind", "period-close"])[0]["position"].as_u64().expect("a position");
        let size = book.json(&["checkpoint"])["size"].as_u64().expect("a size");
        assert!(size > closed, "{last:?}: {size} does not reach behind {closed}");
        assert_eq!(book.json(&["verify"])["checkpoints"], 2);
        let quiet = book.run(&["checkpoint"]);
        assert!(!String::from_utf8_lossy(&quiet.stderr).contains("no checkpoint"));
    }
}

/// The program ends between the two appends: what a library that closes alone leaves.
#[test]
fn a_close_that_was_acknowledged_before_a_crash_gets_its_checkpoint() {
    let book = with_key();
    let (mut opened, _) = Book::open(&book.book()).expect("the book");
    let (period, first_month) = (Month::parse("2027-01").expect("a month"), FirstMonth::NearFacts);
    let asked = CloseRequest { mode: EvaluationMode::BySize, first_month, ..CloseRequest::of(period, None) };
    close_of(&mut opened, &asked, None, &stamp(9)).expect("closed");
    drop(opened);
    assert_eq!(book.json(&["verify"])["checkpoints"], 1);
    book.done(&["hold", "ana", "--reason", "look"]);
    let signed = book.json(&["checkpoint"]);
    // It covers the close and the hold.
    assert_eq!((&signed["size"], &book.json(&["verify"])["checkpoints"]), (&9.into(), &2.into()));
    keep(&book, "kept.note");
    assert_eq!(outcome(&book, "kept.note", &[]), "extends");
}

// Compared -----------------------------------------------------------------------------------------------------------

#[test]
fn a_log_that_went_on_extends_its_checkpoints() {
    let book = closed();
    for month in ["2027-02", "2027-03"] {
        book.done(&["close", month]);
        assert_eq!(against(&book, "kept.note", &[]), ("consistent".into(), "extends".into()));
    }
    let notes = keep(&book, "later.note")
        + "\n"
        + &std::fs::read_to_string(book.folder.path().join("kept.note")).expect("a note");
    book.write("all.notes", &notes);
    let found = book.json(&["verify", "--against", "all.notes"]);
    assert_eq!(found["against"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_cut_tail_and_an_older_copy_are_found() {
    let book = with_key();
    let old = book.folder.path().join("old");
    copy(&book.book(), &old);
    book.done(&["close", "2027-01"]);
    keep(&book, "kept.note");
    std::fs::remove_dir_all(book.book()).expect("removed");
    copy(&old, &book.book());
    assert_eq!(book.json(&["verify"])["verdict"], "consistent");
    assert_eq!(against(&book, "kept.note", &[]), ("incomplete".into(), "shorter".into()));
    // Going on from there does not hide it, once the log is as long as it was.
    book.done(&["record", &book.write("more.jsonl", &FACTS.replace("ana", "ben"))]);
    book.done(&["close", "2027-01"]);
    assert_eq!(against(&book, "kept.note", &[]), ("altered".into(), "other-root".into()));
}

/// A stamp with which every book gets one and the same UUID: somebody writes a book anew and keeps its origin.
fn stamp(number: u8) -> Stamp {
    let text = || "tester".to_owned();
    let (seed, secret) = (Seed([number; 32]), Seed([77; 32]));
    Stamp { now: 1_795_000_000_000_000, author: text(), user: text(), seed, secret, signing: Vec::new() }
}

fn book_of_one_uuid(number: u8) -> TestBook {
    let book = TestBook::new();
    let identity = BookIdentity { name: Name::new("acme").expect("a name"), timezone: None };
    Book::init(&book.book(), identity, &stamp(number)).expect("a book");
    book
}

#[test]
fn a_book_that_was_recorded_again_from_scratch_is_found() {
    let record = |book: &TestBook, number: u8| {
        book.done(&["checkpoint", "--key", &key_file(book, "log", number)]);
        book.done(&["record", &book.write("facts.jsonl", FACTS)]);
        book.done(&["close", "2027-01"]);
    };
    let honest = book_of_one_uuid(1);
    record(&honest, 1);
    let note = keep(&honest, "kept.note");
    let vkey = honest.json(&["checkpoint"])["key"].as_str().expect("a key").to_owned();
    assert_eq!(outcome(&honest, "kept.note", &["--key", &vkey]), "extends");
    // With a stolen key, and with another key.
    for (number, expected) in [(1, "other-root"), (2, "not-signed")] {
        let forged = book_of_one_uuid(2);
        record(&forged, number);
        forged.write("kept.note", &note);
        assert_eq!(against(&forged, "kept.note", &[]), ("altered".into(), expected.into()));
        assert_eq!(against(&forged, "kept.note", &["--key", &vkey]), ("altered".into(), "other-root".into()));
    }
    // A new book of that name has another UUID, and so another origin.
    let again = with_key();
    again.write("kept.note", &note);
    assert!(again.refused(&["verify", "--against", "kept.note"]).starts_with("error[checkpoint-book]"));
}

#[test]
fn a_checkpoint_of_another_book_is_refused() {
    let (book, other) = (closed(), closed());
    let note = keep(&other, "kept.note");
    book.write("other.note", &note);
    let said = book.refused(&["verify", "--against", "other.note"]);
    assert!(said.starts_with("error[checkpoint-book]"), "{said}");
    let vkey = other.json(&["checkpoint"])["key"].as_str().expect("a key").to_owned();
    let said = book.refused(&["verify", "--against", "kept.note", "--key", &vkey]);
    assert!(said.starts_with("error[checkpoint-key]"), "{said}");
}

/// Whatever byte of a note is changed, the comparison does not end well.
#[test]
fn a_changed_byte_in_any_line_of_a_note_is_found() {
    let book = closed();
    let note = std::fs::read(book.folder.path().join("kept.note")).expect("a note");
    let mut start = 0;
    for line in note.split_inclusive(|byte| *byte == b'\n') {
        for at in [start, start + line.len() / 2, start + line.len() - 1] {
            for bit in [1, 2] {
                let mut changed = note.clone();
                changed[at] ^= bit;
                std::fs::write(book.folder.path().join("changed.note"), &changed).expect("written");
                let output = book.run(&["verify", "--against", "changed.note"]);
                assert_eq!(output.status.code(), Some(1), "byte {at}: {}", String::from_utf8_lossy(&changed));
            }
        }
        start += line.len();
    }
}

#[test]
fn signatures_of_witnesses_are_passed_over() {
    let book = closed();
    let note = std::fs::read_to_string(book.folder.path().join("kept.note")).expect("a note");
    let (text, signature) = note.split_once("\n\n").expect("an empty line");
    let witness = "\u{2014} witness.example/w1 ".to_owned() + &"AbCd".repeat(24) + "\n";
    book.write("before.note", &format!("{text}\n\n{witness}{signature}"));
    book.write("behind.note", &format!("{note}{witness}"));
    assert_eq!(outcome(&book, "before.note", &[]), "extends");
    assert_eq!(outcome(&book, "behind.note", &[]), "extends");
    book.write("only.note", &format!("{text}\n\n{witness}"));
    assert_eq!(outcome(&book, "only.note", &[]), "not-signed");
}

// Keys ---------------------------------------------------------------------------------------------------------------

#[test]
fn a_new_key_is_signed_with_the_old_one_and_verify_follows() {
    let book = closed();
    let (second, stranger) = (key_file(&book, "second", 2), key_file(&book, "stranger", 3));
    let code = |said: String| said.split(']').next().expect("a code").replace("error[", "");
    assert_eq!(code(book.refused(&["checkpoint", "--key", &second])), "log-key-signed");
    // An author's key is not the log's.
    let author = key("stranger", 3).public().to_string();
    book.done(&["author", "add", "stranger", "--key", &author]);
    assert_eq!(code(book.refused(&["checkpoint", "--key", &second, "--sign", &stranger])), "log-key-signed");
    assert_eq!(code(book.refused(&["checkpoint", "--key", &stranger, "--sign", "log.key"])), "author-key-taken");
    book.done(&["checkpoint", "--key", &second, "--sign", "log.key"]);
    assert_eq!(code(book.refused(&["checkpoint", "--key", "log.key", "--sign", &second])), "log-key-replaced");
    book.done(&["close", "2027-02"]);
    // A snapshot knows keys and the last checkpoint, as the log does.
    let shown = book.json(&["checkpoint"]);
    book.done(&["snapshot"]);
    assert_eq!(book.json(&["checkpoint"]), shown);
    assert_eq!(book.json(&["checkpoint", "--checked"]), shown);
    assert_eq!(code(book.refused(&["checkpoint", "--key", "log.key", "--sign", &second])), "log-key-replaced");
    keep(&book, "later.note");
    assert_eq!(outcome(&book, "kept.note", &[]), "extends");
    assert_eq!(outcome(&book, "later.note", &[]), "extends");
    let found = book.json(&["verify"]);
    assert_eq!((&found["checkpoints"], &found["signatures"]), (&4.into(), &1.into()));
    // The log's key signs nothing but the key that takes its place.
    assert_eq!(code(book.refused(&["close", "2027-03", "--sign", &second])), "sign-unknown");
}

#[test]
fn under_a_policy_an_administrator_signs_the_first_key_and_a_recovery_key_replaces_it() {
    let book = TestBook::with_book();
    let people = ["cfo", "cro", "ops"];
    for (name, number) in people.iter().zip(11..) {
        key_file(&book, name, number);
        book.done(&["author", "add", name, "--key", &key(name, number).public().to_string()]);
    }
    key_file(&book, "safe", 20);
    let safe = key("safe", 20).public().to_string();
    let roles =
        r#"{"cfo": ["approve", "policy", "administrate"], "cro": ["approve", "policy"], "ops": ["close", "pay"]}"#;
    let policy =
        format!(r#"{{"fact": "policy", "at": "2026-01-01", "roles": {roles}, "rules": [], "recovery": ["{safe}"]}}"#);
    book.done(&["policy", "set", &book.write("policy.json", &policy), "--sign", "cfo.key", "--sign", "cro.key"]);
    let log = key_file(&book, "log", 1);
    for signed in [&[][..], &["--sign", "ops.key"]] {
        let said = book.refused(&[&["checkpoint", "--key", &log], signed].concat());
        assert!(said.starts_with("error[policy-role]"), "{said}");
    }
    book.done(&["checkpoint", "--key", &log, "--sign", "cfo.key"]);
    book.done(&["record", &book.write("facts.jsonl", FACTS.lines().next().expect("a line"))]);
    // The log's own key is enough for a checkpoint; who closes signs the entry too.
    book.done(&["checkpoint", "--now"]);
    book.done(&["close", "2027-01", "--force", "--sign", "ops.key"]);
    let second = key_file(&book, "second", 2);
    assert!(book.refused(&["checkpoint", "--key", &second, "--sign", "cfo.key"]).starts_with("error[log-key-signed]"));
    book.done(&["checkpoint", "--key", &second, "--sign", "safe.key"]);
    let found = book.json(&["verify"]);
    assert_eq!((&found["verdict"], &found["checkpoints"]), (&"consistent".into(), &4.into()));
    // A policy cannot make the log's key one that replaces those of people.
    let log_key = key("second", 2).public().to_string();
    let policy = book.write("policy.json", &policy.replace(&safe, &log_key));
    let said = book.refused(&["policy", "set", &policy, "--sign", "cfo.key"]);
    assert!(said.starts_with("error[policy-recovery]"), "{said}");
}

/// Somebody with write access appends an entry that no program would write, with right hashes.
fn append(book: &TestBook, kind: &str, change: impl FnOnce(&mut Entry, &Book)) {
    let opened = Book::open_read(&book.book()).expect("the book");
    let last = book.json(&["log", "--kind", kind]);
    let position = last.as_array().and_then(|all| all.last()).and_then(|entry| entry["position"].as_u64());
    let mut entry = opened.entry(position.expect("a position")).expect("an entry");
    (entry.position, entry.recorded) = (opened.size(), opened.state().last_recorded());
    change(&mut entry, &opened);
    drop(opened);
    let files = ledger::store::Files::at(book.book().join("log"));
    let (mut log, _) = ledger::log::Log::open(Box::new(files)).expect("a log");
    let mut bytes = Vec::new();
    entry.put(&mut bytes, |salt| salt.fill(7));
    let mut append = log.begin(None).expect("an append");
    append.push(&bytes).expect("an entry");
    append.commit().expect("on disk");
}

#[test]
fn forged_checkpoints_and_keys_are_found_by_verify() {
    let what = |kind: &str, change: &dyn Fn(&mut Entry, &Book)| {
        let book = closed();
        append(&book, kind, change);
        let found = book.json_ended(&["verify"], 1);
        assert_eq!(found["verdict"], "altered");
        found["problems"][0]["what"].as_str().expect("a text").to_owned()
    };
    let signed = |entry: &mut Entry, book: &Book, size: u64, root: [u8; 32], number: u8| {
        let Payload::Record(Record::Checkpoint(checkpoint)) = &mut entry.payload else { panic!("a checkpoint") };
        (checkpoint.size, checkpoint.root) = (size, root);
        checkpoint.note.0 = signed_checkpoint(book.state().origin(), size, &root, &key("log", number));
    };
    let said = what("checkpoint", &|entry, book| signed(entry, book, book.size(), [0; 32], 1));
    assert!(said.starts_with("the checkpoint says another root of the tree at size"), "{said}");
    let said = what("checkpoint", &|entry, book| signed(entry, book, 3, [0; 32], 1));
    assert!(said.starts_with("the checkpoint says another root of the tree at size 3"), "{said}");
    let said = what("checkpoint", &|entry, book| signed(entry, book, book.size(), book.root(), 2));
    assert_eq!(said, "the checkpoint is not signed with the key of the log");
    let said = what("checkpoint", &|entry, book| signed(entry, book, book.size() + 9, [0; 32], 1));
    assert!(said.contains("some of which came later"), "{said}");
    let said = what("checkpoint", &|entry, book| {
        signed(entry, book, book.size(), book.root(), 1);
        let Payload::Record(Record::Checkpoint(checkpoint)) = &mut entry.payload else { panic!("a checkpoint") };
        checkpoint.size -= 1;
    });
    assert_eq!(said, "the note of the checkpoint says another size or root than its entry");
    let said = what("log-key", &|entry, _| {
        let Payload::Record(Record::LogKey(log_key)) = &mut entry.payload else { panic!("a key") };
        log_key.key = *key("log", 9).public().bytes();
    });
    assert_eq!(said, "the log's new key is signed neither with the old one nor with a recovery key");
}

// Other programs -----------------------------------------------------------------------------------------------------

#[test]
fn signed_note_and_we_read_each_others_notes() {
    use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
    let book = closed();
    let shown = book.json(&["checkpoint"]);
    let (note, vkey) = (shown["note"].as_str().expect("a note"), shown["key"].as_str().expect("a key"));
    let verifiers = || VerifierList::new(vec![Box::new(StandardVerifier::new(vkey).expect("a key"))]);
    let read = Note::from_bytes(note.as_bytes()).expect("a note");
    let (verified, others) = read.verify(&verifiers()).expect("signed");
    assert_eq!((verified.len(), others.len()), (1, 0));
    let changed = note.replacen("\n8\n", "\n9\n", 1);
    assert_ne!(changed, note);
    assert!(Note::from_bytes(changed.as_bytes()).expect("a note").verify(&verifiers()).is_err());
    // The text signed by that crate, with the same key and with that of a witness.
    let origin = Name::new(note.lines().next().expect("a line")).expect("a short name");
    let signer = StandardSigner::new(&PrivateKey::new(origin, [1; 32]).secret_text()).expect("a key");
    let witness = StandardSigner::new(&key("witness.example", 5).secret_text()).expect("a key");
    let mut theirs = Note::new(read.text(), &[]).expect("a note");
    theirs.add_sigs(&[&witness, &signer]).expect("signed");
    book.write("theirs.note", &String::from_utf8(theirs.to_bytes()).expect("UTF-8"));
    assert_eq!(outcome(&book, "theirs.note", &[]), "extends");
    assert_eq!(outcome(&book, "theirs.note", &["--key", vkey]), "extends");
    let mut wrong = Note::new(changed.split_once("\n\n").expect("a text").0.as_bytes(), &[]);
    assert!(wrong.is_err(), "without its last line feed it is no text");
    wrong = Note::new(read.text(), &[]);
    let mut only_witness = wrong.expect("a note");
    only_witness.add_sigs(&[&witness]).expect("signed");
    book.write("witness.note", &String::from_utf8(only_witness.to_bytes()).expect("UTF-8"));
    assert_eq!(outcome(&book, "witness.note", &[]), "not-signed");
}

#[test]
fn a_verifier_in_python_agrees() {
    static SKIPPED: Once = Once::new();
    let book = closed();
    let shown = book.json(&["checkpoint"]);
    let (note, vkey) = (shown["note"].as_str().expect("a note"), shown["key"].as_str().expect("a key"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("checkpoint.py");
    let run = |vkey: &str, note: &str| {
        let file = book.write("python.note", note);
        Command::new("python3").arg(&script).args([vkey, &file]).output()
    };
    let Ok(output) = run(vkey, note) else {
        // Past the capture of the test harness, which shows nothing of a test that passes.
        let line = "SKIPPED: `python3` is not installed, so tests/checkpoint.py has not checked our checkpoints\n";
        SKIPPED.call_once(|| drop(std::io::stderr().write_all(line.as_bytes())));
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected: Vec<&str> = note.lines().take(3).collect();
    assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected.join(" "));
    let other = key("other", 2).public().to_string();
    for (vkey, note) in [(vkey, note.replacen("\n8\n", "\n9\n", 1)), (&other, note.to_owned())] {
        assert!(!run(vkey, &note).expect("python").status.success(), "{note}");
    }
}
