//! The opening of a book: opening balances of payees, and lines that were settled before the book began (calculation.md 9).

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, Nature};
use ledger::field::Amount;
use ledger::finding::{Finding, TextLocation};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use ledger::nearest::nearest;
use plans::context::Context;
use plans::entitlement::Entitled;
use plans::incremental::item_key::read_item;
use plans::payment::installment::WHOLE;
use plans::plan::Component;
use projections::lines::{LineName, PayeeCurrency, PostedLine, WrittenLine};
use projections::posted_state::Balances;
use projections::view::View;
use uuid::Uuid;

use crate::close::refusal::{CloseFault, CloseFindings, CloseWarning};
use crate::evaluation::full::Evaluation;
use crate::state::State;

/// The lines that count as settled at a book's first close.
pub enum Opening {
    /// All lines, with the full amounts that payees are entitled to.
    InFull,
    /// These lines with these amounts, and no others.
    Lines(Vec<SettledLine>),
}

/// A settled line, as an opening's file has it.
pub struct SettledLine {
    /// The payee.
    pub payee: PayeeId,
    /// The currency of the amount.
    pub currency: Currency,
    /// The name of the line.
    pub name: WrittenLine,
    /// The settled amount, in the currency.
    pub amount: Amount,
    /// The place in the file.
    pub place: Option<Box<TextLocation>>,
}

/// A line that an opening close counts as posted.
#[derive(Clone, Debug)]
pub struct OpeningSettled {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// The name of the line.
    pub name: LineName,
    /// The line as if an earlier close had posted it.
    pub posted: PostedLine,
}

/// The lines that count as posted, in the order of statements. Adds faults and warnings to the findings.
pub(crate) fn settled(
    state: &State,
    context: &Context<'_>,
    evaluation: &Evaluation,
    opening: &Opening,
    period: Month,
    findings: &mut CloseFindings,
) -> Vec<OpeningSettled> {
    match opening {
        Opening::InFull => in_full(evaluation, period),
        Opening::Lines(lines) => line_by_line(state, context, evaluation, lines, period, findings),
    }
}

fn line_by_line(
    state: &State,
    context: &Context<'_>,
    evaluation: &Evaluation,
    lines: &[SettledLine],
    period: Month,
    findings: &mut CloseFindings,
) -> Vec<OpeningSettled> {
    let mut settled: BTreeMap<(PayeeCurrency, LineName), OpeningSettled> = BTreeMap::new();
    if lines.is_empty() {
        findings.warnings.push(CloseWarning::NothingSettled.into());
    }
    let mut due: BTreeMap<PayeeCurrency, BTreeMap<WrittenLine, (&LineName, &Entitled)>> = BTreeMap::new();
    for line in lines {
        if let Some(fault) = wrong_with(state, context, line) {
            findings.faults.push(at(line, fault));
            continue;
        }
        let holder = (line.payee.clone(), line.currency);
        let due = due.entry(holder.clone()).or_insert_with(|| {
            evaluation.lines(&holder).map(|(name, entitled)| (WrittenLine::from(name), (name, entitled))).collect()
        });
        let found = match due.get(&line.name) {
            Some((name, entitled)) => Some(((*name).clone(), posted_as(entitled, period))),
            None => not_due(context, line, period),
        };
        let Some((name, posted)) = found else {
            findings.faults.push(at(line, CloseFault::SettledLineUnknown { line: line.name.clone() }));
            continue;
        };
        if !due.contains_key(&line.name) {
            let (payee, line_name, day) = (line.payee.clone(), name.clone(), context.day);
            findings.warnings.push(at(line, CloseWarning::SettledNotDue { payee, line: line_name, day }));
        }
        let entitled = projections::lines::money(line.amount, line.currency);
        let posted = PostedLine { entitled, ..posted };
        let one = OpeningSettled { holder: holder.clone(), name: name.clone(), posted };
        if settled.insert((holder, name.clone()), one).is_some() {
            findings.faults.push(at(line, CloseFault::SettledTwice { payee: line.payee.clone(), line: name }));
        }
    }
    settled.into_values().filter(|settled| !settled.posted.entitled.is_zero()).collect()
}

/// A line as if its full amount had been posted.
fn posted_as(line: &Entitled, period: Month) -> PostedLine {
    PostedLine {
        entitled: line.amount,
        date: line.date,
        account: line.account.clone(),
        due: line.due,
        nature: line.nature,
        version: line.version,
        last: period,
        positions: Vec::new(),
    }
}

/// A settled line of which nothing is due yet, dated at the last day of the month. `None` if its component has no such item.
fn not_due(context: &Context<'_>, line: &SettledLine, period: Month) -> Option<(LineName, PostedLine)> {
    let WrittenLine { plan, component, item, part } = line.name.clone();
    let key = match &plan {
        Some(plan) => {
            let versions = context.rules.versions(plan.as_str(), context.view.visibility);
            let mut keys = versions.filter_map(|published| {
                let component = published.plan.component(component.as_str())?;
                read_item(component, published.plan.year_start, &item)
            });
            keys.next()?
        }
        None => ItemKey::Fact(Uuid::try_parse(&item).ok()?),
    };
    let name = LineName { plan, component, item: key, part };
    let posted = PostedLine {
        entitled: Money::zero(line.currency),
        date: context.day,
        account: None,
        due: context.day,
        nature: nature(context, &name),
        version: None,
        last: period,
        positions: Vec::new(),
    };
    Some((name, posted))
}

/// A finding at a line of the opening's file.
fn at<R>(line: &SettledLine, what: R) -> Finding<R> {
    Finding { location: line.place.clone(), ..Finding::new(what) }
}

fn wrong_with(state: &State, context: &Context<'_>, line: &SettledLine) -> Option<CloseFault> {
    let payees = &state.knowledge.payees;
    if !payees.contains_key(&line.payee) {
        let near = nearest(line.payee.as_str(), payees.keys().map(PayeeId::as_str)).and_then(PayeeId::new);
        return Some(CloseFault::SettledPayeeUnknown { payee: line.payee.clone(), nearest: near });
    }
    if line.amount.decimals() > line.currency.digits() {
        return Some(CloseFault::SettledTooManyDecimals { amount: line.amount, currency: line.currency });
    }
    let (known, currency) = match &line.name.plan {
        Some(plan) => {
            let versions = || context.rules.versions(plan.as_str(), context.view.visibility).map(|found| &found.plan);
            let mut components = versions().flat_map(|plan| &plan.components);
            (components.any(|component| pays(component, &line.name)), versions().next().map(|plan| plan.currency))
        }
        None => {
            let adjustment = adjustment(state, context, &line.name);
            (adjustment.is_some(), adjustment)
        }
    };
    if !known {
        return Some(CloseFault::SettledLineUnknown { line: line.name.clone() });
    }
    let paid = currency.filter(|currency| *currency != line.currency)?;
    Some(CloseFault::SettledCurrencyDiffers { line: line.name.clone(), paid, written: line.currency })
}

/// The currency of the adjustment that a line is named after; `None` if there is no such adjustment.
fn adjustment(state: &State, context: &Context<'_>, name: &WrittenLine) -> Option<Currency> {
    let id = Uuid::try_parse(&name.item).ok()?;
    let facts = state.knowledge.facts_between(0, context.view.visibility.size());
    let mut same = facts.filter(|known| known.id == id);
    match &same.next()?.fact.body {
        Body::Adjustment(adjustment) => Some(adjustment.currency),
        _ => None,
    }
}

/// The opening balances that enter with this close: the ones known now, less those that entered with earlier closes.
pub(crate) fn openings(state: &State, context: &Context<'_>) -> BTreeMap<PayeeCurrency, Balances> {
    let mut openings = opening_balances(context.view, context.day);
    if let Some(last) = state.posted.last_close() {
        let before = View::new(&state.knowledge, last.close.known);
        for (holder, entered) in opening_balances(before, last.close.period.last()) {
            let zero = Money::zero(holder.1);
            let now = openings.entry(holder.clone()).or_insert(Balances::zero(holder.1));
            now.owed = (now.owed - entered.owed).max(zero);
            now.draw = (now.draw - entered.draw).max(zero);
        }
    }
    openings.retain(|_, balances| balances.owed.is_positive() || balances.draw.is_positive());
    openings
}

fn in_full(evaluation: &Evaluation, period: Month) -> Vec<OpeningSettled> {
    let mut settled = Vec::new();
    for holder in evaluation.holders() {
        for (name, line) in evaluation.lines(&holder).filter(|(_, line)| !line.amount.is_zero()) {
            let posted = posted_as(line, period);
            settled.push(OpeningSettled { holder: holder.clone(), name: name.clone(), posted });
        }
    }
    settled
}

/// The nature of a line of which nothing is due.
fn nature(context: &Context<'_>, name: &LineName) -> Nature {
    let Some(plan) = &name.plan else { return Nature::Adjustment };
    let versions = context.rules.versions(plan.as_str(), context.view.visibility);
    let mut components =
        versions.flat_map(|found| &found.plan.components).filter(|component| component.id == name.component);
    let is_clawback =
        components.any(|component| component.clawbacks.iter().any(|clawback| Some(&clawback.id) == name.part.as_ref()));
    if is_clawback { Nature::Clawback } else { Nature::Earned }
}

/// Whether a component has lines of this name.
fn pays(component: &Component, name: &WrittenLine) -> bool {
    let installments = component.installments.iter().map(|installment| &installment.id);
    let mut parts = installments.chain(component.clawbacks.iter().map(|clawback| &clawback.id));
    let whole = || component.installments.is_empty() && name.part.as_ref().is_some_and(|part| part.as_str() == WHOLE);
    component.id == name.component && (parts.any(|part| Some(part) == name.part.as_ref()) || whole())
}

/// The sums of the opening balances dated up to a day.
fn opening_balances(view: View<'_>, day: Day) -> BTreeMap<PayeeCurrency, Balances> {
    let mut held: BTreeMap<PayeeCurrency, Balances> = BTreeMap::new();
    for payee in plans::credit::index::payees(view) {
        for at in view.opening_balances(payee.as_str(), day) {
            let currency = at.fact.currency;
            let of = |amount: Option<Amount>| {
                amount.map_or(Money::zero(currency), |amount| projections::lines::money(amount, currency))
            };
            let sums = held.entry((payee.clone(), currency)).or_insert(Balances::zero(currency));
            sums.owed += of(at.fact.owed);
            sums.draw += of(at.fact.draw);
        }
    }
    held
}
