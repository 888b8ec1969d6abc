//! Admission of usage: snapshots are compared by contract, meter and interval.

use ledger::exact::Exact;
use ledger::fact::Incoming;
use projections::knowledge::UsageRef;
use projections::position::Position;

use super::context::{AdmissionContext, Decided, Decision, fresh, restating};

/// The recorded usage of one meter and interval.
#[derive(Default)]
pub(super) struct Interval {
    /// The position of the snapshot in force.
    pub(super) in_force: Option<Position>,
    /// Whether that snapshot has the same amount, quantity and currency.
    says_the_same: bool,
    /// The last snapshot that had the same amount, quantity and currency and has ended, and the entry that ended it.
    pub(super) equal_ended: Option<(Position, Position)>,
}

impl AdmissionContext<'_> {
    /// Decides about a usage snapshot: one of the same interval in force is known if it is equal, and otherwise replaced.
    pub(super) fn usage(&self, incoming: &Incoming, usage: UsageRef<'_>) -> Decided {
        let found = self.interval(usage);
        if let Some(position) = found.in_force
            && found.says_the_same
        {
            return Ok(Decision::Known(position));
        }
        if let Some((equal, since)) = found.equal_ended
            && !self.is_meant(incoming)
        {
            return Ok(Decision::Superseded { equal, since });
        }
        match found.in_force {
            Some(position) => Ok(restating(position)),
            None => Ok(fresh()),
        }
    }

    /// The recorded usage of exactly this contract, meter and interval.
    pub(super) fn interval(&self, usage: UsageRef<'_>) -> Interval {
        let mut found = Interval::default();
        let Some(contract) = self.knowledge.contract_of(usage.contract, usage.account) else { return found };
        let view = self.view();
        for metered in view.runs_of(contract) {
            let run = &metered.run;
            if run.meter.as_ref().map(ledger::id::Name::as_str) != usage.meter {
                continue;
            }
            let same_currency = metered.currency == usage.currency;
            for index in run.meeting(usage.from, usage.to).filter(|index| run.covers(*index, usage.from, usage.to)) {
                found.in_force = Some(run.position(index));
                found.says_the_same = same_currency && run.says(index, usage.amount, usage.quantity);
            }
            for ended in run.ended_covering(usage.from, usage.to) {
                let says = (&ended.snapshot.amount, &ended.snapshot.quantity)
                    == (&usage.amount.exact(), &usage.quantity.map(|quantity| quantity.exact()));
                let position = ended.snapshot.position;
                match self.knowledge.ended_by(position, view.visibility) {
                    None => (found.in_force, found.says_the_same) = (Some(position), says && same_currency),
                    Some(since) if says && same_currency => {
                        found.equal_ended = found.equal_ended.max(Some((position, since)))
                    }
                    Some(_) => {}
                }
            }
        }
        found
    }

    /// Whether the snapshot at a position has this contract, meter and interval.
    pub(super) fn snapshot_has_key(&self, position: Position, usage: UsageRef<'_>) -> bool {
        let Some((metered, snapshot)) = self.knowledge.snapshot_at(position) else { return false };
        let contract = self.knowledge.contract(metered.contract);
        (contract.id.as_str(), contract.account.as_str()) == (usage.contract, usage.account)
            && metered.run.meter.as_ref().map(ledger::id::Name::as_str) == usage.meter
            && (snapshot.from, snapshot.to) == (usage.from, usage.to)
    }

    /// Whether the snapshot at a position has this contract, meter, interval, currency, amount and quantity.
    pub(super) fn snapshot_says(&self, position: Position, usage: UsageRef<'_>) -> bool {
        let Some(metered) = self.knowledge.run_at(position) else { return false };
        let says = |amount: &Exact, quantity: &Option<Exact>| {
            (amount, quantity) == (&usage.amount.exact(), &usage.quantity.map(|quantity| quantity.exact()))
        };
        let contract = self.knowledge.contract_of(usage.contract, usage.account);
        let same_run =
            contract.is_some_and(|contract| self.view().runs_of(contract).any(|run| std::ptr::eq(run, metered)));
        let columns =
            metered.run.meeting(usage.from, usage.to).filter(|index| metered.run.position(*index) == position);
        let snapshots = columns.map(|index| metered.run.snapshot(index));
        let ended = metered.run.ended_covering(usage.from, usage.to).map(|ended| ended.snapshot.clone());
        let ended = ended.filter(|snapshot| snapshot.position == position);
        let mut all = snapshots.chain(ended);
        let meter = metered.run.meter.as_ref().map(ledger::id::Name::as_str);
        same_run
            && meter == usage.meter
            && metered.currency == usage.currency
            && all.any(|snapshot| {
                (snapshot.from, snapshot.to) == (usage.from, usage.to) && says(&snapshot.amount, &snapshot.quantity)
            })
    }

    /// The position of the snapshot in force for the account, contract, meter, first and last day of a key.
    pub(super) fn usage_in_force(
        &self,
        parts: &(String, String, Option<String>, ledger::date::Day, ledger::date::Day),
    ) -> Option<Position> {
        let (account, contract, meter, from, to) = parts;
        let contract = self.knowledge.contract_of(contract, account)?;
        let view = self.view();
        let runs = view
            .runs_of(contract)
            .filter(|run| run.run.meter.as_ref().map(ledger::id::Name::as_str) == meter.as_deref());
        let mut exact = runs
            .flat_map(|run| view.snapshots(run, *from, *to))
            .filter(|snapshot| (snapshot.from, snapshot.to) == (*from, *to));
        exact.next().map(|snapshot| snapshot.position)
    }
}
