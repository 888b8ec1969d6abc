//! `trueup balances --attainment`: how far everybody is, also who has nothing due.

use ledger::date::Month;
use ledger::id::{ComponentId, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use replay::book::Book;
use replay::statements::attainment::{PayeeAttainment, attainments};
use replay::statements::statement::{percent_text, two_decimals};
use serde::Serialize;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::{amount, grouped, rounded_percent};
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};

const HEADER: [&str; 9] =
    ["payee", "currency", "plan", "component", "period", "credited", "quota", "percent", "earned_to_date"];

/// Shows the attainment by the end of the last closed month.
pub fn show(book: &Book, session: &mut Session) -> Result<Outcome, Failure> {
    let last = book.state().posted_state().last_close();
    let last = last.ok_or_else(|| Failure::refused(CommandRefusal::PeriodMissing))?;
    let period = last.close.period;
    let wait = session.wait("evaluating");
    let rows = attainments(book.state(), period);
    drop(wait);
    match session.options.format {
        Format::Json => session.json(&rows.iter().map(AttainmentRow::of).collect::<Vec<_>>())?,
        Format::Csv => {
            session.out.row(&HEADER)?;
            rows.iter().try_for_each(|row| session.out.row(&AttainmentRow::of(row).cells()))?;
        }
        Format::Text => text(&rows, period, session)?,
    }
    Ok(Outcome::Done)
}

#[derive(Serialize)]
struct AttainmentRow<'r> {
    payee: AsText<&'r PayeeId>,
    currency: AsText<Currency>,
    plan: AsText<&'r PlanId>,
    component: AsText<&'r ComponentId>,
    period: &'r str,
    credited: String,
    quota: Option<String>,
    percent: Option<String>,
    earned_to_date: AsText<Money>,
}

impl AttainmentRow<'_> {
    fn of(row: &PayeeAttainment) -> AttainmentRow<'_> {
        let reached = &row.attainment;
        AttainmentRow {
            payee: AsText(&row.payee),
            currency: AsText(reached.currency),
            plan: AsText(&reached.plan),
            component: AsText(&reached.component),
            period: &reached.period,
            credited: two_decimals(&reached.credited),
            quota: reached.quota.as_ref().map(two_decimals),
            percent: reached.quota.as_ref().map(|quota| percent_text(&(&reached.credited / quota))),
            earned_to_date: AsText(reached.earned_to_date),
        }
    }

    fn cells(&self) -> [String; 9] {
        [
            self.payee.0.to_string(),
            self.currency.0.to_string(),
            self.plan.0.to_string(),
            self.component.0.to_string(),
            self.period.to_owned(),
            self.credited.clone(),
            self.quota.clone().unwrap_or_default(),
            self.percent.clone().unwrap_or_default(),
            self.earned_to_date.0.text(),
        ]
    }
}

fn text(rows: &[PayeeAttainment], period: Month, session: &mut Session) -> Result<(), Failure> {
    if rows.is_empty() {
        session.note(&format!("Nobody has a quota or credit as of {}.", period.last()));
        return Ok(());
    }
    let (left, right) = (Align::Left, Align::Right);
    let mut table = Table::new(&[left, left, left, left, right, right, right, right, left]);
    table.row(["payee", "plan", "component", "period", "credited", "quota", "attained", "earned to date", ""]);
    for row in rows {
        let reached = &row.attainment;
        let percent = reached.quota.as_ref().map(|quota| rounded_percent(&(&reached.credited / quota)));
        table.row([
            row.payee.to_string(),
            reached.plan.to_string(),
            reached.component.to_string(),
            reached.period.clone(),
            grouped(&two_decimals(&reached.credited)),
            reached.quota.as_ref().map(|quota| grouped(&two_decimals(quota))).unwrap_or_default(),
            percent.unwrap_or_default(),
            amount(reached.earned_to_date),
            reached.currency.to_string(),
        ]);
    }
    table.write(&mut session.out)?;
    session.note(&format!("As of the end of {period}."));
    Ok(())
}
