//! The evidence of a dispute: entries of the log by position, and files by name, size and BLAKE3 hash.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use data_encoding::HEXLOWER_PERMISSIVE;
use ledger::fact::EvidenceFile;
use ledger::field::FreeText;

use crate::input::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_NAME_BYTES_MAX};
use crate::refusal::EvidenceFault;

/// What `--evidence` names.
#[derive(Clone, Debug)]
pub enum EvidenceArg {
    /// An entry of the log.
    Entry(u64),
    /// A file that is here.
    File(PathBuf),
    /// A file that is somewhere else, by what is recorded of it.
    Elsewhere(EvidenceFile),
}

/// What a file that is somewhere else begins with: `blake3:HASH:BYTES:NAME`.
const ELSEWHERE: &str = "blake3:";

impl FromStr for EvidenceArg {
    type Err = String;

    fn from_str(text: &str) -> Result<EvidenceArg, String> {
        if text.bytes().all(|byte| byte.is_ascii_digit()) {
            return text.parse().map(EvidenceArg::Entry).map_err(|_| "it is no position of an entry".to_owned());
        }
        let Some(rest) = text.strip_prefix(ELSEWHERE) else { return Ok(EvidenceArg::File(PathBuf::from(text))) };
        let help = || "write blake3:HASH:BYTES:NAME, where HASH has 64 hexadecimal digits; `./` before the name of a file that is here";
        elsewhere(rest).map(EvidenceArg::Elsewhere).ok_or_else(|| help().to_owned())
    }
}

fn elsewhere(text: &str) -> Option<EvidenceFile> {
    let (hash, rest) = text.split_once(':')?;
    let (bytes, name) = rest.split_once(':')?;
    let blake3 = HEXLOWER_PERMISSIVE.decode(hash.as_bytes()).ok()?.try_into().ok()?;
    let is_name = !name.is_empty() && name.len() <= EVIDENCE_NAME_BYTES_MAX;
    is_name.then_some(EvidenceFile { name: FreeText(name.to_owned()), bytes: bytes.parse().ok()?, blake3 })
}

/// Evidence as `--evidence` takes it for a file that is somewhere else.
pub fn as_argument(file: &EvidenceFile) -> String {
    let hash = data_encoding::HEXLOWER.encode(&file.blake3);
    format!("{ELSEWHERE}{hash}:{}:{}", file.bytes, file.name.0)
}

/// The name, size and hash of a file. Its content goes nowhere.
pub fn evidence_file(path: &Path) -> Result<EvidenceFile, EvidenceFault> {
    let unreadable = |error: io::Error| EvidenceFault::Unreadable { file: path.to_owned(), why: error.to_string() };
    let name = path.file_name().and_then(|name| name.to_str()).filter(|name| name.len() <= EVIDENCE_NAME_BYTES_MAX);
    if !path.metadata().map_err(unreadable)?.is_file() {
        return Err(EvidenceFault::NotAFile { file: path.to_owned() });
    }
    let Some(name) = name else {
        return Err(EvidenceFault::NameUnfit { file: path.to_owned(), most: EVIDENCE_NAME_BYTES_MAX });
    };
    let opened = File::open(path).map_err(unreadable)?;
    let (bytes, blake3) = hashed(opened, EVIDENCE_BYTES_MAX)
        .map_err(unreadable)?
        .ok_or_else(|| EvidenceFault::TooLong { file: path.to_owned(), most: EVIDENCE_BYTES_MAX })?;
    Ok(EvidenceFile { name: FreeText(name.to_owned()), bytes, blake3 })
}

/// The size and the BLAKE3 hash of what a reader gives; `None` if it gives more than `most` bytes.
fn hashed(reader: impl Read, most: u64) -> io::Result<Option<(u64, [u8; 32])>> {
    let mut hasher = blake3::Hasher::new();
    hasher.update_reader(reader.take(most + 1))?;
    Ok((hasher.count() <= most).then(|| (hasher.count(), *hasher.finalize().as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_taken_up_to_its_limit() {
        let hash = *blake3::hash(b"abcd").as_bytes();
        assert_eq!(hashed(&b"abcd"[..], 4).expect("it reads"), Some((4, hash)));
        assert_eq!(hashed(&b"abcde"[..], 4).expect("it reads"), None);
    }

    #[test]
    fn a_file_elsewhere_is_written_as_it_is_read() {
        let text = format!("blake3:{}:12:a: b.eml", "0a".repeat(32));
        let Ok(EvidenceArg::Elsewhere(file)) = text.parse() else { panic!("it is a file elsewhere") };
        assert_eq!((file.name.0.as_str(), file.bytes), ("a: b.eml", 12));
        assert_eq!(as_argument(&file), text);
        for wrong in ["blake3:", "blake3:aa:1:x", &format!("blake3:{}:x:n", "0a".repeat(32)), "99999999999999999999999"]
        {
            assert!(wrong.parse::<EvidenceArg>().is_err(), "{wrong}");
        }
        assert!(matches!("./12".parse(), Ok(EvidenceArg::File(_))));
        assert!(matches!("12".parse(), Ok(EvidenceArg::Entry(12))));
    }
}
