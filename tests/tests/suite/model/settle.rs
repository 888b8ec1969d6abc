//! What a payee is paid of a close's differences, and what stays owed and drawn (calculation.md 10).

use super::calendar::Day;
use super::draws::Draw;
use super::number::{Number, least, most, one, round_down, zero};

#[derive(Clone)]
pub struct Balances {
    pub owed: Number,
    pub draw: Number,
    /// The recoverable draws given so far.
    pub given: Vec<Draw>,
}

impl Default for Balances {
    fn default() -> Balances {
        Balances { owed: zero(), draw: zero(), given: Vec::new() }
    }
}

pub struct Settlement {
    pub gross: Number,
    pub reversed: Number,
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
    pub recovery_cap: Number,
    pub guarantee: Option<Draw>,
    pub advances: Vec<Draw>,
}

pub fn settle(month: Month, balances: &mut Balances) -> Settlement {
    let sums = [&month.current, &month.prior, &month.clawbacks];
    let gross = sums.iter().fold(zero(), |sum, part| sum + most((*part).clone(), zero()));
    let reversed = sums.iter().fold(zero(), |sum, part| sum - least((*part).clone(), zero()));
    let floor = month.guarantee.as_ref().map(|draw| draw.amount.clone()).unwrap_or_else(zero);

    balances.owed += &reversed;
    let bound = least(&gross * &month.recovery_cap, most(zero(), &gross - &floor));
    let recovered = round_down(&least(balances.owed.clone(), bound), month.currency);
    balances.owed -= &recovered;
    let net = &gross - &recovered;

    let top_up = most(zero(), &floor - &gross);
    let topped = month.guarantee.map(|draw| Draw { amount: top_up.clone(), ..draw });
    let given = month.advances.iter().cloned().chain(topped).filter(|draw| draw.amount > zero());
    let recoverable: Vec<Draw> = given.filter(|draw| draw.recoverable).collect();
    balances.given.extend(recoverable.iter().cloned());
    let draw_recovered =
        if top_up > zero() { zero() } else { recovery(month.end, month.currency, &net, &floor, balances) };
    let sum = |draws: &[Draw]| draws.iter().fold(zero(), |sum, draw| sum + &draw.amount);
    balances.draw += sum(&recoverable) - &draw_recovered;
    let advance = sum(&month.advances);
    let pay = &net - &draw_recovered + &top_up + &advance;
    Settlement { gross, reversed, recovered, top_up, advance, draw_recovered, pay }
}

/// The latest begin and the lowest rate of the recoverable draws given so far hold.
fn recovery(end: Day, currency: &str, net: &Number, floor: &Number, balances: &Balances) -> Number {
    let begun = balances.given.iter().all(|draw| draw.recover_from <= end);
    let rate = balances.given.iter().fold(one(), |rate, draw| least(rate, draw.recover_rate.clone()));
    let bound = most(zero(), net - floor) * rate;
    if begun { round_down(&least(balances.draw.clone(), bound), currency) } else { zero() }
}
