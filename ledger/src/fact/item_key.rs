//! The key of an item: what a line of a statement is about, as data (calculation.md 4).

use std::cmp::Ordering;
use std::fmt;

use uuid::Uuid;

use crate::date::Month;
use crate::field::Stored;
use crate::id::{BookingId, ContractId};
use crate::json;
use crate::wire::{CborReader, CborWriter, Result};

/// What an item is named by. Its text, by which statements order and show it, follows from it; nothing reads that text.
///
/// Keys compare by their texts, so that lines are in the order of statements. Two keys of one text are equal: a line keeps
/// its name when a new version of a plan measures something else.
#[derive(Clone)]
pub enum ItemKey {
    /// `B-1`: a booking.
    Booking(BookingId),
    /// `C-2@2027-03`: what a contract used in a calendar month.
    ContractMonth {
        /// The contract.
        contract: ContractId,
        /// The calendar month.
        month: Month,
    },
    /// `2027-03`: a calendar month, over all contracts.
    Month(Month),
    /// `2027-Q1`, `2027-H1` or `2027`: a performance period of more than a month.
    Period(PeriodKey),
    /// The id of a fact: a signal or an adjustment.
    Fact(Uuid),
}

/// A quarter, half or year of a fiscal year.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub struct PeriodKey {
    first: Month,
    months: u8,
    year_start: u8,
}

impl PeriodKey {
    /// The period of 3, 6 or 12 months from `first` on, of a fiscal year that begins with the month `year_start` (1 to 12).
    /// `None` where a fiscal year has no such period.
    pub fn new(first: Month, months: u8, year_start: u8) -> Option<PeriodKey> {
        let key = PeriodKey { first, months, year_start };
        let fits = matches!(months, 3 | 6 | 12) && (1..=12).contains(&year_start);
        (fits && key.months_before() % i32::from(months) == 0).then_some(key)
    }

    /// Reads a period's text; `year_start` is the month in which the fiscal year begins, 1 to 12. `None` where there is no
    /// such period.
    pub fn parse(text: &str, year_start: u8) -> Option<PeriodKey> {
        let (year, part) = text.split_once('-').unwrap_or((text, ""));
        let is_year = year.len() == 4 && year.bytes().all(|digit| digit.is_ascii_digit());
        let last = Month::new(year.parse().ok().filter(|_| is_year)?, (u32::from(year_start) + 10) % 12 + 1)?;
        let (before, months) = match part {
            "" if text == year => (0, 12),
            "H1" => (0, 6),
            "H2" => (6, 6),
            "Q1" => (0, 3),
            "Q2" => (3, 3),
            "Q3" => (6, 3),
            "Q4" => (9, 3),
            _ => return None,
        };
        PeriodKey::new(last.plus(before - 11), months, year_start)
    }

    /// Its first month.
    pub fn first(self) -> Month {
        self.first
    }

    /// How many months it has.
    pub fn months(self) -> u8 {
        self.months
    }

    /// The month in which its fiscal year begins, 1 to 12.
    pub fn year_start(self) -> u8 {
        self.year_start
    }

    /// Months of the fiscal year that are before the period.
    fn months_before(self) -> i32 {
        (self.first.month() as i32 - i32::from(self.year_start)).rem_euclid(12)
    }
}

/// The year is that in which the fiscal year ends.
impl fmt::Display for PeriodKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = self.months_before();
        let year = self.first.plus(11 - before).year();
        let number = before / i32::from(self.months) + 1;
        match self.months {
            3 => write!(f, "{year:04}-Q{number}"),
            6 => write!(f, "{year:04}-H{number}"),
            _ => write!(f, "{year:04}"),
        }
    }
}

impl fmt::Display for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ItemKey::Booking(booking) => booking.fmt(f),
            ItemKey::ContractMonth { contract, month } => write!(f, "{contract}@{month}"),
            ItemKey::Month(month) => month.fmt(f),
            ItemKey::Period(period) => period.fmt(f),
            ItemKey::Fact(id) => id.fmt(f),
        }
    }
}

impl fmt::Debug for ItemKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl Ord for ItemKey {
    fn cmp(&self, other: &ItemKey) -> Ordering {
        use ItemKey::{Booking, ContractMonth, Fact, Month};
        match (self, other) {
            (Booking(one), Booking(two)) => one.cmp(two),
            // Months of years of four digits are in the order of their texts.
            (Month(one), Month(two)) => one.cmp(two),
            (Fact(one), Fact(two)) => one.cmp(two),
            (ContractMonth { contract: one, month }, ContractMonth { contract: two, month: of_two }) if one == two => {
                month.cmp(of_two)
            }
            (ContractMonth { contract: one, .. }, ContractMonth { contract: two, .. })
                if !one.as_str().starts_with(two.as_str()) && !two.as_str().starts_with(one.as_str()) =>
            {
                one.cmp(two)
            }
            _ => self.to_string().cmp(&other.to_string()),
        }
    }
}

impl PartialOrd for ItemKey {
    fn partial_cmp(&self, other: &ItemKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ItemKey {
    fn eq(&self, other: &ItemKey) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ItemKey {}

/// An array that begins with the kind (docs/format.md).
impl Stored for ItemKey {
    fn put(&self, writer: &mut CborWriter<'_>) {
        match self {
            ItemKey::Booking(booking) => {
                writer.array(2);
                writer.uint(1);
                booking.put(writer);
            }
            ItemKey::ContractMonth { contract, month } => {
                writer.array(3);
                writer.uint(2);
                contract.put(writer);
                month.put(writer);
            }
            ItemKey::Month(month) => {
                writer.array(2);
                writer.uint(3);
                month.put(writer);
            }
            ItemKey::Period(PeriodKey { first, months, year_start }) => {
                writer.array(4);
                writer.uint(4);
                first.put(writer);
                writer.uint(u64::from(*months));
                writer.uint(u64::from(*year_start));
            }
            ItemKey::Fact(id) => {
                writer.array(2);
                writer.uint(5);
                id.put(writer);
            }
        }
    }

    fn get(reader: &mut CborReader<'_>) -> Result<Self> {
        match (reader.array()?, reader.uint()?) {
            (2, 1) => BookingId::get(reader).map(ItemKey::Booking),
            (3, 2) => Ok(ItemKey::ContractMonth { contract: ContractId::get(reader)?, month: Month::get(reader)? }),
            (2, 3) => Month::get(reader).map(ItemKey::Month),
            (4, 4) => {
                let (first, months, year_start) = (Month::get(reader)?, reader.uint()?, reader.uint()?);
                let small = |number: u64| u8::try_from(number).ok();
                let period = small(months).zip(small(year_start));
                match period.and_then(|(months, year_start)| PeriodKey::new(first, months, year_start)) {
                    Some(period) => Ok(ItemKey::Period(period)),
                    None => reader.wrong("a period that no fiscal year has"),
                }
            }
            (2, 5) => Uuid::get(reader).map(ItemKey::Fact),
            (_, kind) => {
                reader.wrong(format!("the key of an item of the kind {kind}, which is unknown or has other parts"))
            }
        }
    }

    fn show(&self, out: &mut json::JsonWriter) {
        out.text(self);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn month(text: &str) -> Month {
        Month::parse(text).expect("a month")
    }

    fn period(first: &str, months: u8, year_start: u8) -> ItemKey {
        ItemKey::Period(PeriodKey::new(month(first), months, year_start).expect("a period"))
    }

    fn contract(id: &str, of: &str) -> ItemKey {
        ItemKey::ContractMonth { contract: ContractId::new(id).expect("a name"), month: month(of) }
    }

    fn booking(id: &str) -> ItemKey {
        ItemKey::Booking(BookingId::new(id).expect("a name"))
    }

    #[test]
    fn texts_name_the_year_in_which_a_fiscal_year_ends() {
        for (key, text) in [
            (booking("B-1"), "B-1"),
            (contract("C-2", "2027-03"), "C-2@2027-03"),
            (ItemKey::Month(month("2027-03")), "2027-03"),
            (period("2027-04", 3, 1), "2027-Q2"),
            (period("2026-11", 3, 2), "2027-Q4"),
            (period("2026-07", 6, 7), "2027-H1"),
            (period("2026-07", 12, 7), "2027"),
            (ItemKey::Fact(Uuid::from_u128(9)), "00000000-0000-0000-0000-000000000009"),
        ] {
            assert_eq!(key.to_string(), text);
        }
        for (first, months, year_start) in
            [("2027-02", 3, 1), ("2027-01", 12, 2), ("2027-01", 4, 1), ("2027-01", 1, 1), ("2027-01", 3, 13)]
        {
            assert_eq!(PeriodKey::new(month(first), months, year_start), None, "{first} {months} {year_start}");
        }
    }

    #[test]
    fn texts_of_periods_are_read() {
        for start in 1..=12 {
            for (months, count) in [(3, 4), (6, 2), (12, 1)] {
                for number in 0..count * 3 {
                    let first = Month::new(2026, u32::from(start)).expect("a month").plus(number * i32::from(months));
                    let key = PeriodKey::new(first, months, start).expect("a period");
                    assert_eq!(PeriodKey::parse(&key.to_string(), start), Some(key));
                }
            }
        }
        for text in ["", "-", "2027-", "27-Q1", "2027-Q5", "2027-13", "+027", "2027-Q1-"] {
            assert_eq!(PeriodKey::parse(text, 1), None, "{text}");
        }
    }

    fn keys() -> impl Strategy<Value = ItemKey> {
        let id = || "[AC@0-2-]{1,10}";
        let of = || 2020..2032i32;
        prop_oneof![
            id().prop_map(|id| booking(&id)),
            (id(), of(), 1..=12u32).prop_map(|(id, year, number)| ItemKey::ContractMonth {
                contract: ContractId::new(&id).expect("a name"),
                month: Month::new(year, number).expect("a month"),
            }),
            (of(), 1..=12u32).prop_map(|(year, number)| ItemKey::Month(Month::new(year, number).expect("a month"))),
            (of(), 0..4i32, prop::sample::select(vec![3u8, 6, 12]), 1..=12u8).prop_map(
                |(year, number, months, start)| {
                    let first = Month::new(year, u32::from(start)).expect("a month").plus(number * i32::from(months));
                    ItemKey::Period(PeriodKey::new(first, months, start).expect("a period"))
                }
            ),
            any::<u128>().prop_map(|id| ItemKey::Fact(Uuid::from_u128(id))),
        ]
    }

    proptest! {
        #[test]
        fn keys_are_in_the_order_of_their_texts(one in keys(), two in keys()) {
            prop_assert_eq!(one.cmp(&two), one.to_string().cmp(&two.to_string()));
            prop_assert_eq!(one == two, one.to_string() == two.to_string());
        }

        #[test]
        fn keys_come_back(key in keys()) {
            let mut bytes = Vec::new();
            key.put(&mut CborWriter { buffer: &mut bytes });
            let mut reader = CborReader::new(&bytes);
            let read = ItemKey::get(&mut reader).expect("a key");
            prop_assert_eq!(std::mem::discriminant(&read), std::mem::discriminant(&key));
            prop_assert_eq!(&read, &key);
            prop_assert!(reader.end().is_ok());
        }
    }
}
