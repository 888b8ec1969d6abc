//! Currencies and posted money: whole minor units of one currency (calculation.md 1).

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Neg, Sub, SubAssign};

use crate::exact::{Exact, Rounding, decimal_text};

/// An ISO 4217 currency that has a minor unit.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(u8);

impl Currency {
    /// The first of all currencies in their order.
    pub const FIRST: Currency = Currency(0);

    /// The currency of an ISO 4217 code in capital letters.
    #[inline]
    pub fn parse(code: &str) -> Option<Currency> {
        let [a, b, c] = *code.as_bytes() else { return None };
        let row = *ROWS.get(place([a, b, c])?)?;
        (row != NO_ROW).then_some(Currency(row))
    }

    /// The ISO 4217 code.
    pub fn code(self) -> &'static str {
        CURRENCIES[usize::from(self.0)].0
    }

    /// Decimals of the minor unit: 2 for USD, 0 for JPY, 3 for BHD.
    pub fn digits(self) -> u32 {
        CURRENCIES[usize::from(self.0)].1
    }
}

const NO_ROW: u8 = u8::MAX;

/// The row of each possible code: every usage entry of a book names a currency.
static ROWS: [u8; 26 * 26 * 26] = {
    let mut rows = [NO_ROW; 26 * 26 * 26];
    let mut row = 0;
    while row < CURRENCIES.len() {
        let code = CURRENCIES[row].0.as_bytes();
        match place([code[0], code[1], code[2]]) {
            Some(place) => rows[place] = row as u8,
            None => panic!("a code is three capital letters"),
        }
        row += 1;
    }
    rows
};

/// Where a code of three capital letters is in [`ROWS`].
const fn place(code: [u8; 3]) -> Option<usize> {
    let mut place = 0;
    let mut index = 0;
    while index < 3 {
        if !code[index].is_ascii_uppercase() {
            return None;
        }
        place = place * 26 + (code[index] - b'A') as usize;
        index += 1;
    }
    Some(place)
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Whole minor units of one currency. Two currencies never meet: doing so stops the program.
#[derive(Copy, Clone, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: cents of a currency with two digits.
    pub minor: i128,
    /// The currency.
    pub currency: Currency,
}

impl Money {
    /// Nothing, in this currency.
    pub fn zero(currency: Currency) -> Money {
        Money { minor: 0, currency }
    }

    /// Rounds an exact amount to the minor unit; `None` when it is too large to hold.
    pub fn round(amount: &Exact, currency: Currency, rounding: Rounding) -> Option<Money> {
        // A posted amount has room for the sum of very many others.
        const MOST: i128 = 10i128.pow(26);
        let minor = amount.round(currency.digits(), rounding)?;
        (minor.abs() <= MOST).then_some(Money { minor, currency })
    }

    /// The amount in whole units of the currency, as a fraction.
    pub fn exact(self) -> Exact {
        Exact::ratio(self.minor, 10i128.pow(self.currency.digits()))
    }

    /// Whether it is 0.
    pub fn is_zero(self) -> bool {
        self.minor == 0
    }

    /// Whether it is above 0.
    pub fn is_positive(self) -> bool {
        self.minor > 0
    }

    /// Whether it is below 0.
    pub fn is_negative(self) -> bool {
        self.minor < 0
    }

    /// The amount in text, with the decimals of its currency and without its code.
    pub fn text(self) -> String {
        decimal_text(self.minor, self.currency.digits())
    }

    /// The smaller one, of the same currency.
    pub fn min(self, other: Money) -> Money {
        if other < self { other } else { self }
    }

    /// The larger one, of the same currency.
    pub fn max(self, other: Money) -> Money {
        if other > self { other } else { self }
    }

    fn same(self, other: Money) {
        assert!(self.currency == other.currency, "BUG: {} meets {}", self.currency, other.currency);
    }
}

impl PartialOrd for Money {
    fn partial_cmp(&self, other: &Money) -> Option<Ordering> {
        self.same(*other);
        Some(self.minor.cmp(&other.minor))
    }
}

impl Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        self.same(other);
        Money { minor: self.minor.checked_add(other.minor).expect("BUG: money overflows"), currency: self.currency }
    }
}

impl Neg for Money {
    type Output = Money;
    fn neg(self) -> Money {
        Money { minor: -self.minor, currency: self.currency }
    }
}

impl Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        self + -other
    }
}

impl AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        *self = *self + other;
    }
}

impl SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        *self = *self - other;
    }
}

impl Money {
    /// The sum of amounts that are all in `currency`.
    pub fn sum(currency: Currency, amounts: impl IntoIterator<Item = Money>) -> Money {
        amounts.into_iter().fold(Money::zero(currency), Add::add)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.text(), self.currency)
    }
}

/// ISO 4217 codes with a minor unit, as of 2026-01-01, ordered by code.
#[rustfmt::skip]
const CURRENCIES: [(&str, u32); 165] = [
    ("AED", 2), ("AFN", 2), ("ALL", 2), ("AMD", 2), ("AOA", 2), ("ARS", 2), ("AUD", 2), ("AWG", 2),
    ("AZN", 2), ("BAM", 2), ("BBD", 2), ("BDT", 2), ("BHD", 3), ("BIF", 0), ("BMD", 2), ("BND", 2),
    ("BOB", 2), ("BOV", 2), ("BRL", 2), ("BSD", 2), ("BTN", 2), ("BWP", 2), ("BYN", 2), ("BZD", 2),
    ("CAD", 2), ("CDF", 2), ("CHE", 2), ("CHF", 2), ("CHW", 2), ("CLF", 4), ("CLP", 0), ("CNY", 2),
    ("COP", 2), ("COU", 2), ("CRC", 2), ("CUP", 2), ("CVE", 2), ("CZK", 2), ("DJF", 0), ("DKK", 2),
    ("DOP", 2), ("DZD", 2), ("EGP", 2), ("ERN", 2), ("ETB", 2), ("EUR", 2), ("FJD", 2), ("FKP", 2),
    ("GBP", 2), ("GEL", 2), ("GHS", 2), ("GIP", 2), ("GMD", 2), ("GNF", 0), ("GTQ", 2), ("GYD", 2),
    ("HKD", 2), ("HNL", 2), ("HTG", 2), ("HUF", 2), ("IDR", 2), ("ILS", 2), ("INR", 2), ("IQD", 3),
    ("IRR", 2), ("ISK", 0), ("JMD", 2), ("JOD", 3), ("JPY", 0), ("KES", 2), ("KGS", 2), ("KHR", 2),
    ("KMF", 0), ("KPW", 2), ("KRW", 0), ("KWD", 3), ("KYD", 2), ("KZT", 2), ("LAK", 2), ("LBP", 2),
    ("LKR", 2), ("LRD", 2), ("LSL", 2), ("LYD", 3), ("MAD", 2), ("MDL", 2), ("MGA", 2), ("MKD", 2),
    ("MMK", 2), ("MNT", 2), ("MOP", 2), ("MRU", 2), ("MUR", 2), ("MVR", 2), ("MWK", 2), ("MXN", 2),
    ("MXV", 2), ("MYR", 2), ("MZN", 2), ("NAD", 2), ("NGN", 2), ("NIO", 2), ("NOK", 2), ("NPR", 2),
    ("NZD", 2), ("OMR", 3), ("PAB", 2), ("PEN", 2), ("PGK", 2), ("PHP", 2), ("PKR", 2), ("PLN", 2),
    ("PYG", 0), ("QAR", 2), ("RON", 2), ("RSD", 2), ("RUB", 2), ("RWF", 0), ("SAR", 2), ("SBD", 2),
    ("SCR", 2), ("SDG", 2), ("SEK", 2), ("SGD", 2), ("SHP", 2), ("SLE", 2), ("SOS", 2), ("SRD", 2),
    ("SSP", 2), ("STN", 2), ("SVC", 2), ("SYP", 2), ("SZL", 2), ("THB", 2), ("TJS", 2), ("TMT", 2),
    ("TND", 3), ("TOP", 2), ("TRY", 2), ("TTD", 2), ("TWD", 2), ("TZS", 2), ("UAH", 2), ("UGX", 0),
    ("USD", 2), ("USN", 2), ("UYI", 0), ("UYU", 2), ("UYW", 4), ("UZS", 2), ("VED", 2), ("VES", 2),
    ("VND", 0), ("VUV", 0), ("WST", 2), ("XAD", 2), ("XAF", 0), ("XCD", 2), ("XCG", 2), ("XOF", 0),
    ("XPF", 0), ("YER", 2), ("ZAR", 2), ("ZMW", 2), ("ZWG", 2),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_of_the_table_is_found_and_no_other() {
        assert!(CURRENCIES.is_sorted_by(|a, b| a.0 < b.0), "currencies are ordered as their codes");
        for (code, digits) in CURRENCIES {
            assert_eq!(Currency::parse(code).map(|found| (found.code(), found.digits())), Some((code, digits)));
        }
        assert_eq!(ROWS.iter().filter(|row| **row != NO_ROW).count(), CURRENCIES.len());
    }

    #[test]
    fn amounts_are_written_in_their_minor_unit() {
        let text = |minor, code| Money { minor, currency: Currency::parse(code).expect("a code") }.text();
        assert_eq!(text(1_200_000, "USD"), "12000.00");
        assert_eq!(text(-5, "USD"), "-0.05");
        assert_eq!(text(500, "JPY"), "500");
        assert_eq!(text(1, "BHD"), "0.001");
        assert_eq!(Currency::parse("XAU"), None);
        assert_eq!(Currency::parse("usd"), None);
    }
}
