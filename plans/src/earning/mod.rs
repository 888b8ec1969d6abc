//! What an item earns: quota, rate, curve, target pay and cap.

pub mod cap;
pub mod curve;
pub mod quota;
pub mod rate;
pub mod target;
