//! Reads the head of a book, which remembers what was acknowledged (docs/format.md, "Head"). Shares no code with the writer.

use std::io::{ErrorKind, Read};
use std::path::Path;

use super::error::VerifyError;
use super::layout::{all_zero, checksum_is_right, number};
use super::tape::open;
use super::tree::Hash;

const SLOT: usize = 4096;
const MAGIC: [u8; 8] = *b"\xFFhead\r\n\0";
const VERSION: u64 = 1;

/// The last acknowledged size and root of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    /// The number of acknowledged entries.
    pub size: u64,
    /// The root of the tree at that size.
    pub root: Hash,
    pub(super) segment: u64,
    pub(super) length: u64,
    generation: u64,
    /// The number of the slot that cannot be read, if one of the two cannot.
    pub(super) damaged_slot: Option<usize>,
}

/// Reads the file of a head. The inner error says in words why it is no head.
pub fn read(path: &Path) -> Result<Result<Head, String>, VerifyError> {
    let mut bytes = Vec::new();
    let read = open(path).and_then(|file| file.take(2 * SLOT as u64 + 1).read_to_end(&mut bytes));
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Err("the head is missing".to_owned())),
        Err(error) => Err(VerifyError::io("reading", &path.display().to_string(), error)),
        Ok(_) => Ok(parse(&bytes)),
    }
}

fn parse(bytes: &[u8]) -> Result<Head, String> {
    if bytes.len() != 2 * SLOT {
        return Err(format!("the head is not {} bytes long", 2 * SLOT));
    }
    let (first, second) = bytes.split_at(SLOT);
    let newest = match (slot(first, 0)?, slot(second, 1)?) {
        (None, None) => return Err("the head is damaged: neither of its slots can be read".to_owned()),
        (Some(head), None) => Head { damaged_slot: Some(1), ..head },
        (None, Some(head)) => Head { damaged_slot: Some(0), ..head },
        (Some(one), Some(other)) => {
            let (older, newest) = if one.generation < other.generation { (one, other) } else { (other, one) };
            if older.generation + 1 != newest.generation || older.size > newest.size {
                return Err("the head's two slots were not written one after the other".to_owned());
            }
            newest
        }
    };
    Ok(newest)
}

/// The head in a slot; `None` if the slot is damaged.
fn slot(bytes: &[u8], index: u64) -> Result<Option<Head>, String> {
    if bytes[..8] != MAGIC || !checksum_is_right(bytes) {
        return Ok(None);
    }
    let version = number::<4>(bytes, 8);
    if version != VERSION {
        return Err(format!("the head has version {version}, which this program does not know"));
    }
    let generation = number::<8>(bytes, 12);
    if generation % 2 != index || generation == u64::MAX || !all_zero(&bytes[76..SLOT - 4]) {
        return Ok(None);
    }
    Ok(Some(Head {
        generation,
        size: number::<8>(bytes, 20),
        segment: number::<8>(bytes, 28),
        length: number::<8>(bytes, 36),
        root: *bytes[44..].first_chunk().expect("a slot is longer"),
        damaged_slot: None,
    }))
}
