//! `trueup pending`: amounts that are earned or expected and not due yet, with what they wait for.

use std::collections::BTreeMap;

use clap::Args;
use ledger::date::Day;
use ledger::date::Month;
use ledger::fact::item_key::ItemKey;
use ledger::id::{ComponentId, Name, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use projections::lines::LineName;
use replay::book::Book;
use replay::statements::pending::PendingInstallment;
use replay::statements::pending::pending;
use serde::Serialize;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::payee_of;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::render::statement::item::BookView;
use crate::render::statement::page::waits;
use crate::session::state::{Outcome, Session};

/// Show pending amounts: earned or expected, and not due yet
#[derive(Args, Debug)]
pub struct PendingOf {
    /// The payee; by default all
    payee: Option<String>,
    /// As of the end of this month; by default the last closed month
    #[arg(long, value_name = "PERIOD", value_parser = month)]
    period: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

const HEADER: [&str; 11] =
    ["payee", "currency", "line", "plan", "component", "item", "part", "amount", "on", "waiting_for", "period"];

impl PendingOf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let payee = self.payee.as_deref().map(|payee| payee_of(&book, payee)).transpose()?;
        let period = self.period(&book)?;
        let wait = session.wait("evaluating");
        let waiting = pending(book.state(), payee.as_ref(), period);
        drop(wait);
        match session.options.format {
            Format::Json => session.json(&waiting.iter().map(PendingRow::of).collect::<Vec<_>>())?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                waiting.iter().try_for_each(|one| session.out.row(&cells(one, period)))?;
            }
            Format::Text => text(&waiting, period, BookView::new(&book, book.size()), session)?,
        }
        Ok(Outcome::Done)
    }

    fn period(&self, book: &Book) -> Result<Month, Failure> {
        let last = book.state().posted_state().last_close().map(|closed| closed.close.period);
        self.period.or(last).ok_or_else(|| Failure::refused(CommandRefusal::PeriodMissing))
    }
}

#[derive(Serialize)]
struct PendingRow<'w> {
    payee: AsText<&'w PayeeId>,
    currency: AsText<Currency>,
    line: AsText<LineName>,
    plan: AsText<&'w PlanId>,
    component: AsText<&'w ComponentId>,
    item: AsText<&'w ItemKey>,
    part: AsText<&'w Name>,
    amount: AsText<Money>,
    on: Option<AsText<Day>>,
    waiting_for: &'w [String],
}

impl PendingRow<'_> {
    fn of(waiting: &PendingInstallment) -> PendingRow<'_> {
        let pending = &waiting.pending;
        PendingRow {
            payee: AsText(&waiting.payee),
            currency: AsText(pending.amount.currency),
            line: AsText(waiting.line()),
            plan: AsText(&pending.plan),
            component: AsText(&pending.component),
            item: AsText(&pending.item),
            part: AsText(&pending.part),
            amount: AsText(pending.amount),
            on: pending.on.map(AsText),
            waiting_for: &pending.waiting_for,
        }
    }
}

fn cells(waiting: &PendingInstallment, period: Month) -> [String; 11] {
    let pending = &waiting.pending;
    [
        waiting.payee.to_string(),
        pending.amount.currency.to_string(),
        waiting.line().to_string(),
        pending.plan.to_string(),
        pending.component.to_string(),
        pending.item.to_string(),
        pending.part.to_string(),
        pending.amount.text(),
        pending.on.map(|day| day.to_string()).unwrap_or_default(),
        pending.waiting_for.join(" and "),
        period.to_string(),
    ]
}

fn text(
    waiting: &[PendingInstallment],
    period: Month,
    view: BookView<'_>,
    session: &mut Session,
) -> Result<(), Failure> {
    if waiting.is_empty() {
        session.note(&format!("No pending amounts as of {}.", period.last()));
        return Ok(());
    }
    let mut table = Table::new(&[Align::Left, Align::Right, Align::Left, Align::Left, Align::Left, Align::Left]);
    table.row(["payee", "amount", "", "on", "what", ""]);
    for one in waiting {
        let (pending, money) = (&one.pending, one.pending.amount);
        let on = pending.on.map_or_else(|| "no date yet".to_owned(), |day| day.to_string());
        let what = format!("{}/{}", pending.plan, view.part_of(&one.line()));
        let waits = waits(&pending.waiting_for);
        table.row([one.payee.to_string(), amount(money), money.currency.to_string(), on, what, waits]);
    }
    // What a clawback takes at most must not be set against what is expected.
    let (below, above): (Vec<Money>, Vec<Money>) =
        waiting.iter().map(|one| one.pending.amount).partition(|money| money.is_negative());
    for (name, amounts) in [("all", above), ("all below 0", below)] {
        for (currency, sum) in sums(&amounts) {
            table.row([name, &amount(sum), currency.code(), "", "", ""]);
        }
    }
    table.write(&mut session.out)?;
    session.note(&format!("Projected as of {}, if nothing changes.", period.last()));
    Ok(())
}

fn sums(amounts: &[Money]) -> BTreeMap<Currency, Money> {
    let mut sums = BTreeMap::new();
    for money in amounts.iter().copied() {
        *sums.entry(money.currency).or_insert(Money::zero(money.currency)) += money;
    }
    sums
}
