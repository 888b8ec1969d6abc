//! Who writes, when, and with which random bytes: taken from the system here, and nowhere else.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use ledger::id::Name;
use ledger::problem::Problem;
use ledger::seal::Seed;
use replay::stamp::Stamp;

use crate::failure::Failure;

/// A stamp for one append. The clock is the system's; no option sets it.
pub fn stamp(author: Option<&Name>) -> Result<Stamp, Failure> {
    let user = user();
    Ok(Stamp {
        now: now(),
        author: author.map_or_else(|| user.clone(), Name::to_string),
        user,
        seed: seed()?,
        secret: seed()?,
    })
}

/// Microseconds since 1970. A clock before that is taken as 1970: time never decreases, and the log marks it.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The operating system's user.
fn user() -> String {
    let named = ["USER", "LOGNAME"].into_iter().filter_map(|variable| std::env::var(variable).ok());
    let asked = std::iter::once_with(asked_user).flatten();
    named.chain(asked).find(|user| Name::allows(user)).unwrap_or_else(|| "unknown".to_owned())
}

/// Where no variable says it, as in a container or under cron.
fn asked_user() -> Option<String> {
    let output = Command::new("id").arg("-un").output().ok()?;
    String::from_utf8(output.stdout).ok().map(|user| user.trim().to_owned())
}

fn seed() -> Result<Seed, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        let message = format!("the system gives no random bytes: {error}");
        Failure::world(Problem::new("random", message, "nothing is recorded without them; look at /dev/urandom"))
    })?;
    Ok(Seed(bytes))
}
