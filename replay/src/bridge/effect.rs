//! Whether a cause is about a line itself, or changes it through attainment only.

use ledger::fact::item_key::ItemKey;
use ledger::fact::{Body, Reference, SplitTarget};
use ledger::id::AccountId;
use projections::knowledge::{Knowledge, things_named};
use projections::lines::LineName;
use projections::position::Position;

use crate::bridge::rows::CauseEffect;

/// The effect on a line of the entries at some positions. Plan versions, time and the engine are about every line.
pub(super) fn effect_of(
    knowledge: &Knowledge,
    positions: &[Position],
    name: &LineName,
    account: Option<&AccountId>,
) -> CauseEffect {
    let line = LineThings { knowledge, name, account };
    let is_own = positions.is_empty() || positions.iter().any(|position| line.is_about(*position));
    if is_own { CauseEffect::Own } else { CauseEffect::Attainment }
}

/// What a line is about.
struct LineThings<'l> {
    knowledge: &'l Knowledge,
    name: &'l LineName,
    account: Option<&'l AccountId>,
}

impl LineThings<'_> {
    fn is_about(&self, position: Position) -> bool {
        if let Some(metered) = self.knowledge.run_at(position) {
            let contract = self.knowledge.contract(metered.contract);
            return self.contract(contract.id.as_str());
        }
        // A plan version is about every line that it can have changed.
        let Some(known) = self.knowledge.fact_at(position) else { return true };
        self.fact(&known.fact.body, position)
    }

    fn fact(&self, body: &Body, position: Position) -> bool {
        match body {
            Body::Booking(fact) => self.booking(fact.booking.as_str()) || self.is_month_of(fact.contract()),
            Body::Cancellation(fact) => self.booking(fact.booking.as_str()),
            Body::CreditNote(fact) => self.booking(fact.booking.as_str()),
            Body::CreditSplit(fact) => self.target(&fact.on),
            Body::Signal(fact) => {
                let is_item =
                    matches!(&self.name.item, ItemKey::Fact(id) if self.knowledge.position_of(*id) == Some(position));
                is_item || self.is_sum() || things_named(fact).any(|target| self.target(&target))
            }
            Body::Adjustment(_) => self.name.plan.is_none(),
            Body::Retraction(fact) => match &fact.retracts {
                Reference::Id(id) => match self.knowledge.position_of(*id).filter(|below| *below < position) {
                    Some(below) => self.is_about(below),
                    None => true,
                },
                Reference::Key(_) => true,
            },
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::Quota(_)
            | Body::ExchangeRate(_)
            | Body::UsageSnapshot(_)
            | Body::UsageComplete(_)
            | Body::OpeningBalance(_) => true,
        }
    }

    /// Whether the item is a sum over many things, as a month or a performance period is.
    fn is_sum(&self) -> bool {
        match &self.name.item {
            ItemKey::Month(_) | ItemKey::Period(_) => true,
            ItemKey::Booking(_) | ItemKey::ContractMonth { .. } | ItemKey::Fact(_) => false,
        }
    }

    fn booking(&self, id: &str) -> bool {
        match &self.name.item {
            ItemKey::Booking(booking) => booking.as_str() == id,
            ItemKey::ContractMonth { .. } | ItemKey::Fact(_) => false,
            ItemKey::Month(_) | ItemKey::Period(_) => true,
        }
    }

    fn is_month_of(&self, contract: &str) -> bool {
        matches!(&self.name.item, ItemKey::ContractMonth { contract: of, .. } if of.as_str() == contract)
    }

    fn contract(&self, id: &str) -> bool {
        match &self.name.item {
            ItemKey::Booking(booking) => {
                let mut versions = self.knowledge.booking_versions(booking.as_str());
                versions.any(|(_, booking)| booking.contract() == id)
            }
            ItemKey::ContractMonth { contract, .. } => contract.as_str() == id,
            ItemKey::Month(_) | ItemKey::Period(_) => true,
            ItemKey::Fact(_) => false,
        }
    }

    fn target(&self, target: &SplitTarget) -> bool {
        match target {
            SplitTarget::Booking(id) => self.booking(id.as_str()),
            SplitTarget::Contract(id) => self.contract(id.as_str()),
            SplitTarget::Account(id) => self.account.is_none_or(|account| account == id),
        }
    }
}
