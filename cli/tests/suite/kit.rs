//! A folder of its own for each test, the program run in it, and what must hold of every run.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub struct Desk {
    folder: TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub struct Run {
    pub out: String,
    pub err: String,
    pub status: i32,
}

pub const LAND: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "new-logo"
measure = { booking = "arr" }
where = { motion = ["new-logo"] }
period = "year"
quota = "assigned"
rate = "10%"
cancellation = "restate"
"#;

pub const FACTS: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "name": "Ana Brandt", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": "ana", "plan": "land", "quota": {"new-logo": "300000"}}
{"fact": "booking", "at": "2027-01-10", "booking": "B-1", "account": "acme", "motion": "new-logo", "arr": "240000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;

/// A booking that was signed in January and is heard of later.
pub const LATE: &str = r#"{"fact": "booking", "at": "2027-01-20", "booking": "B-2", "account": "acme", "motion": "new-logo", "arr": "1000", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
"#;

/// Who runs the tests, by the name in the system's list of users. The variables of the environment say somebody else.
pub fn user() -> String {
    let output = Command::new("id").arg("-un").output().expect("id runs");
    String::from_utf8(output.stdout).expect("UTF-8").trim().to_owned()
}

impl Desk {
    pub fn new() -> Desk {
        Desk { folder: TempDir::new().expect("a folder") }
    }

    /// With a book, a plan and facts.
    pub fn with_facts() -> Desk {
        let desk = Desk::new();
        desk.write("land.toml", LAND);
        desk.write("facts.jsonl", FACTS);
        desk.ok(&["init", "--name", "acme"]);
        desk.ok(&["plan", "publish", "land.toml"]);
        desk.ok(&["record", "facts.jsonl"]);
        desk
    }

    /// The same, with January closed.
    pub fn with_close() -> Desk {
        let desk = Desk::with_facts();
        desk.ok(&["close", "2027-01"]);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).expect("a file");
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("a file")
    }

    /// The program in a sealed environment: nothing of whoever runs the tests gets in.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_trueup"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().env("USER", "tester");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments), b"")
    }

    pub fn run_with(&self, arguments: &[&str], stdin: &[u8]) -> Run {
        run(self.command(arguments), stdin)
    }

    /// Runs what must succeed.
    pub fn ok(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
        run
    }

    pub fn json(&self, arguments: &[&str]) -> Value {
        let run = self.ok(&[arguments, &["--format", "json"]].concat());
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {}", run.out))
    }

    /// Runs what must be refused: the code in text and in JSON, nothing on standard output, and not a byte changed.
    pub fn refused(&self, arguments: &[&str], status: i32, code: &str) -> Run {
        let before = self.bytes();
        let run = self.run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {run:?}");
        assert_eq!(run.out, "", "{arguments:?}");
        assert!(run.err.contains(&format!("error[{code}]: ")), "{arguments:?}: {}", run.err);
        assert!(run.err.contains("= help: "), "{arguments:?} says nothing to do: {}", run.err);
        let problems = self.problems(arguments, status);
        assert!(problems.as_array().expect("a list").iter().any(|one| one["code"] == code), "{problems}");
        assert_eq!(self.bytes(), before, "{arguments:?} was refused and changed something");
        run
    }

    /// What is said in JSON about a refusal.
    pub fn problems(&self, arguments: &[&str], status: i32) -> Value {
        let run = self.run(&[arguments, &["--format", "json"]].concat());
        assert_eq!((run.status, run.out.as_str()), (status, ""), "{arguments:?}: {run:?}");
        let problems: Value = serde_json::from_str(&run.err).unwrap_or_else(|error| panic!("{error}: {}", run.err));
        for problem in problems.as_array().expect("a list") {
            for member in ["code", "message", "file", "line", "column", "excerpt", "help"] {
                assert!(problem.get(member).is_some(), "{member} in {problem}");
            }
        }
        problems
    }

    /// Every file below the folder and its bytes.
    pub fn bytes(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(self.folder.path(), &mut files);
        files
    }
}

/// Compares a text with the file beside the tests that holds it; with TRUEUP_WRITE set, writes the file instead.
pub fn is_written(file: &str, text: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("TRUEUP_WRITE").is_some() {
        std::fs::write(&path, text).expect("a file that can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(written == text, "{file} is out of date. Run the tests with TRUEUP_WRITE=1, and review it.\n{text}");
}

fn run(mut command: Command, stdin: &[u8]) -> Run {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().expect("the program runs");
    child.stdin.take().expect("piped").write_all(stdin).expect("it takes its input");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Run { out: text(output.stdout), err: text(output.stderr), status: output.status.code().expect("no signal") }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.insert(path.clone(), std::fs::read(&path).expect("a file"));
        }
    }
}
