//! The keys of persons: damaged, swapped, lost, moved and found again, and who may read them.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Output;

use crate::support::{Desk, TRUEUP};

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
fn desk() -> Desk {
    let desk = Desk::with_book();
    desk.write("ana.jsonl", ANA);
    desk.write("leads.jsonl", ANA_LEADS);
    desk.write("plain.jsonl", PLAIN);
    desk.done(&["record", "ana.jsonl"]);
    desk
}

fn keys(desk: &Desk) -> PathBuf {
    desk.folder.path().join("book.keys")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

fn name(desk: &Desk) -> String {
    desk.json(&["show", "1"])["fact"]["name"].as_str().expect("a name").to_owned()
}

/// Runs what must not be recorded; the book and its keys stay what they were.
fn not_recorded(desk: &Desk, arguments: &[&str], status: i32, code: &str) -> String {
    let before = desk.bytes();
    let output = desk.run(arguments);
    let said = text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{said}");
    assert!(said.contains(&format!("error[{code}]: ")), "{said}");
    assert!(desk.bytes() == before, "{arguments:?} changed something");
    said
}

#[test]
fn a_changed_digit_of_a_key_seals_nothing() {
    let desk = desk();
    let good = text(&std::fs::read(keys(&desk)).expect("the keys"));
    let secret = good.lines().last().expect("a line").split(' ').nth(2).expect("a secret").to_owned();
    for at in [0, 17, 63] {
        let digit = if &secret[at..=at] == "0" { "1" } else { "0" };
        let changed = format!("{}{digit}{}", &secret[..at], &secret[at + 1..]);
        std::fs::write(keys(&desk), good.replace(&secret, &changed)).expect("written");
        let said = not_recorded(&desk, &["record", "leads.jsonl"], 74, "keys-malformed");
        assert!(said.contains("line 3"), "{said}");
        assert_eq!(name(&desk), "(sealed)");
        desk.done(&["log"]);
    }
    std::fs::write(keys(&desk), &good).expect("written");
    desk.done(&["record", "leads.jsonl"]);
    assert_eq!(name(&desk), "Ana Lima");
    assert_eq!(desk.json(&["show", "2"])["fact"]["title"], "Lead");
}

#[test]
fn a_key_file_from_elsewhere_seals_nothing() {
    let (desk, other) = (desk(), self::desk());
    let good = std::fs::read(keys(&desk)).expect("the keys");
    std::fs::copy(keys(&other), keys(&desk)).expect("copied");
    not_recorded(&desk, &["record", "leads.jsonl"], 1, "keys-wrong");
    assert_eq!(name(&desk), "(sealed)");
    // Without the line that says of which book it is, each key has to prove itself.
    let person = text(&std::fs::read(keys(&other)).expect("the keys"));
    let person = person.lines().last().expect("a line").rsplit_once(' ').expect("a checksum").0.to_owned();
    let id = text(&good);
    let id = id.lines().last().expect("a line").split(' ').next().expect("an id").to_owned();
    for line in [person.clone(), format!("{id} {}", person.split_once(' ').expect("an id").1)] {
        std::fs::write(keys(&desk), format!("trueup keys 1\n{line}\n")).expect("written");
        let said = not_recorded(&desk, &["record", "leads.jsonl"], 1, "keys-wrong");
        assert!(said.contains("`ana`") && said.contains("entry 1"), "{said}");
    }
    std::fs::write(keys(&desk), good).expect("written");
    assert_eq!(name(&desk), "Ana Lima");
}

#[test]
fn without_keys_everything_goes_on_that_is_not_personal() {
    let desk = desk();
    desk.write("bob.jsonl", &ANA.replace("ana", "bob"));
    std::fs::rename(keys(&desk), desk.folder.path().join("away")).expect("renamed");
    let said = not_recorded(&desk, &["record", "ana.jsonl", "leads.jsonl", "bob.jsonl"], 1, "keys-missing");
    assert_eq!(said.matches("error[keys-missing]").count(), 3, "all at once: {said}");
    assert!(!keys(&desk).exists(), "no second key file is made");
    desk.done(&["record", "plain.jsonl"]);
    desk.done(&["close", "2027-01"]);
    assert!(desk.done(&["record", "plain.jsonl"]).contains("4 known"));
    let output = desk.run(&["show", "1"]);
    assert!(text(&output.stdout).contains("(sealed)"));
    assert_eq!(text(&output.stderr).lines().count(), 1, "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("book.keys` is not there"), "{}", text(&output.stderr));
    assert!(desk.run(&["show", "1", "-q"]).stderr.is_empty());
    // Who asks for no name is told nothing of it.
    assert!(!text(&desk.run(&["balances"]).stderr).contains("(sealed)"));
    std::fs::rename(desk.folder.path().join("away"), keys(&desk)).expect("renamed");
    desk.done(&["record", "leads.jsonl", "bob.jsonl"]);
    assert_eq!(name(&desk), "Ana Lima");
}

#[test]
fn a_person_whose_line_is_gone_gets_no_second_key_and_others_do() {
    let desk = desk();
    let all = text(&std::fs::read(keys(&desk)).expect("the keys"));
    let without: String = all.lines().filter(|line| !line.contains(" ana ")).map(|line| format!("{line}\n")).collect();
    std::fs::write(keys(&desk), without).expect("written");
    not_recorded(&desk, &["record", "leads.jsonl"], 1, "keys-missing");
    desk.write("bob.jsonl", &ANA.replace("ana", "bob"));
    desk.done(&["record", "bob.jsonl"]);
    assert_eq!(desk.json(&["show", "2"])["fact"]["name"], "Ana Lima");
    assert_eq!(name(&desk), "(sealed)");
    // With `--rejects`, those that need a key are set aside, and the others go in.
    desk.write("mixed.jsonl", &[ANA_LEADS, PLAIN].concat());
    let recorded = desk.json(&["record", "mixed.jsonl", "--rejects", "later.jsonl"]);
    assert_eq!((&recorded["new"], &recorded["rejected"]), (&4.into(), &1.into()));
}

#[test]
fn a_key_file_that_cannot_be_read_stops_no_reader() {
    let desk = desk();
    std::fs::remove_file(keys(&desk)).expect("gone");
    std::fs::create_dir(keys(&desk)).expect("a folder, where the keys should be");
    for command in
        [&["log"][..], &["show", "1"], &["balances"], &["preview", "2027-01"], &["verify"], &["plan", "list"]]
    {
        let output = desk.run(command);
        assert!(output.status.success(), "{command:?}: {}", text(&output.stderr));
    }
    let warned = desk.run(&["log", "--format", "json", "-q"]);
    assert!(text(&warned.stderr).contains("\"code\":\"keys-unusable\""), "{}", text(&warned.stderr));
    desk.done(&["record", "plain.jsonl"]);
    not_recorded(&desk, &["record", "leads.jsonl"], 74, "io");
}

#[test]
fn an_old_key_file_goes_on_and_gets_checksums() {
    let desk = desk();
    let text_of = || text(&std::fs::read(keys(&desk)).expect("the keys"));
    let line = text_of().lines().last().expect("a line").rsplit_once(' ').expect("a checksum").0.to_owned();
    std::fs::write(keys(&desk), format!("trueup keys 1\n{line}\n")).expect("written");
    assert_eq!(name(&desk), "Ana Lima");
    desk.write("bob.jsonl", &ANA.replace("ana", "bob"));
    desk.done(&["record", "bob.jsonl", "leads.jsonl"]);
    assert!(text_of().starts_with("trueup keys 2\n"), "{}", text_of());
    assert_eq!(text_of().lines().filter(|line| line.starts_with("book ")).count(), 1, "{}", text_of());
    assert_eq!(name(&desk), "Ana Lima");
}

#[test]
fn a_folder_that_is_moved_is_a_book_and_with_its_keys_it_has_names() {
    let desk = desk();
    let at = |name: &str| desk.folder.path().join(name);
    std::fs::rename(desk.book(), at("moved")).expect("renamed");
    let show = |words: &[&str]| desk.json(&[&["show", "1", "--book", "moved"], words].concat())["fact"]["name"].clone();
    assert_eq!(show(&[]), "(sealed)");
    desk.done(&["record", "plain.jsonl", "--book", "moved"]);
    assert_eq!(show(&["--keys", "book.keys"]), "Ana Lima");
    let named = desk.command().args(["show", "1", "--book", "moved"]).env("TRUEUP_KEYS", keys(&desk)).output();
    assert!(text(&named.expect("it runs").stdout).contains("Ana Lima"));
    std::fs::write(at("moved/config.toml"), "keys = \"../book.keys\"\n").expect("written");
    assert_eq!(show(&[]), "Ana Lima");
    std::fs::remove_file(at("moved/config.toml")).expect("gone");
    std::fs::rename(keys(&desk), at("moved.keys")).expect("renamed");
    assert_eq!(show(&[]), "Ana Lima");
}

#[test]
fn init_writes_where_the_keys_are_and_takes_no_keys_of_another_book() {
    let desk = desk();
    std::fs::create_dir(desk.folder.path().join("secrets")).expect("a folder");
    let made = desk.json(&["init", "--book", "new", "--keys", "secrets/new.keys"]);
    assert_eq!(made["keys"], desk.folder.path().join("secrets/new.keys").display().to_string());
    desk.done(&["record", "ana.jsonl", "--book", "new"]);
    assert_eq!(desk.json(&["show", "1", "--book", "new"])["fact"]["name"], "Ana Lima");
    assert!(!desk.folder.path().join("new.keys").exists());
    for taken in ["book.keys", "secrets/new.keys"] {
        let said = text(&desk.run(&["init", "--book", "third", "--keys", taken]).stderr);
        assert!(said.contains("error[keys-exist]"), "{said}");
        assert!(!desk.folder.path().join("third").exists());
    }
}

fn shell(desk: &Desk, script: &str) -> Output {
    desk.shell(&script.replace("trueup", &format!("'{TRUEUP}'")))
}

/// The user is who runs the command, and not who the environment says it is.
#[test]
fn the_user_is_the_effective_one_or_a_number_without_a_name() {
    let desk = desk();
    let output = desk.command().args(["log", "--format", "json"]).env("USER", "cfo").env("LOGNAME", "cfo").output();
    assert!(!text(&output.expect("it runs").stdout).contains("cfo"));
    let number = |words: &str| text(&shell(&desk, words).stdout).trim().to_owned();
    assert_eq!(desk.json(&["show", "1"])["user"], number("id -un"));
    if number("id -u") != "0" {
        eprintln!("NOT TESTED: this user cannot run a command as another one");
        return;
    }
    let open = Permissions::from_mode(0o777);
    std::fs::set_permissions(desk.folder.path(), open).expect("changed");
    let other = desk.command().args(["init", "--book", "other", "--as", "cfo"]).uid(54321).env("USER", "cfo").output();
    let Some(other) = other.ok().filter(|output| output.status.success()) else {
        eprintln!("NOT TESTED: the program cannot be run as a user without a name here");
        return;
    };
    assert!(other.status.success());
    let entry = desk.json(&["show", "0", "--book", "other"]);
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
        let desk = Desk::new();
        desk.write("mixed.jsonl", &format!("{ANA}nonsense\n"));
        std::fs::create_dir(desk.folder.path().join("made")).expect("a folder");
        let script = format!(
            "umask {mask}; trueup init; trueup record mixed.jsonl --rejects later.jsonl; trueup snapshot; trueup init --book made"
        );
        let output = shell(&desk, &script);
        assert!(output.status.success(), "{}", text(&output.stderr));
        assert!(!text(&output.stderr).contains("permissions"), "{}", text(&output.stderr));
        let mut all = Vec::new();
        for name in ["book", "book.keys", "later.jsonl", "made", "made.keys"] {
            modes(&desk.folder.path().join(name), &mut all);
        }
        assert!(all.len() > 12, "{all:?}");
        for (path, mode) in all {
            assert_eq!(mode, if path.is_dir() { 0o700 } else { 0o600 }, "{} under {mask}", path.display());
        }
    }
}

#[test]
fn loose_permissions_are_warned_of_in_every_format_and_when_quiet() {
    let desk = desk();
    let loosen = |path: &Path, mode| std::fs::set_permissions(path, Permissions::from_mode(mode)).expect("changed");
    assert!(desk.run(&["log"]).stderr.is_empty());
    loosen(&keys(&desk), 0o640);
    loosen(&desk.book(), 0o755);
    for words in [&["log", "-q"][..], &["log", "--format", "json", "-q"], &["verify"], &["record", "plain.jsonl"]] {
        let said = text(&desk.run(words).stderr);
        assert!(said.contains("keys-permissions") && said.contains("book-permissions"), "{words:?}: {said}");
    }
}
