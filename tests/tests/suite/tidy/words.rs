//! The old words of docs/glossary.md stay out of code, messages and documentation.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::sources::{CRATES, files_below, names_and_texts, read, root, rust_files, shown, tokens};

/// Identifiers that were replaced, by crate.
const NAMES: [(&str, &[&str]); 3] = [
    ("projections", &["Few", "Pieces", "Life", "Sees", "ByDay", "Near"]),
    ("plans", &["Touch", "Picked", "Wanted", "Stretch", "Naming", "Stood", "TakenUp", "Given"]),
    (
        "replay",
        &["Touch", "Touched", "Reached", "Moved", "Extent", "Agenda", "Worked", "Among", "Desk", "Coming", "Doubt"],
    ),
];

/// Names of source files that were replaced.
const FILES: [&str; 21] = [
    "reach.rs",
    "touch.rs",
    "touched.rs",
    "moves.rs",
    "picked.rs",
    "wanted.rs",
    "named.rs",
    "given.rs",
    "near.rs",
    "carried.rs",
    "partial.rs",
    "admit.rs",
    "fits.rs",
    "hangs.rs",
    "foresee.rs",
    "tell.rs",
    "find.rs",
    "few.rs",
    "pieces.rs",
    "life.rs",
    "by_day.rs",
];

/// Phrases that were replaced, in small letters.
const PHRASES: [&str; 19] = [
    "kept back for what is owed",
    "kept back for what was drawn",
    "paid ahead as a draw",
    "drawn ahead",
    "no longer to come",
    "still to come",
    "nothing waits",
    "by what its first",
    "the book is whole",
    "hangs on",
    "hang on",
    "a fact that fits",
    "what is told",
    "comes to",
    "come to",
    "came to",
    "stands",
    "the house",
    "rooms",
];

/// Old words that are still in use, and how many times at most: numbers that only get smaller.
const STILL_USED: [(&str, usize); 0] = [];

/// Text as a line of small letters: without the signs of comments, with one blank between words.
fn flat(text: &str) -> String {
    let mut flat = String::with_capacity(text.len());
    for line in text.lines() {
        let line = line.trim_start();
        let line = line.strip_prefix("//").map_or(line, |rest| rest.trim_start_matches(['/', '!']));
        for word in line.split_whitespace() {
            flat.push(' ');
            flat.push_str(&word.to_lowercase());
        }
    }
    flat
}

/// How many times a phrase is in flat text, as whole words.
fn hits(flat: &str, phrase: &str) -> usize {
    let is_word = |sign: Option<char>| sign.is_some_and(char::is_alphanumeric);
    let whole = |(place, found): &(usize, &str)| {
        !is_word(flat[..*place].chars().next_back()) && !is_word(flat[place + found.len()..].chars().next())
    };
    flat.match_indices(phrase).filter(whole).count()
}

/// Every page of documentation but the glossary and the list of changes, which has the words of its time.
fn pages() -> Vec<PathBuf> {
    let mut pages = files_below(&root().join("docs"));
    pages.retain(|page| page.extension().is_some_and(|end| end == "md") && !page.ends_with("glossary.md"));
    pages.extend(["README.md", "ARCHITECTURE.md", "Cargo.toml"].map(|page| root().join(page)));
    pages
}

/// Sources but this one's folder.
fn sources() -> Vec<PathBuf> {
    let files = CRATES.iter().flat_map(|name| rust_files(&root().join(name)));
    files.filter(|file| !file.components().any(|part| part.as_os_str() == "tidy")).collect()
}

/// Where each old word is, by word.
fn found() -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut add = |word: &str, place: String| found.entry(word.to_owned()).or_default().push(place);
    for (name, words) in NAMES {
        for file in rust_files(&root().join(name).join("src")) {
            let mut names = Vec::new();
            names_and_texts(tokens(&file), &mut names, &mut Vec::new());
            for (line, name) in names.iter().filter(|(_, name)| words.contains(&name.as_str())) {
                add(name, format!("{}:{line}", shown(&file)));
            }
        }
    }
    for file in sources() {
        let name = file.file_name().expect("a name").to_string_lossy();
        if FILES.contains(&&*name) {
            add(&name, shown(&file));
        }
    }
    for file in sources().into_iter().chain(pages()) {
        let text = flat(&read(&file));
        for phrase in PHRASES {
            for _ in 0..hits(&text, phrase) {
                add(phrase, shown(&file));
            }
        }
    }
    found
}

#[test]
fn old_words_are_not_used() {
    let mut faults = Vec::new();
    for (word, places) in found() {
        let allowed = STILL_USED.iter().find(|(known, _)| *known == word).map_or(0, |(_, times)| *times);
        if places.len() > allowed {
            faults.push(format!("{word}: {} times, {allowed} at most: {}", places.len(), places.join(" ")));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_glossary_has_the_old_words() {
    let page = read(&root().join("docs/glossary.md"));
    let (_, table) = page.split_once("## Old words").expect("a section of old words");
    let mut told = BTreeSet::new();
    for row in table.lines().filter(|line| line.starts_with("| `") || line.starts_with("| \"")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        for word in cells[1].split(", ") {
            told.insert((cells[2].to_owned(), word.trim_matches(['`', '"']).to_owned()));
        }
    }
    let mut held = BTreeSet::new();
    for (name, words) in NAMES {
        held.extend(words.iter().map(|word| (name.to_owned(), (*word).to_owned())));
    }
    held.extend(FILES.iter().chain(&PHRASES).map(|word| ("everywhere".to_owned(), (*word).to_owned())));
    assert_eq!(told, held, "docs/glossary.md and this test have different old words");
}

#[test]
fn phrases_are_found_over_lines_and_as_whole_words() {
    let text = flat("/// It Comes\n    /// to this, and becomes to that: \"comes to\".");
    assert_eq!(hits(&text, "comes to"), 2);
}
