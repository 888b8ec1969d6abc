//! A usage entry as a row of numbers, its names as the bytes that they are stored as: what a replay takes of nine entries
//! in ten, in a fifth of the time that [`UsageEntry`](crate::usage::UsageEntry) takes.
//!
//! It says `None` to everything that it does not know by heart (another kind, fields that are rare, numbers that are
//! large, damage). Such an entry is read whole, which tells what is wrong with it.

use crate::date::Day;
use crate::usage::USAGE;

/// Where plain usage entries are read, one after the other.
#[derive(Default)]
pub struct PlainUsageReader {
    /// The author and user of the entry before, as they are stored: nearly always those of the next one too.
    origin: Vec<u8>,
}

/// A snapshot whose id was derived, that replaces nothing, and says nothing beside its numbers.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct PlainUsage<'a> {
    /// Microseconds since 1970 in UTC.
    pub recorded: u64,
    /// Account, contract and meter as they are stored, and the currency's code: equal where all of these are.
    pub names: &'a [u8],
    /// The code of the currency.
    pub code: [u8; 3],
    /// The first day of the interval.
    pub from: Day,
    /// Days covered, at least one.
    pub days: u16,
    /// What was used, in the currency.
    pub amount: ShortDecimal,
    /// What was used, in units of the meter.
    pub quantity: Option<ShortDecimal>,
}

/// A decimal whose digits fit 64 bits.
#[derive(Copy, Clone, Debug, PartialEq, Eq)]
pub struct ShortDecimal {
    /// All digits.
    pub mantissa: i64,
    /// How many of them are behind the point.
    pub scale: u8,
}

impl PlainUsageReader {
    /// Reads an entry; `None` where [`UsageEntry`](crate::usage::UsageEntry) or the whole entry has to be read instead.
    #[inline]
    pub fn get<'a>(&mut self, bytes: &'a [u8]) -> Option<PlainUsage<'a>> {
        let mut items = CborItems { rest: bytes };
        items.exactly(&[0x8c])?;
        items.head(UINT)?;
        let recorded = items.head(UINT)?;
        items.bool()?;
        self.origin(&mut items)?;
        items.exactly(&[0xd8, 37, 0x50])?;
        let id = items.take(16)?;
        // Ids that came with a fact are found by a map of their own.
        if id[6] >> 4 != 8 || items.head(UINT)? != USAGE {
            return None;
        }
        let mut left = items.head(MAP)?;
        let names = items.rest;
        let mut key = items.head(UINT)?;
        if key != 1 {
            return None;
        }
        while key < 4 {
            let length = items.head(TEXT)?;
            items.take(usize::try_from(length).ok()?)?;
            left = left.checked_sub(1)?;
            let next = items.head(UINT)?;
            key = Some(next).filter(|next| *next > key)?;
        }
        // The key 4 is a single byte.
        let names = &names[..names.len() - items.rest.len() - 1];
        let from = (key == 4).then(|| items.day())??;
        items.exactly(&[5])?;
        let to = items.day()?;
        items.exactly(&[6])?;
        let amount = items.decimal()?;
        let mut key = items.head(UINT)?;
        let quantity = if key == 7 { Some(items.decimal()?) } else { None };
        if quantity.is_some() {
            left = left.checked_sub(1)?;
            key = items.head(UINT)?;
        }
        items.exactly(&[0x63])?;
        let code = *items.take(3)?.first_chunk()?;
        // The three numbers and the currency: then nothing may follow but the empty list of what it replaces.
        if key != 8 || left != 4 || to < from {
            return None;
        }
        items.exactly(&[0x80])?;
        let days = u16::try_from(from.days_to(to)).ok()?;
        Some(PlainUsage { recorded, names, code, from, days, amount, quantity })
    }

    /// Steps over author and user.
    #[inline]
    fn origin(&mut self, items: &mut CborItems<'_>) -> Option<()> {
        if let Some(rest) = items.rest.strip_prefix(self.origin.as_slice()).filter(|_| !self.origin.is_empty()) {
            items.rest = rest;
            return Some(());
        }
        let start = items.rest;
        for _ in 0..2 {
            let length = items.head(TEXT)?;
            std::str::from_utf8(items.take(usize::try_from(length).ok()?)?).ok()?;
        }
        self.origin.clear();
        self.origin.extend_from_slice(&start[..start.len() - items.rest.len()]);
        Some(())
    }
}

const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const TEXT: u8 = 3;
const MAP: u8 = 5;

/// CBOR items one after the other, each in its shortest form or none at all.
struct CborItems<'a> {
    rest: &'a [u8],
}

impl<'a> CborItems<'a> {
    #[inline(always)]
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    #[inline(always)]
    fn exactly(&mut self, bytes: &[u8]) -> Option<()> {
        self.rest = self.rest.strip_prefix(bytes)?;
        Some(())
    }

    #[inline(always)]
    fn bool(&mut self) -> Option<()> {
        matches!(self.take(1)?[0], 0xf4 | 0xf5).then_some(())
    }

    #[inline(always)]
    fn fixed<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.rest.split_first_chunk()?;
        self.rest = rest;
        Some(*taken)
    }

    /// The number of a head of this major type.
    #[inline(always)]
    fn head(&mut self, major: u8) -> Option<u64> {
        let (found, value) = self.any_head()?;
        (found == major).then_some(value)
    }

    #[inline(always)]
    fn any_head(&mut self) -> Option<(u8, u64)> {
        let [first] = self.fixed()?;
        let (value, least) = match first & 31 {
            low @ 0..=23 => (u64::from(low), 0),
            24 => (u64::from(u8::from_be_bytes(self.fixed()?)), 24),
            25 => (u64::from(u16::from_be_bytes(self.fixed()?)), 1 << 8),
            26 => (u64::from(u32::from_be_bytes(self.fixed()?)), 1 << 16),
            27 => (u64::from_be_bytes(self.fixed()?), 1 << 32),
            _ => return None,
        };
        (value >= least).then_some((first >> 5, value))
    }

    #[inline(always)]
    fn integer(&mut self) -> Option<i64> {
        let (major, value) = self.any_head()?;
        let value = i64::try_from(value).ok()?;
        match major {
            UINT => Some(value),
            NEGATIVE => Some(-1 - value),
            _ => None,
        }
    }

    #[inline(always)]
    fn day(&mut self) -> Option<Day> {
        self.exactly(&[0xd8, 100])?;
        Day::from_number(self.integer()?)
    }

    #[inline(always)]
    fn decimal(&mut self) -> Option<ShortDecimal> {
        self.exactly(&[0xc4, 0x82])?;
        let exponent = self.integer()?;
        let mantissa = self.integer()?;
        let scale = u8::try_from(exponent.checked_neg()?).ok().filter(|scale| *scale <= 28)?;
        (scale == 0 || mantissa % 10 != 0).then_some(ShortDecimal { mantissa, scale })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entry::Entry;
    use crate::fact::{Body, Incoming, Payload};
    use crate::field::Amount;
    use crate::line::FactLine;
    use crate::money::Currency;
    use crate::usage::UsageEntry;
    use proptest::prelude::*;
    use rust_decimal::Decimal;
    use uuid::Uuid;

    fn stored(text: &str, id: Uuid, replaces: Vec<u64>, user: &str) -> Vec<u8> {
        let incoming = Incoming::read(FactLine { file: "test", number: 1, text });
        let payload = Payload::Fact(incoming.expect("a fact").fact);
        let (author, user) = ("ana".to_owned(), user.to_owned());
        let entry = Entry {
            position: 700,
            recorded: 1_800_000_000_000_000,
            behind: false,
            author,
            user,
            id,
            payload,
            replaces,
            request: None,
            signatures: Vec::new(),
        };
        let mut bytes = Vec::new();
        entry.put(&mut bytes, |salt| salt.fill(1));
        bytes
    }

    fn currency(row: &PlainUsage<'_>) -> Option<Currency> {
        Currency::parse(std::str::from_utf8(&row.code).ok()?)
    }

    fn derived() -> Uuid {
        uuid::Builder::from_custom_bytes([7; 16]).into_uuid()
    }

    fn amount(short: ShortDecimal) -> Amount {
        Amount(Decimal::new(short.mantissa, u32::from(short.scale)))
    }

    /// What a row says is what the whole entry says, and whoever reads whole takes nothing that a row refuses.
    fn assert_agrees(row: Option<PlainUsage<'_>>, bytes: &[u8]) {
        let Some(row) = row else { return };
        let whole = Entry::get(bytes).expect("a row is a whole entry");
        let Payload::Fact(fact) = &whole.payload else { panic!("a fact") };
        let Body::UsageSnapshot(usage) = &fact.body else { panic!("usage") };
        assert_eq!((row.recorded, row.from, currency(&row)), (whole.recorded, usage.from, Some(usage.currency)));
        assert_eq!(i32::from(row.days), usage.from.days_to(usage.to));
        assert_eq!((amount(row.amount), row.quantity.map(amount)), (usage.amount, usage.quantity));
        assert!(whole.replaces.is_empty());
    }

    proptest! {
        #[test]
        fn agrees_with_the_whole_reader(
            contract in any::<bool>(), meter in any::<bool>(), quantity in any::<bool>(), source in any::<bool>(), replaces in any::<bool>(), own in any::<bool>(),
            mantissa in any::<i64>(), scale in 0u32..5, start in 0i64..60_000, days in 1i32..70_000
        ) {
            let from = Day::from_number(start).expect("a day");
            let to = from.plus_days(days - 1);
            let part = |present: bool, text: &str| if present { text.to_owned() } else { String::new() };
            let text = format!(
                "{{\"fact\":\"usage-snapshot\",\"account\":\"acme\"{}{},\"from\":\"{from}\",\"to\":\"{to}\",\"amount\":\"{}\"{},\"currency\":\"EUR\"{}}}",
                part(contract, ",\"contract\":\"c-1\""), part(meter, ",\"meter\":\"m\""), Decimal::new(mantissa / 100_000, scale),
                part(quantity, ",\"quantity\":\"1.5\""), part(source, ",\"source\":\"s\""),
            );
            let id = if own { Uuid::from_u128(9) } else { derived() };
            let bytes = stored(&text, id, if replaces { vec![3] } else { Vec::new() }, "root");
            let mut rows = PlainUsageReader::default();
            let row = rows.get(&bytes);
            let plain = !source && !replaces && !own && days <= i32::from(u16::MAX);
            prop_assert_eq!(row.is_some(), plain);
            assert_agrees(row, &bytes);
            // The same once more, now that author and user are known; and behind another's.
            prop_assert_eq!(rows.get(&bytes), row);
            rows.get(&stored(&text, id, Vec::new(), "somebody"));
            prop_assert_eq!(rows.get(&bytes), row);
        }

        /// Damage to anything but the names is never taken for what the whole reader would refuse.
        #[test]
        fn what_is_taken_is_what_the_whole_reader_takes(at in any::<prop::sample::Index>(), bit in 0u8..8, known in any::<bool>()) {
            let text = "{\"fact\":\"usage-snapshot\",\"account\":\"acme\",\"contract\":\"c\",\"from\":\"2027-01-01\",\"to\":\"2027-01-31\",\"amount\":\"20000.25\",\"quantity\":\"3\",\"currency\":\"USD\"}";
            let mut bytes = stored(text, derived(), Vec::new(), "root");
            let mut rows = PlainUsageReader::default();
            let at = at.index(bytes.len());
            let undamaged = bytes.clone();
            let (names, code) = rows.get(&undamaged).map(|row| (row.names, row.code)).expect("plain usage");
            bytes[at] ^= 1 << bit;
            if !known {
                rows = PlainUsageReader::default();
            }
            let known_names = |row: &PlainUsage<'_>| (row.names, row.code) == (names, code);
            if let Some(row) = rows.get(&bytes).filter(known_names) {
                let usage = UsageEntry::get(&bytes).expect("well formed").expect("plain usage");
                prop_assert_eq!((row.recorded, row.from, currency(&row)), (usage.recorded, usage.from, Some(usage.currency)));
                prop_assert_eq!((amount(row.amount), row.quantity.map(amount)), (usage.amount, usage.quantity));
                prop_assert_eq!(i32::from(row.days), usage.from.days_to(usage.to));
            }
        }
    }
}
