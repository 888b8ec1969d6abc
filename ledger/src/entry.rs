//! An entry as bytes: one deterministic CBOR array, salted to whole 64-byte blocks (log.md, docs/format.md).

use uuid::Uuid;

use crate::fact::{Payload, Signature};
use crate::field::Stored;
use crate::id::Name;
use crate::json;
use crate::wire::{CborReader, CborWriter, Result};

/// One stored entry of the log.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Entry {
    /// From 0, without gaps.
    pub position: u64,
    /// Microseconds since 1970 in UTC, never decreasing.
    pub recorded: u64,
    /// The clock was behind the entry before, whose time was taken.
    pub behind: bool,
    /// Who recorded it, as the caller says.
    pub author: String,
    /// The operating system's user.
    pub user: String,
    /// The fact's own id, or the one derived from its content (facts.md).
    pub id: Uuid,
    /// The fact or record.
    pub payload: Payload,
    /// Positions of the entries whose place this one takes, ascending.
    pub replaces: Vec<u64>,
    /// The id of the request that recorded it, where the caller gave one: a request that is sent twice is recorded once.
    /// Nothing writes one yet.
    pub request: Option<Name>,
    /// Signatures over everything before them (docs/format.md, "Signatures").
    pub signatures: Vec<Signature>,
}

/// What a signed message begins with. It says what is signed, so that a signature of something else is never one of an entry.
const SIGNED: &[u8] = b"trueup/entry-signature/1\n";

/// What comes first in an entry, read without decoding the rest: enough to pass over it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct EntryPrefix {
    /// From 0, without gaps.
    pub position: u64,
    /// The id of the fact or record.
    pub id: Uuid,
    /// The kind's code (fact.rs).
    pub code: u64,
}

impl EntryPrefix {
    /// Reads the start of an entry. Fails if the bytes up to the kind are not those of an entry.
    pub fn get(bytes: &[u8]) -> Result<EntryPrefix> {
        let mut reader = CborReader::new(bytes);
        reader.array()?;
        let position = reader.uint()?;
        reader.uint()?;
        reader.bool()?;
        reader.text()?;
        reader.text()?;
        Ok(EntryPrefix { position, id: reader.uuid()?, code: reader.uint()? })
    }
}

/// How many parts the array has, the salt among them.
const PARTS: usize = 12;
/// Entries are whole blocks of so many bytes.
pub const BLOCK: usize = 64;
const SALT_MIN: usize = 16;
/// The longest that [`salt_size`] amounts to.
const SALT_MAX: usize = 87;
/// Facts are small; only the ledger's own records may be long (log.md).
pub const FACT_BYTES_MAX: usize = 8 * 1024;

impl Entry {
    /// Appends the entry's bytes to `buffer`; `salt` fills what makes it whole blocks.
    pub fn put(&self, buffer: &mut Vec<u8>, salt: impl FnOnce(&mut [u8])) {
        let start = buffer.len();
        let mut writer = CborWriter { buffer };
        writer.array(PARTS);
        self.put_signed_parts(&mut writer);
        self.signatures.put(&mut writer);
        let size = salt_size(buffer.len() - start);
        let mut bytes = [0; SALT_MAX];
        salt(&mut bytes[..size]);
        CborWriter { buffer }.bytes(&bytes[..size]);
        debug_assert_eq!((buffer.len() - start) % BLOCK, 0);
    }

    /// The message that signatures of the entry are over, in the book with this UUID: all parts before the signatures.
    pub fn signed_message(&self, book: Uuid) -> Vec<u8> {
        let mut buffer = SIGNED.to_vec();
        buffer.extend_from_slice(book.as_bytes());
        self.put_signed_parts(&mut CborWriter { buffer: &mut buffer });
        buffer
    }

    fn put_signed_parts(&self, writer: &mut CborWriter<'_>) {
        writer.uint(self.position);
        writer.uint(self.recorded);
        writer.bool(self.behind);
        writer.text(&self.author);
        writer.text(&self.user);
        writer.uuid(self.id);
        writer.uint(self.payload.code());
        self.payload.put(writer);
        writer.array(self.replaces.len());
        self.replaces.iter().for_each(|position| writer.uint(*position));
        self.request.put(writer);
    }

    /// Reads an entry; what is accepted is what [`Entry::put`] would have written.
    pub fn get(bytes: &[u8]) -> Result<Entry> {
        let mut reader = CborReader::new(bytes);
        let entry = Entry::get_parts(&mut reader)?;
        let expected = salt_size(reader.at());
        if reader.bytes()?.len() != expected {
            return reader.wrong(format!("a salt of {expected} bytes expected"));
        }
        reader.end()?;
        Ok(entry)
    }

    fn get_parts(reader: &mut CborReader<'_>) -> Result<Entry> {
        if reader.array()? != PARTS {
            return reader.wrong(format!("an entry of {PARTS} parts expected"));
        }
        let (position, recorded, behind) = (reader.uint()?, reader.uint()?, reader.bool()?);
        let (author, user, id) = (reader.text()?.to_owned(), reader.text()?.to_owned(), reader.uuid()?);
        let code = reader.uint()?;
        let payload = Payload::get(code, reader)?;
        let replaces: Vec<u64> = Stored::get(reader)?;
        if !replaces.is_sorted_by(|a, b| a < b) || replaces.last().is_some_and(|last| *last >= position) {
            return reader.wrong("positions that are replaced are out of order");
        }
        let request = if reader.null() { None } else { Some(Name::get(reader)?) };
        let signatures = Stored::get(reader)?;
        Ok(Entry { position, recorded, behind, author, user, id, payload, replaces, request, signatures })
    }

    /// The entry as `log --format json` shows it.
    pub fn show(&self, out: &mut json::JsonWriter, hash: &[u8; 32]) {
        self.show_with(out, hash, |_| {});
    }

    /// Writes the entry as [`Entry::show`] does, with more members behind its own.
    pub fn show_with(&self, out: &mut json::JsonWriter, hash: &[u8; 32], more: impl FnOnce(&mut json::JsonWriter)) {
        out.object(|out| {
            out.name("position").number(self.position);
            out.name("recorded").text(recorded_text(self.recorded));
            if self.behind {
                out.name("behind").bool(true);
            }
            out.name("author").text(&self.author);
            out.name("user").text(&self.user);
            out.name("id").text(self.id);
            hash.show(out.name("hash"));
            out.name("kind").text(self.payload.word());
            if !self.replaces.is_empty() {
                self.replaces.show(out.name("replaces"));
            }
            if let Some(request) = &self.request {
                request.show(out.name("request"));
            }
            if !self.signatures.is_empty() {
                self.signatures.show(out.name("signatures"));
            }
            let name = if matches!(self.payload, Payload::Fact(_)) { "fact" } else { "record" };
            out.name(name).object(|out| match &self.payload {
                Payload::Fact(fact) => fact.show(out),
                Payload::Record(record) => record.show(out),
            });
            more(out);
        });
    }
}

/// How long a salt makes `before` bytes, its own head included, whole blocks.
fn salt_size(before: usize) -> usize {
    (SALT_MIN..)
        .find(|size| (before + size + if *size < 24 { 1 } else { 2 }).is_multiple_of(BLOCK))
        .expect("of any 66 lengths in a row one fits")
}

/// The first half of the BLAKE3 hash, enough to find equal contents by.
pub fn digest(content: &[u8]) -> [u8; 16] {
    blake3::hash(content).as_bytes()[..16].try_into().expect("16 of 32 bytes")
}

/// UTC with microseconds: `2027-01-31T23:59:59.000000Z`.
pub fn recorded_text(micros: u64) -> String {
    let time = i64::try_from(micros).ok().and_then(chrono::DateTime::from_timestamp_micros);
    time.map_or_else(|| format!("{micros} us"), |time| time.format("%Y-%m-%dT%H:%M:%S%.6fZ").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Incoming;
    use crate::field::ByteString;
    use crate::line::FactLine;
    use proptest::prelude::*;

    fn fact(text: &str) -> Incoming {
        let incoming = Incoming::read(FactLine { file: "test", number: 1, text });
        incoming.expect("a fact")
    }

    fn entry(text: &str) -> Entry {
        let payload = Payload::Fact(fact(text).fact);
        let (author, user) = ("ana".to_owned(), "root".to_owned());
        Entry {
            position: 7,
            recorded: 1_800_000_000_000_000,
            behind: false,
            author,
            user,
            id: Uuid::from_u128(9),
            payload,
            replaces: vec![3],
            request: Name::new("r-1"),
            signatures: vec![Signature {
                signer: Name::new("cfo").expect("a name"),
                algorithm: 1,
                key: ByteString(vec![7; 32]),
                signature: ByteString(vec![9; 64]),
            }],
        }
    }

    const ALL_KINDS: [&str; 16] = [
        r#"{"fact":"payee","at":"2027-01-01","payee":"ana","name":"Ana B","manager":null,"recovery_cap":"50%","status":"left","attributes":{"grade":"7","x":null}}"#,
        r#"{"fact":"account","at":"2027-01-01","account":"acme","name":"Acme","segment":"enterprise","attributes":{"tier":"gold"}}"#,
        r#"{"fact":"assignment","at":"2027-01-01","until":"2027-12-31","payee":"ana","plan":"land","quota":{"new":"1500000","b":"1"},"rates":{"new":"2.5%"},"target":"80000","ramp_from":"2026-12-01"}"#,
        r#"{"fact":"assignment-end","at":"2027-01-01","payee":"ana","plan":"land"}"#,
        r#"{"fact":"quota","at":"2027-01-01","payee":"ana","plan":"land","component":"new","amount":"5"}"#,
        r#"{"fact":"booking","at":"2027-01-01","booking":"B-1","account":"acme","contract":"c","motion":"new","product":"p","start":"2027-02-01","months":36,"arr":-1.5,"tcv":"4","amounts":{"acv":"3"},"currency":"EUR","credit":[{"payee":"ana","role":"overlay","percent":"100%"}],"attributes":{"a":"b"}}"#,
        r#"{"fact":"cancellation","at":"2027-01-01","booking":"B-1","reason":"gone"}"#,
        r#"{"fact":"usage-snapshot","account":"acme","contract":"c","meter":"m","from":"2027-01-01","to":"2027-01-31","amount":"20000.00","quantity":"1e3","currency":"USD","replaces":"overlapping","source":"s"}"#,
        r#"{"fact":"credit-split","at":"2027-01-01","on":{"account":"acme"},"shares":[]}"#,
        r#"{"fact":"signal","at":"2027-01-01","signal":"live","account":"a","contract":"c","booking":"b","payee":"p","value":"1","currency":"USD","note":"n"}"#,
        r#"{"fact":"exchange-rate","at":"2027-01-01","from":"EUR","to":"USD","rate":"1.0842"}"#,
        r#"{"fact":"opening-balance","at":"2027-01-01","payee":"ana","currency":"USD","owed":"1","draw":"2"}"#,
        r#"{"fact":"adjustment","at":"2027-01-01","payee":"ana","amount":"75.00","currency":"USD","reason":"goodwill","line":"x"}"#,
        r#"{"fact":"retraction","retracts":"00000000-0000-4000-8000-00000000aaaa","reason":"meter fault"}"#,
        r#"{"fact":"usage-complete","at":"2027-12-31","account":"acme","source":"meter"}"#,
        r#"{"fact":"credit-note","at":"2027-07-01","credit_note":"N-1","booking":"B-1","arr":"5","tcv":"6","amounts":{"acv":"1"},"reason":"refund"}"#,
    ];

    #[test]
    fn every_kind_comes_back_and_shows_what_was_sent() {
        for text in ALL_KINDS {
            let entry = entry(text);
            let mut bytes = Vec::new();
            entry.put(&mut bytes, |salt| salt.fill(7));
            assert_eq!(bytes.len() % BLOCK, 0);
            assert_eq!(Entry::get(&bytes).as_ref(), Ok(&entry), "{text}");
            let head = EntryPrefix { position: entry.position, id: entry.id, code: entry.payload.code() };
            assert_eq!(EntryPrefix::get(&bytes), Ok(head), "{text}");
            let Payload::Fact(stored) = &entry.payload else { panic!("a fact") };
            let mut out = json::JsonWriter::new();
            out.object(|out| stored.show(out));
            assert_eq!(&fact(&out.finish()).fact, stored, "{text}");
        }
    }

    /// Names that are refused today stay readable where a log holds them.
    #[test]
    fn names_of_older_logs_come_back() {
        for name in ["Cafe\u{301}", "ac\u{61c}me", "a\u{fe0f}", "\u{115f}x"] {
            let account = crate::id::AccountId::new(name).expect("a name that a log may hold");
            assert!(crate::id::AccountId::incoming(name).is_err());
            let mut entry = entry(ALL_KINDS[1]);
            let Payload::Fact(fact) = &mut entry.payload else { panic!("a fact") };
            let crate::fact::Body::Account(body) = &mut fact.body else { panic!("an account") };
            body.account = account;
            let mut bytes = Vec::new();
            entry.put(&mut bytes, |salt| salt.fill(7));
            assert_eq!(Entry::get(&bytes).as_ref(), Ok(&entry));
        }
    }

    #[test]
    fn every_kind_is_in_the_test() {
        for word in crate::fact::Body::WORDS {
            assert!(ALL_KINDS.iter().any(|text| text.contains(&format!("\"fact\":\"{word}\""))), "{word}");
        }
    }

    #[test]
    fn salts_fill_every_remainder() {
        for before in 0..200 {
            let size = salt_size(before);
            assert!((SALT_MIN..=SALT_MAX).contains(&size), "{before}: {size}");
        }
    }

    proptest! {
        /// Damaged bytes are refused or mean exactly what they say.
        #[test]
        fn what_is_accepted_is_what_would_have_been_written(kind in 0..ALL_KINDS.len(), at in any::<prop::sample::Index>(), bit in 0u8..8) {
            let mut bytes = Vec::new();
            entry(ALL_KINDS[kind]).put(&mut bytes, |salt| salt.fill(7));
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            if let Ok(entry) = Entry::get(&bytes) {
                let mut again = Vec::new();
                let salted = bytes.len();
                entry.put(&mut again, |salt| salt.copy_from_slice(&bytes[salted - salt.len()..]));
                prop_assert_eq!(again, bytes);
            }
        }
    }
}
