//! What commands write into files.

pub mod evidence;
pub mod folder;
pub mod statements;
