//! Runs the examples of the catalogue through the command line, and finds their codes.

use std::process::{Command, Output};

use super::pay::{KEYS, PEOPLE, POLICY};
use super::{Code, Example, Input, Kind, Shown, codes};
use crate::support::{TRUEUP, TestBook};

/// The plans of the book in which facts are recorded.
pub const LAND: &str = r#"plan = "land"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "new-logo"
measure = { booking = "arr" }
quota = "assigned"
rate = "assigned"
tiers = [{ from = "100%", times = "1.5" }]
period = "year"
cancellation = "restate"

[[component]]
id = "renewal"
measure = { signal = "renewed", value = "value" }
rate = "5%"
"#;

/// The facts of that book.
pub const KNOWN: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "payee", "at": "2027-01-01", "payee": "bea", "manager": "ana"}
{"fact": "assignment", "at": "2027-01-01", "until": "2027-12-31", "payee": "ana", "plan": "land", "rates": {"new-logo": "10%"}, "id": "00000000-0000-4000-8000-000000000001"}
{"fact": "quota", "at": "2027-04-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "1000"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "cancellation", "at": "2027-06-01", "booking": "B-1"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "5", "currency": "USD"}
{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "id": "00000000-0000-4000-8000-000000000002"}
"#;

/// What a plan begins with of which an example has only tables or keys.
pub const HEAD: &str = r#"plan = "p"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01
"#;

/// The component that keys of an example belong to.
pub const COMPONENT: &str = r#"
[[component]]
id = "c"
measure = { booking = "arr" }
rate = "10%"
"#;

/// The whole text of a plan of which an example shows a part.
pub fn plan_text(part: &str) -> String {
    match part {
        whole if whole.starts_with("plan =") => whole.to_owned(),
        tables if tables.starts_with("[[draw]]") || tables.starts_with("[[component]]") => {
            format!("{HEAD}\n{tables}\n")
        }
        rate if rate.starts_with("rate =") => format!("{HEAD}{}{rate}\n", COMPONENT.replace("rate = \"10%\"\n", "")),
        keys => format!("{HEAD}{COMPONENT}{keys}\n"),
    }
}

/// A book with the facts and the plan that examples are about.
pub fn facts_desk() -> TestBook {
    let book = TestBook::with_book();
    book.write("land.toml", LAND);
    book.write("known.jsonl", KNOWN);
    book.write("policy.json", POLICY);
    book.write("people.sh", PEOPLE);
    KEYS.iter().for_each(|(name, key)| drop(book.write(name, key)));
    book.done(&["plan", "publish", "land.toml"]);
    book.done(&["record", "known.jsonl"]);
    book
}

/// Single lines that are refused, each with its code and words.
pub fn refused_facts() -> Vec<(&'static str, &'static str, &'static str)> {
    let refused = codes().filter(|code| code.kind == Kind::Refused);
    let examples = refused.flat_map(|code| examples(code).iter().map(move |example| (code.code, example)));
    let lines = examples.filter_map(|(code, example)| match example.input {
        Input::Facts(line) if !line.contains('\n') => Some((line, code, example.says)),
        Input::Facts(_) | Input::Plan(_) | Input::Map(_, _) | Input::Shell(_) => None,
    });
    lines.collect()
}

pub fn examples(code: &Code) -> &'static [Example] {
    match code.shown {
        Shown::Examples(examples) => examples,
        Shown::Never(_) => &[],
    }
}

/// What the program says on standard error to an example in a folder of its own, and how it ends.
pub fn said(input: &Input) -> (String, Option<i32>) {
    let book = match input {
        Input::Plan(_) => TestBook::new(),
        Input::Facts(_) | Input::Map(_, _) | Input::Shell(_) => facts_desk(),
    };
    let output = ran(input, &book);
    // The folder has another name each time.
    let folder = format!("{}/", book.folder.path().display());
    (without_times(&String::from_utf8_lossy(&output.stderr).replace(&folder, "")), output.status.code())
}

/// The times in names of files, as `20270101T000000000000Z`, made the same in every run.
fn without_times(text: &str) -> String {
    let is_time = |word: &str| {
        let (Some((day, clock)), true) = (word.split_once('T'), word.ends_with('Z')) else { return false };
        day.len() == 8 && clock.len() == 13 && word.bytes().filter(u8::is_ascii_digit).count() == 20
    };
    let words = text.split_inclusive(|character: char| !character.is_ascii_alphanumeric());
    let words = words.map(|word| {
        let name = word.trim_end_matches(|character: char| !character.is_ascii_alphanumeric());
        if is_time(name) { word.replace(name, "20270101T000000000000Z") } else { word.to_owned() }
    });
    words.collect()
}

fn ran(input: &Input, book: &TestBook) -> Output {
    match input {
        Input::Facts(lines) => {
            book.write("facts.jsonl", &format!("{lines}\n"));
            book.run(&["record", "facts.jsonl"])
        }
        Input::Plan(part) => {
            book.write("p.toml", &plan_text(part));
            book.run(&["plan", "check", "p.toml"])
        }
        Input::Map(mapping, csv) => {
            book.write("map.toml", mapping);
            book.write("rows.csv", csv);
            book.run(&["record", "--map", "map.toml", "rows.csv"])
        }
        Input::Shell(script) => in_shell(book, script),
    }
}

fn in_shell(book: &TestBook, script: &str) -> Output {
    let bin = book.folder.path().join("bin");
    std::fs::create_dir(&bin).expect("a folder");
    std::os::unix::fs::symlink(TRUEUP, bin.join("trueup")).expect("a link");
    let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    Command::new("sh")
        .args(["-e", "-c", script])
        .current_dir(book.folder.path())
        .env("PATH", path)
        .env("USER", "tester")
        .env_remove("TRUEUP_BOOK")
        .env_remove("COLUMNS")
        .env_remove("TRUEUP_KEYS")
        .env_remove("TRUEUP_SIGN")
        .env_remove("TRUEUP_FORMAT")
        .output()
        .expect("a shell")
}

fn status(kind: Kind) -> i32 {
    match kind {
        Kind::Warned => 0,
        Kind::Refused => 1,
        Kind::Usage => 2,
        Kind::Ours => 70,
        Kind::World => 74,
    }
}

/// The line of standard error that has the code. Usage is told by clap, which knows no codes unless JSON is asked for.
pub fn line_of(code: &Code, stderr: &str) -> Option<String> {
    let mark = match code.kind {
        Kind::Warned => format!("warning[{}]: ", code.code),
        Kind::Refused | Kind::Ours | Kind::World => format!("error[{}]: ", code.code),
        Kind::Usage => "error: ".to_owned(),
    };
    stderr.lines().find(|line| line.starts_with(&mark)).map(str::to_owned)
}

#[test]
fn every_example_produces_its_code() {
    let mut failed = Vec::new();
    for code in codes() {
        for example in examples(code) {
            let (stderr, ended) = said(&example.input);
            let found = line_of(code, &stderr).is_some() && stderr.contains(example.says);
            let helps = code.kind == Kind::Usage || stderr.contains("= help: ");
            if !found || !helps || ended != Some(status(code.kind)) {
                failed.push(format!(
                    "`{}` with `{}` is not what is said, but ({ended:?})\n{stderr}",
                    code.code, example.says
                ));
            }
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
