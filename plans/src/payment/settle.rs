//! Settles a payee: what a close's differences pay, and how balances change (calculation.md 10). All amounts are in
//! one currency.

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use ledger::money::{Currency, Money};
use projections::posted_state::Balances;

/// The amounts and terms that a settlement needs.
pub struct SettlementInput<'d> {
    /// The balances before the close.
    pub opening: Balances,
    /// The part of the payable balance that is held or rejected.
    pub held_or_rejected: Money,
    /// The sum of the differences of lines that are due after the previous close.
    pub current: Money,
    /// The sum of the differences of lines that were due by the previous close.
    pub prior: Money,
    /// The sum of the differences of clawbacks.
    pub clawbacks: Money,
    /// The fraction of the gross that may be recovered for the clawback balance (`owed`).
    pub recovery_cap: Exact,
    /// The guarantee of the month, if there is one.
    pub guarantee: Option<Guarantee>,
    /// The month's advances that are recoverable.
    pub advances_recoverable: Money,
    /// The month's advances that are not.
    pub advances_kept: Money,
    /// The draws that can be recovered: those of earlier closes, and the opening draw.
    pub draws: &'d [RecoverableDraw],
    /// The evaluation date E.
    pub day: Day,
}

/// The guarantee of a month.
#[derive(Copy, Clone)]
pub struct Guarantee {
    /// The least gross of the month.
    pub amount: Money,
    /// Whether the top-up is recovered later.
    pub recoverable: bool,
}

/// A draw of an earlier close, or the opening draw, with its recovery terms.
#[derive(Clone)]
pub struct RecoverableDraw {
    /// What is not recovered yet.
    pub balance: Money,
    /// When and how fast it is recovered; `None` for the opening draw, which is recovered at once and in full.
    pub terms: Option<RecoveryTerms>,
}

/// When and how fast a draw is recovered. The close that gave it fixed them.
#[derive(Clone)]
pub struct RecoveryTerms {
    /// Recovery begins with the first close whose E is on or after this day.
    pub begins: Day,
    /// The fraction of the pay above the guarantee that each close recovers at most.
    pub rate: Exact,
}

impl RecoverableDraw {
    /// Whether recovery has begun in a close with the evaluation date `day`.
    pub fn has_begun(&self, day: Day) -> bool {
        self.terms.as_ref().is_none_or(|terms| day >= terms.begins)
    }
}

/// The sums of a settlement, as a statement shows them.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct SettlementSums {
    /// The sum of the positive ones of the three differences.
    pub gross: Money,
    /// The sum of the negative ones, as a positive amount. It is added to what is owed.
    pub reversed: Money,
    /// The part of `owed` that is set off against payables of earlier closes.
    pub set_off: Money,
    /// The part of the gross that is recovered for the clawback balance (`owed`).
    pub recovered: Money,
    /// The amount that the guarantee adds to the gross.
    pub top_up: Money,
    /// The advances of the month.
    pub advance: Money,
    /// The part of the gross that is recovered for draws.
    pub draw_recovered: Money,
    /// The amount paid: gross - recovered - draw recovered + top-up + advances.
    pub pay: Money,
    /// The balances after the settlement.
    pub closing: Balances,
}

/// Settles one payee in one currency. Balances never become negative; recoveries are rounded down.
pub fn settle(due: &SettlementInput<'_>) -> SettlementSums {
    let currency = due.current.currency;
    let zero = Money::zero(currency);
    let sums = [due.current, due.prior, due.clawbacks];
    let gross = Money::sum(currency, sums.into_iter().filter(|sum| sum.is_positive()));
    let reversed = -Money::sum(currency, sums.into_iter().filter(|sum| sum.is_negative()));
    let floor = due.guarantee.map_or(zero, |guarantee| guarantee.amount);

    let before = due.opening.owed + reversed;
    let set_off = before.min(due.held_or_rejected);
    let owed = before - set_off;
    let above_floor = (gross - floor).max(zero);
    let recovered = owed.min(part(gross, &due.recovery_cap)).min(above_floor);
    let net = gross - recovered;

    let top_up = due.guarantee.map_or(zero, |guarantee| (guarantee.amount - gross).max(zero));
    let draw_recovered = if top_up.is_zero() { recovery(due, (net - floor).max(zero)) } else { zero };
    let top_up_recoverable = if due.guarantee.is_some_and(|guarantee| guarantee.recoverable) { top_up } else { zero };

    let advance = due.advances_recoverable + due.advances_kept;
    let pay = net - draw_recovered + top_up + advance;
    let closing = Balances {
        payable: due.opening.payable - set_off + pay,
        owed: owed - recovered,
        draw: due.opening.draw + top_up_recoverable - draw_recovered + due.advances_recoverable,
    };
    for balance in [closing.payable, closing.owed, closing.draw] {
        assert!(!balance.is_negative(), "BUG: a balance of {balance:?} after a settlement");
    }
    SettlementSums { gross, reversed, set_off, recovered, top_up, advance, draw_recovered, pay, closing }
}

/// A fraction of an amount, rounded down.
fn part(amount: Money, part: &Exact) -> Money {
    Money::round(&(amount.exact() * part), amount.currency, Rounding::Down).expect("no more than the amount")
}

/// The amount recovered for draws from the pay above the guarantee: first the opening draw in full, then the draws whose
/// recovery has begun, at the lowest rate of those with a balance.
fn recovery(due: &SettlementInput<'_>, above: Money) -> Money {
    let currency = above.currency;
    let (opening, given): (Vec<_>, Vec<_>) =
        due.draws.iter().filter(|draw| draw.has_begun(due.day)).partition(|draw| draw.terms.is_none());
    let opening = Money::sum(currency, opening.iter().map(|draw| draw.balance)).min(above);
    let balance = Money::sum(currency, given.iter().map(|draw| draw.balance));
    let with_balance = given.iter().filter(|draw| draw.balance.is_positive());
    let rate = with_balance.filter_map(|draw| Some(&draw.terms.as_ref()?.rate)).min().cloned().unwrap_or(Exact::ONE);
    opening + balance.min(part(above - opening, &rate))
}

impl SettlementSums {
    /// The settlement of a payee to whom nothing is due, and who owes nothing.
    pub fn nothing(currency: Currency) -> SettlementSums {
        let zero = Money::zero(currency);
        SettlementSums {
            gross: zero,
            reversed: zero,
            set_off: zero,
            recovered: zero,
            top_up: zero,
            advance: zero,
            draw_recovered: zero,
            pay: zero,
            closing: Balances::zero(currency),
        }
    }

    /// Whether there is nothing to show: no amount, and no balance of what is owed or drawn.
    pub fn is_empty(&self, currency: Currency) -> bool {
        let zero = Money::zero(currency);
        let sums = [self.gross, self.reversed, self.set_off, self.top_up, self.advance, self.draw_recovered, self.pay];
        let nothing = sums.iter().all(|sum| *sum == zero);
        nothing && self.closing.owed.is_zero() && self.closing.draw.is_zero()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USD: &str = "USD";

    fn usd(minor: i128) -> Money {
        Money { minor, currency: Currency::parse(USD).expect("a currency") }
    }

    fn due(draws: &[RecoverableDraw]) -> SettlementInput<'_> {
        let zero = usd(0);
        SettlementInput {
            opening: Balances { payable: zero, owed: zero, draw: zero },
            held_or_rejected: zero,
            current: zero,
            prior: zero,
            clawbacks: zero,
            recovery_cap: Exact::ONE,
            guarantee: None,
            advances_recoverable: zero,
            advances_kept: zero,
            draws,
            day: Day::parse("2027-03-31").expect("a date"),
        }
    }

    #[test]
    fn a_correction_meets_its_counterpart_before_anything_is_owed() {
        let settled =
            settle(&SettlementInput { current: usd(5_000), prior: usd(-2_000), clawbacks: usd(-10_000), ..due(&[]) });
        assert_eq!((settled.gross, settled.reversed, settled.recovered), (usd(5_000), usd(12_000), usd(5_000)));
        assert_eq!((settled.pay, settled.closing.owed), (usd(0), usd(7_000)));
    }

    #[test]
    fn what_is_owed_is_set_off_against_held_payable_before_new_commission() {
        let opening = Balances { payable: usd(9_000), ..due(&[]).opening };
        let settle = |held| {
            let held_or_rejected = usd(held);
            settle(&SettlementInput {
                opening,
                held_or_rejected,
                current: usd(500),
                clawbacks: usd(-4_000),
                ..due(&[])
            })
        };
        let part = settle(3_000);
        assert_eq!((part.set_off, part.recovered, part.pay), (usd(3_000), usd(500), usd(0)));
        assert_eq!((part.closing.payable, part.closing.owed), (usd(6_000), usd(500)));
        let all = settle(9_000);
        assert_eq!((all.set_off, all.recovered, all.pay), (usd(4_000), usd(0), usd(500)));
        assert_eq!((all.closing.payable, all.closing.owed), (usd(5_500), usd(0)));
    }

    #[test]
    fn bounded_recoveries_are_rounded_down() {
        let owed = Balances { owed: usd(1000), ..due(&[]).opening };
        let settled =
            settle(&SettlementInput { opening: owed, current: usd(3), recovery_cap: Exact::ratio(1, 2), ..due(&[]) });
        assert_eq!((settled.recovered, settled.pay), (usd(1), usd(2)));
    }

    fn given(balance: i128, begins: &str, rate: Exact) -> RecoverableDraw {
        let begins = Day::parse(begins).expect("a date");
        RecoverableDraw { balance: usd(balance), terms: Some(RecoveryTerms { begins, rate }) }
    }

    /// What a pay of `current` recovers of these draws.
    fn recovered(current: i128, draws: &[RecoverableDraw]) -> Money {
        let draw = Money::sum(usd(0).currency, draws.iter().map(|draw| draw.balance));
        let opening = Balances { draw, ..due(&[]).opening };
        settle(&SettlementInput { opening, current: usd(current), ..due(draws) }).draw_recovered
    }

    #[test]
    fn each_draw_is_recovered_from_its_own_begin_on() {
        let draws = [given(1000, "2027-03-31", Exact::ONE), given(700, "2027-04-01", Exact::ONE)];
        assert_eq!(recovered(500, &draws), usd(500));
        assert_eq!(recovered(5_000, &draws), usd(1000));
    }

    #[test]
    fn the_lowest_rate_of_begun_draws_with_a_balance_holds() {
        let half = given(1000, "2027-03-31", Exact::ratio(1, 2));
        let whole = given(1000, "2027-01-01", Exact::ONE);
        assert_eq!(recovered(501, &[half.clone(), whole.clone()]), usd(250));
        let paid_back = RecoverableDraw { balance: usd(0), ..half };
        let later = given(1000, "2027-04-01", Exact::ratio(1, 10));
        assert_eq!(recovered(501, &[paid_back, whole, later]), usd(501));
    }

    #[test]
    fn the_opening_draw_is_recovered_first_and_in_full() {
        let opening = RecoverableDraw { balance: usd(300), terms: None };
        let half = given(1000, "2027-03-31", Exact::ratio(1, 2));
        assert_eq!(recovered(501, &[half.clone(), opening.clone()]), usd(300 + 100));
        assert_eq!(recovered(200, &[half, opening]), usd(200));
    }
}
