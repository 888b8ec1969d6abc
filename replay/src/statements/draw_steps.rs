//! How the draws of statements were calculated: what a close gave, and what it recovered (calculation.md 10).

use std::collections::BTreeMap;

use ledger::exact::{Exact, Rounding};
use ledger::fact::{Manner, Payload, Record};
use ledger::money::Money;
use plans::payment::draw::MonthsDraws;
use plans::why::{Formula, Step, StepKind};
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::draw_name::DrawName;
use projections::posted_state::{ClosedPeriod, GivenDraw};

use crate::book::Book;
use crate::close::settlement::{earlier_draws, recoverable_draw};
use crate::error::BookError;
use crate::statements::statement::{DrawLine, Figures};

/// The draws of earlier closes as they were before a close, by payee and currency.
pub(super) type DrawsBefore = BTreeMap<PayeeCurrency, Vec<GivenDraw>>;

/// The draws that a close could recover from, of those of its statements that recover any. They are computed backwards from the
/// book's last close, so that the log is read from this close on. Fails if the log cannot be read.
pub(super) fn draws_before(book: &Book, closed: &ClosedPeriod, asked: &[Figures]) -> Result<DrawsBefore, BookError> {
    let recovers = |figures: &&Figures| figures.draws.iter().any(|draw| draw.given.is_zero());
    let posted = &book.state.posted;
    let draws = |figures: &Figures| posted.draws.get(&figures.holder).cloned().unwrap_or_default();
    let mut before: DrawsBefore =
        asked.iter().filter(recovers).map(|figures| (figures.holder.clone(), draws(figures))).collect();
    if before.is_empty() {
        return Ok(before);
    }
    for close in posted.closes.iter().rev().take_while(|close| close.position >= closed.position) {
        book.entries(u64::from(close.first), u64::from(close.position), |entry, _| {
            let Payload::Record(Record::Draw(record)) = entry.payload else { return };
            let Some(known) = before.get_mut(&(record.payee.clone(), record.currency)) else { return };
            let name = DrawName::from(&record);
            let of = |amount| money(amount, record.currency);
            match known.iter().position(|draw| DrawName::from(draw) == name) {
                Some(index) if of(record.given).is_positive() => drop(known.remove(index)),
                Some(index) => known[index].balance = of(record.balance) + of(record.recovered),
                None => {}
            }
        })?;
    }
    Ok(before)
}

/// The steps of each draw of a statement, in order. `given` are the draws of the month, as the plans give them.
pub(super) fn draw_steps(
    closed: &ClosedPeriod,
    figures: &Figures,
    given: &MonthsDraws,
    before: &DrawsBefore,
) -> Vec<Vec<Step>> {
    // In the first close of a book that takes over from another system, draws of the month were given elsewhere.
    let none = MonthsDraws::default();
    let given = if closed.close.manner == Some(Manner::Opening) { &none } else { given };
    let earlier = || {
        let before = before.get(&figures.holder).map_or(&[][..], Vec::as_slice);
        earlier_draws(before, figures.opening, figures.period)
    };
    let recovery =
        figures.draws.iter().any(|draw| draw.given.is_zero()).then(|| Recovery::of(figures, given, earlier()));
    let steps = |line: &DrawLine| match &recovery {
        Some(recovery) if line.given.is_zero() => recovery.steps(line),
        Some(_) | None => giving(line, figures, given),
    };
    figures.draws.iter().map(steps).collect()
}

/// The steps of computing what was given; of a guarantee also what the month lacks.
fn giving(line: &DrawLine, figures: &Figures, given: &MonthsDraws) -> Vec<Step> {
    let draws = given.advances.iter().chain(&given.guarantees);
    let mut mine = draws.filter(|draw| {
        (Some(&draw.plan), &draw.draw, &draw.trigger) == (line.plan.as_ref(), &line.draw, &line.trigger)
    });
    let Some(draw) = mine.next() else { return Vec::new() };
    let mut why = draw.why.clone();
    if line.given != draw.amount {
        let formula = Formula::default().number("guarantee", &draw.amount.exact()).sign(" - ");
        let formula = formula.number("gross", &figures.settled.gross.exact());
        why.push(formula.step(StepKind::Draw, &line.given.exact(), []));
    }
    why
}

/// The recovery of one statement, before it is divided among draws.
struct Recovery {
    /// The steps to the pay above the guarantee.
    pay: Vec<Step>,
    /// The pay above the guarantee.
    above: Money,
    /// The opening draw, if it has a balance.
    opening: Option<GivenDraw>,
    /// The draws whose recovery has begun and that have a balance, in the order in which they are recovered.
    begun: Vec<GivenDraw>,
}

impl Recovery {
    fn of(figures: &Figures, given: &MonthsDraws, earlier: Vec<GivenDraw>) -> Recovery {
        let (settled, currency) = (&figures.settled, figures.holder.1);
        let zero = Money::zero(currency);
        let mut formula = Formula::default().number("gross", &settled.gross.exact());
        if !settled.recovered.is_zero() {
            formula = formula.sign(" - ").number("clawback recovered", &settled.recovered.exact());
        }
        let mut above = settled.gross - settled.recovered;
        if let Some(guarantee) = given.guarantee(currency) {
            above = (above - guarantee.amount).max(zero);
            let formula_of = std::mem::take(&mut formula);
            formula = Formula::default().sign("max(").number("nothing", &Exact::ZERO).sign(", ");
            formula =
                formula.followed_by(formula_of).sign(" - ").number("guarantee", &guarantee.amount.exact()).sign(")");
        }
        let day = figures.period.last();
        let begun =
            earlier.into_iter().filter(|draw| draw.balance.is_positive() && recoverable_draw(draw).has_begun(day));
        let (mut opening, begun): (Vec<_>, Vec<_>) = begun.partition(|draw| draw.plan.is_none());
        let pay = vec![formula.step(StepKind::Draw, &above.exact(), [])];
        Recovery { pay, above, opening: opening.pop(), begun }
    }

    /// The steps to what was recovered of a draw.
    fn steps(&self, line: &DrawLine) -> Vec<Step> {
        let mut steps = self.pay.clone();
        let from_opening = self.recover_opening(&mut steps);
        if line.plan.is_some() {
            let in_all = self.recover_begun(from_opening, &mut steps);
            self.recover_one(line, in_all, &mut steps);
        }
        steps
    }

    /// The opening draw goes first, and in full.
    fn recover_opening(&self, steps: &mut Vec<Step>) -> Money {
        let Some(opening) = &self.opening else { return Money::zero(self.above.currency) };
        let recovered = opening.balance.min(self.above);
        let formula = Formula::default().sign("min(").number("opening draw", &opening.balance.exact()).sign(", ");
        let formula = formula.number("pay above the guarantee", &self.above.exact()).sign(")");
        steps.push(formula.step(StepKind::Draw, &recovered.exact(), []));
        recovered
    }

    /// What is recovered of the draws that have begun, together.
    fn recover_begun(&self, from_opening: Money, steps: &mut Vec<Step>) -> Money {
        let balances = self.begun.iter().fold(Formula::default(), |formula, draw| {
            formula.plus().number(&titled("balance of", draw), &draw.balance.exact())
        });
        let balance = Money::sum(self.above.currency, self.begun.iter().map(|draw| draw.balance));
        steps.push(balances.step(StepKind::Draw, &balance.exact(), []));
        let at_most = self.at_most(from_opening, steps);
        let in_all = balance.min(at_most);
        let formula = Formula::default().sign("min(").number("balances", &balance.exact()).sign(", ");
        let formula = formula.number("at most", &at_most.exact()).sign(")");
        steps.push(formula.step(StepKind::Draw, &in_all.exact(), []));
        in_all
    }

    /// The most that is recovered: the lowest of the draws' rates, of the pay that the opening draw leaves, rounded down.
    fn at_most(&self, from_opening: Money, steps: &mut Vec<Step>) -> Money {
        let rates = self.begun.iter().map(|draw| (draw, draw.rate.clone().unwrap_or(Exact::ONE)));
        let mut lowest = Formula::default();
        let mut rate: Option<Exact> = None;
        for (draw, next) in rates {
            let name = titled("rate of", draw);
            match &rate {
                None => lowest = lowest.number(&name, &next),
                Some(_) => {
                    lowest =
                        Formula::default().sign("min(").followed_by(lowest).sign(", ").number(&name, &next).sign(")")
                }
            }
            rate = Some(rate.map_or(next.clone(), |rate| rate.min(next)));
        }
        let rate = rate.unwrap_or(Exact::ONE);
        steps.push(lowest.step(StepKind::Rate, &rate, []));
        let left = (self.above - from_opening).exact();
        let exact = &left * &rate;
        let formula = Formula::default().sign("(").number("pay above the guarantee", &self.above.exact()).sign(" - ");
        let formula =
            formula.number("opening draw recovered", &from_opening.exact()).sign(") * ").number("rate", &rate);
        steps.push(formula.step(StepKind::Draw, &exact, []));
        let currency = self.above.currency;
        let rounded = Money::round(&exact, currency, Rounding::Down).expect("no more than the pay");
        if rounded.exact() != exact {
            let step = Step::rounding(StepKind::Rounding, &exact, currency.digits(), &rounded.exact(), Rounding::Down);
            steps.push(step);
        }
        rounded
    }

    /// What the draw's turn leaves for it.
    fn recover_one(&self, line: &DrawLine, in_all: Money, steps: &mut Vec<Step>) {
        let before: Vec<&GivenDraw> =
            self.begun.iter().take_while(|draw| DrawName::from(*draw) != line.name()).collect();
        if self.begun.len() < 2 {
            return;
        }
        let balance = line.balance + line.recovered;
        let mut formula = Formula::default().sign("min(").number("balance of this draw", &balance.exact()).sign(", ");
        formula = formula.number("recovered in all", &in_all.exact());
        for draw in before {
            formula = formula.sign(" - ").number(&titled("recovered of", draw), &draw.balance.exact());
        }
        steps.push(formula.sign(")").step(StepKind::Draw, &line.recovered.exact(), []));
    }
}

/// `balance of bridge B-1, 2027-01`.
fn titled(what: &str, draw: &GivenDraw) -> String {
    format!("{what} {} {}, {}", draw.draw, draw.trigger, draw.month)
}
