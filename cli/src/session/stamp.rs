//! Who writes, when, and with which random bytes: taken from the system here, and nowhere else.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::wording::problem::Problem;
use ledger::id::Name;
use ledger::seal::Seed;
use ledger::signing::PrivateKey;
use replay::stamp::Stamp;

use crate::failure::Failure;

/// A stamp for one append. The clock is the system's; no option sets it.
pub fn stamp(author: Option<&Name>, signing: Vec<PrivateKey>) -> Result<Stamp, Failure> {
    let user = user();
    Ok(Stamp {
        now: now(),
        author: author.map_or_else(|| user.clone(), Name::to_string),
        user,
        seed: seed()?,
        secret: seed()?,
        signing,
    })
}

/// Microseconds since 1970. A clock before that is taken as 1970: time never decreases, and the log marks it.
pub fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX)
}

/// The effective user of the process by the name in the system's list of users: who really runs the command. No variable of the
/// environment says it, for anybody can set one.
#[cfg(unix)]
fn user() -> String {
    use nix::unistd::{Uid, User};
    let id = Uid::effective();
    let known = User::from_uid(id).ok().flatten().map(|user| user.name);
    known.filter(|name| Name::allows(name)).unwrap_or_else(|| format!("uid-{id}"))
}

/// The name that the system gives.
#[cfg(not(unix))]
fn user() -> String {
    let named = std::env::var("USERNAME").ok();
    named.filter(|name| Name::allows(name)).unwrap_or_else(|| "unknown".to_owned())
}

fn seed() -> Result<Seed, Failure> {
    random().map(Seed)
}

/// 32 random bytes of the system.
pub fn random() -> Result<[u8; 32], Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| {
        let message = format!("the system gives no random bytes: {error}");
        Failure::world(Problem::new("random", message, "nothing is recorded without them; look at /dev/urandom"))
    })?;
    Ok(bytes)
}
