//! Several versions of one fact: lines of one input that contradict each other, and what a recording restates.

mod change;
mod conflict;
mod line_places;
mod restatement;
mod withdrawal;

pub use change::RestatementChange;
pub use line_places::LinePlace;
pub use restatement::{RESTATEMENT_BYTES_MAX, RESTATEMENTS_FIRST, RestatedSum, Restatement, Restatements};

pub(super) use conflict::{contradicted, corrects_in_effect, differing};
pub(super) use line_places::LinePlaces;
pub(super) use restatement::{differences, leave_contradictions};
pub(super) use withdrawal::Withdrawal;
