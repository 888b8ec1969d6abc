//! Errors and warnings about plans.

use super::{Code, plan, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "plan-syntax",
        "The text is not TOML, or it has a key twice.",
        "Mend the syntax; texts, percents and spans stand in quotes.",
        &[plan("cap = 10%", "is not TOML here"), plan("cap = 5\ncap = 6", "is there twice")],
    ),
    refused(
        "plan-unknown-key",
        "There is no such key here. Nothing is ignored, so that a misspelling costs nobody.",
        "Write the key that is meant; docs/plans.md has them all.",
        &[
            plan("perod = \"year\"", "did you mean `period`?"),
            plan("cap = { perod = \"5\" }", "no key of a cap"),
            plan("after-leaving = \"forfeit\"", "it is a key of the plan"),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\ncap = \"500\"",
                "it is a key of the component",
            ),
        ],
    ),
    refused(
        "plan-missing",
        "A key or table is missing without which the plan says nothing.",
        "Add it.",
        &[
            plan("[[component]]\nid = \"c\"\nrate = \"10%\"", "`measure` is missing"),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"advance\"\namount = \"3000\"\nrecoverable = true\non = \"booking\"",
                "`months` is missing in an advance",
            ),
        ],
    ),
    refused(
        "plan-value",
        "The value is not what the key takes.",
        "Write what the message asks for; decimals, percents and spans stand in quotes.",
        &[
            plan("cap = 0.5", "put it in quotes: `\"0.5\"`"),
            plan("period = \"monthly\"", "did you mean `\"month\"`?"),
            plan("quota = \"1234567890123456\"", "at most 15 digits before and 12 after"),
            plan("quota = \"0.1234567890123\"", "at most 15 digits before and 12 after"),
            plan("rate = \"1.1234567891%\"", "at most 9 decimals"),
            plan("cap = \"-5\"", "zero or more"),
            plan("[[component.clawback]]\nid = \"b\"\nsignal = \"x\"\ntake-back = \"150%\"", "up to 100 %"),
        ],
    ),
    refused(
        "plan-empty",
        "A list or table says nothing.",
        "Fill it, or leave the key out.",
        &[plan("tiers = []", "`[]` says nothing")],
    ),
    refused(
        "plan-duplicate",
        "An id, or an entry of a list, is there twice.",
        "Choose another id, or leave the second one out.",
        &[
            plan("where = { motion = [\"new\", \"new\"] }", "is there twice"),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nrate = \"1%\"\n[[component]]\nid = \"c\"\nmeasure = { booking = \"tcv\" }\nrate = \"1%\"",
                "the id `c` is there twice",
            ),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"50%\"\n[[component.installment]]\nid = \"a\"\nshare = \"50%\"",
                "the id `a` is there twice",
            ),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\n[[component.clawback]]\nid = \"a\"\non = \"cancellation\"",
                "the id `a` is there twice",
            ),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"1\"\nrecoverable = false\n[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"1\"\nrecoverable = false\n",
                "the id `d` is there twice",
            ),
        ],
    ),
    refused(
        "plan-reserved",
        "`whole` is the part of a component without installments.",
        "Choose another id.",
        &[plan("[[component.installment]]\nid = \"whole\"\nshare = \"100%\"", "`whole`")],
    ),
    refused(
        "plan-limit",
        "A list or text is longer than a plan may have.",
        "Write less, or several plans.",
        &[shell(
            "{ sed '/^rate/,$d' land.toml; printf 'rate = \"5%%\"\\nramp = ['; for month in $(seq 121); do printf '\"50%%\", '; done; echo ']'; } > p.toml\ntrueup plan check p.toml",
            "121",
        )],
    ),
    refused(
        "plan-many",
        "More problems were found than are told at once.",
        "Mend the first ones and check again.",
        &[shell(
            "{ cat land.toml; for key in $(seq 101); do echo \"key-$key = 1\"; done; } > p.toml\ntrueup plan check p.toml",
            "only the first",
        )],
    ),
    refused(
        "plan-long",
        "The file has more than 1 MiB.",
        "See whether it is the right file; write a plan for each group of people.",
        &[shell("printf '#%01048577d' 0 > p.toml\ntrueup plan check p.toml", "1048576 bytes")],
    ),
    refused(
        "plan-encoding",
        "The file is not UTF-8.",
        "Save it as UTF-8.",
        &[shell("printf 'title = \"caf\\351\"\\n' > p.toml\ntrueup plan check p.toml", "from byte 12 on")],
    ),
    refused(
        "plan-edition",
        "This version of trueup does not know this edition of the calculation rules.",
        "Write the edition that it names.",
        &[plan(
            "plan = \"p\"\nversion = 1\nedition = 2\ncurrency = \"USD\"\neffective = 2027-01-01\n[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nrate = \"10%\"\n",
            "edition `2`",
        )],
    ),
    refused(
        "plan-measure",
        "A measure measures nothing, or two things.",
        "Write exactly one of the measures.",
        &[
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\", usage = \"amount\" }\nrate = \"10%\"",
                "is written beside",
            ),
            plan("[[component]]\nid = \"c\"\nmeasure = { }\nrate = \"1%\"", "measures nothing"),
        ],
    ),
    refused(
        "plan-earn",
        "A component has no way to earn, or two.",
        "Write one of `rate`, `amount`, `target` or `curve`.",
        &[
            plan("[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }", "earns nothing"),
            plan("amount = \"5\"", "two ways to earn"),
        ],
    ),
    refused(
        "plan-curve",
        "A target has no curve, a level no target or goal, or a curve's points do not fit together.",
        "Add what the message names; points climb, in one unit.",
        &[
            plan("[[component]]\nid = \"c\"\nmeasure = { metric = \"csat\" }\nrate = \"5%\"", "paid by a target"),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\nquota = 5\ntarget = \"10%\"",
                "says nothing of what attainment pays",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { metric = \"csat\" }\ntarget = \"10%\"\ncurve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]",
                "held against a goal",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\ncurve = [{ at = \"100\", pay = \"0\" }, { at = \"50\", pay = \"100\" }]",
                "not above the point before it",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\ncurve = [{ at = \"100%\", pay = \"0\" }, { at = \"150%\", pay = \"100\" }]",
                "amounts without `target`",
            ),
        ],
    ),
    refused(
        "plan-tiers",
        "Tiers do not climb, count in two units, or have no rate or two.",
        "Order them by `from`, all in percent or all as amounts, each with `times` or `rate`.",
        &[
            plan(
                "tiers = [{ from = \"200\", times = \"2\" }, { from = \"100\", times = \"3\" }]",
                "not above the threshold before it",
            ),
            plan(
                "quota = \"assigned\"\ntiers = [{ from = 100, times = \"2\" }]",
                "write \"100%\" of quota, or \"100\" in quotes as an amount",
            ),
        ],
    ),
    refused(
        "plan-shares",
        "The shares of installments are not all of what was earned.",
        "Make them sum to 100%.",
        &[
            plan("[[component.installment]]\nid = \"now\"\nshare = \"50%\"", "sum to 50 %"),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"60%\"\n[[component.installment]]\nid = \"b\"\nshare = \"60%\"",
                "sum to 120 %",
            ),
        ],
    ),
    refused(
        "plan-trigger",
        "An installment has two triggers, or a clawback none or two.",
        "Write one.",
        &[
            plan(
                "[[component.installment]]\nid = \"late\"\nshare = \"100%\"\nafter = \"90 days\"\nsignal = \"live\"",
                "two triggers",
            ),
            plan("[[component.clawback]]\nid = \"back\"", "never happens"),
            plan("[[component.clawback]]\nid = \"b\"\non = \"cancellation\"\nsignal = \"unpaid\"", "two triggers"),
        ],
    ),
    refused(
        "plan-condition",
        "A condition looks at nothing, or at two things, or has no bound or two.",
        "Write one of `burn`, `metric` or `signal`, and for the first two one bound.",
        &[plan(
            "[[component.installment]]\nid = \"late\"\nshare = \"100%\"\nafter = \"90 days\"\nwhen = { burn = \"90 days\" }",
            "at-least",
        )],
    ),
    refused(
        "plan-gate",
        "A gate that cannot fail, or cannot open: it looks like one, and decides nothing.",
        "Write a bound above 0 %, or leave the condition out.",
        &[
            plan(
                "[[component.installment]]\nid = \"late\"\nshare = \"100%\"\nafter = \"90 days\"\nwhen = { burn = \"90 days\", at-least = \"0%\" }",
                "cannot fail",
            ),
            plan(
                "[[component.clawback]]\nid = \"b\"\nafter = \"3 months\"\nwhen = { burn = \"90 days\", below = \"0%\" }",
                "the condition cannot hold",
            ),
        ],
    ),
    refused(
        "plan-reverse",
        "A clawback names an installment that is not there.",
        "Name one that is, or write `reverse = \"all\"`.",
        &[plan(
            "[[component.clawback]]\nid = \"back\"\non = \"cancellation\"\nreverse = [\"checkpoint\"]",
            "no installment",
        )],
    ),
    refused(
        "plan-dates",
        "`until` lies before `from`.",
        "Exchange them; both days count.",
        &[plan("from = 2027-02-01\nuntil = 2027-01-31", "lies before")],
    ),
    refused(
        "plan-never",
        "Something ends before it can begin.",
        "Write a longer `within`, or leave it out.",
        &[plan(
            "[[component.installment]]\nid = \"late\"\nshare = \"100%\"\nafter = \"90 days\"\nwithin = \"30 days\"",
            "it never happens",
        )],
    ),
    refused(
        "plan-due",
        "Growth is measured until its performance period ends, and `due` ends before that.",
        "Write `due` for a period that is at least as long, or leave it out.",
        &[plan(
            "[[component]]\nid = \"c\"\nmeasure = { growth = \"90 days\" }\nrate = \"5%\"\nperiod = \"year\"\ndue = \"half-end\"",
            "ends before the 12 months",
        )],
    ),
    refused(
        "plan-no-effect",
        "The key does nothing here. It is refused and not ignored, for somebody has meant something by it.",
        "Leave it out, or add what it goes with.",
        &[
            plan("prorate = \"none\"", "does nothing without `quota`"),
            plan("mode = \"per-item\"", "does nothing without `tiers`"),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"count\", pays = \"arr\" }\namount = \"50\"",
                "`pays` goes with a `rate`",
            ),
            plan("tiers = [{ from = \"100%\", times = \"2\" }]", "is a part of a quota, and there is none"),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"count\" }\namount = \"5\"\ntiers = [{ from = \"5\", rate = \"2%\" }]",
                "`tiers` does nothing beside `amount`",
            ),
            plan("[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\namount = \"5\"", "for each of a count"),
            plan("ramp = [\"50%\"]", "`ramp` does nothing without `quota`"),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { booking = \"arr\" }\ntarget = \"10%\"\ncurve = [{ at = \"0%\", pay = \"0%\" }, { at = \"100%\", pay = \"100%\" }]",
                "no quota to be held against",
            ),
            plan("goal = \"5\"", "`goal` does nothing here"),
            plan("shape = \"step\"", "does nothing without `curve`"),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\notherwise = \"wait\"",
                "does nothing without `when`",
            ),
            plan(
                "[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nof = \"item\"",
                "does nothing without `after` or `within`",
            ),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"1\"\nrecoverable = false\nrecover-rate = \"50%\"",
                "in a draw that is not recoverable",
            ),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"guarantee\"\namount = \"1\"\nrecoverable = false\nrecover-after = \"2 months\"",
                "in a draw that is not recoverable",
            ),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"advance\"\namount = \"1\"\nmonths = 2\non = \"assignment\"\nrecoverable = true\nmotion = \"new\"",
                "does nothing without `on = \"booking\"`",
            ),
        ],
    ),
    refused(
        "plan-no-booking",
        "Something looks at a booking where items have none.",
        "Leave it out, or measure bookings.",
        &[
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\ncancellation = \"restate\"",
                "usage has none",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\nwhere = { motion = \"new-logo\" }",
                "`motion` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\nwhere = { product = \"x\" }",
                "`product` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nafter = \"30 days\"\nwhen = { burn = \"30 days\", at-least = \"5%\" }",
                "`burn` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nconsumed = \"50%\"",
                "`consumed` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.installment]]\nid = \"a\"\nshare = \"100%\"\nafter = \"30 days\"\nof = \"start\"",
                "`of = \"start\"` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.clawback]]\nid = \"b\"\non = \"cancellation\"",
                "`on` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.clawback]]\nid = \"b\"\nafter = \"30 days\"\ntake-back = \"remaining-months\"",
                "`remaining-months` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\n[[component.clawback]]\nid = \"b\"\nafter = \"30 days\"\ntake-back = { unconsumed = \"30 days\" }",
                "`unconsumed` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { usage = \"amount\" }\nrate = \"2%\"\nafter-cancellation = \"pay\"",
                "`after-cancellation` looks at a booking",
            ),
            plan(
                "[[component]]\nid = \"c\"\nmeasure = { growth = \"90 days\", against = \"high-water\" }\nrate = \"2%\"\ncancellation = \"restate\"",
                "growth has none",
            ),
        ],
    ),
    refused(
        "plan-decimals",
        "An amount is finer than its currency can be paid.",
        "Write at most as many decimals as the currency has.",
        &[
            plan("cap = \"0.001\"", "finer than USD"),
            plan("cap = { item = \"0.001\" }", "finer than USD"),
            plan("[[component]]\nid = \"c\"\nmeasure = { booking = \"count\" }\namount = \"0.005\"", "finer than USD"),
            plan(
                "[[draw]]\nid = \"d\"\nkind = \"advance\"\namount = \"1.234\"\nmonths = 2\non = \"assignment\"\nrecoverable = true",
                "finer than USD",
            ),
        ],
    ),
    refused(
        "plan-draw",
        "A guarantee begins with a booking: it is a floor under a month, not under a booking.",
        "Write `on = \"assignment\"`, or `kind = \"advance\"`.",
        &[plan(
            "[[draw]]\nid = \"floor\"\nkind = \"guarantee\"\namount = \"3000\"\non = \"booking\"\nrecoverable = true",
            "cannot begin",
        )],
    ),
    refused(
        "plan-version",
        "The version does not follow the last one that was published.",
        "Write the number that the message names: versions are published in order and never reused.",
        &[
            shell("trueup plan publish land.toml", "write `version = 2`"),
            shell(
                r#"sed 's/version = 1/version = 3/' land.toml > land3.toml
trueup plan check land3.toml"#,
                "does not follow version 1",
            ),
        ],
    ),
    refused(
        "plan-currency",
        "A version has another currency than the ones before it.",
        "Keep the currency, or begin a plan of another id.",
        &[shell(
            "sed 's/version = 1/version = 2/; s/USD/EUR/' land.toml > land2.toml\ntrueup plan publish land2.toml",
            "not the currency of version 1",
        )],
    ),
    refused(
        "plan-mid-month",
        "Two versions are in force on days of one month, and a component that measures usage differs between them. A month of usage is one item, measured by one version.",
        "Let the version begin with a month, or leave the component out and add one of another id.",
        &[shell(
            r#"sed 's/plan = "land"/plan = "used"/; s/booking = "arr"/usage = "amount"/; /cancellation/d' land.toml > used.toml
trueup plan publish used.toml
sed 's/version = 1/version = 2/; s/2027-01-01/2027-03-16/; s/1.5/2/' used.toml > used2.toml
trueup plan check used2.toml"#,
            "both are in force on days of 2027-03",
        )],
    ),
    refused(
        "plan-unknown",
        "No plan of this id, or no such version of it, is published.",
        "`trueup plan list` lists what is.",
        &[shell("trueup plan show lnd", "did you mean `land`?")],
    ),
    // Doubts.
    warned(
        "plan-warn-lower-tier",
        "The rate falls, or less is paid, as attainment rises.",
        "Raise it, if that is not meant.",
        &[plan("cancellation = \"restate\"\ntiers = [{ from = \"100\", rate = \"5%\" }]", "lowers the rate")],
    ),
    warned(
        "plan-warn-cliff",
        "A retroactive tier pays everything anew: one more unit at the threshold is worth a lot.",
        "`mode = \"marginal\"` pays each rate on its own band; leave it, if the cliff is meant.",
        &[plan(
            "cancellation = \"restate\"\nmode = \"retroactive\"\ntiers = [{ from = \"100000\", times = \"1.5\" }]",
            "worth 5000 USD",
        )],
    ),
    warned(
        "plan-warn-rolling",
        "Growth against a rolling baseline pays every upswing again, after each fall.",
        "Write `against = \"high-water\"` or \"period-start\", if only what is new is meant.",
        &[plan("[[component]]\nid = \"c\"\nmeasure = { growth = \"90 days\" }\nrate = \"10%\"", "every upswing")],
    ),
    warned(
        "plan-warn-consumed",
        "The day on which a part was consumed is only as fine as the usage that is recorded.",
        "Record usage by the week or finer.",
        &[plan(
            "cancellation = \"restate\"\n[[component.installment]]\nid = \"used\"\nshare = \"100%\"\nconsumed = \"75%\"",
            "spread evenly",
        )],
    ),
    warned(
        "plan-warn-clawback-reach",
        "A clawback's reach ends before the performance period does: what is lost late keeps the tiers that it reached.",
        "Write a shorter `period` or a longer reach.",
        &[plan(
            "period = \"year\"\ntiers = [{ from = \"100000\", times = \"2\" }]\n[[component.clawback]]\nid = \"lost\"\non = \"cancellation\"\nwithin = \"6 months\"",
            "reaches 6 months",
        )],
    ),
    warned(
        "plan-warn-cancellation",
        "What was paid is kept when a booking is cancelled.",
        "Add a clawback `on = \"cancellation\"` or `cancellation = \"restate\"`, unless that is meant.",
        &[plan("period = \"year\"", "is kept when a booking is cancelled")],
    ),
    warned(
        "plan-warn-gate",
        "A gate is looked at before the term begins, and counts as met then.",
        "Add `after`, so that there are days to look at.",
        &[plan(
            "cancellation = \"restate\"\n[[component.installment]]\nid = \"now\"\nshare = \"100%\"\nwhen = { burn = \"90 days\", at-least = \"25%\" }",
            "before the term begins",
        )],
    ),
    warned(
        "plan-warn-unseen",
        "The book has facts, and none of them has a value that the plan selects by.",
        "Write what the facts have; it is right as it is if such facts come later.",
        &[shell(
            r#"sed 's/signal = "renewed"/signal = "life"/; s/version = 1/version = 2/' land.toml > land2.toml
trueup plan check land2.toml"#,
            "no fact of the book has the signal `life`",
        )],
    ),
    warned(
        "plan-warn-attribute",
        "A name in `where` is read as that of an attribute, and is nearly that of a key.",
        "Write the key, if it is meant.",
        &[plan("cancellation = \"restate\"\nwhere = { segmnt = \"smb\" }", "did you mean `segment`?")],
    ),
    warned(
        "plan-warn-name",
        "A word is read as the name of one of the booking's amounts, and is nearly one of ours.",
        "Write `arr`, `tcv` or `count`, if that is meant.",
        &[plan(
            "[[component]]\nid = \"c\"\nmeasure = { booking = \"ARR\" }\nrate = \"10%\"\ncancellation = \"restate\"",
            "`booking = \"arr\"`",
        )],
    ),
    warned(
        "plan-warn-ramp",
        "A ramp has an entry for each month, and the quota is for a longer period.",
        "If each entry is for a period, write a table with `every`; `plan check` prints the quotas.",
        &[plan(
            "period = \"quarter\"\nquota = \"assigned\"\nramp = [\"25%\", \"50%\", \"75%\"]\ncancellation = \"restate\"",
            "ramp = { every = \"3 months\", percents = [...] }",
        )],
    ),
    warned(
        "plan-warn-quota",
        "A quota of 0 is none: percent tiers never apply.",
        "Write what is expected, or \"assigned\".",
        &[plan("quota = 0\ncancellation = \"restate\"", "never apply")],
    ),
    warned(
        "plan-warn-rate",
        "A rate is negative, or pays more than all of what was sold.",
        "Check the decimal point.",
        &[
            plan("rate = \"1000%\"\ncancellation = \"restate\"", "more than all"),
            plan("rate = \"-1%\"\ncancellation = \"restate\"", "is negative"),
        ],
    ),
    warned(
        "plan-warn-recoverable",
        "A draw does not say whether it is recoverable: what it gives is kept for good.",
        "Write `recoverable = true` or `recoverable = false`.",
        &[plan("[[draw]]\nid = \"floor\"\nkind = \"guarantee\"\namount = \"3000\"", "kept for good")],
    ),
    warned(
        "plan-warn-dropped",
        "A version drops or renames a component or a part: its lines are reversed, and earned anew under their new name.",
        "Keep the id, if it is the same; the message says how many lines, and their amount.",
        &[
            shell(
                "trueup close 2027-01\nsed 's/version = 1/version = 2/; s/new-logo/new-business/' land.toml > land2.toml\ntrueup plan check land2.toml",
                "`new-logo`",
            ),
            shell(
                r#"trueup close 2027-01
sed 's/version = 1/version = 2/' land.toml > land2.toml
printf '[[component.installment]]\nid = "all"\nshare = "100%%"\n' >> land2.toml
trueup plan check land2.toml"#,
                "drops the part `whole` of `renewal`",
            ),
        ],
    ),
    warned(
        "plan-warn-mid-period",
        "A version adds or drops a component inside its performance period. Its items are those of the days on which it exists; its quota and target pay stay those of the whole period.",
        "Let it begin and end with a period, unless that is meant.",
        &[
            shell(
                r#"sed 's/version = 1/version = 2/; s/2027-01-01/2027-03-16/' land.toml > land2.toml
printf '[[component]]\nid = "spiff"\nmeasure = { booking = "arr" }\nperiod = "quarter"\nquota = "assigned"\nrate = "1%%"\ncancellation = "restate"\n' >> land2.toml
trueup plan check land2.toml"#,
                "the assigned quota of the whole period stays",
            ),
            shell(
                r#"sed 's/version = 1/version = 2/; s/2027-01-01/2027-03-16/; s/renewal/renewed/' land.toml > land2.toml
trueup plan check land2.toml"#,
                "`renewal` ends before 2027-03-16",
            ),
        ],
    ),
    warned(
        "plan-warn-closed",
        "A version takes effect in months that are closed: the next close posts the differences.",
        "`trueup preview` shows them once it is published.",
        &[shell(
            "trueup close 2027-01\nsed 's/version = 1/version = 2/; s/5%/6%/' land.toml > land2.toml\ntrueup plan check land2.toml",
            "is closed",
        )],
    ),
];
