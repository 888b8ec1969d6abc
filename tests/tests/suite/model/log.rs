//! What was recorded, in its order, and which of it has effect (calculation.md 2, facts.md).

use serde_json::Value;

use super::calendar::Day;
use super::plan::Version;

#[derive(Clone)]
pub struct Entry {
    pub fact: Value,
    /// Positions of the entries whose place this one takes, or which it retracts.
    pub replaces: Vec<usize>,
}

#[derive(Clone, Default)]
pub struct Log {
    pub entries: Vec<Entry>,
    pub versions: Vec<Version>,
}

/// The text of a member, or nothing.
pub fn text<'a>(fact: &'a Value, name: &str) -> Option<&'a str> {
    fact.get(name).and_then(Value::as_str)
}

pub fn kind(fact: &Value) -> &str {
    text(fact, "fact").expect("a kind")
}

pub fn day(fact: &Value, name: &str) -> Option<Day> {
    text(fact, name).map(Day::parse)
}

/// A contract left out is the account's own id.
pub fn contract(fact: &Value) -> String {
    text(fact, "contract").or(text(fact, "account")).unwrap_or_default().to_owned()
}

/// The natural key as `log` prints it, of those kinds that the tests name by it or send again.
fn natural_key(fact: &Value) -> Option<String> {
    let of = |name: &str| text(fact, name).unwrap_or_default().to_owned();
    let parts = match kind(fact) {
        "booking" => return Some(format!("booking:{}", of("booking"))),
        "credit-note" => return Some(format!("credit-note:{}", of("credit_note"))),
        "assignment" => return Some(format!("assignment:{}/{}@{}", of("payee"), of("plan"), of("at"))),
        "cancellation" => vec![of("booking")],
        "usage-snapshot" => vec![of("account"), contract(fact), of("meter"), of("from"), of("to")],
        "quota" => vec![of("payee"), of("plan"), of("component"), of("at")],
        "credit-split" => vec![fact["on"].to_string(), of("at")],
        "exchange-rate" => vec![of("from"), of("to"), of("at")],
        "payee" => vec![of("payee"), of("at")],
        "account" => vec![of("account"), of("at")],
        "usage-complete" => vec![of("account"), of("at")],
        _ => return None,
    };
    Some(format!("{}|{}", kind(fact), parts.join("|")))
}

/// Whether a fact sent again under its key takes the old one's place without saying so.
fn takes_its_place(kind: &str) -> bool {
    matches!(kind, "usage-snapshot" | "quota" | "credit-split" | "exchange-rate" | "cancellation")
}

/// The fact without what makes no other fact of one that has a natural key.
fn content(fact: &Value) -> Value {
    let mut members = fact.as_object().expect("an object").clone();
    for name in ["id", "source", "note", "corrects", "replaces"] {
        members.remove(name);
    }
    if members.get("contract").is_some() && members.get("contract") == members.get("account") {
        members.remove("contract");
    }
    Value::Object(members)
}

impl Log {
    /// Appends a fact that was accepted; one that is known already records nothing.
    pub fn record(&mut self, fact: &Value) {
        let force = self.in_force();
        let same_key = |place: &usize| natural_key(&self.entries[*place].fact) == natural_key(fact);
        let keyed: Vec<usize> = match natural_key(fact) {
            Some(_) => force.iter().copied().filter(same_key).collect(),
            None => Vec::new(),
        };
        let known = keyed.iter().any(|place| content(&self.entries[*place].fact) == content(fact));
        let again = self.entries.iter().any(|entry| entry.fact.get("id").is_some() && entry.fact == *fact);
        if again || (known && !(fact.get("id").is_some() && fact.get("corrects").is_some())) {
            return;
        }
        let mut replaces = self.named(fact, &force, &keyed);
        if takes_its_place(kind(fact)) && replaces.is_empty() {
            replaces.extend(keyed);
        } else if kind(fact) == "usage-complete" {
            // A correction that gets the key of another fact takes the place of both.
            replaces.extend(keyed.into_iter().filter(|place| !replaces.contains(place)).collect::<Vec<_>>());
        }
        if fact.get("replaces").is_some() {
            replaces.extend(force.iter().copied().filter(|place| lies_inside(&self.entries[*place].fact, fact)));
        }
        self.entries.push(Entry { fact: fact.clone(), replaces });
    }

    /// What `corrects` or `retracts` names: an id, a natural key, or `true` for the one with the same key.
    fn named(&self, fact: &Value, force: &[usize], keyed: &[usize]) -> Vec<usize> {
        match fact.get("corrects").or(fact.get("retracts")) {
            None => Vec::new(),
            Some(Value::String(name)) => {
                let is = |place: &usize| {
                    let other = &self.entries[*place].fact;
                    text(other, "id") == Some(name) || natural_key(other).as_ref() == Some(name)
                };
                force.iter().copied().filter(is).collect()
            }
            Some(_) => keyed.to_vec(),
        }
    }

    /// Positions that have effect: neither retracted nor corrected by what is not itself retracted.
    pub fn in_force(&self) -> Vec<usize> {
        let mut retracted = vec![false; self.entries.len()];
        for place in (0..self.entries.len()).rev() {
            let entry = &self.entries[place];
            if kind(&entry.fact) == "retraction" && !retracted[place] {
                entry.replaces.iter().for_each(|other| retracted[*other] = true);
            }
        }
        let mut replaced = retracted.clone();
        for (entry, retracted) in self.entries.iter().zip(&retracted) {
            if !retracted {
                entry.replaces.iter().for_each(|other| replaced[*other] = true);
            }
        }
        (0..self.entries.len()).filter(|place| !replaced[*place]).collect()
    }

    /// The position of the first fact of a chain of corrections.
    pub fn first_of_chain(&self, place: usize) -> usize {
        match self.entries[place].replaces.first() {
            Some(earlier) => self.first_of_chain(*earlier),
            None => place,
        }
    }
}

/// A snapshot of the same contract and meter whose days lie wholly inside the other's.
fn lies_inside(inner: &Value, outer: &Value) -> bool {
    kind(inner) == "usage-snapshot"
        && contract(inner) == contract(outer)
        && text(inner, "meter") == text(outer, "meter")
        && day(outer, "from") <= day(inner, "from")
        && day(inner, "to") <= day(outer, "to")
}
