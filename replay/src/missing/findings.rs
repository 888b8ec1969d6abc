//! What is missing, as lists of items by class.

use plans::evaluation_fault::UsageEndsEarly;

use crate::missing::credit::{UnassignedCredit, Uncredited};
use crate::missing::evaluated::NoQuota;
use crate::missing::slips::{FarBooking, UnknownAccount};
use crate::missing::unpaid::Unpaid;
use crate::missing::usage::{IdleCommitment, UnattributedUsage};
use crate::missing::values::{UnknownManager, UnmatchedValue};

/// What is missing, by class. Each list has an order that follows from the facts.
#[derive(Default, Debug)]
pub struct MissingFindings {
    /// Bookings, usage and signals that no component pays anybody for.
    pub unpaid: Vec<Unpaid>,
    /// Credit to a payee without an assignment that measures it on that date.
    pub unassigned_credit: Vec<UnassignedCredit>,
    /// Primary shares under 100 %.
    pub uncredited: Vec<Uncredited>,
    /// Usage of a contract without a booking in force.
    pub unattributed_usage: Vec<UnattributedUsage>,
    /// Conditions decided against the payee on usage that ends before their window does.
    pub usage_ends_early: Vec<UsageEndsEarly>,
    /// Contracts with a commitment and no usage in the month.
    pub no_usage: Vec<IdleCommitment>,
    /// Values of motion, segment, region and product, and names of signals, that no plan names.
    pub unmatched_values: Vec<UnmatchedValue>,
    /// Credited payees without a quota where one is needed.
    pub no_quota: Vec<NoQuota>,
    /// Managers of whom nothing is recorded. Only a recording looks for them.
    pub unknown_managers: Vec<UnknownManager>,
    /// Accounts with new bookings that nothing else names, although accounts are listed. Only a recording looks for them.
    pub unknown_accounts: Vec<UnknownAccount>,
    /// Bookings that are dated long after everything else. Only a recording looks for them.
    pub far_bookings: Vec<FarBooking>,
}
