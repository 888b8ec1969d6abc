//! `trueup report`: tables about a book at the end of a month.

use clap::{Args, Subcommand};
use ledger::date::Month;
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use replay::reports::ageing::{Aged, ageing};
use serde::Serialize;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::closed;
use crate::command::payout::contested::ContestedCreditReport;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount as shown;
use crate::render::json::AsText;
use crate::render::layout::column::{ColumnJson, column};
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

/// Show a report
#[derive(Subcommand, Debug)]
pub enum ReportCommand {
    Ageing(AgeingReport),
    ContestedCredit(ContestedCreditReport),
}

/// What payees owe from clawbacks and have drawn, by age in days
///
/// What a close reversed is as old as the last day of its month, a draw as old as the last day of the month that it was given
/// for. Recoveries take the oldest first.
#[derive(Args, Debug)]
pub struct AgeingReport {
    /// As of the last day of this closed month; by default of the last one
    #[arg(long, value_name = "PERIOD", value_parser = month)]
    period: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

impl ReportCommand {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        match self {
            ReportCommand::Ageing(report) => report.run(session),
            ReportCommand::ContestedCredit(report) => report.run(session),
        }
    }
}

const HEADER: [&str; 8] = ["payee", "currency", "balance", "0-30", "31-60", "61-90", "over 90", "total"];

impl AgeingReport {
    fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let (size, known) = (book.size(), &book.state().posted_state().closes);
        let Some(last) = known.last() else {
            return Err(Failure::refused(CommandRefusal::PeriodMissing));
        };
        let period = self.period.unwrap_or(last.close.period);
        let asked = closed(&book, period)?;
        // Balances up to the next close, with what was repaid until then.
        let next = known.iter().find(|other| other.position > asked.position);
        let until = next.map_or(size, |next| u64::from(next.first));
        let state = book.state_at(until)?;
        let aged = ageing(&book, state.posted_state(), period.last())?;
        let rows: Vec<AgeingRow<'_>> = aged.iter().flat_map(rows_of).collect();
        match session.options.format {
            Format::Json => session.json(&ReportJson {
                report: "ageing",
                period: AsText(period),
                at: size,
                columns: COLUMNS,
                rows,
            })?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                for row in &rows {
                    session.out.row(&row.cells(Money::text))?;
                }
            }
            Format::Text if rows.is_empty() => session.note("Nobody owes anything, and no draw is left to recover."),
            Format::Text => {
                let mut align = [Align::Right; 8];
                align[..3].fill(Align::Left);
                let mut table = Table::new(&align);
                table.row(HEADER);
                rows.iter().for_each(|row| table.row(row.cells(shown)));
                table.write(&mut session.out)?;
                session.note(&format!("In days on {}.", period.last()));
            }
        }
        Ok(Outcome::Done)
    }
}

/// A row for what is owed and one for what is drawn.
fn rows_of(aged: &Aged) -> Vec<AgeingRow<'_>> {
    let row = |balance: &'static str, days: &[Money; 4]| AgeingRow {
        payee: AsText(&aged.holder.0),
        currency: AsText(aged.holder.1),
        balance,
        days_0_30: AsText(days[0]),
        days_31_60: AsText(days[1]),
        days_61_90: AsText(days[2]),
        over_90: AsText(days[3]),
        total: AsText(Money::sum(aged.holder.1, days.iter().copied())),
    };
    let both = [row("owed", &aged.owed), row("draw", &aged.draw)];
    both.into_iter().filter(|row| !row.total.0.is_zero()).collect()
}

#[derive(Serialize)]
struct ReportJson<'r> {
    report: &'static str,
    period: AsText<Month>,
    at: u64,
    columns: [ColumnJson; 8],
    rows: Vec<AgeingRow<'r>>,
}

const COLUMNS: [ColumnJson; 8] = [
    column("payee", "id", ""),
    column("currency", "code", ""),
    column("balance", "word", "owed: clawback balance; draw: draw balance"),
    column("days_0_30", "currency", "the part that began at most 30 days before the last day of the period"),
    column("days_31_60", "currency", "31 to 60 days before"),
    column("days_61_90", "currency", "61 to 90 days before"),
    column("over_90", "currency", "more than 90 days before"),
    column("total", "currency", "days_0_30 + days_31_60 + days_61_90 + over_90"),
];

#[derive(Serialize)]
struct AgeingRow<'r> {
    payee: AsText<&'r PayeeId>,
    currency: AsText<Currency>,
    balance: &'static str,
    days_0_30: AsText<Money>,
    days_31_60: AsText<Money>,
    days_61_90: AsText<Money>,
    over_90: AsText<Money>,
    total: AsText<Money>,
}

impl AgeingRow<'_> {
    fn cells(&self, text: impl Fn(Money) -> String) -> [String; 8] {
        let [a, b, c, d, e] =
            [self.days_0_30, self.days_31_60, self.days_61_90, self.over_90, self.total].map(|amount| text(amount.0));
        [self.payee.0.to_string(), self.currency.0.to_string(), self.balance.to_owned(), a, b, c, d, e]
    }
}
