//! A bridge for people and programs: text, JSON, CSV, and a waterfall as SVG. `diff`, `whatif` and `preview --bridge` show their results with it.

pub mod json;
pub mod shifts;
pub mod svg;
pub mod table;
pub mod text;
pub mod withheld;
pub mod words;

#[cfg(test)]
mod tests {
    use ledger::date::Month;
    use ledger::fact::item_key::ItemKey;
    use ledger::id::{BookingId, ComponentId, Name, PayeeId, PlanId};
    use ledger::money::{Currency, Money};
    use projections::lines::LineName;
    use replay::bridge::rows::{Bridge, BridgeCause, BridgeEnd, BridgeRow, CauseEffect, CauseGroup, EndAmounts};

    use super::words::BridgeWords;
    use super::{json, svg, table, text};
    use crate::terminal::screen::Screen;

    fn money(minor: i128) -> Money {
        Money { minor, ..Money::zero(Currency::parse("USD").expect("a currency")) }
    }

    fn cause(group: CauseGroup, item: &str, amount: i128) -> BridgeCause {
        let (kind, positions) = ("booking".to_owned(), vec![7]);
        BridgeCause { group, effect: CauseEffect::Own, kind, item: item.to_owned(), positions, amount: money(amount) }
    }

    /// A line that went from 10.00 to 25.00, of which these causes are known.
    fn bridge(causes: Vec<BridgeCause>) -> Bridge {
        let end = |known| BridgeEnd {
            known,
            period: Month::parse("2027-03").expect("a month"),
            amounts: EndAmounts::Derived,
        };
        let line = LineName {
            plan: Some(PlanId::new("land").expect("an id")),
            component: ComponentId::new("arr").expect("an id"),
            item: ItemKey::Booking(BookingId::new("B-1").expect("an id")),
            part: Some(Name::new("whole").expect("a name")),
        };
        let holder = (PayeeId::new("ana").expect("an id"), money(0).currency);
        let (a, b, due) = (money(1000), money(2500), end(1).period.last());
        let rows = vec![BridgeRow { holder, line, due, a, b, causes }];
        Bridge { from: end(5), to: end(9), rows, unchanged: Default::default(), faults: Vec::new() }
    }

    fn shown(bridge: &Bridge) -> [String; 4] {
        let (mut of_text, mut of_table) = (Screen::over(Vec::new()), Screen::over(Vec::new()));
        text::write(bridge, BridgeWords::default(), &mut of_text).expect("a text");
        table::write(bridge, &mut of_table).expect("a table");
        let utf8 = |screen: Screen<Vec<u8>>| String::from_utf8(screen.into_inner()).expect("UTF-8");
        let json = serde_json::to_string(&json::BridgeJson::of(bridge)).expect("JSON");
        [utf8(of_text), json, utf8(of_table), svg::svg(bridge, BridgeWords::default())]
    }

    fn has_line(text: &str, begin: &str, end: &str) -> bool {
        text.lines().any(|line| line.trim().starts_with(begin) && line.ends_with(end))
    }

    #[test]
    fn what_no_cause_explains_is_said_in_every_format() {
        let causes = vec![cause(CauseGroup::Facts, "B-1", 1200), cause(CauseGroup::Rules, "B-2", 300)];
        let [text, json, table, chart] = shown(&bridge(causes.clone()));
        assert!(has_line(&text, "unexplained", "0.00") && !has_line(&text, "0.00", "unexplained"), "{text}");
        assert!(json.ends_with(r#""unexplained":[{"currency":"USD","amount":"0.00"}]}"#), "{json}");
        assert!(table.contains("unexplained,,,,0.00"), "{table}");
        assert!(chart.contains(">0.00</text>"), "{chart}");
        let [text, json, table, chart] = shown(&bridge(causes[..1].to_vec()));
        assert!(has_line(&text, "unexplained", "3.00") && has_line(&text, "3.00", "unexplained"), "{text}");
        assert!(json.ends_with(r#""unexplained":[{"currency":"USD","amount":"3.00"}]}"#), "{json}");
        assert_eq!(
            json.matches(r#""unexplained":"3.00""#).count(),
            4,
            "the row, the total, payee and component: {json}"
        );
        assert!(table.contains("unexplained,,,,3.00"), "{table}");
        assert!(chart.contains(">+3.00</text>"), "{chart}");
    }

    #[test]
    fn totals_of_a_currency_add_up() {
        let causes = vec![cause(CauseGroup::Facts, "B-1", 1200), cause(CauseGroup::Rules, "B-2", 300)];
        let [text, ..] = shown(&bridge(causes));
        let expected = "\
From: due by 2027-03-31, as known at size 5
To:   due by 2027-03-31, as known at size 9

USD: 1 of 1 line differs
  from                     10.00
    booking B-1 (entry 7)  12.00
    booking B-2 (entry 7)   3.00
  unexplained               0.00
  to                       25.00

  payee   from  facts  rules  unexplained     to  difference
  ana    10.00  12.00   3.00         0.00  25.00       15.00

  component   from  facts  rules  unexplained     to  difference
  land/arr   10.00  12.00   3.00         0.00  25.00       15.00

ana land/arr/whole/B-1: 10.00 -> 25.00 USD
  12.00  booking B-1 (entry 7)
   3.00  booking B-2 (entry 7)
";
        assert_eq!(text, expected);
    }
}
