//! A column of numbers kept as running sums, so that the sum of any range is one subtraction.

use ledger::exact::Exact;
use ledger::field::Amount;

/// The running sums, as whole numbers of units of `scale` decimals. They have 64 bits while they fit. 128 bits always
/// suffice: for 2^32 numbers of 27 digits, the most that an amount has at any scale.
#[derive(Clone, Debug, Default)]
pub(super) struct PrefixSums {
    /// The decimals of one unit.
    pub(super) scale: u32,
    pub(super) narrow: Vec<i64>,
    /// Used instead of `narrow` once a sum does not fit it.
    pub(super) wide: Vec<i128>,
    pub(super) is_wide: bool,
}

impl PrefixSums {
    /// `count` zeros.
    pub(super) fn zeros(count: usize) -> PrefixSums {
        PrefixSums { narrow: vec![0; count], ..PrefixSums::default() }
    }

    /// The sum of the numbers before an index, in units.
    fn before(&self, index: usize) -> i128 {
        match index.checked_sub(1) {
            None => 0,
            Some(last) if self.is_wide => self.wide[last],
            Some(last) => i128::from(self.narrow[last]),
        }
    }

    /// The sum of the numbers at `from .. to`, in units.
    pub(super) fn between(&self, from: usize, to: usize) -> i128 {
        self.before(to) - self.before(from)
    }

    pub(super) fn get(&self, index: usize) -> i128 {
        self.between(index, index + 1)
    }

    /// One unit as a fraction.
    pub(super) fn unit(&self) -> Exact {
        Exact::ratio(1, 10i128.pow(self.scale))
    }

    pub(super) fn exact(&self, index: usize) -> Exact {
        Exact::ratio(self.get(index), 10i128.pow(self.scale))
    }

    pub(super) fn insert(&mut self, index: usize, amount: Amount) {
        if amount.decimals() > self.scale {
            self.rescale(amount.decimals());
        }
        let value = amount.0.mantissa() * 10i128.pow(self.scale - amount.decimals());
        let sum = self.before(index) + value;
        match i64::try_from(sum) {
            Ok(sum) if !self.is_wide => insert_exact(&mut self.narrow, index, sum),
            _ => {
                self.widen();
                insert_exact(&mut self.wide, index, sum);
            }
        }
        self.add_from(index + 1, value);
    }

    pub(super) fn reserve(&mut self, count: usize) {
        if self.is_wide { reserve(&mut self.wide, count) } else { reserve(&mut self.narrow, count) }
    }

    pub(super) fn remove(&mut self, index: usize) {
        let value = self.get(index);
        if self.is_wide {
            self.wide.remove(index);
        } else {
            self.narrow.remove(index);
        }
        self.add_from(index, -value);
    }

    /// Adds a value to all sums from an index on.
    fn add_from(&mut self, index: usize, value: i128) {
        if !self.is_wide {
            let fits = |sum: &i64| i64::try_from(i128::from(*sum) + value).is_ok();
            if self.narrow[index..].iter().all(fits) {
                self.narrow[index..].iter_mut().for_each(|sum| *sum = (i128::from(*sum) + value) as i64);
                return;
            }
            self.widen();
        }
        self.wide[index..].iter_mut().for_each(|sum| *sum += value);
    }

    fn widen(&mut self) {
        if !self.is_wide {
            self.wide = std::mem::take(&mut self.narrow).into_iter().map(i128::from).collect();
            self.is_wide = true;
        }
    }

    fn rescale(&mut self, scale: u32) {
        let factor = 10i128.pow(scale - self.scale);
        self.scale = scale;
        let fits = |sum: &i64| i64::try_from(i128::from(*sum) * factor).is_ok();
        if !self.is_wide && self.narrow.iter().all(fits) {
            self.narrow.iter_mut().for_each(|sum| *sum *= factor as i64);
        } else {
            self.widen();
            self.wide.iter_mut().for_each(|sum| *sum *= factor);
        }
    }

    /// Whether the number at an index is equal to an amount.
    pub(super) fn holds(&self, index: usize, amount: Amount) -> bool {
        amount.decimals() <= self.scale
            && amount.0.mantissa() * 10i128.pow(self.scale - amount.decimals()) == self.get(index)
    }
}

pub(super) fn insert_exact<T>(list: &mut Vec<T>, index: usize, value: T) {
    reserve(list, 1);
    list.insert(index, value);
}

/// Reserves memory for `count` more items. Grows by an eighth, because a book has millions of these lists and
/// doubling would waste half of the memory.
pub(super) fn reserve<T>(list: &mut Vec<T>, count: usize) {
    if list.capacity() - list.len() < count {
        list.reserve_exact(count.max(8 + list.len() / 8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::Decimal;

    proptest! {
        /// Against a plain list, with numbers that outgrow 64 bits.
        #[test]
        fn sums_are_those_of_a_list(
            steps in prop::collection::vec((any::<prop::sample::Index>(), -999_999_999_999_999i64..=999_999_999_999_999, 0u32..=12, 0u32..4), 0..40),
            stretch in any::<(prop::sample::Index, prop::sample::Index)>(),
        ) {
            let mut column = PrefixSums::default();
            let mut list: Vec<Amount> = Vec::new();
            for (place, mantissa, scale, what) in steps {
                if what == 0 && !list.is_empty() {
                    let index = place.index(list.len());
                    list.remove(index);
                    column.remove(index);
                } else {
                    let index = place.index(list.len() + 1);
                    let amount = Amount(Decimal::new(mantissa, scale).normalize());
                    list.insert(index, amount);
                    column.insert(index, amount);
                }
            }
            for (index, amount) in list.iter().enumerate() {
                prop_assert_eq!(column.exact(index), amount.exact());
                prop_assert!(column.holds(index, *amount));
            }
            let (a, b) = (stretch.0.index(list.len() + 1), stretch.1.index(list.len() + 1));
            let sum: Exact = list[a.min(b)..a.max(b)].iter().map(|amount| amount.exact()).sum();
            prop_assert_eq!(Exact::whole(column.between(a.min(b), a.max(b))) * column.unit(), sum);
        }
    }
}
