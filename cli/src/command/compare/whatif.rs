//! `trueup whatif`: the same history under other rules or facts, which are never recorded.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use ledger::date::Month;
use ledger::id::PayeeId;
use replay::book::Book;
use replay::bridge::diff::{BridgePoint, BridgeScope, diff};
use replay::bridge::rows::{BridgeEnd, EndAmounts};
use replay::bridge::whatif::Trial;
use replay::record::{Source, Versions};
use replay::statements::attainment::attainments_of;

use crate::arguments::{Format, OutputFormat, month};
use crate::as_of::AsOf;
use crate::command::compare::deal::{Deal, TriedDeal};
use crate::command::compare::diff::{outcome, show};
use crate::command::pay::statement::payee_of;
use crate::failure::Failure;
use crate::input::files::{Input, name_of, plan_text};
use crate::input::limits::Limits;
use crate::refusal::{CommandRefusal, CompareRefusal};
use crate::render::bridge::json::WhatIfJson;
use crate::render::bridge::shifts::{AttainmentShift, shifts, write_shifts};
use crate::render::bridge::text::{write_frozen, write_winners};
use crate::render::bridge::withheld::FrozenLines;
use crate::render::bridge::words::BridgeWords;
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
    /// A booking with a primary credit of 100 % to the first `--payee`: `arr=120000,motion=new-logo,at=2027-05-10,account=acme`
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
        let to = self.month(&book)?;
        let before = book.shared_state();
        let mut trial = Trial::of(std::mem::ManuallyDrop::into_inner(book));
        let (payees, deal) = self.try_out(&mut trial, session)?;
        let wait = session.wait("evaluating");
        let scope = BridgeScope {
            payees: (!payees.is_empty()).then(|| payees.iter().cloned().collect()),
            due: self.from.map(|from| (from, to)),
            ..BridgeScope::default()
        };
        let end = |known| BridgeEnd { known, period: to, amounts: EndAmounts::Derived };
        let point = |known| BridgePoint { end: end(known), posted: None };
        let bridge = diff(trial.state(), point(trial.size()), point(trial.state().size()), &scope);
        let changed: BTreeSet<&PayeeId> = bridge.rows.iter().map(|row| &row.holder.0).collect();
        let is_changed = |payee: &PayeeId| changed.contains(payee);
        let (is, would_be) = (attainments_of(&before, to, is_changed), attainments_of(trial.state(), to, is_changed));
        let shifts: Vec<AttainmentShift<'_>> = shifts(&is, &would_be);
        let frozen = FrozenLines::of(&bridge, before.posted_state());
        drop(wait);
        let words = BridgeWords { tried: Some(trial.size()), due_from: self.from };
        if session.options.format == Format::Json {
            session.json(&WhatIfJson::of(&bridge, &shifts, frozen.as_ref()))?;
        } else {
            show(&bridge, words, session)?;
        }
        if session.options.output == OutputFormat::Text {
            write_shifts(&shifts, &mut session.out)?;
            write_winners(&bridge, &mut session.out)?;
            write_frozen(frozen.as_ref(), &mut session.out)?;
            if let (Some(deal), Some(tried)) = (&self.deal, &deal) {
                deal.write(tried, &trial, to, session)?;
            }
        }
        session.note("Nothing was recorded.");
        Ok(outcome(&bridge, session))
    }

    /// The month by whose end everything is compared.
    fn month(&self, book: &Book) -> Result<Month, Failure> {
        let next = book.state().posted_state().last_close().map(|last| last.close.period.next());
        let deal = self.deal.as_ref().map(Deal::at);
        let refused = |refusal| Failure::refused(CommandRefusal::Compare(refusal));
        let to = self.to.or(next.max(deal.map(Month::of)));
        let to = to.ok_or_else(|| refused(CompareRefusal::TrialPeriodMissing))?;
        if let Some(at) = deal.filter(|at| *at > to.last()) {
            return Err(refused(CompareRefusal::DealLate { at, to }));
        }
        match self.from.filter(|from| *from > to) {
            Some(from) => Err(Failure::refused(CommandRefusal::MonthsInDisorder { from, to })),
            None => Ok(to),
        }
    }

    /// Tries out plans, then facts, then the deal. Returns the payees that are asked about, who may be among the facts.
    fn try_out(&self, trial: &mut Trial, session: &Session) -> Result<(Vec<PayeeId>, Option<TriedDeal>), Failure> {
        self.try_plans(trial, session)?;
        let limits = Limits::default();
        let inputs: Result<Vec<Input>, Failure> = self.facts.iter().map(|file| Input::open(file, &limits)).collect();
        let (inputs, meter) = (inputs?, Meter::silent());
        let sources: Vec<Source<'_>> = inputs.iter().map(|input| input.source(&meter)).collect();
        if !sources.is_empty() {
            let recorded = trial.record(&sources, Versions::Contradict, &session.stamp()?)?;
            session.warn(&wording::replay::warnings(&recorded.warnings));
        }
        let payees: Result<Vec<PayeeId>, Failure> =
            self.payee.iter().map(|payee| payee_of(trial.book(), payee)).collect();
        let payees = payees?;
        let (Some(deal), Some(payee)) = (&self.deal, payees.first()) else { return Ok((payees, None)) };
        let tried = TriedDeal { booking: trial.free_name(), payee: payee.clone() };
        let line = deal.fact(&tried.booking, payee, trial)?;
        let open = || Ok(Box::new(line.as_bytes()) as Box<dyn std::io::BufRead>);
        let source = Source { name: "--deal".to_owned(), open: Box::new(open) };
        trial.record(&[source], Versions::Contradict, &session.stamp()?)?;
        Ok((payees, Some(tried)))
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
}
