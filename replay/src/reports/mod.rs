//! Tables about a book at the end of a month.

pub mod ageing;
pub mod contested_credit;
