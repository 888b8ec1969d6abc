//! The short way for usage that continues its run: a snapshot of the same contract and meter, later than all recorded ones.
//! It is new and valid whatever else is recorded, so only the last day of its run has to be compared. Such snapshots are
//! folded into their runs in groups, once the append is committed: the runs are copied if they are changed before that.

use ledger::date::Day;
use ledger::fact::{Body, Incoming, UsageSnapshot};
use projections::knowledge::usage_buffer::{RunNames, RunNumber, UsageBuffer, UsageRow};
use projections::knowledge::{Knowledge, UsageRef};
use projections::usage::INTERVAL_DAYS_MAX;

/// The usage runs that were met in one append.
#[derive(Default)]
pub struct UsageFeed {
    numbers: RunNames,
    /// By run number: the place of the run, and the last day with usage of its contract and meter. `None`: it has to be looked
    /// up, or the next snapshot takes the long way.
    metered: Vec<Option<(u32, Day)>>,
    buffer: UsageBuffer,
    names: Vec<u8>,
}

impl UsageFeed {
    /// The run and row of a snapshot that is later than its run; `None` if it is not, or if that is not known.
    #[inline]
    pub fn behind_all(&mut self, incoming: &Incoming, knowledge: &Knowledge) -> Option<(u32, UsageRow)> {
        let Body::UsageSnapshot(usage) = &incoming.fact.body else { return None };
        if !is_plain(incoming, usage) {
            return None;
        }
        let (RunNumber::Known(number) | RunNumber::New(number)) = self.number(usage);
        let metered = &mut self.metered[number as usize];
        if metered.is_none() {
            // No row of this run is in the buffer: only runs that are known here have one.
            let usage = UsageRef::of(usage);
            // Usage of the same days may be recorded already under a key with another meter or none.
            *metered = knowledge.metered_alone(usage).filter(|_| !knowledge.is_metered_otherwise(usage));
        }
        let (run, last) = metered.as_mut().filter(|(_, last)| *last < usage.from)?;
        let row = UsageRow::from_fact(usage)?;
        *last = usage.to;
        Some((*run, row))
    }

    fn number(&mut self, usage: &UsageSnapshot) -> RunNumber {
        self.names.clear();
        let meter = usage.meter.as_ref().map_or("", |meter| meter.as_str());
        // A zero byte separates the names, because no name contains one.
        for name in [usage.account.as_str(), usage.contract(), meter] {
            self.names.extend_from_slice(name.as_bytes());
            self.names.push(0);
        }
        let code = usage.currency.code().as_bytes().try_into().expect("codes have three letters");
        let number = self.numbers.of(&self.names, code);
        if let RunNumber::New(_) = number {
            self.metered.push(None);
        }
        number
    }

    /// Folds in the next entry, a row that `behind_all` returned.
    #[inline]
    pub fn take(&mut self, knowledge: &mut Knowledge, (run, row): (u32, UsageRow)) {
        self.buffer.push_to_run(knowledge, run, row);
    }

    /// Moves all buffered rows into the knowledge. Call it before any other code reads usage.
    pub fn settle(&mut self, knowledge: &mut Knowledge) {
        self.buffer.flush(knowledge);
    }

    /// Learns from a fact that was admitted the long way.
    pub fn learn(&mut self, knowledge: &Knowledge, effect: FeedEffect) {
        match effect {
            FeedEffect::Nothing => {}
            FeedEffect::Metered(usage) => {
                let (RunNumber::Known(number) | RunNumber::New(number)) = self.number(&usage);
                self.metered[number as usize] = knowledge.metered(UsageRef::of(&usage));
            }
            FeedEffect::Unmetered(usage) => {
                let (RunNumber::Known(number) | RunNumber::New(number)) = self.number(&usage);
                self.metered[number as usize] = None;
            }
            FeedEffect::Forget => self.forget(),
        }
    }

    fn forget(&mut self) {
        self.metered.iter_mut().for_each(|metered| *metered = None);
    }
}

/// The effect of a fact that takes the long way on the usage after it.
pub enum FeedEffect {
    Nothing,
    /// The next snapshot of its run may take the short way.
    Metered(UsageSnapshot),
    /// The next snapshot of its run takes the long way, too.
    Unmetered(UsageSnapshot),
    /// It can make other usage valid or invalid: the next snapshot of every run takes the long way.
    Forget,
}

impl FeedEffect {
    /// The effect of a fact that is probably the same as another one. Of usage, the next snapshot may be so, too, and is looked at.
    pub fn of_duplicate(incoming: &Incoming) -> FeedEffect {
        if let Body::UsageSnapshot(usage) = &incoming.fact.body {
            return FeedEffect::Unmetered(usage.clone());
        }
        FeedEffect::of(incoming, &[])
    }

    /// The effect of a fact that replaces the entries at `replaces`.
    pub fn of(incoming: &Incoming, replaces: &[u64]) -> FeedEffect {
        match &incoming.fact.body {
            Body::UsageSnapshot(usage) if replaces.is_empty() && is_plain(incoming, usage) => {
                FeedEffect::Metered(usage.clone())
            }
            Body::UsageSnapshot(_) | Body::Booking(_) | Body::Retraction(_) => FeedEffect::Forget,
            _ if incoming.corrects.is_some() => FeedEffect::Forget,
            Body::Payee(_) | Body::Account(_) | Body::Assignment(_) | Body::AssignmentEnd(_) => FeedEffect::Nothing,
            Body::Quota(_) | Body::Cancellation(_) | Body::CreditSplit(_) | Body::Signal(_) => FeedEffect::Nothing,
            Body::CreditNote(_) => FeedEffect::Nothing,
            Body::ExchangeRate(_) | Body::OpeningBalance(_) | Body::Adjustment(_) => FeedEffect::Nothing,
            Body::UsageComplete(_) => FeedEffect::Nothing,
        }
    }
}

/// Whether usage can be on the short way: it has no id of its own and corrects or replaces nothing.
fn is_plain(incoming: &Incoming, usage: &UsageSnapshot) -> bool {
    incoming.id.is_none()
        && incoming.corrects.is_none()
        && usage.replaces.is_none()
        && (1..=INTERVAL_DAYS_MAX).contains(&usage.from.days_to(usage.to))
}
