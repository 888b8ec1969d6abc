//! From where and until where in the log something is known (calculation.md 2).
//!
//! An entry has effect unless a later entry that has effect itself retracts or corrects it. A retracted entry replaces
//! nothing; one that was corrected goes on replacing what it had replaced.

/// A place in the log. Four bytes, for every usage snapshot carries one.
pub type Position = u32;

/// The most entries that one book may have.
pub const ENTRIES_MAX: u64 = u32::MAX as u64;

/// Which entries are looked at: those below a size, without some that are left out of account.
#[derive(Copy, Clone, Debug)]
pub struct Sees<'h> {
    pub size: u64,
    /// As if they had never been recorded: what they had replaced holds again. Ascending.
    pub hidden: &'h [Position],
    /// As if something had just taken their place: they go on replacing what they had replaced. Ascending.
    pub corrected: &'h [Position],
}

impl Sees<'static> {
    pub fn below(size: u64) -> Sees<'static> {
        Sees { size, hidden: &[], corrected: &[] }
    }
}

impl Sees<'_> {
    #[inline]
    pub fn sees(&self, position: Position) -> bool {
        // What is hidden is mostly new.
        let may_be_hidden = || self.hidden.first().is_some_and(|first| *first <= position);
        u64::from(position) < self.size && !(may_be_hidden() && self.hidden.binary_search(&position).is_ok())
    }

    /// Whether everything up to a position holds.
    pub fn holds_up_to(&self, position: Position) -> bool {
        let is_behind = |list: &[Position]| list.first().is_none_or(|first| position < *first);
        u64::from(position) < self.size && is_behind(self.hidden) && is_behind(self.corrected)
    }

    /// Seen, and in force unless something in the log has ended it.
    #[inline]
    pub fn holds(&self, position: Position) -> bool {
        self.sees(position) && (self.corrected.is_empty() || self.corrected.binary_search(&position).is_err())
    }
}

/// What ended an entry: nothing, for nearly all of them.
#[derive(Clone, Debug, Default)]
pub struct Life {
    /// Entries that took its place: corrections and restatements.
    pub replaced_by: Vec<Position>,
    pub retracted_by: Vec<Position>,
}

impl Life {
    pub fn is_plain(&self) -> bool {
        self.replaced_by.is_empty() && self.retracted_by.is_empty()
    }
}

/// Where the ends of an entry are found by its position.
pub trait Lives {
    /// `None` where nothing has ended it.
    fn life(&self, position: Position) -> Option<&Life>;

    /// Seen and not retracted: such an entry replaces and retracts.
    fn acts(&self, position: Position, sees: Sees<'_>) -> bool {
        sees.sees(position)
            && self.life(position).is_none_or(|life| !life.retracted_by.iter().any(|by| self.acts(*by, sees)))
    }

    /// Acts, and nothing that acts has taken its place.
    fn in_force(&self, position: Position, sees: Sees<'_>) -> bool {
        self.acts(position, sees)
            && sees.holds(position)
            && self.life(position).is_none_or(|life| !life.replaced_by.iter().any(|by| self.acts(*by, sees)))
    }

    /// The entry because of which this one has no effect.
    fn ended_by(&self, position: Position, sees: Sees<'_>) -> Option<Position> {
        let life = self.life(position)?;
        life.retracted_by.iter().chain(&life.replaced_by).copied().find(|by| self.acts(*by, sees))
    }
}
