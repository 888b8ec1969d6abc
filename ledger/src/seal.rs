//! Personal fields: encrypted with a key of the person's own before they are hashed, so that destroying the key erases the person.
//!
//! XChaCha20-Poly1305, with the key's id as associated data: a ciphertext cannot be passed off under another person's
//! key. Randomness is an argument: keys come from the edge, nonces and salts from the append's one seed.

use std::fmt;

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305};

/// A personal field as it is stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Personal {
    /// Not sealed: as it was sent, or opened.
    Clear(String),
    /// Sealed with the key of a person.
    Sealed {
        /// The id of the key.
        key: [u8; 16],
        /// The nonce.
        nonce: [u8; 24],
        /// The sealed bytes.
        ciphertext: Vec<u8>,
    },
}

/// The key that seals all personal fields of one person. Whoever destroys it erases them.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonKey {
    /// Names the key in what it sealed.
    pub id: [u8; 16],
    /// The secret itself.
    pub secret: [u8; 32],
}

impl Personal {
    /// The field sealed. A nonce is used once: see `Seed::nonce`.
    pub fn seal(plain: &str, key: &PersonKey, nonce: [u8; 24]) -> Personal {
        let payload = Payload { msg: plain.as_bytes(), aad: &key.id };
        let ciphertext = key.cipher().encrypt(&nonce.into(), payload);
        let ciphertext = ciphertext.expect("BUG: a personal field of more than 256 GiB");
        Personal::Sealed { key: key.id, nonce, ciphertext }
    }

    /// The text, if it is in clear or this is its key. `None` for another key and for bytes that were changed.
    pub fn open(&self, key: &PersonKey) -> Option<String> {
        match self {
            Personal::Clear(text) => Some(text.clone()),
            Personal::Sealed { key: id, .. } if *id != key.id => None,
            Personal::Sealed { nonce, ciphertext, .. } => {
                let payload = Payload { msg: ciphertext, aad: &key.id };
                let plain = key.cipher().decrypt(&(*nonce).into(), payload).ok()?;
                String::from_utf8(plain).ok()
            }
        }
    }
}

impl PersonKey {
    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&self.secret.into())
    }
}

/// A secret is not printed, not even by accident.
impl fmt::Debug for PersonKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PersonKey").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The random bytes of one append, from which its salts and nonces follow. Never used for a second append.
#[derive(Clone)]
pub struct Seed(pub [u8; 32]);

impl Seed {
    /// The salt of the entry at this position: as many bytes as are read.
    pub fn salt(&self, position: u64) -> blake3::OutputReader {
        self.derive(Purpose::Salt, position, 0)
    }

    /// The nonce of one personal field of the entry at this position.
    pub fn nonce(&self, position: u64, field_number: u32) -> [u8; 24] {
        let mut nonce = [0; 24];
        self.derive(Purpose::Nonce, position, field_number).fill(&mut nonce);
        nonce
    }

    /// BLAKE3 keyed with the seed, over 13 bytes that are different for each use.
    fn derive(&self, purpose: Purpose, position: u64, field_number: u32) -> blake3::OutputReader {
        let mut input = [0; 13];
        input[0] = purpose as u8;
        input[1..9].copy_from_slice(&position.to_be_bytes());
        input[9..].copy_from_slice(&field_number.to_be_bytes());
        blake3::Hasher::new_keyed(&self.0).update(&input).finalize_xof()
    }
}

#[derive(Clone, Copy)]
enum Purpose {
    Salt = 0,
    Nonce = 1,
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn key(byte: u8) -> PersonKey {
        PersonKey { id: [byte; 16], secret: [byte ^ 0x55; 32] }
    }

    #[test]
    fn what_was_sealed_opens_with_its_key_only() {
        for text in ["", "Ada", "Zoë Müller", &"long ".repeat(2000)] {
            let sealed = Personal::seal(text, &key(1), [7; 24]);
            assert_eq!(sealed.open(&key(1)).as_deref(), Some(text));
            assert_eq!(sealed.open(&key(2)), None);
            let impostor = PersonKey { id: key(1).id, secret: key(2).secret };
            assert_eq!(sealed.open(&impostor), None);
        }
        assert_eq!(Personal::Clear("Ada".into()).open(&key(3)).as_deref(), Some("Ada"));
    }

    #[test]
    fn every_changed_byte_is_noticed() {
        let Personal::Sealed { key: id, nonce, ciphertext } = Personal::seal("Ada", &key(1), [7; 24]) else {
            panic!("sealing seals");
        };
        assert_eq!(ciphertext.len(), 3 + 16);
        for at in 0..ciphertext.len() {
            let mut changed = ciphertext.clone();
            changed[at] ^= 1;
            assert_eq!(Personal::Sealed { key: id, nonce, ciphertext: changed }.open(&key(1)), None);
        }
        // A field moved under another person's key id, with the secret that it was sealed with.
        let moved = PersonKey { id: key(2).id, secret: key(1).secret };
        assert_eq!(Personal::Sealed { key: moved.id, nonce, ciphertext }.open(&moved), None);
    }

    /// From draft-irtf-cfrg-xchacha-03, A.3.1, without its associated data: the first bytes of the keystream are enough
    /// to know that this is the cipher that others mean by the name.
    #[test]
    fn the_cipher_is_the_one_of_the_draft() {
        let key = PersonKey { id: [0; 16], secret: std::array::from_fn(|i| 0x80 + i as u8) };
        let nonce = std::array::from_fn(|i| 0x40 + i as u8);
        let text = "Ladies and Gentlemen of the class of '99";
        let Personal::Sealed { ciphertext, .. } = Personal::seal(text, &key, nonce) else {
            panic!("sealing seals");
        };
        let expected = [0xbd, 0x6d, 0x17, 0x9d, 0x3e, 0x83, 0xd4, 0x3b, 0x95, 0x76, 0x57, 0x94, 0x93, 0xc0, 0xe9, 0x39];
        assert_eq!(ciphertext[..16], expected);
    }

    #[test]
    fn salts_and_nonces_differ_by_seed_position_field_and_purpose() {
        let mut seen = BTreeSet::new();
        for seed in [Seed([1; 32]), Seed([2; 32])] {
            for position in [0, 1, 256, u64::MAX] {
                let mut salt = [0; 24];
                seed.salt(position).fill(&mut salt);
                assert!(seen.insert(salt));
                for field in 0..4 {
                    assert!(seen.insert(seed.nonce(position, field)));
                }
            }
        }
    }

    #[test]
    fn a_key_is_printed_without_its_secret() {
        let printed = format!("{:?}", PersonKey { id: [1; 16], secret: [222; 32] });
        assert!(!printed.contains("222"), "{printed}");
    }
}
