//! The seal of an index: the log that it was made from, and the keyed digest of all of its bytes.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use projections::encoding::{Decoder, Encoder};

use crate::derived::rejected::RejectedReason;
use crate::derived::sealing::{SealKey, Sealed, all_bytes, open_plain};

/// The log that an index was made from.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct Seal {
    pub book: [u8; 16],
    /// The size of the log: all entries below are in the index.
    pub size: u64,
    /// The root of the log at that size.
    pub root: [u8; 32],
}

const MAGIC: [u8; 8] = *b"\xFFsealed\n";
/// Raise this with every change of the content of an index, or of the names under which an entry is found.
const FORMAT: u32 = 6;
const VERSION: &str = env!("CARGO_PKG_VERSION");
const DIGEST_BYTES: usize = 32;
const NAME: &str = "seal";
const BASE: &str = "sled";
/// The number of bytes that are read at once.
const PART_BYTES: usize = 1 << 20;

/// The folder of sled's files in an index.
pub fn base_in(index: &Path) -> PathBuf {
    index.join(BASE)
}

impl Seal {
    /// Writes the seal of a finished index.
    pub fn write(&self, index: &Path, key: SealKey) -> io::Result<()> {
        let mut bytes = self.head();
        let digest = digest(&bytes, &base_in(index), None, key)?;
        bytes.extend_from_slice(digest.as_bytes());
        File::create_new(index.join(NAME))?.write_all(&bytes)
    }

    /// Reads the seal of an index. It is not trusted until [`Seal::check`] has compared the digest.
    pub fn read(index: &Path) -> Result<Seal, RejectedReason> {
        let bytes = all_bytes(&index.join(NAME)).map_err(reason)?;
        let (head, _) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or(RejectedReason::Damaged)?;
        let mut reader = Decoder::new(head);
        if reader.one() != Some(MAGIC) {
            return Err(RejectedReason::Damaged);
        }
        if reader.one() != Some(FORMAT) || reader.bytes() != Some(VERSION.as_bytes()) {
            return Err(RejectedReason::OtherVersion);
        }
        let mut seal = || Some(Seal { book: reader.one()?, size: reader.one()?, root: reader.one()? });
        seal().filter(|_| reader.end().is_some()).ok_or(RejectedReason::Damaged)
    }

    /// Compares all bytes of an index with its digest, and copies them into the folder `copy`, if one is given.
    pub fn check(&self, index: &Path, copy: Option<&Path>, key: SealKey) -> Result<(), RejectedReason> {
        let digest = digest(&self.head(), &base_in(index), copy, key).map_err(reason)?;
        let found = all_bytes(&index.join(NAME)).map_err(reason)?;
        let (head, found) = found.split_last_chunk::<DIGEST_BYTES>().ok_or(RejectedReason::Damaged)?;
        if head == self.head() && digest == blake3::Hash::from_bytes(*found) {
            Ok(())
        } else {
            Err(RejectedReason::Damaged)
        }
    }

    fn head(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
        let mut out = Encoder::new(&mut sink);
        out.part(&MAGIC);
        out.one(FORMAT);
        out.bytes(VERSION.as_bytes());
        out.one(self.book);
        out.one(self.size);
        out.one(self.root);
        out.finish();
        bytes
    }
}

/// Checks the seal of an index, whichever version wrote it, and returns the size and root that it belongs to.
pub(crate) fn sealed(index: &Path, key: SealKey) -> Result<Sealed, RejectedReason> {
    let bytes = all_bytes(&index.join(NAME)).map_err(reason)?;
    let (head, found) = bytes.split_last_chunk::<DIGEST_BYTES>().ok_or(RejectedReason::Damaged)?;
    if digest(head, &base_in(index), None, key).map_err(reason)? != blake3::Hash::from_bytes(*found) {
        return Err(RejectedReason::Damaged);
    }
    let seal = Seal::read(index).ok();
    Ok(Sealed { is_current: seal.is_some(), of: seal.map(|seal| (seal.size, seal.root)) })
}

/// The index exists, so a missing file of it was removed.
fn reason(error: io::Error) -> RejectedReason {
    if error.kind() == io::ErrorKind::NotFound {
        RejectedReason::Damaged
    } else {
        RejectedReason::Unreadable(error.to_string())
    }
}

/// The digest of the head, and of the name, bytes and length of every file, in the order of their names.
fn digest(head: &[u8], base: &Path, copy: Option<&Path>, key: SealKey) -> io::Result<blake3::Hash> {
    let mut hasher = key.hasher();
    hasher.update(head);
    let mut names = Vec::new();
    names_in(base, Path::new(""), &mut names)?;
    names.sort();
    let mut part = vec![0; PART_BYTES];
    for name in names {
        let text = name.as_os_str().as_encoded_bytes();
        hasher.update(&(text.len() as u64).to_le_bytes()).update(text);
        let (mut file, mut length) = (open_plain(&base.join(&name))?, 0u64);
        let mut copied = copy.map(|copy| copied_file(&copy.join(&name))).transpose()?;
        loop {
            let count = file.read(&mut part)?;
            if count == 0 {
                break;
            }
            hasher.update(&part[..count]);
            copied.as_mut().map_or(Ok(()), |copied| copied.write_all(&part[..count]))?;
            length += count as u64;
        }
        hasher.update(&length.to_le_bytes());
    }
    Ok(hasher.finalize())
}

fn copied_file(path: &Path) -> io::Result<File> {
    std::fs::create_dir_all(path.parent().expect("a file in a folder"))?;
    File::create_new(path)
}

/// The files below a folder, with their paths in it.
fn names_in(base: &Path, below: &Path, names: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in std::fs::read_dir(base.join(below))? {
        let entry = entry?;
        let name = below.join(entry.file_name());
        if entry.file_type()?.is_dir() { names_in(base, &name, names)? } else { names.push(name) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEAL: Seal = Seal { book: [1; 16], size: 7, root: [2; 32] };

    fn key() -> SealKey {
        crate::derived::sealing::Seals::of(&ledger::keyring::BookSecret { book: [1; 16], secret: [3; 32] }).index
    }

    fn index() -> tempfile::TempDir {
        let index = tempfile::tempdir().expect("a temporary folder");
        std::fs::create_dir_all(base_in(index.path()).join("blobs")).expect("a folder");
        put(&index, "sled/db", b"some bytes");
        put(&index, "sled/blobs/1", b"more");
        SEAL.write(index.path(), key()).expect("sealed");
        index
    }

    fn put(index: &tempfile::TempDir, name: &str, bytes: &[u8]) {
        std::fs::write(index.path().join(name), bytes).expect("written");
    }

    fn checked(index: &tempfile::TempDir) -> Result<Seal, RejectedReason> {
        let seal = Seal::read(index.path())?;
        seal.check(index.path(), None, key()).map(|()| seal)
    }

    #[test]
    fn what_was_sealed_is_copied_as_it_is() {
        let (index, copy) = (index(), tempfile::tempdir().expect("a temporary folder"));
        assert_eq!(checked(&index), Ok(SEAL));
        assert_eq!(SEAL.check(index.path(), Some(copy.path()), key()), Ok(()));
        assert_eq!(std::fs::read(copy.path().join("blobs/1")).expect("a file"), b"more");
        assert_eq!(std::fs::read(copy.path().join("db")).expect("a file"), b"some bytes");
    }

    #[test]
    fn what_another_key_sealed_does_not_count() {
        let index = index();
        std::fs::remove_file(index.path().join("seal")).expect("gone");
        let other =
            crate::derived::sealing::Seals::of(&ledger::keyring::BookSecret { book: [1; 16], secret: [4; 32] }).index;
        SEAL.write(index.path(), other).expect("sealed");
        assert_eq!(checked(&index), Err(RejectedReason::Damaged));
        assert_eq!(SEAL.check(index.path(), None, other), Ok(()));
    }

    #[test]
    fn every_other_byte_name_or_length_is_found() {
        let index = index();
        for name in ["seal", "sled/db", "sled/blobs/1"] {
            let bytes = std::fs::read(index.path().join(name)).expect("a file");
            for at in 0..bytes.len() {
                let mut changed = bytes.clone();
                changed[at] ^= 1;
                put(&index, name, &changed);
                assert!(checked(&index).is_err(), "byte {at} of {name}");
                put(&index, name, &bytes[..at]);
                assert!(checked(&index).is_err(), "{at} bytes of {name}");
            }
            put(&index, name, &bytes);
        }
        put(&index, "sled/another", b"");
        assert_eq!(checked(&index), Err(RejectedReason::Damaged));
        std::fs::remove_file(index.path().join("sled/another")).expect("gone");
        assert_eq!(checked(&index), Ok(SEAL));
        std::fs::rename(index.path().join("sled/db"), index.path().join("sled/dc")).expect("renamed");
        assert_eq!(checked(&index), Err(RejectedReason::Damaged));
    }
}
