//! Whether an entry has effect: decided by the entries that replaced or retracted it (calculation.md 2).

use super::Knowledge;
use crate::position::Position;
use crate::validity::Visibility;

impl Knowledge {
    /// Whether an entry is visible and not retracted. Such an entry replaces and retracts others.
    pub fn acts(&self, position: Position, visibility: Visibility<'_>) -> bool {
        visibility.includes(position)
            && self
                .validity(position)
                .is_none_or(|validity| !validity.retracted_by.iter().any(|by| self.acts(*by, visibility)))
    }

    /// Whether an entry acts, and no entry that acts has replaced it.
    pub fn in_force(&self, position: Position, visibility: Visibility<'_>) -> bool {
        self.acts(position, visibility)
            && visibility.admits(position)
            && self
                .validity(position)
                .is_none_or(|validity| !validity.replaced_by.iter().any(|by| self.acts(*by, visibility)))
    }

    /// The entry because of which this one has no effect: a retraction before a replacement, each in the order of the log.
    pub fn ended_by(&self, position: Position, visibility: Visibility<'_>) -> Option<Position> {
        let validity = self.validity(position)?;
        validity.retracted_by.iter().chain(&validity.replaced_by).copied().find(|by| self.acts(*by, visibility))
    }
}
