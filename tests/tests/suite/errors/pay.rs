//! Codes of signatures and of paying.

use super::{Code, Kind, never, refused, shell, warned};

/// Who may do what in the examples.
pub const POLICY: &str = r#"{"fact": "policy", "at": "2026-01-01",
 "roles": {"cfo": ["approve", "policy", "administrate", "adjust"], "cro": ["approve", "policy", "hold"], "ops": ["close", "pay"]},
 "rules": [{"kind": "approve", "needs": 2, "above": {"amount": "1000", "currency": "USD"}},
           {"kind": "pay", "not": "maker"}],
 "recovery": ["safe+6870cb65+AXwaRqP+xU6yizaSPA79QsXsbFMosxHsPpe7wOt/+bFJ"]}
"#;

/// Records the people of the policy, and sets it.
pub const PEOPLE: &str = "\
trueup author add cfo --key cfo+2bb96661+AUQWJJ9AYU+/aZMgRJ4qpsexnzob5hNoBzFl7icI2knk
trueup author add cro --key cro+1f3e3dc8+AZYxPY13tIzLAgm9LhYsVMfPh0IafI0dhK9AQDIkH1g9
trueup author add ops --key ops+df078b82+AXq5ciOYDFp+LzNY+gQ+mzMr5iz/6G47PQEydHwbL8AK
trueup policy set policy.json --sign cfo.key --sign cro.key
";

/// The private keys, which everybody knows: they are for examples alone.
pub const KEYS: [(&str, &str); 4] = [
    ("cfo.key", "PRIVATE+KEY+cfo+2bb96661+AXmV0MAIusu7Oie6DZvt2lKsy8Fb1ALiHS20pL73OY69\n"),
    ("cro.key", "PRIVATE+KEY+cro+1f3e3dc8+AZ4bOUT3uRJY099Xwwr0LK/N+bH4L2JtJ5+oyDVU5/Um\n"),
    ("ops.key", "PRIVATE+KEY+ops+df078b82+AQ4qwFfBTgx8jUbsrnCUQFS1EOgHaE4CvrwLIRfR3CI0\n"),
    ("safe.key", "PRIVATE+KEY+safe+6870cb65+AURqXprO+CZZ1pbQpyAmtUfaVxbvxDhFprA4ztm9BGYm\n"),
];

pub const CODES: &[Code] = &[
    refused(
        "key-name",
        "The name of a file cannot be the name of the key in it.",
        "Name the key with `--name`.",
        &[shell("trueup key new 'my key.key'", "gives no name for the key")],
    ),
    refused(
        "key-place",
        "A private key would lie in the folder of a book, and get into its backups; or it has no place that can be remembered.",
        "Choose a place outside of the book.",
        &[
            shell("trueup key new book/cfo2.key", "would lie in the book"),
            shell("trueup checkpoint --key - < ops.key", "is no file whose place"),
        ],
    ),
    refused(
        "key-there",
        "The file of a new key is there already.",
        "Choose another name; an existing key is never overwritten.",
        &[shell("trueup key new cfo.key", "is there already")],
    ),
    refused(
        "key-file",
        "A file that should hold a private key does not.",
        "Name the file that `trueup key new` made.",
        &[shell("trueup close 2027-01 --sign known.jsonl", "is no private key")],
    ),
    refused(
        "key-public",
        "What is given as a public key is none; or it is a private key, which is not shown.",
        "Copy the public key as `trueup key new` printed it.",
        &[
            shell("trueup author add cfo --key cfo+2bb96661", "this is no public key"),
            shell("trueup author add cfo --key \"$(cat cfo.key)\"", "this is a private key"),
        ],
    ),
    refused(
        "sign-unknown",
        "A key that should sign is of no author of the book.",
        "Record its owner with `trueup author add`, or sign with a key of an author.",
        &[shell("trueup close 2027-01 --sign cfo.key", "is of no author of the book")],
    ),
    refused(
        "sign-author",
        "`--as` names somebody else than the one whose key signs.",
        "Leave `--as` out.",
        &[shell("sh people.sh\ntrueup close 2027-01 --as bea --sign ops.key", "The author is `bea`")],
    ),
    refused(
        "author-key",
        "A new key of a person who has one is signed with the old one, or with a recovery key of the policy.",
        "Add `--sign` with one of them.",
        &[shell(
            "sh people.sh\ntrueup key new new.key > new.pub\ntrueup author add cfo --key \"$(cat new.pub)\" --sign cro.key",
            "the new one is not signed with it",
        )],
    ),
    refused(
        "author-key-taken",
        "The key is or was that of somebody, or a recovery key.",
        "Make a new key: a key is of one person, for one purpose.",
        &[
            shell(
                "sh people.sh\ntrueup author add bea --key cro+1f3e3dc8+AZYxPY13tIzLAgm9LhYsVMfPh0IafI0dhK9AQDIkH1g9 --sign cfo.key",
                "is or was that of `cro`",
            ),
            shell(
                "sh people.sh\ntrueup author add bea --key safe+6870cb65+AXwaRqP+xU6yizaSPA79QsXsbFMosxHsPpe7wOt/+bFJ --sign cfo.key",
                "is a recovery key of the policy",
            ),
        ],
    ),
    refused(
        "policy-role",
        "Under the policy, somebody with a role has to sign, and nobody who has it did.",
        "Add `--sign FILE` with the key of one of those that the message names.",
        &[
            shell("sh people.sh\ntrueup close 2027-01", "with the role `close`; nobody signed"),
            shell("sh people.sh\ntrueup close 2027-01 --sign cfo.key", "`cfo` signed, without that role"),
            shell("sh people.sh\ntrueup hold ana --reason look --sign ops.key", "with the role `hold`"),
            shell(
                "sh people.sh\necho '{\"fact\": \"adjustment\", \"at\": \"2027-01-09\", \"payee\": \"ana\", \"amount\": \"5\", \"currency\": \"USD\", \"reason\": \"thanks\"}' > adj.jsonl\ntrueup record adj.jsonl",
                "with the role `adjust`",
            ),
        ],
    ),
    refused(
        "policy-closer",
        "Nobody approves what they closed themselves, whatever the rules of the policy say.",
        "Let somebody else with the role sign.",
        &[shell(
            "sed 's/\"close\", \"pay\"/\"close\", \"pay\", \"approve\"/' policy.json > p && mv p policy.json\nsh people.sh\ntrueup close 2027-01 --sign ops.key\ntrueup approve 2027-01 --sign ops.key",
            "`ops` closed what is to be approved",
        )],
    ),
    refused(
        "policy-rule",
        "A rule of the policy asks for more people than signed, or for others.",
        "Sign with the keys of as many people as the rule asks for.",
        &[
            shell(
                "sed 's/\"1000\"/\"5\"/' policy.json > p && mv p policy.json\nsh people.sh\ntrueup close 2027-01 --sign ops.key\ntrueup approve 2027-01 --sign cfo.key",
                "is signed by 2 people",
            ),
            shell(
                "sh people.sh\ntrueup close 2027-01 --sign ops.key\ntrueup approve 2027-01 --sign cfo.key\ntrueup payout 2027-01 --sign ops.key",
                "not counted: `ops`",
            ),
        ],
    ),
    refused(
        "policy-first",
        "The first policy is signed by two people to whom it gives the role `policy`.",
        "Add `--sign FILE` with the keys of two of them.",
        &[shell(
            "sed -i '/policy set/d' people.sh\nsh people.sh\ntrueup policy set policy.json --sign cfo.key",
            "signed: `cfo`",
        )],
    ),
    refused(
        "policy-date",
        "A policy is dated ahead. It is in force as soon as it is recorded.",
        "Date it today, and set it on the day from which it is to hold.",
        &[shell(
            "sed 's/2026-01-01/2199-01-01/' policy.json > p && mv p policy.json\nsed -i '/policy set/d' people.sh\nsh people.sh\ntrueup policy set policy.json --sign cfo.key --sign cro.key 2>&1 | sed 's/today is [0-9-]*/today is 2026-11-30/' >&2\nfalse",
            "the policy is dated 2199-01-01",
        )],
    ),
    refused(
        "policy-author",
        "A policy names somebody who has no key, or somebody twice.",
        "Record the key of everybody first, and name each author once.",
        &[shell("trueup policy set policy.json", "`cfo` is no author of the book")],
    ),
    refused(
        "policy-two",
        "Fewer than two people may change the policy.",
        "Give the role `policy` to two people.",
        &[shell(
            "sed 's/\"approve\", \"policy\", \"hold\"/\"approve\", \"hold\"/' policy.json > p && mv p policy.json\nsh people.sh",
            "two people must have the role `policy`",
        )],
    ),
    refused(
        "policy-unmet",
        "Fewer people have a role than a rule asks for, or nobody has one without which nothing can be paid.",
        "Give the role to more people, or ask for fewer.",
        &[
            shell(
                "sed 's/2, \"above\"/3, \"above\"/' policy.json > p && mv p policy.json\nsh people.sh",
                "can never be met",
            ),
            shell(
                "sed 's/\"close\", \"pay\"/\"close\"/' policy.json > p && mv p policy.json\nsh people.sh",
                "can never be met",
            ),
        ],
    ),
    refused(
        "policy-needs",
        "A rule asks for 0 people.",
        "Write 1 or more.",
        &[shell(
            "sed 's/\"needs\": 2/\"needs\": 0/' policy.json > p && mv p policy.json\nsh people.sh",
            "asks for 0 people",
        )],
    ),
    refused(
        "policy-not",
        "A rule has `not`, and what it is about was closed by nobody.",
        "`not` is for `approve` and `pay`.",
        &[shell(
            "sed 's/\"kind\": \"pay\"/\"kind\": \"hold\"/' policy.json > p && mv p policy.json\nsh people.sh",
            "has no meaning for `hold`",
        )],
    ),
    refused(
        "policy-above",
        "A rule has `above`, and what it is about has no amount; or the amount is below 0.",
        "`above` takes an amount of 0 or more, for close, approve, pay, adjust and hold.",
        &[shell(
            "sed 's/\"1000\"/\"-1\"/' policy.json > p && mv p policy.json\nsh people.sh",
            "is for more than -1 USD",
        )],
    ),
    refused(
        "policy-recovery",
        "A recovery key is or was the key of an author.",
        "Make one that nobody signs with, and keep it in a safe place.",
        &[shell(
            "sed 's/safe+6870cb65.*\"]/cfo+2bb96661+AUQWJJ9AYU+\\/aZMgRJ4qpsexnzob5hNoBzFl7icI2knk\"]/' policy.json > p && mv p policy.json\nsh people.sh",
            "is or was the key of `cfo`",
        )],
    ),
    refused(
        "policy-file",
        "The file of a policy is not of its form.",
        "Write it as `trueup policy show --format json` does; docs/approvals.md has an example.",
        &[
            shell(
                "sed 's/\"hold\"/\"hodl\"/' policy.json > p && mv p policy.json\ntrueup policy set policy.json",
                "did you mean",
            ),
            shell("echo '{' > policy.json\ntrueup policy set policy.json", "this is no policy"),
        ],
    ),
    never(
        "policy",
        Kind::Refused,
        "A policy is refused without a fault that has a code of its own.",
        "`trueup policy show` shows the one in force.",
        "every fault of a policy has a code of its own.",
    ),
    refused(
        "log-key-missing",
        "The log has no key to sign checkpoints with, or the book does not know where its private key is.",
        "Make one with `trueup key new`, and set it with `trueup checkpoint --key FILE` (docs/checkpoints.md).",
        &[
            shell("trueup checkpoint --now", "the log has no key"),
            shell(
                "trueup checkpoint --key ops.key\nrm book/config.toml\ntrueup checkpoint --now",
                "does not say where the log's private key is",
            ),
        ],
    ),
    refused(
        "log-key-signed",
        "The log has a key, and a new one is signed neither with that nor with a recovery key of the policy.",
        "Add `--sign` with the old key, or with a recovery key.",
        &[shell(
            "trueup checkpoint --key ops.key > key\ntrueup checkpoint --key cfo.key 2>&1 | sed \"s|$(cat key)|VKEY|\" >&2\nfalse",
            "the log has the key `VKEY`",
        )],
    ),
    refused(
        "log-key-replaced",
        "The log had the key before, and another one took its place.",
        "Make a new key.",
        &[shell(
            "trueup checkpoint --key ops.key\ntrueup checkpoint --key cfo.key --sign ops.key\ntrueup checkpoint --key ops.key --sign cfo.key",
            "the log had this key before",
        )],
    ),
    refused(
        "log-key-other",
        "The file of the log's private key has another key.",
        "Put the log's own key file back, or set another key with `trueup checkpoint --key FILE`.",
        &[shell(
            "trueup checkpoint --key ops.key > key\ncp cfo.key ops.key\ntrueup checkpoint --now 2>&1 | sed \"s|$(cat key)|VKEY|; s|trueup.example[^\\`]*|OTHER|\" >&2\nfalse",
            "the log's key is `VKEY`",
        )],
    ),
    warned(
        "checkpoint-unsigned",
        "A close has no checkpoint, because the log's private key is not there.",
        "The close is recorded. `trueup checkpoint --now` signs where the key is, and so does the next command that records.",
        &[shell(
            "trueup checkpoint --key ops.key\nmv ops.key away.key\ntrueup close 2027-01",
            "the close has no checkpoint",
        )],
    ),
    refused(
        "checkpoint-file",
        "A file is no checkpoint, or more than its text was copied.",
        "Copy it byte for byte, as `trueup checkpoint` prints it.",
        &[
            shell("trueup verify --against known.jsonl", "is no checkpoint"),
            shell(
                "trueup checkpoint --key ops.key\ntrueup checkpoint | sed 2s/^/0/ > kept.note\ntrueup verify --against kept.note",
                "no size",
            ),
            shell("head -c 2000000 /dev/zero > kept.note\ntrueup verify --against kept.note", "has more than"),
        ],
    ),
    refused(
        "checkpoint-key",
        "A key is no public key, or that of another log.",
        "Name the key that was kept together with the checkpoint.",
        &[
            shell(
                "trueup checkpoint --key ops.key\ntrueup checkpoint > kept.note\ntrueup verify --against kept.note --key nonsense",
                "`nonsense` is no public key",
            ),
            shell(
                "trueup checkpoint --key ops.key\ntrueup checkpoint > kept.note\ntrueup verify --against kept.note --key cfo+2bb96661+AUQWJJ9AYU+/aZMgRJ4qpsexnzob5hNoBzFl7icI2knk 2>&1 | sed 's|acme/[0-9a-f-]*|acme/UUID|' >&2\nfalse",
                "the key is named `cfo`",
            ),
        ],
    ),
    refused(
        "checkpoint-book",
        "A checkpoint is of another book than the one that is verified.",
        "Name the right book or checkpoint. If this was to be that book, it was made anew: put the book back from a backup.",
        &[shell(
            "trueup checkpoint --key ops.key\ntrueup checkpoint > kept.note\ntrueup init --book new --name acme\ntrueup verify --book new --against kept.note 2>&1 | sed 's|acme/[0-9a-f-]*|acme/UUID|g' >&2\nfalse",
            "is a checkpoint of another book",
        )],
    ),
    refused(
        "approve-nothing",
        "What a month and those before it made payable is approved, paid or set off already.",
        "`trueup balances` shows what is payable.",
        &[shell("trueup close 2027-01\ntrueup approve 2027-01\ntrueup approve 2027-01", "there is nothing to approve")],
    ),
    refused(
        "approve-rejected",
        "What the month made payable was rejected. A rejected close is never approved itself.",
        "Correct what was wrong, close the next month, and approve that.",
        &[shell("trueup close 2027-01\ntrueup reject 2027-01 --reason typo\ntrueup approve 2027-01", "was rejected")],
    ),
    refused(
        "reject-nothing",
        "What the month made payable is paid, set off or rejected already.",
        "`trueup statement --all PERIOD` shows what became of it.",
        &[shell(
            "trueup close 2027-01\ntrueup approve 2027-01\ntrueup payout 2027-01\ntrueup reject 2027-01 --reason typo",
            "there is nothing to reject",
        )],
    ),
    warned(
        "pay-alone",
        "A payout without a policy: one person could close, approve and pay.",
        "`trueup policy set` says who may approve and pay, and what takes two people.",
        &[shell(
            "trueup close 2027-01\ntrueup approve 2027-01\ntrueup payout 2027-01",
            "no second pair of eyes was asked",
        )],
    ),
    warned(
        "pay-unpaid",
        "Something payable was not paid: it is not approved, rejected or held.",
        "The message says which, and what to do.",
        &[
            shell("trueup close 2027-01\ntrueup payout 2027-01", "is not approved and was not paid: `ana`"),
            shell(
                "trueup close 2027-01\ntrueup approve 2027-01\ntrueup hold ana --reason look\ntrueup payout 2027-01",
                "is held and was not paid",
            ),
        ],
    ),
    refused(
        "pay-reason",
        "A reason is required.",
        "Say why, for whoever audits it.",
        &[shell("trueup close 2027-01\ntrueup hold ana --reason ' '", "a reason is required")],
    ),
    refused(
        "pay-amount",
        "An amount is not above 0, or finer than the minor unit of its currency.",
        "Write an amount above 0 with no more decimals than the currency has.",
        &[
            shell("trueup hold ana --amount 0 --currency USD --reason look", "is not above 0"),
            shell("trueup hold ana --amount 1.005 --currency USD --reason look", "is finer than the minor unit"),
        ],
    ),
    refused(
        "release-none",
        "There is no such hold.",
        "The message names the holds on the payee.",
        &[
            shell("trueup release ana", "there is no hold on `ana`"),
            shell("trueup hold ana --reason look\ntrueup release ana --hold 3", "the holds on `ana` are at 10"),
        ],
    ),
    refused(
        "pay-more-than-owed",
        "More would be paid back or written off than the payee owes or has drawn.",
        "`trueup balances` shows what there is to pay back.",
        &[shell("trueup close 2027-01\ntrueup repay ana --amount 5 --currency USD", "has 0.00 USD to pay back")],
    ),
    refused(
        "confirm-none",
        "A confirmation names a payee to whom nothing was paid out for the month.",
        "See whether it is the right month; `trueup export --as payroll` lists the payouts.",
        &[shell(
            "trueup close 2027-01\nprintf 'payee,currency,amount,status\\nana,USD,10.00,paid\\n' > paid.csv\ntrueup payout 2027-01 --confirm paid.csv",
            "there is no payout of 2027-01 to `ana`",
        )],
    ),
    refused(
        "confirm-amount",
        "A confirmation has another amount than the payout.",
        "`paid` has the amount of the payout, `partly` less than that, `returned` what had arrived.",
        &[shell(
            "trueup close 2027-01\ntrueup approve 2027-01\ntrueup payout 2027-01\nprintf 'payee,currency,amount,status\\nana,USD,11.00,paid\\n' > paid.csv\ntrueup payout 2027-01 --confirm paid.csv",
            "the payout is of 10.00",
        )],
    ),
    refused(
        "confirm-known",
        "Another result of the payout is recorded.",
        "The message names the entry; a payment that came back later is `returned`.",
        &[shell(
            "trueup close 2027-01\ntrueup approve 2027-01\ntrueup payout 2027-01\nprintf 'payee,currency,amount,status\\nana,USD,10.00,paid\\n' > paid.csv\ntrueup payout 2027-01 --confirm paid.csv\nsed 's/10.00,paid/4.00,partly/' paid.csv > partly.csv\ntrueup payout 2027-01 --confirm partly.csv",
            "is recorded as `paid`",
        )],
    ),
    refused(
        "confirm-file",
        "The file of a confirmation is not of its form.",
        "Write a CSV table with the columns payee, currency, amount, status, reference and date.",
        &[
            shell(
                "trueup close 2027-01\nprintf 'payee,currency,amount\\nana,USD,1\\n' > paid.csv\ntrueup payout 2027-01 --confirm paid.csv",
                "columns are missing: status",
            ),
            shell(
                "trueup close 2027-01\nprintf 'payee,currency,amount,status\\nana,USD,x,payed\\n' > paid.csv\ntrueup payout 2027-01 --confirm paid.csv",
                "`payed` is no status",
            ),
        ],
    ),
];
