//! What is said about mappings, and about rows that they are to read.

use super::{Code, map, refused, shell, warned};

/// A mapping that makes an account of each row, and what is to be wrong behind it.
macro_rules! account {
    ($rest:literal) => {
        concat!("[[fact]]\nfact = \"account\"\nat = 2027-01-01\naccount = { column = \"Id\" }\n", $rest)
    };
}

/// A mapping that makes a booking of each row, and what is to be wrong behind it.
macro_rules! booking {
    ($rest:literal) => {
        concat!(
            "[[fact]]\nfact = \"booking\"\nbooking = { column = \"Id\" }\naccount = \"acme\"\ncurrency = \"USD\"\n",
            $rest
        )
    };
}

const ROWS: &str = "Id,Day,Amount\nB-7,2027-01-31,5\n";

pub const CODES: &[Code] = &[
    refused(
        "map-syntax",
        "The text of the mapping is not TOML.",
        "Mend the syntax; texts stand in quotes.",
        &[map("[[fact]\n", ROWS, "not TOML")],
    ),
    refused(
        "map-unknown-key",
        "A mapping has no such key, or the fact no such field.",
        "Write the key that is meant.",
        &[map(account!("segmnt = \"smb\"\n"), ROWS, "did you mean `segment`?")],
    ),
    refused(
        "map-missing",
        "A key or field is missing without which there is no fact.",
        "Add it.",
        &[map("[[fact]]\nfact = \"account\"\nat = 2027-01-01\n", ROWS, "`account` is missing")],
    ),
    refused(
        "map-value",
        "The value is not what the key takes.",
        "Write what the message asks for.",
        &[map(account!("name = 5\n"), ROWS, "is not")],
    ),
    refused(
        "map-empty",
        "A list or table says nothing.",
        "Fill it, or leave the key out.",
        &[map(account!("when = [{ column = \"Id\" }]\n"), ROWS, "asks nothing")],
    ),
    refused(
        "map-duplicate",
        "A name, or an entry of a list, is there twice.",
        "Leave one of them out.",
        &[map(
            account!(
                "[[table]]\nname = \"desks\"\nrows = { \"B-7\" = \"west\" }\n[[table]]\nname = \"desks\"\nrows = { \"B-8\" = \"west\" }\n"
            ),
            ROWS,
            "there twice",
        )],
    ),
    refused(
        "map-limit",
        "The mapping, or a file that it is to read, is larger than may be.",
        "Write less, or feed the file in parts.",
        &[shell(
            "printf '#%01048577d' 0 > map.toml\necho 'Id' > rows.csv\ntrueup record --map map.toml rows.csv",
            "1048576",
        )],
    ),
    refused(
        "map-many",
        "More problems were found than are told at once.",
        "Mend the first ones.",
        &[shell(
            "{ echo '[[fact]]'; echo 'fact = \"account\"'; for key in $(seq 101); do echo \"key-$key = 1\"; done; } > map.toml\necho 'Id' > rows.csv\ntrueup record --map map.toml rows.csv",
            "only the first",
        )],
    ),
    refused(
        "map-encoding",
        "A file is not in the encoding that the mapping says.",
        "Say `encoding = \"latin-1\"` in `[source]`, or save the file as UTF-8.",
        &[shell(
            "printf '[[fact]]\\nfact = \"account\"\\nat = 2027-01-01\\naccount = { column = \"Id\" }\\n' > map.toml\nprintf 'Id\\ncaf\\351\\n' > rows.csv\ntrueup record --map map.toml rows.csv",
            "UTF-8",
        )],
    ),
    refused(
        "map-from",
        "Nothing says where a value comes from, or two keys do.",
        "Write exactly one of `column`, `columns`, `product`, `sum`, `same`.",
        &[map(account!("name = { column = \"Id\", columns = [\"Day\"] }\n"), ROWS, "stands beside")],
    ),
    refused(
        "map-no-effect",
        "The key does nothing here. It is refused and not ignored, for somebody has meant something by it.",
        "Leave it out.",
        &[map(account!("name = { column = \"Id\", date = \"%Y\" }\n"), ROWS, "does nothing here")],
    ),
    refused(
        "map-same",
        "`same` names a field that gives no such value.",
        "Name a field that says where its value comes from, of the same kind.",
        &[map(account!("name = { same = \"region\" }\n"), ROWS, "`region`")],
    ),
    refused(
        "map-group",
        "A group or a sum that does not fit: a sum needs a group, and a group names fields of the fact.",
        "Add `group`, or leave the sum out of it.",
        &[map(booking!("at = 2027-01-01\narr = { sum = \"Amount\" }\n"), ROWS, "there is no group")],
    ),
    refused(
        "map-pattern",
        "`matches` is no regular expression.",
        "Write one like \"^C\".",
        &[map(account!("when = [{ column = \"Id\", matches = \"(\" }]\n"), ROWS, "no regular expression")],
    ),
    refused(
        "map-date-format",
        "`date` is not the format of a date, or tells no day.",
        "Write one like \"%d/%m/%Y\".",
        &[map(
            booking!("at = { column = \"Day\", date = \"DD.MM.YYYY\" }\narr = \"5\"\n"),
            ROWS,
            "not the format of a date",
        )],
    ),
    refused(
        "map-table",
        "There is no lookup table of this name.",
        "Add a `[[table]]`, or write the name of one that is there.",
        &[map(account!("region = { column = \"Id\", lookup = \"desks\" }\n"), ROWS, "no table `desks`")],
    ),
    refused(
        "map-table-file",
        "The file of a lookup table cannot be read, or is no table of two columns.",
        "Mend the file, or its name; it is looked for beside the mapping.",
        &[map(
            account!(
                "region = { column = \"Id\", lookup = \"desks\" }\n[[table]]\nname = \"desks\"\nfile = \"nowhere.csv\"\n"
            ),
            ROWS,
            "nowhere.csv",
        )],
    ),
    refused(
        "map-column",
        "The file has no column of this name, or several.",
        "Write a column that it has; the message says the nearest.",
        &[map(account!("name = { column = \"Nmae\" }\n"), "Id,Name\nA-1,Acme\n", "did you mean `Name`?")],
    ),
    refused(
        "map-row",
        "A row is no row: it has another number of cells than the first one, or a quote that does not end.",
        "Look for a delimiter outside of quotes, or a line that was cut.",
        &[map(account!(""), "Id,Day\nA-1,2027-01-31,5\n", "3 cells")],
    ),
    refused(
        "map-date",
        "A cell is not a date in the format that the mapping says.",
        "Say how dates are written, or leave the row out with `when`.",
        &[map(booking!("at = { column = \"Day\", date = \"%d/%m/%Y\" }\narr = \"5\"\n"), ROWS, "%d/%m/%Y")],
    ),
    refused(
        "map-number",
        "A cell is no number.",
        "Say `decimal` and `thousands` in `[source]`, or leave the row out with `when`.",
        &[map(booking!("at = 2027-01-01\narr = { column = \"Amount\" }\n"), "Id,Amount\nB-7,n/a\n", "not a number")],
    ),
    refused(
        "map-digits",
        "A number that was worked out has more digits than a fact may have.",
        "Mend the numbers that it is made of, or leave the row out.",
        &[map(
            booking!("at = 2027-01-01\narr = { column = \"Amount\", times = \"1000\" }\n"),
            "Id,Amount\nB-7,999999999999999\n",
            "15 digits",
        )],
    ),
    refused(
        "map-lookup",
        "A cell is no key of the lookup table.",
        "Add it to the table, or say what holds `otherwise`.",
        &[map(
            account!(
                "region = { column = \"Id\", lookup = \"desks\" }\n[[table]]\nname = \"desks\"\nrows = { \"B-8\" = \"west\" }\n"
            ),
            ROWS,
            "not in the table `desks`",
        )],
    ),
    refused(
        "map-nested",
        "A member of a JSON row is an object or a list, not one value.",
        "Name what lies in it, like `customer.id`.",
        &[map(
            account!("name = { column = \"who\" }\n[source]\nformat = \"json-lines\"\n"),
            "{\"Id\": \"A-1\", \"who\": {\"name\": \"Acme\"}}\n",
            "not one value",
        )],
    ),
    refused(
        "map-no-value",
        "A field that the fact needs has no value in this row.",
        "Leave such rows out with `when`, or say where the value comes from.",
        &[map(account!(""), "Id,Day\n,2027-01-31\n", "`account`")],
    ),
    refused(
        "map-differs",
        "The rows of one group say different things of one field.",
        "Add the field to `group`, or leave such rows out with `when`.",
        &[map(
            booking!("group = [\"booking\"]\nat = { column = \"Day\" }\narr = { sum = \"Amount\" }\n"),
            "Id,Day,Amount\nB-7,2027-01-31,5\nB-7,2027-02-01,5\n",
            "`at`",
        )],
    ),
    refused(
        "map-known",
        "A fact is recorded already with other content, and the mapping does not say what to do then.",
        "Write `when-known = \"correct\"` or `\"skip\"` in the mapping.",
        &[map(
            booking!("at = 2027-01-05\narr = { column = \"Amount\" }\n"),
            "Id,Amount\nB-1,5\n",
            "with other content",
        )],
    ),
    warned(
        "map-source",
        "Facts without a key are told apart by where they are from, and the mapping gives no source that stays the same in the next export.",
        "Add `source` with something like a row's id.",
        &[map(
            "[[fact]]\nfact = \"signal\"\nat = 2027-01-01\nsignal = \"live\"\naccount = { column = \"Id\" }\n",
            ROWS,
            "source",
        )],
    ),
];
