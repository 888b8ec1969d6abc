//! Numbers as other people write them: thousands, currency signs, blanks, `(1,234.50)` for what is below zero. Exact.

use ledger::exact::Exact;
use ledger::field::Amount;

use crate::mapping::rules::Numbers;

const SIGNS: [char; 16] = ['$', '€', '£', '¥', '₹', '₩', '₽', '₺', '₪', '₫', '₦', '₱', '฿', '₴', '₡', '₲'];

const MINUS: [char; 2] = ['-', '\u{2212}'];

impl Numbers {
    /// The number that a text means; `None` where it means none, or another thing elsewhere.
    pub fn read(self, text: &str) -> Option<Exact> {
        if self.decimal == '.'
            && let Some(plain) = Amount::parse(text)
        {
            return Some(plain.exact());
        }
        let (is_negative, digits) = bare(text)?;
        let written = self.digits(digits)?;
        let number = Amount::parse(&written)?.exact();
        Some(if is_negative { -&number } else { number })
    }

    /// The digits as the ledger writes them.
    fn digits(self, text: &str) -> Option<String> {
        let (whole, fraction) = match text.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let mut written = self.whole(whole)?;
        if written.is_empty() {
            // `.50` is half of something, and nothing at all is no number.
            fraction?;
            written.push('0');
        }
        if let Some(fraction) = fraction {
            if fraction.is_empty() || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            written.push('.');
            written.push_str(fraction);
        }
        Some(written)
    }

    /// Groups are of three digits (or of two, as in `12,34,567`), the last one of three: `1,23` is no number here,
    /// for where it is one it is a hundredth of what it would be taken for.
    fn whole(self, text: &str) -> Option<String> {
        let separator = text.chars().find(|c| !c.is_ascii_digit());
        let Some(separator) = separator else { return Some(text.to_owned()) };
        if !(Some(separator) == self.thousands || separator.is_whitespace()) {
            return None;
        }
        let groups: Vec<&str> = text.split(separator).collect();
        let (first, middle, last) = (groups[0], &groups[1..groups.len() - 1], groups[groups.len() - 1]);
        // A first group of `0` is a whole number's nowhere: `0,500` is a half with another sign for decimals.
        let shortest = if separator == ',' { 2 } else { 3 };
        let fits = (1..=3).contains(&first.len())
            && !first.starts_with('0')
            && middle.iter().all(|group| (shortest..=3).contains(&group.len()))
            && last.len() == 3
            && groups.iter().all(|group| group.bytes().all(|byte| byte.is_ascii_digit()));
        fits.then(|| groups.concat())
    }
}

/// Without signs, currencies and brackets, each of them at most once; and whether it is below zero.
fn bare(text: &str) -> Option<(bool, &str)> {
    let mut text = text.trim();
    let (mut minus, mut plus, mut currency, mut brackets) = (0, 0, 0, 0);
    loop {
        let before = text;
        if let Some(rest) = text.strip_prefix(MINUS).or_else(|| text.strip_suffix(MINUS)) {
            (text, minus) = (rest.trim(), minus + 1);
        }
        if let Some(rest) = text.strip_prefix('+') {
            (text, plus) = (rest.trim(), plus + 1);
        }
        if let Some(rest) = text.strip_prefix(SIGNS).or_else(|| text.strip_suffix(SIGNS)) {
            (text, currency) = (rest.trim(), currency + 1);
        }
        if let Some(rest) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            (text, brackets) = (rest.trim(), brackets + 1);
        }
        if text == before {
            break;
        }
    }
    (minus + plus + brackets <= 1 && currency <= 1).then_some((minus + brackets == 1, text))
}

/// The text of a number that ends within 12 decimals and has at most 15 digits before them.
pub fn text(number: &Exact) -> Option<String> {
    Amount::parse(&number.text()).map(|amount| amount.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGLISH: Numbers = Numbers { decimal: '.', thousands: Some(',') };
    const GERMAN: Numbers = Numbers { decimal: ',', thousands: Some('.') };
    const PLAIN: Numbers = Numbers { decimal: '.', thousands: None };

    fn read(numbers: Numbers, text: &str) -> Option<String> {
        numbers.read(text).map(|number| number.text())
    }

    #[test]
    fn people_write_numbers_in_many_ways() {
        for (numbers, text, meant) in [
            (ENGLISH, "1234.50", "1234.5"),
            (ENGLISH, "1,234,567.891", "1234567.891"),
            (ENGLISH, "12,34,567", "1234567"),
            (ENGLISH, "(1,234.50)", "-1234.5"),
            (ENGLISH, "-$1,234.50", "-1234.5"),
            (ENGLISH, "$-1,234.50", "-1234.5"),
            (ENGLISH, "($ 1,234.50)", "-1234.5"),
            (ENGLISH, "$(5)", "-5"),
            (ENGLISH, "1 234.50 €", "1234.5"),
            (ENGLISH, "1\u{a0}234\u{a0}567", "1234567"),
            (ENGLISH, "\u{2212}7", "-7"),
            (ENGLISH, "7-", "-7"),
            (ENGLISH, "+7", "7"),
            (ENGLISH, ".5", "0.5"),
            (ENGLISH, "1.5E3", "1500"),
            (ENGLISH, "0.1000000000000000", "0.1"),
            (GERMAN, "1.234,50", "1234.5"),
            (GERMAN, "1.234", "1234"),
            (GERMAN, "0,012", "0.012"),
            (Numbers { decimal: '.', thousands: Some('\'') }, "1'234.5", "1234.5"),
            (PLAIN, "1234", "1234"),
        ] {
            assert_eq!(read(numbers, text).as_deref(), Some(meant), "{text}");
        }
    }

    #[test]
    fn what_could_be_another_number_elsewhere_is_none() {
        for (numbers, text) in [
            (ENGLISH, "1,23"),
            (ENGLISH, "0,500"),
            (GERMAN, "0.123"),
            (GERMAN, "00.123"),
            (GERMAN, "1.50.000"),
            (ENGLISH, "1234,567"),
            (ENGLISH, "1,234,56"),
            (ENGLISH, "1.234,56"),
            (ENGLISH, "1,234 567"),
            (ENGLISH, ",234"),
            (ENGLISH, "1."),
            (ENGLISH, "--1"),
            (ENGLISH, "-(1)"),
            (ENGLISH, "+-1"),
            (ENGLISH, "$$1"),
            (ENGLISH, "$"),
            (ENGLISH, ""),
            (ENGLISH, "12a"),
            (ENGLISH, "1_000"),
            (ENGLISH, "NaN"),
            (ENGLISH, "1.2.3"),
            (ENGLISH, "10%"),
            (ENGLISH, "1000000000000000"),
            (ENGLISH, "0.0000000000001"),
            (GERMAN, "1,234.50"),
            (GERMAN, "1.23"),
            (PLAIN, "1,234"),
        ] {
            assert_eq!(read(numbers, text), None, "{text}");
        }
    }

    #[test]
    fn a_result_has_as_many_digits_as_an_amount() {
        assert_eq!(text(&Exact::ratio(1, 8)).as_deref(), Some("0.125"));
        assert_eq!(text(&Exact::ratio(1, 3)), None);
        assert_eq!(text(&Exact::whole(10i128.pow(15))), None);
        assert_eq!(text(&Exact::ratio(1, 10i128.pow(13))), None);
    }
}
