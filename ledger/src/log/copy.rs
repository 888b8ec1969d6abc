//! Copying a whole log into another store.

use super::error::LogError;
use super::opening::Damage;
use super::{Log, is_vacant};
use crate::head::Head;
use crate::store::Store;

/// Copied at once.
const COPY_BYTES: usize = 1 << 20;

impl Log {
    /// Copies all committed bytes into a store that holds no log, with a head of its own, and says how many there were.
    pub fn copy_to(&self, mut target: Box<dyn Store>) -> Result<u64, LogError> {
        target.lock()?;
        if !is_vacant(&*target)? {
            return Err(LogError::Exists { book: target.book() });
        }
        let mut copied = 0;
        for segment in &self.segments {
            let is_last = *segment == self.end.segment;
            let length = if is_last { self.end.at } else { self.store.length(*segment)? };
            self.copy_segment(*segment, length, &mut *target)?;
            copied += length;
        }
        let (size, root, segment, length) = (self.end.size, self.end.root, self.end.segment, self.end.at);
        target.create_head(&Head { size, root, segment, length, ..Head::of_nothing() }.format_file())?;
        Ok(copied)
    }

    fn copy_segment(&self, segment: u64, length: u64, target: &mut dyn Store) -> Result<(), LogError> {
        let mut part = vec![0; COPY_BYTES];
        let mut at = 0;
        while at < length {
            let wanted = usize::try_from(length - at).map_or(COPY_BYTES, |rest| rest.min(COPY_BYTES));
            let read = self.store.read(segment, at, &mut part[..wanted])?;
            match at {
                0 => target.create(segment, &part[..read])?,
                _ => target.append(segment, at, &part[..read])?,
            }
            if read == 0 {
                return Err(self.damaged(Damage::Truncated, segment, at, segment));
            }
            at += read as u64;
        }
        Ok(target.sync(segment)?)
    }
}
