//! Decimal numbers of facts: amounts and percents.

use rust_decimal::Decimal;

use super::stored::{FromJson, Stored};
use crate::exact::Exact;
use crate::json::{self, JsonNode, JsonValue};
use crate::line::LineReader;
use crate::money::Money;
use crate::refusal::Expected;
use crate::wire::{CborReader, CborWriter, Result};

/// An amount, quantity, value or rate: at most 15 digits before and 12 after the point (calculation.md 1).
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub struct Amount(pub Decimal);

impl Amount {
    /// The most digits before the point.
    pub const WHOLE_DIGITS_MAX: u32 = 15;
    /// The most digits after the point.
    pub const DECIMALS_MAX: u32 = 12;

    /// Reads a decimal, also one with an exponent; `None` for what is none or has too many digits.
    pub fn parse(text: &str) -> Option<Amount> {
        decimal(text, Amount::DECIMALS_MAX).map(Amount)
    }

    /// A whole number of minor units; `None` above 2^96 of them.
    pub fn of_money(money: Money) -> Option<Amount> {
        let value = Decimal::try_from_i128_with_scale(money.minor, money.currency.digits()).ok()?;
        Some(Amount(value.normalize()))
    }

    /// The amount as a fraction.
    pub fn exact(self) -> Exact {
        Exact::from(self.0)
    }

    /// Whether it is below 0.
    pub fn is_negative(self) -> bool {
        self.0.is_sign_negative() && !self.0.is_zero()
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.0.is_zero()
    }

    /// Decimals that it needs.
    pub fn decimals(self) -> u32 {
        self.0.scale()
    }
}

impl std::fmt::Display for Amount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(&self.0, f)
    }
}

/// Reads a decimal without trailing zeros; `None` for what is none or has too many digits.
fn decimal(text: &str, decimals_max: u32) -> Option<Decimal> {
    let body = text.strip_prefix('-').unwrap_or(text);
    if !body.starts_with(|c: char| c.is_ascii_digit())
        || !body.ends_with(|c: char| c.is_ascii_digit())
        || body.contains('_')
    {
        return None;
    }
    let value =
        if body.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) }.ok()?;
    let value = if value.mantissa() % 10 == 0 { value.normalize() } else { value };
    let most = 10i128.pow(Amount::WHOLE_DIGITS_MAX + value.scale());
    (value.scale() <= decimals_max && value.mantissa().abs() < most).then_some(value)
}

impl Stored for Amount {
    fn put(&self, writer: &mut CborWriter<'_>) {
        writer.decimal(self.0);
    }
    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        reader.decimal().map(Amount)
    }
    fn show(&self, out: &mut json::JsonWriter) {
        out.text(self.0);
    }
}

impl FromJson for Amount {
    fn read(node: &JsonNode<'_>, line: &mut LineReader<'_>) -> Option<Self> {
        let amount = match &node.value {
            JsonValue::Text(text) => Amount::parse(text),
            JsonValue::Number(number) => Amount::parse(number),
            _ => None,
        };
        let expected =
            Expected::Amount { whole_digits_max: Amount::WHOLE_DIGITS_MAX, decimals_max: Amount::DECIMALS_MAX };
        amount.or_else(|| line.refuse_value(node, expected))
    }
}

/// A percent as written: `Percent(25)` is `25%` and means 0.25.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Hash)]
pub struct Percent(pub Decimal);

impl Percent {
    /// The most digits after the point.
    pub const DECIMALS_MAX: u32 = 9;

    /// Reads `25%`.
    pub fn parse(text: &str) -> Option<Percent> {
        decimal(text.strip_suffix('%')?, Percent::DECIMALS_MAX).map(Percent)
    }

    /// A fraction that is a percent of at most [`Percent::DECIMALS_MAX`] decimals; `None` for another.
    pub fn of_exact(fraction: &Exact) -> Option<Percent> {
        let (num, den) = (fraction * &Exact::whole(100)).fraction()?;
        let scale = (0..=Percent::DECIMALS_MAX).find(|scale| 10i128.pow(*scale) % den == 0)?;
        let mantissa = num.checked_mul(10i128.pow(scale) / den)?;
        Decimal::try_from_i128_with_scale(mantissa, scale).ok().map(Percent)
    }

    /// The fraction that it means.
    pub fn exact(self) -> Exact {
        Exact::from(self.0) * Exact::ratio(1, 100)
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}%", self.0)
    }
}

as_text!(
    Percent,
    Expected::Percent { decimals_max: Percent::DECIMALS_MAX },
    Percent::parse,
    |percent, writer| writer.decimal(percent.0),
    |reader| reader.decimal().map(Percent)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_have_a_most_of_digits_on_both_sides() {
        for good in ["0", "-0.5", "120000.00", "999999999999999.999999999999", "1e3", "1.5E-2"] {
            assert!(Amount::parse(good).is_some(), "{good}");
        }
        for bad in [
            "",
            "-",
            "1.",
            ".5",
            "+1",
            "1000000000000000",
            "0.0000000000001",
            "1_000",
            "1,000",
            "0x1",
            "1e40",
            "NaN",
            " 1",
        ] {
            assert!(Amount::parse(bad).is_none(), "{bad}");
        }
        assert_eq!(Amount::parse("60000.00"), Amount::parse("60000"));
        assert!(Amount::parse("0.1000000000000").is_some(), "trailing zeros say nothing");
    }

    #[test]
    fn percents_mean_hundredths() {
        assert_eq!(Percent::parse("25%").map(Percent::exact), Some(Exact::ratio(1, 4)));
        assert_eq!(Percent::parse("25"), None);
        assert_eq!(Percent::parse("0.0000000001%"), None);
    }
}
