//! Personal fields.

/// A personal field as stored.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Personal {
    Clear(String),
    Sealed { key: [u8; 16], nonce: [u8; 24], ciphertext: Vec<u8> },
}
