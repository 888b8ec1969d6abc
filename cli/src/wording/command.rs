//! Why a command refuses what it was asked, and what it warns of, in words.

use std::path::Path;

use ledger::date::Month;
use ledger::entry::recorded_text;
use ledger::field::Amount;
use ledger::id::{NameFault, PayeeId};
use ledger::money::{Currency, Money};
use replay::refusal::rows::CsvFault;
use uuid::Uuid;

use crate::arguments::spelling;
use crate::input::limits::bytes;
use crate::refusal::{
    CommandRefusal, CommandWarning, ConfigFault, HtmlRefusal, OpeningRefusal, OutputFolderUse, PlaceTaken,
    SigningKeyRefusal, TextFile, UnpaidCause,
};
use crate::render::status::dispute::numbers;
use crate::wording::Wording;
use crate::wording::compare;
use crate::wording::fact::name_fault;
use crate::wording::mapping::csv_fault;
use crate::wording::pay::authority::key_fault;
use crate::wording::pay::checkpoint;
use crate::wording::pay::export::{export, export_sealed};
use crate::wording::problem::one_of;

const OTHER_REJECTS: &str = "name another file after `--rejects`";
const OPENING_ROWS: &str = "see whether it is the right file: it has one row for each line of a statement";
const RAISE: &str = "see whether it is the right file; `--max-size 64GiB` takes as much, and free room on the disk";

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// A refusal in words. One line for each: what takes more room has a function of its own below.
pub fn refused(refusal: &CommandRefusal) -> Wording {
    use CommandRefusal as R;
    match refusal {
        R::BookNotAFolder { path } => book_not_a_folder(path),
        R::BookMissing { folder } => book_missing(folder),
        R::BookZoneUnknown { zone, why } => say(
            "book-zone",
            format!("the book names the time zone `{zone}`: {why}"),
            "use the version of the program that made the book",
        ),
        R::BookExists { folder } => book_exists(folder),
        R::BookNameUnfit { folder, written, fault } => book_name(folder, written, fault),
        R::KeysNotNameable { path } => keys_not_nameable(path),
        R::KeysInsideBook { path } => keys_inside_book(path),
        R::SecretMissing { keys } => secret_missing(keys),
        R::ConfigMalformed { path, fault } => config(path, fault),
        R::AtBeyondLog { wanted, size } => at_beyond(*wanted, *size),
        R::AtOpenMonth { period, closed } => at_open(*period, *closed),
        R::AtBeforeLog { time, first } => at_before(*time, *first),
        R::FileTooLong { file, of, most } => file_too_long(file, *of, *most),
        R::FileNotUtf8 { file, of, valid } => file_not_utf8(file, *of, *valid),
        R::UnpackedTooLarge { file, most } => {
            say("record-size", format!("`{file}` unpacks to more than {}", bytes(*most)), RAISE)
        }
        R::UnpackedTooDense { file, ratio, free } => too_dense(file, *ratio, *free),
        R::StreamTooLong { file, most } => stream_too_long(file, *most),
        R::StdinTwice => say("record-stdin", "`-` is there twice", "name standard input once"),
        R::TooManyFiles { files, most } => too_many_files(*files, *most),
        R::FilePacked { file, with } => file_packed(file, with),
        R::FileIsPlan { file } => {
            let help = format!("publish it with `trueup plan publish {file}`; a mapping goes after `--map`");
            say("record-plan", format!("`{file}` is a plan or a mapping, and no facts"), help)
        }
        R::FileOfRows { file } => file_of_rows(file),
        R::RejectsAreInput { input } => rejects_are_input(input),
        R::RejectsFormat { path, ending } => say(
            "record-rejects-format",
            format!("the rows that are set aside could not be read again from `{}`, by its name", path.display()),
            format!("give it a name that ends in `{ending}`, like the source"),
        ),
        R::RejectsPlaceTaken { path, by } => rejects_place(path, *by),
        R::ItemUnknown { item, nearest } => item_unknown(item, nearest.as_deref()),
        R::PositionUnknown { position, size } => position_unknown(*position, *size),
        R::IdUnknown { id } => id_unknown(*id),
        R::PlanUnknown { plan, nearest } => plan_unknown(plan, nearest.as_deref()),
        R::PlanVersionUnknown { plan, version, last } => {
            say("plan-unknown", format!("plan `{plan}` has no version {version}"), format!("its last one is {last}"))
        }
        R::PayeeUnknown { payee, nearest } => payee_unknown(payee, nearest.as_deref()),
        R::LineUnknown { payee, line, nearest } => line_unknown(payee.as_str(), line, nearest.as_deref()),
        R::LineNotPosted { payee, line, period } => {
            let help = format!("`trueup statement {payee} {period}` shows what was");
            say("line-unknown", format!("`{line}` was not posted in {period}"), help)
        }
        R::StatementMissing { payee, period } => statement_missing(payee.as_str(), *period),
        R::PeriodOpen { period, closed } => period_open(*period, *closed),
        R::Export(refusal) => export(refusal),
        R::MonthsInDisorder { from, to } => months_in_disorder(*from, *to),
        R::PeriodMissing => period_missing(),
        R::Key(refusal) => key_refused(refusal),
        R::Checkpoint(refusal) => checkpoint::refused(refusal),
        R::AmountTooFine { amount, currency } => amount_too_fine(*amount, *currency),
        R::ManPageUnknown { command, word } => {
            say("man-unknown", format!("`{command}` has no command `{word}`"), "`trueup help` lists what there is")
        }
        R::Html(refusal) => html(refusal),
        R::Compare(refusal) => compare::refused(refusal),
    }
}

// Books and their keys -------------------------------------------------------------------------------------------------

fn book_not_a_folder(path: &Path) -> Wording {
    let message = format!("`{}` is a file, and a book is a folder", path.display());
    say("book-no-folder", message, "name the folder with `--book PATH` or TRUEUP_BOOK")
}

fn book_missing(folder: &Path) -> Wording {
    let help = "`trueup init` makes a new one there; `--book PATH` or TRUEUP_BOOK names another";
    say("book-missing", format!("there is no book in `{}`", folder.display()), help)
}

fn book_exists(folder: &Path) -> Wording {
    let message = format!("there is a book in `{}` already", folder.display());
    say("book-exists", message, "use it, or name another folder with `--book PATH`")
}

fn book_name(folder: &Path, written: &str, fault: &NameFault) -> Wording {
    let folder = folder.display();
    let message = match fault {
        NameFault::Shape => format!("`{folder}` gives no name for the book"),
        NameFault::Unseen { .. } | NameFault::Decomposed { .. } => {
            format!("`{folder}` gives no name for the book: `{written}` {}", name_fault(fault))
        }
    };
    say("book-name", message, "say one with `--name NAME`")
}

fn keys_not_nameable(path: &Path) -> Wording {
    let message = format!("`{}` is no name of a file that a text can hold", path.display());
    say("keys-place", message, "name a file with `--keys FILE`, in UTF-8")
}

fn keys_inside_book(path: &Path) -> Wording {
    let message = format!("`{}` is in the book's folder, and keys are kept apart from the book", path.display());
    say("keys-place", message, "name a file outside of it with `--keys FILE`")
}

fn secret_missing(keys: &Path) -> Wording {
    let message = format!("the secret that seals a snapshot is not in `{}`", keys.display());
    let help = "put the book's own key file there, or name it with `--keys FILE`; all else goes on without snapshots";
    say("keys-missing", message, help)
}

fn config(path: &Path, fault: &ConfigFault) -> Wording {
    let what = match fault {
        ConfigFault::NotAFile => "it is no file".to_owned(),
        ConfigFault::TooLong { most } => format!("it is longer than {most} bytes"),
        ConfigFault::NotUtf8 => "it is not UTF-8".to_owned(),
        ConfigFault::NotToml { why } => why.clone(),
        ConfigFault::NotAPath { key } => format!("`{key}` is not the path of a file, in quotes"),
        ConfigFault::KeyUnknown { key } => format!("there is no key `{key}`; it takes `keys` and `log_key`"),
    };
    let message = format!("`{}` cannot be understood: {what}", path.display());
    say("book-config", message, "write `keys = \"PATH\"` in it, or name the key file with `--keys PATH`")
}

// Files ----------------------------------------------------------------------------------------------------------------

fn at_beyond(wanted: u64, size: u64) -> Wording {
    let message = format!("the log has {size} entries, not {wanted}");
    say("at-beyond", message, format!("use a size of at most {size}"))
}

/// The most payees that a warning names.
const PAYEES_NAMED_MAX: usize = 5;

/// `` `ana`, `ben`, 3 more ``
fn payees_named(payees: &[PayeeId]) -> String {
    let mut names: Vec<String> = payees.iter().take(PAYEES_NAMED_MAX).map(|payee| format!("`{payee}`")).collect();
    let more = payees.len() - names.len();
    names.extend((more > 0).then(|| format!("{more} more")));
    names.join(", ")
}

fn disputes_open(disputes: &[u64]) -> Wording {
    let message = match disputes {
        [one] => format!("dispute {one} is open"),
        more => format!("{} disputes are open: {}", more.len(), numbers(more)),
    };
    say("dispute-open", message, "`trueup dispute list --open` lists them; a dispute holds no money")
}

fn paid_under_dispute(disputes: &[u64], payees: &[PayeeId]) -> Wording {
    let (are, disputes) = match disputes {
        [one] => ("is", format!("dispute {one}")),
        more => ("are", format!("disputes {}", numbers(more))),
    };
    let message = format!("{disputes} {are} open about statements that were paid: {}", payees_named(payees));
    let help = "`trueup dispute show N` shows one; before a payout, `trueup hold PAYEE` keeps a payee from being paid";
    say("dispute-paid", message, help)
}

fn unpaid(why: UnpaidCause, period: Month, sums: &[Money], payees: &[PayeeId]) -> Wording {
    let sums: Vec<String> =
        sums.iter().map(|sum| format!("{} {}", crate::render::amount::amount(*sum), sum.currency)).collect();
    let names = payees_named(payees);
    let (because, help) = match why {
        UnpaidCause::NotApproved => ("not approved", format!("`trueup approve {period}` approves it")),
        UnpaidCause::Rejected => ("rejected", "approving a later month releases it".to_owned()),
        UnpaidCause::Held => ("held", "`trueup release PAYEE` ends a hold".to_owned()),
    };
    let message = format!("{} up to {period} is {because} and was not paid: {names}", sums.join(" and "));
    say("pay-unpaid", message, help)
}

fn at_open(period: Month, closed: Option<[Month; 2]>) -> Wording {
    let help = format!("{}; a size or a date can be named as well", closed_so_far(closed));
    say("at-open", format!("{period} is not closed, so its close is no time to look from"), help)
}

fn at_before(time: u64, first: u64) -> Wording {
    let message = format!("nothing had been recorded by {}", recorded_text(time));
    say("at-before", message, format!("the book begins at {}; name a later time", recorded_text(first)))
}

fn file_too_long(file: &str, of: TextFile, most: u64) -> Wording {
    let (code, what, help) = match of {
        TextFile::Plan => {
            ("plan-long", "a plan", "see whether it is the right file; write a plan for each group of people")
        }
        TextFile::Mapping => {
            let help = "see whether it is the right file; put long lookups into a file: `file = \"…\"`";
            ("map-limit", "a mapping", help)
        }
        TextFile::Opening => ("settled-long", "what was settled", OPENING_ROWS),
        TextFile::Policy => ("policy-file", "a policy", "see whether it is the right file"),
        TextFile::Confirmation => ("confirm-file", "a confirmation", "confirm the payouts in several files"),
    };
    say(code, format!("`{file}` has more than {most} bytes, the most that {what} may have"), help)
}

fn file_not_utf8(file: &str, of: TextFile, valid: usize) -> Wording {
    let code = match of {
        TextFile::Plan => "plan-encoding",
        TextFile::Mapping => "map-encoding",
        TextFile::Opening => "settled-encoding",
        TextFile::Policy => "policy-file",
        TextFile::Confirmation => "confirm-file",
    };
    say(code, format!("`{file}` is not UTF-8 from byte {valid} on"), "save the file as UTF-8")
}

fn too_dense(file: &str, ratio: u64, free: u64) -> Wording {
    let free = bytes(free);
    let message =
        format!("`{file}` unpacks to more than {ratio} bytes for each packed one, and to more than {free} in all");
    say("record-size", message, RAISE)
}

fn stream_too_long(file: &str, most: u64) -> Wording {
    let message = format!("`{file}` gave more than {}, and it can be read once only", bytes(most));
    say("record-size", message, RAISE)
}

fn too_many_files(files: usize, most: usize) -> Wording {
    let message = format!("`{files}` files are more than {most}");
    say("record-files", message, "record them in parts, or put them together first")
}

fn file_packed(file: &str, with: &str) -> Wording {
    let help = "unpack it, if it has facts; of rows say with `--map MAP.toml` how they become facts";
    say("record-packed", format!("`{file}` is packed with {with}"), help)
}

fn file_of_rows(file: &str) -> Wording {
    let help = format!("say how they become facts: `trueup record --map MAP.toml {file}` (docs/mapping.md)");
    say("record-rows", format!("`{file}` has rows, and no facts"), help)
}

fn rejects_are_input(input: &Path) -> Wording {
    let message = format!("`{}` is being recorded, and cannot take its own rejects", input.display());
    say("record-rejects-input", message, OTHER_REJECTS)
}

fn rejects_place(path: &Path, by: PlaceTaken) -> Wording {
    let what = match by {
        PlaceTaken::BookFolder => "in the book's folder",
        PlaceTaken::KeyFile => "the key file",
        PlaceTaken::NoPlainFile => "a folder, a pipe or a device",
    };
    let message = format!("`{}` is {what}, and rejects would take its place", path.display());
    say("record-rejects-place", message, OTHER_REJECTS)
}

// Pages ----------------------------------------------------------------------------------------------------------------

fn html(refusal: &HtmlRefusal) -> Wording {
    match refusal {
        HtmlRefusal::NoPages => {
            let help = "`trueup statement` has; leave `--format html` (or TRUEUP_FORMAT) out for this one";
            say("html-none", "this command has no HTML", help)
        }
        HtmlRefusal::FolderMissing => {
            let message = "`--all --format html` writes a file for each statement, and no folder is named";
            say("html-folder", message, "name a new folder with `--out DIR`")
        }
        HtmlRefusal::SeveralStatements { payee, period, currencies } => {
            html_several(payee.as_str(), *period, currencies)
        }
        HtmlRefusal::FolderWithoutHtml => {
            let help = "add `--format html`, or leave `--out` out and send standard output to a file";
            say("out-format", "`--out` is the folder of HTML files, and no HTML is asked for", help)
        }
        HtmlRefusal::FolderTaken { folder, by } => output_folder(folder, *by),
    }
}

fn html_several(payee: &str, period: Month, currencies: &[Currency]) -> Wording {
    let currencies: Vec<String> = currencies.iter().map(ToString::to_string).collect();
    let currencies: Vec<&str> = currencies.iter().map(String::as_str).collect();
    let message = format!(
        "`{payee}` has {} statements for {period}, in {}, and standard output takes one page",
        currencies.len(),
        all_of(&currencies)
    );
    say("html-several", message, "`--out DIR` writes a file for each")
}

fn output_folder(folder: &Path, by: OutputFolderUse) -> Wording {
    let path = folder.display();
    let another = "name a folder that is not there yet, or an empty one";
    match by {
        OutputFolderUse::Book => say("out-taken", format!("`{path}` is in the book's folder"), another),
        OutputFolderUse::File => say("out-taken", format!("`{path}` is no folder"), another),
        OutputFolderUse::Files => say("out-taken", format!("there are files in `{path}`"), another),
        OutputFolderUse::Unfinished => {
            let message = format!("in `{path}` are files of a run that was interrupted, or that is still going on");
            say("out-unfinished", message, "when no run is going on, delete the folder and run the command again")
        }
    }
}

// What is not there ----------------------------------------------------------------------------------------------------

/// What was typed in an unusual spelling, what may have been meant, or where to look.
fn not_found_help(typed: &str, nearest: Option<&str>, look: &str) -> String {
    match (spelling(typed), nearest) {
        (Some(spelling), _) => spelling,
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => look.to_owned(),
    }
}

fn item_unknown(item: &str, nearest: Option<&str>) -> Wording {
    let help = not_found_help(item, nearest, "`trueup log` shows everything that was recorded");
    say("item-unknown", format!("no entry was ever about `{item}`"), help)
}

pub fn position_unknown(position: u64, size: u64) -> Wording {
    let message = format!("position {position} is not in the log, which has {size} entries");
    say("position-unknown", message, format!("use a position from 0 to {}", size - 1))
}

fn id_unknown(id: Uuid) -> Wording {
    say("id-unknown", format!("no entry has the id `{id}`"), "`trueup log --item NAME` finds entries")
}

fn plan_unknown(plan: &str, nearest: Option<&str>) -> Wording {
    let help = not_found_help(plan, nearest, "`trueup plan list` lists what is published");
    say("plan-unknown", format!("there is no plan `{plan}`"), help)
}

fn key_refused(refusal: &SigningKeyRefusal) -> Wording {
    match refusal {
        SigningKeyRefusal::NameMissing { file } => {
            let message = format!("`{}` gives no name for the key", file.display());
            say("key-name", message, "name it with `--name NAME`, without blanks and `+`")
        }
        SigningKeyRefusal::NotAFile { file } => {
            let message = format!("`{}` is no file whose place the book can remember", file.display());
            say("key-place", message, "name the file of the key, outside of the book")
        }
        SigningKeyRefusal::InBook { file, book } => {
            let message = format!("`{}` would lie in the book `{}`", file.display(), book.display());
            say("key-place", message, "keep private keys outside of the book and its backups")
        }
        SigningKeyRefusal::FileThere { file } => {
            let message = format!("`{}` is there already, and a key is never overwritten", file.display());
            say("key-there", message, "choose another name")
        }
        SigningKeyRefusal::NotPublic { fault: None } => {
            let message = "this is a private key, which nobody else should see";
            let help = "give the public key, which `trueup key new` printed; make a new key if others saw this one";
            say("key-public", message, help)
        }
        SigningKeyRefusal::NotPublic { fault: Some(fault) } => {
            let message = format!("this is no public key: {}", key_fault(*fault));
            say("key-public", message, "copy it as `trueup key new` printed it")
        }
        SigningKeyRefusal::FileUnfit { file, fault } => {
            let message = format!("`{}` is no private key: {}", file.display(), key_fault(*fault));
            say("key-file", message, "name the file that `trueup key new` made")
        }
    }
}

fn amount_too_fine(amount: Amount, currency: Currency) -> Wording {
    let message = format!("{amount} is finer than the minor unit of {currency}");
    say("pay-amount", message, format!("write at most {} decimals", currency.digits()))
}

pub fn payee_unknown(payee: &str, nearest: Option<&str>) -> Wording {
    let look = "`trueup log` shows who was recorded, `trueup balances` whoever was paid";
    say("payee-unknown", format!("there is no payee `{payee}`"), not_found_help(payee, nearest, look))
}

fn line_unknown(payee: &str, line: &str, nearest: Option<&str>) -> Wording {
    let help = match nearest {
        Some(name) => format!("did you mean `{name}`?"),
        None => "`trueup statement PAYEE PERIOD --format csv` names the lines".to_owned(),
    };
    say("line-unknown", format!("`{payee}` has no line `{line}`"), help)
}

fn statement_missing(payee: &str, period: Month) -> Wording {
    let message =
        format!("`{payee}` has no statement for {period}: nothing was due, and the clawback and draw balances are 0");
    say("statement-none", message, format!("`trueup statement --all {period}` shows who has one"))
}

fn months_in_disorder(from: Month, to: Month) -> Wording {
    let message = format!("`--from {from}` is after `--to {to}`");
    say("period-order", message, "name the earlier month first")
}

pub fn period_open(period: Month, closed: Option<[Month; 2]>) -> Wording {
    let help = format!("{}; `trueup preview {period}` shows what a close would post", closed_so_far(closed));
    say("period-open", format!("{period} is not closed"), help)
}

fn closed_so_far(closed: Option<[Month; 2]>) -> String {
    match closed {
        Some([first, last]) if first == last => format!("closed is {first}"),
        Some([first, last]) => format!("closed are {first} to {last}"),
        None => "no month is closed yet".to_owned(),
    }
}

fn period_missing() -> Wording {
    let help = "say as of the end of which month, like `--period 2027-01`";
    say("period-missing", "no month is closed yet, so there is none to look from", help)
}

// Warnings -------------------------------------------------------------------------------------------------------------

/// A warning in words.
pub fn warned(warning: &CommandWarning) -> Wording {
    use CommandWarning as W;
    match warning {
        W::PayoutAlone => {
            let help = "`trueup policy set` says who may approve and pay, and what takes two people";
            say("pay-alone", "no second pair of eyes was asked: there is no policy", help)
        }
        W::Unpaid { why, period, sums, payees } => unpaid(*why, *period, sums, payees),
        W::DisputesOpen { disputes } => disputes_open(disputes),
        W::PaidUnderDispute { disputes, payees } => paid_under_dispute(disputes, payees),
        W::BookDamagedLater { size, damage } => {
            let message = format!("the book is damaged behind size {size}: {}", damage.join("; "));
            let help =
                "what is shown was read from the entries before the damage; `trueup verify` says what is affected";
            say("book-damaged-later", message, help)
        }
        W::AtAfterLast => {
            let message = "`--at` names a day after the last entry was recorded, so this is the latest state";
            say(
                "at-after-last",
                message,
                "`--at` is when something was recorded; `--at 2027-04` is the close of that month",
            )
        }
        W::HeadSlotDamaged { slot, head } => {
            let message = format!("slot {slot} of `{head}` cannot be read; the log itself is whole");
            let help =
                "a crash leaves this, and the next command that records mends it; without a crash, look at the disk";
            say("head-slot", message, help)
        }
        W::ClockBehind { now, last } => clock_behind(*now, *last),
        W::TornTailCut { bytes, position, entries, copy } => torn_tail(*bytes, *position, *entries, copy),
        W::KeysUnusable { fault } => {
            let help = "names are shown as (sealed) and nothing personal can be recorded until it is mended (docs/operations.md)";
            say("keys-unusable", fault, help)
        }
        W::DerivedForged { path, outcome } => {
            let message = format!("`{}` does not carry this book's seal", path.display());
            let help = "Find out who or what changed it (docs/operations.md). No answer depends on it";
            say("derived-forged", message, format!("{outcome} {help}"))
        }
        W::SecretMade { keys } => {
            let message = format!("`{}` had no secret of the book, and got a new one", keys.display());
            let help =
                "if the book's own key file is elsewhere, put it back: files in `derived` are sealed with its secret";
            say("keys-secret", message, help)
        }
        W::CheckpointUnsigned { fault } => checkpoint::unsigned(fault.as_deref()),
        W::ExportSealed { fields, payees } => export_sealed(*fields, *payees),
        W::KeysOpenToOthers { path, mode } => open_to_others("keys-permissions", "the key file", path, *mode, "600"),
        W::BookOpenToOthers { path, mode } => {
            open_to_others("book-permissions", "the book's folder", path, *mode, "700")
        }
    }
}

fn clock_behind(now: u64, last: u64) -> Wording {
    let (now, last) = (recorded_text(now), recorded_text(last));
    let message =
        format!("the clock says {now}, and the last entry was recorded {last}: what is recorded gets that time");
    let help = "set the clock right; each such entry is marked as recorded by a clock that was behind";
    say("clock-behind", message, help)
}

fn torn_tail(bytes: u64, position: u64, entries: u64, copy: &str) -> Wording {
    let entries = match entries {
        0 => String::new(),
        1 => format!(", whole entry: {position}"),
        more => format!(", whole entries: {position} to {}", position + more - 1),
    };
    let message = format!(
        "{bytes} bytes of an append that was never acknowledged were cut from the log (from position {position} on{entries}); they are in `{copy}`"
    );
    say("torn-tail", message, "record again what that command was to record; recording twice is harmless")
}

fn open_to_others(code: &'static str, what: &str, path: &Path, mode: u32, right: &str) -> Wording {
    let path = path.display();
    let message = format!("{what} `{path}` can be used by others (mode {mode:03o})");
    say(code, message, format!("`chmod {right} {path}` leaves it to its owner (docs/operations.md)"))
}

// What was settled before the book began -------------------------------------------------------------------------------

/// Why a table of what was settled is refused, in words.
pub fn opening_refused(refusal: &OpeningRefusal) -> Wording {
    use OpeningRefusal as R;
    match refusal {
        R::Empty { file, columns } => {
            say("settled-empty", format!("`{file}` is empty"), format!("write the columns {}", all_of(columns)))
        }
        R::TooManyRows { file, most } => {
            say("settled-long", format!("`{file}` has more than {most} rows"), OPENING_ROWS)
        }
        R::ColumnTwice { column } => {
            say("settled-column", format!("the column `{column}` is there twice"), "leave one of them out")
        }
        R::ColumnUnknown { column, nearest, columns } => {
            let help = match nearest {
                Some(column) => format!("did you mean `{column}`?"),
                None => format!("the columns are {}", all_of(columns)),
            };
            say("settled-column", format!("there is no column `{column}`"), help)
        }
        R::ColumnsMissing { columns } => {
            let message = match columns[..] {
                [one] => format!("the column `{one}` is missing"),
                _ => format!("the columns {} are missing", all_of(columns)),
            };
            say("settled-column", message, "`trueup preview PERIOD --format csv` writes all of them")
        }
        R::PayeeUnfit { written } => {
            say("settled-payee", format!("`{written}` is no payee's id"), "write the id of a payee")
        }
        R::CurrencyUnknown { written } => {
            say("settled-currency", format!("`{written}` is no currency"), "write an ISO 4217 code like `USD`")
        }
        R::LineNameUnfit { written } => {
            let help = "write it as `preview --format csv` does: plan/component/part/item";
            say("settled-line", format!("`{written}` is no line's name"), help)
        }
        R::AmountUnfit { written } => {
            say("settled-amount", format!("`{written}` is no amount"), "write a decimal like 1250.00")
        }
        R::Csv(fault) => opening_csv(*fault),
    }
}

pub fn opening_csv(fault: CsvFault) -> Wording {
    let help = match fault {
        CsvFault::CellTooLong { .. } | CsvFault::TooManyCells { .. } => "see whether it is the right file",
        CsvFault::QuoteNotClosed | CsvFault::TextAfterQuote => {
            "a cell with quotes is in quotes, and those in it are written twice"
        }
    };
    say("settled-row", csv_fault(fault), help)
}

/// `a`, `b` and `c`.
fn all_of(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, rest)) if !rest.is_empty() => {
            let rest: Vec<String> = rest.iter().map(|name| format!("`{name}`")).collect();
            format!("{} and `{last}`", rest.join(", "))
        }
        Some(_) | None => one_of(names.iter().copied()),
    }
}
