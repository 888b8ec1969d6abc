//! `trueup report contested-credit`: where several people have or had a claim on a deal.

use clap::Args;
use ledger::date::{Day, Month};
use ledger::exact::{Exact, Rounding};
use ledger::fact::{Role, Share};
use ledger::money::{Currency, Money};
use projections::credit_graph::CreditSource;
use replay::reports::contested_credit::{
    ContestedCredit, CreditChange, PartnerShare, contested_credit, partner_shares,
};
use serde::Serialize;

use crate::arguments::{Format, month};
use crate::as_of::AsOf;
use crate::command::pay::statement::closed;
use crate::failure::Failure;
use crate::refusal::CommandRefusal;
use crate::render::amount::{amount as shown, grouped, percent, rounded_percent};
use crate::render::json::AsText;
use crate::render::layout::column::{ColumnJson, column};
use crate::render::status::dispute::numbers;
use crate::session::state::{Outcome, Session};

/// Bookings and contracts with more than one claim on their credit, and open disputes about them
///
/// A row is there for each booking, and for the usage of each contract, that has more than one source of credit (its own, or splits on
/// it, its contract or its account), shares of partners or overlays, credit that changed after a close, or an open dispute.
#[derive(Args, Debug)]
pub struct ContestedCreditReport {
    /// Bookings signed up to the last day of this closed month; by default of the last one
    #[arg(long, value_name = "PERIOD", value_parser = month)]
    period: Option<Month>,
    #[command(flatten)]
    at: AsOf,
}

impl ContestedCreditReport {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let last = book.state().posted_state().last_close().map(|last| last.close.period);
        let period = self.period.or(last).ok_or_else(|| Failure::refused(CommandRefusal::PeriodMissing))?;
        closed(&book, period)?;
        let wait = session.wait("looking");
        let (rows, totals) = (contested_credit(book.state(), period), partner_shares(book.state(), period));
        drop(wait);
        match session.options.format {
            Format::Json => session.json(&ContestedJson {
                report: "contested-credit",
                period: AsText(period),
                at: book.size(),
                columns: COLUMNS,
                rows: rows.iter().map(ContestedRow::of).collect(),
                totals: totals.iter().map(PartnerJson::of).collect(),
            })?,
            Format::Csv => {
                session.out.row(&HEADER)?;
                for row in &rows {
                    session.out.row(&cells(row))?;
                }
            }
            Format::Text => text(&rows, &totals, period, session)?,
        }
        Ok(Outcome::Done)
    }
}

// Text -------------------------------------------------------------------------------------------------------------------

fn text(
    rows: &[ContestedCredit<'_>],
    totals: &[PartnerShare],
    period: Month,
    session: &mut Session,
) -> Result<(), Failure> {
    if rows.is_empty() {
        session.note("No booking or contract has more than one claim on its credit.");
    }
    for (index, row) in rows.iter().enumerate() {
        if index > 0 {
            session.out.blank()?;
        }
        for line in lines(row) {
            writeln!(session.out, "{line}")?;
        }
    }
    let first = period.first().plus_months(-11);
    for one in totals.iter().filter(|one| !one.influenced.is_zero()) {
        let (arr, currency) = (shown(rounded(&one.arr, one.currency)), one.currency);
        let [sourced, influenced] =
            [&one.sourced, &one.influenced].map(|part| rounded_percent(&part_of(part, &one.arr)));
        writeln!(
            session.out,
            "Partners, of {arr} {currency} of ARR signed {first} to {}: {sourced} sourced, {influenced} influenced.",
            period.last()
        )?;
    }
    Ok(())
}

fn lines(row: &ContestedCredit<'_>) -> Vec<String> {
    let (thing, id, account) = (row.thing.word(), row.thing.id(), row.account);
    let head = match row.arr {
        Some((arr, currency)) => {
            format!("{thing} {id} of {account}, signed {}, arr {} {currency}", row.day, grouped(&arr.to_string()))
        }
        None => format!("{thing} {id} of {account}, usage on {}", row.day),
    };
    let mut lines = vec![head];
    for (index, source) in row.sources.iter().enumerate() {
        let counts = if index == 0 { "credit" } else { "does not count" };
        let CreditSource { source, position, shares } = source;
        lines.push(format!("  {counts}: {} ({source}, entry {position})", shares_words(shares)));
    }
    if row.sources.is_empty() {
        lines.push("  credit: nobody".to_owned());
    }
    if let Some(CreditChange { period, was }) = &row.changed {
        lines.push(format!("  changed since the close of {period}, which had: {}", shares_words(was)));
    }
    if !row.disputes.is_empty() {
        let word = if row.disputes.len() == 1 { "dispute" } else { "disputes" };
        lines.push(format!("  open {word}: {}", numbers(&row.disputes)));
    }
    lines
}

/// `ana 60%, ben 40%, pia partner 10%`.
fn shares_words(shares: &[Share]) -> String {
    let share = |share: &Share| match share.role {
        Role::Primary => format!("{} {}", share.payee, share.percent),
        Role::Overlay | Role::Partner => format!("{} {} {}", share.payee, share.role, share.percent),
    };
    if shares.is_empty() { "nobody".to_owned() } else { shares.iter().map(share).collect::<Vec<_>>().join(", ") }
}

fn part_of(part: &Exact, whole: &Exact) -> Exact {
    if whole.is_zero() { Exact::ZERO } else { part / whole }
}

/// An amount of ARR in whole minor units.
fn rounded(amount: &Exact, currency: Currency) -> Money {
    Money::round(amount, currency, Rounding::HalfUp).unwrap_or(Money::zero(currency))
}

// Programs ---------------------------------------------------------------------------------------------------------------

const HEADER: [&str; 13] = [
    "thing",
    "id",
    "account",
    "date",
    "arr",
    "currency",
    "sources",
    "credit",
    "changed_after",
    "was",
    "overlay",
    "partner",
    "disputes",
];

const COLUMNS: [ColumnJson; 11] = [
    column("thing", "word", "booking, or contract for its usage"),
    column("id", "id", ""),
    column("account", "id", ""),
    column(
        "date",
        "date",
        "the day on which credit is judged: of a booking its date, of usage the last day of the period",
    ),
    column("arr", "currency", "of a booking, as it was booked"),
    column("currency", "code", ""),
    column("sources", "list", "what gives credit on that day; the first counts alone"),
    column("changed", "object", "the last closed month that knew other shares, and those shares"),
    column("overlay", "percent", "the sum of the shares with the role overlay that count"),
    column("partner", "percent", "the sum of the shares with the role partner that count"),
    column("disputes", "list", "open disputes about its lines, or that name one of its entries as evidence"),
];

fn cells(row: &ContestedCredit<'_>) -> [String; 13] {
    let sources: Vec<String> = row.sources.iter().map(|one| format!("{} {}", one.source, one.position)).collect();
    let disputes: Vec<String> = row.disputes.iter().map(u64::to_string).collect();
    [
        row.thing.word().to_owned(),
        row.thing.id().to_owned(),
        row.account.to_string(),
        row.day.to_string(),
        row.arr.map(|(arr, _)| arr.to_string()).unwrap_or_default(),
        row.arr.map(|(_, currency)| currency.to_string()).unwrap_or_default(),
        sources.join("; "),
        shares_words(row.shares()),
        row.changed.as_ref().map(|change| change.period.to_string()).unwrap_or_default(),
        row.changed.as_ref().map(|change| shares_words(&change.was)).unwrap_or_default(),
        percent(&row.share_of(Role::Overlay)),
        percent(&row.share_of(Role::Partner)),
        disputes.join(" "),
    ]
}

#[derive(Serialize)]
struct ContestedJson<'r> {
    report: &'static str,
    period: AsText<Month>,
    at: u64,
    columns: [ColumnJson; 11],
    rows: Vec<ContestedRow<'r>>,
    totals: Vec<PartnerJson>,
}

#[derive(Serialize)]
struct ContestedRow<'r> {
    thing: &'static str,
    id: &'r str,
    account: AsText<&'r ledger::id::AccountId>,
    date: AsText<Day>,
    arr: Option<AsText<ledger::field::Amount>>,
    currency: Option<AsText<Currency>>,
    sources: Vec<SourceJson<'r>>,
    changed: Option<ChangeJson<'r>>,
    overlay: String,
    partner: String,
    disputes: &'r [u64],
}

#[derive(Serialize)]
struct SourceJson<'r> {
    source: &'static str,
    position: u32,
    shares: Vec<ShareJson<'r>>,
}

#[derive(Serialize)]
struct ChangeJson<'r> {
    period: AsText<Month>,
    was: Vec<ShareJson<'r>>,
}

#[derive(Serialize)]
struct ShareJson<'r> {
    payee: AsText<&'r ledger::id::PayeeId>,
    role: &'static str,
    percent: AsText<ledger::field::Percent>,
}

#[derive(Serialize)]
struct PartnerJson {
    currency: AsText<Currency>,
    arr: AsText<Money>,
    partner_sourced: AsText<Money>,
    sourced_percent: String,
    partner_influenced: AsText<Money>,
    influenced_percent: String,
}

fn shares_json(shares: &[Share]) -> Vec<ShareJson<'_>> {
    let mut found = Vec::new();
    for Share { payee, role, percent } in shares {
        found.push(ShareJson { payee: AsText(payee), role: role.as_str(), percent: AsText(*percent) });
    }
    found
}

impl<'r> ContestedRow<'r> {
    fn of(row: &'r ContestedCredit<'r>) -> ContestedRow<'r> {
        let source = |one: &CreditSource<'r>| SourceJson {
            source: one.source,
            position: one.position,
            shares: shares_json(one.shares),
        };
        let changed = row.changed.as_ref();
        ContestedRow {
            thing: row.thing.word(),
            id: row.thing.id(),
            account: AsText(row.account),
            date: AsText(row.day),
            arr: row.arr.map(|(arr, _)| AsText(arr)),
            currency: row.arr.map(|(_, currency)| AsText(currency)),
            sources: row.sources.iter().map(source).collect(),
            changed: changed.map(|one| ChangeJson { period: AsText(one.period), was: shares_json(&one.was) }),
            overlay: percent(&row.share_of(Role::Overlay)),
            partner: percent(&row.share_of(Role::Partner)),
            disputes: &row.disputes,
        }
    }
}

impl PartnerJson {
    fn of(one: &PartnerShare) -> PartnerJson {
        let money = |amount| AsText(rounded(amount, one.currency));
        PartnerJson {
            currency: AsText(one.currency),
            arr: money(&one.arr),
            partner_sourced: money(&one.sourced),
            sourced_percent: rounded_percent(&part_of(&one.sourced, &one.arr)),
            partner_influenced: money(&one.influenced),
            influenced_percent: rounded_percent(&part_of(&one.influenced, &one.arr)),
        }
    }
}
