//! Which items are looked at: all of some dates, and of some accounts those of others.

use std::collections::BTreeMap;

use ledger::date::Day;
use ledger::id::AccountId;

use crate::dates::Dates;

#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Picked {
    /// On these dates, everything.
    all: Dates,
    /// Beside that, of single accounts.
    of: BTreeMap<AccountId, Dates>,
    /// On which anything is looked at.
    any: Dates,
}

impl Picked {
    pub fn everything() -> Picked {
        Picked::on(Dates::all())
    }

    pub fn nothing() -> Picked {
        Picked::default()
    }

    /// All items of these dates.
    pub fn on(dates: Dates) -> Picked {
        Picked { all: dates.clone(), of: BTreeMap::new(), any: dates }
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
    pub fn all(&self) -> &Dates {
        &self.all
    }

    /// Single accounts, and the dates on which what is theirs is looked at beside that of all.
    pub fn accounts(&self) -> impl Iterator<Item = (&AccountId, &Dates)> {
        self.of.iter()
    }

    /// Stretches of dates on which anything is looked at.
    pub fn stretches(&self) -> &[(Day, Day)] {
        self.any.stretches()
    }

    pub fn first_day(&self) -> Option<Day> {
        self.any.stretches().first().map(|(from, _)| *from)
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

    /// Whether an item that stands on one of these days may be looked at.
    pub fn may_contain(&self, account: Option<&AccountId>, from: Day, to: Day) -> bool {
        match account {
            None => self.any.meets(from, to),
            Some(account) => self.meets_of(account, from, to),
        }
    }

    /// Items of both.
    pub fn extend(&mut self, other: &Picked) {
        other.all.stretches().iter().for_each(|(from, to)| self.add(None, *from, *to));
        for (account, dates) in &other.of {
            dates.stretches().iter().for_each(|(from, to)| self.add(Some(account), *from, *to));
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
        let mut picked = Picked::nothing();
        assert!(picked.is_empty());
        picked.add(None, day(10), day(12));
        picked.add(Some(&a), day(20), day(22));
        for (number, everything, of_a) in [(9, false, false), (10, true, true), (12, true, true), (20, false, true)] {
            assert_eq!(picked.all().contains(day(number)), everything, "{number}");
            assert_eq!(picked.contains(Some(&a), day(number)), of_a, "{number}");
            assert_eq!(picked.contains(Some(&b), day(number)), everything, "{number}");
            assert_eq!(picked.contains(None, day(number)), of_a, "{number}");
        }
        assert_eq!(picked.first_day(), Some(day(10)));
        let mut both = Picked::on(Dates::none());
        both.extend(&picked);
        assert_eq!(both, picked);
    }
}
