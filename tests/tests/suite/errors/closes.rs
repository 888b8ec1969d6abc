//! Errors and warnings about closes and their results.

use super::{Code, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "close-closed",
        "The month is closed, and a closed month never changes.",
        "Preview or close the next one; what came late is posted there.",
        &[shell("trueup close 2027-01\ntrueup close 2027-01", "2027-01 is closed already")],
    ),
    refused(
        "close-order",
        "Months are closed one after the other.",
        "Close the one that the message names first.",
        &[shell("trueup close 2027-01\ntrueup close 2027-03", "close 2027-02 first")],
    ),
    refused(
        "close-at",
        "A close looks at no more than the log has, and at no less than the last close did.",
        "Use a size between the two that the message names.",
        &[
            shell("trueup close 2027-01 --at 99", "not 99"),
            shell("trueup close 2027-01\ntrueup close 2027-02 --at 3", "are fewer"),
        ],
    ),
    refused(
        "close-digest",
        "What would be posted is not what was reviewed.",
        "`trueup preview` shows what it is now; `--at SIZE` leaves out what came since.",
        &[shell(
            "trueup close 2027-01 --expect 0000000000000000000000000000000000000000000000000000000000000000",
            "something changed since the review",
        )],
    ),
    refused(
        "close-no-exchange-rate",
        "An item in another currency than its plan has no exchange rate on its day.",
        "Record an `exchange-rate` dated on or before it.",
        &[shell(
            r#"echo '{"fact": "booking", "at": "2027-01-09", "booking": "B-2", "account": "euro", "arr": "100", "currency": "EUR", "credit": [{"payee": "ana", "percent": "100%"}]}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "from `EUR` to `USD`",
        )],
    ),
    refused(
        "close-no-rate",
        "A component pays the assignment's own rate, and the assignment has none.",
        "Correct the assignment with `rates`.",
        &[shell(
            r#"sed 's/version = 1/version = 2/; s/rate = "5%"/rate = "assigned"/' land.toml > land2.toml
trueup plan publish land2.toml
echo '{"fact": "signal", "at": "2027-01-09", "signal": "renewed", "payee": "ana", "value": "100", "currency": "USD"}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "has no rate for component `renewal`",
        )],
    ),
    refused(
        "close-too-large",
        "An item earns more than the ledger can hold.",
        "Look for a wrong amount, quantity or rate.",
        &[shell(
            r#"sed 's/version = 1/version = 2/; s/"5%"/"999999999999999%"\ntiers = [{ from = "1", times = "999999999999999" }]/' land.toml > land2.toml
trueup plan publish land2.toml
echo '{"fact": "signal", "at": "2027-01-09", "signal": "renewed", "payee": "ana", "value": "999999999999999", "currency": "USD"}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "more than the ledger can hold",
        )],
    ),
    warned(
        "close-far",
        "The first month to be closed lies far from all facts, and every later close takes the next month.",
        "Begin with the first month that is to be paid.",
        &[shell("trueup close 2030-01", "the facts are dated")],
    ),
    warned(
        "close-no-quota",
        "A component's tiers are percents of a quota, and the payee has none: only the base rate pays.",
        "Record a `quota` fact, or correct the assignment.",
        &[
            shell("trueup close 2027-01", "only the base rate pays"),
            shell(
                r#"cat > aim.toml <<'END'
plan = "aim"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "deals"
measure = { booking = "arr" }
quota = "assigned"
target = "100%"
curve = [{ at = "0%", pay = "0%" }, { at = "100%", pay = "100%" }]
cancellation = "restate"
END
trueup plan publish aim.toml
echo '{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "aim", "target": "50000", "quota": {"deals": "0"}}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
                "nothing is paid",
            ),
        ],
    ),
    warned(
        "close-no-amount",
        "A booking has no amount of the name that a component measures: it counts as 0.",
        "Correct the booking with `amounts`.",
        &[shell(
            r#"sed 's/version = 1/version = 2/; s/"arr"/"acv"/' land.toml > land2.toml
trueup plan publish land2.toml
trueup close 2027-01"#,
            "`acv`",
        )],
    ),
    warned(
        "close-zero-value",
        "A booking has an amount to be paid on, and the amount that a component measures is 0: nothing is paid.",
        "Correct the booking, or measure another amount.",
        &[shell(
            r#"sed 's/version = 1/version = 2/; s/booking = "arr"/booking = "acv", pays = "arr"/' land.toml > land2.toml
trueup plan publish land2.toml
trueup close 2027-01"#,
            "nothing is paid on it",
        )],
    ),
    warned(
        "close-no-value",
        "A signal has no value where its value is measured: it counts as 0.",
        "Correct the signal with a `value`.",
        &[shell(
            r#"echo '{"fact": "signal", "at": "2027-01-09", "signal": "renewed", "payee": "ana"}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "value",
        )],
    ),
    refused(
        "period-open",
        "The month is not closed, so nothing was posted for it.",
        "`trueup preview` shows what a close would post.",
        &[shell("trueup statement ana 2027-01", "no month is closed yet")],
    ),
    refused(
        "period-missing",
        "No month is closed yet, and none was named.",
        "Say as of the end of which month, with `--period`.",
        &[shell("trueup pending", "--period 2027-01")],
    ),
    refused(
        "statement-none",
        "The payee has no statement for the month: nothing was due, owed or drawn.",
        "`trueup statement --all PERIOD` shows who has one.",
        &[shell("trueup close 2027-01\ntrueup statement bea 2027-01", "nothing was due")],
    ),
    refused(
        "payee-unknown",
        "The book knows no such payee.",
        "Write the payee's id; `trueup balances` lists those who were paid.",
        &[shell("trueup close 2027-01\ntrueup statement anna 2027-01", "did you mean `ana`?")],
    ),
    refused(
        "line-unknown",
        "The payee has no line of this name, or none in that month.",
        "`trueup statement PAYEE PERIOD --format csv` names the lines.",
        &[shell(
            "trueup close 2027-01\ntrueup explain ana land/new-logo/whole/B-2",
            "did you mean `land/new-logo/whole/B-1`?",
        )],
    ),
    refused(
        "item-unknown",
        "No entry was ever about this.",
        "`trueup log` shows everything that was recorded.",
        &[shell("trueup history B-2", "did you mean `B-1`?")],
    ),
];
