//! Files that a command reads: by path, or `-` for standard input.

use std::fs::File;
use std::io::{self, Read, stdin};
use std::path::Path;

use ledger::problem::Problem;

use crate::failure::Failure;

pub const STDIN: &str = "-";
/// The longest text of a plan.
pub const PLAN_BYTES_MAX: u64 = 1 << 20;

pub fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == STDIN
}

/// A file as messages name it.
pub fn name_of(path: &Path) -> String {
    if is_stdin(path) { "standard input".to_owned() } else { path.display().to_string() }
}

/// Standard input, whole: it can be read once only, and facts may have to be read twice.
pub fn read_stdin() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = stdin().lock().read_to_end(&mut bytes);
    read.map_err(|error| Failure::file("reading", Path::new("standard input"), &error))?;
    Ok(bytes)
}

/// The text of a plan.
pub fn plan_text(path: &Path) -> Result<String, Failure> {
    let bytes = read_up_to(path, PLAN_BYTES_MAX + 1)
        .map_err(|error| Failure::file("reading", Path::new(&name_of(path)), &error))?;
    let refused = |code, message: String, help: &str| Err(Failure::Refused(vec![Problem::new(code, message, help)]));
    if bytes.len() as u64 > PLAN_BYTES_MAX {
        let message =
            format!("`{}` has more than {PLAN_BYTES_MAX} bytes, the most that a plan may have", name_of(path));
        return refused(
            "plan-long",
            message,
            "see whether it is the right file; write a plan for each group of people",
        );
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let message = format!("`{}` is not UTF-8 from byte {at} on", name_of(path));
            refused("plan-encoding", message, "save the file as UTF-8")
        }
    }
}

fn read_up_to(path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match is_stdin(path) {
        true => stdin().lock().take(bytes_max).read_to_end(&mut bytes)?,
        false => File::open(path)?.take(bytes_max).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}
