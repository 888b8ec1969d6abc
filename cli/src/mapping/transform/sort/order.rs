//! The order in which facts go in, whatever the rows' order: accounts and payees, assignments, bookings, the rest; each
//! by date.

use std::collections::HashMap;

use ledger::date::Day;
use ledger::fact::Body;

use crate::mapping::kinds::Kind;
use crate::mapping::transform::keys::Digest;
use crate::mapping::transform::sort::external_sort::SortKey;

/// The order of facts that come one after the other.
#[derive(Default)]
pub struct Order {
    /// A booking that is sent twice with another date stays in the rows' order: what comes later corrects.
    first: HashMap<Digest, Option<Day>>,
    count: u64,
}

/// What of a fact says its place in the order.
#[derive(Copy, Clone)]
pub struct Standing {
    pub kind: &'static Kind,
    pub day: Option<Day>,
    /// Of the row that it comes from.
    pub source: u32,
    pub line: u32,
}

impl Order {
    /// The day of a booking that was told first, which is that of all that are sent under its id.
    pub fn day_of(&mut self, id: Digest, day: Option<Day>) -> Option<Day> {
        *self.first.entry(id).or_insert(day)
    }

    /// As many bookings are known.
    pub fn known(&self) -> usize {
        self.first.len()
    }

    /// The place of a fact in the order. Of two at one place the one that was asked for first comes first.
    pub fn key(&mut self, Standing { kind, day, source, line }: Standing) -> SortKey {
        let word = Body::WORDS.iter().position(|word| *word == kind.word).expect("kinds are those of the ledger");
        self.count += 1;
        let mut key = SortKey::default();
        // What has no date, a retraction, comes last.
        let day = match day {
            Some(day) => i64::from(day.number()) - i64::from(i32::MIN),
            None => i64::MAX,
        };
        let parts: [&[u8]; 6] = [
            &[kind.turn],
            &day.to_be_bytes()[2..],
            &[word as u8],
            &source.to_be_bytes(),
            &line.to_be_bytes(),
            &self.count.to_be_bytes(),
        ];
        key.copy_from_slice(&parts.concat());
        key
    }
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::mapped;

    fn order(map: &str, csv: &str) -> Vec<String> {
        let made = mapped(map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{problems:?}"));
        made.facts().iter().map(|fact| format!("{}:{}", fact.kind.word, fact.line)).collect()
    }

    #[test]
    fn facts_go_in_by_kind_and_date_whatever_the_rows_order() {
        let of = |kind: &str, more: &str| {
            format!("[[fact]]\nfact = \"{kind}\"\nwhen = [{{ column = \"k\", is = \"{kind}\" }}]\n{more}\n")
        };
        let at = "at = { column = \"d\" }\n";
        let map = [
            of("retraction", "retracts = \"booking:B\"\nreason = \"r\""),
            of("cancellation", &format!("{at}booking = \"B\"")),
            of(
                "usage-snapshot",
                "account = \"a\"\nfrom = { column = \"d\" }\nto = { same = \"from\" }\namount = 1\ncurrency = \"USD\"",
            ),
            of("booking", &format!("{at}booking = {{ column = \"d\" }}\naccount = \"a\"\narr = 1\ncurrency = \"USD\"")),
            of("assignment-end", &format!("{at}payee = \"p\"\nplan = \"l\"")),
            of("assignment", &format!("{at}payee = \"p\"\nplan = \"l\"")),
            of("account", &format!("{at}account = \"a\"")),
            of("payee", &format!("{at}payee = \"p\"")),
        ]
        .concat();
        let csv = "k,d\nretraction,2027-01-01\ncancellation,2027-02-02\nusage-snapshot,2027-02-01\nbooking,2027-01-02\n\
                   booking,2027-01-01\nassignment-end,2027-01-31\nassignment,2027-01-31\nassignment,2027-02-01\naccount,2027-01-02\npayee,2027-01-03\n";
        assert_eq!(
            order(&map, csv),
            [
                "account:10",
                "payee:11",
                "assignment:8",
                "assignment-end:7",
                "assignment:9",
                "booking:6",
                "booking:5",
                "usage-snapshot:4",
                "cancellation:3",
                "retraction:2"
            ]
        );
    }

    #[test]
    fn a_booking_that_is_sent_twice_stays_in_the_order_of_its_rows() {
        let map = crate::mapping::example::BOOKING.replace("\"2027-01-31\"", "{ column = \"d\" }") + "arr = 1";
        assert_eq!(
            order(&map, "id,d\n1,2027-03-01\n2,2027-02-01\n1,2027-01-01\n"),
            ["booking:3", "booking:2", "booking:4"]
        );
    }
}
