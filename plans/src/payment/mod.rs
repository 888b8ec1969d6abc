//! When and whether an earned amount is paid: installments, conditions, clawbacks, draws and the settlement.

pub(crate) mod burn;
pub(crate) mod clawback;
pub mod condition;
pub mod condition_result;
pub mod draw;
pub mod due;
pub mod forfeited;
pub mod installment;
pub(crate) mod net_amount;
pub mod settle;
pub(crate) mod trigger;
