//! `trueup diff`: what changed between two points of a book, and which entries did it.

use std::collections::BTreeSet;
use std::str::FromStr;

use clap::Args;
use ledger::date::Month;
use replay::book::Book;
use replay::bridge::diff::{BridgePoint, BridgeScope, PostedPoint, diff};
use replay::bridge::rows::{Bridge, BridgeEnd, EndAmounts};
use replay::state::State;

use crate::arguments::{Format, OutputFormat, month};
use crate::as_of::{AsOf, Point};
use crate::command::pay::statement::payee_of;
use crate::failure::Failure;
use crate::refusal::{CommandRefusal, CompareRefusal};
use crate::render::bridge::json::BridgeJson;
use crate::render::bridge::words::BridgeWords;
use crate::render::bridge::{svg, table, text};
use crate::render::problem::Severity;
use crate::session::state::{Outcome, Session};
use crate::wording;

/// Show what changed between two points of the book, and which entries changed it
///
/// A point is a size, a time, or a closed month. Two closes are compared by what was posted up to each. A close and another point: what was
/// posted up to that close, and what would be due by the end of that month as known at the other point. Two other points: what is due by the end
/// of one month (`--period`), as known at each.
#[derive(Args, Debug)]
pub struct DiffOf {
    /// The first point: a size, a time or a closed month
    #[arg(value_name = "A")]
    a: Point,
    /// The second point; by default `now`, all that is recorded
    #[arg(value_name = "B", default_value = "now")]
    b: PointOrNow,
    /// Between sizes or times: everything due by the end of this month; by default the last closed one
    #[arg(long, value_parser = month)]
    period: Option<Month>,
    /// Only this payee; repeat it for several
    #[arg(long)]
    payee: Vec<String>,
    #[command(flatten)]
    at: AsOf,
}

/// A point, or all that is recorded.
#[derive(Copy, Clone, Debug)]
enum PointOrNow {
    Now,
    Point(Point),
}

impl FromStr for PointOrNow {
    type Err = String;

    fn from_str(text: &str) -> Result<PointOrNow, String> {
        if text == "now" { Ok(PointOrNow::Now) } else { text.parse().map(PointOrNow::Point) }
    }
}

impl DiffOf {
    pub fn run(self, session: &mut Session) -> Result<Outcome, Failure> {
        let book = session.book_at(&self.at)?;
        let payees: Result<BTreeSet<_>, Failure> = self.payee.iter().map(|payee| payee_of(&book, payee)).collect();
        let payees = payees?;
        let scope = BridgeScope { payees: (!payees.is_empty()).then_some(payees), ..BridgeScope::default() };
        let wait = session.wait("comparing");
        let (from, to) = self.ends(&book)?;
        let (before, after) = (after_close(&book, &from)?, after_close(&book, &to)?);
        let posted = [&before, &after].map(|state| state.as_ref().map(|state| PostedPoint::of(state.posted_state())));
        let (from, to) = (BridgePoint { end: from, posted: posted[0] }, BridgePoint { end: to, posted: posted[1] });
        let bridge = diff(book.state(), from, to, &scope);
        drop(wait);
        show(&bridge, BridgeWords::default(), session)?;
        Ok(outcome(&bridge, session))
    }

    /// Both ends of the bridge. A point that is no close takes the month of the other one.
    fn ends(&self, book: &Book) -> Result<(BridgeEnd, BridgeEnd), Failure> {
        let second = match self.b {
            PointOrNow::Now => None,
            PointOrNow::Point(point) => Some(point),
        };
        let closes = (self.a.month(), second.and_then(Point::month));
        if self.period.is_some() && (closes.0.is_some() || closes.1.is_some()) {
            return Err(Failure::refused(CommandRefusal::Compare(CompareRefusal::PeriodWithClose)));
        }
        let last = book.state().posted_state().last_close().map(|last| last.close.period);
        let period = self.period.or(closes.0).or(closes.1).or(last);
        let period = period.ok_or_else(|| Failure::refused(CommandRefusal::Compare(CompareRefusal::PeriodMissing)))?;
        let end = |point: Option<Point>, close: Option<Month>| -> Result<BridgeEnd, Failure> {
            // Also refuses a month that is not closed.
            let size = point.map_or(Ok(book.size()), |point| point.size(book))?;
            let closed = close.and_then(|month| book.state().closed(month));
            Ok(match closed {
                Some(closed) => {
                    BridgeEnd { known: closed.close.known, period: closed.close.period, amounts: EndAmounts::Posted }
                }
                None => BridgeEnd { known: size, period, amounts: EndAmounts::Derived },
            })
        };
        let (from, to) = (end(Some(self.a), closes.0)?, end(second, closes.1)?);
        if (from.known, from.period) > (to.known, to.period) || from.known > to.known {
            return Err(Failure::refused(CommandRefusal::Compare(CompareRefusal::Backwards {
                from: from.known,
                to: to.known,
            })));
        }
        Ok((from, to))
    }
}

/// The state right after the close of an end whose amounts are posted ones.
fn after_close(book: &Book, end: &BridgeEnd) -> Result<Option<State>, Failure> {
    let closed = match end.amounts {
        EndAmounts::Posted => book.state().closed(end.period),
        EndAmounts::Derived | EndAmounts::Previewed => None,
    };
    let size = closed.map(|closed| u64::from(closed.position) + 1);
    Ok(size.map(|size| book.state_at(size)).transpose()?)
}

/// Tells the faults of a bridge, with which it is not right.
pub fn outcome(bridge: &Bridge, session: &Session) -> Outcome {
    session.tell(Severity::Error, &wording::close::faults(&bridge.faults));
    if bridge.faults.is_empty() { Outcome::Done } else { Outcome::Found }
}

/// Shows a bridge in the format that was asked for.
pub fn show(bridge: &Bridge, words: BridgeWords, session: &mut Session) -> Result<(), Failure> {
    if session.options.output == OutputFormat::Svg {
        return session.bytes(svg::svg(bridge, words).as_bytes());
    }
    match session.options.format {
        Format::Json => session.json(&BridgeJson::of(bridge)),
        Format::Csv => table::write(bridge, &mut session.out),
        Format::Text => text::write(bridge, words, &mut session.out),
    }
}
