//! Why something is not allowed, and why an author or a policy is not recorded, as data.

use ledger::date::Day;
use ledger::fact::{MoneyOf, NotWho, PolicyRole, PolicyRule};
use ledger::id::Name;
use ledger::signing::PublicKey;

use crate::error::BookError;

/// Why something is not allowed or not recorded.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("not allowed: {self:?}")]
pub enum AuthorityRefusal {
    /// A key that signs is not valid: it is of nobody whom the book knows, or another one took its place.
    SignerUnknown {
        /// The public key.
        key: PublicKey,
    },
    /// Nobody who signed has the role that the policy asks for.
    RoleMissing {
        /// The role.
        role: PolicyRole,
        /// The authors who signed.
        signed: Vec<Name>,
        /// The authors who have the role.
        have_it: Vec<Name>,
    },
    /// Everybody who signed with the role is excluded, because of closing it or of recording an adjustment that it posts.
    Excluded {
        /// The role.
        role: PolicyRole,
        /// Who is excluded.
        not: NotWho,
        /// The authors who signed with the role, and are excluded.
        signed: Vec<Name>,
    },
    /// A rule of the policy asks for more people than signed.
    TooFewSigned {
        /// The number of the rule in the policy, from 1.
        number: usize,
        /// The rule.
        rule: PolicyRule,
        /// The authors who signed and count.
        counted: Vec<Name>,
        /// The authors who signed with the role and do not count.
        excluded: Vec<Name>,
        /// The authors who have the role and did not sign.
        others: Vec<Name>,
    },
    /// A new key for an author has to be signed with the old one or with a recovery key of the policy.
    KeyNotReplaced {
        /// The author.
        author: Name,
    },
    /// The key is or was an author's.
    KeyTaken {
        /// The author who has or had it.
        author: Name,
    },
    /// The key is a recovery key of the policy in force, which cannot be an author's too.
    KeyIsRecovery,
    /// The key is or was the log's own.
    KeyIsOfLog,
    /// The key was the log's, and another one took its place.
    LogKeyWasReplaced,
    /// A new key for the log has to be signed with the old one or with a recovery key of the policy.
    LogKeyNotReplaced {
        /// The log's key, as text.
        key: String,
    },
    /// The log has no key to sign checkpoints with.
    LogKeyMissing,
    /// A checkpoint would be signed with another key than the log's.
    NotTheLogKey {
        /// The log's key, as text.
        valid: String,
        /// The public key of the other one, as text.
        given: String,
    },
    /// A policy is refused, for all of these reasons.
    Policy(Vec<PolicyFault>),
}

/// What is wrong with a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyFault {
    /// It is dated ahead: a policy is in force as soon as it is recorded.
    Ahead {
        /// Its date.
        at: Day,
        /// The day on which it would be recorded.
        today: Day,
    },
    /// It names somebody who is no author of the book.
    NoKey {
        /// The name.
        author: Name,
    },
    /// It names an author more than once.
    NamedTwice {
        /// The author.
        author: Name,
    },
    /// Fewer than two people may change the policy.
    TooFewForPolicy {
        /// Those who may.
        have_it: Vec<Name>,
    },
    /// Fewer people have a role than a rule asks for.
    TooFewForRule {
        /// The number of the rule, from 1.
        number: usize,
        /// The rule.
        rule: PolicyRule,
        /// Those who have the role.
        have_it: Vec<Name>,
    },
    /// Nobody has a role without which nothing can be paid any more.
    NobodyHas {
        /// The role.
        role: PolicyRole,
    },
    /// A rule asks for nobody.
    NeedsNobody {
        /// The number of the rule, from 1.
        number: usize,
    },
    /// Who closed can be excluded from approving and paying only.
    NotIsNotMeant {
        /// The number of the rule, from 1.
        number: usize,
        /// The role of the rule.
        role: PolicyRole,
    },
    /// An amount that has no meaning for what the rule is about, or is below 0.
    AboveIsNotMeant {
        /// The number of the rule, from 1.
        number: usize,
        /// The amount.
        above: MoneyOf,
    },
    /// A recovery key is or was an author's.
    RecoveryIsAuthor {
        /// The key.
        key: PublicKey,
        /// The author.
        author: Name,
    },
    /// A recovery key is or was the log's own.
    RecoveryIsLogKey {
        /// The key.
        key: PublicKey,
    },
    /// The first policy has to be signed by two of those who may change it.
    FirstNotSigned {
        /// Those of them who signed.
        signed: Vec<Name>,
    },
}

/// Why an author or a policy was not recorded.
#[derive(Debug, thiserror::Error)]
pub enum AuthorityError {
    /// It is refused.
    #[error("refused: {0:?}")]
    Refused(AuthorityRefusal),
    /// A file cannot be read or written, or the book is damaged.
    #[error(transparent)]
    Book(#[from] BookError),
}

impl From<AuthorityRefusal> for AuthorityError {
    fn from(refusal: AuthorityRefusal) -> AuthorityError {
        AuthorityError::Refused(refusal)
    }
}
