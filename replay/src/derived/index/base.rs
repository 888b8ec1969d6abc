//! Stores the pairs of an index, keys and positions, in the database sled. Only this file uses sled.
//!
//! sled 0.34 cannot open its files without writing to them, locks them, writes from threads of its own, and panics in some of
//! them on an error. So it only works on files that no other process uses, and in threads with a name of their own.

use std::fs::File;
use std::path::Path;
use std::thread::{Builder, scope, sleep};
use std::time::Duration;

use projections::position::Position;
use sled::{Config, Db, Mode};

use crate::derived::rejected::RejectedReason;

/// The first bytes of the BLAKE3 digest of an id or name. Keys are short because there are many; entries with other ids or names
/// can have the same key, so every entry that is found has to be checked.
pub type Key = [u8; 8];

/// The name of the threads in which sled works. A panic in such a thread rejects the index; it is no bug of trueup.
pub const THREAD: &str = "index";

/// A key, and the position of an entry that has it.
pub type Pair = (Key, Position);

const PAIR_BYTES: usize = 12;
/// Pairs in one value of the database. With one pair a value, sled was thirty times slower and its files eight times larger.
const BLOCK_PAIRS: usize = 256;
/// The memory that sled may use. Its default is 1 GiB.
const CACHE_BYTES: u64 = 16 << 20;
/// The database key of the mark, before all other keys. It is written last, so if it is there all pairs are.
const MARK: &[u8] = &[0];
/// How often, and after which pause, to check whether sled's threads have closed its files.
const TRIES: u32 = 1_000;
const TRY: Duration = Duration::from_millis(5);

/// The size and number of pairs of a complete base.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
struct BaseMark {
    size: u64,
    pairs: u64,
}

/// Writes a base of these pairs, complete up to a size, into an empty folder, and reads it back to compare.
pub fn write(folder: &Path, size: u64, mut pairs: Vec<Pair>) -> Result<(), RejectedReason> {
    pairs.sort_unstable();
    pairs.dedup();
    in_thread(|| {
        let base = open(folder, KeepFiles::Yes)?;
        for block in pairs.chunks(BLOCK_PAIRS) {
            let value: Vec<u8> = block.iter().flat_map(bytes).collect();
            base.insert(bytes(&block[0]), value).map_err(reason)?;
        }
        let mark = [size.to_be_bytes(), (pairs.len() as u64).to_be_bytes()].concat();
        base.insert(MARK, mark).map_err(reason)?;
        base.flush().map_err(reason)?;
        drop(base);
        let_go(folder)?;
        // Opening it once more makes sled write what makes the next opening fast.
        let base = open(folder, KeepFiles::Yes)?;
        let found = all(&base, size)?;
        drop(base);
        let_go(folder)?;
        if found == pairs { Ok(()) } else { Err(RejectedReason::Damaged) }
    })
}

/// All pairs of a base that is complete up to a size. The folder is removed.
pub fn read(folder: &Path, size: u64) -> Result<Vec<Pair>, RejectedReason> {
    in_thread(|| all(&open(folder, KeepFiles::No)?, size))
}

/// For each key, its positions in ascending order. The folder is removed.
pub fn ask(folder: &Path, size: u64, keys: &[Key]) -> Result<Vec<Vec<Position>>, RejectedReason> {
    in_thread(|| {
        let base = open(folder, KeepFiles::No)?;
        mark(&base, size)?;
        keys.iter().map(|key| positions(&base, *key)).collect()
    })
}

fn all(base: &Db, size: u64) -> Result<Vec<Pair>, RejectedReason> {
    let mark = mark(base, size)?;
    let mut pairs = Vec::new();
    for block in base.iter() {
        let (name, block) = block.map_err(reason)?;
        if name != MARK {
            pairs.extend(pairs_in(&block)?);
        }
    }
    if pairs.len() as u64 == mark.pairs { Ok(pairs) } else { Err(RejectedReason::Damaged) }
}

fn positions(base: &Db, key: Key) -> Result<Vec<Position>, RejectedReason> {
    let (first, last) = (bytes(&(key, 0)), bytes(&(key, Position::MAX)));
    // A block that begins before the key may have it too.
    let before = base.get_lt(first).map_err(reason)?.filter(|(name, _)| name != MARK);
    let mut positions = Vec::new();
    for block in before.map(Ok).into_iter().chain(base.range(first..=last)) {
        let (_, block) = block.map_err(reason)?;
        positions.extend(pairs_in(&block)?.filter(|(other, _)| *other == key).map(|(_, position)| position));
    }
    Ok(positions)
}

fn bytes((key, position): &Pair) -> [u8; PAIR_BYTES] {
    let mut bytes = [0; PAIR_BYTES];
    bytes[..key.len()].copy_from_slice(key);
    bytes[key.len()..].copy_from_slice(&position.to_be_bytes());
    bytes
}

fn pairs_in(block: &[u8]) -> Result<impl Iterator<Item = Pair>, RejectedReason> {
    let (pairs, rest) = block.as_chunks::<PAIR_BYTES>();
    let pair = |bytes: &[u8; PAIR_BYTES]| {
        let (key, position) = (bytes.first_chunk(), bytes.last_chunk());
        (*key.expect("8 of 12 bytes"), Position::from_be_bytes(*position.expect("4 of 12 bytes")))
    };
    if rest.is_empty() { Ok(pairs.iter().map(pair)) } else { Err(RejectedReason::Damaged) }
}

fn mark(base: &Db, size: u64) -> Result<BaseMark, RejectedReason> {
    let bytes = base.get(MARK).map_err(reason)?.ok_or(RejectedReason::Damaged)?;
    let [marked, pairs] = bytes.as_chunks().0 else { return Err(RejectedReason::Damaged) };
    let mark = BaseMark { size: u64::from_be_bytes(*marked), pairs: u64::from_be_bytes(*pairs) };
    if mark.size == size { Ok(mark) } else { Err(RejectedReason::Damaged) }
}

/// Whether the files are kept when sled closes them.
#[derive(Copy, Clone, PartialEq, Eq)]
enum KeepFiles {
    Yes,
    /// They are removed.
    No,
}

fn open(folder: &Path, keep: KeepFiles) -> Result<Db, RejectedReason> {
    let config = Config::new().path(folder).cache_capacity(CACHE_BYTES).mode(Mode::LowSpace);
    config.flush_every_ms(None).temporary(keep == KeepFiles::No).open().map_err(reason)
}

/// Waits until sled's threads have closed its files. Each of them holds the lock on the files.
fn let_go(folder: &Path) -> Result<(), RejectedReason> {
    let file = File::open(folder.join("db")).map_err(|error| RejectedReason::Unreadable(error.to_string()))?;
    for _ in 0..TRIES {
        if file.try_lock().is_ok() {
            return Ok(());
        }
        sleep(TRY);
    }
    Err(RejectedReason::Unreadable("sled did not let go of its files".to_owned()))
}

/// Runs work in a named thread. A panic becomes a reason to reject the index.
fn in_thread<T: Send>(work: impl FnOnce() -> Result<T, RejectedReason> + Send) -> Result<T, RejectedReason> {
    scope(|scope| {
        let thread = Builder::new().name(THREAD.to_owned()).spawn_scoped(scope, work);
        let thread = thread.map_err(|error| RejectedReason::Unreadable(error.to_string()))?;
        thread.join().unwrap_or_else(|_| Err(RejectedReason::Unreadable("sled gave up".to_owned())))
    })
}

fn reason(error: sled::Error) -> RejectedReason {
    RejectedReason::Unreadable(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().expect("a temporary folder")
    }

    /// Keys from one end to the other; one of them is in more places than a block has room for.
    fn pairs() -> Vec<Pair> {
        let spread = (0..3_000u64).map(|index| (index.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes(), index as u32));
        let often = (0..3 * BLOCK_PAIRS as u32).map(|position| ([0x6d; 8], 5_000 + position));
        let ends = [([0; 8], 0), ([0; 8], 7), ([255; 8], Position::MAX)];
        let mut pairs: Vec<Pair> = spread.chain(often).chain(ends).collect();
        pairs.sort_unstable();
        pairs.dedup();
        pairs
    }

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        let (folder, pairs) = (folder(), pairs());
        write(folder.path(), 9, pairs.iter().rev().chain(&pairs).copied().collect()).expect("written");
        let mut keys: Vec<Key> = pairs.iter().map(|(key, _)| *key).collect();
        keys.dedup();
        keys.extend([[1; 8], [0x6e; 8], [0, 0, 0, 0, 0, 0, 0, 1]]);
        let found = ask(folder.path(), 9, &keys).expect("answered");
        for (key, found) in keys.iter().zip(found) {
            let expected: Vec<Position> = pairs.iter().filter(|(same, _)| same == key).map(|pair| pair.1).collect();
            assert_eq!(found, expected, "{key:?}");
        }
    }

    #[test]
    fn all_of_it_is_read_back_if_it_is_of_that_size() {
        let (kept, pairs) = (folder(), pairs());
        write(kept.path(), 9, pairs.clone()).expect("written");
        assert_eq!(all(&open(kept.path(), KeepFiles::Yes).expect("a base"), 9), Ok(pairs));
        let_go(kept.path()).expect("nobody holds it");
        assert_eq!(read(kept.path(), 8), Err(RejectedReason::Damaged));
    }

    #[test]
    fn nothing_can_be_put_in_too() {
        let (empty, other) = (folder(), folder());
        write(empty.path(), 0, Vec::new()).expect("written");
        assert_eq!(ask(empty.path(), 0, &[[0; 8], [7; 8]]), Ok(vec![Vec::new(), Vec::new()]));
        assert_eq!(read(other.path(), 0), Err(RejectedReason::Damaged), "nothing was ever written there");
    }

    #[test]
    fn a_panic_is_a_doubt() {
        assert_eq!(
            in_thread::<()>(|| panic!("as sled does")),
            Err(RejectedReason::Unreadable("sled gave up".to_owned()))
        );
    }
}
