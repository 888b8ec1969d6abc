//! A random component's text: what it measures, how it earns (plan.md).

use serde_json::{Value, json};

use super::case::Component;
use super::choices::Chooser;
use super::gates::{clawbacks, installments};

pub const THIRD: &str = "33.333333333%";
const RATES: [&str; 7] = ["10%", "5%", "2.5%", "3.333333333%", "12.5%", "0.75%", "6.125%"];

/// What of a measure decides which keys make sense beside it.
#[derive(Clone, Copy, PartialEq)]
pub enum Items {
    Bookings,
    Signals,
    Contracts,
    Months,
    Growth,
    Levels,
}

/// A component as a table of TOML; `assigned` says whether the assignments may give rates and quotas.
pub fn component(
    seed: &Component,
    id: &str,
    currency: &str,
    assigned: bool,
    around: &dyn Fn(&mut Chooser) -> String,
) -> Value {
    let mut c = Chooser::of(&seed.head);
    let (items, measure) = measure(&mut c, currency);
    let mut terms = json!({"id": id, "measure": measure});
    if let Some(period) = c.pick(&[None, Some("quarter"), Some("month"), Some("half"), Some("year"), Some("quarter")]) {
        terms["period"] = json!(period);
    }
    let counts = measure["booking"] == "count" || measure["value"] == "count";
    match items {
        Items::Levels => target(&mut c, &mut terms, Some(&measure), currency, assigned),
        _ => earns(&mut c, &mut terms, items, counts, currency, assigned),
    }
    credit(&mut c, &mut terms);
    narrow(&mut c, &mut terms, items);
    cap(&mut c, &mut terms, currency);
    if c.one_in(10) {
        terms["from"] = json!(around(&mut c));
    } else if c.one_in(10) {
        terms["until"] = json!(around(&mut c));
    }
    cancellation(&mut c, &mut terms, items);
    pays(&mut c, &mut terms);
    due(&mut c, &mut terms, items);
    let restates = terms["cancellation"] == "restate";
    installments(&seed.installments, &mut terms, items);
    clawbacks(&seed.clawbacks, &mut terms, items, restates);
    terms
}

fn measure(c: &mut Chooser, currency: &str) -> (Items, Value) {
    let metered = |mut measure: Value, c: &mut Chooser| {
        if c.one_in(5) {
            measure["meter"] = c.pick(&[json!("api"), json!(["api", "store"])]);
        }
        measure
    };
    match c.below(24) {
        0..=5 => (Items::Bookings, json!({"booking": c.pick(&["arr", "tcv", "count", "services"])})),
        6..=8 => (Items::Contracts, metered(json!({"usage": c.pick(&["amount", "amount", "quantity"])}), c)),
        9 => (Items::Months, metered(json!({"usage": c.pick(&["amount", "quantity"]), "per": "month"}), c)),
        10..=12 => {
            let baseline = match c.below(3) {
                0 => json!({"amount": c.amount(9000, currency)}),
                _ => json!({"percent": c.pick(&["100%", "90%", "50%", THIRD]), "of": "previous-period"}),
            };
            (Items::Months, metered(json!({"usage": c.pick(&["amount", "quantity"]), "baseline": baseline}), c))
        }
        13..=16 => {
            let mut growth =
                json!({"growth": c.pick(&["30 days", "1 month", "45 days", "3 months", "90 days", "2 months"])});
            if let Some(against) = c.pick(&[None, Some("period-start"), Some("high-water"), Some("rolling")]) {
                growth["against"] = json!(against);
            }
            if let Some(retained) = c.pick(&[None, Some("90%"), Some("110%"), Some(THIRD), None]) {
                growth["retained"] = json!(retained);
            }
            (Items::Growth, metered(growth, c))
        }
        17..=19 => (Items::Signals, json!({"signal": "go-live", "value": c.pick(&["count", "value"])})),
        20..=21 => (Items::Levels, json!({"metric": "csat", "take": c.pick(&["last", "average"])})),
        _ => {
            let over = c.pick(&["3 months", "1 month", "45 days", "12 months"]);
            (Items::Levels, metered(json!({"retention": c.pick(&["net", "gross"]), "over": over}), c))
        }
    }
}

/// Rate with or without tiers, an amount, a target, or a curve of amounts.
fn earns(c: &mut Chooser, terms: &mut Value, items: Items, counts: bool, currency: &str, assigned: bool) {
    match c.below(10) {
        0..=5 => {
            terms["rate"] = if assigned && c.one_in(4) { json!("assigned") } else { json!(c.pick(&RATES)) };
            tiers(c, terms, items, counts, currency, assigned);
        }
        6 if counts => terms["amount"] = json!(c.amount(3000, currency)),
        6 | 7 => target(c, terms, None, currency, assigned),
        8 if counts => terms["amount"] = json!(c.amount(3000, currency)),
        _ => curve_of_amounts(c, terms, currency),
    }
}

fn tiers(c: &mut Chooser, terms: &mut Value, items: Items, counts: bool, currency: &str, assigned: bool) {
    let count = c.pick(&[0, 1, 2, 3]);
    if count == 0 {
        return;
    }
    let step = if counts {
        1
    } else if items == Items::Bookings {
        20_000
    } else {
        4_000
    };
    let percents = c.pick(&[["50%", "100%", "150%"], [THIRD, "75%", "110%"], ["80%", "100%", "125%"]]);
    let in_percent = !c.one_in(3);
    let times = c.one_in(2);
    let tier = |place: usize, c: &mut Chooser| {
        let from = if in_percent {
            percents[place].to_owned()
        } else {
            (step * ((1 << place) + c.below(2) * place)).to_string()
        };
        if times {
            json!({"from": from, "times": c.pick(&["1.5", "2", "1.333", "0.5"])})
        } else {
            json!({"from": from, "rate": c.pick(&RATES)})
        }
    };
    terms["tiers"] = (0..count).map(|place| tier(place, c)).collect();
    if in_percent {
        quota(c, terms, items, counts, currency, assigned);
    }
    if let Some(mode) = c.pick(&[None, Some("retroactive"), Some("per-item"), Some("marginal")]) {
        terms["mode"] = json!(mode);
    }
}

fn quota(c: &mut Chooser, terms: &mut Value, items: Items, counts: bool, currency: &str, assigned: bool) {
    let most = if counts {
        6
    } else if items == Items::Bookings {
        90_000
    } else {
        20_000
    };
    terms["quota"] = if assigned && c.one_in(2) { json!("assigned") } else { json!(c.amount(most, currency)) };
    if c.one_in(4) {
        let entries = (0..c.small()).map(|_| c.pick(&["50%", "25%", "75%", THIRD, "100%"]));
        let entries = entries.collect::<Vec<_>>();
        terms["ramp"] = match c.pick(&[None, None, Some("2 months"), Some("3 months")]) {
            Some(every) => json!({ "every": every, "percents": entries }),
            None => json!(entries),
        };
    }
    if let Some(prorate) = c.pick(&[None, Some("none"), Some("days"), Some("start"), Some("start")]) {
        terms["prorate"] = json!(prorate);
    }
}

fn target(c: &mut Chooser, terms: &mut Value, level: Option<&Value>, currency: &str, assigned: bool) {
    match level {
        Some(measure) if measure.get("metric").is_some() => terms["goal"] = json!(c.pick(&["40", "45", "33.3"])),
        Some(_) => terms["goal"] = json!(c.pick(&["1", "90%", "1.1"])),
        None => quota(c, terms, Items::Contracts, false, currency, assigned),
    }
    if level.is_some() && c.one_in(3) {
        terms["prorate"] = json!(c.pick(&["none", "days"]));
    }
    terms["target"] = json!(c.pick(&["100%", "25%", THIRD, "75%"]));
    terms["curve"] = c.pick(&[
        json!([{"at": "0%", "pay": "0%"}, {"at": "100%", "pay": "100%"}, {"at": "150%", "pay": "200%"}]),
        json!([{"at": "50%", "pay": "25%"}, {"at": "100%", "pay": "100%"}]),
        json!([{"at": "10%", "pay": "10%"}, {"at": "70%", "pay": "66.666666667%"}, {"at": "120%", "pay": "150%"}]),
    ]);
    shape(c, terms);
}

fn curve_of_amounts(c: &mut Chooser, terms: &mut Value, currency: &str) {
    let (mut at, mut pay) = (0, 0);
    let scale = if currency == "JPY" { 100 } else { 1 };
    let point = |c: &mut Chooser, at: &mut usize, pay: &mut usize| {
        let point = json!({"at": (*at * scale).to_string(), "pay": (*pay * scale).to_string()});
        *at += 500 + c.below(40) * 500;
        *pay += c.below(40) * 50;
        point
    };
    let count = c.pick(&[2, 3, 4]);
    terms["curve"] = (0..count).map(|_| point(c, &mut at, &mut pay)).collect();
    shape(c, terms);
    if c.one_in(4) {
        terms["mode"] = json!("per-item");
    }
}

fn shape(c: &mut Chooser, terms: &mut Value) {
    if let Some(shape) = c.pick(&[None, Some("step"), Some("line")]) {
        terms["shape"] = json!(shape);
    }
}

fn credit(c: &mut Chooser, terms: &mut Value) {
    let credits = [
        None,
        None,
        None,
        Some(json!(["primary", "overlay"])),
        Some(json!("team")),
        Some(json!("reports")),
        Some(json!(["overlay"])),
        Some(json!(["partner", "overlay"])),
        Some(json!(["primary"])),
    ];
    if let Some(credit) = c.pick(&credits) {
        terms["credit"] = credit;
    }
}

fn narrow(c: &mut Chooser, terms: &mut Value, items: Items) {
    let mut narrowed = json!({});
    let sold = matches!(items, Items::Bookings | Items::Signals);
    if c.one_in(6) {
        narrowed["segment"] = c.pick(&[json!(["enterprise"]), json!(["enterprise", "mid"])]);
    }
    if c.one_in(14) {
        narrowed["region"] = json!(["emea"]);
    }
    if c.one_in(14) {
        narrowed["tier"] = json!(["gold"]);
    }
    if sold && c.one_in(5) {
        narrowed["motion"] = c.pick(&[json!(["new-logo"]), json!(["new-logo", "expansion"])]);
    }
    if sold && c.one_in(14) {
        narrowed["product"] = json!(["core"]);
    }
    if narrowed != json!({}) {
        terms["where"] = narrowed;
    }
}

fn cap(c: &mut Chooser, terms: &mut Value, currency: &str) {
    let (period, item) = (c.amount(8000, currency), c.amount(4000, currency));
    match c.below(12) {
        8 => terms["cap"] = json!(period),
        9 => terms["cap"] = json!({"period": period}),
        10 => terms["cap"] = json!({"item": item}),
        11 => terms["cap"] = json!({"period": period, "item": item}),
        _ => {}
    }
}

/// Paid at the end of a longer period; of growth one that is not shorter than its own.
fn due(c: &mut Chooser, terms: &mut Value, items: Items) {
    let ends = [("quarter-end", 3), ("half-end", 6), ("year-end", 12)];
    let (end, months) = c.pick(&[ends[0], ends[1], ends[0], ends[2]]);
    let period = match terms["period"].as_str() {
        Some("quarter") => 3,
        Some("half") => 6,
        Some("year") => 12,
        _ => 1,
    };
    if c.one_in(4) && (items != Items::Growth || months >= period) {
        terms["due"] = json!(end);
    }
}

/// Attainment on one amount, pay on another: only with a rate.
fn pays(c: &mut Chooser, terms: &mut Value) {
    if terms["measure"].get("booking").is_some() && terms.get("rate").is_some() && c.one_in(3) {
        terms["measure"]["pays"] = json!(c.pick(&["arr", "tcv", "services", "count"]));
    }
}

fn cancellation(c: &mut Chooser, terms: &mut Value, items: Items) {
    if items != Items::Bookings {
        return;
    }
    match c.below(6) {
        1 => terms["cancellation"] = json!("restate"),
        2 => terms["cancellation"] = json!("keep"),
        3 => terms["after-cancellation"] = json!("pay"),
        4 => terms["after-cancellation"] = json!("forfeit"),
        _ => {}
    }
}
