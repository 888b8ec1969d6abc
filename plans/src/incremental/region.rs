//! Which items are looked at: all of some dates, and of some accounts those of others.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::AccountId;

use super::day_ranges::DayRanges;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Region {
    /// On these dates, everything.
    all: DayRanges,
    /// Beside that, of single accounts.
    of: BTreeMap<AccountId, DayRanges>,
    /// On which anything is looked at.
    any: DayRanges,
}

impl Region {
    pub fn everything() -> Region {
        Region::on(DayRanges::all())
    }

    pub fn nothing() -> Region {
        Region::default()
    }

    /// All items of these dates.
    pub fn on(dates: DayRanges) -> Region {
        Region { all: dates.clone(), of: BTreeMap::new(), any: dates }
    }

    /// All items of `from ..= to`, or those of an account.
    pub fn add(&mut self, account: Option<&AccountId>, from: Day, to: Day) {
        let dates = match account {
            None => &mut self.all,
            Some(account) => self.of.entry(account.clone()).or_default(),
        };
        dates.add(from, to);
        self.any.add(from, to);
    }

    pub fn is_empty(&self) -> bool {
        self.any.is_empty()
    }

    /// The dates on which everything is looked at.
    pub fn all(&self) -> &DayRanges {
        &self.all
    }

    /// Single accounts, and the dates on which what is theirs is looked at beside that of all.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &DayRanges)> {
        self.of.iter()
    }

    /// Stretches of dates on which anything is looked at.
    pub fn ranges(&self) -> &[(Day, Day)] {
        self.any.ranges()
    }

    pub fn first_day(&self) -> Option<Day> {
        self.any.ranges().first().map(|(from, _)| *from)
    }

    /// Whether any item of `from ..= to` may be looked at.
    pub fn meets(&self, from: Day, to: Day) -> bool {
        self.any.meets(from, to)
    }

    /// The same for items of an account.
    pub fn meets_of(&self, account: &AccountId, from: Day, to: Day) -> bool {
        self.all.meets(from, to) || self.of.get(account).is_some_and(|dates| dates.meets(from, to))
    }

    /// Whether an item is looked at. What is of no account is, where anything of its date is.
    pub fn contains(&self, account: Option<&AccountId>, day: Day) -> bool {
        self.may_contain(account, day, day)
    }

    /// Whether an item that is dated on one of these days may be looked at.
    pub fn may_contain(&self, account: Option<&AccountId>, from: Day, to: Day) -> bool {
        match account {
            None => self.any.meets(from, to),
            Some(account) => self.meets_of(account, from, to),
        }
    }

    /// Items of both.
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
