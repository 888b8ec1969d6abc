//! The headers of segments and frames, and what lies between them: bytes to numbers, from the page.

use super::tree::{Edge, Hash};

pub const BLOCK: usize = 64;
pub const POSITION_END: u64 = 1 << 56;
const FRAME_MAX: usize = 4 << 20;
const ENTRY_BLOCKS_MAX: usize = 1_114_112 / BLOCK;
const FRAME_VERSION: u64 = 1;
pub const SEGMENT_VERSION: u64 = 2;
const SEGMENT_MAGIC: [u8; 8] = *b"\xFFtrueup\n";
pub const FRAME_MAGIC: [u8; 8] = *b"\xFFframe\r\n";

/// Why a header is none.
#[derive(Debug, PartialEq, Eq)]
pub enum NoHeader {
    /// Too short, or magic or checksum wrong.
    Damaged,
    /// A whole header of another version of the format.
    OtherVersion(u64),
    /// The checksum is right, so it was written just so, and no writer of this version would.
    Impossible(String),
}

fn impossible<T>(what: impl Into<String>) -> Result<T, NoHeader> {
    Err(NoHeader::Impossible(what.into()))
}

pub fn number<const N: usize>(bytes: &[u8], at: usize) -> u64 {
    bytes[at..at + N].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

pub fn all_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

/// Whether the last four bytes are the checksum of those before them.
pub fn checksum_is_right(bytes: &[u8]) -> bool {
    bytes.split_last_chunk::<4>().is_some_and(|(summed, sum)| crc32c::crc32c(summed).to_be_bytes() == *sum)
}

/// Bytes of the header of the segment that begins at this position.
pub fn segment_header_bytes(first: u64) -> usize {
    (28 + 32 * first.count_ones() as usize + 4).next_multiple_of(BLOCK)
}

/// The tree's right edge in the header of the segment named `first`, which these bytes are.
pub fn segment_header(first: u64, bytes: &[u8]) -> Result<Edge, NoHeader> {
    let length = segment_header_bytes(first);
    if bytes.len() != length || bytes[..8] != SEGMENT_MAGIC || !checksum_is_right(bytes) {
        return Err(NoHeader::Damaged);
    }
    let version = number::<4>(bytes, 8);
    if version != SEGMENT_VERSION {
        return Err(NoHeader::OtherVersion(version));
    }
    if number::<4>(bytes, 12) != length as u64 {
        return impossible("it says another length than it has");
    }
    if number::<8>(bytes, 16) != first {
        return impossible(format!("it begins at position {}, and its name says another", number::<8>(bytes, 16)));
    }
    let count = number::<4>(bytes, 24);
    if count != u64::from(first.count_ones()) {
        return impossible(format!("it has {count} hashes, which are not those of its position"));
    }
    let hashes = 28 + 32 * count as usize;
    if !all_zero(&bytes[hashes..length - 4]) {
        return impossible("bytes that must be zero are not");
    }
    let subtrees = bytes[28..hashes].as_chunks::<32>().0.to_vec();
    Ok(Edge::of(first, subtrees).expect("the count was checked"))
}

/// What the first block of a frame says.
#[derive(Clone, Copy, Debug)]
pub struct FrameHeader {
    pub first: u64,
    pub append_first: u64,
    pub count: u32,
    pub length: usize,
    pub is_last: bool,
}

impl FrameHeader {
    /// The position after its last entry.
    pub fn end(&self) -> u64 {
        self.first + u64::from(self.count)
    }

    fn table_bytes(&self) -> usize {
        (2 * self.count as usize).next_multiple_of(BLOCK)
    }
}

pub fn frame_header(bytes: &[u8]) -> Result<FrameHeader, NoHeader> {
    let Some(bytes) = bytes.first_chunk::<BLOCK>() else { return Err(NoHeader::Damaged) };
    if bytes[..8] != FRAME_MAGIC || !checksum_is_right(bytes) {
        return Err(NoHeader::Damaged);
    }
    let (version, flags) = (number::<4>(bytes, 8), number::<4>(bytes, 12));
    if version != FRAME_VERSION {
        return Err(NoHeader::OtherVersion(version));
    }
    if flags > 1 {
        return impossible(format!("its flags are {flags:#x}"));
    }
    let header = FrameHeader {
        first: number::<8>(bytes, 16),
        append_first: number::<8>(bytes, 24),
        count: number::<4>(bytes, 32) as u32,
        length: number::<4>(bytes, 36) as usize,
        is_last: flags == 1,
    };
    if !all_zero(&bytes[40..60]) {
        return impossible("bytes that must be zero are not");
    }
    if header.first >= POSITION_END || header.append_first > header.first {
        return impossible("its positions cannot be");
    }
    // A count of more entries than fit is refused before anything is computed from it.
    if header.count == 0 || header.count as usize > FRAME_MAX / BLOCK {
        return impossible(format!("it says that it has {} entries", header.count));
    }
    let least = 2 * BLOCK + header.table_bytes() + BLOCK * header.count as usize;
    if header.length < least || header.length > FRAME_MAX || !header.length.is_multiple_of(BLOCK) {
        return impossible(format!("it says that it is {} bytes long", header.length));
    }
    Ok(header)
}

/// A whole frame taken apart.
pub struct Frame<'b> {
    pub entries: Vec<&'b [u8]>,
    pub root: Hash,
}

/// Takes apart the bytes that this header begins.
pub fn frame<'b>(header: &FrameHeader, bytes: &'b [u8]) -> Result<Frame<'b>, &'static str> {
    assert_eq!(bytes.len(), header.length, "BUG: a frame of another length than its header says");
    let (body, trailer) = bytes[BLOCK..].split_at(bytes.len() - 2 * BLOCK);
    let (mut rest, table) = body.split_at(body.len() - header.table_bytes());
    let (lengths, padding) = table.split_at(2 * header.count as usize);
    if !all_zero(&trailer[32..60]) || !all_zero(padding) {
        return Err("bytes that must be zero are not");
    }
    let mut entries = Vec::with_capacity(header.count as usize);
    for length in lengths.as_chunks::<2>().0 {
        let blocks = usize::from(u16::from_be_bytes(*length));
        if blocks == 0 || blocks > ENTRY_BLOCKS_MAX {
            return Err("its table has an entry of a length that cannot be");
        }
        let Some((entry, behind)) = rest.split_at_checked(blocks * BLOCK) else {
            return Err("its table has longer entries than it holds");
        };
        entries.push(entry);
        rest = behind;
    }
    if !rest.is_empty() {
        return Err("its table has shorter entries than it holds");
    }
    let root = *trailer.first_chunk().expect("a trailer is a block");
    Ok(Frame { entries, root })
}
