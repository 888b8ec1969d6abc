//! The journal of the general ledger: what each close moved between accounts, entry by entry, and the balances after it.

use std::collections::BTreeMap;

use ledger::date::{Day, Month};
use ledger::fact::{Payload, Posting, Record};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::name_of;
use projections::posted_state::accounts::{LedgerAccounts, TrialRow, movements};
use projections::posted_state::{ClosedPeriod, PostedState};

use crate::book::Book;
use crate::error::BookError;

/// The movements of one entry. Debits are above 0, credits below; they sum to 0 in each currency.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    /// The position of the entry.
    pub position: u64,
    /// What it is: the kind of the entry, and the line, draw or payee that it is about.
    pub what: String,
    /// The payee.
    pub payee: PayeeId,
    /// The account of each amount.
    pub amounts: Vec<(String, Money)>,
}

/// The journal of one close.
#[derive(Clone, Debug)]
pub struct CloseJournal {
    /// The closed month.
    pub period: Month,
    /// The last day of the month, on which everything is booked.
    pub day: Day,
    /// What was moved, in the order of the log.
    pub entries: Vec<JournalEntry>,
    /// The balance after the close of every account that it moved: debits less credits.
    pub balances: Vec<(String, Money)>,
}

/// The journals of some closes in a row, each handed to `each`. Fails if the log cannot be read, or if `each` does.
pub fn journals<E: From<BookError>>(
    book: &Book,
    closes: &[ClosedPeriod],
    mut each: impl FnMut(CloseJournal) -> Result<(), E>,
) -> Result<(), E> {
    let Some(first) = closes.first() else { return Ok(()) };
    let mut posted = book.state_at(u64::from(first.first))?.posted_state().clone();
    for closed in closes {
        each(journal(book, closed, &mut posted)?)?;
    }
    Ok(())
}

/// The balances of all accounts before a close: debits less credits. Empty before the first.
pub fn balances_before(book: &Book, closed: &ClosedPeriod) -> Result<Vec<(String, Money)>, BookError> {
    let state = book.state_at(u64::from(closed.first))?;
    Ok(state
        .posted_state()
        .accounts
        .trial_balance()
        .into_iter()
        .map(|row| (row.account.clone(), balance(&row)))
        .collect())
}

fn balance(row: &TrialRow) -> Money {
    row.debit - row.credit
}

/// The journal of a close. `posted` is what was posted before it, and afterwards what was posted with it.
fn journal(book: &Book, closed: &ClosedPeriod, posted: &mut PostedState) -> Result<CloseJournal, BookError> {
    let mut entries = Vec::new();
    let mut moved: BTreeMap<(String, Currency), Money> = BTreeMap::new();
    book.entries(u64::from(closed.first), u64::from(closed.position) + 1, |entry, _| {
        let position = entry.position;
        let Payload::Record(record) = entry.payload else { return };
        let mut amounts: Vec<(String, Money)> = Vec::new();
        movements(
            &record,
            |settlement| posted.balances_before(settlement),
            |movement| {
                let (debit, credit) = (movement.debit.to_string(), movement.credit.to_string());
                add(&mut amounts, debit, movement.amount);
                add(&mut amounts, credit, -movement.amount);
            },
        );
        for (account, amount) in &amounts {
            moved.entry((account.clone(), amount.currency)).or_insert(Money::zero(amount.currency));
        }
        if let Some((what, payee)) = about(&record)
            && !amounts.is_empty()
        {
            entries.push(JournalEntry { position, what, payee, amounts });
        }
        posted.apply(record, position as u32);
    })?;
    let after = balances(&posted.accounts);
    let balances = moved.into_keys().map(|key| {
        let balance = after.get(&key).copied().unwrap_or(Money::zero(key.1));
        (key.0, balance)
    });
    let period = closed.close.period;
    Ok(CloseJournal { period, day: period.last(), entries, balances: balances.collect() })
}

/// Adds an amount to an account of an entry. What adds up to 0 there moves nothing.
fn add(amounts: &mut Vec<(String, Money)>, account: String, amount: Money) {
    let known = amounts.iter().position(|(known, of)| *known == account && of.currency == amount.currency);
    match known {
        Some(index) => {
            amounts[index].1 += amount;
            if amounts[index].1.is_zero() {
                amounts.remove(index);
            }
        }
        None => amounts.push((account, amount)),
    }
}

fn balances(accounts: &LedgerAccounts) -> BTreeMap<(String, Currency), Money> {
    let rows = accounts.trial_balance().into_iter();
    rows.map(|row| ((row.account.clone(), row.debit.currency), balance(&row))).collect()
}

/// What an entry that moves amounts is, and whose.
fn about(record: &Record) -> Option<(String, PayeeId)> {
    let of_line = |word: &str, line: &Posting| Some((format!("{word} {}", name_of(line)), line.payee.clone()));
    match record {
        Record::Earning(earning) => of_line("earning", &earning.line),
        Record::Reversal(reversal) => of_line("reversal", &reversal.line),
        Record::OpeningLine(opening) => of_line("opening", &opening.line),
        Record::Draw(draw) => {
            let plan = draw.plan.as_ref().map_or("", |plan| plan.as_str());
            Some((format!("draw {plan}/{} {}", draw.draw, draw.trigger), draw.payee.clone()))
        }
        Record::Settlement(settlement) => Some(("settlement".to_owned(), settlement.payee.clone())),
        Record::Book(_) | Record::Plan(_) | Record::Mapping(_) | Record::PeriodClose(_) => None,
        Record::Withheld(_) | Record::Freeze(_) => None,
    }
}
