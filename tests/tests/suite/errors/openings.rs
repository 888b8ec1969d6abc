//! Errors and warnings about openings and freezes.

use super::{Code, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "close-opening",
        "Only a book's first close can be an opening: later ones have a close before them to compare with.",
        "Close without `--opening`.",
        &[shell("trueup close 2027-01\ntrueup close 2027-02 --opening", "only a book's first close")],
    ),
    refused(
        "settled-empty",
        "The file that should say what was settled is empty.",
        "Write a CSV with the columns `payee`, `currency`, `line` and `amount`.",
        &[shell("printf '' > opening.csv\ntrueup close 2027-01 --opening opening.csv", "`opening.csv` is empty")],
    ),
    refused(
        "settled-long",
        "The file that should say what was settled has more than 32 MiB or 250,000 rows.",
        "See whether it is the right file: it has one row for each line of a statement.",
        &[shell("trueup close 2027-01 --opening /dev/zero", "more than 33554432 bytes")],
    ),
    refused(
        "settled-encoding",
        "The file that should say what was settled is not UTF-8.",
        "Save it as UTF-8.",
        &[shell(
            "printf 'payee\\377\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
            "is not UTF-8 from byte 5 on",
        )],
    ),
    refused(
        "settled-column",
        "A column of the file is missing, unknown, or there twice.",
        "Begin with what `trueup preview PERIOD --format csv` writes: it has all of them.",
        &[
            shell(
                "echo 'payee,curency,line,amount' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "did you mean `currency`?",
            ),
            shell(
                "echo 'payee,line,amount' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "the column `currency` is missing",
            ),
            shell(
                "echo 'payee,currency,line,amount,amount' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is there twice",
            ),
        ],
    ),
    refused(
        "settled-row",
        "A row of the file cannot be taken apart.",
        "A cell with quotes is put in quotes, and those in it are written twice.",
        &[shell(
            "printf 'payee,currency,line,amount\\nana,USD,\"a\"b,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
            "follows the quote",
        )],
    ),
    refused(
        "settled-payee",
        "The file names somebody whom the book does not know.",
        "Write a payee's id, or record the payee.",
        &[
            shell(
                "printf 'payee,currency,line,amount\\nanna,USD,land/new-logo/whole/B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "did you mean `ana`?",
            ),
            shell(
                "printf 'payee,currency,line,amount\\n,USD,land/new-logo/whole/B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is no payee's id",
            ),
        ],
    ),
    refused(
        "settled-currency",
        "The currency is none, or not the one in which the line is paid.",
        "Write what was settled in the plan's currency.",
        &[
            shell(
                "printf 'payee,currency,line,amount\\nana,EUR,land/new-logo/whole/B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is paid in USD",
            ),
            shell(
                "printf 'payee,currency,line,amount\\nana,$,land/new-logo/whole/B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is no currency",
            ),
        ],
    ),
    refused(
        "settled-line",
        "No plan of the book, and no adjustment, pays a line of this name.",
        "Write lines as `trueup preview PERIOD --format csv` does.",
        &[
            shell(
                "printf 'payee,currency,line,amount\\nana,USD,land/old-logo/whole/B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is no line that a plan of this book",
            ),
            shell(
                "printf 'payee,currency,line,amount\\nana,USD,B-1,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is no line's name",
            ),
        ],
    ),
    refused(
        "settled-amount",
        "What was settled is no amount, or finer than its currency.",
        "Write a decimal like 1250.00.",
        &[
            shell(
                "printf 'payee,currency,line,amount\\nana,USD,land/new-logo/whole/B-1,1.005\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "finer than the minor unit",
            ),
            shell(
                "printf 'payee,currency,line,amount\\nana,USD,land/new-logo/whole/B-1,much\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
                "is no amount",
            ),
        ],
    ),
    refused(
        "settled-twice",
        "The file says twice what was settled of a line.",
        "Write it in one row.",
        &[shell(
            "printf 'payee,currency,line,amount\\nana,USD,land/new-logo/whole/B-1,1\\nana,USD,land/new-logo/whole/B-1,2\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
            "is listed twice",
        )],
    ),
    warned(
        "settled-not-due",
        "Something was settled of a line of which nothing is due: the opening posts it as a reversal.",
        "Look whether the line and its item are the right ones.",
        &[shell(
            "printf 'payee,currency,line,amount\\nana,USD,land/new-logo/whole/B-99,1\\n' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
            "nothing of `land/new-logo/whole/B-99` is due",
        )],
    ),
    warned(
        "settled-nothing",
        "The file of an opening has a header and no row: nothing counts as settled.",
        "Leave the file out if all of it was settled.",
        &[shell(
            "echo 'payee,currency,line,amount' > opening.csv\ntrueup close 2027-01 --opening opening.csv",
            "everything is paid",
        )],
    ),
    refused(
        "close-opening-at",
        "An opening is compared with what was reviewed, and what counts as settled is not in the digest.",
        "Say with `--at SIZE` what was known at the review.",
        &[shell(
            "trueup close 2027-01 --opening --expect 0000000000000000000000000000000000000000000000000000000000000000",
            "not what counts as settled",
        )],
    ),
    refused(
        "freeze-open",
        "What is due by that day is not all posted yet: frozen, nobody would be paid for it.",
        "Freeze up to the last closed month at most.",
        &[
            shell("trueup freeze 2027-01-31 --reason audited", "close a month first"),
            shell("trueup close 2027-01\ntrueup freeze 2027-02-28 --reason audited", "freeze up to 2027-01-31 at most"),
        ],
    ),
    refused(
        "freeze-same",
        "The book is frozen up to that day already, or there is no freeze to lift.",
        "Name another day.",
        &[
            shell("trueup freeze --lift --reason mistake", "is not frozen"),
            shell(
                "trueup close 2027-01\ntrueup freeze 2027-01-31 --reason audited\ntrueup freeze 2027-01-31 --reason again",
                "already",
            ),
        ],
    ),
    refused(
        "freeze-reason",
        "A freeze is given a reason.",
        "Say why, for whoever audits it.",
        &[shell("trueup close 2027-01\ntrueup freeze 2027-01-31 --reason ''", "needs a reason")],
    ),
];
