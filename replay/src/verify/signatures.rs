//! The signatures of entries and checkpoints, against the keys that are valid where they are made. From the page, not from the writer.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::entry::{CheckedEntry, CheckpointClaim, EntrySignature, LOG_KEY};
use super::note::{Note, NoteSigned};

/// What a signed message begins with.
const MESSAGE: &[u8] = b"trueup/entry-signature/1\n";
const ED25519: u64 = 1;
/// The name with which the log's own key signs the entry of the key that takes its place.
const LOG_SIGNER: &str = "log";

/// The keys that are valid, and the UUID of the book, which every message has.
#[derive(Default)]
pub struct ValidKeys {
    book: [u8; 16],
    authors: BTreeMap<String, [u8; 32]>,
    recovery: Vec<(String, [u8; 32])>,
    /// Of the book: the first line of its checkpoints.
    origin: Option<String>,
    /// The log's own keys with the positions of their entries, the last one valid.
    log_keys: Vec<(u64, [u8; 32])>,
}

impl ValidKeys {
    /// Takes what the entry at a position says about the book, an author, recovery keys or the log's key. Fails on a text that is no key,
    /// and on a key of the log that nobody signed who may replace the one before it.
    pub fn learn(&mut self, entry: &CheckedEntry, position: u64) -> Result<(), String> {
        if let Some(book) = entry.book {
            self.book = book;
            self.origin.clone_from(&entry.origin);
        }
        if let Some(key) = entry.log_key {
            let is_allowed =
                self.log_keys.is_empty() || entry.signatures.iter().any(|signature| self.replaces_log_key(signature));
            self.log_keys.push((position, key));
            if !is_allowed {
                return Err("the log's new key is signed neither with the old one nor with a recovery key".to_owned());
            }
        }
        if let Some((author, key)) = &entry.author {
            let (_, key) = parse(key).ok_or_else(|| format!("the key of `{author}` is no public key"))?;
            self.authors.insert(author.clone(), key);
        }
        if let Some(keys) = &entry.recovery {
            let parsed: Option<Vec<_>> = keys.iter().map(|key| parse(key)).collect();
            self.recovery = parsed.ok_or("a recovery key of the policy is no public key")?;
        }
        Ok(())
    }

    /// Checks all signatures of an entry. Fails with what is wrong with the first one that is.
    pub fn check(&self, bytes: &[u8], entry: &CheckedEntry) -> Result<u64, String> {
        let mut message = MESSAGE.to_vec();
        message.extend_from_slice(&self.book);
        // Behind the head of the array, up to the signatures.
        message.extend_from_slice(&bytes[1..entry.signed_end]);
        for EntrySignature { signer, algorithm, key, signature } in &entry.signatures {
            if *algorithm != ED25519 {
                return Err(format!("the signature of `{signer}` is by the unknown algorithm {algorithm}"));
            }
            let is_author = self.authors.get(signer).is_some_and(|valid| valid[..] == key[..]);
            let is_recovery = || self.recovery.iter().any(|(name, valid)| name == signer && valid[..] == key[..]);
            let is_log_key = || entry.kind == LOG_KEY && signer == LOG_SIGNER && self.is_log_key(key);
            if !is_author && !is_recovery() && !is_log_key() {
                return Err(format!("it is signed as `{signer}` with a key that is not valid there"));
            }
            let key = key[..].try_into().ok().and_then(|key| VerifyingKey::from_bytes(key).ok());
            let signature = Signature::from_slice(signature).ok();
            let is_right = key.zip(signature).is_some_and(|(key, made)| key.verify_strict(&message, &made).is_ok());
            if !is_right {
                return Err(format!("the signature of `{signer}` is not one of this entry"));
            }
        }
        Ok(entry.signatures.len() as u64)
    }

    /// Checks the note of a checkpoint: it says size and root of its entry, and is signed with the log's key. Whether the tree has
    /// that root is for others to find out.
    pub fn check_note(&self, claim: &CheckpointClaim) -> Result<(), String> {
        let note = Note::parse(&claim.note).map_err(|_| "the note of the checkpoint is no signed note")?;
        if self.origin.as_ref().is_none_or(|origin| *origin != note.origin) {
            return Err("the checkpoint is of another book".to_owned());
        }
        if (note.size, note.root) != (claim.size, claim.root) {
            return Err("the note of the checkpoint says another size or root than its entry".to_owned());
        }
        let Some((_, key)) = self.log_keys.last() else {
            return Err("the checkpoint was signed before the log had a key".to_owned());
        };
        match note.signed_with(key) {
            NoteSigned::Valid => Ok(()),
            NoteSigned::Wrong => Err("the signature of the checkpoint is not one of its note".to_owned()),
            NoteSigned::Missing => Err("the checkpoint is not signed with the key of the log".to_owned()),
        }
    }

    /// The book's origin; `None` if its first entry was not read.
    pub fn origin(&self) -> Option<&str> {
        self.origin.as_deref()
    }

    /// The log's key that was valid at a size.
    pub fn log_key_at(&self, size: u64) -> Option<[u8; 32]> {
        self.log_keys.iter().rfind(|(position, _)| *position < size).map(|(_, key)| *key)
    }

    fn is_log_key(&self, key: &[u8]) -> bool {
        self.log_keys.last().is_some_and(|(_, valid)| valid[..] == *key)
    }

    fn replaces_log_key(&self, signature: &EntrySignature) -> bool {
        let is_recovery =
            self.recovery.iter().any(|(name, key)| *name == signature.signer && key[..] == signature.key[..]);
        is_recovery || (signature.signer == LOG_SIGNER && self.is_log_key(&signature.key))
    }
}

/// The name and the 32 bytes of `NAME+HASH+BASE64`.
pub fn parse(text: &str) -> Option<(String, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = BASE64.decode(key.as_bytes()).ok()?;
    let hash = Sha256::new().chain_update(name.as_bytes()).chain_update(b"\n").chain_update(&key).finalize();
    let is_whole = key.first() == Some(&1) && HEXLOWER.encode(&hash[..4]) == id;
    let key: [u8; 32] = key.get(1..)?.try_into().ok()?;
    is_whole.then(|| (name.to_owned(), key))
}
