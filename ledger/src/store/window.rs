//! A part of a segment in memory, for reading it in large parts.

use super::{Store, StoreError};

/// A part of one segment in memory, moved along as it is read. Small frames come many with one read, a large one with two.
pub struct SegmentWindow {
    bytes: Vec<u8>,
    filled: usize,
    at: u64,
    ahead_bytes: usize,
}

impl SegmentWindow {
    /// `ahead_bytes` are read even when less is asked for.
    pub fn new(ahead_bytes: usize) -> SegmentWindow {
        SegmentWindow { bytes: Vec::new(), filled: 0, at: 0, ahead_bytes }
    }

    /// From now on so many bytes are read even when less is asked for.
    pub fn ahead(&mut self, bytes: usize) {
        self.ahead_bytes = bytes;
    }

    /// The bytes of `segment` from `at`: `length` of them, or fewer where the segment ends. A window is used for one
    /// segment at a time; `forget` lies between two.
    pub fn bytes(&mut self, store: &dyn Store, segment: u64, at: u64, length: usize) -> Result<&[u8], StoreError> {
        if self.held_from(at) < length.max(1) {
            self.fill(store, segment, at, length.max(self.ahead_bytes))?;
        }
        let start = usize::try_from(at - self.at).expect("a window is smaller than memory");
        let end = self.filled.min(start + length);
        Ok(&self.bytes[start.min(end)..end])
    }

    /// To be called before another segment is read, or the same one again after it may have changed.
    pub fn forget(&mut self) {
        self.filled = 0;
    }

    /// How many bytes from `at` on are here.
    fn held_from(&self, at: u64) -> usize {
        match at.checked_sub(self.at).and_then(|start| usize::try_from(start).ok()) {
            Some(start) => self.filled.saturating_sub(start),
            None => 0,
        }
    }

    fn fill(&mut self, store: &dyn Store, segment: u64, at: u64, length: usize) -> Result<(), StoreError> {
        let kept = self.held_from(at);
        self.bytes.copy_within(self.filled - kept..self.filled, 0);
        if self.bytes.len() < length {
            self.bytes.resize(length, 0);
        }
        self.at = at;
        self.filled = kept;
        self.filled += store.read(segment, at + kept as u64, &mut self.bytes[kept..length])?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Memory;

    #[test]
    fn a_window_shows_what_the_segment_holds_wherever_it_is_asked() {
        let content: Vec<u8> = (0..1000u32).map(|i| (i % 251) as u8).collect();
        let mut store = Memory::default();
        store.lock().unwrap();
        store.create(0, &content).unwrap();
        for ahead in [1, 7, 64, 2000] {
            let mut window = SegmentWindow::new(ahead);
            for (at, length) in (0..1000).map(|i| ((i * 7) % 1000, (i * 13) % 300)) {
                let expected = &content[at..(at + length).min(1000)];
                assert_eq!(window.bytes(&store, 0, at as u64, length).unwrap(), expected, "{at} {length} {ahead}");
            }
        }
    }
}
