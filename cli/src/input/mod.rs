//! What commands read: files, their limits, and tables of opening lines.

pub mod confirmation;
pub mod evidence;
pub mod files;
pub mod limits;
pub mod opening_lines;
pub mod policy;
pub mod time_zone;
