//! `trueup log`: entries, as they are, in the order recorded.

use std::ops::ControlFlow;

use clap::Args;
use ledger::entry::{Entry, recorded_text};
use ledger::hash::hash_entry;
use ledger::json::JsonWriter;
use replay::book::Book;
use replay::derived::entry_names::NameQuery;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::command::facts::log_filter::LogFilter;
use crate::entries::{each_about, each_wanted};
use crate::failure::Failure;
use crate::render::entry::about;
use crate::render::layout::shorten::without_gaps;
use crate::render::layout::table::{Align, Table, padded};
use crate::render::status::dispute::{corrected, corrects};
use crate::session::state::{Outcome, Session};
use crate::terminal::inert::shown;

/// Show entries in the order recorded
#[derive(Args, Debug)]
pub struct ListLog {
    /// Only entries about this: an id, a natural key, a line, or the name of a payee, account, contract, booking or plan
    #[arg(long, value_name = "X")]
    item: Option<String>,
    /// Begin at this position
    #[arg(long, value_name = "POSITION", default_value_t = 0)]
    from: u64,
    #[command(flatten)]
    filter: LogFilter,
    #[command(flatten)]
    at: AsOf,
}

impl ListLog {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let size = book.size();
        begin(session)?;
        let mut shown = 0u64;
        let mut show = |entry: Entry, bytes: &[u8], session: &mut Session| {
            // What an entry replaces may lie before `from`, so an item is followed from the start.
            if entry.position >= self.from && self.filter.passes(&entry, &book) {
                if shown > 0 && session.options.format == Format::Json {
                    session.out.json(",")?;
                }
                show(&entry, bytes, &book, session)?;
                shown += 1;
            }
            Ok(())
        };
        match &self.item {
            Some(item) => {
                let items = vec![NameQuery::new(item)];
                let places = session.places(&book, &items)?;
                each_about(&book, items, &places, |entry, bytes| show(entry, bytes, session))?;
            }
            None => each_wanted(
                &book,
                self.from,
                size,
                |_| true,
                |entry, bytes| show(entry, bytes, session).map(ControlFlow::Continue),
            )?,
        }
        end(session)?;
        match (&self.item, shown) {
            (_, 0) if self.filter.is_named() => session.note("No entry is like that. `trueup log` shows all."),
            (Some(item), 0) => session.note(&format!("No entry is about `{item}`. `trueup log` shows all.")),
            (None, 0) => session
                .note(&format!("There is no entry at position {} or after it; the log has {size} entries.", self.from)),
            (Some(_) | None, _) => {}
        }
        Ok(Outcome::Done)
    }
}

const HEADER: [&str; 7] = ["position", "recorded", "author", "user", "kind", "id", "about"];
/// The longest kind has as many characters.
const KIND_WIDTH: usize = 15;
const AUTHOR_WIDTH: usize = 10;

fn begin(session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Json => session.out.json_part("[")?,
        Format::Csv => session.out.row(&HEADER)?,
        Format::Text => {}
    }
    Ok(())
}

fn end(session: &mut Session) -> Result<(), Failure> {
    match session.options.format {
        Format::Json => session.out.json("]")?,
        Format::Text | Format::Csv => {}
    }
    Ok(())
}

/// One entry at once: a log may be longer than memory.
fn show(entry: &Entry, bytes: &[u8], book: &Book, session: &mut Session) -> Result<(), Failure> {
    let (position, recorded, kind) = (entry.position, recorded_text(entry.recorded), entry.payload.word());
    match session.options.format {
        Format::Json => {
            let mut json = JsonWriter::new();
            entry.show_with(&mut json, &hash_entry(bytes).0, |out| corrected(book, entry.position, out));
            session.out.json_part(&json.finish())?;
        }
        Format::Csv => {
            let (position, id) = (position.to_string(), entry.id.to_string());
            let about = about(entry) + &corrects(book, entry.position);
            let cells = [&position, &recorded, &entry.author, &entry.user, kind, &id, &about];
            session.out.row(&cells)?;
        }
        Format::Text => {
            let (width, about) = (book.size().to_string().len(), about(entry));
            let author = padded(&shown(&entry.author), Align::Left, AUTHOR_WIDTH);
            let about = format!("{}{}", without_gaps(&about), replaced(entry)) + &corrects(book, entry.position);
            // A table of its own for each entry: only this keeps its columns where the screen is too narrow for them.
            let mut row = Table::new(&[Align::Right, Align::Left, Align::Left, Align::Left, Align::Left]);
            row.row([format!("{position:>width$}"), recorded, author, format!("{kind:<KIND_WIDTH$}"), about]);
            row.write(&mut session.out)?;
        }
    }
    Ok(())
}

fn replaced(entry: &Entry) -> String {
    let positions: Vec<String> = entry.replaces.iter().map(u64::to_string).collect();
    if positions.is_empty() { String::new() } else { format!(" (in place of {})", positions.join(", ")) }
}
