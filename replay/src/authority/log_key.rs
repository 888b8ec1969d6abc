//! The log's own key, with which it signs checkpoints: the first one is set, a later one is signed with the one before it.

use ledger::fact::{LogKeyRecord, PolicyRole, Record};
use ledger::signing::vkey;

use crate::authority::check::{Act, must_be_allowed};
use crate::authority::refusal::{AuthorityError, AuthorityRefusal};
use crate::book::Book;
use crate::stamp::{Signers, Stamp};

/// The key of the log after it was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogKeySet {
    /// The position of the entry that names it.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// The public key as text, with the book's origin as its name.
    pub key: String,
    /// What became of the key that the log had before.
    pub change: LogKeyChange,
}

/// What setting a key changed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LogKeyChange {
    /// The log had no key.
    First,
    /// It takes the place of this one.
    Replaced(String),
    /// It was the log's key already, and nothing was recorded.
    AsItWas,
}

/// Records the public key of the log: checkpoints are signed with it from there on, and with no earlier one.
///
/// Does nothing if it is the log's key already. Refused if the key is or was an author's, a recovery key or an earlier key of the log; if
/// the log has a key and the new one is signed neither with it nor with a recovery key of the policy; and, of a first key under a policy,
/// if nobody signs it who may administrate.
pub fn set_log_key(book: &mut Book, key: [u8; 32], stamp: &Stamp) -> Result<LogKeySet, AuthorityError> {
    let authority = book.state.authority();
    let text = |key: &[u8; 32]| vkey(book.state.origin(), key);
    let (key_text, position) = (text(&key), book.size());
    let before = authority.log_key().map(|known| (known.key, u64::from(known.position)));
    if let Some((known, position)) = before
        && known == key
    {
        return Ok(LogKeySet { position, size: book.size(), key: key_text, change: LogKeyChange::AsItWas });
    }
    if authority.was_log_key(&key) {
        return Err(AuthorityRefusal::LogKeyWasReplaced.into());
    }
    if let Some(taken) = authority.ever_author_of(&key) {
        return Err(AuthorityRefusal::KeyTaken { author: taken.clone() }.into());
    }
    let recovery = authority.policy().map_or(&[][..], |set| &set.policy.recovery);
    if recovery.iter().any(|known| *known.bytes() == key) {
        return Err(AuthorityRefusal::KeyIsRecovery.into());
    }
    let change = match before {
        Some((old, _)) => {
            let mut signing = stamp.signing.iter().map(|key| key.public().bytes());
            if !signing.any(|key| *key == old || recovery.iter().any(|known| known.bytes() == key)) {
                return Err(AuthorityRefusal::LogKeyNotReplaced { key: text(&old) }.into());
            }
            LogKeyChange::Replaced(text(&old))
        }
        None => {
            must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Administrate, Vec::new()))?;
            LogKeyChange::First
        }
    };
    let signers = Signers::of_log_key(stamp, book.state.book_uuid(), authority)?;
    let size = book.append_signed(vec![Record::LogKey(LogKeyRecord { key })], stamp, signers)?;
    Ok(LogKeySet { position, size, key: key_text, change })
}
