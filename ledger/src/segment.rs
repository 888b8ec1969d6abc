//! Segments: runs of frames under the name of their first position, and the header that each begins with.
//!
//! A segment begins with the tree's right edge at its first position, so that recovery rehashes one segment and never
//! the whole log. `docs/format.md`, "Segments", describes the bytes.

use thiserror::Error;

use crate::frame::BLOCK_BYTES;
use crate::tree::RightEdge;

/// 0xFF occurs in no text: nobody takes a segment for one.
const MAGIC: [u8; 8] = *b"\xFFtrueup\n";
/// That of the entries in it, too. Version 1 was never released.
pub(crate) const VERSION: u32 = 2;
const FIXED_BYTES: usize = 28;

/// What is wrong with the first bytes of a segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum SegmentFault {
    /// The bytes are not a whole header.
    #[error("there is no whole segment header")]
    NoHeader,
    /// A program of another version wrote it.
    #[error("the segment has version {0}, and this program reads version {VERSION}")]
    Version(u32),
    /// The header contradicts its name or itself.
    #[error("the segment's header cannot be")]
    Impossible,
}

/// Bytes of the header of the segment that begins at `first`: one hash of the right edge for each bit set.
pub const fn header_bytes(first: u64) -> usize {
    (FIXED_BYTES + 32 * first.count_ones() as usize + 4).next_multiple_of(BLOCK_BYTES)
}

/// The header of a segment that begins where this tree ends.
pub fn format_header(edge: &RightEdge) -> Vec<u8> {
    let length = header_bytes(edge.size());
    let mut bytes = Vec::with_capacity(length);
    bytes.extend_from_slice(&MAGIC);
    bytes.extend_from_slice(&VERSION.to_be_bytes());
    bytes.extend_from_slice(&(length as u32).to_be_bytes());
    bytes.extend_from_slice(&edge.size().to_be_bytes());
    bytes.extend_from_slice(&edge.size().count_ones().to_be_bytes());
    edge.subtrees().iter().for_each(|hash| bytes.extend_from_slice(hash));
    bytes.resize(length - 4, 0);
    let checksum = crc32c::crc32c(&bytes);
    bytes.extend_from_slice(&checksum.to_be_bytes());
    bytes
}

/// The tree's right edge at the start of the segment named `first`, whose bytes begin like this.
pub fn parse_header(first: u64, bytes: &[u8]) -> Result<RightEdge, SegmentFault> {
    let length = header_bytes(first);
    let header = bytes.get(..length).ok_or(SegmentFault::NoHeader)?;
    let (summed, checksum) = header.split_at(length - 4);
    if header[..8] != MAGIC || *checksum != crc32c::crc32c(summed).to_be_bytes() {
        return Err(SegmentFault::NoHeader);
    }
    let version = u32::from_be_bytes(*header[8..].first_chunk().expect("headers are longer"));
    if version != VERSION {
        return Err(SegmentFault::Version(version));
    }
    let hashes = header[FIXED_BYTES..].as_chunks::<32>().0;
    let subtrees = hashes[..first.count_ones() as usize].to_vec();
    let edge = RightEdge::restore(first, subtrees).ok_or(SegmentFault::Impossible)?;
    // What is accepted would have been written: this covers the name, the counts and the unused bytes at once.
    if format_header(&edge) == header { Ok(edge) } else { Err(SegmentFault::Impossible) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash::EntryHash;
    use crate::tree::leaf;

    fn edge(size: u64) -> RightEdge {
        let mut edge = RightEdge::default();
        (0..size).for_each(|i| edge.append(leaf(&EntryHash([i as u8; 32]))));
        edge
    }

    #[test]
    fn a_header_comes_back_at_every_size() {
        for size in 0..200 {
            let bytes = format_header(&edge(size));
            assert_eq!(bytes.len(), header_bytes(size));
            assert_eq!(parse_header(size, &bytes), Ok(edge(size)));
            assert!(parse_header(size + 1, &bytes).is_err(), "another name");
        }
    }

    #[test]
    fn every_changed_or_missing_byte_of_a_header_is_noticed() {
        let bytes = format_header(&edge(7));
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 0x10;
            assert_eq!(parse_header(7, &changed), Err(SegmentFault::NoHeader), "byte {at}");
            assert_eq!(parse_header(7, &bytes[..at]), Err(SegmentFault::NoHeader), "{at} bytes");
        }
    }

    #[test]
    fn a_header_with_the_right_checksum_that_we_would_not_write_is_refused() {
        let with = |at: usize, byte: u8| {
            let mut bytes = format_header(&edge(5));
            bytes[at] = byte;
            let end = bytes.len() - 4;
            let checksum = crc32c::crc32c(&bytes[..end]);
            bytes[end..].copy_from_slice(&checksum.to_be_bytes());
            parse_header(5, &bytes)
        };
        assert_eq!(with(11, 1), Err(SegmentFault::Version(1)));
        assert_eq!(with(11, 3), Err(SegmentFault::Version(3)));
        assert_eq!(with(23, 6), Err(SegmentFault::Impossible), "another first position");
        assert_eq!(with(27, 3), Err(SegmentFault::Impossible), "another count");
        assert_eq!(with(FIXED_BYTES + 64, 1), Err(SegmentFault::Impossible), "unused bytes");
    }
}
