//! What became of a statement since its close, in sentences: they are shown beside the figures.

use ledger::date::Month;
use ledger::fact::PayoutStatus;
use ledger::money::Currency;
use projections::posted_state::payables::PortionDecision;
use replay::pay::status::{PaidPart, StatementState, StatementStatus};

use crate::render::amount::amount;
use crate::render::status::dispute::beside;
use crate::render::status::recorded::recorded;

/// The status of a statement: what it is in a word, and below it how it became that.
pub fn lines(status: &StatementStatus, (period, currency): (Month, Currency)) -> Vec<String> {
    let mut lines = vec![format!("Status: {}", state(status, currency))];
    lines.extend(history(status, (period, currency)).into_iter().map(|line| format!("  {line}")));
    lines
}

/// What a statement is in a word, with what is left to do.
pub fn state(status: &StatementStatus, currency: Currency) -> String {
    let left = format!("{} {currency}", amount(status.left - status.rejected));
    let rejected = format!("{} {currency}", amount(status.rejected));
    let paid = format!("{} {currency}", amount(status.paid));
    let also = if status.rejected.is_positive() { format!(", {rejected} rejected") } else { String::new() };
    let text = match status.state {
        StatementState::NothingToPay => "nothing to pay".to_owned(),
        StatementState::Closed => format!("closed, {left} to be approved"),
        StatementState::Approved => format!("approved, {left} to be paid"),
        StatementState::Rejected => return format!("rejected, {rejected} is not paid") + &disputed(status),
        StatementState::Held => format!("approved, {left} held"),
        StatementState::PartlyPaid => format!("{paid} paid, {left} not paid"),
        StatementState::Paid => format!("paid, {paid}"),
        StatementState::Returned => format!("returned, {left} to be paid again"),
        StatementState::SetOff => "set off".to_owned(),
    };
    text + &also + &disputed(status)
}

/// How many of the disputes beside a statement are open.
fn disputed(status: &StatementStatus) -> String {
    match status.disputes.iter().filter(|dispute| dispute.resolved.is_none()).count() {
        0 => String::new(),
        1 => ", 1 dispute open".to_owned(),
        more => format!(", {more} disputes open"),
    }
}

/// What was done about a statement, each with its date, its author and its position.
pub fn history(status: &StatementStatus, (period, currency): (Month, Currency)) -> Vec<String> {
    let mut lines = vec![format!("closed {}", recorded(&status.closed))];
    if let Some((decision, entry)) = &status.decision {
        let word = match decision {
            PortionDecision::Rejected(_) => "rejected",
            PortionDecision::Approved(_) | PortionDecision::Open => "approved",
        };
        lines.push(format!("{word} {}", recorded(entry)));
    }
    for (hold, held) in &status.holds {
        let what = held.map_or_else(|| "everything".to_owned(), |held| format!("{} {}", amount(held), held.currency));
        lines.push(format!("held: {what}, {}", recorded(hold)));
    }
    lines.extend(status.payouts.iter().map(|part| paid(part, currency)));
    if status.set_off.is_positive() {
        lines.push(format!("{} {currency} set off against the clawback balance", amount(status.set_off)));
    }
    if let Some(leaver) = &status.leaver {
        let what = if leaver.is_final { "final statement: nothing is pending" } else { "amounts are still pending" };
        lines.push(format!("left on {}; {what}", leaver.left));
    }
    lines.extend(status.disputes.iter().map(|dispute| beside(dispute, period)));
    lines
}

fn paid(part: &PaidPart, currency: Currency) -> String {
    let mut text = format!("{} {currency} paid out {}", amount(part.amount), recorded(&part.payout));
    if let Some((status, reference, date)) = &part.result {
        let word = match status {
            PayoutStatus::Paid => "arrived",
            PayoutStatus::Partly => "arrived partly",
            PayoutStatus::Returned => "came back",
        };
        text += &format!("; {word}");
        text += &date.map(|date| format!(" on {date}")).unwrap_or_default();
        text += &reference.as_ref().map(|reference| format!(" ({reference})")).unwrap_or_default();
    }
    if part.returned.is_positive() {
        text += &format!("; {} {currency} returned", amount(part.returned));
    }
    text
}
