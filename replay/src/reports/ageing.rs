//! How old it is what payees owe and have drawn: of each balance the newest amounts are still there, because recoveries take the
//! oldest first.

use ledger::date::Day;
use ledger::fact::{Payload, Record, Settlement};
use ledger::money::Money;
use projections::lines::{PayeeCurrency, money};
use projections::posted_state::{Balances, GivenDraw, PostedState, StatementEntries};

use crate::book::Book;
use crate::error::BookError;

/// The last day of each class of age but the oldest: 0 to 30, 31 to 60, 61 to 90, over 90 days.
pub const AGES: [i32; 3] = [30, 60, 90];

/// A balance of a payee, by age.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Aged {
    /// The payee and the currency.
    pub holder: PayeeCurrency,
    /// What is owed from clawbacks.
    pub owed: [Money; 4],
    /// What is drawn and not recovered.
    pub draw: [Money; 4],
}

/// The balances of a book by their age on a day, by payee and currency. What a close reversed is as old as the last day of its month, a
/// draw as old as the last day of the month that it was given for. Fails if the log cannot be read.
pub fn ageing(book: &Book, posted: &PostedState, day: Day) -> Result<Vec<Aged>, BookError> {
    let mut rows = Vec::new();
    for (holder, Balances { owed, draw, .. }) in &posted.balances {
        if owed.is_zero() && draw.is_zero() {
            continue;
        }
        let zero = [Money::zero(holder.1); 4];
        let mut aged = Aged { holder: holder.clone(), owed: zero, draw: zero };
        let statements = posted.statements.get(holder).map_or(&[][..], Vec::as_slice);
        owed_by_age(book, statements, (*owed, day), &mut aged.owed)?;
        draw_by_age(posted.draws.get(holder).map_or(&[], Vec::as_slice), *draw, day, &mut aged.draw);
        rows.push(aged);
    }
    Ok(rows)
}

/// The class of what began on a day.
fn class(begun: Day, day: Day) -> usize {
    let age = day.number() - begun.number();
    AGES.iter().position(|last| age <= *last).unwrap_or(AGES.len())
}

/// Walks back from the last statement until what was reversed covers the balance.
fn owed_by_age(
    book: &Book,
    statements: &[StatementEntries],
    (owed, day): (Money, Day),
    classes: &mut [Money; 4],
) -> Result<(), BookError> {
    let mut rest = owed;
    let mut later: Option<(Settlement, Day)> = None;
    for entries in statements.iter().rev() {
        if rest.is_zero() {
            return Ok(());
        }
        let entry = book.entry(u64::from(entries.settlement))?;
        let Payload::Record(Record::Settlement(settlement)) = entry.payload else {
            unreachable!("BUG: entry {} is no settlement", entries.settlement)
        };
        let of = |amount| money(amount, owed.currency);
        // What a close began with beyond what the one before left is an opening balance.
        if let Some((after, closed)) = &later {
            take(of(after.opening.owed) - of(settlement.closing.owed), *closed, day, (&mut rest, classes));
        }
        let closed = settlement.period.last();
        take(of(settlement.reversed), closed, day, (&mut rest, classes));
        later = Some((settlement, closed));
    }
    let oldest = later.map_or(day, |(_, closed)| closed);
    take(rest, oldest, day, (&mut rest, classes));
    Ok(())
}

/// Puts an amount that began on a day into its class, as far as something is left of the balance.
fn take(amount: Money, begun: Day, day: Day, (rest, classes): (&mut Money, &mut [Money; 4])) {
    let taken = amount.min(*rest);
    if taken.is_positive() {
        classes[class(begun, day)] += taken;
        *rest -= taken;
    }
}

fn draw_by_age(draws: &[GivenDraw], draw: Money, day: Day, classes: &mut [Money; 4]) {
    let mut rest = draw;
    for given in draws {
        take(given.balance, given.month.last(), day, (&mut rest, classes));
    }
    let oldest = draws.first().map_or(day, |given| given.month.last());
    take(rest, oldest, day, (&mut rest, classes));
}
