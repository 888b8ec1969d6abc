//! The trial balance as published JSON, and its digest, which each close records (calculation.md 10).

use ledger::json::JsonWriter;
use projections::posted_state::accounts::{LedgerAccounts, TrialRow};

/// Writes the rows as a JSON array of `{account, currency, debit, credit}`.
pub fn json(rows: &[TrialRow], out: &mut JsonWriter) {
    out.list(|out| {
        for row in rows {
            out.object(|out| {
                out.name("account").text(&row.account);
                out.name("currency").text(row.debit.currency);
                out.name("debit").text(row.debit);
                out.name("credit").text(row.credit);
            });
        }
    });
}

/// BLAKE3 of the canonical JSON of the trial balance.
pub fn digest(accounts: &LedgerAccounts) -> [u8; 32] {
    let mut out = JsonWriter::new();
    json(&accounts.trial_balance(), &mut out);
    *blake3::hash(out.finish().as_bytes()).as_bytes()
}
