//! The journal of the general ledger: what closes, and entries between them, moved between accounts, in the order of days, and the
//! balances after each close.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use ledger::date::{Day, Month};
use ledger::entry::Entry;
use ledger::fact::{Payload, Posting, Record};
use ledger::id::PayeeId;
use ledger::money::{Currency, Money};
use projections::lines::name_of;
use projections::position::Position;
use projections::posted_state::accounts::{LedgerAccounts, TrialRow, movements};
use projections::posted_state::{ClosedPeriod, PostedState};

use crate::book::Book;
use crate::error::BookError;

/// The movements of one entry. Debits are above 0, credits below; they sum to 0 in each currency.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    /// The position of the entry.
    pub position: u64,
    /// The month that it is booked in.
    pub period: Month,
    /// The day on which it is booked: the last day of a closed month. What is recorded between closes, such as a payout, is booked on
    /// the day on which it was recorded (UTC), but never in a month that was closed before it.
    pub day: Day,
    /// What it is: the kind of the entry, and the line, draw or payee that it is about.
    pub what: String,
    /// The payee.
    pub payee: PayeeId,
    /// The account of each amount.
    pub amounts: Vec<(String, Money)>,
}

/// The balances of every account that moved since the balances before.
#[derive(Clone, Debug)]
pub struct JournalBalances {
    /// The month whose close they are after; `None` at the end of the journal.
    pub period: Option<Month>,
    /// The day at whose end they hold.
    pub day: Day,
    /// Debits less credits of each account, by name and currency.
    pub balances: Vec<(String, Money)>,
}

/// A part of a journal.
#[derive(Clone, Debug)]
pub enum JournalPart {
    /// What an entry moved.
    Entry(JournalEntry),
    /// What the accounts hold after all entries before.
    Balances(JournalBalances),
}

/// Which entries after its last close a journal has.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum JournalEnd {
    /// None: they belong to later months.
    LastClose,
    /// All of them.
    LastEntry,
}

type AccountBalances = BTreeMap<(String, Currency), Money>;

/// The journal of some closes in a row, in the order of days. It is read part by part: few entries and the balances are in memory.
pub struct Journal<'b> {
    book: &'b Book,
    closes: &'b [ClosedPeriod],
    /// What was posted before the first of the closes.
    before: PostedState,
    /// The balances of all accounts before the first day of the journal.
    opening: AccountBalances,
    /// The positions of the entries between closes that the journal has.
    between: &'b [Position],
}

impl<'b> Journal<'b> {
    /// The journal of closes, which are in their order. Fails if the log cannot be read.
    pub fn of(book: &'b Book, closes: &'b [ClosedPeriod], end: JournalEnd) -> Result<Journal<'b>, BookError> {
        let (Some(first), Some(last)) = (closes.first(), closes.last()) else {
            let (before, opening) = (PostedState::default(), AccountBalances::new());
            return Ok(Journal { book, closes, before, opening, between: &[] });
        };
        let before = book.state_at(u64::from(first.first))?.posted_state().clone();
        let mut opening = balances(&before.accounts);
        let all = &book.state().posted_state().between_closes[..];
        let begin = match before.last_close() {
            Some(closed) => first_after(book, all, closed.close.period.last())?,
            None => 0,
        };
        let end = match end {
            JournalEnd::LastClose => first_after(book, all, last.close.period.last())?,
            JournalEnd::LastEntry => all.len(),
        };
        // Recorded before the first close, and booked on a later day than the close before it.
        let recorded = all.partition_point(|position| *position < first.first);
        let mut reader = BetweenReader::new(book, &all[begin..recorded.max(begin)]);
        while let Some(entry) = reader.next_until(Day::LAST)? {
            entry.amounts.iter().for_each(|amount| add_to(&mut opening, amount, -amount.1));
        }
        opening.retain(|_, balance| !balance.is_zero());
        Ok(Journal { book, closes, before, opening, between: &all[begin..end.max(begin)] })
    }

    /// The balances of all accounts before the first day of the journal: debits less credits.
    pub fn opening(&self) -> Vec<(String, Money)> {
        self.opening.iter().map(|((account, _), balance)| (account.clone(), *balance)).collect()
    }

    /// Calls `each` with every part in its order. The days never decrease. Fails if the log cannot be read, or if `each` does.
    pub fn each<E: From<BookError>>(&self, each: impl FnMut(JournalPart) -> Result<(), E>) -> Result<(), E> {
        let mut walk = JournalWalk {
            book: self.book,
            balances: self.opening.clone(),
            moved: BTreeSet::new(),
            between: BetweenReader::new(self.book, self.between),
            each,
        };
        let mut posted = self.before.clone();
        let all = &self.book.state().posted_state().between_closes[..];
        let mut applied =
            self.closes.first().map_or(0, |first| all.partition_point(|position| *position < first.first));
        for closed in self.closes {
            // The order of the log decides what a close began with.
            let to = all.partition_point(|position| *position < closed.first);
            each_entry(self.book, &all[applied..to], |entry| {
                if let Payload::Record(record) = entry.payload {
                    posted.apply(record, entry.position as Position);
                }
            })?;
            applied = to;
            walk.close(closed, &mut posted)?;
        }
        walk.end()
    }
}

/// The way through a journal.
struct JournalWalk<'b, F> {
    book: &'b Book,
    balances: AccountBalances,
    /// The accounts that moved since the last balances.
    moved: BTreeSet<(String, Currency)>,
    between: BetweenReader<'b>,
    each: F,
}

impl<F> JournalWalk<'_, F> {
    fn entry<E>(&mut self, entry: JournalEntry) -> Result<(), E>
    where
        F: FnMut(JournalPart) -> Result<(), E>,
    {
        for amount in &entry.amounts {
            add_to(&mut self.balances, amount, amount.1);
            self.moved.insert((amount.0.clone(), amount.1.currency));
        }
        (self.each)(JournalPart::Entry(entry))
    }

    /// The entries between closes up to a day. Returns the day of the last one.
    fn until<E: From<BookError>>(&mut self, day: Day) -> Result<Option<Day>, E>
    where
        F: FnMut(JournalPart) -> Result<(), E>,
    {
        let mut last = None;
        while let Some(entry) = self.between.next_until(day)? {
            last = Some(entry.day);
            self.entry(entry)?;
        }
        Ok(last)
    }

    /// The entries of a close, and the balances after it. `posted` is what was posted before it, and afterwards what was posted with
    /// it.
    fn close<E: From<BookError>>(&mut self, closed: &ClosedPeriod, posted: &mut PostedState) -> Result<(), E>
    where
        F: FnMut(JournalPart) -> Result<(), E>,
    {
        let (period, day) = (closed.close.period, closed.close.period.last());
        self.until(day)?;
        let mut failed = Ok(());
        self.book.entries(u64::from(closed.first), u64::from(closed.position) + 1, |entry, _| {
            let position = entry.position;
            let Payload::Record(record) = entry.payload else { return };
            let amounts = amounts_of(&record, posted);
            if let Some((what, payee)) = about(&record)
                && failed.is_ok()
                && !amounts.is_empty()
            {
                failed = self.entry(JournalEntry { position, period, day, what, payee, amounts });
            }
            posted.apply(record, position as Position);
        })?;
        failed?;
        self.told(Some(period), day)
    }

    fn end<E: From<BookError>>(&mut self) -> Result<(), E>
    where
        F: FnMut(JournalPart) -> Result<(), E>,
    {
        match self.until(Day::LAST)? {
            Some(day) => self.told(None, day),
            None => Ok(()),
        }
    }

    fn told<E>(&mut self, period: Option<Month>, day: Day) -> Result<(), E>
    where
        F: FnMut(JournalPart) -> Result<(), E>,
    {
        let moved = std::mem::take(&mut self.moved).into_iter();
        let balances = moved.map(|key| {
            let balance = self.balances.get(&key).copied().unwrap_or(Money::zero(key.1));
            (key.0, balance)
        });
        let balances = balances.collect();
        (self.each)(JournalPart::Balances(JournalBalances { period, day, balances }))
    }
}

// Entries between closes -----------------------------------------------------------------------------------------------

/// Reads entries between closes in their order, some at once. Neither recorded times nor the days of closes decrease, so the order of
/// the log is the order of days.
struct BetweenReader<'b> {
    book: &'b Book,
    left: &'b [Position],
    read: VecDeque<JournalEntry>,
}

/// So many entries are read at once.
const READ_AT_ONCE: usize = 1_000;

impl<'b> BetweenReader<'b> {
    fn new(book: &'b Book, positions: &'b [Position]) -> BetweenReader<'b> {
        BetweenReader { book, left: positions, read: VecDeque::new() }
    }

    /// The next entry, if it is booked up to a day.
    fn next_until(&mut self, day: Day) -> Result<Option<JournalEntry>, BookError> {
        if self.read.is_empty() {
            let (now, later) = self.left.split_at(self.left.len().min(READ_AT_ONCE));
            each_entry(self.book, now, |entry| self.read.push_back(between_entry(self.book, entry)))?;
            self.left = later;
        }
        let is_due = self.read.front().is_some_and(|entry| entry.day <= day);
        Ok(if is_due { self.read.pop_front() } else { None })
    }
}

/// Calls `each` with the entries at ascending positions. Those that follow each other are read together.
pub(crate) fn each_entry(book: &Book, positions: &[Position], mut each: impl FnMut(Entry)) -> Result<(), BookError> {
    for run in positions.chunk_by(|one, next| one + 1 == *next) {
        let (first, last) = (u64::from(run[0]), u64::from(run[run.len() - 1]));
        book.entries(first, last + 1, |entry, _| each(entry))?;
    }
    Ok(())
}

/// The index of the first position whose entry is booked after a day.
fn first_after(book: &Book, positions: &[Position], day: Day) -> Result<usize, BookError> {
    let (mut low, mut high) = (0, positions.len());
    while low < high {
        let middle = low + (high - low) / 2;
        let entry = between_entry(book, book.entry(u64::from(positions[middle]))?);
        if entry.day <= day { low = middle + 1 } else { high = middle }
    }
    Ok(low)
}

fn between_entry(book: &Book, entry: Entry) -> JournalEntry {
    let position = entry.position;
    let Payload::Record(record) = &entry.payload else { unreachable!("BUG: entry {position} changes no balance") };
    let (what, payee) = about(record).expect("BUG: an entry that changes a balance is of a payee");
    // What it moves depends on no balance.
    let amounts = amounts_of(record, &PostedState::default());
    let closes = &book.state().posted_state().closes;
    let before = closes.partition_point(|closed| u64::from(closed.position) < position).checked_sub(1);
    let earliest = before.map(|index| closes[index].close.period.last().next());
    let recorded = recorded_day(entry.recorded);
    let day = earliest.map_or(recorded, |earliest| recorded.max(earliest));
    JournalEntry { position, period: Month::of(day), day, what, payee, amounts }
}

const MICROS_PER_DAY: u64 = 24 * 60 * 60 * 1_000_000;

/// The day of a recorded time, which is in microseconds since 1970 (UTC).
pub(crate) fn recorded_day(recorded: u64) -> Day {
    i64::try_from(recorded / MICROS_PER_DAY).ok().and_then(Day::from_number).unwrap_or(Day::LAST)
}

fn add_to(balances: &mut AccountBalances, (account, money): &(String, Money), added: Money) {
    *balances.entry((account.clone(), money.currency)).or_insert(Money::zero(money.currency)) += added;
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

fn balances(accounts: &LedgerAccounts) -> AccountBalances {
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
        Record::Checkpoint(_) | Record::LogKey(_) => None,
        Record::Dispute(_) | Record::DisputeAnswer(_) | Record::Resolution(_) => None,
        Record::Approval(_) | Record::Rejection(_) | Record::Hold(_) | Record::Release(_) => None,
    }
}
