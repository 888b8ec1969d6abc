//! `trueup verify`: whether the bytes of the book are what was written.

use std::io::Write;
use std::time::{Duration, Instant};

use clap::Args;
use indicatif::HumanBytes;
use replay::verify::{Verdict, Verification, VerifyProblem, verify};

use crate::arguments::Format;
use crate::desk::{Desk, Outcome};
use crate::failure::Failure;
use crate::render::amount::grouped;
use crate::render::csv;

/// Read every byte of the book, and say whether it is what was written
#[derive(Args, Debug)]
pub struct Verify {}

impl Verify {
    pub fn run(self, desk: &mut Desk) -> Result<Outcome, Failure> {
        desk.must_be_there()?;
        desk.say_of_permissions()?;
        let begun = Instant::now();
        let wait = desk.wait("reading every byte");
        let found = verify(&desk.options.book)?;
        drop(wait);
        match desk.options.format {
            Format::Json => json(&found, desk)?,
            Format::Csv => table(&found, desk)?,
            Format::Text => text(&found, begun.elapsed(), desk)?,
        }
        Ok(if found.verdict == Verdict::Whole { Outcome::Done } else { Outcome::Found })
    }
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Whole => "whole",
        Verdict::Incomplete => "incomplete",
        Verdict::Altered => "altered",
    }
}

fn position(problem: &VerifyProblem) -> Option<String> {
    problem.position.map(|position| position.to_string())
}

fn json(found: &Verification, desk: &mut Desk) -> Result<(), Failure> {
    desk.json(|out| {
        out.object(|out| {
            out.name("verdict").text(word(found.verdict));
            out.name("entries").number(found.entries);
            out.name("bytes").number(found.bytes);
            out.name("problems").list(|out| {
                for problem in &found.problems {
                    out.object(|out| {
                        out.name("position").raw(position(problem).as_deref().unwrap_or("null"));
                        out.name("file").text(&problem.file);
                        out.name("what").text(&problem.what);
                    });
                }
            });
        })
    })
}

fn table(found: &Verification, desk: &mut Desk) -> Result<(), Failure> {
    csv::row(&mut desk.out, &["verdict", "position", "file", "what"])?;
    for problem in &found.problems {
        let position = position(problem).unwrap_or_default();
        csv::row(&mut desk.out, &[word(problem.verdict), &position, &problem.file, &problem.what])?;
    }
    Ok(())
}

fn text(found: &Verification, took: Duration, desk: &mut Desk) -> Result<(), Failure> {
    for problem in &found.problems {
        writeln!(desk.out, "{}: {}{}: {}", word(problem.verdict), problem.file, place(problem), problem.what)?;
    }
    if found.stopped_early {
        writeln!(desk.out, "There are more problems; what lies behind the last one was not looked at.")?;
    }
    if let Some(unfinished) = &found.unfinished {
        let (bytes, file) = (unfinished.bytes, &unfinished.file);
        desk.note(&format!("{file} ends with {bytes} bytes of an append that was never finished. It is no part of the book, and recording cuts it off."));
    }
    writeln!(desk.out, "The book is {}: {}.", word(found.verdict), checked(found, took))?;
    match found.verdict {
        Verdict::Whole => {}
        Verdict::Incomplete | Verdict::Altered => {
            desk.note("Put the files above back from a backup or another copy of the book, then verify again.");
        }
    }
    Ok(())
}

fn place(problem: &VerifyProblem) -> String {
    let byte = problem.byte.map(|byte| format!(" byte {byte}"));
    let position = problem.position.map(|position| format!(" position {position}"));
    [byte, position].into_iter().flatten().collect::<Vec<_>>().join(",")
}

/// How much, and how fast.
fn checked(found: &Verification, took: Duration) -> String {
    let [entries, bytes] = [found.entries, found.bytes].map(|count| grouped(&count.to_string()));
    let rate = u128::from(found.bytes) * 1_000_000 / took.as_micros().max(1);
    let rate = HumanBytes(u64::try_from(rate).unwrap_or(u64::MAX));
    let plural = |count: u64, word: &str| if count == 1 { format!("1 {word}") } else { format!("{count} {word}s") };
    let (files, closes) = (plural(found.segments, "file"), plural(found.closes, "close"));
    format!("{entries} entries and {closes} checked, {bytes} bytes in {files}, {rate}/s")
}
