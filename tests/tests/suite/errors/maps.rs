//! Errors and warnings about mappings, and about rows that no fact can be made of.

use super::Kind::Refused;
use super::{Code, map, never, refused, shell, warned};

pub const CODES: &[Code] = &[
    refused(
        "map-syntax",
        "The mapping is not TOML, or it has a key twice.",
        "Mend the syntax; texts and decimals stand in quotes.",
        &[map(
            r#"[[fact]]
fact = account
"#,
            "id\nglobex\n",
            "is not TOML here",
        )],
    ),
    refused(
        "map-unknown-key",
        "There is no such key here. Nothing is ignored, so that a misspelling costs nobody.",
        "Write the key that is meant: a key of docs/mapping.md, or a field of the kind of fact (docs/facts.md).",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
regoin = "EU"
"#,
            "id\nglobex\n",
            "did you mean `region`?",
        )],
    ),
    refused(
        "map-missing",
        "A key, a field or a table is missing without which no fact can be made.",
        "Add it.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
"#,
            "id\nglobex\n",
            "`account` is missing in an account",
        )],
    ),
    refused(
        "map-value",
        "The value is not what the key or the field takes.",
        "Write what the message asks for.",
        &[
            map(
                r#"[[fact]]
fact = "acount"
"#,
                "id\nglobex\n",
                "did you mean `\"account\"`?",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = "1.1.2027"
account = { column = "id" }
"#,
                "id\nglobex\n",
                "is not a date like",
            ),
        ],
    ),
    refused(
        "map-empty",
        "A list, a table or a condition says nothing.",
        "Fill it, or leave the key out.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
when = [{ column = "id" }]
"#,
            "id\nglobex\n",
            "the condition asks nothing",
        )],
    ),
    refused(
        "map-limit",
        "There is more of something than a mapping, or a source, may have.",
        "Put long lookups into a file; split a source and record one part after the other.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { columns = ["id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id", "id"] }
"#,
            "id\nglobex\n",
            "are more than 20",
        )],
    ),
    refused(
        "map-duplicate",
        "Two tables have the same name, or an entry is there twice.",
        "Rename one of them, or leave it out.",
        &[map(
            r#"[[table]]
name = "t"
rows = { a = "b" }

[[table]]
name = "t"
rows = { c = "d" }

[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
            "id\nglobex\n",
            "the table `t` is there twice",
        )],
    ),
    refused(
        "map-many",
        "More mistakes were found in the mapping than are told at once.",
        "Mend the first ones and try again.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = "a"
' > map.toml
for number in $(seq 101); do echo "a$number = 1"; done >> map.toml
echo id > rows.csv
trueup record --map map.toml rows.csv"#,
            "1 more were found",
        )],
    ),
    refused(
        "map-from",
        "A value comes from nowhere, from two places at once, or from one that cannot stand here.",
        "Write exactly one of `column`, `columns`, `product`, `sum` and `same`.",
        &[
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { prefix = "EU-" }
"#,
                "id\nglobex\n",
                "nothing says where the value comes from",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "id", same = "account" }
"#,
                "id\nglobex\n",
                "is written beside `column`",
            ),
        ],
    ),
    refused(
        "map-no-effect",
        "A key has no effect where it is written.",
        "Leave it out, or write it where it belongs.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "id", times = "2" }
"#,
            "id\nglobex\n",
            "it goes with numbers",
        )],
    ),
    refused(
        "map-column",
        "The file has no such column, or several of that name.",
        "Write the name as the header has it; with `header = false`, columns are called `1`, `2`, `3`.",
        &[
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "IDs" }
"#,
                "ID,id\nx,y\n",
                "`IDs` is no column of `rows.csv`",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
                "id,id\nx,y\n",
                "heads several columns",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
                "id;region\nglobex;EU\n",
                "say `delimiter = \";\"` in `[source]`",
            ),
        ],
    ),
    warned(
        "map-column-unseen",
        "No row of a file of JSON Lines has this member: it is misspelt, or nobody had it this time.",
        "Look whether the name is right.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "regoin" }
' > map.toml
echo '{"id": "globex", "region": "EU"}' > rows.jsonl
trueup record --map map.toml rows.jsonl"#,
            "did you mean `region`?",
        )],
    ),
    refused(
        "map-table",
        "There is no lookup of this name.",
        "Add a `[[table]]` with it, or write the name of one that is there.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "id", lookup = "regions" }
"#,
            "id\nglobex\n",
            "there is no table `regions`",
        )],
    ),
    refused(
        "map-table-file",
        "The file of a lookup cannot be read, or a row of it is wrong.",
        "Name a UTF-8 file by its path from the mapping: the key in the first column, the value in the second, each key once.",
        &[map(
            r#"[[table]]
name = "regions"
file = "regions.csv"

[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
            "id\nglobex\n",
            "`regions.csv` cannot be read",
        )],
    ),
    refused(
        "map-date-format",
        "A format is not one of dates, or it does not tell the day.",
        "Write one like \"%d/%m/%Y\"; for whole months, add `day = \"first\"` or `day = \"last\"`.",
        &[map(
            r#"[[fact]]
fact = "account"
at = { column = "id", date = "%Y-%m" }
account = { column = "id" }
"#,
            "id\nglobex\n",
            "it tells no day",
        )],
    ),
    refused(
        "map-pattern",
        "A text is no regular expression.",
        "Mend it; within '…' a backslash is a plain character.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
when = [{ column = "id", matches = "(" }]
"#,
            "id\nglobex\n",
            "is no regular expression",
        )],
    ),
    refused(
        "map-group",
        "What tells groups apart is no field of the fact, or `sum`, `group` and `distinct` do not go together.",
        "Name fields of the fact that are not sums; a sum needs `group`.",
        &[
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
distinct = ["acount"]
"#,
                "id\nglobex\n",
                "did you mean `account`?",
            ),
            map(
                r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { sum = "amount" }
currency = "USD"
"#,
                "id,closed,amount\n",
                "there is no group",
            ),
        ],
    ),
    refused(
        "map-same",
        "`same` names no field of the fact, one that is a copy itself, or one of another kind of value.",
        "Name a field that says where its value comes from.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { same = "acount" }
"#,
            "id\nglobex\n",
            "did you mean `account`?",
        )],
    ),
    warned(
        "map-source",
        "Signals and adjustments have no natural key: without a `source` of their own they are told apart by file and line, and another export may have other lines.",
        "Add `source` with something of the row that stays the same.",
        &[map(
            r#"[[fact]]
fact = "signal"
at = 2027-01-01
signal = "live"
account = { column = "id" }
"#,
            "id\nglobex\n",
            "told apart by the file and line",
        )],
    ),
    refused(
        "map-encoding",
        "The mapping or a source is not UTF-8.",
        "Say `encoding = \"latin-1\"` in `[source]`, or save it as UTF-8.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
printf 'id
M\374ller
' > rows.csv
trueup record --map map.toml rows.csv"#,
            "not UTF-8 here",
        )],
    ),
    refused(
        "map-packed",
        "A packed source is damaged, or only a part of it has arrived.",
        "Fetch the file again; nothing of it was recorded.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
printf 'id\nglobex\ninitech\n' | gzip | head -c 30 > rows.csv.gz
trueup record --map map.toml rows.csv.gz"#,
            "is packed with gzip and is cut off",
        )],
    ),
    refused(
        "map-row",
        "A row cannot be taken apart: it has more cells than the first one, a quote is not closed, or a line is no object of JSON.",
        "Look for a delimiter outside of quotes or a cut line; say in `[source]` how rows are written.",
        &[
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
                "id,region\nglobex,EU,7\n",
                "the row has 3 cells, not 2",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
                "id\n\"globex\n",
                "is not closed",
            ),
        ],
    ),
    refused(
        "map-sheet",
        "A spreadsheet cannot be read, or has no sheet of that name.",
        "Save it as .xlsx, .ods or CSV; write the name of the sheet as the spreadsheet shows it.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
printf 'PK\003\004' > rows.xlsx
trueup record --map map.toml rows.xlsx"#,
            "is no spreadsheet that can be read",
        )],
    ),
    refused(
        "map-skip-last",
        "`skip-last` passes over every row of a file that has rows.",
        "Say in `[source]` how many rows at the end are no data, or leave `skip-last` out.",
        &[map(
            r#"[source]
skip-last = 2
[[fact]]
fact = "account"
at = { column = "since" }
account = { column = "id" }
"#,
            "id,since\nglobex,2027-01-01\ninitech,2027-01-01\n",
            "passes over all 2 rows of",
        )],
    ),
    refused(
        "map-nested",
        "A column of JSON holds an object or a list.",
        "Name what lies in it, like `customer.id` or `lines.0.sku`.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "customer" }
' > map.toml
echo '{"customer": {"id": "globex"}}' > rows.jsonl
trueup record --map map.toml rows.jsonl"#,
            "an object or a list",
        )],
    ),
    refused(
        "map-no-value",
        "A cell is empty, and the fact needs the field.",
        "Leave such rows out with `when`, or say what holds `otherwise`.",
        &[
            map(
                r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
                "id,closed,amount\n7,2027-01-31,\n",
                "`amount` has no value",
            ),
            map(
                r#"[[fact]]
fact = "usage-snapshot"
account = "acme"
from = { column = "day" }
to = { same = "from" }
amount = "5"
currency = "USD"
"#,
                "day,id\n,x\n",
                "needs `from` and `to`",
            ),
        ],
    ),
    never(
        "map-group-unsure",
        Refused,
        "A row could not be read before its group was known, so it may be missing in any group of the rule: none is recorded.",
        "Mend that row, and record all the rows that were set aside again.",
        "it is in the file of `--rejects`, beside the rows.",
    ),
    refused(
        "map-number",
        "A cell is not a number as the source writes them.",
        "Say `decimal` and `thousands` in `[source]`, or leave the row out with `when`; a percent has its sign, or `percent` says what it means.",
        &[map(
            r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
            "id,closed,amount\n7,2027-01-31,\"1.000,50\"\n",
            "`1.000,50` is not a number",
        )],
    ),
    refused(
        "map-digits",
        "A number has more digits than an amount may have. Nothing is rounded where the mapping does not say it.",
        "Say `round = 2`, or leave the row out with `when`.",
        &[map(
            r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { product = ["amount", "amount"] }
currency = "USD"
"#,
            "id,closed,amount\n7,2027-01-31,0.0000001\n",
            "has 14 digits after the point, and an amount at most 12",
        )],
    ),
    refused(
        "map-date",
        "A cell is not a date as the mapping says that dates are written.",
        "Say it with `date = \"%d/%m/%Y\"`.",
        &[
            map(
                r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
                "id,closed,amount\n7,31/01/2027,100\n",
                "`31/01/2027` is not a date",
            ),
            map(
                r#"[[fact]]
fact = "account"
at = { column = "since", date = ["%d/%m/%Y", "%m/%d/%Y"] }
account = { column = "id" }
"#,
                "id,since\nglobex,02/01/2027\n",
                "may be 2027-01-02 or 2027-02-01",
            ),
        ],
    ),
    warned(
        "map-short-row",
        "A row has fewer cells than the header, and a fact is made of it. The missing cells count as empty.",
        "See whether the row was cut; leave such rows out with `when`.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
            "id,region\nglobex\n",
            "the row has 1 cells, and the header 2",
        )],
    ),
    warned(
        "map-totals",
        "A fact is made of a row that seems to be one of totals.",
        "Leave it out with `when`, or with `skip-last` in `[source]`.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
            "id\nglobex\nGrand Total\n",
            "`Grand Total` seems to be a row of totals",
        )],
    ),
    warned(
        "map-passed-over",
        "A row that `skip-last` passes over has all that a fact needs. The file may have no footer.",
        "Say in `[source]` a smaller `skip-last`, or leave it out.",
        &[map(
            r#"[source]
skip-last = 1
[[fact]]
fact = "account"
at = { column = "since" }
account = { column = "id" }
"#,
            "id,since\nglobex,2027-01-01\ninitech,2027-01-01\n",
            "passes over this row",
        )],
    ),
    warned(
        "map-digits-lost",
        "A cell that is used as a text, like a name, is a number with more digits than a spreadsheet keeps, which is 15: its last digits were lost before the export.",
        "Format the column as text before exporting.",
        &[
            map(
                r#"[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
"#,
                "id\n4.68769E+17\n",
                "digits were lost before the export",
            ),
            shell(
                r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
printf '{"id": 4.6e17}\n' > rows.jsonl
trueup record --map map.toml rows.jsonl"#,
                "`4.6e17` in column `id`",
            ),
        ],
    ),
    warned(
        "map-distinct-differs",
        "With `distinct` the first row of a key makes the fact, and a later one would have made another.",
        "Leave out with `when` what is not meant, or add to `distinct` what tells the rows apart.",
        &[map(
            r#"[[fact]]
fact = "account"
at = 2027-01-01
distinct = "account"
account = { column = "id" }
region = { column = "region" }
"#,
            "id,region\nglobex,EU\nglobex,US\n",
            "than of the one on line 2",
        )],
    ),
    refused(
        "map-zone",
        "A date is an instant, with an offset, and neither the mapping nor the book names a time zone. It would be on another day elsewhere.",
        "Say `timezone` in `[source]`, with the zone whose days count, like `\"UTC\"` or `\"Europe/Vienna\"`.",
        &[map(
            r#"[[fact]]
fact = "account"
at = { column = "since", date = "iso" }
account = { column = "id" }
"#,
            "id,since\nglobex,2027-01-31T23:30:00Z\n",
            "`2027-01-31T23:30:00Z` is an instant",
        )],
    ),
    warned(
        "map-zone-assumed",
        "Dates count from a moment in UTC, and neither the mapping nor the book names a time zone: days of UTC are taken.",
        "Say `timezone` in `[source]`, `\"UTC\"` too.",
        &[map(
            r#"[[fact]]
fact = "account"
at = { column = "since", date = "unix" }
account = { column = "id" }
"#,
            "id,since\nglobex,1801438200\n",
            "no time zone is named",
        )],
    ),
    refused(
        "map-currency",
        "An amount has the sign of a currency, and its fact has another currency.",
        "Mend the row; which of the two holds is not guessed.",
        &[map(
            r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
            "id,closed,amount\n7,2027-01-31,€100\n",
            "has the sign `€`",
        )],
    ),
    refused(
        "map-once",
        "Two rows have one key by which rows count once, and different content.",
        "Leave one of them out; which of them holds is not guessed.",
        &[map(
            r#"[[fact]]
fact = "usage-snapshot"
once = ["event"]
group = ["account", "from"]
account = { column = "id" }
from = { column = "day" }
to = { same = "from" }
amount = { sum = "amount" }
currency = "USD"
"#,
            "event,id,day,amount\ne1,globex,2027-01-01,5\ne1,globex,2027-01-01,6\n",
            "is on line 2 already, `amount` is `5` there and `6` here",
        )],
    ),
    warned(
        "map-files-overlap",
        "Files of one call have rows of one group, and other sums for it. Each file is taken as if it had a call of its own: the later sum restates the earlier one, or both count where facts of the kind have no natural key.",
        "If the files are parts of one export, put them together into one file. `--expect-restated 0` refuses restatements.",
        &[shell(
            r#"printf '[[fact]]
fact = "usage-snapshot"
group = ["account", "from"]
account = { column = "id" }
from = { column = "day" }
to = { same = "from" }
amount = { sum = "amount" }
currency = "USD"
' > map.toml
printf 'id,day,amount\nacme,2027-05-01,5\n' > a.csv
printf 'id,day,amount\nacme,2027-05-01,7\n' > b.csv
trueup record --map map.toml a.csv b.csv"#,
            "1 group has rows in several files",
        )],
    ),
    refused(
        "map-lookup",
        "A cell is not in the lookup.",
        "Add a row to the table, or say what holds `otherwise`.",
        &[map(
            r#"[[table]]
name = "regions"
rows = { Germany = "EU" }

[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
region = { column = "country", lookup = "regions" }
"#,
            "id,country\nglobex,Germny\n",
            "did you mean `Germany`?",
        )],
    ),
    refused(
        "map-differs",
        "Rows of one group say different things of a field that is not summed, and which one holds is not guessed.",
        "Add the field to `group`, or leave such rows out with `when`.",
        &[map(
            r#"[[fact]]
fact = "usage-snapshot"
group = ["account", "from"]
account = { column = "id" }
from = { column = "day" }
to = { same = "from" }
amount = { sum = "amount" }
currency = { column = "currency" }
"#,
            "id,day,amount,currency\nglobex,2027-01-01,5,USD\nglobex,2027-01-01,5,EUR\n",
            "`currency` is `EUR` here and `USD` on line 2",
        )],
    ),
    refused(
        "map-known",
        "Something is recorded under the same key with other content.",
        "Say `when-known = \"correct\"` if the rows are right, or `\"skip\"` to keep what is known.",
        &[map(
            r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = { column = "closed" }
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
            "id,closed,amount\nB-1,2027-01-05,200\n",
            "`booking:B-1` is recorded already",
        )],
    ),
    refused(
        "map-template",
        "The template of a column of an output has a brace without its other half, or a field that its rows do not have.",
        "Write a field of the list in docs/exports.md in braces.",
        &[
            shell(
                "printf '[[account]]\nledger = \"*\"\ncode = \"1\"\n[[column]]\nname = \"a\"\nvalue = \"{cod}\"\n' > gl.toml; trueup close 2027-01; trueup export --as journal --map gl.toml",
                "did you mean `{code}`?",
            ),
            shell(
                "printf '[[account]]\nledger = \"*\"\ncode = \"1\"\n[[column]]\nname = \"a\"\nvalue = \"{code\"\n' > gl.toml; trueup close 2027-01; trueup export --as journal --map gl.toml",
                "has no other half",
            ),
        ],
    ),
];
