//! Exact fractions: every value between reading and rounding (calculation.md 1, architecture.md 10).
//!
//! A fraction of i128 while it fits, of big integers when it does not; always reduced, the denominator above zero.

use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};
use rust_decimal::Decimal;

/// An exact rational number.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Exact(Fraction);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Fraction {
    Small { num: i128, den: i128 },
    Big(Box<BigRational>),
}

/// How an amount goes to its currency's minor unit.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum Rounding {
    /// Half away from zero, what a spreadsheet's ROUND does.
    HalfUp,
    /// Half to the even neighbour.
    HalfEven,
    /// Towards zero for what is never negative: bounded recoveries (calculation.md 10).
    Down,
}

impl Exact {
    /// 0
    pub const ZERO: Exact = Exact::whole(0);
    /// 1
    pub const ONE: Exact = Exact::whole(1);

    /// A whole number.
    pub const fn whole(value: i128) -> Exact {
        Exact(Fraction::Small { num: value, den: 1 })
    }

    /// `num / den`; `den` is not zero.
    pub fn ratio(num: i128, den: i128) -> Exact {
        assert!(den != 0, "BUG: a fraction over zero");
        if num == i128::MIN || den == i128::MIN {
            return Exact::big(BigRational::new(num.into(), den.into()));
        }
        let sign = den.signum();
        let shared = gcd(num.unsigned_abs(), den.unsigned_abs()) as i128;
        Exact(Fraction::Small { num: over(sign * num, shared), den: over(sign * den, shared) })
    }

    /// Whether it is 0.
    pub fn is_zero(&self) -> bool {
        matches!(self.0, Fraction::Small { num: 0, .. })
    }

    /// Whether it is below 0.
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Fraction::Small { num, .. } => *num < 0,
            Fraction::Big(big) => big.is_negative(),
        }
    }

    /// Whether it is above 0.
    pub fn is_positive(&self) -> bool {
        !self.is_zero() && !self.is_negative()
    }

    /// The smaller one.
    pub fn min(self, other: Exact) -> Exact {
        if other < self { other } else { self }
    }

    /// The larger one.
    pub fn max(self, other: Exact) -> Exact {
        if other > self { other } else { self }
    }

    /// The value times 10^`digits`, rounded to a whole number; `None` when it does not fit.
    pub fn round(&self, digits: u32, rounding: Rounding) -> Option<i128> {
        let scale = 10i128.pow(digits);
        if let Fraction::Small { num, den } = &self.0
            && let Some(num) = num.checked_mul(scale)
        {
            let (whole, rest) = (num / den, num % den);
            return Some(
                whole
                    + i128::from(rounds_away(rest.unsigned_abs(), den.unsigned_abs(), whole, rounding)) * num.signum(),
            );
        }
        let scaled = self.to_big() * BigInt::from(scale);
        let (whole, rest) = scaled.numer().div_rem(scaled.denom());
        let twice = (rest.abs() * 2u8).cmp(scaled.denom());
        let away = match rounding {
            Rounding::HalfUp => twice != Ordering::Less,
            Rounding::HalfEven => twice == Ordering::Greater || (twice == Ordering::Equal && whole.is_odd()),
            Rounding::Down => false,
        };
        let step = if away { scaled.numer().signum() } else { BigInt::zero() };
        (whole + step).to_i128()
    }

    /// The text of a fraction that ends within 12 decimals (`20000.5`), else `a/b`.
    pub fn text(&self) -> String {
        let Fraction::Small { num, den } = &self.0 else { return self.to_big().to_string() };
        let mut scale = 1i128;
        for digits in 0..=12 {
            if scale % den == 0 {
                return match num.checked_mul(scale / den) {
                    Some(mantissa) => decimal_text(mantissa, digits),
                    None => format!("{num}/{den}"),
                };
            }
            scale *= 10;
        }
        format!("{num}/{den}")
    }

    /// Numerator and denominator; `None` where they need more than 128 bits.
    pub fn fraction(&self) -> Option<(i128, i128)> {
        match self.0 {
            Fraction::Small { num, den } => Some((num, den)),
            Fraction::Big(_) => None,
        }
    }

    fn to_big(&self) -> BigRational {
        match &self.0 {
            Fraction::Small { num, den } => BigRational::new_raw((*num).into(), (*den).into()),
            Fraction::Big(big) => (**big).clone(),
        }
    }

    fn big(value: BigRational) -> Exact {
        match (value.numer().to_i128(), value.denom().to_i128()) {
            (Some(num), Some(den)) if num != i128::MIN => Exact(Fraction::Small { num, den }),
            _ => Exact(Fraction::Big(Box::new(value))),
        }
    }
}

/// `mantissa` / 10^`digits` as people write it, with exactly `digits` decimals.
pub fn decimal_text(mantissa: i128, digits: u32) -> String {
    if digits == 0 {
        return mantissa.to_string();
    }
    let unit = 10u128.pow(digits);
    let sign = if mantissa < 0 { "-" } else { "" };
    let size = mantissa.unsigned_abs();
    format!("{sign}{}.{:0width$}", size / unit, size % unit, width = digits as usize)
}

fn rounds_away(rest: u128, den: u128, whole: i128, rounding: Rounding) -> bool {
    let twice = (rest * 2).cmp(&den);
    match rounding {
        Rounding::HalfUp => twice != Ordering::Less,
        Rounding::HalfEven => twice == Ordering::Greater || (twice == Ordering::Equal && whole % 2 != 0),
        Rounding::Down => false,
    }
}

fn gcd(a: u128, b: u128) -> u128 {
    match (u64::try_from(a), u64::try_from(b)) {
        // Most often one is much longer than the other: the first step makes them alike.
        (Ok(a), Ok(b)) if a > b && b > 0 => u128::from((a % b).gcd(&b)),
        (Ok(a), Ok(b)) if b > a && a > 0 => u128::from((b % a).gcd(&a)),
        (Ok(a), Ok(b)) => u128::from(a.gcd(&b)),
        _ => a.gcd(&b),
    }
}

/// `a / b`, without a division of 128 bits where it can be.
fn over(a: i128, b: i128) -> i128 {
    if b == 1 {
        return a;
    }
    match (i64::try_from(a), i64::try_from(b)) {
        // The quotient of the smallest by -1 needs a bit more.
        (Ok(a), Ok(b)) if a != i64::MIN => i128::from(a / b),
        _ => a / b,
    }
}

impl From<Decimal> for Exact {
    fn from(value: Decimal) -> Exact {
        Exact::ratio(value.mantissa(), 10i128.pow(value.scale()))
    }
}

impl From<i32> for Exact {
    fn from(value: i32) -> Exact {
        Exact::whole(i128::from(value))
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Exact) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Exact) -> Ordering {
        if let (Fraction::Small { num: a, den: b }, Fraction::Small { num: c, den: d }) = (&self.0, &other.0) {
            if b == d {
                return a.cmp(c);
            }
            if let (Some(left), Some(right)) = (a.checked_mul(*d), c.checked_mul(*b)) {
                return left.cmp(&right);
            }
        }
        self.to_big().cmp(&other.to_big())
    }
}

/// `a/b + c/d` without big integers, if it fits.
fn add_small(a: i128, b: i128, c: i128, d: i128) -> Option<Exact> {
    match (a, c) {
        (0, _) => return Some(Exact(Fraction::Small { num: c, den: d })),
        (_, 0) => return Some(Exact(Fraction::Small { num: a, den: b })),
        _ => {}
    }
    if b == d {
        return Some(Exact::ratio(a.checked_add(c)?, b));
    }
    let shared = gcd(b.unsigned_abs(), d.unsigned_abs()) as i128;
    let (left, right) = (over(d, shared), over(b, shared));
    let num = a.checked_mul(left)?.checked_add(c.checked_mul(right)?)?;
    Some(Exact::ratio(num, b.checked_mul(left)?))
}

/// `a/b * c/d` without big integers, if it fits.
fn multiply_small(a: i128, b: i128, c: i128, d: i128) -> Option<Exact> {
    if b == 1 && d == 1 {
        return a.checked_mul(c).filter(|num| *num != i128::MIN).map(Exact::whole);
    }
    match ((a, b), (c, d)) {
        ((1, 1), _) => return Some(Exact(Fraction::Small { num: c, den: d })),
        (_, (1, 1)) => return Some(Exact(Fraction::Small { num: a, den: b })),
        _ => {}
    }
    let (left, right) =
        (gcd(a.unsigned_abs(), d.unsigned_abs()) as i128, gcd(c.unsigned_abs(), b.unsigned_abs()) as i128);
    let num = over(a, left).checked_mul(over(c, right))?;
    let den = over(b, right).checked_mul(over(d, left))?;
    (num != i128::MIN).then_some(Exact(Fraction::Small { num, den }))
}

impl<'a> Add<&'a Exact> for &Exact {
    type Output = Exact;
    fn add(self, other: &'a Exact) -> Exact {
        if let (Fraction::Small { num: a, den: b }, Fraction::Small { num: c, den: d }) = (&self.0, &other.0)
            && let Some(sum) = add_small(*a, *b, *c, *d)
        {
            return sum;
        }
        Exact::big(self.to_big() + other.to_big())
    }
}

impl<'a> Mul<&'a Exact> for &Exact {
    type Output = Exact;
    fn mul(self, other: &'a Exact) -> Exact {
        if let (Fraction::Small { num: a, den: b }, Fraction::Small { num: c, den: d }) = (&self.0, &other.0)
            && let Some(product) = multiply_small(*a, *b, *c, *d)
        {
            return product;
        }
        Exact::big(self.to_big() * other.to_big())
    }
}

impl<'a> Sub<&'a Exact> for &Exact {
    type Output = Exact;
    fn sub(self, other: &'a Exact) -> Exact {
        self + &-other
    }
}

impl<'a> Div<&'a Exact> for &Exact {
    type Output = Exact;
    /// The divisor is not zero: every caller has asked before.
    fn div(self, other: &'a Exact) -> Exact {
        assert!(!other.is_zero(), "BUG: division of {self} by zero");
        match &other.0 {
            Fraction::Small { num, den } => self * &Exact::ratio(*den, *num),
            Fraction::Big(big) => Exact::big(self.to_big() / &**big),
        }
    }
}

impl Neg for &Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        match &self.0 {
            Fraction::Small { num, den } => Exact(Fraction::Small { num: -num, den: *den }),
            Fraction::Big(big) => Exact::big(-(**big).clone()),
        }
    }
}

macro_rules! owned {
    ($($operation:ident $method:ident),*) => { $(
        impl $operation for Exact {
            type Output = Exact;
            fn $method(self, other: Exact) -> Exact { (&self).$method(&other) }
        }
        impl $operation<&Exact> for Exact {
            type Output = Exact;
            fn $method(self, other: &Exact) -> Exact { (&self).$method(other) }
        }
    )* };
}
owned!(Add add, Sub sub, Mul mul, Div div);

impl AddAssign<&Exact> for Exact {
    fn add_assign(&mut self, other: &Exact) {
        *self = &*self + other;
    }
}

impl SubAssign<&Exact> for Exact {
    fn sub_assign(&mut self, other: &Exact) {
        *self = &*self - other;
    }
}

impl Neg for Exact {
    type Output = Exact;
    fn neg(self) -> Exact {
        -&self
    }
}

impl std::iter::Sum for Exact {
    fn sum<I: Iterator<Item = Exact>>(values: I) -> Exact {
        values.fold(Exact::ZERO, |sum, value| sum + value)
    }
}

impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

impl fmt::Debug for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn big(num: i128, den: i128) -> BigRational {
        BigRational::new(num.into(), den.into())
    }

    #[test]
    fn a_third_three_times_is_one() {
        let third = Exact::ratio(1, 3);
        assert_eq!(&third + &third + &third, Exact::ONE);
    }

    #[test]
    fn halves_round_by_their_rule() {
        let rounded = |num, rounding| Exact::ratio(num, 1000).round(2, rounding);
        assert_eq!(rounded(1_005, Rounding::HalfUp), Some(101));
        assert_eq!(rounded(-1_005, Rounding::HalfUp), Some(-101));
        assert_eq!(rounded(1_005, Rounding::HalfEven), Some(100));
        assert_eq!(rounded(1_015, Rounding::HalfEven), Some(102));
        assert_eq!(rounded(-1_005, Rounding::HalfEven), Some(-100));
        assert_eq!(rounded(1_009, Rounding::Down), Some(100));
    }

    #[test]
    fn text_is_a_decimal_where_one_exists() {
        assert_eq!(Exact::ratio(1, 8).text(), "0.125");
        assert_eq!(Exact::ratio(-1, 3).text(), "-1/3");
        assert_eq!(Exact::whole(24_000).text(), "24000");
        assert_eq!(Exact::ratio(-5, 1000).text(), "-0.005");
    }

    proptest! {
        #[test]
        fn agrees_with_big_fractions(a in any::<i128>(), b in 1i128.., c in any::<i128>(), d in 1i128.., digits in 0u32..4) {
            let (x, y) = (Exact::ratio(a, b), Exact::ratio(c, d));
            let (p, q) = (big(a, b), big(c, d));
            prop_assert_eq!((&x + &y).to_big(), &p + &q);
            prop_assert_eq!((&x - &y).to_big(), &p - &q);
            prop_assert_eq!((&x * &y).to_big(), &p * &q);
            prop_assert_eq!(x.cmp(&y), p.cmp(&q));
            if c != 0 { prop_assert_eq!((&x / &y).to_big(), &p / &q); }
            let scaled = &p * BigInt::from(10i128.pow(digits));
            prop_assert_eq!(x.round(digits, Rounding::HalfUp), scaled.round().to_integer().to_i128());
            prop_assert_eq!(x.round(digits, Rounding::Down), scaled.trunc().to_integer().to_i128());
        }
    }
}
