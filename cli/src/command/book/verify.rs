//! `trueup verify`: whether the bytes of the book are what was written.

use std::time::{Duration, Instant};

use clap::Args;
use data_encoding::HEXLOWER;
use indicatif::HumanBytes;
use ledger::keyring::Keys;
use replay::derived::inventory::{DerivedFile, DerivedState, compared, derived_states};
use replay::verify::{Unfinished, Verdict, Verification, VerifyProblem, verify_at};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::render::amount::grouped;
use crate::session::state::{Outcome, Session};

/// Verify that the log is complete and unaltered, and consistent with its head
#[derive(Args, Debug)]
pub struct Verify {}

impl Verify {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        session.must_be_there()?;
        session.say_of_permissions()?;
        let begun = Instant::now();
        let wait = session.wait("reading every byte");
        let derived = derived_files(session)?;
        let sizes = derived.iter().filter_map(|file| file.of).map(|(size, _)| size).collect();
        let found = verify_at(&session.options.book, &sizes)?;
        let derived = compared(derived, found.size, &found.roots);
        drop(wait);
        match session.options.format {
            Format::Json => json(&found, &derived, session)?,
            Format::Csv => table(&found, &derived, session)?,
            Format::Text => text(&found, &derived, begun.elapsed(), session)?,
        }
        Ok(match found.verdict {
            Verdict::Consistent | Verdict::TornTail => Outcome::Done,
            Verdict::Incomplete | Verdict::Altered => Outcome::Found,
        })
    }
}

/// The derived files, and whether they carry the seal of the book. Which of them are current is known when the log was read.
fn derived_files(session: &Session) -> Result<Vec<DerivedFile>, Failure> {
    let keys = session.place()?.keys();
    // Without a key file that can be read nobody knows what carries the seal, and the log is verified all the same.
    let keys = Keys::load(&keys).unwrap_or_else(|_| Keys::none(keys));
    let folder = &session.options.book;
    derived_states(folder, &keys, 0).map_err(|error| Failure::file("listing", &folder.join("derived"), &error))
}

fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Consistent => "consistent",
        Verdict::TornTail => "torn-tail",
        Verdict::Incomplete => "incomplete",
        Verdict::Altered => "altered",
    }
}

fn json(found: &Verification, derived: &[DerivedFile], session: &mut Session) -> Result<(), Failure> {
    session.json(&VerificationJson {
        verdict: word(found.verdict),
        entries: found.entries,
        closes: found.closes,
        bytes: found.bytes,
        size: found.size,
        root: found.root.as_ref().map(|root| HEXLOWER.encode(root)),
        head: found.head.as_ref().map(|head| HeadJson { size: head.size, root: HEXLOWER.encode(&head.root) }),
        sound: found.sound,
        unfinished: found.unfinished.as_ref().map(UnfinishedJson::of),
        derived: derived.iter().map(|file| DerivedJson { file: &file.file, state: file.state.word() }).collect(),
        signatures: found.signatures,
        checkpoints: 0,
        problems: found.problems.iter().map(VerifyProblemJson::of).collect(),
    })
}

#[derive(Serialize)]
struct VerificationJson<'v> {
    verdict: &'static str,
    entries: u64,
    closes: u64,
    bytes: u64,
    size: u64,
    root: Option<String>,
    head: Option<HeadJson>,
    sound: u64,
    unfinished: Option<UnfinishedJson<'v>>,
    derived: Vec<DerivedJson<'v>>,
    signatures: u64,
    checkpoints: u64,
    problems: Vec<VerifyProblemJson<'v>>,
}

#[derive(Serialize)]
struct HeadJson {
    size: u64,
    root: String,
}

#[derive(Serialize)]
struct UnfinishedJson<'v> {
    bytes: u64,
    position: u64,
    file: &'v str,
    byte: u64,
}

impl UnfinishedJson<'_> {
    fn of(unfinished: &Unfinished) -> UnfinishedJson<'_> {
        let Unfinished { bytes, position, file, byte, .. } = unfinished;
        UnfinishedJson { bytes: *bytes, position: *position, file, byte: *byte }
    }
}

#[derive(Serialize)]
struct DerivedJson<'v> {
    file: &'v str,
    state: &'static str,
}

#[derive(Serialize)]
struct VerifyProblemJson<'v> {
    position: Option<u64>,
    file: &'v str,
    byte: Option<u64>,
    what: &'v str,
}

impl VerifyProblemJson<'_> {
    fn of(problem: &VerifyProblem) -> VerifyProblemJson<'_> {
        let VerifyProblem { position, file, byte, what, .. } = problem;
        VerifyProblemJson { position: *position, file, byte: *byte, what }
    }
}

fn table(found: &Verification, derived: &[DerivedFile], session: &mut Session) -> Result<(), Failure> {
    session.out.row(&["verdict", "position", "file", "byte", "what"])?;
    for problem in &found.problems {
        let [position, byte] =
            [problem.position, problem.byte].map(|number| number.map_or_else(String::new, |number| number.to_string()));
        session.out.row(&[word(problem.verdict), &position, &problem.file, &byte, &problem.what])?;
    }
    for file in derived.iter().filter(|file| file.state != DerivedState::Good) {
        session.out.row(&[file.state.word(), "", &file.file, "", meaning(file.state)])?;
    }
    Ok(())
}

fn text(found: &Verification, derived: &[DerivedFile], took: Duration, session: &mut Session) -> Result<(), Failure> {
    for problem in &found.problems {
        writeln!(session.out, "{}: {}{}: {}", word(problem.verdict), problem.file, place(problem), problem.what)?;
    }
    if found.stopped_early {
        writeln!(session.out, "There are more problems; what lies behind the last one was not looked at.")?;
    }
    if let Some(unfinished) = &found.unfinished {
        writeln!(session.out, "{}", torn(unfinished))?;
    }
    for file in derived.iter().filter(|file| file.state != DerivedState::Good) {
        writeln!(session.out, "{}: {}: {}", file.state.word(), file.file, meaning(file.state))?;
    }
    writeln!(session.out, "{}", sentence(found))?;
    writeln!(session.out, "Checked {}.", checked(found, took))?;
    match found.verdict {
        Verdict::Consistent | Verdict::TornTail => session.note(
            "This cannot show whether log and head were restored together from an older copy: compare size and root with a copy of them that you keep elsewhere.",
        ),
        Verdict::Incomplete | Verdict::Altered => session.note(&what_to_do(found)),
    }
    Ok(())
}

/// What the state of a derived file means. None of them changes an answer.
fn meaning(state: DerivedState) -> &'static str {
    match state {
        DerivedState::Good => "it is used",
        DerivedState::Stale => {
            "of an earlier size, another log or another version; it is used only as far as it is right"
        }
        DerivedState::Forged => {
            "it does not carry the seal of the book: it was changed, or is of another book. It is not used; delete it, and find out who wrote it"
        }
        DerivedState::Unreadable => "it cannot be read, and is not used",
        DerivedState::Foreign => "trueup does not write such files, and does not read it",
        DerivedState::Unfinished => "left by a write that was cut short; the next command that writes removes it",
        DerivedState::Unknown => {
            "whether it carries the seal of the book cannot be known without the book's keys; it is not used"
        }
    }
}

fn torn(unfinished: &Unfinished) -> String {
    let Unfinished { file, byte, bytes, position, entries } = unfinished;
    let entries = if *entries == 1 { "1 whole entry".to_owned() } else { format!("{entries} whole entries") };
    format!(
        "torn-tail: {file} byte {byte}, position {position}: {bytes} bytes with {entries} of an append that was never \
         acknowledged. They are no part of the book. The next command that records copies them to log/torn and cuts them."
    )
}

/// The verdict, with what it rests on.
fn sentence(found: &Verification) -> String {
    let known = format!("size {}, root {}", found.size, hex(found.root.as_ref()));
    match (found.verdict, &found.head) {
        (Verdict::Consistent, _) => format!("Verified: consistent with its head ({known})."),
        (Verdict::TornTail, _) if found.unfinished.is_none() => {
            format!("Verified: consistent with its head ({known}), one slot of which cannot be read.")
        }
        (Verdict::TornTail, _) => format!("Verified: consistent with its head ({known}), with a torn tail."),
        (Verdict::Incomplete, None) => format!("Incomplete: there is no head to compare with ({known})."),
        (Verdict::Incomplete, Some(head)) if head.size <= found.size => {
            format!("Incomplete: whether all that was acknowledged is there cannot be known ({known}).")
        }
        (Verdict::Incomplete, Some(head)) => {
            format!("Incomplete: not all that was acknowledged is there ({known}; the head says size {}).", head.size)
        }
        (Verdict::Altered, _) => format!("Altered: bytes are not what was written ({known})."),
    }
}

fn what_to_do(found: &Verification) -> String {
    let restore = "Put the whole book back from a backup or another copy, then verify again.";
    match found.sound {
        0 => format!("{restore} No entry before the first problem is sound."),
        sound => format!(
            "{restore} Up to size {sound} it is sound: `trueup recover --to {sound} --out DIR` writes that into a new book, and `--at {sound}` reads it."
        ),
    }
}

fn hex(hash: Option<&[u8; 32]>) -> String {
    hash.map_or_else(|| "unknown".to_owned(), |hash| HEXLOWER.encode(hash))
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
    let (files, closes) = (plural(found.segments, "segment"), plural(found.closes, "close"));
    let signatures = match found.signatures {
        0 => String::new(),
        count => format!(" with {}", plural(count, "signature")),
    };
    let entries = if found.entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
    format!("{entries} and {closes}{signatures}, {bytes} bytes in {files}, {rate}/s")
}
