//! Flat bytes for snapshots: numbers, texts and whole columns one after the other, little-endian, copied and not
//! decoded.
//!
//! The bytes were compared with their digest before they are read. So a decoder says `None` to anything unexpected,
//! without a reason.

use ledger::id::Name;

use crate::position::ShortList;

/// Writes values as bytes. Bytes are handed to a function in parts of about a megabyte.
pub struct Encoder<'s> {
    buffer: Vec<u8>,
    /// How many bytes were handed to the function.
    handed_on: u64,
    sink: &'s mut dyn FnMut(&[u8]),
}

/// Is called once for each part of a snapshot, with a function that writes the part.
pub type PutPart<'p> = &'p mut dyn FnMut(&dyn Fn(&mut Encoder<'_>));
/// Reads the bytes of the part of a number into memory that may have been used before. `None` if there is no such
/// part, or its bytes are not those that were written.
pub type GetPart<'p> = &'p (dyn Fn(usize, &mut Vec<u8>) -> Option<()> + Sync);

/// The bytes that are handed on at once: as many as fit the cache.
const PART_BYTES: usize = 1 << 20;

impl<'s> Encoder<'s> {
    /// An encoder that hands its bytes to `sink`.
    pub fn new(sink: &'s mut dyn FnMut(&[u8])) -> Encoder<'s> {
        Encoder { buffer: Vec::with_capacity(PART_BYTES + PART_BYTES / 4), handed_on: 0, sink }
    }

    /// Hands on the last bytes. Must be called at the end.
    pub fn finish(mut self) {
        self.hand_on();
    }

    fn hand_on(&mut self) {
        (self.sink)(&self.buffer);
        self.handed_on += self.buffer.len() as u64;
        self.buffer.clear();
    }

    /// The number of bytes written so far.
    pub fn written(&self) -> u64 {
        self.handed_on + self.buffer.len() as u64
    }

    /// Writes a number.
    pub fn one<T: FixedWidth>(&mut self, value: T) {
        value.put(&mut self.buffer);
        if self.buffer.len() >= PART_BYTES {
            self.hand_on();
        }
    }

    /// Writes a length, as eight bytes.
    pub fn count(&mut self, count: usize) {
        self.one(count as u64);
    }

    /// Writes a length and that many bytes.
    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.part(bytes);
    }

    /// Writes bytes without a length.
    pub fn part(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART_BYTES {
            self.hand_on();
        }
    }

    /// Writes numbers as one column: their count, then the numbers.
    pub fn column<T: FixedWidth>(&mut self, values: impl Iterator<Item = T>) {
        let values: Vec<T> = values.collect();
        self.slices([values.as_slice()].into_iter());
    }

    /// Writes several slices as one column.
    pub fn slices<'c, T: FixedWidth + 'c>(&mut self, slices: impl Iterator<Item = &'c [T]> + Clone) {
        self.count(slices.clone().map(<[T]>::len).sum());
        for slice in slices {
            slice.iter().for_each(|value| self.one(*value));
        }
    }

    /// Writes lists of different lengths: a column of their lengths, and a column of all items.
    pub fn lists<'c, T: FixedWidth + 'c>(&mut self, lists: impl Iterator<Item = &'c [T]> + Clone) {
        self.column(lists.clone().map(|list| list.len() as u32));
        self.slices(lists);
    }

    /// Writes texts as lists of bytes.
    pub fn texts<'c>(&mut self, texts: impl Iterator<Item = &'c str> + Clone) {
        self.lists(texts.map(str::as_bytes));
    }
}

/// A value of a fixed number of bytes.
pub trait FixedWidth: Copy {
    /// The number of bytes.
    const BYTES: usize;
    /// Appends its bytes.
    fn put(self, buffer: &mut Vec<u8>);
    /// The values that the bytes contain. Fewer bytes than one value at the end are ignored.
    fn all(bytes: &[u8]) -> impl ExactSizeIterator<Item = Self> + Clone;
}

macro_rules! fixed_width {
    ($($number:ty),*) => { $(
        impl FixedWidth for $number {
            const BYTES: usize = size_of::<$number>();
            fn put(self, buffer: &mut Vec<u8>) {
                buffer.extend_from_slice(&self.to_le_bytes());
            }
            #[inline]
            fn all(bytes: &[u8]) -> impl ExactSizeIterator<Item = Self> + Clone {
                bytes.as_chunks::<{ size_of::<$number>() }>().0.iter().map(|bytes| <$number>::from_le_bytes(*bytes))
            }
        }
    )* };
}
fixed_width!(u8, u16, u32, u64, i32, i64, i128);

impl FixedWidth for bool {
    const BYTES: usize = 1;
    fn put(self, buffer: &mut Vec<u8>) {
        buffer.push(u8::from(self));
    }
    fn all(bytes: &[u8]) -> impl ExactSizeIterator<Item = Self> + Clone {
        bytes.iter().map(|byte| *byte != 0)
    }
}

impl<const N: usize> FixedWidth for [u8; N] {
    const BYTES: usize = N;
    fn put(self, buffer: &mut Vec<u8>) {
        buffer.extend_from_slice(&self);
    }
    fn all(bytes: &[u8]) -> impl ExactSizeIterator<Item = Self> + Clone {
        bytes.as_chunks::<N>().0.iter().copied()
    }
}

/// Reads what an [`Encoder`] wrote, in the same order. Every method returns `None` if there are too few bytes.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    /// A decoder of these bytes.
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        Decoder { rest: bytes }
    }

    /// `Some` if everything was read.
    pub fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    /// Reads a number.
    pub fn one<T: FixedWidth>(&mut self) -> Option<T> {
        T::all(self.take(T::BYTES)?).next()
    }

    /// Reads a length. `None` if it is greater than the number of bytes left, so that a wrong length allocates
    /// nothing.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.one::<u64>()?).ok().filter(|count| *count <= self.rest.len())
    }

    /// Reads a length and that many bytes.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    /// Reads a column of numbers.
    pub fn column<T: FixedWidth>(&mut self) -> Option<ColumnDecoder<'a, T>> {
        let count = self.count()?;
        Some(ColumnDecoder { rest: self.take(count.checked_mul(T::BYTES)?)?, value: std::marker::PhantomData })
    }

    /// Reads lists of different lengths.
    pub fn lists<T: FixedWidth>(&mut self) -> Option<ListDecoder<'a, T>> {
        Some(ListDecoder { lengths: self.column()?, all: self.column()? })
    }

    /// Reads texts.
    pub fn texts(&mut self) -> Option<TextDecoder<'a>> {
        self.lists().map(TextDecoder)
    }
}

/// A column of numbers, read from the front.
#[derive(Clone, Debug)]
pub struct ColumnDecoder<'a, T> {
    rest: &'a [u8],
    value: std::marker::PhantomData<T>,
}

impl<'a, T: FixedWidth> ColumnDecoder<'a, T> {
    /// The number of values left.
    pub fn len(&self) -> usize {
        self.rest.len() / T::BYTES
    }

    /// Whether no value is left.
    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn front(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.rest.split_at_checked(count.checked_mul(T::BYTES)?)?;
        self.rest = rest;
        Some(front)
    }

    /// The next value; `None` at the end.
    #[inline]
    #[expect(clippy::should_implement_trait, reason = "beside taking many at once")]
    pub fn next(&mut self) -> Option<T> {
        T::all(self.front(1)?).next()
    }

    /// The next `count` values; `None` if fewer are left.
    pub fn many(&mut self, count: usize) -> Option<Vec<T>> {
        self.front(count).map(|front| T::all(front).collect())
    }

    /// The values left.
    pub fn all(self) -> Vec<T> {
        self.values().collect()
    }

    /// The values left, one after the other.
    pub fn values(self) -> impl Iterator<Item = T> + use<'a, T> {
        T::all(self.rest)
    }
}

/// Lists of different lengths, read from the front.
#[derive(Clone, Debug)]
pub struct ListDecoder<'a, T> {
    lengths: ColumnDecoder<'a, u32>,
    all: ColumnDecoder<'a, T>,
}

impl<T: FixedWidth> ListDecoder<'_, T> {
    /// The number of lists left.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    /// Whether no list is left.
    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    /// The next list; `None` at the end, or if its items are missing.
    #[expect(clippy::should_implement_trait, reason = "`None` may also mean that the bytes end too early")]
    pub fn next(&mut self) -> Option<Vec<T>> {
        let count = self.lengths.next()?;
        self.all.many(count as usize)
    }
}

impl ListDecoder<'_, u32> {
    /// The next list as a [`ShortList`]; `None` also if it is empty.
    pub fn short(&mut self) -> Option<ShortList> {
        let count = self.lengths.next()?;
        let front = self.all.front(count as usize)?;
        (count > 0).then(|| u32::all(front).collect())
    }
}

/// Texts, or strings of bytes, read from the front.
#[derive(Clone, Debug)]
pub struct TextDecoder<'a>(ListDecoder<'a, u8>);

impl<'a> TextDecoder<'a> {
    /// The number of texts left.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no text is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next text; `None` at the end, or if it is not UTF-8.
    #[expect(clippy::should_implement_trait, reason = "`None` may also mean that the bytes end too early")]
    pub fn next(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    /// The bytes of the next text; `None` at the end.
    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.0.lengths.next()?;
        self.0.all.front(count as usize)
    }
}

/// Reads a name that may be missing: an empty text is `Some(None)`. `None` if the text is no name.
pub fn name(text: &str) -> Option<Option<Name>> {
    if text.is_empty() { Some(None) } else { Name::new(text).map(Some) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn written(write: impl FnOnce(&mut Encoder<'_>)) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut sink = |part: &[u8]| bytes.extend_from_slice(part);
        let mut writer = Encoder::new(&mut sink);
        write(&mut writer);
        writer.finish();
        bytes
    }

    proptest! {
        #[test]
        fn what_is_written_comes_back(
            numbers in proptest::collection::vec(any::<i128>(), 0..40), lists in proptest::collection::vec(proptest::collection::vec(any::<u32>(), 0..9), 0..9),
            texts in proptest::collection::vec("\\PC{0,8}", 0..9), one in any::<u16>(), flags in proptest::collection::vec(any::<bool>(), 0..9)
        ) {
            let bytes = written(|out| {
                out.column(numbers.iter().copied());
                out.lists(lists.iter().map(Vec::as_slice));
                out.texts(texts.iter().map(String::as_str));
                out.one(one);
                out.column(flags.iter().copied());
            });
            let mut reader = Decoder::new(&bytes);
            prop_assert_eq!(reader.column().map(ColumnDecoder::all), Some(numbers));
            let mut found = reader.lists().expect("lists");
            prop_assert!(lists.iter().all(|list| found.next().as_ref() == Some(list)) && found.is_empty());
            let mut found = reader.texts().expect("texts");
            prop_assert!(texts.iter().all(|text| found.next() == Some(text)) && found.is_empty());
            prop_assert_eq!(reader.one(), Some(one));
            prop_assert_eq!(reader.column().map(ColumnDecoder::all), Some(flags));
            prop_assert_eq!(reader.end(), Some(()));
            for end in 0..bytes.len() {
                let mut reader = Decoder::new(&bytes[..end]);
                let all = reader.column::<i128>().is_some() && reader.lists::<u32>().is_some() && reader.texts().is_some();
                prop_assert!(!(all && reader.one::<u16>().is_some() && reader.column::<bool>().is_some()), "cut at {}", end);
            }
        }

        #[test]
        fn what_was_never_written_is_refused_or_read_and_never_more(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut reader = Decoder::new(&bytes);
            if let Some(mut texts) = reader.clone().texts() {
                while texts.next().is_some() {}
            }
            if let Some(mut lists) = reader.clone().lists::<i64>() {
                while lists.next().is_some() {}
            }
            prop_assert!(reader.column::<u32>().is_none_or(|column| column.len() * 4 <= bytes.len()));
        }
    }
}
