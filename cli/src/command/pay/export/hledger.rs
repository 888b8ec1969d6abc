//! `--as hledger`: the journal of closes for hledger and ledger, with the balances that they check after each close.

use std::collections::BTreeSet;

use ledger::money::{Currency, Money};
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::exported::journal::{Journal, JournalBalances, JournalEnd, JournalEntry, JournalPart};

use crate::failure::Failure;
use crate::session::state::Session;

pub fn write(book: &Book, asked: &[ClosedPeriod], end: JournalEnd, session: &mut Session) -> Result<(), Failure> {
    let journal = Journal::of(book, asked, end)?;
    let mut writer = HledgerWriter { declared: BTreeSet::new(), currencies: BTreeSet::new(), session };
    writer.opening(&asked[0], &journal.opening())?;
    journal.each(|part| match part {
        JournalPart::Entry(entry) => writer.entry(&entry),
        JournalPart::Balances(balances) => writer.balances(&balances),
    })
}

/// Declares accounts and currencies before the first transaction that has them, as `check --strict` wants.
struct HledgerWriter<'s> {
    declared: BTreeSet<String>,
    currencies: BTreeSet<Currency>,
    session: &'s mut Session,
}

impl HledgerWriter<'_> {
    fn opening(&mut self, first: &ClosedPeriod, balances: &[(String, Money)]) -> Result<(), Failure> {
        if balances.is_empty() {
            return Ok(());
        }
        self.declare(balances)?;
        let period = first.close.period;
        self.line(&format!("{} * Balances before {period}", period.first()))?;
        self.postings(balances)
    }

    fn entry(&mut self, entry: &JournalEntry) -> Result<(), Failure> {
        self.declare(&entry.amounts)?;
        self.line(&format!("{} * ({}) {}", entry.day, entry.position, described(entry)))?;
        self.postings(&entry.amounts)
    }

    fn balances(&mut self, after: &JournalBalances) -> Result<(), Failure> {
        match after.period {
            Some(period) => self.line(&format!("{} * Balances after the close of {period}", after.day))?,
            None => self.line(&format!("{} * Balances at the end", after.day))?,
        }
        for (account, balance) in &after.balances {
            let currency = balance.currency;
            self.line(&format!("    {account}  0 {currency} = {} {currency}", balance.text()))?;
        }
        self.line("")
    }

    fn postings(&mut self, amounts: &[(String, Money)]) -> Result<(), Failure> {
        for (account, amount) in amounts {
            self.line(&format!("    {account}  {} {}", amount.text(), amount.currency))?;
        }
        self.line("")
    }

    fn declare(&mut self, amounts: &[(String, Money)]) -> Result<(), Failure> {
        let mut is_new = false;
        for (account, amount) in amounts {
            if self.currencies.insert(amount.currency) {
                is_new = true;
                self.line(&commodity(amount.currency))?;
            }
            if !self.declared.contains(account) {
                is_new = true;
                self.declared.insert(account.clone());
                self.line(&format!("account {account}"))?;
            }
        }
        if is_new { self.line("") } else { Ok(()) }
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        Ok(self.session.out.plain(line)?)
    }
}

/// With the decimals of the currency; the mark stays where it has none.
fn commodity(currency: Currency) -> String {
    let one = Money { minor: 1000 * 10i128.pow(currency.digits()), currency }.text();
    let mark = if one.contains('.') { "" } else { "." };
    format!("commodity {one}{mark} {currency}")
}

/// Whose entry it is and what it is, without what would begin a comment.
fn described(entry: &JournalEntry) -> String {
    format!("{} | {}", entry.payee, entry.what).replace(';', "%3B")
}
