//! Refusals and warnings of `replay`, in words.

use std::fmt::Display;
use std::path::Path;

use crate::wording::pay::authority;
use crate::wording::problem::{Problem, one_of};
use ledger::date::{Day, Month};
use ledger::exact::Exact;
use ledger::fact::{BookedAmount, FieldDifference, Reference};
use ledger::field::Amount;
use ledger::finding::{FieldPath, Finding};
use ledger::id::{AccountId, ComponentId, Name, PayeeId, PlanId};
use ledger::money::Currency;
use replay::record::Restatements;
use replay::refusal::{
    CreditNoteRefusal, Dependents, Ended, EntryName, KeyRefusal, LimitRefusal, NonNegative, Overlap, Refusal, Warning,
};

use crate::render::restatement::{lines, value};
use crate::wording::mapping::row_refused;
use crate::wording::{Wording, fact, problem};

/// What to do where a key file is not the book's.
const KEYS_HELP: &str = "put the book's own key file there, or name it with `--keys FILE` (docs/operations.md); what is not personal can be recorded without";
/// Restatements that are named in a refusal.
const RESTATED_NAMED: usize = 3;
/// What to do where it is too late for an opening balance.
const ADJUST: &str = "record an `adjustment` instead";

/// Refusals in words, each at its place.
pub fn refusals(findings: &[Finding<Refusal>]) -> Vec<Problem> {
    findings.iter().map(refusal_problem).collect()
}

/// Warnings in words, each at its place.
pub fn warnings(findings: &[Finding<Warning>]) -> Vec<Problem> {
    findings.iter().map(|finding| problem(finding, |warning, _: &FieldPath| warned(warning))).collect()
}

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

// Refusals -------------------------------------------------------------------------------------------------------------

/// One refusal in words, at its place.
pub fn refusal_problem(finding: &Finding<Refusal>) -> Problem {
    problem(finding, |refusal, _: &FieldPath| refused(refusal))
}

/// A refusal in words. One line for each: what takes more room has a function of its own below.
pub fn refused(refusal: &Refusal) -> Wording {
    use Refusal as R;
    match refusal {
        R::NotAllowed(refusal) => authority::one(refusal),
        R::PayeeUnknown { payee, nearest } => payee_unknown(payee, nearest.as_ref()),
        R::RecoveryCapOutOfRange { cap } => recovery_cap(cap),
        R::ManagerLoop { day, chain } => manager_loop(*day, chain),
        R::AssignmentEndsBeforeStart => assignment_interval(),
        R::AmountNegative { of, amount } => negative(of, *amount),
        R::PlanUnknown { plan, nearest } => plan_unknown(plan, nearest.as_ref()),
        R::ComponentUnknown { plan, component, nearest, known } => {
            no_component(plan, component, nearest.as_ref(), known)
        }
        R::RateMissing { plan, component } => rate_missing(plan, component),
        R::TargetMissing { plan, component } => target_missing(plan, component),
        R::NotAssigned { payee, plan, at } => not_assigned(payee, plan, *at),
        R::TermOutOfRange { months, most } => term(*months, *most),
        R::BookingIdTaken { booking, position } => booking_taken(booking, *position),
        R::BookingDiffers { booking, position } => booking_differs(booking, *position),
        R::AdjustmentDiffers { adjustment, position } => adjustment_differs(adjustment, *position),
        R::ContractCurrencyDiffers { contract, booked, by, written } => {
            contract_currency(contract, [booked, written], by)
        }
        R::ContractOfOtherAccount { contract, owner, written } => contract_account(contract, owner, written),
        R::BookingUnknown { booking, nearest } => booking_unknown(booking, nearest.as_ref()),
        R::AccountUnknown { account, nearest } => account_unknown(account, nearest.as_ref()),
        R::CancelledBeforeSigned { booking, signed, cancelled } => cancelled_before(booking, *signed, *cancelled),
        R::CreditNote(refusal) => credit_note(refusal),
        R::UsageEndsBeforeStart { from, to } => usage_interval(*from, *to),
        R::UsageIntervalTooLong { most } => usage_interval_too_long(*most),
        R::UsageCurrencyDiffers { contract, metered, written } => usage_currency(contract, [metered, written]),
        R::UsageOverlaps { contract, from, to, position, overlap } => {
            usage_overlaps(contract, (*from, *to), *position, *overlap)
        }
        R::ShareOutOfRange { percent } => share(percent),
        R::SharesAboveWhole { sum } => shares_above(sum),
        R::SignalOfNothing { signal } => signal_of_nothing(signal),
        R::RateNotPositive { rate } => rate_not_positive(*rate),
        R::RateToItself { currency } => rate_to_itself(currency),
        R::OpeningBalanceAfterClose { closed } => opening_after_close(*closed),
        R::OpeningBalanceTakenOver { closed } => opening_taken_over(*closed),
        R::OpeningBalanceEmpty => opening_empty(),
        R::TooManyDecimals { amount, currency } => too_fine(*amount, currency),
        R::AdjustmentWithoutReason => say("fact-reason", REASON_EMPTY, "write why the payee is given or charged this"),
        R::RetractionWithoutReason => say("fact-reason", REASON_EMPTY, "write why it is retracted"),
        R::IdTaken { id, position } => id_taken(id, *position),
        R::RecordedTwice { kind } => recorded_twice(kind),
        R::CorrectsOtherKind { written, known, position } => corrects_other_kind(written, known, *position),
        R::RetractionCorrected => retraction_corrected(),
        R::CorrectedSince { target, since, how } => ended_since("fact-corrected-since", [*target, *since], *how),
        R::RetractedSince { target, since, how } => ended_since("fact-retracted-since", [*target, *since], *how),
        R::NothingToCorrect { key } => nothing_to_correct(key),
        R::NoNaturalKey { kind } => no_natural_key(kind),
        R::ReferenceAmbiguous { key, positions } => ambiguous(key, positions),
        R::ReferenceUnknown { reference } => reference_unknown(reference),
        R::UsageRetractedByKey { key } => usage_by_key(key),
        R::RetractionsTooDeep { position, most } => retractions_too_deep(*position, *most),
        R::KnownDiffers { key } => known_differs(key),
        R::Conflict { key, differences, file, line } => conflict(key, differences, file, *line),
        R::RestatedDiffers { expected, restated } => restated_differs(*expected, restated),
        R::Superseded { equal, since, how, numbers } => superseded([*equal, *since], *how, numbers.as_ref()),
        R::StillNeeded { by, first, more } => still_needed(by, first, *more),
        R::InvalidAgain { kind, position, why } => invalid_again(kind, *position, why),
        R::Key(refusal) => key(refusal),
        R::Limit(refusal) => limit(refusal),
        R::OfRows { why, column, more_rows } => of_rows(refused(why), column.as_deref(), *more_rows),
        R::Fact(refusal) => fact::refused(refusal),
        R::NoFact(refusal) => row_refused(refusal),
    }
}

fn key(refusal: &KeyRefusal) -> Wording {
    use KeyRefusal as R;
    match refusal {
        R::PersonKeyMissing { payee, position, file } => key_missing(payee, *position, file),
        R::KeyFileOfOtherBook { payee, file, file_exists } => {
            let lacks = if *file_exists {
                "which has none of this book's keys"
            } else {
                "and the book's other keys are not there"
            };
            key_file_of_other_book(payee, file, lacks)
        }
        R::PersonKeyWrong { payee, position, file } => key_wrong(payee, *position, file),
    }
}

fn limit(refusal: &LimitRefusal) -> Wording {
    use LimitRefusal as R;
    match refusal {
        R::FactTooLong { most } => {
            say("fact-long", format!("the fact takes more than {most} bytes"), "shorten its texts or lists")
        }
        R::BookFull { most } => {
            say("record-full", format!("the book has {most} entries, the most that one may have"), "begin another book")
        }
        R::LineTooLong { most } => line_too_long(*most),
        R::NotUtf8 => say(
            "fact-encoding",
            "the line is not UTF-8",
            "save the file as UTF-8; of rows, a mapping also reads UTF-16",
        ),
        R::TooMuchSetAside { most } => too_much_set_aside(*most),
        R::More { count, is_lower_bound } => more(*count, if *is_lower_bound { "at least " } else { "" }),
    }
}

fn payee_unknown(payee: &PayeeId, nearest: Option<&PayeeId>) -> Wording {
    let help = nearest.map_or("record the `payee` fact first".to_owned(), |nearest| {
        format!("did you mean `{nearest}`? Otherwise record the `payee` fact first")
    });
    say("fact-payee-unknown", format!("there is no payee `{payee}`"), help)
}

fn rate_to_itself(currency: impl Display) -> Wording {
    say("fact-rate-same", format!("`{currency}` needs no rate to itself"), "name two currencies")
}

fn account_unknown(account: &AccountId, nearest: Option<&AccountId>) -> Wording {
    let record = "ecord its `account` fact, a booking or usage of it first";
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`? Otherwise r{record}"),
        None => format!("r{record}"),
    };
    say("fact-account-unknown", format!("there is no account `{account}`"), help)
}

fn recovery_cap(cap: impl Display) -> Wording {
    let message = format!("a recovery cap of `{cap}` is not between 0% and 100%");
    say("fact-recovery-cap", message, "write how much of a month's pay may go into what is owed")
}

fn manager_loop(day: Day, chain: &[PayeeId]) -> Wording {
    let payee = chain.first().map(PayeeId::as_str).unwrap_or_default();
    let chain: Vec<&str> = chain.iter().map(PayeeId::as_str).collect();
    let message = format!("on {day} `{payee}` would be its own manager: {}", chain.join(" under "));
    say("fact-manager-loop", message, "change or end one of these first")
}

fn assignment_interval() -> Wording {
    say("fact-interval", "the assignment ends before it begins", "`until` is its last day, on or after `at`")
}

fn negative(of: &NonNegative, amount: Amount) -> Wording {
    let (what, of) = match of {
        NonNegative::Quota(component) => ("quota", component.as_str()),
        NonNegative::Target => ("target", "the year"),
        NonNegative::Owed => ("opening balance", "owed"),
        NonNegative::Draw => ("opening balance", "draw"),
    };
    say("fact-negative", format!("the {what} of `{of}` is negative: `{amount}`"), "write an amount of 0 or more")
}

fn plan_unknown(plan: &PlanId, nearest: Option<&PlanId>) -> Wording {
    let help = nearest.map_or("publish it first: `trueup plan publish FILE`".to_owned(), |nearest| {
        format!("did you mean `{nearest}`? Otherwise publish it first")
    });
    say("fact-plan-unknown", format!("there is no plan `{plan}`"), help)
}

fn no_component(
    plan: &PlanId,
    component: &ComponentId,
    nearest: Option<&ComponentId>,
    known: &[ComponentId],
) -> Wording {
    let help = match nearest {
        Some(nearest) => format!("did you mean `{nearest}`?"),
        None => format!("it has {}", one_of(known.iter().map(ComponentId::as_str))),
    };
    say("fact-component-unknown", format!("plan `{plan}` has no component `{component}`"), help)
}

fn rate_missing(plan: &PlanId, component: &ComponentId) -> Wording {
    let message = format!("component `{component}` of plan `{plan}` pays the assignment's own rate, and there is none");
    say("fact-rate-missing", message, format!("add `\"rates\": {{\"{component}\": \"…%\"}}`"))
}

fn target_missing(plan: &PlanId, component: &ComponentId) -> Wording {
    let message = format!("component `{component}` of plan `{plan}` pays a part of target pay, and there is none");
    say("fact-target-missing", message, "add `\"target\": \"…\"`, the annual target pay")
}

fn not_assigned(payee: &PayeeId, plan: &PlanId, at: Day) -> Wording {
    let message = format!("`{payee}` is not assigned to plan `{plan}` on {at}");
    let help = "record the `assignment` first, or look at its dates with `trueup log --item`";
    say("fact-not-assigned", message, help)
}

fn term(months: u16, most: u16) -> Wording {
    let message = format!("a term of {months} months is not between 1 and {most}");
    say("fact-months", message, "write the term in months")
}

fn booking_taken(booking: impl Display, position: u32) -> Wording {
    let message = format!("booking `{booking}` is recorded already at position {position}");
    say("fact-booking-exists", message, "give this one another id, or correct that one")
}

fn booking_differs(booking: impl Display, position: u32) -> Wording {
    let message = format!("booking `{booking}` is recorded already with other content, at position {position}");
    let help = "add `\"corrects\": true` if this is a correction, or give the booking another id";
    say("fact-booking-exists", message, help)
}

fn adjustment_differs(adjustment: impl Display, position: u32) -> Wording {
    let message = format!("adjustment `{adjustment}` is recorded at position {position}, with other content");
    let help = "add `\"corrects\": true` if this is a correction, or give the adjustment another id";
    say("fact-adjustment-exists", message, help)
}

fn contract_currency(contract: &str, [booked, written]: [impl Display; 2], by: impl Display) -> Wording {
    let message =
        format!("contract `{contract}` is booked in `{booked}` (booking `{by}`), and this booking is in `{written}`");
    say("fact-contract-currency", message, "book it on a contract of its own")
}

fn contract_account(contract: &str, owner: impl Display, written: &str) -> Wording {
    let message = format!("contract `{contract}` is account `{owner}`'s, not `{written}`'s");
    say("fact-contract-account", message, "name the contract's own account, or another contract")
}

fn booking_unknown<B: Display>(booking: &B, nearest: Option<&B>) -> Wording {
    let help = nearest.map_or("record the booking first".to_owned(), |nearest| format!("did you mean `{nearest}`?"));
    say("fact-booking-unknown", format!("there is no booking `{booking}`"), help)
}

fn cancelled_before(booking: impl Display, signed: Day, cancelled: Day) -> Wording {
    let message = format!("booking `{booking}` was signed on {signed}, after this cancellation of {cancelled}");
    say("fact-cancelled-before", message, "`at` is the first day without the booking, on or after its own")
}

fn credit_note(refusal: &CreditNoteRefusal) -> Wording {
    use CreditNoteRefusal as R;
    match refusal {
        R::Differs { credit_note, position } => credit_note_differs(credit_note, *position),
        R::BeforeSigned { booking, signed, at } => credit_note_before(booking, *signed, *at),
        R::Empty => {
            let help = "write `arr`, `tcv` or `amounts`: how much less of it there is from `at` on";
            say("fact-credit-note-empty", "the credit note names no amount", help)
        }
        R::NotPositive { amount } => {
            let help = "write what the credit note takes, as a number above 0";
            say("fact-credit-note-amount", format!("a credit note takes more than 0, not {amount}"), help)
        }
        R::OfNegative { booking, of } => credit_note_of_negative(booking, of),
        R::Exceed { booking, of, booked, taken } => credit_notes_exceed(booking, of, booked, taken),
    }
}

fn credit_note_differs(credit_note: impl Display, position: u32) -> Wording {
    let message = format!("credit note `{credit_note}` is recorded at position {position}, with other content");
    let help = "add `\"corrects\": true` if this is a correction, or give the credit note another id";
    say("fact-credit-note-exists", message, help)
}

fn credit_note_before(booking: impl Display, signed: Day, at: Day) -> Wording {
    let message = format!("booking `{booking}` was signed on {signed}, after this credit note of {at}");
    say("fact-credit-note-before", message, "date the credit note on or after the booking")
}

/// An amount of a booking by the name of its field.
fn field_of(amount: &BookedAmount) -> &str {
    match amount {
        BookedAmount::Arr => "arr",
        BookedAmount::Tcv => "tcv",
        BookedAmount::Named(name) => name.as_str(),
    }
}

fn credit_note_of_negative(booking: impl Display, of: &BookedAmount) -> Wording {
    let message =
        format!("`{}` of booking `{booking}` is negative, and such a booking takes no credit note", field_of(of));
    say("fact-credit-note-negative", message, "correct the booking, or record a booking of its own for the difference")
}

fn credit_notes_exceed(booking: impl Display, of: &BookedAmount, booked: &Exact, taken: &Exact) -> Wording {
    let of = field_of(of);
    let (booked, taken) = (booked.text(), taken.text());
    let message = format!("the credit notes of booking `{booking}` take {taken} of `{of}`, and {booked} was booked");
    say("fact-credit-note-exceeds", message, "lower the credit notes to what was booked, together")
}

fn usage_interval_too_long(most: i32) -> Wording {
    say("fact-interval", format!("the interval has more than {most} days"), "split it")
}

fn usage_interval(from: Day, to: Day) -> Wording {
    let message = format!("the interval ends on {to} before it begins on {from}");
    say("fact-interval", message, "`from` and `to` are its first and its last day")
}

fn usage_currency(contract: &str, [metered, written]: [impl Display; 2]) -> Wording {
    let message = format!("contract `{contract}` is metered in `{metered}`, and this snapshot is in `{written}`");
    say("fact-usage-currency", message, "write all of a contract's usage in one currency")
}

fn usage_overlaps(contract: &str, (from, to): (Day, Day), position: u32, overlap: Overlap) -> Wording {
    let message = format!("usage of `{contract}` on {from}..{to} is in force at position {position} and overlaps");
    let help = match overlap {
        Overlap::Inside => "add `\"replaces\": \"overlapping\"` if it gives way to this one, or retract it",
        Overlap::Partial => {
            "retract it, or send intervals that do not overlap: only one that lies wholly inside can give way"
        }
    };
    say("fact-usage-overlap", message, help)
}

fn share(percent: impl Display) -> Wording {
    let message = format!("a share of `{percent}` is not above 0% and up to 100%");
    say("fact-share", message, "write each share as a percent, like \"60%\"")
}

fn shares_above(sum: &Exact) -> Wording {
    let message = format!("primary shares sum to {}%", sum.clone() * Exact::whole(100));
    say("fact-shares", message, "primary shares sum to at most 100%")
}

fn signal_of_nothing(signal: impl Display) -> Wording {
    let message = format!("signal `{signal}` names nothing that it is about");
    say("fact-signal-of-nothing", message, "add `account`, `contract`, `booking` or `payee`")
}

fn rate_not_positive(rate: Amount) -> Wording {
    let help = "write how many units of `to` one unit of `from` is worth";
    say("fact-rate", format!("a rate of `{rate}` is not above 0"), help)
}

fn opening_after_close(closed: Month) -> Wording {
    let message = format!("{closed} is closed already, and opening balances come before the first close");
    say("fact-opening-late", message, ADJUST)
}

fn opening_empty() -> Wording {
    say("fact-field-missing", "neither `owed` nor `draw` is given", "write at least one of them")
}

fn opening_taken_over(closed: Month) -> Wording {
    say("fact-opening-late", format!("{closed} is closed, and opening balances were taken over before"), ADJUST)
}

const REASON_EMPTY: &str = "the reason is empty";

fn too_fine(amount: Amount, currency: &Currency) -> Wording {
    let message = format!("`{amount}` has more decimals than {currency} has ({})", currency.digits());
    say("fact-too-fine", message, "round it")
}

// What a fact names ----------------------------------------------------------------------------------------------------

fn id_taken(id: impl Display, position: u32) -> Wording {
    let message = format!("id `{id}` is at position {position} already, with other content");
    say("fact-id-taken", message, "give this fact an id of its own, or say with `corrects` what it replaces")
}

fn recorded_twice(kind: &str) -> Wording {
    let message = format!("this {kind} is there twice in what is being recorded");
    say("fact-twice", message, "leave one out, or tell them apart by `id` or `source`")
}

/// A kind of fact with its article: `a booking`, `an account`.
fn with_article(kind: &str) -> String {
    // `usage-snapshot` begins with a vowel, but not with the sound of one.
    let is_vowel = kind.starts_with(['a', 'e', 'i', 'o']);
    format!("{} {kind}", if is_vowel { "an" } else { "a" })
}

fn corrects_other_kind(written: &str, known: &str, position: u32) -> Wording {
    let (one, other) = (with_article(written), with_article(known));
    let message = format!("{one} cannot correct {other} (position {position})");
    say("fact-corrects-kind", message, format!("retract position {position}, and record the {written} by itself"))
}

fn retraction_corrected() -> Wording {
    say("fact-corrects-kind", "a retraction cannot be corrected", "retract the retraction instead")
}

fn ended_since(code: &'static str, [target, since]: [u32; 2], how: Ended) -> Wording {
    let what = match how {
        Ended::Retracted => "retracted",
        Ended::Replaced => "replaced",
    };
    let help = format!("name position {since} instead (`trueup show {since}` tells its id), or leave this fact out");
    say(code, format!("position {target} was {what} at position {since}"), help)
}

fn nothing_to_correct(key: &str) -> Wording {
    let message = format!("`{key}` is not in force, so nothing can be corrected");
    say("fact-corrects-nothing", message, "leave `corrects` out, or name an id")
}

fn no_natural_key(kind: &str) -> Wording {
    let message = format!("{} has no natural key, so `true` names nothing", with_article(kind));
    say("fact-corrects-nothing", message, "write the id of the one to be corrected")
}

fn ambiguous(key: &str, positions: &[u32]) -> Wording {
    let message = format!("`{key}` names {} entries: positions {positions:?}", positions.len());
    say("fact-reference-many", message, "name one of them by its id")
}

fn reference_unknown(reference: &Reference) -> Wording {
    let help = match reference {
        Reference::Id(_) => "`trueup log --format csv` lists ids; what the ledger itself wrote cannot be named",
        Reference::Key(_) => {
            "`trueup history ITEM` shows what is recorded of a booking, contract, account, payee or plan"
        }
    };
    say("fact-reference-unknown", format!("nothing is known as `{reference}`"), help)
}

fn usage_by_key(key: &str) -> Wording {
    let message = format!("usage has to be retracted by its id, and `{key}` is a key");
    say("fact-reference-unknown", message, "`trueup log --item` tells the id")
}

fn retractions_too_deep(position: u32, most: usize) -> Wording {
    let message = format!("position {position} is the {most}th retraction of a retraction");
    say("fact-retraction-depth", message, "record what is meant anew")
}

fn known_differs(key: &str) -> Wording {
    let help =
        "write `when-known = \"correct\"` in the mapping if the rows are right, or \"skip\" to keep what is known";
    say("map-known", format!("`{key}` is recorded already with other content"), help)
}

fn conflict(key: &str, differences: &[FieldDifference], file: &str, line: u32) -> Wording {
    let there_and_here = differences.iter().map(|FieldDifference { field, old, new }| {
        format!("`{field}` is {} there and {} here", value(old.as_deref()), value(new.as_deref()))
    });
    let differs = there_and_here.collect::<Vec<_>>().join(", ");
    let differs = if differs.is_empty() { "with other content".to_owned() } else { differs };
    let message = format!("`{key}` is on line {line} of `{file}` too: {differs}");
    let help = "leave out the line that is wrong; use --history if the files hold successive versions, oldest first";
    say("record-conflict", message, help)
}

fn restated_differs(expected: u64, restated: &Restatements) -> Wording {
    let facts = |count: u64| if count == 1 { "1 fact".to_owned() } else { format!("{count} facts") };
    let found = if restated.count() == 0 { "no fact".to_owned() } else { facts(restated.count()) };
    let mut message = format!("{found} would be restated, not {expected}");
    let lines = lines(restated, RESTATED_NAMED);
    if !lines.is_empty() {
        message = format!("{message}: {}", lines.join("; "));
    }
    let help = "look at them with --dry-run; if they are right, expect that number";
    say("record-restated", message, help)
}

fn superseded([equal, since]: [u32; 2], how: Ended, numbers: Option<&(String, String)>) -> Wording {
    let message = match (numbers, how) {
        (Some((was, is)), Ended::Replaced) if was != is => {
            format!("this was {was} at position {equal}, and {is} since position {since}")
        }
        (Some(_) | None, Ended::Replaced) => {
            format!("this was recorded at position {equal} and replaced at position {since} since")
        }
        (Some(_) | None, Ended::Retracted) => {
            format!("this was recorded at position {equal} and retracted at position {since} since")
        }
    };
    let help = "use --restate if it is meant to hold again, or --skip-superseded to leave it out";
    say("fact-superseded", message, help)
}

fn still_needed(by: &Dependents, first: &[EntryName], more: usize) -> Wording {
    let what = match by {
        Dependents::OfPayee(payee) => format!("nothing else says that payee `{payee}` exists, and it is named by"),
        Dependents::OfAssignment(payee, plan) => {
            format!("no assignment of `{payee}` to `{plan}` would be left for")
        }
        Dependents::OfBooking(booking) => format!("booking `{booking}` is cancelled or reduced by"),
    };
    let names = first.iter().map(|EntryName { name, position }| format!("`{name}` (position {position})"));
    let tail = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("{what}: {}{tail}", names.collect::<Vec<_>>().join(", "));
    say("fact-has-dependents", message, "retract or correct these first")
}

fn invalid_again(kind: &str, position: u32, why: &Refusal) -> Wording {
    let message = format!("the {kind} at position {position} would hold again, and {}", refused(why).message);
    say("fact-has-dependents", message, "retract what has come in its place first")
}

// Keys and limits ------------------------------------------------------------------------------------------------------

fn key_missing(payee: &PayeeId, position: u32, file: &Path) -> Wording {
    let message = format!(
        "the personal fields of `{payee}` are sealed since entry {position}, and `{}` has no key of that payee",
        file.display()
    );
    say("keys-missing", message, KEYS_HELP)
}

fn key_file_of_other_book(payee: &PayeeId, file: &Path, lacks: &str) -> Wording {
    let message = format!("a new key for `{payee}` would be written to `{}`, {lacks}", file.display());
    say("keys-missing", message, KEYS_HELP)
}

fn key_wrong(payee: &PayeeId, position: u32, file: &Path) -> Wording {
    let message = format!(
        "the key of `{payee}` in `{}` does not open entry {position}, which is sealed with the true one",
        file.display()
    );
    let help =
        "put back the book's own key file from its backup: what is sealed with a wrong key, nobody can read afterwards";
    say("keys-wrong", message, help)
}

fn line_too_long(most: usize) -> Wording {
    let message = format!("the line has more than {most} bytes, and nothing behind its beginning was read");
    say("fact-line-long", message, "write one fact a line")
}

fn too_much_set_aside(most: usize) -> Wording {
    let message =
        format!("the lines that cannot be recorded, and those that were replaced since, take more than {most} bytes");
    say("record-aside", message, "see whether it is the right file; record it in parts")
}

fn more(count: u64, at_least: &str) -> Wording {
    let message = match count {
        1 => "1 more problem was found".to_owned(),
        _ => format!("{at_least}{count} more problems were found"),
    };
    say("record-more", message, "mend these first")
}

/// Words about a fact that was made of rows.
fn of_rows(mut wording: Wording, column: Option<&str>, more_rows: u64) -> Wording {
    if let Some(column) = column {
        wording.message = format!("{}, in column `{column}`", wording.message);
    }
    if more_rows > 0 {
        wording.message = format!("{} (of this row and {more_rows} more)", wording.message);
    }
    wording
}

// Warnings -------------------------------------------------------------------------------------------------------------

/// A warning in words.
pub fn warned(warning: &Warning) -> Wording {
    use Warning as W;
    match warning {
        W::AssignmentSameDay { payee, plan, position } => same_day(payee, plan, *position),
        W::ComponentOfOtherVersion { plan, component, at } => other_version(plan, component, *at),
        W::RateUnused { plan, component } => rate_unused(plan, component),
        W::QuotaUnused { plan, component } => quota_unused(plan, component),
        W::TargetUnused { plan } => target_unused(plan),
        W::SplitAfterBooking { booking, signed, at } => split_after_booking(booking, *signed, *at),
        W::CreditNoteLeavesNothing { booking } => {
            let message = format!("nothing of booking `{booking}` is left after this credit note");
            say("fact-credit-note-all", message, "record a cancellation, if the booking has ended")
        }
        W::SplitDropsRole { position, role } => split_drops_role(*position, role),
        W::ShareTwice { payee, role } => {
            let message = format!("`{payee}` has two shares in the role `{role}`: they are added up");
            say("fact-share-twice", message, "if a row came twice, drop one of them (a mapping does with `once`)")
        }
        W::SharesBelowWhole { sum } => shares_below(sum),
        W::OpeningBalanceSecond { payee, currency, position } => second_opening(payee, currency, *position),
        W::CompleteDayAhead { account, at, used } => complete_day_ahead(account.as_ref(), *at, *used),
        W::CompleteDayBack { account, from, to } => complete_day_back(account.as_ref(), *from, *to),
        W::AdjustmentTwice { payee, position } => adjustment_twice(payee, *position),
        W::MoreDuplicates { count } => {
            let facts = if *count == 1 { "1 more fact is".to_owned() } else { format!("{count} more facts are") };
            let message = format!("{facts} probably recorded twice: both count");
            say("probable-duplicate", message, "look at these first; the others are of the same kinds")
        }
        W::SignalTwice { source, position } => signal_twice(source, *position),
        W::UsageTwice { contract, meter, position } => usage_twice(contract, meter.as_ref(), *position),
        W::More { count } => {
            let help = "look at these first; the others are of the same kinds";
            say("record-more", format!("{count} more warnings were found"), help)
        }
        W::OfRows { why, column, more_rows } => of_rows(warned(why), column.as_deref(), *more_rows),
    }
}

fn usage_twice(contract: &str, meter: Option<&Name>, position: u32) -> Wording {
    let named = meter.map_or("without a meter".to_owned(), |meter| format!("of meter `{meter}`"));
    let message = format!(
        "usage of `{contract}` with these days and this amount is recorded {named} at position {position}: both count"
    );
    let help = "if it is the same usage, retract one of the two; usage that names another meter has another key";
    say("probable-duplicate", message, help)
}

fn same_day(payee: &PayeeId, plan: &PlanId, position: u32) -> Wording {
    let message = format!(
        "the assignment of `{payee}` to `{plan}` at position {position} begins on the same day, and has no day left"
    );
    say("fact-assignment-same-day", message, format!("retract position {position} if this one replaces it"))
}

fn other_version(plan: &PlanId, component: &ComponentId, at: Day) -> Wording {
    let message =
        format!("the version of plan `{plan}` in force on {at} has no component `{component}`; another version has");
    say("fact-component-later", message, "it counts from that version's effective date on")
}

fn rate_unused(plan: &PlanId, component: &ComponentId) -> Wording {
    let message =
        format!("component `{component}` of plan `{plan}` has its own rate: the one written here has no effect");
    say("fact-rate-unused", message, "leave it out, or write `rate = \"assigned\"` in the plan")
}

fn quota_unused(plan: &PlanId, component: &ComponentId) -> Wording {
    let message = format!(
        "component `{component}` of plan `{plan}` takes no quota from assignments: the one written here has no effect"
    );
    say("fact-quota-unused", message, "leave it out, or write `quota = \"assigned\"` in the plan")
}

fn target_unused(plan: &PlanId) -> Wording {
    let message = format!("no component of plan `{plan}` pays by a target: the one written here has no effect");
    say("fact-target-unused", message, "leave it out, or write `target` in the plan")
}

fn split_after_booking(booking: impl Display, signed: Day, at: Day) -> Wording {
    let message = format!(
        "the split is dated {at}, after booking `{booking}` was signed on {signed}: it does not change what the booking earns"
    );
    say("fact-split-after-booking", message, "date it as the booking, if the booking's credit is meant")
}

fn split_drops_role(position: u32, role: impl Display) -> Wording {
    let message = format!(
        "the wider split at position {position} pays the role `{role}`, and this one, which counts alone, does not"
    );
    say("fact-split-drops-role", message, "repeat that role here, if it is still to be paid")
}

fn shares_below(sum: &Exact) -> Wording {
    let percent = sum.clone() * Exact::whole(100);
    let message = format!("primary shares sum to {percent}%: the rest is credited to nobody");
    say("fact-shares-below", message, "check that this is meant")
}

fn second_opening(payee: &PayeeId, currency: impl Display, position: u32) -> Wording {
    let message =
        format!("`{payee}` has an opening balance in {currency} already, at position {position}: they are added up");
    let help = "correct the other one (`corrects`) if this is meant to take its place";
    say("fact-opening-second", message, help)
}

fn adjustment_twice(payee: &PayeeId, position: u32) -> Wording {
    let message =
        format!("entry {position} is an adjustment of `{payee}` with the same amount, currency and date: both count");
    say("probable-duplicate", message, "retract one of them if it is the same adjustment")
}

fn signal_twice(source: &str, position: u32) -> Wording {
    let message = format!("entry {position} is a signal with the same source `{source}`: both count");
    let help = "retract one of them, or correct that one (`corrects`), if it is the same signal";
    say("probable-duplicate", message, help)
}

fn complete_day_ahead(account: Option<&AccountId>, at: Day, used: Day) -> Wording {
    let whose = account.map_or("everybody".to_owned(), |account| format!("`{account}`"));
    let message =
        format!("the usage of {whose} is said to be complete through {at}, and the last that is known is of {used}");
    let help = "retract it if the date is wrong: conditions are decided as if nothing more came before that day";
    say("fact-complete-ahead", message, help)
}

fn complete_day_back(account: Option<&AccountId>, from: Day, to: Option<Day>) -> Wording {
    let whose = account.map_or("everybody".to_owned(), |account| format!("`{account}`"));
    let (message, help) = match to {
        Some(to) => (
            format!("the usage of {whose} was complete through {from}, and is now only through {to}"),
            "what conditions decided on the days between may be open again, and the next close takes it back",
        ),
        None => (
            format!("the usage of {whose} was complete through {from}, and now nothing says how far it is"),
            "every condition is decided on the usage that is known: record how far it is complete",
        ),
    };
    say("fact-complete-back", message, help)
}

#[cfg(test)]
mod tests {
    use super::with_article;

    #[test]
    fn an_article_goes_by_the_sound() {
        for (kind, words) in
            [("account", "an account"), ("booking", "a booking"), ("usage-snapshot", "a usage-snapshot")]
        {
            assert_eq!(with_article(kind), words);
        }
    }
}
