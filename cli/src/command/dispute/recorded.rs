//! What opening, answering and resolving a dispute shows to programs.

use replay::book::Book;
use replay::disputes::summary::{DisputeRecorded, DisputeSummary, summary};

use crate::arguments::Format;
use crate::command::dispute::list::{HEADER, cells};
use crate::failure::Failure;
use crate::session::state::Session;

/// Shows the dispute to programs, as it is after the entry that was recorded, and gives it.
pub fn show_recorded(book: &Book, done: &DisputeRecorded, session: &mut Session) -> Result<DisputeSummary, Failure> {
    let dispute = book.state().disputes().numbered(done.dispute).expect("BUG: a dispute that was just recorded");
    let summary = summary(book, dispute)?;
    match session.options.format {
        Format::Json => session.json_written(|out| {
            out.object(|out| {
                summary.members(out);
                out.name("position").number(done.position);
                out.name("size").number(done.size);
            });
        })?,
        Format::Csv => {
            session.out.row(&HEADER)?;
            session.out.row(&cells(&summary))?;
        }
        Format::Text => {}
    }
    Ok(summary)
}
