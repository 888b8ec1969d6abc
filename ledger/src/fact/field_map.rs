//! A map of fields in the bytes of an entry.

use crate::field::Stored;
use crate::wire::{CborReader, Result};

/// A map with ascending integer keys that is read field by field.
pub(super) struct FieldMap<'m, 'a> {
    reader: &'m mut CborReader<'a>,
    left: usize,
    /// The next key, when it was looked at and not yet taken.
    key: Option<u64>,
}

impl<'m, 'a> FieldMap<'m, 'a> {
    pub(super) fn new(reader: &'m mut CborReader<'a>, left: usize) -> FieldMap<'m, 'a> {
        FieldMap { reader, left, key: None }
    }

    #[inline]
    pub(super) fn field<T: Stored>(&mut self, key: u64, name: &str) -> Result<T> {
        if self.key.is_none() && self.left > 0 {
            self.key = Some(self.reader.uint()?);
            self.left -= 1;
        }
        if self.key == Some(key) {
            self.key = None;
            return T::get(self.reader);
        }
        match T::absent() {
            Some(absent) => Ok(absent),
            None => self.reader.wrong(format!("`{name}` is missing")),
        }
    }

    pub(super) fn finish(self) -> Result<()> {
        match self.key {
            None if self.left == 0 => Ok(()),
            _ => self.reader.wrong("a field that is unknown, repeated or out of order"),
        }
    }
}
