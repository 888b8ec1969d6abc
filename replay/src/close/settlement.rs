//! The statement of one payee and currency in a close: its lines and draws, settled against its balances (calculation.md 10).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::Nature;
use ledger::field::Percent;
use ledger::id::{Name, PayeeId};
use ledger::money::Money;
use plans::context::Context;
use plans::payment::draw::{MonthsDraw, MonthsDraws};
use plans::payment::settle::{Guarantee, RecoverableDraw, RecoveryTerms, SettlementInput, SettlementSums, settle};
use projections::lines::PayeeCurrency;
use projections::posted_state::{Balances, GivenDraw};

use crate::state::State;
use crate::statements::statement::{DrawLine, Figures, Line};

/// The lines of one payee and currency, before settling.
pub(crate) struct HolderLines {
    pub holder: PayeeCurrency,
    pub lines: Vec<Line>,
    /// The balances before the close.
    pub opening: Balances,
}

/// Settles a payee's lines of one currency.
pub(crate) fn settle_holder(
    state: &State,
    context: &Context<'_>,
    payees: &BTreeMap<PayeeId, crate::evaluation::full::PayeeDue>,
    due: HolderLines,
    period: Month,
) -> Figures {
    let HolderLines { holder, lines, opening } = due;
    let currency = holder.1;
    let none = MonthsDraws::default();
    let draws = payees.get(&holder.0).map_or(&none, |due| &due.draws);
    let given = state.posted.draws.get(&holder).map_or(&[][..], Vec::as_slice);
    let closed = state.posted.last_close().map(|last| last.close.period.last());
    let sum =
        |of: &dyn Fn(&Line) -> bool| Money::sum(currency, lines.iter().filter(|line| of(line)).map(|line| line.amount));
    let is_prior = |line: &Line| closed.is_some_and(|closed| line.due <= closed);
    let guarantee = draws.guarantee(currency);
    let advances = |recoverable: bool| {
        Money::sum(
            currency,
            draws.advances(currency).filter(|draw| draw.recoverable == recoverable).map(|draw| draw.amount),
        )
    };
    let earlier = earlier_draws(given, opening, period);
    let recoverable: Vec<_> = earlier.iter().map(recoverable_draw).collect();
    let cap = context.view.recovery_cap(holder.0.as_str(), context.day);
    let settled = settle(&SettlementInput {
        opening,
        held_or_rejected: state.posted.payables.held_or_rejected(&holder),
        current: sum(&|line| line.nature != Nature::Clawback && !is_prior(line)),
        prior: sum(&|line| line.nature != Nature::Clawback && is_prior(line)),
        clawbacks: sum(&|line| line.nature == Nature::Clawback),
        recovery_cap: cap.map_or(Exact::ONE, Percent::exact),
        guarantee: guarantee.map(|draw| Guarantee { amount: draw.amount, recoverable: draw.recoverable }),
        advances_recoverable: advances(true),
        advances_kept: advances(false),
        draws: &recoverable,
        day: context.day,
    });
    let mut lines_of_draws = recovered_lines(earlier, &settled, context.day, period);
    lines_of_draws.extend(given_lines(draws, &settled, period));
    lines_of_draws
        .sort_by(|a, b| (&a.plan, &a.draw, &a.trigger, a.month).cmp(&(&b.plan, &b.draw, &b.trigger, b.month)));
    Figures { period, holder, opening, lines, draws: lines_of_draws, settled }
}

/// The largest sum of a payee's lines and balances in one close, in minor units. Sums of such sums fit into every field.
const SUM_MAX: i128 = 10i128.pow(24);

/// Whether the sum of a payee's lines and balances is larger than the ledger can hold.
pub(super) fn is_too_large(lines: &[Line], opening: Balances) -> bool {
    let balances = [opening.payable, opening.owed, opening.draw].into_iter().map(|balance| balance.minor);
    let lines = lines.iter().flat_map(|line| [line.amount.minor, line.entitled.minor]);
    lines.chain(balances).map(i128::abs).fold(0i128, i128::saturating_add) > SUM_MAX
}

/// The draws of earlier closes in the order in which they are recovered, the opening draw first.
pub(crate) fn earlier_draws(given: &[GivenDraw], opening: Balances, period: Month) -> Vec<GivenDraw> {
    let mut draws: Vec<GivenDraw> = given.iter().cloned().chain(opening_draw(given, opening, period)).collect();
    draws.sort_by(|one, other| one.recovery_order().cmp(&other.recovery_order()));
    draws
}

pub(crate) fn recoverable_draw(draw: &GivenDraw) -> RecoverableDraw {
    let terms = draw.begins.zip(draw.rate.clone()).map(|(begins, rate)| RecoveryTerms { begins, rate });
    RecoverableDraw { balance: draw.balance, terms }
}

/// The draws that this close recovers from, and the opening draw in the close in which it enters the book.
fn recovered_lines(earlier: Vec<GivenDraw>, settled: &SettlementSums, day: Day, period: Month) -> Vec<DrawLine> {
    let mut lines = Vec::new();
    let mut left = settled.draw_recovered;
    let has_entered = earlier.iter().any(|draw| draw.plan.is_none() && draw.month < period);
    for draw in earlier {
        let recovered =
            if recoverable_draw(&draw).has_begun(day) { left.min(draw.balance) } else { Money::zero(left.currency) };
        left -= recovered;
        if recovered.is_positive() || draw.plan.is_none() && !has_entered {
            lines.push(recovered_line(draw, recovered));
        }
    }
    assert!(left.is_zero(), "BUG: {left:?} was recovered of no draw");
    lines
}

/// The draws that this close gives: the month's advances, and the guarantee where it tops up.
fn given_lines(draws: &MonthsDraws, settled: &SettlementSums, period: Month) -> Vec<DrawLine> {
    let currency = settled.top_up.currency;
    let top_up = draws.guarantee(currency).filter(|_| settled.top_up.is_positive()).map(|draw| (draw, settled.top_up));
    let given = draws.advances(currency).map(|draw| (draw, draw.amount)).chain(top_up);
    let line = |(draw, amount): (&MonthsDraw, Money)| {
        let balance = if draw.recoverable { amount } else { Money::zero(currency) };
        given_line(draw, amount, balance, period)
    };
    given.map(line).collect()
}

/// The draw balance from before the book began, which has no recovery terms.
fn opening_draw(given: &[GivenDraw], opening: Balances, period: Month) -> Option<GivenDraw> {
    let known = Money::sum(opening.draw.currency, given.iter().map(|draw| draw.balance));
    let balance = opening.draw - known;
    let name = |text| Name::new(text).expect("a name");
    balance.is_positive().then(|| GivenDraw {
        plan: None,
        draw: name("opening"),
        trigger: name("opening-balance"),
        month: period,
        recoverable: true,
        begins: None,
        triggered: None,
        rate: None,
        balance,
    })
}

fn recovered_line(draw: GivenDraw, recovered: Money) -> DrawLine {
    DrawLine {
        plan: draw.plan,
        draw: draw.draw,
        trigger: draw.trigger,
        triggered: draw.triggered,
        month: draw.month,
        given: Money::zero(recovered.currency),
        recovered,
        balance: draw.balance - recovered,
        recoverable: draw.recoverable,
        begins: draw.begins,
        rate: draw.rate,
    }
}

fn given_line(draw: &MonthsDraw, amount: Money, balance: Money, period: Month) -> DrawLine {
    DrawLine {
        plan: Some(draw.plan.clone()),
        draw: draw.draw.clone(),
        trigger: draw.trigger.clone(),
        triggered: Some(draw.triggered),
        month: period,
        given: amount,
        recovered: Money::zero(amount.currency),
        balance,
        recoverable: draw.recoverable,
        begins: Some(draw.begins),
        rate: Some(draw.rate.clone()),
    }
}
