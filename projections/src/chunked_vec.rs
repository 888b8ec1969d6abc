//! A long list whose copies share their memory. It is stored in chunks, and a chunk is copied only when one of two
//! lists that share it changes. Growing moves no items.

use std::ops::Index;
use std::sync::Arc;

/// A list in chunks of `LEN` items. Cloning copies the last, unfinished chunk and shares all others.
#[derive(Clone, Debug)]
pub struct ChunkedVec<T, const LEN: usize> {
    full: Vec<Arc<Vec<T>>>,
    /// The items behind the full chunks; fewer than `LEN`.
    tail: Vec<T>,
}

impl<T, const LEN: usize> Default for ChunkedVec<T, LEN> {
    fn default() -> ChunkedVec<T, LEN> {
        ChunkedVec { full: Vec::new(), tail: Vec::new() }
    }
}

impl<T, const LEN: usize> ChunkedVec<T, LEN> {
    /// An empty list with room for the chunks of `items` items.
    pub fn with_capacity(items: usize) -> ChunkedVec<T, LEN> {
        ChunkedVec { full: Vec::with_capacity(items / LEN), tail: Vec::new() }
    }

    /// The number of items.
    pub fn len(&self) -> usize {
        self.full.len() * LEN + self.tail.len()
    }

    /// Whether it has no item.
    pub fn is_empty(&self) -> bool {
        self.full.is_empty() && self.tail.is_empty()
    }

    /// Appends an item.
    #[inline]
    pub fn push(&mut self, item: T) {
        self.tail.push(item);
        if self.tail.len() == LEN {
            self.finish_chunk();
        }
    }

    #[cold]
    fn finish_chunk(&mut self) {
        // The next chunk will probably be filled, too.
        let full = std::mem::replace(&mut self.tail, Vec::with_capacity(LEN));
        self.full.push(Arc::new(full));
    }

    /// The item at an index.
    #[inline]
    pub fn get(&self, index: usize) -> Option<&T> {
        match self.full.get(index / LEN) {
            Some(chunk) => chunk.get(index % LEN),
            None => self.tail.get(index - self.full.len() * LEN),
        }
    }

    /// All items, in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.full.iter().flat_map(|chunk| chunk.iter()).chain(&self.tail)
    }

    /// The items at `from .. to`.
    pub fn between(&self, from: usize, to: usize) -> impl Iterator<Item = &T> + Clone {
        let first = (from / LEN).min(self.full.len());
        let chunks = self.full[first..].iter().map(|chunk| chunk.as_slice()).chain([self.tail.as_slice()]);
        chunks.flatten().skip(from - first * LEN).take(to.saturating_sub(from))
    }

    /// How many items at the beginning pass a test that no item behind them passes.
    pub fn partition_point(&self, passes: impl Fn(&T) -> bool) -> usize {
        let full = self.full.partition_point(|chunk| chunk.last().is_some_and(&passes));
        let rest = self.full.get(full).map_or(self.tail.as_slice(), |chunk| chunk.as_slice());
        full * LEN + rest.partition_point(passes)
    }
}

impl<T: Clone, const LEN: usize> ChunkedVec<T, LEN> {
    /// The item at an index, to be changed. Copies its chunk first if another list shares it.
    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        let before_tail = self.full.len() * LEN;
        match self.full.get_mut(index / LEN) {
            Some(chunk) => Arc::make_mut(chunk).get_mut(index % LEN),
            None => self.tail.get_mut(index - before_tail),
        }
    }
}

impl<T, const LEN: usize> Extend<T> for ChunkedVec<T, LEN> {
    fn extend<I: IntoIterator<Item = T>>(&mut self, items: I) {
        let mut items = items.into_iter();
        loop {
            self.tail.extend(items.by_ref().take(LEN - self.tail.len()));
            if self.tail.len() < LEN {
                return;
            }
            self.full.push(Arc::new(std::mem::take(&mut self.tail)));
        }
    }
}

impl<T, const LEN: usize> FromIterator<T> for ChunkedVec<T, LEN> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> ChunkedVec<T, LEN> {
        let mut list = ChunkedVec::default();
        list.extend(items);
        list
    }
}

impl<T, const LEN: usize> Index<usize> for ChunkedVec<T, LEN> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        match self.full.get(index / LEN) {
            Some(chunk) => &chunk[index % LEN],
            None => &self.tail[index - self.full.len() * LEN],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 8;

    fn list(plain: &[usize]) -> ChunkedVec<usize, LEN> {
        let mut list = ChunkedVec::default();
        plain.iter().for_each(|item| list.push(*item));
        list
    }

    #[test]
    fn holds_what_a_plain_list_holds() {
        for count in 0..3 * LEN + 2 {
            let plain: Vec<usize> = (0..count).map(|item| item * 3).collect();
            let mut list = list(&plain);
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().eq(&plain) && list.iter().rev().eq(plain.iter().rev()));
            for index in 0..count {
                assert_eq!((list[index], list.get(index)), (plain[index], Some(&plain[index])));
                assert_eq!(list.get_mut(index), Some(&mut plain[index].clone()));
                for end in index..=count {
                    assert!(list.between(index, end).eq(&plain[index..end]));
                }
                assert_eq!(list.between(index + 1, index).next(), None);
            }
            assert_eq!(list.get(count), None);
            assert_eq!(list.get_mut(count), None);
            for least in 0..=3 * count {
                assert_eq!(list.partition_point(|item| *item < least), plain.partition_point(|item| *item < least));
            }
            assert!(plain.iter().copied().collect::<ChunkedVec<usize, LEN>>().iter().eq(&plain));
        }
    }

    #[test]
    fn a_copy_keeps_what_it_had_when_the_other_changes() {
        let plain: Vec<usize> = (0..2 * LEN + 3).collect();
        for changed in 0..plain.len() {
            let mut list = list(&plain);
            let copy = list.clone();
            *list.get_mut(changed).expect("an item") = 1_000;
            list.push(7);
            assert!(copy.iter().eq(&plain));
            assert_eq!((list[changed], list[plain.len()]), (1_000, 7));
        }
    }
}
