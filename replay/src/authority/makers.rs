//! Who closed a month, and who recorded adjustments that its close posted: they are asked for when somebody approves or pays it.

use std::collections::{BTreeMap, BTreeSet};

use ledger::date::Month;
use ledger::entry::Entry;
use ledger::exact::{Exact, Rounding};
use ledger::fact::item_key::ItemKey;
use ledger::fact::{Adjustment, Body, EntryRef, Nature, Payload, PolicyRole, Posting, Record, Reference};
use ledger::hash::hash_entry;
use ledger::id::Name;
use ledger::log::Log;
use ledger::money::{Currency, Money};
use projections::knowledge::Knowledge;
use projections::position::Position;
use projections::posted_state::ClosedPeriod;

use crate::authority::check::Act;
use crate::book::Book;
use crate::error::BookError;
use crate::state::State;

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
    act_of(&book.log, &book.state, role, amounts, periods)
}

/// An act as [`act_on`] returns it, by the state of a log that may be an earlier one.
pub(crate) fn act_of(
    log: &Log,
    state: &State,
    role: PolicyRole,
    amounts: Vec<Money>,
    periods: BTreeSet<Month>,
) -> Result<Act, BookError> {
    let mut act = Act::of(role, amounts);
    let Some(set) = state.authority.policy() else { return Ok(act) };
    let asks_for_makers = set.policy.rules.iter().any(|rule| rule.kind == role && rule.not.is_some());
    for closed in periods.into_iter().filter_map(|period| state.closed(period)) {
        act.closers.extend(recorded_by(&entry_at(log, u64::from(closed.position))?));
        if asks_for_makers {
            act.makers.extend(adjusters(log, state, closed)?);
        }
    }
    act.makers.extend(act.closers.iter().cloned());
    Ok(act)
}

/// Who recorded an adjustment that a close posted, and who recorded, corrected, withdrew or restored one that it knew and the close
/// before it did not.
fn adjusters(log: &Log, state: &State, closed: &ClosedPeriod) -> Result<BTreeSet<Name>, BookError> {
    let mut entries = BTreeSet::new();
    let mut keep = |line: &Posting| {
        if let (Nature::Adjustment, ItemKey::Fact(id)) = (line.nature, &line.item) {
            entries.extend(state.knowledge.position_of(*id));
        }
    };
    let mut frames = log.frames(u64::from(closed.first));
    while let Some(frame) = frames.next()?.filter(|frame| frame.header.first < u64::from(closed.position)) {
        for (position, bytes) in frame.entries().filter(|(at, _)| *at >= u64::from(closed.first)) {
            match &decoded(position, bytes)?.payload {
                Payload::Record(Record::Earning(earning)) => keep(&earning.line),
                Payload::Record(Record::Reversal(reversal)) => keep(&reversal.line),
                Payload::Record(_) | Payload::Fact(_) => {}
            }
        }
    }
    let before = state.posted.closes.iter().rev().find(|other| other.position < closed.position);
    let new = before.map_or(0, |before| before.close.known)..closed.close.known;
    let facts = state.knowledge.facts().filter(|known| new.contains(&u64::from(known.position)));
    let about = facts.filter(|known| !adjustments_behind(&state.knowledge, known.position).is_empty());
    entries.extend(about.map(|known| known.position));
    let mut names = BTreeSet::new();
    for position in entries {
        names.extend(recorded_by(&entry_at(log, u64::from(position))?));
    }
    Ok(names)
}

fn entry_at(log: &Log, position: u64) -> Result<Entry, BookError> {
    decoded(position, &log.entry(position)?)
}

fn decoded(position: u64, bytes: &[u8]) -> Result<Entry, BookError> {
    Entry::get(bytes).map_err(|source| BookError::Unreadable { position, source })
}

/// What a fact adjusts, for the policy: in each currency the largest amount that is or was in force, and the change. Empty if it is about
/// no adjustment.
pub(crate) fn adjusted_amounts(knowledge: &Knowledge, body: &Body, replaces: &[u64]) -> Vec<Money> {
    let mut amounts: Vec<Money> = Vec::new();
    for position in replaces {
        for adjustment in adjustments_behind(knowledge, *position as Position) {
            if let Body::Adjustment(later) = body
                && later.currency == adjustment.currency
            {
                amounts.push(size(&(later.amount.exact() - adjustment.amount.exact()), later.currency));
            }
            amounts.push(size(&adjustment.amount.exact(), adjustment.currency));
        }
    }
    if let Body::Adjustment(adjustment) = body {
        amounts.push(size(&adjustment.amount.exact(), adjustment.currency));
    }
    let mut largest: BTreeMap<Currency, Money> = BTreeMap::new();
    for amount in amounts {
        let known = largest.entry(amount.currency).or_insert(amount);
        *known = amount.max(*known);
    }
    largest.into_values().collect()
}

/// The size of an amount, up or down.
fn size(amount: &Exact, currency: Currency) -> Money {
    let size = if amount.is_negative() { -amount.clone() } else { amount.clone() };
    Money::round(&size, currency, Rounding::HalfUp).expect("an amount of a fact fits")
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
