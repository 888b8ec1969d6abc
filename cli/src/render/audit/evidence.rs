//! The evidence for a line, as text for people and as JSON for programs.

use std::collections::BTreeSet;
use std::io::Write;

use data_encoding::HEXLOWER;
use ledger::entry::{Entry, recorded_text};
use ledger::fact::{Payload, Record};
use ledger::json::JsonWriter;
use replay::audit::evidence::LineEvidence;
use replay::book::{Book, BookError};

use crate::entries::opened;
use crate::failure::Failure;
use crate::render::entry::about;
use crate::render::layout::shorten::without_gaps;
use crate::render::statement::explain::tree;
use crate::render::statement::page;
use crate::terminal::screen::Screen;

/// What is said of each plan: the log has no entry with which payees agree to one.
const NOT_ACKNOWLEDGED: &str = "That a payee agreed to a plan is not recorded: a book has no entries for it yet.";

/// Writes the evidence as text. `plans` are the names of the files with the texts of plans, in the order of their positions.
pub fn text(
    evidence: &LineEvidence,
    book: &Book,
    plans: &[String],
    out: &mut Screen<impl Write>,
) -> Result<(), Failure> {
    let positions = &evidence.entries;
    writeln!(
        out,
        "Evidence for entry {} of book {}, as of size {}",
        evidence.posting.position,
        book.name(),
        book.size()
    )?;
    section("Posting", &BTreeSet::from([evidence.posting.position]), book, out)?;
    if let Some((statement, index)) = &evidence.statement {
        title("How the amount was calculated", out)?;
        tree(statement, *index, book, out)?;
    }
    section("Facts", &positions.facts, book, out)?;
    section("Plan", &positions.plans, book, out)?;
    plans.iter().try_for_each(|file| writeln!(out, "  text: {file}"))?;
    writeln!(out, "  {NOT_ACKNOWLEDGED}")?;
    section("Close", &positions.close, book, out)?;
    section("Approval", &positions.decisions, book, out)?;
    section("Payout", &positions.payouts, book, out)?;
    section("Confirmation", &positions.confirmations, book, out)?;
    match &evidence.statement {
        Some((statement, _)) => {
            title("Statement", out)?;
            page::write(statement, None, book, out)?;
        }
        None => writeln!(out, "The log has this posting on no statement: `trueup audit` says what is wrong with it.")?,
    }
    Ok(())
}

fn title(title: &str, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    out.blank()?;
    writeln!(out, "{title}")?;
    Ok(())
}

fn section(heading: &str, positions: &BTreeSet<u64>, book: &Book, out: &mut Screen<impl Write>) -> Result<(), Failure> {
    title(heading, out)?;
    if positions.is_empty() {
        writeln!(out, "  none is recorded")?;
    }
    for position in positions {
        let entry = entry_at(book, *position)?;
        writeln!(out, "  entry {position}: {} {}", entry.payload.word(), without_gaps(&about(&entry)))?;
        if let Payload::Fact(fact) = &entry.payload
            && let Some(at) = fact.body.at()
        {
            writeln!(out, "    effective {at}")?;
        }
        writeln!(out, "    recorded {} by {} (user {})", recorded_text(entry.recorded), entry.author, entry.user)?;
        let signers: Vec<&str> = entry.signatures.iter().map(|signature| signature.signer.as_str()).collect();
        let signers = if signers.is_empty() { "nobody".to_owned() } else { signers.join(", ") };
        writeln!(out, "    signed by {signers}")?;
        writeln!(out, "    hash {}", HEXLOWER.encode(&book.log().hash(*position)?.0))?;
    }
    Ok(())
}

/// The entry at a position, with personal fields in clear whose keys are there.
pub fn entry_at(book: &Book, position: u64) -> Result<Entry, BookError> {
    Ok(opened(book.entry(position)?, book.keys()))
}

/// The evidence as JSON.
pub fn json(evidence: &LineEvidence, book: &Book, plans: &[String]) -> Result<String, Failure> {
    let positions = &evidence.entries;
    let lists = [
        ("facts", &positions.facts),
        ("close", &positions.close),
        ("approvals", &positions.decisions),
        ("payouts", &positions.payouts),
        ("confirmations", &positions.confirmations),
    ];
    let entries = |positions: &BTreeSet<u64>| -> Result<Vec<String>, Failure> {
        positions.iter().map(|position| shown(book, *position)).collect()
    };
    let posting = shown(book, evidence.posting.position)?;
    let lists: Vec<(&str, Vec<String>)> =
        lists.into_iter().map(|(name, positions)| Ok((name, entries(positions)?))).collect::<Result<_, Failure>>()?;
    let published = entries(&positions.plans)?;
    let mut out = JsonWriter::new();
    out.object(|out| {
        out.name("posting").raw(&posting);
        match &evidence.statement {
            Some((statement, index)) => {
                out.name("line").number(*index as u64);
                statement.json(out.name("statement"));
            }
            None => {
                out.name("line").raw("null");
                out.name("statement").raw("null");
            }
        }
        for (name, entries) in &lists {
            out.name(name).list(|out| entries.iter().for_each(|entry| out.raw(entry)));
        }
        out.name("plans").list(|out| {
            for (entry, file) in published.iter().zip(plans) {
                out.object(|out| {
                    out.name("file").text(file);
                    out.name("published").raw(entry);
                    out.name("acknowledgements").list(|_| {});
                });
            }
        });
    });
    Ok(out.finish())
}

/// An entry as `trueup show` shows it.
fn shown(book: &Book, position: u64) -> Result<String, Failure> {
    let (entry, hash) = (entry_at(book, position)?, book.log().hash(position)?);
    let mut out = JsonWriter::new();
    entry.show(&mut out, &hash.0);
    Ok(out.finish())
}

/// The text of the version of a plan that an entry published, byte for byte.
pub fn plan_text(entry: &Entry) -> Option<&str> {
    match &entry.payload {
        Payload::Record(Record::Plan(plan)) => Some(&plan.text.0),
        Payload::Record(_) | Payload::Fact(_) => None,
    }
}
