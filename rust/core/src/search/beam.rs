//! The best of many things, of which only few are kept at any time.

use std::hash::Hash;

use rustc_hash::FxHashSet;

/// Things beyond those that are wanted that are kept until they are sorted out.
const ROOM: usize = 512;

/// The smallest things that were added, each key once.
///
/// Of things with equal keys the smallest stays.
pub(super) struct Best<T> {
    things: Vec<T>,
    wanted: usize,
    /// How many of them are sorted and have keys of their own.
    settled: usize,
}

impl<T: Ord> Best<T> {
    pub(super) fn new(wanted: usize) -> Self {
        Self {
            things: Vec::new(),
            wanted,
            settled: 0,
        }
    }

    /// Returns whether a thing may be among the best.
    pub(super) fn takes(&self, thing: &T) -> bool {
        self.settled < self.wanted || *thing < self.things[self.settled - 1]
    }

    /// Adds a thing; `key_of` is asked when there are too many.
    pub(super) fn add<K: Hash + Eq>(&mut self, thing: T, key_of: impl FnMut(&T) -> K) {
        if self.wanted > 0 && self.takes(&thing) {
            self.things.push(thing);
            if self.things.len() >= self.wanted + ROOM {
                self.settle(key_of);
            }
        }
    }

    fn settle<K: Hash + Eq>(&mut self, mut key_of: impl FnMut(&T) -> K) {
        self.things.sort_unstable();
        let mut known = FxHashSet::default();
        let wanted = self.wanted;
        self.things
            .retain(|thing| known.len() < wanted && known.insert(key_of(thing)));
        self.settled = self.things.len();
    }

    /// The best, in ascending order.
    pub(super) fn into_sorted<K: Hash + Eq>(mut self, key_of: impl FnMut(&T) -> K) -> Vec<T> {
        self.settle(key_of);
        self.things
    }
}

#[cfg(test)]
mod tests {
    use super::Best;

    #[test]
    fn the_smallest_of_each_key_stay() {
        for wanted in [0, 1, 3, 5000] {
            let mut best = Best::new(wanted);
            for number in 0..20_000_u64 {
                let spread = number.wrapping_mul(7919) % 20_011;
                best.add((spread, spread / 2), |&(_, key)| key);
            }
            let kept = best.into_sorted(|&(_, key)| key);
            assert_eq!(kept.len(), wanted);
            assert!(kept.windows(2).all(|two| two[0].1 < two[1].1));
        }
    }

    #[test]
    fn fewer_than_wanted_all_stay() {
        let mut best = Best::new(10);
        for number in [3, 1, 2, 1] {
            best.add(number, |&number| number);
        }
        assert_eq!(best.into_sorted(|&number| number), [1, 2, 3]);
    }
}
