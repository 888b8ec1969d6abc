//! Adds authors, and replaces their keys.

use ledger::fact::{AuthorRecord, PolicyRole, Record};
use ledger::id::Name;
use ledger::signing::PublicKey;

use crate::authority::check::{Act, must_be_allowed};
use crate::authority::refusal::{AuthorityError, AuthorityRefusal};
use crate::book::Book;
use crate::stamp::Stamp;

/// An author that was added, or got another key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorAdded {
    /// The position of the entry.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// Whether the author had another key before.
    pub replaced: Option<PublicKey>,
}

/// Records the key of an author: it is valid from there on, and an earlier one of the author is not any more.
///
/// Refused if another author or the log itself has or had the key, if the author has one and the new one is signed neither with it nor with a
/// recovery key of the policy, and under a policy if a new author is not signed by somebody who may administrate.
pub fn add_author(book: &mut Book, author: Name, key: PublicKey, stamp: &Stamp) -> Result<AuthorAdded, AuthorityError> {
    let authority = book.state.authority();
    if let Some(taken) = authority.ever_author_of(key.bytes()) {
        return Err(AuthorityRefusal::KeyTaken { author: taken.clone() }.into());
    }
    if authority.was_log_key(key.bytes()) {
        return Err(AuthorityRefusal::KeyIsOfLog.into());
    }
    let recovery = authority.policy().map_or(&[][..], |set| &set.policy.recovery);
    if recovery.iter().any(|known| known.bytes() == key.bytes()) {
        return Err(AuthorityRefusal::KeyIsRecovery.into());
    }
    let replaced = authority.key_of(&author).map(|known| known.key.clone());
    match &replaced {
        Some(old) => {
            let mut signing = stamp.signing.iter().map(|key| key.public().bytes());
            if !signing.any(|key| key == old.bytes() || recovery.iter().any(|known| known.bytes() == key)) {
                return Err(AuthorityRefusal::KeyNotReplaced { author }.into());
            }
        }
        None => must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Administrate, Vec::new()))?,
    }
    let position = book.size();
    let size = book.append(vec![Record::Author(AuthorRecord { author, key })], stamp)?;
    Ok(AuthorAdded { position, size, replaced })
}
