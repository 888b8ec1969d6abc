//! A hash map whose copies share their memory. It can be iterated only in the order of its keys, so that no result
//! depends on the order of hashing.
//!
//! A copy shares the entries of the original. Entries that are added to one of them while they share go into a small
//! map of its own, which is searched first. It is merged when nothing is shared any more.

use std::borrow::Borrow;
#[expect(
    clippy::disallowed_types,
    reason = "the one place that may: nothing here iterates but to sort or to merge"
)]
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

#[expect(clippy::disallowed_types, reason = "see above")]
type Map<K, V> = HashMap<K, V, foldhash::fast::FixedState>;

/// A hash map with cheap copies.
#[derive(Clone, Debug)]
pub struct SharedMap<K, V> {
    shared: Arc<Map<K, V>>,
    /// Entries that were added or changed while `shared` was shared. They take precedence.
    recent: Map<K, V>,
}

impl<K: Eq + Hash, V> SharedMap<K, V> {
    /// An empty map with room for `count` entries.
    pub fn with_capacity(count: usize) -> SharedMap<K, V> {
        let mut map = Map::default();
        map.reserve(count);
        SharedMap { shared: Arc::new(map), recent: Map::default() }
    }

    /// The value of a key.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        if self.recent.is_empty() {
            return self.shared.get(key);
        }
        self.recent.get(key).or_else(|| self.shared.get(key))
    }

    /// Every entry, in the order of the keys.
    pub fn sorted(&self) -> Vec<(&K, &V)>
    where
        K: Ord,
    {
        let older = self.shared.iter().filter(|(key, _)| !self.recent.contains_key(*key));
        let mut all: Vec<(&K, &V)> = self.recent.iter().chain(older).collect();
        all.sort_unstable_by_key(|(key, _)| *key);
        all
    }

    /// Merges the entries that were added while the map was shared, if it is not shared any more.
    pub fn merge(&mut self) {
        if self.recent.is_empty() {
            return;
        }
        if let Some(shared) = Arc::get_mut(&mut self.shared) {
            merge(std::mem::take(&mut self.recent), shared);
        }
    }

    /// The map that takes new entries: the large one, unless a copy shares it.
    fn writable(&mut self) -> &mut Map<K, V> {
        self.merge();
        if self.recent.is_empty() && Arc::strong_count(&self.shared) == 1 {
            return Arc::get_mut(&mut self.shared).expect("nobody else can share it meanwhile");
        }
        &mut self.recent
    }

    /// Adds an entry. An older one of the same key is replaced.
    pub fn insert(&mut self, key: K, value: V) {
        self.writable().insert(key, value);
    }
}

/// Moves the smaller map into the larger one. Entries of `recent` take precedence.
fn merge<K: Eq + Hash, V>(mut recent: Map<K, V>, shared: &mut Map<K, V>) {
    if recent.len() > shared.len() {
        for (key, value) in std::mem::take(shared) {
            recent.entry(key).or_insert(value);
        }
        *shared = recent;
    } else {
        shared.extend(recent);
    }
}

impl<K: Eq + Hash + Clone, V: Clone> SharedMap<K, V> {
    /// The value of a key, to be changed.
    pub fn get_mut<Q: Eq + Hash + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        if self.copies_entries() && !self.recent.contains_key(key) {
            let (key, value) = self.shared.get_key_value(key)?;
            let (key, value) = (key.clone(), value.clone());
            return Some(self.recent.entry(key).or_insert(value));
        }
        self.writable().get_mut(key)
    }

    /// The value of a key. If the key is missing, `value` is put in first.
    pub fn or_insert(&mut self, key: K, value: impl FnOnce() -> V) -> &mut V {
        if self.copies_entries() && !self.recent.contains_key(&key) {
            let value = self.shared.get(&key).cloned().unwrap_or_else(value);
            return self.recent.entry(key).or_insert(value);
        }
        self.writable().entry(key).or_insert_with(value)
    }

    /// Whether an entry has to be copied before it is changed, because a copy of the map shares it.
    fn copies_entries(&mut self) -> bool {
        self.merge();
        Arc::strong_count(&self.shared) > 1
    }
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> SharedMap<K, V> {
        SharedMap { shared: Arc::default(), recent: Map::default() }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    #[derive(Clone, Debug)]
    enum Step {
        Insert(u8, u32),
        Change(u8),
        OrInsert(u8, u32),
        /// Copies the map; the copy is kept, and compared at the end.
        Copy,
        /// Lets go of the oldest copy.
        Drop,
        Merge,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            (0u8..9, any::<u32>()).prop_map(|(key, value)| Step::Insert(key, value)),
            (0u8..9).prop_map(Step::Change),
            (0u8..9, any::<u32>()).prop_map(|(key, value)| Step::OrInsert(key, value)),
            Just(Step::Copy),
            Just(Step::Drop),
            Just(Step::Merge),
        ]
    }

    fn entries(map: &SharedMap<u8, u32>) -> Vec<(u8, u32)> {
        map.sorted().into_iter().map(|(key, value)| (*key, *value)).collect()
    }

    proptest! {
        #[test]
        fn a_map_and_its_copies_hold_what_plain_maps_hold(steps in proptest::collection::vec(step(), 0..60)) {
            let mut map: SharedMap<u8, u32> = SharedMap::default();
            let mut plain: BTreeMap<u8, u32> = BTreeMap::new();
            let mut copies = Vec::new();
            for step in steps {
                match step {
                    Step::Insert(key, value) => {
                        map.insert(key, value);
                        plain.insert(key, value);
                    }
                    Step::Change(key) => {
                        let changed = map.get_mut(&key).map(|value| *value = value.wrapping_add(1));
                        prop_assert_eq!(changed, plain.get_mut(&key).map(|value| *value = value.wrapping_add(1)));
                    }
                    Step::OrInsert(key, value) => {
                        let known = *map.or_insert(key, || value);
                        prop_assert_eq!(known, *plain.entry(key).or_insert(value));
                    }
                    Step::Copy => copies.push((map.clone(), plain.clone())),
                    Step::Drop => drop((!copies.is_empty()).then(|| copies.remove(0))),
                    Step::Merge => map.merge(),
                }
                for key in 0..9 {
                    prop_assert_eq!(map.get(&key), plain.get(&key));
                }
            }
            copies.push((map, plain));
            for (map, plain) in copies {
                prop_assert_eq!(entries(&map), plain.into_iter().collect::<Vec<_>>());
            }
        }
    }
}
