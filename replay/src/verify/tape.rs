//! A segment's file, read from its beginning to its end in large parts.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::error::VerifyError;

/// Read at once, when less is asked for.
const PART_BYTES: usize = 1 << 20;

pub struct Tape {
    file: File,
    path: String,
    /// The file's length when it was opened: what a writer adds after that is not looked at.
    pub length: u64,
    /// What was read, and where in the file it begins.
    part: Vec<u8>,
    part_at: u64,
}

/// Opens a file to read it. A pipe in its place would be waited for without end.
pub fn open(path: &Path) -> std::io::Result<File> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => Err(std::io::Error::new(ErrorKind::InvalidInput, "it is no regular file")),
        Ok(_) | Err(_) => File::open(path),
    }
}

impl Tape {
    pub fn open(path: &Path) -> Result<Tape, VerifyError> {
        let path_text = path.display().to_string();
        let opened = open(path).and_then(|file| file.metadata().map(|metadata| (file, metadata.len())));
        let (file, length) = opened.map_err(|source| VerifyError::io("opening", &path_text, source))?;
        Ok(Tape { file, path: path_text, length, part: Vec::new(), part_at: 0 })
    }

    /// The bytes from `at` on: `length` of them, or fewer where the file ends.
    pub fn bytes(&mut self, at: u64, length: usize) -> Result<&[u8], VerifyError> {
        let end = self.length.min(at.saturating_add(length as u64));
        if at >= end {
            return Ok(&[]);
        }
        if at < self.part_at || end > self.part_at + self.part.len() as u64 {
            let wanted = (self.length - at).min(length.max(PART_BYTES) as u64);
            let read = self.fill(at, usize::try_from(wanted).expect("a part is smaller than memory"));
            read.map_err(|source| VerifyError::io("reading", &self.path, source))?;
        }
        let from = usize::try_from(at - self.part_at).expect("a part is smaller than memory");
        let to = from + usize::try_from(end - at).expect("a part is smaller than memory");
        Ok(&self.part[from..to.min(self.part.len())])
    }

    fn fill(&mut self, at: u64, wanted: usize) -> std::io::Result<()> {
        self.part.resize(wanted, 0);
        self.part_at = at;
        self.file.seek(SeekFrom::Start(at))?;
        let mut filled = 0;
        while filled < wanted {
            match self.file.read(&mut self.part[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        // Shorter than it was: a writer beside us has cut off an append.
        self.part.truncate(filled);
        Ok(())
    }
}
