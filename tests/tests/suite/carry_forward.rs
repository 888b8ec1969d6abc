//! The carry-forward of a close: monthly sums, running totals and pending items that the next close continues from.
//! Each history is closed in full too, and must give the same.

use crate::incremental::{Step, follow};

const PLAN: &str = r#"plan = "p"
version = 1
edition = 1
title = "p"
currency = "USD"
effective = 2027-01-01

[[component]]
id = "team-use"
measure = { usage = "amount", per = "month" }
where = { segment = ["large"] }
credit = "reports"
rate = "10%"
tiers = [{ from = "1000", rate = "20%" }]

[[component]]
id = "own-use"
measure = { usage = "amount", per = "month" }
period = "year"
rate = "10%"
tiers = [{ from = "2000", rate = "15%" }]
mode = "retroactive"

[[component]]
id = "sold"
measure = { booking = "tcv" }
period = "year"
rate = "5%"
tiers = [{ from = "1500", rate = "8%" }]

[[component.installment]]
id = "at-once"
share = "40%"

[[component.installment]]
id = "used"
share = "60%"
consumed = "50%"
"#;

/// Ana leads bob and cam; two accounts of bob's and one of cam's, with usage in January and February.
const PEOPLE: &str = r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana"}
{"fact": "payee", "at": "2027-01-01", "payee": "bob", "manager": "ana"}
{"fact": "payee", "at": "2027-01-01", "payee": "cam", "manager": "ana"}
{"fact": "account", "at": "2027-01-01", "account": "acme", "segment": "large"}
{"fact": "account", "at": "2027-01-01", "account": "bolt", "segment": "large"}
{"fact": "account", "at": "2027-01-01", "account": "core", "segment": "small"}
{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "p", "id": "00000000-0000-4000-8000-00000000000a"}
{"fact": "assignment", "at": "2027-01-01", "payee": "bob", "plan": "p"}
{"fact": "assignment", "at": "2027-01-01", "payee": "cam", "plan": "p"}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "bob", "percent": "100%"}]}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "bolt"}, "shares": [{"payee": "bob", "percent": "60%"}, {"payee": "cam", "percent": "40%"}]}
{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "core"}, "shares": [{"payee": "cam", "percent": "100%"}]}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "1200", "months": 1, "currency": "USD"}
{"fact": "booking", "at": "2027-01-07", "booking": "B-2", "account": "bolt", "arr": "1200", "months": 12, "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "930", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-01", "to": "2027-01-31", "amount": "310", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "contract": "kay", "from": "2027-01-10", "to": "2027-02-08", "amount": "100", "currency": "USD", "id": "00000000-0000-4000-8000-00000000000b"}
{"fact": "usage-snapshot", "account": "core", "from": "2027-01-01", "to": "2027-01-31", "amount": "620", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "280", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-02-01", "to": "2027-02-28", "amount": "560", "currency": "USD"}
{"fact": "usage-snapshot", "account": "core", "from": "2027-02-20", "to": "2027-03-10", "amount": "190", "currency": "USD"}
"#;

/// Both months are closed, then this comes, and three more months are closed.
fn comes_late(facts: &str) {
    let early = [Step::Publish(PLAN), Step::RecordAll(PEOPLE), Step::Close("2027-01"), Step::Close("2027-02")];
    let late = [Step::RecordAll(facts), Step::Close("2027-03"), Step::Close("2027-04"), Step::Close("2027-05")];
    match follow(early.into_iter().chain(late)) {
        Ok(4) => {}
        Ok(compared) => panic!("{compared} of four closes were compared, with {facts}"),
        Err(differs) => panic!("{differs}, with {facts}"),
    }
}

#[test]
fn late_and_restated_usage_is_added_to_its_months() {
    comes_late(
        r#"{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-01", "to": "2027-01-31", "amount": "500", "currency": "USD"}"#,
    );
    comes_late(
        r#"{"fact": "usage-snapshot", "account": "core", "from": "2027-02-20", "to": "2027-03-10", "amount": "95", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "contract": "new", "from": "2027-02-03", "to": "2027-02-04", "amount": "17.17", "currency": "USD"}"#,
    );
}

#[test]
fn shares_and_accounts_that_become_others_move_the_months_behind() {
    comes_late(
        r#"{"fact": "credit-split", "at": "2027-02-10", "on": {"contract": "acme"}, "shares": [{"payee": "cam", "percent": "30%"}, {"payee": "bob", "percent": "70%"}]}"#,
    );
    comes_late(r#"{"fact": "account", "at": "2027-02-14", "account": "core", "segment": "large"}"#);
    comes_late(r#"{"fact": "payee", "at": "2027-02-01", "payee": "cam", "manager": "bob"}"#);
    comes_late(r#"{"fact": "payee", "at": "2027-03-11", "payee": "cam", "manager": null}"#);
}

/// Nothing of the months before is taken up where the term is another.
#[test]
fn an_assignment_that_begins_on_another_day_begins_anew() {
    comes_late(
        r#"{"fact": "assignment", "at": "2027-01-16", "payee": "ana", "plan": "p", "corrects": "00000000-0000-4000-8000-00000000000a"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "620", "currency": "USD"}"#,
    );
}

/// A contract that two accounts have had counts for the account that has it now.
#[test]
fn a_contract_that_goes_to_another_account_takes_its_months_along() {
    comes_late(
        r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-00000000000b", "reason": "of another account"}
{"fact": "usage-snapshot", "account": "core", "contract": "kay", "from": "2027-02-01", "to": "2027-02-28", "amount": "40", "currency": "USD"}
{"fact": "usage-snapshot", "account": "bolt", "from": "2027-01-01", "to": "2027-01-31", "amount": "311", "currency": "USD"}"#,
    );
}

/// B-1's month is over and it waits no more; a booking that is put beside it, or usage of its month, brings it back.
#[test]
fn what_waits_no_more_is_reached_by_what_comes_late() {
    comes_late(
        r#"{"fact": "booking", "at": "2027-03-05", "start": "2027-01-01", "booking": "B-3", "account": "acme", "arr": "600", "months": 24, "currency": "USD"}"#,
    );
    comes_late(
        r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "20", "currency": "USD"}"#,
    );
    comes_late(r#"{"fact": "cancellation", "at": "2027-01-20", "booking": "B-1"}"#);
}

/// B-2 waits under its account until half is used; with the others of its month it is rated by running totals.
#[test]
fn what_waits_under_one_account_may_go_to_another() {
    comes_late(
        r#"{"fact": "booking", "at": "2027-01-07", "booking": "B-2", "account": "core", "arr": "1200", "months": 12, "currency": "USD", "corrects": true}
{"fact": "usage-snapshot", "account": "core", "from": "2027-03-11", "to": "2027-04-30", "amount": "900", "currency": "USD"}"#,
    );
    comes_late(
        r#"{"fact": "usage-snapshot", "account": "bolt", "from": "2027-03-01", "to": "2027-04-30", "amount": "900", "currency": "USD"}"#,
    );
}
