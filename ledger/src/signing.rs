//! Ed25519 keys of people who sign entries, in the text forms of C2SP signed notes (docs/format.md, "Signatures").

pub mod note;

use std::fmt;

use data_encoding::BASE64;
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::field::{ByteString, Stored};
use crate::id::Name;
use crate::json::JsonWriter;
use crate::wire::{CborReader, CborWriter, Result as WireResult};

/// The number of the algorithm Ed25519, in C2SP signed notes and in the signatures of entries.
pub const ED25519: u8 = 1;
/// What the text of a private key begins with.
const PRIVATE: &str = "PRIVATE+KEY+";

/// A public key with its name. As text, which is also how it is stored: `NAME+HASH+BASE64` (C2SP vkey).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey {
    /// The key's name: no white space and no `+`.
    name: Name,
    bytes: [u8; 32],
}

/// A private key with its name. As text: `PRIVATE+KEY+NAME+HASH+BASE64`.
#[derive(Clone)]
pub struct PrivateKey {
    public: PublicKey,
    key: SigningKey,
}

/// Why a text is no key.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum KeyFault {
    /// Not of the form `NAME+HASH+BASE64`, with `PRIVATE+KEY+` in front of a private key.
    Form,
    /// A name that is empty, too long, or has white space or a `+`.
    Name,
    /// Of another algorithm than Ed25519.
    Algorithm,
    /// The hash is not that of the name and the key: part of it was changed or left out.
    Hash,
    /// The bytes are no point of the curve.
    Point,
}

/// Whether a text can be the name of a key: a name without white space and `+`.
pub fn key_name(text: &str) -> Option<Name> {
    Name::incoming(text).ok().filter(|name| !name.as_str().contains(|c: char| c.is_whitespace() || c == '+'))
}

/// The first four bytes of SHA-256(name, newline, algorithm, public key).
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let mut hash = Sha256::new();
    hash.update(name.as_bytes());
    hash.update([b'\n', ED25519]);
    hash.update(public);
    let hash = hash.finalize();
    [hash[0], hash[1], hash[2], hash[3]]
}

/// The parts of `NAME+HASH+BASE64`: a name, an id and the 32 bytes of a key.
fn parts(text: &str) -> Result<(Name, [u8; 4], [u8; 32]), KeyFault> {
    let (name, rest) = text.split_once('+').ok_or(KeyFault::Form)?;
    let (id, key) = rest.split_once('+').ok_or(KeyFault::Form)?;
    let name = key_name(name).ok_or(KeyFault::Name)?;
    let id = data_encoding::HEXLOWER.decode(id.as_bytes()).ok().and_then(|id| id.try_into().ok());
    let key = BASE64.decode(key.as_bytes()).map_err(|_| KeyFault::Form)?;
    let (algorithm, key) = key.split_first().ok_or(KeyFault::Form)?;
    if *algorithm != ED25519 {
        return Err(KeyFault::Algorithm);
    }
    Ok((name, id.ok_or(KeyFault::Form)?, key.try_into().map_err(|_| KeyFault::Form)?))
}

fn text_of(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let mut bytes = vec![ED25519];
    bytes.extend_from_slice(key);
    format!("{name}+{}+{}", data_encoding::HEXLOWER.encode(&id), BASE64.encode(&bytes))
}

/// The text of a public key under a name, which may be longer than that of a [`PublicKey`]: a log's key has its origin as its name.
pub fn vkey(name: &str, key: &[u8; 32]) -> String {
    text_of(name, key_id(name, key), key)
}

impl PublicKey {
    /// Reads the text of a key.
    pub fn parse(text: &str) -> Result<PublicKey, KeyFault> {
        let (name, id, bytes) = parts(text)?;
        if key_id(name.as_str(), &bytes) != id {
            return Err(KeyFault::Hash);
        }
        match VerifyingKey::from_bytes(&bytes) {
            Ok(key) if !key.is_weak() => Ok(PublicKey { name, bytes }),
            Ok(_) | Err(_) => Err(KeyFault::Point),
        }
    }

    /// The key's own name, which need not be that of its author.
    pub fn name(&self) -> &Name {
        &self.name
    }

    /// The 32 bytes of the key.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }

    /// Whether this is the signature of a message by this key.
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        let Ok(key) = VerifyingKey::from_bytes(&self.bytes) else { return false };
        let signature = ed25519_dalek::Signature::from_slice(signature);
        signature.is_ok_and(|signature| key.verify_strict(message, &signature).is_ok())
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&vkey(self.name.as_str(), &self.bytes))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Stored for PublicKey {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.text(&self.to_string());
    }
    fn get(reader: &mut CborReader<'_>) -> WireResult<Self> {
        match PublicKey::parse(reader.text()?) {
            Ok(key) => Ok(key),
            Err(_) => reader.wrong("a public key expected"),
        }
    }
    fn show(&self, out: &mut JsonWriter) {
        out.text(self);
    }
}

impl PrivateKey {
    /// A key with this name, made of 32 random bytes.
    pub fn new(name: Name, secret: [u8; 32]) -> PrivateKey {
        let key = SigningKey::from_bytes(&secret);
        PrivateKey { public: PublicKey { name, bytes: key.verifying_key().to_bytes() }, key }
    }

    /// Reads the text of a key.
    pub fn parse(text: &str) -> Result<PrivateKey, KeyFault> {
        let (name, id, secret) = parts(text.strip_prefix(PRIVATE).ok_or(KeyFault::Form)?)?;
        let key = PrivateKey::new(name, secret);
        if key_id(key.public.name.as_str(), &key.public.bytes) == id { Ok(key) } else { Err(KeyFault::Hash) }
    }

    /// The text of the key, which whoever has it can sign with.
    pub fn secret_text(&self) -> String {
        let id = key_id(self.public.name.as_str(), &self.public.bytes);
        format!("{PRIVATE}{}", text_of(self.public.name.as_str(), id, &self.key.to_bytes()))
    }

    /// The public key that belongs to it.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// The signature of a message: 64 bytes.
    pub fn sign(&self, message: &[u8]) -> ByteString {
        ByteString(self.key.sign(message).to_bytes().to_vec())
    }
}

/// A secret is not printed, not even by accident.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public", &self.public).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(name: &str) -> PrivateKey {
        PrivateKey::new(key_name(name).expect("a name"), [7; 32])
    }

    #[test]
    fn texts_of_keys_come_back() {
        let key = key("example.com/cfo");
        let again = PrivateKey::parse(&key.secret_text()).expect("a key");
        assert_eq!(again.secret_text(), key.secret_text());
        assert_eq!(PublicKey::parse(&key.public().to_string()).as_ref(), Ok(key.public()));
        assert!(!format!("{key:?}").contains(&BASE64.encode(&[7; 32])));
    }

    /// The example of the documentation of Go's golang.org/x/mod/sumdb/note.
    #[test]
    fn a_key_of_another_program_is_read() {
        let text = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let key = PublicKey::parse(text).expect("a key");
        assert_eq!((key.name().as_str(), key.to_string().as_str()), ("PeterNeumann", text));
        let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
        assert_eq!(PrivateKey::parse(secret).expect("a key").public(), &key);
    }

    #[test]
    fn what_was_changed_is_no_key() {
        let text = key("cfo").public().to_string();
        let fault = |text: &str| PublicKey::parse(text).expect_err("no key");
        assert_eq!(fault(&text.replace("cfo", "ceo")), KeyFault::Hash);
        assert_eq!(fault(&text[..text.len() - 4]), KeyFault::Form);
        assert_eq!(fault("cfo"), KeyFault::Form);
        assert_eq!(fault(&text.replacen("cfo", "c o", 1)), KeyFault::Name);
        assert_eq!(fault("cfo+00000000+AgAA"), KeyFault::Algorithm);
        assert_eq!(PrivateKey::parse(&text).expect_err("a public key"), KeyFault::Form);
        for name in ["", "a b", "a+b", "a\u{a0}b"] {
            assert_eq!(key_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn a_signature_is_of_one_message_and_one_key() {
        let (one, other) = (key("cfo"), PrivateKey::new(key_name("cfo").expect("a name"), [8; 32]));
        let signature = one.sign(b"message");
        assert!(one.public().verifies(b"message", &signature.0));
        assert!(!one.public().verifies(b"massage", &signature.0));
        assert!(!other.public().verifies(b"message", &signature.0));
        assert!(!one.public().verifies(b"message", &signature.0[..63]));
    }
}
