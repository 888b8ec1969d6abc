//! Files that a command reads: by path, or `-` for standard input. None of them is read further than it may be long.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write, stdin};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use replay::record::Source;
use tempfile::SpooledTempFile;

use crate::failure::{Failure, refused_reading};
use crate::input::limits::{Limits, OPENING_BYTES_MAX};
use crate::refusal::{CommandRefusal, TextFile};
use crate::terminal::progress::Meter;
use crate::wording::command::refused;

pub const STDIN: &str = "-";
/// The longest text of a plan.
pub const PLAN_BYTES_MAX: u64 = 1 << 20;
/// The longest text of a mapping.
pub const MAP_BYTES_MAX: u64 = 1 << 20;

const READ_BYTES: usize = 256 << 10;
/// Enough to see what a file is.
const HEAD_BYTES: usize = 4 << 10;
/// As much of a stream is kept in memory; the rest goes into a file without a name.
const HELD_BYTES: usize = 4 << 20;

pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// A file as messages name it.
pub fn name_of(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

// Files that are small, read whole --------------------------------------------------------------------------------------

/// The text of a plan.
pub fn plan_text(path: &Path) -> Result<String, Failure> {
    text(path, TextFile::Plan, PLAN_BYTES_MAX)
}

/// The text of a mapping.
pub fn map_text(path: &Path) -> Result<String, Failure> {
    text(path, TextFile::Mapping, MAP_BYTES_MAX)
}

/// The table of what was settled before a book began.
pub fn opening_text(path: &Path) -> Result<String, Failure> {
    text(path, TextFile::Opening, OPENING_BYTES_MAX)
}

/// Who may do what.
pub fn policy_text(path: &Path) -> Result<String, Failure> {
    text(path, TextFile::Policy, PLAN_BYTES_MAX)
}

/// What became of payouts.
pub fn confirmation_text(path: &Path) -> Result<String, Failure> {
    text(path, TextFile::Confirmation, OPENING_BYTES_MAX)
}

fn text(path: &Path, of: TextFile, most: u64) -> Result<String, Failure> {
    let file = name_of(path);
    let read = read_up_to(path, most + 1).map_err(|error| Failure::file("reading", Path::new(&file), &error))?;
    if read.len() as u64 > most {
        return Err(Failure::refused(CommandRefusal::FileTooLong { file, of, most }));
    }
    String::from_utf8(read).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        Failure::refused(CommandRefusal::FileNotUtf8 { file, of, valid })
    })
}

/// A file whole, or nothing where it has more bytes than that.
pub fn whole(path: &Path, most: u64) -> io::Result<Option<Vec<u8>>> {
    let read = read_up_to(path, most + 1)?;
    Ok(Some(read).filter(|read| read.len() as u64 <= most))
}

fn read_up_to(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if is_stdin(path) {
        stdin().lock().take(bytes_max).read_to_end(&mut bytes)?
    } else {
        File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?
    };
    Ok(bytes)
}

// Files of any length ---------------------------------------------------------------------------------------------------

/// What is recorded: a file that can be opened again, or something that can be read once only.
pub struct Input {
    path: PathBuf,
    from: InputOrigin,
}

enum InputOrigin {
    /// With its length.
    File(u64),
    Stream(Stream),
}

impl Input {
    /// A pipe, like `<(command)`, and a device are as forgetful as standard input.
    pub fn open(path: &Path, limits: &Limits) -> Result<Input, Failure> {
        let open = || -> io::Result<InputOrigin> {
            if is_stdin(path) {
                return Ok(InputOrigin::Stream(Stream::of(stdin(), name_of(path), *limits)));
            }
            let about = path.metadata()?;
            if about.is_file() {
                return Ok(InputOrigin::File(about.len()));
            }
            let mut file = File::open(path)?;
            if about.is_dir() {
                file.read_exact(&mut [0])?;
            }
            Ok(InputOrigin::Stream(Stream::of(file, name_of(path), *limits)))
        };
        let from = open().map_err(|error| Failure::file("reading", path, &error))?;
        Ok(Input { path: path.to_owned(), from })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// As long as it is; nothing where nobody knows.
    pub fn length(&self) -> Option<u64> {
        match self.from {
            InputOrigin::File(length) => Some(length),
            InputOrigin::Stream(_) => None,
        }
    }

    pub fn source<'s>(&'s self, meter: &'s Meter) -> Source<'s> {
        let open = move || -> io::Result<Box<dyn BufRead + 's>> { Ok(Box::new(meter.read(self.read()?))) };
        Source { name: name_of(&self.path), open: Box::new(open) }
    }

    /// The first bytes, without taking them away.
    pub fn head(&self) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        self.read()?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok(head)
    }

    fn read(&self) -> io::Result<Box<dyn BufRead + '_>> {
        Ok(match &self.from {
            InputOrigin::File(_) => Box::new(BufReader::with_capacity(READ_BYTES, File::open(&self.path)?)),
            InputOrigin::Stream(stream) => Box::new(BufReader::with_capacity(READ_BYTES, stream.read())),
        })
    }
}

/// What can be read once only. It is kept as it is read, so that it can be read again.
struct Stream {
    name: String,
    limits: Limits,
    inside: Arc<Mutex<Inside>>,
}

struct Inside {
    from: Box<dyn Read + Send>,
    kept: SpooledTempFile,
    length: u64,
}

/// Reads a stream from its beginning.
struct Again {
    name: String,
    limits: Limits,
    inside: Arc<Mutex<Inside>>,
    at: u64,
}

impl Stream {
    fn of(from: impl Read + Send + 'static, name: String, limits: Limits) -> Stream {
        let inside = Inside { from: Box::new(from), kept: SpooledTempFile::new(HELD_BYTES), length: 0 };
        Stream { name, limits, inside: Arc::new(Mutex::new(inside)) }
    }

    fn read(&self) -> Again {
        Again { name: self.name.clone(), limits: self.limits, inside: Arc::clone(&self.inside), at: 0 }
    }
}

impl Read for Again {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        // Whoever held it read a part of it, and that is kept.
        let mut inside: MutexGuard<'_, Inside> = self.inside.lock().unwrap_or_else(PoisonError::into_inner);
        let read = if self.at < inside.length {
            inside.kept.seek(SeekFrom::Start(self.at))?;
            let most = usize::try_from(inside.length - self.at).unwrap_or(usize::MAX).min(into.len());
            inside.kept.read(&mut into[..most])?
        } else {
            let read = inside.from.read(into)?;
            if inside.length + read as u64 > self.limits.size {
                return Err(refused_reading(refused(&self.limits.streamed(&self.name)).into()));
            }
            let end = SeekFrom::Start(inside.length);
            inside.kept.seek(end)?;
            inside.kept.write_all(&into[..read]).map_err(|error| keeping(&error))?;
            inside.length += read as u64;
            read
        };
        self.at += read as u64;
        Ok(read)
    }
}

/// What can be read once only is kept where temporary files are.
fn keeping(error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("keeping a copy in {} failed: {error}", std::env::temp_dir().display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(length: u64, size: u64) -> Stream {
        Stream::of(io::repeat(b'x').take(length), "s".to_owned(), Limits { size, ..Limits::default() })
    }

    #[test]
    fn what_can_be_read_once_is_read_again() {
        let length = HELD_BYTES as u64 + 10;
        let stream = stream(length, length);
        let mut some = [0; 7];
        stream.read().read_exact(&mut some).expect("bytes");
        for _ in 0..2 {
            let mut all = Vec::new();
            stream.read().read_to_end(&mut all).expect("as many as may be");
            assert_eq!(all.len() as u64, length);
        }
    }

    #[test]
    fn a_stream_may_give_as_much_and_no_byte_more() {
        for (length, is_taken) in [(1_000, true), (1_001, false)] {
            let read = stream(length, 1_000).read().read_to_end(&mut Vec::new());
            assert_eq!(read.is_ok(), is_taken, "{length}");
            let Err(error) = read else { continue };
            assert_eq!(crate::failure::refusal(&error).map(|problem| problem.code), Some("record-size"));
        }
    }
}
