//! The hash of an entry, which is its name: BLAKE3-256 of the stored bytes. One at a time, or all entries of a frame at once.
//!
//! Entries are whole 64-byte blocks so that up to sixteen of equal length are hashed side by side: 30 ns each instead
//! of 190. `Platform::hash_many` is public in BLAKE3 but not documented, so the crate pins the version, and the tests
//! below compare it with `blake3::hash` for every length and count. Lengths it cannot take go to `blake3::hash`.

use std::fmt;

use blake3::IncrementCounter;
use blake3::platform::Platform;

/// BLAKE3-256 of an entry's stored bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntryHash(pub [u8; 32]);

/// The hash of one entry.
pub fn hash_entry(entry: &[u8]) -> EntryHash {
    EntryHash(*blake3::hash(entry).as_bytes())
}

/// Appends the hash of each entry to `out`, in the order of the entries.
pub fn hash_entries<'a>(entries: impl Iterator<Item = &'a [u8]>, out: &mut Vec<EntryHash>) {
    let platform = Platform::detect();
    let mut waiting: [Lanes<'a>; CHUNK_BLOCKS] = std::array::from_fn(|_| Lanes::default());
    for entry in entries {
        let place = out.len();
        if entry.is_empty() || !entry.len().is_multiple_of(BLOCK_BYTES) || entry.len() > blake3::CHUNK_LEN {
            out.push(hash_entry(entry));
            continue;
        }
        out.push(EntryHash([0; 32]));
        let blocks = entry.len() / BLOCK_BYTES;
        let lanes = &mut waiting[blocks - 1];
        lanes.entries[lanes.used] = (entry, place);
        lanes.used += 1;
        if lanes.used == LANES {
            HASH_BY_BLOCKS[blocks - 1](platform, lanes, out);
        }
    }
    for (lanes, hash) in waiting.iter_mut().zip(HASH_BY_BLOCKS) {
        hash(platform, lanes, out);
    }
}

const BLOCK_BYTES: usize = 64;
const LANES: usize = 16;
/// A BLAKE3 chunk: only inputs of one chunk are a single run of compressions.
const CHUNK_BLOCKS: usize = blake3::CHUNK_LEN / BLOCK_BYTES;

/// From the BLAKE3 paper, section 2: the key words of the plain hash, and the flags of a chunk that is the whole input.
const INITIAL: [u32; 8] =
    [0x6A09_E667, 0xBB67_AE85, 0x3C6E_F372, 0xA54F_F53A, 0x510E_527F, 0x9B05_688C, 0x1F83_D9AB, 0x5BE0_CD19];
const CHUNK_START: u8 = 1;
const CHUNK_END: u8 = 2;
const ROOT: u8 = 8;

/// Entries of one length that wait to be hashed together, each with the place of its hash.
#[derive(Default)]
struct Lanes<'a> {
    entries: [(&'a [u8], usize); LANES],
    used: usize,
}

type HashLanes = fn(Platform, &mut Lanes<'_>, &mut [EntryHash]);

/// The lengths must be known to the compiler: one function for each number of blocks.
const HASH_BY_BLOCKS: [HashLanes; CHUNK_BLOCKS] = [
    hash_lanes::<64>,
    hash_lanes::<128>,
    hash_lanes::<192>,
    hash_lanes::<256>,
    hash_lanes::<320>,
    hash_lanes::<384>,
    hash_lanes::<448>,
    hash_lanes::<512>,
    hash_lanes::<576>,
    hash_lanes::<640>,
    hash_lanes::<704>,
    hash_lanes::<768>,
    hash_lanes::<832>,
    hash_lanes::<896>,
    hash_lanes::<960>,
    hash_lanes::<1024>,
];

fn hash_lanes<const BYTES: usize>(platform: Platform, lanes: &mut Lanes<'_>, out: &mut [EntryHash]) {
    let used = lanes.used;
    if used == 0 {
        return;
    }
    let nothing = [0; BYTES];
    let mut inputs = [&nothing; LANES];
    for (input, (entry, _)) in inputs.iter_mut().zip(&lanes.entries[..used]) {
        *input = (*entry).try_into().expect("lanes hold entries of one length");
    }
    let mut hashes = [0; LANES * 32];
    platform.hash_many(
        &inputs[..used],
        &INITIAL,
        0,
        IncrementCounter::No,
        0,
        CHUNK_START,
        CHUNK_END | ROOT,
        &mut hashes,
    );
    for ((_, place), hash) in lanes.entries[..used].iter().zip(hashes.chunks_exact(32)) {
        out[*place].0.copy_from_slice(hash);
    }
    lanes.used = 0;
}

impl fmt::Display for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for EntryHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "EntryHash({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn bytes(length: usize, seed: usize) -> Vec<u8> {
        (0..length).map(|i| ((i * 7 + seed * 131) % 251) as u8).collect()
    }

    fn hash_all(entries: &[Vec<u8>]) -> Vec<EntryHash> {
        let mut hashes = Vec::new();
        hash_entries(entries.iter().map(Vec::as_slice), &mut hashes);
        hashes
    }

    #[test]
    fn many_at_once_are_the_same_as_one_by_one_for_every_length_and_count() {
        for blocks in 0..=CHUNK_BLOCKS + 2 {
            for count in 0..=2 * LANES + 1 {
                let entries: Vec<_> = (0..count).map(|seed| bytes(blocks * BLOCK_BYTES, seed)).collect();
                let expected: Vec<_> = entries.iter().map(|entry| hash_entry(entry)).collect();
                assert_eq!(hash_all(&entries), expected, "{count} entries of {blocks} blocks");
            }
        }
    }

    #[test]
    fn every_platform_of_this_machine_agrees() {
        let platforms = [Some(Platform::portable()), Some(Platform::detect())];
        for platform in platforms.into_iter().flatten() {
            let entries: Vec<_> = (0..LANES).map(|seed| bytes(192, seed)).collect();
            let mut lanes = Lanes::default();
            for (place, entry) in entries.iter().enumerate() {
                lanes.entries[place] = (entry, place);
            }
            lanes.used = LANES;
            let mut hashes = vec![EntryHash([0; 32]); LANES];
            hash_lanes::<192>(platform, &mut lanes, &mut hashes);
            let expected: Vec<_> = entries.iter().map(|entry| hash_entry(entry)).collect();
            assert_eq!(hashes, expected);
        }
    }

    proptest! {
        #[test]
        fn mixed_lengths_keep_their_order(lengths in prop::collection::vec(0usize..1400, 0..120)) {
            let entries: Vec<_> = lengths.iter().enumerate().map(|(seed, length)| bytes(*length, seed)).collect();
            let expected: Vec<_> = entries.iter().map(|entry| hash_entry(entry)).collect();
            prop_assert_eq!(hash_all(&entries), expected);
        }
    }

    #[test]
    fn agrees_with_the_published_vectors() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/data/vectors/blake3/test_vectors.json");
        let Ok(text) = std::fs::read_to_string(path) else {
            eprintln!("NOT CHECKED: the BLAKE3 vectors are not at {path}.");
            return;
        };
        let vectors: serde_json::Value = serde_json::from_str(&text).unwrap();
        let cases = vectors["cases"].as_array().unwrap();
        assert_eq!(cases.len(), 35);
        for case in cases {
            let length = case["input_len"].as_u64().unwrap() as usize;
            let input: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            let expected = &case["hash"].as_str().unwrap()[..64];
            assert_eq!(hash_entry(&input).to_string(), expected, "{length} bytes");
            assert_eq!(hash_all(&[input])[0].to_string(), expected, "{length} bytes, in lanes");
        }
    }
}
