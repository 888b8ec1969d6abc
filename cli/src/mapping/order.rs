//! The order in which facts go in, whatever the rows' order: accounts and payees, assignments, bookings, the rest; each
//! by date.

use std::collections::HashMap;

use ledger::date::Day;
use ledger::fact::Body;

use crate::mapping::make::Fact;

pub fn in_order(facts: &mut [Fact]) {
    // A booking that is sent twice with another date stays in the rows' order: what comes later corrects.
    let mut first: HashMap<(&str, String), Option<Day>> = HashMap::new();
    facts.sort_by_key(|fact| (fact.rows[0].source, fact.rows[0].start));
    for fact in facts.iter_mut() {
        let Some(id) = fact.id.take() else { continue };
        fact.day = *first.entry((fact.kind.word, id)).or_insert(fact.day);
    }
    // What has no date, a retraction, comes last.
    let day = |fact: &Fact| (fact.day.is_none(), fact.day);
    let kind = |fact: &Fact| Body::WORDS.iter().position(|word| *word == fact.kind.word);
    facts.sort_by_key(|fact| (fact.kind.turn, day(fact), kind(fact)));
}
