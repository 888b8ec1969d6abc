//! A set of items, by date and account.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::AccountId;

use super::day_ranges::DayRanges;

/// A set of items: all items of some dates, and the items of single accounts on other dates.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Region {
    /// Dates on which every item is in the set.
    all: DayRanges,
    /// By account, dates on which its items are in the set, too.
    of: BTreeMap<AccountId, DayRanges>,
    /// Dates on which any item is in the set.
    any: DayRanges,
}

impl Region {
    /// Every item.
    pub fn everything() -> Region {
        Region::on(DayRanges::all())
    }

    /// No item.
    pub fn nothing() -> Region {
        Region::default()
    }

    /// Every item of these dates.
    pub fn on(dates: DayRanges) -> Region {
        Region { all: dates.clone(), of: BTreeMap::new(), any: dates }
    }

    /// Adds the items of `from ..= to`: those of an account, or all if `account` is `None`.
    pub fn add(&mut self, account: Option<&AccountId>, from: Day, to: Day) {
        let dates = match account {
            None => &mut self.all,
            Some(account) => self.of.entry(account.clone()).or_default(),
        };
        dates.add(from, to);
        self.any.add(from, to);
    }

    /// Whether no item is in the set.
    pub fn is_empty(&self) -> bool {
        self.any.is_empty()
    }

    /// The dates on which every item is in the set.
    pub fn all(&self) -> &DayRanges {
        &self.all
    }

    /// Single accounts, and the dates on which their items are in the set, too.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &DayRanges)> {
        self.of.iter()
    }

    /// Ranges of dates on which any item is in the set.
    pub fn ranges(&self) -> &[(Day, Day)] {
        self.any.ranges()
    }

    /// The first date on which any item is in the set.
    pub fn first_day(&self) -> Option<Day> {
        self.any.ranges().first().map(|(from, _)| *from)
    }

    /// Whether any item of `from ..= to` may be in the set.
    pub fn meets(&self, from: Day, to: Day) -> bool {
        self.any.meets(from, to)
    }

    /// Whether any item of an account on `from ..= to` is in the set.
    pub fn meets_of(&self, account: &AccountId, from: Day, to: Day) -> bool {
        self.all.meets(from, to) || self.of.get(account).is_some_and(|dates| dates.meets(from, to))
    }

    /// Whether an item is in the set. An item without an account is, if any item of its date is.
    pub fn contains(&self, account: Option<&AccountId>, day: Day) -> bool {
        self.may_contain(account, day, day)
    }

    /// Whether an item that is dated on some day of `from ..= to` may be in the set.
    pub fn may_contain(&self, account: Option<&AccountId>, from: Day, to: Day) -> bool {
        match account {
            None => self.any.meets(from, to),
            Some(account) => self.meets_of(account, from, to),
        }
    }

    /// Adds the items of another region.
    pub fn extend(&mut self, other: &Region) {
        other.all.ranges().iter().for_each(|(from, to)| self.add(None, *from, *to));
        for (account, dates) in &other.of {
            dates.ranges().iter().for_each(|(from, to)| self.add(Some(account), *from, *to));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_has_its_own_dates_beside_those_of_all() {
        let day = |number: i64| Day::from_number(number).expect("a day");
        let account = |text: &str| AccountId::new(text).expect("a name");
        let (a, b) = (account("a"), account("b"));
        let mut region = Region::nothing();
        assert!(region.is_empty());
        region.add(None, day(10), day(12));
        region.add(Some(&a), day(20), day(22));
        for (number, everything, of_a) in [(9, false, false), (10, true, true), (12, true, true), (20, false, true)] {
            assert_eq!(region.all().contains(day(number)), everything, "{number}");
            assert_eq!(region.contains(Some(&a), day(number)), of_a, "{number}");
            assert_eq!(region.contains(Some(&b), day(number)), everything, "{number}");
            assert_eq!(region.contains(None, day(number)), of_a, "{number}");
        }
        assert_eq!(region.first_day(), Some(day(10)));
        let mut both = Region::on(DayRanges::none());
        both.extend(&region);
        assert_eq!(both, region);
    }
}
