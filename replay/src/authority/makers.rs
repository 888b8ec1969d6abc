//! Who closed a month, and who recorded adjustments that its close posted: they are asked for when somebody approves or pays it.

use std::collections::BTreeSet;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, EntryRef, Nature, Payload, PolicyRole, Posting, Record, Reference, Retraction};
use ledger::hash::hash_entry;
use ledger::id::Name;
use ledger::money::Money;
use projections::posted_state::ClosedPeriod;

use crate::authority::check::Act;
use crate::book::Book;
use crate::error::BookError;

/// The entry at a position, by which another one names it. Fails if it cannot be read.
pub(crate) fn entry_ref(book: &Book, position: u64) -> Result<EntryRef, BookError> {
    let bytes = book.log.entry(position)?;
    Ok(EntryRef { position, hash: hash_entry(&bytes).0 })
}

/// Who recorded an entry: those who signed it, or, if nobody did, the author that it names.
pub fn recorded_by(entry: &Entry) -> BTreeSet<Name> {
    if entry.signatures.is_empty() {
        return Name::new(&entry.author).into_iter().collect();
    }
    entry.signatures.iter().map(|signature| signature.signer.clone()).collect()
}

/// An act on what some closes made payable. Without a policy nobody is looked up. Fails if the log cannot be read.
pub(crate) fn act_on(
    book: &Book,
    role: PolicyRole,
    amounts: Vec<Money>,
    periods: BTreeSet<Month>,
) -> Result<Act, BookError> {
    let mut act = Act::of(role, amounts);
    let Some(set) = book.state.authority.policy() else { return Ok(act) };
    let asks_for_makers = set.policy.rules.iter().any(|rule| rule.kind == role && rule.not.is_some());
    for closed in periods.into_iter().filter_map(|period| book.state.closed(period)) {
        act.closers.extend(recorded_by(&book.entry(u64::from(closed.position))?));
        if asks_for_makers {
            act.makers.extend(adjusters(book, closed)?);
        }
    }
    act.makers.extend(act.closers.iter().cloned());
    Ok(act)
}

/// Who recorded the adjustments that a close posted.
fn adjusters(book: &Book, closed: &ClosedPeriod) -> Result<BTreeSet<Name>, BookError> {
    let mut facts = BTreeSet::new();
    let mut keep = |line: &Posting| {
        if let (Nature::Adjustment, ItemKey::Fact(id)) = (line.nature, &line.item) {
            facts.extend(book.state.knowledge.position_of(*id));
        }
    };
    book.entries(u64::from(closed.first), u64::from(closed.position), |entry, _| match &entry.payload {
        Payload::Record(Record::Earning(earning)) => keep(&earning.line),
        Payload::Record(Record::Reversal(reversal)) => keep(&reversal.line),
        Payload::Record(_) | Payload::Fact(_) => {}
    })?;
    // Whoever withdrew one, or restored one that was withdrawn. A retraction is later than what it retracts.
    for known in book.state.knowledge.facts() {
        if let Body::Retraction(Retraction { retracts: Reference::Id(id), .. }) = &known.fact.body
            && book.state.knowledge.position_of(*id).is_some_and(|retracted| facts.contains(&retracted))
        {
            facts.insert(known.position);
        }
    }
    let mut names = BTreeSet::new();
    for position in facts {
        names.extend(recorded_by(&book.entry(u64::from(position))?));
    }
    Ok(names)
}
