//! How ready a month is to be closed: how far usage reaches, and whose pay changes most against the month before.

use std::io;

use ledger::date::{Day, Month};
use ledger::id::{AccountId, ComponentId, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use replay::statements::readiness::{ComponentDifference, PayChange, Readiness};
use serde::Serialize;

use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::terminal::screen::Screen;

/// How many accounts are listed whose usage is behind.
const BEHIND_MAX: usize = 3;
/// How many payees are listed whose pay changes most.
const MOVERS_MAX: usize = 5;
/// How many components of each of them are named.
const BECAUSE_MAX: usize = 3;

/// Says through which day usage is there, in lines.
pub fn completeness(readiness: &Readiness, period: Month) -> Vec<String> {
    let all = match (readiness.complete, readiness.used) {
        (Some(complete), _) if complete >= period.last() => format!("Usage is complete through {complete}."),
        (Some(complete), _) => {
            format!("Usage is complete only through {complete}; {period} ends on {}.", period.last())
        }
        (None, Some(used)) => format!("Usage is known through {used}; no `usage-complete` fact says that it is all."),
        (None, None) => format!("No usage is known of {period} or before."),
    };
    let behind = readiness.behind.iter();
    let behind =
        behind.map(|(account, through)| format!("Of account `{account}` it is complete only through {through}."));
    let mut lines: Vec<String> = [all].into_iter().chain(behind.take(BEHIND_MAX)).collect();
    if let more @ 1.. = readiness.behind.len().saturating_sub(BEHIND_MAX) {
        lines.push(format!("Of {more} more accounts it is not complete through {period} either."));
    }
    lines
}

/// Whose pay changes most against the last close, and by which components.
pub fn movers(readiness: &Readiness, out: &mut Screen) -> io::Result<()> {
    let Some(before) = readiness.before else { return Ok(()) };
    let changed = readiness.changes.iter().filter(|change| !change.change().is_zero());
    let changed: Vec<&PayChange> = changed.collect();
    if changed.is_empty() {
        return writeln!(out, "Nobody is paid more or less than in {before}.");
    }
    writeln!(out, "Largest changes of pay against {before}")?;
    for change in changed.iter().take(MOVERS_MAX) {
        let (payee, currency) = &change.holder;
        let (was, now) = (amount(change.before), amount(change.pay));
        writeln!(out, "  {payee} {currency}: {was} -> {now} ({})", signed(change.change()))?;
        for component in change.because.iter().take(BECAUSE_MAX) {
            writeln!(out, "    {} {}", name(component), signed(component.amount))?;
        }
    }
    match changed.len().saturating_sub(MOVERS_MAX) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

fn name(component: &ComponentDifference) -> String {
    match &component.plan {
        Some(plan) => format!("{plan}/{}", component.component),
        None => "adjustments".to_owned(),
    }
}

fn signed(money: Money) -> String {
    if money.is_negative() { amount(money) } else { format!("+{}", amount(money)) }
}

/// As it is published.
#[derive(Serialize)]
pub struct ReadinessJson<'r> {
    usage_complete: Option<AsText<Day>>,
    usage_known: Option<AsText<Day>>,
    behind: Vec<BehindJson<'r>>,
    against: Option<AsText<Month>>,
    changes: Vec<PayChangeJson<'r>>,
}

#[derive(Serialize)]
struct BehindJson<'r> {
    account: AsText<&'r AccountId>,
    through: AsText<Day>,
}

#[derive(Serialize)]
struct PayChangeJson<'r> {
    payee: AsText<&'r PayeeId>,
    currency: AsText<Currency>,
    pay: AsText<Money>,
    before: AsText<Money>,
    change: AsText<Money>,
    because: Vec<ComponentDifferenceJson<'r>>,
}

#[derive(Serialize)]
struct ComponentDifferenceJson<'r> {
    plan: Option<AsText<&'r PlanId>>,
    component: AsText<&'r ComponentId>,
    amount: AsText<Money>,
}

impl ReadinessJson<'_> {
    pub fn of(readiness: &Readiness) -> ReadinessJson<'_> {
        let behind = readiness.behind.iter();
        ReadinessJson {
            usage_complete: readiness.complete.map(AsText),
            usage_known: readiness.used.map(AsText),
            behind: behind
                .map(|(account, through)| BehindJson { account: AsText(account), through: AsText(*through) })
                .collect(),
            against: readiness.before.map(AsText),
            changes: readiness.changes.iter().map(PayChangeJson::of).collect(),
        }
    }
}

impl PayChangeJson<'_> {
    fn of(change: &PayChange) -> PayChangeJson<'_> {
        let because = change.because.iter().map(|component| ComponentDifferenceJson {
            plan: component.plan.as_ref().map(AsText),
            component: AsText(&component.component),
            amount: AsText(component.amount),
        });
        PayChangeJson {
            payee: AsText(&change.holder.0),
            currency: AsText(change.holder.1),
            pay: AsText(change.pay),
            before: AsText(change.before),
            change: AsText(change.change()),
            because: because.collect(),
        }
    }
}
