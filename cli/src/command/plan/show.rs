//! `trueup plan show`: a plan's text, as it was agreed.

use clap::Args;
use ledger::date::Day;
use ledger::fact::{Payload, Record};
use ledger::id::PlanId;
use ledger::nearest::nearest;
use plans::rulebook::Published;
use projections::position::Position;
use replay::book::Book;
use serde::Serialize;

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::json::AsText;
use crate::session::state::{Outcome, Session};
use crate::terminal::screen::is_looked_at;

/// Print a plan's text as it was published
#[derive(Args, Debug)]
pub struct ShowPlan {
    /// The plan's id
    id: String,
    /// The version; by default the last one
    #[arg(long, value_name = "N")]
    version: Option<u32>,
    #[command(flatten)]
    at: AsOf,
}

impl ShowPlan {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let published = self.published(&book)?;
        let Payload::Record(Record::Plan(record)) = book.entry(u64::from(published.position))?.payload else {
            unreachable!("BUG: position {} is no plan", published.position)
        };
        match session.options.format {
            Format::Json => session.json(&PlanVersionText {
                plan: AsText(&record.plan),
                version: record.version,
                effective: AsText(record.effective),
                position: published.position,
                text: &record.text.0,
            })?,
            // A terminal would obey what is in it.
            Format::Text | Format::Csv if is_looked_at() && !session.options.raw => {
                session.out.lines(&record.text.0)?
            }
            // Verbatim: the text that was hashed, to the last byte.
            Format::Text | Format::Csv => session.bytes(record.text.0.as_bytes())?,
        }
        Ok(Outcome::Done)
    }

    fn published<'b>(&self, book: &'b Book) -> Result<&'b Published, Failure> {
        let plans = book.state().rules().plans().filter(|(id, _)| id.as_str() == self.id);
        let versions: Vec<&Published> = plans.flat_map(|(_, versions)| versions).collect();
        let Some(last) = versions.last() else { return Err(self.unknown(book)) };
        let wanted = self.version.unwrap_or(last.plan.version);
        versions.iter().find(|published| published.plan.version == wanted).copied().ok_or_else(|| {
            let (plan, last) = (self.id.clone(), last.plan.version);
            Failure::refused(CommandRefusal::PlanVersionUnknown { plan, version: wanted, last })
        })
    }

    fn unknown(&self, book: &Book) -> Failure {
        let nearest = nearest(&self.id, book.state().rules().plans().map(|(id, _)| id.as_str()));
        let nearest = nearest.filter(|id| *id != self.id).map(str::to_owned);
        Failure::refused(CommandRefusal::PlanUnknown { plan: self.id.clone(), nearest })
    }
}

#[derive(Serialize)]
struct PlanVersionText<'p> {
    plan: AsText<&'p PlanId>,
    version: u32,
    effective: AsText<Day>,
    position: Position,
    text: &'p str,
}
