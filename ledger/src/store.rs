//! Where segments are kept: a small trait, with files for everyone and memory for tests.
//!
//! A store keeps runs of bytes and knows nothing of what they mean. It promises three things: bytes below a length that
//! was synced never change by themselves, `append` writes exactly where the caller believes the end to be, and at most
//! one holder of the lock exists. PostgreSQL fits too: a segment's header and each frame are a row (segment, at, bytes),
//! `append` an insert, `sync` a commit. Beside the segments it keeps the head (`head.rs`) and torn tails that were cut.

mod files;
pub(crate) mod filesystem;
mod memory;
mod window;

use std::io;

use thiserror::Error;

pub use files::Files;
pub use filesystem::read_at;
pub use memory::{Image, Memory};
pub use window::SegmentWindow;

/// At this length a segment is full: the next append begins another.
pub const SEGMENT_BYTES: u64 = 256 << 20;

/// Segments, each named by the position of its first entry. No method retries, and none reads what it did not write.
pub trait Store: Send + Sync {
    /// The book, as messages name it.
    fn book(&self) -> String;

    /// The file or table that holds this segment, as messages name it.
    fn place(&self, segment: u64) -> String;

    /// The length from which on the next append begins another segment.
    fn segment_bytes(&self) -> u64;

    /// Makes this the only writer until it is dropped or its process ends, however that may be.
    fn lock(&mut self) -> Result<(), StoreError>;

    /// The names of all segments in ascending order; none where nothing is.
    fn segments(&self) -> Result<Vec<u64>, StoreError>;

    /// Bytes of a segment.
    fn length(&self, segment: u64) -> Result<u64, StoreError>;

    /// Fills `into` from `at` on and says how many bytes there were; fewer only where the segment ends.
    fn read(&self, segment: u64, at: u64, into: &mut [u8]) -> Result<usize, StoreError>;

    /// Begins a segment, which must be new or empty, with its header.
    fn create(&mut self, segment: u64, header: &[u8]) -> Result<(), StoreError>;

    /// Writes one whole frame at `at`, which must be the end of the segment.
    fn append(&mut self, segment: u64, at: u64, frame: &[u8]) -> Result<(), StoreError>;

    /// Cuts everything from `length` on.
    fn cut(&mut self, segment: u64, length: u64) -> Result<(), StoreError>;

    /// Returns when all that was created, appended and cut in this segment is on disk, its name included.
    fn sync(&mut self, segment: u64) -> Result<(), StoreError>;

    /// The head's file, at most one byte more than [`HEAD_BYTES`](crate::head::HEAD_BYTES); none where it is missing.
    fn head(&self) -> Result<Option<Vec<u8>>, StoreError>;

    /// The head's file, as messages name it.
    fn head_place(&self) -> String;

    /// Writes the whole head, which is on disk with its name when this returns.
    fn create_head(&mut self, bytes: &[u8]) -> Result<(), StoreError>;

    /// Writes one slot of the head at `at`; it is on disk when this returns.
    fn write_head(&mut self, at: u64, slot: &[u8]) -> Result<(), StoreError>;

    /// Copies a segment's bytes from `from` to its end under this name, and says where they are. They are on disk
    /// when this returns.
    fn keep_torn(&mut self, segment: u64, from: u64, name: &str) -> Result<String, StoreError>;

    /// Appends at `at` what was kept under this name, and removes the copy: the segment is again as it was.
    fn put_torn_back(&mut self, segment: u64, at: u64, name: &str) -> Result<(), StoreError>;
}

/// Why a store did not do what it was asked.
#[derive(Debug, Error)]
pub enum StoreError {
    /// Another process writes the book.
    #[error("`{book}` is being written by another process")]
    Locked {
        /// The book, as messages name it.
        book: String,
    },
    /// A file could not be read or written.
    #[error("{doing} `{place}` failed: {source}")]
    Io {
        /// What was being done, like `reading`.
        doing: &'static str,
        /// The file, as messages name it.
        place: String,
        /// Why it failed.
        source: io::Error,
    },
    /// Something else changed the length of a file.
    #[error("`{place}` is {found} bytes long, and {expected} were expected: something else writes there")]
    Moved {
        /// The file, as messages name it.
        place: String,
        /// What it should be.
        expected: u64,
        /// What it is.
        found: u64,
    },
    /// A file has the ending of segments, and not their form of name.
    #[error("`{place}` is no segment: its name must be the 20 digits of a position")]
    StrangeName {
        /// The file, as messages name it.
        place: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::head::HEAD_BYTES;

    /// What the trait promises, for every store that there is.
    fn assert_keeps_its_promises(mut store: Box<dyn Store>) {
        assert!(store.segments().unwrap().is_empty());
        assert!(matches!(store.length(0), Err(StoreError::Io { .. })));
        assert!(matches!(store.read(0, 0, &mut [0; 4]), Err(StoreError::Io { .. })));
        store.lock().unwrap();
        store.create(0, b"head").unwrap();
        store.append(0, 4, b"frame").unwrap();
        store.sync(0).unwrap();
        store.create(12, b"second").unwrap();
        store.sync(12).unwrap();
        assert_eq!(store.segments().unwrap(), [0, 12]);
        assert_eq!(store.length(0).unwrap(), 9);
        let mut bytes = [0; 20];
        assert_eq!(store.read(0, 2, &mut bytes).unwrap(), 7);
        assert_eq!(bytes[..7], *b"adframe");
        assert_eq!(store.read(0, 9, &mut bytes).unwrap(), 0);
        assert_eq!(store.read(0, 10, &mut bytes).unwrap(), 0);
        let moved = store.append(0, 4, b"other").unwrap_err();
        assert!(matches!(moved, StoreError::Moved { expected: 4, found: 9, .. }), "{moved}");
        assert!(matches!(store.create(12, b"again"), Err(StoreError::Moved { .. })));
        store.cut(12, 0).unwrap();
        store.create(12, b"again").unwrap();
        assert_eq!(store.length(12).unwrap(), 5);
        assert_keeps_a_head(&mut *store);
        assert_keeps_torn_tails(&mut *store);
    }

    fn assert_keeps_a_head(store: &mut dyn Store) {
        assert_eq!(store.head().unwrap(), None);
        store.create_head(&[1; HEAD_BYTES]).unwrap();
        store.write_head(4096, &[2; 4096]).unwrap();
        assert_eq!(store.head().unwrap().unwrap(), [[1; 4096], [2; 4096]].concat());
    }

    fn assert_keeps_torn_tails(store: &mut dyn Store) {
        let place = store.keep_torn(0, 4, "1-now").unwrap();
        assert!(place.ends_with("torn/1-now"), "{place}");
        store.cut(0, 4).unwrap();
        store.append(0, 4, b"other").unwrap();
        store.cut(0, 4).unwrap();
        store.put_torn_back(0, 4, "1-now").unwrap();
        let mut bytes = [0; 9];
        assert_eq!(store.read(0, 0, &mut bytes).unwrap(), 9);
        assert_eq!(bytes, *b"headframe");
    }

    #[test]
    fn files_and_memory_keep_the_same_promises() {
        let folder = tempfile::tempdir().unwrap();
        assert_keeps_its_promises(Box::new(Files::create(folder.path().join("a/b")).unwrap()));
        assert_keeps_its_promises(Box::new(Memory::default()));
    }

    #[test]
    fn one_writer_at_a_time_in_memory_too() {
        let memory = Memory::default();
        let mut first = memory.clone();
        first.lock().unwrap();
        assert!(matches!(memory.clone().lock(), Err(StoreError::Locked { .. })));
        drop(first);
        assert!(memory.clone().lock().is_ok());
    }

    #[test]
    fn other_files_are_left_alone_and_strange_segments_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::at(folder.path());
        std::fs::write(folder.path().join("notes.txt"), "mine").unwrap();
        assert!(files.segments().unwrap().is_empty());
        for name in ["1.seg", "0000000000000000000x.seg", "+0000000000000000001.seg", "99999999999999999999.seg"] {
            std::fs::write(folder.path().join(name), "").unwrap();
            let error = files.segments().unwrap_err();
            assert!(error.to_string().contains(name), "{error}");
            std::fs::remove_file(folder.path().join(name)).unwrap();
        }
    }

    #[test]
    #[should_panic(expected = "without its lock")]
    fn nobody_writes_without_the_lock() {
        let folder = tempfile::tempdir().unwrap();
        let _ = Files::at(folder.path()).append(0, 0, b"frame");
    }
}
