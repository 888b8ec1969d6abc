//! How ready a month is to be closed: how far usage reaches, and whose pay changes most against the month before.

use std::io;

use ledger::date::{Day, Month};
use ledger::id::{AccountId, PayeeId, PlanId};
use ledger::money::{Currency, Money};
use replay::statements::readiness::{PayChange, PayDifference, PayPart, Readiness};
use serde::Serialize;

use crate::render::amount::amount;
use crate::render::json::AsText;
use crate::terminal::screen::Screen;

/// How many accounts are listed whose usage is behind.
const BEHIND_MAX: usize = 3;
/// How many payees are listed whose pay changes most.
const MOVERS_MAX: usize = 5;
/// How many parts of the pay of each of them are named.
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

/// Whose pay, or the parts of it, change most against the last close.
pub fn movers(readiness: &Readiness, out: &mut Screen) -> io::Result<()> {
    let Some(before) = readiness.before else { return Ok(()) };
    // What was reversed may be all in the clawback balance, so that the pay is the same.
    let changed = readiness.changes.iter().filter(|change| !change.change().is_zero() || !change.because.is_empty());
    let changed: Vec<&PayChange> = changed.collect();
    if changed.is_empty() {
        return writeln!(out, "Nobody is paid more or less than in {before}.");
    }
    writeln!(out, "Largest changes of pay against {before}")?;
    for change in changed.iter().take(MOVERS_MAX) {
        let (payee, currency) = &change.holder;
        let (was, now) = (amount(change.before), amount(change.pay));
        writeln!(out, "  {payee} {currency}: {was} -> {now} ({})", signed(change.change()))?;
        for difference in change.because.iter().take(BECAUSE_MAX) {
            writeln!(out, "    {} {}", name(&difference.part), signed(difference.amount))?;
        }
        if let rest @ [_, ..] = change.because.get(BECAUSE_MAX..).unwrap_or_default() {
            let sum = Money::sum(*currency, rest.iter().map(|difference| difference.amount));
            writeln!(out, "    {} more, together {}", rest.len(), signed(sum))?;
        }
    }
    match changed.len().saturating_sub(MOVERS_MAX) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more"),
    }
}

fn name(part: &PayPart) -> String {
    match part {
        PayPart::Component { plan: Some(plan), component } => format!("{plan}/{component}"),
        PayPart::Component { plan: None, .. } => "adjustments".to_owned(),
        PayPart::ClawbackBalance => "reversed, not recovered yet".to_owned(),
        PayPart::DrawRecovery => "draw recovered".to_owned(),
        PayPart::GuaranteeTopUp => "guarantee top-up".to_owned(),
        PayPart::DrawAdvance => "draw advance".to_owned(),
    }
}

/// The word of a part that is no component, as it is published.
fn word(part: &PayPart) -> &'static str {
    match part {
        PayPart::Component { .. } => "component",
        PayPart::ClawbackBalance => "clawback-balance",
        PayPart::DrawRecovery => "draw-recovery",
        PayPart::GuaranteeTopUp => "guarantee-top-up",
        PayPart::DrawAdvance => "draw-advance",
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
    because: Vec<PayDifferenceJson<'r>>,
}

#[derive(Serialize)]
struct PayDifferenceJson<'r> {
    plan: Option<AsText<&'r PlanId>>,
    component: String,
    what: &'static str,
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
        PayChangeJson {
            payee: AsText(&change.holder.0),
            currency: AsText(change.holder.1),
            pay: AsText(change.pay),
            before: AsText(change.before),
            change: AsText(change.change()),
            because: change.because.iter().map(PayDifferenceJson::of).collect(),
        }
    }
}

impl PayDifferenceJson<'_> {
    fn of(difference: &PayDifference) -> PayDifferenceJson<'_> {
        let (plan, component) = match &difference.part {
            PayPart::Component { plan, component } => (plan.as_ref(), component.to_string()),
            PayPart::ClawbackBalance | PayPart::DrawRecovery | PayPart::GuaranteeTopUp | PayPart::DrawAdvance => {
                (None, word(&difference.part).to_owned())
            }
        };
        PayDifferenceJson {
            plan: plan.map(AsText),
            component,
            what: word(&difference.part),
            amount: AsText(difference.amount),
        }
    }
}
