//! Why nothing is approved, held, paid or repaid, in words.

use ledger::fact::OwedOrDraw;
use replay::pay::refusal::{ConfirmationRefusal, PayRefusal};

use crate::refusal::ConfirmationFault;
use crate::render::amount::amount as shown;
use crate::wording::Wording;
use crate::wording::command::{opening_csv, payee_unknown, period_open};
use crate::wording::problem::one_of;

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// A refusal in words.
pub fn refused(refusal: &PayRefusal) -> Wording {
    use PayRefusal as R;
    match refusal {
        R::NotClosed { period, closed } => period_open(*period, *closed),
        R::PayeeUnknown { payee, nearest } => payee_unknown(payee.as_str(), nearest.as_ref().map(|near| near.as_str())),
        R::NothingToApprove { period } => {
            let message = format!(
                "there is nothing to approve: what {period} and the months before it made payable is approved, paid or set off already"
            );
            say("approve-nothing", message, "`trueup balances` shows what is payable")
        }
        R::Rejected { period } => {
            let message = format!("what {period} made payable was rejected");
            say(
                "approve-rejected",
                message,
                "correct what was wrong, close the next month, and approve that: it releases this too",
            )
        }
        R::NothingToReject { period } => {
            let message =
                format!("there is nothing to reject: what {period} made payable is paid, set off or rejected already");
            say("reject-nothing", message, format!("`trueup statement --all {period}` shows what became of it"))
        }
        R::NoReason => say("pay-reason", "a reason is required", "say why, for whoever audits it"),
        R::NotPositive { amount } => {
            let message = format!("{} {} is not above 0", shown(*amount), amount.currency);
            say("pay-amount", message, "write an amount above 0")
        }
        R::NotHeld { payee } => {
            say("release-none", format!("there is no hold on `{payee}`"), "there is nothing to release")
        }
        R::HoldUnknown { payee, position, known } => {
            let known: Vec<String> = known.iter().map(u64::to_string).collect();
            let message = format!("there is no hold on `{payee}` at position {position}");
            say("release-none", message, format!("the holds on `{payee}` are at {}", known.join(", ")))
        }
        R::MoreThanBalance { payee, amount, of, balance } => {
            let of = match of {
                Some(OwedOrDraw::Owed) => "the clawback balance",
                Some(OwedOrDraw::Draw) => "the draw balance",
                None => "the clawback and draw balances together",
            };
            let currency = amount.currency;
            let message =
                format!("`{payee}` has {} {currency} to pay back of {of}, not {}", shown(*balance), shown(*amount));
            say("pay-more-than-owed", message, "`trueup balances` shows what there is to pay back")
        }
    }
}

/// A refused line of a confirmation in words.
pub fn confirmation_refused(refusal: &ConfirmationRefusal) -> Wording {
    use ConfirmationRefusal as R;
    match refusal {
        R::NoPayout { period, payee, currency } => {
            let message = format!("there is no payout of {period} to `{payee}` in {currency}");
            Wording::new(
                "confirm-none",
                message,
                format!("`trueup export --as payroll --period {period}` lists the payouts"),
            )
        }
        R::AmountDiffers { status, amount, open } => {
            let currency = amount.currency;
            let open: Vec<String> = open.iter().map(|amount| shown(*amount)).collect();
            let said = format!("{} {currency} `{status}`", shown(*amount));
            let message = if open.is_empty() {
                format!("{said} is not what was paid and has not come back")
            } else {
                format!("{said}, and the payout is of {}", open.join(" and "))
            };
            let help = "`paid` has the amount of the payout, `partly` less than that, `returned` what had arrived";
            Wording::new("confirm-amount", message, help)
        }
        R::ResultKnown { status, known, position } => {
            let message =
                format!("the payout is recorded as `{known}` (position {position}), and the line says `{status}`");
            let help = format!(
                "`trueup show {position}` shows what was recorded, with reference and date; a payment that came back later is `returned`"
            );
            Wording::new("confirm-known", message, help)
        }
    }
}

/// What is wrong with the file of a confirmation.
pub fn confirmation_fault(fault: &ConfirmationFault) -> Wording {
    use ConfirmationFault as F;
    let say = |message: String, help: &str| say("confirm-file", message, help);
    let all_of = |columns: &[&str]| columns.join(", ");
    match fault {
        F::Empty { columns } => say("the file is empty".to_owned(), &format!("write the columns {}", all_of(columns))),
        F::ColumnTwice { column } => say(format!("the column `{column}` is there twice"), "leave one of them out"),
        F::ColumnUnknown { column, columns } => {
            say(format!("there is no column `{column}`"), &format!("the columns are {}", all_of(columns)))
        }
        F::ColumnsMissing { columns } => {
            say(format!("these columns are missing: {}", all_of(columns)), "name them in the first line")
        }
        F::NotAPayee { written } => say(format!("`{written}` is no payee's id"), "write the id of a payee"),
        F::NotACurrency { written } => say(format!("`{written}` is no currency"), "write an ISO 4217 code like `USD`"),
        F::NotAnAmount { written } => {
            say(format!("`{written}` is no amount in the minor unit of its currency"), "write it like 1250.00")
        }
        F::NotAStatus { written, words } => {
            say(format!("`{written}` is no status"), &format!("write {}", one_of(words.iter().copied())))
        }
        F::NotADate { written } => say(format!("`{written}` is no date"), "write one like 2027-03-31"),
        F::Csv(fault) => opening_csv(*fault),
    }
}
