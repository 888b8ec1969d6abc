//! Rules of the code and of the documentation that a program can hold.

mod module_cycles;
mod module_graph;
mod sources;

use std::path::{Path, PathBuf};

/// A crate uses only crates above it in this list (ARCHITECTURE.md).
const ROOMS: [&str; 6] = ["ledger", "projections", "plans", "replay", "cli", "tests"];

/// The longest function, in lines.
const FUNCTION_LINES_MAX: usize = 70;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, files);
        } else if path.extension().is_some_and(|end| end == "rs") {
            files.push(path);
        }
    }
}

#[test]
fn a_room_uses_only_rooms_above_it() {
    for (place, room) in ROOMS.iter().enumerate() {
        let text = std::fs::read_to_string(root().join(room).join("Cargo.toml")).expect("a manifest");
        let manifest: toml::Table = text.parse().expect("TOML");
        let used = ["dependencies", "dev-dependencies", "build-dependencies"]
            .into_iter()
            .filter_map(|kind| manifest.get(kind)?.as_table());
        for name in used.flat_map(|table| table.keys()) {
            if let Some(other) = ROOMS.iter().position(|known| known == name) {
                assert!(other < place, "`{room}` uses `{name}`, which is not above it");
            }
        }
    }
}

#[test]
fn every_file_says_first_what_it_is_for() {
    let mut files = Vec::new();
    ROOMS.iter().for_each(|room| rust_files(&root().join(room), &mut files));
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file");
        assert!(text.starts_with("//! "), "{} does not begin with a `//!` line", file.display());
    }
}

#[test]
fn functions_fit_on_a_screen() {
    let mut files = Vec::new();
    ROOMS.iter().for_each(|room| rust_files(&root().join(room), &mut files));
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a file");
        let mut open: Option<(usize, usize, String)> = None;
        for (number, line) in text.lines().enumerate() {
            let indent = line.len() - line.trim_start().len();
            let starts = ["fn ", "pub fn ", "pub(crate) fn ", "pub(super) fn ", "const fn ", "pub const fn "];
            if open.is_none() && starts.iter().any(|start| line.trim_start().starts_with(start)) {
                open = Some((number, indent, line.trim().to_owned()));
            }
            if let Some((start, depth, name)) = &open
                && indent == *depth
                && (line.trim() == "}" || line.trim_end().ends_with(['}', ';']))
            {
                let lines = number - start + 1;
                assert!(lines <= FUNCTION_LINES_MAX, "{}:{} has {lines} lines: {name}", file.display(), start + 1);
                open = None;
            }
        }
    }
}

/// Every text for a terminal goes through one file, which makes it inert (cli/src/screen.rs).
#[test]
fn nothing_is_printed_but_by_the_screen() {
    // What a terminal can be reached by. Progress bars are drawn from words of ours alone.
    let ways = [
        "println!",
        "print!",
        "eprintln!",
        "eprint!",
        "dbg!",
        "stdout()",
        "stderr()",
        "/dev/tty",
        "/dev/std",
        "Term::",
    ];
    let mut files = Vec::new();
    ROOMS
        .iter()
        .filter(|room| **room != "tests")
        .for_each(|room| rust_files(&root().join(room).join("src"), &mut files));
    for file in files.iter().filter(|file| !file.ends_with("cli/src/screen.rs")) {
        let text = std::fs::read_to_string(file).expect("a file");
        let code = text.split("#[cfg(test)]").next().expect("the part before the tests");
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for way in ways {
                assert!(!line.contains(way), "{}:{}: `{way}` is for cli/src/screen.rs", file.display(), number + 1);
            }
        }
    }
    let screen = std::fs::read_to_string(root().join("cli/src/screen.rs")).expect("the screen");
    assert!(!screen.contains("Write for Screen"), "a screen takes lines, rows and JSON, and never bytes of a text");
}

/// Bytes go to standard output as they are where they are data and nobody's words: a list that is to stay short.
#[test]
fn few_commands_write_bytes() {
    let mut files = Vec::new();
    rust_files(&root().join("cli/src"), &mut files);
    let writes = |file: &PathBuf| {
        let text = std::fs::read_to_string(file).expect("a file");
        text.contains("desk.bytes(") || text.contains(".verbatim(")
    };
    let mut found: Vec<String> = files
        .iter()
        .filter(|file| writes(file))
        .map(|file| file.strip_prefix(root().join("cli/src")).expect("below it").display().to_string())
        .collect();
    found.sort();
    assert_eq!(found, ["command/completions.rs", "command/man.rs", "command/plan/show.rs", "desk.rs"]);
}

/// The deterministic crates have the same list of what they must not use.
#[test]
fn the_deterministic_crates_share_their_lints() {
    let lints = |room: &str| std::fs::read_to_string(root().join(room).join("clippy.toml")).expect("clippy.toml");
    for room in ["projections", "plans", "replay"] {
        assert_eq!(lints(room), lints("ledger"), "`{room}/clippy.toml` differs from `ledger/clippy.toml`");
    }
}
