//! Who may sign what: the authors with their keys, the policies, and the log with its own key (docs/format.md, "Signatures").

use std::collections::BTreeMap;

use ledger::fact::{AuthorRecord, CheckpointRecord, LogKeyRecord, Payload, PolicyRecord, PolicyRole, Record};
use ledger::id::Name;
use ledger::signing::PublicKey;

use crate::encoding::{Decoder, Encoder};
use crate::position::Position;

/// A key of an author.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct AuthorKey {
    /// The entry that names it. It is valid from there on, until a later entry names another.
    pub position: Position,
    /// The key.
    pub key: PublicKey,
}

/// A policy, and the entry that sets it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyInForce {
    /// The entry. The policy is in force after it.
    pub position: Position,
    /// What it says.
    pub policy: PolicyRecord,
}

/// A key of the log itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LogKeySince {
    /// The entry that names it. It is valid from there on, until a later entry names another.
    pub position: Position,
    /// The 32 bytes of the public key.
    pub key: [u8; 32],
}

/// A checkpoint, and the entry that has it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KeptCheckpoint {
    /// The entry.
    pub position: Position,
    /// What it says.
    pub checkpoint: CheckpointRecord,
}

/// The authors, policies and keys of the log of a book up to a size of its log.
#[derive(Clone, Debug, Default)]
pub struct Authority {
    /// All keys that each author ever had, the last one valid.
    authors: BTreeMap<Name, Vec<AuthorKey>>,
    policies: Vec<PolicyInForce>,
    /// All keys that the log ever had, the last one valid.
    log_keys: Vec<LogKeySince>,
    /// The last checkpoint.
    checkpoint: Option<KeptCheckpoint>,
}

impl Authority {
    /// Folds in a record. Records that say nothing about keys, policies or checkpoints change nothing.
    pub fn apply(&mut self, record: &Record, position: Position) {
        if let Record::Author(AuthorRecord { author, key }) = record {
            self.authors.entry(author.clone()).or_default().push(AuthorKey { position, key: key.clone() });
        }
        if let Record::Policy(policy) = record {
            self.policies.push(PolicyInForce { position, policy: policy.clone() });
        }
        if let Record::LogKey(LogKeyRecord { key }) = record {
            self.log_keys.push(LogKeySince { position, key: *key });
        }
        if let Record::Checkpoint(checkpoint) = record {
            self.checkpoint = Some(KeptCheckpoint { position, checkpoint: checkpoint.clone() });
        }
    }

    /// The authors in the order of their names, each with the keys in the order in which they were named.
    pub fn authors(&self) -> impl Iterator<Item = (&Name, &[AuthorKey])> {
        self.authors.iter().map(|(author, keys)| (author, keys.as_slice()))
    }

    /// The valid key of an author; `None` if there is no such author.
    pub fn key_of(&self, author: &Name) -> Option<&AuthorKey> {
        self.authors.get(author)?.last()
    }

    /// The author whose valid key has these bytes.
    pub fn author_of(&self, key: &[u8; 32]) -> Option<&Name> {
        let is_valid = |keys: &[AuthorKey]| keys.last().is_some_and(|last| last.key.bytes() == key);
        self.authors.iter().find(|(_, keys)| is_valid(keys)).map(|(author, _)| author)
    }

    /// The author who has or had a key with these bytes.
    pub fn ever_author_of(&self, key: &[u8; 32]) -> Option<&Name> {
        self.authors.iter().find(|(_, keys)| keys.iter().any(|known| known.key.bytes() == key)).map(|(name, _)| name)
    }

    /// The policy in force; `None` before the first.
    pub fn policy(&self) -> Option<&PolicyInForce> {
        self.policies.last()
    }

    /// The policies in the order in which they were set.
    pub fn policies(&self) -> &[PolicyInForce] {
        &self.policies
    }

    /// The valid key of the log; `None` if it has none yet.
    pub fn log_key(&self) -> Option<&LogKeySince> {
        self.log_keys.last()
    }

    /// The key of the log that was valid at a position.
    pub fn log_key_at(&self, position: Position) -> Option<&LogKeySince> {
        self.log_keys.iter().rfind(|known| known.position < position)
    }

    /// Whether the log has or had the key with these bytes.
    pub fn was_log_key(&self, key: &[u8; 32]) -> bool {
        self.log_keys.iter().any(|known| known.key == *key)
    }

    /// The last checkpoint.
    pub fn checkpoint(&self) -> Option<&KeptCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// Whether the policy in force gives an author a role. Without a policy nobody has one.
    pub fn has_role(&self, author: &Name, role: PolicyRole) -> bool {
        self.policy().is_some_and(|set| has_role(&set.policy, author, role))
    }

    /// Writes all of it.
    pub fn write(&self, out: &mut Encoder<'_>) {
        let authors = self.authors.iter().flat_map(|(author, keys)| keys.iter().map(move |key| (author, key)));
        let authors = authors.map(|(author, AuthorKey { position, key })| {
            (*position, Record::Author(AuthorRecord { author: author.clone(), key: key.clone() }))
        });
        let policies = self.policies.iter().map(|set| (set.position, Record::Policy(set.policy.clone())));
        let log_keys = self
            .log_keys
            .iter()
            .map(|LogKeySince { position, key }| (*position, Record::LogKey(LogKeyRecord { key: *key })));
        let checkpoint =
            self.checkpoint.iter().map(|kept| (kept.position, Record::Checkpoint(kept.checkpoint.clone())));
        let mut all: Vec<(Position, Record)> = authors.chain(policies).chain(log_keys).chain(checkpoint).collect();
        all.sort_by_key(|(position, _)| *position);
        out.column(all.iter().map(|(position, _)| *position));
        let content = |(_, record): &(Position, Record)| {
            let mut bytes = Vec::new();
            record.content(&mut bytes);
            bytes
        };
        let stored: Vec<Vec<u8>> = all.iter().map(content).collect();
        out.lists(stored.iter().map(Vec::as_slice));
    }

    /// Reads what [`Authority::write`] wrote. `None` if the bytes are not that.
    pub fn read(reader: &mut Decoder<'_>) -> Option<Authority> {
        let (mut positions, mut records) = (reader.column::<Position>()?, reader.texts()?);
        let mut authority = Authority::default();
        for _ in 0..records.len() {
            match Payload::whole(records.bytes()?) {
                Ok(Payload::Record(record)) if is_of_authority(&record) => {
                    authority.apply(&record, positions.next()?);
                }
                Ok(Payload::Record(_) | Payload::Fact(_)) | Err(_) => return None,
            }
        }
        Some(authority)
    }
}

/// Whether a record says something about keys, policies or checkpoints.
pub fn is_of_authority(record: &Record) -> bool {
    matches!(record, Record::Author(_) | Record::Policy(_) | Record::LogKey(_) | Record::Checkpoint(_))
}

/// Whether a policy gives an author a role.
pub fn has_role(policy: &PolicyRecord, author: &Name, role: PolicyRole) -> bool {
    policy.roles.iter().any(|grant| grant.author == *author && grant.roles.contains(&role))
}
