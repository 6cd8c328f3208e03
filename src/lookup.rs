//! What is asked by its key, often, and never walked: so the order in which it is kept shows nowhere.

use std::borrow::Borrow;
use std::hash::Hash;

/// Values by their keys.
#[expect(clippy::disallowed_types, reason = "it is asked and never walked, so it has no order")]
#[derive(Clone, Debug)]
pub struct Lookup<K, V>(std::collections::HashMap<K, V>);

impl<K: Eq + Hash, V: Copy> Lookup<K, V> {
    /// The value of a key, if it is there.
    pub fn get<Q: Eq + Hash + ?Sized>(&self, key: &Q) -> Option<V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).copied()
    }
}

impl<K: Eq + Hash, V> Default for Lookup<K, V> {
    fn default() -> Self {
        Lookup(<_>::default())
    }
}

impl<K: Eq + Hash, V> FromIterator<(K, V)> for Lookup<K, V> {
    /// Of a key that is there twice, the first value.
    fn from_iter<I: IntoIterator<Item = (K, V)>>(all: I) -> Self {
        let mut out = Lookup::default();
        for (key, value) in all {
            out.0.entry(key).or_insert(value);
        }
        out
    }
}
