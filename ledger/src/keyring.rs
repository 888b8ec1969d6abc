//! The key store: the keys of all persons, a text file beside the book, never in it and never in its backups.
//!
//! One line a person: the key's id, the payee, the secret. Only the writer of the book adds to it, under the book's lock, and a
//! key is on disk before anything sealed with it is. A last line without its end is a key that was never used.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

use crate::id::{PayeeId, percent_decoded, percent_encoded};
use crate::seal::PersonKey;
use crate::store::sync_folder;

const FIRST_LINE: &str = "trueup keys 1";

/// All keys of a book, in memory, and the file that they came from.
#[derive(Debug)]
pub struct Keys {
    path: PathBuf,
    by_payee: BTreeMap<PayeeId, PersonKey>,
    payee_by_id: BTreeMap<[u8; 16], PayeeId>,
    /// Bytes of the file's whole lines. What lies behind them is cut before a line is added.
    whole_bytes: u64,
    /// After a failed write nobody knows what the file holds.
    broken: Option<Broken>,
}

#[derive(Debug)]
struct Broken;

#[derive(Debug, Error)]
pub enum KeysError {
    #[error("{doing} the keys in `{path}` failed: {source}.")]
    Io { doing: &'static str, path: String, source: io::Error },
    #[error("`{path}` line {line}: {what}. Put back the key file from its own backup.")]
    Malformed { path: String, line: usize, what: &'static str },
    #[error("`{payee}` has a key already. Nothing was added.")]
    Known { payee: String },
    #[error("Another person's key has this id already. Nothing was added.")]
    KnownId,
    #[error("`{path}` takes no more keys after a failed write. Find the cause (disk full?), then start again.")]
    Broken { path: String },
}

impl Keys {
    /// The keys in this file. No file is no keys, and none is made.
    pub fn load(path: impl Into<PathBuf>) -> Result<Keys, KeysError> {
        let mut keys = Keys {
            path: path.into(),
            by_payee: BTreeMap::new(),
            payee_by_id: BTreeMap::new(),
            whole_bytes: 0,
            broken: None,
        };
        let bytes = match std::fs::read(&keys.path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(keys),
            read => keys.io("reading", read)?,
        };
        keys.parse(&bytes)?;
        Ok(keys)
    }

    pub fn of_payee(&self, payee: &PayeeId) -> Option<&PersonKey> {
        self.by_payee.get(payee)
    }

    pub fn by_id(&self, id: &[u8; 16]) -> Option<&PersonKey> {
        self.payee_by_id.get(id).and_then(|payee| self.by_payee.get(payee))
    }

    /// Where the keys are kept.
    pub fn path(&self) -> &Path {
        &self.path
    }

    pub fn len(&self) -> usize {
        self.by_payee.len()
    }

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
        let mut text = if self.whole_bytes == 0 { format!("{FIRST_LINE}\n") } else { String::new() };
        new.iter().for_each(|(payee, key)| text.push_str(&format_line(payee, key)));
        let written = self.write(&text);
        if written.is_err() {
            self.broken = Some(Broken);
        }
        self.io("writing", written)?;
        self.whole_bytes += text.len() as u64;
        new.into_iter().for_each(|(payee, key)| self.remember(payee, key));
        Ok(())
    }

    fn check_new(&self, new: &[(PayeeId, PersonKey)]) -> Result<(), KeysError> {
        if self.broken.is_some() {
            return Err(KeysError::Broken { path: self.path.display().to_string() });
        }
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

    fn write(&self, text: &str) -> io::Result<()> {
        let is_new = self.whole_bytes == 0;
        let mut file = open_private(&self.path)?;
        file.set_len(self.whole_bytes)?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        match self.path.parent().filter(|_| is_new) {
            None => Ok(()),
            Some(folder) if folder.as_os_str().is_empty() => sync_folder(Path::new(".")),
            Some(folder) => sync_folder(folder),
        }
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
                (0, Some(FIRST_LINE)) => Ok(()),
                (0, Some(_)) => {
                    Err("it should be `trueup keys 1`; another version wrote this file, or it is no key file")
                }
                (_, Some(line)) => self.take_line(line),
            };
            let path = || self.path.display().to_string();
            taken.map_err(|what| KeysError::Malformed { path: path(), line: index + 1, what })?;
        }
        Ok(())
    }

    fn take_line(&mut self, line: &str) -> Result<(), &'static str> {
        let parts: Vec<&str> = line.split(' ').collect();
        let [id, payee, secret] = parts[..] else {
            return Err("it should be a key id, a payee and a secret");
        };
        let id = parse_hex::<16>(id).ok_or("the key id should be 32 hexadecimal digits")?;
        let payee = parse_payee(payee).ok_or("the payee is not a percent-encoded payee")?;
        let secret = parse_hex::<32>(secret).ok_or("the secret should be 64 hexadecimal digits")?;
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
        result.map_err(|source| KeysError::Io { doing, path: self.path.display().to_string(), source })
    }
}

fn format_line(payee: &PayeeId, key: &PersonKey) -> String {
    format!("{} {} {}\n", format_hex(&key.id), percent_encoded(payee.as_str()), format_hex(&key.secret))
}

/// Only the owner may read secrets.
#[cfg(unix)]
fn open_private(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    OpenOptions::new().append(true).create(true).mode(0o600).open(path)
}

#[cfg(not(unix))]
fn open_private(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path)
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
        assert!(text.starts_with("trueup keys 1\n01010101010101010101010101010101 ada fefe"), "{text}");
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
            let lines = bytes[..length].iter().filter(|byte| **byte == b'\n').count();
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
        for line in bad {
            std::fs::write(&path, format!("{FIRST_LINE}\n{good}{line}\n")).unwrap();
            let error = Keys::load(&path).unwrap_err();
            assert!(matches!(error, KeysError::Malformed { line: 3, .. }), "{line:?}: {error}");
        }
        std::fs::write(&path, format!("trueup keys 2\n{good}")).unwrap();
        assert!(matches!(Keys::load(&path), Err(KeysError::Malformed { line: 1, .. })));
    }
}
