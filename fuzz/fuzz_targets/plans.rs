//! A plan's text, and perhaps its next version: refused with words, or published over a history and evaluated.
#![no_main]

use std::fmt::Write;

use libfuzzer_sys::fuzz_target;
use plans::plan::Plan;
use replay::close::CloseError;
use replay::record::publish::{check_plan, publish};
use replay::record::Rejects;
use trueup_fuzz::{Desk, halves, stamp};

/// Whom and what a plan may meet; `PLAN`, `QUOTAS` and `RATES` follow from it.
const HISTORY: &str = r#"{"fact": "payee", "at": "2026-06-01", "payee": "eve", "currency": "USD"}
{"fact": "payee", "at": "2026-06-01", "payee": "kim", "manager": "eve", "team": "west", "currency": "USD", "recovery_cap": "60%"}
{"fact": "account", "at": "2026-06-01", "account": "umbra", "segment": "enterprise", "region": "emea"}
{"fact": "exchange-rate", "at": "2020-01-01", "from": "USD", "to": "EUR", "rate": "0.91"}
{"fact": "exchange-rate", "at": "2020-01-01", "from": "EUR", "to": "USD", "rate": "1.1"}
{"fact": "credit-split", "at": "2026-06-01", "on": {"account": "umbra"}, "shares": [{"payee": "kim", "percent": "66.666%"}, {"payee": "eve", "percent": "50%", "role": "overlay"}]}
{"fact": "assignment", "at": "2027-01-10", "payee": "kim", "plan": PLAN, QUOTAS "ramp_from": "2026-12-01", "target": "90000"}
{"fact": "assignment", "at": "2027-01-10", "payee": "kim", "plan": PLAN, RATES "ramp_from": "2026-12-01", "target": "90000"}
{"fact": "assignment", "at": "2027-01-10", "payee": "kim", "plan": PLAN, "target": "90000"}
{"fact": "assignment", "at": "2027-01-10", "payee": "eve", "plan": PLAN, QUOTAS RATES "target": "120000"}
{"fact": "assignment", "at": "2027-01-10", "payee": "eve", "plan": PLAN}
{"fact": "booking", "at": "2027-01-12", "booking": "K-1", "account": "umbra", "motion": "new-logo", "product": "vector", "start": "2027-02-01", "months": 24, "arr": "90000.01", "amounts": {"services": "500"}, "currency": "USD"}
{"fact": "booking", "at": "2027-02-03", "booking": "K-2", "account": "umbra", "contract": "C-2", "motion": "expansion", "arr": "-700.5", "currency": "EUR", "credit": [{"payee": "kim", "percent": "50%"}, {"payee": "eve", "percent": "50%"}]}
{"fact": "usage-snapshot", "account": "umbra", "from": "2026-07-01", "to": "2027-03-31", "amount": "44000.01", "quantity": "77.5", "currency": "USD"}
{"fact": "usage-snapshot", "account": "umbra", "contract": "C-2", "meter": "messages", "from": "2027-01-01", "to": "2027-02-28", "amount": "900", "quantity": "12", "currency": "EUR"}
{"fact": "signal", "at": "2027-02-10", "signal": "activated", "booking": "K-1", "value": "0.5"}
{"fact": "signal", "at": "2027-02-11", "signal": "workload-live", "account": "umbra", "value": "3"}
{"fact": "signal", "at": "2027-02-12", "signal": "health", "account": "umbra", "value": "71.5"}
{"fact": "cancellation", "at": "2027-03-15", "booking": "K-2"}
"#;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, second) = halves(text.as_bytes());
    let (first, second) = (text_of(first), text_of(second));
    let checked = plans::check::check("plan.toml", first);
    cli::fuzz::draw_plan(&checked.errors, &checked.warnings);
    let Some(plan) = checked.plan else { return };
    let mut desk = Desk::with_history();
    if publish(&mut desk.book, "plan.toml", first, &stamp()).is_err() {
        return;
    }
    drop(desk.record(&history_for(&plan), Rejects::SetAside).expect("the good lines go in"));
    close(&mut desk, "2027-02");
    if !second.is_empty() {
        let checked = check_plan(&desk.book, "next.toml", second);
        cli::fuzz::draw_plan(&checked.errors, &checked.warnings);
        drop(publish(&mut desk.book, "next.toml", second, &stamp()));
    }
    for month in ["2027-03", "2027-04"] {
        close(&mut desk, month);
    }
    desk.opens_again();
});

fn text_of(half: &[u8]) -> &str {
    std::str::from_utf8(half).expect("halves of a text are texts")
}

fn history_for(plan: &Plan) -> String {
    let named = |value: &str| {
        let mut members = String::new();
        for component in &plan.components {
            let separator = if members.is_empty() { "" } else { ", " };
            write!(members, "{separator}{}: \"{value}\"", quoted(component.id.as_str())).expect("text");
        }
        members
    };
    HISTORY
        .replace("PLAN", &quoted(plan.id.as_str()))
        .replace("QUOTAS", &format!("\"quota\": {{{}}},", named("120000")))
        .replace("RATES", &format!("\"rates\": {{{}}},", named("7.5%")))
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    ledger::json::quote(text, &mut out);
    out
}

/// A month that is refused stays open: that was said.
fn close(desk: &mut Desk, month: &str) {
    match desk.close(month) {
        Ok(()) => {}
        Err(CloseError::Refused(_)) => {}
        Err(CloseError::Faults(problems)) => cli::fuzz::draw(&problems),
        Err(error @ (CloseError::Book(_) | CloseError::Differs(_))) => panic!("{error}"),
    }
}
