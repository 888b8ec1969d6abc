//! Folds the entries of the log into the state: reads frames, hashes them if asked to, decodes and folds their entries. For a large
//! log each of these steps has a thread of its own, and frames pass through them in the order of the log. So the result, and the
//! first error, are the same as in one thread.

mod decode;

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::{Scope, scope};

use ledger::frame::HeldFrame;
use ledger::log::Rehash;
use ledger::log::{FrameStart, Frames, Log, LogError};
use projections::knowledge::Knowledge;
use projections::knowledge::usage_buffer::UsageBuffer;

use crate::error::BookError;
use crate::state::State;
use decode::{Decoded, EntryDecoder, Part};

/// Whether every entry is hashed again, and the root of the tree compared after each frame.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub(crate) enum Hashes {
    /// Only the checksums of frames are compared.
    Trusted,
    /// Everything is hashed. Possible only from the first entry of the log on.
    Checked,
}

/// With fewer entries, threads would cost more time than they save.
const THREADS_FROM: u64 = 20_000;
/// The most frames that wait between two steps.
const AHEAD: usize = 8;

/// Folds the entries after those of the state, up to a size.
pub(crate) fn fold(state: &mut State, log: &Log, size: u64, hashes: Hashes) -> Result<(), BookError> {
    let from = state.knowledge.size();
    let way = Way::begin(state, log, size, hashes);
    if size.saturating_sub(from) < THREADS_FROM { way.in_one_thread() } else { way.in_threads() }
}

/// The state of a log up to a size, from its first entry on.
pub(crate) fn fold_all(log: &Log, size: u64, hashes: Hashes) -> Result<State, BookError> {
    let mut state = State { knowledge: Knowledge::with_room(size), ..State::default() };
    fold(&mut state, log, size, hashes)?;
    Ok(state)
}

/// The steps, in their order.
struct Way<'l, 's> {
    frames: Frames<'l>,
    size: u64,
    rehash: Option<Rehash<'l>>,
    decoder: EntryDecoder,
    folding: Folding<'s>,
}

impl<'l, 's> Way<'l, 's> {
    fn begin(state: &'s mut State, log: &'l Log, size: u64, hashes: Hashes) -> Way<'l, 's> {
        let from = state.knowledge.size();
        assert!(hashes == Hashes::Trusted || from == 0, "BUG: the tree is not known at size {from}");
        Way {
            frames: log.frames(from),
            size,
            rehash: (hashes == Hashes::Checked).then(|| log.rehash()),
            decoder: EntryDecoder::between(from, size),
            folding: Folding { state, buffer: UsageBuffer::default() },
        }
    }

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

/// Returns memory to be used again. It is dropped if the other side has enough of it or has ended.
fn give_back<T>(to: &SyncSender<T>, memory: T) {
    let _ = to.try_send(memory);
}

/// A frame, and where it begins.
type Held = (HeldFrame, FrameStart);

/// Reads frames and sends them on, until the log ends, reading fails or the receiver is gone.
fn read_all(frames: &mut Frames<'_>, size: u64, memory: &Receiver<Vec<u8>>, out: &SyncSender<Result<Held, BookError>>) {
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

/// Runs a step in a thread of its own: sends on its result for each part, up to the first failure.
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

/// The last step.
struct Folding<'s> {
    state: &'s mut State,
    buffer: UsageBuffer,
}

impl Folding<'_> {
    fn take(&mut self, decoded: &mut Decoded) {
        let mut rows = decoded.rows.drain(..);
        for part in decoded.parts.drain(..) {
            let knowledge = &mut self.state.knowledge;
            match part {
                Part::Rows(count) => {
                    rows.by_ref().take(count).for_each(|row| self.buffer.push(knowledge, row));
                }
                Part::Names(usage) => self.buffer.add_run(knowledge, usage.usage()),
                Part::Usage(usage) => {
                    self.buffer.flush(knowledge);
                    knowledge.apply_usage(usage.usage(), usage.id, &[]);
                }
                Part::Entry(entry) => {
                    if entry.touches_runs(knowledge) {
                        self.buffer.flush(knowledge);
                    }
                    self.state.fold(*entry);
                }
            }
        }
        self.state.recorded = decoded.recorded.take().unwrap_or(self.state.recorded);
    }

    fn finish(mut self) {
        self.buffer.flush(&mut self.state.knowledge);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use ledger::date::{Day, Month};
    use ledger::entry::Entry;
    use ledger::fact::item_key::ItemKey;
    use ledger::fact::{EarningRecord, Incoming, Posting, Record};
    use ledger::field::Amount;
    use ledger::frame::{Frame, FrameHeader, HEADER_BYTES};
    use ledger::id::{AccountId, BookingId, ComponentId, Name, PayeeId, PlanId};
    use ledger::line::FactLine;
    use ledger::seal::Seed;
    use ledger::store::Memory;
    use uuid::Uuid;

    use super::*;
    use crate::book::Book;
    use crate::derived::snapshot::format;
    use crate::stamp::{Scribe, Signers, Stamp};

    const SEGMENT_BYTES: u64 = 128 << 10;
    /// From here on nothing but plain usage goes into runs, so that much of it waits.
    const HALF: u64 = 6_000;

    fn stamp(number: u8) -> Stamp {
        let (author, user) = (format!("author-{}", number / 7), "root".to_owned());
        Stamp {
            now: 1_800_000_000_000_000,
            author,
            user,
            seed: Seed([number; 32]),
            secret: Seed([number + 128; 32]),
            signing: Vec::new(),
        }
    }

    fn derived(number: u64) -> Uuid {
        uuid::Builder::from_custom_bytes(u128::from(number).wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes())
            .into_uuid()
    }

    fn fact(text: &str) -> ledger::fact::Fact {
        Incoming::read(FactLine { file: "test", number: 1, text }).expect("a fact").fact
    }

    /// The `index`-th fact, and whether its id is its own. In the first half, now and then usage that no row holds.
    fn text(index: u64) -> (String, bool) {
        let contract = index % 37;
        let day = Day::new(2027, 1, 1).expect("a day").plus_days((index / 37) as i32);
        let rest = if index < HALF || index % 101 < 30 { index % 101 } else { 0 };
        let meter = if contract.is_multiple_of(5) { r#","meter":"m","quantity":"1.5""# } else { "" };
        let source = if rest == 31 { r#","source":"s""# } else { "" };
        let cents = format!("{}.{:02}", index * 7919 % 10_000, index % 100);
        let amount = if rest == 41 { "999999999999999.123456789012" } else { &cents };
        let fields = match rest {
            13 => format!(r#""booking","at":"2027-01-01","booking":"B-{index}","arr":"12000","currency":"EUR""#),
            29 => format!(r#""signal","at":"{day}","signal":"live""#),
            _ => format!(
                r#""usage-snapshot","from":"{day}","to":"{day}","amount":"{amount}","currency":"EUR"{meter}{source}"#
            ),
        };
        (format!(r#"{{"account":"a-{contract}","fact":{fields}}}"#), rest == 29 || rest == 51)
    }

    fn earning(index: u64) -> Record {
        let period = Month::new(2027, 1).expect("a month");
        let amount = Amount::parse(&index.to_string()).expect("an amount");
        let line = Posting {
            period,
            payee: PayeeId::new(&format!("p-{}", index % 11)).expect("a name"),
            currency: ledger::money::Currency::parse("EUR").expect("a currency"),
            plan: PlanId::new("land"),
            version: Some(1),
            component: ComponentId::new("usage").expect("a name"),
            item: match index % 3 {
                0 => ItemKey::Booking(BookingId::new(&format!("item-{}", index % 17)).expect("a name")),
                1 => ItemKey::Month(period),
                _ => ItemKey::Fact(Uuid::from_u128(u128::from(index % 17))),
            },
            part: Name::new("whole"),
            date: period.last(),
            account: AccountId::new("a-1").filter(|_| index.is_multiple_of(2)),
            nature: ledger::fact::Nature::Earned,
            due: period.last(),
            amount,
            entitled: amount,
            before: amount,
            reason: None,
        };
        Record::Earning(EarningRecord { line })
    }

    /// A book of 12,000 entries in several segments, some of which restate usage of long ago or of just before.
    fn book() -> Memory {
        let memory = Memory::default().with_segment_bytes(SEGMENT_BYTES);
        let name = Name::new("test").expect("a name");
        let keys = std::env::temp_dir().join("no-such.keys");
        drop(Book::init_in(Box::new(memory.clone()), keys, name, &stamp(1)).expect("a book"));
        let (mut log, _) = Log::open(Box::new(memory.clone())).expect("a log");
        let mut usage = Vec::new();
        for append in 0..12u64 {
            let stamp = stamp(append as u8 + 2);
            let mut scribe = Scribe::begin(&mut log, (&stamp, Signers::default()), 0, None).expect("an append");
            for index in append * 1_000..(append + 1) * 1_000 {
                if index % 97 == 5 {
                    scribe.record(earning(index)).expect("written");
                    continue;
                }
                let (text, own) = text(index);
                let restates = index < HALF && index % 89 == 88 && text.contains("usage-snapshot");
                let replaced = restates.then(|| usage.swap_remove(usage.len() - 1 - index as usize % usage.len()));
                let position = scribe.next_position();
                let id = if own { Uuid::from_u128(u128::from(index)) } else { derived(index) };
                scribe.fact(fact(&text), id, replaced.into_iter().collect()).expect("written");
                if text.contains("usage-snapshot") {
                    usage.push(position);
                }
            }
            scribe.commit().expect("on disk");
        }
        memory
    }

    /// All of a log, and an error as it is told.
    type Folded = Result<Vec<u8>, String>;

    fn written(state: State, done: Result<(), BookError>) -> Folded {
        done.map_err(|error| error.to_string())?;
        let secret = ledger::keyring::BookSecret { book: [1; 16], secret: [3; 32] };
        let key = crate::derived::sealing::Seals::of(&secret).snapshot;
        let mut bytes = Vec::new();
        format(&state, [0; 32], key, &mut |part| bytes.extend_from_slice(part));
        Ok(bytes)
    }

    fn folded(log: &Log, size: u64, hashes: Hashes, run: fn(Way<'_, '_>) -> Result<(), BookError>) -> Folded {
        let mut state = State::default();
        let done = run(Way::begin(&mut state, log, size, hashes));
        written(state, done)
    }

    /// What it amounts to, and the same on every other way there is.
    fn on_every_way(log: &Log, size: u64, hashes: Hashes) -> Folded {
        let one = folded(log, size, hashes, |way| way.in_one_thread());
        assert!(folded(log, size, hashes, |way| way.in_threads()) == one, "threads give another state");
        one
    }

    fn entry_by_entry(log: &Log, size: u64) -> Vec<u8> {
        let mut state = State::default();
        let mut frames = log.frames(0);
        while let Some(frame) = frames.next().expect("a frame") {
            for (_, bytes) in frame.entries().filter(|(position, _)| *position < size) {
                state.fold(Entry::get(bytes).expect("an entry"));
            }
        }
        written(state, Ok(())).expect("folded")
    }

    fn read(segments: BTreeMap<u64, Vec<u8>>) -> Result<Log, LogError> {
        Log::open_read(Box::new(Memory::of(segments)))
    }

    #[test]
    fn every_way_comes_to_what_entry_by_entry_comes_to() {
        let log = read(book().bytes()).expect("a log");
        assert!(log.size() > 12_000);
        for size in [1, 2, 5_000, 8_191, log.size()] {
            let expected = entry_by_entry(&log, size);
            for hashes in [Hashes::Trusted, Hashes::Checked] {
                assert!(on_every_way(&log, size, hashes) == Ok(expected.clone()), "up to {size}, {hashes:?}");
            }
        }
    }

    #[test]
    fn folding_goes_on_from_any_size() {
        let log = read(book().bytes()).expect("a log");
        let expected = entry_by_entry(&log, log.size());
        for part in [1, 4_000, 11_999] {
            let ways: [fn(Way<'_, '_>) -> Result<(), BookError>; 2] =
                [|way| way.in_one_thread(), |way| way.in_threads()];
            for run in ways {
                let mut state = State::default();
                Way::begin(&mut state, &log, part, Hashes::Trusted).in_one_thread().expect("folded");
                let recorded = state.recorded;
                run(Way::begin(&mut state, &log, part, Hashes::Trusted)).expect("nothing to do");
                assert_eq!(state.recorded, recorded);
                let done = run(Way::begin(&mut state, &log, log.size(), Hashes::Trusted));
                assert!(written(state, done) == Ok(expected.clone()), "from {part}");
            }
        }
    }

    /// A bit of an entry's salt changes, and the frame's checksum is made right again.
    #[test]
    fn an_entry_that_was_altered_with_its_checksum_is_found_by_its_hash() {
        let mut segments = book().bytes();
        let (segment, bytes) = segments.iter_mut().nth(1).expect("several segments");
        let header = ledger::segment::header_bytes(*segment);
        let frame = FrameHeader::parse(&bytes[header..]).expect("a frame");
        let (first, end) = (frame.first, header + frame.length as usize);
        // The last byte of the first entry is of its salt.
        let entry_bytes =
            Frame::parse(&bytes[header..end]).expect("a frame").entries().next().expect("an entry").1.len();
        bytes[header + HEADER_BYTES + entry_bytes - 1] ^= 1;
        let checksum = crc32c::crc32c(&bytes[header..end - 4]);
        bytes[end - 4..end].copy_from_slice(&checksum.to_be_bytes());
        let log = read(segments).expect("only the last segment is read at opening");
        assert!(on_every_way(&log, log.size(), Hashes::Trusted).is_ok());
        let told = on_every_way(&log, log.size(), Hashes::Checked).expect_err("altered");
        assert!(told.contains("was altered") && told.contains(&format!("position {first}")), "{told}");
    }

    #[test]
    fn damage_is_told_alike_on_every_way() {
        let whole = book().bytes();
        let mut dice = 0x2545_F491_4F6C_DD1Du64;
        let mut told = 0;
        for _ in 0..60 {
            let mut segments = whole.clone();
            dice ^= dice << 13;
            dice ^= dice >> 7;
            dice ^= dice << 17;
            let count = segments.len() as u64;
            let bytes = segments.values_mut().nth((dice % count) as usize).expect("a segment");
            let at = (dice >> 8) as usize % bytes.len();
            bytes[at] ^= 1 << (dice % 8);
            let Ok(log) = read(segments) else { continue };
            let trusted = on_every_way(&log, log.size(), Hashes::Trusted);
            let checked = on_every_way(&log, log.size(), Hashes::Checked);
            assert!(trusted == checked, "a changed bit is found by checksums");
            told += usize::from(trusted.is_err());
        }
        assert!(told > 20, "{told} damages were told");
    }
}
