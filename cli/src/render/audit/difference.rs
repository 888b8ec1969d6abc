//! What an audit found, in words.

use projections::lines::LineName;
use replay::audit::difference::{AuditDifference, DifferenceKind, Underivable};

use crate::render::amount::{amount, grouped};
use crate::wording::close;
use crate::wording::pay::authority;

/// What differs, without whose it is: `the amount of line land/new-logo/…`.
pub fn subject(what: &DifferenceKind) -> String {
    match what {
        DifferenceKind::LineAmount { line, .. } => format!("line {line}"),
        DifferenceKind::LineField { line, field } => format!("`{field}` of line {line}"),
        DifferenceKind::Withheld { line } => format!("line {line}, which a freeze keeps"),
        DifferenceKind::Draw { draw, field } => format!("`{field}` of draw {draw}"),
        DifferenceKind::Settlement { field } => format!("`{field}` of the settlement"),
        DifferenceKind::Close { field } => format!("`{field}` of the close"),
        DifferenceKind::Payment { kind, field } => format!("`{field}` of the {kind}"),
        DifferenceKind::NotAllowed { kind, count: 1, .. } => format!("the signatures of the {kind}"),
        DifferenceKind::NotAllowed { kind, count, .. } => {
            format!("the signatures of {} entries from a {kind} on", grouped(&count.to_string()))
        }
        DifferenceKind::NotDerivable(_) => "the close cannot be derived again".to_owned(),
        DifferenceKind::Log { file, byte: Some(byte) } => format!("{file} byte {byte}"),
        DifferenceKind::Log { file, byte: None } => file.clone(),
    }
}

/// The member that differs, as JSON has it.
pub fn field(what: &DifferenceKind) -> &'static str {
    match what {
        DifferenceKind::LineAmount { .. } => "amount",
        DifferenceKind::LineField { field, .. }
        | DifferenceKind::Draw { field, .. }
        | DifferenceKind::Settlement { field }
        | DifferenceKind::Close { field }
        | DifferenceKind::Payment { field, .. } => field,
        DifferenceKind::Withheld { .. } => "withheld",
        DifferenceKind::NotAllowed { .. } => "signatures",
        DifferenceKind::NotDerivable(_) => "close",
        DifferenceKind::Log { .. } => "bytes",
    }
}

/// The word for the kind of difference, as JSON has it.
pub fn word(what: &DifferenceKind) -> &'static str {
    match what {
        DifferenceKind::LineAmount { .. } | DifferenceKind::LineField { .. } => "line",
        DifferenceKind::Withheld { .. } => "withheld",
        DifferenceKind::Draw { .. } => "draw",
        DifferenceKind::Settlement { .. } => "settlement",
        DifferenceKind::Close { .. } | DifferenceKind::NotDerivable(_) => "close",
        DifferenceKind::Payment { kind, .. } => kind,
        DifferenceKind::NotAllowed { .. } => "policy",
        DifferenceKind::Log { .. } => "log",
    }
}

/// The line that it is about.
pub fn line(what: &DifferenceKind) -> Option<&LineName> {
    match what {
        DifferenceKind::LineAmount { line, .. }
        | DifferenceKind::LineField { line, .. }
        | DifferenceKind::Withheld { line } => Some(line),
        DifferenceKind::Draw { .. }
        | DifferenceKind::Settlement { .. }
        | DifferenceKind::Close { .. }
        | DifferenceKind::Payment { .. }
        | DifferenceKind::NotAllowed { .. }
        | DifferenceKind::NotDerivable(_)
        | DifferenceKind::Log { .. } => None,
    }
}

/// Why the policy did not allow it; what is wrong with the bytes; or what the log says and what is derived.
pub fn finding(difference: &AuditDifference) -> String {
    let says = |text: &str| if text.is_empty() { "nothing".to_owned() } else { text.to_owned() };
    match &difference.what {
        DifferenceKind::NotAllowed { refusal, .. } => authority::one(refusal).message,
        DifferenceKind::Log { .. } => difference.posted.clone(),
        DifferenceKind::NotDerivable(why) => underivable(why),
        DifferenceKind::LineAmount { difference: more, .. } => {
            let (posted, derived) = (money_text(&difference.posted), money_text(&difference.derived));
            let posted = if posted.is_empty() { "not posted".to_owned() } else { format!("posted {posted}") };
            let direction = if more.is_negative() { "too little" } else { "too much" };
            let more = if more.is_negative() { -*more } else { *more };
            format!("{posted}, derived {derived}: {} {} {direction}", amount(more), more.currency)
        }
        _other => format!("posted {}, derived {}", says(&difference.posted), says(&difference.derived)),
    }
}

fn underivable(why: &Underivable) -> String {
    match why {
        Underivable::Refused(refusal) => close::refused(refusal).message,
        Underivable::Faults(faults) => {
            let messages = close::faults(faults).into_iter().map(|problem| problem.message);
            messages.collect::<Vec<_>>().join("; ")
        }
    }
}

fn money_text(text: &str) -> String {
    grouped(text)
}
