//! Segments in memory, for tests.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::{SEGMENT_BYTES, Store, StoreError};
use crate::head::Head;

/// Segments in memory. Clones share them, as processes share a folder; each clone is a reader until it locks.
#[derive(Debug, Default)]
pub struct Memory {
    shared: Arc<Mutex<Shared>>,
    segment_bytes: Option<u64>,
    holds_lock: bool,
}

#[derive(Debug, Default)]
struct Shared {
    image: Image,
    locked: bool,
}

/// All bytes of a store, to be kept, compared or damaged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Image {
    /// The bytes of each segment, by its first position.
    pub segments: BTreeMap<u64, Vec<u8>>,
    /// The bytes of the head's file.
    pub head: Option<Vec<u8>>,
    /// Torn tails that were cut, by name.
    pub torn: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// The same store with another length at which segments are full.
    pub fn with_segment_bytes(self, segment_bytes: u64) -> Memory {
        Memory { segment_bytes: Some(segment_bytes), shared: Arc::clone(&self.shared), holds_lock: false }
    }

    /// A copy of all segments as they are now.
    pub fn bytes(&self) -> BTreeMap<u64, Vec<u8>> {
        self.shared().image.segments.clone()
    }

    /// A copy of everything as it is now.
    pub fn image(&self) -> Image {
        self.shared().image.clone()
    }

    /// A store of its own with these segments, and with a head that acknowledges nothing.
    pub fn of(segments: BTreeMap<u64, Vec<u8>>) -> Memory {
        let head = Some(Head::of_nothing().format_file());
        Memory::of_image(Image { segments, head, torn: BTreeMap::new() })
    }

    /// A store of its own with these bytes.
    pub fn of_image(image: Image) -> Memory {
        let shared = Shared { image, locked: false };
        Memory { shared: Arc::new(Mutex::new(shared)), segment_bytes: None, holds_lock: false }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        // A panic while the lock was held left nothing half done: the mutex only guards single assignments.
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn missing(&self, segment: u64) -> StoreError {
        let source = io::Error::from(io::ErrorKind::NotFound);
        StoreError::Io { doing: "opening", place: self.place(segment), source }
    }

    fn write(&mut self, segment: u64, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        assert!(self.holds_lock, "BUG: writing to memory without its lock");
        let place = self.place(segment);
        let missing = self.missing(segment);
        let mut shared = self.shared();
        let held = shared.image.segments.get_mut(&segment).ok_or(missing)?;
        if held.len() as u64 != at {
            return Err(StoreError::Moved { place, expected: at, found: held.len() as u64 });
        }
        held.extend_from_slice(bytes);
        Ok(())
    }
}

impl Clone for Memory {
    fn clone(&self) -> Memory {
        Memory { shared: Arc::clone(&self.shared), segment_bytes: self.segment_bytes, holds_lock: false }
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        if self.holds_lock {
            self.shared().locked = false;
        }
    }
}

impl Store for Memory {
    fn book(&self) -> String {
        "memory".into()
    }

    fn place(&self, segment: u64) -> String {
        format!("memory/{segment:020}.seg")
    }

    fn segment_bytes(&self) -> u64 {
        self.segment_bytes.unwrap_or(SEGMENT_BYTES)
    }

    fn lock(&mut self) -> Result<(), StoreError> {
        if self.shared().locked {
            return Err(StoreError::Locked { book: self.book() });
        }
        self.shared().locked = true;
        self.holds_lock = true;
        Ok(())
    }

    fn segments(&self) -> Result<Vec<u64>, StoreError> {
        Ok(self.shared().image.segments.keys().copied().collect())
    }

    fn length(&self, segment: u64) -> Result<u64, StoreError> {
        self.shared().image.segments.get(&segment).map(|bytes| bytes.len() as u64).ok_or_else(|| self.missing(segment))
    }

    fn read(&self, segment: u64, at: u64, into: &mut [u8]) -> Result<usize, StoreError> {
        let shared = self.shared();
        let held = shared.image.segments.get(&segment).ok_or_else(|| self.missing(segment))?;
        let from = held.get(at as usize..).unwrap_or_default();
        let read = from.len().min(into.len());
        into[..read].copy_from_slice(&from[..read]);
        Ok(read)
    }

    fn create(&mut self, segment: u64, header: &[u8]) -> Result<(), StoreError> {
        self.shared().image.segments.entry(segment).or_default();
        self.write(segment, 0, header)
    }

    fn append(&mut self, segment: u64, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.write(segment, at, frame)
    }

    fn cut(&mut self, segment: u64, length: u64) -> Result<(), StoreError> {
        assert!(self.holds_lock, "BUG: cutting memory without its lock");
        let missing = self.missing(segment);
        self.shared().image.segments.get_mut(&segment).ok_or(missing)?.truncate(length as usize);
        Ok(())
    }

    fn sync(&mut self, _segment: u64) -> Result<(), StoreError> {
        Ok(())
    }

    fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.shared().image.head.clone())
    }

    fn head_place(&self) -> String {
        "memory/head".into()
    }

    fn create_head(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.shared().image.head = Some(bytes.to_vec());
        Ok(())
    }

    fn write_head(&mut self, at: u64, slot: &[u8]) -> Result<(), StoreError> {
        assert!(self.holds_lock, "BUG: writing to memory without its lock");
        let mut shared = self.shared();
        let head = shared.image.head.as_mut().expect("BUG: a log without a head was opened for writing");
        let at = usize::try_from(at).expect("a head is small");
        head[at..at + slot.len()].copy_from_slice(slot);
        Ok(())
    }

    fn keep_torn(&mut self, segment: u64, from: u64, name: &str) -> Result<String, StoreError> {
        let missing = self.missing(segment);
        let mut shared = self.shared();
        let from = usize::try_from(from).expect("it is in memory");
        let bytes = shared.image.segments.get(&segment).ok_or(missing)?[from..].to_vec();
        shared.image.torn.insert(name.to_owned(), bytes);
        Ok(format!("memory/torn/{name}"))
    }

    fn put_torn_back(&mut self, segment: u64, at: u64, name: &str) -> Result<(), StoreError> {
        let bytes = self.shared().image.torn.remove(name).expect("BUG: nothing was kept under this name");
        self.write(segment, at, &bytes)
    }
}
