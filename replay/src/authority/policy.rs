//! Sets the policy. A change is judged by the policy in force before it, the first one by those whom it names.

use std::collections::BTreeSet;

use ledger::date::Day;
use ledger::fact::{MoneyOf, PolicyRecord, PolicyRole, PolicyRule, Record};
use ledger::id::Name;
use projections::authority::{Authority, has_role};

use crate::authority::check::{Act, must_be_allowed, with_role};
use crate::authority::refusal::{AuthorityError, AuthorityRefusal, PolicyFault};
use crate::book::Book;
use crate::stamp::Stamp;

/// How many people have to be able to change the policy, and sign the first one.
const PEOPLE_MIN: usize = 2;
/// Without somebody for each of these roles nothing could be paid any more.
const NEEDED: [PolicyRole; 3] = [PolicyRole::Close, PolicyRole::Approve, PolicyRole::Pay];
const DAY_MICROS: u64 = 24 * 60 * 60 * 1_000_000;

/// A policy that was set.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicySet {
    /// The position of its entry.
    pub position: u64,
    /// The size of the log afterwards.
    pub size: u64,
    /// Whether it is the book's first.
    pub order: PolicyOrder,
}

/// Whether a policy takes the place of another one.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PolicyOrder {
    /// It is the first of the book.
    First,
    /// It takes the place of an earlier one.
    Later,
}

/// Sets the policy, in force from its entry on.
///
/// Refused with everything that is wrong with it, and if those who sign may not change the policy: by the policy in force, or, of the
/// first one, if two of those who may change it do not sign.
pub fn set_policy(book: &mut Book, policy: PolicyRecord, stamp: &Stamp) -> Result<PolicySet, AuthorityError> {
    let authority = book.state.authority();
    let mut faults = faults(&policy, authority, stamp);
    let order = if authority.policy().is_some() { PolicyOrder::Later } else { PolicyOrder::First };
    match order {
        PolicyOrder::Later if faults.is_empty() => {
            must_be_allowed(&book.state, stamp, &Act::of(PolicyRole::Policy, Vec::new()))?;
        }
        PolicyOrder::Later => {}
        PolicyOrder::First => {
            let author = |key: &ledger::signing::PrivateKey| authority.author_of(key.public().bytes());
            let signed: BTreeSet<&Name> = stamp.signing.iter().filter_map(author).collect();
            let able = signed.into_iter().filter(|name| has_role(&policy, name, PolicyRole::Policy));
            let signed: Vec<Name> = able.cloned().collect();
            if signed.len() < PEOPLE_MIN {
                faults.push(PolicyFault::FirstNotSigned { signed });
            }
        }
    }
    if !faults.is_empty() {
        return Err(AuthorityRefusal::Policy(faults).into());
    }
    let position = book.size();
    let size = book.append(vec![Record::Policy(policy)], stamp)?;
    Ok(PolicySet { position, size, order })
}

/// Everything that is wrong with a policy, whoever signs it.
fn faults(policy: &PolicyRecord, authority: &Authority, stamp: &Stamp) -> Vec<PolicyFault> {
    let mut faults = Vec::new();
    let today = i64::try_from(stamp.now / DAY_MICROS).ok().and_then(Day::from_number).unwrap_or(Day::LAST);
    // A day more: where the day begins earlier than in UTC, it may be tomorrow already.
    if policy.at > today.plus_days(1) {
        faults.push(PolicyFault::Ahead { at: policy.at, today });
    }
    let mut named = BTreeSet::new();
    for grant in &policy.roles {
        let author = grant.author.clone();
        if authority.key_of(&author).is_none() {
            faults.push(PolicyFault::NoKey { author });
        } else if !named.insert(&grant.author) {
            faults.push(PolicyFault::NamedTwice { author });
        }
    }
    let have_it = with_role(policy, PolicyRole::Policy);
    if have_it.len() < PEOPLE_MIN {
        faults.push(PolicyFault::TooFewForPolicy { have_it });
    }
    let nobody = NEEDED.into_iter().filter(|role| with_role(policy, *role).is_empty());
    faults.extend(nobody.map(|role| PolicyFault::NobodyHas { role }));
    for (rule, number) in policy.rules.iter().zip(1..) {
        faults.extend(rule_faults(policy, rule, number));
    }
    for key in &policy.recovery {
        let named = authority.key_of(key.name()).map(|_| key.name());
        if let Some(author) = authority.ever_author_of(key.bytes()).or(named) {
            faults.push(PolicyFault::RecoveryIsAuthor { key: key.clone(), author: author.clone() });
        }
        if authority.was_log_key(key.bytes()) {
            faults.push(PolicyFault::RecoveryIsLogKey { key: key.clone() });
        }
    }
    faults
}

/// Below 0, or finer than the minor unit.
fn is_no_amount(above: &MoneyOf) -> bool {
    above.amount.exact().is_negative() || above.amount.decimals() > above.currency.digits()
}

fn rule_faults(policy: &PolicyRecord, rule: &PolicyRule, number: usize) -> Vec<PolicyFault> {
    let mut faults = Vec::new();
    let have_it = with_role(policy, rule.kind);
    if rule.needs == 0 {
        faults.push(PolicyFault::NeedsNobody { number });
    } else if have_it.len() < usize::from(rule.needs) {
        faults.push(PolicyFault::TooFewForRule { number, rule: rule.clone(), have_it });
    }
    let is_about_a_close = matches!(rule.kind, PolicyRole::Approve | PolicyRole::Pay);
    if rule.not.is_some() && !is_about_a_close {
        faults.push(PolicyFault::NotIsNotMeant { number, role: rule.kind });
    }
    let has_amount = match rule.kind {
        PolicyRole::Close | PolicyRole::Approve | PolicyRole::Pay | PolicyRole::Adjust | PolicyRole::Hold => true,
        PolicyRole::Record | PolicyRole::Publish | PolicyRole::Policy | PolicyRole::Administrate => false,
    };
    if let Some(above) = rule.above.as_ref().filter(|above| !has_amount || is_no_amount(above)) {
        faults.push(PolicyFault::AboveIsNotMeant { number, above: above.clone() });
    }
    faults
}
