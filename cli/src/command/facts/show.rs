//! `trueup show`: one entry, whole.

use std::ops::ControlFlow;

use clap::Args;
use ledger::entry::{Entry, EntryPrefix};
use ledger::hash::hash_entry;
use ledger::json::JsonWriter;
use replay::book::Book;
use uuid::Uuid;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::entries::each_wanted;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::layout::tree::tree;
use crate::render::status::dispute::corrected;
use crate::session::state::{Outcome, Session};

/// Show one entry with all its fields
#[derive(Args, Debug)]
pub struct Show {
    /// The position or the id of the entry
    #[arg(value_name = "POSITION")]
    entry: Wanted,
    #[command(flatten)]
    at: AsOf,
}

#[derive(Copy, Clone, Debug)]
enum Wanted {
    Position(u64),
    Id(Uuid),
}

impl std::str::FromStr for Wanted {
    type Err = String;

    fn from_str(text: &str) -> Result<Wanted, String> {
        let position = text.parse().map(Wanted::Position).ok();
        let wanted = position.or_else(|| Uuid::parse_str(text).map(Wanted::Id).ok());
        wanted.ok_or_else(|| "it is neither a position nor an id; `trueup log --format csv` prints both".to_owned())
    }
}

impl Show {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let (entry, hash) = match self.entry {
            Wanted::Position(position) => at(&book, position)?,
            Wanted::Id(id) => by_id(&book, id, session)?,
        };
        let mut json = JsonWriter::new();
        entry.show_with(&mut json, &hash, |out| corrected(&book, entry.position, out));
        let json = json.finish();
        match session.options.format {
            Format::Json => session.out.json(&json)?,
            Format::Text | Format::Csv => {
                for line in tree(&json) {
                    writeln!(session.out, "{line}")?;
                }
            }
        }
        Ok(Outcome::Done)
    }
}

type EntryAndHash = (Entry, [u8; 32]);

fn at(book: &Book, position: u64) -> Result<EntryAndHash, Failure> {
    let size = book.size();
    let found = if position < size { first(book, position, position + 1, |_| true, |_| true)? } else { None };
    found.ok_or_else(|| Failure::refused(CommandRefusal::PositionUnknown { position, size }))
}

/// Ids of usage are in no index, so the log is read where there is none that has its position.
fn by_id(book: &Book, id: Uuid, session: &Session) -> Result<EntryAndHash, Failure> {
    let known = session.place_of_id(book, id)?.unwrap_or(0);
    // What cannot be read is told when it is decoded.
    let may_be_it = |bytes: &[u8]| EntryPrefix::get(bytes).map_or(true, |head| head.id == id);
    first(book, known, book.size(), may_be_it, |entry| entry.id == id)?
        .ok_or_else(|| Failure::refused(CommandRefusal::IdUnknown { id }))
}

fn first(
    book: &Book,
    from: u64,
    to: u64,
    may_be_it: impl Fn(&[u8]) -> bool,
    is_it: impl Fn(&Entry) -> bool,
) -> Result<Option<EntryAndHash>, Failure> {
    let mut found = None;
    each_wanted(book, from, to, may_be_it, |entry, bytes| {
        if !is_it(&entry) {
            return Ok(ControlFlow::Continue(()));
        }
        found = Some((entry, hash_entry(bytes).0));
        Ok(ControlFlow::Break(()))
    })?;
    Ok(found)
}
