//! The id of a fact that was sent without one.

use uuid::Uuid;

use crate::wire::CborWriter;

/// The id of a fact that has none of its own: UUIDv8 whose free bits are the first 122 of BLAKE3 over the content, the
/// positions of the entries whose place it takes and how many earlier entries had the same content (facts.md; positions
/// stand for ids, so that an entry's id follows from the entry alone).
pub fn derived_id(content: &[u8], replaces: &[u64], occurrence: u64, buffer: &mut Vec<u8>) -> Uuid {
    buffer.clear();
    buffer.extend_from_slice(content);
    let mut writer = CborWriter { buffer };
    writer.array(replaces.len());
    replaces.iter().for_each(|position| writer.uint(*position));
    writer.uint(occurrence);
    let bits = u128::from_be_bytes(blake3::hash(buffer).as_bytes()[..16].try_into().expect("16 of 32 bytes")) >> 6;
    // 48 bits, the version, 12 bits, the variant, 62 bits (RFC 9562, 5.8).
    let (high, middle, low) = (bits >> 74, (bits >> 62) & 0xfff, bits & ((1 << 62) - 1));
    Uuid::from_u128(high << 80 | 8 << 76 | middle << 64 | 2 << 62 | low)
}
