//! Derived files are sealed with a secret of the book: a file with a digest that anybody can compute changes no answer.

use std::path::{Path, PathBuf};

use ledger::keyring::Keys;
use projections::encoding::{Decoder, Encoder};
use replay::derived::inventory::derived_states;
use replay::derived::sealing::Seals;

use crate::derived::{company, copy, roll};
use crate::support::{TRUEUP, TestBook};

fn derived(test_book: &TestBook) -> PathBuf {
    test_book.book().join("derived")
}

fn only(test_book: &TestBook, end: &str) -> PathBuf {
    let entries = std::fs::read_dir(derived(test_book)).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut all: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|found| found == end)).collect();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn said(test_book: &TestBook, words: &[&str]) -> String {
    String::from_utf8(test_book.run(words).stderr).expect("UTF-8")
}

/// A snapshot taken apart: its parts, without their digests.
fn parts(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (content, _digest) = bytes.split_last_chunk::<32>().expect("a digest");
    let start = u64::from_le_bytes(*content.last_chunk().expect("a start")) as usize;
    let mut table = Decoder::new(&content[start..]);
    let ends: Vec<u64> = table.column().expect("where parts end").all();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(start, end)| bytes[start as usize..*end as usize].to_vec()).collect()
}

/// The same put together with digests of whoever makes them.
fn together(parts: &[Vec<u8>], digest: impl Fn(&[u8]) -> [u8; 32]) -> Vec<u8> {
    let mut bytes = parts.concat();
    let start = bytes.len() as u64;
    let ends = parts.iter().scan(0, |end, part| {
        *end += part.len() as u64;
        Some(*end)
    });
    let mut table = Vec::new();
    let mut keep = |part: &[u8]| table.extend_from_slice(part);
    let mut out = Encoder::new(&mut keep);
    out.column(ends);
    out.column(parts.iter().map(|part| digest(part)));
    out.one(start);
    out.finish();
    bytes.extend_from_slice(&table);
    bytes.extend_from_slice(&digest(&table));
    bytes
}

fn plain(bytes: &[u8]) -> [u8; 32] {
    *blake3::hash(bytes).as_bytes()
}

#[test]
fn no_byte_of_a_snapshot_with_plain_digests_changes_what_a_close_posts() {
    let test_book = company();
    let bare = TestBook::new();
    copy(&test_book.book(), &bare.book());
    let preview = ["preview", "2028-01", "--format", "json"];
    let expected = bare.done(&preview);
    test_book.done(&["snapshot"]);
    let path = only(&test_book, "snapshot");
    let good = std::fs::read(&path).expect("a snapshot");
    let all = parts(&good);
    // It is put together as the program does it: with the book's own key it is the file byte for byte.
    let keys = Keys::load(test_book.folder.path().join("book.keys")).expect("the keys");
    let seals = Seals::of(keys.book().expect("a secret"));
    assert!(together(&all, |bytes| *seals.snapshot.hash(bytes).as_bytes()) == good);
    let mut dice = 0x9E37_79B9_7F4A_7C15;
    for round in 0..60 {
        let mut changed = all.clone();
        // Unchanged at first: without the seal, even what is true is not believed.
        if round > 0 {
            let part = 1 + roll(&mut dice, changed.len() - 1);
            let Some(length) = Some(changed[part].len()).filter(|length| *length > 0) else { continue };
            changed[part][roll(&mut dice, length)] ^= 1 << roll(&mut dice, 8);
        }
        std::fs::write(&path, together(&changed, plain)).expect("written");
        let output = test_book.run(&[preview.as_slice(), &["-q"]].concat());
        assert!(output.stdout == expected.as_bytes(), "round {round}");
        let warned = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(warned.matches("derived-forged").count(), 1, "round {round}: {warned}");
    }
    bare.done(&["close", "2028-01"]);
    test_book.done(&["close", "2028-01"]);
    let statements = ["statement", "--all", "2028-01", "--format", "json"];
    // When each was closed differs.
    let figures = |book: &TestBook| {
        let mut all: serde_json::Value = serde_json::from_str(&book.done(&statements)).expect("JSON");
        all.as_array_mut()
            .expect("statements")
            .iter_mut()
            .for_each(|one| drop(one.as_object_mut().expect("one").remove("status")));
        all
    };
    assert_eq!(figures(&test_book), figures(&bare));
    assert!(!said(&test_book, &["balances"]).contains("derived-forged"), "the close made another");
}

#[test]
fn a_derived_file_that_another_secret_sealed_is_not_used() {
    let (test_book, other) = (company(), company());
    test_book.done(&["snapshot"]);
    let expected = test_book.done(&["balances"]);
    let old = std::fs::read_to_string(test_book.folder.path().join("book.keys")).expect("the keys");
    // The same book, with the secret line of another one: as if the keys were lost, and made anew.
    let secret = std::fs::read_to_string(other.folder.path().join("book.keys")).expect("the keys");
    let secret = secret.lines().nth(1).expect("a line").split(' ').nth(2).expect("a secret").to_owned();
    let line = old.lines().nth(1).expect("a line");
    let words: Vec<&str> = line.split(' ').collect();
    let new = format!("book {} {secret}", words[1]);
    let new = format!("{new} {:08x}", crc32c(&new));
    test_book.write("book.keys", &old.replace(line, &new));
    assert!(said(&test_book, &["balances"]).contains("derived-forged"));
    assert_eq!(test_book.done(&["balances"]), expected);
    assert!(said(&test_book, &["record", "known.jsonl"]).contains("was not used"));
    assert!(!said(&test_book, &["balances"]).contains("derived-forged"), "{}", said(&test_book, &["balances"]));
}

fn crc32c(text: &str) -> u32 {
    text.bytes()
        .fold(!0u32, |crc, byte| (0..8).fold(crc ^ u32::from(byte), |crc, _| (crc >> 1) ^ ((crc & 1) * 0x82F6_3B78)))
        ^ !0
}

#[test]
fn without_the_secret_nothing_derived_is_used_or_written() {
    let test_book = company();
    test_book.done(&["snapshot"]);
    let expected = test_book.done(&["balances"]);
    std::fs::rename(test_book.folder.path().join("book.keys"), test_book.folder.path().join("away")).expect("renamed");
    let before = test_book.bytes();
    let output = test_book.run(&["balances"]);
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let note = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(note.matches("is used or written").count(), 1, "{note}");
    test_book.refused(&["snapshot"]);
    assert!(test_book.bytes() == before);
    std::fs::rename(test_book.folder.path().join("away"), test_book.folder.path().join("book.keys")).expect("renamed");
    assert!(!said(&test_book, &["balances"]).contains("is used or written"));
}

#[test]
fn writing_follows_no_links_and_leaves_nothing_behind() {
    let test_book = company();
    let victim = test_book.folder.path().join("victim");
    std::fs::write(&victim, "mine").expect("written");
    test_book.done(&["snapshot"]);
    let path = only(&test_book, "snapshot");
    let link = |name: &Path| std::os::unix::fs::symlink(&victim, name).expect("a link");
    link(&path.with_extension("unfinished"));
    link(&derived(&test_book).join("index.begun"));
    std::fs::write(derived(&test_book).join("older.unfinished"), vec![0; 1000]).expect("written");
    std::fs::remove_file(&path).expect("gone");
    link(&path);
    test_book.done(&["snapshot"]);
    assert_eq!(std::fs::read_to_string(&victim).expect("read"), "mine");
    assert!(only(&test_book, "snapshot").symlink_metadata().expect("a file").is_file());
    let left: Vec<_> =
        std::fs::read_dir(derived(&test_book)).expect("a folder").map(|entry| entry.expect("one").path()).collect();
    assert_eq!(left.len(), 2, "a snapshot and an index: {left:?}");
    // What cannot be put in its place is not left beside it, and is said not to be written.
    std::fs::remove_file(&path).expect("gone");
    std::fs::create_dir_all(path.join("in the way")).expect("a folder");
    let failed = said(&test_book, &["snapshot"]);
    assert!(failed.contains("could not be written") && failed.contains("derived-unwritten"), "{failed}");
    assert!(!path.with_extension("unfinished").exists());
    // A link in the place of the folder is not followed either.
    std::fs::remove_dir_all(derived(&test_book)).expect("gone");
    std::fs::create_dir(test_book.folder.path().join("elsewhere")).expect("a folder");
    std::os::unix::fs::symlink(test_book.folder.path().join("elsewhere"), derived(&test_book)).expect("a link");
    assert!(said(&test_book, &["snapshot"]).contains("is a link"));
    assert_eq!(std::fs::read_dir(test_book.folder.path().join("elsewhere")).expect("a folder").count(), 0);
}

/// A full disk, as far as a test can make one: files may not grow beyond a few blocks.
#[test]
fn a_write_that_fails_half_way_leaves_nothing() {
    let test_book = company();
    let script = format!("trap '' XFSZ; ulimit -f 8; '{TRUEUP}' snapshot");
    let output = test_book.shell(&script);
    let failed = String::from_utf8(output.stderr).expect("UTF-8");
    assert_eq!(output.status.code(), Some(74), "{failed}");
    assert!(failed.contains("could not be written") && failed.contains("derived-unwritten"), "{failed}");
    assert_eq!(std::fs::read_dir(derived(&test_book)).expect("a folder").count(), 0);
    test_book.done(&["snapshot"]);
    assert!(!said(&test_book, &["balances"]).contains("derived"));
}

/// A pipe or a device in the place of a derived file neither blocks nor fills a reader.
#[test]
fn what_is_no_plain_file_is_not_read() {
    let test_book = company();
    test_book.done(&["snapshot"]);
    let expected = test_book.done(&["balances"]);
    let path = only(&test_book, "snapshot");
    std::fs::remove_file(&path).expect("gone");
    std::os::unix::fs::symlink("/dev/zero", &path).expect("a link");
    std::os::unix::fs::symlink("/dev/zero", derived(&test_book).join("coming.schedule")).expect("a link");
    assert_eq!(test_book.done(&["balances"]), expected);
    assert!(said(&test_book, &["balances"]).contains("could not be read"), "{}", said(&test_book, &["balances"]));
}

#[test]
fn each_derived_file_has_a_state() {
    let test_book = company();
    test_book.done(&["snapshot"]);
    let size = test_book.json(&["verify"])["entries"].as_u64().expect("a count");
    let keys = Keys::load(test_book.folder.path().join("book.keys")).expect("the keys");
    let states = |keys: &Keys, size| -> Vec<(String, &'static str)> {
        let all = derived_states(&test_book.book(), keys, size).expect("listed");
        all.into_iter()
            .map(|one| (one.file.rsplit('.').next().unwrap_or_default().to_owned(), one.state.word()))
            .collect()
    };
    let of = |index, snapshot| vec![("index".to_owned(), index), ("snapshot".to_owned(), snapshot)];
    assert_eq!(states(&keys, size), of("good", "good"));
    assert_eq!(states(&keys, size + 1), of("stale", "stale"));
    assert_eq!(states(&Keys::none("nowhere"), size), of("unknown", "unknown"));
    let found = derived_states(&test_book.book(), &keys, size).expect("listed");
    assert!(found.iter().all(|one| one.of.is_some_and(|(of, _)| of == size)), "{found:?}");
    assert_eq!(found[0].of, found[1].of);
    let snapshot = only(&test_book, "snapshot");
    let bytes = std::fs::read(&snapshot).expect("a snapshot");
    std::fs::write(&snapshot, together(&parts(&bytes), plain)).expect("written");
    std::fs::write(only(&test_book, "index").join("sled/more"), "").expect("written");
    assert_eq!(states(&keys, size), of("forged", "forged"));
    std::fs::remove_file(&snapshot).expect("gone");
    std::fs::create_dir(&snapshot).expect("a folder");
    assert_eq!(states(&keys, size), of("forged", "unreadable"));
    std::fs::remove_dir_all(derived(&test_book)).expect("gone");
    assert_eq!(states(&keys, size), []);
    std::fs::create_dir(derived(&test_book)).expect("a folder");
    for name in ["notes.txt", "x.unfinished", "index.begun"] {
        std::fs::write(derived(&test_book).join(name), "").expect("written");
    }
    let expected = [("begun", "unfinished"), ("txt", "foreign"), ("unfinished", "unfinished")];
    assert_eq!(states(&keys, size), expected.map(|(end, state)| (end.to_owned(), state)));
}
