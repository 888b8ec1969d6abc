//! Whether a month is ready to be closed: how far its usage reaches, and what each payee would be paid against the month before.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::id::{AccountId, ComponentId, PlanId};
use ledger::money::Money;
use projections::lines::PayeeCurrency;
use projections::view::View;

use crate::book::Book;
use crate::close::Preview;
use crate::error::BookError;
use crate::statements::build::posted;
use crate::statements::statement::Figures;

/// How far the usage of a month reaches, and how pay changes against the last close.
pub struct Readiness {
    /// The day through which all usage has been delivered, of everybody who has no fact of their own; `None` if no fact says so.
    pub complete: Option<Day>,
    /// The accounts that have facts of their own and whose usage is not complete through the month, and through which day it is.
    pub behind: Vec<(AccountId, Day)>,
    /// The last day up to the end of the month that any usage covers.
    pub used: Option<Day>,
    /// The last closed month; `None` before the first close.
    pub before: Option<Month>,
    /// What each payee would be paid against the last close, the largest change first.
    pub changes: Vec<PayChange>,
}

/// The pay of a payee in one currency, against the last close.
pub struct PayChange {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// What would be paid.
    pub pay: Money,
    /// What the last close paid.
    pub before: Money,
    /// What differs between the two closes, the largest difference first. The differences add up to the change of pay.
    pub because: Vec<PayDifference>,
}

/// The difference of a part of the pay between two closes.
pub struct PayDifference {
    /// The part.
    pub part: PayPart,
    /// The difference.
    pub amount: Money,
}

/// A part of what a close pays.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum PayPart {
    /// What is posted of a component.
    Component {
        /// The plan; `None` for adjustments.
        plan: Option<PlanId>,
        /// The component.
        component: ComponentId,
    },
    /// What is reversed and added to the clawback balance, less what is recovered for it.
    ClawbackBalance,
    /// What is recovered for draws, as a negative amount.
    DrawRecovery,
    /// What a guarantee adds.
    GuaranteeTopUp,
    /// Advances.
    DrawAdvance,
}

impl PayChange {
    /// What would be paid, less what the last close paid.
    pub fn change(&self) -> Money {
        self.pay - self.before
    }
}

/// The readiness of the month of a preview. Fails if the log cannot be read.
pub fn readiness(book: &Book, preview: &Preview) -> Result<Readiness, BookError> {
    let (view, day) = (View::new(&book.state.knowledge, preview.known), preview.period.last());
    let knowledge = view.knowledge;
    let complete = view.latest_complete(&knowledge.complete_of_everybody).map(|known| known.fact.at);
    let own = knowledge.complete_of.sorted().into_iter();
    let own = own.filter_map(|(account, facts)| Some((account.clone(), view.latest_complete(facts)?.fact.at)));
    let used = knowledge.runs().filter_map(|run| Some(view.covered(run, (Day::FIRST, day))?.1)).max();
    let last = book.state.posted.last_close();
    let before = match last {
        Some(closed) => posted(book, closed)?,
        None => Vec::new(),
    };
    Ok(Readiness {
        complete,
        behind: own.filter(|(_, through)| *through < day).collect(),
        used,
        before: last.map(|closed| closed.close.period),
        changes: changes(&preview.statements, &before),
    })
}

fn changes(now: &[Figures], before: &[Figures]) -> Vec<PayChange> {
    let mut both: BTreeMap<&PayeeCurrency, [Option<&Figures>; 2]> = BTreeMap::new();
    for (place, all) in [now, before].into_iter().enumerate() {
        all.iter().for_each(|figures| both.entry(&figures.holder).or_default()[place] = Some(figures));
    }
    let mut changes: Vec<PayChange> =
        both.into_iter().map(|(holder, [now, before])| change(holder, now, before)).collect();
    changes.sort_by_key(|change| std::cmp::Reverse(change.change().minor.abs()));
    changes
}

fn change(holder: &PayeeCurrency, now: Option<&Figures>, before: Option<&Figures>) -> PayChange {
    let pay = |figures: Option<&Figures>| figures.map_or(Money::zero(holder.1), |figures| figures.settled.pay);
    let mut parts: BTreeMap<PayPart, Money> = BTreeMap::new();
    for (part, amount) in now.iter().flat_map(|figures| pay_parts(figures)) {
        *parts.entry(part).or_insert(Money::zero(holder.1)) += amount;
    }
    for (part, amount) in before.iter().flat_map(|figures| pay_parts(figures)) {
        *parts.entry(part).or_insert(Money::zero(holder.1)) -= amount;
    }
    let changed = parts.into_iter().filter(|(_, amount)| !amount.is_zero());
    let mut because: Vec<PayDifference> = changed.map(|(part, amount)| PayDifference { part, amount }).collect();
    because.sort_by_key(|difference| std::cmp::Reverse(difference.amount.minor.abs()));
    PayChange { holder: holder.clone(), pay: pay(now), before: pay(before), because }
}

/// The parts of what is paid: the lines, and what the settlement makes of them.
fn pay_parts(figures: &Figures) -> impl Iterator<Item = (PayPart, Money)> {
    let lines = figures.lines.iter().map(|line| {
        let (plan, component) = (line.name.plan.clone(), line.name.component.clone());
        (PayPart::Component { plan, component }, line.amount)
    });
    let settled = &figures.settled;
    let others = [
        (PayPart::ClawbackBalance, settled.reversed - settled.recovered),
        (PayPart::DrawRecovery, -settled.draw_recovered),
        (PayPart::GuaranteeTopUp, settled.top_up),
        (PayPart::DrawAdvance, settled.advance),
    ];
    lines.chain(others)
}
