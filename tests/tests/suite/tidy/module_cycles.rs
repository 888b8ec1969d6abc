//! No file of a crate uses names of another that uses names of it, also through others (ARCHITECTURE.md).

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::module_graph::{Uses, cycles, module_graph};
use super::sources::{CRATES, root, shown};

/// The most cycles that are printed of a crate.
const PRINTED_MAX: usize = 12;

/// The graphs of a crate, one for each file that a compilation begins with.
fn graphs(name: &str) -> Vec<Uses> {
    let folder = root().join(name).join("src");
    let starts: &[&str] = if name == "tests" { &["main.rs", "bench.rs"] } else { &["lib.rs", "main.rs"] };
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let starts = starts.iter().map(|start| folder.join(start)).filter(|start| start.is_file());
    starts.map(|start| module_graph(&start, &read)).collect()
}

/// A cycle as `file -> file: names`, a line each.
fn drawn(uses: &Uses, cycle: &[PathBuf]) -> String {
    let mut drawn = String::new();
    for (place, from) in cycle.iter().enumerate() {
        let to = &cycle[(place + 1) % cycle.len()];
        let names: Vec<&str> = uses[from][to].iter().map(String::as_str).collect();
        writeln!(drawn, "    {} -> {}: {}", shown(from), shown(to), names.join(", ")).expect("a text takes all");
    }
    drawn
}

#[test]
fn modules_have_no_cycles() {
    let mut faults = String::new();
    for name in CRATES {
        for uses in graphs(name) {
            for cycle in cycles(&uses).iter().take(PRINTED_MAX) {
                writeln!(faults, "  a cycle of `{name}`:\n{}", drawn(&uses, cycle).trim_end())
                    .expect("a text takes all");
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
