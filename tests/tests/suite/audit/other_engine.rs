//! Closes of another program: one whose source pays a cent more in one rule, built here. With the engine number of this program, the cent
//! is `altered`; with an earlier one, it is `engine` once a close of this program posted it back.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::planted::named;
use crate::payouts::{FACTS, PLAN};
use crate::support::TestBook;

/// The rule, and what it becomes: an earned amount is a cent more than rounded.
const RULE: (&str, &str, &str) = (
    "plans/src/entitlement.rs",
    "rounding));\n    }\n    rounded\n}",
    "rounding));\n    }\n    Money { minor: rounded.minor + 1, ..rounded }\n}",
);
const ENGINE_FILE: &str = "replay/src/engine.rs";
/// The folders of the workspace that the program is built from.
const FOLDERS: [&str; 8] = ["ledger", "projections", "plans", "replay", "cli", "tests", "docs", "mappings"];
/// The files that are written with a change, or as they are, and not twice: cargo looks at their times.
const CHANGED: [&str; 2] = [RULE.0, ENGINE_FILE];
const LINE: &str = "land/arr/whole/B-1";

/// Builds the program with the changed rule, with its engine number or the one before. `None`, loudly, where there is no cargo.
fn built(name: &str, engine: Engine) -> Option<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or("cargo".into());
    if Command::new(&cargo).arg("--version").output().is_err() {
        eprintln!("SKIPPED: there is no cargo, so no program with another engine was built and audited");
        return None;
    }
    // Below the target folder of the workspace, so that the next run builds only what changed.
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("other-engine");
    let (source, target) = (place.join("source"), place.join("target"));
    copy_source(&source, engine);
    let output = Command::new(&cargo)
        .args(["build", "--offline", "--locked", "--package", "cli", "--bin", "trueup"])
        .current_dir(&source)
        .env("CARGO_TARGET_DIR", &target)
        .output()
        .expect("cargo starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let program = place.join(name);
    std::fs::copy(target.join("debug/trueup"), &program).expect("a copy");
    Some(program)
}

#[derive(Copy, Clone, PartialEq, Eq)]
enum Engine {
    Same,
    Before,
}

fn copy_source(to: &Path, engine: Engine) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    for folder in FOLDERS {
        copy_folder(&root.join(folder), &to.join(folder));
    }
    write(&to.join("Cargo.lock"), &std::fs::read(root.join("Cargo.lock")).expect("Cargo.lock"));
    let manifest = std::fs::read_to_string(root.join("Cargo.toml")).expect("Cargo.toml");
    let (manifest, _) = manifest.split_once("[profile.release]").expect("profiles are at the end of Cargo.toml");
    let quick = "[profile.dev]\nopt-level = 0\ndebug = false\nincremental = false\n";
    write(&to.join("Cargo.toml"), format!("{manifest}{quick}").as_bytes());
    let (file, from, into) = RULE;
    replace(&root, to, file, (from, into));
    let text = std::fs::read_to_string(root.join(ENGINE_FILE)).expect("the engine");
    let line = text.lines().find(|line| line.starts_with("pub const ENGINE: u16 = ")).expect("the engine number");
    let number = match engine {
        Engine::Same => line.to_owned(),
        Engine::Before => line.replace(';', " - 1;"),
    };
    replace(&root, to, ENGINE_FILE, (line, &number));
}

fn replace(root: &Path, to: &Path, file: &str, (from, into): (&str, &str)) {
    let text = std::fs::read_to_string(root.join(file)).expect("a source file");
    assert_eq!(text.matches(from).count(), 1, "{file} has {from:?} once");
    write(&to.join(file), text.replace(from, into).as_bytes());
}

/// Writes a file unless it has these bytes already: cargo looks at times.
fn write(path: &Path, bytes: &[u8]) {
    if std::fs::read(path).is_ok_and(|written| written == bytes) {
        return;
    }
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

fn copy_folder(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy_folder(&path, &target);
        } else if !CHANGED.iter().any(|changed| path.ends_with(changed)) {
            write(&target, &std::fs::read(&path).expect("a file"));
        }
    }
}

/// A book with facts, of which the other program closed April.
fn closed_by(program: &Path) -> TestBook {
    let book = TestBook::with_book();
    book.done(&["plan", "publish", &book.write("plan.toml", PLAN)]);
    book.done(&["record", &book.write("facts.jsonl", FACTS)]);
    let closed = Command::new(program)
        .args(["close", "2027-04"])
        .current_dir(book.folder.path())
        .env("TRUEUP_BOOK", book.book())
        .env_remove("TRUEUP_KEYS")
        .env_remove("TRUEUP_SIGN")
        .output()
        .expect("the other program starts");
    assert!(closed.status.success(), "{}", String::from_utf8_lossy(&closed.stderr));
    book
}

fn position(book: &TestBook) -> u64 {
    let entries = book.json(&["log", "--kind", "earning"]);
    entries[0]["position"].as_u64().expect("a position")
}

fn both_sides(found: &Value) {
    let trace = &found["trace"];
    assert_eq!((&trace["posted"]["entitled"], &trace["derived"]["entitled"]), (&json!("4000.01"), &json!("4000.00")));
    assert!(trace["derived"]["why"].as_array().is_some_and(|steps| !steps.is_empty()), "{trace}");
}

#[test]
fn a_cent_of_another_engine_is_found_and_explained_only_by_its_number() {
    let Some(same) = built("same-number", Engine::Same) else { return };
    let book = closed_by(&same);
    let at = position(&book);
    let expected = |class: &str| format!("2027-04 june line.amount {LINE}: \"4000.01\", \"4000.00\" ({class}, {at})");
    assert_eq!(named(&book, 1), [expected("altered")]);
    both_sides(&book.json_ended(&["audit"], 1)["differences"][0]);
    // What the next close posts is no explanation.
    book.done(&["close", "2027-05"]);
    assert_eq!(named(&book, 1), [expected("altered")]);

    let Some(before) = built("number-before", Engine::Before) else { return };
    let book = closed_by(&before);
    assert_eq!(named(&book, 1), [expected("altered")], "no later close yet");
    book.done(&["close", "2027-05"]);
    let posted = book.json(&["statement", "june", "2027-05"]);
    let lines = posted[0]["lines"].as_array().or(posted["lines"].as_array()).expect("lines").clone();
    let back = lines.iter().find(|line| line["item"] == "B-1").expect("the line is posted again");
    assert_eq!((&back["amount"], &back["reason"]), (&json!("-0.01"), &json!("calculation")));
    assert_eq!(named(&book, 0), [expected("engine")]);
    let found = book.json(&["audit"]);
    both_sides(&found["differences"][0]);
    assert_eq!(found["differences"][0]["taken_back"]["period"], "2027-05");
    assert_eq!(found["differences"][0]["taken_back"]["reason"], "calculation");
    assert!(book.done(&["audit"]).contains("Audited: 1 difference of the engine, which a later close has corrected."));
}
