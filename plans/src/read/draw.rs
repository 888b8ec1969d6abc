//! The keys of a draw: money given ahead of commission, or a floor under it (calculation.md 10).

use ledger::date::Span;
use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::id::Name;
use ledger::money::Currency;

use crate::plan::{Draw, DrawKind};
use crate::read::component::money;
use crate::read::report::Spot;
use crate::read::table::{TextField, TomlTable};
use crate::read::toml_fault::{ExpectedValue, TableKind};
use crate::read::value::{self, TomlValue};
use crate::refusal::PlanReport;

/// The most months of a draw, and the most by which its recovery can be postponed.
pub const MONTHS_MAX: u16 = 120;

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DrawForm {
    Advance,
    Guarantee,
}

/// What a draw is given for.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum On {
    Booking,
    Assignment,
}

#[derive(Clone, Debug)]
pub struct DrawText {
    pub spot: Spot,
    pub id: TextField<Name>,
    pub kind: TextField<DrawForm>,
    pub amount: TextField<Amount>,
    pub months: TextField<u16>,
    pub on: TextField<On>,
    pub motion: TextField<Vec<Name>>,
    pub recoverable: TextField<bool>,
    pub recover_after: TextField<u16>,
    pub recover_rate: TextField<Exact>,
}

const KIND: [(&str, DrawForm); 2] = [("advance", DrawForm::Advance), ("guarantee", DrawForm::Guarantee)];
const ON: [(&str, On); 2] = [("booking", On::Booking), ("assignment", On::Assignment)];

impl DrawText {
    pub fn read<'t>(value: &'t TomlValue<'t>, report: &mut PlanReport<'_>) -> Option<DrawText> {
        let mut table = TomlTable::of(value, TableKind::Draw, report)?;
        let draw = DrawText {
            spot: table.spot,
            id: table.need("id", value::name, report),
            kind: table.need("kind", |value, report| value::word(value, &KIND, report), report),
            amount: table.need("amount", amount, report),
            months: table.take("months", months, report),
            on: table.take("on", |value, report| value::word(value, &ON, report), report),
            motion: table.take("motion", value::names, report),
            recoverable: table.take("recoverable", value::flag, report),
            recover_after: table.take("recover-after", recover_after, report),
            recover_rate: table.take("recover-rate", value::share, report),
        };
        table.finish(report);
        Some(draw)
    }

    pub fn draw(&self, currency: Currency) -> Option<Draw> {
        Some(Draw {
            id: self.id.get()?,
            kind: self.draw_kind()?,
            amount: money(self.amount.get()?, currency),
            months: self.months.get(),
            recoverable: self.recoverable.or(false),
            recover_after_months: self.recover_after.or(0),
            recover_rate: self.recover_rate.or(Exact::ONE),
        })
    }

    fn draw_kind(&self) -> Option<DrawKind> {
        Some(match (self.kind.get()?, self.on.get()) {
            (DrawForm::Guarantee, _) => DrawKind::Guarantee,
            (DrawForm::Advance, Some(On::Assignment)) => DrawKind::AdvanceOnAssignment,
            (DrawForm::Advance, Some(On::Booking)) => {
                DrawKind::AdvanceOnBooking { motions: self.motion.or(Vec::new()) }
            }
            (DrawForm::Advance, None) => return None,
        })
    }
}

fn amount(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<Amount> {
    let amount = value::amount_from_zero(value, report)?;
    if amount.is_zero() {
        return value::not(value, ExpectedValue::AmountAboveZero, report);
    }
    Some(amount)
}

fn months(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<u16> {
    let months = value::whole(value, (1, u32::from(MONTHS_MAX)), report)?;
    Some(u16::try_from(months).expect("months were checked to be few"))
}

fn recover_after(value: &TomlValue<'_>, report: &mut PlanReport<'_>) -> Option<u16> {
    match value::span(value, report)? {
        Span::Months(months) if months <= MONTHS_MAX => Some(months),
        Span::Months(_) | Span::Days(_) => value::not(value, ExpectedValue::Months(MONTHS_MAX), report),
    }
}
