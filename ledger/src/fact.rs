//! Everything that can happen: the kinds of fact that people record, and the records that the ledger itself writes
//! (facts.md). Each field is here once; its JSON, its bytes and its place in derived ids follow from the list.

mod credit_note;
mod derived_id;
mod difference;
mod field_map;
mod incoming;
pub mod item_key;
mod payload;
mod reference;

use std::collections::BTreeMap;

use uuid::Uuid;

use field_map::FieldMap;

use crate::date::{Day, Month};
use crate::fact::item_key::ItemKey;
use crate::field::{
    AccountName, Amount, Attribute, ByteString, FieldChange, FreeText, FromJson, Percent, Stored, take,
};
use crate::id::{AccountId, AdjustmentId, BookingId, ComponentId, ContractId, CreditNoteId, Name, PayeeId, PlanId};
use crate::json::{self, JsonNode};
use crate::line::{LineReader, Members};
use crate::money::Currency;
use crate::refusal::{Expected, ObjectKind};
use crate::seal::Personal;
use crate::signing::PublicKey;
use crate::text_enum;
use crate::wire::{CborReader, CborWriter, Result};

pub use credit_note::BookedAmount;
pub use derived_id::derived_id;
pub use difference::FieldDifference;
pub use incoming::{Corrects, Incoming};
pub use payload::Payload;
pub use reference::{Reference, SplitTarget};

/// Key numbers of what any fact may have beside its own fields.
const KEY_SOURCE: u64 = 20;
const KEY_NOTE: u64 = 21;

/// A kind, picked out of those that it may be.
pub trait VariantOf<Set>: Sized {
    /// The fields, if the value is of this kind.
    fn of(any: &Set) -> Option<&Self>;
}

macro_rules! kinds {
    ($(#[$meta:meta])* $set:ident ($mode:ident) { $(
        $(#[$doc:meta])* $code:literal $word:literal $variant:ident($kind:ident) { $( $(#[$field_doc:meta])* $key:literal $field:ident: $type:ty ),* $(,)? }
    )* }) => {
        $(
            $(#[$doc])*
            #[doc = concat!("\n\n`", $word, "` in JSON; its fields are in docs/facts.md and docs/format.md.")]
            #[allow(missing_docs, reason = "the fields are described on the pages, and have the same names there")]
            #[derive(Clone, PartialEq, Eq, Debug)]
            pub struct $kind { $( $(#[$field_doc])* pub $field: $type ),* }

            impl $kind {
                fn count(&self, id_only: bool) -> usize {
                    0 $( + usize::from(!self.$field.is_absent() && (!id_only || <$type as Stored>::IN_ID)) )*
                }
                fn put(&self, writer: &mut CborWriter<'_>, id_only: bool) {
                    $( if !self.$field.is_absent() && (!id_only || <$type as Stored>::IN_ID) {
                        writer.uint($key);
                        self.$field.put(writer);
                    } )*
                }
                fn get(map: &mut FieldMap<'_, '_>) -> Result<Self> {
                    Ok($kind { $( $field: map.field($key, stringify!($field))? ),* })
                }
                fn show(&self, out: &mut json::JsonWriter) {
                    $( if !self.$field.is_absent() { self.$field.show(out.name(stringify!($field))); } )*
                }
                fn values(&self) -> Vec<FieldDifference> {
                    let values = [$( FieldDifference::of(stringify!($field), &self.$field, &self.$field) ),*];
                    values.into_iter().filter(|value| value.old.is_some()).map(FieldDifference::withdrawn).collect()
                }
                fn differences(&self, later: &Self, found: &mut Vec<FieldDifference>) {
                    $( if self.$field != later.$field {
                        found.push(FieldDifference::of(stringify!($field), &self.$field, &later.$field));
                    } )*
                }
            }

            impl VariantOf<$set> for $kind {
                fn of(any: &$set) -> Option<&Self> { if let $set::$variant(kind) = any { Some(kind) } else { None } }
            }

            kinds!(@read $mode $kind { $($field: $type),* });
        )*

        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub enum $set { $( #[doc = concat!("`", $word, "`")] $variant($kind) ),* }

        impl $set {
            /// Their words in JSON, in the order of their codes.
            pub const WORDS: &'static [&'static str] = &[$($word),*];

            /// The kind's word in JSON.
            pub fn word(&self) -> &'static str { match self { $($set::$variant(_) => $word),* } }
            /// The kind's number in the log (docs/format.md).
            pub fn code(&self) -> u64 { match self { $($set::$variant(_) => $code),* } }
            fn count(&self, id_only: bool) -> usize { match self { $($set::$variant(kind) => kind.count(id_only)),* } }
            fn put(&self, writer: &mut CborWriter<'_>, id_only: bool) { match self { $($set::$variant(kind) => kind.put(writer, id_only)),* } }
            /// Writes the fields as members of a JSON object that is open.
            pub fn show(&self, out: &mut json::JsonWriter) { match self { $($set::$variant(kind) => kind.show(out)),* } }
            /// The fields in which a later one of the same kind differs, in the order of the list; none for another kind.
            pub fn differences(&self, later: &Self) -> Vec<FieldDifference> {
                let mut found = Vec::new();
                match self { $($set::$variant(kind) => {
                    if let Some(later) = $kind::of(later) { kind.differences(later, &mut found); }
                })* }
                found
            }
            /// All fields that it names, as the old values of something that has none of them, in the order of the list.
            pub fn values(&self) -> Vec<FieldDifference> { match self { $($set::$variant(kind) => kind.values()),* } }
            /// `None` for a code of no kind in this list.
            fn get(code: u64, map: &mut FieldMap<'_, '_>) -> Option<Result<Self>> {
                match code { $($code => Some($kind::get(map).map($set::$variant)),)* _ => None }
            }
        }

        kinds!(@read_any $mode $set { $($word $variant $kind),* });
    };
    (@read given $kind:ident { $($field:ident: $type:ty),* }) => {
        impl $kind {
            fn read(members: &mut Members<'_, '_>, line: &mut LineReader<'_>) -> Option<Self> {
                $( let $field = take::<$type>(members, stringify!($field), line); )*
                Some($kind { $($field: $field?),* })
            }
        }
    };
    (@read_any given $set:ident { $($word:literal $variant:ident $kind:ident),* }) => {
        impl $set {
            fn read(word: &str, members: &mut Members<'_, '_>, line: &mut LineReader<'_>) -> Option<Self> {
                match word { $($word => $kind::read(members, line).map($set::$variant),)* _ => None }
            }
        }
    };
    (@read written $($rest:tt)*) => {};
    (@read_any written $($rest:tt)*) => {};
}

kinds! {
    /// What people record.
    Body (given) {
        /// Who is paid. Changes only the fields that it names.
        1 "payee" Payee(Payee) {
            0 at: Day, 1 payee: PayeeId, 2 name: FieldChange<Personal>, 3 email: FieldChange<Personal>, 4 title: FieldChange<Personal>,
            5 role: FieldChange<Name>, 6 manager: FieldChange<PayeeId>, 7 team: FieldChange<Name>, 8 region: FieldChange<Name>,
            /// What it is paid in.
            9 currency: FieldChange<Currency>,
            /// How much of a month's gross may go into what is owed (calculation.md 10).
            10 recovery_cap: FieldChange<Percent>,
            11 status: FieldChange<Status>, 12 attributes: BTreeMap<Name, FieldChange<Attribute>>,
        }
        2 "account" Account(Account) {
            0 at: Day, 1 account: AccountId, 2 name: FieldChange<AccountName>, 3 segment: FieldChange<Name>, 4 region: FieldChange<Name>,
            5 attributes: BTreeMap<Name, FieldChange<Attribute>>,
        }
        /// A payee works under a plan, `at ..= until`.
        3 "assignment" Assignment(Assignment) {
            0 at: Day, 1 payee: PayeeId, 2 plan: PlanId, 3 until: Option<Day>, 4 quota: BTreeMap<ComponentId, Amount>,
            5 rates: BTreeMap<ComponentId, Percent>,
            /// Annual target pay, in the plan's currency.
            6 target: Option<Amount>,
            7 ramp_from: Option<Day>,
        }
        /// `at` is the assignment's last day.
        4 "assignment-end" AssignmentEnd(AssignmentEnd) { 0 at: Day, 1 payee: PayeeId, 2 plan: PlanId }
        5 "quota" Quota(QuotaFact) { 0 at: Day, 1 payee: PayeeId, 2 plan: PlanId, 3 component: ComponentId, 4 amount: Amount }
        6 "booking" Booking(Booking) {
            /// The day on which it was signed.
            0 at: Day,
            1 booking: BookingId, 2 account: AccountId, 3 contract: Option<ContractId>, 4 motion: Option<Name>, 5 product: Option<Name>,
            6 start: Option<Day>, 7 months: Option<u16>, 8 arr: Amount, 9 tcv: Option<Amount>, 10 amounts: BTreeMap<Name, Amount>,
            11 currency: Currency, 12 credit: Option<Vec<Share>>, 13 attributes: BTreeMap<Name, Attribute>,
        }
        /// `at` is the first day without the booking.
        7 "cancellation" Cancellation(CancellationFact) { 0 at: Day, 1 booking: BookingId, 2 reason: Option<FreeText> }
        /// What a contract used on `from ..= to`, spread evenly over its days.
        8 "usage-snapshot" UsageSnapshot(UsageSnapshot) {
            1 account: AccountId, 2 contract: Option<ContractId>, 3 meter: Option<Name>, 4 from: Day, 5 to: Day, 6 amount: Amount,
            7 quantity: Option<Amount>, 8 currency: Currency, 9 replaces: Option<Replaces>,
        }
        9 "credit-split" CreditSplit(CreditSplit) { 0 at: Day, 1 on: SplitTarget, 2 shares: Vec<Share> }
        10 "signal" Signal(Signal) {
            0 at: Day, 1 signal: Name, 2 account: Option<AccountId>, 3 contract: Option<ContractId>, 4 booking: Option<BookingId>,
            5 payee: Option<PayeeId>, 6 value: Option<Amount>, 7 currency: Option<Currency>,
        }
        /// `rate` units of `to` for one of `from`.
        11 "exchange-rate" ExchangeRate(ExchangeRate) { 0 at: Day, 1 from: Currency, 2 to: Currency, 3 rate: Amount }
        12 "opening-balance" OpeningBalance(OpeningBalance) { 0 at: Day, 1 payee: PayeeId, 2 currency: Currency, 3 owed: Option<Amount>, 4 draw: Option<Amount> }
        13 "adjustment" Adjustment(Adjustment) {
            0 at: Day, 1 payee: PayeeId, 2 amount: Amount, 3 currency: Currency, 4 reason: FreeText, 5 line: Option<FreeText>,
            /// Its natural key, where it has one.
            6 adjustment: Option<AdjustmentId>,
        }
        14 "retraction" Retraction(Retraction) { 1 retracts: Reference, 2 reason: FreeText }
        /// Part of a booking is refunded or reduced from `at` on, in the booking's currency.
        15 "credit-note" CreditNote(CreditNote) {
            0 at: Day, 1 credit_note: CreditNoteId, 2 booking: BookingId, 3 arr: Option<Amount>, 4 tcv: Option<Amount>,
            5 amounts: BTreeMap<Name, Amount>, 6 reason: Option<FreeText>,
        }
        /// All usage up to and including the day `at` has been delivered, of one account or of everybody.
        16 "usage-complete" UsageComplete(UsageComplete) { 0 at: Day, 1 account: Option<AccountId> }
    }
}

kinds! {
    /// What the ledger itself writes.
    Record (written) {
        /// Position 0: which book this is.
        32 "book" Book(BookRecord) {
            1 name: Name, 2 book: Uuid, 3 origin: FreeText, 4 format: u16,
            /// On whose days instants are, an IANA name; none was named where it is missing, and UTC holds.
            5 timezone: Option<Name>,
        }
        /// A published plan, its text verbatim.
        33 "plan" Plan(PlanRecord) { 1 plan: PlanId, 2 version: u32, 3 effective: Day, 4 text: FreeText }
        /// The mapping with which the facts behind it in the same append were made, its text verbatim.
        34 "mapping" Mapping(MappingRecord) { 1 name: FreeText, 2 text: FreeText }
        /// A person who signs, with the key that is valid from here on; an earlier key of the person is not valid any more.
        35 "author" Author(AuthorRecord) { 1 author: Name, 2 key: PublicKey }
        /// Who may do what, and what needs more than one person; in force from here on.
        36 "policy" Policy(PolicyRecord) { 1 at: Day, 2 roles: Vec<RoleGrant>, 3 rules: Vec<PolicyRule>, 4 recovery: Vec<PublicKey> }
        /// The size and root of the log, signed with its own key: a C2SP note, to be kept elsewhere.
        37 "checkpoint" Checkpoint(CheckpointRecord) { 1 size: u64, 2 root: [u8; 32], 3 note: FreeText }
        /// The key with which the log signs checkpoints from here on; an earlier one signs none any more.
        38 "log-key" LogKey(LogKeyRecord) { 1 key: [u8; 32] }
        /// A line with a larger amount than was posted before.
        40 "earning" Earning(EarningRecord) { 1 line: Posting }
        /// A line with a smaller amount than was posted before.
        41 "reversal" Reversal(ReversalRecord) { 1 line: Posting, 2 takes_from: Vec<u64> }
        /// A draw given or recovered in a close (calculation.md 10).
        42 "draw" Draw(DrawRecord) {
            1 period: Month, 2 payee: PayeeId, 3 currency: Currency, 4 plan: Option<PlanId>, 5 draw: Name, 6 trigger: Name, 7 month: Month,
            8 given: Amount, 9 recovered: Amount, 10 balance: Amount, 11 recoverable: bool,
            /// From when on it is recovered, and how much of what lies above the guarantee.
            12 begins: Option<Day>, 13 rate: Option<Percent>,
            /// The date of what the draw was given for; none of an opening balance.
            14 triggered: Option<Day>,
        }
        /// What a payee is due of a close, and its balances before and after.
        43 "settlement" Settlement(Settlement) {
            1 period: Month, 2 payee: PayeeId, 3 currency: Currency, 4 opening: StoredBalances, 5 gross: Amount, 6 reversed: Amount, 7 set_off: Amount,
            8 recovered: Amount, 9 top_up: Amount, 10 advance: Amount, 11 draw_recovered: Amount, 12 pay: Amount, 13 closing: StoredBalances,
        }
        /// The end of a close: what was evaluated, and the digest of all statements' figures.
        44 "period-close" PeriodClose(PeriodClose) {
            1 period: Month,
            /// The size of the log that the close looked at, and the tree's root there.
            2 known: u64, 3 root: [u8; 32],
            4 edition: u16, 5 engine: u16, 6 plans: Vec<PlanEdition>, 7 totals: Vec<CloseTotal>, 8 statements: u64, 9 lines: u64, 10 digest: [u8; 32],
            11 manner: Option<Manner>,
            /// Of the trial balance after the close; an earlier version wrote none.
            12 trial_balance: Option<[u8; 32]>,
        }
        /// A line that was settled before the book began: an opening close counts it as posted (calculation.md 9).
        45 "opening-line" OpeningLine(OpeningLine) { 1 line: Posting }
        /// A line that a freeze keeps at what was posted: the difference is listed, and not posted (calculation.md 9).
        46 "withheld" Withheld(Withheld) { 1 line: Posting }
        /// From here on, lines that were due by then keep what was posted; none, where it is lifted.
        47 "freeze" Freeze(FreezeRecord) { 1 until: Option<Day>, 2 reason: FreeText }
        /// What a close and all before it made payable, and was not approved yet, may be paid; of one payee where one is named.
        48 "approval" Approval(Approval) { 1 period: Month, 2 close: EntryRef, 3 payee: Option<PayeeId>, 4 totals: Vec<MoneyOf>, 5 comment: Option<FreeText> }
        /// What a close made payable, and was not paid yet, may not be paid; a later approval may release it.
        49 "rejection" Rejection(Rejection) { 1 period: Month, 2 close: EntryRef, 3 payee: Option<PayeeId>, 4 totals: Vec<MoneyOf>, 5 reason: FreeText }
        /// A payee is not paid for now: an amount, or all that is payable where none is named.
        50 "hold" Hold(HoldRecord) { 1 payee: PayeeId, 2 amount: Option<Amount>, 3 currency: Option<Currency>, 4 reason: FreeText }
        /// The end of a hold.
        51 "release" Release(ReleaseRecord) { 1 payee: PayeeId, 2 hold: EntryRef, 3 reason: Option<FreeText> }
        /// What is paid to a payee, and out of which closes.
        52 "payout" Payout(PayoutRecord) { 1 period: Month, 2 payee: PayeeId, 3 currency: Currency, 4 amount: Amount, 5 portions: Vec<PaidPortion> }
        /// Whether a payout arrived: what was paid, and what came back.
        53 "payout-result" PayoutResult(PayoutResult) {
            1 payout: EntryRef, 2 payee: PayeeId, 3 currency: Currency, 4 status: PayoutStatus, 5 amount: Amount, 6 returned: Amount,
            7 reference: Option<FreeText>, 8 date: Option<Day>,
        }
        /// What a payee paid back in cash: of the clawback balance, and of the draw balance.
        54 "repayment" Repayment(Repayment) { 1 payee: PayeeId, 2 currency: Currency, 3 owed: Amount, 4 draw: Amount, 5 reference: Option<FreeText> }
        /// What a payee need not pay back.
        55 "write-off" WriteOff(WriteOff) { 1 payee: PayeeId, 2 currency: Currency, 3 amount: Amount, 4 of: OwedOrDraw, 5 reason: FreeText }
        /// A payee disagrees with a statement, or with one line of it; `dispute` is the number of the dispute in the book.
        56 "dispute" Dispute(DisputeRecord) {
            1 dispute: u64, 2 payee: PayeeId, 3 period: Month, 4 close: EntryRef, 5 line: Option<DisputedLine>, 6 reason: FreeText,
            /// Entries that show it, and files that are kept elsewhere.
            7 entries: Vec<EntryRef>, 8 files: Vec<EvidenceFile>,
        }
        /// What somebody says about an open dispute.
        57 "dispute-answer" DisputeAnswer(DisputeAnswer) { 1 dispute: u64, 2 opening: EntryRef, 3 payee: PayeeId, 4 text: FreeText }
        /// The end of a dispute; an accepted one names the entry that corrects what was wrong.
        58 "resolution" Resolution(Resolution) {
            1 dispute: u64, 2 opening: EntryRef, 3 payee: PayeeId, 4 outcome: DisputeOutcome, 5 by: Option<EntryRef>, 6 text: FreeText,
        }
    }
}

text_enum! {
    /// Whether a payee works here.
    Status { Active = 0 "active", Left = 1 "left" }
}

text_enum! {
    /// What gives way to a usage snapshot.
    Replaces { Overlapping = 1 "overlapping" }
}

text_enum! {
    /// In which role somebody has credit.
    Role { Primary = 0 "primary", Overlay = 1 "overlay", Partner = 2 "partner" }
}

text_enum! {
    /// How a close was made, where it was not made as usual.
    Manner { Opening = 1 "opening" }
}

text_enum! {
    /// Why a line was posted again (calculation.md 9), in order of precedence.
    Reason {
        Clawback = 1 "clawback", Cancellation = 2 "cancellation", CreditNote = 7 "credit-note", PlanChange = 3 "plan-change",
        Calculation = 4 "calculation", Correction = 5 "correction", TrueUp = 6 "true-up",
    }
}

text_enum! {
    /// What a person may do under a policy.
    PolicyRole {
        Record = 1 "record", Publish = 2 "publish", Close = 3 "close", Approve = 4 "approve", Pay = 5 "pay", Adjust = 6 "adjust",
        Hold = 7 "hold", Policy = 8 "policy", Administrate = 9 "administrate",
    }
}

text_enum! {
    /// Who cannot sign what a rule is about, although the role is there: who closed; or who closed or recorded an adjustment that
    /// the close posts.
    NotWho { Closer = 1 "closer", Maker = 2 "maker" }
}

text_enum! {
    /// What became of a payout.
    PayoutStatus { Paid = 1 "paid", Partly = 2 "partly", Returned = 3 "returned" }
}

text_enum! {
    /// Which of the balances that a payee has to pay back.
    OwedOrDraw { Owed = 1 "owed", Draw = 2 "draw" }
}

text_enum! {
    /// How a dispute ended: something was corrected, nothing was, or whoever opened it took it back.
    DisputeOutcome { Accepted = 1 "accepted", Rejected = 2 "rejected", Withdrawn = 3 "withdrawn" }
}

text_enum! {
    /// What kind of line was posted, which decides the sum that it falls into (calculation.md 10).
    Nature { Earned = 0 "earned", Clawback = 1 "clawback", Adjustment = 2 "adjustment" }
}

/// Lists of fields inside of a kind: arrays in the log, objects in JSON.
macro_rules! parts {
    ($($(#[$doc:meta])* $part:ident { $($field:ident: $type:ty),* $(,)? })*) => { $(
        $(#[$doc])*
        #[allow(missing_docs, reason = "the fields are described in docs/format.md, and have the same names there")]
        #[derive(Clone, PartialEq, Eq, Debug)]
        pub struct $part { $(pub $field: $type),* }

        impl Stored for $part {
            fn put(&self, writer: &mut CborWriter<'_>) {
                writer.array([$(stringify!($field)),*].len());
                $( if self.$field.is_absent() { writer.null() } else { self.$field.put(writer) } )*
            }
            fn get(reader: &mut CborReader<'_>) -> Result<Self> {
                if reader.array()? != [$(stringify!($field)),*].len() {
                    return reader.wrong(concat!("the parts of ", stringify!($part), " expected"));
                }
                $( let $field = match <$type as Stored>::absent() {
                    Some(absent) if reader.null() => absent,
                    _ => <$type as Stored>::get(reader)?,
                }; )*
                Ok($part { $($field),* })
            }
            fn show(&self, out: &mut json::JsonWriter) {
                out.object(|out| { $( if !self.$field.is_absent() { self.$field.show(out.name(stringify!($field))); } )* });
            }
        }
    )* };
}

parts! {
    /// Who is credited, in which role, with how much.
    Share { payee: PayeeId, role: Role, percent: Percent }

    /// One posted line and what it rests on (statement.md). `date` and `account` are the item's.
    Posting {
        period: Month, payee: PayeeId, currency: Currency, plan: Option<PlanId>, version: Option<u32>, component: ComponentId, item: ItemKey,
        part: Option<Name>, date: Day, account: Option<AccountId>, nature: Nature, due: Day, amount: Amount, entitled: Amount, before: Amount,
        reason: Option<Reason>,
    }

    /// Balances of a payee in one currency (calculation.md 10).
    StoredBalances { payable: Amount, owed: Amount, draw: Amount }

    /// With which version and edition of a plan a close was made.
    PlanEdition { plan: PlanId, version: u32, edition: u16 }

    /// Who signed an entry, by which algorithm (1 is Ed25519), with which public key.
    Signature { signer: Name, algorithm: u16, key: ByteString, signature: ByteString }

    /// An entry that another one acts on, by its position and its hash.
    EntryRef { position: u64, hash: [u8; 32] }

    /// An amount with its currency.
    MoneyOf { currency: Currency, amount: Amount }

    /// The part of a payout that comes out of one close, and the approval that let it.
    PaidPortion { period: Month, amount: Amount, approval: EntryRef }

    /// What an author may do.
    RoleGrant { author: Name, roles: Vec<PolicyRole> }

    /// How many people with the role that `kind` names have to sign, and who of them does not count; above an amount only, where
    /// one is named.
    PolicyRule { kind: PolicyRole, needs: u16, not: Option<NotWho>, above: Option<MoneyOf> }

    /// The line that a dispute is about.
    DisputedLine { currency: Currency, plan: Option<PlanId>, component: ComponentId, item: ItemKey, part: Option<Name> }

    /// A file that is kept outside of the book: its name, its size in bytes, and its BLAKE3 hash.
    EvidenceFile { name: FreeText, bytes: u64, blake3: [u8; 32] }

    /// Sums of a close in one currency.
    CloseTotal { currency: Currency, gross: Amount, reversed: Amount, pay: Amount }
}

impl FromJson for Share {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let mut members = Members::of(node, Expected::Share, line)?;
        let payee = take(&mut members, "payee", line);
        let role = take::<Option<Role>>(&mut members, "role", line);
        let percent = take(&mut members, "percent", line);
        members.finish(ObjectKind::Share, line)?;
        Some(Share { payee: payee?, role: role?.unwrap_or(Role::Primary), percent: percent? })
    }
}

/// A fact: what happened, where that is known from, and a note.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fact {
    /// What happened.
    pub body: Body,
    /// Where it is known from, in clear.
    pub source: Option<FreeText>,
    /// A note, sealed with the key of the fact's person.
    pub note: Option<Personal>,
}

impl Body {
    /// What is written although it is the default says nothing, and neither does the order of shares: facts that mean the same
    /// are the same.
    fn leave_out_defaults(&mut self) {
        match self {
            Body::Booking(booking) => {
                if booking.contract.as_ref().is_some_and(|contract| contract.0 == booking.account.0) {
                    booking.contract = None;
                }
                booking.start = booking.start.filter(|start| *start != booking.at);
                booking.months = booking.months.filter(|months| *months != Booking::MONTHS);
                let default = booking.default_tcv();
                booking.tcv = booking.tcv.filter(|tcv| tcv.exact() != default);
                booking.credit.iter_mut().for_each(|shares| sort_shares(shares));
            }
            Body::UsageSnapshot(usage) => {
                if usage.contract.as_ref().is_some_and(|contract| contract.0 == usage.account.0) {
                    usage.contract = None;
                }
            }
            Body::CreditSplit(split) => sort_shares(&mut split.shares),
            Body::Payee(_)
            | Body::Account(_)
            | Body::Assignment(_)
            | Body::AssignmentEnd(_)
            | Body::Quota(_)
            | Body::Cancellation(_)
            | Body::CreditNote(_) => {}
            Body::Signal(_)
            | Body::ExchangeRate(_)
            | Body::OpeningBalance(_)
            | Body::Adjustment(_)
            | Body::Retraction(_)
            | Body::UsageComplete(_) => {}
        }
    }

    /// The date on which it takes effect; a retraction has none. Of `usage-complete` it is the day up to which usage was
    /// delivered.
    pub fn at(&self) -> Option<Day> {
        match self {
            Body::Payee(fact) => Some(fact.at),
            Body::Account(fact) => Some(fact.at),
            Body::Assignment(fact) => Some(fact.at),
            Body::AssignmentEnd(fact) => Some(fact.at),
            Body::Quota(fact) => Some(fact.at),
            Body::Booking(fact) => Some(fact.at),
            Body::Cancellation(fact) => Some(fact.at),
            Body::CreditNote(fact) => Some(fact.at),
            Body::UsageSnapshot(fact) => Some(fact.from),
            Body::CreditSplit(fact) => Some(fact.at),
            Body::Signal(fact) => Some(fact.at),
            Body::ExchangeRate(fact) => Some(fact.at),
            Body::OpeningBalance(fact) => Some(fact.at),
            Body::Adjustment(fact) => Some(fact.at),
            Body::UsageComplete(fact) => Some(fact.at),
            Body::Retraction(_) => None,
        }
    }

    /// The person whose key seals the personal fields and the note, where there is one.
    pub fn person(&self) -> Option<&PayeeId> {
        match self {
            Body::Payee(fact) => Some(&fact.payee),
            Body::Assignment(fact) => Some(&fact.payee),
            Body::AssignmentEnd(fact) => Some(&fact.payee),
            Body::Quota(fact) => Some(&fact.payee),
            Body::Signal(fact) => fact.payee.as_ref(),
            Body::OpeningBalance(fact) => Some(&fact.payee),
            Body::Adjustment(fact) => Some(&fact.payee),
            Body::Account(_) | Body::Booking(_) | Body::Cancellation(_) | Body::UsageSnapshot(_) => None,
            Body::CreditSplit(_) | Body::ExchangeRate(_) | Body::Retraction(_) | Body::CreditNote(_) => None,
            Body::UsageComplete(_) => None,
        }
    }
}

/// By role, the primary ones first, and by payee.
fn sort_shares(shares: &mut [Share]) {
    shares.sort_by(|one, other| (one.role, &one.payee).cmp(&(other.role, &other.payee)));
}

impl Booking {
    /// The term when none is written.
    pub const MONTHS: u16 = 12;

    /// The contract; the account's id where none is written.
    pub fn contract(&self) -> &str {
        self.contract.as_ref().map_or(self.account.as_str(), ContractId::as_str)
    }

    /// The first day of the term; the day of signing where none is written.
    pub fn start(&self) -> Day {
        self.start.unwrap_or(self.at)
    }

    /// The term in months; [`Booking::MONTHS`] where none is written.
    pub fn months(&self) -> u16 {
        self.months.unwrap_or(Booking::MONTHS)
    }

    /// The first and the last day on which it is in term.
    pub fn term(&self) -> (Day, Day) {
        let start = self.start();
        (start, start.plus_months(i32::from(self.months())).previous())
    }

    fn default_tcv(&self) -> crate::exact::Exact {
        self.arr.exact() * crate::exact::Exact::ratio(i128::from(self.months()), 12)
    }

    /// The total contract value; ARR for the whole term where none is written.
    pub fn tcv(&self) -> crate::exact::Exact {
        self.tcv.map_or_else(|| self.default_tcv(), Amount::exact)
    }
}

impl UsageSnapshot {
    /// The contract; the account's id where none is written.
    pub fn contract(&self) -> &str {
        self.contract.as_ref().map_or(self.account.as_str(), ContractId::as_str)
    }
}

impl Fact {
    /// Every personal field, to be sealed or opened in place.
    pub fn personal_fields(&mut self) -> Vec<&mut Personal> {
        let mut fields: Vec<&mut Personal> = Vec::new();
        if let Body::Payee(payee) = &mut self.body {
            for change in [&mut payee.name, &mut payee.email, &mut payee.title] {
                if let FieldChange::Set(text) = change {
                    fields.push(text);
                }
            }
        }
        fields.extend(self.note.as_mut());
        fields
    }

    /// The person whose key seals the personal fields of this fact; none where it has no such field.
    pub fn sealed_for(&self) -> Option<&PayeeId> {
        self.body.person().filter(|_| self.personal().next().is_some())
    }

    /// The ids of the keys that its personal fields are sealed with.
    pub fn key_ids(&self) -> impl Iterator<Item = [u8; 16]> {
        self.personal().filter_map(|text| match text {
            Personal::Sealed { key, .. } => Some(*key),
            Personal::Clear(_) => None,
        })
    }

    /// Every personal field.
    pub fn personal(&self) -> impl Iterator<Item = &Personal> {
        let own = match &self.body {
            Body::Payee(payee) => [Some(&payee.name), Some(&payee.email), Some(&payee.title)],
            _ => [None, None, None],
        };
        let texts = own.into_iter().flatten().filter_map(|change| match change {
            FieldChange::Set(text) => Some(text),
            FieldChange::Clear | FieldChange::Keep => None,
        });
        texts.chain(&self.note)
    }

    pub(crate) fn put(&self, writer: &mut CborWriter<'_>, id_only: bool) {
        let note = self.note.as_ref().filter(|_| !id_only);
        writer.map(self.body.count(id_only) + usize::from(self.source.is_some()) + usize::from(note.is_some()));
        self.body.put(writer, id_only);
        if let Some(source) = &self.source {
            writer.uint(KEY_SOURCE);
            source.put(writer);
        }
        if let Some(note) = note {
            writer.uint(KEY_NOTE);
            note.put(writer);
        }
    }

    /// Writes the fact as members of a JSON object that is open, as it could be sent.
    pub fn show(&self, out: &mut json::JsonWriter) {
        out.name("fact").text(self.body.word());
        self.body.show(out);
        if let Some(source) = &self.source {
            source.show(out.name("source"));
        }
        if let Some(note) = &self.note {
            note.show(out.name("note"));
        }
    }

    /// The deterministic bytes of the content that derived ids cover (facts.md).
    pub fn content(&self, buffer: &mut Vec<u8>) {
        let mut writer = CborWriter { buffer };
        writer.uint(self.body.code());
        self.put(&mut writer, true);
    }

    /// The same of all that it says, as [`Payload::whole`] reads it.
    pub fn whole(&self, buffer: &mut Vec<u8>) {
        let mut writer = CborWriter { buffer };
        writer.uint(self.body.code());
        self.put(&mut writer, false);
    }
}

impl Record {
    /// The deterministic bytes of the content.
    pub fn content(&self, buffer: &mut Vec<u8>) {
        let mut writer = CborWriter { buffer };
        writer.uint(self.code());
        writer.map(self.count(false));
        self.put(&mut writer, false);
    }
}
