//! An entry in a few words: its natural key, and what most people look for in it.

use data_encoding::HEXLOWER;
use ledger::date::Month;
use ledger::entry::Entry;
use ledger::fact::{
    Body, DisputeRecord, DrawRecord, MoneyOf, Payload, PayoutResult, Posting, Record, Rejection, Repayment, Resolution,
    Settlement, WriteOff,
};
use ledger::id::PayeeId;
use ledger::key::natural_key;
use projections::lines::{LineName, name_of};
use projections::posted_state::draw_name::DrawName;

/// What an entry is about, on one line.
pub fn about(entry: &Entry) -> String {
    match &entry.payload {
        Payload::Fact(fact) => join(&key(&fact.body), &rest(&fact.body)),
        Payload::Record(record) => of_record(record),
    }
}

fn join(key: &str, rest: &str) -> String {
    if rest.is_empty() { key.to_owned() } else { format!("{key} {rest}").trim_start().to_owned() }
}

/// The natural key; the kind comes before it already.
fn key(body: &Body) -> String {
    natural_key(body).and_then(|key| key.split_once(':').map(|(_, rest)| rest.to_owned())).unwrap_or_default()
}

fn rest(body: &Body) -> String {
    match body {
        Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) => String::new(),
        Body::UsageComplete(_) => String::new(),
        Body::Quota(fact) => fact.amount.to_string(),
        Body::Booking(fact) => format!("{} on {}, arr {} {}", fact.account, fact.at, fact.arr, fact.currency),
        Body::Cancellation(fact) => format!("on {}", fact.at),
        Body::CreditNote(fact) => {
            let of = |name: &str, amount: &ledger::field::Amount| format!("{name} {amount}");
            let arr = fact.arr.iter().map(|amount| of("arr", amount));
            let tcv = fact.tcv.iter().map(|amount| of("tcv", amount));
            let named = fact.amounts.iter().map(|(name, amount)| of(name.as_str(), amount));
            let amounts: Vec<String> = arr.chain(tcv).chain(named).collect();
            format!("of {} on {}, less {}", fact.booking, fact.at, amounts.join(", "))
        }
        Body::UsageSnapshot(fact) => format!("{} {}", fact.amount, fact.currency),
        Body::CreditSplit(fact) => {
            let shares: Vec<String> =
                fact.shares.iter().map(|share| format!("{} {} {}", share.payee, share.role, share.percent)).collect();
            shares.join(", ")
        }
        Body::Signal(fact) => {
            let names = [
                fact.account.as_ref().map(|id| id.as_str()),
                fact.contract.as_ref().map(|id| id.as_str()),
                fact.booking.as_ref().map(|id| id.as_str()),
                fact.payee.as_ref().map(|id| id.as_str()),
            ];
            let names: Vec<&str> = names.into_iter().flatten().collect();
            format!("{} {} on {}", fact.signal, names.join(" "), fact.at)
        }
        Body::ExchangeRate(fact) => fact.rate.to_string(),
        Body::OpeningBalance(fact) => {
            let part = |word: &str, amount: &Option<ledger::field::Amount>| {
                amount.as_ref().map(|amount| format!("{word} {amount}"))
            };
            [part("clawback balance", &fact.owed), part("draw balance", &fact.draw)]
                .into_iter()
                .flatten()
                .collect::<Vec<_>>()
                .join(", ")
        }
        Body::Adjustment(fact) => {
            let id = fact.adjustment.as_ref().map(|id| format!("{id}: ")).unwrap_or_default();
            format!("{id}{} {} {} on {}: {}", fact.payee, fact.amount, fact.currency, fact.at, fact.reason.0)
        }
        Body::Retraction(fact) => format!("of {}: {}", fact.retracts, fact.reason.0),
    }
}

fn of_record(record: &Record) -> String {
    match record {
        Record::Book(book) => {
            let zone = book.timezone.as_ref().map(|zone| format!(", time zone {zone}")).unwrap_or_default();
            format!("{} (format {}{zone})", book.name, book.format)
        }
        Record::Plan(plan) => format!("{} version {} from {}", plan.plan, plan.version, plan.effective),
        Record::Mapping(mapping) => mapping.name.0.clone(),
        Record::Earning(earning) => posting(&earning.line),
        Record::Reversal(reversal) => posting(&reversal.line),
        Record::OpeningLine(opening) => posting(&opening.line),
        Record::Withheld(withheld) => posting(&withheld.line),
        Record::Freeze(freeze) => match freeze.until {
            Some(until) => format!("up to {until}: {}", freeze.reason.0),
            None => format!("lifted: {}", freeze.reason.0),
        },
        Record::Author(author) => format!("{} with the key {}", author.author, author.key),
        Record::Policy(policy) => {
            let (people, rules) =
                (count(policy.roles.len() as u64, "author"), count(policy.rules.len() as u64, "rule"));
            format!("of {}: {people}, {rules}", policy.at)
        }
        Record::Checkpoint(checkpoint) => format!("of size {}", checkpoint.size),
        Record::LogKey(log_key) => HEXLOWER.encode(&log_key.key),
        Record::Approval(approval) => {
            let comment = approval.comment.as_ref().map(|comment| format!(": {}", comment.0)).unwrap_or_default();
            format!("{}{}", decided(approval.period, approval.payee.as_ref(), &approval.totals), comment)
        }
        Record::Rejection(rejection) => {
            let Rejection { period, payee, totals, reason, .. } = rejection;
            format!("{}: {}", decided(*period, payee.as_ref(), totals), reason.0)
        }
        Record::Hold(hold) => {
            let amount = hold.amount.zip(hold.currency).map(|(amount, currency)| format!("{amount} {currency}"));
            let what = amount.unwrap_or_else(|| "everything".to_owned());
            format!("{}: {what}: {}", hold.payee, hold.reason.0)
        }
        Record::Release(release) => format!("{}: the hold at position {}", release.payee, release.hold.position),
        Record::Payout(paid) => format!("{} {}: {} {}", paid.period, paid.payee, paid.amount, paid.currency),
        Record::PayoutResult(result) => {
            let PayoutResult { payee, currency, status, amount, returned, .. } = result;
            let payout = result.payout.position;
            format!("{payee}: {amount} {currency} {status}, returned {returned}, of the payout at position {payout}")
        }
        Record::Repayment(repayment) => {
            let Repayment { payee, currency, owed, draw, .. } = repayment;
            format!("{payee}: clawback balance {owed} {currency}, draw balance {draw} {currency}")
        }
        Record::WriteOff(write_off) => {
            let WriteOff { payee, currency, amount, of, reason } = write_off;
            format!("{payee}: {amount} {currency} of {of}: {}", reason.0)
        }
        Record::Dispute(dispute) => disputed(dispute),
        Record::DisputeAnswer(answer) => format!("dispute {}: {}", answer.dispute, answer.text.0),
        Record::Resolution(resolution) => resolved(resolution),
        Record::Draw(draw) => {
            let (name, currency) = (DrawName::from(draw), draw.currency);
            let DrawRecord { period, payee, given, recovered, balance, .. } = draw;
            format!("{period} {payee}: {name} given {given}, recovered {recovered}, outstanding {balance} {currency}")
        }
        Record::Settlement(record) => settlement(record),
        Record::PeriodClose(close) => {
            let (lines, statements) = (count(close.lines, "line"), count(close.statements, "statement"));
            let digest = HEXLOWER.encode(&close.digest);
            format!("{} with {} entries: {lines} in {statements}, digest {digest}", close.period, close.known)
        }
    }
}

/// What a payee disputes.
fn disputed(dispute: &DisputeRecord) -> String {
    let DisputeRecord { dispute: number, payee, period, line, reason, .. } = dispute;
    let line = line.as_ref().map(|line| format!(" {}", LineName::from(line))).unwrap_or_default();
    format!("dispute {number}: {period} {payee}{line}: {}", reason.0)
}

/// How a dispute ended.
fn resolved(resolution: &Resolution) -> String {
    let Resolution { dispute, outcome, by, text, .. } = resolution;
    let by = by.as_ref().map(|by| format!(" with the correction at position {}", by.position)).unwrap_or_default();
    format!("dispute {dispute} {outcome}{by}: {}", text.0)
}

/// What was approved or rejected.
fn decided(period: Month, payee: Option<&PayeeId>, totals: &[MoneyOf]) -> String {
    let payee = payee.map(|payee| format!(" {payee}")).unwrap_or_default();
    let totals: Vec<String> = totals.iter().map(|total| format!("{} {}", total.amount, total.currency)).collect();
    format!("{period}{payee}: {}", totals.join(", "))
}

/// `1 line`, `2 lines`.
fn count(number: u64, word: &str) -> String {
    if number == 1 { format!("1 {word}") } else { format!("{number} {word}s") }
}

/// What was paid, with every part that is not 0.
fn settlement(record: &Settlement) -> String {
    let Settlement {
        period, payee, gross, reversed, recovered, draw_recovered, top_up, advance, pay, currency, ..
    } = record;
    let parts = [
        ("clawback recovered", recovered),
        ("draw recovered", draw_recovered),
        ("guarantee top-up", top_up),
        ("draw advance", advance),
    ];
    let parts = parts.into_iter().filter(|(_, amount)| !amount.exact().is_zero());
    let parts: String = parts.map(|(name, amount)| format!(", {name} {amount}")).collect();
    format!("{period} {payee}: gross {gross}, reversed {reversed}{parts}, pay {pay} {currency}")
}

fn posting(line: &Posting) -> String {
    let reason = line.reason.map(|reason| format!(" ({reason})")).unwrap_or_default();
    format!("{} {}: {} {} {}{reason}", line.period, line.payee, name_of(line), line.amount, line.currency)
}
