//! `where`: which items a component takes (calculation.md 4).

use ledger::date::Day;
use ledger::id::{AccountId, Name};
use projections::view::View;

use crate::item::Subject;
use crate::plan::Filter;

/// Whether an item passes `where`. Segment and region are the account's on the item's date. An attribute is the
/// booking's own, else the account's. An item without a booking fails `motion` and `product`.
pub fn passes(filter: &Filter, view: View<'_>, subject: &Subject<'_>, date: Day) -> bool {
    let account = subject.account.as_ref().map_or("", AccountId::as_str);
    let booking = subject.booking.map(|booking| booking.fact);
    let allows = |list: &[Name], value: &dyn Fn() -> Option<String>| {
        list.is_empty() || value().is_some_and(|value| list.iter().any(|name| name.as_str() == value))
    };
    let text = |name: Option<Name>| name.map(|name| name.as_str().to_owned());
    allows(&filter.motion, &|| text(booking.and_then(|booking| booking.motion.clone())))
        && allows(&filter.product, &|| text(booking.and_then(|booking| booking.product.clone())))
        && allows(&filter.segment, &|| text(view.segment(account, date)))
        && allows(&filter.region, &|| text(view.region(account, date)))
        && filter.attributes.iter().all(|(name, list)| {
            let own = || booking.and_then(|booking| booking.attributes.get(name)).cloned();
            allows(list, &|| {
                own()
                    .or_else(|| view.account_attribute(account, name.as_str(), date))
                    .map(|own| own.as_str().to_owned())
            })
        })
}
