//! From which entry to which entry of the log a fact is in force, and which entries a view takes into account
//! (calculation.md 2).
//!
//! An entry has effect unless a later entry that has effect itself retracts or corrects it. A retracted entry replaces
//! nothing; one that was corrected goes on replacing what it had replaced.

use crate::position::Position;

/// Which entries a view takes into account: those below a size, less some that are left out.
#[derive(Copy, Clone, Debug)]
pub struct Visibility<'h> {
    size: u64,
    /// Ascending, as [`Visibility::hiding`] has checked.
    hidden: &'h [Position],
    /// Ascending, as [`Visibility::correcting`] has checked.
    corrected: &'h [Position],
}

impl Visibility<'static> {
    /// Every entry below a size of the log.
    pub fn below(size: u64) -> Visibility<'static> {
        Visibility { size, hidden: &[], corrected: &[] }
    }
}

impl<'h> Visibility<'h> {
    /// Without some entries, ascending, as if they had never been recorded: what they had replaced is in force again. They
    /// take the place of those that were hidden before.
    pub fn hiding<'n>(self, hidden: &'n [Position]) -> Visibility<'n>
    where
        'h: 'n,
    {
        assert!(hidden.is_sorted(), "BUG: hidden entries do not ascend");
        Visibility { hidden, ..self }
    }

    /// With some entries, ascending, treated as if a correction had just replaced them: what they had replaced stays
    /// replaced. They take the place of those that were treated so before.
    pub fn correcting<'n>(self, corrected: &'n [Position]) -> Visibility<'n>
    where
        'h: 'n,
    {
        assert!(corrected.is_sorted(), "BUG: corrected entries do not ascend");
        Visibility { corrected, ..self }
    }

    /// The size of the log below which entries count.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Whether an entry counts as recorded.
    #[inline]
    pub fn includes(&self, position: Position) -> bool {
        // Hidden entries are mostly recent.
        let may_be_hidden = || self.hidden.first().is_some_and(|first| *first <= position);
        u64::from(position) < self.size && !(may_be_hidden() && self.hidden.binary_search(&position).is_ok())
    }

    /// Whether every entry up to a position is admitted.
    pub fn admits_all_up_to(&self, position: Position) -> bool {
        let is_behind = |list: &[Position]| list.first().is_none_or(|first| position < *first);
        u64::from(position) < self.size && is_behind(self.hidden) && is_behind(self.corrected)
    }

    /// Whether an entry counts as recorded and not as corrected by the view: it is in force unless an entry of the log has
    /// ended it.
    #[inline]
    pub fn admits(&self, position: Position) -> bool {
        self.includes(position) && (self.corrected.is_empty() || self.corrected.binary_search(&position).is_err())
    }
}

/// Which entries ended a fact, at whatever size of the log: none, for nearly all facts.
#[derive(Clone, Debug, Default)]
pub struct Validity {
    /// Corrections and restatements that replaced it.
    pub replaced_by: Vec<Position>,
    /// Retractions of it.
    pub retracted_by: Vec<Position>,
}

impl Validity {
    /// Whether no entry ended it.
    pub fn is_open(&self) -> bool {
        self.replaced_by.is_empty() && self.retracted_by.is_empty()
    }
}
