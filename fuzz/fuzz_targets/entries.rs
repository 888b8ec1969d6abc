//! Bytes of entries: what is accepted is what would have been written, and both readers of usage agree.
#![no_main]

use ledger::entry::Entry;
use ledger::fact::{Body, Payload};
use ledger::usage::UsageEntry;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((manner, bytes)) = data.split_first() else { return };
    match manner % 2 {
        0 => look(bytes),
        // A salt of the right length is hardly ever met by chance.
        _ => look(&salted(bytes)),
    }
});

fn look(bytes: &[u8]) {
    let usage = UsageEntry::get(bytes);
    let Ok(entry) = Entry::get(bytes) else { return };
    let mut again = Vec::new();
    entry.put(&mut again, |salt| {
        let start = bytes.len() - salt.len();
        salt.copy_from_slice(&bytes[start..]);
    });
    assert_eq!(again, bytes, "what is accepted is what would have been written");
    let mut out = ledger::json::JsonWriter::new();
    entry.show(&mut out, &[0; 32]);
    ledger::json::read(&out.finish()).expect("an entry shows as JSON");
    let usage = usage.expect("what is an entry is one for the quick reader too");
    let Some(usage) = usage else { return };
    let Payload::Fact(fact) = entry.payload else { panic!("usage is a fact") };
    let Body::UsageSnapshot(body) = fact.body else { panic!("usage is a usage snapshot") };
    assert_eq!((usage.position, usage.recorded, usage.id), (entry.position, entry.recorded, entry.id));
    assert_eq!((usage.account, usage.contract), (body.account.as_str(), body.contract.as_ref().map(|id| id.as_str())));
    assert_eq!(usage.meter, body.meter.as_ref().map(|id| id.as_str()));
    assert_eq!((usage.from, usage.to, usage.currency), (body.from, body.to, body.currency));
    assert_eq!((usage.amount, usage.quantity), (body.amount, body.quantity));
}

/// The bytes with a salt behind them that makes them whole blocks (docs/format.md).
fn salted(bytes: &[u8]) -> Vec<u8> {
    let head = |size: usize| if size < 24 { 1 } else { 2 };
    let size = (16..).find(|size| (bytes.len() + head(*size) + size).is_multiple_of(64)).expect("one fits");
    let mut salted = bytes.to_vec();
    match size {
        0..24 => salted.push(0x40 + size as u8),
        _ => salted.extend([0x58, size as u8]),
    }
    salted.resize(bytes.len() + head(size) + size, 7);
    salted
}
