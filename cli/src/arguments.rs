//! Options of every command, and how values on the command line are parsed. Commands use this file; it uses none of them.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use ledger::date::{Day, Month};
use ledger::id::{Name, NameFault};

use crate::wording::fact::{name_fault, name_help};

/// Apart from a command's own.
const EVERYWHERE: &str = "Options of every command";

/// The options that every command takes.
#[derive(Args, Debug)]
pub struct Options {
    /// The folder of the book
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "TRUEUP_BOOK", hide_env_values = true, value_name = "PATH", default_value = "./book")]
    pub book: PathBuf,
    /// The book's key file; by default the one that its `config.toml` names, or `BOOK.keys` beside the book
    #[arg(long, global = true, help_heading = EVERYWHERE, env = "TRUEUP_KEYS", value_name = "FILE")]
    pub keys: Option<PathBuf>,
    /// The output format; csv only where the output is a table, text otherwise; html only for statements, svg for the charts of `diff` and `whatif`
    #[arg(long = "format", value_name = "FORMAT", global = true, help_heading = EVERYWHERE, env = "TRUEUP_FORMAT", hide_env_values = true, value_enum, default_value_t = OutputFormat::Text)]
    pub output: OutputFormat,
    /// What `--format` amounts to for commands without pages.
    #[arg(skip)]
    pub format: Format,
    /// CSV cells exactly as they are, for programs; by default formulas of spreadsheets are disarmed and invisible characters escaped
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub raw: bool,
    /// Read the whole log and check the hash of every entry; snapshots and indexes are not used
    #[arg(long, global = true, help_heading = EVERYWHERE)]
    pub checked: bool,
    /// Print no notes and no progress; data, warnings and errors are printed
    #[arg(long, short, global = true, help_heading = EVERYWHERE)]
    pub quiet: bool,
    /// The author of what is recorded; by default the system user, who is recorded in any case
    #[arg(long = "as", global = true, help_heading = EVERYWHERE, value_name = "AUTHOR", value_parser = name)]
    pub author: Option<Name>,
    /// Sign what is recorded with the private key in this file; repeat it for several people [env: TRUEUP_SIGN]
    #[arg(long, global = true, help_heading = EVERYWHERE, value_name = "FILE")]
    pub sign: Vec<PathBuf>,
}

impl Options {
    /// With `format` as it was asked for. Where pages are asked for, everything beside them is text.
    pub fn with_format(mut self) -> Options {
        self.format = match self.output {
            OutputFormat::Text | OutputFormat::Html | OutputFormat::Svg => Format::Text,
            OutputFormat::Json => Format::Json,
            OutputFormat::Csv => Format::Csv,
        };
        self
    }
}

/// The values of `--format`.
#[derive(ValueEnum, Copy, Clone, PartialEq, Eq, Debug)]
pub enum OutputFormat {
    Text,
    Json,
    Csv,
    Html,
    Svg,
}

/// How data is written on standard output.
#[derive(Copy, Clone, PartialEq, Eq, Debug, Default)]
pub enum Format {
    #[default]
    Text,
    Json,
    Csv,
}

pub fn name(text: &str) -> Result<Name, String> {
    Name::incoming(text).map_err(|fault| match fault {
        NameFault::Shape => "it takes 1 to 128 bytes of printable text without blanks around it".to_owned(),
        NameFault::Unseen { .. } | NameFault::Decomposed { .. } => {
            format!("it {}; {}", name_fault(&fault), name_help(&fault))
        }
    })
}

/// What to do about something that was not found because of how it was typed: what was found by its spelling looks the same.
pub fn spelling(typed: &str) -> Option<String> {
    NameFault::in_text(typed).map(|fault| format!("what was typed {}; {}", name_fault(&fault), name_help(&fault)))
}

pub fn month(text: &str) -> Result<Month, String> {
    Month::parse(text).ok_or_else(|| "it is no month; write one like 2027-04".to_owned())
}

pub fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "it is no date; write one like 2027-03-31".to_owned())
}

/// The digest of a close, as `preview` and `close` print it.
pub fn digest(text: &str) -> Result<[u8; 32], String> {
    let bytes = data_encoding::HEXLOWER_PERMISSIVE.decode(text.as_bytes()).ok();
    let digest = bytes.and_then(|bytes| bytes.try_into().ok());
    digest.ok_or_else(|| "it is no digest; copy the 64 hexadecimal digits that `trueup preview` ends with".to_owned())
}
