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
    /// The components whose posted amounts differ between the two closes, the largest difference first.
    pub because: Vec<ComponentDifference>,
}

/// The difference of what two closes posted of a component.
pub struct ComponentDifference {
    /// The plan; `None` for adjustments.
    pub plan: Option<PlanId>,
    /// The component.
    pub component: ComponentId,
    /// The difference.
    pub amount: Money,
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
    let mut components: BTreeMap<(&Option<PlanId>, &ComponentId), Money> = BTreeMap::new();
    for line in now.iter().flat_map(|figures| &figures.lines) {
        *components.entry((&line.name.plan, &line.name.component)).or_insert(Money::zero(holder.1)) += line.amount;
    }
    for line in before.iter().flat_map(|figures| &figures.lines) {
        *components.entry((&line.name.plan, &line.name.component)).or_insert(Money::zero(holder.1)) -= line.amount;
    }
    let changed = components.into_iter().filter(|(_, amount)| !amount.is_zero());
    let mut because: Vec<ComponentDifference> = changed
        .map(|((plan, component), amount)| ComponentDifference {
            plan: plan.clone(),
            component: component.clone(),
            amount,
        })
        .collect();
    because.sort_by_key(|component| std::cmp::Reverse(component.amount.minor.abs()));
    PayChange { holder: holder.clone(), pay: pay(now), before: pay(before), because }
}
