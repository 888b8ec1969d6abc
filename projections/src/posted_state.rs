//! Running balances of payees, the draws that they were given, and the closes so far (calculation.md 10).

pub mod accounts;
mod balances;
pub mod disputes;
pub mod draw_name;
mod encoding;
pub mod payables;

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{DrawRecord, OwedOrDraw, PeriodClose, Posting, Record, Settlement};
use ledger::field::Amount;
use ledger::id::{Name, PayeeId, PlanId};
use ledger::money::{Currency, Money};

use crate::lines::{PayeeCurrency, PostedLines, money};
use crate::position::Position;
use crate::posted_state::accounts::LedgerAccounts;
pub use crate::posted_state::balances::Balances;
use crate::posted_state::disputes::Disputes;
use crate::posted_state::payables::Payables;

/// A draw that a close gave, with the terms of its recovery.
#[derive(Clone, Debug)]
pub struct GivenDraw {
    /// `None` for an opening balance, which has no terms.
    pub plan: Option<PlanId>,
    /// The draw's id.
    pub draw: Name,
    /// The id of the booking that it was given for, or the first day of the assignment.
    pub trigger: Name,
    /// The month that it was given for.
    pub month: Month,
    /// Whether it is recovered from later commission.
    pub recoverable: bool,
    /// Recovery begins with the first close whose last day is on or after this day; `None`: at once.
    pub begins: Option<Day>,
    /// The date of what it was given for.
    pub triggered: Option<Day>,
    /// The fraction of the pay above the guarantee that each close recovers at most; `None`: all of it.
    pub rate: Option<Exact>,
    /// What is not recovered yet.
    pub balance: Money,
}

impl GivenDraw {
    /// Draws are recovered, repaid and written off in this order: the opening draw first, then by month and name.
    pub fn recovery_order(&self) -> impl Ord + '_ {
        (self.plan.is_some(), self.month, &self.plan, &self.draw, self.triggered, &self.trigger)
    }
}

/// A closed month, and the positions of its entries.
#[derive(Clone, Debug)]
pub struct ClosedPeriod {
    /// What its `period-close` entry says.
    pub close: PeriodClose,
    /// The position of the first entry of its append.
    pub first: Position,
    /// The position of its `period-close` entry, the last of its append.
    pub position: Position,
}

/// Where the entries of one statement are: its lines and draws, and then its settlement.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct StatementEntries {
    /// The position of its first entry.
    pub first: Position,
    /// The position of its settlement, which is its last entry.
    pub settlement: Position,
}

/// What closes have written up to a size of the log.
#[derive(Clone, Debug, Default)]
pub struct PostedState {
    /// The balances after the last close.
    pub balances: BTreeMap<PayeeCurrency, Balances>,
    /// The draws in the order in which they were given.
    pub draws: BTreeMap<PayeeCurrency, Vec<GivenDraw>>,
    /// The closed months in their order.
    pub closes: Vec<ClosedPeriod>,
    /// What was posted of each line.
    pub lines: PostedLines,
    /// The statements of each payee and currency, in the order of the closes.
    pub statements: BTreeMap<PayeeCurrency, Vec<StatementEntries>>,
    /// The accounts of the general ledger.
    pub accounts: LedgerAccounts,
    /// What is payable, and what was decided about it.
    pub payables: Payables,
    /// What payees disagree with, what was said about it, and how it ended.
    pub disputes: Disputes,
    /// The positions of entries that change balances outside of closes: payouts and their results, repayments, write-offs.
    pub between_closes: Vec<Position>,
    /// The first entry of the statement whose entries are being folded in.
    open_statement: Option<Position>,
    /// Freezes by position: lines that are due by the day keep what was posted; `None` where the freeze was lifted.
    pub freezes: Vec<(Position, Option<Day>)>,
    /// Differences that the last close withheld because of a freeze, in its order.
    pub withheld: Vec<Posting>,
    /// Those of the close whose entries are being folded in.
    withheld_by_open_close: Vec<Posting>,
    /// The first position of the close whose entries are being folded in.
    open_close: Option<Position>,
}

impl PostedState {
    /// Folds in a record that the ledger wrote itself.
    pub fn apply(&mut self, record: Record, position: Position) {
        let balances = &self.balances;
        self.accounts.apply(&record, |settlement| before(balances, settlement));
        self.payables.apply(&record, position);
        self.disputes.apply(&record, position);
        match record {
            Record::Book(_) | Record::Plan(_) | Record::Mapping(_) | Record::Author(_) => return,
            Record::Checkpoint(_) | Record::LogKey(_) => return,
            Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => return,
            Record::Policy(_) | Record::Approval(_) | Record::Rejection(_) | Record::Hold(_) | Record::Release(_) => {
                return;
            }
            Record::Payout(payout) => {
                self.between_closes.push(position);
                let holder = (payout.payee, payout.currency);
                return self.change_balances(holder, |balances, of| balances.payable -= of(payout.amount));
            }
            Record::PayoutResult(result) => {
                self.between_closes.push(position);
                let holder = (result.payee, result.currency);
                return self.change_balances(holder, |balances, of| balances.payable += of(result.returned));
            }
            Record::Repayment(repayment) => {
                self.between_closes.push(position);
                let of = |amount| money(amount, repayment.currency);
                return self.repay((repayment.payee, repayment.currency), of(repayment.owed), of(repayment.draw));
            }
            Record::WriteOff(write_off) => {
                self.between_closes.push(position);
                let holder = (write_off.payee, write_off.currency);
                let (amount, zero) = (money(write_off.amount, holder.1), Money::zero(holder.1));
                return match write_off.of {
                    OwedOrDraw::Owed => self.repay(holder, amount, zero),
                    OwedOrDraw::Draw => self.repay(holder, zero, amount),
                };
            }
            Record::Earning(earning) => {
                self.open_statement.get_or_insert(position);
                self.lines.apply(earning.line, position);
            }
            Record::Reversal(reversal) => {
                self.open_statement.get_or_insert(position);
                self.lines.apply(reversal.line, position);
            }
            Record::OpeningLine(opening) => self.lines.apply(opening.line, position),
            Record::Withheld(withheld) => self.withheld_by_open_close.push(withheld.line),
            Record::Freeze(freeze) => return self.freezes.push((position, freeze.until)),
            Record::Draw(draw) => {
                self.open_statement.get_or_insert(position);
                self.apply_draw(draw);
            }
            Record::Settlement(settlement) => self.apply_settlement(settlement, position),
            Record::PeriodClose(close) => return self.apply_close(close, position),
        }
        self.open_close.get_or_insert(position);
    }

    /// The balances of a settlement's payee before the close that it belongs to is folded in.
    pub fn balances_before(&self, settlement: &Settlement) -> Balances {
        before(&self.balances, settlement)
    }

    /// The last closed month, if there is one.
    pub fn last_close(&self) -> Option<&ClosedPeriod> {
        self.closes.last()
    }

    /// The close of a month; `None` if it is not closed.
    pub fn closed(&self, period: Month) -> Option<&ClosedPeriod> {
        self.closes.iter().find(|closed| closed.close.period == period)
    }

    /// The currencies in which a payee has statements, each with the payee.
    pub fn holders_of<'s>(&'s self, payee: &'s PayeeId) -> impl Iterator<Item = &'s PayeeCurrency> {
        let from = (payee.clone(), Currency::FIRST);
        self.statements.range(from..).map(|(holder, _)| holder).take_while(move |holder| holder.0 == *payee)
    }

    /// The entries of the statement of a payee and currency that a close wrote; `None` if it wrote none.
    pub fn statement_of(&self, holder: &PayeeCurrency, closed: &ClosedPeriod) -> Option<StatementEntries> {
        let statements = self.statements.get(holder)?;
        let index = statements.partition_point(|entries| entries.settlement < closed.first);
        statements.get(index).filter(|entries| entries.settlement < closed.position).copied()
    }

    /// The entries that changed balances after a close and before the next one.
    pub fn changes_after(&self, closed: &ClosedPeriod) -> &[Position] {
        let next = self.closes.partition_point(|other| other.position <= closed.position);
        let end = self.closes.get(next).map_or(Position::MAX, |next| next.first);
        let from = self.between_closes.partition_point(|position| *position < closed.position);
        let to = self.between_closes.partition_point(|position| *position < end);
        &self.between_closes[from..to]
    }

    /// The freeze in force at a log size: its position, and the day up to which lines keep what was posted.
    pub fn frozen(&self, size: u64) -> Option<(Position, Day)> {
        let (position, until) = self.freezes.iter().rfind(|(position, _)| u64::from(*position) < size)?;
        until.map(|until| (*position, until))
    }

    fn change_balances(&mut self, holder: PayeeCurrency, change: impl FnOnce(&mut Balances, &dyn Fn(Amount) -> Money)) {
        let currency = holder.1;
        let balances = self.balances.entry(holder).or_insert(Balances::zero(currency));
        change(balances, &|amount| money(amount, currency));
    }

    /// Lowers what a payee owes, and what is drawn: the draws in the order in which they are recovered.
    fn repay(&mut self, holder: PayeeCurrency, owed: Money, draw: Money) {
        let mut rest = draw;
        let mut draws: Vec<&mut GivenDraw> = self.draws.get_mut(&holder).into_iter().flatten().collect();
        draws.sort_by(|one, other| one.recovery_order().cmp(&other.recovery_order()));
        for given in draws {
            let taken = rest.min(given.balance);
            given.balance -= taken;
            rest -= taken;
        }
        self.change_balances(holder, |balances, _| {
            balances.owed -= owed;
            balances.draw -= draw;
        });
    }

    fn apply_draw(&mut self, draw: DrawRecord) {
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

    fn apply_settlement(&mut self, settlement: Settlement, position: Position) {
        let currency = settlement.currency;
        let closing = Balances {
            payable: money(settlement.closing.payable, currency),
            owed: money(settlement.closing.owed, currency),
            draw: money(settlement.closing.draw, currency),
        };
        let holder = (settlement.payee, currency);
        let first = self.open_statement.take().unwrap_or(position);
        self.statements.entry(holder.clone()).or_default().push(StatementEntries { first, settlement: position });
        self.balances.insert(holder, closing);
    }

    fn apply_close(&mut self, close: PeriodClose, position: Position) {
        let first = self.open_close.take().unwrap_or(position);
        self.withheld = std::mem::take(&mut self.withheld_by_open_close);
        self.closes.push(ClosedPeriod { close, first, position });
    }
}

fn before(balances: &BTreeMap<PayeeCurrency, Balances>, settlement: &Settlement) -> Balances {
    let holder = (settlement.payee.clone(), settlement.currency);
    balances.get(&holder).copied().unwrap_or(Balances::zero(settlement.currency))
}
