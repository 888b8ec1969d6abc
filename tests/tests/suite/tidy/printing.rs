//! Text reaches a terminal through one file, which makes it inert (cli/src/terminal/screen.rs).

use super::sources::{CRATES, read, root, rust_files, shown};

#[test]
fn only_the_screen_prints() {
    // The ways to reach a terminal. Progress bars are drawn from our own words alone.
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
    let crates = CRATES.iter().filter(|name| **name != "tests");
    let files = crates.flat_map(|name| rust_files(&root().join(name).join("src")));
    for file in files.filter(|file| !file.ends_with("cli/src/terminal/screen.rs")) {
        let text = read(&file);
        let code = text.split("#[cfg(test)]").next().expect("the part before the tests");
        for (number, line) in code.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with("//")) {
            for way in ways {
                assert!(
                    !line.contains(way),
                    "{}:{}: `{way}` is for cli/src/terminal/screen.rs",
                    shown(&file),
                    number + 1
                );
            }
        }
    }
    let screen = read(&root().join("cli/src/terminal/screen.rs"));
    assert!(!screen.contains("Write for Screen"), "a screen takes lines, rows and JSON, and never bytes of a text");
}

/// Bytes go to standard output unchanged where they are data and nobody's words: a list that stays short.
#[test]
fn few_commands_write_bytes() {
    let source = root().join("cli/src");
    let writes = |text: &str| text.contains("session.bytes(") || text.contains(".verbatim(");
    let files = rust_files(&source).into_iter().filter(|file| writes(&read(file)));
    let found: Vec<String> =
        files.map(|file| file.strip_prefix(&source).expect("below it").display().to_string()).collect();
    assert_eq!(
        found,
        [
            // Charts and pages, in which the escaper of templates made every text inert.
            "command/compare/diff.rs",
            "command/pay/statement.rs",
            "command/people/key.rs",
            "command/plan/show.rs",
            "command/program/completions.rs",
            "command/program/man.rs",
            "session/state.rs"
        ]
    );
}
