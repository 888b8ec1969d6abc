//! Amounts in another currency, at a rate of exactly 1 on all days, give the same figures.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::history::{History, Step, drawn, originals, same, ways};

#[test]
fn a_currency_at_the_rate_of_one_comes_to_the_same() {
    let mut expressed = 0;
    for original in originals() {
        for way in 0..ways() {
            let mut exchange = Exchange::new(&original.history, way);
            let history = exchange.apply(&original.history);
            expressed += exchange.expressed;
            same(&history, &original.figures, &history.figures());
        }
    }
    assert!(expressed >= 300, "only {expressed} facts were expressed in another currency");
}

/// Some contracts' bookings, some contracts' usage and some signals go from the most used currency into one that is new.
struct Exchange {
    salt: String,
    from: String,
    into: &'static str,
    expressed: usize,
}

impl Exchange {
    fn new(history: &History, way: u64) -> Exchange {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        history
            .facts()
            .filter_map(|fact| fact["currency"].as_str())
            .for_each(|currency| *counts.entry(currency).or_default() += 1);
        let plans: String = history.plans().map(|plan| plan["currency"].to_string()).collect();
        let is_new = |currency: &&str| !counts.contains_key(*currency) && !plans.contains(*currency);
        let into = ["CHF", "KWD", "KRW", "SEK"].into_iter().find(is_new).expect("not all are used");
        let from = counts.iter().max_by_key(|(_, count)| **count).map_or("USD", |(currency, _)| currency);
        Exchange { salt: format!("{} {way}", history.name), from: from.to_owned(), into, expressed: 0 }
    }

    fn apply(&mut self, history: &History) -> History {
        let rate = |from: &str, into: &str| json!({ "fact": "exchange-rate", "at": "1990-01-01", "from": from, "to": into, "rate": "1" });
        let rates = Step::Record(vec![rate(&self.from, self.into), rate(self.into, &self.from)]);
        let mut history = history.with_facts(|fact| self.fact(fact));
        history.steps.insert(0, rates);
        history
    }

    fn fact(&mut self, fact: &Value) -> Vec<Value> {
        let kind = fact["fact"].as_str().expect("a kind");
        let of = match kind {
            "exchange-rate" => return self.rates(fact),
            "booking" | "usage-snapshot" => fact.get("contract").unwrap_or(&fact["account"]),
            "signal" => &fact["id"],
            _ => return vec![fact.clone()],
        };
        // The bookings of a contract have one currency, and so has its usage.
        let mut fact = fact.clone();
        if fact["currency"] == self.from && drawn(&[&self.salt, kind, &of.to_string()]).is_multiple_of(2) {
            fact["currency"] = json!(self.into);
            self.expressed += 1;
        }
        vec![fact]
    }

    /// What one of a currency is worth, one of the other is worth too.
    fn rates(&self, fact: &Value) -> Vec<Value> {
        assert!(fact.get("id").is_none(), "{fact} has an id, which its twin would need too");
        let mut facts = vec![fact.clone()];
        for side in ["from", "to"] {
            if fact[side] == self.from {
                let mut twin = fact.clone();
                twin[side] = json!(self.into);
                facts.push(twin);
            }
        }
        facts
    }
}
