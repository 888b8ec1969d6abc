//! Errors and warnings about books, their files, and arguments.

use super::Kind::{Ours, Refused, Usage, Warned, World};
use super::{Code, code, fact, map, never, refused, shell, warned, world};

pub const CODES: &[Code] = &[
    code(
        "usage",
        Usage,
        "The arguments are not what the command takes.",
        "`trueup --help` and `trueup help COMMAND` say what there is. The code is told with `--format json`.",
        &[shell("trueup nonsense", "unrecognized subcommand"), shell("trueup close 2027-13", "it is no month")],
    ),
    refused(
        "man-unknown",
        "There is no such command.",
        "`trueup help` lists what there is.",
        &[shell("trueup man nonsense", "no command `nonsense`")],
    ),
    refused(
        "at-beyond",
        "The log has fewer entries than `--at` names.",
        "Use a size up to the one that the message names.",
        &[shell("trueup log --at 99", "not 99")],
    ),
    refused(
        "at-before",
        "Nothing had been recorded by the time that `--at` names.",
        "Name a later time.",
        &[shell("trueup log --at 1999-12-31", "1999-12-31T23:59:59")],
    ),
    refused(
        "at-open",
        "`--at` names the close of a month that is not closed.",
        "Name a closed month, a date, a time or a size. To see a month, name the month: `--at` is when something was known.",
        &[shell("trueup balances --at 2199-01", "2199-01 is not closed")],
    ),
    warned(
        "at-after-last",
        "`--at` names a day after the last entry was recorded: there is nothing between, so the latest state is shown.",
        "Name an earlier day or a size. To see a month, name the month: `--at` is when something was recorded.",
        &[shell("trueup balances --at 2199-01-01", "the latest state")],
    ),
    refused(
        "position-unknown",
        "There is no entry at this position.",
        "Use a position below the log's size.",
        &[shell("trueup show 99", "position 99")],
    ),
    refused(
        "id-unknown",
        "No entry has this id.",
        "`trueup log --item NAME` finds entries.",
        &[shell("trueup show 00000000-0000-4000-8000-0000000000ff", "0000000000ff")],
    ),
    refused(
        "record-stdin",
        "Standard input is named twice, and can be read once.",
        "Name it once.",
        &[shell("trueup record - - < known.jsonl", "is there twice")],
    ),
    refused(
        "record-rows",
        "A file of rows, as a program exports them, is no file of facts.",
        "Say with `--map MAP.toml` how its rows become facts (docs/mapping.md).",
        &[shell("printf 'id,region\\nglobex,EU\\n' > rows.csv\ntrueup record rows.csv", "has rows, and no facts")],
    ),
    refused(
        "record-plan",
        "A plan or a mapping is no file of facts.",
        "Publish a plan with `trueup plan publish`; a mapping goes after `--map`.",
        &[shell("printf 'plan = \"land\"\n' > land.toml\ntrueup record land.toml", "is a plan or a mapping")],
    ),
    refused(
        "record-packed",
        "Files of facts are not packed.",
        "Unpack it; only of rows, with `--map`, a packed file is read.",
        &[shell("gzip known.jsonl\ntrueup record known.jsonl.gz", "is packed with gzip")],
    ),
    refused(
        "record-size",
        "A packed file unpacks to more than the limit, or to more than 250 bytes for each packed one; or a pipe gave more than the limit.",
        "See whether it is the right file; `--max-size 64GiB` takes as much (docs/limits.md).",
        &[
            shell(
                r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
(echo id; yes "$(printf '%0100000d' 0)" | head -c 70000000) | gzip > rows.csv.gz
trueup record --map map.toml rows.csv.gz"#,
                "more than 250 bytes for each packed one",
            ),
            shell("yes '' | trueup record --max-size 1MB -", "gave more than 1000000 bytes"),
        ],
    ),
    refused(
        "record-aside",
        "What has to be kept of lines until all are read is too much: those that are set aside, and those that were replaced since.",
        "See whether it is the right file; record it in parts.",
        &[shell(
            "yes \"$(printf '%064000d' 0)\" | head -n 1100 > facts.jsonl\ntrueup record facts.jsonl --rejects r.jsonl",
            "take more than 67108864 bytes",
        )],
    ),
    never(
        "record-files",
        Refused,
        "More than 10,000 files are recorded at once.",
        "Record them in parts, or put them together first.",
        "it takes 10,001 names.",
    ),
    refused(
        "record-conflict",
        "Two lines of one call have the natural key of one fact and different content.",
        "Leave out the line that is wrong; `--history` says that the files hold successive versions, oldest first.",
        &[
            fact(
                r#"{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "100", "currency": "USD"}
{"fact": "usage-snapshot", "account": "acme", "from": "2027-02-01", "to": "2027-02-28", "amount": "250", "currency": "USD"}"#,
                "`amount` is 100 there and 250 here",
            ),
            fact(
                r#"{"fact": "payee", "at": "2027-02-01", "payee": "bea", "role": "ae"}
{"fact": "payee", "at": "2027-02-01", "payee": "bea", "role": "se"}"#,
                "`role` is ae there and se here",
            ),
            map(
                r#"[[fact]]
fact = "booking"
booking = { column = "id" }
at = 2027-02-01
account = "acme"
arr = { column = "amount" }
currency = "USD"
"#,
                "id,amount\nB-7,100\nB-7,200\n",
                "is on line 2 of",
            ),
        ],
    ),
    refused(
        "record-restated",
        "Another number of facts would be restated than `--expect-restated` says.",
        "Look at them with `--dry-run`; if they are right, expect that number.",
        &[shell(
            "sed -n 7p known.jsonl | sed 's/\"5\"/\"7\"/' > usage.jsonl\ntrueup record usage.jsonl --expect-restated 0",
            "1 fact would be restated, not 0",
        )],
    ),
    refused(
        "record-rejects-input",
        "The rejects would take the place of a file that is being recorded.",
        "Name another file after `--rejects`.",
        &[shell("trueup record known.jsonl --rejects known.jsonl", "cannot take its own rejects")],
    ),
    refused(
        "record-rejects-format",
        "By its name the file of rejects would be read in another format than the source has.",
        "Give it the ending of the source, like `.csv`.",
        &[shell(
            r#"printf '[[fact]]
fact = "account"
at = 2027-01-01
account = { column = "id" }
' > map.toml
printf 'id\nglobex\n' > rows.csv
trueup record --map map.toml rows.csv --rejects rejects.jsonl"#,
            "a name that ends in `.csv`",
        )],
    ),
    refused(
        "record-rejects-place",
        "The rejects would take the place of a file of the book, of its keys, or of a device.",
        "Name another file after `--rejects`.",
        &[
            shell("trueup record known.jsonl --rejects book/log/head", "is in the book's folder"),
            shell("trueup record known.jsonl --rejects book.keys", "is the key file"),
            shell("trueup record known.jsonl --rejects /dev/null", "a device"),
        ],
    ),
    refused(
        "record-more",
        "More problems were found than are told at once.",
        "Mend the first ones; all of them stand with `--rejects FILE`.",
        &[shell(
            "for line in $(seq 101); do echo nonsense; done > facts.jsonl\ntrueup record facts.jsonl",
            "1 more problem",
        )],
    ),
    refused(
        "book-missing",
        "There is no book in the folder.",
        "`trueup init` makes one; `--book PATH` or TRUEUP_BOOK names another.",
        &[shell("trueup log --book elsewhere", "`elsewhere`")],
    ),
    refused(
        "book-no-folder",
        "The path is that of a file, and a book is a folder.",
        "Name the folder with `--book PATH` or TRUEUP_BOOK.",
        &[
            shell("trueup log --book known.jsonl", "`known.jsonl` is a file"),
            shell("trueup init --book known.jsonl", "`known.jsonl` is a file"),
        ],
    ),
    refused(
        "book-exists",
        "There is a book in the folder already.",
        "Use it, or name another folder.",
        &[shell("trueup init", "there is a book in")],
    ),
    never(
        "book-zone",
        Refused,
        "The book names a time zone that this program does not know.",
        "Use the version of the program that made the book.",
        "`init` takes only time zones that the program knows; another version may know others.",
    ),
    refused(
        "book-not-empty",
        "The folder has other files, and a book would be mixed with them.",
        "Choose another place.",
        &[shell("mkdir full\ntouch full/note\ntrueup init --book full", "`full` is not empty")],
    ),
    refused(
        "book-name",
        "The folder gives no name for the book.",
        "Say one with `--name`.",
        &[shell("trueup init --book /", "--name NAME")],
    ),
    refused(
        "book-config",
        "The book's `config.toml` says something that it cannot say.",
        "Mend it (docs/operations.md), or name the key file with `--keys FILE`.",
        &[
            shell("echo 'kyes = \"../acme.keys\"' > book/config.toml\ntrueup log", "there is no key `kyes`"),
            shell("echo 'keys = 1' > book/config.toml\ntrueup log", "not the path of a file"),
        ],
    ),
    warned(
        "book-permissions",
        "Others than its owner may read or change the book's folder.",
        "Take the rights away, unless they are meant: `chmod 700 BOOK`.",
        &[shell("chmod 755 book\ntrueup log", "(mode 755)")],
    ),
    warned(
        "keys-permissions",
        "Others than its owner may read or change the key file.",
        "Take the rights away: `chmod 600 BOOK.keys`.",
        &[shell("chmod 644 book.keys\ntrueup log --quiet", "(mode 644)")],
    ),
    refused(
        "keys-missing",
        "A fact has a personal field, and the key that seals the fields of this payee is not in the key file: it could be neither compared with what is known nor sealed with the same key. Or a snapshot is asked for, and the secret that seals it is not there.",
        "Put the book's own key file in its place, or name it with `--keys FILE` (docs/operations.md). What is not personal can be recorded without.",
        &[
            shell(
                r#"echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl
mv book.keys elsewhere.keys
trueup record facts.jsonl"#,
                "has no key of that payee",
            ),
            shell(
                r#"echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl
mv book.keys elsewhere.keys
echo '{"fact": "payee", "at": "2027-01-01", "payee": "dee", "name": "Dee E."}' > more.jsonl
trueup record more.jsonl"#,
                "the book's other keys are not there",
            ),
            shell(
                r#"echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl
mv book.keys elsewhere.keys
trueup snapshot"#,
                "the secret that seals a snapshot",
            ),
        ],
    ),
    refused(
        "keys-wrong",
        "The key file is that of another book, or has a key for a payee that does not open what is sealed for that payee. What is sealed with a wrong key, nobody can read afterwards.",
        "Put back the book's own key file from its backup.",
        &[
            shell(
                r#"trueup init --book other
echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl --keys other.keys"#,
                "the key file of another book",
            ),
            shell(
                r#"echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl
# As an old key file, without checksums, with the last digits of the secret changed.
{ echo 'trueup keys 1'; grep ' cam ' book.keys | sed 's/........ [0-9a-f]*$/00000000/'; } > wrong.keys
echo '{"fact": "payee", "at": "2027-02-01", "payee": "cam", "title": "Lead"}' > more.jsonl
trueup record more.jsonl --keys wrong.keys"#,
                "does not open entry",
            ),
        ],
    ),
    warned(
        "keys-unusable",
        "The key file is damaged, cannot be read, or is that of another book. Names are shown as `(sealed)`, nothing personal can be recorded, and snapshots are neither used nor written; all else goes on.",
        "Put back the book's own key file from its backup (docs/operations.md).",
        &[shell("echo nonsense >> book.keys\ntrueup log", "`book.keys` line 3")],
    ),
    refused(
        "keys-exist",
        "The key file of a new book is there already, with keys of another book.",
        "Move it away, or name another file with `--keys FILE`.",
        &[shell("mv book old-book\ntrueup init", "`book.keys` is a key file already")],
    ),
    refused(
        "keys-place",
        "The keys of a new book would lie in its own folder, and whoever is given the book would be given its keys.",
        "Name a file outside of the book's folder.",
        &[shell("mkdir new\ntrueup init --book new --keys new/keys", "kept apart from the book")],
    ),
    warned(
        "derived-forged",
        "A file among those that are derived from the log was changed, or somebody else wrote it: it does not carry the book's seal. It is not used, no answer depends on it, and the next command that writes makes it again.",
        "Find out who or what changed it: a disk, a backup that was put back in part, or somebody who may write to the book's folder.",
        &[shell(
            "trueup snapshot\nprintf 'X' | dd of=$(echo book/derived/*.snapshot) bs=1 seek=90 conv=notrunc 2> dd.txt\ntrueup balances",
            "does not carry this book's seal",
        )],
    ),
    world(
        "book-locked",
        "Another process is writing the book.",
        "Wait until it has finished; reading goes on meanwhile.",
        &[shell("exec 9>> book/log/lock\nflock 9\ntrueup record known.jsonl", "is being written by another process")],
    ),
    world(
        "book-damaged",
        "A file of the book is not what was written.",
        "Put the book back from a backup, or write what is sound into a new one with `trueup recover`; `trueup verify` says what is affected. `--at SIZE` reads what lies before the damage.",
        &[shell(
            "segment=book/log/00000000000000000000.seg\nprintf 'X' | dd of=$segment bs=1 seek=700 conv=notrunc 2> dd.txt\ntrueup log",
            "Nothing was changed",
        )],
    ),
    world(
        "book-incomplete",
        "The log ends before its head, the file that remembers what was acknowledged last, or there is no head that can be read.",
        "Put the whole book back from a backup, or write what is there into a new one with `trueup recover`.",
        &[
            shell(
                "truncate -s -64 book/log/00000000000000000000.seg\ntrueup record known.jsonl",
                "ends before entries that were acknowledged",
            ),
            shell("rm book/log/head\ntrueup log", "`./book/log/head` is missing"),
        ],
    ),
    warned(
        "book-damaged-later",
        "The book is damaged, and what `--at` asks for lies before the damage.",
        "What is shown is right. `trueup verify` says what is affected.",
        &[shell("truncate -s -64 book/log/00000000000000000000.seg\ntrueup log --at 1", "damaged behind size 1")],
    ),
    warned(
        "torn-tail",
        "A crash left a part of an append that was never acknowledged. It was copied, and then cut from the log.",
        "Record again what that command was to record. The copy in `log/torn` can be deleted when nobody needs it.",
        &[shell(
            r#"printf 'half an append' >> book/log/00000000000000000000.seg
echo '{"fact": "account", "at": "2027-01-01", "account": "initech"}' > facts.jsonl
trueup record facts.jsonl"#,
            "14 bytes of an append that was never acknowledged were cut",
        )],
    ),
    warned(
        "head-slot",
        "One of the two slots of the head, which are written in turn, cannot be read. The log holds the append that the slot stood for.",
        "Nothing after a crash: the next command that records writes the slot again. Without a crash, look at the disk.",
        &[shell(
            "slot=$(for at in 0 4096; do echo $(od -An -tu1 -j$((at + 19)) -N1 book/log/head) $at; done | sort -n | tail -1 | cut -d' ' -f2)\nprintf 'X' | dd of=book/log/head bs=1 seek=$slot conv=notrunc 2> dd.txt\ntrueup balances",
            "cannot be read; the log itself is whole",
        )],
    ),
    warned(
        "keys-secret",
        "The key file had no secret of the book, with which derived files are sealed, and got a new one.",
        "If the book's own key file is elsewhere, put it back. Without it nothing is lost: derived files are made again.",
        &[shell(
            r#"rm book.keys
echo '{"fact": "account", "at": "2027-01-01", "account": "initech"}' > facts.jsonl
trueup record facts.jsonl"#,
            "got a new one",
        )],
    ),
    refused(
        "recovery-size",
        "An append is recovered whole or not at all, and none ends at this size.",
        "Use the size that the message names.",
        &[shell("trueup recover --to 3 --out sound", "no append ends at size 3")],
    ),
    refused(
        "recovery-damaged",
        "The book is damaged before the size that is to be recovered.",
        "Use the size up to which `trueup verify` says that it is sound.",
        &[shell(
            "truncate -s -64 book/log/00000000000000000000.seg\ntrueup recover --to 99 --out sound",
            "before size 99",
        )],
    ),
    refused(
        "recovery-place",
        "The folder for the new book is in that of the damaged one, which is not changed.",
        "Name a folder outside of it.",
        &[shell("trueup recover --to 1 --out book/sound", "is in the folder of the damaged book")],
    ),
    refused(
        "recovery-occupied",
        "The folder for the new book has files in it.",
        "Name one that is not there yet.",
        &[shell("mkdir full\ntouch full/note\ntrueup recover --to 1 --out full", "`full` is not empty")],
    ),
    world(
        "book-strange-name",
        "There is a file among the book's segments that is none.",
        "Move it away.",
        &[shell("touch book/log/notes.seg\ntrueup log", "notes.seg")],
    ),
    world(
        "keys-malformed",
        "The file of persons' keys is not what was written.",
        "Put it back from its own backup.",
        &[shell(
            r#"echo nonsense >> book.keys
echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl"#,
            "`book.keys` line 3",
        )],
    ),
    world(
        "io",
        "A file cannot be read or written, or standard output takes no more.",
        "Look at the path, its permissions and the room on the disk.",
        &[shell("trueup record nowhere.jsonl", "`nowhere.jsonl`")],
    ),
    world(
        "derived-unwritten",
        "A snapshot or an index cannot be written. The book is what it was: they only make a large one faster.",
        "Look at the path, its permissions and the free space on the disk; what is in the way in the book's folder `derived` can be deleted.",
        &[shell("touch book/derived\ntrueup snapshot", "Nothing is lost")],
    ),
    world(
        "output-lost",
        "The command has recorded, and what came of it could not be shown.",
        "Nothing has to be done again. Look at where standard output goes.",
        &[shell(
            "echo '{\"fact\": \"account\", \"at\": \"2027-01-01\", \"account\": \"initech\"}' > facts.jsonl\ntrueup record facts.jsonl > /dev/full",
            "it is recorded",
        )],
    ),
    never(
        "book-unacknowledged",
        World,
        "An append is in the log, and the head that acknowledges it could not be written.",
        "Record it again at the next start: recording twice is harmless.",
        "it takes a disk that fails between two writes.",
    ),
    never(
        "clock-behind",
        Warned,
        "The machine's clock is behind the time of the last entry. Recorded times never decrease, so entries get the last entry's time and a mark.",
        "Set the clock right.",
        "it takes a machine whose clock is wrong.",
    ),
    never(
        "clock-wrong",
        Refused,
        "The machine's clock is more than twenty years ahead of the last entry, or says 2200 or later.",
        "Set the clock right: an entry of a wrong year would fix that year for all that follow.",
        "it takes a machine whose clock is wrong.",
    ),
    never(
        "book-format",
        Refused,
        "The book is of another format: an earlier one that was never released, or one of a later version of trueup.",
        "Record the facts of an earlier one into a new book; for a later one, install the version that wrote it.",
        "it takes a book that another version wrote.",
    ),
    never(
        "book-unreadable",
        World,
        "An entry cannot be understood.",
        "Use the version of trueup that wrote it; `trueup verify` says whether it was damaged.",
        "it takes an entry of a later version whose hashes are right.",
    ),
    never(
        "book-moved",
        World,
        "A file of the book has grown while it was being written: something else writes there.",
        "Find out what it is before you go on. Nothing was written.",
        "it takes a second writer on a disk whose locks do nothing.",
    ),
    never(
        "book-moved-on",
        Refused,
        "Somebody else has recorded since the book was read.",
        "Read again, then decide.",
        "the lock keeps other writers out while a command runs.",
    ),
    never(
        "book-broken",
        World,
        "A write failed before, and the log takes no more.",
        "Find the cause, as a full disk, and start again.",
        "it takes a disk that fails in the midst of a write.",
    ),
    never(
        "keys-broken",
        World,
        "A write to the keys failed before, and the file takes no more.",
        "Find the cause, as a full disk, and start again.",
        "it takes a disk that fails in the midst of a write.",
    ),
    never(
        "keys-known",
        Refused,
        "A person has a key already, or another person's key has the same id.",
        "Nothing was added; record again.",
        "a key is made only for a person who has none, with an id of 128 random bits.",
    ),
    never(
        "record-full",
        Refused,
        "The book has 4,294,967,295 entries, the most that one may have.",
        "Begin another book.",
        "it takes that many entries.",
    ),
    never(
        "random",
        World,
        "The system gives no random bytes.",
        "Look at /dev/urandom: nothing is recorded without them.",
        "it takes a system without a source of them.",
    ),
    never(
        "bug",
        Ours,
        "An invariant of trueup itself is broken. What was not committed did not happen.",
        "Please report it with the command that led there.",
        "if we knew one, we would mend it.",
    ),
];
