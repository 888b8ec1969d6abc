//! Where a version's text writes a component.

use ledger::id::ComponentId;

use crate::read::plan::PlanText;
use crate::read::report::Spot;

/// The place of a component's id.
pub(super) fn place_of(component: &ComponentId, places: Option<&PlanText>) -> Spot {
    let texts = places.map_or(&[][..], |text| text.components.items());
    let text = texts.iter().find(|text| text.id.value.as_ref() == Some(component));
    text.map_or(Spot::default(), |text| text.id.at)
}

/// The place of the day from which on the version is in force.
pub(super) fn place_of_effective(places: Option<&PlanText>) -> Spot {
    places.map_or(Spot::default(), |text| text.effective.at)
}
