//! The keys of an installment, a part of what was earned.

use ledger::date::Span;
use ledger::exact::Exact;
use ledger::id::Name;

use crate::plan::{Anchor, Installment, Otherwise, Trigger};
use crate::read::payment::condition::{ConditionText, conditions, plain};
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::PlanReport;

pub const INSTALLMENTS_MAX: usize = 50;

#[derive(Clone, Debug)]
pub struct InstallmentText {
    pub id: TextField<Name>,
    pub share: TextField<Exact>,
    pub after: TextField<Span>,
    pub consumed: TextField<Exact>,
    pub signal: TextField<Name>,
    pub of: TextField<Anchor>,
    pub within: TextField<Span>,
    pub when: TextField<Vec<ConditionText>>,
    pub otherwise: TextField<Otherwise>,
}

pub const ANCHOR: [(&str, Anchor); 2] = [("start", Anchor::Start), ("item", Anchor::Item)];
const OTHERWISE: [(&str, Otherwise); 2] = [("forfeit", Otherwise::Forfeit), ("wait", Otherwise::Wait)];

pub fn installments<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<Vec<InstallmentText>> {
    value::list(value, ExpectedValue::Tables(TableKind::Installment), INSTALLMENTS_MAX, InstallmentText::read, report)
}

impl InstallmentText {
    fn read<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<InstallmentText> {
        let mut table = TomlTable::of(value, TableKind::Installment, report)?;
        let installment = InstallmentText {
            id: table.need("id", value::name, report),
            share: table.need("share", value::share, report),
            after: table.take("after", value::span, report),
            consumed: table.take("consumed", value::percent_above_zero, report),
            signal: table.take("signal", value::name, report),
            of: table.take("of", |value, report| value::word(value, &ANCHOR, report), report),
            within: table.take("within", value::span, report),
            when: table.take("when", conditions, report),
            otherwise: table.take("otherwise", |value, report| value::word(value, &OTHERWISE, report), report),
        };
        table.finish(report);
        Some(installment)
    }

    pub fn installment(&self) -> Option<Installment> {
        Some(Installment {
            id: self.id.get()?,
            share: self.share.get()?,
            trigger: self.trigger(),
            anchor: self.of.or(Anchor::Start),
            within: self.within.get(),
            when: plain(self.when.items()),
            otherwise: self.otherwise.or(Otherwise::Forfeit),
        })
    }

    fn trigger(&self) -> Trigger {
        let after = self.after.get().map(Trigger::After);
        let consumed = self.consumed.get().map(Trigger::Consumed);
        let signal = self.signal.get().map(Trigger::Signal);
        after.or(consumed).or(signal).unwrap_or(Trigger::ItemDate)
    }
}
