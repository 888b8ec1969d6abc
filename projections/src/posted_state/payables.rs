//! What closes made payable, close by close: what of it is approved, rejected, held, set off, paid and returned (calculation.md 10,
//! docs/pay.md).

mod encoding;

use std::collections::BTreeMap;

use ledger::date::Month;
use ledger::fact::{
    Approval, EntryRef, HoldRecord, PayoutRecord, PayoutResult, PayoutStatus, Record, Rejection, ReleaseRecord,
    Settlement,
};
use ledger::id::PayeeId;
use ledger::money::Money;

use crate::lines::{PayeeCurrency, money};
use crate::position::Position;

/// What one close made payable to a payee in a currency.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Portion {
    /// The closed month.
    pub period: Month,
    /// What it made payable; 0 in a portion of what came back while the rest was rejected.
    pub amount: Money,
    /// What is neither set off nor paid out of it.
    pub left: Money,
    /// Whether it may be paid.
    pub decision: PortionDecision,
}

/// Whether a portion may be paid.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PortionDecision {
    /// Nobody has said yet.
    Open,
    /// It may, by the approval at this position.
    Approved(Position),
    /// It may not, by the rejection at this position.
    Rejected(Position),
}

/// A hold that was not released.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Hold {
    /// Its entry.
    pub position: Position,
    /// What is not paid for now; everything that is payable where it is `None`. What is set off out of it is held no longer.
    pub amount: Option<Money>,
}

/// A payout to one payee in one currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaidOut {
    /// Its entry.
    pub position: Position,
    /// The month up to which it pays.
    pub period: Month,
    /// What was paid out.
    pub amount: Money,
    /// Out of which closes, and by which approvals.
    pub portions: Vec<(Month, Money, Position)>,
    /// What came back.
    pub returned: Money,
    /// The results that were recorded of it, by position.
    pub results: Vec<(Position, PayoutStatus)>,
}

/// The portions of a payee in a currency, in the order of the closes.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Portions {
    all: Vec<Portion>,
    /// Of the portions before this index nothing is left.
    from: usize,
}

/// What is payable, and what was decided about it.
#[derive(Clone, Debug, Default)]
pub struct Payables {
    portions: BTreeMap<PayeeCurrency, Portions>,
    holds: BTreeMap<PayeeId, Vec<Hold>>,
    payouts: BTreeMap<PayeeCurrency, Vec<PaidOut>>,
    /// The first policy: approvals before it count no more.
    first_policy: Option<Position>,
}

/// A part of a portion that can be paid out.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct PayablePart {
    /// The closed month.
    pub period: Month,
    /// What can be paid out of it.
    pub amount: Money,
    /// The approval.
    pub approval: Position,
}

impl Payables {
    /// The portions of a payee in a currency, in the order of the closes. A close that paid nothing has none.
    pub fn portions(&self, holder: &PayeeCurrency) -> &[Portion] {
        self.portions.get(holder).map_or(&[], |portions| &portions.all)
    }

    /// The portions of which something is left, by payee and currency, and then by month.
    pub fn left(&self) -> impl Iterator<Item = (&PayeeCurrency, &Portion)> {
        let some = |one: &&Portion| one.left.is_positive();
        self.portions
            .iter()
            .flat_map(move |(holder, portions)| portions.open().iter().filter(some).map(move |one| (holder, one)))
    }

    /// The portions that an approval of a month approves: of that close and those before it, but not of one that was itself
    /// rejected. Of all payees where none is named.
    pub fn approvable<'s>(
        &'s self,
        period: Month,
        payee: Option<&'s PayeeId>,
    ) -> impl Iterator<Item = (&'s PayeeCurrency, &'s Portion)> {
        self.left()
            .filter(move |(holder, one)| payee.is_none_or(|payee| *payee == holder.0) && is_approvable(one, period))
    }

    /// The portions that a rejection of a month rejects: what is not paid of that close.
    pub fn rejectable<'s>(
        &'s self,
        period: Month,
        payee: Option<&'s PayeeId>,
    ) -> impl Iterator<Item = (&'s PayeeCurrency, &'s Portion)> {
        self.left()
            .filter(move |(holder, one)| payee.is_none_or(|payee| *payee == holder.0) && is_rejectable(one, period))
    }

    /// The holds on a payee.
    pub fn holds(&self, payee: &PayeeId) -> &[Hold] {
        self.holds.get(payee).map_or(&[], Vec::as_slice)
    }

    /// The payees on whom there is a hold, with the holds.
    pub fn held_payees(&self) -> impl Iterator<Item = (&PayeeId, &[Hold])> {
        self.holds.iter().map(|(payee, holds)| (payee, holds.as_slice()))
    }

    /// The payouts to a payee in a currency.
    pub fn payouts(&self, holder: &PayeeCurrency) -> &[PaidOut] {
        self.payouts.get(holder).map_or(&[], Vec::as_slice)
    }

    /// All payouts, by payee and currency.
    pub fn all_payouts(&self) -> impl Iterator<Item = (&PayeeCurrency, &PaidOut)> {
        self.payouts.iter().flat_map(|(holder, payouts)| payouts.iter().map(move |payout| (holder, payout)))
    }

    /// How much of what is payable and not rejected is held.
    pub fn held(&self, holder: &PayeeCurrency) -> Money {
        let zero = Money::zero(holder.1);
        let holds = self.holds(&holder.0);
        if holds.is_empty() {
            return zero;
        }
        let not_rejected = self.portions(holder).iter().filter(|one| !is_rejected(one)).map(|one| one.left);
        let payable = Money::sum(holder.1, not_rejected);
        let amounts = holds.iter().filter(|hold| hold.amount.is_none_or(|amount| amount.currency == holder.1));
        amounts.fold(zero, |held, hold| hold.amount.map_or(payable, |amount| (held + amount).min(payable)))
    }

    /// How much of what earlier closes made payable can be set off against what is owed: what is held or rejected.
    pub fn held_or_rejected(&self, holder: &PayeeCurrency) -> Money {
        let rejected = self.portions(holder).iter().filter(|one| is_rejected(one)).map(|one| one.left);
        Money::sum(holder.1, rejected) + self.held(holder)
    }

    /// What can be paid out up to a month: what is approved, less what is held. The oldest closes come first.
    pub fn payable(&self, holder: &PayeeCurrency, period: Month) -> Vec<PayablePart> {
        let approved = |one: &Portion| match one.decision {
            PortionDecision::Approved(approval) if one.period <= period && one.left.is_positive() => {
                Some(PayablePart { period: one.period, amount: one.left, approval })
            }
            PortionDecision::Approved(_) | PortionDecision::Open | PortionDecision::Rejected(_) => None,
        };
        let parts: Vec<PayablePart> = self.portions(holder).iter().filter_map(approved).collect();
        let sum = Money::sum(holder.1, parts.iter().map(|part| part.amount));
        let mut rest = sum - self.held(holder).min(sum);
        let take = |part: PayablePart| {
            let amount = part.amount.min(rest);
            rest -= amount;
            PayablePart { amount, ..part }
        };
        parts.into_iter().map(take).filter(|part| part.amount.is_positive()).collect()
    }

    // Folding --------------------------------------------------------------------------------------------------------

    /// Folds in a record. Records that say nothing about payables change nothing.
    pub(super) fn apply(&mut self, record: &Record, position: Position) {
        match record {
            Record::Settlement(settlement) => self.apply_settlement(settlement),
            Record::Approval(approval) => self.apply_approval(approval, position),
            Record::Rejection(rejection) => self.apply_rejection(rejection, position),
            Record::Hold(hold) => self.apply_hold(hold, position),
            Record::Release(release) => self.apply_release(release),
            Record::Payout(payout) => self.apply_payout(payout, position),
            Record::PayoutResult(result) => self.apply_result(result, position),
            Record::Policy(_) if self.first_policy.is_none() => self.reopen(position),
            Record::Policy(_) | Record::Author(_) | Record::Repayment(_) | Record::WriteOff(_) => {}
            Record::Book(_) | Record::Plan(_) | Record::Mapping(_) | Record::Freeze(_) => {}
            Record::Earning(_) | Record::Reversal(_) | Record::Draw(_) | Record::PeriodClose(_) => {}
            Record::OpeningLine(_) | Record::Withheld(_) | Record::Checkpoint(_) | Record::LogKey(_) => {}
            Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => {}
        }
    }

    /// What was approved before the first policy has to be approved again, by those whom the policy names.
    fn reopen(&mut self, policy: Position) {
        self.first_policy = Some(policy);
        for portions in self.portions.values_mut() {
            for portion in &mut portions.all[portions.from..] {
                if let PortionDecision::Approved(_) = portion.decision {
                    portion.decision = PortionDecision::Open;
                }
            }
        }
    }

    fn apply_settlement(&mut self, settlement: &Settlement) {
        let holder = (settlement.payee.clone(), settlement.currency);
        self.set_off(&holder, money(settlement.set_off, holder.1));
        let amount = money(settlement.pay, holder.1);
        if amount.is_positive() {
            let portion = Portion { period: settlement.period, amount, left: amount, decision: PortionDecision::Open };
            self.portions.entry(holder).or_default().all.push(portion);
        }
    }

    /// Takes an amount out of what is rejected or held, the oldest close first.
    fn set_off(&mut self, holder: &PayeeCurrency, amount: Money) {
        if amount.is_zero() {
            return;
        }
        let (mut rest, mut held) = (amount, self.held(holder));
        let mut of_held = Money::zero(holder.1);
        if let Some(portions) = self.portions.get_mut(holder) {
            for portion in &mut portions.all[portions.from..] {
                let most = if is_rejected(portion) { portion.left } else { portion.left.min(held) };
                let taken = most.min(rest);
                portion.left -= taken;
                rest -= taken;
                if !is_rejected(portion) {
                    held -= taken;
                    of_held += taken;
                }
            }
            portions.skip_empty();
        }
        for hold in self.holds.get_mut(&holder.0).into_iter().flatten() {
            if let Some(amount) = hold.amount.as_mut().filter(|amount| amount.currency == holder.1) {
                let taken = of_held.min(*amount);
                *amount -= taken;
                of_held -= taken;
            }
        }
    }

    fn apply_approval(&mut self, approval: &Approval, position: Position) {
        let (payee, period) = (approval.payee.as_ref(), approval.period);
        self.decide(payee, PortionDecision::Approved(position), |portion| is_approvable(portion, period));
    }

    fn apply_rejection(&mut self, rejection: &Rejection, position: Position) {
        let (payee, period) = (rejection.payee.as_ref(), rejection.period);
        self.decide(payee, PortionDecision::Rejected(position), |portion| is_rejectable(portion, period));
    }

    fn decide(&mut self, payee: Option<&PayeeId>, decision: PortionDecision, is_meant: impl Fn(&Portion) -> bool) {
        for (_, portions) in self.portions.iter_mut().filter(|(holder, _)| payee.is_none_or(|payee| *payee == holder.0))
        {
            for portion in &mut portions.all[portions.from..] {
                if portion.left.is_positive() && is_meant(portion) {
                    portion.decision = decision;
                }
            }
        }
    }

    fn apply_hold(&mut self, hold: &HoldRecord, position: Position) {
        let amount = hold.amount.zip(hold.currency).map(|(amount, currency)| money(amount, currency));
        self.holds.entry(hold.payee.clone()).or_default().push(Hold { position, amount });
    }

    fn apply_release(&mut self, release: &ReleaseRecord) {
        if let Some(holds) = self.holds.get_mut(&release.payee) {
            holds.retain(|hold| u64::from(hold.position) != release.hold.position);
            if holds.is_empty() {
                self.holds.remove(&release.payee);
            }
        }
    }

    fn apply_payout(&mut self, payout: &PayoutRecord, position: Position) {
        let holder = (payout.payee.clone(), payout.currency);
        let paid = |portion: &ledger::fact::PaidPortion| {
            (portion.period, money(portion.amount, holder.1), portion.approval.position as Position)
        };
        let portions: Vec<_> = payout.portions.iter().map(paid).collect();
        if let Some(known) = self.portions.get_mut(&holder) {
            for (period, amount, approval) in &portions {
                known.pay(*period, *amount, *approval);
            }
            known.skip_empty();
        }
        let (period, amount) = (payout.period, money(payout.amount, holder.1));
        let zero = Money::zero(holder.1);
        let paid_out = PaidOut { position, period, amount, portions, returned: zero, results: Vec::new() };
        self.payouts.entry(holder).or_default().push(paid_out);
    }

    /// What came back is payable and approved again, out of the latest closes first; what was approved before the first policy is to be
    /// approved again, too.
    fn apply_result(&mut self, result: &PayoutResult, position: Position) {
        let holder = (result.payee.clone(), result.currency);
        let is_it = |payout: &&mut PaidOut| is_entry(&result.payout, payout.position);
        let Some(payout) = self.payouts.get_mut(&holder).into_iter().flatten().find(is_it) else { return };
        payout.results.push((position, result.status));
        let returned = money(result.returned, holder.1);
        let (mut before, mut rest) = (payout.returned, returned);
        payout.returned += returned;
        let Some(portions) = self.portions.get_mut(&holder) else { return };
        let is_reopened = |approval: Position| self.first_policy.is_some_and(|policy| approval < policy);
        for (period, amount, approval) in payout.portions.iter().rev() {
            let known = before.min(*amount);
            before -= known;
            let back = rest.min(*amount - known);
            rest -= back;
            if back.is_positive() {
                let approved = PortionDecision::Approved(*approval);
                portions.give_back(
                    *period,
                    back,
                    if is_reopened(*approval) { PortionDecision::Open } else { approved },
                );
            }
        }
    }
}

impl Portions {
    fn open(&self) -> &[Portion] {
        &self.all[self.from..]
    }

    /// Takes what is paid out of the portion of a month that an approval let.
    fn pay(&mut self, period: Month, amount: Money, approval: Position) {
        let is_it = |one: &&mut Portion| one.period == period && one.decision == PortionDecision::Approved(approval);
        if let Some(portion) = self.all.iter_mut().find(is_it) {
            portion.left -= amount;
        }
    }

    /// What came back of a month. Where what is left of the month was decided otherwise, for example rejected, that stays, and what came
    /// back is a portion of its own.
    fn give_back(&mut self, period: Month, amount: Money, decision: PortionDecision) {
        let takes = |one: &Portion| one.period == period && (one.left.is_zero() || one.decision == decision);
        match self.all.iter().position(takes) {
            Some(index) => {
                let portion = &mut self.all[index];
                if portion.left.is_zero() {
                    portion.decision = decision;
                }
                portion.left += amount;
                self.from = self.from.min(index);
            }
            None => {
                let index = self.all.partition_point(|one| one.period <= period);
                let none = Money::zero(amount.currency);
                self.all.insert(index, Portion { period, amount: none, left: amount, decision });
                self.from = self.from.min(index);
            }
        }
    }

    fn skip_empty(&mut self) {
        while self.all.get(self.from).is_some_and(|portion| portion.left.is_zero()) {
            self.from += 1;
        }
    }
}

fn is_entry(named: &EntryRef, position: Position) -> bool {
    named.position == u64::from(position)
}

fn is_rejected(portion: &Portion) -> bool {
    matches!(portion.decision, PortionDecision::Rejected(_))
}

fn is_approvable(portion: &Portion, period: Month) -> bool {
    match portion.decision {
        PortionDecision::Open => portion.period <= period,
        PortionDecision::Rejected(_) => portion.period < period,
        PortionDecision::Approved(_) => false,
    }
}

fn is_rejectable(portion: &Portion, period: Month) -> bool {
    portion.period == period && !is_rejected(portion)
}
