//! Flat bytes for snapshots: numbers, texts and whole columns one after the other, little-endian, copied and not decoded.
//!
//! What is read was compared with its digest before. So a reader says `None` to what cannot be, and no more about it.

use ledger::id::Name;

use crate::position::ShortList;

/// Writes to whatever takes the bytes, in large parts.
pub struct Encoder<'s> {
    buffer: Vec<u8>,
    /// Bytes that were handed on.
    handed_on: u64,
    sink: &'s mut dyn FnMut(&[u8]),
}

/// Takes what is written by itself, part after part.
pub type PutPart<'p> = &'p mut dyn FnMut(&dyn Fn(&mut Encoder<'_>));
/// Puts the bytes of one part into memory that may have been used before; `None` where it has none, or they are not as they
/// were written.
pub type GetPart<'p> = &'p (dyn Fn(usize, &mut Vec<u8>) -> Option<()> + Sync);

/// Handed on at once: what fits the cache.
const PART_BYTES: usize = 1 << 20;

impl<'s> Encoder<'s> {
    pub fn new(sink: &'s mut dyn FnMut(&[u8])) -> Encoder<'s> {
        Encoder { buffer: Vec::with_capacity(PART_BYTES + PART_BYTES / 4), handed_on: 0, sink }
    }

    /// To be called at the end: hands on what is left.
    pub fn finish(mut self) {
        self.hand_on();
    }

    fn hand_on(&mut self) {
        (self.sink)(&self.buffer);
        self.handed_on += self.buffer.len() as u64;
        self.buffer.clear();
    }

    /// How many bytes were written so far.
    pub fn written(&self) -> u64 {
        self.handed_on + self.buffer.len() as u64
    }

    pub fn one<T: FixedWidth>(&mut self, value: T) {
        value.put(&mut self.buffer);
        if self.buffer.len() >= PART_BYTES {
            self.hand_on();
        }
    }

    pub fn count(&mut self, count: usize) {
        self.one(count as u64);
    }

    pub fn bytes(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.part(bytes);
    }

    /// A part of what was counted before.
    pub fn part(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= PART_BYTES {
            self.hand_on();
        }
    }

    pub fn column<T: FixedWidth>(&mut self, values: impl Iterator<Item = T>) {
        let values: Vec<T> = values.collect();
        self.slices([values.as_slice()].into_iter());
    }

    /// Slices behind each other as one column.
    pub fn slices<'c, T: FixedWidth + 'c>(&mut self, slices: impl Iterator<Item = &'c [T]> + Clone) {
        self.count(slices.clone().map(<[T]>::len).sum());
        for slice in slices {
            slice.iter().for_each(|value| self.one(*value));
        }
    }

    /// Lists of different lengths: their lengths, and all behind each other.
    pub fn lists<'c, T: FixedWidth + 'c>(&mut self, lists: impl Iterator<Item = &'c [T]> + Clone) {
        self.column(lists.clone().map(|list| list.len() as u32));
        self.slices(lists);
    }

    pub fn texts<'c>(&mut self, texts: impl Iterator<Item = &'c str> + Clone) {
        self.lists(texts.map(str::as_bytes));
    }
}

/// A number of a fixed size.
pub trait FixedWidth: Copy {
    const BYTES: usize;
    fn put(self, buffer: &mut Vec<u8>);
    /// All that these bytes are; a rest of less than one is left out.
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

/// Reads what a [`Encoder`] wrote.
#[derive(Clone, Debug)]
pub struct Decoder<'a> {
    rest: &'a [u8],
}

impl<'a> Decoder<'a> {
    pub fn new(bytes: &'a [u8]) -> Decoder<'a> {
        Decoder { rest: bytes }
    }

    /// Whether everything was read.
    pub fn end(&self) -> Option<()> {
        self.rest.is_empty().then_some(())
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub fn one<T: FixedWidth>(&mut self) -> Option<T> {
        T::all(self.take(T::BYTES)?).next()
    }

    /// How many of something follow. Never more than bytes are left: a wrong count allocates nothing.
    pub fn count(&mut self) -> Option<usize> {
        usize::try_from(self.one::<u64>()?).ok().filter(|count| *count <= self.rest.len())
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.count()?;
        self.take(count)
    }

    pub fn column<T: FixedWidth>(&mut self) -> Option<ColumnDecoder<'a, T>> {
        let count = self.count()?;
        Some(ColumnDecoder { rest: self.take(count.checked_mul(T::BYTES)?)?, value: std::marker::PhantomData })
    }

    pub fn lists<T: FixedWidth>(&mut self) -> Option<ListDecoder<'a, T>> {
        Some(ListDecoder { lengths: self.column()?, all: self.column()? })
    }

    pub fn texts(&mut self) -> Option<TextDecoder<'a>> {
        self.lists().map(TextDecoder)
    }
}

/// A column that is taken from the front.
#[derive(Clone, Debug)]
pub struct ColumnDecoder<'a, T> {
    rest: &'a [u8],
    value: std::marker::PhantomData<T>,
}

impl<'a, T: FixedWidth> ColumnDecoder<'a, T> {
    pub fn len(&self) -> usize {
        self.rest.len() / T::BYTES
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    fn front(&mut self, count: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.rest.split_at_checked(count.checked_mul(T::BYTES)?)?;
        self.rest = rest;
        Some(front)
    }

    #[inline]
    #[expect(clippy::should_implement_trait, reason = "beside taking many at once")]
    pub fn next(&mut self) -> Option<T> {
        T::all(self.front(1)?).next()
    }

    /// The next `count`, in memory of just that size.
    pub fn many(&mut self, count: usize) -> Option<Vec<T>> {
        self.front(count).map(|front| T::all(front).collect())
    }

    pub fn all(self) -> Vec<T> {
        self.values().collect()
    }

    /// All values that are left, one after the other.
    pub fn values(self) -> impl Iterator<Item = T> + use<'a, T> {
        T::all(self.rest)
    }
}

/// Lists of different lengths, one after the other.
#[derive(Clone, Debug)]
pub struct ListDecoder<'a, T> {
    lengths: ColumnDecoder<'a, u32>,
    all: ColumnDecoder<'a, T>,
}

impl<T: FixedWidth> ListDecoder<'_, T> {
    /// How many lists are left.
    pub fn len(&self) -> usize {
        self.lengths.len()
    }

    pub fn is_empty(&self) -> bool {
        self.lengths.is_empty()
    }

    #[expect(clippy::should_implement_trait, reason = "`None` may also mean that the bytes end too early")]
    pub fn next(&mut self) -> Option<Vec<T>> {
        let count = self.lengths.next()?;
        self.all.many(count as usize)
    }
}

impl ListDecoder<'_, u32> {
    /// The next list, which is not empty.
    pub fn short(&mut self) -> Option<ShortList> {
        let count = self.lengths.next()?;
        let front = self.all.front(count as usize)?;
        (count > 0).then(|| u32::all(front).collect())
    }
}

/// Texts, or runs of bytes, one after the other.
#[derive(Clone, Debug)]
pub struct TextDecoder<'a>(ListDecoder<'a, u8>);

impl<'a> TextDecoder<'a> {
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[expect(clippy::should_implement_trait, reason = "`None` may also mean that the bytes end too early")]
    pub fn next(&mut self) -> Option<&'a str> {
        std::str::from_utf8(self.bytes()?).ok()
    }

    pub fn bytes(&mut self) -> Option<&'a [u8]> {
        let count = self.0.lengths.next()?;
        self.0.all.front(count as usize)
    }
}

/// The name that a text is; an empty one means none.
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
