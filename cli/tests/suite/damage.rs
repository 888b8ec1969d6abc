//! Bytes that are lost, added or changed: nobody answers from before the damage, and nothing acknowledged is cut.

use crate::kit::Desk;

const SEGMENT: &str = "book/log/00000000000000000000.seg";
const HEAD: &str = "book/log/head";
const NEW: &str = "{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"initech\"}\n";

fn segment(desk: &Desk) -> Vec<u8> {
    std::fs::read(desk.path(SEGMENT)).expect("a segment")
}

/// Verify, a reader and a writer all refuse, and not a byte is changed.
#[track_caller]
fn assert_all_refuse(desk: &Desk, what: &str) {
    let before = desk.bytes();
    assert_eq!(desk.run(&["verify"]).status, 1, "{what}");
    for command in [&["log"][..], &["record", "new.jsonl"], &["record", "new.jsonl", "-q", "--format", "json"]] {
        let run = desk.run(command);
        assert_eq!(run.status, 74, "{what}: {run:?}");
        assert!(run.err.contains("book-damaged") || run.err.contains("book-incomplete"), "{what}: {run:?}");
    }
    assert!(desk.bytes() == before, "{what}: a refused command changed the book");
}

#[test]
fn a_lost_or_added_byte_anywhere_deletes_no_history() {
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    let whole = segment(&desk);
    for at in (0..whole.len()).step_by(311) {
        let mut lost = whole.clone();
        lost.remove(at);
        desk.write(SEGMENT, &lost);
        assert_all_refuse(&desk, &format!("byte {at} lost"));
        let mut added = whole.clone();
        added.insert(at, 0x5A);
        desk.write(SEGMENT, &added);
        assert_all_refuse(&desk, &format!("a byte added at {at}"));
    }
}

#[test]
fn a_flipped_bit_in_the_last_append_deletes_nothing() {
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    let whole = segment(&desk);
    // The close is the last append: some of its bytes, and the very last one.
    for back in (1..=whole.len() / 3).step_by(97) {
        let mut flipped = whole.clone();
        flipped[whole.len() - back] ^= 0x10;
        desk.write(SEGMENT, &flipped);
        assert_all_refuse(&desk, &format!("{back} bytes before the end"));
    }
}

#[test]
fn a_cut_tail_and_a_deleted_segment_are_incomplete() {
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    let whole = segment(&desk);
    for length in (0..whole.len()).step_by(173) {
        desk.write(SEGMENT, &whole[..length]);
        assert_all_refuse(&desk, &format!("cut to {length} bytes"));
    }
    std::fs::remove_file(desk.path(SEGMENT)).expect("removed");
    assert_all_refuse(&desk, "no segment");
    assert!(desk.run(&["init"]).err.contains("book-exists"), "a new book in the place of a damaged one");
}

#[test]
fn a_missing_or_damaged_head_is_incomplete() {
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    let whole = std::fs::read(desk.path(HEAD)).expect("a head");
    for head in [&whole[..100], &[0; 8192], &[&whole[..], b"x"].concat()] {
        desk.write(HEAD, head);
        assert_all_refuse(&desk, "a damaged head");
    }
    std::fs::remove_file(desk.path(HEAD)).expect("removed");
    assert_all_refuse(&desk, "no head");
}

#[test]
fn what_lies_before_the_damage_can_be_read_and_recovered() {
    let desk = Desk::with_close();
    let sound = desk.ok(&["log", "--at", "6"]).out;
    let mut bytes = segment(&desk);
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    desk.write(SEGMENT, &bytes);
    let run = desk.ok(&["log", "--at", "6"]);
    assert_eq!(run.out, sound);
    assert!(run.err.contains("book-damaged-later"), "{}", run.err);
    let found: serde_json::Value = serde_json::from_str(&desk.run(&["verify", "--format", "json"]).out).expect("JSON");
    let size = found["sound"].as_u64().expect("a size");
    assert!((1..9).contains(&size), "{found}");
    desk.ok(&["recover", "--to", &size.to_string(), "--out", "sound"]);
    let recovered = desk.json(&["verify", "--book", "sound"]);
    assert_eq!((&recovered["verdict"], recovered["size"].as_u64()), (&"consistent".into(), Some(size)));
    desk.refused(&["recover", "--to", &size.to_string(), "--out", "sound"], 1, "recovery-occupied");
}

#[test]
fn a_torn_tail_is_kept_and_told_in_every_format() {
    for format in [&["--format", "json"][..], &["--quiet"], &[]] {
        let desk = Desk::with_close();
        desk.write("new.jsonl", NEW);
        desk.write("bad.jsonl", "nonsense\n");
        let torn = [&segment(&desk)[..], &[0xFF; 777]].concat();
        desk.write(SEGMENT, &torn);
        assert_eq!(desk.json(&["verify"])["verdict"], "torn-tail");
        assert_eq!(desk.json(&["verify"])["unfinished"]["bytes"], 777);
        // A refused command and a missing file change nothing, and so does recording what is known.
        for refused in ["bad.jsonl", "nowhere.jsonl"] {
            assert_ne!(desk.run(&["record", refused]).status, 0);
            assert_eq!(segment(&desk), torn);
        }
        let mut arguments = vec!["record", "new.jsonl"];
        arguments.extend(format);
        let run = desk.ok(&arguments);
        assert!(run.err.contains("torn-tail") && run.err.contains("777 bytes"), "{format:?}: {}", run.err);
        let kept: Vec<_> = std::fs::read_dir(desk.path("book/log/torn")).expect("a folder").collect();
        assert_eq!(kept.len(), 1);
        let kept = kept.into_iter().next().expect("a file").expect("a file").path();
        assert_eq!(std::fs::read(kept).expect("read"), [0xFF; 777]);
        assert_eq!(desk.json(&["verify"])["verdict"], "consistent");
    }
}

#[test]
fn a_command_that_is_refused_late_puts_the_torn_tail_back() {
    let desk = Desk::with_close();
    // So many lines that frames are written before the bad one is read.
    let mut lines: String = (0..20_000).map(|number| NEW.replace("initech", &format!("a-{number}"))).collect();
    lines.push_str("nonsense\n");
    desk.write("late.jsonl", lines);
    let torn = [&segment(&desk)[..], &[7; 300]].concat();
    desk.write(SEGMENT, &torn);
    assert_eq!(desk.run(&["record", "late.jsonl"]).status, 1);
    assert_eq!(segment(&desk), torn);
}

#[test]
fn an_interrupted_init_can_be_done_again() {
    let desk = Desk::new();
    desk.ok(&["init"]);
    let (bytes, head) = (segment(&desk), std::fs::read(desk.path(HEAD)).expect("a head"));
    let fresh = ledger::head::Head::of_nothing().format_file();
    // What may be there after each step: the segment grows, the head is made, the first append grows, the head is written.
    for length in (0..bytes.len()).step_by(31) {
        for head in [None, Some(&fresh), Some(&head[..5000].to_vec())] {
            if length > 64 && head != Some(&fresh) {
                continue;
            }
            std::fs::remove_dir_all(desk.path("book")).expect("removed");
            std::fs::create_dir_all(desk.path("book/log")).expect("a folder");
            // The key file is made first, without a line.
            desk.write("book.keys", "");
            desk.write(SEGMENT, &bytes[..length]);
            // The key file is made empty before the first append, and filled after it.
            desk.write("book.keys", "");
            if let Some(head) = head {
                desk.write(HEAD, head);
            }
            desk.refused(&["log"], 1, "book-missing");
            desk.ok(&["init"]);
            assert_eq!(desk.json(&["verify"])["verdict"], "consistent", "{length}");
        }
    }
}

/// A segment that was only begun is gone on with, so that what follows is not written before it.
#[test]
fn a_segment_that_was_only_begun_is_gone_on_with() {
    for bytes in [0, 10, 64] {
        let desk = Desk::with_close();
        desk.write("new.jsonl", NEW);
        let begun = "book/log/00000000000000000009.seg";
        desk.write(begun, vec![0; bytes]);
        assert_eq!(desk.json(&["verify"])["verdict"], "torn-tail");
        desk.ok(&["balances"]);
        desk.ok(&["record", "new.jsonl"]);
        let found = desk.json(&["verify"]);
        assert_eq!((&found["verdict"], &found["size"]), (&"consistent".into(), &10.into()), "{found}");
        assert!(std::fs::read(desk.path(begun)).expect("a segment").len() > 64);
    }
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    desk.write("book/log/00000000000000000099.seg", "");
    assert_all_refuse(&desk, "a segment of positions that are not there");
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    for name in ["book/log/head", SEGMENT, "book/log/lock", "book.keys"] {
        let desk = Desk::with_close();
        desk.write("new.jsonl", NEW);
        std::fs::remove_file(desk.path(name)).expect("removed");
        let made = std::process::Command::new("mkfifo").arg(desk.path(name)).status();
        assert!(made.expect("mkfifo").success());
        for command in [&["verify"][..], &["balances"], &["record", "new.jsonl"]] {
            // That it comes back is what is tested.
            let run = desk.run(command);
            assert!(run.status != 0 || name.ends_with("lock") || name.ends_with("keys"), "{name}: {run:?}");
        }
    }
}

#[test]
fn rejects_take_the_place_of_no_file_of_the_book() {
    let desk = Desk::with_close();
    desk.write("mixed.jsonl", format!("{NEW}nonsense\n"));
    let before = desk.bytes();
    for place in [SEGMENT, HEAD, "book/log/x.seg", "book/other", "book.keys", "/dev/null"] {
        let run = desk.refused(&["record", "mixed.jsonl", "--rejects", place], 1, "record-rejects-place");
        assert!(run.err.contains(place), "{}", run.err);
        assert!(desk.bytes() == before, "{place}");
    }
}

#[test]
fn a_key_line_that_was_cut_and_is_in_use_is_damage() {
    let desk = Desk::with_facts();
    let person = "{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"zoe\", \"name\": \"Zoe\"}\n";
    desk.write("person.jsonl", person);
    desk.ok(&["record", "person.jsonl"]);
    let keys = std::fs::read(desk.path("book.keys")).expect("keys");
    let cut = &keys[..keys.len() - 5];
    desk.write("book.keys", cut);
    desk.write("other.jsonl", person.replace("zoe", "yan"));
    let run = desk.run(&["record", "other.jsonl"]);
    assert_ne!(run.status, 0, "{run:?}");
    assert!(run.err.contains("it was cut"), "{run:?}");
    assert_eq!(std::fs::read(desk.path("book.keys")).expect("keys"), cut);
    assert!(desk.ok(&["balances"]).err.contains("keys-unusable"));
}

#[test]
fn a_torn_tail_is_not_copied_through_a_link() {
    let desk = Desk::with_close();
    desk.write("new.jsonl", NEW);
    std::fs::create_dir(desk.path("elsewhere")).expect("a folder");
    std::os::unix::fs::symlink(desk.path("elsewhere"), desk.path("book/log/torn")).expect("a link");
    desk.write(SEGMENT, [&segment(&desk)[..], b"half"].concat());
    let before = segment(&desk);
    assert_eq!(desk.run(&["record", "new.jsonl"]).status, 74);
    assert_eq!(segment(&desk), before);
    assert_eq!(std::fs::read_dir(desk.path("elsewhere")).expect("a folder").count(), 0);
}

#[test]
fn what_was_done_is_told_from_what_could_not_be_shown() {
    let desk = Desk::with_facts();
    desk.write("new.jsonl", NEW);
    for words in ["init --book other", "recover --to 1 --out sound", "record new.jsonl"] {
        let command = format!("exec '{}' {words} > /dev/full", env!("CARGO_BIN_EXE_trueup"));
        let output = std::process::Command::new("sh").args(["-c", &command]).current_dir(desk.path("")).output();
        let said = String::from_utf8(output.expect("a shell").stderr).expect("UTF-8");
        assert!(said.contains("output-lost"), "{words}: {said}");
    }
}
