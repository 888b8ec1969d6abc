//! What commands write into files.

pub mod folder;
pub mod statements;
