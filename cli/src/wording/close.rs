//! Refusals to preview, close or freeze, and what is found while a month is evaluated, in words.

use std::collections::BTreeMap;

use crate::wording::problem::Problem;
use data_encoding::HEXLOWER;
use ledger::date::{Day, Month};
use ledger::finding::Finding;
use plans::evaluation_fault::{EvaluationFault, EvaluationWarning};
use replay::close::refusal::{CloseFault, CloseRefusal, CloseWarning};

use crate::wording::{Wording, problem};

/// What to do about an amount that the ledger cannot hold.
const TOO_LARGE: &str = "look for a wrong amount, quantity or rate";

/// What keeps a month from being closed, as it is shown.
pub fn faults(findings: &[Finding<CloseFault>]) -> Vec<Problem> {
    each_once(findings, fault)
}

/// What is doubtful about a close, as it is shown.
pub fn warnings(findings: &[Finding<CloseWarning>]) -> Vec<Problem> {
    each_once(findings, warning)
}

/// Findings in words, ordered by their sentences. Of a sentence that many lines of a file have, the last line is shown.
fn each_once<R>(findings: &[Finding<R>], wording: impl Fn(&R) -> Wording) -> Vec<Problem> {
    let problems = findings.iter().map(|finding| problem(finding, |what, _| wording(what)));
    let by_message: BTreeMap<String, Problem> = problems.map(|problem| (problem.message.clone(), problem)).collect();
    by_message.into_values().collect()
}

/// A refusal in words.
pub fn refused(refusal: &CloseRefusal) -> Wording {
    use CloseRefusal as R;
    match refusal {
        R::PeriodClosed { period, next } => {
            let help = format!("{}`trueup statement --all {period}` shows what was posted", go_on(*next));
            Wording::new("close-closed", format!("{period} is closed already"), help)
        }
        R::PeriodBeforeFirst { period, next } => {
            let message = format!("{period} lies before the first month that was closed");
            let help = format!("{}what is dated before is in the first close", go_on(*next));
            Wording::new("close-closed", message, help)
        }
        R::OpeningAfterClose { closed } => {
            let message = format!("{closed} is closed already, and only a book's first close can be an opening");
            Wording::new("close-opening", message, "close without `--opening`")
        }
        R::SizeBeyondLog { size, asked } => {
            let message = format!("the log has {size} entries, not {asked}");
            Wording::new("close-at", message, format!("use a size of at most {size}"))
        }
        R::SizeBelowLastClose { least, size, asked } => {
            let message = format!("the last close knew {least} entries, and {asked} are fewer");
            Wording::new("close-at", message, format!("use a size from {least} to {size}"))
        }
        R::FirstMonthFar { period, first, last } => first_month_far(*period, *first, *last),
        R::NothingToClose { period } => nothing_to_close(*period),
        R::OutOfOrder { period, next } => {
            let message = format!("{period} cannot be closed before {next}");
            Wording::new("close-order", message, format!("close {next} first"))
        }
        R::OpeningWithoutSize => {
            let message = "the digest says what is due, not what counts as settled: more may be known by now";
            let help = "say with `--at SIZE` what was known at the review; `trueup preview` ends with both";
            Wording::new("close-opening-at", message, help)
        }
        R::DigestDiffers { period, digest, expected } => digest_differs(*period, digest, expected),
        R::FreezeWithoutReason => {
            Wording::new("freeze-reason", "a freeze needs a reason", "say why, for whoever audits it")
        }
        R::FreezeUnchanged { until: Some(day) } => {
            Wording::new("freeze-same", format!("the book is frozen up to {day} already"), "name another day")
        }
        R::FreezeUnchanged { until: None } => {
            Wording::new("freeze-same", "the book is not frozen", "there is nothing to lift")
        }
        R::FreezeNotClosed { until, closed } => freeze_not_closed(*until, *closed),
    }
}

fn go_on(next: Option<Month>) -> String {
    next.map_or("no month comes after it; ".to_owned(), |next| format!("the next month is {next}; "))
}

fn digest_differs(period: Month, digest: &[u8], expected: &[u8]) -> Wording {
    let (digest, expected) = (HEXLOWER.encode(digest), HEXLOWER.encode(expected));
    let message = format!("the digest is {digest}, and {expected} was expected: something changed since the review");
    Wording::new("close-digest", message, format!("`trueup preview {period}` shows what it is now"))
}

fn freeze_not_closed(until: Day, closed: Option<Day>) -> Wording {
    let message = format!("{until} is not closed yet, and what is due by then is still to be posted");
    let help = match closed {
        Some(closed) => format!("freeze up to {closed} at most"),
        None => "close a month first".to_owned(),
    };
    Wording::new("freeze-open", message, help)
}

fn fault(fault: &CloseFault) -> Wording {
    use CloseFault as F;
    match fault {
        F::Evaluation(fault) => evaluation_fault(fault),
        F::DueTooLarge { payee, currency } => {
            let message = format!("`{payee}` is due more {currency} than the ledger can hold");
            Wording::new("close-too-large", message, TOO_LARGE)
        }
        F::SettledPayeeUnknown { payee, nearest } => {
            let help = match nearest {
                Some(payee) => format!("did you mean `{payee}`?"),
                None => "record the payee, or leave the line out".to_owned(),
            };
            Wording::new("settled-payee", format!("there is no payee `{payee}`"), help)
        }
        F::SettledTooManyDecimals { amount, currency } => {
            let message = format!("{amount} is finer than the minor unit of {currency}");
            Wording::new("settled-amount", message, format!("write at most {} decimals", currency.digits()))
        }
        F::SettledLineUnknown { line } => {
            let message = format!("`{line}` is no line that a plan of this book or an adjustment pays");
            Wording::new("settled-line", message, "write lines as `trueup preview PERIOD --format csv` does")
        }
        F::SettledCurrencyDiffers { line, paid, written } => {
            let message = format!("`{line}` is paid in {paid}, not in {written}");
            Wording::new("settled-currency", message, format!("write what was settled in {paid}"))
        }
        F::SettledTwice { payee, line } => {
            let message = format!("`{line}` of `{payee}` is listed twice");
            Wording::new("settled-twice", message, "write what was settled of it in one line")
        }
    }
}

fn warning(warning: &CloseWarning) -> Wording {
    use CloseWarning as W;
    match warning {
        W::Evaluation(warning) => evaluation_warning(warning),
        W::FirstMonthFar { period, first, last } => {
            let message =
                format!("{period} would be the first month closed, and the facts are dated {first} to {last}");
            let help = "every later close takes the next month: begin with the first that is to be paid";
            Wording::new("close-far", message, help)
        }
        W::NoFacts { period } => {
            let message = format!("the book has no facts, so nothing is due in {period}");
            Wording::new(
                "close-no-facts",
                message,
                "record facts first: every later close takes the month after the first one",
            )
        }
        W::NothingSettled => {
            let message = "the opening's file names no line: nothing counts as settled, and everything is paid";
            Wording::new("settled-nothing", message, "leave the file out if all of it was settled")
        }
        W::SettledNotDue { payee, line, day } => {
            let help = "what was settled of it is posted as a reversal: look whether the line is the right one";
            Wording::new("settled-not-due", format!("nothing of `{line}` is due to `{payee}` by {day}"), help)
        }
    }
}

fn first_month_far(period: Month, first: Day, last: Day) -> Wording {
    let message =
        format!("{period} would be the first month closed, more than three months from all facts ({first} to {last})");
    let help = "every later close takes the next month: begin with the first that is to be paid; --force closes it all the same";
    Wording::new("close-first-far", message, help)
}

fn nothing_to_close(period: Month) -> Wording {
    let message = format!("the book has no facts, so {period} has nothing to close");
    let help = "record facts first: every later close takes the month after this one; --force closes it all the same";
    Wording::new("close-nothing", message, help)
}

fn evaluation_fault(fault: &EvaluationFault) -> Wording {
    use EvaluationFault as F;
    match fault {
        F::NoExchangeRate { from, to, date, item } => {
            let message =
                format!("no exchange rate from `{from}` to `{to}` is in force on {date}, which item `{item}` needs");
            let help = format!("record an `exchange-rate` from {from} to {to} dated on or before {date}");
            Wording::new("close-no-exchange-rate", message, help)
        }
        F::NoAssignedRate { payee, plan, component, at } => {
            let message =
                format!("`{payee}` has no rate for component `{component}` of plan `{plan}` in the assignment of {at}");
            let help = format!("correct the assignment with `\"rates\": {{\"{component}\": \"…%\"}}`");
            Wording::new("close-no-rate", message, help)
        }
        F::EarningTooLarge { payee, item } => {
            let message = format!("item `{item}` of `{payee}` earns more than the ledger can hold");
            Wording::new("close-too-large", message, TOO_LARGE)
        }
    }
}

fn evaluation_warning(warning: &EvaluationWarning) -> Wording {
    use EvaluationWarning as W;
    match warning {
        W::SignalWithoutValue { signal, at, item } => {
            let message = format!("signal `{signal}` of {at} (`{item}`) has no value, and counts as 0");
            Wording::new("close-no-value", message, "correct the signal with a `value`")
        }
        W::NothingToPayBy { booking, component } => {
            let message = format!(
                "the measured value of booking `{booking}` is 0 in component `{component}`: nothing is paid on it"
            );
            Wording::new("close-zero-value", message, "correct the booking, or measure another amount")
        }
        W::BookingWithoutAmount { booking, amount } => {
            let message = format!("booking `{booking}` has no amount `{amount}`, and counts as 0");
            let help = format!("correct the booking with `\"amounts\": {{\"{amount}\": …}}`");
            Wording::new("close-no-amount", message, help)
        }
    }
}
