//! Amounts for people: with separators for thousands. JSON and CSV have none.

use ledger::exact::{Exact, Rounding, decimal_text};
use ledger::money::Money;
use replay::statements::statement::percent_text;

/// `-1,234,567.80`.
pub fn amount(money: Money) -> String {
    grouped(&money.text())
}

/// The same of any decimal in text.
pub fn grouped(decimal: &str) -> String {
    let (sign, digits) = decimal.strip_prefix('-').map_or(("", decimal), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').map_or((digits, None), |(whole, rest)| (whole, Some(rest)));
    if !whole.bytes().all(|byte| byte.is_ascii_digit()) {
        return decimal.to_owned();
    }
    let mut text = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// A fraction as a percent, in full.
pub fn percent(fraction: &Exact) -> String {
    format!("{}%", (fraction * &Exact::whole(100)).text())
}

/// A fraction as a percent with two decimals. With more of them where it would round up to a whole percent, or one of one decimal,
/// that it does not reach: 24.999996% is never 25.00%, and 62.4996% never 62.50%.
pub fn rounded_percent(fraction: &Exact) -> String {
    format!("{}%", percent_text(fraction))
}

/// A fraction as a percent, with as many decimals as it takes to show on which side of the threshold it is.
pub fn percent_beside(fraction: &Exact, threshold: &Exact) -> String {
    let threshold = threshold * &Exact::whole(100);
    percent_unless(fraction, |value, shown| value.cmp(&threshold) != shown.cmp(&threshold))
}

/// The most decimals of a percent that is rounded; what takes more is shown as a fraction.
const DECIMALS_MAX: u32 = 9;

/// The percent with at least two decimals that does not mislead, given the value and what would be shown.
fn percent_unless(fraction: &Exact, misleads: impl Fn(&Exact, &Exact) -> bool) -> String {
    let value = fraction * &Exact::whole(100);
    for digits in 2..=DECIMALS_MAX {
        let Some(mantissa) = value.round(digits, Rounding::HalfUp) else { break };
        if !misleads(&value, &Exact::ratio(mantissa, 10i128.pow(digits))) {
            return format!("{}%", decimal_text(mantissa, digits));
        }
    }
    format!("{}%", value.text())
}

/// A number with its thousands apart; of a fraction that has no short decimals, about how much it is.
pub fn number(value: &Exact) -> String {
    let text = grouped(&value.text());
    match value.round(6, Rounding::HalfUp).filter(|_| text.contains('/')) {
        Some(millionths) => format!("{text} (about {})", grouped(&decimal_text(millionths, 6))),
        None => text,
    }
}

/// A fraction as it is in a formula, and as a percent.
pub fn number_and_percent(value: &Exact) -> String {
    let text = grouped(&value.text());
    let whole = percent(value);
    let percent = if whole.contains('/') { rounded_percent(value) } else { whole };
    format!("{text} ({percent})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_threshold_never_looks_met() {
        let parts = |count: i128| Exact::ratio(count, 100_000_000);
        assert_eq!(rounded_percent(&parts(24_999_996)), "24.999996%");
        assert_eq!(rounded_percent(&parts(24_994_900)), "24.99%");
        assert_eq!(rounded_percent(&parts(62_499_600)), "62.4996%");
        assert_eq!(rounded_percent(&parts(25_000_004)), "25.00%");
        assert_eq!(rounded_percent(&Exact::ratio(2, 3)), "66.67%");
        let threshold = parts(31_250_000);
        assert_eq!(percent_beside(&parts(31_249_900), &threshold), "31.2499%");
        assert_eq!(percent_beside(&parts(31_250_000), &threshold), "31.25%");
        assert_eq!(percent_beside(&parts(40_000_000), &threshold), "40.00%");
        assert_eq!(number(&Exact::ratio(7, 12)), "7/12 (about 0.583333)");
        assert_eq!(number_and_percent(&Exact::ratio(7, 12)), "7/12 (58.33%)");
        assert_eq!(number_and_percent(&parts(1_500_000)), "0.015 (1.5%)");
    }

    #[test]
    fn thousands_are_separated() {
        for (plain, with) in [
            ("0.00", "0.00"),
            ("999.50", "999.50"),
            ("1000", "1,000"),
            ("-12345.60", "-12,345.60"),
            ("-123456", "-123,456"),
            ("1234567.001", "1,234,567.001"),
            ("1/3", "1/3"),
        ] {
            assert_eq!(grouped(plain), with);
        }
    }
}
