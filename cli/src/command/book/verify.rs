//! `trueup verify`: whether the bytes of the book are what was written.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use data_encoding::HEXLOWER;
use indicatif::HumanBytes;
use ledger::keyring::Keys;
use replay::book::Book;
use replay::derived::inventory::{DerivedFile, DerivedState, compared, derived_states};
use replay::verify::{
    CheckpointComparison, ComparisonOutcome, KeyOrigin, Remembered, Unfinished, Verdict, Verification, VerifyProblem,
    verify_at,
};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::input::files::whole;
use crate::refusal::{CheckpointRefusal, CommandRefusal};
use crate::render::amount::grouped;
use crate::session::state::{Outcome, Session};

/// Verify that the log is complete and unaltered, and consistent with its head
#[derive(Args, Debug)]
pub struct Verify {
    /// Prove that the log extends the checkpoints in this file, as `trueup checkpoint` printed them: nothing was cut or written anew
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// The public key of the log that you remember; by default the one that the log itself names. Repeat it for older keys
    #[arg(long, value_name = "VKEY", requires = "against")]
    key: Vec<String>,
}

/// The longest file of checkpoints.
const REMEMBERED_BYTES_MAX: u64 = 1 << 20;

impl Verify {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        session.must_be_there()?;
        session.say_of_permissions()?;
        let remembered = self.against.as_deref().map(|file| remembered(file, &self.key, session)).transpose()?;
        let begun = Instant::now();
        let wait = session.wait("reading every byte");
        let derived = derived_files(session)?;
        let sizes = derived.iter().filter_map(|file| file.of).map(|(size, _)| size).collect();
        let found = verify_at(&session.options.book, &sizes, remembered.as_ref())?;
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

/// Checkpoints that somebody kept. Refused if one is of another book, as far as the first entry says which book this is.
fn remembered(file: &Path, keys: &[String], session: &Session) -> Result<Remembered, Failure> {
    let bytes = whole(file, REMEMBERED_BYTES_MAX).map_err(|error| Failure::file("reading", file, &error))?;
    let Some(bytes) = bytes else {
        let (file, most) = (file.to_owned(), REMEMBERED_BYTES_MAX);
        return Err(Failure::refused(CommandRefusal::Checkpoint(CheckpointRefusal::TooLong { file, most })));
    };
    let fault = |fault| {
        Failure::refused(CommandRefusal::Checkpoint(CheckpointRefusal::Remembered { file: file.to_owned(), fault }))
    };
    let remembered = Remembered::read(&file.display().to_string(), &bytes, keys).map_err(fault)?;
    let book = Book::origin_at(session.place()?).unwrap_or(None);
    if let Some(book) = book
        && let Some(origin) = remembered.origins().find(|origin| *origin != book)
    {
        let (file, origin) = (file.to_owned(), origin.to_owned());
        return Err(Failure::refused(CommandRefusal::Checkpoint(CheckpointRefusal::OfOther { file, origin, book })));
    }
    Ok(remembered)
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
        checkpoints: found.checkpoints,
        against: found.against.iter().map(AgainstJson::of).collect(),
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
    against: Vec<AgainstJson<'v>>,
    problems: Vec<VerifyProblemJson<'v>>,
}

/// A remembered checkpoint, with which key it was checked, and what was found.
#[derive(Serialize)]
struct AgainstJson<'v> {
    size: u64,
    root: String,
    key: Option<&'v str>,
    key_from: &'static str,
    outcome: &'static str,
}

impl AgainstJson<'_> {
    fn of(compared: &CheckpointComparison) -> AgainstJson<'_> {
        let CheckpointComparison { size, root, key, key_from, outcome } = compared;
        let key_from = match key_from {
            KeyOrigin::Given => "given",
            KeyOrigin::Log => "log",
        };
        let outcome = match outcome {
            ComparisonOutcome::Extends => "extends",
            ComparisonOutcome::OtherBook => "other-book",
            ComparisonOutcome::NoKey => "no-key",
            ComparisonOutcome::NotSigned => "not-signed",
            ComparisonOutcome::SignatureWrong => "signature-wrong",
            ComparisonOutcome::Shorter => "shorter",
            ComparisonOutcome::OtherRoot => "other-root",
            ComparisonOutcome::Hidden => "hidden",
        };
        AgainstJson { size: *size, root: HEXLOWER.encode(root), key: key.as_deref(), key_from, outcome }
    }
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
    for compared in found.against.iter().filter(|compared| compared.outcome == ComparisonOutcome::Extends) {
        writeln!(session.out, "The log extends the checkpoint of size {}, signed with", compared.size)?;
        writeln!(session.out, "  {}", compared.key.as_deref().unwrap_or_default())?;
        writeln!(session.out, "  {}.", key_words(compared.key_from))?;
    }
    writeln!(session.out, "Checked {}.", checked(found, took))?;
    session.note(&what_next(found));
    Ok(())
}

/// Whose word was taken for a key.
fn key_words(from: KeyOrigin) -> &'static str {
    match from {
        KeyOrigin::Given => "the key that was given",
        KeyOrigin::Log => "the key that the log itself names",
    }
}

/// What the result does not show, or what to do about it.
fn what_next(found: &Verification) -> String {
    let reached = found.against.iter().map(|compared| compared.size).max();
    match (found.verdict, reached) {
        (Verdict::Consistent | Verdict::TornTail, None) => {
            "This cannot show whether log and head were restored together from an older copy, or written anew: \
             `trueup verify --against FILE` does, with a checkpoint (`trueup checkpoint`) that you keep elsewhere."
                .to_owned()
        }
        (Verdict::Consistent | Verdict::TornTail, Some(reached)) => format!(
            "Up to size {reached} nothing is missing and nothing was written anew. What came later was compared with the head alone."
        ),
        (Verdict::Incomplete | Verdict::Altered, Some(_)) if was_note_changed(found) => {
            "Use another copy of the checkpoint: one that was changed says nothing about the book.".to_owned()
        }
        (Verdict::Incomplete | Verdict::Altered, Some(_)) if is_the_log_sound(found) => {
            "Look for the book that the checkpoint was made of, in backups and copies, and verify that. If the log may have been written \
             anew with another key, name the key that you remember with `--key VKEY`."
                .to_owned()
        }
        (Verdict::Incomplete | Verdict::Altered, _) => what_to_do(found),
    }
}

/// Whether the log is sound, and a checkpoint was changed after it was signed.
fn was_note_changed(found: &Verification) -> bool {
    let is_changed = |compared: &CheckpointComparison| compared.outcome == ComparisonOutcome::SignatureWrong;
    is_the_log_sound(found) && found.against.iter().any(is_changed)
}

/// Whether all problems are those of remembered checkpoints.
fn is_the_log_sound(found: &Verification) -> bool {
    let failed = found.against.iter().filter(|compared| compared.outcome != ComparisonOutcome::Extends).count();
    failed > 0 && failed == found.problems.len()
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
        (Verdict::Incomplete, _) if is_the_log_sound(found) => {
            format!("Incomplete: the log agrees with its head ({known}), and not with the checkpoint.")
        }
        (Verdict::Altered, _) if is_the_log_sound(found) => {
            format!("Altered: the log agrees with its head ({known}), and not with the checkpoint.")
        }
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
    let extra = [(found.signatures, "signature"), (found.checkpoints, "checkpoint")];
    let extra: Vec<String> =
        extra.iter().filter(|(count, _)| *count > 0).map(|(count, word)| plural(*count, word)).collect();
    let signatures = if extra.is_empty() { String::new() } else { format!(" with {}", extra.join(" and ")) };
    let entries = if found.entries == 1 { "1 entry".to_owned() } else { format!("{entries} entries") };
    format!("{entries} and {closes}{signatures}, {bytes} bytes in {files}, {rate}/s")
}
