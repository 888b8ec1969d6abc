//! Reasons to refuse an input, and warnings about it, as data: the value as it was written, the value that was expected,
//! and the positions of the facts that it contradicts.
//!
//! A refusal is carried in a [`Finding`], which has the path of the field at fault. The command line turns refusals into
//! sentences, and names the commands and flags that help.

use std::path::PathBuf;

use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{BookedAmount, FieldDifference, Reference, Role};
use ledger::field::{Amount, Percent};
use ledger::finding::{FieldPath, Finding};
use ledger::id::{AccountId, AdjustmentId, BookingId, ComponentId, CreditNoteId, Name, PayeeId, PlanId};
use ledger::money::Currency;
use ledger::refusal::{FactFinding, FactRefusal};
use projections::position::Position;
use uuid::Uuid;

use crate::authority::refusal::AuthorityRefusal;
use crate::record::Restatements;
use crate::refusal::rows::RowRefusal;

pub mod rows;

/// Why an input is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The policy does not allow it to those who sign it.
    NotAllowed(AuthorityRefusal),

    // Payees ------------------------------------------------------------------------------------------------------
    /// No fact says that the payee exists.
    PayeeUnknown {
        /// The payee that the fact names.
        payee: PayeeId,
        /// The known id that is spelled nearly so, if there is one.
        nearest: Option<PayeeId>,
    },
    /// A recovery cap outside of 0% to 100%.
    RecoveryCapOutOfRange {
        /// The cap as it was written.
        cap: Percent,
    },
    /// Following managers from the payee leads back to the payee.
    ManagerLoop {
        /// The first day on which the managers form a loop.
        day: Day,
        /// The payees of the loop, each followed by its manager; the first is also the last.
        chain: Vec<PayeeId>,
    },

    // Assignments and quotas --------------------------------------------------------------------------------------
    /// The last day of an assignment is before its first.
    AssignmentEndsBeforeStart,
    /// An amount below 0 in a field that takes 0 or more.
    AmountNegative {
        /// The amount that is negative.
        of: NonNegative,
        /// The amount as it was written.
        amount: Amount,
    },
    /// No version of the plan is published.
    PlanUnknown {
        /// The plan that the fact names.
        plan: PlanId,
        /// The known id that is spelled nearly so, if there is one.
        nearest: Option<PlanId>,
    },
    /// No version of the plan has the component.
    ComponentUnknown {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
        /// The known id that is spelled nearly so, if there is one.
        nearest: Option<ComponentId>,
        /// All components of all versions of the plan.
        known: Vec<ComponentId>,
    },
    /// The component takes its rate from the assignment, which names none.
    RateMissing {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
    },
    /// The component pays a part of the target pay, which the assignment does not name.
    TargetMissing {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
    },
    /// The payee is not assigned to the plan on that day.
    NotAssigned {
        /// The payee that the fact names.
        payee: PayeeId,
        /// The plan that the fact names.
        plan: PlanId,
        /// The date of the quota or of the end of the assignment.
        at: Day,
    },

    // Bookings ----------------------------------------------------------------------------------------------------
    /// A term outside of 1 to `most` months.
    TermOutOfRange {
        /// The term as it was written, in months.
        months: u16,
        /// The longest term, in months.
        most: u16,
    },
    /// A booking with this id is in force, and the fact does not correct it.
    BookingIdTaken {
        /// The booking that the fact names.
        booking: BookingId,
        /// The position of the booking that is in force.
        position: Position,
    },
    /// The booking is recorded already, with other content, and the fact does not say that it corrects it.
    BookingDiffers {
        /// The booking that the fact names.
        booking: BookingId,
        /// The position of the booking that is recorded.
        position: Position,
    },
    /// The adjustment is recorded already, with other content, and the fact does not say that it corrects it.
    AdjustmentDiffers {
        /// The adjustment that the fact names.
        adjustment: AdjustmentId,
        /// The position of the adjustment that is recorded.
        position: Position,
    },
    /// The contract has a booking in another currency.
    ContractCurrencyDiffers {
        /// The contract that the fact names.
        contract: String,
        /// The currency of the recorded booking.
        booked: Currency,
        /// The recorded booking.
        by: BookingId,
        /// The currency of the new booking.
        written: Currency,
    },
    /// The contract belongs to another account.
    ContractOfOtherAccount {
        /// The contract that the fact names.
        contract: String,
        /// The account that the contract belongs to.
        owner: AccountId,
        /// The account that the fact names.
        written: String,
    },
    /// No booking with this id is in force.
    BookingUnknown {
        /// The booking that the fact names.
        booking: BookingId,
        /// The known id that is spelled nearly so, if there is one.
        nearest: Option<BookingId>,
    },
    /// No account, booking or usage in force has this account.
    AccountUnknown {
        /// The account that the fact names.
        account: AccountId,
        /// The known id that is spelled nearly so, if there is one.
        nearest: Option<AccountId>,
    },
    /// A cancellation before its booking was signed.
    CancelledBeforeSigned {
        /// The booking that the fact names.
        booking: BookingId,
        /// The day on which the booking was signed.
        signed: Day,
        /// The date of the cancellation.
        cancelled: Day,
    },
    /// A credit note that its booking does not allow.
    CreditNote(CreditNoteRefusal),

    // Usage -------------------------------------------------------------------------------------------------------
    /// The last day of an interval is before its first.
    UsageEndsBeforeStart {
        /// The first day of the interval.
        from: Day,
        /// The last day of the interval.
        to: Day,
    },
    /// An interval of more than `most` days.
    UsageIntervalTooLong {
        /// The longest interval, in days.
        most: i32,
    },
    /// The contract is metered in another currency.
    UsageCurrencyDiffers {
        /// The contract that the fact names.
        contract: String,
        /// The currency of the usage that is recorded.
        metered: Currency,
        /// The currency of the new usage.
        written: Currency,
    },
    /// The interval overlaps one that is in force at `position`.
    UsageOverlaps {
        /// The contract that the fact names.
        contract: String,
        /// The first day of the interval that is in force.
        from: Day,
        /// The last day of the interval that is in force.
        to: Day,
        /// The position of the usage that is in force.
        position: Position,
        /// Whether it lies inside of the new interval.
        overlap: Overlap,
    },

    // Credit ------------------------------------------------------------------------------------------------------
    /// A share of 0% or less, or of more than 100% in a role other than primary.
    ShareOutOfRange {
        /// The share as it was written.
        percent: Percent,
    },
    /// Primary shares sum to more than 100%.
    SharesAboveWhole {
        /// The sum; 1 is 100%.
        sum: Exact,
    },

    // Other facts -------------------------------------------------------------------------------------------------
    /// A signal that names neither an account, a contract, a booking nor a payee.
    SignalOfNothing {
        /// The kind of signal.
        signal: Name,
    },
    /// An exchange rate of 0 or less.
    RateNotPositive {
        /// The rate as it was written.
        rate: Amount,
    },
    /// A rate of a currency to itself.
    RateToItself {
        /// The currency as it was written.
        currency: Currency,
    },
    /// An opening balance that is recorded after the first close.
    OpeningBalanceAfterClose {
        /// The last month that is closed.
        closed: Month,
    },
    /// A correction or retraction of an opening balance that the first close has entered into the balances.
    OpeningBalanceTakenOver {
        /// The last month that is closed.
        closed: Month,
    },
    /// An opening balance with neither of its amounts.
    OpeningBalanceEmpty,
    /// More decimals than the currency has.
    TooManyDecimals {
        /// The amount as it was written.
        amount: Amount,
        /// The currency as it was written.
        currency: Currency,
    },
    /// An adjustment without a reason.
    AdjustmentWithoutReason,
    /// A retraction without a reason.
    RetractionWithoutReason,

    // What a fact names -------------------------------------------------------------------------------------------
    /// Another fact has this id already.
    IdTaken {
        /// The id as it was written.
        id: Uuid,
        /// The position of the other fact.
        position: Position,
    },
    /// Two facts of one append have the same content and no ids of their own.
    RecordedTwice {
        /// The kind of the fact.
        kind: &'static str,
    },
    /// The fact to correct is of another kind.
    CorrectsOtherKind {
        /// The kind of the correction.
        written: &'static str,
        /// The kind of the fact that it names.
        known: &'static str,
        /// The position of the fact that it names.
        position: Position,
    },
    /// The fact to correct is a retraction; retractions can be retracted only.
    RetractionCorrected,
    /// The fact to correct has been replaced or retracted by another entry.
    CorrectedSince {
        /// The position of the fact that it names.
        target: Position,
        /// The position of the entry that ended that fact.
        since: Position,
        /// Whether that entry replaced or retracted it.
        how: Ended,
    },
    /// The fact to retract has been replaced or retracted by another entry.
    RetractedSince {
        /// The position of the fact that it names.
        target: Position,
        /// The position of the entry that ended that fact.
        since: Position,
        /// Whether that entry replaced or retracted it.
        how: Ended,
    },
    /// No fact with this key is in force.
    NothingToCorrect {
        /// The natural key as it was written.
        key: String,
    },
    /// Facts of this kind have no natural key, so a correction has to name an id.
    NoNaturalKey {
        /// The kind of the fact.
        kind: &'static str,
    },
    /// The key names several entries that are in force.
    ReferenceAmbiguous {
        /// The natural key as it was written.
        key: String,
        /// The positions of these entries.
        positions: Vec<Position>,
    },
    /// No fact has this id or key.
    ReferenceUnknown {
        /// The id or key as it was written.
        reference: Reference,
    },
    /// Usage that is named by key; it can be retracted by id only.
    UsageRetractedByKey {
        /// The natural key as it was written.
        key: String,
    },
    /// The retraction would be one of too many, each of which retracts the one before.
    RetractionsTooDeep {
        /// The position of the retraction that would be retracted.
        position: Position,
        /// The most retractions that may follow each other.
        most: usize,
    },
    /// Another line of the input has the natural key and other content, and this one does not say that it corrects it.
    Conflict {
        /// The natural key.
        key: String,
        /// The fields that differ: the value of the other line, and the value of this one.
        differences: Vec<FieldDifference>,
        /// The name of the other line's file.
        file: String,
        /// The number of the other line.
        line: u32,
    },
    /// The input restates another number of facts than was expected.
    RestatedDiffers {
        /// The number that was expected.
        expected: u64,
        /// What the input restates.
        restated: Box<Restatements>,
    },
    /// The mapping says that a fact with a known key and other content is refused.
    KnownDiffers {
        /// The natural key as it was written.
        key: String,
    },
    /// The fact equals one that has been replaced or retracted since.
    Superseded {
        /// The position of the fact that it equals.
        equal: Position,
        /// The position of the entry that replaced or retracted that fact.
        since: Position,
        /// Whether that entry replaced or retracted it.
        how: Ended,
        /// The amounts of the two facts, for kinds of facts that have one amount.
        numbers: Option<(String, String)>,
    },

    // Facts that depend on a replaced or retracted one -------------------------------------------------------------------
    /// Other facts depend on the one that would be replaced or retracted.
    StillNeeded {
        /// How the facts depend on it.
        by: Dependents,
        /// The first of the facts, in the order of the log.
        first: Vec<EntryName>,
        /// How many there are besides.
        more: usize,
    },
    /// The retraction would put an earlier fact into force again, and that is not valid any more.
    InvalidAgain {
        /// The kind of the fact that would be in force again.
        kind: &'static str,
        /// The position of that fact.
        position: Position,
        /// Why that fact is not valid any more.
        why: Box<Refusal>,
    },

    // Groups ---------------------------------------------------------------------------------------------------
    /// The personal fields of the fact cannot be sealed.
    Key(KeyRefusal),
    /// A limit is exceeded, or the encoding is wrong.
    Limit(LimitRefusal),

    // Of other crates ---------------------------------------------------------------------------------------------
    /// A fact that a mapping made of rows is refused.
    OfRows {
        /// What is wrong with the fact.
        why: Box<Refusal>,
        /// The column of the cell at fault; `None` if no single cell is at fault.
        column: Option<String>,
        /// How many rows the fact was made of, besides the one that is shown.
        more_rows: u64,
    },
    /// The line is no fact.
    Fact(FactRefusal),
    /// A mapping could make no fact of the rows.
    NoFact(RowRefusal),
}

/// Why personal fields cannot be sealed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum KeyRefusal {
    /// Fields of the payee are sealed in the log, and the key file has no key of the payee.
    PersonKeyMissing {
        /// The payee whose fields are to be sealed.
        payee: PayeeId,
        /// The position of the first entry with a sealed field of the payee.
        position: Position,
        /// The key file of the book.
        file: PathBuf,
    },
    /// The payee needs a new key, and the key file has none of the keys that the book uses: it may be the wrong file.
    KeyFileOfOtherBook {
        /// The payee whose fields are to be sealed.
        payee: PayeeId,
        /// The key file of the book.
        file: PathBuf,
        /// Whether the file exists.
        file_exists: bool,
    },
    /// The payee's key in the file does not open a field that is sealed for the payee.
    PersonKeyWrong {
        /// The payee whose fields are to be sealed.
        payee: PayeeId,
        /// The position of the entry that the key does not open.
        position: Position,
        /// The key file of the book.
        file: PathBuf,
    },
}

/// A limit that is exceeded, or bytes that are no text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum LimitRefusal {
    /// The entry would be too long.
    FactTooLong {
        /// The longest entry, in bytes.
        most: usize,
    },
    /// The book has as many entries as a book can have.
    BookFull {
        /// The most entries of a book.
        most: u64,
    },
    /// The line is too long.
    LineTooLong {
        /// The longest line, in bytes.
        most: usize,
    },
    /// The line is not UTF-8.
    NotUtf8,
    /// The refused lines that have to be kept until all lines are read take too much memory.
    TooMuchSetAside {
        /// The most bytes that are kept.
        most: usize,
    },
    /// Further refusals that are counted and not reported.
    More {
        /// How many there are besides.
        count: u64,
        /// There may be more: counting stopped at `count`.
        is_lower_bound: bool,
    },
}

/// What is doubtful about an input. The input is recorded all the same.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Warning {
    /// Another assignment to the plan begins on the same day; the new one leaves it no day.
    AssignmentSameDay {
        /// The payee that the fact names.
        payee: PayeeId,
        /// The plan that the fact names.
        plan: PlanId,
        /// The position of the assignment that begins on the same day.
        position: Position,
    },
    /// The version in force on the date of the fact has no such component; another version has.
    ComponentOfOtherVersion {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
        /// The date of the fact.
        at: Day,
    },
    /// The assignment names a rate for a component that has a rate of its own.
    RateUnused {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
    },
    /// The assignment names a quota for a component that takes none from assignments.
    QuotaUnused {
        /// The plan that the fact names.
        plan: PlanId,
        /// The component that the fact names.
        component: ComponentId,
    },
    /// The assignment names a target pay, and no component of the plan uses it.
    TargetUnused {
        /// The plan that the fact names.
        plan: PlanId,
    },
    /// A split of a booking, dated after the booking was signed: it does not change what the booking earns.
    SplitAfterBooking {
        /// The booking that the fact names.
        booking: BookingId,
        /// The day on which the booking was signed.
        signed: Day,
        /// The date of the split.
        at: Day,
    },
    /// A credit note after which nothing of the booking is left.
    CreditNoteLeavesNothing {
        /// The booking that the fact names.
        booking: BookingId,
    },
    /// A split of the contract or account pays a role that this narrower split does not pay. The narrower one replaces it.
    SplitDropsRole {
        /// The position of the split of the contract or account.
        position: Position,
        /// The role that is not paid.
        role: Role,
    },
    /// A payee has two shares in one role; they are added up.
    ShareTwice {
        /// The payee.
        payee: PayeeId,
        /// The role.
        role: Role,
    },
    /// Primary shares sum to less than 100%.
    SharesBelowWhole {
        /// The sum; 1 is 100%.
        sum: Exact,
    },
    /// Another opening balance of the payee in this currency is recorded; both count.
    OpeningBalanceSecond {
        /// The payee that the fact names.
        payee: PayeeId,
        /// The currency as it was written.
        currency: Currency,
        /// The position of the other opening balance.
        position: Position,
    },
    /// The day up to which usage is complete moves back, so that what was decided may be open again; or nothing says any
    /// more up to which day it is complete, so that everything is decided on what is known.
    CompleteDayBack {
        /// The account; `None`: everybody who has no such fact of their own.
        account: Option<AccountId>,
        /// The day before.
        from: Day,
        /// The day now; `None` if no fact says one any more.
        to: Option<Day>,
    },
    /// Usage is said to be complete through a day long after the last one of which usage is known.
    CompleteDayAhead {
        /// The account; `None`: everybody.
        account: Option<AccountId>,
        /// The day that the fact names.
        at: Day,
        /// The last day with usage.
        used: Day,
    },
    /// Another adjustment in force has this payee, amount, currency and date; both count.
    AdjustmentTwice {
        /// The payee that the fact names.
        payee: PayeeId,
        /// The position of the other adjustment.
        position: Position,
    },
    /// Another signal in force has this source; both count.
    SignalTwice {
        /// The source.
        source: String,
        /// The position of the other signal.
        position: Position,
    },
    /// Other usage in force has this contract, these days and this amount, and only one of the two names a meter; both count.
    UsageTwice {
        /// The contract.
        contract: String,
        /// The meter of the other usage; `None` if it names none.
        meter: Option<Name>,
        /// The position of the other usage.
        position: Position,
    },
    /// Further facts that are probably the same as another one, which are counted and not named.
    MoreDuplicates {
        /// How many there are besides.
        count: u64,
    },
    /// Further warnings that are counted and not reported.
    More {
        /// How many there are besides.
        count: u64,
    },
    /// A warning about a fact that a mapping made of rows, as [`Refusal::OfRows`].
    OfRows {
        /// What is wrong with the fact.
        why: Box<Warning>,
        /// The column of the cell at fault; `None` if no single cell is at fault.
        column: Option<String>,
        /// How many rows the fact was made of, besides the one that is shown.
        more_rows: u64,
    },
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

/// Where an interval that is in force lies, relative to the new one that overlaps it.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Overlap {
    /// Wholly inside of the new one, so `replaces = "overlapping"` can replace it.
    Inside,
    /// Partly outside of the new one.
    Partial,
}

/// How a fact ended.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Ended {
    /// A correction or restatement replaced it.
    Replaced,
    /// A retraction withdrew it.
    Retracted,
}

/// Why a credit note, or a booking with credit notes, is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CreditNoteRefusal {
    /// A credit note of this id is in force with other content, and the fact does not correct it.
    Differs {
        /// The credit note.
        credit_note: CreditNoteId,
        /// The position of the other one.
        position: Position,
    },
    /// A credit note before its booking was signed.
    BeforeSigned {
        /// The booking that the fact names.
        booking: BookingId,
        /// The day on which the booking was signed.
        signed: Day,
        /// The date of the credit note.
        at: Day,
    },
    /// A credit note without any amount.
    Empty,
    /// An amount of a credit note is not above 0.
    NotPositive {
        /// The amount.
        amount: Amount,
    },
    /// A booking with a negative amount has a credit note, or would have one.
    OfNegative {
        /// The booking.
        booking: BookingId,
        /// The amount that is negative.
        of: BookedAmount,
    },
    /// The credit notes of a booking take more of an amount than was booked.
    Exceed {
        /// The booking.
        booking: BookingId,
        /// The amount that they take from.
        of: BookedAmount,
        /// What was booked of it.
        booked: Exact,
        /// What the credit notes take together.
        taken: Exact,
    },
}

/// How facts depend on one that would be replaced or retracted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Dependents {
    /// Facts that name the payee; no other fact introduces it.
    OfPayee(PayeeId),
    /// Quotas and ends of an assignment.
    OfAssignment(PayeeId, PlanId),
    /// Cancellations and credit notes of a booking.
    OfBooking(BookingId),
}

/// An entry as it is shown to people.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct EntryName {
    /// Its natural key, or its id.
    pub name: String,
    /// Its position in the log.
    pub position: Position,
}

/// A refusal with the path of its field. Boxed, because it is large and rare.
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

impl From<CreditNoteRefusal> for Refusal {
    fn from(refusal: CreditNoteRefusal) -> Refusal {
        Refusal::CreditNote(refusal)
    }
}

impl From<KeyRefusal> for Refusal {
    fn from(refusal: KeyRefusal) -> Refusal {
        Refusal::Key(refusal)
    }
}

impl From<AuthorityRefusal> for Refusal {
    fn from(refusal: AuthorityRefusal) -> Refusal {
        Refusal::NotAllowed(refusal)
    }
}

impl From<LimitRefusal> for Refusal {
    fn from(refusal: LimitRefusal) -> Refusal {
        Refusal::Limit(refusal)
    }
}

/// Turns the findings of a line that is no fact into refusals.
pub fn of_fact(findings: Vec<FactFinding>) -> Vec<Finding<Refusal>> {
    findings.into_iter().map(|finding| finding.map(Refusal::Fact)).collect()
}
