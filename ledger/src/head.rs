//! The head: what was last acknowledged, in a small file of two slots beside the segments.
//!
//! An append is acknowledged when the log and then the head are on disk. So a log that ends before its head has lost
//! something, and what lies behind the head was never acknowledged. The head is neither part of the history nor derived from
//! it: nothing rebuilds it silently. `docs/format.md`, "Head", describes the bytes.

use thiserror::Error;

use crate::segment::header_bytes;
use crate::tree::{EMPTY_ROOT, TreeHash};

/// Bytes of a slot. Slots are written in turn, and a write that a crash tears leaves the other slot whole: a slot shares no
/// page or disk sector with the other one.
pub const SLOT_BYTES: usize = 4096;
/// Bytes of the head's file.
pub const HEAD_BYTES: usize = 2 * SLOT_BYTES;

/// 0xFF occurs in no text: nobody takes a head for one.
const MAGIC: [u8; 8] = *b"\xFFhead\r\n\0";
pub(crate) const VERSION: u32 = 1;
/// Behind this byte a slot is zeros, up to its checksum.
const USED_BYTES: usize = 76;

/// What was acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Counts the heads of a book. The slot is this number modulo 2.
    pub generation: u64,
    /// Entries.
    pub size: u64,
    /// The tree's root at that size.
    pub root: TreeHash,
    /// The segment that holds the last of these entries.
    pub segment: u64,
    /// The bytes of that segment up to the end of the last frame.
    pub length: u64,
}

/// A head as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadedHead {
    /// The newer of the two heads.
    pub head: Head,
    /// The other slot cannot be read. Either a crash interrupted the next head, and then the log holds one append more, or
    /// the slot was damaged.
    pub damaged_slot: Option<u64>,
}

/// Why a head says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum HeadFault {
    /// There is no such file.
    #[error("is missing")]
    Missing,
    /// The file has another length than [`HEAD_BYTES`].
    #[error("is {0} bytes long, and {HEAD_BYTES} is right")]
    Length(u64),
    /// Neither slot can be read.
    #[error("is damaged: neither of its two slots can be read")]
    Damaged,
    /// One slot cannot be read, and the log does not explain it.
    #[error("is damaged: one of its two slots cannot be read, and the log ends where the other one says")]
    SlotDamaged,
    /// The slots do not follow each other.
    #[error("has two slots that were not written one after the other")]
    Unrelated,
    /// A program of another version wrote it.
    #[error("has version {0}, and this program reads version {VERSION}")]
    Version(u32),
}

impl Head {
    /// The head of a new log: nothing is acknowledged.
    pub fn of_nothing() -> Head {
        Head { generation: 1, size: 0, root: EMPTY_ROOT, segment: 0, length: header_bytes(0) as u64 }
    }

    /// The byte of the file at which this head's slot begins.
    pub fn slot_at(&self) -> u64 {
        self.generation % 2 * SLOT_BYTES as u64
    }

    /// The bytes of the slot that holds this head.
    pub fn format(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(SLOT_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&VERSION.to_be_bytes());
        for number in [self.generation, self.size, self.segment, self.length] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        bytes.extend_from_slice(&self.root);
        assert_eq!(bytes.len(), USED_BYTES, "BUG: a slot has other fields than the format says");
        bytes.resize(SLOT_BYTES - 4, 0);
        let checksum = crc32c::crc32c(&bytes);
        bytes.extend_from_slice(&checksum.to_be_bytes());
        bytes
    }

    /// A whole file, both slots of which hold heads of this content.
    pub fn format_file(&self) -> Vec<u8> {
        let before = Head { generation: self.generation - 1, ..self.clone() };
        let (mut bytes, second) = match self.slot_at() {
            0 => (self.format(), before.format()),
            _ => (before.format(), self.format()),
        };
        bytes.extend_from_slice(&second);
        bytes
    }
}

/// What a slot holds.
enum ParsedSlot {
    Head(Head),
    Damaged,
}

/// The newest head of a file, or why there is none.
pub fn parse_head(file: Option<&[u8]>) -> Result<LoadedHead, HeadFault> {
    let bytes = file.ok_or(HeadFault::Missing)?;
    if bytes.len() != HEAD_BYTES {
        return Err(HeadFault::Length(bytes.len() as u64));
    }
    let (first, second) = bytes.split_at(SLOT_BYTES);
    match (parse_slot(0, first)?, parse_slot(1, second)?) {
        (ParsedSlot::Damaged, ParsedSlot::Damaged) => Err(HeadFault::Damaged),
        (ParsedSlot::Head(head), ParsedSlot::Damaged) => Ok(LoadedHead { head, damaged_slot: Some(1) }),
        (ParsedSlot::Damaged, ParsedSlot::Head(head)) => Ok(LoadedHead { head, damaged_slot: Some(0) }),
        (ParsedSlot::Head(one), ParsedSlot::Head(other)) => {
            let (older, head) = if one.generation < other.generation { (one, other) } else { (other, one) };
            if older.generation + 1 != head.generation || older.size > head.size {
                return Err(HeadFault::Unrelated);
            }
            Ok(LoadedHead { head, damaged_slot: None })
        }
    }
}

fn parse_slot(number: u64, bytes: &[u8]) -> Result<ParsedSlot, HeadFault> {
    let (summed, checksum) = bytes.split_at(SLOT_BYTES - 4);
    if bytes[..8] != MAGIC || *checksum != crc32c::crc32c(summed).to_be_bytes() {
        return Ok(ParsedSlot::Damaged);
    }
    let version = u32::from_be_bytes(*bytes[8..].first_chunk().expect("a slot is longer"));
    if version != VERSION {
        return Err(HeadFault::Version(version));
    }
    let number_at = |at: usize| u64::from_be_bytes(*bytes[at..].first_chunk().expect("a slot is longer"));
    let head = Head {
        generation: number_at(12),
        size: number_at(20),
        segment: number_at(28),
        length: number_at(36),
        root: *bytes[44..].first_chunk().expect("a slot is longer"),
    };
    let is_own_slot = head.generation % 2 == number && head.generation < u64::MAX;
    // What is accepted would have been written: this covers the unused bytes.
    Ok(if is_own_slot && head.format() == bytes { ParsedSlot::Head(head) } else { ParsedSlot::Damaged })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(generation: u64, size: u64) -> Head {
        Head { generation, size, root: [7; 32], segment: 0, length: 64 + 256 * size }
    }

    fn file(older: &Head, newer: &Head) -> Vec<u8> {
        let mut bytes = older.format_file();
        let at = newer.slot_at() as usize;
        bytes[at..at + SLOT_BYTES].copy_from_slice(&newer.format());
        bytes
    }

    #[test]
    fn the_newest_of_two_slots_counts() {
        for generation in [1, 2, 3, 8] {
            let (older, newer) = (head(generation, 5), head(generation + 1, 9));
            let bytes = file(&older, &newer);
            let found = parse_head(Some(&bytes)).unwrap();
            assert_eq!(found, LoadedHead { head: newer, damaged_slot: None });
        }
        let fresh = Head::of_nothing();
        assert_eq!(parse_head(Some(&fresh.format_file())).unwrap().head, fresh);
    }

    #[test]
    fn every_changed_byte_damages_its_slot_and_leaves_the_other() {
        let (older, newer) = (head(4, 5), head(5, 9));
        let bytes = file(&older, &newer);
        for at in 0..HEAD_BYTES {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            let slot = (at / SLOT_BYTES) as u64;
            let left = if slot == 0 { &newer } else { &older };
            let expected = LoadedHead { head: left.clone(), damaged_slot: Some(slot) };
            assert_eq!(parse_head(Some(&changed)), Ok(expected), "byte {at}");
        }
    }

    #[test]
    fn another_length_is_refused_at_every_byte() {
        let bytes = head(3, 1).format_file();
        for length in 0..HEAD_BYTES {
            assert_eq!(parse_head(Some(&bytes[..length])), Err(HeadFault::Length(length as u64)));
        }
        let longer = [&bytes[..], &[0]].concat();
        assert_eq!(parse_head(Some(&longer)), Err(HeadFault::Length(HEAD_BYTES as u64 + 1)));
        assert_eq!(parse_head(None), Err(HeadFault::Missing));
        assert_eq!(parse_head(Some(&[0; HEAD_BYTES])), Err(HeadFault::Damaged));
    }

    #[test]
    fn slots_that_do_not_follow_each_other_are_refused() {
        let apart = file(&head(2, 5), &head(5, 9));
        assert_eq!(parse_head(Some(&apart)), Err(HeadFault::Unrelated));
        let shrunk = file(&head(4, 9), &head(5, 5));
        assert_eq!(parse_head(Some(&shrunk)), Err(HeadFault::Unrelated));
        let mut swapped = file(&head(4, 5), &head(5, 9));
        swapped.rotate_left(SLOT_BYTES);
        assert_eq!(parse_head(Some(&swapped)), Err(HeadFault::Damaged));
    }

    #[test]
    fn a_later_version_is_named() {
        let mut bytes = head(4, 5).format_file();
        bytes[11] = 2;
        let checksum = crc32c::crc32c(&bytes[..SLOT_BYTES - 4]);
        bytes[SLOT_BYTES - 4..SLOT_BYTES].copy_from_slice(&checksum.to_be_bytes());
        assert_eq!(parse_head(Some(&bytes)), Err(HeadFault::Version(2)));
    }
}
