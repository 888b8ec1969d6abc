//! Facts as lines of JSON, as somebody would send them.

use std::fmt::{Display, Write};

use ledger::date::Day;

#[derive(Default)]
pub struct Facts {
    pub text: String,
    pub count: u64,
}

impl Facts {
    /// A fact of a kind, on a day; `rest` are its other fields.
    pub fn add(&mut self, kind: &str, at: Day, rest: impl Display) {
        self.count += 1;
        writeln!(self.text, "{{\"fact\": \"{kind}\", \"at\": \"{at}\", {rest}}}").expect("memory");
    }

    pub fn clear(&mut self) {
        *self = Facts::default();
    }

    pub fn line(&mut self, line: impl Display) {
        self.count += 1;
        writeln!(self.text, "{line}").expect("memory");
    }
}

/// Whole cents as a decimal.
pub fn cents(amount: i64) -> String {
    format!("{}.{:02}", amount / 100, amount % 100)
}
