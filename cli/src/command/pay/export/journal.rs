//! `--as journal`: the movements of closes as a table, one row for each account of each entry; with a mapping, rows, accounts and columns
//! as it says.

use std::collections::BTreeSet;
use std::path::Path;

use ledger::money::Money;
use projections::posted_state::ClosedPeriod;
use replay::book::Book;
use replay::pay::exported::journal::{Journal, JournalEnd, JournalEntry, JournalPart};
use replay::record::more;

use crate::failure::Failure;
use crate::input::limits::PROBLEMS_MAX;
use crate::mapping::mapped::MapText;
use crate::output_map::fill::{Filler, RowFields};
use crate::output_map::read::read;
use crate::output_map::rules::{AccountRule, OutputMap, OutputRows};
use crate::output_map::table::{OutputTable, header};
use crate::output_map::template::{OutputField, OutputKind};
use crate::refusal::ExportRefusal;
use crate::session::state::Session;
use crate::wording::pay::export::export;
use crate::wording::problem::Problem;
use crate::wording::replay::refused;

const HEADER: [&str; 9] = ["period", "date", "position", "what", "payee", "account", "currency", "debit", "credit"];

pub fn write(book: &Book, asked: &[ClosedPeriod], end: JournalEnd, session: &mut Session) -> Result<(), Failure> {
    session.out.row(&HEADER)?;
    Journal::of(book, asked, end)?.each(|part| {
        let JournalPart::Entry(entry) = part else { return Ok(()) };
        for (account, amount) in &entry.amounts {
            let [debit, credit] = sides(*amount);
            session.out.row(&[
                entry.period.to_string(),
                entry.day.to_string(),
                entry.position.to_string(),
                entry.what.clone(),
                entry.payee.to_string(),
                account.clone(),
                amount.currency.to_string(),
                debit.text(),
                credit.text(),
            ])?;
        }
        Ok(())
    })
}

/// An amount as debit and credit, of which one is 0.
pub fn sides(amount: Money) -> [Money; 2] {
    let zero = Money::zero(amount.currency);
    if amount.is_negative() { [zero, -amount] } else { [amount, zero] }
}

// With a mapping -------------------------------------------------------------------------------------------------------

/// Writes nothing unless the mapping covers all accounts that moved and gives all columns.
pub fn write_mapped(
    book: &Book,
    (asked, end): (&[ClosedPeriod], JournalEnd),
    file: &Path,
    session: &mut Session,
) -> Result<(), Failure> {
    let map = read(&MapText::read(file)?, OutputKind::Journal)?;
    let journal = Journal::of(book, asked, end)?;
    let mut rows = MappedRows { map: &map, filler: Filler::new(&map, book, book.size()), uncovered: BTreeSet::new() };
    rows.must_be_complete(&journal)?;
    header(&map, &mut session.out)?;
    let mut table = OutputTable::default();
    journal.each(|part| {
        let ends_rows = match (&part, map.shape.rows) {
            (JournalPart::Entry(_), OutputRows::Entries) | (JournalPart::Balances(_), OutputRows::Sums) => true,
            (JournalPart::Entry(_), OutputRows::Sums) | (JournalPart::Balances(_), OutputRows::Entries) => false,
        };
        if let JournalPart::Entry(entry) = &part {
            rows.add(entry, &mut table);
        }
        if ends_rows { Ok(table.write(&map, &mut session.out)?) } else { Ok(()) }
    })
}

/// Makes rows of entries.
struct MappedRows<'b> {
    map: &'b OutputMap,
    filler: Filler<'b>,
    /// The accounts that no rule covers.
    uncovered: BTreeSet<String>,
}

impl MappedRows<'_> {
    fn must_be_complete(&mut self, journal: &Journal<'_>) -> Result<(), Failure> {
        let mut table = OutputTable::default();
        journal.each(|part| {
            if let JournalPart::Entry(entry) = &part {
                self.add(entry, &mut table);
                table = OutputTable::default();
            }
            Ok::<(), Failure>(())
        })?;
        let file = &self.map.file;
        let uncovered = self
            .uncovered
            .iter()
            .map(|account| ExportRefusal::AccountUnmapped { file: file.clone(), account: account.clone() });
        refuse_all(uncovered.chain(self.filler.refusals()))
    }

    fn add(&mut self, entry: &JournalEntry, table: &mut OutputTable) {
        for (account, amount) in &entry.amounts {
            let Some(rule) = rule_of(self.map, account) else {
                self.uncovered.insert(account.clone());
                continue;
            };
            let own = vec![
                (OutputField::Code, rule.code.clone()),
                (OutputField::Name, rule.name.clone()),
                (OutputField::Account, account.clone()),
                (OutputField::Position, entry.position.to_string()),
                (OutputField::What, entry.what.clone()),
            ];
            let fields = RowFields {
                period: entry.period,
                day: entry.day,
                date: entry.day,
                payee: &entry.payee,
                currency: amount.currency.code(),
                own,
                code: Some(&rule.code),
            };
            table.add(self.filler.cells(&fields), *amount);
        }
    }
}

/// The first rule that covers an account.
fn rule_of<'m>(map: &'m OutputMap, account: &str) -> Option<&'m AccountRule> {
    map.accounts.iter().find(|rule| rule.covers.covers(account))
}

/// Fails with all refusals, as far as they are told.
pub fn refuse_all(refusals: impl Iterator<Item = ExportRefusal>) -> Result<(), Failure> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut more_of_them = 0;
    for refusal in refusals {
        if problems.len() < PROBLEMS_MAX {
            problems.push(export(&refusal).into());
        } else {
            more_of_them += 1;
        }
    }
    if more_of_them > 0 {
        problems.push(refused(&more(more_of_them)).into());
    }
    if problems.is_empty() { Ok(()) } else { Err(Failure::Refused(problems)) }
}
