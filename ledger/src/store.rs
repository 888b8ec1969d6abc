//! Where segments are kept: a small trait, with files for everyone and memory for tests.
//!
//! A store keeps runs of bytes and knows nothing of what they mean. It promises three things: bytes below a length that
//! was synced never change by themselves, `append` writes exactly where the caller believes the end to be, and at most
//! one holder of the lock exists. PostgreSQL fits too: a segment's header and each frame are a row (segment, at, bytes),
//! `append` an insert, `sync` a commit. Beside the segments it keeps the head (`head.rs`) and torn tails that were cut.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard};

use thiserror::Error;

use crate::head::{HEAD_BYTES, Head};

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

    /// The head's file, at most one byte more than [`HEAD_BYTES`]; none where it is missing.
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

#[derive(Debug, Error)]
pub enum StoreError {
    #[error("`{book}` is being written by another process. Wait until it has finished, or read only.")]
    Locked { book: String },
    #[error("{doing} `{place}` failed: {source}.")]
    Io { doing: &'static str, place: String, source: io::Error },
    #[error(
        "`{place}` is {found} bytes long, and {expected} were expected: something else writes there. Nothing was \
         written; find out what it is before you go on."
    )]
    Moved { place: String, expected: u64, found: u64 },
    #[error("`{place}` is no segment: its name must be the 20 digits of a position. Move it away.")]
    StrangeName { place: String },
}

/// The head's file, and the folder of torn tails, beside the segments.
const HEAD: &str = "head";
const TORN: &str = "torn";

/// A folder with a file for each segment.
#[derive(Debug)]
pub struct Files {
    folder: PathBuf,
    segment_bytes: u64,
    lock: Option<File>,
    /// The segment that was read or written last, to be opened once for many reads.
    reading: Mutex<Option<(u64, Arc<File>)>>,
    writing: Option<(u64, File)>,
    writing_head: Option<File>,
    /// A file was created since the folder was last synced.
    names_changed: bool,
}

impl Files {
    /// The segments in an existing folder. Touches nothing yet.
    pub fn at(folder: impl Into<PathBuf>) -> Files {
        Files {
            folder: folder.into(),
            segment_bytes: SEGMENT_BYTES,
            lock: None,
            reading: Mutex::new(None),
            writing: None,
            writing_head: None,
            names_changed: false,
        }
    }

    /// The same in a folder that is made, and durably so, if it is not there.
    pub fn create(folder: impl Into<PathBuf>) -> Result<Files, StoreError> {
        let files = Files::at(folder);
        let missing = files.folder.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir());
        let missing: Vec<&Path> = missing.collect();
        for folder in missing.into_iter().rev() {
            files.io("creating", folder, create_folder(folder))?;
            // The name of a new folder is on disk only when the folder around it is.
            let parent = folder.parent().filter(|parent| !parent.as_os_str().is_empty());
            let parent = parent.unwrap_or_else(|| Path::new("."));
            files.io("syncing", parent, sync_folder(parent))?;
        }
        Ok(files)
    }

    fn torn_path(&self, name: &str) -> PathBuf {
        self.folder.join(TORN).join(name)
    }

    fn head_writer(&mut self) -> Result<&mut File, StoreError> {
        assert!(self.lock.is_some(), "BUG: writing to `{}` without its lock", self.folder.display());
        if self.writing_head.is_none() {
            let path = self.folder.join(HEAD);
            let file = private().write(true).open(&path);
            self.writing_head = Some(self.io("opening", &path, file)?);
        }
        Ok(self.writing_head.as_mut().expect("it was just opened"))
    }

    /// The same with another length at which segments are full.
    pub fn with_segment_bytes(self, segment_bytes: u64) -> Files {
        Files { segment_bytes, ..self }
    }

    fn path(&self, segment: u64) -> PathBuf {
        self.folder.join(format!("{segment:020}.seg"))
    }

    fn io<T>(&self, doing: &'static str, path: &Path, result: io::Result<T>) -> Result<T, StoreError> {
        result.map_err(|source| StoreError::Io { doing, place: path.display().to_string(), source })
    }

    fn reader(&self, segment: u64) -> Result<Arc<File>, StoreError> {
        let mut reading = unpoisoned(&self.reading);
        if let Some((held, file)) = reading.as_ref()
            && *held == segment
        {
            return Ok(Arc::clone(file));
        }
        let path = self.path(segment);
        let file = Arc::new(self.io("opening", &path, open_regular(&path))?);
        *reading = Some((segment, Arc::clone(&file)));
        Ok(file)
    }

    fn writer(&mut self, segment: u64) -> Result<&mut File, StoreError> {
        assert!(self.lock.is_some(), "BUG: writing to `{}` without its lock", self.folder.display());
        if self.writing.as_ref().is_none_or(|(held, _)| *held != segment) {
            let path = self.path(segment);
            let file = private().append(true).open(&path);
            self.writing = Some((segment, self.io("opening", &path, file)?));
        }
        let (_, file) = self.writing.as_mut().expect("it was just opened");
        Ok(file)
    }

    /// Writes at the end of a file, which must be at `at`: where locks do nothing, two writers still cannot mix.
    fn write(&mut self, segment: u64, at: u64, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.path(segment);
        let file = self.writer(segment)?;
        let written = file.metadata().map(|metadata| metadata.len()).and_then(|found| {
            if found != at {
                return Ok(Err(found));
            }
            file.write_all(bytes).map(Ok)
        });
        self.io("writing", &path, written)?.map_err(|found| StoreError::Moved {
            place: path.display().to_string(),
            expected: at,
            found,
        })
    }
}

impl Store for Files {
    fn book(&self) -> String {
        self.folder.display().to_string()
    }

    fn place(&self, segment: u64) -> String {
        self.path(segment).display().to_string()
    }

    fn segment_bytes(&self) -> u64 {
        self.segment_bytes
    }

    fn lock(&mut self) -> Result<(), StoreError> {
        let path = self.folder.join("lock");
        self.io("opening", &path, must_be_regular(&path))?;
        let file = private().write(true).create(true).truncate(false).open(&path);
        let file = self.io("opening", &path, file)?;
        match file.try_lock() {
            Ok(()) => {
                self.lock = Some(file);
                // Whoever wrote before may have died between creating a file and syncing the folder.
                self.names_changed = true;
                Ok(())
            }
            Err(TryLockError::WouldBlock) => Err(StoreError::Locked { book: self.book() }),
            Err(TryLockError::Error(source)) => self.io("locking", &path, Err(source)),
        }
    }

    fn segments(&self) -> Result<Vec<u64>, StoreError> {
        let mut segments = Vec::new();
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(segments),
            entries => self.io("listing", &self.folder, entries)?,
        };
        for entry in entries {
            let path = self.io("listing", &self.folder, entry)?.path();
            if path.extension().is_some_and(|extension| extension == "seg") {
                let segment = position_of(&path);
                segments.push(segment.ok_or_else(|| StoreError::StrangeName { place: path.display().to_string() })?);
            }
        }
        segments.sort_unstable();
        Ok(segments)
    }

    fn length(&self, segment: u64) -> Result<u64, StoreError> {
        let path = self.path(segment);
        self.io("looking at", &path, std::fs::metadata(&path)).map(|metadata| metadata.len())
    }

    fn read(&self, segment: u64, at: u64, into: &mut [u8]) -> Result<usize, StoreError> {
        let file = self.reader(segment)?;
        let mut filled = 0;
        while filled < into.len() {
            match read_at(&file, &mut into[filled..], at + filled as u64) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return self.io("reading", &self.path(segment), Err(error)),
            }
        }
        Ok(filled)
    }

    fn create(&mut self, segment: u64, header: &[u8]) -> Result<(), StoreError> {
        let path = self.path(segment);
        let file = private().append(true).create(true).open(&path);
        self.writing = Some((segment, self.io("creating", &path, file)?));
        self.names_changed = true;
        self.write(segment, 0, header)
    }

    fn append(&mut self, segment: u64, at: u64, frame: &[u8]) -> Result<(), StoreError> {
        self.write(segment, at, frame)
    }

    fn cut(&mut self, segment: u64, length: u64) -> Result<(), StoreError> {
        let path = self.path(segment);
        let cut = self.writer(segment)?.set_len(length);
        self.io("cutting", &path, cut)
    }

    fn sync(&mut self, segment: u64) -> Result<(), StoreError> {
        let path = self.path(segment);
        let synced = self.writer(segment)?.sync_data();
        self.io("syncing", &path, synced)?;
        if self.names_changed {
            self.io("syncing", &self.folder, sync_folder(&self.folder))?;
            self.names_changed = false;
        }
        Ok(())
    }

    fn head(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.folder.join(HEAD);
        let mut bytes = Vec::with_capacity(HEAD_BYTES + 1);
        let read = open_regular(&path).and_then(|file| file.take(HEAD_BYTES as u64 + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => self.io("reading", &path, read).map(|_| Some(bytes)),
        }
    }

    fn head_place(&self) -> String {
        self.folder.join(HEAD).display().to_string()
    }

    fn create_head(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        assert!(self.lock.is_some(), "BUG: writing to `{}` without its lock", self.folder.display());
        let path = self.folder.join(HEAD);
        let written = private().write(true).create(true).truncate(true).open(&path).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            sync_folder(&self.folder)
        });
        self.io("writing", &path, written)
    }

    fn write_head(&mut self, at: u64, slot: &[u8]) -> Result<(), StoreError> {
        let file = self.head_writer()?;
        let written = file.seek(SeekFrom::Start(at)).and_then(|_| file.write_all(slot)).and_then(|()| file.sync_data());
        self.io("writing", &self.folder.join(HEAD), written)
    }

    fn keep_torn(&mut self, segment: u64, from: u64, name: &str) -> Result<String, StoreError> {
        let (source, target) = (self.path(segment), self.torn_path(name));
        let folder = self.folder.join(TORN);
        let kept = copy_tail(&source, from, &folder, &target).and_then(|()| sync_folder(&self.folder));
        if kept.is_err() {
            // Half a copy helps nobody, and may be what fills the disk. The segment still has all.
            drop(std::fs::remove_file(&target));
        }
        self.io("writing", &target, kept).map(|()| target.display().to_string())
    }

    fn put_torn_back(&mut self, segment: u64, at: u64, name: &str) -> Result<(), StoreError> {
        let (path, source) = (self.path(segment), self.torn_path(name));
        let file = self.writer(segment)?;
        let put = File::open(&source).and_then(|mut kept| {
            let found = file.metadata()?.len();
            if found != at {
                return Ok(Err(found));
            }
            io::copy(&mut kept, file)?;
            file.sync_data()?;
            Ok(Ok(()))
        });
        let place = path.display().to_string();
        self.io("writing", &path, put)?.map_err(|found| StoreError::Moved { place, expected: at, found })?;
        self.io("removing", &source, std::fs::remove_file(&source))
    }
}

/// Copies a file from a byte to its end into a new file. Copy and names are on disk when this returns.
fn copy_tail(source: &Path, from: u64, folder: &Path, target: &Path) -> io::Result<()> {
    match std::fs::symlink_metadata(folder) {
        Ok(found) if found.is_dir() => {}
        // A link would lead facts out of the book.
        Ok(_) => {
            return Err(io::Error::new(
                io::ErrorKind::NotADirectory,
                "it lies in something that is no folder of the book",
            ));
        }
        Err(_) => create_folder(folder)?,
    }
    let mut bytes = File::open(source)?;
    bytes.seek(SeekFrom::Start(from))?;
    let mut copy = private().write(true).create_new(true).open(target)?;
    io::copy(&mut bytes, &mut copy)?;
    copy.sync_all()?;
    sync_folder(folder)
}

/// Opens a file to read it. A pipe or a device in its place would be waited for without end, so it is refused.
pub(crate) fn open_regular(path: &Path) -> io::Result<File> {
    must_be_regular(path)?;
    File::open(path)
}

/// Fails where something is there that is no regular file.
fn must_be_regular(path: &Path) -> io::Result<()> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a folder, a pipe or a device, and not a file"))
        }
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Options for a file that only its owner may read.
fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder that only its owner may enter.
fn create_folder(folder: &Path) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

fn position_of(path: &Path) -> Option<u64> {
    let digits = path.file_stem()?.to_str()?;
    let plain = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}

/// A panic while the lock was held left nothing half done: the mutex only guards one assignment.
fn unpoisoned<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Reads from a place of a file, whoever else reads from another.
#[cfg(unix)]
pub fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

/// Reads from a place of a file, whoever else reads from another.
#[cfg(windows)]
pub fn read_at(file: &File, into: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}

/// A new name is on disk only when its folder is.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Windows has no such call: NTFS journals names by itself.
#[cfg(windows)]
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

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
    pub segments: BTreeMap<u64, Vec<u8>>,
    pub head: Option<Vec<u8>>,
    /// Torn tails that were cut, by name.
    pub torn: BTreeMap<String, Vec<u8>>,
}

impl Memory {
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
        unpoisoned(&self.shared)
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

#[cfg(test)]
mod tests {
    use super::*;

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
