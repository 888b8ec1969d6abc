//! A file of facts is recorded whole or not at all: all problems are reported at once, and the book is unchanged. Examples of
//! each refusal are in `errors/facts.rs`.

use crate::errors::{facts_desk as book, refused_facts};

#[test]
fn a_refusal_names_the_line_and_changes_nothing() {
    let book = book();
    for (line, code, words) in refused_facts() {
        book.write("wrong.jsonl", &format!("{line}\n"));
        let said = book.refused(&["record", "wrong.jsonl"]);
        assert!(
            said.contains(code) && said.contains(words) && said.contains("wrong.jsonl:1:"),
            "{line}\nis refused with\n{said}"
        );
    }
}

#[test]
fn all_problems_of_a_file_are_told_at_once() {
    let book = book();
    let refused = refused_facts();
    let lines: String = refused.iter().map(|(line, _, _)| format!("{line}\n")).collect();
    book.write("wrong.jsonl", &lines);
    let said = book.refused(&["record", "wrong.jsonl"]);
    for (index, (line, _, _)) in refused.iter().enumerate() {
        assert!(said.contains(&format!("wrong.jsonl:{}:", index + 1)), "line {} is not told: {line}", index + 1);
    }
}

#[test]
fn good_lines_go_in_beside_rejects() {
    let book = book();
    let good = r#"{"fact": "account", "at": "2027-01-01", "account": "globex"}"#;
    book.write("mixed.jsonl", &format!("{good}\n{{\"fact\": \"bookin\"}}\n"));
    let recorded = book.json_ended(&["record", "mixed.jsonl", "--rejects", "rejects.jsonl"], 3);
    assert_eq!((recorded["new"].as_u64(), recorded["known"].as_u64()), (Some(1), Some(0)));
    let rejects = std::fs::read_to_string(book.folder.path().join("rejects.jsonl")).expect("the rejects");
    assert!(rejects.contains("bookin") && rejects.contains("fact-kind"), "{rejects}");
}

#[test]
fn opening_balances_come_before_the_first_close() {
    let book = book();
    book.write("opening.jsonl", r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "bea", "currency": "USD", "owed": "10", "draw": "5"}"#);
    book.done(&["record", "opening.jsonl"]);
    book.done(&["close", "2027-01"]);
    let balances = book.json(&["balances"]);
    let bea = balances
        .as_array()
        .and_then(|rows| rows.iter().find(|row| row["payee"] == "bea").cloned())
        .expect("bea's balances");
    assert_eq!((bea["owed"].as_str(), bea["draw"].as_str()), (Some("10.00"), Some("5.00")));
    book.write(
        "late.jsonl",
        r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "10"}"#,
    );
    assert!(book.refused(&["record", "late.jsonl"]).contains("fact-opening-late"));
}

/// A retraction of a retraction of a retraction is followed a hundred times.
#[test]
fn a_chain_of_retractions_has_an_end() {
    let book = book();
    let id = |number: u32| format!("00000000-0000-4000-8000-{number:012}");
    let retraction = |number: u32, of: u32| {
        let (id, of) = (id(number), id(of));
        format!("{{\"fact\": \"retraction\", \"retracts\": \"{of}\", \"reason\": \"x\", \"id\": \"{id}\"}}\n")
    };
    // 2 is a signal of the book.
    let chain: String = (1..=100).map(|step| retraction(1000 + step, if step == 1 { 2 } else { 999 + step })).collect();
    book.write("chain.jsonl", &chain);
    assert_eq!(book.json(&["record", "chain.jsonl"])["restated"], 100);
    book.write("more.jsonl", &retraction(1101, 1100));
    assert!(book.refused(&["record", "more.jsonl"]).contains("fact-retraction-depth"));
}
