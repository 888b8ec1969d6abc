//! How things look: amounts, tables, problems, colour. Meaning never depends on colour.

pub mod amount;
pub mod audit;
pub mod bridge;
pub mod checkpoint;
pub mod dates;
pub mod entry;
pub mod html;
pub mod json;
pub mod layout;
pub mod missing;
pub mod problem;
pub mod readiness;
pub mod restatement;
pub mod statement;
pub mod status;
pub mod worked;
