//! Whether an entry has effect: decided by the entries that replaced or retracted it (calculation.md 2).

use super::Knowledge;
use crate::position::Position;
use crate::validity::Visibility;

impl Knowledge {
    /// Whether an entry is visible and not retracted. Only such an entry replaces or retracts others.
    pub fn acts(&self, position: Position, visibility: Visibility<'_>) -> bool {
        visibility.includes(position)
            && self
                .validity(position)
                .is_none_or(|validity| !validity.retracted_by.iter().any(|by| self.acts(*by, visibility)))
    }

    /// Whether an entry has effect in a view: it acts, and no entry that acts has replaced it.
    pub fn in_force(&self, position: Position, visibility: Visibility<'_>) -> bool {
        self.acts(position, visibility)
            && visibility.admits(position)
            && self
                .validity(position)
                .is_none_or(|validity| !validity.replaced_by.iter().any(|by| self.acts(*by, visibility)))
    }

    /// The entry that ended this one in a view: a retraction before a replacement, each in the order of the log.
    /// `None` if it has effect.
    pub fn ended_by(&self, position: Position, visibility: Visibility<'_>) -> Option<Position> {
        let validity = self.validity(position)?;
        validity.retracted_by.iter().chain(&validity.replaced_by).copied().find(|by| self.acts(*by, visibility))
    }
}
