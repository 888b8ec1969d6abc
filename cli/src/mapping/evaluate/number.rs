//! Numbers as other people write them: thousands, currency signs, blanks, `(1,234.50)` for what is below zero. Exact.

use ledger::exact::Exact;
use ledger::field::Amount;
use ledger::money::Currency;
use replay::refusal::rows::NumberFault;

use crate::mapping::rules::Numbers;

/// Signs of currencies, and the currencies that they may mean; none where there are too many to tell.
const SIGNS: [(char, &[&str]); 16] = [
    (
        '$',
        &[
            "USD", "AUD", "BBD", "BMD", "BND", "BSD", "BZD", "CAD", "CLP", "COP", "FJD", "GYD", "HKD", "JMD", "KYD",
            "LRD", "MXN", "NAD", "NZD", "SBD", "SGD", "SRD", "TTD", "TWD", "XCD", "ARS", "UYU", "DOP", "BRL",
        ],
    ),
    ('€', &["EUR"]),
    ('£', &["GBP", "EGP", "FKP", "GIP", "LBP", "SHP", "SYP", "SSP", "SDG"]),
    ('¥', &["JPY", "CNY"]),
    ('₹', &["INR"]),
    ('₩', &["KRW", "KPW"]),
    ('₽', &["RUB"]),
    ('₺', &["TRY"]),
    ('₪', &["ILS"]),
    ('₫', &["VND"]),
    ('₦', &["NGN"]),
    ('₱', &["PHP", "CUP"]),
    ('฿', &["THB"]),
    ('₴', &["UAH"]),
    ('₡', &["CRC"]),
    ('₲', &["PYG"]),
];

const MINUS: [char; 2] = ['-', '\u{2212}'];

/// As many digits may a number of a source have. What comes of it is rounded, or has at most those of an amount.
const DIGITS_MAX: usize = 36;
/// Behind an `E`.
const EXPONENT_MAX: i32 = 30;

/// Whether a character is the sign of a currency.
fn is_sign(c: char) -> bool {
    !c.is_ascii_alphanumeric() && SIGNS.iter().any(|(sign, _)| *sign == c)
}

/// Whether the sign of a currency is in a text.
pub fn has_sign(text: &str) -> bool {
    text.contains(is_sign)
}

/// The sign of a currency in a text that contradicts a currency.
pub fn contradicting_sign(text: &str, currency: &str) -> Option<char> {
    let (sign, currencies) = SIGNS.iter().find(|(sign, _)| text.contains(*sign))?;
    let is_known = Currency::parse(currency).is_some();
    (is_known && !currencies.contains(&currency)).then_some(*sign)
}

impl Numbers {
    /// The number that a text means, or why it means none, or another one elsewhere.
    pub fn read(self, text: &str) -> Result<Exact, NumberFault> {
        if self.decimal == '.'
            && let Some(plain) = Amount::parse(text)
        {
            return Ok(plain.exact());
        }
        let (is_negative, digits) = bare(text).ok_or(NumberFault::Form)?;
        let number = self.digits(digits)?;
        Ok(if is_negative { -&number } else { number })
    }

    /// A number without a sign.
    fn digits(self, text: &str) -> Result<Exact, NumberFault> {
        let (mantissa, exponent) = match text.split_once(['E', 'e']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| NumberFault::Form)?),
            None => (text, 0),
        };
        let (whole, fraction) = match mantissa.split_once(self.decimal) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (mantissa, None),
        };
        let mut written = self.whole(whole)?;
        // `.50` is half of something, and nothing at all is no number.
        let fraction = match fraction {
            Some(fraction) if !fraction.is_empty() && is_digits(fraction) => fraction,
            None if !written.is_empty() => "",
            Some(_) | None => return Err(NumberFault::Form),
        };
        written.push_str(fraction);
        if written.trim_start_matches('0').len() > DIGITS_MAX
            || exponent.abs() > EXPONENT_MAX
            || fraction.len() > DIGITS_MAX
        {
            return Err(NumberFault::TooManyDigits);
        }
        let number = Exact::whole(written.parse::<i128>().map_err(|_| NumberFault::Form)?);
        let power = |digits: usize| Exact::whole(10_i128.pow(digits as u32));
        let number = &number / &power(fraction.len());
        let scale = power(exponent.unsigned_abs() as usize);
        Ok(if exponent < 0 { &number / &scale } else { &number * &scale })
    }

    /// Groups are of three digits: `1,23` and `1,05,000` are no numbers here, for where they are some they are others than
    /// what they would be taken for.
    fn whole(self, text: &str) -> Result<String, NumberFault> {
        let separator = text.chars().find(|c| !c.is_ascii_digit());
        let Some(separator) = separator else { return Ok(text.to_owned()) };
        if !(Some(separator) == self.thousands || separator.is_whitespace()) {
            return Err(NumberFault::Form);
        }
        let groups: Vec<&str> = text.split(separator).collect();
        if !groups.iter().all(|group| is_digits(group)) || groups[0].is_empty() {
            return Err(NumberFault::Form);
        }
        // A first group of `0` is a whole number's nowhere: `0,500` is a half with another sign for decimals.
        let fits =
            groups[0].len() <= 3 && !groups[0].starts_with('0') && groups[1..].iter().all(|group| group.len() == 3);
        if fits { Ok(groups.concat()) } else { Err(NumberFault::Grouping) }
    }
}

fn is_digits(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
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
        if let Some(rest) = text.strip_prefix(is_sign).or_else(|| text.strip_suffix(is_sign)) {
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
        numbers.read(text).ok().map(|number| number.text())
    }

    #[test]
    fn people_write_numbers_in_many_ways() {
        for (numbers, text, meant) in [
            (ENGLISH, "1234.50", "1234.5"),
            (ENGLISH, "1,234,567.891", "1234567.891"),
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
            (ENGLISH, "1.2e-06", "0.0000012"),
            (ENGLISH, "0.12345678901250", "9876543121/80000000000"),
            (GERMAN, "1,5E+3", "1500"),
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
            (ENGLISH, "12,34,567"),
            (ENGLISH, "$1,05,000.00"),
            (ENGLISH, "1E99"),
            (ENGLISH, "E3"),
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
            (GERMAN, "1,234.50"),
            (GERMAN, "1.23"),
            (PLAIN, "1,234"),
        ] {
            assert_eq!(read(numbers, text), None, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        for (text, fault) in [
            ("1,05,000.00", NumberFault::Grouping),
            ("1,23", NumberFault::Grouping),
            ("0.1234567890123456789012345678901234567", NumberFault::TooManyDigits),
            ("1.000,50", NumberFault::Form),
            ("ten", NumberFault::Form),
        ] {
            assert_eq!(ENGLISH.read(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn a_sign_belongs_to_its_currency() {
        for (text, currency, sign) in [
            ("€60,000.00", "EUR", None),
            ("€60,000.00", "USD", Some('€')),
            ("$5", "USD", None),
            ("$5", "CAD", None),
            ("$5", "EUR", Some('$')),
            ("5", "EUR", None),
            ("€5", "euros", None),
        ] {
            assert_eq!(contradicting_sign(text, currency), sign, "{text} {currency}");
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
