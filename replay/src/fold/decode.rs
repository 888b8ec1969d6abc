//! Decodes the bytes of a frame into rows of usage, the names of their runs, and all other entries.

use ledger::date::Day;
use ledger::entry::Entry;
use ledger::field::Amount;
use ledger::frame::Frame;
use ledger::money::Currency;
use ledger::row::PlainUsageReader;
use ledger::usage::UsageEntry;
use ledger::wire::WireError;
use projections::knowledge::UsageRef;
use projections::knowledge::usage_buffer::{RunNames, RunNumber, UsageRow};
use uuid::Uuid;

use crate::error::BookError;
use crate::state::FoldedEntry;

/// The decoded entries of a frame, in order.
#[derive(Default)]
pub(super) struct Decoded {
    pub(super) parts: Vec<Part>,
    pub(super) rows: Vec<UsageRow>,
    /// The recorded time of the last entry; `None` if no entry was decoded.
    pub(super) recorded: Option<u64>,
}

pub(super) enum Part {
    /// The next so many of the rows.
    Rows(usize),
    /// The names of a new run; later rows have its number.
    Names(Box<DecodedUsage>),
    /// Usage that cannot be a row.
    Usage(Box<DecodedUsage>),
    /// Any other entry.
    Entry(Box<FoldedEntry>),
}

/// A usage entry that was decoded whole.
pub(super) struct DecodedUsage {
    pub(super) id: Uuid,
    account: String,
    contract: String,
    meter: Option<String>,
    from: Day,
    to: Day,
    amount: Amount,
    quantity: Option<Amount>,
    currency: Currency,
}

impl DecodedUsage {
    fn of(entry: &UsageEntry<'_>) -> Box<DecodedUsage> {
        let UsageEntry { id, account, contract, meter, from, to, amount, quantity, currency, .. } = *entry;
        let (contract, meter) = (contract.unwrap_or(account).to_owned(), meter.map(str::to_owned));
        Box::new(DecodedUsage {
            id,
            account: account.to_owned(),
            contract,
            meter,
            from,
            to,
            amount,
            quantity,
            currency,
        })
    }

    pub(super) fn usage(&self) -> UsageRef<'_> {
        UsageRef {
            account: &self.account,
            contract: &self.contract,
            meter: self.meter.as_deref(),
            from: self.from,
            to: self.to,
            amount: self.amount,
            quantity: self.quantity,
            currency: self.currency,
        }
    }
}

/// Decodes the entries from one position up to another.
pub(super) struct EntryDecoder {
    from: u64,
    size: u64,
    rows: PlainUsageReader,
    numbers: RunNames,
}

impl EntryDecoder {
    pub(super) fn between(from: u64, size: u64) -> EntryDecoder {
        EntryDecoder { from, size, rows: PlainUsageReader::default(), numbers: RunNames::default() }
    }

    /// Decodes the entries of a frame. `decoded` is empty memory to use again.
    pub(super) fn decode(&mut self, frame: &Frame<'_>, mut decoded: Decoded) -> Result<Decoded, BookError> {
        for (position, bytes) in frame.entries() {
            if (self.from..self.size).contains(&position) {
                let read = self.entry(bytes, &mut decoded);
                read.map_err(|source| BookError::Unreadable { position, source })?;
            }
        }
        Ok(decoded)
    }

    #[inline]
    fn entry(&mut self, bytes: &[u8], into: &mut Decoded) -> Result<(), WireError> {
        let Some(row) = self.rows.get(bytes) else { return into.whole(bytes) };
        let number = match self.numbers.of(row.names, row.code) {
            RunNumber::Known(number) => number,
            RunNumber::New(number) => {
                let usage = UsageEntry::get(bytes)?.expect("BUG: a row that is no usage");
                into.parts.push(Part::Names(DecodedUsage::of(&usage)));
                number
            }
        };
        into.recorded = Some(row.recorded);
        into.rows.push(UsageRow::from_row(number, &row));
        match into.parts.last_mut() {
            Some(Part::Rows(count)) => *count += 1,
            _ => into.parts.push(Part::Rows(1)),
        }
        Ok(())
    }
}

impl Decoded {
    /// Decodes an entry that is no row.
    fn whole(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        match UsageEntry::get(bytes)? {
            Some(usage) => {
                self.recorded = Some(usage.recorded);
                self.parts.push(Part::Usage(DecodedUsage::of(&usage)));
            }
            None => {
                let entry = Entry::get(bytes)?;
                self.recorded = Some(entry.recorded);
                self.parts.push(Part::Entry(Box::new(entry.into())));
            }
        }
        Ok(())
    }
}
