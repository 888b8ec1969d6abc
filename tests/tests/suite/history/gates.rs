//! Random installments and clawbacks of a component (plan.md).

use serde_json::{Value, json};

use super::choices::{Choices, Chooser};
use super::terms::{Items, THIRD};

/// Months have no booking, contract or account: nothing but time can be waited for.
pub fn installments(seeds: &[Choices], terms: &mut Value, items: Items) {
    if seeds.is_empty() {
        return;
    }
    let shares: Vec<&str> = match seeds.len() {
        1 => vec!["100%"],
        2 => vec![THIRD, "66.666666667%"],
        _ => vec!["25%", "40%", "35%"],
    };
    let each = seeds.iter().zip(shares).enumerate();
    terms["installment"] = each.map(|(place, (seed, share))| installment(seed, place, share, items)).collect();
}

fn installment(seed: &[u8], place: usize, share: &str, items: Items) -> Value {
    let c = &mut Chooser::of(seed);
    let mut gate = json!({"id": format!("part-{}", place + 1), "share": share});
    let (booking, named) =
        (items == Items::Bookings, matches!(items, Items::Bookings | Items::Signals | Items::Contracts));
    let of_booking = matches!(items, Items::Bookings | Items::Signals);
    let trigger = match c.below(6) {
        0 | 1 => "none",
        4 if booking => "consumed",
        5 if named => "signal",
        _ => "after",
    };
    match trigger {
        "none" => {}
        "consumed" => gate["consumed"] = json!(c.pick(&["10%", "25%", "5%", THIRD, "50%"])),
        "signal" => gate["signal"] = json!("activated"),
        _ => gate["after"] = json!(c.pick(&["30 days", "1 month", "2 months", "45 days", "1 day", "90 days"])),
    }
    let waits = named && c.one_in(2);
    if waits {
        let burn = booking || (items == Items::Signals && c.one_in(4));
        gate["when"] = conditions(c, burn, trigger == "signal");
        if c.one_in(2) {
            gate["otherwise"] = json!(c.pick(&["wait", "wait", "forfeit"]));
        }
    }
    let may_be_late = trigger == "consumed" || trigger == "signal" || gate["otherwise"] == "wait";
    if may_be_late && c.one_in(2) {
        gate["within"] = json!(c.pick(&["6 months", "3 months", "100 days"]));
    }
    if of_booking && (gate.get("after").is_some() || gate.get("within").is_some()) && c.one_in(3) {
        gate["of"] = json!(c.pick(&["item", "start"]));
    }
    gate
}

fn conditions(c: &mut Chooser, burn: bool, signalled: bool) -> Value {
    let first = condition(c, burn);
    if !c.one_in(4) {
        return first;
    }
    let second = if signalled { json!({"metric": "csat", "below": "60"}) } else { json!({"signal": "approved"}) };
    json!([first, second])
}

fn condition(c: &mut Chooser, burn: bool) -> Value {
    let bound = c.pick(&["at-least", "below"]);
    match c.below(4) {
        0 | 1 if burn => {
            json!({"burn": c.pick(&["30 days", "1 month", "3 months", "45 days"]), bound: c.pick(&["25%", "50%", "100%", THIRD])})
        }
        2 => json!({"signal": "approved"}),
        _ => json!({"metric": "csat", bound: c.pick(&["40", "35.5", "50"])}),
    }
}

pub fn clawbacks(seeds: &[Choices], terms: &mut Value, items: Items, restates: bool) {
    if seeds.is_empty() || !matches!(items, Items::Bookings | Items::Signals | Items::Contracts) {
        return;
    }
    let parts = terms["installment"].as_array().map(Vec::len).unwrap_or_default();
    let each = seeds.iter().enumerate();
    terms["clawback"] = each.map(|(place, seed)| clawback(seed, place, items, parts, restates)).collect();
}

fn clawback(seed: &[u8], place: usize, items: Items, parts: usize, restates: bool) -> Value {
    let c = &mut Chooser::of(seed);
    let mut gate = json!({"id": format!("claw-{}", place + 1)});
    let booking = items == Items::Bookings;
    let of_booking = matches!(items, Items::Bookings | Items::Signals);
    match c.below(4) {
        0 | 1 => gate["after"] = json!(c.pick(&["1 month", "2 months", "45 days", "90 days"])),
        2 if booking && !restates => gate["on"] = json!("cancellation"),
        _ => gate["signal"] = json!("unpaid"),
    }
    if gate.get("after").is_none() && c.one_in(3) {
        gate["within"] = json!(c.pick(&["3 months", "90 days", "1 month"]));
    }
    if of_booking && (gate.get("after").is_some() || gate.get("within").is_some()) && c.one_in(3) {
        gate["of"] = json!(c.pick(&["item", "start"]));
    }
    if c.one_in(2) {
        gate["when"] = conditions(c, booking, false);
    }
    if parts > 0 && c.one_in(3) {
        gate["reverse"] = json!([format!("part-{}", 1 + c.below(parts))]);
    } else if c.one_in(5) {
        gate["reverse"] = json!("all");
    }
    match c.below(6) {
        1 | 2 => gate["take-back"] = json!(c.pick(&["50%", THIRD, "100%"])),
        3 if of_booking => gate["take-back"] = json!("remaining-months"),
        4 | 5 if of_booking => gate["take-back"] = json!({"unconsumed": c.pick(&["1 month", "90 days", "45 days"])}),
        _ => {}
    }
    gate
}
