//! The log's entries on their way to what follows from them: read, hashed where that is asked for, decoded, folded. Of a
//! large log each step is a thread of its own, one behind the other, so that nothing comes in another order than the
//! log's, whatever is found wrong is found where it stands, and all of it is looked at before anything behind it.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, scope};

use ledger::date::Day;
use ledger::entry::Entry;
use ledger::field::Amount;
use ledger::frame::{Frame, HeldFrame};
use ledger::log::{Frames, Log, LogError, Mark};
use ledger::money::Currency;
use ledger::rehash::Rehash;
use ledger::row::Rows;
use ledger::usage::UsageEntry;
use ledger::wire::WireError;
use projections::knowledge::Usage;
use projections::knowledge::intake::{Intake, Number, Numbered, Numbers};
use uuid::Uuid;

use crate::book::{BookError, Said, State};

/// Whether every entry is hashed again on the way, and the tree's root compared behind each frame.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Hashes {
    /// Checksums are enough.
    Trusted,
    /// Only from the log's first entry on.
    Checked,
}

/// Below so many entries, threads would cost more than they save.
const THREADS_FROM: u64 = 20_000;
/// Frames that lie between two steps at most.
const AHEAD: usize = 8;

/// Folds in the entries behind those that were folded, up to a size.
pub(crate) fn fold(state: &mut State, log: &Log, size: u64, hashes: Hashes) -> Result<(), BookError> {
    let from = state.knowledge.size();
    assert!(hashes == Hashes::Trusted || from == 0, "BUG: the tree is not known at size {from}");
    let way = Way {
        frames: log.frames(from),
        size,
        rehash: (hashes == Hashes::Checked).then(|| log.rehash()),
        decoder: Decoder { from, size, rows: Rows::default(), numbers: Numbers::default() },
        folding: Folding { state, intake: Intake::default() },
    };
    match size.saturating_sub(from) < THREADS_FROM {
        true => way.in_one_thread(),
        false => way.in_threads(),
    }
}

/// The steps, in their order.
struct Way<'l, 's> {
    frames: Frames<'l>,
    size: u64,
    rehash: Option<Rehash<'l>>,
    decoder: Decoder,
    folding: Folding<'s>,
}

impl Way<'_, '_> {
    fn in_one_thread(mut self) -> Result<(), BookError> {
        let (mut memory, mut decoded) = (Vec::new(), Decoded::default());
        while let Some(held) = self.frames.next()?.map(|frame| frame.hold(memory)) {
            let (frame, place) = (held.frame(), self.frames.given());
            if frame.header.first >= self.size {
                break;
            }
            if let Some(rehash) = &mut self.rehash {
                rehash.check(&frame, place)?;
            }
            decoded = self.decoder.decode(&frame, decoded)?;
            self.folding.take(&mut decoded);
            memory = held.let_go();
        }
        self.folding.finish();
        Ok(())
    }

    fn in_threads(self) -> Result<(), BookError> {
        let Way { mut frames, size, rehash, mut decoder, mut folding } = self;
        scope(|scope| {
            let (memory, used) = sync_channel(4 * AHEAD);
            let (out, read) = sync_channel(AHEAD);
            scope.spawn(move || read_all(&mut frames, size, &used, &out));
            let checked = match rehash {
                None => read,
                Some(mut rehash) => step(scope, read, move |(frame, place): Held| {
                    rehash.check(&frame.frame(), place)?;
                    Ok((frame, place))
                }),
            };
            let (empty, emptied) = sync_channel(2 * AHEAD);
            let decoded = step(scope, checked, move |(frame, _): Held| {
                let decoded = decoder.decode(&frame.frame(), emptied.try_recv().unwrap_or_default());
                give_back(&memory, frame.let_go());
                decoded
            });
            for decoded in decoded {
                let mut decoded = decoded?;
                folding.take(&mut decoded);
                give_back(&empty, decoded);
            }
            folding.finish();
            Ok(())
        })
    }
}

/// Memory to be used again, unless the other side has enough of it or has ended.
fn give_back<T>(to: &SyncSender<T>, memory: T) {
    let _ = to.try_send(memory);
}

/// A frame, and where it begins.
type Held = (HeldFrame, Mark);

/// Hands on frames until one side ends.
fn read_all(
    frames: &mut Frames<'_>,
    size: u64,
    memory: &Receiver<Vec<u8>>,
    out: &SyncSender<Result<Held, BookError>>,
) {
    let mut next = || -> Result<Option<Held>, LogError> {
        let frame = frames.next()?.map(|frame| frame.hold(memory.try_recv().unwrap_or_default()));
        let frame = frame.filter(|frame| frame.frame().header.first < size);
        Ok(frame.map(|frame| (frame, frames.given())))
    };
    while let Some(frame) = next().transpose() {
        let failed = frame.is_err();
        if out.send(frame.map_err(BookError::from)).is_err() || failed {
            break;
        }
    }
}

/// A step in a thread of its own: hands on what it makes of what comes, up to the first failure.
fn step<'s, A: Send + 's, B: Send + 's>(
    scope: &'s Scope<'s, '_>,
    from: Receiver<Result<A, BookError>>,
    mut work: impl FnMut(A) -> Result<B, BookError> + Send + 's,
) -> Receiver<Result<B, BookError>> {
    let (out, made) = sync_channel(AHEAD);
    scope.spawn(move || {
        for part in from {
            let part = part.and_then(&mut work);
            let failed = part.is_err();
            if out.send(part).is_err() || failed {
                break;
            }
        }
    });
    made
}

/// What the entries of a frame say, in their order.
#[derive(Default)]
struct Decoded {
    parts: Vec<Part>,
    rows: Vec<Numbered>,
    /// When the last of them was recorded; of some frames, none is asked for.
    recorded: Option<u64>,
}

enum Part {
    /// So many of the rows.
    Rows(usize),
    /// The names that the next number stands for.
    Names(Box<Told>),
    /// Usage that is no row.
    Usage(Box<Told>),
    /// Any other.
    Entry(Box<Said>),
}

/// A usage entry that was read whole.
struct Told {
    id: Uuid,
    account: String,
    contract: String,
    meter: Option<String>,
    from: Day,
    to: Day,
    amount: Amount,
    quantity: Option<Amount>,
    currency: Currency,
}

impl Told {
    fn of(entry: &UsageEntry<'_>) -> Box<Told> {
        let UsageEntry { id, account, contract, meter, from, to, amount, quantity, currency, .. } = *entry;
        let (contract, meter) = (contract.unwrap_or(account).to_owned(), meter.map(str::to_owned));
        Box::new(Told { id, account: account.to_owned(), contract, meter, from, to, amount, quantity, currency })
    }

    fn usage(&self) -> Usage<'_> {
        Usage {
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

/// Makes facts and rows of bytes, from one position up to another.
struct Decoder {
    from: u64,
    size: u64,
    rows: Rows,
    numbers: Numbers,
}

impl Decoder {
    /// Into memory that was used before, and is empty.
    fn decode(&mut self, frame: &Frame<'_>, mut decoded: Decoded) -> Result<Decoded, BookError> {
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
        let number = match self.numbers.of(&row) {
            Number::Known(number) => number,
            Number::New(number) => {
                let told = UsageEntry::get(bytes)?.expect("BUG: a row that is no usage");
                into.parts.push(Part::Names(Told::of(&told)));
                number
            }
        };
        into.recorded = Some(row.recorded);
        into.rows.push(Numbered::of(number, &row));
        match into.parts.last_mut() {
            Some(Part::Rows(count)) => *count += 1,
            _ => into.parts.push(Part::Rows(1)),
        }
        Ok(())
    }
}

impl Decoded {
    /// An entry that is no row.
    fn whole(&mut self, bytes: &[u8]) -> Result<(), WireError> {
        match UsageEntry::get(bytes)? {
            Some(usage) => {
                self.recorded = Some(usage.recorded);
                self.parts.push(Part::Usage(Told::of(&usage)));
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

/// The last step.
struct Folding<'s> {
    state: &'s mut State,
    intake: Intake,
}

impl Folding<'_> {
    fn take(&mut self, decoded: &mut Decoded) {
        let mut rows = decoded.rows.drain(..);
        for part in decoded.parts.drain(..) {
            let knowledge = &mut self.state.knowledge;
            match part {
                Part::Rows(count) => {
                    rows.by_ref().take(count).for_each(|row| self.intake.take(knowledge, row));
                }
                Part::Names(told) => self.intake.name(knowledge, told.usage()),
                Part::Usage(told) => {
                    self.intake.settle(knowledge);
                    knowledge.apply_usage(told.usage(), told.id, &[]);
                }
                Part::Entry(entry) => {
                    if entry.touches_runs(knowledge) {
                        self.intake.settle(knowledge);
                    }
                    self.state.fold(*entry);
                }
            }
        }
        self.state.recorded = decoded.recorded.take().unwrap_or(self.state.recorded);
    }

    fn finish(mut self) {
        self.intake.settle(&mut self.state.knowledge);
    }
}
