//! Codes of `diff`, `whatif` and charts.

use super::{Code, refused, shell};

pub const CODES: &[Code] = &[
    refused(
        "svg-none",
        "`--format svg` is asked of a command that draws no chart.",
        "Leave `--format svg` (or TRUEUP_FORMAT) out.",
        &[shell("trueup log --format svg", "this command has no chart")],
    ),
    refused(
        "diff-period",
        "`--period` says by which day amounts are due, and a closed month says it, too.",
        "Leave `--period` out, or name sizes or times instead of closed months.",
        &[shell("trueup close 2027-01\ntrueup diff 2027-01 --period 2027-02", "`--period` names another one")],
    ),
    refused(
        "diff-period-missing",
        "Two sizes or times are compared, no month is closed yet, and no `--period` says by which day amounts are due.",
        "Name a month with `--period`.",
        &[shell("trueup diff 5", "it is not clear by which day amounts are due")],
    ),
    refused(
        "diff-backwards",
        "The second point lies before the first one.",
        "Name the earlier point first.",
        &[shell(
            "trueup close 2027-01\ntrueup diff 9 5",
            "the second point (size 5) lies before the first one (size 9)",
        )],
    ),
    refused(
        "whatif-period-missing",
        "No month is closed yet, and no `--to` says by which day amounts are due.",
        "Name a month with `--to`.",
        &[shell("trueup whatif --plan land.toml", "it is not clear by which day amounts are due")],
    ),
    refused(
        "whatif-deal-late",
        "The deal is signed after the last month that is compared, so nothing of it would be due.",
        "Name a later month with `--to`, or leave it out.",
        &[shell(
            "trueup whatif --deal arr=1000,at=2027-05-10 --payee ana --to 2027-04",
            "the deal is signed on 2027-05-10, after the end of 2027-04",
        )],
    ),
    refused(
        "whatif-deal-currency",
        "A deal names no currency, and the payee has no plan on that day, or plans in several currencies.",
        "Add the currency to the deal, as in `currency=USD`.",
        &[
            shell(
                "trueup whatif --deal arr=1000,at=2027-05-10 --payee bea",
                "`bea` is assigned to no plan on 2027-05-10",
            ),
            shell(
                "sed 's/\"land\"/\"euro\"/; s/USD/EUR/' land.toml > euro.toml\ntrueup plan publish euro.toml\necho '{\"fact\": \"assignment\", \"at\": \"2027-01-01\", \"payee\": \"ana\", \"plan\": \"euro\", \"rates\": {\"new-logo\": \"10%\"}}' > a.jsonl\ntrueup record a.jsonl\ntrueup whatif --deal arr=1000,at=2027-05-10 --payee ana",
                "pay in EUR and USD",
            ),
        ],
    ),
];
