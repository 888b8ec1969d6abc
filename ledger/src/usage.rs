//! A usage entry read without allocating: nine in ten entries of a book are usage, and opening reads them all.

use uuid::Uuid;

use crate::date::Day;
use crate::field::{Amount, Stored};
use crate::money::Currency;
use crate::wire::{CborReader, Result};

/// The kind code of usage snapshots (fact.rs).
pub const USAGE: u64 = 8;

/// What knowledge takes of a usage entry, borrowed from its bytes.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct UsageEntry<'a> {
    /// The entry's position.
    pub position: u64,
    /// Microseconds since 1970 in UTC.
    pub recorded: u64,
    /// The fact's id.
    pub id: Uuid,
    /// The account.
    pub account: &'a str,
    /// The contract, where it is not named like the account.
    pub contract: Option<&'a str>,
    /// The meter, where there is one.
    pub meter: Option<&'a str>,
    /// The first day of the interval.
    pub from: Day,
    /// The last day of the interval.
    pub to: Day,
    /// What was used, in the currency.
    pub amount: Amount,
    /// What was used, in units of the meter.
    pub quantity: Option<Amount>,
    /// The currency of the amount.
    pub currency: Currency,
}

impl<'a> UsageEntry<'a> {
    /// `None` for an entry of another kind, or one that replaces something: those are read whole.
    pub fn get(bytes: &'a [u8]) -> Result<Option<UsageEntry<'a>>> {
        let mut reader = CborReader::new(bytes);
        reader.array()?;
        let (position, recorded) = (reader.uint()?, reader.uint()?);
        reader.bool()?;
        reader.text()?;
        reader.text()?;
        let id = reader.uuid()?;
        if reader.uint()? != USAGE {
            return Ok(None);
        }
        let mut left = reader.map()?;
        let mut key = next_key(&mut reader, &mut left)?;
        let mut optional = |reader: &mut CborReader<'a>, wanted: u64, key: &mut u64| {
            if *key != wanted {
                return Ok(None);
            }
            let text = reader.text()?;
            *key = next_key(reader, &mut left)?;
            Ok(Some(text))
        };
        let account = optional(&mut reader, 1, &mut key)?;
        let contract = optional(&mut reader, 2, &mut key)?;
        let meter = optional(&mut reader, 3, &mut key)?;
        let Some(account) = account.filter(|_| key == 4) else {
            return reader.wrong("the parts of a usage snapshot expected");
        };
        let from = reader.day()?;
        expect_key(&mut reader, 5)?;
        let to = reader.day()?;
        expect_key(&mut reader, 6)?;
        let amount = Amount(reader.decimal()?);
        // `to` and `amount` were counted by hand, the rest goes on by keys.
        left = left.saturating_sub(2);
        let mut key = next_key(&mut reader, &mut left)?;
        let mut quantity = None;
        if key == 7 {
            quantity = Some(Amount(reader.decimal()?));
            key = next_key(&mut reader, &mut left)?;
        }
        if key != 8 {
            return reader.wrong("a currency expected");
        }
        let currency = Currency::get(&mut reader)?;
        // What may follow (how it replaces, its source and note) changes nothing that is known.
        if left > 0 {
            return Ok(None);
        }
        let plain = reader.array()? == 0;
        let usage =
            UsageEntry { position, recorded, id, account, contract, meter, from, to, amount, quantity, currency };
        Ok(plain.then_some(usage))
    }
}

/// The next key of a map, 0 at its end: no field has the key 0 here.
fn next_key(reader: &mut CborReader<'_>, left: &mut usize) -> Result<u64> {
    if *left == 0 {
        return Ok(0);
    }
    *left -= 1;
    reader.uint()
}

fn expect_key(reader: &mut CborReader<'_>, wanted: u64) -> Result<()> {
    match reader.uint()? {
        key if key == wanted => Ok(()),
        _ => reader.wrong("the parts of a usage snapshot expected"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::fact::{Body, Incoming, Payload};
    use crate::line::FactLine;
    use proptest::prelude::*;

    fn entry(text: &str, replaces: Vec<u64>) -> Entry {
        let incoming = Incoming::read(FactLine { file: "test", number: 1, text });
        let payload = Payload::Fact(incoming.expect("a fact").fact);
        let (author, user) = ("ana".to_owned(), "root".to_owned());
        Entry {
            position: 700,
            recorded: 1,
            behind: false,
            author,
            user,
            id: Uuid::from_u128(9),
            payload,
            replaces,
            request: None,
            signatures: Vec::new(),
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_whole_reader(
            contract in any::<bool>(), meter in any::<bool>(), quantity in any::<bool>(), source in any::<bool>(), replaces in any::<bool>(),
            mantissa in any::<i64>(), days in 0i64..60_000
        ) {
            let day = Day::from_number(days).expect("a day");
            let part = |present: bool, text: &str| if present { text.to_owned() } else { String::new() };
            let text = format!(
                "{{\"fact\":\"usage-snapshot\",\"account\":\"acme\"{}{},\"from\":\"{day}\",\"to\":\"{day}\",\"amount\":\"{}\"{},\"currency\":\"EUR\"{}}}",
                part(contract, ",\"contract\":\"c-1\""), part(meter, ",\"meter\":\"m\""), rust_decimal::Decimal::new(mantissa / 100_000, 2),
                part(quantity, ",\"quantity\":\"0\""), part(source, ",\"source\":\"s\""),
            );
            let entry = entry(&text, if replaces { vec![3] } else { Vec::new() });
            let mut bytes = Vec::new();
            entry.put(&mut bytes, |salt| salt.fill(1));
            let Payload::Fact(fact) = &entry.payload else { panic!("a fact") };
            let Body::UsageSnapshot(whole) = &fact.body else { panic!("usage") };
            match UsageEntry::get(&bytes).expect("well formed") {
                None => prop_assert!(source || replaces),
                Some(usage) => {
                    prop_assert!(!source && !replaces);
                    prop_assert_eq!((usage.account, usage.contract), (whole.account.as_str(), whole.contract.as_ref().map(|c| c.as_str())));
                    prop_assert_eq!((usage.from, usage.to, usage.amount, usage.quantity), (whole.from, whole.to, whole.amount, whole.quantity));
                    prop_assert_eq!((usage.position, usage.id, usage.currency), (700, entry.id, whole.currency));
                }
            }
        }
    }
}
