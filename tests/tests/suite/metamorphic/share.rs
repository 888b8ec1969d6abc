//! Credit of one payee shared by two on the same terms: together they get what the one got, but for roundings, and nobody
//! else is affected.
//!
//! That is so where pay grows as credit does: a rate or an amount for each unit, without tiers, curves or caps. Other
//! components are passed over, for the two only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::history::{History, drawn, originals, same, ways};

/// Percents have this many decimals at most.
const PERCENT_DIGITS: u32 = 9;

#[test]
fn a_credit_shared_by_two_comes_to_the_same_together() {
    let (mut whole, mut parts) = (0, 0);
    for original in originals() {
        for shared in (0..ways()).flat_map(|way| Shared::all(&original.history, way)) {
            let found = shared.history(&original.history).figures();
            let of_others = |figures: &[Value]| -> Vec<Value> {
                figures.iter().filter(|statement| !shared.is_of_either(statement)).cloned().collect()
            };
            same(&original.history, &of_others(&original.figures), &of_others(&found));
            let periods = original.figures.iter().chain(&found).filter_map(|statement| statement["period"].as_str());
            for period in periods.collect::<BTreeSet<_>>() {
                let (one, two) = (shared.sums(&original.figures, period), shared.sums(&found, period));
                for line in one.keys().chain(two.keys()).collect::<BTreeSet<_>>() {
                    let of = |sums: &BTreeMap<Line, i128>| sums.get(line).copied().unwrap_or_default();
                    let (apart, most) = ((of(&one) - of(&two)).abs(), shared.apart_at_most(&line.component));
                    assert!(apart <= most, "history {}, {period}: {line:?} is {apart} apart", original.history.name);
                    *(if shared.components[&line.component] == WHOLE { &mut whole } else { &mut parts }) += 1;
                }
            }
        }
    }
    assert!(whole >= 200 && parts >= 150, "only {whole} whole lines and {parts} parts were compared");
}

/// Of a plan.
type Component = (String, String);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Line {
    currency: String,
    component: Component,
    item: String,
    part: String,
}

/// Into how many lines an item goes.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Parts {
    installments: i128,
    clawbacks: i128,
}

const WHOLE: Parts = Parts { installments: 1, clawbacks: 0 };

/// A payee, and another one beside it with the same terms who takes a part of each of its credits.
struct Shared {
    one: String,
    two: String,
    /// Of a hundred that the one had.
    taken: i128,
    components: BTreeMap<Component, Parts>,
    /// How often the one was assigned to each plan: assignments with one name are summed in one line.
    assignments: BTreeMap<String, i128>,
}

impl Shared {
    /// One for each payee whom such a component may pay.
    fn all(history: &History, way: u64) -> Vec<Shared> {
        let components = components(history);
        let assigned = history.facts().filter(|fact| fact["fact"] == "assignment");
        let payees: BTreeSet<&str> = assigned
            .filter(|fact| components.keys().any(|(plan, _)| fact["plan"] == **plan))
            .filter_map(|fact| fact["payee"].as_str())
            .collect();
        let assignments = |one: &str| {
            let mut counts = BTreeMap::new();
            for fact in history.facts().filter(|fact| fact["fact"] == "assignment" && fact["payee"] == one) {
                *counts.entry(fact["plan"].as_str().expect("a plan").to_owned()).or_default() += 1;
            }
            counts
        };
        let shared = |one: &str| {
            let taken = 1 + i128::from(drawn(&["share", &history.name, one, &way.to_string()]) % 99);
            Shared {
                one: one.to_owned(),
                two: format!("{one}-2"),
                taken,
                components: components.clone(),
                assignments: assignments(one),
            }
        };
        payees.into_iter().map(shared).collect()
    }

    fn is_of_either(&self, statement: &Value) -> bool {
        statement["payee"] == self.one || statement["payee"] == self.two
    }

    /// How many minor units a line may be apart. An item is rounded once for the one and once for each of the two: at most
    /// three halves. Each of several parts is rounded anew, the last takes what the others leave, and clawbacks work on that.
    fn apart_at_most(&self, component: &Component) -> i128 {
        let items = self.assignments.get(&component.0).copied().unwrap_or(1);
        match self.components[component] {
            WHOLE => items * 3 / 2,
            Parts { installments, clawbacks } => items * 2 * (installments + clawbacks),
        }
    }

    /// What was posted of each line of the two, up to a close.
    fn sums(&self, figures: &[Value], period: &str) -> BTreeMap<Line, i128> {
        let text = |value: &Value| value.as_str().expect("text").to_owned();
        let mut sums = BTreeMap::new();
        let closed = figures.iter().filter(|statement| statement["period"].as_str() <= Some(period));
        for statement in closed.filter(|statement| self.is_of_either(statement)) {
            for line in statement["lines"].as_array().expect("lines") {
                let component = (text(&line["plan"]), text(&line["component"]));
                if self.components.contains_key(&component) {
                    let (currency, item, part) =
                        (text(&statement["currency"]), text(&line["item"]), text(&line["part"]));
                    let minor: i128 = text(&line["amount"]).replace('.', "").parse().expect("an amount");
                    *sums.entry(Line { currency, component, item, part }).or_default() += minor;
                }
            }
        }
        sums
    }

    // The other telling ------------------------------------------------------------------------------------------------

    fn history(&self, history: &History) -> History {
        let own: BTreeSet<&str> =
            history.facts().filter(|fact| self.is_own(fact)).filter_map(|fact| fact["id"].as_str()).collect();
        history.with_facts(|fact| {
            let is_about_own =
                ["corrects", "retracts"].iter().any(|key| fact[*key].as_str().is_some_and(|named| own.contains(named)));
            if self.is_own(fact) || is_about_own {
                vec![fact.clone(), self.twin(fact)]
            } else {
                vec![self.parted(fact)]
            }
        })
    }

    /// Who the payee is, and what its terms are.
    fn is_own(&self, fact: &Value) -> bool {
        let kinds = ["payee", "assignment", "assignment-end", "quota"];
        fact["payee"] == self.one && kinds.iter().any(|kind| fact["fact"] == *kind)
    }

    fn twin(&self, fact: &Value) -> Value {
        let mut fact = fact.clone();
        if fact["payee"] == self.one {
            fact["payee"] = json!(self.two);
        }
        for key in ["id", "corrects", "retracts"] {
            if let Some(named) = fact[key].as_str() {
                fact[key] = json!(self.twin_name(named));
            }
        }
        fact
    }

    /// An id of its own, or the key with its own name.
    fn twin_name(&self, named: &str) -> String {
        match named.split_once(':') {
            Some((kind, names)) => format!("{kind}:{}", names.replacen(&self.one, &self.two, 1)),
            None => format!("ffffffff{}", &named[8..]),
        }
    }

    /// The two have what the one had of every split.
    fn parted(&self, fact: &Value) -> Value {
        let mut fact = fact.clone();
        for list in ["credit", "shares"] {
            if let Some(shares) = fact[list].as_array() {
                fact[list] = shares.iter().flat_map(|share| self.parts(share)).collect();
            }
        }
        fact
    }

    fn parts(&self, share: &Value) -> Vec<Value> {
        if share["payee"] != self.one {
            return vec![share.clone()];
        }
        let unit = 10i128.pow(PERCENT_DIGITS);
        let whole = billionths(share["percent"].as_str().expect("text"));
        let second = whole * self.taken / 100;
        let percent = |value: i128| json!(format!("{}.{:09}%", value / unit, value % unit));
        let (mut one, mut two) = (share.clone(), share.clone());
        one["percent"] = percent(whole - second);
        two["percent"] = percent(second);
        two["payee"] = json!(self.two);
        if second == 0 { vec![one] } else { vec![one, two] }
    }
}

/// A percent in billionths of one.
fn billionths(percent: &str) -> i128 {
    let (whole, decimals) =
        percent.trim_end_matches('%').split_once('.').unwrap_or((percent.trim_end_matches('%'), ""));
    format!("{whole}{decimals:0<9}").parse().expect("a percent")
}

/// Components whose pay grows as the credit does, in each version of their plan.
fn components(history: &History) -> BTreeMap<Component, Parts> {
    let mut found: BTreeMap<Component, Option<Parts>> = BTreeMap::new();
    for plan in history.plans() {
        let id = plan["plan"].as_str().expect("an id");
        for component in plan.get("component").and_then(toml::Value::as_array).into_iter().flatten() {
            let component = component.as_table().expect("a table");
            let name = (id.to_owned(), component["id"].as_str().expect("an id").to_owned());
            let most = grows(component).then(|| parts(component));
            let known = found.entry(name).or_insert(most);
            *known = known.and_then(|known| Some(known.max(most?)));
        }
    }
    found.into_iter().filter_map(|(name, most)| Some((name, most?))).collect()
}

fn grows(component: &toml::Table) -> bool {
    let bends = ["tiers", "curve", "cap", "target"].iter().any(|key| component.contains_key(*key));
    let measure = component["measure"].as_table().expect("a measure");
    let adds_up = ["booking", "usage", "signal"].iter().any(|kind| measure.contains_key(*kind));
    // Who is in a team is credited with all of it.
    let is_team = component.get("credit").is_some_and(|credit| credit.as_str() == Some("team"));
    !bends && adds_up && !measure.contains_key("baseline") && !is_team
}

fn parts(component: &toml::Table) -> Parts {
    let count = |list: &str| component.get(list).and_then(toml::Value::as_array).map_or(0, Vec::len) as i128;
    Parts { installments: count("installment").max(1), clawbacks: count("clawback") }
}
