//! The signatures of entries, against the keys that are valid where they are made. From the page, not from the writer.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use ed25519_dalek::{Signature, VerifyingKey};
use sha2::{Digest, Sha256};

use super::entry::{CheckedEntry, EntrySignature};

/// What a signed message begins with.
const MESSAGE: &[u8] = b"trueup/entry-signature/1\n";
const ED25519: u64 = 1;

/// The keys that are valid, and the UUID of the book, which every message has.
#[derive(Default)]
pub struct ValidKeys {
    book: [u8; 16],
    authors: BTreeMap<String, [u8; 32]>,
    recovery: Vec<(String, [u8; 32])>,
}

impl ValidKeys {
    /// Takes what an entry says about the book, an author or recovery keys. Fails on a text that is no key.
    pub fn learn(&mut self, entry: &CheckedEntry) -> Result<(), String> {
        if let Some(book) = entry.book {
            self.book = book;
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
            if !is_author && !is_recovery() {
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
}

/// The name and the 32 bytes of `NAME+HASH+BASE64`.
fn parse(text: &str) -> Option<(String, [u8; 32])> {
    let (name, rest) = text.split_once('+')?;
    let (id, key) = rest.split_once('+')?;
    let key = BASE64.decode(key.as_bytes()).ok()?;
    let hash = Sha256::new().chain_update(name.as_bytes()).chain_update(b"\n").chain_update(&key).finalize();
    let is_whole = key.first() == Some(&1) && HEXLOWER.encode(&hash[..4]) == id;
    let key: [u8; 32] = key.get(1..)?.try_into().ok()?;
    is_whole.then(|| (name.to_owned(), key))
}
