//! Random plans, their versions, and their text in TOML (plan.md).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::case::Plan;
use super::choices::Chooser;
use super::terms::{THIRD, component};
use crate::model::calendar::Day;

/// A version as a table: `component` and `draw` are lists of tables.
pub fn first_version(
    plan: &Plan,
    id: &str,
    currency: &str,
    start: &str,
    around: &dyn Fn(&mut Chooser) -> String,
) -> Value {
    let c = &mut Chooser::of(&plan.head);
    let mut version = json!({"plan": id, "version": 1, "edition": 1, "title": id, "currency": currency});
    version["effective"] = json!(c.pick(&["2026-01-01", "2026-01-01", "2026-01-01", start]));
    if c.one_in(8) {
        version["effective"] = json!(around(c));
    }
    if c.one_in(3) {
        version["year-start"] = json!(c.small() * 2 - 1);
    }
    if let Some(rounding) = c.pick(&[None, Some("half-even"), Some("half-up")]) {
        version["rounding"] = json!(rounding);
    }
    if let Some(leaving) = c.pick(&[None, Some("forfeit"), Some("pay")]) {
        version["after-leaving"] = json!(leaving);
    }
    let components = plan.components.iter().enumerate();
    let components =
        components.map(|(place, seed)| component(seed, &format!("c{}", place + 1), currency, true, around));
    version["component"] = components.collect();
    let draws = plan.draws.iter().enumerate();
    version["draw"] = draws.map(|(place, seed)| draw(seed, &format!("d{}", place + 1), currency)).collect();
    version
}

/// Whether a component that measures usage differs between versions that are in force on days of one month. Such a version
/// is not published (docs/calculation.md 3).
pub fn clashes(earlier: &[Value], next: &Value) -> bool {
    let versions: Vec<&Value> = earlier.iter().chain([next]).collect();
    let effective = |version: &Value| Day::parse(version["effective"].as_str().expect("a date"));
    let in_force = |day: Day| {
        let begun = versions.iter().enumerate().filter(|(_, version)| effective(version) <= day);
        begun.max_by_key(|(place, version)| (effective(version), *place)).map(|(place, _)| place)
    };
    let shared_months = versions.iter().map(|version| effective(version).month());
    shared_months.into_iter().any(|month| {
        let days = (month.first().0..=month.last().0).map(Day);
        let meeting: BTreeSet<usize> = days.filter_map(in_force).collect();
        meeting.iter().any(|one| meeting.iter().any(|other| pays_usage_differently(versions[*one], versions[*other])))
    })
}

fn pays_usage_differently(one: &Value, other: &Value) -> bool {
    let components = one["component"].as_array().expect("a list").iter();
    let others = || other["component"].as_array().expect("a list").iter();
    let mut both =
        components.filter_map(|component| Some((component, others().find(|it| it["id"] == component["id"])?)));
    both.any(|(component, other)| {
        let of_usage = [component, other].iter().any(|it| it["measure"].get("usage").is_some());
        of_usage && component != other
    })
}

/// The next version: another start, other numbers, a component less or more.
pub fn next_version(before: &Value, seed: &[u8], effective: &str) -> Value {
    let c = &mut Chooser::of(seed);
    let mut version = before.clone();
    version["version"] = json!(version_number(&before["version"]) + 1);
    if !c.one_in(4) {
        version["effective"] = json!(effective);
    }
    for component in version["component"].as_array_mut().expect("a list") {
        alter(c, component);
    }
    let components = version["component"].as_array_mut().expect("a list");
    if components.len() > 1 && c.one_in(4) {
        components.remove(c.below(components.len()));
    }
    if !components.is_empty() && c.one_in(3) {
        let mut added = components[c.below(components.len())].clone();
        added["id"] = json!(format!("c{}-{}", components.len() + 1, version_number(&before["version"]) + 1));
        if added["rate"] == "assigned" {
            added["rate"] = json!("3%");
        }
        components.push(added);
    }
    let currency = version["currency"].as_str().expect("a currency").to_owned();
    if let Some(draw) = version["draw"].as_array_mut().and_then(|draws| draws.first_mut())
        && c.one_in(3)
    {
        draw["amount"] = json!(c.amount(2500, &currency));
    }
    version
}

fn version_number(version: &Value) -> i64 {
    version.as_i64().expect("a number")
}

fn alter(c: &mut Chooser, component: &mut Value) {
    let terms = component.as_object_mut().expect("a table");
    if terms.get("rate").is_some_and(|rate| rate != "assigned") && c.one_in(2) {
        terms.insert("rate".into(), json!(c.pick(&["4%", "11%", "7.777%"])));
    }
    if terms.get("target").is_some() && c.one_in(3) {
        terms.insert("target".into(), json!(c.pick(&["50%", "60%"])));
    }
    if c.one_in(4) {
        terms.remove("cap");
    }
    if c.one_in(5) {
        terms.remove("where");
    }
    if c.one_in(5) {
        terms.remove("clawback");
    }
    if c.one_in(6) {
        terms.remove("due");
    }
    if !terms.contains_key("clawback") && c.one_in(6) {
        terms.remove("installment");
    }
    if terms.contains_key("tiers") && c.one_in(4) {
        terms.insert("mode".into(), json!(c.pick(&["marginal", "retroactive"])));
    }
}

fn draw(seed: &[u8], id: &str, currency: &str) -> Value {
    let c = &mut Chooser::of(seed);
    let mut draw = json!({"id": id, "amount": c.amount(2500, currency)});
    match c.below(4) {
        0 | 1 => {
            draw["kind"] = json!("guarantee");
            draw["on"] = json!("assignment");
            if c.one_in(2) {
                draw["months"] = json!(c.small());
            }
        }
        2 => {
            draw["kind"] = json!("advance");
            draw["on"] = json!("assignment");
            draw["months"] = json!(c.small());
        }
        _ => {
            draw["kind"] = json!("advance");
            draw["on"] = json!("booking");
            draw["months"] = json!(c.small());
            draw["motion"] = c.pick(&[json!(["new-logo"]), json!(["new-logo", "expansion"])]);
        }
    }
    draw["recoverable"] = json!(!c.one_in(3));
    if draw["recoverable"] == true {
        if c.one_in(2) {
            draw["recover-after"] = json!(c.pick(&["1 month", "0 months", "3 months", "2 months"]));
        }
        if c.one_in(2) {
            draw["recover-rate"] = json!(c.pick(&["50%", THIRD, "100%", "10%"]));
        }
    }
    draw
}

/// The text that is published.
pub fn toml(version: &Value) -> String {
    let mut text = String::new();
    for (name, value) in version.as_object().expect("a table").iter().filter(|(name, _)| !is_list(name)) {
        text += &format!("{name} = {}\n", inline(name, value));
    }
    for component in version["component"].as_array().expect("a list") {
        text += &table("component", component);
        for kind in ["installment", "clawback"] {
            let parts = component.get(kind).and_then(Value::as_array).into_iter().flatten();
            parts.for_each(|part| text += &table(&format!("component.{kind}"), part));
        }
    }
    let draws = version["draw"].as_array().into_iter().flatten();
    draws.for_each(|draw| text += &table("draw", draw));
    text
}

fn is_list(name: &str) -> bool {
    matches!(name, "component" | "draw" | "installment" | "clawback")
}

fn table(name: &str, members: &Value) -> String {
    let members = members.as_object().expect("a table").iter().filter(|(name, _)| !is_list(name));
    let lines = members.map(|(name, value)| format!("{name} = {}\n", inline(name, value)));
    format!("\n[[{name}]]\n{}", lines.collect::<String>())
}

fn inline(name: &str, value: &Value) -> String {
    match value {
        Value::String(date) if matches!(name, "effective" | "from" | "until") && date.len() == 10 => date.clone(),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name} = {}", inline(name, value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
        Value::Array(list) => {
            let list: Vec<String> = list.iter().map(|value| inline("", value)).collect();
            format!("[{}]", list.join(", "))
        }
        other => other.to_string(),
    }
}
