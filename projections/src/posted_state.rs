//! Running balances of payees, the draws that they were given, and the closes so far (calculation.md 10).

mod encoding;

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Draw, PeriodClose, Posting, Record, Settlement};
use ledger::id::{Name, PlanId};
use ledger::money::{Currency, Money};

use crate::lines::{PayeeCurrency, PostedLines, money};
use crate::position::Position;

/// What is payable to a payee, owed by it, and drawn.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Balances {
    pub payable: Money,
    pub owed: Money,
    pub draw: Money,
}

impl Balances {
    pub fn zero(currency: Currency) -> Balances {
        let zero = Money::zero(currency);
        Balances { payable: zero, owed: zero, draw: zero }
    }
}

/// A draw that was given, with the terms of its recovery.
#[derive(Clone, Debug)]
pub struct GivenDraw {
    /// `None` for an opening balance, which has no terms.
    pub plan: Option<PlanId>,
    pub draw: Name,
    pub trigger: Name,
    pub month: Month,
    pub recoverable: bool,
    pub begins: Option<Day>,
    /// The date of what it was given for.
    pub triggered: Option<Day>,
    pub rate: Option<Exact>,
    /// What of it was not recovered yet.
    pub balance: Money,
}

/// A closed period and where its entries stand.
#[derive(Clone, Debug)]
pub struct ClosedPeriod {
    pub close: PeriodClose,
    /// The first entry of its append.
    pub first: Position,
    /// The `period-close` entry.
    pub position: Position,
}

/// What closes have written so far.
#[derive(Clone, Debug, Default)]
pub struct PostedState {
    pub balances: BTreeMap<PayeeCurrency, Balances>,
    /// In the order in which they were given.
    pub draws: BTreeMap<PayeeCurrency, Vec<GivenDraw>>,
    pub closes: Vec<ClosedPeriod>,
    pub lines: PostedLines,
    /// From which position on lines due by a day keep what was posted; none, where that was lifted.
    pub freezes: Vec<(Position, Option<Day>)>,
    /// What the last close withheld, in its order.
    pub held_back: Vec<Posting>,
    /// The same of the close whose entries are being folded in.
    withheld: Vec<Posting>,
    /// Where the close begins whose entries are being folded in.
    open_close: Option<Position>,
}

impl PostedState {
    /// Folds in what the ledger wrote itself; facts change nothing here.
    pub fn apply(&mut self, record: Record, position: Position) {
        match record {
            Record::Book(_) | Record::Plan(_) | Record::Mapping(_) => return,
            Record::Earning(earning) => self.lines.apply(earning.line, position),
            Record::Reversal(reversal) => self.lines.apply(reversal.line, position),
            Record::OpeningLine(opening) => self.lines.apply(opening.line, position),
            Record::Withheld(withheld) => self.withheld.push(withheld.line),
            Record::Freeze(freeze) => return self.freezes.push((position, freeze.until)),
            Record::Draw(draw) => self.apply_draw(draw),
            Record::Settlement(settlement) => self.apply_settlement(settlement),
            Record::PeriodClose(close) => return self.apply_close(close, position),
        }
        self.open_close.get_or_insert(position);
    }

    pub fn last_close(&self) -> Option<&ClosedPeriod> {
        self.closes.last()
    }

    pub fn closed(&self, period: Month) -> Option<&ClosedPeriod> {
        self.closes.iter().find(|closed| closed.close.period == period)
    }

    /// The freeze that holds at a size of the log: its position, and up to which day.
    pub fn frozen(&self, size: u64) -> Option<(Position, Day)> {
        let (position, until) = self.freezes.iter().rfind(|(position, _)| u64::from(*position) < size)?;
        until.map(|until| (*position, until))
    }

    fn apply_draw(&mut self, draw: Draw) {
        let currency = draw.currency;
        let given = GivenDraw {
            plan: draw.plan,
            draw: draw.draw,
            trigger: draw.trigger,
            month: draw.month,
            recoverable: draw.recoverable,
            begins: draw.begins,
            triggered: draw.triggered,
            rate: draw.rate.map(|rate| rate.exact()),
            balance: money(draw.balance, currency),
        };
        let list = self.draws.entry((draw.payee, currency)).or_default();
        let same = |known: &GivenDraw| {
            (&known.plan, &known.draw, &known.trigger, known.month)
                == (&given.plan, &given.draw, &given.trigger, given.month)
        };
        match list.iter().position(same) {
            Some(index) => list[index] = given,
            None => list.push(given),
        }
    }

    fn apply_settlement(&mut self, settlement: Settlement) {
        let currency = settlement.currency;
        let closing = Balances {
            payable: money(settlement.closing.payable, currency),
            owed: money(settlement.closing.owed, currency),
            draw: money(settlement.closing.draw, currency),
        };
        self.balances.insert((settlement.payee, currency), closing);
    }

    fn apply_close(&mut self, close: PeriodClose, position: Position) {
        let first = self.open_close.take().unwrap_or(position);
        self.held_back = std::mem::take(&mut self.withheld);
        self.closes.push(ClosedPeriod { close, first, position });
    }
}
