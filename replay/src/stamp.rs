//! The time, author and random bytes of an append, which the command line passes in, and the writer of entries that uses them.

use ledger::entry::{Entry, FACT_BYTES_MAX, recorded_text};
use ledger::fact::{Fact, Payload, Record, Signature, derived_id};
use ledger::field::ByteString;
use ledger::id::Name;
use ledger::keyring::BookSecret;
use ledger::log::{Append, Committed, Log, LogError};
use ledger::seal::{PersonKey, Seed};
use ledger::signing::{ED25519, PrivateKey, PublicKey};
use projections::authority::Authority;
use uuid::Uuid;

use crate::error::BookError;

/// The time, author and random bytes of one append.
pub struct Stamp {
    /// Microseconds since 1970 in UTC.
    pub now: u64,
    /// The author of the entries, as configured; the user where none is. Entries that are signed have the first signer as their
    /// author then.
    pub author: String,
    /// The user name of the operating system.
    pub user: String,
    /// Salts and nonces are derived from it.
    pub seed: Seed,
    /// New keys and ids are derived from it. It must differ from `seed`, because the log shows the nonces.
    pub secret: Seed,
    /// The keys that sign the entries; none signs nothing.
    pub signing: Vec<PrivateKey>,
}

/// The keys that sign the entries of an append, with the names of their owners, and the UUID of the book.
#[derive(Debug, Default)]
pub struct Signers<'k> {
    book: Uuid,
    keys: Vec<(Name, &'k PrivateKey)>,
}

impl<'k> Signers<'k> {
    /// The owners of a stamp's keys: authors whose key is valid, and recovery keys of the policy in force, which sign with their own
    /// names. Fails on a key that is neither.
    pub fn of(stamp: &'k Stamp, book: Uuid, authority: &Authority) -> Result<Signers<'k>, BookError> {
        Signers::owners(stamp, book, |public| owner(public, authority))
    }

    /// The owners of the keys that sign another key for the log: those that sign anything, and the log's own key.
    pub fn of_log_key(stamp: &'k Stamp, book: Uuid, authority: &Authority) -> Result<Signers<'k>, BookError> {
        let log_key = authority.log_key().map(|known| known.key);
        Signers::owners(stamp, book, |public| match owner(public, authority) {
            None if log_key == Some(*public.bytes()) => Name::new(LOG_SIGNER),
            owner => owner,
        })
    }

    fn owners(
        stamp: &'k Stamp,
        book: Uuid,
        owner: impl Fn(&PublicKey) -> Option<Name>,
    ) -> Result<Signers<'k>, BookError> {
        let mut keys: Vec<(Name, &PrivateKey)> = Vec::new();
        for key in &stamp.signing {
            let public = key.public();
            let name = owner(public).ok_or_else(|| BookError::SignerUnknown { key: public.clone() })?;
            if !keys.iter().any(|(_, known)| known.public().bytes() == public.bytes()) {
                keys.push((name, key));
            }
        }
        Ok(Signers { book, keys })
    }

    /// The author of entries that these keys sign. Fails if another author is named than one of the signers.
    fn author_of(&self, stamp: &Stamp) -> Result<String, BookError> {
        let Some((first, key)) = self.keys.first() else { return Ok(stamp.author.clone()) };
        let is_signer = self.keys.iter().any(|(name, _)| name.as_str() == stamp.author);
        if is_signer {
            return Ok(stamp.author.clone());
        }
        if stamp.author != stamp.user {
            let (author, signer) = (stamp.author.clone(), first.clone());
            return Err(BookError::AuthorNotSigner { author, signer, key: key.public().clone() });
        }
        Ok(first.to_string())
    }

    /// Signs an entry. Lines, draws and settlements are not signed: the digest in the signed end of their close covers them.
    fn sign(&self, entry: &mut Entry) {
        if self.keys.is_empty() || is_covered(&entry.payload) {
            return;
        }
        let message = entry.signed_message(self.book);
        let signature = |(signer, key): &(Name, &PrivateKey)| Signature {
            signer: signer.clone(),
            algorithm: u16::from(ED25519),
            key: ByteString(key.public().bytes().to_vec()),
            signature: key.sign(&message),
        };
        entry.signatures = self.keys.iter().map(signature).collect();
    }
}

/// The name with which the log's own key signs the entry of the key that takes its place (docs/format.md, "Checkpoints").
const LOG_SIGNER: &str = "log";

/// The author whose valid key it is, or the name of a recovery key of the policy in force.
fn owner(public: &PublicKey, authority: &Authority) -> Option<Name> {
    let is_recovery = || authority.policy().is_some_and(|set| set.policy.recovery.contains(public));
    match authority.author_of(public.bytes()) {
        Some(author) => Some(author.clone()),
        None => is_recovery().then(|| public.name().clone()),
    }
}

/// Whether the end of a close covers an entry of it.
fn is_covered(payload: &Payload) -> bool {
    matches!(
        payload,
        Payload::Record(
            Record::Earning(_)
                | Record::Reversal(_)
                | Record::Draw(_)
                | Record::Settlement(_)
                | Record::OpeningLine(_)
                | Record::Withheld(_)
        )
    )
}

/// A clock that is more microseconds than this after the last entry must be wrong: twenty years.
const AHEAD_MAX: u64 = 20 * 365 * 24 * 60 * 60 * 1_000_000;
/// 2200-01-01, in microseconds since 1970. A later clock must be wrong, also for a new book.
const NOW_MAX: u64 = 7_258_118_400_000_000;

/// Refuses a clock that is far ahead. Recorded times never decrease, so one wrong entry would set the time of all later ones.
fn check_clock(now: u64, last: u64) -> Result<(), BookError> {
    let last_text = match last {
        _ if now >= NOW_MAX => "no entry is made from 2200 on".to_owned(),
        0 => return Ok(()),
        last if now > last.saturating_add(AHEAD_MAX) => {
            format!("the last entry was recorded {}", recorded_text(last))
        }
        _ => return Ok(()),
    };
    Err(BookError::Clock { now: recorded_text(now), last: last_text })
}

/// The numbers for deriving bytes from `secret`. Each is used once in an append; the keys of persons count up from 0.
const BOOK_ID: u64 = u64::MAX;
const BOOK_SECRET: u64 = u64::MAX - 1;

impl Stamp {
    /// A random UUIDv4 for a new book. Each call returns the same one.
    pub fn uuid(&self) -> Uuid {
        let mut bytes = [0; 16];
        self.secret.salt(BOOK_ID).fill(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    }

    /// A new secret for the book with this id.
    pub fn book_secret(&self, book: [u8; 16]) -> BookSecret {
        let mut secret = [0; 32];
        self.secret.salt(BOOK_SECRET).fill(&mut secret);
        BookSecret { book, secret }
    }

    /// The key of the `index`-th new person of this append, counted from 0.
    pub fn person_key(&self, index: u64) -> PersonKey {
        let mut bytes = [0; 48];
        self.secret.salt(index).fill(&mut bytes);
        let (id, secret) = bytes.split_at(16);
        PersonKey { id: id.try_into().expect("16 bytes"), secret: secret.try_into().expect("32 bytes") }
    }
}

/// Writes the entries of one append.
pub struct Scribe<'a> {
    append: Append<'a>,
    stamp: &'a Stamp,
    signers: Signers<'a>,
    /// Author and user.
    origin: (String, String),
    recorded: u64,
    behind: bool,
    buffer: Vec<u8>,
    scratch: Vec<u8>,
}

impl<'a> Scribe<'a> {
    /// Begins an append. `last` is the recorded time of the last entry, in microseconds since 1970. Recorded times never decrease: if
    /// the clock is behind, entries get that time and a mark. `expected` is the size that the log must have, if it is given.
    ///
    /// Fails if the clock is so far ahead that it must be wrong, if the log has another size, or if it cannot be written.
    pub fn begin(
        log: &'a mut Log,
        (stamp, signers): (&'a Stamp, Signers<'a>),
        last: u64,
        expected: Option<u64>,
    ) -> Result<Scribe<'a>, BookError> {
        check_clock(stamp.now, last)?;
        let author = signers.author_of(stamp)?;
        let append = log.begin(expected)?.made_at(stamp.now);
        let (recorded, behind) = (stamp.now.max(last), stamp.now < last);
        Ok(Scribe {
            append,
            stamp,
            signers,
            origin: (author, stamp.user.clone()),
            recorded,
            behind,
            buffer: Vec::with_capacity(1024),
            scratch: Vec::with_capacity(1024),
        })
    }

    /// An append that is never written: what it would hold can be folded, and nothing of it can be committed. Its first entry gets the
    /// position `first`.
    pub fn rehearse(log: &'a mut Log, stamp: &'a Stamp, last: u64, first: u64) -> Scribe<'a> {
        Scribe {
            append: log.rehearse(first),
            stamp,
            signers: Signers::default(),
            origin: (stamp.author.clone(), stamp.user.clone()),
            recorded: stamp.now.max(last),
            behind: stamp.now < last,
            buffer: Vec::with_capacity(1024),
            scratch: Vec::with_capacity(1024),
        }
    }

    /// The position of the next entry.
    pub fn next_position(&self) -> u64 {
        self.append.next_position()
    }

    /// Writes the entry of a fact, and returns it. Returns `None`, and writes nothing, if it is too long. Fails if the log cannot be
    /// written.
    pub fn fact(&mut self, fact: Fact, id: Uuid, replaces: Vec<u64>) -> Result<Option<Entry>, LogError> {
        let entry = self.encode(Payload::Fact(fact), id, replaces);
        if self.buffer.len() > FACT_BYTES_MAX {
            return Ok(None);
        }
        self.append.push(&self.buffer)?;
        Ok(Some(entry))
    }

    /// The recorded time of the entries, in microseconds since 1970.
    pub fn recorded(&self) -> u64 {
        self.recorded
    }

    /// Writes the entry of a fact without returning it, which is faster. Returns false, and writes nothing, if it is too long. Fails if
    /// the log cannot be written.
    pub fn row(&mut self, fact: Fact, id: Uuid) -> Result<bool, LogError> {
        let origin = std::mem::take(&mut self.origin);
        let entry = self.encode_from(origin, Payload::Fact(fact), id, Vec::new());
        self.origin = (entry.author, entry.user);
        let fits = self.buffer.len() <= FACT_BYTES_MAX;
        if fits {
            self.append.push(&self.buffer)?;
        }
        Ok(fits)
    }

    /// Makes the next entry, and puts its bytes into the buffer.
    fn encode(&mut self, payload: Payload, id: Uuid, replaces: Vec<u64>) -> Entry {
        self.encode_from(self.origin.clone(), payload, id, replaces)
    }

    fn encode_from(
        &mut self,
        (author, user): (String, String),
        payload: Payload,
        id: Uuid,
        replaces: Vec<u64>,
    ) -> Entry {
        let position = self.append.next_position();
        let mut entry = Entry {
            position,
            recorded: self.recorded,
            behind: self.behind,
            author,
            user,
            id,
            payload,
            replaces,
            request: None,
            signatures: Vec::new(),
        };
        self.signers.sign(&mut entry);
        self.buffer.clear();
        entry.put(&mut self.buffer, |salt| self.stamp.seed.salt(position).fill(salt));
        entry
    }

    /// Writes the entry of a record of the ledger itself, and returns it. Its id is derived from its content and position. Fails if the
    /// log cannot be written.
    pub fn record(&mut self, record: Record) -> Result<Entry, LogError> {
        let position = self.append.next_position();
        let mut content = Vec::new();
        record.content(&mut content);
        let id = derived_id(&content, &[], position, &mut self.scratch);
        let entry = self.encode(Payload::Record(record), id, Vec::new());
        self.append.push(&self.buffer)?;
        Ok(entry)
    }

    /// Commits the append: its entries are on disk and acknowledged. Fails if the log cannot be written; then the append is dropped
    /// when the book is opened again.
    pub fn commit(self) -> Result<Committed, LogError> {
        self.append.commit()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_refused_one_microsecond_above_its_limits() {
        let last = 1_800_000_000_000_000;
        for now in [0, last - 1, last, last + AHEAD_MAX] {
            assert!(check_clock(now, last).is_ok(), "{now}");
        }
        assert!(matches!(check_clock(last + AHEAD_MAX + 1, last), Err(BookError::Clock { .. })));
        assert!(check_clock(NOW_MAX - 1, 0).is_ok());
        assert!(matches!(check_clock(NOW_MAX, 0), Err(BookError::Clock { .. })));
        assert_eq!(recorded_text(NOW_MAX), "2200-01-01T00:00:00.000000Z");
    }
}
