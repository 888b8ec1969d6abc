//! Texts that are only held against each other: of each so much is kept that no two are taken for one.

use std::hash::{BuildHasher, RandomState};

/// Two hashes with secrets of their own, which nobody can make meet.
#[derive(Copy, Clone, PartialEq, Eq, Hash, Debug)]
pub struct Digest(u64, u64);

#[derive(Default)]
pub struct Digests(RandomState, RandomState);

impl Digests {
    pub fn of(&self, text: &(impl std::hash::Hash + ?Sized)) -> Digest {
        Digest(self.0.hash_one(text), self.1.hash_one(text))
    }
}
