//! The key file: the keys of all persons of a book, and the book's own secret. A text file beside the book, never in it and
//! never in its backups (docs/operations.md).
//!
//! A line a key, each with a checksum of its own, so that a changed digit is told by the number of its line and never used.
//! Only the writer of the book adds to it, under the book's lock, and a key is on disk before anything sealed with it is. A last
//! line without its end is a key that was never used.
//!
//! Format 2: `trueup keys 2`, then lines of words with one blank between them and the CRC32C of all before it as the last word:
//! `book BOOK SECRET CHECK` at most once, and `ID PAYEE SECRET CHECK` for each person. Format 1 had neither the checksums
//! nor the book's line. It is still read, and becomes format 2 when something is added.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::id::{PayeeId, percent_decoded, percent_encoded};
use crate::seal::PersonKey;
use crate::store::filesystem::{open_regular, sync_folder};

const FIRST_LINE: &str = "trueup keys 2";
const FIRST_LINE_BEFORE: &str = "trueup keys 1";
/// The first word of the book's own line; a key's id is longer.
const BOOK: &str = "book";
/// The longest key file: the keys of more than a million persons.
pub const KEYS_BYTES_MAX: u64 = 256 << 20;

/// All keys of a book, in memory, and the file that they came from.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    by_payee: BTreeMap<PayeeId, PersonKey>,
    payee_by_id: BTreeMap<[u8; 16], PayeeId>,
    book: Option<BookSecret>,
    format: KeyFileFormat,
    /// Bytes of the file's whole lines. What lies behind them is cut before a line is added.
    whole_bytes: u64,
    /// The last of them is whole by its checksum, and lacks only its end.
    lacks_end: bool,
    /// The number of a last line that has no end and no right checksum.
    torn_line: Option<usize>,
    /// After a failed write nobody knows what the file holds.
    broken: Option<WriteFailed>,
}

#[derive(Copy, Clone, PartialEq, Eq, Debug)]
enum KeyFileFormat {
    /// Without checksums.
    One,
    Two,
}

#[derive(Debug)]
struct WriteFailed;

/// The secret of a book, from which the keys follow that seal what is derived from its log.
#[derive(Clone, PartialEq, Eq)]
pub struct BookSecret {
    /// The UUID of the book that it belongs to.
    pub book: [u8; 16],
    /// The secret itself.
    pub secret: [u8; 32],
}

impl BookSecret {
    /// The key for one purpose. `context` names the purpose, and is used for no other.
    pub fn key(&self, context: &str) -> [u8; 32] {
        blake3::derive_key(context, &self.secret)
    }
}

/// A secret is not printed, not even by accident.
impl fmt::Debug for BookSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BookSecret").field("book", &self.book).finish_non_exhaustive()
    }
}

/// Why a key file cannot be read or written.
#[derive(Debug, Error)]
pub enum KeysError {
    /// The file could not be read or written.
    #[error("{doing} the keys in `{path}` failed: {source}")]
    Io {
        /// What was being done, like `reading`.
        doing: &'static str,
        /// The key file.
        path: String,
        /// Why it failed.
        source: io::Error,
    },
    /// A line is not one of a key file.
    #[error("`{path}` line {line}: {what}")]
    Malformed {
        /// The key file.
        path: String,
        /// The line of the file, from 1.
        line: usize,
        /// What is wrong with the line.
        what: &'static str,
    },
    /// The file is longer than a key file can be.
    #[error("`{path}` is longer than {KEYS_BYTES_MAX} bytes, and no key file")]
    TooLong {
        /// The key file.
        path: String,
    },
    /// The file has another book's keys.
    #[error("`{path}` is the key file of another book")]
    OtherBook {
        /// The key file.
        path: String,
    },
    /// There is a file already where a new one should be made.
    #[error("`{path}` is a key file already, and a new book gets new keys")]
    Exists {
        /// The key file.
        path: String,
    },
    /// The payee has a key already.
    #[error("`{payee}` has a key already")]
    Known {
        /// The payee.
        payee: String,
    },
    /// A key with this id is there already.
    #[error("Another person's key has this id already")]
    KnownId,
    /// A write failed before: what is in the file is not known.
    #[error("`{path}` takes no more keys after a failed write")]
    Broken {
        /// The key file.
        path: String,
    },
}

impl Keys {
    /// No keys, to be added to this file.
    pub fn none(path: impl Into<PathBuf>) -> Keys {
        Keys {
            path: path.into(),
            by_payee: BTreeMap::new(),
            payee_by_id: BTreeMap::new(),
            book: None,
            format: KeyFileFormat::Two,
            whole_bytes: 0,
            lacks_end: false,
            torn_line: None,
            broken: None,
        }
    }

    /// The keys in this file. No file is no keys, and none is made.
    pub fn load(path: impl Into<PathBuf>) -> Result<Keys, KeysError> {
        let mut keys = Keys::none(path);
        let mut bytes = Vec::new();
        let read = open_regular(&keys.path).and_then(|file| file.take(KEYS_BYTES_MAX + 1).read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(keys),
            read => keys.io("reading", read)?,
        };
        if bytes.len() as u64 > KEYS_BYTES_MAX {
            return Err(KeysError::TooLong { path: keys.place() });
        }
        keys.parse(&bytes)?;
        Ok(keys)
    }

    /// The keys of a new book: none yet. A file that has a line already is refused: it belongs to another book.
    pub fn new_in(path: impl Into<PathBuf>) -> Result<Keys, KeysError> {
        let keys = Keys::load(path)?;
        if keys.is_there() { Err(KeysError::Exists { path: keys.place() }) } else { Ok(keys) }
    }

    /// Makes the file, empty, if it is not there: whether it can be made is known before a book is.
    pub fn create(&self) -> Result<(), KeysError> {
        self.io("creating", open_private(&self.path)).map(drop)
    }

    /// What is wrong with the file where a key is missing that the book uses, and the last line was cut: keys are on disk before
    /// they are used, so no crash cut that line.
    pub fn cut_line(&self) -> Option<KeysError> {
        let what = "it was cut, and a key that the book uses is missing";
        self.torn_line.map(|line| KeysError::Malformed { path: self.place(), line, what })
    }

    /// Whether the file has any line.
    pub fn is_there(&self) -> bool {
        self.whole_bytes > 0
    }

    /// The secret of the book, if the file has one.
    pub fn book(&self) -> Option<&BookSecret> {
        self.book.as_ref()
    }

    /// Adds the book's secret. When this returns, it is on disk.
    pub fn add_book(&mut self, book: BookSecret) -> Result<(), KeysError> {
        assert!(self.book.is_none(), "BUG: a second secret of a book");
        let text = format_book(&book);
        self.add_text(text, |keys| keys.book = Some(book))
    }

    /// The key of a payee; `None` for one that has none or is erased.
    pub fn of_payee(&self, payee: &PayeeId) -> Option<&PersonKey> {
        self.by_payee.get(payee)
    }

    /// The key with this id.
    pub fn by_id(&self, id: &[u8; 16]) -> Option<&PersonKey> {
        self.payee_by_id.get(id).and_then(|payee| self.by_payee.get(payee))
    }

    /// Where the keys are kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// How many persons have a key.
    pub fn len(&self) -> usize {
        self.by_payee.len()
    }

    /// Whether nobody has a key.
    pub fn is_empty(&self) -> bool {
        self.by_payee.is_empty()
    }

    /// Adds a person's key. When this returns, it is on disk.
    pub fn add(&mut self, payee: PayeeId, key: PersonKey) -> Result<(), KeysError> {
        self.add_all(vec![(payee, key)])
    }

    /// Adds many keys with one sync, or none of them.
    pub fn add_all(&mut self, new: Vec<(PayeeId, PersonKey)>) -> Result<(), KeysError> {
        self.check_new(&new)?;
        if new.is_empty() {
            return Ok(());
        }
        let text = new.iter().map(|(payee, key)| format_line(payee, key)).collect();
        self.add_text(text, |keys| new.into_iter().for_each(|(payee, key)| keys.remember(payee, key)))
    }

    fn add_text(&mut self, lines: String, remember: impl FnOnce(&mut Keys)) -> Result<(), KeysError> {
        if self.broken.is_some() {
            return Err(KeysError::Broken { path: self.place() });
        }
        let written = match (self.format, self.whole_bytes) {
            (KeyFileFormat::One, _) => self.rewrite(&lines),
            (KeyFileFormat::Two, 0) => self.append(&format!("{FIRST_LINE}\n{lines}")),
            (KeyFileFormat::Two, _) if self.lacks_end => self.append(&format!("\n{lines}")),
            (KeyFileFormat::Two, _) => self.append(&lines),
        };
        if written.is_err() {
            self.broken = Some(WriteFailed);
        }
        self.whole_bytes = self.io("writing", written)?;
        self.format = KeyFileFormat::Two;
        self.lacks_end = false;
        remember(self);
        Ok(())
    }

    fn check_new(&self, new: &[(PayeeId, PersonKey)]) -> Result<(), KeysError> {
        let mut payees: Vec<_> = new.iter().map(|(payee, _)| payee).collect();
        let mut ids: Vec<_> = new.iter().map(|(_, key)| key.id).collect();
        payees.sort_unstable();
        ids.sort_unstable();
        let twice = payees.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
        if let Some(payee) = twice.or_else(|| payees.into_iter().find(|payee| self.by_payee.contains_key(*payee))) {
            return Err(KeysError::Known { payee: payee.to_string() });
        }
        if ids.windows(2).any(|pair| pair[0] == pair[1]) || ids.iter().any(|id| self.payee_by_id.contains_key(id)) {
            return Err(KeysError::KnownId);
        }
        Ok(())
    }

    /// Writes behind the whole lines; gives the length after it.
    fn append(&self, text: &str) -> io::Result<u64> {
        let mut file = open_private(&self.path)?;
        file.set_len(self.whole_bytes)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        if self.whole_bytes == 0 {
            self.sync_name(&self.path)?;
        }
        Ok(self.whole_bytes + text.len() as u64)
    }

    /// Writes the whole file again in this format, with more lines: beside it, and then in its place.
    fn rewrite(&self, lines: &str) -> io::Result<u64> {
        let mut text = format!("{FIRST_LINE}\n");
        self.by_payee.iter().for_each(|(payee, key)| text.push_str(&format_line(payee, key)));
        text.push_str(lines);
        // Where the path is a link, the file that it names is replaced, and not the link.
        let path = self.path.canonicalize()?;
        let mut beside = path.clone().into_os_string();
        beside.push(".part");
        match std::fs::remove_file(&beside) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let mut file = create_private(Path::new(&beside))?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)?;
        self.sync_name(&path)?;
        Ok(text.len() as u64)
    }

    fn sync_name(&self, path: &Path) -> io::Result<()> {
        match path.parent() {
            None => Ok(()),
            Some(folder) if folder.as_os_str().is_empty() => sync_folder(Path::new(".")),
            Some(folder) => sync_folder(folder),
        }
    }

    fn place(&self) -> String {
        self.path.display().to_string()
    }

    fn remember(&mut self, payee: PayeeId, key: PersonKey) {
        self.payee_by_id.insert(key.id, payee.clone());
        self.by_payee.insert(payee, key);
    }

    fn parse(&mut self, bytes: &[u8]) -> Result<(), KeysError> {
        self.whole_bytes = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end as u64 + 1);
        let whole = &bytes[..self.whole_bytes as usize];
        for (index, line) in whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let line = std::str::from_utf8(&line[..line.len() - 1]).ok();
            let taken = match (index, line) {
                (_, None) => Err("it is not text"),
                (0, Some(line)) => self.take_first_line(line),
                (_, Some(line)) => self.take_line(line),
            };
            taken.map_err(|what| KeysError::Malformed { path: self.place(), line: index + 1, what })?;
        }
        let lines = whole.iter().filter(|byte| **byte == b'\n').count();
        self.torn_line = (whole.len() < bytes.len()).then_some(lines + 1);
        let taken = self.take_tail(&bytes[whole.len()..]);
        taken.map_err(|what| KeysError::Malformed { path: self.place(), line: lines + 1, what })
    }

    /// What lies behind the last whole line is an addition that a crash cut short, unless its checksum says that it is whole.
    fn take_tail(&mut self, tail: &[u8]) -> Result<(), &'static str> {
        let is_line = |tail: &[u8]| std::str::from_utf8(tail).is_ok_and(|line| checked(line).is_ok());
        if self.whole_bytes == 0 || self.format == KeyFileFormat::One {
            return Ok(());
        }
        if is_line(tail) {
            self.whole_bytes += tail.len() as u64;
            self.lacks_end = true;
            self.torn_line = None;
            return self.take_line(std::str::from_utf8(tail).expect("asked above"));
        }
        match tail.split_last() {
            Some((_, line)) if is_line(line) => Err("its end is not what was written"),
            Some(_) | None => Ok(()),
        }
    }

    fn take_first_line(&mut self, line: &str) -> Result<(), &'static str> {
        self.format = match line {
            FIRST_LINE => KeyFileFormat::Two,
            FIRST_LINE_BEFORE => KeyFileFormat::One,
            _ => return Err("it should be `trueup keys 2`; another version wrote this file, or it is no key file"),
        };
        Ok(())
    }

    fn take_line(&mut self, line: &str) -> Result<(), &'static str> {
        let line = match self.format {
            KeyFileFormat::One => line,
            KeyFileFormat::Two => checked(line)?,
        };
        let parts: Vec<&str> = line.split(' ').collect();
        let [id, payee, secret] = parts[..] else {
            return Err("it should be a key id, a payee and a secret");
        };
        let secret = parse_hex::<32>(secret).ok_or("the secret should be 64 hexadecimal digits");
        if id == BOOK && self.format == KeyFileFormat::Two {
            let book = parse_hex::<16>(payee).ok_or("the book's id should be 32 hexadecimal digits")?;
            let earlier = self.book.replace(BookSecret { book, secret: secret? });
            return if earlier.is_none() { Ok(()) } else { Err("the book has a secret on an earlier line") };
        }
        let id = parse_hex::<16>(id).ok_or("the key id should be 32 hexadecimal digits")?;
        let payee = parse_payee(payee).ok_or("the payee is not a percent-encoded payee")?;
        let secret = secret?;
        if self.by_payee.contains_key(&payee) {
            return Err("this payee has a key on an earlier line");
        }
        if self.payee_by_id.contains_key(&id) {
            return Err("this key id is on an earlier line");
        }
        self.remember(payee, PersonKey { id, secret });
        Ok(())
    }

    fn io<T>(&self, doing: &'static str, result: io::Result<T>) -> Result<T, KeysError> {
        result.map_err(|source| KeysError::Io { doing, path: self.place(), source })
    }
}

fn format_line(payee: &PayeeId, key: &PersonKey) -> String {
    with_check(format!("{} {} {}", format_hex(&key.id), percent_encoded(payee.as_str()), format_hex(&key.secret)))
}

fn format_book(book: &BookSecret) -> String {
    with_check(format!("{BOOK} {} {}", format_hex(&book.book), format_hex(&book.secret)))
}

fn with_check(line: String) -> String {
    format!("{line} {:08x}\n", crc32c::crc32c(line.as_bytes()))
}

/// The line before its checksum, if that is right.
fn checked(line: &str) -> Result<&str, &'static str> {
    let (line, check) = line.rsplit_once(' ').ok_or("it has no checksum")?;
    let is_right = check == format!("{:08x}", crc32c::crc32c(line.as_bytes()));
    if is_right { Ok(line) } else { Err("it is not what was written: its checksum is another") }
}

/// Only the owner may read secrets.
#[cfg(unix)]
fn private() -> OpenOptions {
    use std::os::unix::fs::OpenOptionsExt;
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

#[cfg(not(unix))]
fn private() -> OpenOptions {
    OpenOptions::new()
}

fn open_private(path: &Path) -> io::Result<File> {
    private().append(true).create(true).open(path)
}

/// Where nothing is, not even a link.
fn create_private(path: &Path) -> io::Result<File> {
    private().write(true).create_new(true).open(path)
}

fn format_hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N || !digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = hex_value(pair[0])? << 4 | hex_value(pair[1])?;
    }
    Some(bytes)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).map(|value| value as u8)
}

/// Only what `percent_encoded` writes.
fn parse_payee(text: &str) -> Option<PayeeId> {
    let payee = percent_decoded(text)?;
    PayeeId::new(&payee).filter(|_| percent_encoded(&payee) == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(byte: u8) -> PersonKey {
        PersonKey { id: [byte; 16], secret: [!byte; 32] }
    }

    fn payee(text: &str) -> PayeeId {
        PayeeId::new(text).unwrap()
    }

    fn folder() -> tempfile::TempDir {
        tempfile::tempdir().unwrap()
    }

    #[test]
    fn loading_a_file_that_is_not_there_makes_none() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        assert!(Keys::load(&path).unwrap().is_empty());
        assert!(!path.exists());
    }

    #[test]
    fn keys_come_back_by_payee_and_by_id() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let mut keys = Keys::load(&path).unwrap();
        keys.add(payee("ada"), key(1)).unwrap();
        keys.add_all(vec![(payee("Zoë / 100 %"), key(2)), (payee("-"), key(3))]).unwrap();
        for keys in [keys, Keys::load(&path).unwrap()] {
            assert_eq!(keys.len(), 3);
            assert_eq!(keys.of_payee(&payee("ada")), Some(&key(1)));
            assert_eq!(keys.of_payee(&payee("Zoë / 100 %")), Some(&key(2)));
            assert_eq!(keys.by_id(&[3; 16]), Some(&key(3)));
            assert_eq!(keys.of_payee(&payee("nobody")), None);
            assert_eq!(keys.by_id(&[9; 16]), None);
        }
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("trueup keys 2\n01010101010101010101010101010101 ada fefe"), "{text}");
        assert!(text.contains(" Zo%C3%AB%20%2F%20100%20%25 "), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_owner_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let folder = folder();
        let path = folder.path().join("book.keys");
        Keys::load(&path).unwrap().add(payee("ada"), key(1)).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn one_key_a_person_and_one_person_a_key() {
        let folder = folder();
        let mut keys = Keys::load(folder.path().join("book.keys")).unwrap();
        keys.add(payee("ada"), key(1)).unwrap();
        assert!(matches!(keys.add(payee("ada"), key(2)), Err(KeysError::Known { .. })));
        assert!(matches!(keys.add(payee("bob"), key(1)), Err(KeysError::KnownId)));
        let twice = vec![(payee("bob"), key(3)), (payee("bob"), key(4))];
        assert!(matches!(keys.add_all(twice), Err(KeysError::Known { .. })));
        let twice = vec![(payee("bob"), key(3)), (payee("eve"), key(3))];
        assert!(matches!(keys.add_all(twice), Err(KeysError::KnownId)));
        assert_eq!(keys.len(), 1);
        assert_eq!(Keys::load(folder.path().join("book.keys")).unwrap().len(), 1);
    }

    #[test]
    fn a_file_cut_at_every_byte_holds_the_whole_lines_and_takes_more() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let mut keys = Keys::load(&path).unwrap();
        keys.add(payee("ada"), key(1)).unwrap();
        keys.add(payee("bob"), key(2)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for length in 0..=bytes.len() {
            std::fs::write(&path, &bytes[..length]).unwrap();
            // A line is whole when only its end is missing.
            let lines = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
            let lines = lines + usize::from(lines > 0 && bytes.get(length) == Some(&b'\n'));
            let mut keys = Keys::load(&path).unwrap();
            assert_eq!(keys.len(), lines.saturating_sub(1), "{length} bytes");
            keys.add(payee("eve"), key(3)).unwrap();
            let keys = Keys::load(&path).unwrap();
            assert_eq!(keys.of_payee(&payee("eve")), Some(&key(3)));
            assert_eq!(keys.len(), lines.saturating_sub(1) + 1);
        }
    }

    #[test]
    fn malformed_lines_are_named_by_number() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let good = format_line(&payee("ada"), &key(1));
        let bad = [
            "",
            "a b",
            "a b c d",
            "01 ada 02",
            &good.trim_end().replace(' ', "  "),
            &good.trim_end().to_uppercase(),
            &good.trim_end().replace("ada", "a/a"),
            &good.trim_end().replace("ada", "%c3%ab"),
            &good.trim_end().replace("ada", "%FF"),
            &good.trim_end().replace("ada", "%4"),
            good.trim_end(),
            format_line(&payee("bob"), &key(1)).trim_end(),
            format_line(&payee("ada"), &key(2)).trim_end(),
        ]
        .map(str::to_owned);
        // What is wrong behind a right checksum is found, too.
        let words = good.trim_end().rsplit_once(' ').unwrap().0;
        let made =
            ["", "a b", "a b c d", "01 ada 02", &words.replace("ada", "a/a"), &words.replace("ada", "%4"), words];
        let made = made.map(|line| with_check(line.to_owned()).trim_end().to_owned());
        for line in bad.into_iter().chain(made) {
            std::fs::write(&path, format!("{FIRST_LINE}\n{good}{line}\n")).unwrap();
            let error = Keys::load(&path).unwrap_err();
            assert!(matches!(error, KeysError::Malformed { line: 3, .. }), "{line:?}: {error}");
        }
        std::fs::write(&path, format!("trueup keys 3\n{good}")).unwrap();
        assert!(matches!(Keys::load(&path), Err(KeysError::Malformed { line: 1, .. })));
    }

    const SECRET: BookSecret = BookSecret { book: [7; 16], secret: [9; 32] };

    /// A changed digit of a secret would seal what nobody can open any more.
    #[test]
    fn a_changed_byte_anywhere_is_told_by_its_line() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let mut keys = Keys::load(&path).unwrap();
        keys.add_book(SECRET).unwrap();
        keys.add_all(vec![(payee("ada"), key(1)), (payee("bob"), key(2))]).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for at in 0..bytes.len() {
            for replaced in [b'0', b'1', b'a', b'f', b' ', b'\n', bytes[at] ^ 1] {
                let mut changed = bytes.clone();
                changed[at] = replaced;
                if changed == bytes {
                    continue;
                }
                std::fs::write(&path, &changed).unwrap();
                // The number of the format says how the lines behind it are read.
                let is_format_1 = &changed[..13] == b"trueup keys 1";
                let line = 1 + bytes[..at].iter().filter(|byte| **byte == b'\n').count() + usize::from(is_format_1);
                match Keys::load(&path) {
                    Err(KeysError::Malformed { line: told, .. }) => assert_eq!(told, line, "byte {at}"),
                    other => panic!("byte {at} as {replaced}: {other:?}"),
                }
            }
        }
    }

    #[test]
    fn the_books_secret_comes_back_and_its_keys_differ_by_purpose() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let mut keys = Keys::new_in(&path).unwrap();
        keys.create().unwrap();
        assert!(!keys.is_there() && path.exists());
        keys.add_book(SECRET).unwrap();
        keys.add(payee("ada"), key(1)).unwrap();
        let keys = Keys::load(&path).unwrap();
        assert_eq!((keys.book(), keys.len()), (Some(&SECRET), 1));
        assert_ne!(SECRET.key("one"), SECRET.key("another"));
        assert!(matches!(Keys::new_in(&path), Err(KeysError::Exists { .. })));
        let text = std::fs::read_to_string(&path).unwrap();
        let line = text.lines().nth(1).unwrap();
        std::fs::write(&path, format!("{text}{line}\n")).unwrap();
        assert!(matches!(Keys::load(&path), Err(KeysError::Malformed { line: 4, .. })));
    }

    #[test]
    fn a_file_of_format_1_is_read_and_becomes_format_2_when_something_is_added() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        let line = |payee: &PayeeId, key: &PersonKey| format_line(payee, key).rsplit_once(' ').unwrap().0.to_owned();
        let before = format!("{FIRST_LINE_BEFORE}\n{}\n", line(&payee("ada"), &key(1)));
        std::fs::write(&path, &before).unwrap();
        let mut keys = Keys::load(&path).unwrap();
        assert_eq!((keys.of_payee(&payee("ada")), keys.book()), (Some(&key(1)), None));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), before, "reading changes nothing");
        keys.add_book(SECRET).unwrap();
        keys.add(payee("bob"), key(2)).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(FIRST_LINE), "{text}");
        let keys = Keys::load(&path).unwrap();
        assert_eq!((keys.len(), keys.book()), (2, Some(&SECRET)));
        assert_eq!(keys.of_payee(&payee("ada")), Some(&key(1)));
    }

    #[test]
    fn a_file_without_end_is_no_key_file() {
        let folder = folder();
        let path = folder.path().join("book.keys");
        File::create(&path).unwrap().set_len(KEYS_BYTES_MAX + 1).unwrap();
        assert!(matches!(Keys::load(&path), Err(KeysError::TooLong { .. })));
    }
}
