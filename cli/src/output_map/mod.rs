//! Mappings of what goes out (docs/exports.md): the columns of a file for another program, the accounts of its general ledger, and
//! how amounts and dates are written.

pub mod fill;
pub mod read;
pub mod refusal;
pub mod rules;
pub mod table;
pub mod template;
