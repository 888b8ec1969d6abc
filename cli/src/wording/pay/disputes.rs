//! Why a dispute is not opened, answered or resolved, in words.

use replay::disputes::refusal::{CorrectionFault, DisputeRefusal};

use crate::input::limits::bytes;
use crate::refusal::EvidenceFault;
use crate::wording::Wording;
use crate::wording::command::position_unknown;
use crate::wording::pay::payments;
use crate::wording::problem::Problem;

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// Every refusal in words.
pub fn problems(refused: &[DisputeRefusal]) -> Vec<Problem> {
    refused.iter().map(|refusal| self::refused(refusal).into()).collect()
}

/// A refusal in words.
fn refused(refusal: &DisputeRefusal) -> Wording {
    use DisputeRefusal as R;
    match refusal {
        R::Pay(refusal) => payments::refused(refusal),
        R::TextMissing => say("dispute-text", "a text is required", "say why, for the payee and whoever audits it"),
        R::TextTooLong { bytes, most } => {
            let message = format!("the text has {bytes} bytes, and at most {most} are kept");
            say("dispute-text", message, "say it shorter, and name a file with the rest as evidence: `--evidence FILE`")
        }
        R::LineUnknown { payee, period, line, nearest } => {
            let message = format!("`{payee}` has no line `{line}` in {period}, neither posted nor measured");
            let help = match nearest {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!(
                    "`trueup statement {payee} {period} --format csv` names the lines; leave `--line` out to dispute the statement as a whole"
                ),
            };
            say("dispute-line", message, help)
        }
        R::AlreadyOpen { dispute, line } => {
            let subject = line.as_ref().map_or_else(|| "this statement".to_owned(), |line| format!("line `{line}`"));
            let message = format!("dispute {dispute} about {subject} is open");
            say("dispute-open-already", message, format!("say more with `trueup dispute answer {dispute} TEXT`"))
        }
        R::PositionUnknown { position, size } => position_unknown(*position, *size),
        R::TooMuchEvidence { count, most } => {
            let message = format!("{count} entries and files are named as evidence, and a dispute takes {most}");
            say("dispute-evidence", message, "pack files together")
        }
        R::Unknown { dispute, count: 0 } => {
            let message = format!("there is no dispute {dispute}, nor any other");
            say("dispute-unknown", message, "`trueup dispute open` opens one")
        }
        R::Unknown { dispute, count } => {
            let message = format!("there is no dispute {dispute}; the last one is {count}");
            say("dispute-unknown", message, "`trueup dispute list` lists them")
        }
        R::Resolved { dispute, outcome, position } => {
            let message = format!("dispute {dispute} was {outcome} at position {position}");
            let help = "a resolved dispute is not opened again: open a new one, which may name this one in its reason";
            say("dispute-resolved", message, help)
        }
        R::CorrectionMissing => say(
            "dispute-correction",
            "an accepted dispute names the entry that corrects what was wrong",
            "record the correction or the adjustment, and add `--by POSITION`; if nothing was wrong, it is `rejected`",
        ),
        R::CorrectionUnused { outcome } => {
            let message = format!("nothing is corrected by a dispute that is {outcome}");
            say("dispute-correction", message, "leave `--by` out")
        }
        R::Correction { position, fault } => correction(*position, fault),
    }
}

fn correction(position: u64, fault: &CorrectionFault) -> Wording {
    let (message, help) = match fault {
        CorrectionFault::Before { opened } => (
            format!(
                "the entry at position {position} is older than the dispute, which was opened at position {opened}"
            ),
            "name what was recorded since because of the dispute".to_owned(),
        ),
        CorrectionFault::Kind { kind } => (
            format!("the entry at position {position} is a `{kind}`, which corrects nothing"),
            "name a fact (a correction, a retraction, a split, an adjustment), a plan version or a write-off"
                .to_owned(),
        ),
        CorrectionFault::OtherPayee { payee } => (
            format!("the entry at position {position} is about `{payee}`"),
            "name one that is about the payee of the dispute".to_owned(),
        ),
        CorrectionFault::Ended { by } => (
            format!("the entry at position {position} is not in force: the entry at position {by} ended it"),
            format!("`trueup show {by}` shows that entry; name one that is in force"),
        ),
    };
    Wording::new("dispute-correction", message, help)
}

/// Why a file is not taken as evidence, in words.
pub fn evidence_fault(fault: &EvidenceFault) -> Wording {
    let (message, help) = match fault {
        EvidenceFault::Unreadable { file, why } => (
            format!("`{}` cannot be read: {why}", file.display()),
            "name a file that is there, or the position of an entry",
        ),
        EvidenceFault::NotAFile { file } => {
            (format!("`{}` is a folder, a pipe or a device", file.display()), "name a plain file; pack a folder first")
        }
        EvidenceFault::NameUnfit { file, most } => {
            let message = format!("the name of `{}` is not UTF-8, or longer than {most} bytes", file.display());
            (message, "rename it")
        }
        EvidenceFault::TooLong { file, most } => {
            let message = format!("`{}` has more than {}", file.display(), bytes(*most));
            (message, "name a smaller file, or one elsewhere by its hash: `blake3:HASH:BYTES:NAME`")
        }
    };
    Wording::new("dispute-evidence", message, help)
}
