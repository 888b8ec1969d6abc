//! The order in which facts go in, whatever the rows' order: accounts and payees, assignments, bookings, the rest; each
//! by date.

use std::collections::HashMap;

use ledger::date::Day;
use ledger::fact::Body;

use crate::mapping::make::Fact;

pub fn in_order(facts: &mut [Fact]) {
    // A booking that is sent twice with another date stays in the rows' order: what comes later corrects.
    let mut first: HashMap<(&str, String), Option<Day>> = HashMap::new();
    facts.sort_by_key(|fact| (fact.rows[0].source, fact.rows[0].start));
    for fact in facts.iter_mut() {
        let Some(id) = fact.id.take() else { continue };
        fact.day = *first.entry((fact.kind.word, id)).or_insert(fact.day);
    }
    // What has no date, a retraction, comes last.
    let day = |fact: &Fact| (fact.day.is_none(), fact.day);
    let kind = |fact: &Fact| Body::WORDS.iter().position(|word| *word == fact.kind.word);
    facts.sort_by_key(|fact| (fact.kind.turn, day(fact), kind(fact)));
}

#[cfg(test)]
mod tests {
    use crate::mapping::example::mapped;

    fn order(map: &str, csv: &str) -> Vec<String> {
        let made = mapped(map, "rows.csv", csv).unwrap_or_else(|problems| panic!("{problems:?}"));
        let line = |fact: &crate::mapping::make::Fact| format!("{}:{}", fact.kind.word, fact.rows[0].line);
        made.batch.facts.iter().map(line).collect()
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
