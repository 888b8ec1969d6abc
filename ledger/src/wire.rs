//! Deterministic CBOR (RFC 8949 4.2.1): shortest heads, definite lengths, integer map keys in ascending order, no floats.
//!
//! The reader accepts only what the writer would have written.

pub use rust_decimal::Decimal;
use uuid::Uuid;

use crate::date::Day;

/// Why stored bytes are not an entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} at byte {at}")]
pub struct WireError {
    /// What is wrong.
    pub what: String,
    /// The byte at which it is.
    pub at: usize,
}

const UINT: u8 = 0;
const NEGATIVE: u8 = 1;
const BYTES: u8 = 2;
const TEXT: u8 = 3;
const ARRAY: u8 = 4;
const MAP: u8 = 5;
const TAG: u8 = 6;

const TAG_DECIMAL: u64 = 4;
const TAG_BIG_POSITIVE: u64 = 2;
const TAG_BIG_NEGATIVE: u64 = 3;
const TAG_UUID: u64 = 37;
const TAG_DAYS: u64 = 100;

/// Appends items to a buffer that the caller owns and reuses.
pub struct CborWriter<'b> {
    /// What is written goes to its end.
    pub buffer: &'b mut Vec<u8>,
}

impl CborWriter<'_> {
    fn head(&mut self, major: u8, value: u64) {
        let major = major << 5;
        match value {
            0..=23 => self.buffer.push(major | value as u8),
            24..=0xff => self.buffer.extend([major | 24, value as u8]),
            0x100..=0xffff => {
                self.buffer.push(major | 25);
                self.buffer.extend((value as u16).to_be_bytes());
            }
            0x1_0000..=0xffff_ffff => {
                self.buffer.push(major | 26);
                self.buffer.extend((value as u32).to_be_bytes());
            }
            _ => {
                self.buffer.push(major | 27);
                self.buffer.extend(value.to_be_bytes());
            }
        }
    }

    /// A whole number from 0 on.
    pub fn uint(&mut self, value: u64) {
        self.head(UINT, value);
    }

    /// A whole number, as a big integer where it needs more than 64 bits.
    pub fn int(&mut self, value: i128) {
        let (major, size) = if value < 0 { (NEGATIVE, (-1 - value) as u128) } else { (UINT, value as u128) };
        if let Ok(size) = u64::try_from(size) {
            return self.head(major, size);
        }
        self.head(TAG, if value < 0 { TAG_BIG_NEGATIVE } else { TAG_BIG_POSITIVE });
        let bytes = size.to_be_bytes();
        self.bytes(&bytes[bytes.iter().position(|b| *b != 0).expect("above 2^64")..]);
    }

    /// A byte string.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.head(BYTES, bytes.len() as u64);
        self.buffer.extend_from_slice(bytes);
    }

    /// A text.
    pub fn text(&mut self, text: &str) {
        self.head(TEXT, text.len() as u64);
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// The head of an array; its items have to follow.
    pub fn array(&mut self, items: usize) {
        self.head(ARRAY, items as u64);
    }

    /// The head of a map; its keys and values have to follow.
    pub fn map(&mut self, entries: usize) {
        self.head(MAP, entries as u64);
    }

    /// `true` or `false`.
    pub fn bool(&mut self, value: bool) {
        self.buffer.push(if value { 0xf5 } else { 0xf4 });
    }

    /// `null`
    pub fn null(&mut self) {
        self.buffer.push(0xf6);
    }

    /// Tag 4, `[exponent, mantissa]`, without trailing zeros: one number has one form.
    pub fn decimal(&mut self, value: Decimal) {
        let value = value.normalize();
        self.head(TAG, TAG_DECIMAL);
        self.array(2);
        self.int(-i128::from(value.scale()));
        self.int(value.mantissa());
    }

    /// Tag 100, days since 1970-01-01 (RFC 8943).
    pub fn day(&mut self, day: Day) {
        assert!((Day::FIRST..=Day::LAST).contains(&day), "BUG: {day} is no date that can be read again");
        self.head(TAG, TAG_DAYS);
        self.int(i128::from(day.number()));
    }

    /// A UUID.
    pub fn uuid(&mut self, id: Uuid) {
        self.head(TAG, TAG_UUID);
        self.bytes(id.as_bytes());
    }
}

/// Reads items one after the other.
#[derive(Clone)]
pub struct CborReader<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// What reading returns.
pub type Result<T> = std::result::Result<T, WireError>;

impl<'a> CborReader<'a> {
    /// Reads from the first byte on.
    pub fn new(bytes: &'a [u8]) -> CborReader<'a> {
        CborReader { bytes, at: 0 }
    }

    /// The byte that is read next.
    pub fn at(&self) -> usize {
        self.at
    }

    /// A refusal at the current place.
    pub fn wrong<T>(&self, what: impl Into<String>) -> Result<T> {
        Err(WireError { what: what.into(), at: self.at })
    }

    /// Fails if anything follows.
    pub fn end(&self) -> Result<()> {
        if self.at == self.bytes.len() { Ok(()) } else { self.wrong("something follows the entry") }
    }

    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let Some(taken) = self.at.checked_add(count).and_then(|end| self.bytes.get(self.at..end)) else {
            return self.wrong("the bytes end too early");
        };
        self.at += count;
        Ok(taken)
    }

    fn fixed<const N: usize>(&mut self) -> Result<[u8; N]> {
        Ok(self.take(N)?.try_into().expect("N bytes were taken"))
    }

    #[inline]
    fn head(&mut self) -> Result<(u8, u64)> {
        let first = self.fixed::<1>()?[0];
        let (major, low) = (first >> 5, first & 31);
        let (value, least) = match low {
            0..=23 => return Ok((major, u64::from(low))),
            24 => (u64::from(self.fixed::<1>()?[0]), 24),
            25 => (u64::from(u16::from_be_bytes(self.fixed()?)), 0x100),
            26 => (u64::from(u32::from_be_bytes(self.fixed()?)), 0x1_0000),
            27 => (u64::from_be_bytes(self.fixed()?), 0x1_0000_0000),
            _ => return self.wrong("a reserved or indefinite length"),
        };
        if value < least || major == 7 {
            return self.wrong("a head that is not the shortest");
        }
        Ok((major, value))
    }

    fn expect(&mut self, wanted: u8, what: &str) -> Result<u64> {
        match self.head()? {
            (major, value) if major == wanted => Ok(value),
            _ => self.wrong(format!("{what} expected")),
        }
    }

    /// Reads a whole number from 0 on.
    pub fn uint(&mut self) -> Result<u64> {
        self.expect(UINT, "a whole number")
    }

    /// Reads a whole number. Fails on a big integer that would fit 64 bits.
    pub fn int(&mut self) -> Result<i128> {
        match self.head()? {
            (UINT, value) => Ok(i128::from(value)),
            (NEGATIVE, value) => Ok(-1 - i128::from(value)),
            (TAG, tag @ (TAG_BIG_POSITIVE | TAG_BIG_NEGATIVE)) => self.big(tag == TAG_BIG_NEGATIVE),
            _ => self.wrong("an integer expected"),
        }
    }

    fn big(&mut self, negative: bool) -> Result<i128> {
        let bytes = self.bytes()?;
        if !(9..=16).contains(&bytes.len()) || bytes[0] == 0 {
            return self.wrong("a big integer that is not the shortest");
        }
        let size = bytes.iter().fold(0u128, |size, byte| size << 8 | u128::from(*byte));
        match i128::try_from(size) {
            Ok(size) => Ok(if negative { -1 - size } else { size }),
            Err(_) => self.wrong("an integer that is too large"),
        }
    }

    /// Reads a byte string.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let count = self.expect(BYTES, "bytes")?;
        self.take(usize::try_from(count).unwrap_or(usize::MAX))
    }

    /// Reads a text.
    pub fn text(&mut self) -> Result<&'a str> {
        let count = self.expect(TEXT, "a text")?;
        let bytes = self.take(usize::try_from(count).unwrap_or(usize::MAX))?;
        match std::str::from_utf8(bytes) {
            Ok(text) => Ok(text),
            Err(_) => self.wrong("a text that is not UTF-8"),
        }
    }

    /// Reads the head of an array: how many items follow.
    pub fn array(&mut self) -> Result<usize> {
        let count = self.expect(ARRAY, "an array")?;
        self.plausible(count)
    }

    /// Reads the head of a map: how many keys and values follow.
    pub fn map(&mut self) -> Result<usize> {
        let count = self.expect(MAP, "a map")?;
        self.plausible(count)
    }

    /// No list can have more items than bytes are left: a wrong count never allocates.
    fn plausible(&self, count: u64) -> Result<usize> {
        match usize::try_from(count) {
            Ok(count) if count <= self.bytes.len() - self.at => Ok(count),
            _ => self.wrong("a count beyond the bytes"),
        }
    }

    /// Reads `true` or `false`.
    pub fn bool(&mut self) -> Result<bool> {
        match self.fixed::<1>()?[0] {
            0xf4 => Ok(false),
            0xf5 => Ok(true),
            _ => self.wrong("true or false expected"),
        }
    }

    /// Steps over a null if one is next.
    pub fn null(&mut self) -> bool {
        let is_null = self.bytes.get(self.at) == Some(&0xf6);
        self.at += usize::from(is_null);
        is_null
    }

    fn tag(&mut self, wanted: u64, what: &str) -> Result<()> {
        if self.head()? == (TAG, wanted) { Ok(()) } else { self.wrong(format!("{what} expected")) }
    }

    /// Reads a decimal. Fails if it could be written with fewer digits.
    #[inline]
    pub fn decimal(&mut self) -> Result<Decimal> {
        self.tag(TAG_DECIMAL, "a decimal")?;
        if self.array()? != 2 {
            return self.wrong("a decimal of two parts expected");
        }
        let scale = u32::try_from(-self.int()?).ok().filter(|scale| *scale <= 28);
        let mantissa = self.int()?;
        let value = scale.and_then(|scale| Decimal::try_from_i128_with_scale(mantissa, scale).ok());
        match value {
            Some(value) if value.scale() == 0 || mantissa % 10 != 0 => Ok(value),
            _ => self.wrong("a decimal that is too long or ends in zeros"),
        }
    }

    /// Reads a date.
    #[inline]
    pub fn day(&mut self) -> Result<Day> {
        self.tag(TAG_DAYS, "a date")?;
        let number = self.int()?;
        match i64::try_from(number).ok().and_then(Day::from_number) {
            Some(day) => Ok(day),
            None => self.wrong("a date out of range"),
        }
    }

    /// Reads a UUID.
    pub fn uuid(&mut self) -> Result<Uuid> {
        self.tag(TAG_UUID, "a UUID")?;
        match Uuid::from_slice(self.bytes()?) {
            Ok(id) => Ok(id),
            Err(_) => self.wrong("a UUID of 16 bytes expected"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut CborWriter<'_>)) -> Vec<u8> {
        let mut buffer = Vec::new();
        write(&mut CborWriter { buffer: &mut buffer });
        buffer
    }

    #[test]
    fn heads_are_the_shortest_of_the_standard() {
        // RFC 8949, appendix A.
        for (value, hex) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (100, "1864"),
            (1000, "1903e8"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (18_446_744_073_709_551_616, "c249010000000000000000"),
            (-1, "20"),
            (-100, "3863"),
            (-18_446_744_073_709_551_617, "c349010000000000000000"),
        ] {
            let bytes = written(|w| w.int(value));
            let text: String = bytes.iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(text, hex);
            assert_eq!(CborReader::new(&bytes).int(), Ok(value));
        }
    }

    #[test]
    fn longer_heads_than_needed_are_refused() {
        for bytes in
            [&[0x18, 23][..], &[0x19, 0, 255], &[0x1a, 0, 0, 255, 255], &[0x1b, 0, 0, 0, 0, 255, 255, 255, 255]]
        {
            assert!(CborReader::new(bytes).uint().is_err(), "{bytes:x?}");
        }
        assert!(
            CborReader::new(&[0xc2, 0x48, 1, 0, 0, 0, 0, 0, 0, 0]).int().is_err(),
            "a big integer that fits a head"
        );
        assert!(CborReader::new(&[0xc4, 0x82, 0x20, 0x0a]).decimal().is_err(), "1.0 ends in a zero");
        assert!(CborReader::new(&[0x9f, 0xff]).array().is_err(), "indefinite length");
    }

    proptest! {
        #[test]
        fn decimals_come_back(mantissa in -(10i64.pow(18))..10i64.pow(18), scale in 0u32..12) {
            let value = Decimal::new(mantissa, scale);
            let bytes = written(|w| w.decimal(value));
            prop_assert_eq!(CborReader::new(&bytes).decimal(), Ok(value));
        }

        #[test]
        fn what_is_accepted_is_what_would_have_been_written(bytes in proptest::collection::vec(any::<u8>(), 0..12)) {
            let mut reader = CborReader::new(&bytes);
            if let Ok(value) = reader.int() {
                prop_assert_eq!(&written(|w| w.int(value))[..], &bytes[..reader.at()]);
            }
            let mut reader = CborReader::new(&bytes);
            if let Ok(value) = reader.decimal() {
                prop_assert_eq!(&written(|w| w.decimal(value))[..], &bytes[..reader.at()]);
            }
            let mut reader = CborReader::new(&bytes);
            if let Ok(value) = reader.text() {
                prop_assert_eq!(&written(|w| w.text(value))[..], &bytes[..reader.at()]);
            }
        }
    }
}
