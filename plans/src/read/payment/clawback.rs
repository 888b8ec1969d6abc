//! The keys of a clawback, which takes back what was released.

use ledger::date::Span;
use ledger::exact::Exact;
use ledger::id::Name;

use crate::plan::{Anchor, Clawback, ClawbackTrigger, Take};
use crate::read::payment::condition::{ConditionText, conditions, plain};
use crate::read::payment::installment::{ANCHOR, INSTALLMENTS_MAX};
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::PlanReport;

pub const CLAWBACKS_MAX: usize = 50;

#[derive(Clone, Debug)]
pub struct ClawbackText {
    pub spot: Spot,
    pub id: TextField<Name>,
    pub after: TextField<Span>,
    pub on: TextField<()>,
    pub signal: TextField<Name>,
    pub of: TextField<Anchor>,
    pub within: TextField<Span>,
    pub when: TextField<Vec<ConditionText>>,
    /// `Some(None)` for `"all"`.
    pub reverse: TextField<Option<Vec<ReverseText>>>,
    pub take_back: TextField<Take>,
}

#[derive(Clone, Debug)]
pub struct ReverseText {
    pub at: Spot,
    pub part: Name,
}

pub fn clawbacks<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<ClawbackText>> {
    value::list(value, ExpectedValue::Tables(TableKind::Clawback), CLAWBACKS_MAX, ClawbackText::read, report)
}

impl ClawbackText {
    fn read<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<ClawbackText> {
        let mut table = TomlTable::of(value, TableKind::Clawback, report)?;
        let clawback = ClawbackText {
            spot: table.spot,
            id: table.need("id", value::name, report),
            after: table.take("after", value::span, report),
            on: table.take("on", |value, report| value::word(value, &[("cancellation", ())], report), report),
            signal: table.take("signal", value::name, report),
            of: table.take("of", |value, report| value::word(value, &ANCHOR, report), report),
            within: table.take("within", value::span, report),
            when: table.take("when", conditions, report),
            reverse: table.take("reverse", reverse, report),
            take_back: table.take("take-back", take_back, report),
        };
        table.finish(report);
        Some(clawback)
    }

    /// The clawback. `parts` are the ids of the component's installments, in their order. `None` if a value was
    /// refused.
    pub fn clawback(&self, parts: &[&str]) -> Option<Clawback> {
        let named = self.reverse.get().flatten();
        let place = |text: &ReverseText| parts.iter().position(|part| *part == text.part.as_str());
        let reverse = match named {
            Some(list) => Some(list.iter().map(place).collect::<Option<Vec<usize>>>()?),
            None => None,
        };
        Some(Clawback {
            id: self.id.get()?,
            trigger: self.trigger()?,
            anchor: self.of.or(Anchor::Start),
            within: self.within.get(),
            when: plain(self.when.items()),
            reverse,
            take: self.take_back.or(Take::Share(Exact::ONE)),
        })
    }

    fn trigger(&self) -> Option<ClawbackTrigger> {
        let after = self.after.get().map(ClawbackTrigger::After);
        let signal = self.signal.get().map(ClawbackTrigger::Signal);
        let cancellation = self.on.get().map(|()| ClawbackTrigger::Cancellation);
        after.or(signal).or(cancellation)
    }
}

fn reverse<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Option<Vec<ReverseText>>> {
    if value.get_ref().as_str() == Some("all") {
        return Some(None);
    }
    let parts = value::list(value, ExpectedValue::Installments, INSTALLMENTS_MAX, reversed, report)?;
    let names: Vec<&Name> = parts.iter().map(|text| &text.part).collect();
    value::distinct(value, &names, report).then_some(Some(parts))
}

fn reversed(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<ReverseText> {
    Some(ReverseText { at: value.span().into(), part: value::name(value, report)? })
}

fn take_back<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Take> {
    if value.get_ref().is_table() {
        let mut table = TomlTable::of(value, TableKind::TakeBack, report)?;
        let unconsumed = table.need("unconsumed", value::window, report);
        table.finish(report);
        return unconsumed.value.map(Take::Unconsumed);
    }
    match value.get_ref().as_str() {
        Some("remaining-months") => Some(Take::RemainingMonths),
        Some(text) if text.ends_with('%') => value::share(value, report).map(Take::Share),
        Some(_) | None => value::not(value, ExpectedValue::TakeBack, report),
    }
}
