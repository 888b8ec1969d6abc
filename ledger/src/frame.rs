//! The bytes of a frame, the unit of writing: a header, whole entries, a table of their lengths, the root after them, a checksum.
//!
//! `docs/format.md`, "Frames", describes the same bytes for strangers. A frame does not know where it is kept.

use thiserror::Error;

use crate::hash::{EntryHash, hash_entries};
use crate::tree::{RightEdge, TreeHash, leaf};

/// Entries are whole blocks, and so is all else in a frame: whoever looks for a header looks only at multiples of this.
pub const BLOCK_BYTES: usize = 64;
/// The longest entry: a plan or policy of 1 MiB, and room for what surrounds it.
pub const ENTRY_BYTES_MAX: usize = (1 << 20) + (64 << 10);
/// The longest frame, all in all.
pub const FRAME_BYTES_MAX: usize = 4 << 20;
/// A frame is written when the next entry would make it longer than this; only one long entry makes a longer frame. Such
/// parts fit the cache: reading is a third faster than with 4 MiB, and one entry is found in 50 us instead of 750.
pub const FRAME_BYTES_FULL: usize = 256 << 10;
/// Bytes of a frame's header.
pub const HEADER_BYTES: usize = 64;
const TRAILER_BYTES: usize = 64;

/// 0xFF occurs in no text, so that no entry can carry a header in its notes.
pub const MAGIC: [u8; 8] = *b"\xFFframe\r\n";
pub(crate) const VERSION: u32 = 1;
/// Positions stay below this, so that adding counts to them never overflows.
const POSITION_MAX: u64 = 1 << 56;

/// Whether more frames of the same append follow, or this one commits it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FramePart {
    /// More frames of the append follow.
    More,
    /// It commits the append.
    Last,
}

/// What the first block of a frame says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Position of the first entry.
    pub first: u64,
    /// Entries in the frame.
    pub count: u32,
    /// Position of the first entry of the append that this frame is a part of.
    pub append_first: u64,
    /// Whether the append goes on.
    pub part: FramePart,
    /// Bytes of the whole frame.
    pub length: u32,
}

/// What is wrong with the bytes of a header or of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum FrameFault {
    /// Not even a whole header is there.
    #[error("there is no whole frame header")]
    NoHeader,
    /// A program of another version wrote it.
    #[error("the frame has version {0}, and this program reads version {VERSION}")]
    Version(u32),
    /// The header contradicts itself.
    #[error("the frame's header cannot be: {0}")]
    Impossible(&'static str),
    /// The bytes are not those that were summed.
    #[error("the frame's checksum is wrong")]
    Checksum,
}

impl FrameHeader {
    /// The position after the last entry.
    pub fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    /// The bytes of the header.
    pub fn format(&self) -> [u8; HEADER_BYTES] {
        let mut bytes = [0; HEADER_BYTES];
        bytes[0..8].copy_from_slice(&MAGIC);
        bytes[8..12].copy_from_slice(&VERSION.to_be_bytes());
        bytes[12..16].copy_from_slice(&u32::from(self.part == FramePart::Last).to_be_bytes());
        bytes[16..24].copy_from_slice(&self.first.to_be_bytes());
        bytes[24..32].copy_from_slice(&self.append_first.to_be_bytes());
        bytes[32..36].copy_from_slice(&self.count.to_be_bytes());
        bytes[36..40].copy_from_slice(&self.length.to_be_bytes());
        let checksum = crc32c::crc32c(&bytes[..60]);
        bytes[60..].copy_from_slice(&checksum.to_be_bytes());
        bytes
    }

    /// Reads the header at the start of `bytes`. Its own checksum makes its length safe to step by.
    pub fn parse(bytes: &[u8]) -> Result<FrameHeader, FrameFault> {
        let Some(bytes) = bytes.first_chunk::<HEADER_BYTES>() else {
            return Err(FrameFault::NoHeader);
        };
        if bytes[0..8] != MAGIC || u32_at(bytes, 60) != crc32c::crc32c(&bytes[..60]) {
            return Err(FrameFault::NoHeader);
        }
        // From here on no crash can be the reason: these 64 bytes were written just so.
        let version = u32_at(bytes, 8);
        if version != VERSION {
            return Err(FrameFault::Version(version));
        }
        let part = match u32_at(bytes, 12) {
            0 => FramePart::More,
            1 => FramePart::Last,
            _ => return Err(FrameFault::Impossible("unknown flags")),
        };
        let header = FrameHeader {
            first: u64_at(bytes, 16),
            append_first: u64_at(bytes, 24),
            count: u32_at(bytes, 32),
            length: u32_at(bytes, 36),
            part,
        };
        header.check(&bytes[40..60]).map(|()| header)
    }

    fn check(&self, unused: &[u8]) -> Result<(), FrameFault> {
        let length = self.length as usize;
        let count = self.count as usize;
        if count == 0 || count > FRAME_BYTES_MAX / BLOCK_BYTES {
            return Err(FrameFault::Impossible("a count that no frame has"));
        }
        let least = frame_bytes(count, count * BLOCK_BYTES);
        if length > FRAME_BYTES_MAX || length < least || !length.is_multiple_of(BLOCK_BYTES) {
            return Err(FrameFault::Impossible("a length that no frame has"));
        }
        if self.first > POSITION_MAX || self.append_first > self.first {
            return Err(FrameFault::Impossible("a position that no frame has"));
        }
        if unused.iter().any(|byte| *byte != 0) {
            return Err(FrameFault::Impossible("bytes that must be zero"));
        }
        Ok(())
    }
}

/// A whole frame whose checksum is right, borrowed from where it was read to.
#[derive(Clone, Copy, Debug)]
pub struct Frame<'a> {
    /// Its header.
    pub header: FrameHeader,
    bytes: &'a [u8],
}

impl<'a> Frame<'a> {
    /// The frame that `bytes` are, no more and no less.
    pub fn parse(bytes: &'a [u8]) -> Result<Frame<'a>, FrameFault> {
        let header = FrameHeader::parse(bytes)?;
        if bytes.len() != header.length as usize {
            return Err(FrameFault::Checksum);
        }
        let (summed, checksum) = bytes.split_at(bytes.len() - 4);
        if u32_at(checksum, 0) != crc32c::crc32c(summed) {
            return Err(FrameFault::Checksum);
        }
        let frame = Frame { header, bytes };
        frame.check().map(|()| frame)
    }

    fn check(&self) -> Result<(), FrameFault> {
        let lengths = || self.table().chunks_exact(2).map(|bytes| usize::from(u16_at(bytes, 0)) * BLOCK_BYTES);
        if lengths().any(|length| length == 0 || length > ENTRY_BYTES_MAX) {
            return Err(FrameFault::Impossible("an entry of a length that no entry has"));
        }
        let entry_bytes: usize = lengths().sum();
        if frame_bytes(self.header.count as usize, entry_bytes) != self.bytes.len() {
            return Err(FrameFault::Impossible("a table of lengths that does not fill the frame"));
        }
        let trailer = self.bytes.len() - TRAILER_BYTES;
        let after_table = self.table_start() + 2 * self.header.count as usize;
        let unused = self.bytes[after_table..trailer].iter().chain(&self.bytes[trailer + 32..trailer + 60]);
        if unused.into_iter().any(|byte| *byte != 0) {
            return Err(FrameFault::Impossible("bytes that must be zero"));
        }
        Ok(())
    }

    /// The entries with their positions, in order.
    pub fn entries(&self) -> Entries<'a> {
        Entries {
            position: self.header.first,
            lengths: self.table(),
            rest: &self.bytes[HEADER_BYTES..self.table_start()],
        }
    }

    /// The tree's root after this frame, as it was written.
    pub fn root(&self) -> TreeHash {
        let trailer = self.bytes.len() - TRAILER_BYTES;
        *self.bytes[trailer..].first_chunk().expect("a checked frame has a whole trailer")
    }

    /// All bytes of the frame.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// A copy for another thread, in memory that was used before.
    pub fn hold(&self, mut memory: Vec<u8>) -> HeldFrame {
        memory.clear();
        memory.extend_from_slice(self.bytes);
        HeldFrame { header: self.header, bytes: memory }
    }

    fn table_start(&self) -> usize {
        self.bytes.len() - TRAILER_BYTES - table_bytes(self.header.count as usize)
    }

    fn table(&self) -> &'a [u8] {
        &self.bytes[self.table_start()..][..2 * self.header.count as usize]
    }
}

/// A whole frame whose checksum was right when it was read, in memory of its own.
#[derive(Debug)]
pub struct HeldFrame {
    header: FrameHeader,
    bytes: Vec<u8>,
}

impl HeldFrame {
    /// The frame.
    pub fn frame(&self) -> Frame<'_> {
        Frame { header: self.header, bytes: &self.bytes }
    }

    /// The memory, for the next frame.
    pub fn let_go(self) -> Vec<u8> {
        self.bytes
    }
}

/// The entries of a frame, one after the other.
#[derive(Clone, Debug)]
pub struct Entries<'a> {
    position: u64,
    lengths: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Iterator for Entries<'a> {
    type Item = (u64, &'a [u8]);

    #[inline]
    fn next(&mut self) -> Option<(u64, &'a [u8])> {
        let (blocks, lengths) = self.lengths.split_first_chunk::<2>()?;
        let (entry, rest) = self.rest.split_at(usize::from(u16::from_be_bytes(*blocks)) * BLOCK_BYTES);
        let position = self.position;
        self.position += 1;
        self.lengths = lengths;
        self.rest = rest;
        Some((position, entry))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.lengths.len() / 2, Some(self.lengths.len() / 2))
    }
}

/// A frame being filled. The entries lie where they will be written, so that nothing is copied twice.
#[derive(Debug, Default)]
pub struct FrameDraft {
    bytes: Vec<u8>,
    lengths: Vec<u8>,
    hashes: Vec<EntryHash>,
}

impl FrameDraft {
    /// Whether it has no entry yet.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// How many entries it has.
    pub fn count(&self) -> u32 {
        u32::try_from(self.lengths.len() / 2).expect("a frame's entries fit 4 MiB")
    }

    /// Whether an entry of this length would still fit. An empty frame takes any.
    pub fn has_room(&self, entry_bytes: usize) -> bool {
        let held = self.bytes.len().saturating_sub(HEADER_BYTES);
        self.is_empty() || frame_bytes(self.lengths.len() / 2 + 1, held + entry_bytes) <= FRAME_BYTES_FULL
    }

    /// Adds an entry, for which there must be room.
    pub fn push(&mut self, entry: &[u8]) {
        let blocks = u16::try_from(entry.len() / BLOCK_BYTES).expect("BUG: an entry longer than any");
        if self.bytes.is_empty() {
            self.bytes.resize(HEADER_BYTES, 0);
        }
        self.bytes.extend_from_slice(entry);
        self.lengths.extend_from_slice(&blocks.to_be_bytes());
    }

    /// The bytes to write. `edge` is the tree before this frame, and after the call the tree after it.
    pub fn seal(&mut self, append_first: u64, part: FramePart, edge: &mut RightEdge) -> &[u8] {
        assert!(!self.is_empty(), "BUG: a frame without entries");
        let first = edge.size();
        self.grow_tree(edge);
        let table = table_bytes(self.lengths.len() / 2);
        let header = FrameHeader {
            first,
            count: self.count(),
            append_first,
            part,
            length: u32::try_from(self.bytes.len() + table + TRAILER_BYTES).expect("a frame is at most 4 MiB"),
        };
        assert!(header.length as usize <= FRAME_BYTES_MAX, "BUG: a frame of {} bytes", header.length);
        self.bytes[..HEADER_BYTES].copy_from_slice(&header.format());
        let trailer = self.bytes.len() + table;
        self.bytes.extend_from_slice(&self.lengths);
        self.bytes.resize(trailer, 0);
        self.bytes.extend_from_slice(&edge.root());
        self.bytes.resize(trailer + TRAILER_BYTES - 4, 0);
        let checksum = crc32c::crc32c(&self.bytes);
        self.bytes.extend_from_slice(&checksum.to_be_bytes());
        assert_eq!(self.bytes.len(), header.length as usize, "BUG: a frame of another length than it says");
        &self.bytes
    }

    /// Ready for the next frame, with the memory of this one.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.lengths.clear();
    }

    fn grow_tree(&mut self, edge: &mut RightEdge) {
        let entries = Entries { position: 0, lengths: &self.lengths, rest: &self.bytes[HEADER_BYTES..] };
        grow(entries, &mut self.hashes, edge);
    }
}

/// Appends the leaves of these entries to the tree. `hashes` is only memory to be used again.
pub fn grow(entries: Entries<'_>, hashes: &mut Vec<EntryHash>, edge: &mut RightEdge) {
    hashes.clear();
    hash_entries(entries.map(|(_, entry)| entry), hashes);
    hashes.iter().for_each(|hash| edge.append(leaf(hash)));
}

fn table_bytes(count: usize) -> usize {
    (2 * count).next_multiple_of(BLOCK_BYTES)
}

fn frame_bytes(count: usize, entry_bytes: usize) -> usize {
    HEADER_BYTES + entry_bytes + table_bytes(count) + TRAILER_BYTES
}

fn u16_at(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes(*bytes[at..].first_chunk().expect("callers ask inside of checked lengths"))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes(*bytes[at..].first_chunk().expect("callers ask inside of checked lengths"))
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u64::from_be_bytes(*bytes[at..].first_chunk().expect("callers ask inside of checked lengths"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::hash_entry;

    fn sealed(entries: &[Vec<u8>], before: u64) -> (Vec<u8>, RightEdge) {
        let mut edge = RightEdge::default();
        (0..before).for_each(|i| edge.append([i as u8; 32]));
        let mut draft = FrameDraft::default();
        entries.iter().for_each(|entry| draft.push(entry));
        (draft.seal(before, FramePart::Last, &mut edge).to_vec(), edge)
    }

    fn entries() -> Vec<Vec<u8>> {
        (1..6).map(|blocks| vec![blocks as u8; blocks * BLOCK_BYTES]).collect()
    }

    /// The bytes with one changed and both checksums made right again.
    fn forged(at: usize, byte: u8) -> Result<FrameHeader, FrameFault> {
        let (mut bytes, _) = sealed(&entries(), 3);
        bytes[at] = byte;
        let header = crc32c::crc32c(&bytes[..60]);
        bytes[60..64].copy_from_slice(&header.to_be_bytes());
        let end = bytes.len() - 4;
        let frame = crc32c::crc32c(&bytes[..end]);
        bytes[end..].copy_from_slice(&frame.to_be_bytes());
        Frame::parse(&bytes).map(|frame| frame.header)
    }

    #[test]
    fn a_frame_comes_back() {
        let (bytes, edge) = sealed(&entries(), 3);
        let frame = Frame::parse(&bytes).unwrap();
        let length = bytes.len() as u32;
        assert_eq!(frame.header, FrameHeader { first: 3, count: 5, append_first: 3, part: FramePart::Last, length });
        assert_eq!(frame.root(), edge.root());
        let expected: Vec<_> = (3..8).zip(entries()).collect();
        let found: Vec<_> = frame.entries().map(|(position, entry)| (position, entry.to_vec())).collect();
        assert_eq!(found, expected);
        assert_eq!(bytes.len(), 64 + 15 * 64 + 64 + 64);
    }

    #[test]
    fn the_tree_after_a_frame_has_its_entries() {
        let (_, edge) = sealed(&entries(), 0);
        let leaves: Vec<_> = entries().iter().map(|entry| leaf(&hash_entry(entry))).collect();
        assert_eq!(edge.root(), crate::tree::root(&leaves));
    }

    #[test]
    fn every_changed_or_missing_byte_is_noticed() {
        let (bytes, _) = sealed(&entries(), 3);
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 4;
            assert!(matches!(Frame::parse(&changed), Err(FrameFault::NoHeader | FrameFault::Checksum)), "byte {at}");
            assert!(Frame::parse(&bytes[..at]).is_err(), "{at} bytes");
        }
        assert!(Frame::parse(&[&bytes[..], &[0]].concat()).is_err());
    }

    #[test]
    fn what_we_would_not_write_is_refused_by_name() {
        let (bytes, _) = sealed(&entries(), 3);
        let table = bytes.len() - 128;
        assert!(forged(0, 0xFF).is_ok(), "forging nothing changes nothing");
        assert_eq!(forged(11, 2), Err(FrameFault::Version(2)));
        let impossible = [
            (15, 2, "flags"),
            (35, 0, "no entries"),
            (32, 1, "many entries"),
            (39, 1, "length"),
            (16, 2, "position"),
            (31, 4, "append after its frame"),
            (59, 1, "zero bytes of the header"),
            (table, 0x44, "a long entry"),
            (table + 1, 0, "an empty entry"),
            (table + 1, 2, "table"),
            (table + 10, 1, "zero bytes of the table"),
            (table + 64 + 32, 1, "zero bytes of the trailer"),
        ];
        for (at, byte, what) in impossible {
            let fault = forged(at, byte).unwrap_err();
            assert!(matches!(fault, FrameFault::Impossible(_)), "{what}: {fault:?}");
        }
    }

    #[test]
    fn a_frame_is_full_at_its_limit() {
        let mut draft = FrameDraft::default();
        assert!(draft.has_room(ENTRY_BYTES_MAX), "an empty frame takes any entry");
        draft.push(&vec![1; FRAME_BYTES_FULL - 128 - 64 - BLOCK_BYTES]);
        assert!(draft.has_room(BLOCK_BYTES));
        assert!(!draft.has_room(2 * BLOCK_BYTES));
        draft.push(&[1; BLOCK_BYTES]);
        assert_eq!(draft.seal(0, FramePart::More, &mut RightEdge::default()).len(), FRAME_BYTES_FULL);
    }

    #[test]
    fn the_longest_entry_makes_a_frame_below_the_longest() {
        let (bytes, _) = sealed(&[vec![1; ENTRY_BYTES_MAX]], 0);
        assert!(bytes.len() <= FRAME_BYTES_MAX);
        assert!(Frame::parse(&bytes).is_ok());
    }
}
