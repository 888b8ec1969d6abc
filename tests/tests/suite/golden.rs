//! Golden statements and explanations: every kind of measure, earning, installment, clawback and draw is in one of them.
//! Their text is reviewed like code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::pages::check_page;
use crate::support::{TestBook, is_written};

fn golden() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("golden")
}

/// Folders of `tests/golden`: what happened, and what was told.
fn designs() -> Vec<String> {
    let folders = std::fs::read_dir(golden()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let mut designs: Vec<String> = folders.map(|name| name.to_string_lossy().into_owned()).collect();
    designs.sort();
    designs
}

/// When and by whom something was recorded, made the same in every run. Only lines of a status have that.
pub fn without_days(text: &str) -> String {
    let line = |line: &str| match (line.find(" on "), line.find(" by "), line.find(" (position ")) {
        (Some(on), Some(by), Some(position)) if by == on + 14 => {
            format!("{} on 2027-12-31 by tester{}", &line[..on], &line[position..])
        }
        _ => line.to_owned(),
    };
    text.lines().map(|text| line(text) + "\n").collect()
}

#[test]
fn statements_read_as_they_were_reviewed() {
    for design in designs() {
        let folder = golden().join(&design);
        let steps = std::fs::read_to_string(folder.join("steps")).expect("steps");
        let book = TestBook::with_book();
        let mut told = Vec::new();
        for step in steps.lines() {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            let words: Vec<&str> = what.split(' ').collect();
            let file = folder.join(what).display().to_string();
            match verb {
                "publish" => drop(book.done(&["plan", "publish", &file])),
                "record" => drop(book.done(&["record", &file])),
                "close" => drop(book.done(&["close", what])),
                "show" => {
                    told.push(book.done(&["statement", words[0], words[1]]));
                    check_page(&book, words[0], words[1]);
                }
                "explain" => told.push(book.done(&["explain", words[0], words[1], words[2]])),
                other => panic!("`{other}` is no step that this test knows"),
            }
        }
        is_written(&format!("golden/{design}/statements.txt"), &without_days(&told.join("\n")));
    }
}

// Every kind is there -------------------------------------------------------------------------------------------------

/// Where a key of a plan has kinds of values, each of them. The keys themselves are taken from docs/plans.md.
const KINDS: [(&str, &[&str]); 25] = [
    ("due", &["quarter-end", "half-end", "year-end"]),
    ("booking", &["arr", "tcv", "count", "services"]),
    ("usage", &["amount", "quantity"]),
    ("per", &["month"]),
    ("of", &["previous-period", "item"]),
    ("growth", &["90 days", "3 months"]),
    ("against", &["period-start", "high-water"]),
    ("value", &["count", "value"]),
    ("take", &["last", "average"]),
    ("retention", &["net", "gross"]),
    ("credit", &["overlay", "partner", "reports", "team"]),
    ("period", &["quarter", "half", "year"]),
    ("quota", &["assigned"]),
    ("rate", &["assigned"]),
    ("prorate", &["none", "start"]),
    ("mode", &["per-item", "retroactive"]),
    ("shape", &["step"]),
    ("cancellation", &["keep", "restate"]),
    ("after-cancellation", &["pay"]),
    ("after-leaving", &["forfeit"]),
    ("otherwise", &["wait"]),
    ("take-back", &["100%", "50%", "remaining-months"]),
    ("kind", &["advance", "guarantee"]),
    ("on", &["booking", "assignment", "cancellation"]),
    ("rounding", &["half-even"]),
];

/// Keys within measures, caps and conditions, which docs/plans.md tells in a sentence or on one line.
const INNER: [&str; 15] = [
    "booking",
    "pays",
    "usage",
    "growth",
    "signal",
    "metric",
    "retention",
    "meter",
    "baseline",
    "retained",
    "over",
    "burn",
    "below",
    "at-least",
    "unconsumed",
];

#[test]
fn every_kind_of_plan_is_told() {
    let mut said = BTreeSet::new();
    for (_, text) in files("toml") {
        let plan: toml::Table = text.parse().expect("TOML");
        collect(&toml::Value::Table(plan), "", &mut said);
    }
    let manual = std::fs::read_to_string(golden().join("../../docs/plans.md")).expect("the manual");
    let example = manual.split("```").nth(1).and_then(|text| text.strip_prefix("toml")).expect("a plan");
    let plan: toml::Table = example.parse().expect("TOML");
    let mut keys = BTreeSet::new();
    collect(&toml::Value::Table(plan), "", &mut keys);
    let kinds = KINDS.iter().flat_map(|(key, values)| values.iter().map(move |value| format!("{key} = {value}")));
    let keys = keys.into_iter().filter(|key| !key.contains(" = "));
    let expected: BTreeSet<String> = keys.chain(kinds).chain(INNER.map(str::to_owned)).collect();
    let missing: Vec<&String> = expected.difference(&said).collect();
    assert!(missing.is_empty(), "no golden statement shows these: {missing:?}");
}

/// Each key, and each with each of its texts.
fn collect(value: &toml::Value, key: &str, said: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                said.insert(key.clone());
                collect(value, key, said);
            }
        }
        toml::Value::Array(list) => list.iter().for_each(|one| collect(one, key, said)),
        toml::Value::String(text) => drop(said.insert(format!("{key} = {text}"))),
        toml::Value::Integer(_) | toml::Value::Float(_) | toml::Value::Boolean(_) | toml::Value::Datetime(_) => {}
    }
}

#[test]
fn every_kind_of_fact_is_told() {
    let facts: String = files("jsonl").into_iter().map(|(_, text)| text).collect();
    let manual = std::fs::read_to_string(golden().join("../../docs/facts.md")).expect("the manual");
    let table = manual.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    let kinds: Vec<&str> = table.map(|(kind, _)| kind).collect();
    assert_eq!(kinds.len(), 16, "the table of docs/facts.md");
    let missing: Vec<&str> =
        kinds.into_iter().filter(|kind| !facts.contains(&format!("\"fact\": \"{kind}\""))).collect();
    assert!(missing.is_empty(), "no golden statement rests on these: {missing:?}");
}

fn files(ending: &str) -> Vec<(PathBuf, String)> {
    let folders = designs().into_iter().map(|design| golden().join(design));
    let files = folders.flat_map(|folder| std::fs::read_dir(folder).expect("a folder"));
    let paths = files.map(|file| file.expect("a file").path());
    let paths = paths.filter(|path| path.extension().is_some_and(|end| end == ending));
    paths.map(|path| (path.clone(), std::fs::read_to_string(path).expect("text"))).collect()
}
