//! What an audit found: an entry of the log that says something else than what is derived from the facts known at its time.

use ledger::date::{Day, Month};
use ledger::fact::Reason;
use ledger::finding::Finding;
use ledger::money::Money;
use plans::why::Step;
use projections::lines::{LineName, PayeeCurrency};

use crate::authority::refusal::AuthorityRefusal;
use crate::close::refusal::{CloseFault, CloseRefusal};
use crate::statements::statement::Line;

/// An entry, or one that is missing, that differs from what is derived.
#[derive(Clone, Debug)]
pub struct AuditDifference {
    /// What differs.
    pub what: DifferenceKind,
    /// Whether the engine explains it.
    pub class: DifferenceClass,
    /// The position of the entry at fault; `None` where an entry is missing.
    pub position: Option<u64>,
    /// The closed month that it is about.
    pub period: Option<Month>,
    /// The payee and the currency that it is about.
    pub holder: Option<PayeeCurrency>,
    /// What the log says; empty where it says nothing.
    pub posted: String,
    /// What is derived; empty where nothing is.
    pub derived: String,
    /// Of the amount of a line: where both amounts come from.
    pub trace: Option<Box<LineTrace>>,
    /// Of the amount of a line: the later close that posted the opposite.
    pub taken_back: Option<TakenBack>,
}

/// What differs from what is derived.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DifferenceKind {
    /// The amount that a close posted of a line.
    LineAmount {
        /// The line.
        line: LineName,
        /// The posted amount less the derived one.
        difference: Money,
    },
    /// Something else that a posting says: its reason, due date, version.
    LineField {
        /// The line.
        line: LineName,
        /// The member.
        field: &'static str,
    },
    /// A difference that a freeze keeps from being posted.
    Withheld {
        /// The line.
        line: LineName,
    },
    /// A draw that a close gave or recovered.
    Draw {
        /// Its name.
        draw: String,
        /// The member.
        field: &'static str,
    },
    /// A sum or balance of a settlement.
    Settlement {
        /// The member.
        field: &'static str,
    },
    /// What a `period-close` says about the whole close.
    Close {
        /// The member.
        field: &'static str,
    },
    /// An approval, a payout, or another entry about what is payable.
    Payment {
        /// The kind of the entry.
        kind: &'static str,
        /// The member.
        field: &'static str,
    },
    /// An entry that the policy in force did not allow to those who signed it.
    NotAllowed {
        /// The kind of the entry.
        kind: &'static str,
        /// How many entries in a row.
        count: u64,
        /// Why.
        refusal: Box<AuthorityRefusal>,
    },
    /// A close that cannot be derived again.
    NotDerivable(Underivable),
    /// Bytes of the log that are not as they were written.
    Log {
        /// The file, relative to the book's folder.
        file: String,
        /// The offset in the file.
        byte: Option<u64>,
    },
}

/// Why a close cannot be derived again.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Underivable {
    /// The month, or the size that it was computed from, would have been refused.
    Refused(CloseRefusal),
    /// What would have had to be corrected first.
    Faults(Vec<Finding<CloseFault>>),
}

/// Whether the engine explains a difference.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum DifferenceClass {
    /// A later close posted exactly the opposite with the reason `calculation`: an earlier engine computed it otherwise.
    Engine,
    /// Anything else.
    Altered,
}

impl DifferenceClass {
    /// The word, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            DifferenceClass::Engine => "engine",
            DifferenceClass::Altered => "altered",
        }
    }
}

/// The later posting with which a line is as derived again.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct TakenBack {
    /// The month of the close that posted it.
    pub period: Month,
    /// The position of the posting; `None` where the entitlement has become what was posted.
    pub position: Option<u64>,
    /// Its reason.
    pub reason: Option<Reason>,
}

/// Where the posted and the derived amount of a line come from.
#[derive(Clone, Debug)]
pub struct LineTrace {
    /// The posting; `None` where none is in the log.
    pub posted: Option<PostedSide>,
    /// The derived line; `None` where nothing is due.
    pub derived: Option<DerivedSide>,
}

/// A posting as the log has it.
#[derive(Clone, Debug)]
pub struct PostedSide {
    /// Its position.
    pub position: u64,
    /// When it was recorded, in microseconds since 1970.
    pub recorded: u64,
    /// Its author.
    pub author: String,
    /// What it says that was posted before.
    pub before: Money,
    /// What it says that the payee is entitled to.
    pub entitled: Money,
    /// The day on which it is due.
    pub due: Day,
    /// Its reason.
    pub reason: Option<Reason>,
}

/// A line as it is derived.
#[derive(Clone, Debug)]
pub struct DerivedSide {
    /// The line that the close should have posted.
    pub line: Line,
    /// The steps from facts to the amount.
    pub why: Vec<Step>,
}
