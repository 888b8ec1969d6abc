//! A short list of numbers by which everything about one thing is chosen. 0 always chooses what is simplest, so a case shrinks
//! towards simple things and stays valid meanwhile.

use proptest::collection::vec;
use proptest::prelude::{Strategy, any};

const LENGTH: usize = 40;

pub type Choices = Vec<u8>;

pub fn choices() -> impl Strategy<Value = Choices> {
    vec(any::<u8>(), LENGTH)
}

/// Reads choices one after the other; past their end all are 0.
pub struct Chooser<'a> {
    left: std::slice::Iter<'a, u8>,
}

impl<'a> Chooser<'a> {
    pub fn of(choices: &'a [u8]) -> Chooser<'a> {
        Chooser { left: choices.iter() }
    }

    fn next(&mut self) -> u8 {
        self.left.next().copied().unwrap_or_default()
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[usize::from(self.next()) % of.len()].clone()
    }

    /// True in one of so many cases.
    pub fn one_in(&mut self, cases: u8) -> bool {
        self.next() % cases == cases - 1
    }

    pub fn below(&mut self, limit: usize) -> usize {
        usize::from(self.next()) % limit
    }

    /// An amount of 1 or more, of as many decimals as the currency has, or none.
    pub fn amount(&mut self, most: u64, currency: &str) -> String {
        let part = u64::from(self.next()) * 256 + u64::from(self.next());
        let most = if currency == "JPY" { most * 100 } else { most };
        let whole = 1 + part * most / 65536;
        let cents = self.pick(&["", "", ".5", ".33", ".01", ".99"]);
        if currency == "JPY" { whole.to_string() } else { format!("{whole}{cents}") }
    }

    pub fn small(&mut self) -> i64 {
        1 + i64::from(self.next() % 6)
    }
}
