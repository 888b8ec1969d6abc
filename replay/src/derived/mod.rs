//! Files that can be made again from the log, so they can be deleted at any time: snapshots of the state, the index of ids and
//! names, and the schedule of the last close.
//!
//! Each file is sealed with the book's secret. A file that is damaged, forged or of another book is rejected and made again.

pub(crate) mod cache;
pub mod entry_names;
pub mod index;
pub mod inventory;
pub mod lookup;
pub mod rejected;
pub(crate) mod schedule_file;
pub mod sealing;
pub(crate) mod snapshot;
