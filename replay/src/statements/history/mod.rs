//! The history of a line, draw or item: its postings, the entries behind them, and what each entry changed in money.

pub mod decisions;
pub mod lines;
pub mod money;
