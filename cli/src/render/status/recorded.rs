//! Who recorded an entry, and when, in words.

use ledger::entry::recorded_text;
use replay::authority::recorded::{RecordedEntry, Signed};

/// `on 2027-05-02 by cfo (position 123): the reason`.
pub fn recorded(entry: &RecordedEntry) -> String {
    let by: Vec<&str> = entry.by.iter().map(|name| name.as_str()).collect();
    let unsigned = if entry.signed == Signed::Yes { "" } else { ", not signed" };
    let text = entry.text.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
    format!("on {} by {} (position {}{unsigned}){text}", day(entry), by.join(" and "), entry.position)
}

/// The day on which an entry was recorded.
pub fn day(entry: &RecordedEntry) -> String {
    let time = recorded_text(entry.recorded);
    time.split('T').next().unwrap_or(&time).to_owned()
}
