//! C2SP signed notes of checkpoints (docs/format.md, "Checkpoints"). From the page, not from the writer.

use data_encoding::BASE64;
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::tree::Hash;

/// What a line of a signature begins with: an em dash and a blank.
const SIGNATURE: &str = "\u{2014} ";
const ED25519: u8 = 1;
/// The most lines of signatures that a note may have.
const SIGNATURES_MAX: usize = 100;

/// A checkpoint as a note says it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Note {
    /// The log that it is of, and the name of the key that signs it.
    pub origin: String,
    /// The size of the log.
    pub size: u64,
    /// The root of the tree at that size.
    pub root: Hash,
    /// What is signed: everything before the empty line.
    text: String,
    signatures: Vec<NoteSignature>,
}

/// A line of a signature: whose, and of which key.
#[derive(Clone, PartialEq, Eq, Debug)]
struct NoteSignature {
    name: String,
    key_id: [u8; 4],
    bytes: Vec<u8>,
}

/// Why a text is no checkpoint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NoteFault {
    /// It is not UTF-8, or has control characters.
    NotText,
    /// It does not have at least three lines, an empty line, and a signature, each ending with a line feed.
    Shape,
    /// Its second line is no size.
    Size {
        /// The line.
        line: String,
    },
    /// Its third line is no root.
    Root {
        /// The line.
        line: String,
    },
    /// A line behind the empty one is no signature.
    Signature {
        /// The line.
        line: String,
    },
}

/// Whether a note is signed with a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NoteSigned {
    /// It is.
    Valid,
    /// It has a line of that key, and the signature is not one of this note.
    Wrong,
    /// It has no line of that key.
    Missing,
}

impl Note {
    /// Reads the notes of a file, one after the other; blank lines may be between them.
    pub fn parse_all(bytes: &[u8]) -> Result<Vec<Note>, NoteFault> {
        let text = std::str::from_utf8(bytes).map_err(|_| NoteFault::NotText)?;
        if text.contains(|c: char| c.is_control() && c != '\n') {
            return Err(NoteFault::NotText);
        }
        let mut notes = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let end = end_of_note(rest)?;
            notes.push(Note::parse(&rest[..end])?);
            rest = rest[end..].trim_start_matches('\n');
        }
        if notes.is_empty() { Err(NoteFault::Shape) } else { Ok(notes) }
    }

    /// Reads one note.
    pub fn parse(note: &str) -> Result<Note, NoteFault> {
        let split = note.rfind("\n\n").ok_or(NoteFault::Shape)?;
        let (text, signatures) = (&note[..split + 1], &note[split + 2..]);
        let signatures = signatures.strip_suffix('\n').ok_or(NoteFault::Shape)?;
        let mut lines = text.lines();
        let (Some(origin), Some(size), Some(root)) = (lines.next(), lines.next(), lines.next()) else {
            return Err(NoteFault::Shape);
        };
        // Lines of extensions may follow; none is empty.
        if origin.is_empty() || lines.any(str::is_empty) {
            return Err(NoteFault::Shape);
        }
        let is_decimal = size.bytes().all(|digit| digit.is_ascii_digit()) && (size == "0" || !size.starts_with('0'));
        let parsed_size = size.parse().ok().filter(|_| is_decimal);
        let parsed_root = BASE64.decode(root.as_bytes()).ok().and_then(|root| root.try_into().ok());
        let signatures: Vec<&str> = signatures.split('\n').collect();
        if signatures.len() > SIGNATURES_MAX {
            return Err(NoteFault::Shape);
        }
        Ok(Note {
            origin: origin.to_owned(),
            size: parsed_size.ok_or_else(|| NoteFault::Size { line: size.to_owned() })?,
            root: parsed_root.ok_or_else(|| NoteFault::Root { line: root.to_owned() })?,
            text: text.to_owned(),
            signatures: signatures.into_iter().map(signature).collect::<Result<_, _>>()?,
        })
    }

    /// Whether the note is signed with a key under its origin. Lines of other keys, such as those of witnesses, are passed over.
    pub fn signed_with(&self, key: &[u8; 32]) -> NoteSigned {
        let id = key_id(&self.origin, key);
        let mut ours = self.signatures.iter().filter(|line| line.name == self.origin && line.key_id == id).peekable();
        if ours.peek().is_none() {
            return NoteSigned::Missing;
        }
        let Ok(key) = VerifyingKey::from_bytes(key) else { return NoteSigned::Wrong };
        let is_right = |line: &NoteSignature| {
            Signature::from_slice(&line.bytes).is_ok_and(|made| key.verify_strict(self.text.as_bytes(), &made).is_ok())
        };
        if ours.all(is_right) { NoteSigned::Valid } else { NoteSigned::Wrong }
    }
}

/// Where the first note of a text ends: behind the lines of signatures that follow its empty line.
fn end_of_note(text: &str) -> Result<usize, NoteFault> {
    let mut end = text.find("\n\n").ok_or(NoteFault::Shape)? + 2;
    let begin = end;
    while text[end..].starts_with(SIGNATURE) {
        end += text[end..].find('\n').ok_or(NoteFault::Shape)? + 1;
    }
    if end > begin {
        return Ok(end);
    }
    let line = text[begin..].lines().next().unwrap_or_default();
    Err(if line.is_empty() { NoteFault::Shape } else { NoteFault::Signature { line: line.to_owned() } })
}

fn signature(line: &str) -> Result<NoteSignature, NoteFault> {
    let parse = || {
        let (name, bytes) = line.strip_prefix(SIGNATURE)?.split_once(' ')?;
        let bytes = BASE64.decode(bytes.as_bytes()).ok()?;
        let (key_id, bytes) = bytes.split_first_chunk::<4>()?;
        let is_name = !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+');
        (is_name && !bytes.is_empty()).then(|| NoteSignature {
            name: name.to_owned(),
            key_id: *key_id,
            bytes: bytes.to_vec(),
        })
    };
    parse().ok_or_else(|| NoteFault::Signature { line: line.to_owned() })
}

/// The first four bytes of SHA-256(name, newline, algorithm, public key).
fn key_id(name: &str, key: &[u8; 32]) -> [u8; 4] {
    let hash =
        Sha256::new().chain_update(name).chain_update(b"\n").chain_update([ED25519]).chain_update(key).finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The text of a key under the name of an origin.
pub fn key_text(origin: &str, key: &[u8; 32]) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend_from_slice(key);
    let id = data_encoding::HEXLOWER.encode(&key_id(origin, key));
    format!("{origin}+{id}+{}", BASE64.encode(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A note of the form that the database of Go (golang.org/x/mod/sumdb) has; its signature is cut short.
    const GO: &str = "go.sum database tree\n11131\nSjPmpLeV1EaZyB/9YcuHCtJ5OgVJ+lpN4+qC8aFWCFA=\n\n\u{2014} sum.golang.org Az3grlT4YSlO\n";

    #[test]
    fn lines_are_read_and_other_signatures_passed_over() {
        let note = Note::parse(GO).expect("a note");
        assert_eq!((note.origin.as_str(), note.size, note.signatures.len()), ("go.sum database tree", 11131, 1));
        assert_eq!(note.signed_with(&[3; 32]), NoteSigned::Missing);
        assert_eq!(Note::parse_all(format!("{GO}\n{GO}").as_bytes()).map(|notes| notes.len()), Ok(2));
        assert_eq!(Note::parse_all(format!("{GO}{GO}").as_bytes()).map(|notes| notes.len()), Ok(2));
    }

    #[test]
    fn what_is_no_note_is_refused() {
        let fault = |text: &str| Note::parse_all(text.as_bytes()).expect_err("no note");
        assert_eq!(fault(""), NoteFault::Shape);
        assert_eq!(fault(GO.trim_end()), NoteFault::Shape);
        assert_eq!(fault(&GO.replace("\n\n", "\n")), NoteFault::Shape);
        assert_eq!(fault(&GO.replace('\n', "\r\n")), NoteFault::NotText);
        for size in ["011131", "-1", "+1", "1 1", "99999999999999999999999"] {
            assert!(matches!(fault(&GO.replace("11131", size)), NoteFault::Size { .. } | NoteFault::Shape), "{size}");
        }
        assert!(matches!(fault(&GO.replace("SjPm", "SjP")), NoteFault::Root { .. }));
        assert!(matches!(fault(&GO.replace("Az3grlT4YSlO", "Az3g")), NoteFault::Signature { .. }));
        assert!(matches!(fault(&GO.replace('\u{2014}', "-")), NoteFault::Signature { .. }));
        assert!(matches!(fault(&format!("{GO}rest\n")), NoteFault::Shape));
    }
}
