//! A long list in chunks of one length: it grows without being copied, and a snapshot reads and writes it chunk by chunk.

use std::ops::Index;

/// Items of each chunk but the last.
pub const CHUNK_LEN: usize = 1 << 16;

#[derive(Debug)]
pub struct ChunkedVec<T>(Vec<Vec<T>>);

impl<T> Default for ChunkedVec<T> {
    fn default() -> ChunkedVec<T> {
        ChunkedVec(Vec::new())
    }
}

impl<T> ChunkedVec<T> {
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * CHUNK_LEN + last.len())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < CHUNK_LEN => last.push(item),
            // A short list is grown, for most books never fill a chunk.
            None => self.0.push(vec![item]),
            Some(_) => {
                let mut chunk = Vec::with_capacity(CHUNK_LEN);
                chunk.push(item);
                self.0.push(chunk);
            }
        }
    }

    /// `None` where a chunk before the last is not full.
    pub(crate) fn from_chunks(chunks: Vec<Vec<T>>) -> Option<ChunkedVec<T>> {
        let (last, full) = chunks.split_last().map_or((0, &[][..]), |(last, full)| (last.len(), full));
        let fits =
            full.iter().all(|chunk| chunk.len() == CHUNK_LEN) && (chunks.is_empty() || (1..=CHUNK_LEN).contains(&last));
        fits.then_some(ChunkedVec(chunks))
    }

    pub(crate) fn chunks(&self) -> impl Iterator<Item = &[T]> + Clone {
        self.0.iter().map(Vec::as_slice)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.0.iter().flatten()
    }

    /// Those at `from .. to`.
    pub fn between(&self, from: usize, to: usize) -> impl Iterator<Item = &T> + Clone {
        let first = from / CHUNK_LEN;
        let near = self.0.iter().skip(first).flatten().skip(from - first * CHUNK_LEN);
        near.take(to.saturating_sub(from))
    }

    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index / CHUNK_LEN)?.get_mut(index % CHUNK_LEN)
    }

    /// How many of the first pass a test that none behind them passes.
    pub fn partition_point(&self, passes: impl Fn(&T) -> bool) -> usize {
        let full = self.0.partition_point(|chunk| chunk.last().is_some_and(&passes));
        self.0.get(full).map_or(self.len(), |chunk| full * CHUNK_LEN + chunk.partition_point(passes))
    }
}

impl<T> Index<usize> for ChunkedVec<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.0[index / CHUNK_LEN][index % CHUNK_LEN]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_a_plain_list_holds() {
        for count in [0, 1, CHUNK_LEN - 1, CHUNK_LEN, CHUNK_LEN + 1, 2 * CHUNK_LEN + 7] {
            let plain: Vec<usize> = (0..count).map(|item| item * 3).collect();
            let mut list = ChunkedVec::default();
            plain.iter().for_each(|item| list.push(*item));
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().eq(&plain));
            for index in [0, 1, CHUNK_LEN - 1, CHUNK_LEN, 2 * CHUNK_LEN].into_iter().filter(|index| *index < count) {
                assert_eq!(list[index], plain[index]);
                assert_eq!(list.get_mut(index), Some(&mut plain[index].clone()));
                let end = count.min(index + CHUNK_LEN + 1);
                assert!(list.between(index, end).eq(&plain[index..end]));
                assert_eq!(list.between(index, index).next(), None);
                assert_eq!(list.between(index + 1, index).next(), None);
            }
            assert_eq!(list.get_mut(count), None);
            for least in [0, 1, 3 * CHUNK_LEN, 3 * CHUNK_LEN + 1, 6 * CHUNK_LEN, 9 * CHUNK_LEN] {
                assert_eq!(list.partition_point(|item| *item < least), plain.partition_point(|item| *item < least));
            }
            let again = ChunkedVec::from_chunks(list.chunks().map(<[usize]>::to_vec).collect()).expect("of chunks");
            assert!(again.iter().eq(&plain));
        }
        assert!(ChunkedVec::from_chunks(vec![vec![1], vec![2]]).is_none());
        assert!(ChunkedVec::from_chunks(vec![Vec::<u8>::new()]).is_none());
    }
}
