//! An index of facts by date. The facts of some days are next to each other, however long the history is.

use ledger::date::Day;

use crate::position::FactIndex;

/// Each fact once, ordered by its date, then by its index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct DayIndex(Vec<u64>);

/// A day and a fact's index as one number that sorts like the pair.
fn key(day: i32, index: FactIndex) -> u64 {
    let day = u64::from(day.cast_unsigned() ^ (1 << 31));
    day << 32 | u64::from(index)
}

impl DayIndex {
    /// Adds a fact with the number of its day. Adding it again has no effect.
    pub fn insert(&mut self, day: i32, index: FactIndex) {
        let key = key(day, index);
        // Nearly every fact that comes in is the latest.
        if self.0.last().is_none_or(|last| *last < key) {
            return self.0.push(key);
        }
        if let Err(place) = self.0.binary_search(&key) {
            self.0.insert(place, key);
        }
    }

    /// The facts dated `from ..= to`, in the order of their dates.
    pub fn dated(&self, from: Day, to: Day) -> impl DoubleEndedIterator<Item = FactIndex> + Clone + '_ {
        let first = self.0.partition_point(|known| *known < key(from.number(), 0));
        let most = key(to.number(), FactIndex::MAX);
        let count = match self.0.last() {
            Some(last) if *last > most => self.0[first..].partition_point(|known| *known <= most),
            Some(_) | None => self.0.len() - first,
        };
        self.0[first..first + count].iter().map(|key| *key as FactIndex)
    }

    /// All facts, in the order of their dates.
    pub fn all(&self) -> impl Iterator<Item = FactIndex> + '_ {
        self.0.iter().map(|key| *key as FactIndex)
    }

    /// Its keys, as a snapshot stores them.
    pub(crate) fn keys(&self) -> &[u64] {
        &self.0
    }

    /// The index with these keys; `None` unless they ascend, as [`DayIndex::keys`] gives them.
    pub(crate) fn from_keys(keys: Vec<u64>) -> Option<DayIndex> {
        keys.is_sorted_by(|one, next| one < next).then_some(DayIndex(keys))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn finds_what_a_plain_list_holds(
            told in proptest::collection::vec((-5i64..30, 0u32..9), 0..40), from in -9i64..35, days in 0i64..20
        ) {
            let day = |number: i64| Day::from_number(number * 90_000 / 35).expect("a day");
            let mut list = DayIndex::default();
            let mut plain: Vec<(Day, FactIndex)> = Vec::new();
            for (number, index) in told {
                list.insert(day(number).number(), index);
                plain.push((day(number), index));
            }
            plain.sort();
            plain.dedup();
            let (from, to) = (day(from), day(from + days));
            let dated = plain.iter().filter(|(day, _)| (from..=to).contains(day)).map(|(_, index)| *index);
            prop_assert!(list.dated(from, to).eq(dated));
            prop_assert!(list.all().eq(plain.iter().map(|(_, index)| *index)));
            prop_assert_eq!(DayIndex::from_keys(list.keys().to_vec()), Some(list));
        }
    }
}
