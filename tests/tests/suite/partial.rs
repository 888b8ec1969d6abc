//! Working out what is new comes to what working out everything comes to: on every history that there is, after every
//! close, with whatever comes late (architecture.md, What is recomputed).

use std::collections::BTreeMap;
use std::io::BufReader;

use ledger::date::Month;
use ledger::id::Name;
use ledger::seal::Seed;
use ledger::store::Memory;
use replay::admit::Superseded;
use replay::book::Book;
use replay::close::Asked;
use replay::record::{Manner, Rejects, Source};
use replay::stamp::Stamp;
use serde_json::Value;

use crate::support::shared;

fn stamp(number: u8) -> Stamp {
    let words = "partial".to_owned();
    let now = 1_800_000_000_000_000;
    Stamp { now, author: words.clone(), user: words, seed: Seed([number; 32]), secret: Seed([!number; 32]) }
}

/// Follows the steps in one process, each close both ways; gives how many were compared.
fn follow(name: &str, files: &BTreeMap<String, String>, steps: &str) -> usize {
    let keys = tempfile::tempdir().expect("a temporary folder");
    let store = Box::<Memory>::default();
    let named = Name::new("acme").expect("a name");
    let mut book = Book::init_in(store, keys.path().join("keys"), named, &stamp(0)).expect("a book");
    let mut compared = 0;
    for (number, step) in (1..).zip(steps.lines().filter(|line| !line.trim().is_empty())) {
        let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
        match verb {
            "publish" => drop(
                book.publish(what, &files[what], &stamp(number)).unwrap_or_else(|error| panic!("{name}: {error:?}")),
            ),
            "record" => {
                let text = &files[what];
                let source =
                    Source { name: what.to_owned(), open: Box::new(|| Ok(Box::new(BufReader::new(text.as_bytes())))) };
                let manner = Manner { superseded: Superseded::Refuse, rejects: Rejects::Refuse };
                drop(
                    book.record(&[source], manner, &stamp(number)).unwrap_or_else(|error| panic!("{name}: {error:?}")),
                );
            }
            "close" => {
                let period = Month::parse(what).expect("a month");
                let asked = Asked { full: true, ..Asked::of(period, None) };
                match book.close_of(&asked, None, &stamp(number)) {
                    Ok(done) => compared += usize::from(done.compared),
                    Err(error) => panic!("{name}, close of {period}: {error}"),
                }
            }
            other => panic!("`{other}` is no step that this test knows"),
        }
    }
    compared
}

#[test]
fn what_is_new_comes_to_the_same_as_everything() {
    let cases = include_str!("../../cases/random.jsonl").lines();
    let mut compared = 0;
    for case in cases.map(|line| serde_json::from_str::<Value>(line).expect("JSON")) {
        let files = case["files"].as_object().expect("files").iter();
        let files = files.map(|(name, text)| (name.clone(), text.as_str().expect("text").to_owned())).collect();
        compared += follow(&case["name"].to_string(), &files, case["steps"].as_str().expect("steps"));
    }
    assert!(compared > 500, "only {compared} closes were compared");
}

#[test]
fn what_is_new_comes_to_the_same_in_the_examples() {
    let Some(examples) = shared("examples") else { return };
    for folder in std::fs::read_dir(examples).expect("a folder") {
        let folder = folder.expect("an entry").path();
        let Ok(steps) = std::fs::read_to_string(folder.join("steps")) else { continue };
        let entries = std::fs::read_dir(&folder).expect("a folder").map(|entry| entry.expect("an entry").path());
        let named = entries.filter_map(|path| {
            let name = path.file_name()?.to_str()?.to_owned();
            Some((name, std::fs::read_to_string(&path).ok()?))
        });
        follow(&folder.display().to_string(), &named.collect(), &steps);
    }
}
