//! Runs the command as a user would, on a book of its own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

pub const TRUEUP: &str = env!("CARGO_BIN_EXE_trueup-under-test");

/// A fresh place with a book that is not there yet.
pub struct TestBook {
    pub folder: TempDir,
}

impl TestBook {
    pub fn new() -> TestBook {
        TestBook { folder: tempfile::tempdir().expect("a temporary folder") }
    }

    /// The same with an empty book named `acme`.
    pub fn with_book() -> TestBook {
        let book = TestBook::new();
        book.done(&["init", "--name", "acme"]);
        book
    }

    pub fn book(&self) -> PathBuf {
        self.folder.path().join("book")
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(TRUEUP);
        command
            .current_dir(self.folder.path())
            .env("TRUEUP_BOOK", self.book())
            .env("USER", "tester")
            .env_remove("COLUMNS")
            .env_remove("TRUEUP_KEYS")
            .env_remove("TRUEUP_SIGN")
            .env_remove("TRUEUP_FORMAT");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command().args(arguments).output().expect("the command starts")
    }

    /// Runs a script that has the book as its own.
    pub fn shell(&self, script: &str) -> Output {
        let mut shell = Command::new("sh");
        shell.args(["-e", "-c", script]).current_dir(self.folder.path()).env("TRUEUP_BOOK", self.book());
        shell.env_remove("COLUMNS").env_remove("TRUEUP_KEYS").env_remove("TRUEUP_SIGN").output().expect("a shell")
    }

    /// Runs what must succeed, and gives its stdout.
    pub fn done(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let arguments: Vec<&str> = arguments.iter().copied().chain(["--format", "json"]).collect();
        serde_json::from_str(&self.done(&arguments)).expect("JSON")
    }

    /// Runs what ends with a status of its own, and gives its JSON.
    pub fn json_ended(&self, arguments: &[&str], status: i32) -> Value {
        let output = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(status), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    }

    /// Runs what must be refused, and gives its stderr; the book stays byte for byte what it was.
    pub fn refused(&self, arguments: &[&str]) -> String {
        let before = self.bytes();
        let output = self.run(arguments);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(self.bytes() == before, "{arguments:?} was refused and changed the book");
        String::from_utf8(output.stderr).expect("UTF-8")
    }

    pub fn write(&self, name: &str, text: &str) -> String {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).expect("a file");
        path.display().to_string()
    }

    /// Every file of the book, and the keys beside it.
    pub fn bytes(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut files = Vec::new();
        collect(self.folder.path(), &mut files);
        files.retain(|(path, _)| path.starts_with(self.book()) || path.extension().is_some_and(|end| end == "keys"));
        files.sort();
        files
    }

    /// Follows a `steps` file: `publish FILE`, `record FILE`, `close PERIOD`; gives all statements.
    pub fn follow(&self, folder: &Path) -> Vec<Value> {
        self.follow_with(folder, &["record"])
    }

    /// As `follow`, with the words that record a file.
    pub fn follow_with(&self, folder: &Path, record: &[&str]) -> Vec<Value> {
        let steps = std::fs::read_to_string(folder.join("steps")).expect("steps");
        let mut statements = Vec::new();
        for step in steps.lines().filter(|line| !line.trim().is_empty()) {
            let (verb, what) = step.split_once(' ').expect("a verb and what to do it to");
            let file = folder.join(what).display().to_string();
            match verb {
                "publish" => drop(self.done(&["plan", "publish", &file])),
                "record" => drop(self.done(&[record, &[&file]].concat())),
                "close" => {
                    self.done(&["close", what]);
                    let closed = self.json(&["statement", "--all", what]);
                    statements.extend(closed.as_array().expect("an array").iter().cloned());
                }
                other => panic!("`{other}` is no step that this test knows"),
            }
        }
        statements
    }
}

fn collect(folder: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files)
        } else {
            files.push((path.clone(), std::fs::read(&path).expect("a file")))
        }
    }
}

/// Compares a text with the file of the project that holds it; with TRUEUP_WRITE set, writes the file instead.
pub fn is_written(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        std::fs::write(&path, text).expect("a file that can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(text.lines()).find(|(was, is)| was != is);
    assert!(written == text, "{file} is out of date: {differs:?}. Run the test with TRUEUP_WRITE=1, and review it.");
}

/// The folder that lies beside the project where the examples and data are; says so loudly where it is not.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if !found.exists() {
        eprintln!("NOT TESTED: ../shared/{path} is not there, so nothing of it was run");
        return None;
    }
    Some(found)
}

/// Whether every member of `expected` is in `found` with the same value; says the first place where not.
pub fn differs(expected: &Value, found: &Value, place: &str) -> Option<String> {
    match (expected, found) {
        (Value::Object(expected), Value::Object(found)) => expected.iter().find_map(|(name, value)| {
            let place = format!("{place}.{name}");
            match found.get(name) {
                Some(other) => differs(value, other, &place),
                None => Some(format!("{place} is missing")),
            }
        }),
        (Value::Array(expected), Value::Array(found)) if expected.len() == found.len() => expected
            .iter()
            .zip(found)
            .enumerate()
            .find_map(|(index, (a, b))| differs(a, b, &format!("{place}[{index}]"))),
        (expected, found) if expected == found => None,
        (expected, found) => Some(format!("{place}: expected {expected}, found {found}")),
    }
}
