//! Settling a payee: what is paid of a close's differences, and what balances become (calculation.md 10).

use ledger::date::Day;
use ledger::exact::{Exact, Rounding};
use ledger::money::{Currency, Money};
use projections::posted_state::Balances;

/// What a settlement works on.
pub struct SettlementInput<'d> {
    pub opening: Balances,
    /// The close's differences by kind: lines due after the previous close, lines due by it, clawbacks.
    pub current: Money,
    pub prior: Money,
    pub clawbacks: Money,
    /// The payee's recovery cap on E, a fraction.
    pub recovery_cap: Exact,
    pub guarantee: Option<Guarantee>,
    /// Advances of the month, recoverable and not.
    pub advances_recoverable: Money,
    pub advances_kept: Money,
    /// The terms of the recoverable draws given so far, this close's included.
    pub terms: &'d [RecoveryTerms],
    /// E.
    pub day: Day,
}

#[derive(Copy, Clone)]
pub struct Guarantee {
    pub amount: Money,
    pub recoverable: bool,
}

/// RecoveryTerms of a draw's recovery.
#[derive(Clone)]
pub struct RecoveryTerms {
    pub begins: Day,
    pub rate: Exact,
}

/// What a statement's `settlement` and `closing` say.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct SettlementSums {
    pub gross: Money,
    pub reversed: Money,
    pub set_off: Money,
    pub recovered: Money,
    pub top_up: Money,
    pub advance: Money,
    pub draw_recovered: Money,
    pub pay: Money,
    pub closing: Balances,
}

pub fn settle(due: &SettlementInput<'_>) -> SettlementSums {
    let currency = due.current.currency;
    let zero = Money::zero(currency);
    let sums = [due.current, due.prior, due.clawbacks];
    let gross = Money::sum(currency, sums.into_iter().filter(|sum| sum.is_positive()));
    let reversed = -Money::sum(currency, sums.into_iter().filter(|sum| sum.is_negative()));
    let floor = due.guarantee.map_or(zero, |guarantee| guarantee.amount);

    // Nothing is held or rejected before pay has its own commands, so nothing is set off.
    let set_off = zero;
    let owed = due.opening.owed + reversed;
    let above_floor = (gross - floor).max(zero);
    let recovered = owed.min(part(gross, &due.recovery_cap)).min(above_floor);
    let net = gross - recovered;

    let top_up = due.guarantee.map_or(zero, |guarantee| (guarantee.amount - gross).max(zero));
    let draw_recovered = if top_up.is_zero() { recovery(due, (net - floor).max(zero)) } else { zero };
    let top_up_recoverable = if due.guarantee.is_some_and(|guarantee| guarantee.recoverable) { top_up } else { zero };

    let advance = due.advances_recoverable + due.advances_kept;
    let pay = net - draw_recovered + top_up + advance;
    let closing = Balances {
        payable: due.opening.payable + pay,
        owed: owed - recovered,
        draw: due.opening.draw + top_up_recoverable - draw_recovered + due.advances_recoverable,
    };
    for balance in [closing.payable, closing.owed, closing.draw] {
        assert!(!balance.is_negative(), "BUG: a balance of {balance:?} after a settlement");
    }
    SettlementSums { gross, reversed, set_off, recovered, top_up, advance, draw_recovered, pay, closing }
}

/// Bounded recoveries are rounded down.
fn part(amount: Money, part: &Exact) -> Money {
    Money::round(&(amount.exact() * part), amount.currency, Rounding::Down).expect("no more than the amount")
}

/// What of the draw is taken from what lies above the guarantee, once recovery has begun: the latest begin and the lowest
/// rate of the terms hold; an opening draw has none.
fn recovery(due: &SettlementInput<'_>, above: Money) -> Money {
    let begins = due.terms.iter().map(|terms| terms.begins).max();
    if begins.is_some_and(|begins| due.day < begins) {
        return Money::zero(above.currency);
    }
    let rate = due.terms.iter().map(|terms| &terms.rate).min().cloned().unwrap_or(Exact::ONE);
    due.opening.draw.min(part(above, &rate))
}

impl SettlementSums {
    /// A statement without anything in it is none.
    pub fn is_empty(&self, currency: Currency) -> bool {
        let zero = Money::zero(currency);
        let nothing = [self.gross, self.reversed, self.top_up, self.advance, self.draw_recovered, self.pay]
            .iter()
            .all(|sum| *sum == zero);
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

    fn due(terms: &[RecoveryTerms]) -> SettlementInput<'_> {
        let zero = usd(0);
        SettlementInput {
            opening: Balances { payable: zero, owed: zero, draw: zero },
            current: zero,
            prior: zero,
            clawbacks: zero,
            recovery_cap: Exact::ONE,
            guarantee: None,
            advances_recoverable: zero,
            advances_kept: zero,
            terms,
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
    fn bounded_recoveries_are_rounded_down() {
        let owed = Balances { owed: usd(1000), ..due(&[]).opening };
        let settled =
            settle(&SettlementInput { opening: owed, current: usd(3), recovery_cap: Exact::ratio(1, 2), ..due(&[]) });
        assert_eq!((settled.recovered, settled.pay), (usd(1), usd(2)));
    }

    #[test]
    fn the_latest_begin_and_the_lowest_rate_hold() {
        let terms = |begins: &str, rate| RecoveryTerms { begins: Day::parse(begins).expect("a date"), rate };
        let opening = Balances { draw: usd(1000), ..due(&[]).opening };
        let not_yet = [terms("2027-01-01", Exact::ONE), terms("2027-04-01", Exact::ONE)];
        assert_eq!(settle(&SettlementInput { opening, current: usd(500), ..due(&not_yet) }).draw_recovered, usd(0));
        let half = [terms("2027-03-31", Exact::ONE), terms("2027-01-01", Exact::ratio(1, 2))];
        assert_eq!(settle(&SettlementInput { opening, current: usd(501), ..due(&half) }).draw_recovered, usd(250));
        assert_eq!(settle(&SettlementInput { opening, current: usd(500), ..due(&[]) }).draw_recovered, usd(500));
    }
}
