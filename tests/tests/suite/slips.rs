//! What is probably a slip is said when it is recorded: a booking on an account that nothing else names, a booking dated long after
//! everything else, and usage that comes once more with its meter named.

use serde_json::Value;

use crate::support::TestBook;

fn account(name: &str) -> String {
    format!(r#"{{"fact": "account", "at": "2027-01-01", "account": "{name}", "segment": "smb"}}"#)
}

fn booking(id: &str, account: &str, at: &str) -> String {
    format!(
        r#"{{"fact": "booking", "at": "{at}", "booking": "{id}", "account": "{account}", "arr": "10", "currency": "USD"}}"#
    )
}

fn usage(meter: &str, day: &str, amount: &str) -> String {
    format!(
        r#"{{"fact": "usage-snapshot", "account": "acme"{meter}, "from": "{day}", "to": "{day}", "amount": "{amount}", "currency": "USD"}}"#
    )
}

impl TestBook {
    /// What is missing of a class when these lines are recorded.
    fn missing_of(&self, class: &str, lines: &[String]) -> Vec<Value> {
        let recorded = self.json(&["record", &self.write("slips.jsonl", &(lines.join("\n") + "\n"))]);
        let classes = recorded["missing"].as_array().expect("classes").iter();
        let items = classes.filter(|one| one["class"] == class).map(|one| one["items"].as_array().expect("items"));
        items.flatten().cloned().collect()
    }

    /// What is printed on stderr when these lines are recorded.
    fn told(&self, lines: &[String]) -> String {
        let run = self.run(&["record", &self.write("slips.jsonl", &(lines.join("\n") + "\n"))]);
        assert!(run.status.success(), "{run:?}");
        String::from_utf8(run.stderr).expect("UTF-8")
    }
}

#[test]
fn a_booking_on_an_account_that_nothing_names_is_told() {
    let desk = TestBook::with_book();
    desk.done(&[
        "record",
        &desk.write("accounts.jsonl", &[account("acme"), account("bolt")].map(|line| line + "\n").concat()),
    ]);
    // The account may be listed behind the booking, and usage names one, too.
    let quiet = [booking("B-1", "acme", "2027-01-05"), booking("B-2", "cube", "2027-01-05"), account("cube")];
    assert!(desk.missing_of("unknown-account", &quiet).is_empty());
    let items = desk.missing_of(
        "unknown-account",
        &[
            booking("B-3", "acmee", "2027-01-05"),
            booking("B-4", "acmee", "2027-01-06"),
            booking("B-5", "bolt", "2027-01-06"),
        ],
    );
    assert_eq!(items.len(), 1, "{items:?}");
    let of = |member: &str| items[0][member].clone();
    assert_eq!((of("account"), of("booking"), of("nearest")), ("acmee".into(), "B-3".into(), "acme".into()));
    assert_eq!(of("facts"), 2);
    // Once recorded, the account is known.
    assert!(desk.missing_of("unknown-account", &[booking("B-6", "acmee", "2027-02-05")]).is_empty());
    let said = desk.told(&[booking("B-7", "bold", "2027-02-05")]);
    assert!(said.contains("warning[missing-unknown-account]") && said.contains("(did you mean `bolt`?)"), "{said}");
}

/// Where accounts are not listed, a booking is what makes one known.
#[test]
fn where_accounts_are_not_listed_none_is_missed() {
    let desk = TestBook::with_book();
    assert!(desk.missing_of("unknown-account", &[booking("B-1", "acme", "2027-01-05")]).is_empty());
    let most_unlisted: Vec<String> = ["bolt", "cube", "dora"].map(|name| booking(name, name, "2027-01-05")).into();
    assert!(desk.missing_of("unknown-account", &most_unlisted).is_empty());
    assert!(desk.missing_of("unknown-account", &[account("acme"), booking("B-9", "emil", "2027-01-05")]).is_empty());
}

#[test]
fn a_booking_dated_long_after_everything_else_is_told() {
    let desk = TestBook::with_book();
    let first = [account("acme"), booking("B-1", "acme", "2027-01-05"), usage("", "2029-12-31", "5")];
    // Usage was delivered that far already.
    assert!(desk.missing_of("far-booking", &first).is_empty());
    assert!(desk.missing_of("far-booking", &[booking("B-2", "acme", "2030-12-31")]).is_empty());
    let slips = [
        booking("B-3", "acme", "2072-01-05"),
        booking("B-4", "acme", "2073-01-05"),
        booking("B-5", "acme", "2031-06-30"),
    ];
    let items = desk.missing_of("far-booking", &slips);
    let told: Vec<String> =
        items.iter().map(|item| format!("{} {} {}", item["booking"], item["at"], item["to"])).collect();
    assert_eq!(told, [r#""B-3" "2072-01-05" "2031-06-30""#, r#""B-4" "2073-01-05" "2031-06-30""#]);
}

/// Bookings of years ahead that follow each other are a plan, and no slip.
#[test]
fn bookings_that_follow_each_other_are_not_far() {
    let desk = TestBook::with_book();
    let years: Vec<String> =
        (2027..2040).map(|year| booking(&format!("B-{year}"), "acme", &format!("{year}-06-30"))).collect();
    let lines = [vec![account("acme")], years].concat();
    assert!(desk.missing_of("far-booking", &lines).is_empty());
}

#[test]
fn usage_that_comes_again_with_its_meter_named_is_told() {
    let days = ["2027-01-01", "2027-01-02", "2027-01-03", "2027-01-04", "2027-01-05"];
    let all = |meter: &str, amounts: [&str; 5]| -> Vec<String> {
        days.iter().zip(amounts).map(|(day, amount)| usage(meter, day, amount)).collect()
    };
    let (plain, metered) = ("", r#", "meter": "api""#);
    for (first, later) in [(plain, metered), (metered, plain)] {
        let desk = TestBook::with_book();
        assert!(!desk.told(&all(first, ["1", "2", "3", "4", "5"])).contains("probable-duplicate"));
        let said = desk.told(&all(later, ["1", "2", "3", "4", "7"]));
        assert_eq!(said.matches("warning[probable-duplicate]").count(), 4, "{said}");
        assert!(said.contains("slips.jsonl:1:") && said.contains("at position 1: both count"), "{said}");
        assert!(said.contains("1 fact more is probably recorded twice") || said.contains("1 more"), "{said}");
        // What is known is not told again.
        assert!(!desk.told(&all(later, ["1", "2", "3", "4", "7"])).contains("probable-duplicate"));
    }
    // Other amounts, two meters, nothing used: all of it counts, and nothing is doubtful.
    let desk = TestBook::with_book();
    desk.told(&all(plain, ["1", "2", "3", "0", "5"]));
    desk.told(&all(r#", "meter": "storage""#, ["9", "9", "9", "9", "9"]));
    let quiet =
        [usage(metered, "2027-01-01", "2"), usage(metered, "2027-01-04", "0"), usage(metered, "2027-01-06", "9")];
    assert!(!desk.told(&quiet).contains("probable-duplicate"));
    assert!(!desk.told(&[usage(r#", "meter": "other""#, "2027-01-02", "9")]).contains("probable-duplicate"));
}
