//! What pages say of the sources is so: files that they name exist, and the table of dependencies is that of the manifests.

use std::collections::BTreeMap;

use super::sources::{CRATES, files_below, read, root, shown};

/// The words between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The targets of links, without the part behind `#`.
fn linked(text: &str) -> impl Iterator<Item = &str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split_once(')'));
    targets.map(|(target, _)| target.split('#').next().unwrap_or(target)).filter(|target| !target.is_empty())
}

#[test]
fn files_that_pages_name_exist() {
    let mut pages = files_below(&root().join("docs"));
    pages.extend(["README.md", "ARCHITECTURE.md", "CHANGELOG.md"].map(|page| root().join(page)));
    let mut missing = Vec::new();
    for page in pages {
        let text = read(&page);
        let sources = quoted(&text).filter(|word| {
            word.contains("/src/") && !word.contains(['{', '*', ' ']) || word.contains('/') && word.ends_with(".rs")
        });
        missing
            .extend(sources.filter(|word| !root().join(word).exists()).map(|word| format!("{}: {word}", shown(&page))));
        let folder = page.parent().expect("a folder");
        let links = linked(&text).filter(|target| target.ends_with(".md") && !target.contains(':'));
        missing
            .extend(links.filter(|word| !folder.join(word).exists()).map(|word| format!("{}: {word}", shown(&page))));
    }
    assert!(missing.is_empty(), "{} files are not there:\n{}", missing.len(), missing.join("\n"));
}

/// The crates of others that ours use, and which of ours use each.
fn dependencies() -> BTreeMap<String, Vec<&'static str>> {
    let mut found: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for name in CRATES {
        let manifest: toml::Table = read(&root().join(name).join("Cargo.toml")).parse().expect("TOML");
        let mut tables = vec![&manifest];
        let targets = manifest.get("target").and_then(toml::Value::as_table);
        tables.extend(targets.into_iter().flat_map(toml::Table::values).filter_map(toml::Value::as_table));
        let kinds = ["dependencies", "dev-dependencies", "build-dependencies"];
        let used = tables.iter().flat_map(|table| kinds.iter().filter_map(|kind| table.get(*kind)?.as_table()));
        for used in used.flat_map(toml::Table::keys).filter(|used| !CRATES.contains(&used.as_str())) {
            let users = found.entry(used.clone()).or_default();
            if !users.contains(&name) {
                users.push(name);
            }
        }
    }
    found
}

#[test]
fn every_dependency_has_its_reason() {
    let page = read(&root().join("docs/decisions.md"));
    let (_, table) = page.split_once("<!-- dependencies -->").expect("a table of dependencies");
    let mut listed: BTreeMap<String, String> = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        assert!(
            cells.len() == 6 && cells.iter().skip(1).take(4).all(|cell| !cell.is_empty()),
            "a cell is missing: {row}"
        );
        listed.insert(cells[1].trim_matches('`').to_owned(), cells[2].to_owned());
    }
    let used: BTreeMap<String, String> =
        dependencies().into_iter().map(|(name, users)| (name, users.join(", "))).collect();
    assert_eq!(listed, used, "docs/decisions.md has other dependencies than the manifests");
}

#[test]
fn every_dependency_of_the_workspace_is_used() {
    let manifest: toml::Table = read(&root().join("Cargo.toml")).parse().expect("TOML");
    let shared = manifest["workspace"]["dependencies"].as_table().expect("a table");
    let used = dependencies();
    for name in shared.keys().filter(|name| !CRATES.contains(&name.as_str())) {
        assert!(used.contains_key(name), "no crate uses `{name}`");
    }
}
