//! What `diff`, `whatif` and charts refuse, in words.

use ledger::id::PayeeId;
use ledger::money::Currency;

use crate::wording::Wording;

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

pub fn no_chart() -> Wording {
    let help = "`trueup diff` and `trueup whatif` draw one; leave `--format svg` (or TRUEUP_FORMAT) out for this one";
    say("svg-none", "this command has no chart", help)
}

pub fn period_with_close() -> Wording {
    let help = "leave `--period` out, or name sizes or times instead of closed months";
    say("diff-period", "a closed month says by which day amounts are due, and `--period` names another one", help)
}

pub fn period_missing() -> Wording {
    let help = "name a month with `--period`, like `--period 2027-03`";
    say("diff-period-missing", "no month is closed yet, so it is not clear by which day amounts are due", help)
}

pub fn backwards(from: u64, to: u64) -> Wording {
    let message = format!("the second point (size {to}) lies before the first one (size {from})");
    say("diff-backwards", message, "name the earlier point first")
}

pub fn whatif_period_missing() -> Wording {
    let help = "name a month with `--to`, like `--to 2027-03`";
    say("whatif-period-missing", "no month is closed yet, so it is not clear by which day amounts are due", help)
}

pub fn deal_currency(payee: &PayeeId, currencies: &[Currency]) -> Wording {
    let help = "add `currency=USD` to the deal";
    if currencies.is_empty() {
        let message = format!("`{payee}` has no plan on the day of the deal, so its currency is not known");
        return say("whatif-deal-currency", message, help);
    }
    let currencies: Vec<String> = currencies.iter().map(ToString::to_string).collect();
    let message = format!("the plans of `{payee}` pay in {}, and the deal names no currency", currencies.join(" and "));
    say("whatif-deal-currency", message, help)
}
