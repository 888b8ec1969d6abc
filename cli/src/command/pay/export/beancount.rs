//! `--as beancount`: the journal of closes for beancount, with the balances that it checks after each close.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Day;
use ledger::money::{Currency, Money};
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::exported::journal::{Journal, JournalBalances, JournalEnd, JournalPart};

use crate::failure::Failure;
use crate::session::state::Session;

pub fn write(book: &Book, asked: &[ClosedPeriod], end: JournalEnd, session: &mut Session) -> Result<(), Failure> {
    let journal = Journal::of(book, asked, end)?;
    let posted = book.state().posted_state();
    // Of the whole book, so that an account has one name in all of its parts.
    let names = names(posted.accounts.names());
    let mut writer = BeancountWriter { names, opened: BTreeSet::new(), session };
    let currencies: BTreeSet<Currency> = posted.statements.keys().map(|(_, currency)| *currency).collect();
    for currency in currencies {
        writer.line(&format!("option \"operating_currency\" \"{currency}\""))?;
    }
    let (first, opening) = (asked[0].close.period, journal.opening());
    if !opening.is_empty() {
        let day = first.first();
        writer.open(day, &opening)?;
        writer.line("")?;
        writer.line(&format!("{day} * {}", quoted(&format!("Balances before {first}"))))?;
        writer.postings(&opening)?;
    }
    journal.each(|part| match part {
        JournalPart::Entry(entry) => {
            let words = format!("{}: {}", entry.payee, entry.what);
            writer.open(entry.period.first().min(entry.day), &entry.amounts)?;
            writer.line("")?;
            writer.line(&format!("{} * {}", entry.day, quoted(&words)))?;
            writer.line(&format!("  position: {}", entry.position))?;
            writer.postings(&entry.amounts)
        }
        JournalPart::Balances(close) => writer.balances(&close),
    })
}

/// Opens accounts before the first transaction that has them.
struct BeancountWriter<'s> {
    /// Of accounts whose name is not the plain one.
    names: BTreeMap<String, String>,
    opened: BTreeSet<String>,
    session: &'s mut Session,
}

impl BeancountWriter<'_> {
    fn postings(&mut self, amounts: &[(String, Money)]) -> Result<(), Failure> {
        for (account, amount) in amounts {
            let account = self.name(account);
            self.line(&format!("  {account}  {} {}", amount.text(), amount.currency))?;
        }
        Ok(())
    }

    fn open(&mut self, day: Day, amounts: &[(String, Money)]) -> Result<(), Failure> {
        for (account, _) in amounts {
            if !self.opened.contains(account) {
                self.opened.insert(account.clone());
                let name = self.name(account);
                self.line(&format!("{day} open {name}"))?;
            }
        }
        Ok(())
    }

    /// A balance directive is of the beginning of its day. Without the `~ 0` a difference of a cent would pass.
    fn balances(&mut self, close: &JournalBalances) -> Result<(), Failure> {
        self.line("")?;
        let day = close.day.next();
        for (account, balance) in &close.balances {
            let account = self.name(account);
            self.line(&format!("{day} balance {account}  {} ~ 0 {}", balance.text(), balance.currency))?;
        }
        Ok(())
    }

    fn name(&self, account: &str) -> String {
        self.names.get(account).cloned().unwrap_or_else(|| allowed(account))
    }

    fn line(&mut self, line: &str) -> Result<(), Failure> {
        Ok(self.session.out.plain(line)?)
    }
}

/// A text as beancount reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The names of accounts whose plain name is that of another one: different accounts keep different names.
fn names(accounts: BTreeSet<String>) -> BTreeMap<String, String> {
    let mut names = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for account in accounts {
        let plain = allowed(&account);
        if taken.insert(plain.clone()) {
            continue;
        }
        let mut numbered = (2..).map(|number| format!("{plain}-{number}"));
        let name = numbered.find(|name| taken.insert(name.clone())).expect("BUG: numbers do not end");
        names.insert(account, name);
    }
    names
}

/// `expense:commission:land:new-logo` as `Expenses:Commission:Land:New-logo`.
fn allowed(account: &str) -> String {
    let (kind, rest) = account.split_once(':').expect("BUG: an account without a kind");
    let parts = rest.split(':').map(part);
    let root = match kind {
        "expense" => "Expenses".to_owned(),
        "payable" => "Liabilities:Payable".to_owned(),
        "owed" => "Assets:Owed".to_owned(),
        "draw" => "Assets:Draw".to_owned(),
        "clearing" => "Equity:Clearing".to_owned(),
        _ => format!("Equity:{}", part(kind)),
    };
    [root].into_iter().chain(parts).collect::<Vec<_>>().join(":")
}

/// A part of a name: it begins with a capital letter or a digit, and has letters, digits and `-`.
fn part(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    let mut chars = plain.chars();
    match chars.next() {
        Some(first) if first.is_ascii_alphanumeric() => format!("{}{}", first.to_ascii_uppercase(), chars.as_str()),
        Some(_) | None => format!("X{plain}"),
    }
}
