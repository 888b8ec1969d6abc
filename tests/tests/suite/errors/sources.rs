//! The catalogue has every code of the program, and no other.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::codes;

/// Texts of the sources that look like codes and are words of plans or records.
const NO_CODES: [&str; 7] =
    ["at-least", "dispute-answer", "log-key", "period-close", "period-start", "period-end", "plan-change"];

/// What a code is handed to; with `(` behind it and the code as the first text.
const SAYERS: [&str; 5] = ["Problem::new", "Failure::refused", "refused", "world", "told"];

fn sources() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = Vec::new();
    for room in ["ledger", "projections", "plans", "replay", "cli"] {
        collect(&root.join(room).join("src"), &mut files);
    }
    files
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, String)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source");
            // Tests say codes too, and stand at the foot.
            let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
            files.push((path, text));
        }
    }
}

/// The texts in quotes of a source that are written like codes.
fn quoted(source: &str) -> impl Iterator<Item = &str> {
    let is_code = |text: &&str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-') && !text.ends_with('-')
    };
    source.split('"').filter(is_code)
}

/// What is handed to somebody who says it, of whatever family.
fn handed(source: &str) -> impl Iterator<Item = &str> {
    SAYERS.iter().flat_map(move |sayer| {
        source.split(&format!("{sayer}(")[..]).skip(1).collect::<Vec<&str>>().into_iter().filter_map(|rest| {
            let text = rest.trim_start().strip_prefix('"')?.split('"').next()?;
            quoted(rest.get(..rest.find(text)? + text.len() + 1)?).find(|found| *found == text)
        })
    })
}

#[test]
fn the_catalogue_has_every_code_of_the_sources_and_no_other() {
    let known: BTreeSet<&str> = codes().map(|code| code.code).collect();
    let families: BTreeSet<&str> = known.iter().filter_map(|code| code.split_once('-')).map(|(word, _)| word).collect();
    let of_family = |text: &&str| text.split_once('-').is_some_and(|(family, _)| families.contains(family));
    let sources = sources();
    let mut said: BTreeMap<&str, &PathBuf> = BTreeMap::new();
    for (path, source) in &sources {
        said.extend(quoted(source).filter(of_family).map(|code| (code, path)));
        said.extend(handed(source).map(|code| (code, path)));
    }
    said.retain(|code, _| !NO_CODES.contains(code) && !known.contains(code));
    assert!(said.is_empty(), "these are not in the catalogue (tests/tests/suite/errors): {said:?}");
    let all: BTreeSet<&str> = sources.iter().flat_map(|(_, source)| quoted(source)).collect();
    let unused: Vec<&&str> = known.iter().filter(|code| !all.contains(*code)).collect();
    assert!(unused.is_empty(), "these are in the catalogue, and nothing says them: {unused:?}");
}
