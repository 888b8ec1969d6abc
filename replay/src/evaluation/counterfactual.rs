//! Which lines some entries can have moved: those that would be reached if the entries had never been recorded, whatever else
//! is left out beside them. For reasons and causes alike.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::PayeeId;
use plans::rulebook::Rulebook;
use projections::knowledge::Knowledge;
use projections::lines::LineName;
use projections::position::Position;

use crate::evaluation::impact::{Reached, Since, Without};
use crate::evaluation::incremental::{Agenda, Extent};

pub struct Moves<'k> {
    without: Without<'k>,
    agenda: Agenda<'k>,
}

impl<'k> Moves<'k> {
    /// Of entries up to a size, for lines as of a day. What is dated in the last month counts like all before: a line that
    /// other news reaches may look at it.
    pub fn of(knowledge: &'k Knowledge, rules: &'k Rulebook, size: u64, day: Day) -> Moves<'k> {
        let since = Since { from: size, to: size, closed: day, day };
        Moves {
            without: Without::of(knowledge, rules, since),
            agenda: Agenda::of(knowledge, rules, since, Reached::default()),
        }
    }

    /// Of each line, whether some entries, ascending, can have moved it.
    pub fn concerned<'l>(
        &mut self,
        entries: &[Position],
        lines: impl Iterator<Item = (&'l PayeeId, &'l LineName)>,
    ) -> Vec<bool> {
        let reached = self.without.entries(entries);
        if reached.everything {
            return lines.map(|_| true).collect();
        }
        self.agenda.ask_about(reached);
        let mut extents: BTreeMap<&PayeeId, Extent> = BTreeMap::new();
        let mut concerned = Vec::new();
        for (payee, name) in lines {
            let extent = extents.entry(payee).or_insert_with(|| self.agenda.extent_of(payee, None));
            concerned.push(self.agenda.may_move(payee, extent, name));
        }
        concerned
    }
}
