//! The order of facts in a file matters only where one is about another: otherwise any order gives the same.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::history::{History, Step, drawn, originals, same, ways};

#[test]
fn a_file_in_another_order_comes_to_the_same() {
    let mut moved = 0;
    for original in originals() {
        for way in 0..ways() {
            let history = shuffled(&original.history, way);
            moved += history.facts().zip(original.history.facts()).filter(|(one, other)| one != other).count();
            same(&history, &original.figures, &history.figures());
        }
    }
    assert!(moved >= 2_000, "only {moved} facts were moved");
}

fn shuffled(history: &History, way: u64) -> History {
    // What facts with ids are about: a correction or retraction is about the same.
    let mut by_id: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for fact in history.facts() {
        if let Some(id) = fact["id"].as_str() {
            by_id.entry(id).or_default().extend(about(fact));
        }
    }
    let steps = history.steps.iter().enumerate().map(|(number, step)| match step {
        Step::Record(facts) => {
            let place = |index: usize| drawn(&["order", &history.name, &format!("{number} {index} {way}")]);
            let order = in_order(facts, &by_id, place);
            Step::Record(order.into_iter().map(|index| facts[index].clone()).collect())
        }
        Step::Publish(_) | Step::Close(_) => step.clone(),
    });
    History { name: history.name.clone(), steps: steps.collect() }
}

/// The facts by their drawn places, as far as those that are tied allow it.
fn in_order(facts: &[Value], by_id: &BTreeMap<&str, BTreeSet<String>>, place: impl Fn(usize) -> u64) -> Vec<usize> {
    let mut left: BTreeSet<(u64, usize)> = (0..facts.len()).map(|index| (place(index), index)).collect();
    let waits = |index: usize, left: &BTreeSet<(u64, usize)>| {
        left.iter().any(|(_, other)| *other < index && tied(&facts[*other], &facts[index], by_id))
    };
    let mut order = Vec::new();
    while let Some(next) = left.iter().copied().find(|(_, index)| !waits(*index, &left)) {
        left.remove(&next);
        order.push(next.1);
    }
    order
}

/// Whether the second of two facts of a file must stay behind the first.
fn tied(first: &Value, second: &Value, by_id: &BTreeMap<&str, BTreeSet<String>>) -> bool {
    let changes = |fact: &Value| fact.get("corrects").or(fact.get("retracts")).is_some();
    if changes(first) || changes(second) {
        let all = |fact: &Value| {
            let named = ["corrects", "retracts"].iter().filter_map(|key| fact[*key].as_str());
            let behind = named.flat_map(|id| by_id.get(id).into_iter().flatten().cloned().chain([id.to_owned()]));
            about(fact).into_iter().chain(behind).collect::<BTreeSet<_>>()
        };
        return !all(first).is_disjoint(&all(second));
    }
    makes(first).is_some_and(|made| about(second).contains(&made)) || same_key(first, second)
}

/// What there is from this fact on.
fn makes(fact: &Value) -> Option<String> {
    let kind = fact["fact"].as_str().expect("a kind");
    match kind {
        "payee" | "account" | "booking" => Some(format!("{kind} {}", fact[kind])),
        "assignment" => Some(format!("assignment {} {}", fact["payee"], fact["plan"])),
        _ => None,
    }
}

/// Everything that a fact names, and its id.
fn about(fact: &Value) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for kind in ["payee", "account", "contract", "booking"] {
        named.extend(
            [&fact[kind], &fact["on"][kind]].iter().filter_map(|id| Some(format!("{kind} {:?}", id.as_str()?))),
        );
    }
    let shares = ["credit", "shares"].iter().filter_map(|list| fact[*list].as_array()).flatten();
    let payees = shares.map(|share| &share["payee"]).chain([&fact["manager"]]);
    named.extend(payees.filter(|id| id.is_string()).map(|id| format!("payee {id}")));
    if fact.get("plan").is_some() {
        named.insert(format!("assignment {} {}", fact["payee"], fact["plan"]));
    }
    named.extend(fact["id"].as_str().map(str::to_owned));
    named
}

/// Of two facts with one key the later line holds.
fn same_key(first: &Value, second: &Value) -> bool {
    let parts: &[&str] = match first["fact"].as_str().expect("a kind") {
        "payee" => &["payee", "at"],
        "account" => &["account", "at"],
        "assignment" | "assignment-end" => &["payee", "plan", "at"],
        "quota" => &["payee", "plan", "component", "at"],
        "booking" | "cancellation" => &["booking"],
        "credit-note" => &["credit_note"],
        "credit-split" => &["on", "at"],
        "exchange-rate" => &["from", "to", "at"],
        "usage-complete" => &["account", "at"],
        // Of one day the later reading holds.
        "signal" => &["signal", "at"],
        "usage-snapshot" => return same_usage(first, second),
        _ => &["payee", "at"],
    };
    first["fact"] == second["fact"] && parts.iter().all(|part| first[*part] == second[*part])
}

/// Snapshots of a contract that overlap give way to each other.
fn same_usage(first: &Value, second: &Value) -> bool {
    let contract = |fact: &Value| fact.get("contract").unwrap_or(&fact["account"]).clone();
    let overlap = first["from"].as_str() <= second["to"].as_str() && second["from"].as_str() <= first["to"].as_str();
    first["fact"] == second["fact"]
        && contract(first) == contract(second)
        && first["meter"] == second["meter"]
        && overlap
}
