//! What is said about checkpoints and the log's own key.

use std::path::Path;

use replay::verify::{NoteFault, RememberedFault};

use crate::refusal::CheckpointRefusal;
use crate::wording::Wording;

const COPY: &str = "copy the checkpoint byte for byte, as `trueup checkpoint` prints it";

fn say(code: &'static str, message: impl Into<String>, help: impl Into<String>) -> Wording {
    Wording::new(code, message, help)
}

/// A refusal in words.
pub fn refused(refusal: &CheckpointRefusal) -> Wording {
    match refusal {
        CheckpointRefusal::Remembered { file, fault } => remembered(file, fault),
        CheckpointRefusal::TooLong { file, most } => too_long(file, *most),
        CheckpointRefusal::OfOther { file, origin, book } => of_other(file, origin, book),
        CheckpointRefusal::LogKeyNotNamed => log_key_not_named(),
    }
}

/// Why a file, or the keys with it, cannot be compared with a log.
fn remembered(file: &Path, fault: &RememberedFault) -> Wording {
    match fault {
        RememberedFault::Note(fault) => {
            say("checkpoint-file", format!("`{}` is no checkpoint: {}", file.display(), note_fault(fault)), COPY)
        }
        RememberedFault::Key { text } => {
            let help = "write it as `trueup checkpoint --format json` has it: `NAME+HASH+BASE64`";
            say("checkpoint-key", format!("`{text}` is no public key"), help)
        }
        RememberedFault::KeyOfOther { origin, name } => {
            let message = format!("the key is named `{name}`, and the checkpoint is of `{origin}`");
            say("checkpoint-key", message, "name the key that was kept together with the checkpoint")
        }
    }
}

fn note_fault(fault: &NoteFault) -> String {
    match fault {
        NoteFault::NotText => "it is not UTF-8, or has control characters such as carriage returns".to_owned(),
        NoteFault::Shape => {
            "lines of origin, size and root, an empty line and a line of a signature are expected, each with a line feed at its end".to_owned()
        }
        NoteFault::Size { line } => format!("its second line is `{line}`, no size"),
        NoteFault::Root { line } => format!("its third line is `{line}`, no root in base64"),
        NoteFault::Signature { line } => format!("`{line}` is no line of a signature"),
    }
}

/// A file with more bytes than are read.
fn too_long(file: &Path, most: u64) -> Wording {
    let message = format!("`{}` has more than {most} bytes, the most that checkpoints may have", file.display());
    say("checkpoint-file", message, "see whether it is the right file")
}

/// A checkpoint of another book than the one that is named.
fn of_other(file: &Path, origin: &str, book: &str) -> Wording {
    let message =
        format!("`{}` is a checkpoint of another book: it is of `{origin}`, and this is `{book}`", file.display());
    let help = "name the book that it is of, or the right checkpoint. If this was to be that book, it was made anew: put the book back \
                from a backup";
    say("checkpoint-book", message, help)
}

/// Nothing can be signed: the configuration names no key.
fn log_key_not_named() -> Wording {
    let message = "the book's `config.toml` does not say where the log's private key is";
    say("log-key-missing", message, "name its file with `trueup checkpoint --key FILE`")
}

/// A close without its checkpoint.
pub fn unsigned(fault: Option<&str>) -> Wording {
    let why = fault.unwrap_or("the book's `config.toml` does not say where the log's private key is");
    let help = "the close is recorded. Where the key is, `trueup checkpoint --now` signs, and so does the next command that records";
    say("checkpoint-unsigned", format!("the close has no checkpoint: {why}"), help)
}
