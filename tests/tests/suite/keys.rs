//! The keys of persons: damaged, swapped, lost, moved and found again, and who may read them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{TRUEUP, TestBook};

const ANA: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "name": "Ana Lima", "currency": "USD"}
"#;
const ANA_LEADS: &str = r#"{"fact": "payee", "at": "2027-02-01", "payee": "ana", "title": "Lead"}
"#;
/// What holds nothing personal, of and around somebody whose fields are sealed.
const PLAIN: &str = r#"{"fact": "payee", "at": "2027-01-02", "payee": "ana", "role": "seller"}
{"fact": "account", "at": "2027-01-01", "account": "acme", "name": "Acme"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}], "note": "signed"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "5", "currency": "USD"}
"#;

/// A book that has sealed Ana's name.
fn new_book() -> TestBook {
    let book = TestBook::with_book();
    book.write("ana.jsonl", ANA);
    book.write("leads.jsonl", ANA_LEADS);
    book.write("plain.jsonl", PLAIN);
    book.done(&["record", "ana.jsonl"]);
    book
}

fn keys(book: &TestBook) -> PathBuf {
    book.folder.path().join("book.keys")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn name(book: &TestBook) -> String {
    book.json(&["show", "1"])["fact"]["name"].as_str().expect("a name").to_owned()
}

/// Runs what must not be recorded; the book and its keys stay what they were.
fn not_recorded(book: &TestBook, arguments: &[&str], status: i32, code: &str) -> String {
    let before = book.bytes();
    let output = book.run(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.contains(&format!("error[{code}]: ")), "{said}");
    assert!(book.bytes() == before, "{arguments:?} changed something");
    said
}

#[test]
fn a_changed_digit_of_a_key_seals_nothing() {
    let book = new_book();
    let good = text(&std::fs::read(keys(&book)).expect("the keys"));
    let secret = good.lines().last().expect("a line").split(' ').nth(2).expect("a secret").to_owned();
    for at in [0, 17, 63] {
        let digit = if &secret[at..=at] == "0" { "1" } else { "0" };
        let changed = format!("{}{digit}{}", &secret[..at], &secret[at + 1..]);
        std::fs::write(keys(&book), good.replace(&secret, &changed)).expect("written");
        let said = not_recorded(&book, &["record", "leads.jsonl"], 74, "keys-malformed");
        assert!(said.contains("line 3"), "{said}");
        assert_eq!(name(&book), "(sealed)");
        book.done(&["log"]);
    }
    std::fs::write(keys(&book), &good).expect("written");
    book.done(&["record", "leads.jsonl"]);
    assert_eq!(name(&book), "Ana Lima");
    assert_eq!(book.json(&["show", "2"])["fact"]["title"], "Lead");
}

#[test]
fn a_key_file_from_elsewhere_seals_nothing() {
    let (book, other) = (new_book(), self::new_book());
    let good = std::fs::read(keys(&book)).expect("the keys");
    std::fs::copy(keys(&other), keys(&book)).expect("copied");
    not_recorded(&book, &["record", "leads.jsonl"], 1, "keys-wrong");
    assert_eq!(name(&book), "(sealed)");
    // Without the line that says of which book it is, each key has to prove itself.
    let person = text(&std::fs::read(keys(&other)).expect("the keys"));
    let person = person.lines().last().expect("a line").rsplit_once(' ').expect("a checksum").0.to_owned();
    let id = text(&good);
    let id = id.lines().last().expect("a line").split(' ').next().expect("an id").to_owned();
    for line in [person.clone(), format!("{id} {}", person.split_once(' ').expect("an id").1)] {
        std::fs::write(keys(&book), format!("trueup keys 1\n{line}\n")).expect("written");
        let said = not_recorded(&book, &["record", "leads.jsonl"], 1, "keys-wrong");
        assert!(said.contains("`ana`") && said.contains("entry 1"), "{said}");
    }
    std::fs::write(keys(&book), good).expect("written");
    assert_eq!(name(&book), "Ana Lima");
}

#[test]
fn without_keys_everything_goes_on_that_is_not_personal() {
    let book = new_book();
    book.write("bob.jsonl", &ANA.replace("ana", "bob"));
    std::fs::rename(keys(&book), book.folder.path().join("away")).expect("renamed");
    let said = not_recorded(&book, &["record", "ana.jsonl", "leads.jsonl", "bob.jsonl"], 1, "keys-missing");
    assert_eq!(said.matches("error[keys-missing]").count(), 3, "all at once: {said}");
    assert!(!keys(&book).exists(), "no second key file is made");
    book.done(&["record", "plain.jsonl"]);
    book.done(&["close", "2027-01"]);
    assert!(book.done(&["record", "plain.jsonl"]).contains("4 known"));
    let output = book.run(&["show", "1"]);
    assert!(text(&output.stdout).contains("(sealed)"));
    assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("book.keys` is not there"), "{}", text(&output.stderr));
    assert!(book.run(&["show", "1", "-q"]).stderr.is_empty());
    // Who asks for no name is told nothing of it.
    assert!(!text(&book.run(&["balances"]).stderr).contains("(sealed)"));
    std::fs::rename(book.folder.path().join("away"), keys(&book)).expect("renamed");
    book.done(&["record", "leads.jsonl", "bob.jsonl"]);
    assert_eq!(name(&book), "Ana Lima");
}

#[test]
fn a_person_whose_line_is_gone_gets_no_second_key_and_others_do() {
    let book = new_book();
    let all = text(&std::fs::read(keys(&book)).expect("the keys"));
    let without: String = all.lines().filter(|line| !line.contains(" ana ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(keys(&book), without).expect("written");
    not_recorded(&book, &["record", "leads.jsonl"], 1, "keys-missing");
    book.write("bob.jsonl", &ANA.replace("ana", "bob"));
    book.done(&["record", "bob.jsonl"]);
    assert_eq!(book.json(&["show", "2"])["fact"]["name"], "Ana Lima");
    assert_eq!(name(&book), "(sealed)");
    // With `--rejects`, those that need a key are set aside, and the others go in.
    book.write("mixed.jsonl", &[ANA_LEADS, PLAIN].concat());
    let recorded = book.json_ended(&["record", "mixed.jsonl", "--rejects", "later.jsonl"], 3);
    assert_eq!((&recorded["new"], &recorded["rejected"]), (&4.into(), &1.into()));
}

#[test]
fn a_key_file_that_cannot_be_read_stops_no_reader() {
    let book = new_book();
    std::fs::remove_file(keys(&book)).expect("gone");
    std::fs::create_dir(keys(&book)).expect("a folder, where the keys should be");
    for command in
        [&["log"][..], &["show", "1"], &["balances"], &["preview", "2027-01"], &["verify"], &["plan", "list"]]
    {
        let output = book.run(command);
        assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    }
    let warned = book.run(&["log", "--format", "json", "-q"]);
    assert!(text(&warned.stderr).contains("\"code\":\"keys-unusable\""), "{}", text(&warned.stderr));
    book.done(&["record", "plain.jsonl"]);
    not_recorded(&book, &["record", "leads.jsonl"], 74, "io");
}

#[test]
fn an_old_key_file_goes_on_and_gets_checksums() {
    let book = new_book();
    let text_of = || text(&std::fs::read(keys(&book)).expect("the keys"));
    let line = text_of().lines().last().expect("a line").rsplit_once(' ').expect("a checksum").0.to_owned();
    std::fs::write(keys(&book), format!("trueup keys 1\n{line}\n")).expect("written");
    assert_eq!(name(&book), "Ana Lima");
    book.write("bob.jsonl", &ANA.replace("ana", "bob"));
    book.done(&["record", "bob.jsonl", "leads.jsonl"]);
    assert!(text_of().starts_with("trueup keys 2\n"), "{}", text_of());
    assert_eq!(text_of().lines().filter(|line| line.starts_with("book ")).count(), 1, "{}", text_of());
    assert_eq!(name(&book), "Ana Lima");
}

#[test]
fn a_folder_that_is_moved_is_a_book_and_with_its_keys_it_has_names() {
    let book = new_book();
    let at = |name: &str| book.folder.path().join(name);
    std::fs::rename(book.book(), at("moved")).expect("renamed");
    let show = |words: &[&str]| book.json(&[&["show", "1", "--book", "moved"], words].concat())["fact"]["name"].clone();
    assert_eq!(show(&[]), "(sealed)");
    book.done(&["record", "plain.jsonl", "--book", "moved"]);
    assert_eq!(show(&["--keys", "book.keys"]), "Ana Lima");
    let named = book.command().args(["show", "1", "--book", "moved"]).env("TRUEUP_KEYS", keys(&book)).output();
    assert!(text(&named.expect("it runs").stdout).contains("Ana Lima"));
    std::fs::write(at("moved/config.toml"), "keys = \"../book.keys\"\n").expect("written");
    assert_eq!(show(&[]), "Ana Lima");
    std::fs::remove_file(at("moved/config.toml")).expect("gone");
    std::fs::rename(keys(&book), at("moved.keys")).expect("renamed");
    assert_eq!(show(&[]), "Ana Lima");
}

#[test]
fn init_writes_where_the_keys_are_and_takes_no_keys_of_another_book() {
    let book = new_book();
    std::fs::create_dir(book.folder.path().join("secrets")).expect("a folder");
    let made = book.json(&["init", "--book", "new", "--keys", "secrets/new.keys"]);
    assert_eq!(made["keys"], book.folder.path().join("secrets/new.keys").display().to_string());
    book.done(&["record", "ana.jsonl", "--book", "new"]);
    assert_eq!(book.json(&["show", "1", "--book", "new"])["fact"]["name"], "Ana Lima");
    assert!(!book.folder.path().join("new.keys").exists());
    for taken in ["book.keys", "secrets/new.keys"] {
        let said = text(&book.run(&["init", "--book", "third", "--keys", taken]).stderr);
        assert!(said.contains("error[keys-exist]"), "{said}");
        assert!(!book.folder.path().join("third").exists());
    }
}

fn shell(book: &TestBook, script: &str) -> Output {
    book.shell(&script.replace("trueup", &format!("'{TRUEUP}'")))
}

/// The user is who runs the command, and not who the environment says it is.
#[test]
fn the_user_is_the_effective_one_or_a_number_without_a_name() {
    let book = new_book();
    let output = book.command().args(["log", "--format", "json"]).env("USER", "cfo").env("LOGNAME", "cfo").output();
    assert!(!text(&output.expect("it runs").stdout).contains("cfo"));
    let number = |words: &str| text(&shell(&book, words).stdout).trim().to_owned();
    assert_eq!(book.json(&["show", "1"])["user"], number("id -un"));
    if number("id -u") != "0" {
        eprintln!("NOT TESTED: this user cannot run a command as another one");
        return;
    }
    let open = Permissions::from_mode(0o777);
    std::fs::set_permissions(book.folder.path(), open).expect("changed");
    let other = book.command().args(["init", "--book", "other", "--as", "cfo"]).uid(54321).env("USER", "cfo").output();
    let Some(other) = other.ok().filter(|output| output.status.success()) else {
        eprintln!("NOT TESTED: the program cannot be run as a user without a name here");
        return;
    };
    assert!(other.status.success());
    let entry = book.json(&["show", "0", "--book", "other"]);
    assert_eq!((&entry["author"], &entry["user"]), (&"cfo".into(), &"uid-54321".into()));
}

fn modes(path: &Path, all: &mut Vec<(PathBuf, u32)>) {
    let about = std::fs::symlink_metadata(path).expect("a file");
    all.push((path.to_owned(), about.permissions().mode() & 0o777));
    if about.is_dir() {
        for entry in std::fs::read_dir(path).expect("a folder") {
            modes(&entry.expect("an entry").path(), all);
        }
    }
}

#[test]
fn whatever_the_mask_files_are_their_owners_alone() {
    for mask in ["000", "022", "777"] {
        let book = TestBook::new();
        book.write("mixed.jsonl", &format!("{ANA}nonsense\n"));
        std::fs::create_dir(book.folder.path().join("made")).expect("a folder");
        let script = format!(
            "umask {mask}; trueup init; trueup record mixed.jsonl --rejects later.jsonl || [ $? = 3 ]; trueup snapshot; trueup init --book made"
        );
        let output = shell(&book, &script);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("permissions"), "{}", text(&output.stderr));
        let mut all = Vec::new();
        for name in ["book", "book.keys", "later.jsonl", "made", "made.keys"] {
            modes(&book.folder.path().join(name), &mut all);
        }
        assert!(all.len() > 12, "{all:?}");
        for (path, mode) in all {
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{} under {mask}", path.display());
        }
    }
}

#[test]
fn loose_permissions_are_warned_of_in_every_format_and_when_quiet() {
    let book = new_book();
    let loosen = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("changed");
    assert!(book.run(&["log"]).stderr.is_empty());
    loosen(&keys(&book), 0o640);
    loosen(&book.book(), 0o755);
    for words in [&["log", "-q"][..], &["log", "--format", "json", "-q"], &["verify"], &["record", "plain.jsonl"]] {
        let said = text(&book.run(words).stderr);
        assert!(said.contains("keys-permissions") && said.contains("book-permissions"), "{words:?}: {said}");
    }
}
