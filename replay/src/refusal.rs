//! Everything for which this crate refuses an input, or warns about it, as data: what was written, what was expected,
//! and where in the log the facts are that it contradicts.
//!
//! Each is carried in a `ledger::finding::Finding`, which has the path of the field at fault. The edge makes words of
//! them, and knows the commands and flags that help.

use std::path::PathBuf;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{Reference, Role};
use ledger::field::{Amount, Percent};
use ledger::finding::{FieldPath, Finding};
use ledger::id::{AccountId, BookingId, ComponentId, Name, PayeeId, PlanId};
use ledger::money::Currency;
use ledger::refusal::{FactFinding, FactRefusal};
use projections::position::Position;
use uuid::Uuid;

use crate::refusal::rows::RowRefusal;

pub mod rows;

/// Why an input is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    // Payees ------------------------------------------------------------------------------------------------------
    /// No fact says that the payee exists.
    PayeeUnknown { payee: PayeeId, nearest: Option<PayeeId> },
    /// A recovery cap outside of 0% to 100%.
    RecoveryCapOutOfRange { cap: Percent },
    /// On `day`, following managers from the payee leads back to it; `chain` begins and ends with the payee.
    ManagerLoop { day: Day, chain: Vec<PayeeId> },

    // Assignments and quotas --------------------------------------------------------------------------------------
    /// The last day of an assignment is before its first.
    AssignmentEndsBeforeStart,
    /// An amount below 0 where only 0 or more makes sense.
    AmountNegative { of: NonNegative, amount: Amount },
    /// No version of the plan is published.
    PlanUnknown { plan: PlanId, nearest: Option<PlanId> },
    /// No version of the plan has the component; `known` are those that there are.
    ComponentUnknown { plan: PlanId, component: ComponentId, nearest: Option<ComponentId>, known: Vec<ComponentId> },
    /// The component pays a rate that the assignment has to name.
    RateMissing { plan: PlanId, component: ComponentId },
    /// The component pays a part of a target that the assignment has to name.
    TargetMissing { plan: PlanId, component: ComponentId },
    /// The payee is not assigned to the plan on that day.
    NotAssigned { payee: PayeeId, plan: PlanId, at: Day },

    // Bookings ----------------------------------------------------------------------------------------------------
    /// A term outside of 1 to `most` months.
    TermOutOfRange { months: u16, most: u16 },
    /// Another booking with this id, not the one that the fact takes the place of, is in force at `position`.
    BookingIdTaken { booking: BookingId, position: Position },
    /// The booking is recorded with other content.
    BookingDiffers { booking: BookingId, position: Position },
    /// The contract has a booking in another currency.
    ContractCurrencyDiffers { contract: String, booked: Currency, by: BookingId, written: Currency },
    /// The contract belongs to the account `owner`.
    ContractOfOtherAccount { contract: String, owner: AccountId, written: String },
    /// There is no such booking.
    BookingUnknown { booking: BookingId, nearest: Option<BookingId> },
    /// A cancellation before its booking was signed.
    CancelledBeforeSigned { booking: BookingId, signed: Day, cancelled: Day },

    // Usage -------------------------------------------------------------------------------------------------------
    /// The last day of an interval is before its first.
    UsageEndsBeforeStart { from: Day, to: Day },
    /// An interval of more than `most` days.
    UsageIntervalTooLong { most: i32 },
    /// The contract is metered in another currency.
    UsageCurrencyDiffers { contract: String, metered: Currency, written: Currency },
    /// The interval overlaps one that is in force at `position`.
    UsageOverlaps { contract: String, from: Day, to: Day, position: Position, overlap: Overlap },

    // Credit ------------------------------------------------------------------------------------------------------
    /// A share of 0% or less, or, but of the primary role, of more than 100%.
    ShareOutOfRange { percent: Percent },
    /// Primary shares sum to more than 100%. The sum is a fraction of 1.
    SharesAboveWhole { sum: Exact },

    // Other facts -------------------------------------------------------------------------------------------------
    /// A signal that names neither an account, a contract, a booking nor a payee.
    SignalOfNothing { signal: Name },
    /// An exchange rate of 0 or less.
    RateNotPositive { rate: Amount },
    /// A rate of a currency to itself.
    RateToItself { currency: Currency },
    /// An opening balance after the first close, with the last month that is closed.
    OpeningBalanceAfterClose { closed: Month },
    /// A correction or retraction of an opening balance that the first close took over.
    OpeningBalanceTakenOver { closed: Month },
    /// An opening balance with neither of its amounts.
    OpeningBalanceEmpty,
    /// More decimals than the currency has.
    TooManyDecimals { amount: Amount, currency: Currency },
    /// An adjustment without a reason.
    AdjustmentWithoutReason,
    /// A retraction without a reason.
    RetractionWithoutReason,

    // What a fact names -------------------------------------------------------------------------------------------
    /// Another fact has this id.
    IdTaken { id: Uuid, position: Position },
    /// Two equal facts of one append that nothing tells apart.
    RecordedTwice { kind: &'static str },
    /// A fact may correct only one of its kind.
    CorrectsOtherKind { written: &'static str, known: &'static str, position: Position },
    /// Retractions are not corrected.
    RetractionCorrected,
    /// What is corrected was ended by another entry.
    CorrectedSince { target: Position, since: Position, how: Ended },
    /// What is retracted was ended by another entry.
    RetractedSince { target: Position, since: Position, how: Ended },
    /// Nothing with this key is in force.
    NothingToCorrect { key: String },
    /// Facts of this kind have no natural key by which one could be corrected.
    NoNaturalKey { kind: &'static str },
    /// The key names several entries that are in force.
    ReferenceAmbiguous { key: String, positions: Vec<Position> },
    /// Nothing that can be named has this id or key.
    ReferenceUnknown { reference: Reference },
    /// Usage is retracted by its id only.
    UsageRetractedByKey { key: String },
    /// The entry is a retraction of a retraction, `most` times over.
    RetractionsTooDeep { position: Position, most: usize },
    /// A mapping refuses facts whose key is known with other content.
    KnownDiffers { key: String },
    /// The fact equals the one at `equal`, which the one at `since` replaced. `numbers` are what both amount to, where
    /// that is one number.
    Superseded { equal: Position, since: Position, numbers: Option<(String, String)> },

    // What depends on a fact that is taken away -------------------------------------------------------------------
    /// Other facts depend on it: the first of them, and how many there are besides.
    StillNeeded { by: Dependents, first: Vec<EntryName>, more: usize },
    /// A fact that a retraction brings back would not be valid.
    InvalidAgain { kind: &'static str, position: Position, why: Box<Refusal> },

    // In groups ---------------------------------------------------------------------------------------------------
    /// Personal fields cannot be sealed.
    Key(KeyRefusal),
    /// A limit or an encoding.
    Limit(LimitRefusal),

    // Of other crates ---------------------------------------------------------------------------------------------
    /// A refusal of a fact that a mapping made of rows: the column of the cell at fault, where there is one, and how
    /// many rows the fact was made of besides the one that is shown.
    OfRows { why: Box<Refusal>, column: Option<String>, more_rows: u64 },
    /// A line that is no fact.
    Fact(FactRefusal),
    /// Rows of which a mapping could make no fact.
    NoFact(RowRefusal),
}

/// Why personal fields are not sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyRefusal {
    /// The payee's fields are sealed since `position`, and the key file has no key of that payee.
    PersonKeyMissing { payee: PayeeId, position: Position, file: PathBuf },
    /// A new key would be written to a file that has none of the book's other keys.
    KeyFileOfOtherBook { payee: PayeeId, file: PathBuf, is_there: bool },
    /// The payee's key in the file does not open what is sealed at `position`.
    PersonKeyWrong { payee: PayeeId, position: Position, file: PathBuf },
}

/// A limit that was exceeded, or bytes that are no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LimitRefusal {
    /// An entry longer than `most` bytes.
    FactTooLong { most: usize },
    /// The book has as many entries as one may have.
    BookFull { most: u64 },
    /// A line of more than `most` bytes.
    LineTooLong { most: usize },
    /// A line that is not UTF-8.
    NotUtf8,
    /// More than `most` bytes would have to be kept until all lines are read.
    TooMuchSetAside { most: usize },
    /// So many refusals besides those that are reported; `is_least` where counting stopped.
    More { count: u64, is_least: bool },
}

/// What is doubtful about an input that is taken all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// An assignment to the plan at `position` begins on the same day, and has no day left.
    AssignmentSameDay { payee: PayeeId, plan: PlanId, position: Position },
    /// The version in force on `at` has no such component; another version has.
    ComponentOfOtherVersion { plan: PlanId, component: ComponentId, at: Day },
    /// The component has a rate of its own.
    RateUnused { plan: PlanId, component: ComponentId },
    /// The component takes no quota from assignments.
    QuotaUnused { plan: PlanId, component: ComponentId },
    /// No component of the plan pays by a target.
    TargetUnused { plan: PlanId },
    /// A split of a booking, dated after the booking was signed: it does not change what the booking earns.
    SplitAfterBooking { booking: BookingId, signed: Day, at: Day },
    /// The wider split at `position` pays a role that this one, which counts alone, does not.
    SplitDropsRole { position: Position, role: Role },
    /// Primary shares sum to less than 100%. The sum is a fraction of 1.
    SharesBelowWhole { sum: Exact },
    /// There is another opening balance of the payee in this currency; both count.
    OpeningBalanceSecond { payee: PayeeId, currency: Currency, position: Position },
    /// So many warnings besides those that are reported.
    More { count: u64 },
    /// A warning about a fact that a mapping made of rows, as [`Refusal::OfRows`].
    OfRows { why: Box<Warning>, column: Option<String>, more_rows: u64 },
}

/// An amount that is 0 or more.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NonNegative {
    /// The quota for a component.
    Quota(ComponentId),
    /// Annual target pay.
    Target,
    /// An opening balance of what a payee owes.
    Owed,
    /// An opening balance of draws.
    Draw,
}

/// How an interval lies to the new one that it overlaps.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// Wholly inside, so that it may give way.
    Inside,
    /// Partly outside.
    Partial,
}

/// What ended a fact.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    Replaced,
    Retracted,
}

/// Facts that depend on one that is taken away.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dependents {
    /// Facts that name a payee of which no other fact says that it exists.
    OfPayee(PayeeId),
    /// Quotas and ends of an assignment.
    OfAssignment(PayeeId, PlanId),
    /// Cancellations of a booking.
    OfBooking(BookingId),
}

/// An entry, for people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryName {
    /// Its natural key, or its id.
    pub name: String,
    pub position: Position,
}

/// A refusal of one field. In a box, for it is large and rare.
pub type Refused = Box<Finding<Refusal>>;

impl Refusal {
    /// The refusal of a field of the input.
    pub fn at(self, path: FieldPath) -> Refused {
        Box::new(Finding::at(path, self))
    }
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Refused {
        Box::new(Finding::new(refusal))
    }
}

impl From<KeyRefusal> for Refusal {
    fn from(refusal: KeyRefusal) -> Refusal {
        Refusal::Key(refusal)
    }
}

impl From<LimitRefusal> for Refusal {
    fn from(refusal: LimitRefusal) -> Refusal {
        Refusal::Limit(refusal)
    }
}

/// What is wrong with a line that is no fact.
pub fn of_fact(findings: Vec<FactFinding>) -> Vec<Finding<Refusal>> {
    findings.into_iter().map(|finding| finding.map(Refusal::Fact)).collect()
}
