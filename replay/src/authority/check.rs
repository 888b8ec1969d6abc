//! Whether the signatures under an act are enough, by the policy in force.

use std::collections::BTreeSet;

use ledger::fact::{NotWho, PolicyRecord, PolicyRole, PolicyRule};
use ledger::id::Name;
use ledger::money::Money;
use ledger::signing::PrivateKey;
use projections::authority::has_role;
use projections::lines::money;

use crate::authority::refusal::AuthorityRefusal;
use crate::stamp::Stamp;
use crate::state::State;

/// What somebody wants to do.
#[derive(Debug)]
pub struct Act {
    /// The role that it needs.
    pub role: PolicyRole,
    /// What it is about, in each currency; nothing where it is about no amount.
    pub amounts: Vec<Money>,
    /// Who closed what it acts on.
    pub closers: BTreeSet<Name>,
    /// Who closed it, or recorded an adjustment that was posted with it.
    pub makers: BTreeSet<Name>,
}

impl Act {
    /// An act on something that nobody closed.
    pub fn of(role: PolicyRole, amounts: Vec<Money>) -> Act {
        Act { role, amounts, closers: BTreeSet::new(), makers: BTreeSet::new() }
    }
}

/// The roles whose acts always need a signature under a policy. Of the others only a rule asks for one.
fn is_always_signed(role: PolicyRole) -> bool {
    match role {
        PolicyRole::Close | PolicyRole::Approve | PolicyRole::Pay => true,
        PolicyRole::Adjust | PolicyRole::Hold | PolicyRole::Policy | PolicyRole::Administrate => true,
        PolicyRole::Record | PolicyRole::Publish => false,
    }
}

/// Refuses an act that the policy in force does not allow to those who sign it. Without a policy everything is allowed.
pub fn must_be_allowed(state: &State, stamp: &Stamp, act: &Act) -> Result<(), AuthorityRefusal> {
    let Some(set) = state.authority.policy() else { return Ok(()) };
    let policy = &set.policy;
    let mut signed: BTreeSet<Name> = BTreeSet::new();
    for key in stamp.signing.iter().map(PrivateKey::public) {
        match state.authority.author_of(key.bytes()) {
            Some(author) => drop(signed.insert(author.clone())),
            None if policy.recovery.contains(key) => {}
            None => return Err(AuthorityRefusal::SignerUnknown { key: key.clone() }),
        }
    }
    must_be_signed(policy, &signed, act)
}

/// Refuses an act that a policy does not allow to these authors.
pub(crate) fn must_be_signed(
    policy: &PolicyRecord,
    signed: &BTreeSet<Name>,
    act: &Act,
) -> Result<(), AuthorityRefusal> {
    let able: BTreeSet<Name> = signed.iter().filter(|name| has_role(policy, name, act.role)).cloned().collect();
    let rules = policy.rules.iter().zip(1..).filter(|(rule, _)| rule.kind == act.role && is_meant(rule, act));
    let rules: Vec<(&PolicyRule, usize)> = rules.collect();
    if able.is_empty() && (is_always_signed(act.role) || !rules.is_empty()) {
        let (signed, have_it) = (signed.iter().cloned().collect(), with_role(policy, act.role));
        return Err(AuthorityRefusal::RoleMissing { role: act.role, signed, have_it });
    }
    // Nobody approves what they closed themselves, whatever the rules say.
    let closed_it: BTreeSet<Name> = able.intersection(&act.closers).cloned().collect();
    if act.role == PolicyRole::Approve && closed_it == able {
        let signed = closed_it.into_iter().collect();
        return Err(AuthorityRefusal::Excluded { role: act.role, not: NotWho::Closer, signed });
    }
    for (rule, number) in rules {
        let is_excluded = |name: &&Name| match rule.not {
            Some(NotWho::Maker) => act.makers.contains(*name) || act.closers.contains(*name),
            Some(NotWho::Closer) => act.closers.contains(*name),
            None => act.role == PolicyRole::Approve && act.closers.contains(*name),
        };
        let (excluded, counted): (Vec<&Name>, Vec<&Name>) = able.iter().partition(is_excluded);
        if counted.len() < usize::from(rule.needs) {
            let [counted, excluded] = [counted, excluded].map(|names| names.into_iter().cloned().collect());
            let others = with_role(policy, act.role).into_iter();
            let others = others.filter(|name| !signed.contains(name) && !is_excluded(&name)).collect();
            return Err(AuthorityRefusal::TooFewSigned { number, rule: rule.clone(), counted, excluded, others });
        }
    }
    Ok(())
}

/// Whether a rule is about an act of this size.
fn is_meant(rule: &PolicyRule, act: &Act) -> bool {
    let is_above = |above: Money| act.amounts.iter().any(|amount| amount.currency == above.currency && *amount > above);
    rule.above.as_ref().is_none_or(|above| is_above(money(above.amount, above.currency)))
}

/// The authors to whom a policy gives a role.
pub(super) fn with_role(policy: &PolicyRecord, role: PolicyRole) -> Vec<Name> {
    let grants = policy.roles.iter().filter(|grant| grant.roles.contains(&role));
    grants.map(|grant| grant.author.clone()).collect()
}
