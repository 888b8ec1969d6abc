//! `trueup export`: the journal of closes, for the general ledger and for programs that check it.

use std::collections::{BTreeMap, BTreeSet};

use clap::{Args, ValueEnum};
use ledger::date::{Day, Month};
use ledger::money::{Currency, Money};
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::journal::{CloseJournal, JournalEntry, balances_before, journals};

use crate::arguments::month;
use crate::as_of::AsOf;
use crate::command::pay::roll_forward::{MonthRange, closes};
use crate::command::pay::statement::payments_csv;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::session::state::{Outcome, Session};

/// Print what closes posted, for the general ledger or a spreadsheet
///
/// `--as` says for which program: `hledger` (and ledger), `beancount`, `journal` (the movements as CSV) or `lines` (the posted lines as
/// CSV). hledger and beancount get every entry that moved an amount, and a balance to check for each account after each close.
/// Nothing is recorded, so that there is no author to name. `--format` has no effect.
#[derive(Args, Debug)]
pub struct Export {
    /// One closed month; by default all of them
    #[arg(long, value_parser = month)]
    period: Option<Month>,
    /// The first closed month
    #[arg(long, value_parser = month, conflicts_with = "period", requires = "to")]
    from: Option<Month>,
    /// The last closed month
    #[arg(long, value_parser = month, conflicts_with = "period", requires = "from")]
    to: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

/// The values of `--as`.
#[derive(Copy, Clone, PartialEq, Eq, Debug, ValueEnum)]
enum Program {
    /// hledger and ledger: a journal with balance assertions
    Hledger,
    /// beancount: a ledger with balance directives
    Beancount,
    /// A table of the movements, as CSV: date, position, account, currency, debit, credit
    Journal,
    /// A table of the posted lines, as CSV, as `statement --format csv` has them
    Lines,
}

impl Export {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let program = program(session)?;
        let book = session.book_at(&self.at)?;
        let size = self.at.size(&book)?;
        let all = &book.state().posted_state().closes;
        let known = &all[..all.partition_point(|closed| u64::from(closed.position) < size)];
        let asked = match (self.period, self.from.zip(self.to)) {
            (Some(period), _) => closes(&book, MonthRange::new(period, period), size)?,
            (None, Some((from, to))) if from > to => {
                return Err(Failure::refused(CommandRefusal::MonthsInDisorder { from, to }));
            }
            (None, Some((from, to))) => closes(&book, MonthRange::new(from, to), size)?,
            (None, None) => known,
        };
        if asked.is_empty() {
            session.note("Nothing is closed yet, so there is nothing to export.");
            return Ok(Outcome::Done);
        }
        match program {
            Program::Hledger => hledger(&book, asked, session)?,
            Program::Beancount => beancount(&book, asked, session)?,
            Program::Journal => journal_csv(&book, asked, session)?,
            Program::Lines => lines(&book, asked, session)?,
        }
        Ok(Outcome::Done)
    }
}

/// The program that `--as` names.
fn program(session: &Session) -> Result<Program, Failure> {
    let written = session.options.author.as_ref();
    let named = written.and_then(|name| Program::from_str(name.as_str(), false).ok());
    named.ok_or_else(|| Failure::refused(CommandRefusal::ExportProgram { written: written.cloned() }))
}

fn lines(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    let mut figures = Vec::new();
    for closed in asked {
        figures.extend(replay::statements::build::posted(book, closed)?);
    }
    Ok(payments_csv(figures.iter(), &mut session.out)?)
}

fn journal_csv(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    session.out.row(&["period", "date", "position", "what", "payee", "account", "currency", "debit", "credit"])?;
    journals(book, asked, |journal| {
        for entry in &journal.entries {
            for (account, amount) in &entry.amounts {
                let zero = Money::zero(amount.currency);
                let (debit, credit) = if amount.is_negative() { (zero, -*amount) } else { (*amount, zero) };
                session.out.row(&[
                    journal.period.to_string(),
                    journal.day.to_string(),
                    entry.position.to_string(),
                    entry.what.clone(),
                    entry.payee.to_string(),
                    account.clone(),
                    amount.currency.to_string(),
                    debit.text(),
                    credit.text(),
                ])?;
            }
        }
        Ok(())
    })
}

// hledger ------------------------------------------------------------------------------------------------------------

fn hledger(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    let opening = balances_before(book, &asked[0])?;
    let all = collected(book, asked)?;
    let accounts = accounts(&opening, &all);
    let currencies: BTreeSet<Currency> = accounts.iter().map(|(_, currency)| *currency).collect();
    let names: BTreeSet<&String> = accounts.iter().map(|(account, _)| account).collect();
    for currency in currencies {
        // With the decimals of the currency; the mark stays where it has none.
        let one = Money { minor: 1000 * 10i128.pow(currency.digits()), currency }.text();
        let mark = if one.contains('.') { "" } else { "." };
        session.out.plain(&format!("commodity {one}{mark} {currency}"))?;
    }
    names.into_iter().try_for_each(|account| session.out.plain(&format!("account {account}")))?;
    session.out.plain("")?;
    if !opening.is_empty() {
        let out = &mut session.out;
        out.plain(&format!("{} * Balances before {}", asked[0].close.period.first(), asked[0].close.period))?;
        for (account, balance) in &opening {
            out.plain(&format!("    {account}  {} {}", balance.text(), balance.currency))?;
        }
        out.plain("")?;
    }
    for journal in &all {
        let out = &mut session.out;
        for entry in &journal.entries {
            out.plain(&format!("{} * ({}) {}", journal.day, entry.position, described(entry)))?;
            for (account, amount) in &entry.amounts {
                out.plain(&format!("    {account}  {} {}", amount.text(), amount.currency))?;
            }
            out.plain("")?;
        }
        out.plain(&format!("{} * Balances after the close of {}", journal.day, journal.period))?;
        for (account, balance) in &journal.balances {
            out.plain(&format!(
                "    {account}  0 {currency} = {} {currency}",
                balance.text(),
                currency = balance.currency
            ))?;
        }
        out.plain("")?;
    }
    Ok(())
}

/// Whose entry it is and what it is, without what would begin a comment.
fn described(entry: &JournalEntry) -> String {
    format!("{} | {}", entry.payee, entry.what).replace(';', "%3B")
}

/// The journals of all closes.
fn collected(book: &Book, asked: &[ClosedPeriod]) -> Result<Vec<CloseJournal>, Failure> {
    let mut all = Vec::new();
    journals(book, asked, |journal| {
        all.push(journal);
        Ok::<(), Failure>(())
    })?;
    Ok(all)
}

/// Every account that has a balance at the beginning or moved, by currency.
fn accounts(opening: &[(String, Money)], all: &[CloseJournal]) -> BTreeSet<(String, Currency)> {
    let moved = all.iter().flat_map(|journal| &journal.balances);
    opening.iter().chain(moved).map(|(account, balance)| (account.clone(), balance.currency)).collect()
}

// beancount ----------------------------------------------------------------------------------------------------------

fn beancount(book: &Book, asked: &[ClosedPeriod], session: &mut Session) -> Result<(), Failure> {
    let opening = balances_before(book, &asked[0])?;
    let all = collected(book, asked)?;
    let names = names(accounts(&opening, &all));
    let currencies: BTreeSet<Currency> = names.keys().map(|(_, currency)| *currency).collect();
    let first = asked[0].close.period.first();
    let out = &mut session.out;
    for currency in currencies {
        out.plain(&format!("option \"operating_currency\" \"{currency}\""))?;
    }
    let opened: BTreeSet<&String> = names.values().collect();
    for account in opened {
        out.plain(&format!("{first} open {account}"))?;
    }
    let name = |account: &String, currency: Currency| names[&(account.clone(), currency)].clone();
    let mut transaction = |day: Day, words: &str, amounts: &[(String, Money)], position: Option<u64>| {
        out.plain("")?;
        out.plain(&format!("{day} * {}", quoted(words)))?;
        if let Some(position) = position {
            out.plain(&format!("  position: {position}"))?;
        }
        amounts.iter().try_for_each(|(account, amount)| {
            out.plain(&format!("  {}  {} {}", name(account, amount.currency), amount.text(), amount.currency))
        })
    };
    if !opening.is_empty() {
        transaction(first, &format!("Balances before {}", asked[0].close.period), &opening, None)?;
    }
    for journal in &all {
        for entry in &journal.entries {
            let words = format!("{}: {}", entry.payee, entry.what);
            transaction(journal.day, &words, &entry.amounts, Some(entry.position))?;
        }
    }
    for journal in &all {
        session.out.plain("")?;
        // A balance directive is of the beginning of its day.
        let day = journal.day.next();
        for (account, balance) in &journal.balances {
            let account = name(account, balance.currency);
            session.out.plain(&format!("{day} balance {account}  {} {}", balance.text(), balance.currency))?;
        }
    }
    Ok(())
}

/// A text as beancount reads it.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The names of accounts as beancount allows them. Different accounts keep different names.
fn names(accounts: BTreeSet<(String, Currency)>) -> BTreeMap<(String, Currency), String> {
    let mut of: BTreeMap<String, String> = BTreeMap::new();
    let mut taken = BTreeSet::new();
    for (account, _) in &accounts {
        if of.contains_key(account) {
            continue;
        }
        let plain = allowed(account);
        let mut name = plain.clone();
        let mut number = 2;
        while !taken.insert(name.clone()) {
            name = format!("{plain}-{number}");
            number += 1;
        }
        of.insert(account.clone(), name);
    }
    accounts
        .into_iter()
        .map(|key| {
            let name = of[&key.0].clone();
            (key, name)
        })
        .collect()
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
