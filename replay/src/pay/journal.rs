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
    /// The month whose close it belongs to.
    pub period: Month,
    /// The day on which it is booked: the last day of the month.
    pub day: Day,
    /// What it is: the kind of the entry, and the line, draw or payee that it is about.
    pub what: String,
    /// The payee.
    pub payee: PayeeId,
    /// The account of each amount.
    pub amounts: Vec<(String, Money)>,
}

/// The balances after a close of every account that it moved.
#[derive(Clone, Debug)]
pub struct CloseBalances {
    /// The closed month.
    pub period: Month,
    /// The last day of the month, on which everything is booked.
    pub day: Day,
    /// Debits less credits of each account, by name and currency.
    pub balances: Vec<(String, Money)>,
}

/// A part of a journal.
#[derive(Clone, Debug)]
pub enum JournalPart {
    /// What an entry moved.
    Entry(JournalEntry),
    /// What the accounts hold after all entries of a close.
    Balances(CloseBalances),
}

/// The journal of some closes in a row. It is read close by close: no more than one entry and the balances are in memory.
pub struct Journal<'b> {
    book: &'b Book,
    closes: &'b [ClosedPeriod],
    /// What was posted before the first of the closes.
    before: PostedState,
}

impl<'b> Journal<'b> {
    /// The journal of closes, which are in their order. Fails if the log cannot be read.
    pub fn of(book: &'b Book, closes: &'b [ClosedPeriod]) -> Result<Journal<'b>, BookError> {
        let before = match closes.first() {
            Some(first) => book.state_at(u64::from(first.first))?.posted_state().clone(),
            None => PostedState::default(),
        };
        Ok(Journal { book, closes, before })
    }

    /// The balances of all accounts before the first of the closes: debits less credits.
    pub fn opening(&self) -> Vec<(String, Money)> {
        let rows = self.before.accounts.trial_balance().into_iter();
        rows.map(|row| (row.account.clone(), balance(&row))).collect()
    }

    /// Calls `each` with every part in its order. The days never decrease. Fails if the log cannot be read, or if `each` does.
    pub fn each<E: From<BookError>>(&self, mut each: impl FnMut(JournalPart) -> Result<(), E>) -> Result<(), E> {
        let mut posted = self.before.clone();
        for closed in self.closes {
            let mut failed = Ok(());
            let balances = self.close(closed, &mut posted, |entry| {
                if failed.is_ok() {
                    failed = each(JournalPart::Entry(entry));
                }
            })?;
            failed?;
            each(JournalPart::Balances(balances))?;
        }
        Ok(())
    }

    /// The entries of a close, and the balances after it. `posted` is what was posted before it, and afterwards what was
    /// posted with it.
    fn close(
        &self,
        closed: &ClosedPeriod,
        posted: &mut PostedState,
        mut each: impl FnMut(JournalEntry),
    ) -> Result<CloseBalances, BookError> {
        let (period, day) = (closed.close.period, closed.close.period.last());
        let mut moved: BTreeMap<(String, Currency), Money> = BTreeMap::new();
        self.book.entries(u64::from(closed.first), u64::from(closed.position) + 1, |entry, _| {
            let position = entry.position;
            let Payload::Record(record) = entry.payload else { return };
            let amounts = amounts_of(&record, posted);
            for (account, amount) in &amounts {
                moved.entry((account.clone(), amount.currency)).or_insert(Money::zero(amount.currency));
            }
            if let Some((what, payee)) = about(&record)
                && !amounts.is_empty()
            {
                each(JournalEntry { position, period, day, what, payee, amounts });
            }
            posted.apply(record, position as u32);
        })?;
        let after = balances(&posted.accounts);
        let balances = moved.into_keys().map(|key| {
            let balance = after.get(&key).copied().unwrap_or(Money::zero(key.1));
            (key.0, balance)
        });
        Ok(CloseBalances { period, day, balances: balances.collect() })
    }
}

fn balance(row: &TrialRow) -> Money {
    row.debit - row.credit
}

/// What a record adds to each account. `posted` is what was posted before it.
fn amounts_of(record: &Record, posted: &PostedState) -> Vec<(String, Money)> {
    let mut amounts: Vec<(String, Money)> = Vec::new();
    movements(
        record,
        |settlement| posted.balances_before(settlement),
        |movement| {
            let (debit, credit) = (movement.debit.to_string(), movement.credit.to_string());
            add(&mut amounts, debit, movement.amount);
            add(&mut amounts, credit, -movement.amount);
        },
    );
    amounts
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
        Record::Payout(payout) => Some((format!("payout {}", payout.period), payout.payee.clone())),
        Record::PayoutResult(result) => Some((format!("payout {}", result.status), result.payee.clone())),
        Record::Repayment(repayment) => Some(("repayment".to_owned(), repayment.payee.clone())),
        Record::WriteOff(write_off) => Some((format!("write-off of {}", write_off.of), write_off.payee.clone())),
        Record::Withheld(_) | Record::Freeze(_) | Record::Author(_) | Record::Policy(_) => None,
        Record::Approval(_) | Record::Rejection(_) | Record::Hold(_) | Record::Release(_) => None,
    }
}
