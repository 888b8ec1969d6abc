//! Compares the log with checkpoints that somebody remembered: whether it extends them, was cut, or was written anew.

use super::note::{Note, NoteFault, NoteSigned, key_text};
use super::signatures::{ValidKeys, parse};
use super::verification::{CheckpointComparison, ComparisonOutcome, KeyOrigin, Verdict, Verification, VerifyProblem};

/// Checkpoints that somebody kept outside of the book, and the keys that are to be believed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Remembered {
    /// Where they are from, as problems name it.
    file: String,
    notes: Vec<Note>,
    /// The keys that were given, as names and bytes; the log's own where there is none.
    keys: Vec<(String, [u8; 32])>,
}

/// Why checkpoints cannot be compared with anything.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RememberedFault {
    /// The file holds no checkpoint.
    Note(NoteFault),
    /// A text is no public key.
    Key {
        /// The text.
        text: String,
    },
    /// None of the keys is of the log that a checkpoint is of.
    KeyOfOther {
        /// The origin of the checkpoint.
        origin: String,
        /// The name of the first key.
        name: String,
    },
}

impl Remembered {
    /// Reads notes and keys. Without keys the log's own is believed.
    pub fn read(file: &str, notes: &[u8], keys: &[String]) -> Result<Remembered, RememberedFault> {
        let notes = Note::parse_all(notes).map_err(RememberedFault::Note)?;
        let key = |text: &String| parse(text).ok_or_else(|| RememberedFault::Key { text: text.clone() });
        let keys = keys.iter().map(key).collect::<Result<Vec<_>, _>>()?;
        if let Some((name, _)) = keys.first() {
            let is_without = |note: &&Note| keys.iter().all(|(name, _)| *name != note.origin);
            if let Some(note) = notes.iter().find(is_without) {
                return Err(RememberedFault::KeyOfOther { origin: note.origin.clone(), name: name.clone() });
            }
        }
        Ok(Remembered { file: file.to_owned(), notes, keys })
    }

    /// The sizes of the checkpoints, for the roots of the log there.
    pub fn sizes(&self) -> impl Iterator<Item = u64> + '_ {
        self.notes.iter().map(|note| note.size)
    }

    /// The origins of the checkpoints.
    pub fn origins(&self) -> impl Iterator<Item = &str> {
        self.notes.iter().map(|note| note.origin.as_str())
    }

    /// Compares all checkpoints with a log that was verified.
    pub(super) fn compare(&self, keys: &ValidKeys, into: &mut Verification) {
        for note in &self.notes {
            let compared = self.compared(note, keys, into);
            into.problems.extend(problem(&self.file, &compared, into.size));
            into.against.push(compared);
        }
    }

    fn compared(&self, note: &Note, keys: &ValidKeys, log: &Verification) -> CheckpointComparison {
        let ours: Vec<[u8; 32]> = if self.keys.is_empty() {
            keys.log_key_at(note.size).into_iter().collect()
        } else {
            self.keys.iter().filter(|(name, _)| *name == note.origin).map(|(_, key)| *key).collect()
        };
        let signed = ours.iter().map(|key| (note.signed_with(key), key));
        // The one that says most: valid before wrong before missing.
        let best = signed.min_by_key(|(signed, _)| match signed {
            NoteSigned::Valid => 0,
            NoteSigned::Wrong => 1,
            NoteSigned::Missing => 2,
        });
        let outcome = match best.map(|(signed, _)| signed) {
            _ if keys.origin().is_some_and(|origin| origin != note.origin) => ComparisonOutcome::OtherBook,
            None => ComparisonOutcome::NoKey,
            Some(NoteSigned::Missing) => ComparisonOutcome::NotSigned,
            Some(NoteSigned::Wrong) => ComparisonOutcome::SignatureWrong,
            Some(NoteSigned::Valid) if note.size > log.size => ComparisonOutcome::Shorter,
            Some(NoteSigned::Valid) => match log.roots.get(&note.size) {
                Some(root) if *root == note.root => ComparisonOutcome::Extends,
                Some(_) => ComparisonOutcome::OtherRoot,
                None => ComparisonOutcome::Hidden,
            },
        };
        CheckpointComparison {
            size: note.size,
            root: note.root,
            key: best.map(|(_, key)| key_text(&note.origin, key)),
            key_from: if self.keys.is_empty() { KeyOrigin::Log } else { KeyOrigin::Given },
            outcome,
        }
    }
}

/// What a comparison that did not succeed says about the book.
fn problem(file: &str, compared: &CheckpointComparison, size: u64) -> Option<VerifyProblem> {
    let remembered = compared.size;
    let sizes = format!("the checkpoint is of size {remembered}, and the log has {size} entries");
    let (verdict, what) = match compared.outcome {
        ComparisonOutcome::Extends => return None,
        ComparisonOutcome::Shorter => {
            let what =
                format!("{sizes}: its end was cut off, or log and head were restored together from an older copy");
            (Verdict::Incomplete, what)
        }
        ComparisonOutcome::OtherRoot => {
            let what = format!(
                "the log has another tree root at size {remembered} than the checkpoint: entries before were written anew"
            );
            (Verdict::Altered, what)
        }
        ComparisonOutcome::OtherBook => (Verdict::Altered, "it is a checkpoint of another book".to_owned()),
        ComparisonOutcome::NoKey => {
            (Verdict::Incomplete, format!("the log names no key, so the signature cannot be checked; {sizes}"))
        }
        ComparisonOutcome::NotSigned => {
            let what = match compared.key_from {
                KeyOrigin::Given => "the checkpoint is not signed with the given key",
                KeyOrigin::Log => {
                    "the checkpoint is not signed with the key that the log names: it was changed, or the log was written anew with another key"
                }
            };
            (Verdict::Altered, format!("{what}; {sizes}"))
        }
        ComparisonOutcome::SignatureWrong => (
            Verdict::Altered,
            format!("the signature is not that of the text of the checkpoint, which was changed; {sizes}"),
        ),
        ComparisonOutcome::Hidden => {
            (Verdict::Incomplete, format!("damage hides the tree root at size {remembered}, so it cannot be compared"))
        }
    };
    Some(VerifyProblem { verdict, position: None, file: file.to_owned(), byte: None, what })
}
