//! The installments, clawbacks and conditions of a component.

pub mod clawback;
pub mod condition;
pub mod installment;
