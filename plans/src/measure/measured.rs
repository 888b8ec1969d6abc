//! The items that measures yield, before a target makes one item a period of them (calculation.md 4).

use super::cell::Cell;
use super::{booking, growth, signal, usage};
use crate::item::Item;

/// All items that the component's measures yield, targets aside.
pub(super) fn measured_items<'k>(cell: Cell<'_, 'k>) -> Vec<Item<'k>> {
    let mut items = booking::items(cell);
    items.extend(signal::items(cell));
    items.extend(usage::items(cell));
    items.extend(growth::items(cell));
    items
}
