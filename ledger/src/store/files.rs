//! Segments as files of a folder.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::filesystem::{create_folder, must_be_regular, open_regular, private, read_at, sync_folder};
use super::{SEGMENT_BYTES, Store, StoreError};
use crate::head::HEAD_BYTES;

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
        // A panic while the lock was held left nothing half done: the mutex only guards one assignment.
        let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
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

fn position_of(path: &Path) -> Option<u64> {
    let digits = path.file_stem()?.to_str()?;
    let plain = digits.len() == 20 && digits.bytes().all(|digit| digit.is_ascii_digit());
    digits.parse().ok().filter(|_| plain)
}
