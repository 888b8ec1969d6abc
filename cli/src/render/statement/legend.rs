//! Terms of plans that a statement explains where they first appear: in its lines, under what is forfeited, or under what is pending.

use std::io::{self, Write};

use plans::plan::{Condition, Trigger};
use projections::lines::LineName;

use crate::render::statement::item::BookView;
use crate::terminal::screen::Screen;

const BURN: &str = "Burn is the consumption rate: usage in a window divided by what was committed for it.";
const CONSUMED: &str = "Consumed is usage since the start of a booking divided by its total contract value (TCV).";

/// The terms that a statement has not explained yet.
pub struct Legend<'b> {
    /// The book as the statement saw it.
    pub view: BookView<'b>,
    /// `burn`.
    rate: bool,
    /// `consumed`.
    consumed: bool,
}

impl<'b> Legend<'b> {
    pub fn new(view: BookView<'b>) -> Legend<'b> {
        Legend { view, rate: true, consumed: true }
    }

    /// Explains the terms that the conditions and triggers of these lines have first.
    pub fn after<'l>(
        &mut self,
        lines: impl Iterator<Item = (&'l LineName, Option<u32>)>,
        out: &mut Screen<impl Write>,
    ) -> io::Result<()> {
        self.terms(lines).into_iter().try_for_each(|words| writeln!(out, "  {words}"))
    }

    /// A sentence for each term that the conditions and triggers of these lines have first.
    pub fn terms<'l>(&mut self, lines: impl Iterator<Item = (&'l LineName, Option<u32>)>) -> Vec<&'static str> {
        let (mut rate, mut consumed) = (false, false);
        for (name, version) in lines {
            let is_burn = |condition: &Condition| matches!(condition, Condition::Burn { .. });
            rate |= self.view.conditions(name, version).iter().any(is_burn);
            consumed |= matches!(self.view.trigger(name, version), Some(Trigger::Consumed(_)));
        }
        let rate = (rate && std::mem::take(&mut self.rate)).then_some(BURN);
        let consumed = (consumed && std::mem::take(&mut self.consumed)).then_some(CONSUMED);
        rate.into_iter().chain(consumed).collect()
    }
}
