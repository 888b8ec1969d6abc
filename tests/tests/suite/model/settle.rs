//! What a payee is paid of a close's differences, and what stays owed and drawn (calculation.md 10).

use super::calendar::Day;
use super::draws::Draw;
use super::number::{Number, least, most, one, round_down, zero};

#[derive(Clone)]
pub struct Balances {
    pub owed: Number,
    pub draw: Number,
    /// The recoverable draws given so far, in the order in which they are recovered, and what is not recovered of each.
    pub given: Vec<(Draw, Number)>,
}

impl Default for Balances {
    fn default() -> Balances {
        Balances { owed: zero(), draw: zero(), given: Vec::new() }
    }
}

pub struct Settlement {
    pub gross: Number,
    pub reversed: Number,
    pub set_off: Number,
    pub recovered: Number,
    pub top_up: Number,
    pub advance: Number,
    pub draw_recovered: Number,
    pub pay: Number,
}

pub struct Month<'a> {
    pub end: Day,
    pub currency: &'a str,
    pub current: Number,
    pub prior: Number,
    pub clawbacks: Number,
    /// What is payable of earlier closes and is held or rejected.
    pub held_or_rejected: Number,
    pub recovery_cap: Number,
    pub guarantee: Option<Draw>,
    pub advances: Vec<Draw>,
}

impl Balances {
    /// What is paid back or written off of draws takes the draw from before the book first, and then draws in their order.
    pub fn repay_draw(&mut self, amount: &Number) {
        let known = self.given.iter().fold(zero(), |sum, (_, left)| sum + left);
        let mut rest = amount - least(&self.draw - known, amount.clone());
        for (_, left) in &mut self.given {
            let taken = least(rest.clone(), left.clone());
            rest -= &taken;
            *left -= taken;
        }
        self.draw -= amount;
    }
}

pub fn settle(month: Month, balances: &mut Balances) -> Settlement {
    let sums = [&month.current, &month.prior, &month.clawbacks];
    let gross = sums.iter().fold(zero(), |sum, part| sum + most((*part).clone(), zero()));
    let reversed = sums.iter().fold(zero(), |sum, part| sum - least((*part).clone(), zero()));
    let floor = month.guarantee.as_ref().map(|draw| draw.amount.clone()).unwrap_or_else(zero);

    balances.owed += &reversed;
    let set_off = least(balances.owed.clone(), month.held_or_rejected.clone());
    balances.owed -= &set_off;
    let bound = least(&gross * &month.recovery_cap, most(zero(), &gross - &floor));
    let recovered = round_down(&least(balances.owed.clone(), bound), month.currency);
    balances.owed -= &recovered;
    let net = &gross - &recovered;

    let top_up = most(zero(), &floor - &gross);
    let topped = month.guarantee.map(|draw| Draw { amount: top_up.clone(), ..draw });
    let given = month.advances.iter().cloned().chain(topped).filter(|draw| draw.amount > zero());
    let recoverable: Vec<Draw> = given.filter(|draw| draw.recoverable).collect();
    let draw_recovered =
        if top_up > zero() { zero() } else { recovery(month.end, month.currency, &net, &floor, balances) };
    // Given month by month: only the draws of one month have to be sorted.
    let mut rows: Vec<_> = recoverable.iter().map(|draw| (draw.clone(), draw.amount.clone())).collect();
    rows.sort_by_key(|(draw, _)| (draw.plan.clone(), draw.id.clone(), draw.trigger.clone()));
    balances.given.extend(rows);
    let sum = |draws: &[Draw]| draws.iter().fold(zero(), |sum, draw| sum + &draw.amount);
    balances.draw += sum(&recoverable) - &draw_recovered;
    let advance = sum(&month.advances);
    let pay = &net - &draw_recovered + &top_up + &advance;
    Settlement { gross, reversed, set_off, recovered, top_up, advance, draw_recovered, pay }
}

/// First the draw from before the book, in full; then the draws of earlier closes whose own recovery has begun, at the
/// lowest of their rates.
fn recovery(end: Day, currency: &str, net: &Number, floor: &Number, balances: &mut Balances) -> Number {
    let above = most(zero(), net - floor);
    let known = balances.given.iter().fold(zero(), |sum, (_, left)| sum + left);
    let opening = least(&balances.draw - known, above.clone());
    let mut begun: Vec<_> =
        balances.given.iter_mut().filter(|(draw, left)| draw.recover_from <= end && *left > zero()).collect();
    let rate = begun.iter().fold(one(), |rate, (draw, _)| least(rate, draw.recover_rate.clone()));
    let all = begun.iter().fold(zero(), |sum, (_, left)| sum + left);
    let recovered = round_down(&least(all, (&above - &opening) * rate), currency);
    let mut rest = recovered.clone();
    for (_, left) in &mut begun {
        let taken = least(rest.clone(), left.clone());
        rest -= &taken;
        *left -= taken;
    }
    opening + recovered
}
