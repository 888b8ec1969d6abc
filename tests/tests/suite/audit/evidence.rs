//! The evidence for a sample of lines: what an auditor files for each, and the same files for the same seed.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use crate::payouts::{PLAN, closed_book, copy_of};
use crate::support::TestBook;

/// The files of a folder.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let file = |path: std::path::PathBuf| {
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        (name, std::fs::read(path).expect("a file"))
    };
    entries.map(file).collect()
}

fn sampled(book: &TestBook, folder: &str, (count, seed): (&str, &str), more: &[&str]) -> BTreeMap<String, Vec<u8>> {
    book.done(&[&["audit", "--sample", count, "--seed", seed, "--evidence", folder], more].concat());
    files(&book.folder.path().join(folder))
}

fn json_of(files: &BTreeMap<String, Vec<u8>>, name: &str) -> Value {
    serde_json::from_slice(&files[name]).expect("JSON")
}

/// April and May are closed, approved, paid and confirmed.
fn paid_book() -> TestBook {
    let book = closed_book();
    book.done(&["approve", "2027-05", "--comment", "reviewed"]);
    book.done(&["payout", "2027-05"]);
    let bank = book.write("bank.csv", "payee,currency,amount,status,reference\njune,USD,5500.00,paid,SEPA-1\n");
    book.done(&["payout", "2027-05", "--confirm", &bank]);
    book
}

#[test]
fn each_line_has_its_statement_facts_plan_approval_payout_and_confirmation() {
    let book = paid_book();
    let found = sampled(&book, "evidence", ("10", "2027"), &[]);
    let names: Vec<&str> = found.keys().map(String::as_str).collect();
    let expected = [
        "001.json",
        "001.plan-1.toml",
        "001.txt",
        "002.json",
        "002.plan-1.toml",
        "002.txt",
        "index.csv",
        "sample.json",
    ];
    assert_eq!(names, expected);
    assert_eq!(found["001.plan-1.toml"], PLAN.as_bytes(), "the text of the plan, byte for byte");
    let sample = json_of(&found, "sample.json");
    assert_eq!((&sample["population"], &sample["seed"], &sample["sample"]), (&json!(2), &json!("2027"), &json!(10)));
    let root = book.json(&["verify"])["root"].clone();
    assert_eq!((&sample["root"], &sample["size"]), (&root, &book.json(&["audit"])["size"]));

    let one = json_of(&found, "002.json");
    assert_eq!(one["posting"]["record"]["line"]["amount"], "1000");
    let position = one["posting"]["position"].as_u64().expect("a position");
    assert_eq!(one["posting"], book.json(&["show", &position.to_string()]));
    assert_eq!(one["statement"], book.json(&["statement", "june", "2027-05"])[0]);
    let kinds = |name: &str| -> Vec<String> {
        let entries = one[name].as_array().expect("entries").iter();
        entries.map(|entry| entry["kind"].as_str().expect("a kind").to_owned()).collect()
    };
    assert_eq!(kinds("facts"), ["assignment", "booking"]);
    assert_eq!((kinds("close"), kinds("approvals")), (vec!["period-close".to_owned()], vec!["approval".to_owned()]));
    assert_eq!(
        (kinds("payouts"), kinds("confirmations")),
        (vec!["payout".to_owned()], vec!["payout-result".to_owned()])
    );
    assert_eq!(one["plans"][0]["published"]["kind"], "plan");
    assert_eq!(
        (&one["plans"][0]["file"], &one["plans"][0]["acknowledgements"]),
        (&json!("002.plan-1.toml"), &json!([]))
    );

    let text = String::from_utf8(found["002.txt"].clone()).expect("UTF-8");
    for words in [
        "land/arr/whole/B-2 of june in 2027-05: 1,000.00 USD",
        "effective 2027-05-10",
        "signed by nobody",
        "That a payee agreed to a plan is not recorded",
        ": reviewed",
        "SEPA-1",
        "Statement of june",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let index = String::from_utf8(found["index.csv"].clone()).expect("UTF-8");
    assert!(index.contains("june,USD,land/arr/whole/B-2,1000.00,paid,002.txt 002.json 002.plan-1.toml"), "{index}");
}

#[test]
fn what_is_not_recorded_is_said() {
    let book = closed_book();
    let found = sampled(&book, "evidence", ("1", "x"), &["2027-05"]);
    assert_eq!(json_of(&found, "sample.json")["population"], 1);
    let text = String::from_utf8(found["001.txt"].clone()).expect("UTF-8");
    for section in ["Approval", "Payout", "Confirmation"] {
        assert!(text.contains(&format!("\n{section}\n  none is recorded\n")), "{section}: {text}");
    }
    let one = json_of(&found, "001.json");
    assert_eq!((&one["approvals"], &one["payouts"], &one["confirmations"]), (&json!([]), &json!([]), &json!([])));
}

#[test]
fn the_same_seed_gives_the_same_files_in_a_copy_and_as_of_then() {
    let book = paid_book();
    let size = book.json(&["audit"])["size"].to_string();
    let first = sampled(&book, "first", ("1", "2027"), &[]);
    assert_eq!(sampled(&book, "again", ("1", "2027"), &[]), first);
    let copy = copy_of(&book);
    assert_eq!(sampled(&copy, "copied", ("1", "2027"), &[]), first);
    book.done(&["close", "2027-06"]);
    let later = sampled(&book, "later", ("1", "2027"), &[]);
    assert_ne!(later["sample.json"], first["sample.json"]);
    assert_eq!(sampled(&book, "as-of", ("1", "2027"), &["--at", &size]), first);
    // The width of a terminal does not matter.
    let output = book
        .command()
        .args(["audit", "--sample", "1", "--seed", "2027", "--evidence", "narrow", "--at", &size])
        .env("COLUMNS", "40")
        .output()
        .expect("the command starts");
    assert!(output.status.success());
    assert_eq!(files(&book.folder.path().join("narrow")), first);
}

#[test]
fn names_without_a_key_are_sealed() {
    let book = TestBook::new();
    book.done(&["demo", "book"]);
    let all = |found: &BTreeMap<String, Vec<u8>>| {
        let texts = found.values().map(|bytes| String::from_utf8(bytes.clone()).expect("UTF-8"));
        texts.collect::<String>()
    };
    let open = all(&sampled(&book, "open", ("5", "1"), &[]));
    assert!(open.contains("Rossi") || open.contains("Statement of "), "names are there");
    std::fs::rename(book.folder.path().join("book.keys"), book.folder.path().join("away.keys")).expect("moved");
    let sealed = all(&sampled(&book, "sealed", ("5", "1"), &[]));
    assert!(sealed.contains("(sealed)"), "{sealed}");
}

#[test]
fn a_folder_with_files_or_in_the_book_is_refused() {
    let book = closed_book();
    book.write("mine.txt", "mine");
    for folder in [".", "book/evidence"] {
        let said = book.refused(&["audit", "--sample", "1", "--seed", "1", "--evidence", folder]);
        assert!(said.starts_with("error[out-taken]"), "{said}");
    }
    for wrong in [&["--sample", "0", "--seed", "1", "--evidence", "e"][..], &["--sample", "1"], &["--seed", "1"]] {
        let output = book.run(&[&["audit"], wrong].concat());
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
    }
}
