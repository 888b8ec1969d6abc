//! `trueup dispute list`: the disputes of a book.

use clap::Args;
use replay::disputes::summary::{DisputeSummary, summary};

use crate::arguments::Format;
use crate::as_of::AsOf;
use crate::failure::Failure;
use crate::render::layout::table::{Align, Table};
use crate::render::status::recorded::day;
use crate::session::state::{Outcome, Session};

/// List the disputes, or only the open ones
#[derive(Args, Debug)]
pub struct ListDisputes {
    /// Only those that nobody has resolved
    #[arg(long)]
    open: bool,
    #[command(flatten)]
    at: AsOf,
}

pub const HEADER: [&str; 12] = [
    "dispute",
    "payee",
    "period",
    "line",
    "state",
    "opened",
    "opened_by",
    "reason",
    "answers",
    "resolved",
    "by",
    "posted",
];

impl ListDisputes {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let all = book.state().disputes().all().iter().filter(|dispute| !self.open || dispute.is_open());
        let found: Vec<DisputeSummary> = all.map(|dispute| summary(&book, dispute)).collect::<Result<_, _>>()?;
        match session.options.format {
            Format::Json => {
                session.json_written(|out| out.list(|out| found.iter().for_each(|dispute| dispute.json(out))))?
            }
            Format::Csv => {
                session.out.row(&HEADER)?;
                for dispute in &found {
                    session.out.row(&cells(dispute))?;
                }
            }
            Format::Text if found.is_empty() && self.open => session.note("No dispute is open."),
            Format::Text if found.is_empty() => session.note("There is no dispute: `trueup dispute open` opens one."),
            Format::Text => {
                let mut align = [Align::Left; 7];
                align[0] = Align::Right;
                let mut table = Table::new(&align);
                table.row(["", "payee", "period", "state", "opened", "line", "reason"]);
                for dispute in &found {
                    let line = dispute.line.as_ref().map_or_else(|| "(statement)".to_owned(), ToString::to_string);
                    let reason = dispute.opened.text.clone().unwrap_or_default();
                    let (number, state) = (dispute.dispute.to_string(), dispute.state().to_owned());
                    let (payee, period) = (dispute.payee.to_string(), dispute.period.to_string());
                    table.row([number, payee, period, state, day(&dispute.opened), line, reason]);
                }
                table.write(&mut session.out)?;
            }
        }
        Ok(Outcome::Done)
    }
}

/// A dispute as a row for programs.
pub fn cells(dispute: &DisputeSummary) -> [String; 12] {
    let resolved = dispute.resolved.as_ref();
    let opened_by: Vec<&str> = dispute.opened.by.iter().map(|name| name.as_str()).collect();
    [
        dispute.dispute.to_string(),
        dispute.payee.to_string(),
        dispute.period.to_string(),
        dispute.line.as_ref().map(ToString::to_string).unwrap_or_default(),
        dispute.state().to_owned(),
        ledger::entry::recorded_text(dispute.opened.recorded),
        opened_by.join(" "),
        dispute.opened.text.clone().unwrap_or_default(),
        dispute.answers.len().to_string(),
        resolved.map(|resolved| ledger::entry::recorded_text(resolved.entry.recorded)).unwrap_or_default(),
        resolved.and_then(|resolved| resolved.by).map(|by| by.to_string()).unwrap_or_default(),
        resolved.and_then(|resolved| resolved.posted).map(|period| period.to_string()).unwrap_or_default(),
    ]
}
