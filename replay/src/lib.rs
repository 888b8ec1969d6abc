//! Everything that needs both the log and the state that is folded from it: recording facts, publishing plans, closing
//! months, statements, and verification.
//!
//! The log holds what happened. Everything else is computed from it, and the same log always gives the same result: this
//! crate has no clock, no randomness and no floats, and knows neither the terminal nor the network.
//!
//! A newcomer can read the folders in this order:
//!
//! - [`book`] opens a book and appends to it. A book is a folder with one log.
//! - [`state`] is everything folded from the log up to a size: the facts, the plans, and what closes posted. `fold` reads the
//!   entries of the log into it.
//! - [`record`] takes facts from an input into the log: is the fact new, does it make sense, does another fact depend on it?
//!   [`record::publish`] does the same for plans. [`refusal`] has every reason to refuse an input.
//! - `evaluation` computes what each payee is entitled to: in full, or only the part that changed since the last close.
//! - [`close`] closes a month: it subtracts what earlier closes posted, settles each payee, and writes the difference
//!   (calculation.md 9 and 10).
//! - [`statements`] shows what a close posted to each payee, and why. [`pay`] approves and pays it, and has the accounts of the
//!   general ledger. [`authority`] says who may do what, by their signatures.
//! - [`disputes`] opens, answers and resolves what payees disagree with, and shows it beside the statements.
//! - [`bridge`] explains the difference between two points of a book, or between a book and one with other facts or rules.
//! - [`audit`] derives every close again from the log alone, and names every cent that differs.
//! - [`reports`] has tables about a book at the end of a month.
//! - [`missing`] finds what nobody is paid for and what is lacking, for previews, closes and recordings.
//! - [`derived`] holds files that make opening and searching a large book fast. They can be deleted at any time.
//! - [`verify`] checks every byte of a book with code of its own, and [`recover`] copies the undamaged beginning of a damaged
//!   book.
//! - [`stamp`] is the time, the author and the random bytes of an append. The command line passes them in.

#![warn(missing_docs)]

pub mod audit;
pub mod authority;
pub mod book;
pub mod bridge;
pub mod close;
pub mod derived;
pub mod disputes;
mod engine;
mod error;
mod evaluation;
mod fold;
mod location;
pub mod missing;
pub mod pay;
pub mod rebuild;
pub mod record;
pub mod recover;
pub mod refusal;
pub mod reports;
pub mod stamp;
pub mod state;
pub mod statements;
pub mod verify;

pub use evaluation::impact_probe;
