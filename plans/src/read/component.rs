//! The keys of a component.

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use ledger::fact::Role;
use ledger::field::Amount;
use ledger::id::ComponentId;
use ledger::money::{Currency, Money};
use toml::de::DeValue;

use crate::plan::{
    After, Cancellation, Component, Credit, CurveShape, Earned, Measure, Mode, Period, Prorate, Quota, Rate,
};
use crate::read::earning::curve::{PointText, SHAPE, curve, points};
use crate::read::earning::ramp::{RampText, ramp};
use crate::read::earning::tier::{TierText, tiers};
use crate::read::filter::{FilterText, filter};
use crate::read::measure::measure;
use crate::read::payment::clawback::{ClawbackText, clawbacks};
use crate::read::payment::installment::{InstallmentText, installments};
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::{PlanRefusal, PlanReport};

#[derive(Clone, Debug)]
pub struct ComponentText {
    pub spot: Spot,
    pub id: TextField<ComponentId>,
    pub title: TextField<String>,
    pub measure: TextField<Measure>,
    pub from: TextField<Day>,
    pub until: TextField<Day>,
    pub filter: TextField<FilterText>,
    pub credit: TextField<Credit>,
    pub period: TextField<Period>,
    pub quota: TextField<Quota>,
    pub ramp: TextField<RampText>,
    pub prorate: TextField<Prorate>,
    pub rate: TextField<Rate>,
    pub amount: TextField<Amount>,
    pub target: TextField<Exact>,
    pub curve: TextField<Vec<PointText>>,
    pub shape: TextField<CurveShape>,
    pub goal: TextField<Exact>,
    pub tiers: TextField<Vec<TierText>>,
    pub mode: TextField<Mode>,
    pub cap: TextField<CapText>,
    pub cancellation: TextField<Cancellation>,
    pub after_cancellation: TextField<After>,
    pub due: TextField<Period>,
    pub installments: TextField<Vec<InstallmentText>>,
    pub clawbacks: TextField<Vec<ClawbackText>>,
}

#[derive(Clone, Debug)]
pub struct CapText {
    pub period: TextField<Amount>,
    pub item: TextField<Amount>,
}

pub const AFTER: [(&str, After); 2] = [("pay", After::Pay), ("forfeit", After::Forfeit)];
const PERIOD: [(&str, Period); 4] =
    [("month", Period::Month), ("quarter", Period::Quarter), ("half", Period::Half), ("year", Period::Year)];
const DUE: [(&str, Period); 3] =
    [("quarter-end", Period::Quarter), ("half-end", Period::Half), ("year-end", Period::Year)];
const PRORATE: [(&str, Prorate); 3] = [("days", Prorate::Days), ("start", Prorate::Start), ("none", Prorate::None)];
const MODE: [(&str, Mode); 3] =
    [("marginal", Mode::Marginal), ("retroactive", Mode::Retroactive), ("per-item", Mode::PerItem)];
const CANCELLATION: [(&str, Cancellation); 2] = [("keep", Cancellation::Keep), ("restate", Cancellation::Restate)];

impl ComponentText {
    pub fn read<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<ComponentText> {
        let mut table = TomlTable::of(value, TableKind::Component, report)?;
        let component = ComponentText {
            spot: table.spot,
            id: table.need("id", |value, report| value::name(value, report).map(ComponentId), report),
            title: table.take("title", value::line, report),
            measure: table.need("measure", measure, report),
            from: table.take("from", value::day, report),
            until: table.take("until", value::day, report),
            filter: table.take("where", filter, report),
            credit: table.take("credit", credit, report),
            period: table.take("period", |value, report| value::word(value, &PERIOD, report), report),
            quota: table.take("quota", quota, report),
            ramp: table.take("ramp", ramp, report),
            prorate: table.take("prorate", |value, report| value::word(value, &PRORATE, report), report),
            rate: table.take("rate", rate, report),
            amount: table.take("amount", value::amount, report),
            target: table.take("target", value::share, report),
            curve: table.take("curve", points, report),
            shape: table.take("shape", |value, report| value::word(value, &SHAPE, report), report),
            goal: table.take("goal", goal, report),
            tiers: table.take("tiers", tiers, report),
            mode: table.take("mode", |value, report| value::word(value, &MODE, report), report),
            cap: table.take("cap", cap, report),
            cancellation: table.take("cancellation", |value, report| value::word(value, &CANCELLATION, report), report),
            after_cancellation: table.take(
                "after-cancellation",
                |value, report| value::word(value, &AFTER, report),
                report,
            ),
            due: table.take("due", |value, report| value::word(value, &DUE, report), report),
            installments: table.take("installment", installments, report),
            clawbacks: table.take("clawback", clawbacks, report),
        };
        table.finish(report);
        Some(component)
    }

    pub fn component(&self, currency: Currency) -> Option<Component> {
        let parts: Vec<&str> =
            self.installments.items().iter().filter_map(|part| part.id.value.as_ref()).map(|id| id.as_str()).collect();
        let cap = |of: fn(&CapText) -> &TextField<Amount>| self.cap.value.as_ref().and_then(|cap| of(cap).get());
        Some(Component {
            id: self.id.get()?,
            title: self.title.get(),
            measure: self.measure.get()?,
            from: self.from.get(),
            until: self.until.get(),
            filter: self.filter.value.as_ref().map(FilterText::filter).unwrap_or_default(),
            credit: self.credit.or(Credit::Roles(vec![Role::Primary])),
            period: self.period.or(Period::Month),
            quota: self.quota.get(),
            ramp: self.ramp.value.as_ref().map(RampText::by_month).unwrap_or_default(),
            prorate: self.prorate.or(Prorate::Days),
            earned: self.earned(currency)?,
            cap_item: cap(|cap| &cap.item).map(|amount| money(amount, currency)),
            cap_period: cap(|cap| &cap.period).map(|amount| money(amount, currency)),
            cancellation: self.cancellation.or(Cancellation::Keep),
            after_cancellation: self.after_cancellation.or(After::Forfeit),
            due: self.due.get(),
            installments: self.installments.items().iter().map(InstallmentText::installment).collect::<Option<_>>()?,
            clawbacks: self.clawbacks.items().iter().map(|text| text.clawback(&parts)).collect::<Option<_>>()?,
        })
    }

    fn earned(&self, currency: Currency) -> Option<Earned> {
        if let Some(amount) = self.amount.get() {
            return Some(Earned::Amount(money(amount, currency)));
        }
        if self.curve.is_written() {
            let curve = curve(self.curve.items(), self.shape.or(CurveShape::Line))?;
            return Some(if self.target.is_written() {
                Earned::Target { share: self.target.get()?, curve, goal: self.goal.get() }
            } else {
                Earned::Curve { curve, mode: self.mode.or(Mode::Marginal) }
            });
        }
        let tiers = self.tiers.items().iter().map(TierText::tier).collect::<Option<_>>()?;
        Some(Earned::Rate { base: self.rate.get()?, tiers, mode: self.mode.or(Mode::Marginal) })
    }
}

/// An amount as money. The check has refused amounts with more decimals than the currency, so nothing is rounded.
pub fn money(amount: Amount, currency: Currency) -> Money {
    let money = Money::round(&amount.exact(), currency, Rounding::HalfUp).expect("15 digits fit into money");
    assert!(money.exact() == amount.exact(), "BUG: `{amount}` was not checked to be whole {currency}");
    money
}

/// A role, a list of roles, or one of the words that mean other payees' credit.
fn credit<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Credit> {
    match value.get_ref().as_str() {
        Some("reports") => Some(Credit::Reports),
        Some("team") => Some(Credit::Team),
        Some(_) => role(value, report).map(|role| Credit::Roles(vec![role])),
        None => {
            let roles = value::list(value, ExpectedValue::Roles, Role::WORDS.len(), role, report)?;
            value::distinct(value, &roles, report).then_some(Credit::Roles(roles))
        }
    }
}

fn role(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Role> {
    value::word(value, &[Role::Primary, Role::Overlay, Role::Partner].map(|role| (role.as_str(), role)), report)
}

/// The goal of a level: an amount or a percent above zero.
fn goal(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Exact> {
    let goal = match value.get_ref().as_str() {
        Some(text) if text.ends_with('%') => value::percent_from_zero(value, report)?,
        Some(_) | None => value::amount_from_zero(value, report)?.exact(),
    };
    if goal.is_zero() {
        return value::not(value, ExpectedValue::Goal, report);
    }
    Some(goal)
}

fn quota(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Quota> {
    match value.get_ref().as_str() {
        Some("assigned") => Some(Quota::Assigned),
        Some(text) if text.chars().all(char::is_alphabetic) => {
            value::not(value, ExpectedValue::AmountOrAssigned, report)
        }
        Some(_) | None => value::amount_from_zero(value, report).map(|amount| Quota::Amount(amount.exact())),
    }
}

fn rate(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Rate> {
    match value.get_ref().as_str() {
        Some("assigned") => Some(Rate::Assigned),
        Some(text) if text.chars().all(char::is_alphabetic) => {
            value::not(value, ExpectedValue::PercentOrAssigned, report)
        }
        Some(_) | None => value::percent(value, report).map(Rate::Written),
    }
}

/// A table, or an amount, which is the cap of a period.
fn cap<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<CapText> {
    if !matches!(value.get_ref(), DeValue::Table(_)) {
        let spot = Spot::from(value.span());
        let period = value::amount_from_zero(value, report)?;
        let period = TextField { name: "period", key: Some(spot), at: spot, value: Some(period) };
        return Some(CapText { period, item: TextField::nothing("item") });
    }
    let mut table = TomlTable::of(value, TableKind::Cap, report)?;
    let period = table.take("period", value::amount_from_zero, report);
    let item = table.take("item", value::amount_from_zero, report);
    if table.is_empty() {
        return report.wrong(table.spot, PlanRefusal::EmptyCap);
    }
    table.finish(report);
    Some(CapText { period, item })
}
