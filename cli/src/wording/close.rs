//! Refusals to preview, close or freeze, in words.

use data_encoding::HEXLOWER;
use ledger::date::{Day, Month};
use replay::close::refusal::CloseRefusal;

use crate::wording::Wording;

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
