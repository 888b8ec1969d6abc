//! Errors and warnings about facts.

use super::{Code, fact, plan, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "fact-json",
        "The line is not JSON, or it names a member twice.",
        "Write one JSON object a line.",
        &[
            fact("nonsense", "not JSON"),
            fact(r#"{"fact": "account", "at": "2027-01-01", "account": "x", "account": "y"}"#, "twice"),
        ],
    ),
    refused(
        "fact-field-missing",
        "A field that this kind of fact needs is not there.",
        "Add it.",
        &[
            fact(r#"{"at": "2027-01-01"}"#, "`fact`"),
            fact(r#"{"fact": "account", "account": "x"}"#, "`at`"),
            fact(r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD"}"#, "owed"),
            fact(
                r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "ana", "amount": "5", "currency": "USD"}"#,
                "`reason`",
            ),
            fact(
                r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD"}"#,
                "neither `owed` nor `draw`",
            ),
        ],
    ),
    refused(
        "fact-kind",
        "There is no such kind of fact.",
        "Write one of the kinds of docs/facts.md.",
        &[fact(r#"{"fact": "bookin"}"#, "did you mean `booking`?")],
    ),
    refused(
        "fact-field-value",
        "The value is not what the field takes.",
        "Write what the message asks for.",
        &[
            fact(r#"{"fact": "account", "at": "2027-02-30", "account": "x"}"#, "2027-02 has 28 days"),
            fact(r#"{"fact": "account", "at": 46320, "account": "x"}"#, "the serial date of a spreadsheet"),
            fact(r#"{"fact": "account", "at": "1801434600", "account": "x"}"#, "as seconds since 1970"),
            fact(r#"{"fact": "account", "at": "2027-01-31T10:00:00Z", "account": "x"}"#, "has a time of day"),
            fact(r#"{"fact": "account", "at": "2027-02-03", "account": " x"}"#, "leading or trailing blanks"),
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "recovery_cap": "0.5"}"#, "percent"),
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "currency": "XXX"}"#, "ISO 4217"),
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1,000", "currency": "USD"}"#,
                "1,000",
            ),
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1234567890123456", "currency": "USD"}"#,
                "15 digits",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme", "booking": "B-1"}, "shares": []}"#,
                "one of",
            ),
            fact(r#"{"fact": "account", "at": "2027-01-01", "account": ""}"#, "1 to 128 bytes"),
            fact(
                r#"{"fact": "account", "at": "2027-01-01", "account": "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#,
                "1 to 128 bytes",
            ),
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "0.1234567890123", "currency": "USD"}"#,
                "12 after the point",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "33.3333333333%"}]}"#,
                "at most 9 decimals",
            ),
            fact(
                r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EURO", "to": "USD", "rate": "1.1"}"#,
                "ISO 4217",
            ),
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "status": "gone"}"#, "`active` or `left`"),
        ],
    ),
    refused(
        "id-invisible",
        "An id, or an attribute, holds a character that nobody sees, or that a terminal obeys: a control, a line separator, a mark that turns text around, a joiner, a filler, a tag. Two ids that look the same would not be the same.",
        "Leave the character out. Names of people and accounts, notes, reasons and sources may have it.",
        &[
            fact(
                r#"{"fact": "account", "at": "2027-01-01", "account": "ac\u202eme"}"#,
                "U+202E RIGHT-TO-LEFT OVERRIDE as its character 3",
            ),
            fact(r#"{"fact": "account", "at": "2027-01-01", "account": "a\u0007b"}"#, "U+0007 ALERT"),
            fact(
                r#"{"fact": "account", "at": "2027-01-01", "account": "acme", "attributes": {"tier": "go\u200bld"}}"#,
                "U+200B ZERO WIDTH SPACE",
            ),
            plan(r#"where = { motion = "new\u00ad-logo" }"#, "U+00AD SOFT HYPHEN"),
        ],
    ),
    refused(
        "id-not-nfc",
        "An id, or an attribute, is written in another way than Unicode's normalisation form C, like `e` and an accent for `é`. Both look the same and would be two ids. Nothing is rewritten silently.",
        "Write it composed (NFC); most editors, spreadsheets and databases do, and `uconv -x nfc` converts a file.",
        &[
            fact(r#"{"fact": "account", "at": "2027-01-01", "account": "Cafe\u0301"}"#, "from its character 4 on"),
            plan(r#"where = { region = "Que\u0301bec" }"#, "(NFC)"),
        ],
    ),
    refused(
        "fact-field-unknown",
        "This kind of fact has no such field. Nothing is ignored, so that a misspelling costs nobody.",
        "Write the field that is meant, or leave it out; what is yours alone goes into `attributes`, `source` or `note`.",
        &[
            fact(
                r#"{"fact": "account", "at": "2027-01-01", "account": "x", "segmnt": "y"}"#,
                "did you mean `segment`?",
            ),
            fact(
                r#"{"fact": "usage-snapshot", "at": "2027-03-01", "account": "acme", "from": "2027-03-01", "to": "2027-03-31", "amount": "5", "currency": "USD"}"#,
                "has no field `at`",
            ),
            fact(
                r#"{"fact": "retraction", "at": "2027-03-01", "retracts": "cancellation:B-1", "reason": "x"}"#,
                "has no field `at`",
            ),
        ],
    ),
    refused(
        "fact-recovery-cap",
        "A recovery cap is no part of a month's pay.",
        "Write a percent from 0% to 100%.",
        &[
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "recovery_cap": "150%"}"#, "150%"),
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "x", "recovery_cap": "-5%"}"#, "-5%"),
        ],
    ),
    refused(
        "fact-manager-loop",
        "Somebody would be their own manager, directly or by way of others.",
        "Change or end one of the manager facts of the chain first.",
        &[
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "manager": "bea"}"#, "own manager"),
            fact(r#"{"fact": "payee", "at": "2027-01-01", "payee": "cam", "manager": "cam"}"#, "own manager"),
        ],
    ),
    refused(
        "fact-payee-unknown",
        "No `payee` fact names this payee.",
        "Record the `payee` fact first, or correct the name.",
        &[
            fact(
                r#"{"fact": "assignment", "at": "2027-01-01", "payee": "nobody", "plan": "land", "rates": {"new-logo": "1%"}}"#,
                "nobody",
            ),
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1", "currency": "USD", "credit": [{"payee": "zoe", "percent": "60%"}]}"#,
                "zoe",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "zoe", "percent": "100%"}]}"#,
                "zoe",
            ),
            fact(
                r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "zoe", "amount": "5", "currency": "USD", "reason": "x"}"#,
                "zoe",
            ),
            fact(r#"{"fact": "signal", "at": "2027-01-01", "signal": "live", "payee": "zoe"}"#, "zoe"),
        ],
    ),
    refused(
        "fact-plan-unknown",
        "No plan of this id is published.",
        "Publish it first, or correct the id.",
        &[fact(r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "lnd"}"#, "did you mean `land`?")],
    ),
    refused(
        "fact-rate-missing",
        "A component leaves its rate to the assignment, and the assignment has none.",
        "Add `rates` to the assignment.",
        &[fact(r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land"}"#, "new-logo")],
    ),
    refused(
        "fact-interval",
        "Something ends before it begins.",
        "Exchange the dates, or correct the wrong one; both days count.",
        &[
            fact(
                r#"{"fact": "assignment", "at": "2027-01-01", "until": "2026-12-31", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}}"#,
                "ends before",
            ),
            fact(
                r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-02", "to": "2027-02-01", "amount": "5", "currency": "USD"}"#,
                "before it begins",
            ),
        ],
    ),
    refused(
        "fact-component-unknown",
        "No version of the plan has this component.",
        "Write a component that the plan has.",
        &[
            fact(
                r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"new-loga": "5"}}"#,
                "did you mean `new-logo`?",
            ),
            fact(
                r#"{"fact": "quota", "at": "2027-02-01", "payee": "ana", "plan": "land", "component": "other", "amount": "1"}"#,
                "other",
            ),
        ],
    ),
    refused(
        "fact-negative",
        "A quota or target is below zero.",
        "Write an amount of 0 or more.",
        &[
            fact(
                r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"new-logo": "-5"}}"#,
                "negative",
            ),
            fact(
                r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "target": "-5"}"#,
                "negative",
            ),
            fact(
                r#"{"fact": "quota", "at": "2027-05-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "-5"}"#,
                "negative",
            ),
            fact(
                r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "-5"}"#,
                "negative",
            ),
        ],
    ),
    refused(
        "fact-not-assigned",
        "The payee is not assigned to the plan on that day.",
        "Record the assignment first, or correct the date.",
        &[
            fact(r#"{"fact": "assignment-end", "at": "2028-01-01", "payee": "ana", "plan": "land"}"#, "2028-01-01"),
            fact(
                r#"{"fact": "quota", "at": "2028-01-01", "payee": "ana", "plan": "land", "component": "new-logo", "amount": "1"}"#,
                "ana",
            ),
        ],
    ),
    refused(
        "fact-booking-exists",
        "A booking of this id is recorded with other content. A booking never changes silently.",
        "Say `\"corrects\": true` if this is a correction, or give the booking another id.",
        &[fact(
            r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-1", "account": "acme", "arr": "100", "currency": "USD"}"#,
            "corrects",
        )],
    ),
    refused(
        "fact-contract-currency",
        "The bookings of one contract share a currency, and this one has another.",
        "Book it on a contract of its own.",
        &[fact(
            r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "arr": "100", "currency": "EUR"}"#,
            "EUR",
        )],
    ),
    refused(
        "fact-contract-account",
        "The contract belongs to another account.",
        "Name the contract's own account, or another contract.",
        &[
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "other", "contract": "acme", "arr": "100", "currency": "USD"}"#,
                "acme",
            ),
            fact(
                r#"{"fact": "usage-snapshot", "account": "other", "contract": "acme", "from": "2027-02-01", "to": "2027-02-01", "amount": "5", "currency": "USD"}"#,
                "other",
            ),
        ],
    ),
    refused(
        "fact-months",
        "The term of a booking is not between 1 and 120 months.",
        "Write the term in months.",
        &[
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "months": 121, "arr": "100", "currency": "USD"}"#,
                "121",
            ),
            fact(
                r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "months": 0, "arr": "100", "currency": "USD"}"#,
                "0",
            ),
        ],
    ),
    refused(
        "fact-shares",
        "Primary shares sum to more than 100%.",
        "Lower them; overlay and partner shares may stand beside.",
        &[fact(
            r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "x", "arr": "1", "currency": "USD", "credit": [{"payee": "ana", "percent": "60%"}, {"payee": "bea", "percent": "60%"}]}"#,
            "120%",
        )],
    ),
    refused(
        "fact-booking-unknown",
        "There is no booking of this id.",
        "Record the booking first, or correct the id.",
        &[fact(r#"{"fact": "cancellation", "at": "2027-01-06", "booking": "B-9"}"#, "B-9")],
    ),
    refused(
        "fact-account-unknown",
        "No account fact, booking or usage in force names this account.",
        "Record the account first, or correct the id.",
        &[fact(r#"{"fact": "usage-complete", "at": "2027-01-31", "account": "acmee"}"#, "did you mean `acme`")],
    ),
    refused(
        "fact-cancelled-before",
        "A booking is cancelled before it was signed.",
        "`at` is the first day without the booking, on or after its own.",
        &[fact(r#"{"fact": "cancellation", "at": "2027-01-04", "booking": "B-1"}"#, "2027-01-05")],
    ),
    refused(
        "fact-credit-note-before",
        "A credit note is dated before its booking was signed.",
        "Date it on or after the booking.",
        &[fact(
            r#"{"fact": "credit-note", "at": "2027-01-04", "credit_note": "CN-1", "booking": "B-1", "arr": "10"}"#,
            "2027-01-05",
        )],
    ),
    refused(
        "fact-credit-note-empty",
        "A credit note names no amount.",
        "Write `arr`, `tcv` or `amounts`.",
        &[fact(
            r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1"}"#,
            "names no amount",
        )],
    ),
    refused(
        "fact-credit-note-amount",
        "An amount of a credit note is not above 0.",
        "Write what the credit note takes, without a sign.",
        &[fact(
            r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "-10"}"#,
            "more than 0",
        )],
    ),
    refused(
        "fact-adjustment-exists",
        "An adjustment of this id is recorded already, with other content.",
        "Say `\"corrects\": true` if this is a correction; else give it another id.",
        &[shell(
            r#"echo '{"fact": "adjustment", "at": "2027-01-06", "payee": "ana", "amount": "10", "currency": "USD", "reason": "goodwill", "adjustment": "A-1"}' > given.jsonl
trueup record given.jsonl
sed 's/"10"/"20"/' given.jsonl > other.jsonl
trueup record other.jsonl"#,
            "with other content",
        )],
    ),
    warned(
        "probable-duplicate",
        "An adjustment has the payee, amount, currency and date of another in force, a signal the source of another, or usage the contract, days and amount of other usage, of which only one names a meter: both count. The first three are named, the others counted.",
        "Retract one of them if it is the same. Give adjustments an `adjustment` id: sent again with it, one is known.",
        &[
            fact(
                r#"{"fact": "adjustment", "at": "2027-01-06", "payee": "ana", "amount": "10", "currency": "USD", "reason": "goodwill"}
{"fact": "adjustment", "at": "2027-01-06", "payee": "ana", "amount": "10", "currency": "USD", "reason": "Goodwill"}"#,
                "with the same amount, currency and date",
            ),
            fact(
                r#"{"fact": "signal", "at": "2027-01-20", "signal": "renewed", "payee": "ana", "value": "5", "currency": "USD", "source": "crm:1"}
{"fact": "signal", "at": "2027-01-20", "signal": "renewed", "payee": "ana", "value": "7", "currency": "USD", "source": "crm:1"}"#,
                "with the same source `crm:1`",
            ),
            fact(
                r#"{"fact": "usage-snapshot", "account": "acme", "meter": "api", "from": "2027-01-01", "to": "2027-01-31", "amount": "5", "currency": "USD"}"#,
                "is recorded without a meter at position",
            ),
        ],
    ),
    refused(
        "fact-credit-note-exists",
        "A credit note of this id is recorded already, with other content.",
        "Say `\"corrects\": true` if this is a correction; else give it another id.",
        &[shell(
            r#"echo '{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "10"}' > note.jsonl
trueup record note.jsonl
sed 's/"10"/"20"/' note.jsonl > other.jsonl
trueup record other.jsonl"#,
            "with other content",
        )],
    ),
    refused(
        "fact-credit-note-exceeds",
        "The credit notes of a booking take more of an amount than was booked of it.",
        "Lower them. Where only `arr` is named, the TCV that comes from it is reduced, too.",
        &[
            fact(
                r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "60"}
{"fact": "credit-note", "at": "2027-01-07", "credit_note": "CN-2", "booking": "B-1", "arr": "50"}"#,
                "take 110 of `arr`",
            ),
            fact(
                r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "amounts": {"services": "1"}}"#,
                "`services`",
            ),
            fact(
                r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "60"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "50", "currency": "USD", "corrects": true}"#,
                "take 60 of `arr`",
            ),
        ],
    ),
    refused(
        "fact-credit-note-negative",
        "A booking with a negative amount takes no credit note.",
        "Correct the booking, or record a booking of its own for the difference.",
        &[fact(
            r#"{"fact": "booking", "at": "2027-01-06", "booking": "B-2", "account": "acme", "arr": "-5", "currency": "USD"}
{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-2", "arr": "1"}"#,
            "is negative",
        )],
    ),
    refused(
        "fact-usage-overlap",
        "Usage of the same meter is recorded for some of these days already.",
        "Send intervals that do not overlap, or say `\"replaces\": \"overlapping\"` where this one covers the others wholly.",
        &[
            fact(
                r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-02", "to": "2027-01-03", "amount": "5", "currency": "USD"}"#,
                "2027-01-01..2027-01-31",
            ),
            fact(
                r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-02", "to": "2027-01-03", "amount": "5", "currency": "USD", "replaces": "overlapping"}"#,
                "wholly inside",
            ),
        ],
    ),
    refused(
        "fact-usage-currency",
        "A contract's usage has one currency, and this is another.",
        "Convert it, or record it on another contract.",
        &[fact(
            r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-01", "amount": "5", "currency": "EUR"}"#,
            "EUR",
        )],
    ),
    refused(
        "fact-share",
        "A share is not above 0%, or that of an overlay or partner is above 100%.",
        "Write each share as a percent, like \"60%\".",
        &[
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "0%"}]}"#,
                "0%",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "role": "overlay", "percent": "101%"}]}"#,
                "101%",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "role": "partner", "percent": "101%"}]}"#,
                "101%",
            ),
            fact(
                r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "-5%"}]}"#,
                "-5%",
            ),
        ],
    ),
    refused(
        "fact-signal-of-nothing",
        "A signal names nothing that it is about.",
        "Add `account`, `contract`, `booking` or `payee`.",
        &[fact(r#"{"fact": "signal", "at": "2027-01-01", "signal": "live"}"#, "live")],
    ),
    refused(
        "fact-rate",
        "An exchange rate is not above 0.",
        "Write how many units of `to` one unit of `from` is worth.",
        &[
            fact(
                r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "USD", "rate": "0"}"#,
                "not above 0",
            ),
            fact(
                r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "USD", "rate": "-1.1"}"#,
                "not above 0",
            ),
        ],
    ),
    refused(
        "fact-rate-same",
        "An exchange rate is from a currency to itself.",
        "Name two currencies.",
        &[fact(r#"{"fact": "exchange-rate", "at": "2027-01-01", "from": "EUR", "to": "EUR", "rate": "1"}"#, "EUR")],
    ),
    refused(
        "fact-too-fine",
        "An amount that is paid as written has more decimals than its currency.",
        "Round it.",
        &[
            fact(
                r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "0.001"}"#,
                "0.001",
            ),
            fact(
                r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "ana", "amount": "0.5", "currency": "JPY", "reason": "x"}"#,
                "JPY",
            ),
        ],
    ),
    refused(
        "fact-reason",
        "An adjustment or retraction gives no reason.",
        "Write why: it is shown on the statement.",
        &[
            fact(
                r#"{"fact": "adjustment", "at": "2027-01-01", "payee": "ana", "amount": "5", "currency": "JPY", "reason": " "}"#,
                "empty",
            ),
            fact(
                r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": ""}"#,
                "empty",
            ),
        ],
    ),
    refused(
        "fact-reference-unknown",
        "No fact that was recorded has this id or key. What the ledger wrote itself, as a plan, a posting or a close, cannot be named.",
        "`trueup log` lists ids and keys; of what was posted, correct or retract the facts behind it.",
        &[
            fact(
                r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-0000000000ff", "reason": "x"}"#,
                "0000000000ff",
            ),
            shell(
                r#"id=$(trueup log --format csv | awk -F, '$5 == "plan" { print $6 }')
echo "{\"fact\": \"retraction\", \"retracts\": \"$id\", \"reason\": \"x\"}" > facts.jsonl
trueup record facts.jsonl"#,
                "what the ledger itself wrote cannot be named",
            ),
        ],
    ),
    refused(
        "fact-has-dependents",
        "Other facts need the one that would go away or change.",
        "Retract or correct those that are listed first.",
        &[
            fact(r#"{"fact": "retraction", "retracts": "booking:B-1", "reason": "x"}"#, "cancellation:B-1"),
            fact(
                r#"{"fact": "retraction", "retracts": "payee:ana@2027-01-01", "reason": "x"}"#,
                "assignment:ana/land@2027-01-01",
            ),
            fact(
                r#"{"fact": "retraction", "retracts": "assignment:ana/land@2027-01-01", "reason": "x"}"#,
                "quota:ana/land/new-logo@2027-04-01",
            ),
            fact(
                r#"{"fact": "booking", "at": "2027-07-05", "booking": "B-1", "account": "acme", "arr": "1", "currency": "USD", "corrects": true}"#,
                "cancellation:B-1",
            ),
            fact(
                r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "60"}
{"fact": "booking", "at": "2027-01-05", "booking": "B-1", "account": "acme", "arr": "100", "currency": "EUR", "corrects": true}"#,
                "credit-note:CN-1",
            ),
        ],
    ),
    refused(
        "fact-corrects-nothing",
        "There is nothing in force that could be corrected.",
        "Leave `corrects` out, or name an id.",
        &[
            fact(
                r#"{"fact": "booking", "at": "2027-01-05", "booking": "B-5", "account": "acme", "arr": "1", "currency": "USD", "corrects": true}"#,
                "booking:B-5",
            ),
            fact(
                r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "corrects": true}"#,
                "no natural key",
            ),
        ],
    ),
    refused(
        "fact-corrects-kind",
        "A fact cannot correct one of another kind.",
        "Retract the other one, and record this one by itself.",
        &[fact(
            r#"{"fact": "signal", "at": "2027-01-20", "signal": "live", "account": "acme", "corrects": "booking:B-1"}"#,
            "cannot correct a booking",
        )],
    ),
    refused(
        "fact-id-taken",
        "The id is taken by a fact with other content.",
        "Give this fact an id of its own, or say with `corrects` what it replaces.",
        &[fact(
            r#"{"fact": "signal", "at": "2027-01-20", "signal": "other", "account": "acme", "id": "00000000-0000-4000-8000-000000000002"}"#,
            "other content",
        )],
    ),
    refused(
        "fact-encoding",
        "A line is not UTF-8.",
        "Save the file as UTF-8.",
        &[shell(
            r"printf '\377\n' > facts.jsonl
trueup record facts.jsonl",
            "not UTF-8",
        )],
    ),
    refused(
        "fact-line-long",
        "A line has more than 65,536 bytes.",
        "Write one fact a line; nothing behind the beginning of the long one was read.",
        &[shell("printf '%070000d\n' 0 > facts.jsonl\ntrueup record facts.jsonl", "more than 65536 bytes")],
    ),
    refused(
        "fact-long",
        "A fact takes more than 8,192 bytes in the log.",
        "Shorten its texts or lists.",
        &[shell(
            r#"text=$(printf '%02000d' 0)
echo '{"fact": "account", "at": "2027-01-01", "account": "x", "attributes": {"a": "TEXT", "b": "TEXT", "c": "TEXT", "d": "TEXT", "e": "TEXT"}}' | sed "s/TEXT/$text/g" > facts.jsonl
trueup record facts.jsonl"#,
            "more than 8192 bytes",
        )],
    ),
    refused(
        "fact-twice",
        "A fact without an id or key of its own is there twice in what is recorded.",
        "Leave one out, or tell them apart by `id` or `source`.",
        &[fact(
            r#"{"fact": "signal", "at": "2027-03-01", "signal": "live", "account": "acme"}
{"fact": "signal", "at": "2027-03-01", "signal": "live", "account": "acme"}"#,
            "is there twice",
        )],
    ),
    refused(
        "fact-superseded",
        "The fact was recorded before and replaced since, so that sending it again may be a mistake.",
        "`--restate` means it; `--skip-superseded` leaves it out.",
        &[shell(
            r#"sed -n 4p known.jsonl > first.jsonl
sed s/1000/2000/ first.jsonl > second.jsonl
trueup record second.jsonl
trueup record first.jsonl"#,
            "--restate",
        )],
    ),
    refused(
        "fact-corrected-since",
        "What is to be corrected was corrected or retracted already.",
        "Name the one that took its place.",
        &[fact(
            r#"{"fact": "signal", "at": "2027-01-21", "signal": "live", "account": "acme", "corrects": "00000000-0000-4000-8000-000000000002"}
{"fact": "signal", "at": "2027-01-22", "signal": "live", "account": "acme", "corrects": "00000000-0000-4000-8000-000000000002"}"#,
            "was replaced at position",
        )],
    ),
    refused(
        "fact-retracted-since",
        "What is to be retracted was replaced or retracted already.",
        "Name the one that took its place, or leave the retraction out.",
        &[fact(
            r#"{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": "a test"}
{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": "a mistake"}"#,
            "was retracted at position",
        )],
    ),
    refused(
        "fact-retraction-depth",
        "A retraction of a retraction of a retraction, and so on: nobody can follow that any more.",
        "Record what is meant anew.",
        &[shell(
            r#"echo '{"fact": "retraction", "retracts": "00000000-0000-4000-8000-000000000002", "reason": "x", "id": "00000000-0000-4000-8000-000000000100"}' > facts.jsonl
for step in $(seq 101 210); do
  echo "{\"fact\": \"retraction\", \"retracts\": \"00000000-0000-4000-8000-000000000$((step - 1))\", \"reason\": \"x\", \"id\": \"00000000-0000-4000-8000-000000000$step\"}" >> facts.jsonl
done
trueup record facts.jsonl"#,
            "retraction of a retraction",
        )],
    ),
    refused(
        "fact-reference-many",
        "A key names several entries that are in force.",
        "Name one of them by its id.",
        &[fact(
            r#"{"fact": "payee", "at": "2027-01-01", "payee": "ana", "team": "west"}
{"fact": "retraction", "retracts": "payee:ana@2027-01-01", "reason": "a test"}"#,
            "names 2 entries",
        )],
    ),
    refused(
        "fact-opening-late",
        "Opening balances come before the first close.",
        "Record an adjustment instead.",
        &[shell(
            r#"trueup close 2027-01
echo '{"fact": "opening-balance", "at": "2027-01-01", "payee": "ana", "currency": "USD", "owed": "10"}' > facts.jsonl
trueup record facts.jsonl"#,
            "2027-01 is closed already",
        )],
    ),
    refused(
        "fact-target-missing",
        "A component pays a part of target pay, and the assignment has none.",
        "Add `target`, the annual target pay.",
        &[shell(
            r#"cat > aim.toml <<'END'
plan = "aim"
version = 1
edition = 1
currency = "USD"
effective = 2027-01-01

[[component]]
id = "csat"
measure = { metric = "csat" }
target = "10%"
goal = "40"
curve = [{ at = "0%", pay = "0%" }, { at = "100%", pay = "100%" }]
END
trueup plan publish aim.toml
echo '{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "aim"}' > facts.jsonl
trueup record facts.jsonl"#,
            "`csat`",
        )],
    ),
    // Doubts.
    warned(
        "fact-opening-second",
        "A payee has an opening balance in that currency already: they are added up.",
        "Correct the other one (`corrects`), if this is meant to take its place.",
        &[fact(
            r#"{"fact": "opening-balance", "at": "2027-01-01", "payee": "bea", "currency": "USD", "owed": "10"}
{"fact": "opening-balance", "at": "2027-01-01", "payee": "bea", "currency": "USD", "draw": "20"}"#,
            "they are added up",
        )],
    ),
    warned(
        "fact-credit-note-all",
        "Nothing of the booking is left after a credit note.",
        "Record a cancellation instead, if the booking has ended.",
        &[fact(
            r#"{"fact": "credit-note", "at": "2027-01-06", "credit_note": "CN-1", "booking": "B-1", "arr": "100"}"#,
            "nothing of booking `B-1` is left",
        )],
    ),
    warned(
        "fact-target-unused",
        "No component of the plan pays by a target.",
        "Leave `target` out, or write it in the plan.",
        &[fact(
            r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "target": "50000"}"#,
            "no effect",
        )],
    ),
    warned(
        "fact-assignment-same-day",
        "Two assignments to one plan begin on one day: the later leaves the earlier no day.",
        "Say `\"corrects\": true`, if the later is to replace it.",
        &[fact(
            r#"{"fact": "assignment", "at": "2027-01-01", "payee": "ana", "plan": "land", "rates": {"new-logo": "12%"}}"#,
            "same day",
        )],
    ),
    warned(
        "fact-complete-ahead",
        "Usage is said to be complete through a day more than 92 days after the last one of which usage is known: the year may be wrong.",
        "Nothing, if that is meant. Otherwise retract it: conditions are decided as if nothing more came before that day.",
        &[fact(
            r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-01-01", "to": "2027-01-31", "amount": "5", "currency": "USD"}
{"fact": "usage-complete", "at": "2028-01-31"}"#,
            "the last that is known is of 2027-01-31",
        )],
    ),
    warned(
        "fact-complete-back",
        "The day through which usage is complete moves back: by a retraction, a correction, or an account's first own fact.",
        "Nothing, if that is meant: what was decided on the days between is open again.",
        &[fact(
            r#"{"fact": "usage-complete", "at": "2027-02-28"}
{"fact": "usage-complete", "at": "2027-01-31", "account": "acme"}"#,
            "only through 2027-01-31",
        )],
    ),
    warned(
        "fact-component-later",
        "Only another version of the plan has this component.",
        "Nothing, if that is meant: it counts from that version on.",
        &[shell(
            r#"sed 's/version = 1/version = 2/; s/2027-01-01/2028-01-01/' land.toml > land2.toml
printf '[[component]]\nid = "late"\nmeasure = { booking = "count" }\namount = "5"\ncancellation = "restate"\n' >> land2.toml
trueup plan publish land2.toml
echo '{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"late": "5"}}' > facts.jsonl
trueup record facts.jsonl"#,
            "another version has",
        )],
    ),
    warned(
        "fact-rate-unused",
        "The component has a rate of its own: the assignment's has no effect.",
        "Leave it out, or write `rate = \"assigned\"` in the plan.",
        &[fact(
            r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%", "renewal": "2%"}}"#,
            "no effect",
        )],
    ),
    warned(
        "fact-quota-unused",
        "The component takes no quota from assignments.",
        "Leave it out, or write `quota = \"assigned\"` in the plan.",
        &[fact(
            r#"{"fact": "assignment", "at": "2027-01-01", "payee": "bea", "plan": "land", "rates": {"new-logo": "1%"}, "quota": {"renewal": "5"}}"#,
            "no effect",
        )],
    ),
    warned(
        "fact-share-twice",
        "A payee has two shares in one role: they are added up.",
        "If a row of an export came twice, drop one of them.",
        &[fact(
            r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "50%"}, {"payee": "ana", "percent": "50%"}]}"#,
            "two shares",
        )],
    ),
    warned(
        "fact-shares-below",
        "Primary shares sum to less than 100%: the rest is credited to nobody.",
        "Check that this is meant.",
        &[fact(
            r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "60%"}]}"#,
            "60%",
        )],
    ),
    warned(
        "fact-split-after-booking",
        "A split on a booking is dated after it, and what a booking earns follows the split of its own day.",
        "Date it as the booking, if the booking's credit is meant.",
        &[fact(
            r#"{"fact": "credit-split", "at": "2027-02-01", "on": {"booking": "B-1"}, "shares": [{"payee": "bea", "percent": "100%"}]}"#,
            "2027-01-05",
        )],
    ),
    warned(
        "fact-split-drops-role",
        "A split counts alone, and drops a role that the wider split pays.",
        "Repeat that role, if it is still to be paid.",
        &[fact(
            r#"{"fact": "credit-split", "at": "2027-01-01", "on": {"account": "acme"}, "shares": [{"payee": "ana", "percent": "100%"}, {"payee": "bea", "role": "overlay", "percent": "50%"}]}
{"fact": "credit-split", "at": "2027-01-05", "on": {"booking": "B-1"}, "shares": [{"payee": "ana", "percent": "100%"}]}"#,
            "`overlay`",
        )],
    ),
];
