//! Which doubts about a close an earlier close had too: what they are about was known to it, and has not changed since. So a doubt is
//! told once, by the close that sees it first.

use ledger::date::Day;
use ledger::id::BookingId;
use plans::evaluation_fault::EvaluationWarning;
use projections::position::Position;
use projections::view::View;
use uuid::Uuid;

use crate::state::State;

/// Whether the last close had the same doubt.
pub(super) fn is_told_before(state: &State, view: View<'_>, warning: &EvaluationWarning) -> bool {
    let Some(last) = state.posted.last_close() else { return false };
    let (closed, known) = (last.close.period.last(), last.close.known);
    let was_known = |position: Position| u64::from(position) < known;
    // A version of a plan can measure what was not measured before.
    let versions = state.rules.plans().flat_map(|(_, versions)| versions);
    let mut seen = versions.filter(|published| view.visibility.includes(published.position));
    if seen.any(|published| !was_known(published.position)) {
        return false;
    }
    match warning {
        EvaluationWarning::NothingToPayBy { booking, .. } | EvaluationWarning::BookingWithoutAmount { booking, .. } => {
            let positions = booking_positions(view, booking, closed);
            positions.is_some_and(|positions| positions.into_iter().all(was_known))
        }
        EvaluationWarning::SignalWithoutValue { at, item, .. } => {
            *at <= closed && signal_positions(view, item).is_some_and(|positions| positions.into_iter().all(was_known))
        }
    }
}

/// The positions of a booking and its credit notes; `None` if the booking is dated after the last closed day.
fn booking_positions(view: View<'_>, booking: &BookingId, closed: Day) -> Option<Vec<Position>> {
    let found = view.booking(booking.as_str()).filter(|found| found.fact.at <= closed)?;
    let notes = view.credit_notes_by(booking, Day::LAST).map(|note| note.position);
    Some([found.position].into_iter().chain(notes).collect())
}

/// The positions of a signal and its corrections, by the id of the first of them.
fn signal_positions(view: View<'_>, id: &str) -> Option<Vec<Position>> {
    let mut position = view.knowledge.position_of(Uuid::parse_str(id).ok()?)?;
    let mut positions = vec![position];
    while let Some(known) = view.knowledge.fact_at(position) {
        let by = known.validity.replaced_by.iter().copied();
        let Some(next) = by.filter(|by| *by > position && view.visibility.includes(*by)).max() else { break };
        positions.push(next);
        position = next;
    }
    Some(positions)
}
