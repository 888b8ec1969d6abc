//! What became of a statement since its close: approved, rejected, held, set off, paid, returned. It is shown beside the statement and
//! is no part of its figures (statement.md).

use ledger::date::{Day, Month};
use ledger::fact::{Payload, PayoutStatus, Record, Status};
use ledger::json::JsonWriter;
use ledger::money::Money;
use projections::lines::PayeeCurrency;
use projections::posted_state::payables::{PaidOut, Portion, PortionDecision};
use projections::posted_state::{ClosedPeriod, PostedState};
use projections::view::View;

use crate::authority::recorded::{RecordedEntry, recorded};
use crate::book::Book;
use crate::disputes::summary::{DisputeSummary, beside};
use crate::error::BookError;
use crate::state::State;

/// A payout that a statement has a part in.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PaidPart {
    /// The entry of the payout.
    pub payout: RecordedEntry,
    /// What it paid of the statement.
    pub amount: Money,
    /// What came back of that.
    pub returned: Money,
    /// The last result, with what payroll or the bank calls the payment, and its date.
    pub result: Option<(PayoutStatus, Option<String>, Option<Day>)>,
}

/// In one word, what became of a statement.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum StatementState {
    /// The close made nothing payable.
    NothingToPay,
    /// Nobody has decided yet.
    Closed,
    /// It may be paid.
    Approved,
    /// It may not be paid.
    Rejected,
    /// It is approved, and all of it is held.
    Held,
    /// Part of it is paid.
    PartlyPaid,
    /// All that is not set off is paid.
    Paid,
    /// What was paid came back.
    Returned,
    /// All of it was set off against what the payee owes.
    SetOff,
}

impl StatementState {
    /// The word, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            StatementState::NothingToPay => "nothing-to-pay",
            StatementState::Closed => "closed",
            StatementState::Approved => "approved",
            StatementState::Rejected => "rejected",
            StatementState::Held => "held",
            StatementState::PartlyPaid => "partly-paid",
            StatementState::Paid => "paid",
            StatementState::Returned => "returned",
            StatementState::SetOff => "set-off",
        }
    }
}

/// Whether a statement is a payee's last.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Leaver {
    /// The first day on which the payee is recorded as having left.
    pub left: Day,
    /// Whether nothing is pending any more.
    pub is_final: bool,
}

/// What became of a statement, as of a size of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StatementStatus {
    /// In one word.
    pub state: StatementState,
    /// The end of its close.
    pub closed: RecordedEntry,
    /// What nobody decided about, is approved and rejected, and is not paid.
    pub left: Money,
    /// The part of what is left that is rejected.
    pub rejected: Money,
    /// What is approved or rejected of it, where somebody decided.
    pub decision: Option<(PortionDecision, RecordedEntry)>,
    /// What is held of all that is payable to the payee in the currency.
    pub held: Money,
    /// The holds on the payee; what is held by each, or everything where it is `None`.
    pub holds: Vec<(RecordedEntry, Option<Money>)>,
    /// What later closes set off against what the payee owed.
    pub set_off: Money,
    /// The payouts.
    pub payouts: Vec<PaidPart>,
    /// What was paid and did not come back.
    pub paid: Money,
    /// Whether the payee has left by the end of the month.
    pub leaver: Option<Leaver>,
    /// The disputes about the statement, and those of earlier months that its close posted the correction of.
    pub disputes: Vec<DisputeSummary>,
}

/// What became of the statement of a payee and currency in a closed month, as of the size of `posted`. Fails if the log cannot be read.
pub fn status(
    book: &Book,
    posted: &PostedState,
    holder: &PayeeCurrency,
    closed: &ClosedPeriod,
) -> Result<StatementStatus, BookError> {
    let (payables, zero) = (&posted.payables, Money::zero(holder.1));
    let period = closed.close.period;
    let portion = of_month(payables.portions(holder), period);
    let is_rejected = |one: &&Portion| one.period == period && matches!(one.decision, PortionDecision::Rejected(_));
    let rejected = Money::sum(holder.1, payables.portions(holder).iter().filter(is_rejected).map(|one| one.left));
    let close = recorded(book, u64::from(closed.position))?;
    let mut payouts = Vec::new();
    for payout in payables.payouts(holder) {
        if let Some((amount, returned)) = part_of(payout, period) {
            payouts.push(paid_part(book, payout, (amount, returned))?);
        }
    }
    let paid = Money::sum(holder.1, payouts.iter().map(|part| part.amount - part.returned));
    let left = portion.map_or(zero, |portion| portion.left);
    let set_off = portion.map_or(zero, |portion| portion.amount) - left - paid;
    let decision = match portion.map(|portion| portion.decision) {
        Some(decision @ (PortionDecision::Approved(position) | PortionDecision::Rejected(position))) => {
            Some((decision, recorded(book, u64::from(position))?))
        }
        Some(PortionDecision::Open) | None => None,
    };
    let mut holds = Vec::new();
    if left.is_positive() {
        for hold in payables.holds(&holder.0) {
            if hold.amount.is_none_or(|amount| amount.currency == holder.1) {
                holds.push((recorded(book, u64::from(hold.position))?, hold.amount));
            }
        }
    }
    let held = if left.is_positive() { payables.held(holder) } else { zero };
    let state = state(portion.as_ref(), (held, rejected), (paid, set_off), &payouts);
    Ok(StatementStatus {
        state,
        closed: close,
        left,
        rejected,
        decision,
        held,
        holds,
        set_off,
        payouts,
        paid,
        leaver: None,
        disputes: beside(book, holder, closed)?,
    })
}

/// Whether a payee had left by the last day of a closed month, as its close knew; `is_pending` says whether something of the payee is
/// pending then.
pub fn leaver(
    state: &State,
    holder: &PayeeCurrency,
    closed: &ClosedPeriod,
    is_pending: impl FnOnce() -> bool,
) -> Option<Leaver> {
    let (view, day) = (View::new(&state.knowledge, closed.close.known), closed.close.period.last());
    let payee = holder.0.as_str();
    if view.status(payee, day) != Status::Left {
        return None;
    }
    let mut days = view.status_days(payee);
    days.retain(|changed| *changed <= day);
    days.sort_unstable();
    let since = days.iter().rev().take_while(|changed| view.status(payee, **changed) == Status::Left).last();
    Some(Leaver { left: *since?, is_final: !is_pending() })
}

/// The portions of a month as one; with the decision about what is left of it, a rejection first.
fn of_month(portions: &[Portion], period: Month) -> Option<Portion> {
    let all = portions.iter().filter(|one| one.period == period);
    let is_rejected = |one: &Portion| one.left.is_positive() && matches!(one.decision, PortionDecision::Rejected(_));
    all.copied().reduce(|one, other| Portion {
        amount: one.amount + other.amount,
        left: one.left + other.left,
        decision: if one.left.is_zero() || is_rejected(&other) { other.decision } else { one.decision },
        ..one
    })
}

fn state(
    portion: Option<&Portion>,
    (held, rejected): (Money, Money),
    (paid, set_off): (Money, Money),
    payouts: &[PaidPart],
) -> StatementState {
    use StatementState as S;
    let Some(portion) = portion else { return S::NothingToPay };
    if portion.left.is_zero() {
        return if paid.is_zero() && set_off.is_positive() { S::SetOff } else { S::Paid };
    }
    let came_back = payouts.iter().any(|part| part.returned.is_positive());
    match portion.decision {
        PortionDecision::Rejected(_) if rejected == portion.left && paid.is_zero() => S::Rejected,
        _ if paid.is_positive() => S::PartlyPaid,
        PortionDecision::Open => S::Closed,
        PortionDecision::Rejected(_) | PortionDecision::Approved(_) if held >= portion.left - rejected => S::Held,
        PortionDecision::Rejected(_) | PortionDecision::Approved(_) if came_back => S::Returned,
        PortionDecision::Rejected(_) | PortionDecision::Approved(_) => S::Approved,
    }
}

/// What a payout paid of the close of a month, and what came back of that; `None` if it paid nothing of it.
fn part_of(payout: &PaidOut, period: Month) -> Option<(Money, Money)> {
    let mut back = payout.returned;
    for (of, amount, _) in payout.portions.iter().rev() {
        let returned = back.min(*amount);
        back -= returned;
        if *of == period {
            return Some((*amount, returned));
        }
    }
    None
}

fn paid_part(book: &Book, payout: &PaidOut, (amount, returned): (Money, Money)) -> Result<PaidPart, BookError> {
    let mut result = None;
    if let Some((position, status)) = payout.results.last()
        && let Payload::Record(Record::PayoutResult(said)) = book.entry(u64::from(*position))?.payload
    {
        result = Some((*status, said.reference.map(|reference| reference.0), said.date));
    }
    Ok(PaidPart { payout: recorded(book, u64::from(payout.position))?, amount, returned, result })
}

// JSON ---------------------------------------------------------------------------------------------------------------------

impl StatementStatus {
    /// Writes the status as the member of a statement's JSON.
    pub fn json(&self, out: &mut JsonWriter) {
        out.object(|out| {
            out.name("state").text(self.state.word());
            self.closed.json(out.name("closed"));
            out.name("left").text(self.left);
            out.name("left_rejected").text(self.rejected);
            match &self.decision {
                Some((PortionDecision::Rejected(_), entry)) => entry.json(out.name("rejected")),
                Some((_, entry)) => entry.json(out.name("approved")),
                None => {}
            }
            out.name("held").text(self.held);
            out.name("holds").list(|out| {
                for (hold, amount) in &self.holds {
                    out.object(|out| {
                        hold.members(out);
                        out.name("amount").maybe(*amount);
                    });
                }
            });
            out.name("set_off").text(self.set_off);
            out.name("paid").text(self.paid);
            out.name("payouts").list(|out| self.payouts.iter().for_each(|part| part.json(out)));
            out.name("disputes").list(|out| self.disputes.iter().for_each(|dispute| dispute.json(out)));
            if let Some(Leaver { left, is_final }) = self.leaver {
                out.name("leaver").object(|out| {
                    out.name("left").text(left);
                    out.name("final").bool(is_final);
                });
            }
        });
    }
}

impl PaidPart {
    fn json(&self, out: &mut JsonWriter) {
        out.object(|out| {
            self.payout.members(out);
            out.name("amount").text(self.amount);
            out.name("returned").text(self.returned);
            if let Some((status, reference, date)) = &self.result {
                out.name("result").object(|out| {
                    out.name("status").text(status.as_str());
                    out.name("reference").maybe(reference.as_ref());
                    out.name("date").maybe(*date);
                });
            }
        });
    }
}
