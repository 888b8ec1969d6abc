//! Amounts for people: with separators for thousands. JSON and CSV have none.

use ledger::exact::Exact;
use ledger::money::Money;
use replay::statements::statement::two_decimals;

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

/// A fraction as a percent with two decimals.
pub fn rounded_percent(fraction: &Exact) -> String {
    format!("{}%", two_decimals(&(fraction * &Exact::whole(100))))
}

#[cfg(test)]
mod tests {
    use super::grouped;

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
