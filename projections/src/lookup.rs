//! A map that finds, and is iterated only in the order of its keys, so that no order of a hash can reach a result.

use std::borrow::Borrow;
#[expect(clippy::disallowed_types, reason = "the one place that may: nothing here iterates but to sort")]
use std::collections::HashMap;
use std::hash::Hash;

#[derive(Debug)]
#[expect(clippy::disallowed_types, reason = "see above")]
pub struct Lookup<K, V>(HashMap<K, V, foldhash::fast::FixedState>);

impl<K: Eq + Hash, V> Lookup<K, V> {
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key)
    }

    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key)
    }

    pub fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, value);
    }

    /// The value of a key, which is put in if it is not there.
    pub fn or_insert(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        self.0.entry(key).or_insert_with(value)
    }

    /// Room for so many.
    pub fn with_capacity(count: usize) -> Lookup<K, V> {
        let mut map = Lookup::default();
        map.0.reserve(count);
        map
    }

    /// Everything in it, in the order of the keys.
    pub fn sorted(&self) -> Vec<(&K, &V)>
    where
        K: Ord,
    {
        let mut all: Vec<(&K, &V)> = self.0.iter().collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }
}

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Lookup<K, V> {
        Lookup(Default::default())
    }
}
