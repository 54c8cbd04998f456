//! All values of a search, each kept once and known by a number.

use std::hash::{BuildHasher, BuildHasherDefault};

use rustc_hash::{FxHashMap, FxHasher};

use crate::value::Value;

/// A value, by its number.
pub(super) type ValueId = u32;

/// No value has this number.
const NONE: ValueId = ValueId::MAX;

/// Bytes that a value takes beside what it holds: its place, its hash, the one before it.
/// Containers that grow have a third of their room free.
const ENTRY_BYTES: usize = 3 * (size_of::<Value>() + 24 + size_of::<ValueId>()) / 2;

/// The values.
///
/// A map from values to numbers would hash all of them again each time that it grows, and keep
/// them twice.
#[derive(Default)]
pub(super) struct Pool {
    values: Vec<Value>,
    /// By hash: the last value that has it.
    last: FxHashMap<u64, ValueId>,
    /// Of each value: the one before it with the same hash.
    before: Vec<ValueId>,
    bytes: usize,
}

impl Pool {
    /// Returns the number of a value.
    pub(super) fn intern(&mut self, mut value: Value) -> ValueId {
        let hash = hash(&value);
        if let Some(id) = self.find_hashed(&value, hash) {
            return id;
        }
        let next = self.values.len() as ValueId;
        self.bytes += ENTRY_BYTES + value.shrink();
        self.values.push(value);
        self.before
            .push(self.last.insert(hash, next).unwrap_or(NONE));
        next
    }

    /// Returns the number of a value that was kept before.
    pub(super) fn find(&self, value: &Value) -> Option<ValueId> {
        self.find_hashed(value, hash(value))
    }

    fn find_hashed(&self, value: &Value, hash: u64) -> Option<ValueId> {
        let mut id = *self.last.get(&hash)?;
        while id != NONE {
            if self.values[id as usize] == *value {
                return Some(id);
            }
            id = self.before[id as usize];
        }
        None
    }

    /// The value that has a number.
    pub(super) fn get(&self, id: ValueId) -> &Value {
        &self.values[id as usize]
    }

    /// How many values there are.
    pub(super) fn len(&self) -> usize {
        self.values.len()
    }

    /// Bytes that they take, about.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

fn hash(value: &Value) -> u64 {
    BuildHasherDefault::<FxHasher>::default().hash_one(value)
}
