//! What each item earns: rate and tiers, amount, target, curve; rounded once, then capped (calculation.md 6).

use serde_json::Value;

use super::assignment::Assignment;
use super::items::Item;
use super::known::Known;
use super::log::text;
use super::number::{Number, least, number, one, ratio, round, zero};
use super::plan::Rule;
use super::quota::active;

impl<'a> Known<'a> {
    /// The earned amounts of a component's items, in their order.
    pub fn earned(&self, assignment: &Assignment, items: &[Item]) -> Vec<Number> {
        let single: Vec<Number> = (0..items.len()).map(|place| self.single(assignment, items, place)).collect();
        (0..items.len()).map(|place| capped_by_period(items, &single, place)).collect()
    }

    /// Rounded, and capped for itself.
    fn single(&self, assignment: &Assignment, items: &[Item], place: usize) -> Number {
        let rule = &items[place].rule;
        let exact = self.exact(assignment, items, place);
        let rounded = round(&exact, &rule.version.currency, rule.version.rounding);
        match rule.get("cap").and_then(|cap| cap.get("item")) {
            Some(cap) => least(rounded, number(cap)),
            None => rounded,
        }
    }

    fn exact(&self, assignment: &Assignment, items: &[Item], place: usize) -> Number {
        let (item, rule) = (&items[place], &items[place].rule);
        if rule.is_target() {
            let pays = rule.is_level() || self.quota(assignment, rule, &rule.period_of(item.date)).is_some();
            return if pays { of_target(assignment, item) } else { zero() };
        }
        if let Some(amount) = rule.get("amount") {
            return number(amount) * &item.value;
        }
        let before = match rule.text("mode") {
            Some("per-item") => zero(),
            _ => sum_in_period(items, place, 0..place),
        };
        let after = &before + &item.value;
        if rule.get("curve").is_some() {
            return curve(rule, &after) - curve(rule, &before);
        }
        let bands = self.bands(assignment, item);
        let on_value = if rule.text("mode") == Some("retroactive") {
            rate_at(&bands, &sum_in_period(items, place, 0..items.len())) * &item.value
        } else {
            paid_up_to(&bands, &after) - paid_up_to(&bands, &before)
        };
        match &item.pays {
            None => on_value,
            Some(_) if item.value == zero() => zero(),
            // Each part of the value pays on its part of the other amount.
            Some(pays) => on_value * pays / &item.value,
        }
    }

    /// The base rate, and where the tiers' own begin.
    fn bands(&self, assignment: &Assignment, item: &Item) -> Bands {
        let rule = &item.rule;
        let base = match rule.text("rate") {
            Some("assigned") => number(&assignment.fact["rates"][rule.id()]),
            Some(rate) => number(&Value::from(rate)),
            None => number(rule.get("rate").expect("a rate")),
        };
        let quota = self.quota(assignment, rule, &rule.period_of(item.date));
        let tier = |tier: &Value| {
            let from = match text(tier, "from") {
                Some(percent) if percent.ends_with('%') => number(&tier["from"]) * quota.as_ref()?,
                _ => number(&tier["from"]),
            };
            let rate = tier.get("rate").map(number).unwrap_or_else(|| number(&tier["times"]) * &base);
            Some((from, rate))
        };
        let tiers = rule.list("tiers").iter().filter_map(tier).collect();
        Bands { base, tiers }
    }
}

struct Bands {
    base: Number,
    tiers: Vec<(Number, Number)>,
}

/// Exactly at a threshold is in the higher band.
fn rate_at(bands: &Bands, total: &Number) -> Number {
    let reached = bands.tiers.iter().rfind(|(from, _)| total >= from);
    reached.map(|(_, rate)| rate.clone()).unwrap_or_else(|| bands.base.clone())
}

/// What a running total pays, each band's rate on the part inside it; below the first, and below nothing, the base rate.
fn paid_up_to(bands: &Bands, total: &Number) -> Number {
    let Some((first, _)) = bands.tiers.first() else { return total * &bands.base };
    // Counted from the first threshold: only differences of this are used.
    let mut paid = (least(total.clone(), first.clone()) - first) * &bands.base;
    for (place, (from, rate)) in bands.tiers.iter().enumerate() {
        let end = bands
            .tiers
            .get(place + 1)
            .map(|(next, _)| least(next.clone(), total.clone()))
            .unwrap_or_else(|| total.clone());
        if &end > from {
            paid += (end - from) * rate;
        }
    }
    paid
}

/// The values of those items among `places` that lie in the item's performance period.
fn sum_in_period(items: &[Item], place: usize, places: std::ops::Range<usize>) -> Number {
    let window = items[place].rule.period_of(items[place].date).window();
    let inside = places.filter(|other| window.has(items[*other].date));
    inside.fold(zero(), |sum, other| sum + &items[other].value)
}

/// With S the running total of what is left of the period's amounts: min(cap, S after) - min(cap, S before).
fn capped_by_period(items: &[Item], single: &[Number], place: usize) -> Number {
    let cap = match items[place].rule.get("cap") {
        Some(Value::Object(caps)) => caps.get("period").map(number),
        bare => bare.map(number),
    };
    let Some(cap) = cap else { return single[place].clone() };
    let window = items[place].rule.period_of(items[place].date).window();
    let earlier = (0..place).filter(|other| window.has(items[*other].date));
    let before = earlier.fold(zero(), |sum, other| sum + &single[other]);
    let after = &before + &single[place];
    least(cap.clone(), after) - least(cap, before)
}

/// The share of the annual target pay for the active part of the period x the curve at the attainment.
fn of_target(assignment: &Assignment, item: &Item) -> Number {
    let rule = &item.rule;
    let annual = assignment.fact.get("target").map(number).unwrap_or_else(zero);
    let period = rule.period_of(item.date);
    let months = period.every_month().map(|month| active(assignment, rule, month));
    let year = months.fold(zero(), |sum, part| sum + part) * ratio(1, 12);
    number(rule.get("target").expect("a share")) * annual * year * curve(rule, &item.value)
}

/// Interpolated or held; below the first point 0, above the last the last.
fn curve(rule: &Rule, at: &Number) -> Number {
    let points: Vec<(Number, Number)> =
        rule.list("curve").iter().map(|point| (number(&point["at"]), number(&point["pay"]))).collect();
    let Some(below) = points.iter().rposition(|(from, _)| at >= from) else { return zero() };
    let (from, pay) = &points[below];
    match points.get(below + 1) {
        Some((to, next)) if rule.text("shape") != Some("step") => pay + (next - pay) * ((at - from) / (to - from)),
        _ => pay * one(),
    }
}
