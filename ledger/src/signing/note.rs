//! Checkpoints of a log as C2SP signed notes: origin, size and root, and a signature under the origin (docs/format.md, "Checkpoints").

use data_encoding::BASE64;

use crate::signing::{PrivateKey, key_id};

/// A checkpoint that is signed with the log's key: the lines of origin, size and root, an empty line, and a line for the signature. The
/// name of the key in the note is the origin, whatever the key is called in its file.
pub fn signed_checkpoint(origin: &str, size: u64, root: &[u8; 32], key: &PrivateKey) -> String {
    let body = format!("{origin}\n{size}\n{}\n", BASE64.encode(root));
    let mut signature = key_id(origin, key.public().bytes()).to_vec();
    signature.extend_from_slice(&key.sign(body.as_bytes()).0);
    format!("{body}\n\u{2014} {origin} {}\n", BASE64.encode(&signature))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signing::{key_name, vkey};

    #[test]
    fn a_checkpoint_has_three_lines_and_a_signature_of_them() {
        let key = PrivateKey::new(key_name("log").expect("a name"), [7; 32]);
        let note = signed_checkpoint("trueup.example/acme/1", 12, &[9; 32], &key);
        let (body, signatures) = note.split_once("\n\n").expect("an empty line");
        assert_eq!(body, "trueup.example/acme/1\n12\nCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=");
        let signature = signatures.strip_prefix("\u{2014} trueup.example/acme/1 ").expect("a name");
        let signature = BASE64.decode(signature.trim_end().as_bytes()).expect("base64");
        assert!(key.public().verifies(format!("{body}\n").as_bytes(), &signature[4..]));
        let id = data_encoding::HEXLOWER.encode(&signature[..4]);
        let vkey = vkey("trueup.example/acme/1", key.public().bytes());
        assert!(vkey.starts_with(&format!("trueup.example/acme/1+{id}+")), "{vkey}");
    }
}
