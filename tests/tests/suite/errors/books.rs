//! What is said about books, their files, and arguments.

use super::Kind::{Ours, Refused, Usage, World};
use super::{Code, code, never, refused, shell, world};

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
        &[shell("trueup record - - < known.jsonl", "stands twice")],
    ),
    refused(
        "record-rows",
        "A file of rows, as a program exports them, is no file of facts.",
        "Say with `--map MAP.toml` how its rows become facts (docs/mapping.md).",
        &[shell("printf 'id,region\\nglobex,EU\\n' > rows.csv\ntrueup record rows.csv", "has rows, and no facts")],
    ),
    refused(
        "record-packed",
        "Files of facts are not packed.",
        "Unpack it; only of rows, with `--map`, a packed file is read.",
        &[shell("gzip known.jsonl\ntrueup record known.jsonl.gz", "is packed with gzip")],
    ),
    refused(
        "record-size",
        "A packed file comes to more than may be, or to more than 250 bytes for each packed one; or a pipe gave more than may be.",
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
        "record-rejects-input",
        "The rejects would take the place of a file that is being recorded.",
        "Name another file after `--rejects`.",
        &[shell("trueup record known.jsonl --rejects known.jsonl", "cannot take its own rejects")],
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
        "book-keys-missing",
        "The file of persons' keys lacks some that personal fields of the book are sealed with, and without them nothing recorded could be compared with what is known.",
        "Put the book's own key file beside it, then record again.",
        &[shell(
            r#"echo '{"fact": "payee", "at": "2027-01-01", "payee": "cam", "name": "Cam D."}' > facts.jsonl
trueup record facts.jsonl
mv book.keys elsewhere.keys
trueup record facts.jsonl"#,
            "lacks 1 of the keys",
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
        "Put it back from a backup or another copy; `trueup verify` says what else is affected.",
        &[shell(
            "segment=book/log/00000000000000000000.seg\nprintf 'X' | dd of=$segment bs=1 seek=700 conv=notrunc 2> dd.txt\ntrueup log",
            "Nothing was changed",
        )],
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
        &[shell("echo nonsense >> book.keys\ntrueup log", "book.keys")],
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
        "Look at the path, its permissions and the room on the disk; what stands in the way in the book's folder `derived` can be deleted.",
        &[shell("touch book/derived\ntrueup snapshot", "Nothing is lost")],
    ),
    never(
        "book-format",
        Refused,
        "The book was written by a later version of trueup.",
        "Install that one to go on with this book.",
        "it takes a version of trueup that is not there yet.",
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
