//! A map that finds and never iterates, so that no order of a hash can reach a result.

use std::borrow::Borrow;
#[expect(clippy::disallowed_types, reason = "the one place that may: nothing here iterates")]
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

    pub fn insert(&mut self, key: K, value: V) {
        self.0.insert(key, value);
    }
}

impl<K, V> Default for Lookup<K, V> {
    fn default() -> Lookup<K, V> {
        Lookup(Default::default())
    }
}
