//! Codes of disputes.

use super::{Code, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "dispute-line",
        "A dispute names a line that the payee has not: the close did not post it, and nothing of this name was measured, pending or forfeited.",
        "Name a line as `trueup statement --format csv` does, or leave `--line` out to dispute the statement as a whole.",
        &[shell(
            "trueup close 2027-01\ntrueup dispute open ana 2027-01 --line land/new-logo/whole/B-2 --reason 'it is missing'",
            "did you mean `land/new-logo/whole/B-1`?",
        )],
    ),
    refused(
        "dispute-open-already",
        "A dispute about the same line of the same statement is open.",
        "Answer the open one; when it is resolved, a new one can be opened.",
        &[shell(
            "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute open ana 2027-01 --reason 'too little'",
            "dispute 1 about this statement is open",
        )],
    ),
    refused(
        "dispute-text",
        "A dispute, an answer or a resolution has no text, or one that is too long.",
        "Say why, in at most 2,048 bytes; the rest belongs into a file that is named as evidence.",
        &[
            shell("trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason ' '", "a text is required"),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason \"$(printf '%02050d' 0)\"",
                "the text has 2050 bytes, and at most 2048 are kept",
            ),
        ],
    ),
    refused(
        "dispute-evidence",
        "A file that should be evidence cannot be read, is no plain file, or is too large; or there is too much evidence.",
        "Name plain files that are there; pack many files together.",
        &[
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'see the mail' --evidence mail.eml",
                "`mail.eml` cannot be read",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'see the mails' --evidence bin",
                "`bin` is a folder, a pipe or a device",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'see all' --evidence $(seq 101 | sed 's/.*/1/')",
                "101 entries and files are named as evidence, and a dispute takes 100",
            ),
            shell(
                "trueup close 2027-01\ntruncate -s 1073741825 big\ntrueup dispute open ana 2027-01 --reason 'see it' --evidence big",
                "has more than 1 GiB",
            ),
        ],
    ),
    refused(
        "dispute-unknown",
        "There is no dispute of this number.",
        "`trueup dispute list` lists them.",
        &[shell("trueup dispute show 1", "there is no dispute 1")],
    ),
    refused(
        "dispute-resolved",
        "The dispute was resolved before.",
        "Open a new one, which may name the old one in its reason.",
        &[shell(
            "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute resolve 1 withdrawn 'a mistake'\ntrueup dispute answer 1 'but'",
            "dispute 1 was withdrawn at position",
        )],
    ),
    refused(
        "dispute-correction",
        "A dispute is accepted with the entry that corrects what was wrong: a fact, a plan version or a write-off that was recorded since, is in force, and is not of somebody else. Other outcomes have none.",
        "Record the correction first, and name its position with `--by`.",
        &[
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute resolve 1 accepted 'right'",
                "an accepted dispute names the entry",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute resolve 1 rejected 'wrong' --by 3",
                "nothing is corrected by a dispute that is rejected",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute resolve 1 accepted 'right' --by 3",
                "is older than the dispute",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup dispute answer 1 'we look'\ntrueup dispute resolve 1 accepted 'right' --by 14",
                "is a `dispute-answer`, which corrects nothing",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\necho '{\"fact\": \"adjustment\", \"at\": \"2027-02-01\", \"payee\": \"bea\", \"amount\": \"5\", \"currency\": \"USD\", \"reason\": \"thanks\"}' > adj.jsonl\ntrueup record adj.jsonl\ntrueup dispute resolve 1 accepted 'right' --by 14",
                "is about `bea`",
            ),
            shell(
                "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\necho '{\"fact\": \"signal\", \"at\": \"2027-02-01\", \"signal\": \"renewed\", \"account\": \"acme\", \"id\": \"00000000-0000-4000-8000-000000000009\"}' > s.jsonl\ntrueup record s.jsonl\necho '{\"fact\": \"retraction\", \"retracts\": \"00000000-0000-4000-8000-000000000009\", \"reason\": \"wrong\"}' > r.jsonl\ntrueup record r.jsonl\ntrueup dispute resolve 1 accepted 'right' --by 14",
                "is not in force: the entry at position 15 ended it",
            ),
        ],
    ),
    warned(
        "dispute-open",
        "Disputes are open while a month is previewed or closed. They change no figure and hold no money.",
        "`trueup dispute list --open` lists them.",
        &[shell(
            "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup close 2027-02",
            "dispute 1 is open",
        )],
    ),
    warned(
        "dispute-paid",
        "A payout paid payees whose statements up to its month are under dispute.",
        "Before a payout, `trueup hold PAYEE` keeps a payee from being paid.",
        &[shell(
            "trueup close 2027-01\ntrueup dispute open ana 2027-01 --reason 'too little'\ntrueup approve 2027-01\ntrueup payout 2027-01",
            "dispute 1 is open about statements that were paid: `ana`",
        )],
    ),
];
