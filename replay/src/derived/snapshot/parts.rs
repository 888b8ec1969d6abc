//! A file of parts. A table at the end has the keyed digest of each part, and the file ends in the keyed digest of the table.
//! So the parts can be read in several threads, and each is compared with its digest before it is used.

use std::fs::File;
use std::io;
use std::sync::Mutex;

use ledger::store::read_at;
use projections::encoding::{Decoder, Encoder};

use crate::derived::rejected::RejectedReason;
use crate::derived::sealing::SealKey;

const DIGEST_BYTES: usize = 32;
/// The file ends in the offset of the table, and the digest of both.
const END_BYTES: usize = 8 + DIGEST_BYTES;

/// Writes parts, one after the other, to a sink of bytes.
pub struct PartsOut<'s> {
    sink: &'s mut dyn FnMut(&[u8]),
    key: SealKey,
    /// The offset of the end of each part.
    ends: Vec<u64>,
    digests: Vec<[u8; DIGEST_BYTES]>,
}

impl<'s> PartsOut<'s> {
    pub fn new(sink: &'s mut dyn FnMut(&[u8]), key: SealKey) -> PartsOut<'s> {
        PartsOut { sink, key, ends: Vec::new(), digests: Vec::new() }
    }

    pub fn put(&mut self, write: &dyn Fn(&mut Encoder<'_>)) {
        let mut hasher = self.key.hasher();
        let mut length = 0;
        let mut tee = |bytes: &[u8]| {
            hasher.update(bytes);
            length += bytes.len() as u64;
            (self.sink)(bytes);
        };
        let mut out = Encoder::new(&mut tee);
        write(&mut out);
        out.finish();
        self.ends.push(self.end() + length);
        self.digests.push(*hasher.finalize().as_bytes());
    }

    fn end(&self) -> u64 {
        self.ends.last().copied().unwrap_or_default()
    }

    /// Writes the table.
    pub fn finish(self) {
        let mut table = Vec::new();
        let mut keep = |bytes: &[u8]| table.extend_from_slice(bytes);
        let mut out = Encoder::new(&mut keep);
        out.column(self.ends.iter().copied());
        out.column(self.digests.iter().copied());
        out.one(self.end());
        out.finish();
        let digest = self.key.hash(&table);
        (self.sink)(&table);
        (self.sink)(digest.as_bytes());
    }
}

/// An open file of parts, with its table.
pub struct PartsIn {
    file: File,
    key: SealKey,
    ends: Vec<u64>,
    digests: Vec<[u8; DIGEST_BYTES]>,
    /// The first error of the operating system; reported when all threads have ended.
    failed: Mutex<Option<io::Error>>,
}

impl PartsIn {
    pub fn of(file: File, key: SealKey) -> io::Result<Result<PartsIn, RejectedReason>> {
        let length = file.metadata()?.len();
        let Some(before_end) = length.checked_sub(END_BYTES as u64) else { return Ok(Err(RejectedReason::Damaged)) };
        let mut end = vec![0; END_BYTES];
        exactly(&file, before_end, &mut end)?;
        let (start, digest) = end.split_at(END_BYTES - DIGEST_BYTES);
        let start = u64::from_le_bytes(start.try_into().expect("eight bytes"));
        // No table is longer than the file, and none of our own takes more than a millionth of it or some kilobytes.
        let Some(count) = before_end.checked_sub(start).filter(|count| *count <= length / 16 + (1 << 16)) else {
            return Ok(Err(RejectedReason::Damaged));
        };
        let mut table = vec![0; count as usize + 8];
        exactly(&file, start, &mut table)?;
        if key.hash(&table) != blake3::Hash::from_slice(digest).expect("32 bytes") {
            return Ok(Err(RejectedReason::Damaged));
        }
        let Some((ends, digests)) = read_table(&table) else { return Ok(Err(RejectedReason::Damaged)) };
        Ok(Ok(PartsIn { file, key, ends, digests, failed: Mutex::new(None) }))
    }

    pub fn count(&self) -> usize {
        self.ends.len()
    }

    /// Reads a part and compares it with its digest; `None` if it cannot be read or differs.
    pub fn get(&self, part: usize, memory: &mut Vec<u8>) -> Option<()> {
        let start = part.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let count = self.ends.get(part)?.checked_sub(start)?;
        memory.resize(usize::try_from(count).ok()?, 0);
        if let Err(error) = exactly(&self.file, start, memory) {
            *self.failed.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(error);
            return None;
        }
        (self.key.hash(memory) == blake3::Hash::from_bytes(self.digests[part])).then_some(())
    }

    /// Why a part could not be read.
    pub fn reason(self) -> RejectedReason {
        let failed = self.failed.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        failed.map_or(RejectedReason::Damaged, |error| RejectedReason::Unreadable(error.to_string()))
    }
}

fn read_table(table: &[u8]) -> Option<(Vec<u64>, Vec<[u8; DIGEST_BYTES]>)> {
    let mut reader = Decoder::new(table);
    let (ends, digests) = (reader.column::<u64>()?.all(), reader.column()?.all());
    let start: u64 = reader.one()?;
    reader.end()?;
    // Every byte before the table belongs to a part.
    let fits = ends.len() == digests.len() && ends.is_sorted() && ends.last() == Some(&start);
    fits.then_some((ends, digests))
}

/// Reads exactly as many bytes as `into` takes. Fails with `UnexpectedEof` if the file ends before.
pub fn exactly(file: &File, at: u64, into: &mut [u8]) -> io::Result<()> {
    let mut filled = 0;
    while filled < into.len() {
        match read_at(file, &mut into[filled..], at + filled as u64) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
