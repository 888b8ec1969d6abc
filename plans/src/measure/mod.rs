//! What components measure: one file for each measure, which yields items (calculation.md 4).

mod baseline;
mod booking;
mod cell;
mod days;
mod growth;
mod measured;
mod metered;
mod metric;
mod retention;
mod signal;
mod target;
mod usage;

use crate::item::Item;
use crate::plan::Earned;

pub use booking::cancelled_by;
pub use cell::Cell;
pub use metered::measures as measures_meter;
pub use target::reached as target_reached;

/// All items of a cell, ordered by date and key. Under a target there is one for each performance period.
pub fn items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let mut items = measured::measured_items(cell);
    items.retain(|item| !matches!(item.component.earned, Earned::Target { .. }));
    items.extend(target::items(cell));
    items.sort_by(|a, b| (a.date, &a.key).cmp(&(b.date, &b.key)));
    items
}
