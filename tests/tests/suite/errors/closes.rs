//! Errors and warnings about closes and their results.

use super::{Code, fact, refused, shell, warned};

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
        "The first month to be closed lies before all facts or far from them, and every later close takes the next month.",
        "Begin with the first month that is to be paid.",
        &[
            shell("trueup close 2026-12", "the facts are dated"),
            shell("trueup close 2030-01 --force", "the facts are dated"),
        ],
    ),
    refused(
        "close-first-far",
        "The first month to be closed is more than three months after the month of the latest fact, or before that of the earliest one.",
        "Begin with the first month that is to be paid; `--force` closes the month all the same.",
        &[
            shell("trueup close 2072-01", "more than three months from all facts (2027-01-01 to 2027-06-01)"),
            shell("trueup close 2026-09", "more than three months from all facts"),
        ],
    ),
    warned(
        "close-no-facts",
        "The first month is previewed, or closed with `--force`, and the book has no facts.",
        "Record facts first.",
        &[shell("trueup --book empty init\ntrueup --book empty close 2027-01 --force", "nothing is due in 2027-01")],
    ),
    refused(
        "close-nothing",
        "The first month is to be closed, and the book has no facts: published plans alone pay nobody.",
        "Record facts first; `--force` closes the month all the same, and every later close takes the month after it.",
        &[shell("trueup --book empty init\ntrueup --book empty close 2072-01", "2072-01 has nothing to close")],
    ),
    warned(
        "missing-unpaid",
        "No component pays anybody for these bookings, usage or signals.",
        "If a plan should pay: look at credit, assignments, and `where` in the plans.",
        &[shell("trueup close 2027-01", "nobody is paid for the usage of 1 contract (5.00 USD) and 1 signal")],
    ),
    warned(
        "missing-unassigned-credit",
        "Payees have credit on a day on which no assignment of theirs pays for it.",
        "Record the assignment from that day on, or correct the credit.",
        &[shell(
            r#"echo '{"fact": "booking", "at": "2027-01-09", "booking": "B-2", "account": "acme", "arr": "100", "currency": "USD", "credit": [{"payee": "bea", "percent": "100%"}]}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "`bea` of booking `B-2` (no assignment on 2027-01-09)",
        )],
    ),
    warned(
        "missing-uncredited",
        "Something that a plan would measure has less than 100 % primary credit.",
        "Record a `credit-split`, or correct the booking's credit.",
        &[shell(
            r#"echo '{"fact": "booking", "at": "2027-01-09", "booking": "B-2", "account": "acme", "arr": "100", "currency": "USD"}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-01"#,
            "no primary credit: booking `B-2`",
        )],
    ),
    warned(
        "missing-unattributed-usage",
        "Usage is on days on which no booking of its contract is in term: it counts for no booking's consumption.",
        "Record the booking, or correct the usage's account and contract.",
        &[shell("trueup close 2027-01", "`acme` (2027-01-01..2027-01-04)")],
    ),
    warned(
        "missing-usage-ends-early",
        "A condition was decided against a payee on usage that ends before the window of the condition does, and no `usage-complete` fact is about the account.",
        "Record the rest of the usage, or `usage-complete` facts: then nothing is decided before it is there.",
        &[shell(
            r#"cat > gated.toml <<'END'
plan = "gated"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "deals"
measure = { booking = "arr" }
rate = "10%"
cancellation = "restate"

[[component.installment]]
id = "later"
share = "100%"
after = "60 days"
when = { burn = "60 days", at-least = "50%" }
END
trueup plan publish gated.toml
echo '{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "gated"}' > facts.jsonl
trueup record facts.jsonl
trueup close 2027-03"#,
            "usage through 2027-01-31 of 2027-03-05",
        )],
    ),
    warned(
        "missing-no-usage",
        "A contract has a commitment in the month and no usage, and a plan depends on usage.",
        "Look whether the usage arrived, and under which contract.",
        &[shell(
            r#"cat > used.toml <<'END'
plan = "used"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "used"
measure = { usage = "amount" }
rate = "1%"
END
trueup plan publish used.toml
trueup close 2027-02"#,
            "1 contract has a commitment (100.00 USD) and no usage in the month: `acme`",
        )],
    ),
    warned(
        "missing-unmatched-value",
        "Facts have a motion, product, segment, region or signal name that no plan names, and plans name others.",
        "Correct the facts, or name the value in a plan.",
        &[shell("trueup close 2027-01", "signal `live`")],
    ),
    warned(
        "missing-unknown-account",
        "New bookings are on an account that nothing else names, and other accounts are listed.",
        "Correct the booking, or record the account with an `account` fact.",
        &[shell(
            r#"echo '{"fact": "account", "at": "2027-01-01", "account": "acme", "segment": "smb"}' > facts.jsonl
echo '{"fact": "booking", "at": "2027-01-09", "booking": "B-7", "account": "acmee", "arr": "100", "currency": "USD"}' >> facts.jsonl
trueup record facts.jsonl"#,
            "`acmee` of booking `B-7` (did you mean `acme`?)",
        )],
    ),
    warned(
        "missing-far-booking",
        "A new booking is dated more than a year after the day of recording and after everything else in the book.",
        "If the date is a slip, record the booking again with `\"corrects\": true`.",
        &[shell(
            r#"echo '{"fact": "booking", "at": "2072-01-09", "booking": "B-8", "account": "acme", "arr": "100", "currency": "USD"}' > facts.jsonl
trueup record facts.jsonl"#,
            "`B-8` of `acme` on 2072-01-09",
        )],
    ),
    warned(
        "missing-unknown-manager",
        "A payee has a manager of whom nothing is recorded.",
        "Record the manager as a payee, or correct the name.",
        &[fact(
            r#"{"fact": "payee", "at": "2027-01-01", "payee": "cid", "manager": "anna"}"#,
            "`anna` of `cid` (did you mean `ana`?)",
        )],
    ),
    warned(
        "close-no-quota",
        "A component needs a quota, and credited payees have none: tiers that are percents of it do not apply, or nothing is paid.",
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
        "export-program",
        "`--as` names no program to export for.",
        "Write `--as hledger`, `beancount`, `journal`, `payroll`, `register`, `lines` or `jsonl`.",
        &[shell("trueup export --as quicken", "is no program"), shell("trueup export", "for which program")],
    ),
    refused(
        "export-option",
        "An option that only some of the programs take that `--as` names.",
        "Leave it out.",
        &[shell("trueup export --as hledger --map gl.toml", "has no effect")],
    ),
    refused(
        "export-needs",
        "The export needs an option that is not there: a folder for its files, a mapping, or a month.",
        "Add the option.",
        &[
            shell("trueup export --as jsonl", "needs `--out DIR`"),
            shell("trueup export --as payroll --period 2027-01", "needs `--map FILE`"),
        ],
    ),
    warned(
        "export-sealed",
        "Personal fields cannot be opened, because their keys are missing; `(sealed POSITION)` is written in their place.",
        "Put the book's key file in its place, or name it with `--keys FILE`, and export again.",
        &[shell(
            "printf '{\"fact\": \"payee\", \"at\": \"2027-01-01\", \"payee\": \"cy\", \"name\": \"Cy\"}\n' > cy.jsonl; trueup record cy.jsonl; trueup export --as jsonl --out files --keys none.keys",
            "1 personal field of 1 payee cannot be opened",
        )],
    ),
    refused(
        "export-account",
        "No `[[account]]` of the mapping takes an account of the book on which something moved. Nothing is written.",
        "Add an account for it, by name, by pattern or by kind.",
        &[shell(
            "trueup close 2027-01; printf '[[account]]\nkind = \"payable\"\ncode = \"2150\"\n' > gl.toml; trueup export --as journal --map gl.toml",
            "takes what moved on `expense:commission:land:new-logo`",
        )],
    ),
    refused(
        "export-value",
        "A column of the mapping asks for something that a payee does not have on that day, or whose key is missing. Nothing is written.",
        "Record it, or give the column a `default`.",
        &[shell(
            "trueup close 2027-01; printf '[[account]]\nledger = \"*\"\ncode = \"1\"\n[[column]]\nname = \"Team\"\nvalue = \"{payee.team}\"\n' > gl.toml; trueup export --as journal --map gl.toml",
            "`ana` has no `payee.team` on 2027-01-31",
        )],
    ),
    refused(
        "period-order",
        "The first month that was named is after the last.",
        "Name the earlier month first.",
        &[shell("trueup export --as hledger --from 2027-02 --to 2027-01", "is after")],
    ),
    refused(
        "period-missing",
        "No month is closed yet, and none was named.",
        "Say as of the end of which month, with `--period`.",
        &[shell("trueup pending", "--period 2027-01")],
    ),
    refused(
        "statement-none",
        "The payee has no statement for the month: nothing was due, and the clawback and draw balances are 0.",
        "`trueup statement --all PERIOD` shows who has one.",
        &[shell("trueup close 2027-01\ntrueup statement bea 2027-01", "nothing was due")],
    ),
    refused(
        "html-none",
        "HTML is asked of a command that has none.",
        "Only `trueup statement` has it. Leave `--format html` or TRUEUP_FORMAT out for other commands.",
        &[shell("trueup balances --format html", "this command has no HTML")],
    ),
    refused(
        "html-folder",
        "Statements of all payees are many files, and no folder for them is named.",
        "Name a new folder with `--out DIR`.",
        &[shell("trueup statement --all 2027-01 --format html", "no folder is named")],
    ),
    refused(
        "html-several",
        "The payee has statements in several currencies, and standard output takes one page.",
        "`--out DIR` writes a file for each.",
        &[shell(
            r#"echo '{"fact": "adjustment", "at": "2027-01-06", "payee": "ana", "amount": "5", "currency": "EUR", "reason": "trip"}' > trip.jsonl
trueup record trip.jsonl
trueup close 2027-01
trueup statement ana 2027-01 --format html"#,
            "in `EUR` and `USD`",
        )],
    ),
    refused(
        "out-format",
        "`--out` names a folder for HTML files, and no HTML is asked for.",
        "Add `--format html`, or leave `--out` out and send standard output to a file.",
        &[shell("trueup statement --all 2027-01 --out pages", "no HTML is asked for")],
    ),
    refused(
        "out-taken",
        "Files are written into a folder that is new or empty, outside of the book. This one has files, is no folder, or is in the book's folder.",
        "Name another folder with `--out DIR`.",
        &[
            shell(
                "mkdir pages\ntouch pages/letter.txt\ntrueup statement --all 2027-01 --format html --out pages",
                "there are files in `pages`",
            ),
            shell("trueup statement --all 2027-01 --format html --out land.toml", "is no folder"),
        ],
    ),
    refused(
        "out-unfinished",
        "The folder has HTML files of a run that was interrupted, or that is still going on: they are in its folder `unfinished` until all are written.",
        "When no run is going on, delete the folder and run the command again.",
        &[shell(
            "mkdir -p pages/unfinished\ntrueup statement --all 2027-01 --format html --out pages",
            "a run that was interrupted",
        )],
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
