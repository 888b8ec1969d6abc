//! Signs checkpoints: size and root of the log, under its own key. They are kept in the log and published for others to remember.

use ledger::fact::{CheckpointRecord, Record};
use ledger::field::FreeText;
use ledger::signing::note::signed_checkpoint;
use ledger::signing::{PrivateKey, vkey};
use projections::authority::KeptCheckpoint;

use crate::authority::refusal::{AuthorityError, AuthorityRefusal};
use crate::book::Book;
use crate::stamp::Stamp;
use crate::state::State;

/// A checkpoint of a book.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookCheckpoint {
    /// The position of its entry.
    pub position: u64,
    /// The size of the log that it is of.
    pub size: u64,
    /// The root of the tree at that size.
    pub root: [u8; 32],
    /// The signed note.
    pub note: String,
    /// The public key, as text, whose signature the note has.
    pub key: String,
}

/// The last checkpoint of a book; `None` if none was signed yet.
pub fn last_checkpoint(state: &State) -> Option<BookCheckpoint> {
    let KeptCheckpoint { position, checkpoint } = state.authority().checkpoint()?;
    let key = state.authority().log_key_at(*position)?;
    Some(BookCheckpoint {
        position: u64::from(*position),
        size: checkpoint.size,
        root: checkpoint.root,
        note: checkpoint.note.0.clone(),
        key: vkey(state.origin(), &key.key),
    })
}

/// The position of the last close if the log has a key and no checkpoint reaches behind that close: it is still to be signed. A crash
/// between a close and its checkpoint leaves this.
pub fn close_without_checkpoint(state: &State) -> Option<u64> {
    state.authority().log_key()?;
    let closed = u64::from(state.posted_state().last_close()?.position);
    let signed = state.authority().checkpoint().map_or(0, |kept| kept.checkpoint.size);
    (signed <= closed).then_some(closed)
}

/// Signs a checkpoint of the log as it is, and appends it. If nothing was recorded since the last checkpoint, that one is returned and
/// nothing is written. Of the keys of the stamp only those of authors sign the entry.
///
/// Refused if the log has no key, or another one than this. Fails if the log cannot be written.
pub fn sign_checkpoint(book: &mut Book, key: &PrivateKey, mut stamp: Stamp) -> Result<BookCheckpoint, AuthorityError> {
    let origin = book.state.origin().to_owned();
    let authority = book.state.authority();
    let Some(valid) = authority.log_key() else { return Err(AuthorityRefusal::LogKeyMissing.into()) };
    if valid.key != *key.public().bytes() {
        let (valid, given) = (vkey(&origin, &valid.key), vkey(&origin, key.public().bytes()));
        return Err(AuthorityRefusal::NotTheLogKey { valid, given }.into());
    }
    let (size, root) = (book.size(), book.root());
    if let Some(last) = last_checkpoint(&book.state).filter(|last| last.position == last.size && last.size + 1 == size)
    {
        return Ok(last);
    }
    let note = signed_checkpoint(&origin, size, &root, key);
    stamp.signing.retain(|key| authority.author_of(key.public().bytes()).is_some());
    let record = CheckpointRecord { size, root, note: FreeText(note.clone()) };
    book.append(vec![Record::Checkpoint(record)], &stamp)?;
    Ok(BookCheckpoint { position: size, size, root, note, key: vkey(&origin, key.public().bytes()) })
}
