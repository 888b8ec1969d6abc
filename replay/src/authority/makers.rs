//! Who closed a month, and who recorded adjustments that its close posted: they are asked for when somebody approves or pays it.

use std::collections::BTreeSet;

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Adjustment, Body, EntryRef, Nature, Payload, PolicyRole, Posting, Record, Reference};
use ledger::hash::hash_entry;
use ledger::id::Name;
use ledger::money::Money;
use projections::knowledge::Knowledge;
use projections::position::Position;
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

/// Who recorded an adjustment that a close posted, and who recorded, corrected, withdrew or restored one that it knew and the close
/// before it did not.
fn adjusters(book: &Book, closed: &ClosedPeriod) -> Result<BTreeSet<Name>, BookError> {
    let (state, mut entries) = (&book.state, BTreeSet::new());
    let mut keep = |line: &Posting| {
        if let (Nature::Adjustment, ItemKey::Fact(id)) = (line.nature, &line.item) {
            entries.extend(state.knowledge.position_of(*id));
        }
    };
    book.entries(u64::from(closed.first), u64::from(closed.position), |entry, _| match &entry.payload {
        Payload::Record(Record::Earning(earning)) => keep(&earning.line),
        Payload::Record(Record::Reversal(reversal)) => keep(&reversal.line),
        Payload::Record(_) | Payload::Fact(_) => {}
    })?;
    let before = state.posted.closes.iter().rev().find(|other| other.position < closed.position);
    let new = before.map_or(0, |before| before.close.known)..closed.close.known;
    let facts = state.knowledge.facts().filter(|known| new.contains(&u64::from(known.position)));
    let about = facts.filter(|known| !adjustments_behind(&state.knowledge, known.position).is_empty());
    entries.extend(about.map(|known| known.position));
    let mut names = BTreeSet::new();
    for position in entries {
        names.extend(recorded_by(&book.entry(u64::from(position))?));
    }
    Ok(names)
}

/// The adjustments that come into force or go out of it with the entry at a position: it is one, or retracts one, and those that it
/// replaced. None if it is about something else.
pub(crate) fn adjustments_behind(knowledge: &Knowledge, position: Position) -> Vec<&Adjustment> {
    let mut fact = position;
    while let Some(Body::Retraction(retraction)) = knowledge.fact_at(fact).map(|known| &known.fact.body) {
        let Reference::Id(id) = retraction.retracts else { break };
        let Some(below) = knowledge.position_of(id) else { break };
        fact = below;
    }
    let (mut found, mut next) = (Vec::new(), vec![fact]);
    while let Some(position) = next.pop() {
        let Some(Body::Adjustment(adjustment)) = knowledge.fact_at(position).map(|known| &known.fact.body) else {
            continue;
        };
        found.push(adjustment);
        let replaced = knowledge.ended_facts().filter(|known| known.validity.replaced_by.contains(&position));
        next.extend(replaced.map(|known| known.position));
    }
    found
}
