//! How the sources lie in folders.

use std::collections::BTreeMap;

use super::sources::{CRATES, read, root, rust_files, shown};

/// The most files that lie in one folder of sources; with more, it gets sub-folders that a newcomer can name.
const FILES_MAX: usize = 12;

/// Folders that still have more, and how many: numbers that only get smaller.
const FULLER: [(&str, usize); 4] =
    [("ledger/src", 28), ("plans/src/check", 16), ("plans/src/measure", 13), ("projections/src", 14)];

#[test]
fn a_folder_has_a_dozen_files() {
    let mut folders: BTreeMap<String, usize> = BTreeMap::new();
    for file in CRATES.iter().flat_map(|name| rust_files(&root().join(name).join("src"))) {
        *folders.entry(shown(file.parent().expect("a folder"))).or_default() += 1;
    }
    let mut faults = Vec::new();
    for (folder, files) in folders {
        let allowed = FULLER.iter().find(|(known, _)| *known == folder).map_or(FILES_MAX, |(_, files)| *files);
        if files > allowed {
            faults.push(format!("{folder}: {files} files, {allowed} at most"));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for file in CRATES.iter().flat_map(|name| rust_files(&root().join(name))) {
        assert!(read(&file).starts_with("//! "), "{} does not begin with a `//!` line", shown(&file));
    }
}
