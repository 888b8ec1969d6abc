//! Bytes checked.

use crate::kit::Desk;

const SEGMENT: &str = "book/log/00000000000000000000.seg";

#[test]
fn a_book_that_is_consistent_with_its_head_says_size_and_root() {
    let desk = Desk::with_close();
    let before = desk.bytes();
    let found = desk.json(&["verify"]);
    assert_eq!((&found["verdict"], &found["entries"]), (&"consistent".into(), &9.into()));
    assert_eq!(found["problems"].as_array().map(Vec::len), Some(0));
    let text = desk.ok(&["verify"]).out;
    let root = found["root"].as_str().expect("a root");
    assert!(text.starts_with(&format!("Verified: consistent with its head (size 9, root {root}).\n")), "{text}");
    assert!(text.contains("\nChecked 9 entries and 1 close, "), "{text}");
    assert_eq!((&found["head"]["size"], &found["head"]["root"]), (&9.into(), &found["root"]));
    assert_eq!(found["unfinished"], serde_json::Value::Null);
    assert_eq!(desk.bytes(), before);
}

#[test]
fn an_altered_book_is_found_out() {
    let desk = Desk::with_close();
    let mut bytes = std::fs::read(desk.path(SEGMENT)).expect("a segment");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    desk.write(SEGMENT, bytes);
    let run = desk.run(&["verify"]);
    assert_eq!(run.status, 1, "{run:?}");
    assert!(run.out.starts_with("altered: "), "{}", run.out);
    assert!(run.out.contains("Altered: bytes are not what was written ("), "{}", run.out);
    let run = desk.run(&["verify", "--format", "json"]);
    let found: serde_json::Value = serde_json::from_str(&run.out).expect("JSON");
    assert_eq!((run.status, &found["verdict"]), (1, &"altered".into()));
    for member in ["position", "file", "byte", "what"] {
        assert!(found["problems"][0].get(member).is_some(), "{found}");
    }
}

/// With `--checked` the whole log is hashed on the way, and nothing beside it is believed.
#[test]
fn a_checked_answer_is_the_same_and_looks_at_no_snapshot() {
    let desk = Desk::with_close();
    desk.ok(&["snapshot"]);
    let derived = std::fs::read_dir(desk.path("book/derived")).expect("a folder");
    let snapshot =
        derived.map(|entry| entry.expect("an entry").path()).find(|path| path.is_file()).expect("a snapshot");
    std::fs::write(&snapshot, "nothing that was ever folded").expect("written");
    let plain = desk.ok(&["balances"]);
    let checked = desk.ok(&["balances", "--checked"]);
    assert_eq!(checked.out, plain.out);
    assert!(plain.err.contains("snapshot"), "{}", plain.err);
    assert!(!checked.err.contains("snapshot"), "{}", checked.err);
}

#[test]
fn no_book_is_not_a_whole_one() {
    Desk::new().refused(&["verify"], 1, "book-missing");
}

#[test]
fn derived_files_are_told_good_stale_or_forged_and_change_no_verdict() {
    let desk = Desk::with_close();
    desk.ok(&["snapshot"]);
    let states = |desk: &Desk| {
        let found = desk.json(&["verify"]);
        assert_eq!(found["verdict"], "consistent");
        let derived = found["derived"].as_array().expect("a list").clone();
        derived.into_iter().map(|file| file["state"].as_str().expect("a word").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states(&desk), ["good", "good"], "a snapshot and an index");
    desk.write("new.jsonl", "{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"initech\"}\n");
    desk.ok(&["record", "new.jsonl"]);
    assert_eq!(states(&desk), ["stale", "stale"], "the book has grown");
    let derived = std::fs::read_dir(desk.path("book/derived")).expect("a folder");
    let snapshot = derived.map(|entry| entry.expect("an entry").path()).find(|path| path.is_file()).expect("a file");
    let mut bytes = std::fs::read(&snapshot).expect("read");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&snapshot, bytes).expect("written");
    desk.write("book/derived/notes.txt", "mine");
    let text = desk.ok(&["verify"]).out;
    assert!(text.contains("forged: derived/") && text.contains("foreign: derived/notes.txt"), "{text}");
}
