//! What a recording restates: each fact that takes the place of another one or retracts it, the values that differ, and the
//! sums of the old and the new amounts.

use std::collections::BTreeMap;

use ledger::exact::Exact;
use ledger::fact::{Body, FieldDifference, UsageSnapshot};
use ledger::field::Amount;
use ledger::money::Currency;
use projections::knowledge::Knowledge;
use projections::position::Position;
use projections::usage::KnownSnapshot;

use crate::record::versions::change::RestatementChange;
use crate::record::versions::withdrawal::Withdrawal;

/// How many restatements are kept where only the first ones are asked for.
pub const RESTATEMENTS_FIRST: usize = 20;
/// The most bytes of restatements that are kept where all are asked for. Further ones are counted and summed.
pub const RESTATEMENT_BYTES_MAX: usize = 64 << 20;

/// A fact that takes the place of others, or retracts another one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Restatement {
    /// How what holds changes.
    pub change: RestatementChange,
    /// The content of the fact; of a retraction, that of the fact that holds afterwards or, if none does, of the one that it
    /// withdraws.
    pub body: Body,
    /// The position of its entry.
    pub position: u64,
    /// The positions of the entries whose place it takes, ascending; of a retraction, what it retracts. A payee, an account or
    /// an assignment leaves them in force, but the values that differ do not count any more.
    pub replaces: Vec<Position>,
    /// The fields that differ. What is withdrawn has only old values, and what is restored only new ones.
    pub differences: Vec<FieldDifference>,
}

/// The sums of restated amounts of one kind and currency.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RestatedSum {
    /// The sum of the amounts that are replaced.
    pub old: Exact,
    /// The sum of the amounts that take their place.
    pub new: Exact,
}

/// The restatements of one recording.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Restatements {
    /// The restatements that were kept, in the order recorded.
    pub kept: Vec<Restatement>,
    /// How many more there are.
    pub more: u64,
    /// The sums of all of them, by kind and currency. Kinds without an amount of money have none. Of successive restatements of
    /// one fact in one recording, the first old and the last new amount count.
    pub sums: BTreeMap<(&'static str, Currency), RestatedSum>,
    bytes: usize,
    /// The positions of the entries that restate others, ascending: first and last position of each run.
    written: Vec<(Position, Position)>,
}

impl Restatements {
    /// How many facts take the place of others.
    pub fn count(&self) -> u64 {
        self.kept.len() as u64 + self.more
    }

    /// Adds the amounts of the fact at a position, and of those that it replaces, to the sums.
    pub(in crate::record) fn add_sums(
        &mut self,
        knowledge: &Knowledge,
        position: Position,
        body: &Body,
        replaces: &[Position],
    ) {
        for replaced in replaces {
            self.take_away(*replaced, body.word(), money_at(knowledge, *replaced));
        }
        self.add_new(position, body.word(), money_of(body));
    }

    /// Adds the amounts of what holds before and after the retraction at a position, of the entry at `retracted`, to the sums.
    pub(in crate::record) fn add_retracted_sums(
        &mut self,
        (position, retracted): (Position, Position),
        Withdrawal { old, new }: &Withdrawal,
    ) {
        if let Some(old) = old {
            self.take_away(retracted, old.word(), money_of(old));
        }
        let kind = new.as_ref().map_or("", Body::word);
        self.add_new(position, kind, new.as_ref().and_then(money_of));
    }

    /// Takes the amount of a replaced entry away: it is an old one, or the new one of an earlier restatement of this recording.
    fn take_away(&mut self, replaced: Position, kind: &'static str, money: Option<(Currency, Exact)>) {
        let Some((currency, amount)) = money else { return };
        let behind = self.written.partition_point(|(first, _)| *first <= replaced);
        let is_step = self.written[..behind].last().is_some_and(|(_, last)| replaced <= *last);
        let sum = self.sum(kind, currency);
        if is_step {
            sum.new = &sum.new - &amount;
        } else {
            sum.old = &sum.old + &amount;
        }
    }

    fn add_new(&mut self, position: Position, kind: &'static str, money: Option<(Currency, Exact)>) {
        match self.written.last_mut().filter(|(_, last)| position - *last == 1) {
            Some((_, last)) => *last = position,
            None => self.written.push((position, position)),
        }
        if let Some((currency, amount)) = money {
            let sum = self.sum(kind, currency);
            sum.new = &sum.new + &amount;
        }
    }

    fn sum(&mut self, kind: &'static str, currency: Currency) -> &mut RestatedSum {
        self.sums.entry((kind, currency)).or_insert(RestatedSum { old: Exact::ZERO, new: Exact::ZERO })
    }

    /// Keeps a restatement, or counts it if so many or so many bytes are kept already.
    pub(in crate::record) fn add(&mut self, most: usize, restatement: impl FnOnce() -> Restatement) {
        if self.kept.len() < most && self.bytes < RESTATEMENT_BYTES_MAX {
            let restatement = restatement();
            self.bytes += weight(&restatement);
            self.kept.push(restatement);
        } else {
            self.more += 1;
        }
    }
}

/// The approximate number of bytes that a restatement takes in memory. Texts of the fact that are not among the values that
/// differ are bounded by the size of a fact and mostly short.
fn weight(restatement: &Restatement) -> usize {
    let length = |text: &Option<String>| text.as_ref().map_or(0, String::len);
    let values = restatement.differences.iter().map(|one| size_of_val(one) + length(&one.old) + length(&one.new));
    size_of::<Restatement>() + size_of_val(&*restatement.replaces) + values.sum::<usize>()
}

/// The fields in which a fact differs from the ones at these positions, whose place it takes. `open` opens sealed texts.
pub(in crate::record) fn differences(
    knowledge: &Knowledge,
    body: &Body,
    replaces: &[Position],
    open: impl Fn(&Body) -> Body,
) -> Vec<FieldDifference> {
    if let Body::UsageSnapshot(usage) = body {
        return usage_differences(knowledge, usage, replaces);
    }
    let known = replaces.last().and_then(|position| knowledge.fact_at(*position));
    known.map(|known| open(&known.fact.body).differences(body)).unwrap_or_default()
}

/// Leaves the fields of which a fact takes the value of another that stays in force: payees, accounts and opening balances
/// say nothing about what they do not name.
pub(in crate::record) fn leave_contradictions(body: &Body, differences: &mut Vec<FieldDifference>) {
    if matches!(body, Body::Payee(_) | Body::Account(_) | Body::OpeningBalance(_)) {
        differences.retain(|one| one.old.is_some() && one.new.is_some());
    }
}

fn usage_differences(knowledge: &Knowledge, usage: &UsageSnapshot, replaces: &[Position]) -> Vec<FieldDifference> {
    let known: Vec<_> = replaces.iter().filter_map(|position| knowledge.snapshot_at(*position)).collect();
    let mut found = Vec::new();
    let quoted = |text: String| Some(format!("\"{text}\""));
    let mut differs = |field, old: Option<String>, new: Option<String>| {
        if old != new {
            found.push(FieldDifference { field, old, new });
        }
    };
    let sum = |of: fn(&KnownSnapshot) -> Option<&Exact>| {
        known
            .iter()
            .filter_map(|(_, snapshot)| of(snapshot))
            .fold(None, |sum: Option<Exact>, amount| Some(sum.map_or(amount.clone(), |sum| &sum + amount)))
    };
    let text = |amount: Option<Exact>| amount.and_then(|amount| quoted(amount.text()));
    let exact = |amount: Amount| amount.exact();
    if let [(run, snapshot)] = known[..].as_ref() {
        let contract = knowledge.contract(run.contract);
        differs("account", quoted(contract.account.to_string()), quoted(usage.account.to_string()));
        differs("contract", quoted(contract.id.to_string()), quoted(usage.contract().to_owned()));
        let meter = |name: &Option<ledger::id::Name>| name.as_ref().and_then(|name| quoted(name.to_string()));
        differs("meter", meter(&run.run.meter), meter(&usage.meter));
        differs("from", quoted(snapshot.from.to_string()), quoted(usage.from.to_string()));
        differs("to", quoted(snapshot.to.to_string()), quoted(usage.to.to_string()));
    }
    differs("amount", text(sum(|known| Some(&known.amount))), text(Some(exact(usage.amount))));
    differs("quantity", text(sum(|known| known.quantity.as_ref())), text(usage.quantity.map(exact)));
    if let Some((run, _)) = known.first() {
        differs("currency", quoted(run.currency.to_string()), quoted(usage.currency.to_string()));
    }
    found
}

/// The amount of money at a position.
fn money_at(knowledge: &Knowledge, position: Position) -> Option<(Currency, Exact)> {
    match knowledge.fact_at(position) {
        Some(known) => money_of(&known.fact.body),
        None => knowledge.snapshot_at(position).map(|(run, snapshot)| (run.currency, snapshot.amount)),
    }
}

/// The amount of money of a fact, for kinds that have one.
fn money_of(body: &Body) -> Option<(Currency, Exact)> {
    let (currency, amount) = match body {
        Body::UsageSnapshot(fact) => (fact.currency, fact.amount),
        Body::Booking(fact) => (fact.currency, fact.arr),
        Body::Adjustment(fact) => (fact.currency, fact.amount),
        Body::Signal(fact) => (fact.currency?, fact.value?),
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) | Body::Quota(_) => {
            return None;
        }
        Body::Cancellation(_) | Body::CreditNote(_) | Body::CreditSplit(_) | Body::ExchangeRate(_) => return None,
        Body::OpeningBalance(_) | Body::Retraction(_) | Body::UsageComplete(_) => return None,
    };
    Some((currency, amount.exact()))
}
