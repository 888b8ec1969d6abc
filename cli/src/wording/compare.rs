//! What `diff`, `whatif` and charts refuse, in words.

use ledger::date::Day;
use ledger::id::PayeeId;
use ledger::money::Currency;

use crate::refusal::CompareRefusal;
use crate::wording::Wording;

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

pub fn refused(refusal: &CompareRefusal) -> Wording {
    use CompareRefusal as R;
    match refusal {
        R::NoChart => say(
            "svg-none",
            "this command has no chart",
            "`trueup diff`, `trueup whatif` and `trueup preview --bridge` draw one; leave `--format svg` (or TRUEUP_FORMAT) out for this one",
        ),
        R::PeriodWithClose => say(
            "diff-period",
            "a closed month says by which day amounts are due, and `--period` names another one",
            "leave `--period` out, or name sizes or times instead of closed months",
        ),
        R::PeriodMissing => say(
            "diff-period-missing",
            "no month is closed yet, so it is not clear by which day amounts are due",
            "name a month with `--period`, like `--period 2027-03`",
        ),
        R::Backwards { from, to } => say(
            "diff-backwards",
            format!("the second point (size {to}) lies before the first one (size {from})"),
            "name the earlier point first",
        ),
        R::TrialPeriodMissing => say(
            "whatif-period-missing",
            "no month is closed yet, so it is not clear by which day amounts are due",
            "name a month with `--to`, like `--to 2027-03`",
        ),
        R::DealCurrency { payee, currencies, at } => deal_currency(payee, currencies, *at),
        R::DealLate { at, to } => say(
            "whatif-deal-late",
            format!("the deal is signed on {at}, after the end of {to}, so nothing of it would be due by then"),
            "name a later month with `--to`, or leave it out",
        ),
    }
}

fn deal_currency(payee: &PayeeId, currencies: &[Currency], at: Day) -> Wording {
    if currencies.is_empty() {
        let message = format!("`{payee}` is assigned to no plan on {at}, so the currency of the deal is not known");
        let help = "use a day of an assignment; with `currency=USD` the deal is tried out all the same";
        return say("whatif-deal-currency", message, help);
    }
    let currencies: Vec<String> = currencies.iter().map(ToString::to_string).collect();
    let message = format!("the plans of `{payee}` pay in {}, and the deal names no currency", currencies.join(" and "));
    say("whatif-deal-currency", message, "add the currency to the deal, like `currency=USD`")
}
