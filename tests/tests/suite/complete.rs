//! Usage that has not arrived: conditions and clawbacks wait for it, and nobody loses on it (calculation.md 2, 7, 8).

use serde_json::Value;

use crate::support::TestBook;

const FACTS: &str = r#"
{"fact": "payee", "at": "2027-01-01", "payee": "ana", "currency": "USD"}
{"fact": "account", "at": "2027-01-01", "account": "acme"}
{"fact": "account", "at": "2027-01-01", "account": "bolt"}
{"fact": "assignment", "at": "2027-01-01", "until": "2028-12-31", "payee": "ana", "plan": "land"}
{"fact": "booking", "at": "2027-01-12", "booking": "B-1", "account": "acme", "arr": "36500", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-12", "booking": "B-2", "account": "bolt", "arr": "36500", "currency": "USD", "credit": [{"payee": "ana", "percent": "100%"}]}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-12", "to": "2027-12-31", "amount": "12000.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-12", "to": "2027-12-31", "amount": "12000.00", "currency": "USD"}
"#;

/// The rest of the window of 12 months, of which 11 days are in term: 41.9 % of acme's promise are used, 35.9 % of bolt's.
const JANUARY: &str = r#"
{"fact": "usage-snapshot", "account": "acme", "from": "2028-01-01", "to": "2028-01-31", "amount": "9300.00", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2028-01-01", "to": "2028-01-31", "amount": "3100.00", "currency": "USD"}
"#;

const FLOOR: &str = r#"
[[component.clawback]]
id = "floor"
after = "12 months"
when = { burn = "12 months", below = "40%" }
"#;

/// A book with the facts, and the plan's component ended by some gates.
fn new_book(gates: &str) -> TestBook {
    let book = TestBook::with_book();
    let head =
        "plan = \"land\"\nversion = 1\nedition = 1\ntitle = \"land\"\ncurrency = \"USD\"\neffective = 2027-01-01\n";
    let component = "[[component]]\nid = \"arr\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\n";
    book.done(&["plan", "publish", &book.write("plan.toml", &format!("{head}\n{component}{gates}"))]);
    book.record(FACTS);
    book
}

impl TestBook {
    /// Records lines, and gives what was said about them.
    fn record(&self, lines: &str) -> String {
        let output = self.run(&["record", &self.write("lines.jsonl", lines.trim_start())]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{said}");
        said
    }

    fn complete(&self, at: &str) -> String {
        self.record(&format!("{{\"fact\": \"usage-complete\", \"at\": \"{at}\"}}\n"))
    }

    fn complete_of(&self, account: &str, at: &str) -> String {
        self.record(&format!("{{\"fact\": \"usage-complete\", \"at\": \"{at}\", \"account\": \"{account}\"}}\n"))
    }

    /// Closes a month in both ways, and gives its lines as `B-1/whole 3650.00 on 2027-01-12`.
    fn closed(&self, period: &str) -> Vec<String> {
        self.done(&["close", period, "--full"]);
        let statements = self.json(&["statement", "--all", period]);
        let lines =
            statements.as_array().expect("a list").iter().flat_map(|one| one["lines"].as_array().expect("lines"));
        let text = |line: &Value, name: &str| line[name].as_str().expect("a text").to_owned();
        let shown = |line: &Value| {
            format!("{}/{} {} on {}", text(line, "item"), text(line, "part"), text(line, "amount"), text(line, "due"))
        };
        lines.map(shown).collect()
    }

    /// What each pending installment waits for.
    fn waits(&self) -> Vec<String> {
        let pending = self.json(&["pending"]);
        let all = pending.as_array().expect("a list").iter();
        all.map(|one| format!("{}/{} {}", one["item"], one["part"], one["waiting_for"]).replace('"', "")).collect()
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn a_floor_waits_for_the_last_days_of_its_window() {
    let book = new_book(FLOOR);
    book.complete("2027-12-31");
    assert_eq!(book.closed("2027-12"), ["B-1/whole 3650.00 on 2027-01-12", "B-2/whole 3650.00 on 2027-01-12"]);
    assert_eq!(book.closed("2028-01"), NOTHING);
    assert_eq!(book.waits(), ["B-1/floor [usage through 2028-01-11]", "B-2/floor [usage through 2028-01-11]"]);
    let pending = book.done(&["pending"]);
    assert!(pending.contains("all below 0  -7,300.00"), "{pending}");
    let statement = book.done(&["statement", "ana", "2028-01"]);
    assert!(
        statement.contains("-3,650.00  on 2028-01-12  arr: clawback floor of B-1 of acme  waits for usage through"),
        "{statement}"
    );
    assert!(book.done(&["explain", "ana", "land/arr/floor/B-1"]).contains("pending: -3,650.00"));
    book.record(JANUARY);
    assert_eq!(book.closed("2028-02"), NOTHING, "the usage is there, and nobody says that it is all");
    book.complete("2028-01-31");
    assert_eq!(book.closed("2028-03"), ["B-2/floor -3650.00 on 2028-01-12"]);
}

#[test]
fn without_such_a_fact_what_is_known_decides() {
    let book = new_book(FLOOR);
    book.closed("2027-12");
    assert_eq!(book.closed("2028-01"), ["B-1/floor -3650.00 on 2028-01-12", "B-2/floor -3650.00 on 2028-01-12"]);
    // The account is tracked from now on, and what was taken too early is given back.
    book.complete_of("acme", "2027-12-31");
    assert_eq!(book.closed("2028-02"), ["B-1/floor 3650.00 on 2028-01-12"]);
}

#[test]
fn an_accounts_own_facts_count_alone() {
    let book = new_book(FLOOR);
    book.complete("2028-06-30");
    assert!(book.complete_of("acme", "2027-11-30").contains("only through 2027-11-30"));
    book.closed("2027-12");
    assert_eq!(book.closed("2028-01"), ["B-2/floor -3650.00 on 2028-01-12"]);
    assert_eq!(book.complete_of("acme", "2027-10-31").matches("warning").count(), 0, "an earlier one changes nothing");
    assert_eq!(book.closed("2028-02"), NOTHING);
    book.complete_of("acme", "2028-01-11");
    assert_eq!(book.closed("2028-03"), ["B-1/floor -3650.00 on 2028-01-12"]);
}

#[test]
fn a_retraction_moves_the_day_back_and_says_so() {
    let book = new_book(FLOOR);
    book.complete("2027-12-31");
    book.complete("2028-01-11");
    book.closed("2027-12");
    assert_eq!(book.closed("2028-01").len(), 2);
    let retract = |at| {
        let key = format!("usage-complete:*@{at}");
        book.record(&format!("{{\"fact\": \"retraction\", \"retracts\": \"{key}\", \"reason\": \"too early\"}}\n"))
    };
    assert!(retract("2028-01-11").contains("fact-complete-back"));
    assert_eq!(book.closed("2028-02"), ["B-1/floor 3650.00 on 2028-01-12", "B-2/floor 3650.00 on 2028-01-12"]);
    assert!(retract("2027-12-31").contains("nothing says how far it is"));
    assert_eq!(book.closed("2028-03"), ["B-1/floor -3650.00 on 2028-01-12", "B-2/floor -3650.00 on 2028-01-12"]);
}

#[test]
fn what_is_sent_again_is_known() {
    let book = new_book(FLOOR);
    book.complete("2027-12-31");
    let before = book.done(&["log"]);
    book.record(r#"{"fact": "usage-complete", "at": "2027-12-31", "source": "another"}"#);
    assert_eq!(book.done(&["log"]), before);
    let again = r#"{"fact": "usage-complete", "at": "2028-01-31", "account": "acmee"}"#;
    assert!(book.refused(&["record", &book.write("again.jsonl", again)]).contains("did you mean `acme`"));
}

#[test]
fn an_undecided_installment_is_pending_and_falls_due_on_its_own_day() {
    let book = new_book(
        "[[component.installment]]\nid = \"kept\"\nshare = \"100%\"\nafter = \"12 months\"\nwhen = { burn = \"12 months\", at-least = \"40%\" }\n",
    );
    book.complete("2027-12-31");
    book.closed("2027-12");
    assert_eq!(book.closed("2028-01"), NOTHING);
    assert_eq!(book.waits(), ["B-1/kept [usage through 2028-01-11]", "B-2/kept [usage through 2028-01-11]"]);
    assert!(book.done(&["pending"]).contains("waits for usage through 2028-01-11"));
    book.record(JANUARY);
    // The bound is reached by what is known: no more is needed for acme.
    assert_eq!(book.closed("2028-02"), ["B-1/kept 3650.00 on 2028-01-12"]);
    assert_eq!(book.waits(), ["B-2/kept [usage through 2028-01-11]"]);
    book.complete("2028-01-31");
    assert_eq!(book.closed("2028-03"), NOTHING);
    assert_eq!(book.waits(), NOTHING);
}

#[test]
fn tries_stop_at_the_first_that_is_undecided() {
    let book = new_book(
        "[[component.installment]]\nid = \"kept\"\nshare = \"100%\"\nafter = \"11 months\"\nwhen = { burn = \"1 month\", at-least = \"50%\" }\notherwise = \"wait\"\n",
    );
    book.complete("2027-12-15");
    book.closed("2027-12");
    // The day of the trigger was decided, January 1 is not, and February 1 is not tried before it.
    book.record(r#"{"fact": "usage-snapshot", "account": "acme", "from": "2028-01-01", "to": "2028-01-31", "amount": "9300.00", "currency": "USD"}"#);
    assert_eq!(book.closed("2028-01"), NOTHING);
    assert_eq!(book.closed("2028-02"), NOTHING);
    assert_eq!(book.waits(), ["B-1/kept [usage through 2027-12-31]", "B-2/kept [usage through 2027-12-31]"]);
    book.complete_of("acme", "2028-02-29");
    // The term ends on January 11: a month before February 1 has 11 days in term.
    assert_eq!(book.closed("2028-03"), ["B-1/kept 3650.00 on 2028-02-01"]);
}

#[test]
fn a_part_that_is_not_consumed_waits_unless_all_is_consumed() {
    let book = new_book(
        "[[component.clawback]]\nid = \"rest\"\nafter = \"12 months\"\ntake-back = { unconsumed = \"12 months\" }\n",
    );
    book.complete("2027-12-31");
    book.closed("2027-12");
    assert_eq!(book.closed("2028-01"), NOTHING);
    book.record(r#"{"fact": "usage-snapshot", "account": "acme", "meter": "more", "from": "2027-12-01", "to": "2027-12-31", "amount": "30000.00", "currency": "USD"}"#);
    assert_eq!(book.closed("2028-02"), NOTHING, "all of acme is consumed: nothing is taken, for good");
    book.record(JANUARY);
    book.complete("2028-01-31");
    // 1 - 13,100 / 36,500 of 3,650.
    assert_eq!(book.closed("2028-03"), ["B-2/rest -2340.00 on 2028-01-12"]);
}

#[test]
fn days_that_are_not_in_term_or_behind_a_cancellation_are_not_waited_for() {
    let book = new_book(&FLOOR.replace("after = \"12 months\"", "after = \"14 months\""));
    // The term ends on January 11, and bolt is cancelled on December 20.
    book.record(r#"{"fact": "cancellation", "at": "2027-12-20", "booking": "B-2"}"#);
    book.complete("2027-12-19");
    book.closed("2027-12");
    book.closed("2028-01");
    book.closed("2028-02");
    assert_eq!(book.closed("2028-03"), ["B-2/floor -3650.00 on 2028-03-12"]);
    book.complete("2028-01-10");
    assert_eq!(book.closed("2028-04"), NOTHING);
    book.complete("2028-01-11");
    assert_eq!(book.closed("2028-05"), ["B-1/floor -3650.00 on 2028-03-12"]);
}

/// In whatever order usage, the cancellation and the complete day come, the same is due at the end.
#[test]
fn the_order_in_which_facts_come_does_not_matter() {
    let late = [
        JANUARY.trim(),
        r#"{"fact": "usage-complete", "at": "2028-01-31"}"#,
        r#"{"fact": "usage-complete", "at": "2027-12-31", "account": "acme"}"#,
        r#"{"fact": "usage-complete", "at": "2028-01-11", "account": "acme"}"#,
    ];
    let orders = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 1, 0], [3, 2, 0, 1]];
    for order in orders {
        let book = new_book(FLOOR);
        book.closed("2027-12");
        let periods = ["2028-01", "2028-02", "2028-03", "2028-04"];
        let lines: Vec<String> = order
            .into_iter()
            .zip(periods)
            .flat_map(|(place, period)| {
                book.record(&format!("{}\n", late[place]));
                book.closed(period)
            })
            .collect();
        let taken = |item: &str| {
            let of_item = lines.iter().filter(|line| line.starts_with(item));
            let cents = |line: &String| {
                let amount = line.split(' ').nth(1).expect("an amount").replace('.', "");
                amount.parse::<i64>().expect("a number")
            };
            of_item.map(cents).sum::<i64>()
        };
        assert_eq!((taken("B-1/floor"), taken("B-2/floor")), (0, -365_000), "{order:?}: {lines:?}");
    }
}
