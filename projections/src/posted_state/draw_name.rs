//! The name of a draw that a close gave, like that of a line: `plan/draw/draw/trigger@month`, its parts percent-encoded.

use std::fmt;

use ledger::date::Month;
use ledger::fact::DrawRecord;
use ledger::id::{Name, PlanId, percent_encoded};

use crate::posted_state::GivenDraw;

/// What names a draw.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DrawName<'d> {
    /// The plan; `None` for an opening balance.
    pub plan: Option<&'d PlanId>,
    /// The draw in the plan.
    pub draw: &'d Name,
    /// The booking or assignment that it was given for.
    pub trigger: &'d Name,
    /// The month that it was given in.
    pub month: Month,
}

impl fmt::Display for DrawName<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plan = self.plan.map_or(String::new(), |plan| percent_encoded(plan.as_str()));
        let (draw, trigger) = (percent_encoded(self.draw.as_str()), percent_encoded(self.trigger.as_str()));
        write!(f, "{plan}/{draw}/draw/{trigger}@{}", self.month)
    }
}

impl DrawName<'_> {
    /// Whether a text names the draw: percent-encoded, or plain as people type it.
    pub fn is_called(&self, text: &str) -> bool {
        let plan = self.plan.map_or("", PlanId::as_str);
        self.to_string() == text || format!("{plan}/{}/draw/{}@{}", self.draw, self.trigger, self.month) == text
    }
}

impl<'d> From<&'d DrawRecord> for DrawName<'d> {
    fn from(record: &'d DrawRecord) -> DrawName<'d> {
        DrawName { plan: record.plan.as_ref(), draw: &record.draw, trigger: &record.trigger, month: record.month }
    }
}

impl<'d> From<&'d GivenDraw> for DrawName<'d> {
    fn from(given: &'d GivenDraw) -> DrawName<'d> {
        DrawName { plan: given.plan.as_ref(), draw: &given.draw, trigger: &given.trigger, month: given.month }
    }
}
