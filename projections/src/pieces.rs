//! A long list in pieces of one length: it grows without being copied, and a snapshot reads and writes it piece by piece.

use std::ops::Index;

/// Items of each piece but the last.
pub const PIECE: usize = 1 << 16;

#[derive(Debug)]
pub struct Pieces<T>(Vec<Vec<T>>);

impl<T> Default for Pieces<T> {
    fn default() -> Pieces<T> {
        Pieces(Vec::new())
    }
}

impl<T> Pieces<T> {
    pub fn len(&self) -> usize {
        self.0.last().map_or(0, |last| (self.0.len() - 1) * PIECE + last.len())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn push(&mut self, item: T) {
        match self.0.last_mut() {
            Some(last) if last.len() < PIECE => last.push(item),
            // A short list is grown, for most books never fill a piece.
            None => self.0.push(vec![item]),
            Some(_) => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(item);
                self.0.push(piece);
            }
        }
    }

    /// `None` where a piece before the last is not full.
    pub(crate) fn of(pieces: Vec<Vec<T>>) -> Option<Pieces<T>> {
        let (last, full) = pieces.split_last().map_or((0, &[][..]), |(last, full)| (last.len(), full));
        let fits = full.iter().all(|piece| piece.len() == PIECE) && (pieces.is_empty() || (1..=PIECE).contains(&last));
        fits.then_some(Pieces(pieces))
    }

    pub(crate) fn pieces(&self) -> impl Iterator<Item = &[T]> + Clone {
        self.0.iter().map(Vec::as_slice)
    }

    pub fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + Clone {
        self.0.iter().flatten()
    }

    /// Those at `from .. to`.
    pub fn between(&self, from: usize, to: usize) -> impl Iterator<Item = &T> + Clone {
        let first = from / PIECE;
        let near = self.0.iter().skip(first).flatten().skip(from - first * PIECE);
        near.take(to.saturating_sub(from))
    }

    pub fn get_mut(&mut self, index: usize) -> Option<&mut T> {
        self.0.get_mut(index / PIECE)?.get_mut(index % PIECE)
    }

    /// How many of the first pass a test that none behind them passes.
    pub fn partition_point(&self, passes: impl Fn(&T) -> bool) -> usize {
        let full = self.0.partition_point(|piece| piece.last().is_some_and(&passes));
        self.0.get(full).map_or(self.len(), |piece| full * PIECE + piece.partition_point(passes))
    }
}

impl<T> Index<usize> for Pieces<T> {
    type Output = T;

    #[inline]
    fn index(&self, index: usize) -> &T {
        &self.0[index / PIECE][index % PIECE]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holds_what_a_plain_list_holds() {
        for count in [0, 1, PIECE - 1, PIECE, PIECE + 1, 2 * PIECE + 7] {
            let plain: Vec<usize> = (0..count).map(|item| item * 3).collect();
            let mut list = Pieces::default();
            plain.iter().for_each(|item| list.push(*item));
            assert_eq!((list.len(), list.is_empty()), (count, count == 0));
            assert!(list.iter().eq(&plain));
            for index in [0, 1, PIECE - 1, PIECE, 2 * PIECE].into_iter().filter(|index| *index < count) {
                assert_eq!(list[index], plain[index]);
                assert_eq!(list.get_mut(index), Some(&mut plain[index].clone()));
                let end = count.min(index + PIECE + 1);
                assert!(list.between(index, end).eq(&plain[index..end]));
                assert_eq!(list.between(index, index).next(), None);
                assert_eq!(list.between(index + 1, index).next(), None);
            }
            assert_eq!(list.get_mut(count), None);
            for least in [0, 1, 3 * PIECE, 3 * PIECE + 1, 6 * PIECE, 9 * PIECE] {
                assert_eq!(list.partition_point(|item| *item < least), plain.partition_point(|item| *item < least));
            }
            let again = Pieces::of(list.pieces().map(<[usize]>::to_vec).collect()).expect("of pieces");
            assert!(again.iter().eq(&plain));
        }
        assert!(Pieces::of(vec![vec![1], vec![2]]).is_none());
        assert!(Pieces::of(vec![Vec::<u8>::new()]).is_none());
    }
}
