//! `--as jsonl`: a folder of facts, plans and steps from which the book can be rebuilt.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;

use data_encoding::HEXLOWER;
use ledger::fact::Posting;
use ledger::id::Name;
use projections::lines::name_of;
use replay::book::Book;
use replay::rebuild::{NotCarried, RebuildClose, RebuildStep, rebuild};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::input::limits::OPENING_LINES_MAX;
use crate::output::folder::{OutputFolder, must_be_free};
use crate::refusal::CommandWarning;
use crate::render::layout::csv::{Cells, row};
use crate::session::state::Session;
use crate::wording::command::warned;

/// The last file that is written: where it is, all are.
const STEPS: &str = "steps";
const SCRIPT: &str = "rebuild.sh";

pub fn write(book: &Book, size: u64, out: &Path, session: &mut Session) -> Result<(), Failure> {
    must_be_free(out, &session.options.book)?;
    let mut files = StepFiles {
        folder: OutputFolder::begin(out)?,
        facts: None,
        steps: String::new(),
        script: String::new(),
        count: RebuildCounts::default(),
    };
    let left_out = rebuild(book, size, |step| files.step(step))?;
    let count = files.finish()?;
    warn_of_sealed(&left_out, session);
    tell(&count, &left_out, out, session)
}

/// What was written.
#[derive(Copy, Clone, Default, Serialize)]
struct RebuildCounts {
    facts: u64,
    plans: u64,
    closes: u64,
    freezes: u64,
    /// Steps, each of which has at most one file.
    steps: u64,
}

/// The files of a folder, as far as they are written.
struct StepFiles {
    folder: OutputFolder,
    /// The file of facts that is being written, and its name.
    facts: Option<(BufWriter<File>, String)>,
    steps: String,
    script: String,
    count: RebuildCounts,
}

impl StepFiles {
    fn step(&mut self, step: RebuildStep) -> Result<(), Failure> {
        match step {
            RebuildStep::Fact(line) => return self.fact(&line),
            RebuildStep::NextCall => return self.end_facts(),
            RebuildStep::Begin { name, timezone } => self.script = script(&name, timezone.as_ref()),
            RebuildStep::Publish(text) => {
                self.end_facts()?;
                let file = self.name("plan.toml");
                self.folder.write(&file, &text)?;
                self.steps += &format!("publish {file}\n");
                self.count.plans += 1;
            }
            RebuildStep::Close(close) => {
                self.end_facts()?;
                self.close(&close)?;
            }
            RebuildStep::Freeze { until, reason } => {
                self.end_facts()?;
                self.count.steps += 1;
                self.count.freezes += 1;
                match until {
                    Some(until) => self.steps += &format!("freeze {until} {reason}\n"),
                    None => self.steps += &format!("lift freeze {reason}\n"),
                }
            }
        }
        Ok(())
    }

    /// The name of the file of the next step.
    fn name(&mut self, end: &str) -> String {
        self.count.steps += 1;
        format!("{:04}-{end}", self.count.steps)
    }

    fn fact(&mut self, line: &str) -> Result<(), Failure> {
        if self.facts.is_none() {
            let file = self.name("facts.jsonl");
            self.facts = Some((BufWriter::new(self.folder.create(&file)?), file));
        }
        let (facts, file) = self.facts.as_mut().expect("it was just made");
        self.count.facts += 1;
        writeln!(facts, "{line}").map_err(|error| Failure::file("writing", Path::new(file), &error))
    }

    fn end_facts(&mut self) -> Result<(), Failure> {
        let Some((mut facts, file)) = self.facts.take() else { return Ok(()) };
        self.steps += &format!("record {file}\n");
        facts.flush().map_err(|error| Failure::file("writing", Path::new(&file), &error))
    }

    fn close(&mut self, close: &RebuildClose) -> Result<(), Failure> {
        self.count.closes += 1;
        let mut options = format!(" --expect {}", HEXLOWER.encode(&close.digest));
        if let Some(known) = close.known {
            options += &format!(" --at {known}");
        }
        match &close.opening {
            Some(lines) if lines.len() <= OPENING_LINES_MAX => {
                let file = self.name("opening.csv");
                self.folder.write(&file, &opening(lines))?;
                options += &format!(" --opening {file}");
            }
            // More than a file may have: whether it was all of them, the digest shows.
            Some(_) => options += " --opening",
            None => {}
        }
        if close.opening.is_none() {
            self.count.steps += 1;
        }
        // It was closed once, however far it was from its facts.
        if close.is_first {
            options += " --force";
        }
        self.steps += &format!("close {}{options}\n", close.period);
        Ok(())
    }

    fn finish(mut self) -> Result<RebuildCounts, Failure> {
        self.end_facts()?;
        self.folder.write(SCRIPT, &self.script)?;
        self.folder.write(STEPS, &self.steps)?;
        self.folder.finish()?;
        Ok(self.count)
    }
}

/// What was settled before the book began, as `close --opening` reads it.
fn opening(lines: &[Posting]) -> String {
    let mut table = Vec::new();
    let mut write = |cells: &[String]| row(&mut table, cells, Cells::Safe).expect("memory takes everything");
    write(&["payee", "currency", "line", "amount"].map(str::to_owned));
    for line in lines {
        write(&[line.payee.to_string(), line.currency.to_string(), name_of(line).to_string(), line.amount.to_string()]);
    }
    String::from_utf8(table).expect("cells are text")
}

/// A script that follows the steps. Each close is refused unless it has the digest that it had.
fn script(name: &Name, timezone: Option<&Name>) -> String {
    let quoted = |text: &Name| format!("'{}'", text.as_str().replace('\'', "'\\''"));
    let zone = timezone.map(|zone| format!(" --timezone {}", quoted(zone))).unwrap_or_default();
    format!(
        r#"#!/bin/sh
# Rebuilds a book from this folder: `sh rebuild.sh BOOK`, where BOOK is the folder of a book that is not there yet.
# Every close is refused unless it has the digest that it had. TRUEUP names the program where it is not on the path.
set -eu
[ $# -eq 1 ] || {{ echo "usage: sh rebuild.sh BOOK" >&2; exit 2; }}
case $1 in
    /*) TRUEUP_BOOK=$1 ;;
    *) TRUEUP_BOOK=$PWD/$1 ;;
esac
export TRUEUP_BOOK
cd "$(dirname "$0")"
trueup() {{ command "${{TRUEUP:-trueup}}" "$@" </dev/null; }}

trueup init --name {name}{zone}
while read -r verb what rest; do
    case $verb in
        publish) trueup plan publish "$what" ;;
        record) trueup record --history "$what" ;;
        close) trueup close "$what" $rest ;;
        freeze) trueup freeze "$what" --reason "$rest" ;;
        lift) trueup freeze --lift --reason "$rest" ;;
        *) echo "steps: $verb is no step" >&2; exit 1 ;;
    esac
done <steps
trueup verify
"#,
        name = quoted(name)
    )
}

// What is said -----------------------------------------------------------------------------------------------------------

fn tell(count: &RebuildCounts, left_out: &NotCarried, out: &Path, session: &mut Session) -> Result<(), Failure> {
    if session.options.format == Format::Json {
        let records = left_out.records.clone();
        let sealed = left_out.sealed.values().sum();
        return session.json(&RebuildJson { written: *count, left_out: LeftOutJson { sealed, records } });
    }
    let plural = |count: u64, word: &str| format!("{count} {word}{}", if count == 1 { "" } else { "s" });
    writeln!(
        session.out,
        "{}, {} and {} are in `{}`.",
        plural(count.facts, "fact"),
        plural(count.plans, "plan"),
        plural(count.closes, "close"),
        out.display()
    )?;
    for (kind, count) in &left_out.records {
        writeln!(
            session.out,
            "Left out: {}.",
            plural(*count, &format!("`{kind}` entry")).replace("entrys", "entries")
        )?;
    }
    session.note(&format!("`sh {} BOOK` rebuilds the book, and compares each close.", out.join(SCRIPT).display()));
    session.note(
        "Recorded times, authors and users are not carried over. Personal fields are in clear: keep the folder as safe as the keys.",
    );
    Ok(())
}

#[derive(Serialize)]
struct RebuildJson {
    #[serde(flatten)]
    written: RebuildCounts,
    left_out: LeftOutJson,
}

#[derive(Serialize)]
struct LeftOutJson {
    /// Personal fields that cannot be opened.
    sealed: u64,
    records: BTreeMap<&'static str, u64>,
}

fn warn_of_sealed(left_out: &NotCarried, session: &Session) {
    let (fields, payees) = (left_out.sealed.values().sum(), left_out.sealed.len());
    if fields > 0 {
        session.warn(&[warned(&CommandWarning::ExportSealed { fields, payees }).into()]);
    }
}
