//! Why a command refuses what it was asked, and what it warns of, as data. The words are in `wording/command.rs`.

use std::path::PathBuf;

use ledger::date::{Day, Month};
use ledger::field::Amount;
use ledger::id::{Name, NameFault, PayeeId};
use ledger::money::{Currency, Money};
use ledger::signing::KeyFault;
use replay::refusal::rows::CsvFault;
use replay::verify::RememberedFault;
use uuid::Uuid;

/// Why a command does not do what it was asked. `nearest` is what the user may have meant.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandRefusal {
    // Books and their keys ----------------------------------------------------------------------------------------
    BookNotAFolder {
        path: PathBuf,
    },
    BookMissing {
        folder: PathBuf,
    },
    /// The book names a time zone that this program does not know.
    BookZoneUnknown {
        zone: String,
        why: String,
    },
    BookExists {
        folder: PathBuf,
    },
    /// The folder's name, `written`, cannot be the name of the book.
    BookNameUnfit {
        folder: PathBuf,
        written: String,
        fault: NameFault,
    },
    /// The path of the key file is not UTF-8, or names no file.
    KeysNotNameable {
        path: PathBuf,
    },
    KeysInsideBook {
        path: PathBuf,
    },
    /// The key file lacks the book's secret, which seals snapshots.
    SecretMissing {
        keys: PathBuf,
    },
    ConfigMalformed {
        path: PathBuf,
        fault: ConfigFault,
    },

    // Keys for signing ---------------------------------------------------------------------------------------------
    Key(SigningKeyRefusal),

    // Checkpoints --------------------------------------------------------------------------------------------------
    Checkpoint(CheckpointRefusal),

    // Amounts ------------------------------------------------------------------------------------------------------
    AmountTooFine {
        amount: Amount,
        currency: Currency,
    },

    // `--at` ------------------------------------------------------------------------------------------------------
    AtBeyondLog {
        wanted: u64,
        size: u64,
    },
    /// The month whose close is named is not closed; the first and the last closed month.
    AtOpenMonth {
        period: Month,
        closed: Option<[Month; 2]>,
    },
    /// Nothing was recorded by `time`; the first entry was at `first`. Both are microseconds since 1970.
    AtBeforeLog {
        time: u64,
        first: u64,
    },

    // Files -------------------------------------------------------------------------------------------------------
    FileTooLong {
        file: String,
        of: TextFile,
        most: u64,
    },
    /// UTF-8 up to the byte `valid`.
    FileNotUtf8 {
        file: String,
        of: TextFile,
        valid: usize,
    },
    /// A packed file gives more than `most` bytes.
    UnpackedTooLarge {
        file: String,
        most: u64,
    },
    /// A packed file gives more than `ratio` bytes for each packed one, and more than `free` in all.
    UnpackedTooDense {
        file: String,
        ratio: u64,
        free: u64,
    },
    /// A file that can be read once only gives more than `most` bytes.
    StreamTooLong {
        file: String,
        most: u64,
    },
    StdinTwice,
    TooManyFiles {
        files: usize,
        most: usize,
    },
    /// A packed file, recorded without a mapping. `with` is the program that packs so.
    FilePacked {
        file: String,
        with: &'static str,
    },
    /// A file of rows, recorded without a mapping.
    /// A plan where facts are expected.
    FileIsPlan {
        file: String,
    },
    FileOfRows {
        file: String,
    },
    RejectsAreInput {
        input: PathBuf,
    },
    /// By the name of the file its rows would be read in another format than the sources have. `ending` is one that fits.
    RejectsFormat {
        path: PathBuf,
        ending: &'static str,
    },
    RejectsPlaceTaken {
        path: PathBuf,
        by: PlaceTaken,
    },

    // What is not there -------------------------------------------------------------------------------------------
    ItemUnknown {
        item: String,
        nearest: Option<String>,
    },
    PositionUnknown {
        position: u64,
        size: u64,
    },
    IdUnknown {
        id: Uuid,
    },
    PlanUnknown {
        plan: String,
        nearest: Option<String>,
    },
    PlanVersionUnknown {
        plan: String,
        version: u32,
        last: u32,
    },
    PayeeUnknown {
        payee: String,
        nearest: Option<String>,
    },
    LineUnknown {
        payee: PayeeId,
        line: String,
        nearest: Option<String>,
    },
    LineNotPosted {
        payee: PayeeId,
        line: String,
        period: Month,
    },
    StatementMissing {
        payee: PayeeId,
        period: Month,
    },
    /// `closed` are the first and the last closed month.
    PeriodOpen {
        period: Month,
        closed: Option<[Month; 2]>,
    },
    Export(ExportRefusal),
    /// The first month that was named is after the last.
    MonthsInDisorder {
        from: Month,
        to: Month,
    },
    /// No period was named, and no month is closed.
    PeriodMissing,
    ManPageUnknown {
        command: String,
        word: String,
    },

    /// HTML that is not written.
    Html(HtmlRefusal),
    Compare(CompareRefusal),
}

/// Why nothing is compared or drawn.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CompareRefusal {
    /// SVG is asked for, and the command draws nothing.
    NoChart,
    /// A month between points of which one is a close.
    PeriodWithClose,
    /// Neither a month nor a close, and no month is closed.
    PeriodMissing,
    /// The second point lies before the first.
    Backwards { from: u64, to: u64 },
    /// No month to try things out in is named, and none is closed.
    TrialPeriodMissing,
    /// A deal without a currency, of a payee whose plans on that day do not have one currency.
    DealCurrency { payee: PayeeId, currencies: Vec<Currency>, at: Day },
    /// A deal that is signed after the last month that is compared.
    DealLate { at: Day, to: Month },
}

/// Why HTML is not written.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum HtmlRefusal {
    /// The command has none.
    NoPages,
    /// Pages of all statements are asked for, and no folder is named.
    FolderMissing,
    /// A payee has several statements, and standard output takes one page.
    SeveralStatements {
        payee: PayeeId,
        period: Month,
        currencies: Vec<Currency>,
    },
    /// A folder is named, and no HTML is asked for.
    FolderWithoutHtml,
    FolderTaken {
        folder: PathBuf,
        by: OutputFolderUse,
    },
}

/// What is where a folder of pages would be made.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum OutputFolderUse {
    /// It would be in the book's folder.
    Book,
    /// It is no folder.
    File,
    /// There are files in it.
    Files,
    /// Pages of a run that is going on or was interrupted.
    Unfinished,
}

/// Why nothing is exported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ExportRefusal {
    /// `--as` names no program to export for; `None` if it is missing.
    ProgramUnknown { written: Option<Name> },
    /// An option that only some of the exports take.
    OptionUnused { option: &'static str, programs: &'static str },
    /// What the export needs and is not there.
    OptionMissing { program: &'static str, option: &'static str },
    /// No rule of the mapping covers an account of the book.
    AccountUnmapped { file: String, account: String },
    /// A column of the mapping has no value for a payee.
    ValueMissing { file: String, missing: ValueMissing },
}

/// A column without a value for a payee in a month.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct ValueMissing {
    /// The name of the column.
    pub column: String,
    /// What the template asks for.
    pub field: String,
    /// Whose it is.
    pub payee: PayeeId,
    /// On which day.
    pub day: Day,
    pub why: MissingWhy,
}

/// Why there is no value.
#[derive(Copy, Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MissingWhy {
    /// No fact gives it.
    NotGiven,
    /// Its key is not there.
    Sealed,
}

/// What a command warns of besides what it was asked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CommandWarning {
    /// A payout without a policy.
    PayoutAlone,
    /// What is payable up to a month and was not paid, and to whom.
    Unpaid {
        why: UnpaidCause,
        period: Month,
        sums: Vec<Money>,
        payees: Vec<PayeeId>,
    },
    /// Disputes that nobody has resolved.
    DisputesOpen {
        disputes: Vec<u64>,
    },
    /// Open disputes about statements of payees to whom a payout paid, up to its month.
    PaidUnderDispute {
        disputes: Vec<u64>,
        payees: Vec<PayeeId>,
    },
    /// The book is damaged behind `size`, up to which it was read. `damage` are sentences of the failure to open it.
    BookDamagedLater {
        size: u64,
        damage: Vec<String>,
    },
    /// `--at` names a day after the one on which the last entry was recorded.
    AtAfterLast,
    HeadSlotDamaged {
        slot: u64,
        head: String,
    },
    /// The clock is behind the last entry. Both are microseconds since 1970.
    ClockBehind {
        now: u64,
        last: u64,
    },
    /// An append that was never acknowledged was cut from the log: `bytes` from `position` on, with so many whole entries.
    TornTailCut {
        bytes: u64,
        position: u64,
        entries: u64,
        copy: String,
    },
    /// The key file cannot be used. `fault` is the sentence of the failure to read it.
    KeysUnusable {
        fault: String,
    },
    /// A derived file lacks the book's seal. `outcome` says what became of it.
    DerivedForged {
        path: PathBuf,
        outcome: String,
    },
    SecretMade {
        keys: PathBuf,
    },
    /// A close has no checkpoint, because the log's private key cannot be used: `fault` is the sentence that says why; `None` if no
    /// file is named.
    CheckpointUnsigned {
        fault: Option<String>,
    },
    /// Personal fields of so many payees cannot be opened, and another text takes their place in what is exported.
    ExportSealed {
        fields: u64,
        payees: usize,
    },
    /// Others may use the key file or the folder, as `mode` says.
    KeysOpenToOthers {
        path: PathBuf,
        mode: u32,
    },
    BookOpenToOthers {
        path: PathBuf,
        mode: u32,
    },
}

/// A text file that is read whole.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum TextFile {
    Plan,
    Mapping,
    /// What was settled before the book began.
    Opening,
    /// Who may do what.
    Policy,
    /// What became of payouts.
    Confirmation,
}

/// Why something payable was not paid.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum UnpaidCause {
    NotApproved,
    Rejected,
    Held,
}

/// Why no private key is made or read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SigningKeyRefusal {
    /// The file's name cannot be the name of the key, and none is given.
    NameMissing { file: PathBuf },
    /// It is no file whose place can be remembered.
    NotAFile { file: PathBuf },
    /// The file would lie in a book.
    InBook { file: PathBuf, book: PathBuf },
    /// The file is there already.
    FileThere { file: PathBuf },
    /// The text is no public key; it is a private one where there is no fault.
    NotPublic { fault: Option<KeyFault> },
    /// The file has no private key.
    FileUnfit { file: PathBuf, fault: KeyFault },
}

/// Why the log is not compared with checkpoints, or none is signed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum CheckpointRefusal {
    /// A file, or a key with it, is not what was kept.
    Remembered { file: PathBuf, fault: RememberedFault },
    /// A file of checkpoints has more bytes than `most`.
    TooLong { file: PathBuf, most: u64 },
    /// A checkpoint that somebody kept is of another book than the one that is named.
    OfOther { file: PathBuf, origin: String, book: String },
    /// The configuration of a book names no file of the log's private key.
    LogKeyNotNamed,
}

/// What is wrong with the file of a policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum PolicyFileFault {
    NotJson { why: String },
    NotAPolicy { fact: String },
    NotADate { written: String },
    NotAName { written: String },
    WordUnknown { path: String, written: String, nearest: Option<&'static str>, words: &'static [&'static str] },
    NotAnAmount { path: String, written: String },
    NotACurrency { path: String, written: String },
    NotAKey { written: String, fault: KeyFault },
}

/// What is wrong with the file of a confirmation.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfirmationFault {
    Empty { columns: &'static [&'static str] },
    ColumnTwice { column: String },
    ColumnUnknown { column: String, columns: &'static [&'static str] },
    ColumnsMissing { columns: Vec<&'static str> },
    NotAPayee { written: String },
    NotACurrency { written: String },
    NotAnAmount { written: String },
    NotAStatus { written: String, words: &'static [&'static str] },
    NotADate { written: String },
    Csv(CsvFault),
}

/// Why a file is not taken as evidence of a dispute.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EvidenceFault {
    /// `why` is what the system says.
    Unreadable {
        file: PathBuf,
        why: String,
    },
    /// It is a folder, a pipe or a device.
    NotAFile {
        file: PathBuf,
    },
    /// Its name is not UTF-8, or has more than `most` bytes.
    NameUnfit {
        file: PathBuf,
        most: usize,
    },
    TooLong {
        file: PathBuf,
        most: u64,
    },
}

/// What is wrong with a book's `config.toml`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConfigFault {
    NotAFile,
    TooLong {
        most: u64,
    },
    NotUtf8,
    /// `why` is what the parser of TOML says.
    NotToml {
        why: String,
    },
    NotAPath {
        key: &'static str,
    },
    KeyUnknown {
        key: String,
    },
}

/// What is where rejects would be written.
#[derive(Copy, Clone, PartialEq, Eq, Debug)]
pub enum PlaceTaken {
    BookFolder,
    KeyFile,
    /// A folder, a pipe or a device.
    NoPlainFile,
}

/// Why a table of what was settled before the book began is refused.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum OpeningRefusal {
    Empty { file: String, columns: &'static [&'static str] },
    TooManyRows { file: String, most: usize },
    ColumnTwice { column: String },
    ColumnUnknown { column: String, nearest: Option<String>, columns: &'static [&'static str] },
    ColumnsMissing { columns: Vec<&'static str> },
    PayeeUnfit { written: String },
    CurrencyUnknown { written: String },
    LineNameUnfit { written: String },
    AmountUnfit { written: String },
    Csv(CsvFault),
}
