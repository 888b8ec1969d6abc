//! Whatever becomes of a plan's text, a check says something about it and does not break.

use proptest::prelude::*;

use crate::check::{check, check_next};
use crate::read::toml_fault::TomlFault;
use crate::refusal::PlanRefusal;

/// A plan that has every key.
pub const FULL: &str = r#"plan = "land"
version = 1
edition = 1
title = "Land AE, enterprise"
currency = "USD"
effective = 2027-01-01
year-start = 2
rounding = "half-even"
after-leaving = "forfeit"
terms = """
As agreed.
Ünïcode, too.
"""

[[component]]
id = "new-logo"
title = "New-logo committed ARR"
measure = { booking = "arr" }
from = 2027-01-01
until = "2027-06-30"
where = { motion = ["new-logo"], product = "p", segment = ["enterprise"], region = "emea", vertical = "bank" }
credit = ["primary", "overlay"]
period = "year"
quota = "assigned"
ramp = ["25%", "50%", "75%"]
prorate = "none"
rate = "assigned"
tiers = [{ from = "80%", rate = "12%" }, { from = "100%", times = "1.5" }]
mode = "retroactive"
cap = { period = "50000", item = 20000 }
cancellation = "restate"
after-cancellation = "pay"

[[component.installment]]
id = "checkpoint"
share = "50%"
after = "90 days"
of = "item"
within = "180 days"
when = { burn = "90 days", at-least = "25%" }
otherwise = "wait"

[[component.installment]]
id = "used"
share = "30%"
consumed = "75%"
when = [{ metric = "csat", below = "40" }, { signal = "live" }]

[[component.installment]]
id = "activated"
share = "20%"
signal = "activated"

[[component.clawback]]
id = "floor"
after = "12 months"
within = "12 months"
when = { burn = "12 months", below = "40%" }
reverse = ["checkpoint", "used"]
take-back = { unconsumed = "12 months" }

[[component.clawback]]
id = "lost"
on = "cancellation"
reverse = "all"
take-back = "remaining-months"

[[component.clawback]]
id = "unpaid"
signal = "unpaid"
take-back = "50%"

[[component]]
id = "usage"
measure = { usage = "quantity", meter = ["tokens"] }
quota = "1000000"
rate = "2%"
tiers = [{ from = "1000", times = 2 }]
mode = "per-item"
cap = "5"

[[component]]
id = "spiff"
measure = { signal = "live", value = "count" }
amount = "3500"

[[draw]]
id = "bridge"
kind = "advance"
amount = "3000"
months = 6
on = "booking"
motion = ["new-logo"]
recoverable = true
recover-after = "0 months"
recover-rate = "100%"

[[draw]]
id = "floor"
kind = "guarantee"
amount = 2000
on = "assignment"
recoverable = false
"#;

/// Pieces that other texts are likely to have where this one has something else.
const PIECES: [&str; 24] = [
    "\"",
    "[",
    "]",
    "{",
    "}",
    "=",
    ",",
    "\n",
    "#",
    "\"\"\"",
    "'",
    "-1",
    "0.5",
    "\"0%\"",
    "\"101%\"",
    "[]",
    "{}",
    "true",
    "2027-13-01",
    "\"whole\"",
    "\"90 days\"",
    "999999999999999999999",
    "é",
    "\\u001b",
];

#[test]
fn every_key_is_known() {
    let checked = check("p.toml", FULL);
    assert_eq!(checked.errors, []);
    assert!(checked.plan.is_some());
}

fn survives(text: &str) {
    let checked = check("p.toml", text);
    assert_eq!(checked.plan.is_some(), checked.errors.is_empty());
    for finding in &checked.errors {
        let is_more = matches!(finding.what, PlanRefusal::Toml(TomlFault::TooMany(_)));
        assert!(finding.location.is_some() || is_more, "{finding:?}");
    }
    if let Some(plan) = &checked.plan {
        check_next(std::slice::from_ref(plan), plan, &|_, _| None, "p.toml", text);
    }
}

/// Each line left out, and each written twice: what remains is mostly TOML, so the meaning is put to the test.
#[test]
fn no_line_left_out_or_doubled_breaks_it() {
    let lines: Vec<&str> = FULL.lines().collect();
    for at in 0..lines.len() {
        let (before, after) = lines.split_at(at);
        survives(&[before, &after[1..]].concat().join("\n"));
        survives(&[before, &after[..1], after].concat().join("\n"));
    }
}

/// Each value exchanged for each piece, where values are what comes behind ` = `.
#[test]
fn no_value_breaks_it() {
    let lines: Vec<&str> = FULL.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        let Some((key, _)) = line.split_once(" = ") else { continue };
        for piece in PIECES {
            let changed = format!("{key} = {piece}");
            let mut lines = lines.clone();
            lines[at] = &changed;
            survives(&lines.join("\n"));
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_break_it(changes in prop::collection::vec((0..FULL.len(), any::<u8>()), 1..8)) {
        let mut bytes = FULL.as_bytes().to_vec();
        for (at, byte) in changes {
            bytes[at] = byte;
        }
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_cut_and_no_piece_breaks_it(
        (from, to) in (0..FULL.len(), 0..FULL.len()),
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..4),
    ) {
        let (from, to) = (from.min(to), to.min(from + 40).max(from));
        let bytes = [&FULL.as_bytes()[..from], pieces.concat().as_bytes(), &FULL.as_bytes()[to..]].concat();
        survives(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_text_at_all_breaks_it(text in ".{0,80}") {
        survives(&text);
    }
}
