//! Files that can be derived again from the log: snapshots, indexes, the schedule of the last close. Each carries the
//! book's seal; what is damaged, of another book or forged is rejected and made again.

pub(crate) mod cache;
pub mod entry_names;
pub mod index;
pub mod inventory;
pub mod lookup;
pub mod rejected;
pub(crate) mod schedule_file;
pub mod sealing;
pub mod snapshot;
