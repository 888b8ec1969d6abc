//! `trueup whatif`: the same history under other rules or facts, which are never recorded.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use replay::book::Book;
use replay::bridge::diff::{BridgePoint, BridgeScope, diff};
use replay::bridge::rows::{Bridge, BridgeEnd, EndAmounts};
use replay::bridge::whatif::Trial;
use replay::record::{Source, Versions};
use replay::statements::attainment::{PayeeAttainment, attainments_of};
use replay::statements::statement::percent_text;
use serde::Serialize;

use crate::arguments::{Format, OutputFormat, month};
use crate::as_of::AsOf;
use crate::command::compare::deal::Deal;
use crate::command::compare::diff::show;
use crate::command::pay::statement::payee_of;
use crate::failure::Failure;
use crate::input::files::{Input, name_of, plan_text};
use crate::input::limits::Limits;
use crate::refusal::CommandRefusal;
use crate::render::amount::amount;
use crate::render::bridge::json::BridgeJson;
use crate::render::bridge::words::BridgeWords;
use crate::render::json::AsText;
use crate::render::layout::table::{Align, Table};
use crate::session::state::{Outcome, Session};
use crate::terminal::progress::Meter;
use crate::wording;

/// Show what other rules, facts or a deal would change; nothing is recorded
///
/// Everything that is due by the end of `--to`, as it is and as it would be: in total, by payee, by component and by line, with the causes. A
/// file of facts may correct and retract what is recorded. What it shows is what the close of `--to` would post more or less if these facts were
/// recorded or the plan published.
#[derive(Args, Debug)]
#[command(group(clap::ArgGroup::new("tried").required(true).multiple(true)))]
pub struct WhatIf {
    /// A plan, or the next version of one, a TOML file
    #[arg(long, value_name = "FILE", group = "tried")]
    plan: Vec<PathBuf>,
    /// Facts as `record` takes them, corrections and retractions included
    #[arg(long, value_name = "FILE", group = "tried")]
    facts: Vec<PathBuf>,
    /// A booking with a primary credit of 100 % to `--payee`: `arr=120000,motion=new-logo,at=2027-05-10,account=acme`
    #[arg(long, value_name = "SPEC", group = "tried", requires = "payee")]
    deal: Option<Deal>,
    /// Only this payee; repeat it for several
    #[arg(long)]
    payee: Vec<String>,
    /// Only what is due from this month on; by default everything
    #[arg(long, value_parser = month)]
    from: Option<Month>,
    /// Everything due by the end of this month; by default the next one to be closed, or the month of the deal if that is later
    #[arg(long, value_parser = month)]
    to: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

impl WhatIf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let payees = self.payees(&book)?;
        let to = self.month(&book)?;
        if let Some(from) = self.from.filter(|from| *from > to) {
            return Err(Failure::refused(CommandRefusal::MonthsInDisorder { from, to }));
        }
        let before = book.shared_state();
        let mut trial = Trial::of(std::mem::ManuallyDrop::into_inner(book));
        self.try_plans(&mut trial, session)?;
        self.try_facts(&mut trial, &payees, session)?;
        let wait = session.wait("evaluating");
        let scope = BridgeScope {
            payees: (!payees.is_empty()).then(|| payees.iter().cloned().collect()),
            due: self.from.map(|from| (from, to)),
        };
        let end = |known| BridgeEnd { known, period: to, amounts: EndAmounts::Derived };
        let point = |known| BridgePoint { end: end(known), posted: trial.state().posted_state() };
        let bridge = diff(trial.state(), point(trial.size()), point(trial.state().size()), &scope);
        let changed: BTreeSet<&PayeeId> = bridge.rows.iter().map(|row| &row.holder.0).collect();
        let is_changed = |payee: &PayeeId| changed.contains(payee);
        let (is, would_be) = (attainments_of(&before, to, is_changed), attainments_of(trial.state(), to, is_changed));
        let shifts = shifts(&is, &would_be);
        drop(wait);
        let words = BridgeWords { tried: Some(trial.size()) };
        if session.options.output == OutputFormat::Svg || session.options.format == Format::Csv {
            show(&bridge, words, session)?;
            return Ok(Outcome::Done);
        }
        match session.options.format {
            Format::Json => session.json(&WhatIfJson {
                bridge: BridgeJson::of(&bridge),
                attainment: shifts.iter().map(ShiftJson::of).collect(),
            })?,
            Format::Text | Format::Csv => {
                show(&bridge, words, session)?;
                write_shifts(&shifts, session)?;
                write_winners(&bridge, session)?;
                if let Some(deal) = &self.deal {
                    deal.write(&trial, &payees, to, session)?;
                }
            }
        }
        session.note("Nothing was recorded.");
        Ok(Outcome::Done)
    }

    fn payees(&self, book: &Book) -> Result<Vec<PayeeId>, Failure> {
        self.payee.iter().map(|payee| payee_of(book, payee)).collect()
    }

    /// The month by whose end everything is compared.
    fn month(&self, book: &Book) -> Result<Month, Failure> {
        let next = book.state().posted_state().last_close().map(|last| last.close.period.next());
        let deal = self.deal.as_ref().map(|deal| Month::of(deal.at()));
        self.to.or(next.max(deal)).ok_or_else(|| Failure::refused(CommandRefusal::WhatIfPeriodMissing))
    }

    fn try_plans(&self, trial: &mut Trial, session: &Session) -> Result<(), Failure> {
        for file in &self.plan {
            let checked = trial.publish(&name_of(file), &plan_text(file)?);
            session.warn(&wording::plans::warnings(&checked.warnings));
            if checked.plan.is_none() {
                return Err(Failure::Refused(wording::plans::refusals(&checked.errors)));
            }
        }
        Ok(())
    }

    fn try_facts(&self, trial: &mut Trial, payees: &[PayeeId], session: &Session) -> Result<(), Failure> {
        let limits = Limits::default();
        let inputs: Result<Vec<Input>, Failure> = self.facts.iter().map(|file| input(file, &limits)).collect();
        let (inputs, meter) = (inputs?, Meter::silent());
        let sources: Vec<Source<'_>> = inputs.iter().map(|input| input.source(&meter)).collect();
        if !sources.is_empty() {
            trial.record(&sources, Versions::Contradict, &session.stamp()?)?;
        }
        if let (Some(deal), Some(payee)) = (&self.deal, payees.first()) {
            let line = deal.fact(payee, trial.state())?;
            let open = || Ok(Box::new(line.as_bytes()) as Box<dyn std::io::BufRead>);
            let source = Source { name: "--deal".to_owned(), open: Box::new(open) };
            trial.record(&[source], Versions::Contradict, &session.stamp()?)?;
        }
        Ok(())
    }
}

fn input(file: &Path, limits: &Limits) -> Result<Input, Failure> {
    Input::open(file, limits)
}

/// An attainment that would be another.
struct AttainmentShift<'a> {
    before: Option<&'a PayeeAttainment>,
    after: &'a PayeeAttainment,
}

fn shifts<'a>(before: &'a [PayeeAttainment], after: &'a [PayeeAttainment]) -> Vec<AttainmentShift<'a>> {
    let key = |row: &'a PayeeAttainment| {
        (&row.payee, &row.attainment.plan, &row.attainment.component, &row.attainment.period)
    };
    let credited = |row: &PayeeAttainment| (row.attainment.credited.clone(), row.attainment.quota.clone());
    let shift =
        after.iter().map(|after| AttainmentShift { before: before.iter().find(|row| key(row) == key(after)), after });
    shift.filter(|shift| shift.before.map(credited) != Some(credited(shift.after))).collect()
}

impl AttainmentShift<'_> {
    fn percent(row: &PayeeAttainment) -> Option<String> {
        let quota = row.attainment.quota.as_ref().filter(|quota| !quota.is_zero())?;
        Some(percent_text(&(&row.attainment.credited / quota)))
    }

    fn words(&self) -> [String; 2] {
        let percent = |row: &PayeeAttainment| Self::percent(row).map(|percent| format!("{percent} %"));
        let none = || "none".to_owned();
        let before = self.before.and_then(percent).unwrap_or_else(none);
        [before, percent(self.after).unwrap_or_else(none)]
    }
}

/// The most rows of attainments that are shown as text.
const SHIFTS_SHOWN_MAX: usize = 20;

fn write_shifts(shifts: &[AttainmentShift<'_>], session: &mut Session) -> Result<(), Failure> {
    if shifts.is_empty() {
        return Ok(());
    }
    session.out.blank()?;
    let mut table = Table::new(&[Align::Left, Align::Left, Align::Left, Align::Right, Align::Right]);
    table.row(["attainment of", "component", "period", "is", "would be"]);
    for shift in shifts.iter().take(SHIFTS_SHOWN_MAX) {
        let of = &shift.after.attainment;
        let component = format!("{}/{}", of.plan, of.component);
        let [is, would_be] = shift.words();
        table.row([shift.after.payee.to_string(), component, of.period.clone(), is, would_be]);
    }
    table.write(&mut session.out)?;
    if let more @ 1.. = shifts.len().saturating_sub(SHIFTS_SHOWN_MAX) {
        writeln!(session.out, "and {more} more (`--format json` has all)")?;
    }
    Ok(())
}

/// How many payees gain and lose, and how much, in each currency.
fn write_winners(bridge: &Bridge, session: &mut Session) -> Result<(), Failure> {
    if bridge.rows.is_empty() {
        return Ok(());
    }
    session.out.blank()?;
    let payees = bridge.by_payee();
    for total in bridge.totals() {
        let currency = total.a.currency;
        let of = |is: fn(&ledger::money::Money) -> bool| {
            let differences = payees.iter().filter(|((_, of), _)| *of == currency).map(|(_, total)| total.difference());
            let mine: Vec<_> = differences.filter(is).collect();
            (mine.len(), amount(ledger::money::Money::sum(currency, mine.into_iter())))
        };
        let (gain, lose) = (of(|difference| difference.is_positive()), of(|difference| difference.is_negative()));
        let plural = |count: usize, verb: &str| {
            if count == 1 { format!("1 payee {verb}s") } else { format!("{count} payees {verb}") }
        };
        let (gains, loses) = (plural(gain.0, "gain"), plural(lose.0, "lose"));
        writeln!(
            session.out,
            "{currency}: {gains} {}, {loses} {}; in all {}.",
            gain.1,
            lose.1,
            amount(total.difference())
        )?;
    }
    Ok(())
}

#[derive(Serialize)]
struct WhatIfJson<'b> {
    #[serde(flatten)]
    bridge: BridgeJson<'b>,
    attainment: Vec<ShiftJson<'b>>,
}

#[derive(Serialize)]
struct ShiftJson<'s> {
    payee: AsText<&'s PayeeId>,
    plan: AsText<&'s ledger::id::PlanId>,
    component: AsText<&'s ledger::id::ComponentId>,
    period: &'s str,
    a: Option<String>,
    b: Option<String>,
}

impl<'s> ShiftJson<'s> {
    fn of(shift: &AttainmentShift<'s>) -> ShiftJson<'s> {
        let of = &shift.after.attainment;
        ShiftJson {
            payee: AsText(&shift.after.payee),
            plan: AsText(&of.plan),
            component: AsText(&of.component),
            period: &of.period,
            a: shift.before.and_then(AttainmentShift::percent),
            b: AttainmentShift::percent(shift.after),
        }
    }
}
