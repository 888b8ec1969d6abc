//! Bridges: what changed between two points of a book, what would change, and which entries make it (docs/bridges.md).

mod effects;
mod judged;
mod modelled;
mod rehearsed;
mod tried;

use ledger::date::Month;
use replay::book::Book;
use replay::bridge::diff::{BridgePoint, BridgeScope, PostedPoint, diff};
use replay::bridge::rows::{Bridge, BridgeEnd, EndAmounts};
use replay::state::State;
use replay::statements::causes::CauseFilter;

/// A point of a book.
#[derive(Copy, Clone)]
enum Point<'p> {
    /// Everything due by the end of a month, as known at a size.
    Known(u64, Month),
    /// What was posted, in the state right after a close.
    Posted(&'p State),
}

impl<'p> Point<'p> {
    fn bridge_point(self) -> BridgePoint<'p> {
        match self {
            Point::Known(known, period) => {
                let end = BridgeEnd { known, period, amounts: EndAmounts::Derived };
                BridgePoint { end, posted: None }
            }
            Point::Posted(state) => {
                let close = &state.posted_state().last_close().expect("a close").close;
                let end = BridgeEnd { known: close.known, period: close.period, amounts: EndAmounts::Posted };
                BridgePoint { end, posted: Some(PostedPoint::of(state.posted_state())) }
            }
        }
    }
}

/// The bridge between two points, with these entries tried as causes.
fn bridge(book: &Book, (from, to): (Point<'_>, Point<'_>), filter: CauseFilter) -> Bridge {
    let scope = BridgeScope { filter, ..BridgeScope::default() };
    diff(book.state(), from.bridge_point(), to.bridge_point(), &scope)
}
