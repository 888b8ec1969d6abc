//! `trueup snapshot`: writes now what lets a large book open, and be looked into, without its history being read.

use clap::Args;
use replay::book::When;
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::session::state::{Outcome, Session};

/// Write a snapshot, so that a large book opens without reading its history
///
/// An index of ids and names is brought up to date with it. Commands that write do this by themselves where it pays. Both
/// lie in the book's folder `derived`, which can be deleted at any time: no answer depends on it.
#[derive(Args, Debug)]
pub struct Snapshot {}

impl Snapshot {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let mut book = session.book_to_write()?;
        session.make_secret(&mut book)?;
        if book.unsealed().is_some() {
            return Err(Failure::refused(CommandRefusal::SecretMissing { keys: book.keys().path().to_owned() }));
        }
        let wait = session.wait("writing a snapshot");
        book.keep_now().map_err(|doubt| Failure::derived(&doubt))?;
        let replaced = book.keep_index(When::Now).map_err(|doubt| Failure::derived(&doubt))?;
        drop(wait);
        session.say_of_derived(&replaced, "It was made again.");
        match session.options.format {
            Format::Json => session.json(&SnapshotWritten { size: book.size() })?,
            Format::Text | Format::Csv => writeln!(session.out, "A snapshot is written. Size {}.", book.size())?,
        }
        Ok(Outcome::Done)
    }
}

#[derive(Serialize)]
struct SnapshotWritten {
    size: u64,
}
